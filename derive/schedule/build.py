"""Equations to a Program: what is needed, in which loops, stored where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy

from derive.affine import at_least
from derive.calculus.adjoint import grad_name
from derive.calculus.indices import is_fixed
from derive.calculus.ranges import holds
from derive.expressions import Domain, Range, Ref
from derive.program import Allocate, Assign, Buffer, Loop, Only, Program, Statement, assigns, spans
from derive.schedule.dependence import dependences, reads
from derive.schedule.factors import ahead
from derive.schedule.fuse import fuse, gathered
from derive.schedule.groups import Column
from derive.schedule.local import localised, without_axis
from derive.schedule.loops import LoopNest, Node, nest
from derive.schedule.lower import Lowering, Place, rectangle
from derive.schedule.oriented import oriented
from derive.schedule.segments import segments
from derive.schedule.stacking import Stacks, stack
from derive.schedule.standing import Fixed, Standing, index_of, steps
from derive.schedule.storage import Layout, Mode, Writer, layout, modes, unwritten, urgency
from derive.system import Equation, Reduction, Role, Variable


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
    defining: Mapping[str, tuple[Equation, ...]] | None = None,
    hopes: Sequence[Column] = (),
) -> Program:
    """The program of some statements.

    Args:
        stages: the statements; later stages stand behind a condition.
        variables: every variable that they read or write.
        results: the variables that outlive the program.
        stacked: whether contractions that share an operand become one.
        known: the cells of variables that other programs make.
        defining: the equations of generated variables.
        hopes: variables that lie side by side where that costs nothing.

    Raises:
        DeriveError: a cycle that no sequence breaks.
    """
    results = tuple(results)
    by_name = {v.name: v for v in variables}
    stacks = Stacks()
    added: tuple[Equation, ...] = ()
    if stacked:
        later = [e for s in stages[1:] for e in s.statements]
        outside = {e.target for e in later} | {ref.name for e in later for ref in reads(e)}
        first, new = lean(stages[0].statements, by_name, results, outside)
        by_name |= new
        added = tuple(e for e in first if e.target in new)
        fused = [first, *(s.statements for s in stages[1:])]
        lying = _layouts([e for statements in fused for e in statements], by_name, known or {})
        held = {name: found for name, found in lying.items() if by_name[name].role is not Role.GRAD}
        found, stacks = stack(fused, by_name, held, hopes, results)
        stages = tuple(replace(s, statements=f) for s, f in zip(stages, found, strict=True))
        by_name |= stacks.variables
    everything = tuple(e for stage in stages for e in stage.statements)
    layouts = _layouts(everything, by_name, known or {})
    stages = tuple(
        replace(s, statements=tuple(sorted(s.statements, key=lambda e: urgency(e, layouts[e.target])))) for s in stages
    )
    program = _Builder(Lowering(layouts, defining or {}), by_name, stacks).program(stages, results)
    return oriented(replace(program, added=added)) if stacked else program


def lean(
    statements: Sequence[Equation],
    variables: Mapping[str, Variable],
    results: Collection[str],
    outside: Collection[str] = (),
) -> tuple[tuple[Equation, ...], dict[str, Variable]]:
    """What always runs, with as little work in loops as may be, and the variables that are new for that.

    Args:
        statements: what runs.
        variables: every variable, by name.
        results: the variables that outlive the program.
        outside: what runs on request only reads or writes.
    """
    return ahead(fuse(gathered(statements, variables), variables, results, outside), variables)


def _layouts(
    statements: Sequence[Equation], variables: Mapping[str, Variable], known: Mapping[str, Layout]
) -> dict[str, Layout]:
    """Where each variable lies, by what is written and, for gradients, by what is read."""
    written: dict[str, list[Equation]] = {}
    read: dict[str, list[tuple[Ref, Domain]]] = {}
    for statement in statements:
        written.setdefault(statement.target, []).append(statement)
        for ref in reads(statement):
            if variables[ref.name].role is Role.GRAD:
                read.setdefault(ref.name, []).append((ref, statement.domain))
    data = {grad_name(v.name) for v in variables.values() if v.role.is_data}
    values = {grad_name(name): found for name, found in known.items()}
    found = {
        name: layout(v, written.get(name, ()), read.get(name, ()), data, values.get(name))
        for name, v in variables.items()
    }
    return found | dict(known)


class _Builder:
    """Puts statements, loops and allocations in order."""

    def __init__(self, lowering: Lowering, variables: dict[str, Variable], stacks: Stacks) -> None:
        self.lowering, self.variables, self.stacks = lowering, variables, stacks
        self.held: Mapping[str, int] = {}  # what is held for one step, and the axis that it lacks for that
        self.statements: Sequence[Equation] = ()
        self.writers: list[Writer] = []
        self.loops = 0

    def program(self, stages: Sequence[Stage], results: tuple[str, ...]) -> Program:
        blocks = []  # a block for each node: its arrays are allocated before it
        for stage in stages:
            others = (e for other in stages if other is not stage for e in other.statements)
            kept = {name for e in others for name in (e.target, *(ref.name for ref in reads(e)))}
            kept |= {self.stacks.parts[name].whole if name in self.stacks.parts else name for name in results}
            blocks.append((stage, self.stage(stage, kept)))
        found, zeros = modes(self.writers, self.lowering.layouts)
        waiting = iter(found)
        body: list[Statement] = list(self.stacks.made)
        buffers: dict[str, Buffer] = {}
        for name in unwritten([(s.names, s.statements) for s in stages], self.variables):
            buffers[name] = self.buffer(name, True, results)
            body.append(Allocate(buffers[name]))
        for stage, block in blocks:
            inner: list[Statement] = []
            for node in block:
                settled = [_settle(statement, waiting) for statement in node]
                for name in self.awaited(settled, buffers):
                    buffers[name] = self.buffer(name, True, results)
                    inner.append(Allocate(buffers[name]))
                for name, makes in ((a.target.name, a.makes) for a in assigns(settled)):
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

    def awaited(self, statements: Iterable[Statement], buffers: Collection[str]) -> list[str]:
        """The gradients that are read before anything is written to them: these cells of them are 0."""
        made = {a.target.name for a in assigns(statements)}
        read = dict.fromkeys(ref.name for a in assigns(statements) for ref in reads(a.equation))
        missing = [n for n in read if n not in buffers and n not in made and n not in self.stacks.parts]
        return [n for n in missing if self.variables[n].role is Role.GRAD]

    def buffer(self, name: str, zeros: bool, results: tuple[str, ...]) -> Buffer:
        found = self.lowering.layouts[name]
        return Buffer(self.variables[name], found.first, found.extent, zeros, name in results)

    def stage(self, stage: Stage, kept: Collection[str]) -> list[list[Statement]]:
        """The statements of a stage, a list for each of them and each loop, where `kept` is what others read."""
        edges = dependences(stage.statements)
        order, held = localised(stage.statements, nest(stage.statements, edges), edges, self.lowering.layouts, kept)
        self.held = {local.name: local.axis for local in held}
        for name, axis in self.held.items():
            variable, cells = self.variables[name], self.lowering.layouts[name].cells
            self.variables[name] = replace(variable, axes=variable.axes[:axis] + variable.axes[axis + 1 :])
            self.lowering.layouts[name] = Layout(cells[:axis] + cells[axis + 1 :])
        self.statements = stage.statements
        statements = [without_axis(e, self.held) if self.held else e for e in stage.statements]
        return [self.node(statements, node, {}) for node in order]

    def node(self, statements: Sequence[Equation], node: Node, fixed: Fixed) -> list[Statement]:
        if isinstance(node, LoopNest):
            return self.loop(statements, node, fixed)
        at = fixed.get(node) or Standing(statements[node])
        assign = replace(self.lowering.assign(at.statement, Place(at.values)), equation=self.statements[node])
        made: Statement = assign
        box = rectangle(at.statement, at.values)
        short = [r for r in box.domain if _may_fall_short(r, at.statement.domain, assign)]
        for range_ in short:
            made = Only(range_.first, range_.last, (made,))
        ragged = any(not is_fixed(s.start) or not is_fixed(s.length) for s in spans(assign.target))
        if assign.target.name in self.held:
            self.writers.append(Writer(at.statement, ragged=ragged, epoch=at.piece))
        else:
            self.writers.append(Writer(at.statement, at.loops, sure=not short, ragged=ragged))
        return [made]

    def loop(self, statements: Sequence[Equation], nest_: LoopNest, fixed: Fixed) -> list[Statement]:
        """A loop as segments in each of which the same statements run at every step."""
        standing = {
            m.number: (fixed.get(m.number) or Standing(statements[m.number])).led_by(m.index) for m in nest_.members
        }
        index = index_of(nest_, standing)
        runs = {m.number: steps(standing[m.number], m) for m in nest_.members}
        blocks: list[Statement] = []
        for piece in segments(runs, nest_.forward):
            begun = len(self.writers)
            step: sympy.Expr = piece.first if piece.single else index
            self.loops += 1
            inside = dict(fixed)
            for m in nest_.members:
                inside[m.number] = standing[m.number].at(m, step, piece, self.loops)
            body: list[Statement] = []
            for node in nest_.body:
                kept = _only(node, piece.active)
                if kept is not None:
                    before = len(self.writers)
                    block = self.node(statements, kept, inside)
                    unsure = piece.guarded & set(numbers_of(kept))
                    if unsure:
                        first, last = runs[min(unsure)]
                        block = [Only(first, step, (Only(step, last, tuple(block)),))]
                        self.writers[before:] = map(_unsure, self.writers[before:])
                    body.extend(block)
            whole: list[Statement] = (
                body if piece.single else [Loop(index, piece.first, piece.last, nest_.forward, tuple(body))]
            )
            if piece.beyond is not None:
                whole = [Only(*piece.beyond, tuple(whole))]
                self.writers[begun:] = map(_unsure, self.writers[begun:])
            blocks.extend(whole)
        return blocks


def _unsure(writer: Writer) -> Writer:
    """The writer behind a condition; what is held for one step is read behind the same one."""
    return writer if writer.epoch is not None else replace(writer, sure=False)


def _may_fall_short(range_: Range, domain: Domain, statement: Assign) -> bool:
    """Whether a sequence may be too short for a range in a way that no slice shows.

    A slice that ends before it begins is empty, but one that ends before its array begins counts from the array's end.
    A maximum of nothing has a value, and is taken all the same.
    """
    if statement.equation.reduction is not Reduction.SUM and range_.index not in statement.target.dims:
        return False
    if at_least(range_.last + 1, range_.first):
        return False
    at_a_step = not (is_fixed(range_.first) and is_fixed(range_.last))
    if at_a_step and holds(next(r for r in domain if r.index == range_.index), domain, 0):
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


def numbers_of(node: Node) -> list[int]:
    """The statements of a node."""
    return [node] if isinstance(node, int) else [n for inner in node.body for n in numbers_of(inner)]


def _only(node: Node, active: frozenset[int]) -> Node | None:
    if isinstance(node, int):
        return node if node in active else None
    body = tuple(kept for kept in (_only(n, active) for n in node.body) if kept is not None)
    return replace(node, body=body, members=tuple(m for m in node.members if m.number in active)) if body else None
