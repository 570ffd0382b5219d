r"""Subscripts and superscripts: which are steps, which entries, which a transpose or a power.

`h^{(t)}`, `h_t` and `h^t` are at step t; `h_{t,i}` and `h_i^{(t)}` its entry i; `W_{ij}` has two; `h_t^2` is a square.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from derive.check.tex import nodes
from derive.check.tex.lexicon import INDICES, Lexicon, Symbol, symbol_of
from derive.check.tex.nodes import Node, flat
from derive.check.tex.places import Places
from derive.check.tex.style import Style
from derive.check.tex.tokens import Unreadable

_SIGNS: dict[str, ast.operator] = {"+": ast.Add(), "-": ast.Sub()}


class NoSubscript(Unreadable):
    """What stands below or above a letter is no subscript: it may be a part of a name."""


@dataclass
class Scripts:
    """What the scripts of a symbol say.

    Attributes:
        steps: the nodes of its steps.
        entries: those of its entries.
        transposed: whether it is transposed.
        power: its exponent.
        circled: whether the exponent is said to be taken element by element.
    """

    steps: list[Node] = field(default_factory=list)
    entries: list[Node] = field(default_factory=list)
    transposed: bool = False
    power: Node | None = None
    circled: bool = False


class Subscripts:
    """The reader of scripts.

    Args:
        lexicon: the model's names.
        places: of the person's file.
    """

    def __init__(self, lexicon: Lexicon, places: Places) -> None:
        """A reader for one file."""
        self.lexicon, self.places = lexicon, places
        self.style = Style(places.source.text)
        self.renamed: dict[str, str] = {}

    def index(self, node: Node) -> ast.expr:
        """A subscript as a syntax tree: `t+1`, `T`, `i`, `y[t]`.

        Raises:
            Unreadable: it is no subscript.
        """
        return self.places.mark(self._index(node), node.start, node.end)

    def _index(self, node: Node) -> ast.expr:
        match node:
            case nodes.Number(text=text) if text.isdigit():
                return ast.Constant(int(text))
            case nodes.Sum(terms=((sign, first), *rest)):
                total = self.index(first) if sign == "+" else ast.UnaryOp(ast.USub(), self.index(first))
                for sign, term in rest:
                    total = self.places.mark(total, node.start, node.end)
                    total = ast.BinOp(total, _SIGNS[sign], self.index(term))
                return total
            case nodes.Product(factors=(nodes.Number() as number, of)):
                return ast.BinOp(self.index(number), ast.Mult(), self.index(of))
            case nodes.Group(kind="(" | "", items=(inner,)):
                return self._index(inner)
            case nodes.Part(first=first, last=last):
                return ast.Slice(
                    None if first is None else self.index(first), None if last is None else self.index(last)
                )
        symbol = symbol_of(node)
        if symbol is None:
            raise NoSubscript("this is no subscript", node.start, node.end)
        return self._letter(symbol)

    def _letter(self, symbol: Symbol) -> ast.expr:
        node = symbol.node
        if not (symbol.below or symbol.above or symbol.accent or symbol.primes):
            last = self.lexicon.last(symbol.base)
            if last is not None:
                self.style.name(f"last {last}", symbol.letter, ())
                return ast.Name(last, ast.Load())
        name = self.lexicon.named(symbol, len(symbol.below))
        if name is not None and name in self.lexicon.sizes and not symbol.above:
            return ast.Name(name, ast.Load())
        for count in range(len(symbol.below), -1, -1):
            if (name := self.lexicon.named(symbol, count)) and self.lexicon.is_integer(name):
                return self.integer(symbol)
        below = "".join(map(flat, symbol.below))
        word = f"{symbol.base}{below}{'1' * symbol.primes}"
        if not symbol.above and not symbol.accent and re.fullmatch(r"[a-z][0-9]*", word):
            free = self._free(word)
            if free is not None:
                return ast.Name(free, ast.Load())
        raise NoSubscript("this is no subscript", node.start, node.end)

    def _free(self, word: str) -> str | None:
        """An index that no name of the model hides; None where the name is what is meant."""
        if word not in self.lexicon.variables and word not in self.lexicon.sizes:
            return word
        if word[0] not in INDICES:
            return None
        if word not in self.renamed:
            number = 1
            while f"{word[0]}{number}" in self.lexicon.variables or f"{word[0]}{number}" in self.renamed.values():
                number += 1
            self.renamed[word] = f"{word[0]}{number}"
        return self.renamed[word]

    def integer(self, symbol: Symbol) -> ast.expr:
        """Data of whole numbers as a subscript reads them, `y[t]`."""
        for count in range(len(symbol.below), -1, -1):
            name = self.lexicon.named(symbol, count)
            if name is None or not self.lexicon.is_integer(name):
                continue
            scripts = self.distributed(symbol.below[count:], symbol.above, self.lexicon.steps(name), 0, symbol.node)
            if not (scripts.entries or scripts.transposed or scripts.power):
                return self.at(ast.Name(name, ast.Load()), scripts.steps, symbol.node)
        raise NoSubscript("this is no subscript", symbol.node.start, symbol.node.end)

    def at(self, base: ast.expr, subscripts: Sequence[Node], node: Node) -> ast.expr:
        """A variable, or a value, at subscripts."""
        base = self.places.mark(base, node.start, node.end) if not hasattr(base, "lineno") else base
        if not subscripts:
            return base
        return self.places.mark(subscripted(base, [self.index(part) for part in subscripts]), node.start, node.end)

    def is_step(self, node: Node) -> bool:
        """Whether a script can only be a step: it holds an index over a sequence, or an end of one."""
        letters = [part.text for part in nodes.walk(node) if isinstance(part, nodes.Letter)]
        return any(self.lexicon.is_step(letter) or self.lexicon.last(letter) is not None for letter in letters)

    def is_index(self, node: Node) -> bool:
        """Whether a script of a name of the person's own is a subscript, and no part of the name."""
        if isinstance(node, nodes.Group) and node.kind == "(":
            return True
        if isinstance(node, nodes.Number) or flat(node) in (r"\top", "T"):
            return True
        letters = [part.text for part in nodes.walk(node) if isinstance(part, nodes.Letter)]
        known = (
            letter in INDICES or self.lexicon.is_step(letter) or self.lexicon.last(letter) or letter == r"\top"
            for letter in letters
        )
        return bool(letters) and all(known)

    def is_own_index(self, node: Node) -> bool:
        """The same where a letter that is a name of the model's is a part of the person's name."""
        symbol = symbol_of(node)
        bare = symbol is not None and not (symbol.above or symbol.primes) and flat(node) in self.lexicon.variables
        return self.is_index(node) and not bare

    def distributed(self, below: Sequence[Node], above: Sequence[Node], steps: int, rank: int, node: Node) -> Scripts:
        """The scripts of a variable.

        Args:
            below: what stands below, without the name's own subscript.
            above: what stands above.
            steps: over how many sequences the variable runs.
            rank: how many feature axes it has.
            node: the symbol, for messages.

        Raises:
            Unreadable: they do not fit.
        """
        found = Scripts()
        raised = split_above(above)
        lowered = self._split_below(below, steps + rank)
        if steps and lowered and self._begins_with_steps(lowered, raised, steps + rank):
            found.steps, lowered = lowered[:steps], lowered[steps:]
            self.style.seen["subscript"] += 1
        found.entries = lowered
        for part in raised:
            self._raise(part, found, steps)
        if len(found.steps) != steps:
            text = "a value at every step: say at which" if len(found.steps) < steps else "no such steps"
            raise Unreadable(f"{flat(node)[:30]} has {text}", node.start, node.end)
        if len(found.entries) > rank:
            raise Unreadable(
                f"{flat(node)[:30]} has {len(found.entries) - rank} subscripts too many", node.start, node.end
            )
        return found

    def _begins_with_steps(self, lowered: Sequence[Node], raised: Sequence[Node], most: int) -> bool:
        """Whether the steps stand below: nothing above can be one, or nothing else fits."""
        if any(isinstance(part, nodes.Group) and part.kind == "(" for part in raised):
            return False
        first = lowered[0]
        if self.is_step(first) or isinstance(first, nodes.Number) or len(lowered) >= most:
            return True
        return not any(self.is_step(part) and flat(part) != "T" for part in raised)

    def _raise(self, part: Node, found: Scripts, steps: int) -> None:
        waiting = len(found.steps) < steps
        match part:
            case nodes.Letter(text=r"\top"):
                found.transposed = not found.transposed
            case nodes.Letter(text="T") if not waiting:
                found.transposed = not found.transposed
            case nodes.Group(kind="(", items=items) if waiting:
                found.steps += items
                self.style.seen["superscript"] += 1
            case nodes.Circled(of=of):
                found.power, found.circled = of, True
            case _ if waiting and (self.is_step(part) or isinstance(part, nodes.Number)):
                found.steps.append(part)
                self.style.seen["bare"] += 1
            case _ if found.power is None:
                found.power = part
            case _:
                raise Unreadable("this superscript is not understood", part.start, part.end)

    def _split_below(self, below: Sequence[Node], most: int) -> list[Node]:
        """`ij` is i and j where there is room for two."""
        if len(below) == 1 and isinstance(below[0], nodes.Product) and 2 <= len(below[0].factors) <= most:
            if all(self.is_index(factor) and not isinstance(factor, nodes.Number) for factor in below[0].factors):
                return list(below[0].factors)
        return list(below)


def split_above(above: Sequence[Node]) -> list[Node]:
    r"""`(t)\top` is two: a step and a transpose."""
    found: list[Node] = []
    for part in above:
        if isinstance(part, nodes.Product):
            *first, last = part.factors
            if isinstance(first[0], nodes.Group) or (isinstance(last, nodes.Letter) and last.text == r"\top"):
                rest = first[0] if len(first) == 1 else nodes.Product(part.start, first[-1].end, tuple(first))
                found += [rest, last]
                continue
        found.append(part)
    return found


def subscripted(base: ast.expr, subscripts: Sequence[ast.expr]) -> ast.expr:
    """`base[a, b]`."""
    inner = subscripts[0] if len(subscripts) == 1 else ast.Tuple(list(subscripts), ast.Load())
    return ast.Subscript(base, inner, ast.Load())
