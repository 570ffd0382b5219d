"""The whole derivation: a model's equations, its symbols, its loss, its gradient, and how the gradient came to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from derive.calculus.trace import Traced
from derive.emit.derivation.rules import RULES, Rule
from derive.emit.derivation.stories import Story, gradient_stories, in_order, rewritten_stories
from derive.emit.derivation.symbols import Symbol, symbols
from derive.emit.derivation.work import Work, work
from derive.emit.notation import Notation, forms, lines, spoken
from derive.emit.notation.folding import Folding
from derive.system import Equation, Role, System

_KINDS = (
    ("By what is computed, from the loss back", ""),
    ("By the parameters", "Each is summed over all uses of the parameter."),
    ("By data and starts", ""),
)
_MADE = "The gradient reads these parts of the equations above."


@dataclass(frozen=True)
class Part:
    """Equations under a title.

    Attributes:
        title: a heading.
        text: a sentence below it, or nothing.
        lines: the equations, once for each notation; both may be the same.
    """

    title: str
    text: str
    lines: tuple[tuple[forms.Line, ...], ...]


@dataclass(frozen=True)
class Derivation:
    """What a document says of a model, each part made when it is first asked for.

    Attributes:
        system: the model as its file says it.
        traced: its system with the gradient of the loss, and every step that led to it.
        notations: of the equations, in the order of printing.
    """

    system: System
    traced: Traced
    notations: tuple[Notation, ...] = ("array",)

    @cached_property
    def title(self) -> str:
        """The first line of the file's docstring, without its full stop, or the model's name."""
        return self.system.doc.strip().partition("\n")[0].strip().rstrip(".") or self.system.name

    @cached_property
    def about(self) -> tuple[str, ...]:
        """The other paragraphs of the docstring."""
        rest = self.system.doc.strip().partition("\n")[2].strip()
        return tuple(" ".join(paragraph.split()) for paragraph in rest.split("\n\n") if paragraph.strip())

    @cached_property
    def given(self) -> tuple[Part, ...]:
        """The model, its loss, and what derive gave a name."""
        # All at once, so that what the reader made of a part of the loss is put in again.
        told = [lines(self.system, self.system.equations, n) for n in self.notations]
        found = (
            Part("Model", "", tuple(tuple(line for line in x if _of(line) != "loss") for x in told)),
            Part("Loss", "", tuple(tuple(line for line in x if _of(line) == "loss") for x in told)),
            Part("Values with names of their own", _MADE, self._values),
        )
        return tuple(part for part in found if any(part.lines))

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """The table of symbols."""
        return symbols(self.system)

    @cached_property
    def gradient(self) -> tuple[Part, ...]:
        """By what is computed, from the loss back; by the parameters, in the order of the file; by data and starts."""
        derived = self.traced.system
        found = [self._lines(n) for n in self.notations]
        parts = []
        for rank, (title, text) in enumerate(_KINDS):
            chosen = tuple(
                tuple(sorted((line for line in told if _rank(derived, _of(line)) == rank), key=self._place))
                for told in found
            )
            if any(chosen):
                parts.append(Part(title, text, chosen))
        return tuple(parts)

    def _lines(self, notation: Notation) -> list[forms.Line]:
        # All at once, so that the gradient by a start, which is that of its cell, has no line of its own.
        return lines(self.traced.system, self._gradients, notation, self._folding)

    def _place(self, line: forms.Line) -> int:
        """Where a parameter stands among all; what is computed stays in the order of the gradient."""
        name = _of(line)
        return self.traced.system.position[name] if _rank(self.traced.system, name) == 1 else 0

    @cached_property
    def rewritten(self) -> tuple[Story, ...]:
        """How the model's equations were rewritten before they were differentiated."""
        return rewritten_stories(self.system, self.traced)

    @cached_property
    def stories(self) -> tuple[Story, ...]:
        """How each gradient came to be, in the order of the gradient's parts."""
        derived = self.traced.system
        defined = {name for s in self.rewritten for g in s.stages for x in g.defines for name in spoken(x)}
        told = in_order(gradient_stories(self.traced, self.notations[0], defined))
        position = derived.position
        return tuple(
            sorted(told, key=lambda s: ((r := _rank(derived, s.of.name)), position[s.of.name] if r == 1 else 0))
        )

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that the stories name, in the order of the table."""
        used = {rule for story in (*self.rewritten, *self.stories) for stage in story.stages for rule in stage.rules}
        return tuple(rule for name, rule in RULES.items() if name in used)

    @cached_property
    def work(self) -> Work:
        """What is sequential, what it takes, and what is kept."""
        return work(self.traced.system)

    @cached_property
    def _gradients(self) -> list[Equation]:
        derived = self.traced.system
        return [e for e in derived.equations if derived.by_name[e.target].role is Role.GRAD]

    @cached_property
    def _folding(self) -> Folding:
        return Folding(self.traced.system)

    @property
    def _values(self) -> tuple[tuple[forms.Line, ...], ...]:
        """What derive gave a name and the gradient reads: each name by itself, so that none is put in."""
        derived = self.traced.system
        made = _made(derived, self._gradients)
        groups = [[e for e in made if e.target == name] for name in dict.fromkeys(e.target for e in made)]
        told = (chain.from_iterable(lines(derived, g, n, self._folding) for g in groups) for n in self.notations)
        return tuple(map(tuple, told))


def _of(line: forms.Line) -> str:
    """The variable that a gradient's line is about."""
    return next(form.name for form in forms.walk(line.left) if isinstance(form, forms.Variable))


def _rank(system: System, name: str) -> int:
    """Which part of the gradient that by a variable stands in."""
    role = system.by_name[name].role if name in system.by_name else Role.INPUT
    return 0 if role is Role.VAR else 1 if role is Role.PARAM else 2


def _bare(name: str) -> str:
    return name.removeprefix("grad(").removesuffix(")")


def _made(derived: System, gradient: Sequence[Equation]) -> list[Equation]:
    """The equations of the generated names that the printed gradient reads, and of those that these read."""
    folding = Folding(derived)
    wanted: set[str] = set()
    shown: Sequence[Equation] = gradient
    while True:
        read = {_bare(name) for line in lines(derived, shown, folding=folding) for name in spoken(line)}
        more = {n for n in read - wanted if n in derived.by_name and derived.by_name[n].is_generated}
        if not more:
            return [e for e in derived.equations if e.target in wanted]
        wanted |= more
        shown = [e for e in derived.equations if e.target in more]
