"""The products of a program: what they are, how large, and how often; counted in two ways that share no code."""

from __future__ import annotations

import re
from functools import cache

import sympy

from derive.bench.cost import Cost
from derive.bench.numbers import Numbers, spell
from derive.bench.products import Product
from derive.bench.runs import runs
from derive.calculus.batch import add_batch
from derive.check.sample import prime_sizes
from derive.emit.derivation.work import total, work
from derive.expressions import size_symbol
from tests.bank import model, some_of_the_zoo

B = size_symbol("B")


@cache
def cost(name: str) -> Cost:
    return Cost(model(name).programs())


def shape(product: Product) -> tuple[str, ...]:
    return tuple(spell(length) for length in product.shape)


def in_steps(name: str, place: str) -> list[tuple[tuple[str, ...], str]]:
    return [(shape(one), spell(one.times)) for one in cost(name).products[place] if one.loops]


def test_vanilla() -> None:
    found = cost("vanilla")
    assert spell(found.loss) == "B * T * n_h * (n_h + n_x + n_y)"
    # The gradient takes as much for the parameters, and nothing for the inputs; nobody asks for the first state.
    twice = 2 * found.loss - B * size_symbol("T") * size_symbol("n_h") * size_symbol("n_x")
    back = sympy.expand(found.loss_and_grad - found.loss)
    assert sympy.expand(twice - back) == B * size_symbol("n_h") ** 2
    (ahead,) = in_steps("vanilla", "forward")
    assert ahead == (("1", "n_h", "n_h", "B"), "T")
    assert (("1", "n_h", "n_h", "B"), "T - 1") in in_steps("vanilla", "backward")


def test_gates_are_one_product() -> None:
    assert in_steps("lstm", "forward") == [(("1", "4 * n_h", "n_h", "B"), "T")]
    (once,) = (one for one in cost("lstm").products["loss"] if not one.loops and shape(one)[2] == "n_x")
    assert (shape(once), once.times) == (("1", "4 * n_h", "n_x", "B * T"), 1)


def test_what_it_computes_is_said_in_the_letters_of_the_equation() -> None:
    texts = {one.text for one in cost("vanilla").products["backward"]}
    assert {"grad(V)[i,j] = grad(o)[t,i] h[t,j]", "grad(W)[i,j] = grad(a)[t,i] h[t-1,j]"} <= texts
    (gates,) = (one.text for one in cost("lstm").products["forward"] if one.loops)
    assert re.fullmatch(r"[ifog|]{7}\.arg\[.*\] \+= (U_\w\|?){4}\[.*\] h\[t-1,\w\]", gates)


def test_a_product_for_each_example() -> None:
    scores = [one for one in cost("attention").products["forward"] if shape(one)[0] == "B"]
    assert [one.text for one in scores] == ["c[t,i] = alpha[t,s] h[s,i]"]
    assert shape(scores[0])[1:] == ("1", "S", "2 * n_h") and spell(scores[0].times) == "B * T"


def test_sums_of_products_of_entries_are_no_matrix_products() -> None:
    kinds = {one.text: one.is_matrix for one in cost("lstm_peephole").products["backward"]}
    assert all(matrix for text, matrix in kinds.items() if text.startswith("grad(V)"))
    assert not any(matrix for text, matrix in kinds.items() if text.startswith("grad(p_"))


@some_of_the_zoo
def test_the_loss_takes_what_the_printed_derivation_says(name: str) -> None:
    ahead = total(work(model(name).gradient().system).forward)[0]
    assert sympy.expand(cost(name).loss - B * ahead) == 0


@some_of_the_zoo
def test_formulas_are_what_is_counted_step_by_step(name: str) -> None:
    numbers = Numbers(prime_sizes(add_batch(model(name).system)))
    found = cost(name)
    programs = {found.loss: (found.alone,), found.loss_and_grad: (found.ahead, found.back)}
    for formula, each in programs.items():
        assert numbers(formula) == sum(run.multiply_adds for program in each for run in runs(program, numbers))


def test_a_grid_is_counted_in_both_directions() -> None:
    assert "S * T" in [times for _, times in in_steps("image_rnn", "forward")]


def test_statements_in_loops_are_counted_each_time() -> None:
    assert cost("vanilla").statements.coeff(size_symbol("T")) >= 2
    assert not cost("teacher_forcing").statements.free_symbols
