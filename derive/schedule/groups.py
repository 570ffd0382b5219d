"""Statements that are alike but for a few variables, so that one statement over all of these can stand for them.

    z_g[t,b,k] += U_g[k,j] * h[t-1,b,j]        the operand h is shared: the targets differ
    grad(h)[t,b,j] += U_g[k,j] * grad(z_g)[t+1,b,k]    the target is shared: the other operands differ
    grad(U_g)[k,j] += grad(z_g)[t,b,k] * h[t-1,b,j]    gradients of parameters differ, too

One more index, which counts the members, makes one statement of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from derive.calculus.terms import factors
from derive.expressions import AxisKind, Index, Range, Ref
from derive.schedule.fuse import is_pointwise
from derive.schedule.order import Order
from derive.schedule.storage import Layout
from derive.system import Equation, Reduction, Role, Variable

Column = tuple[str, ...]  # the variables that stand at one place of the statements of a group
Shape = tuple[tuple[object, ...], Column]  # what alike statements have in common, and the variables of one of them


@dataclass(frozen=True)
class Group:
    """Statements that one statement can stand for.

    Attributes:
        numbers: the statements.
        slots: for each of them, the variables in which they differ, in the same order.
        looped: whether they stand in a loop.
    """

    numbers: tuple[int, ...]
    slots: tuple[Column, ...]
    looped: bool

    @property
    def columns(self) -> list[Column]:
        """For each place at which they differ, the variables there, a statement's each."""
        return list(zip(*self.slots, strict=True))


def groups(
    statements: Sequence[Equation], order: Order, movable: Mapping[str, Variable], layouts: Mapping[str, Layout]
) -> list[Group]:
    """The alike statements of each place of the program, which differ in variables that can lie elsewhere.

    Args:
        statements: the statements of one stage.
        order: who must run before whom; learns which are put together.
        movable: the variables that can lie elsewhere.
        layouts: the cells of what outlives the program.
    """
    found: dict[tuple[object, ...], list[tuple[int, Column]]] = {}
    for number, statement in enumerate(statements):
        if order.places[number] and is_pointwise(statement):
            continue  # no product, and one may assign where another adds
        for key, slots in _shapes(statement, movable, layouts):
            found.setdefault((order.places[number], key), []).append((number, slots))
    made: list[Group] = []
    used: set[int] = set()
    for (place, _), members in sorted(found.items(), key=lambda item: (-len(item[1]), item[1][0][0])):
        fresh = sorted((m for m in members if m[0] not in used), key=lambda m: m[0])
        together = order.independent([m[0] for m in fresh])
        fresh = [m for m in fresh if m[0] in together]
        columns = list(zip(*(m[1] for m in fresh), strict=True))
        if len(fresh) < 2 or any(len(set(column)) < len(fresh) for column in columns):
            continue
        numbers = tuple(m[0] for m in fresh)
        used |= set(numbers)
        order.join(numbers)
        made.append(Group(numbers, tuple(m[1] for m in fresh), looped=place != 0))
    return made


def _shapes(statement: Equation, movable: Mapping[str, Variable], layouts: Mapping[str, Layout]) -> Iterator[Shape]:
    """The ways in which a linear statement may be one of several: what must be equal, and which variables differ.

    Two variables differ, which share an index that nothing else has, functions that stand beside them neither.
    """
    scale, parts = factors(statement.right)
    rest = [f for f in parts if isinstance(f, Ref)]
    beside = tuple(f for f in parts if not isinstance(f, Ref))
    if statement.reduction is not Reduction.SUM or not 1 <= len(rest) <= 2:
        return
    left = statement.left
    operands = [left, *rest]
    for range_ in statement.domain:
        index = range_.index
        if index.axis.kind is not AxisKind.FEATURE or range_ != Range.whole(index):
            continue
        if any(index in f.free_symbols for f in beside):
            continue
        having = [ref for ref in operands if _runs_along(ref, index)]
        lacking = [ref for ref in operands if index not in ref.free_symbols]
        if len(having) != 2 or len(having) + len(lacking) != len(operands):
            continue
        if any(ref.name not in movable for ref in having) or all(
            movable[ref.name].role is Role.PARAM for ref in having
        ):
            continue
        if any(movable[ref.name].axes[ref.subscripts.index(index)].size != index.axis.size for ref in having):
            continue  # a part only is read or written
        # A product's factors stand in the order of their names, which says nothing.
        having.sort(key=lambda ref: (ref is not left, movable[ref.name].role.value, str(ref.subscripts)))
        shape = tuple((ref.subscripts, ref is left, *lying(ref.name, movable, layouts)) for ref in having)
        unlike = tuple((r.name, r.subscripts, r is left) for r in lacking)
        yield (index, scale, beside, statement.domain, unlike, shape), tuple(ref.name for ref in having)


def lying(name: str, variables: Mapping[str, Variable], layouts: Mapping[str, Layout]) -> tuple[object, ...]:
    """What must be equal in one array: whether a variable is given, its axes, and its cells along them.

    Given arrays are copied before anything is computed: what is computed does not lie with them.
    """
    return variables[name].role.is_given, variables[name].axes, layouts[name].cells if name in layouts else ()


def _runs_along(ref: Ref, index: Index) -> bool:
    """Whether the index is one whole subscript of the reference and stands nowhere else in it."""
    return (
        sum(1 for s in ref.subscripts if s == index) == 1 and sum(index in s.free_symbols for s in ref.subscripts) == 1
    )
