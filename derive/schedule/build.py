"""Equations to a Program: what is needed, in which loops, stored where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy

from derive.affine import at_least, plain
from derive.calculus.adjoint import grad_name
from derive.expressions import Domain, Index, Range, Ref
from derive.program import Allocate, Assign, Buffer, Loop, Only, Program, Statement, spans
from derive.schedule.dependence import dependences, reads
from derive.schedule.fuse import fuse
from derive.schedule.loops import LoopNest, Member, Node, nest
from derive.schedule.lower import Lowering, Place
from derive.schedule.segments import segments
from derive.schedule.stacking import Stacks, stack
from derive.schedule.storage import Layout, Mode, Writer, layout, modes, urgency
from derive.system import Equation, Role, Variable


@dataclass(frozen=True)
class Stage:
    """Statements that run under one condition, after those of earlier stages.

    Attributes:
        statements: what is written.
        wrap: the condition's node, from a body; None for what always runs.
    """

    statements: tuple[Equation, ...]
    wrap: type | None = None
    names: tuple[str, ...] = ()


def build(
    stages: Sequence[Stage],
    variables: Iterable[Variable],
    results: Iterable[str],
    *,
    stacked: bool,
    known: Mapping[str, Layout] | None = None,
) -> Program:
    """The program of some statements.

    Args:
        stages: the statements; later stages stand behind a condition.
        variables: every variable that they read or write.
        results: the variables that outlive the program.
        stacked: whether contractions that share an operand become one.
        known: the cells of variables that other programs make.

    Raises:
        DeriveError: a cycle that no sequence breaks.
    """
    by_name = {v.name: v for v in variables}
    stacks = Stacks()
    if stacked:
        later = [e for s in stages[1:] for e in s.statements]
        outside = {e.target for e in later} | {ref.name for e in later for ref in reads(e)}
        first = fuse(stages[0].statements, by_name, tuple(results), outside)
        fused = [first, *(s.statements for s in stages[1:])]
        lying = _layouts([e for statements in fused for e in statements], by_name) | dict(known or {})
        held = {name: found for name, found in lying.items() if by_name[name].role is not Role.GRAD}
        found, stacks = stack(fused, by_name, held)
        stages = tuple(replace(s, statements=f) for s, f in zip(stages, found, strict=True))
        by_name |= stacks.variables
    everything = tuple(e for stage in stages for e in stage.statements)
    layouts = _layouts(everything, by_name) | dict(known or {})
    stages = tuple(
        replace(s, statements=tuple(sorted(s.statements, key=lambda e: urgency(e, layouts[e.target])))) for s in stages
    )
    return _Builder(layouts, by_name, stacks).program(stages, tuple(results))


def _layouts(statements: Sequence[Equation], variables: Mapping[str, Variable]) -> dict[str, Layout]:
    """Where each variable lies, by what is written and, for gradients, by what is read."""
    written: dict[str, list[Equation]] = {}
    read: dict[str, list[tuple[Ref, Domain]]] = {}
    for statement in statements:
        written.setdefault(statement.target, []).append(statement)
        for ref in reads(statement):
            if variables[ref.name].role is Role.GRAD:
                read.setdefault(ref.name, []).append((ref, statement.domain))
    data = {grad_name(v.name) for v in variables.values() if v.role.is_data}
    return {name: layout(v, written.get(name, ()), read.get(name, ()), data) for name, v in variables.items()}


class _Builder:
    """Puts statements, loops and allocations in order."""

    def __init__(self, layouts: dict[str, Layout], variables: dict[str, Variable], stacks: Stacks) -> None:
        self.layouts, self.variables, self.stacks = layouts, variables, stacks
        self.lowering = Lowering(layouts)
        self.writers: list[Writer] = []
        self.loops = 0

    def program(self, stages: Sequence[Stage], results: tuple[str, ...]) -> Program:
        blocks = [
            (stage, self.stage(stage)) for stage in stages
        ]  # a block for each node: its arrays are allocated before it
        found, zeros = modes(self.writers, self.layouts)
        waiting = iter(found)
        body: list[Statement] = list(self.stacks.concatenations)
        buffers: dict[str, Buffer] = {}
        for stage, block in blocks:
            inner: list[Statement] = []
            for node in block:
                settled = [_settle(statement, waiting) for statement in node]
                for name, makes in (written for statement in settled for written in _writes(statement)):
                    if name not in buffers:
                        buffers[name] = self.buffer(name, zeros[name], results)
                        if not makes:
                            inner.append(Allocate(buffers[name]))
                inner.extend(settled)
            body.extend([stage.wrap(stage.names, tuple(inner))] if stage.wrap and inner else inner)
        for name in results:
            if name not in buffers and name not in self.stacks.parts and not self.variables[name].role.is_given:
                buffers[name] = self.buffer(name, True, results)
                body.insert(0, Allocate(buffers[name]))
        everything = [e for stage in stages for e in stage.statements]
        read = dict.fromkeys(ref.name for e in everything for ref in reads(e) if ref.name not in buffers)
        given = (*(n for n in read if n not in self.stacks.variables), *self.stacks.copied)
        return Program(
            body=tuple(body),
            buffers=tuple(buffers.values()),
            parts=self.stacks.as_parts(),
            results=results,
            reads=tuple(dict.fromkeys(given)),
            stacks=tuple(self.stacks.variables.values()),
        )

    def buffer(self, name: str, zeros: bool, results: tuple[str, ...]) -> Buffer:
        found = self.layouts[name]
        return Buffer(self.variables[name], found.first, found.extent, zeros, name in results)

    def stage(self, stage: Stage) -> list[list[Statement]]:
        statements = stage.statements
        order = nest(statements, dependences(statements))
        return [self.node(statements, node, {}, None) for node in order]

    def node(self, statements: Sequence[Equation], node: Node, fixed: Fixed, loop: int | None) -> list[Statement]:
        if isinstance(node, LoopNest):
            return self.loop(statements, node, fixed)
        values, potential, statement = fixed.get(node, ({}, 0, statements[node]))
        assign = self.lowering.assign(statement, Place(values))
        short = [r for r in statement.domain if r.index not in values and _may_fall_short(r, assign)]
        made: Statement = assign
        for range_ in short:
            made = Only(range_.first, range_.last, (made,))
        self.writers.append(Writer(statement, loop, potential, sure=not short))
        return [made]

    def loop(self, statements: Sequence[Equation], nest_: LoopNest, fixed: Fixed) -> list[Statement]:
        """A loop as segments in each of which the same statements run at every step."""
        leader = nest_.members[0].index
        index = Index(leader.name, leader.axis)
        spans = {m.number: _steps(statements[m.number], m, fixed) for m in nest_.members}
        blocks: list[Statement] = []
        for piece in segments(spans, nest_.forward):
            begun = len(self.writers)
            step: sympy.Expr = piece.first if piece.single else index
            inside = dict(fixed)
            for m in nest_.members:
                values, _, statement = fixed.get(m.number, ({}, 0, statements[m.number]))
                cut = _cut(statement, m, piece.first, piece.last)
                potential = m.potential if nest_.forward else -m.potential
                inside[m.number] = ({**values, m.index: step - m.potential}, potential, cut)
            number = self.loops = self.loops + 1
            body: list[Statement] = []
            for node in nest_.body:
                kept = _only(node, piece.active)
                if kept is not None:
                    before = len(self.writers)
                    block = self.node(statements, kept, inside, None if piece.single else number)
                    unsure = piece.guarded & set(numbers_of(kept))
                    if unsure:
                        first, last = spans[min(unsure)]
                        block = [Only(first, step, (Only(step, last, tuple(block)),))]
                        self.writers[before:] = [replace(w, sure=False) for w in self.writers[before:]]
                    body.extend(block)
            whole: list[Statement] = (
                body if piece.single else [Loop(index, piece.first, piece.last, nest_.forward, tuple(body))]
            )
            if piece.beyond is not None:
                whole = [Only(*piece.beyond, tuple(whole))]
                self.writers[begun:] = [replace(w, sure=False) for w in self.writers[begun:]]
            blocks.extend(whole)
        return blocks


Fixed = dict[int, tuple[dict[Index, sympy.Expr], int, Equation]]


def _cut(statement: Equation, member: Member, first: sympy.Expr, last: sympy.Expr) -> Equation:
    """The statement over the steps of one segment."""
    ends = (plain(first - member.potential), plain(last - member.potential))
    return replace(
        statement, domain=tuple(Range(r.index, *ends) if r.index == member.index else r for r in statement.domain)
    )


def _may_fall_short(range_: Range, statement: Assign) -> bool:
    """Whether a sequence may be too short for a range in a way that no slice shows.

    A slice that ends before it begins is empty, but one that ends before its array begins counts from the array's end.
    """
    if at_least(range_.last + 1, range_.first):
        return False
    found = [s for s in (*spans(statement.target), *spans(statement.value)) if s.index == range_.index]
    return not found or any(not at_least(s.start + s.length, sympy.Integer(0)) for s in found)


def _settle(statement: Statement, found: Iterator[Mode]) -> Statement:
    """The statement with the modes of its assignments, in the order of the text."""
    if isinstance(statement, Assign):
        mode = next(found)
        whole = len(statement.target.dims) == len(statement.target.subscripts)
        made = (
            mode.makes and whole and not statement.scatters and set(statement.value.dims) == set(statement.target.dims)
        )
        return replace(statement, adds=mode.adds, makes=made)
    if isinstance(statement, Loop | Only):
        return replace(statement, body=tuple(_settle(inner, found) for inner in statement.body))
    return statement


def _writes(statement: Statement) -> list[tuple[str, bool]]:
    """What a statement writes, and whether it makes it."""
    if isinstance(statement, Assign):
        return [(statement.target.name, statement.makes)]
    if isinstance(statement, Loop | Only):
        return [written for inner in statement.body for written in _writes(inner)]
    return []


def _steps(statement: Equation, member: Member, fixed: Fixed) -> tuple[sympy.Expr, sympy.Expr]:
    """The loop steps at which a statement runs."""
    range_ = next(r for r in statement.domain if r.index == member.index)
    values = fixed[member.number][0] if member.number in fixed else {}
    first, last = (plain(end.xreplace(dict(values)) + member.potential) for end in (range_.first, range_.last))
    return first, last


def numbers_of(node: Node) -> list[int]:
    """The statements of a node."""
    return [node] if isinstance(node, int) else [n for inner in node.body for n in numbers_of(inner)]


def _only(node: Node, active: frozenset[int]) -> Node | None:
    if isinstance(node, int):
        return node if node in active else None
    body = tuple(kept for kept in (_only(n, active) for n in node.body) if kept is not None)
    return replace(node, body=body, members=tuple(m for m in node.members if m.number in active)) if body else None
