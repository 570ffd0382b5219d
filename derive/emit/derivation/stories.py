"""How each equation came to be, rule by rule: what the trace recorded, in index notation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from derive.affine import split
from derive.calculus.adjoint import grad_name
from derive.calculus.naming import nonlinear
from derive.calculus.trace import Step, Traced
from derive.emit.derivation.rules import (
    ARRAYS,
    BEGIN,
    CHAIN,
    COLLECT,
    GIVEN,
    MOVE,
    ONE_HOT,
    SHORT,
    WRITTEN_OUT,
)
from derive.emit.notation import Notation, forms, lines, one_by_one, spoken
from derive.emit.notation.folding import Folding
from derive.expressions import refs
from derive.system import Equation, Role, System, Variable


@dataclass(frozen=True)
class Stage:
    """The equations of a variable behind one rule, or several that together changed what is printed.

    Attributes:
        rules: the names of the rules, as in the table of `rules.py`.
        lines: the equations that they made.
        through: for the chain rule, the variables whose equations read this one.
        uses: equations of others that the rules put in.
        defines: the names that the rules made.
    """

    rules: tuple[str, ...]
    lines: tuple[forms.Line, ...]
    through: tuple[forms.Variable, ...] = ()
    uses: tuple[forms.Line, ...] = ()
    defines: tuple[forms.Line, ...] = ()


def heading(rules: str, through: Iterable[str], uses: Iterable[str]) -> str:
    """What stands above a stage in a line of text: its rules, what they went through, and what they put in.

    Args:
        rules: the names of the rules, as a printer writes them.
        through: the variables, printed.
        uses: the equations, printed.
    """
    ways, put_in = ", ".join(through), "; ".join(uses)
    return rules + (f" through {ways}" if ways else "") + (f": {put_in}" if put_in else "")


@dataclass(frozen=True)
class Story:
    """How the equations of one variable, or of the gradient by it, came to be.

    Attributes:
        of: the variable, without steps; `gradients` is 1 for the gradient by it.
        stages: at least one; the first has the equations to begin with, the last those that are printed.
    """

    of: forms.Variable
    stages: tuple[Stage, ...]


def gradient_stories(
    traced: Traced, notation: Notation = "array", told: Iterable[str] | None = None
) -> tuple[Story, ...]:
    """For each gradient of the system, in its order, the stages from the chain rule to what is printed.

    The gradient by a start is that of the state before its first step, and has no story of its own.

    Args:
        traced: a system with its gradient.
        notation: of the last stage, if that has another form than index notation has.
        told: the generated names that are defined already, if the stories are read one after another; without it each
            story defines what it reads.
    """
    teller = _Teller(traced)
    known = None if told is None else set(told)
    names = dict.fromkeys(e.target for e in teller.system.equations if teller.is_gradient(e.target))
    starts = {grad_name(variable.name) for variable in teller.system.with_role(Role.START)}
    found = []
    for name in names:
        stages = teller.gradient(name, notation, set() if known is None else known) if name not in starts else ()
        if stages:
            found.append(Story(forms.Variable(name.removeprefix("grad(").removesuffix(")"), gradients=1), stages))
    return tuple(found)


def rewritten_stories(system: System, traced: Traced, alone: bool = False) -> tuple[Story, ...]:
    """For each variable of the file whose equations were rewritten before they were differentiated, the stages.

    Args:
        system: the model as its file says it.
        traced: its system with the gradient.
        alone: whether each story is read by itself, and defines what it reads though an earlier one has.
    """
    teller, told, found = _Teller(traced), set[str](), []
    for variable in system.with_role(Role.VAR):
        if not variable.is_generated:
            stages = teller.rewritten(system, variable.name, set() if alone else told)
            if len(stages) > 1 or any(stage.defines for stage in stages):
                found.append(Story(forms.Variable(variable.name), stages))
    return tuple(found)


def in_order(stories: Iterable[Story]) -> list[Story]:
    """The stories, those of generated names just before the first that reads them, where they do not rest on it."""
    told = list(stories)
    through = {story.of.name: [v.name for v in story.stages[0].through] for story in told}
    for story in [story for story in told if "." in story.of.name]:
        name, rests = story.of.name, _reached(through, story.of.name)
        rest = [other for other in told if other is not story]
        place = next((n for n, other in enumerate(rest) if name in through[other.of.name]), len(rest))
        if place < told.index(story) and rest[place].of.name not in rests:
            told = [*rest[:place], story, *rest[place:]]
    return told


def _reached(through: dict[str, list[str]], name: str) -> set[str]:
    """The variables whose gradients a gradient rests on."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        more = [other for other in through.get(waiting.pop(), ()) if other not in found]
        found.update(more)
        waiting += more
    return found


class _Teller:
    """What all stories of one system have in common."""

    def __init__(self, traced: Traced) -> None:
        self.system = traced.system
        self.steps: dict[str, list[Step]] = {}
        for step in traced.steps:
            self.steps.setdefault(step.target, []).append(step)
        self.folding = Folding(traced.system)
        self.made = {v.name for v in self.system.with_role(Role.VAR) if v.is_generated}

    def is_gradient(self, name: str) -> bool:
        return self.system.by_name[name].role is Role.GRAD

    def gradient(self, name: str, notation: Notation, told: set[str]) -> tuple[Stage, ...]:
        """The stages of a gradient; `told` are the generated names that are defined already."""
        stages: list[Stage] = []
        rules: tuple[str, ...] = ()
        before: tuple[Equation, ...] = ()
        for names, found, equations in self._told(name):
            rules += tuple(rule for rule in names if rule not in rules)
            if not stages or found != stages[-1].lines:
                behind = self._behind(rules, before, equations)
                stages.append(Stage(rules, found, *behind, tuple(self._new_names(found, told))))
                rules, before = (), equations
        printed = tuple(lines(self.system, self.system.defining[name], notation, self.folding))
        if stages and printed != stages[-1].lines:
            rules = (ARRAYS,) if notation == "array" else (SHORT,)
            stages.append(Stage(rules, printed, defines=tuple(self._new_names(printed, told))))
        return tuple(stages)

    def _told(self, name: str) -> Iterator[tuple[tuple[str, ...], tuple[forms.Line, ...], tuple[Equation, ...]]]:
        """Rules with the lines and the equations behind them; what the chain rule adds stands apart at first."""
        moved = False
        for step in self.steps.get(name, []):
            if not step.after:
                continue
            if step.rule != CHAIN:
                if not (moved and step.rule == MOVE):
                    yield (step.rule,), self.lines(name, step.after), step.after
                continue
            begins = not any(read.startswith("grad(") for read in _read(step.after))
            left = [subscript for equation in step.after for subscript in equation.subscripts]
            looked = any(True for subscript in left for _ in refs(subscript))
            moved = any(index is not None and offset != 0 for index, offset in map(split, left))
            rules = ((MOVE,) if moved else ()) + ((ONE_HOT,) if looked else ()) + (COLLECT,) * (len(step.after) > 1)
            if rules:
                system = self._with(name, step.after)
                yield (CHAIN,), tuple(one_by_one(system, step.after, Bare(system))), step.after
            else:
                rules = (BEGIN if begins else CHAIN,)
            yield rules, self.lines(name, step.after), step.after

    def _behind(
        self, rules: tuple[str, ...], before: Sequence[Equation], after: Sequence[Equation]
    ) -> tuple[tuple[forms.Variable, ...], tuple[forms.Line, ...]]:
        """Whose equations the chain rule went through, and which equations the other rules put in."""
        old, new = _read(before), _read(after)
        through: tuple[forms.Variable, ...] = ()
        if CHAIN in rules:
            readers = (name for name in new if name.startswith("grad("))
            through = tuple(forms.Variable(name.removeprefix("grad(").removesuffix(")")) for name in readers)
        put_in = (
            [n for n in old if n not in new and n.startswith("grad(")] if "put in what is constant" in rules else []
        )
        reused = (
            [n for n in new if n not in old and not n.startswith("grad(")] if "reuse forward values" in rules else []
        )
        return through, tuple(line for name in (*put_in, *reused) for line in self._definition(name, name in reused))

    def _definition(self, name: str, reused: bool) -> tuple[forms.Line, ...]:
        """The equations of a name; of one that is reused those that are a function's value, and not its starts."""
        equations = self.system.defining.get(name, ())
        if not reused:
            return self.lines(name, equations) if equations else ()
        equations = tuple(equation for equation in equations if nonlinear(equation.right))
        return tuple(one_by_one(self.system, equations, Bare(self.system), adds=False))

    def rewritten(self, system: System, name: str, told: set[str]) -> tuple[Stage, ...]:
        """The stages of a forward variable; `told` are the generated names that are defined already."""
        given = system.defining.get(name, ())
        as_given = tuple(lines(system, given, "index"))
        stages = [Stage((GIVEN,), as_given, defines=tuple(self._new_names(as_given, told)))]
        states = [(WRITTEN_OUT, given)]
        states += [(step.rule, step.after) for step in self.steps.get(name, []) if step.after]
        rules: tuple[str, ...] = ()
        for rule, equations in states:
            found = self.lines(name, equations)
            if found == stages[-1].lines and rule == WRITTEN_OUT:
                continue
            rules = (*rules, rule)
            if found != stages[-1].lines:
                stages.append(Stage(rules, found, defines=tuple(self._new_names(found, told))))
                rules = ()
        return tuple(stages)

    def _new_names(self, found: Iterable[forms.Line], told: set[str]) -> Iterator[forms.Line]:
        """The definitions of generated names that are read here first, and of those that these read."""
        if self.made <= told:
            return
        for name in (name for line in found for name in sorted(spoken(line) & self.made)):
            if name not in told:
                told.add(name)
                definition = self.lines(name, self.system.defining.get(name, ()))
                yield from definition
                yield from self._new_names(definition, told)

    def lines(self, name: str, equations: tuple[Equation, ...]) -> tuple[forms.Line, ...]:
        """Some equations of a variable in index notation, generated names as they are."""
        system = self._with(name, equations)
        return tuple(lines(system, equations, "index", Bare(system)))

    def _with(self, name: str, equations: tuple[Equation, ...]) -> System:
        """The system with other equations of one variable; they may read what later rules took away."""
        missing = []
        for other in _read(equations):
            if other not in self.system.by_name:
                of = self.system.by_name.get(other.removeprefix("grad(").removesuffix(")"))
                if other.startswith("grad(") and of is not None:
                    missing.append(Variable(other, Role.GRAD, of.axes))
        # Of all others a printer asks for those of the variable that a gradient is by.
        by = name.removeprefix("grad(").removesuffix(")")
        kept = self.system.defining.get(by, ()) if by != name else ()
        return replace(self.system, variables=(*self.system.variables, *missing), equations=(*kept, *equations))


class Bare(Folding):
    """A folding that puts nothing back: every generated name is printed as it is."""

    def _note(self, name: str, equations: tuple[Equation, ...]) -> None:
        """Nothing stands for anything else."""


def _read(equations: Iterable[Equation]) -> tuple[str, ...]:
    """The names that some equations read, in order."""
    return tuple(dict.fromkeys(ref.name for equation in equations for ref in refs(equation.right)))
