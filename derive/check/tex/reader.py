"""A LaTeX file -> the lines of a hand derivation, the same that a `.hand.eq` file has."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from derive.check.hand.lines import HandFile, HandLine, Unread
from derive.check.hand.reader import model_named
from derive.check.hand.vocabulary import Checkable
from derive.check.tex import nodes
from derive.check.tex.conditions import conditions, is_condition
from derive.check.tex.formulas import Formulas
from derive.check.tex.lexicon import Lexicon, Symbol, symbol_of
from derive.check.tex.nodes import Node
from derive.check.tex.own import Own, OwnNames, parted
from derive.check.tex.places import Places
from derive.check.tex.regions import Piece, pieces
from derive.check.tex.subscripts import Subscripts
from derive.check.tex.symbols import NoStep, Symbols
from derive.check.tex.syntax import statement
from derive.check.tex.tokens import Mark, Unreadable
from derive.errors import Fault
from derive.language import bounds
from derive.language.source import Source

LARGEST = 1_000_000  # characters of a file


@dataclass(frozen=True)
class _Equation:
    """One equation of a file: where it stands, its sides, and what stands behind its comma."""

    start: int
    end: int
    left: Node
    rights: tuple[Node, ...]
    behind: tuple[Node, ...]


@dataclass(frozen=True)
class TexLine(HandLine):
    """A line of LaTeX, with what is needed to write another one in its letters.

    Attributes:
        reader: who read it.
    """

    reader: Reader = field(kw_only=True)


def read_tex(text: str, model: Checkable, filename: str = "<text>") -> HandFile:
    """The lines of a derivation in LaTeX.

    Args:
        text: the text of the file.
        model: the model that it is about: its names say what each letter is.
        filename: its name, for messages.

    Raises:
        DeriveError: Lark is not installed.
    """
    source = Source(text, filename)
    return HandFile(tuple(Reader(source, model).lines()), model_named(source.text))


class Reader:
    """The reader of one file.

    Attributes:
        lexicon: the model's names.
        own: the person's names.
    """

    def __init__(self, source: Source, model: Checkable) -> None:
        """A reader of a text about a model."""
        self.source, self.places = source, Places(source)
        self.lexicon = Lexicon(model)
        self.own = OwnNames(self.lexicon.variables)
        self.subscripts = Subscripts(self.lexicon, self.places)
        self.style = self.subscripts.style
        self.symbols = Symbols(self.lexicon, self.subscripts, self.own)
        self.formulas = Formulas(self.symbols)
        self._marks: list[Mark] = []

    def lines(self) -> Iterator[HandLine | Unread]:
        """The file's lines in order."""
        if len(self.source.text) > LARGEST:
            yield self._unread(0, 1, Unreadable(f"a file of more than {LARGEST} characters", 0, 1))
            return
        equations = list(self._equations())
        self.symbols.deltas = not any(mark.value in (r"\nabla", r"\partial") for mark in self._marks)
        self._define([equation for equation in equations if isinstance(equation, _Equation)])
        for equation in equations:
            if isinstance(equation, Unread):
                yield equation
            else:
                yield from self._read(equation)
        if not equations:
            hint = r"put it into \begin{align}...\end{align}, or between % derive: begin and % derive: end"
            yield self._unread(0, 1, Unreadable("there is no equation in this file", 0, 1, hint))

    def _equations(self) -> Iterator[_Equation | Unread]:
        left: Node | None = None
        for piece in pieces(self.source.text):
            if isinstance(piece, Unreadable):
                yield self._unread(piece.start, piece.end, piece)
                continue
            self._marks += piece.marks
            try:
                found = self._parted(piece, left)
            except Unreadable as error:
                left = None
                yield self._unread(piece.start, piece.end, error)
                continue
            except RecursionError:
                yield self._unread(
                    piece.start, piece.end, Unreadable("this is nested too deeply", piece.start, piece.end)
                )
                continue
            left = found[-1].left if found else left
            yield from found

    def _parted(self, piece: Piece, left: Node | None) -> list[_Equation]:
        """The equations of one statement; two may stand in one row."""
        parts = statement(piece.marks)
        groups: list[list[Node]] = []
        for part in parts:
            if isinstance(part, nodes.Relation) and not (groups and is_condition(part, self.subscripts)):
                groups.append([part])
            elif groups:
                groups[-1].append(part)
            else:
                raise Unreadable("this claims nothing: there is no equals sign", part.start, part.end)
        found = []
        for first, *behind in groups:
            assert isinstance(first, nodes.Relation)
            wrong = next((sign for sign in first.signs if sign != "="), None)
            if wrong == "+=":
                raise Unreadable("a claim has the whole right side in one equation", first.start, first.end)
            if wrong is not None:
                raise Unreadable(f"a claim equates its sides: {wrong}", first.start, first.end)
            sides = first.sides
            if len(sides) == len(first.signs):
                if left is None:
                    raise Unreadable("an equation without a left side", first.start, first.end)
            else:
                left, sides = sides[0], sides[1:]
            found.append(_Equation(piece.start, piece.end, left, sides, tuple(behind)))
        return found

    def _unread(self, start: int, end: int, error: Unreadable) -> Unread:
        fault = Fault(str(error), self.places.at(error.start, error.end), error.hint, "latex")
        return Unread(self.places.line(start), self._text(start, end), fault)

    def _text(self, start: int, end: int) -> str:
        return " ".join(self.source.text[start:end].split())

    def _read(self, equation: _Equation) -> Iterator[HandLine | Unread]:
        """A line for each right side."""
        try:
            left = self.formulas.value(equation.left).node
            behind = conditions(equation.behind, self.formulas)
        except (Unreadable, RecursionError) as error:
            yield self._unread(equation.start, equation.end, _as_unreadable(error, equation))
            return
        for right in equation.rights:
            try:
                value = self.formulas.value(right)
                if bounds.too_deep(value.node) or bounds.too_long(value.node):
                    raise Unreadable("this is too long for one equation", right.start, right.end)
            except (Unreadable, RecursionError) as error:
                yield self._unread(equation.start, equation.end, _as_unreadable(error, equation))
                continue
            text = self._text(equation.start, equation.end)
            # Those who go on with a line rewrite its nodes.
            yield TexLine(
                self.places.line(right.start if len(equation.rights) > 1 else equation.start),
                copy.deepcopy(left),
                copy.deepcopy(value.node),
                copy.deepcopy(behind),
                text,
                self.source,
                "latex",
                reader=self,
            )

    def _define(self, equations: Sequence[_Equation]) -> None:
        """The names of the person's own, then their shapes, from their first equations."""
        waiting: list[tuple[Own, _Equation, int]] = []
        for equation in equations:
            symbol = symbol_of(equation.left)
            if symbol is None or self._is_known(symbol):
                continue
            found = parted(symbol, self._index_below(symbol), self.subscripts.is_own_index)
            scripts = [part for part in (*found.below, *found.above) if not _is_transpose(part)]
            steps = [part for part in scripts if self._is_step(part, scripts)]
            own = self.own.define(found.key, len(steps))
            self.style.name(own.name, symbol.letter, *found.named)
            waiting.append((own, equation, len(scripts) - len(steps)))
        for _ in range(len(waiting) + 1):
            for own, equation, entries in waiting:
                if own.shape is None:
                    self._shape(own, equation, entries)

    def _index_below(self, symbol: Symbol) -> Callable[[Node], bool]:
        r"""What below a name is a subscript: the i of `\delta_{t,i}`, not that of `\delta_{i,t}` in an LSTM."""
        first = symbol.below[:1]
        begins = bool(first) and (self.subscripts.is_step(first[0]) or isinstance(first[0], nodes.Number))
        return self.subscripts.is_index if begins else self.subscripts.is_own_index

    def _is_step(self, part: Node, scripts: Sequence[Node]) -> bool:
        bracketed = isinstance(part, nodes.Group) and part.kind == "("
        alone = isinstance(part, nodes.Number) and len(scripts) == 1
        return bracketed or alone or self.subscripts.is_step(part)

    def _is_known(self, symbol: Symbol) -> bool:
        """Whether a left side is the model's, or was defined before."""
        try:
            return self.symbols.value(symbol) is not None
        except NoStep:
            return False
        except Unreadable:
            return True

    def _shape(self, own: Own, equation: _Equation, entries: int) -> None:
        try:
            value = self.formulas.value(equation.rights[0])
        except (Unreadable, RecursionError):
            return
        if value.shape is not None:
            own.shape = (*(f"?{n}" for n in range(entries)), *value.shape)


def _is_transpose(part: Node) -> bool:
    """Whether a superscript is a transpose."""
    return isinstance(part, nodes.Letter) and part.text in (r"\top",)


def _as_unreadable(error: Exception, equation: _Equation) -> Unreadable:
    if isinstance(error, Unreadable):
        return error
    return Unreadable("this is nested too deeply", equation.start, equation.end)
