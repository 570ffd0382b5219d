"""One page that holds a model's whole derivation, its code beside its equations, and what was verified."""

from __future__ import annotations

from dataclasses import dataclass, replace

from markupsafe import Markup

from derive.calculus.trace import Traced
from derive.emit.derivation import Derivation, Part, Stage, Story
from derive.emit.html import code
from derive.emit.html.formulas import Formula, formula, inline, listed
from derive.emit.html.letters import visible
from derive.emit.html.pictures import backward_picture, forward_pictures
from derive.emit.html.tables import SYMBOLS, Table, symbol_rows, work_tables
from derive.emit.html.verified import Checked
from derive.emit.latex.document import Options
from derive.emit.latex.names import Name, Names
from derive.emit.latex.printer import Latex
from derive.emit.notation import forms
from derive.emit.notation.plain import Plain
from derive.emit.render import render
from derive.expressions import AxisKind
from derive.system import System

FUNCTION = "loss_and_grad"
BEGINNING = "What is given is checked; its shapes say the sizes."
ENDING = "What is asked for is returned."
SECTIONS = (
    ("model", "Equations"),
    ("symbols", "Symbols"),
    ("graph", "Graph"),
    ("gradient", "Gradient"),
    ("code", "Code beside the equations"),
    ("steps", "Step by step"),
    ("work", "What is sequential"),
    ("verified", "Verification"),
    ("module", "The whole module"),
)


@dataclass(frozen=True)
class Code:
    """What was generated.

    Attributes:
        system: what the modules were made of.
        plain: the module to be read.
        fast: the module to be used.
    """

    system: System
    plain: str
    fast: str


@dataclass(frozen=True)
class Numbered:
    """An equation of the page: its number, and how it prints in each notation."""

    number: int
    formulas: tuple[Formula, ...]


@dataclass(frozen=True)
class Section:
    """Equations under a title."""

    title: str
    text: str
    equations: tuple[Numbered, ...]


@dataclass(frozen=True)
class Again:
    """An equation beside its code: its number, 0 for one that is nowhere else, and whether it is the first of it."""

    number: int
    formula: Formula
    is_first: bool


@dataclass(frozen=True)
class Beside:
    """Code beside the equations that it carries out, comments that are none, and what there is to say without any."""

    equations: tuple[Again, ...]
    code: Markup
    unknown: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Told:
    """One step of a story: the rules' names, what they used, and the equations that they made."""

    rules: tuple[str, ...]
    through: Markup
    uses: tuple[Formula, ...]
    equations: tuple[Formula, ...]


@dataclass(frozen=True)
class Tale:
    """How the equations of one variable came to be."""

    of: Markup
    stages: tuple[Told, ...]
    is_open: bool


def page(
    system: System, traced: Traced, made: Code, checked: Checked | None = None, options: Options | None = None
) -> str:
    """An HTML page that needs nothing but itself.

    Args:
        system: the model as its file says it.
        traced: its system with the gradient of the loss, and every step that led to it.
        made: the generated modules.
        checked: what verification found, if it was asked.
        options: how it is written.
    """
    options = options or Options()
    derivation = Derivation(system, traced, options.notations)
    printer = Latex(_Names(traced.system, made.system), options.gradient, options.time)
    count = _Count(printer, system, traced)
    shown: set[str] = set()
    given, gradient = ([count.section(part) for part in parts] for parts in (derivation.given, derivation.gradient))
    beside = _beside(system, made, printer, count)
    filled = render(
        "html/page.j2",
        sections=[item for item in SECTIONS if checked is not None or item[0] != "verified"],
        title=derivation.title,
        about=derivation.about,
        name=system.name,
        given=given,
        symbols=Table("", SYMBOLS, tuple(symbol_rows(derivation.symbols, printer))),
        pictures=forward_pictures(system, printer),
        back=backward_picture(system, traced, printer),
        gradient=gradient,
        rules=derivation.rules,
        rewritten=[_tale(story, printer, shown) for story in derivation.rewritten],
        stories=[_tale(story, printer, shown) for story in derivation.stories],
        function=FUNCTION,
        beside=beside,
        coded={equation.number for row in beside for equation in row.equations},
        tables=work_tables(derivation.work, printer),
        checked=checked,
        module=code.highlighted(made.fast),
        source=system.source,
        numbers=range(1, count.last + 1),
        light=Markup(code.style_sheet("default", ".code")),
        dark=Markup(code.style_sheet("github-dark", ".code")),
    )
    return visible(filled)


class _Names(Names):
    """The names of the derivation, and of what only the code knows: parts that are computed once for many steps."""

    def __init__(self, shown: System, made: System) -> None:
        super().__init__(shown)
        self.known, self.more = shown.by_name, made.by_name

    def __getitem__(self, name: str) -> Name:
        """A name's letters."""
        found = super().__getitem__(name)
        variable = self.more.get(name, self.more.get(f"grad({name})"))
        if name in self.known or variable is None:
            return found
        return replace(found, rank=sum(axis.kind is AxisKind.FEATURE for axis in variable.axes))


class _Count:
    """Numbers the equations of the page, and finds the number of an equation."""

    def __init__(self, printer: Latex, system: System, traced: Traced) -> None:
        self.printer = printer
        arrays = Derivation(system, traced)
        self.arrays = (*arrays.given, *arrays.gradient)
        self.last = 0
        self.number: dict[str, int] = {}

    def section(self, part: Part) -> Section:
        """A part with its equations numbered; in several notations, each below the first where they go together."""
        told = list(dict.fromkeys(part.lines))
        go_together = len({len(some) for some in told}) == 1
        rows = list(zip(*told, strict=True)) if go_together else [(line,) for some in told for line in some]
        # Comments in code are in array notation, whatever the page is in.
        arrays = next(other.lines[0] for other in self.arrays if other.title == part.title)
        named = arrays if len(arrays) == len(rows) else [row[0] for row in rows]
        numbered = []
        for row, line in zip(rows, named, strict=True):
            self.last += 1
            for key in (key for other in (*row, line) for key in _keys(other)):
                self.number.setdefault(key, self.last)
            numbered.append(Numbered(self.last, tuple(formula(some, self.printer) for some in dict.fromkeys(row))))
        return Section(part.title, part.text, tuple(numbered))

    def of(self, line: forms.Line) -> int:
        """The number of an equation, 0 for none; code may read parts of one under names of its own."""
        return next((self.number[key] for key in _keys(line) if key in self.number), 0)


def _keys(line: forms.Line) -> tuple[str, str]:
    """What tells an equation from all others: all of it, or what it is of and where it holds."""
    plain = Plain()
    return plain.line(line), plain.line(replace(line, right=forms.Symbol("")))


def _beside(system: System, made: Code, printer: Latex, count: _Count) -> list[Beside]:
    known = code.spelled(system, made.system)
    seen = {0}
    found: list[Beside] = []
    for row in code.rows(code.function_of(made.plain, FUNCTION), known):
        equations = []
        for line in row.lines:
            number = count.of(line)
            equations.append(Again(number, formula(line, printer), number not in seen))
            seen.add(number)
        found.append(Beside(tuple(equations), row.code, row.unknown))
    for place, note in ((0, BEGINNING), (-1, ENDING)):
        if not found[place].equations:
            found[place] = replace(found[place], note=note)
    return found


def _tale(story: Story, printer: Latex, shown: set[str]) -> Tale:
    """A story; open where it shows a rule at work that no story before it has shown."""
    rules = {rule for stage in story.stages for rule in stage.rules}
    is_open = bool(rules - shown)
    shown |= rules
    stages = tuple(_told(stage, printer) for stage in story.stages if stage.lines)
    return Tale(inline(forms.Variable(story.of.name), printer), stages, is_open)


def _told(stage: Stage, printer: Latex) -> Told:
    through = listed([inline(variable, printer) for variable in stage.through])
    equations = tuple(formula(line, printer) for line in (*stage.lines, *stage.defines))
    return Told(stage.rules, through, tuple(formula(line, printer) for line in stage.uses), equations)
