r"""Syntax trees of the language -> LaTeX as the person writes it: their letters, their place of the step."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from derive.check.hand.lines import HandLine
from derive.check.tex.ranks import listed, rank
from derive.functions import TABLE

if TYPE_CHECKING:
    from derive.check.tex.lexicon import Lexicon
    from derive.check.tex.own import OwnNames
    from derive.check.tex.style import Style

ADD, MULTIPLY, POWER, ATOM = range(4)
Text = tuple[str, int]
_SIGNS = {ast.Lt: "<", ast.LtE: r"\le", ast.Gt: ">", ast.GtE: r"\ge", ast.Eq: "=", ast.NotEq: r"\ne"}
_MACROS = {"sigmoid": r"\sigma", "softplus": r"\zeta", "tanh": r"\tanh", "exp": r"\exp", "log": r"\log", "sin": r"\sin",
           "cos": r"\cos", "tan": r"\tan", "max": r"\max", "maximum": r"\max", "minimum": r"\min"}  # fmt: skip


def tex_line(line: HandLine, left: ast.expr, right: ast.expr, conditions: Sequence[ast.Compare]) -> str:
    """A line in LaTeX.

    Args:
        line: the line as it was read, which knows how its file is written.
        left: its left side.
        right: its right side.
        conditions: where it holds.
    """
    printer = _printer(line)
    behind = "".join(rf", \quad {printer.text(condition)}" for condition in conditions)
    return f"{printer.text(left)} = {printer.text(right)}{behind}"


def tex_words(line: HandLine) -> Callable[[ast.expr], str]:
    """How an expression is written in a sentence about a line of LaTeX."""
    return _printer(line).text


def _printer(line: HandLine) -> Spelling:
    from derive.check.tex.reader import TexLine

    assert isinstance(line, TexLine)
    style = line.reader.style.of_line(line.text)
    return Spelling(line.reader.lexicon, line.reader.own, style, line.reader.subscripts.renamed)


class Spelling:
    """A printer of one file's letters.

    Args:
        lexicon: the model's names.
        own: the person's names.
        style: how the person writes.
        renamed: indices that were called otherwise, as a name of the model hides them.
    """

    def __init__(self, lexicon: Lexicon, own: OwnNames, style: Style, renamed: dict[str, str]) -> None:
        """A printer for one file."""
        self.lexicon, self.own, self.style = lexicon, own, style
        self.written = {new: old for old, new in renamed.items()}

    def text(self, node: ast.expr) -> str:
        """An expression as text."""
        return self.spell(node)[0]

    def within(self, node: ast.expr, least: int) -> str:
        """An expression, in brackets where it binds less tightly than `least`."""
        text, strength = self.spell(node)
        return text if strength >= least else bracketed(text)

    def spell(self, node: ast.expr) -> Text:
        """An expression as text, and how tightly it binds."""
        match node:
            case ast.Constant(value=value):
                return str(value), ATOM
            case ast.Name() | ast.Subscript() if self._variable(node) is not None:
                return self.variable(node, ""), ATOM
            case ast.Attribute() if node.attr != "T":
                return self.variable(node, ""), ATOM
            case ast.Name(id=name):
                return self.symbol(name), ATOM
            case ast.Attribute(value=of):
                return self._transposed(of)
            case ast.Subscript(value=of, slice=at):
                return self._entry(of, listed(at))
            case ast.UnaryOp(op=ast.USub(), operand=of):
                return f"-{self.within(of, MULTIPLY)}", ADD
            case ast.BinOp():
                return self._binary(node)
            case ast.Compare(left=first, ops=signs, comparators=rest):
                more = (f"{_SIGNS[type(sign)]} {self.index(of)}" for sign, of in zip(signs, rest, strict=True))
                return " ".join((self.index(first), *more)), ADD
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(name, arguments, node)
            case ast.Slice(lower=lower, upper=upper):
                return ":".join("" if end is None else self.index(end) for end in (lower, upper)), ATOM
        return ast.unparse(node), ATOM

    def index(self, node: ast.expr) -> str:
        """A subscript, closed up."""
        text = re.sub(r" ([+-]) ", r"\1", self.text(node))
        return re.sub(r"(?<=\d) (?=[a-zA-Z])", "", text)

    def symbol(self, name: str) -> str:
        """An index, a size or the last step."""
        name = self.written.get(name, name)
        if name in self.style.letters:
            return self.style.letters[name]
        if name in self.lexicon.sequences:
            return self.style.letters.get(f"last {name}", name)
        if name in self.lexicon.sizes:
            return self._printed(name)
        match = re.fullmatch(r"([a-z])(\d+)", name)
        return rf"{match[1]}_{{{match[2]}}}" if match else {"inf": r"\infty", "pi": r"\pi"}.get(name, name)

    def _printed(self, name: str) -> str:
        """A name that the person did not write, as derive prints it."""
        letters = self.lexicon.printed[name]
        return letters.array() + (f"_{{{letters.below}}}" if letters.below else "")

    def _variable(self, node: ast.expr) -> tuple[str, list[ast.expr], list[ast.expr]] | None:
        """The name of a variable, its steps and its entries."""
        given: list[ast.expr] = []
        if isinstance(node, ast.Subscript):
            given = listed(node.slice)
            node = node.value
        name = node.id if isinstance(node, ast.Name) else ""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr != "T":
            name = f"{node.value.id}.{node.attr}"
        own = self.own.by_name(name)
        if own is None and name not in self.lexicon.variables:
            return None
        steps = own.steps if own is not None else self.lexicon.steps(name)
        return name, given[:steps], given[steps:]

    def variable(self, node: ast.expr, exponent: str, step: str = "", letter: str = "") -> str:
        """A variable at its steps and entries, with a transpose or the step of a copy above."""
        found = self._variable(node)
        assert found is not None
        name, at, entries = found
        letter = letter or self.style.letters.get(name) or ("L" if name == "loss" else self._printed(name))
        steps = ",".join(map(self.index, at))
        parts = ",".join(map(self.index, entries))
        if self.style.time == "subscript" and not step:
            return _scripted(letter, ",".join(filter(None, (steps, parts))), exponent)
        above = step or (steps and (steps if self.style.time == "bare" else f"({steps})"))
        if parts and "_" in letter:
            return _scripted(f"[{_scripted(letter, '', above)}]", parts, exponent)
        return _scripted(letter, parts, above + (" " if above and exponent[:1].isalpha() else "") + exponent)

    def _transposed(self, of: ast.expr) -> Text:
        sign = self.style.transpose
        if self._variable(of) is not None:
            return self.variable(of, sign), ATOM
        return f"{bracketed(self.text(of))}^{{{sign}}}", ATOM

    def _entry(self, of: ast.expr, at: Sequence[ast.expr]) -> Text:
        match of, at:
            case ast.Call(func=ast.Name(id="onehot"), args=[label]), [index]:
                return rf"\mathbf{{1}}_{{{self.index(index)} = {self.index(label)}}}", ATOM
        return f"{bracketed(self.text(of))}_{{{','.join(map(self.index, at))}}}", ATOM

    def _binary(self, node: ast.BinOp) -> Text:
        match node.op:
            case ast.Add():
                return f"{self.within(node.left, ADD)} + {self.within(node.right, MULTIPLY)}", ADD
            case ast.Sub():
                return f"{self.within(node.left, ADD)} - {self.within(node.right, MULTIPLY)}", ADD
            case ast.Div():
                return rf"\frac{{{self.text(node.left)}}}{{{self.text(node.right)}}}", POWER
            case ast.Pow():
                return self._power(node.left, self.index(node.right)), POWER
            case ast.MatMult():
                return self._beside(node), MULTIPLY
        if self.rank(node.left) and self.rank(node.right):
            left = self.within(node.left, POWER if _is_product(node.left) else MULTIPLY)
            return f"{left} {self.style.elementwise} {self.within(node.right, POWER)}", MULTIPLY
        return self._beside(node), MULTIPLY

    def _power(self, base: ast.expr, exponent: str) -> str:
        """A power; of a letter with a step above in brackets."""
        exponent = rf"\odot {exponent}" if self.rank(base) > 1 else exponent
        found = self._variable(base)
        if found is not None and (self.style.time == "subscript" or not found[1]):
            return self.variable(base, exponent)
        if isinstance(base, ast.Call) and self.text(base).endswith(")"):
            return f"{self.text(base)}^{{{exponent}}}"
        return f"{bracketed(self.text(base))}^{{{exponent}}}"

    def _beside(self, node: ast.BinOp) -> str:
        """Factors side by side; all but the last stand in brackets where they would take in what follows."""
        factors = self._chain(node)
        text = self._factor(factors[0])
        for before, factor in pairwise(factors):
            last = factor is factors[-1]
            more = self.within(factor, POWER) if last else self._factor(factor)
            scalar = not (self.rank(before) and self.rank(factor))
            text += (r" \cdot " if more[:1].isdigit() else r" \, " if scalar else " ") + more
        return text

    def _chain(self, node: ast.expr) -> list[ast.expr]:
        """The factors that stand side by side, without brackets that change nothing."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.MatMult, ast.Mult)) and not self._mixes(node):
            return [*self._chain(node.left), node.right]
        return [node]

    def _factor(self, node: ast.expr) -> str:
        """A factor with another behind it."""
        text, strength = self.spell(node)
        takes = text.startswith((r"\nabla", r"\log", r"\sum", r"\prod"))
        return bracketed(text) if strength < POWER or (takes and strength == ATOM) else text

    def _mixes(self, node: ast.BinOp) -> bool:
        r"""Whether a product holds a sign that binds less tightly than standing side by side."""
        return isinstance(node.op, ast.Mult) and bool(self.rank(node.left) and self.rank(node.right))

    def _call(self, name: str, arguments: Sequence[ast.expr], node: ast.Call) -> Text:
        match name, arguments:
            case "grad", [by]:
                return self._gradient(by, {k.arg: k.value for k in node.keywords}), ATOM
            case "jac", [of, by]:
                at = next((k.value for k in node.keywords if k.arg == "at"), None)
                step = "" if at is None else f"({self.index(at)})"
                return rf"\frac{{\partial {self.text(of)}}}{{\partial {self.variable(by, '', step)}}}", ATOM
            case "outer", [left, right]:
                row = ast.Attribute(self._column(right), "T", ast.Load())
                return self.spell(ast.BinOp(self._column(left), ast.MatMult(), row))
            case "dot", [left, right]:
                row = ast.Attribute(self._column(left), "T", ast.Load())
                return self.spell(ast.BinOp(row, ast.MatMult(), self._column(right)))
            case "sum" | "prod", [body, *spans] if spans:
                signs = " ".join(rf"\{name}{self._under(span)}" for span in spans)
                return f"{signs} {self.within(body, MULTIPLY)}", MULTIPLY
            case "sqrt", [of]:
                return rf"\sqrt{{{self.text(of)}}}", ATOM
            case "abs", [of]:
                return rf"\lvert {self.text(of)} \rvert", ATOM
            case "norm2", [of]:
                return rf"\lVert {self.text(of)} \rVert_2", ATOM
            case "eye", [size]:
                return rf"\mathbf{{I}}_{{{self.index(size)}}}", ATOM
            case "onehot", [label] if self.style.seen["label"]:
                return self.text(label), ATOM
            case "where", [condition, ast.Constant(value=1), ast.Constant(value=0)]:
                return rf"\mathbf{{1}}_{{{self.text(condition)}}}", ATOM
            case "where", [condition, then, otherwise]:
                first = rf"{self.text(then)} & \text{{if }} {self.text(condition)}"
                rest = rf"{self.text(otherwise)} & \text{{otherwise}}"
                return rf"\begin{{cases}} {first} \\ {rest} \end{{cases}}", ATOM
        return self._function(name, arguments)

    def _column(self, node: ast.expr) -> ast.expr:
        """A vector as a column."""
        turned = isinstance(node, ast.Attribute) and node.attr == "T" and self.rank(node) == 1
        return node.value if turned and isinstance(node, ast.Attribute) else node

    def _function(self, name: str, arguments: Sequence[ast.expr]) -> Text:
        spans = arguments[1:] if name not in TABLE and name != "concat" else []
        macro = _MACROS.get(name)
        if macro is None or (name in ("sigmoid", "softplus") and self.lexicon.is_known(macro)):
            macro = rf"\operatorname{{{name.replace('_', chr(92) + '_')}}}"
        of = ", ".join(map(self.text, arguments[: len(arguments) - len(spans)]))
        return macro + "".join(map(self._under, spans)) + bracketed(of), ATOM

    def _under(self, span: ast.expr) -> str:
        if isinstance(span, ast.Tuple) and len(span.elts) == 3:
            index, first, last = map(self.index, span.elts)
            return f"_{{{index}={first}}}^{{{last}}}"
        return f"_{{{self.index(span)}}}"

    def _gradient(self, by: ast.expr, named: dict[str | None, ast.expr]) -> str:
        """The gradient by a variable, as the person writes gradients."""
        of = self.text(named["of"]) if "of" in named else self.style.letters.get("loss", "L")
        step = f"({self.index(named['at'])})" if "at" in named else ""
        found = self._variable(by)
        if found is None:
            return rf"\nabla_{{{self.text(by)}}} {of}"
        name, steps, entries = found
        if self.style.derivative == "delta" and not named:
            return self._delta(name, steps, entries)
        if self.style.derivative == "partial":
            return rf"\frac{{\partial {of}}}{{\partial {self.variable(by, '', step)}}}"
        base = by.value if isinstance(by, ast.Subscript) else by
        whole = by if not entries else _at(base, steps)
        text = rf"\nabla_{{{self.variable(whole, '', step)}}} {of}"
        return f"({text})_{{{','.join(map(self.index, entries))}}}" if entries else text

    def _delta(self, name: str, steps: Sequence[ast.expr], entries: Sequence[ast.expr]) -> str:
        letter = r"\boldsymbol{\delta}" if r"\boldsymbol{\delta}" in self.style.text else r"\delta"
        of = self.lexicon.printed[name]
        script = of.entry() + (f"_{{{of.below}}}" if of.below else "")
        at, parts = ",".join(map(self.index, steps)), ",".join(map(self.index, entries))
        if self.style.time == "subscript":
            return _scripted(letter, ",".join(filter(None, (at, parts))), script)
        text = _scripted(letter, script, f"({at})" if at else "")
        return f"[{text}]_{{{parts}}}" if parts else text

    def rank(self, node: ast.expr) -> int:
        """How many axes an expression has."""
        return rank(node, self._axes)

    def _axes(self, node: ast.expr) -> int | None:
        """How many axes a variable has left; None for what is no variable."""
        found = self._variable(node)
        if found is None:
            return None
        name, _, entries = found
        own = self.own.by_name(name)
        shape = own.shape if own is not None else self.lexicon.shape(name)
        axes = 1 if shape is None else len(shape)
        return max(0, axes - sum(not isinstance(entry, ast.Slice) for entry in entries))


def _at(base: ast.expr, steps: Sequence[ast.expr]) -> ast.expr:
    if not steps:
        return base
    return ast.Subscript(base, steps[0] if len(steps) == 1 else ast.Tuple(list(steps), ast.Load()), ast.Load())


def _is_product(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)


def bracketed(text: str) -> str:
    """A text in brackets of its height."""
    tall = any(sign in text for sign in (r"\frac", r"\sum", r"\prod", r"\begin"))
    return rf"\left( {text} \right)" if tall else f"({text})"


def _scripted(letter: str, below: str, above: str) -> str:
    """A letter with scripts; one that has a subscript of its own shares it."""
    match = re.fullmatch(r"(.*)_\{(.*)\}|(.*)_(\w)", letter)
    if below and match:
        letter, below = match[1] or match[3], f"{match[2] or match[4]},{below}"
    if above and letter.endswith("}") and re.search(r"\^\{[^{}]*\}$", letter):
        letter, _, first = letter[:-1].rpartition("^{")
        above = f"{first},{above}"
    return letter + (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")
