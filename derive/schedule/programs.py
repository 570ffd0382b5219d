"""Which programs a module needs: the results of each, what it may take as given, and what runs on request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import sympy

from derive.affine import split
from derive.calculus.adjoint import grad_name
from derive.calculus.indices import fresh
from derive.calculus.reach import dependents
from derive.errors import DeriveError
from derive.expressions import AxisKind, Range, refs
from derive.program import Given, Program, Wanted
from derive.schedule.alike import hopes
from derive.schedule.build import Stage, build, lean
from derive.schedule.dependence import dependences
from derive.schedule.groups import Column
from derive.schedule.loops import nest
from derive.schedule.merge import merge
from derive.schedule.needs import extra, shrink
from derive.schedule.statements import needed, split_terms
from derive.schedule.storage import Layout, layout
from derive.system import Equation, Role, System, Variable


@dataclass(frozen=True)
class Programs:
    """Every program of a module.

    Attributes:
        system: the model with its gradient and the batch axis.
        style: "fast" or "plain".
        remade: variables of the file that `backward` makes anew, since what `forward` returned may lack the batch.
        always: what is given and is no parameter, and whose gradient is computed all the same without being asked for.
    """

    system: System
    style: str = "fast"
    remade: frozenset[str] = frozenset()
    always: tuple[str, ...] = ()

    @cached_property
    def layouts(self) -> Mapping[str, Layout]:
        """The cells of every variable that is not a gradient."""
        table = self.system.defining
        return {v.name: layout(v, table.get(v.name, ())) for v in self.system.variables if v.role is not Role.GRAD}

    @cached_property
    def own(self) -> tuple[str, ...]:
        """The variables that the file defines."""
        return tuple(v.name for v in self.system.with_role(Role.VAR) if not v.is_generated)

    @cached_property
    def gradients(self) -> tuple[str, ...]:
        """The gradients that are always computed."""
        return tuple(grad_name(name) for name in (*(v.name for v in self.system.with_role(Role.PARAM)), *self.always))

    @cached_property
    def askable(self) -> tuple[str, ...]:
        """The gradients that a call may ask for."""
        given = (v.name for v in self.system.with_role(Role.INPUT, Role.START))
        return tuple(grad_name(name) for name in given if name not in self.always)

    @cached_property
    def optional(self) -> tuple[str, ...]:
        """The labels and targets without which `forward` can still compute what does not rest on them."""
        given = (v for v in self.system.with_role(Role.LABEL, Role.TARGET) if not v.is_generated)
        return tuple(v.name for v in given if self._only_at_the_end(v))

    def _only_at_the_end(self, data: Variable) -> bool:
        reading = [e for e in self.system.equations if any(r.name == data.name for r in refs(e.right))]
        here = [r for e in reading for r in refs(e.right) if r.name == data.name]
        if any(split(s)[1] != 0 for r in here for s in r.subscripts):
            return False
        others = self.system.with_role(Role.INPUT, Role.INDEX)
        if any(a.kind is AxisKind.SEQUENCE and not any(a in v.axes for v in others) for a in data.axes):
            return False  # without it nothing tells how long the sequence is
        states = {v.start.of for v in self.system.variables if v.start is not None}
        return not states & dependents(self.system, {data.name})

    def statements(self, equations: Iterable[Equation]) -> tuple[Equation, ...]:
        """Additive terms, each a statement; those of one equation are made once for all programs."""
        return tuple(statement for equation in equations for statement in self._split(equation))

    def _split(self, equation: Equation) -> tuple[Equation, ...]:
        found = self._made.get(id(equation))
        if found is None:
            # The equation is kept beside its terms: another one can't take its identity.
            found = self._made[id(equation)] = (equation, split_terms((equation,), self.system.variables))
        return found[1]

    @cached_property
    def _made(self) -> dict[int, tuple[Equation, tuple[Equation, ...]]]:
        return {}

    def build(self, stages: Iterable[Stage], results: Iterable[str]) -> Program:
        """The program of some stages."""
        stages = tuple(stages)
        made = {e.target for s in stages for e in s.statements}
        layouts = {name: found for name, found in self.layouts.items() if name not in made or name in self.own}
        program = build(
            stages,
            self.system.variables,
            tuple(results),
            stacked=self.style == "fast",
            known=layouts,
            defining=self._generated,
            hopes=self._hopes if self.style == "fast" else (),
        )
        return merge(program) if self.style == "plain" else program

    @cached_property
    def _hopes(self) -> tuple[Column, ...]:
        """What lies side by side in the forward and in the backward pass, so that as much as may be is done at once."""
        found: list[Column] = []
        variables = self.system.by_name
        for statements, results in (
            (shrink(self.statements(needed(self.system, self.own)), self.own), self.own),
            (self.backward_stages[0].statements, self.gradients),
        ):
            leaner, new = lean(statements, variables, results)
            found += hopes(leaner, variables | new)
        return (*found, *(tuple(map(grad_name, column)) for column in found))

    @cached_property
    def _generated(self) -> Mapping[str, tuple[Equation, ...]]:
        """The equations of the variables that only derive's own code makes."""
        table = self.system.by_name
        return {name: found for name, found in self.system.defining.items() if table[name].is_generated}

    @cached_property
    def backward_stages(self) -> tuple[Stage, ...]:
        """The gradient's statements: what always runs, then what runs on request."""
        system = self.system
        present = set(system.by_name)
        equations = [e for e in system.equations if system.by_name[e.target].role is Role.GRAD] + self._zeros()
        base, more = extra(
            self.statements(equations),
            [g for g in self.gradients if g in present],
            [g for g in self.askable if g in present],
        )
        return (Stage(base), *(Stage(pieces, Wanted, names) for names, pieces in more.items()))

    def _zeros(self) -> list[Equation]:
        """Zeros for what the loss reads without depending on it: a call may ask for that gradient too."""
        read = {r.name for e in needed(self.system, ["loss"]) for r in refs(e.right)}
        found = []
        for variable in self.system.with_role(Role.INPUT, Role.START):
            name = grad_name(variable.name)
            if variable.name in read and name in self.system.by_name and name not in self.system.defining:
                taken = set(self.system.by_name)
                domain = tuple(Range.whole(fresh(axis, taken)) for axis in variable.axes)
                found.append(Equation(name, tuple(r.index for r in domain), sympy.Integer(0), domain))
        return found

    @cached_property
    def gradient(self) -> Program:
        """The backward pass, from the values that the forward pass kept."""
        return self.build(self.backward_stages, self.gradients)

    @cached_property
    def parameters_only(self) -> Program:
        """The backward pass to the gradients of parameters alone."""
        return self.build(self.backward_stages[:1], self.gradients)

    @cached_property
    def kept(self) -> tuple[str, ...]:
        """The forward values that the backward pass reads."""
        return tuple(n for n in self.gradient.reads if self.system.by_name[n].role is Role.VAR)

    def value(self, results: Iterable[str], given: Iterable[str] = ()) -> Program:
        """The forward pass to some results, from variables that are there already."""
        results = tuple(results)
        return self.build([Stage(shrink(self.statements(needed(self.system, results, given)), results))], results)

    @cached_property
    def forward(self) -> Program:
        """Everything that the file defines; what rests on optional data behind a condition."""
        resting = {name: dependents(self.system, {name}) for name in self.optional}
        statements = shrink(self.statements(needed(self.system, self.own)), self.own)
        groups: dict[tuple[str, ...], list[Equation]] = {(): []}
        for statement in statements:
            key = tuple(name for name in self.optional if statement.target in resting[name])
            groups.setdefault(key, []).append(statement)
        ordered = sorted(groups.items(), key=lambda item: len(item[0]))
        return self.build([Stage(tuple(s), Given if key else None, key) for key, s in ordered], self.own)

    @cached_property
    def restored(self) -> tuple[Equation, ...]:
        """The equations that make, from what `forward` returns, the rest of what the backward pass reads."""
        read = [n for n in self.parameters_only.reads if self.system.by_name[n].role is Role.VAR]
        kept = [name for name in self.own if name not in self.remade]
        hidden = [name for name in read if name not in kept]
        return shrink(self.statements(needed(self.system, hidden, kept)), hidden) if hidden else ()


def has_order(system: System, results: Iterable[str]) -> bool:
    """Whether the results can be computed: no value waits for itself."""
    statements = split_terms(needed(system, results), system.variables)
    try:
        nest(statements, dependences(statements))
    except DeriveError:
        return False
    return True
