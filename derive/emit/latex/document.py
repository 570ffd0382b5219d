"""The whole document: a model's equations, its symbols, its loss, its gradient, and how the gradient came to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from derive.calculus.trace import Traced
from derive.emit.latex.derivation import derivation
from derive.emit.latex.layout import aligned
from derive.emit.latex.names import Names
from derive.emit.latex.printer import Derivative, Latex, Time
from derive.emit.latex.symbols import symbols
from derive.emit.latex.text import escape
from derive.emit.latex.work import work
from derive.emit.notation import Notation, forms, lines
from derive.emit.notation.folding import Folding
from derive.emit.render import render
from derive.system import Equation, Role, System

# Rows of one environment: TeX breaks pages between rows, and reads a long environment slowly.
ROWS = 40


@dataclass(frozen=True)
class Options:
    """How a document is written.

    Attributes:
        notation: of the equations: `array`, `index`, or `both`, one behind the other.
        gradient: how a gradient is written.
        time: where the step stands.
    """

    notation: Literal["array", "index", "both"] = "array"
    gradient: Derivative = "nabla"
    time: Time = "superscript"

    @property
    def notations(self) -> tuple[Notation, ...]:
        """The notations in the order of printing."""
        return ("array", "index") if self.notation == "both" else (self.notation,)


@dataclass(frozen=True)
class Part:
    """Equations under a title, an environment of TeX for each."""

    title: str
    text: str
    bodies: tuple[str, ...]


@dataclass(frozen=True)
class Story:
    """How one gradient came to be.

    Attributes:
        of: the gradient's variable, in mathematics.
        stages: the rules' names and the equations that they made.
    """

    of: str
    stages: tuple[tuple[str, str], ...]


def document(system: System, traced: Traced, options: Options | None = None) -> str:
    """A LaTeX document.

    Args:
        system: the model as its file says it.
        traced: its system with the gradient of the loss, and every step that led to it.
        options: how it is written.
    """
    options = options or Options()
    printer = Latex(Names(traced.system), options.gradient, options.time)
    parts = _parts(system, traced, printer, options)
    title, _, about = system.doc.strip().partition("\n")
    return render(
        "latex/document.j2",
        title=escape(title.strip().rstrip(".") or system.name),
        about=[escape(" ".join(paragraph.split())) for paragraph in about.strip().split("\n\n") if paragraph.strip()],
        name=escape(system.name),
        given=parts[:-1],
        gradient=parts[-1],
        symbols=symbols(system, printer),
        loss=printer.symbol("loss"),
        stories=_stories(traced, printer),
        work=work(traced.system, printer),
    )


def fragment(system: System, traced: Traced, options: Options | None = None) -> str:
    """The equations alone, for a paper's own document: a comment names the packages that they need."""
    options = options or Options()
    printer = Latex(Names(traced.system), options.gradient, options.time)
    return render("latex/fragment.j2", name=system.name, parts=_parts(system, traced, printer, options))


def _parts(system: System, traced: Traced, printer: Latex, options: Options) -> list[Part]:
    """The model, its loss, what derive gave a name, and last the gradient."""
    derived = traced.system
    whole, of_loss = _split(system.equations)
    gradient = [e for e in derived.equations if derived.by_name[e.target].role is Role.GRAD]
    made = _made(derived, gradient)
    found = []
    for title, text, of, equations in (
        ("Model", "", system, whole),
        ("Loss", "", system, of_loss),
        ("Values with names of their own", "The gradient reads these parts of the equations above.", derived, made),
        ("Gradient", "", derived, gradient),
    ):
        if equations:
            bodies = [body for n in options.notations for body in _bodies(lines(of, equations, n), printer)]
            found.append(Part(title, text, tuple(dict.fromkeys(bodies))))
    return found


def _bodies(found: Sequence[forms.Line], printer: Latex) -> Iterable[str]:
    for first in range(0, len(found), ROWS):
        yield aligned([printer.equation(line) for line in found[first : first + ROWS]])


def _split(equations: Iterable[Equation]) -> tuple[list[Equation], list[Equation]]:
    model: list[Equation] = []
    loss: list[Equation] = []
    for equation in equations:
        (loss if equation.target == "loss" else model).append(equation)
    return model, loss


def _made(derived: System, gradient: Sequence[Equation]) -> list[Equation]:
    """The equations of the generated names that the printed gradient reads, and of those that these read."""
    folding = Folding(derived)
    wanted: set[str] = set()
    shown: Sequence[Equation] = gradient
    while True:
        read = {
            form.name
            for line in lines(derived, shown, folding=folding)
            for side in (line.left, line.right)
            for form in forms.walk(side)
            if isinstance(form, forms.Variable)
        }
        more = {n for n in read - wanted if n in derived.by_name and derived.by_name[n].is_generated}
        if not more:
            return [e for e in derived.equations if e.target in wanted]
        wanted |= more
        shown = [e for e in derived.equations if e.target in more]


def _stories(traced: Traced, printer: Latex) -> list[Story]:
    stories = []
    for name, stages in derivation(traced).items():
        of = name.removeprefix("grad(").removesuffix(")")
        told = tuple(
            (escape(", then ".join(stage.rules)), aligned([printer.equation(line) for line in stage.lines], False))
            for stage in stages
            if stage.lines
        )
        if told:
            stories.append(Story(printer.variable(forms.Variable(of)), told))
    return stories
