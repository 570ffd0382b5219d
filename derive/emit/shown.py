"""Equations that show themselves: lines of Unicode in a terminal, typeset in a notebook, LaTeX for a paper.

A notebook asks an object for `_repr_latex_` (equations) or `_repr_markdown_` (equations with words between them), and
for `_repr_pretty_` where it can show text only. All notebooks typeset `aligned` between `$$`, and not all `align`.
"""

from __future__ import annotations

import difflib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from textwrap import indent
from typing import TYPE_CHECKING, Any, Self, get_args

from derive.emit.notation import Notation, forms, lines
from derive.emit.notation.unicode import Unicode
from derive.errors import DeriveError, Fault
from derive.system import Equation, System

if TYPE_CHECKING:
    from derive.emit.derivation import Rule, Stage
    from derive.emit.latex.printer import Derivative, Latex, Time, Written

# Of one display: MathJax expands a command by copying all that comes behind it, into a buffer of 5 * 1024 characters.
LONGEST = 3500


class Shown:
    """What shows itself as its text wherever a notebook has nothing better."""

    def __repr__(self) -> str:
        """The text that a person reads."""
        return str(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


class Printed(Shown, ABC):
    """Printed lines of a system.

    Attributes:
        system: what they are of.
    """

    system: System

    @property
    @abstractmethod
    def lines(self) -> tuple[forms.Line, ...]:
        """A form for each line."""

    @property
    @abstractmethod
    def where(self) -> tuple[forms.Line, ...]:
        """What is printed below them: what names stand for that no file has, as `i.arg`."""

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self.lines)

    def __str__(self) -> str:
        """The lines in Unicode."""
        printer = Unicode()
        where = ["", "where", *map(printer.line, self.where)] if self.where else []
        return "\n".join([*map(printer.line, self.lines), *where])

    def latex(self, gradient: Derivative = "nabla", time: Time = "superscript") -> str:
        """The lines as an `align*` environment, for a document with amsmath and amssymb.

        Args:
            gradient: how a gradient is written: `nabla`, `partial` or `delta`.
            time: where the step stands: `superscript` or `subscript`.

        Raises:
            DeriveError: there is no such way to write.
        """
        from derive.emit.latex.document import Options
        from derive.emit.latex.layout import aligned

        options = Options(gradient=gradient, time=time)
        return aligned(self._equations(_printer(self.system, options.gradient, options.time)), numbered=False)

    def _repr_latex_(self) -> str:
        from derive.emit.latex.layout import aligned

        found = self._equations(_printer(self.system))
        displays = [aligned(block, numbered=False, inside=True) for block in _blocks(found)]
        return "\n\n".join(f"$${display}$$" for display in displays)

    def _equations(self, printer: Latex) -> list[Written]:
        from derive.emit.latex.printer import Written

        where = [Written(r"\text{where}", "", sign=""), *map(printer.equation, self.where)] if self.where else []
        return [*map(printer.equation, self.lines), *where]


@dataclass(frozen=True, repr=False)
class Equations(Printed):
    """Some equations of a system.

    Attributes:
        system: what they are of.
        equations: which.
        notation: how they are written; see `written`.
    """

    system: System
    equations: tuple[Equation, ...]
    notation: Notation = "array"

    def written(self, notation: Notation) -> Self:
        """The same in another notation: `array` or `index`.

        Raises:
            DeriveError: there is no such notation.
        """
        if notation not in get_args(Notation):
            hint = f"choose one of {', '.join(get_args(Notation))}"
            raise DeriveError(Fault(f"there is no notation {notation!r}", hint=hint))
        return replace(self, notation=notation)

    @cached_property
    def lines(self) -> tuple[forms.Line, ...]:
        """A form for each line."""
        return tuple(lines(self.system, self.equations, self.notation))

    @cached_property
    def where(self) -> tuple[forms.Line, ...]:
        """What the names stand for that derive gave to parts of the model."""
        wanted: set[str] = set()
        shown: Sequence[forms.Line] = self.lines
        while more := self._made(shown) - wanted:
            wanted |= more
            shown = self._defining(more)
        return tuple(self._defining(wanted))

    def _made(self, shown: Iterable[forms.Line]) -> set[str]:
        found = (form for line in shown for side in (line.left, line.right) for form in forms.walk(side))
        names = {form.name for form in found if isinstance(form, forms.Variable)}
        return {name for name in names if name in self.system.by_name and self.system.by_name[name].is_generated}

    def _defining(self, names: set[str]) -> list[forms.Line]:
        return lines(self.system, [e for e in self.system.equations if e.target in names], self.notation)


@dataclass(frozen=True, repr=False)
class Told(Equations):
    """The equations of one variable, or of the gradient by it, that tell how they came to be.

    Attributes:
        name: the variable.
        tell: what gives its steps.
    """

    name: str = field(kw_only=True)
    tell: Callable[[str], Steps] = field(kw_only=True, compare=False)

    @cached_property
    def steps(self) -> Steps:
        """How they came to be, rule by rule, in index notation."""
        return self.tell(self.name)


@dataclass(frozen=True, repr=False)
class Step(Printed):
    """What a rule, or several, made of equations.

    Attributes:
        system: what the equations are of.
        stage: the rules and the equations behind them.
    """

    system: System
    stage: Stage

    @property
    def lines(self) -> tuple[forms.Line, ...]:
        """The equations behind the rules."""
        return self.stage.lines

    @property
    def where(self) -> tuple[forms.Line, ...]:
        """Definitions of the names that derive made and that stand here first."""
        return self.stage.defines

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules, each with the sentence that justifies it."""
        from derive.emit.derivation import RULES

        return tuple(RULES[name] for name in self.stage.rules)

    def __str__(self) -> str:
        """The rules and what they put in, then the lines."""
        from derive.emit.derivation import heading

        printer, stage = Unicode(), self.stage
        head = heading("; ".join(stage.rules), map(printer.text, stage.through), map(printer.line, stage.uses))
        return f"{head}\n{indent(super().__str__(), '    ')}"

    def _repr_markdown_(self) -> str:
        from derive.emit.derivation import heading
        from derive.emit.latex.layout import inline

        printer = _printer(self.system)
        rules = f"*{_escaped('; '.join(self.stage.rules))}*"
        through = (f"${printer.variable(variable)}$" for variable in self.stage.through)
        uses = (f"${inline(printer.equation(line))}$" for line in self.stage.uses)
        why = " ".join(_escaped(rule.why) for rule in self.rules)
        return f"{heading(rules, through, uses)}. {why}\n\n{self._repr_latex_()}"


@dataclass(frozen=True, repr=False)
class Steps(Shown):
    """How equations came to be, rule by rule; `steps[0]` is the first.

    Attributes:
        system: what the equations are of.
        stages: the rules and what they made.
    """

    system: System
    stages: tuple[Stage, ...]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.stages)

    def __getitem__(self, number: int) -> Step:
        """One of them, counted from 0."""
        return Step(self.system, self.stages[number])

    def __iter__(self) -> Iterator[Step]:
        """Each of them in turn."""
        return (Step(self.system, stage) for stage in self.stages)

    def __str__(self) -> str:
        """One after another, numbered from 1."""
        return "\n".join(f"{number}. {step}" for number, step in enumerate(self, 1))

    def _repr_markdown_(self) -> str:
        return "\n\n".join(f"**{number}.** {step._repr_markdown_()}" for number, step in enumerate(self, 1))


def unknown(name: object, names: Iterable[str], what: str, why: str = "") -> DeriveError:
    """The mistake of asking for a variable that is not there; with a reason it is no slip of the pen."""
    known = list(names)
    close = difflib.get_close_matches(str(name), known, 1) if not why else []
    hint = f"did you mean {close[0]!r}?" if close else f"choose one of {', '.join(filter(str.isidentifier, known))}"
    return DeriveError(Fault(f"{what} {name!r}{why}", hint=hint))


def _blocks(equations: Iterable[Written]) -> Iterator[list[Written]]:
    """The equations in displays that MathJax takes."""
    block: list[Written] = []
    length = 0
    for equation in equations:
        own = len(equation.left) + len(equation.right) + len(equation.condition) + 10
        if block and length + own > LONGEST:
            yield block
            block, length = [], 0
        block.append(equation)
        length += own
    yield block


def _escaped(text: str) -> str:
    """A text that Markdown takes as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#$|&~])", r"\\\1", text)


def _printer(system: System, gradient: Derivative = "nabla", time: Time = "superscript") -> Latex:
    from derive.emit.latex.names import Names
    from derive.emit.latex.printer import Latex

    return Latex(Names(system), gradient, time)
