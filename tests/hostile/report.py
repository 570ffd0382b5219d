"""What a run over hostile files says: a line for each kind, the slowest, the largest, and every failure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.hostile.workers import Tried

WIDTHS = (8, 11, 8, 9, 11, 9, 10)


@dataclass
class Kind:
    """What came of the files of one kind."""

    count: int = 0
    accepted: int = 0
    checked: int = 0
    failures: int = 0
    seconds: float = 0.0
    longest: float = 0.0
    bytes: int = 0


@dataclass
class Report:
    """What came of all files.

    Attributes:
        out: where failures are written; None for nowhere.
    """

    out: Path | None = None
    kinds: dict[str, Kind] = field(default_factory=dict)
    rules: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    slowest: Tried | None = None
    largest: Tried | None = None

    def add(self, tried: Tried) -> None:
        """One more file."""
        outcome = tried.outcome
        kind = self.kinds.setdefault(outcome.kind, Kind())
        kind.count += 1
        kind.accepted += outcome.verdict == "accepted"
        kind.checked += outcome.verdict == "checked"
        kind.seconds += outcome.seconds
        kind.longest, kind.bytes = max(kind.longest, outcome.seconds), max(kind.bytes, outcome.bytes)
        self.rules.update(outcome.rules)
        if self.slowest is None or outcome.seconds > self.slowest.outcome.seconds:
            self.slowest = tried
        if self.largest is None or outcome.bytes > self.largest.outcome.bytes:
            self.largest = tried
        if outcome.failure:
            kind.failures += 1
            self._keep(tried)

    def _keep(self, tried: Tried) -> None:
        """A failure, written to a file with what went wrong beside it; of one sort no more than five."""
        lines = tried.outcome.failure.strip().splitlines()
        place = [line.strip() for line in lines if line.strip().startswith("File")][-1:]
        sort = " | ".join([re.sub(r"\d+(?=\.\d|\b)", "#", lines[-1])[:120], *place])
        self.failures[sort] += 1
        if self.out is not None and self.failures[sort] <= 5:
            self.out.mkdir(parents=True, exist_ok=True)
            (self.out / f"{tried.number}.{tried.file.name}").write_bytes(tried.file.content)
            (self.out / f"{tried.number}.txt").write_text(tried.outcome.failure, errors="backslashreplace")

    @property
    def count(self) -> int:
        """How many files."""
        return sum(kind.count for kind in self.kinds.values())

    @property
    def ill(self) -> int:
        """How many of them are failures."""
        return sum(kind.failures for kind in self.kinds.values())

    def __str__(self) -> str:
        """The whole report."""
        total, through = self.count, sum(kind.accepted + kind.checked for kind in self.kinds.values())
        titles = zip("files generated judged mean-ms longest-s peak-MB failures".split(), WIDTHS, strict=True)
        head = f"{'kind':28}" + "".join(f"{title:>{width}}" for title, width in titles)
        rows = [
            f"{name:28}{k.count:8}{k.accepted:11}{k.checked:8}{1e3 * k.seconds / k.count:9.0f}{k.longest:11.2f}"
            f"{k.bytes / 1e6:9.0f}{k.failures:10}"
            for name, k in sorted(self.kinds.items())
        ]
        ends = [
            f"{total} files, {through} of them ({through / max(1, total):.0%}) through all stages, {self.ill} failures"
        ]
        if self.slowest is not None and self.largest is not None:
            ends.append(
                f"the longest took {self.slowest.outcome.seconds:.2f} s of the processor: number {self.slowest.number}"
            )
            ends.append(f"the largest held {self.largest.outcome.bytes / 1e6:.0f} MB: number {self.largest.number}")
        ends.append(f"{len(self.rules)} ways to be refused")
        sorts = [f"{count:6}  {sort}" for sort, count in self.failures.most_common()]
        return "\n".join([head, *rows, "", *ends, *([""] if sorts else []), *sorts])
