"""Which statements one can stand for: those that differ in two variables that share an index, and wait for none."""

from __future__ import annotations

from derive.language import read
from derive.schedule.groups import groups
from derive.schedule.order import order_of
from derive.schedule.statements import split_terms
from derive.schedule.storage import layout
from derive.system import Equation, Role, System


def grouped(text: str) -> list[set[str]]:
    """The variables that each group puts side by side."""
    system = read(text)
    statements = split_terms(system.equations, system.variables)
    return [set(column) for group in found(system, statements) for column in group.columns]


def found(system: System, statements: tuple[Equation, ...]) -> list:
    layouts = {v.name: layout(v, [e for e in statements if e.target == v.name]) for v in system.variables}
    written = {e.target for e in statements}
    movable = {v.name: v for v in system.variables if v.name in written or v.role is Role.PARAM}
    return groups(statements, order_of(statements), movable, layouts)


def test_products_with_one_vector_are_alike() -> None:
    text = "x: Input[T, n]\nA, C = Param[m, n]\nf[t] = A @ x[t]\ng[t] = C @ x[t]\nloss = sum(f[t] @ g[t], t)\n"
    assert grouped(text) == [{"f", "g"}, {"A", "C"}]


def test_the_names_of_the_factors_do_not_matter() -> None:
    """`A` stands before `x` in a product, `z` behind it."""
    text = "x: Input[T, n]\nA, z = Param[m, n]\nf[t] = A @ x[t]\ng[t] = z @ x[t]\nloss = sum(f[t] @ g[t], t)\n"
    assert grouped(text) == [{"f", "g"}, {"A", "z"}]


def test_what_stands_beside_must_be_the_same() -> None:
    """A factor that is a function may stand beside both, such as what is 0 at the border of a window."""
    text = (
        "x: Input[T, n]\nA, C = Param[m, n]\nf[t] = A @ tanh(x[t])\ng[t] = C @ {0}(x[t])\nloss = sum(f[t] @ g[t], t)\n"
    )
    assert grouped(text.format("exp")) == []
    assert grouped(text.format("tanh")) == [{"f", "g"}, {"A", "C"}]


def test_other_sizes_and_other_operands_are_not_alike() -> None:
    text = "x: Input[T, n]\nA: Param[m, n]\nC: Param[k, n]\nf[t] = A @ x[t]\ng[t] = C @ x[t]\n"
    text += "loss = sum(sum(f[t]) * sum(g[t]), t)\n"
    assert grouped(text) == []
    text = "x, y = Input[T, n]\nA, C = Param[m, n]\nf[t] = A @ x[t]\ng[t] = C @ y[t]\nloss = sum(f[t] @ g[t], t)\n"
    assert grouped(text) == []


def test_statements_in_loops_are_marked() -> None:
    text = "x: Input[T, n]\nA, C = Param[n, n]\nh[0] = 0\nf[t] = A @ h[t-1]\ng[t] = C @ h[t-1]\n"
    text += "h[t] = tanh(f[t] * g[t] + x[t])\nloss = sum(sum(h[t]), t)\n"
    system = read(text)
    (group,) = found(system, split_terms(system.equations, system.variables))
    assert group.looped and len(group.numbers) == 2
