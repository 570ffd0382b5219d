"""One small corruption of derive itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Mutant:
    """A piece of source replaced by another, so that one rule is wrong.

    Attributes:
        name: what it is called in the table.
        what: what is wrong then, in a sentence.
        file: the file, from the repository's root.
        old: a piece of its text that stands there once.
        new: what stands there instead.
        first: test files that are asked before the others, where the file's own tests are not the nearest.
    """

    name: str
    what: str
    file: str
    old: str
    new: str
    first: tuple[str, ...] = ()

    def fault(self, source: str) -> str:
        """What keeps it from being applied to the file's text; empty where nothing does."""
        found = source.count(self.old)
        if found != 1:
            return f"{self.file} has what it replaces {found} times, and not once: {self.old!r}"
        if self.old == self.new:
            return "it changes nothing"
        if self.is_code(source):
            try:
                compile(self.applied(source), self.file, "exec")
            except SyntaxError as error:
                return f"what it makes of {self.file} is no Python: {error}"
        return ""

    def is_code(self, source: str) -> bool:
        """Whether its file is Python, as helpers of generated modules are, too."""
        return self.file.endswith(".py") or not ("{{" in source or "{%" in source)

    def applied(self, source: str) -> str:
        """The file's text with the corruption in it."""
        return source.replace(self.old, self.new)

    def source(self, root: Path = ROOT) -> str:
        """The file's text as it is."""
        return (root / self.file).read_text(encoding="utf-8")
