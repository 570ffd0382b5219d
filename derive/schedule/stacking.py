"""Contractions that share an operand become one: four gates are one matrix product, forward and backward.

Variables in which alike statements differ become the entries of one array, along an axis of its own that comes first,
`stack[g, ..]`: the alike statements are one statement over all of `g`, and every member is one piece of memory.
Parameters are copied into their stack once. The result is equations again, and means the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sympy

from derive.calculus.adjoint import grad_name
from derive.calculus.indices import fresh
from derive.expressions import Axis, Index, Range, Ref, refs
from derive.program import Part, Stack
from derive.schedule.alike import alike, runs
from derive.schedule.dependence import reads
from derive.schedule.groups import Column, Group, groups
from derive.schedule.lines import Line, arranged, lines
from derive.schedule.order import order_of
from derive.schedule.storage import Layout
from derive.system import Equation, Role, Variable

SEPARATOR = "|"


@dataclass
class Stacks:
    """Which variables are entries of one array.

    Attributes:
        variables: the stacks, by name.
        parts: each member, and which entry it is.
        made: the stacks that are copied from given arrays.
        copied: the given arrays that are copied.
    """

    variables: dict[str, Variable] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    made: list[Stack] = field(default_factory=list)
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
        return ref if part is None else Ref(part.whole, part.entry, *ref.subscripts)


def stack(
    stages: Sequence[Sequence[Equation]],
    variables: Mapping[str, Variable],
    layouts: Mapping[str, Layout],
    hopes: Sequence[Column] = (),
    kept: Collection[str] = (),
) -> tuple[list[tuple[Equation, ...]], Stacks]:
    """The statements of each stage with alike ones put together, and where their variables lie.

    Args:
        stages: the statements.
        variables: by name.
        layouts: the cells of what outlives the program; in a stack all have the same.
        hopes: variables that become neighbours where that costs nothing, so that other programs' groups do too.
        kept: the results.
    """
    written = {statement.target for statements in stages for statement in statements}
    movable = {name: v for name, v in variables.items() if name in written or v.role is Role.PARAM}
    found: list[tuple[int, Group]] = []
    same: list[tuple[int, Group]] = []
    for number, statements in enumerate(stages):
        place = order_of(statements)
        found += [(number, group) for group in groups(statements, place, movable, layouts)]
        same += [(number, group) for group in alike(statements, place, movable, layouts, kept)]
    stacks = Stacks()
    if not found and not same:
        return [tuple(statements) for statements in stages], stacks
    read = {ref.name for statements in stages for statement in statements for ref in reads(statement)}
    by_urgency = sorted(found, key=lambda item: (not item[1].looped, item[0]))
    rank = {name: n for n, name in enumerate(variables)}
    # A gradient lies as its variable does, so that forward and backward copy parameters into one stack.
    rank |= {grad_name(name): n for name, n in rank.items()}
    order = lines([group for _, group in by_urgency], variables, read, rank, hopes)
    merged: dict[tuple[int, int], Equation] = {}
    gone: set[tuple[int, int]] = set()
    for number, group in found:
        settled = arranged(group, order, variables, read)
        if settled is not None:
            merged[number, group.numbers[0]] = _merge(stages[number], group, settled, variables, stacks, order)
            gone |= {(number, n) for n in group.numbers[1:]}
    for number, group in same:
        for run in runs(group, order, variables, rank):
            merged[number, run.numbers[0]] = _merge(stages[number], run, run, variables, stacks, order)
            gone |= {(number, n) for n in run.numbers[1:]}
    return [
        tuple(stacks.moved(merged.get((number, n), s)) for n, s in enumerate(statements) if (number, n) not in gone)
        for number, statements in enumerate(stages)
    ], stacks


def _merge(
    statements: Sequence[Equation],
    group: Group,
    settled: Group,
    variables: Mapping[str, Variable],
    stacks: Stacks,
    order: Mapping[str, Line],
) -> Equation:
    """One statement for all of a group: over one more index, that of the entry."""
    first = statements[group.numbers[0]]
    operands: list[sympy.Expr] = [first.left, *refs(first.right)]
    taken = {s.name for e in (*operands, *(r.index for r in first.domain)) for s in e.free_symbols}
    entry = Range.whole(fresh(Axis(sympy.Integer(len(group.numbers))), taken))
    names = {}
    for column, own in zip(settled.columns, group.columns, strict=True):
        for ref in operands:
            if ref.name == own[0]:
                names[ref] = _entry_of(column, ref, entry.index, variables, stacks, order)
    left = names.get(first.left, first.left)
    return replace(
        first,
        target=left.name,
        subscripts=left.subscripts,
        right=first.right.xreplace(names),
        domain=(entry, *first.domain),
    )


def _entry_of(
    column: Column,
    ref: Ref,
    entry: Index,
    variables: Mapping[str, Variable],
    stacks: Stacks,
    order: Mapping[str, Line],
) -> Ref:
    """A reference to the members of a column, whose stack is made where there is none yet."""
    given = variables[column[0]].role.is_given
    line = column if given else order[column[0]]
    name = SEPARATOR.join(line)
    if name not in stacks.variables:
        model = variables[line[0]]
        axes = (Axis(sympy.Integer(len(line))), *model.axes)
        stacks.variables[name] = Variable(name, Role.VAR if given else model.role, axes)
        if given:
            stacks.made.append(Stack(name, line))
            stacks.copied = tuple(dict.fromkeys((*stacks.copied, *line)))
        else:
            stacks.parts |= {member: Part(member, name, n) for n, member in enumerate(line)}
    return Ref(name, entry + line.index(column[0]), *ref.subscripts)
