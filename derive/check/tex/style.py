"""How a person writes: which letters, where the step stands, which sign a gradient has; learned from their file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from derive.check.tex.lexicon import symbol_of
from derive.check.tex.nodes import Accent, Node, flat
from derive.check.tex.syntax import statement
from derive.check.tex.tokens import Unreadable, definitions, marks


@dataclass
class Style:
    """What was seen in one file.

    Attributes:
        text: the file.
        letters: how each name is written, without steps and entries.
        seen: how often each way of writing was used.
    """

    text: str
    letters: dict[str, str] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    def name(self, name: str, letter: Node, below: Sequence[Node], above: Sequence[Node] = ()) -> None:
        """Remember how a name is written the first time."""
        if name not in self.letters:
            scripts = "".join(
                f"{sign}{{{','.join(self._part(part) for part in parts)}}}"
                for sign, parts in (("_", below), ("^", above))
                if parts
            )
            word = self._part(letter)
            # The letters of a word lost their typeface.
            self.letters[name] = (rf"\mathit{{{word}}}" if re.fullmatch("[A-Za-z]{2,}", word) else word) + scripts

    def _part(self, node: Node) -> str:
        written = " ".join(self.text[node.start : node.end].split())
        command = re.match(r"\{?(\\[A-Za-z]+)", written)
        if command and command[1] in self._phrases:
            # What a command of several letters holds stands nowhere by itself.
            return _plain(node)
        return written[1:-1] if written[:1] == "{" and written[-1:] == "}" else written

    @cached_property
    def _phrases(self) -> frozenset[str]:
        """The file's own commands that stand for more than a letter."""
        macros = definitions(self.text)
        return frozenset(name for name, macro in macros.items() if macro.arguments or not _is_letter(macro.body))

    def most(self, *ways: str) -> str:
        """The way that was used most, the first of equals."""
        return max(ways, key=lambda way: (self.seen[way], -ways.index(way)))

    def of_line(self, line: str) -> Style:
        """The style of one line: what it alone says of gradients counts more than the rest of the file."""
        seen = self.seen.copy()
        for way, sign in (("nabla", r"\nabla"), ("partial", r"\partial")):
            seen[way] += len(self.text) * (sign in line)
        return replace(self, seen=seen)

    @property
    def time(self) -> str:
        """Where the step stands: `superscript`, `bare` (without brackets) or `subscript`."""
        return self.most("superscript", "subscript", "bare")

    @property
    def derivative(self) -> str:
        """How a gradient is written."""
        return self.most("nabla", "partial", "delta")

    @property
    def transpose(self) -> str:
        """The sign of a transpose."""
        found = re.search(r"\^\s*\{?[^{}]*?(\\top|\\intercal|\\mathsf\{T\}|\\mathrm\{T\})", self.text)
        if found:
            return found[1]
        return "T" if re.search(r"[\w})]\s*\^\s*\{?\s*T\b", self.text) else r"\top"

    @property
    def elementwise(self) -> str:
        """The sign of a product element by element."""
        return r"\circ" if r"\circ" in self.text and r"\odot" not in self.text else r"\odot"


def _is_letter(body: str) -> bool:
    """Whether what a command stands for is a letter or a word without scripts, in whichever typeface."""
    try:
        symbol = symbol_of(statement(marks(body, 0, len(body), {}))[0])
    except Unreadable:
        return False
    return symbol is not None and not (symbol.below or symbol.above or symbol.primes)


def _plain(node: Node) -> str:
    r"""A letter with its accent, without a typeface: `\hat{y}`."""
    match node:
        case Accent(name=name, of=of) if name != "brace":
            return rf"\{name}{{{_plain(of)}}}"
    return flat(node)
