"""Products that share an operand are one product; what lies elsewhere, or waits for another, is left alone."""

from __future__ import annotations

import pytest

from derive.language import read
from derive.schedule.stacking import stack
from derive.schedule.statements import split_terms
from derive.schedule.storage import layout
from derive.system import Equation, System
from tests.schedule.running import gradient_of


def stacked(system: System, gradient: bool = False) -> tuple[list[Equation], tuple[str, ...]]:
    """The statements of the forward or the backward pass after stacking, and the names of the stacks."""
    own = [e for e in system.equations if e.target.startswith("grad") == gradient]
    statements = split_terms(own, system.variables)
    layouts = {v.name: layout(v, [e for e in statements if e.target == v.name]) for v in system.variables}
    (found,), stacks = stack([statements], system.by_name, layouts)
    return list(found), tuple(stacks.variables)


GATES = """
x: Input[T, n]
A, B_, C: Param[m, n]
f[t] = A @ x[t]
g[t] = B_ @ x[t]
h[t] = C @ x[t]
loss = sum(sum(f[t] * g[t] + tanh(h[t])), t)
""".replace("A, B_, C: Param", "A, B_, C = Param")


def test_three_products_with_one_vector_are_one() -> None:
    found, stacks = stacked(read(GATES))
    assert set(stacks) == {"f|g|h", "A|B_|C"}
    products = [e for e in found if "x" in str(e.right)]
    assert len(products) == 1
    entry = products[0].domain[0]
    assert (entry.first, entry.last) == (0, 2) and products[0].subscripts[0] == entry.index


def test_readers_find_the_parts() -> None:
    found, _ = stacked(read(GATES))
    (reader,) = [e for e in found if "tanh" in str(e.right)]
    assert str(reader.right) == "tanh(f|g|h[2, t, i])"


def test_the_entries_come_first_and_each_is_whole() -> None:
    """So that a member is one piece of memory."""
    system = read(GATES)
    statements = split_terms(system.equations, system.variables)
    layouts = {v.name: layout(v, [e for e in statements if e.target == v.name]) for v in system.variables}
    _, stacks = stack([statements], system.by_name, layouts)
    found = stacks.variables["f|g|h"]
    assert found.axes[0].size == 3 and found.axes[1:] == system.by_name["f"].axes
    assert [(part.name, part.entry) for part in stacks.as_parts()] == [("f", 0), ("g", 1), ("h", 2)]
    assert [(made.name, made.parts) for made in stacks.made] == [("A|B_|C", ("A", "B_", "C"))]


def test_a_sum_over_members_is_one_statement_over_their_entries() -> None:
    text = GATES.replace("x: Input[T, n]", "u: Input[T, n]\nx[t] = tanh(u[t])")
    found, _ = stacked(gradient_of(read(text)), gradient=True)
    (product,) = [e for e in found if e.target == "grad(x)"]
    assert "grad(f)|grad(g)|grad(h)" in str(product.right) and len(product.domain) == len(product.subscripts) + 2


def test_gradients_of_stacked_parameters_are_stacked() -> None:
    _, stacks = stacked(gradient_of(read(GATES)), gradient=True)
    assert "grad(A)|grad(B_)|grad(C)" in stacks


def test_values_of_another_program_are_not_moved() -> None:
    """The backward pass reads `f` and `g` where the forward pass left them."""
    text = "x: Input[T, n]\nA, C = Param[n, n]\nf[t] = tanh(x[t])\ng[t] = sin(x[t])\nz[t] = A @ f[t] + C @ g[t]\n"
    found, stacks = stacked(gradient_of(read(text + "loss = sum(sum(z[t]**2), t)\n")), gradient=True)
    assert not [name for name in stacks if "f|g" in name]
    assert {"f", "g"} <= {ref for e in found for ref in (name for name in ("f", "g") if f"{name}[" in str(e.right))}


@pytest.mark.parametrize(
    "text",
    [
        "x: Input[T, n]\nz: Input[T, n]\nA, C = Param[m, n]\nf[t] = A @ x[t]\ng[t] = C @ z[t]\n",
        "x: Input[T, n]\nA: Param[m, n]\nC: Param[m, m]\nf[t] = A @ x[t]\ng[t] = C @ f[t]\n",
    ],
    ids=["another operand", "one after the other"],
)
def test_what_shares_nothing_is_left_alone(text: str) -> None:
    _, stacks = stacked(read(text + "loss = sum(f[t] @ g[t], t)\n"))
    assert stacks == ()


def test_statements_that_wait_for_each_other_are_not_put_together() -> None:
    """`g` reads what `f` has been made of: their products with `h` must stay two (a GRU's reset before the product)."""
    text = "x: Input[T, n]\nA, C = Param[n, n]\nh[0] = 0\nf[t] = sigmoid(A @ h[t-1])\ng[t] = C @ (f[t] * h[t-1])\n"
    found, _ = stacked(read(text + "h[t] = tanh(g[t] + x[t])\nloss = sum(h[T])\n"))
    assert len([e for e in found if any(name in str(e.right) for name in ("A[", "C["))]) == 2
