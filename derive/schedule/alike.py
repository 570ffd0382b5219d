"""Statements of a loop that do the same to each entry of different variables become one over the variables' stack.

    i[t,b,k] += sigmoid(i.arg[t,b,k])                                   three calls to NumPy a step are one,
    f[t,b,k] += sigmoid(f.arg[t,b,k])                                   `ifo[g,t,b,k] += sigmoid(ifo.arg[g,t,b,k])`
    o[t,b,k] += sigmoid(o.arg[t,b,k])

    grad(i.arg)[t,b,k] += grad(c)[t,b,k] * i.arg.factor[t,b,k]          so are these: what they share, `grad(c)`, is
    grad(f.arg)[t,b,k] += grad(c)[t,b,k] * f.arg.factor[t,b,k]          read by all entries

Work on entries is the same. Outside of loops nothing is won, and nothing is done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from derive.calculus.indices import sole
from derive.expressions import Ref, Sum, refs
from derive.schedule.fuse import is_pointwise
from derive.schedule.groups import Column, Group, Shape, lying
from derive.schedule.lines import Line
from derive.schedule.order import Order, order_of
from derive.schedule.storage import Layout
from derive.system import Equation, Role, Variable

_MOST = 4  # variables of a right side, of which any may be what differs


def alike(
    statements: Sequence[Equation],
    order: Order,
    movable: Mapping[str, Variable],
    layouts: Mapping[str, Layout],
    kept: Collection[str] = (),
) -> list[Group]:
    """The groups of pointwise statements in loops that differ only in variables that can lie elsewhere.

    Args:
        statements: the statements of one stage.
        order: who must run before whom; learns which are put together.
        movable: the variables that can lie elsewhere.
        layouts: the cells of what outlives the program.
        kept: the results, which are stored over all steps, as what they lie with is then.
    """
    writers: dict[str, list[int]] = {}
    for number, statement in enumerate(statements):
        writers.setdefault(statement.target, []).append(number)
    found: dict[tuple[object, ...], list[tuple[int, Column]]] = {}
    for number, statement in enumerate(statements):
        if order.places[number] and is_pointwise(statement) and not statement.right.has(Sum):
            others = [n for n in writers[statement.target] if n != number and not sole(statement, [statements[n]])]
            if others and not _begun(statements, order, number, others):
                continue
            for key, slots in _shapes(statement, movable, layouts):
                whole = (order.places[number], bool(others), statement.target in kept, *key)
                found.setdefault(whole, []).append((number, slots))
    made: list[Group] = []
    taken: set[int] = set()
    sets = [dict(_apart(members)) for members in found.values()]
    for members in sorted(sets, key=lambda m: (-len(m), len(next(iter(m.values()))), next(iter(m)))):
        numbers = tuple(order.independent(sorted(n for n in members if n not in taken)))
        if len(numbers) > 1:
            taken |= set(numbers)
            order.join(numbers)
            made.append(Group(numbers, tuple(members[n] for n in numbers), looped=True))
    return made


def hopes(statements: Sequence[Equation], variables: Mapping[str, Variable]) -> list[Column]:
    """The variables of statements that could become one if they lay side by side, as those that they are gradients of.

    Forward and backward keep one order of their variables, so that both copy parameters into one stack.

    Args:
        statements: what one program does.
        variables: by name.
    """
    written = {statement.target for statement in statements}
    movable = {name: v for name, v in variables.items() if name in written}
    found = (column for group in alike(statements, order_of(statements), movable, {}) for column in group.columns)
    return [tuple(name[5:-1] if variables[name].role is Role.GRAD else name for name in column) for column in found]


def runs(
    group: Group, order: dict[str, Line], variables: Mapping[str, Variable], rank: Mapping[str, int]
) -> Iterator[Group]:
    """The largest parts of a group whose variables lie side by side, in one order for all; each in that order.

    Args:
        group: alike statements.
        order: the stack of each member that has one; gets those that are made for this group.
        variables: by name.
        rank: the place of each variable in the file.
    """
    stored = [n for n, name in enumerate(group.slots[0]) if not variables[name].role.is_given]
    by_lines: dict[tuple[Line | None, ...], list[tuple[tuple[int, ...], int, Column]]] = {}
    for number, slots in zip(group.numbers, group.slots, strict=True):
        there = tuple(order.get(slots[n]) for n in stored)
        places = tuple(line.index(slots[n]) for n, line in zip(stored, there, strict=True) if line is not None)
        by_lines.setdefault(there, []).append((places or (rank.get(slots[0], 0),), number, slots))
    for there, members in by_lines.items():
        bound = any(line is not None for line in there)
        for run in _steps(sorted(members)) if bound else [sorted(members)]:
            if len(run) < 2 or not _is_apart(slots for _, _, slots in run):
                continue
            found = replace(group, numbers=tuple(n for _, n, _ in run), slots=tuple(slots for _, _, slots in run))
            for n, line in zip(stored, there, strict=True):
                if line is None:
                    order |= dict.fromkeys(found.columns[n], found.columns[n])
            yield found


def _begun(statements: Sequence[Equation], order: Order, number: int, others: Iterable[int]) -> bool:
    """Whether a statement in a loop adds to what is there before: else one may assign where others add."""
    place, target = order.places[number], statements[number].target
    inside = (n for n, there in order.places.items() if there == place)
    read = any(ref.name == target for n in inside for ref in refs(statements[n].right))
    return read and any(order.places[n] == 0 for n in others)


def _steps(
    members: Sequence[tuple[tuple[int, ...], int, Column]],
) -> Iterator[list[tuple[tuple[int, ...], int, Column]]]:
    """Sorted members cut where the next one is not the neighbour in every stack."""
    run = [members[0]]
    for member in members[1:]:
        if all(b == a + 1 for a, b in zip(run[-1][0], member[0], strict=True)):
            run.append(member)
        else:
            yield run
            run = [member]
    yield run


def _is_apart(slots: Iterable[Column]) -> bool:
    """Whether no variable stands at two places of the statements."""
    columns = [set(column) for column in zip(*slots, strict=True)]
    return all(not a & b for a, b in combinations(columns, 2))


def _apart(members: Iterable[tuple[int, Column]]) -> Iterator[tuple[int, Column]]:
    """The members without those that differ from an earlier one in some of their variables only."""
    seen: list[set[str]] = []
    for number, slots in members:
        seen = seen or [set() for _ in slots]
        if not any(name in names for name, names in zip(slots, seen, strict=True)):
            for name, names in zip(slots, seen, strict=True):
                names.add(name)
            yield number, slots


def _shapes(statement: Equation, movable: Mapping[str, Variable], layouts: Mapping[str, Layout]) -> Iterator[Shape]:
    """The ways in which a statement may be one of several: what must be equal, and which variables differ.

    Statements that are equal with blanks for those variables are equal but for their names.
    """
    read: dict[str, list[Ref]] = {}
    for ref in refs(statement.right):
        read.setdefault(ref.name, []).append(ref)
    if statement.target not in movable or len(read) > _MOST:
        return
    kinds = {
        name: (lying(name, movable, layouts), tuple(ref.subscripts for ref in found))
        for name, found in read.items()
        if name in movable and name != statement.target
    }
    others = sorted(kinds, key=lambda name: (str(kinds[name]), name))
    for size in range(len(others), -1, -1):
        for chosen in combinations(others, size):
            slots = (statement.target, *chosen)
            blank = {name: f"?{n}" for n, name in enumerate(slots)}
            values = {
                ref: Ref(blank[name], *ref.subscripts) for name, found in read.items() if name in blank for ref in found
            }
            shape = (lying(statement.target, movable, layouts), *(kinds[name] for name in chosen))
            yield (statement.right.xreplace(values), statement.subscripts, statement.domain, shape), slots
