"""The derivation as LaTeX: a document, or the equations alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from derive.calculus.trace import Traced
from derive.emit.derivation import Derivation, Part, Stage, Story, heading
from derive.emit.latex.layout import PAPER, WIDTH, aligned, inline
from derive.emit.latex.names import Names
from derive.emit.latex.printer import Derivative, Latex, Time
from derive.emit.latex.tables import costs, memory, values
from derive.emit.latex.text import escape, for_comment
from derive.emit.notation import Notation, forms
from derive.emit.render import render
from derive.errors import DeriveError, Fault
from derive.system import System

# Rows of one environment: TeX breaks pages between rows, and reads a long environment slowly.
ROWS = 40


@dataclass(frozen=True)
class Options:
    """How a document is written.

    Attributes:
        notation: of the equations: `array`, `index`, or `both`, one behind the other.
        gradient: how a gradient is written.
        time: where the step stands.
        pictures: whether the graph is drawn.
    """

    notation: Literal["array", "index", "both"] = "array"
    gradient: Derivative = "nabla"
    time: Time = "superscript"
    pictures: bool = True

    def __post_init__(self) -> None:
        """Refuses what is no way to write.

        Raises:
            DeriveError: a value is none of those named.
        """
        for field, choices in (
            ("notation", ("array", "index", "both")),
            ("gradient", get_args(Derivative)),
            ("time", get_args(Time)),
        ):
            if getattr(self, field) not in choices:
                said = f"there is no {field}={getattr(self, field)!r}"
                raise DeriveError(Fault(said, hint=f"choose one of {', '.join(choices)}"))

    @property
    def notations(self) -> tuple[Notation, ...]:
        """The notations in the order of printing."""
        return ("array", "index") if self.notation == "both" else (self.notation,)


def document(system: System, traced: Traced, options: Options | None = None) -> str:
    """A LaTeX document.

    Args:
        system: the model as its file says it.
        traced: its system with the gradient of the loss, and every step that led to it.
        options: how it is written.
    """
    options = options or Options()
    return typeset(Derivation(system, traced, options.notations), options)


def typeset(told: Derivation, options: Options) -> str:
    """A LaTeX document of a derivation in the options' notations."""
    printer = Latex(Names(told.traced.system), options.gradient, options.time)
    system = told.system
    return render(
        "latex/document.j2",
        title=escape(told.title),
        about=list(map(escape, told.about)),
        name=for_comment(system.name),
        given=[_section(part, printer) for part in told.given],
        gradient=[_section(part, printer) for part in told.gradient],
        figures=_figures(system, printer) if options.pictures else [],
        symbols=[
            (printer.text(s.form), escape(s.name), values(s.shape, printer), escape(s.role), escape(s.comment))
            for s in told.symbols
        ],
        rules=[(escape(rule.name), escape(rule.why), escape(rule.source)) for rule in told.rules],
        rewritten=[_story(story, printer) for story in told.rewritten],
        stories=[_story(story, printer) for story in told.stories],
        forward=costs(told.work.forward, printer),
        backward=costs(told.work.backward, printer),
        memory=memory(told.work, printer),
    )


def fragment(system: System, traced: Traced, options: Options | None = None) -> str:
    """The equations alone, for a paper's own document: a comment names the packages that they need."""
    options = options or Options()
    told = Derivation(system, traced, options.notations)
    printer = Latex(Names(traced.system), options.gradient, options.time)
    parts = [_section(part, printer, PAPER) for part in (*told.given, *told.gradient)]
    return render("latex/fragment.j2", name=for_comment(system.name), parts=parts)


def _figures(system: System, printer: Latex) -> list[tuple[str, str]]:
    """The pictures, each with what is said below it."""
    # Pictures print their labels with this package.
    from derive.emit.graph.figures import figures
    from derive.emit.graph.tikz import WIDEST, tikz

    found = figures(system, WIDEST)
    return [(tikz(figure.picture, printer).rstrip(), escape(figure.caption)) for figure in found]


@dataclass(frozen=True)
class _Section:
    """Equations under a title, an environment of TeX for each."""

    title: str
    text: str
    bodies: tuple[str, ...]


def _section(part: Part, printer: Latex, width: float = WIDTH) -> _Section:
    bodies = [body for told in part.lines for body in _bodies(told, printer, width)]
    return _Section(escape(part.title), escape(part.text), tuple(dict.fromkeys(bodies)))


def _bodies(found: Sequence[forms.Line], printer: Latex, width: float) -> Iterable[str]:
    for first in range(0, len(found), ROWS):
        yield aligned([printer.equation(line) for line in found[first : first + ROWS]], width=width)


@dataclass(frozen=True)
class _Told:
    """A story in TeX: what it is of, and for each stage its heading and its equations."""

    of: str
    stages: tuple[tuple[str, str], ...]


def _story(story: Story, printer: Latex) -> _Told:
    stages = tuple(
        (_heading(stage, printer), aligned([printer.equation(x) for x in (*stage.lines, *stage.defines)], False))
        for stage in story.stages
        if stage.lines
    )
    of = forms.Variable(story.of.name)
    return _Told(printer.variable(of), stages)


def _heading(stage: Stage, printer: Latex) -> str:
    """The rules' names, and what they went through or put in."""
    ways = (f"${printer.variable(variable)}$" for variable in stage.through)
    put_in = (f"${inline(printer.equation(line))}$" for line in stage.uses)
    return heading(rf"\textit{{{escape('; '.join(stage.rules))}}}", ways, put_in)
