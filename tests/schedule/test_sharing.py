"""Arrays share memory only where none is needed while another one holds it; and a fault in that is noticed."""

from __future__ import annotations

import types

import numpy as np
import pytest
import sympy

from derive import pipeline
from derive.check import call
from derive.program import Program
from derive.schedule import lives, sharing
from derive.schedule.inplace import in_place
from derive.schedule.lives import FOREVER
from derive.schedule.programs import Programs
from derive.schedule.sharing import Memory, shared
from derive.schedule.temporaries import Pool
from tests.bank import case, programs

CELLS = ("vanilla", "lstm", "gru")


def lowered(found: Programs) -> list[Program]:
    """The programs of `loss_and_grad` in single operations."""
    pool = Pool()
    return [in_place(p, pool) for p in (found.value(["loss", *found.kept]), found.gradient)]


def left(found: Programs) -> set[str]:
    """The gradients, and the arrays that they are entries of."""
    wholes = {part.name: part.whole for part in found.gradient.parts}
    return {n for name in found.gradient.results if name.startswith("grad(") for n in (name, wholes.get(name, name))}


def cells(extent: tuple[sympy.Expr, ...]) -> sympy.Expr:
    return sympy.Mul(*extent)


@pytest.mark.parametrize("name", CELLS)
def test_what_a_function_leaves_behind_is_overwritten_by_nothing(name: str) -> None:
    found = programs(name, "fast")
    parts, kept = lowered(found), left(found)
    memory, times = shared(parts, kept), lives.lives(parts, kept)
    for result in kept & times.keys():
        root = host(result, memory)
        others = [n for n in times if n != result and host(n, memory) == root]
        assert all(times[n].last < times[result].first for n in others), (result, others)


@pytest.mark.parametrize("name", CELLS)
def test_arrays_in_one_memory_fit_in_it(name: str) -> None:
    found = programs(name, "fast")
    parts = lowered(found)
    memory, times = shared(parts, left(found)), lives.lives(parts, left(found))
    assert memory
    for member, place in memory.items():
        if place.region is None:
            assert times[member].buffer.extent == place.host.extent
        else:
            assert sympy.simplify(cells(place.host.extent) - cells(times[member].buffer.extent)).subs(
                dict.fromkeys(cells(place.host.extent).free_symbols, 7)
            ) > 0  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_less_memory_than_arrays(name: str) -> None:
    found = programs(name, "fast")
    parts = lowered(found)
    memory, times = shared(parts, left(found)), lives.lives(parts, left(found))
    numbers = {symbol: 10 for life in times.values() for extent in life.buffer.extent for symbol in extent.free_symbols}
    every = sum(cells(life.buffer.extent).subs(numbers) for life in times.values())
    own = sum(cells(life.buffer.extent).subs(numbers) for n, life in times.items() if n not in memory)
    assert own < 0.85 * every


def host(name: str, memory: dict[str, Memory]) -> str:
    while name in memory:
        name = memory[name].host.variable.name
    return name


def test_ends_of_lives_that_come_too_early_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were an array taken for done with where it is first used, the numbers would be wrong."""
    right = lives.lives

    def short(*given: object) -> dict[str, lives.Life]:
        found = right(*given)  # type: ignore[arg-type]
        for life in found.values():
            if life.last != FOREVER:
                life.last = life.first
        return found

    at = case("lstm", batched=True, steps=3)
    given = call.arguments(at.system, at.given, at.sizes)
    monkeypatch.setattr(sharing, "lives", short)
    made = types.ModuleType("mutant")
    exec(pipeline.load("lstm").generate("fast"), made.__dict__)
    with np.errstate(all="ignore"):
        _, gradients = call.loss_and_grad(made, given)
    wrong = [n for n, slope in at.truth.items() if n in gradients and not np.allclose(gradients[n], slope)]
    assert wrong


def test_what_is_read_again_at_the_next_step_is_not_written_over() -> None:
    """`c` is the same at all steps, so that what is made of it in the loop needs an array of its own."""
    text = "x: Input[T, n]\nW: Param[n, n]\nv: Param[n]\nc = tanh(v)\nh[0] = 0\n"
    text += "h[t] = tanh(W @ h[t-1] + x[t]) * c\nloss = sum(sum(h[t]**2), t)\n"
    model = pipeline.parse(text)
    fast, plain = model.compile("fast"), model.compile("plain")
    params = fast.init_params(np.random.default_rng(0), n=3)
    params = params._replace(v=np.array([0.3, -0.7, 1.1]))
    x = np.random.default_rng(1).standard_normal((4, 2, 3))
    one, other = fast.loss_and_grad(params, x=x), plain.loss_and_grad(plain.Params(*params), x=x)
    np.testing.assert_allclose(one[0], other[0], rtol=1e-12)
    for a, b in zip(one[1], other[1], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11)
