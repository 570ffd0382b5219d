r"""What letters mean: the model's names as they are printed, and as its file spells them; nothing else is known.

`\mathbf{W}_{hh}` is `W_hh` if the model has it; a letter that fits no name is a question to the person, with the names
that come near. `L E J \ell \mathcal{L}` are the loss and `\tau T` the last step, unless the model calls others so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from derive.check.hand.vocabulary import Checkable
from derive.check.tex import nodes
from derive.check.tex.nodes import Node, flat
from derive.check.tex.syntax import statement
from derive.check.tex.tokens import Unreadable, marks
from derive.emit.latex.names import Names
from derive.expressions import AxisKind
from derive.functions import TABLE
from derive.language.symbols import is_sequence
from derive.system import Role, Variable

Key = tuple[str, str, str]
_LOSS = ("L", "E", "J", r"\ell", r"\mathcal{L}", r"\mathcal{J}", r"\mathcal{E}", "loss")
_LAST = (r"\tau", "T")
INDICES = frozenset("ijklmnpqrsuv")


@dataclass(frozen=True)
class Symbol:
    """A symbol taken apart.

    Attributes:
        node: all of it.
        letter: the node of its letter, accent included.
        base: its letter.
        accent: the accent above it, or nothing.
        below: what stands below, between commas.
        above: what stands above.
        primes: how many primes.
    """

    node: Node
    letter: Node
    base: str
    accent: str
    below: tuple[Node, ...]
    above: tuple[Node, ...]
    primes: int = 0


def symbol_of(node: Node) -> Symbol | None:
    """A node as a symbol; None where it is something else."""
    match node:
        case nodes.Scripted(base=nodes.Group(kind="(" | "[", items=(of,)), below=below, above=(), primes=0) if below:
            # [W_{hh}]_{i,j}: brackets part the name's own subscript from those of the entry.
            inner = symbol_of(of)
            if inner is None or not all(isinstance(part, nodes.Group) and part.kind == "(" for part in inner.above):
                return None
            return Symbol(
                node, inner.letter, inner.base, inner.accent, (*inner.below, *below), inner.above, inner.primes
            )
        case nodes.Letter(text=text):
            return Symbol(node, node, text, "", (), ())
        case nodes.Accent(name=name, of=of) if name != "brace":
            inner = symbol_of(of)
            return inner and Symbol(node, node, inner.base, inner.accent + name, inner.below, inner.above, inner.primes)
        case nodes.Scripted(base=base, below=below, above=above, primes=primes):
            inner = symbol_of(base)
            if inner is None:
                return None
            return Symbol(
                node,
                inner.letter,
                inner.base,
                inner.accent,
                (*inner.below, *below),
                (*inner.above, *above),
                inner.primes + primes,
            )
        case nodes.Product(factors=factors):
            # The letters of a word, \mathbf{score}.
            if all(isinstance(factor, nodes.Letter) and factor.text.isalpha() for factor in factors):
                return Symbol(node, node, "".join(map(flat, factors)), "", (), ())
        case nodes.Group(kind="", items=(inner_node,)):
            return symbol_of(inner_node)
    return None


def closed(parts: tuple[Node, ...]) -> str:
    """A name's own subscript without its commas."""
    return "".join(map(flat, parts)).replace(",", "").replace("_", "")


class Lexicon:
    """The names of one model.

    Attributes:
        variables: what the model declares and defines, and the parts that derive names.
        sequences: the names of the lengths of sequences, each with its index.
        sizes: the names of the other sizes.
        bound: the letters that run over steps where the formula is that is being read.
    """

    def __init__(self, model: Checkable) -> None:
        """The names of a model, as they are printed and as its file spells them."""
        system = model.gradient().system
        self.system = system
        self.variables: dict[str, Variable] = {
            v.name: v for v in system.variables if v.role not in (Role.GRAD, Role.START) and "(" not in v.name
        }
        self.variables |= {v.name: v for v in model.system.variables if v.name.isidentifier()}
        self.printed = Names(system)
        names = sorted({s.name for v in system.variables for axis in v.axes for s in axis.size.free_symbols})
        self.sequences = {name: name.lower() for name in names if is_sequence(name)}
        self.sizes = [name for name in names if not is_sequence(name)]
        self.bound: list[str] = []
        self._known: dict[Key, list[str]] = {}
        for name in (*self.variables, *self.sizes):
            self._enter(name)

    def _enter(self, name: str) -> None:
        letters = self.printed[name]
        head, *tail = name.partition(".")[0].split("_")
        spellings = {self.key(letters.array() + (f"_{{{letters.below}}}" if letters.below else ""))}
        if name.isidentifier():
            spellings |= {(name, "", ""), (head, "", "".join(tail))}
        for key in spellings:
            if key is not None:
                self._known.setdefault(key, []).append(name)

    def key(self, tex: str) -> Key | None:
        """What a printed name looks like, without its typeface."""
        try:
            parsed = statement(marks(tex, 0, len(tex), {}))
        except Unreadable:
            return None
        symbol = symbol_of(parsed[0])
        if symbol is None or symbol.above or symbol.primes:
            return None
        return symbol.base, symbol.accent, closed(symbol.below)

    def named(self, symbol: Symbol, count: int) -> str | None:
        """The variable or size that a symbol with the first `count` of its subscripts is.

        Raises:
            Unreadable: there are several.
        """
        if symbol.primes:
            return None
        found = self._known.get((symbol.base, symbol.accent, closed(symbol.below[:count])), [])
        # One that is printed just so is meant before one that is only spelled so.
        found = [name for name in found if self._is_printed(name, symbol, count)] or found
        if len(found) > 1:
            names = " or ".join(found)
            raise Unreadable(f"which one is meant, {names}?", symbol.node.start, symbol.node.end)
        return found[0] if found else None

    def _is_printed(self, name: str, symbol: Symbol, count: int) -> bool:
        letters = self.printed[name]
        key = self.key(letters.array() + (f"_{{{letters.below}}}" if letters.below else ""))
        return key == (symbol.base, symbol.accent, closed(symbol.below[:count]))

    def is_loss(self, symbol: Symbol) -> bool:
        """Whether a symbol is the loss."""
        if "loss" not in self.variables or symbol.base not in _LOSS or symbol.accent or symbol.primes:
            return False
        return (symbol.base == r"\mathcal{L}" or not self.is_known(symbol.base)) and not (symbol.below or symbol.above)

    def is_known(self, base: str) -> bool:
        """Whether a name of the model has this letter, whatever its subscript."""
        return any(key[0] == base for key in self._known)

    def last(self, letter: str) -> str | None:
        """The sequence whose length a letter is."""
        if letter in self.sequences:
            return letter
        if letter in _LAST and (letter, "", "") not in self._known:
            if "T" in self.sequences:
                return "T"
            return next(iter(self.sequences)) if len(self.sequences) == 1 else None
        return None

    def is_step(self, name: str) -> bool:
        """Whether a name is an index over a sequence: `t`, `t1`."""
        return name in self.bound or re.sub(r"\d*$", "", name) in self.sequences.values()

    def steps(self, name: str) -> int:
        """Over how many sequences a variable runs."""
        variable = self.variables.get(name)
        return 0 if variable is None else sum(axis.kind is AxisKind.SEQUENCE for axis in variable.axes)

    def shape(self, name: str) -> tuple[str, ...]:
        """The sizes of a variable's features; of whole numbers the one of their one-hot vector."""
        variable = self.variables.get(name)
        if variable is None:
            return ()
        sizes = tuple(str(axis.size) for axis in variable.axes if axis.kind is AxisKind.FEATURE)
        return (*sizes, str(variable.classes)) if variable.role.is_integer else sizes

    def is_integer(self, name: str) -> bool:
        """Whether a name is data of whole numbers."""
        return name in self.variables and self.variables[name].role.is_integer

    def function(self, symbol: Symbol) -> str | None:
        """The function of the language that a symbol is."""
        name = _FUNCTIONS.get(symbol.base, symbol.base)
        if symbol.accent or (name != symbol.base and self.is_known(symbol.base)):
            return None
        return name if name in TABLE or name in _ARRAYS else None

    def question(self, symbol: Symbol, text: str) -> Unreadable:
        """What is asked of the person where a symbol is no name of the model."""
        names = [name for name in self.variables if name.isidentifier() and name != "loss"]
        letter = symbol.base.strip("\\")[:1].lower()
        near = sorted(names, key=lambda name: name[:1].lower() != letter)
        listed = ", ".join(near[:12]) + (", ..." if len(near) > 12 else "")
        hint = "a name of your own is defined by an equation that begins with it"
        # Steps and transposes above are no part of what is asked for.
        end = max((part.end for part in symbol.below), default=symbol.letter.end)
        missing = max(0, text[: end - symbol.node.start].count("{") - text[: end - symbol.node.start].count("}"))
        end = symbol.node.end if symbol.primes else min(symbol.node.end, end + missing)
        written = text[: end - symbol.node.start]
        return Unreadable(f"which is {written}? the model has {listed}", symbol.node.start, end, hint)


_FUNCTIONS = {
    r"\sigma": "sigmoid",
    r"\zeta": "softplus",
    "ReLU": "relu",
    "sgn": "sign",
    "sigm": "sigmoid",
    "Diag": "diag",
}
_ARRAYS = frozenset("softmax logsoftmax logsumexp dot outer diag eye norm2 sum mean max min concat onehot".split())
