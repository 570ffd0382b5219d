"""Contractions that share an operand become one: four gates are one matrix product, forward and backward.

Statements are alike when they differ in a few variables only, and one index `k` runs along those and nothing else:

    z_g[t,b,k] += U_g[k,j] * h[t-1,b,j]        the operand h is shared: the targets lie one after the other
    grad(h)[t,b,j] += U_g[k,j] * grad(z_g)[t+1,b,k]    the target is shared: the other operands do
    grad(U_g)[k,j] += grad(z_g)[t,b,k] * h[t-1,b,j]    gradients of parameters lie one after the other, too

Members of a stack become parts of one array, `stack[.., k + offset]`, so that the alike statements are one statement
over all of `k`. Parameters are copied into their stack once. The result is equations again, and means the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations

import sympy

from derive.calculus.adjoint import grad_name
from derive.calculus.terms import factors
from derive.expressions import Axis, AxisKind, Index, Range, Ref
from derive.program import Concatenate, Part
from derive.schedule.dependence import dependences, reads
from derive.schedule.loops import nest
from derive.schedule.order import Order
from derive.schedule.storage import Layout
from derive.system import Equation, Reduction, Role, Variable

SEPARATOR = "|"
Line = tuple[tuple[str, ...], int]  # the members of a stack in order, and the axis along which they lie


@dataclass(frozen=True)
class Group:
    """Statements that one statement can stand for.

    Attributes:
        numbers: the statements.
        slots: for each of them, the variables in which they differ, in the same order.
        axes: which axis of each of those variables the index runs along.
        index: the index that runs along those variables and nothing else.
        looped: whether they stand in a loop.
    """

    numbers: tuple[int, ...]
    slots: tuple[tuple[str, ...], ...]
    axes: tuple[int, ...]
    index: Index
    looped: bool


@dataclass
class Stacks:
    """Which variables lie one after the other in one array.

    Attributes:
        variables: the stacks, by name.
        parts: each member, and where it lies.
        concatenations: the stacks that are copied from given arrays.
        copied: the given arrays that are copied.
    """

    variables: dict[str, Variable] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    concatenations: list[Concatenate] = field(default_factory=list)
    copied: tuple[str, ...] = ()

    def as_parts(self) -> tuple[Part, ...]:
        """The members that are stored inside another array."""
        return tuple(self.parts.values())

    def moved(self, equation: Equation) -> Equation:
        """The equation with every member read and written where it lies."""
        if not self.parts:
            return equation
        left = self._moved(equation.left)
        right = equation.right.replace(lambda e: isinstance(e, Ref), self._moved)
        return replace(equation, target=left.name, subscripts=left.subscripts, right=right)

    def _moved(self, ref: Ref) -> Ref:
        part = self.parts.get(ref.name)
        if part is None:
            return ref
        subscripts = list(ref.subscripts)
        subscripts[part.axis] = subscripts[part.axis] + part.start
        return Ref(part.whole, *subscripts)


def stack(
    stages: Sequence[Sequence[Equation]], variables: Mapping[str, Variable], layouts: Mapping[str, Layout]
) -> tuple[list[tuple[Equation, ...]], Stacks]:
    """The statements of each stage with alike ones put together, and where their variables lie.

    Args:
        stages: the statements.
        variables: by name.
        layouts: the cells of what outlives the program; in a stack all have the same.
    """
    written = {statement.target for statements in stages for statement in statements}
    movable = {name: v for name, v in variables.items() if name in written or v.role is Role.PARAM}
    groups = [
        (number, group) for number, statements in enumerate(stages) for group in _groups(statements, movable, layouts)
    ]
    stacks = Stacks()
    if not groups:
        return [tuple(statements) for statements in stages], stacks
    read = {ref.name for statements in stages for statement in statements for ref in reads(statement)}
    by_urgency = sorted(groups, key=lambda item: (not item[1].looped, item[0]))
    rank = {name: n for n, name in enumerate(variables)}
    # A gradient lies as its variable does, so that forward and backward copy parameters into one stack.
    rank |= {grad_name(name): n for name, n in rank.items()}
    order = _orders([group for _, group in by_urgency], variables, read, rank)
    merged: dict[tuple[int, int], Equation] = {}
    gone: set[tuple[int, int]] = set()
    for number, group in groups:
        arranged = _arranged(group, order, variables, read)
        if arranged is not None:
            merged[number, group.numbers[0]] = _merge(stages[number], group, arranged, variables, stacks, order)
            gone |= {(number, n) for n in group.numbers[1:]}
    found = [
        tuple(stacks.moved(merged.get((number, n), s)) for n, s in enumerate(statements) if (number, n) not in gone)
        for number, statements in enumerate(stages)
    ]
    return found, stacks


def _groups(
    statements: Sequence[Equation], movable: Mapping[str, Variable], layouts: Mapping[str, Layout]
) -> list[Group]:
    """The alike statements of each place of the program, which differ in variables that can lie elsewhere."""
    edges = dependences(statements)
    order = Order(edges, nest(statements, edges))
    places = order.places
    found: dict[tuple[object, ...], list[tuple[int, tuple[str, ...], tuple[int, ...], Index]]] = {}
    for number, statement in enumerate(statements):
        for key, slots, axes, index in _shapes(statement, movable, layouts):
            found.setdefault((places[number], key), []).append((number, slots, axes, index))
    groups: list[Group] = []
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
        groups.append(Group(numbers, tuple(m[1] for m in fresh), *fresh[0][2:], looped=place != 0))
    return groups


def _shapes(
    statement: Equation, movable: Mapping[str, Variable], layouts: Mapping[str, Layout]
) -> Iterator[tuple[tuple[object, ...], tuple[str, ...], tuple[int, ...], Index]]:
    """The ways in which a linear statement may be stacked: what must be equal, which variables differ, the index."""
    scale, rest = factors(statement.right)
    if statement.reduction is not Reduction.SUM or not 1 <= len(rest) <= 2 or not all(isinstance(f, Ref) for f in rest):
        return
    operands = [statement.left, *rest]
    for range_ in statement.domain:
        index = range_.index
        if index.axis.kind is not AxisKind.FEATURE or range_ != Range.whole(index):
            continue
        having = [ref for ref in operands if _runs_along(ref, index)]
        lacking = [ref for ref in operands if index not in ref.free_symbols]
        if len(having) != 2 or len(having) + len(lacking) != len(operands):
            continue
        if any(ref.name not in movable for ref in having) or all(
            movable[ref.name].role is Role.PARAM for ref in having
        ):
            continue
        domain = tuple(r for r in statement.domain if r.index != index)
        axes = tuple(ref.subscripts.index(index) for ref in having)
        if any(movable[ref.name].axes[axis].size != index.axis.size for ref, axis in zip(having, axes, strict=True)):
            continue  # it runs along a part only, and members lie whole
        # Given arrays are copied before anything is computed: what is computed does not lie with them.
        shape = tuple(
            (ref.subscripts, ref is statement.left, *_beside(ref.name, axis, movable, layouts))
            for ref, axis in zip(having, axes, strict=True)
        )
        key = (index, scale, domain, tuple((r.name, r.subscripts, r is statement.left) for r in lacking), shape)
        yield key, tuple(ref.name for ref in having), axes, index


def _beside(
    name: str, axis: int, variables: Mapping[str, Variable], layouts: Mapping[str, Layout]
) -> tuple[object, ...]:
    """What must be equal in a stack: whether a variable is given, its other axes, and its cells along them."""
    axes, cells = variables[name].axes, layouts[name].cells if name in layouts else ()
    return variables[name].role.is_given, axes[:axis] + axes[axis + 1 :], cells[:axis] + cells[axis + 1 :]


def _runs_along(ref: Ref, index: Index) -> bool:
    """Whether the index is one whole subscript of the reference and stands nowhere else in it."""
    return (
        sum(1 for s in ref.subscripts if s == index) == 1 and sum(index in s.free_symbols for s in ref.subscripts) == 1
    )


def _orders(
    groups: Sequence[Group], variables: Mapping[str, Variable], read: Collection[str], rank: Mapping[str, int]
) -> dict[str, Line]:
    """For each stored member that is read, its stack: an order in which as many groups as can be are neighbours.

    What is written and never read again (the gradients of parameters) follows the order of what it is made from.
    """
    stored = {name for name in read if not variables[name].role.is_given}
    along: dict[str, int] = {}
    wishes = []
    for group in groups:
        for column, axis in zip(zip(*group.slots, strict=True), group.axes, strict=True):
            if set(column) <= stored and all(along.get(name, axis) == axis for name in column):
                along |= dict.fromkeys(column, axis)
                wishes.append(column)
    stacks: dict[str, Line] = {}
    for cluster in _clusters(wishes):
        for size in range(len(cluster), 0, -1):
            arranged = _arrangement(cluster[:size], rank)
            if arranged is not None:
                stacks |= dict.fromkeys(arranged, (arranged, along[arranged[0]]))
                break
    return stacks


def _clusters(wishes: Sequence[tuple[str, ...]]) -> list[list[tuple[str, ...]]]:
    clusters: list[list[tuple[str, ...]]] = []
    for wish in wishes:
        touching = [c for c in clusters if any(set(wish) & set(w) for w in c)]
        merged = [w for c in touching for w in c] + [wish]
        clusters = [c for c in clusters if c not in touching] + [merged]
    return clusters


def _arrangement(wishes: Sequence[tuple[str, ...]], rank: Mapping[str, int]) -> tuple[str, ...] | None:
    """The members in an order in which each wish is a run of neighbours, as far as may be in the order of the file."""
    members = sorted({name for wish in wishes for name in wish}, key=rank.__getitem__)
    atoms: dict[tuple[bool, ...], list[str]] = {}
    for name in members:
        atoms.setdefault(tuple(name in wish for wish in wishes), []).append(name)
    if len(atoms) > 6:
        return None
    for arranged in permutations(atoms.values()):
        line = [name for atom in arranged for name in atom]
        if all(_is_run(line, wish) for wish in wishes):
            return tuple(line)
    return None


def _is_run(line: Sequence[str], wish: Sequence[str]) -> bool:
    places = sorted(line.index(name) for name in wish)
    return places[-1] - places[0] + 1 == len(places)


def _arranged(
    group: Group, order: dict[str, Line], variables: Mapping[str, Variable], read: Collection[str]
) -> Group | None:
    """The group in the order of its stack; None where a column does not lie together, or two columns disagree."""
    columns = list(zip(zip(*group.slots, strict=True), group.axes, strict=True))
    columns = [(column, axis) for column, axis in columns if not variables[column[0]].role.is_given]
    position: list[int] | None = None
    for column, axis in columns:
        line = order.get(column[0])
        if line is None and not set(column) & set(order):
            continue
        if line is None or line[1] != axis or any(order.get(name) != line for name in column):
            return None
        if not _is_run(line[0], column):
            return None
        mine = sorted(range(len(column)), key=lambda n: line[0].index(column[n]))
        if position is not None and mine != position:
            return None
        position = mine
    place = position if position is not None else list(range(len(group.slots)))
    arranged = replace(group, slots=tuple(group.slots[n] for n in place))
    for column, axis in zip(zip(*arranged.slots, strict=True), group.axes, strict=True):
        if column[0] not in order and not variables[column[0]].role.is_given:
            if set(column) & set(read):
                return None
            order |= dict.fromkeys(column, (column, axis))
    return arranged


def _merge(
    statements: Sequence[Equation],
    group: Group,
    arranged: Group,
    variables: Mapping[str, Variable],
    stacks: Stacks,
    order: Mapping[str, Line],
) -> Equation:
    """One statement for all of a group."""
    first = statements[group.numbers[0]]
    names = {}
    total = sympy.Integer(len(group.numbers)) * group.index.axis.size
    whole = Index(group.index.name, Axis(total))
    columns = list(zip(*arranged.slots, strict=True))
    operands = [first.left, *(f for f in factors(first.right)[1] if isinstance(f, Ref))]
    for column, own, axis in zip(columns, zip(*group.slots, strict=True), group.axes, strict=True):
        ref = next(ref for ref in operands if ref.name == own[0])
        stack_ = _stack_of(column, axis, variables, stacks, order)
        subscripts = list(ref.subscripts)
        subscripts[axis] = whole + (stacks.parts[column[0]].start if column[0] in stacks.parts else 0)
        names[ref] = Ref(stack_, *subscripts)
    left = names.get(first.left, first.left)
    domain = tuple(Range(whole, sympy.Integer(0), total - 1) if r.index == group.index else r for r in first.domain)
    return replace(
        first, target=left.name, subscripts=left.subscripts, right=first.right.xreplace(names), domain=domain
    )


def _stack_of(
    column: tuple[str, ...],
    axis: int,
    variables: Mapping[str, Variable],
    stacks: Stacks,
    order: Mapping[str, Line],
) -> str:
    """The name of the array in which the members lie, made where there is none yet."""
    given = variables[column[0]].role.is_given
    line = column if given else order[column[0]][0]
    name = SEPARATOR.join((*line, *[""] * axis))
    if name in stacks.variables:
        return name
    model = variables[line[0]]
    size = model.axes[axis].size
    axes = tuple(Axis(len(line) * size) if n == axis else a for n, a in enumerate(model.axes))
    stacks.variables[name] = Variable(name, Role.VAR if model.role.is_given else model.role, axes)
    if given:
        stacks.concatenations.append(Concatenate(name, line, axis))
        stacks.copied = tuple(dict.fromkeys((*stacks.copied, *line)))
    else:
        for n, member in enumerate(line):
            stacks.parts[member] = Part(member, name, axis, n * size, size)
    return name
