"""How a person writes: which letters, where the step stands, which sign a gradient has; learned from their file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from derive.check.tex.nodes import Node


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
        return written[1:-1] if written[:1] == "{" and written[-1:] == "}" else written

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
