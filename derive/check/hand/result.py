"""What a check says: a verdict for each line, and one for the whole."""

from __future__ import annotations

import html
import textwrap
from dataclasses import dataclass
from typing import Any, Literal

from derive.errors import printable

REASON = 100  # characters of a reason in the table; the whole of it stands below

Verdict = Literal["right", "wrong", "not understood", "definition"]


@dataclass(frozen=True)
class LineVerdict:
    """What is said of one line.

    Attributes:
        line: its number in the person's file, from 1.
        of: what it is of (`grad(W)`), as the person wrote it.
        verdict: right, wrong, not understood; or a definition, which is neither right nor wrong.
        proved: whether both sides are equal as normalised expressions, rather than at random points alone.
        fault: what is wrong or not understood, in words.
        correct: the corrected line in the person's notation, where one is known.
        text: the line as the person wrote it.
        hint: the mend, in words.
        column: where in the line the fault is, from 1; 0 where it is the whole line.
        width: how many characters are meant.
        where: the parts of the line that are wrong, for who wants no more than that.
        mistakes: what was done wrong, by the names in the table of mistakes.
        brief: the fault in short, where the lines that are at fault say all of it.
        lead: what `correct` is: what the line should be, or what is to be added to a file.
    """

    line: int
    of: str
    verdict: Verdict
    proved: bool = False
    fault: str | None = None
    correct: str | None = None
    text: str = ""
    hint: str = ""
    column: int = 0
    width: int = 1
    where: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()
    brief: str = ""
    lead: str = "it should be"

    @property
    def word(self) -> str:
        """The verdict in one word of the table: `right` is `proved` or `holds`."""
        if self.verdict == "right":
            return "proved" if self.proved else "holds"
        return self.verdict

    def as_dict(self) -> dict[str, Any]:
        """The line for a program."""
        return {
            "line": self.line,
            "of": self.of,
            "verdict": self.verdict,
            "proved": self.proved,
            "fault": self.fault,
            "correct": self.correct,
        }


@dataclass(frozen=True)
class HandReport:
    """What is said of a derivation made by hand.

    Attributes:
        model: the model's name.
        lines: what is said of each line, in the order of the file.
        note: how lines that hold were compared.
        hints: whether only places are said, and not what is wrong there.
    """

    model: str
    lines: tuple[LineVerdict, ...]
    note: str = ""
    hints: bool = False

    @property
    def verdict(self) -> Literal["right", "wrong", "not understood"]:
        """Right where every claim is; wrong where any is; else not understood."""
        found = {line.verdict for line in self.lines}
        if "wrong" in found:
            return "wrong"
        claims = found - {"definition"}
        return "not understood" if "not understood" in found or not claims else "right"

    @property
    def exit_code(self) -> int:
        """0 where every claim is right, 1 where any is wrong, else 2."""
        return {"right": 0, "wrong": 1, "not understood": 2}[self.verdict]

    def json(self) -> dict[str, Any]:
        """The report for a program."""
        lines = [line.as_dict() for line in self.lines if line.verdict != "definition"]
        if self.hints:
            lines = [one | {"fault": None, "correct": None} if one["verdict"] == "wrong" else one for one in lines]
        return {"verdict": self.verdict, "model": self.model, "lines": lines}

    def __str__(self) -> str:
        """The table, then each fault in full with the corrected line."""
        rows = [(str(line.line), line.of, line.word, _short(self._reason(line))) for line in self.lines]
        widths = [max((len(row[n]) for row in rows), default=0) for n in range(3)]
        table = [
            "  ".join((*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3])).rstrip() for row in rows
        ]
        told = [line for line in self.lines if not self.hints or line.verdict == "not understood"]
        once = dict.fromkeys(tuple(_detail(line)) for line in told)  # a function that raises is said to once
        details = [text for detail in once for text in detail]
        return printable("\n".join([*table, *details, *([""] if table else []), self.summary]))

    def _reason(self, line: LineVerdict) -> str:
        if self.hints and line.fault and line.verdict in ("wrong", "definition"):
            return f"look again at {' and at '.join(line.where)}" if line.where else "look here again"
        return line.brief or (line.fault or "").partition("\n")[0]

    @property
    def summary(self) -> str:
        """The last line: how many claims are right, and how they were compared."""
        claims = [line for line in self.lines if line.verdict != "definition"]
        if not claims:
            return f"{self.model}: nothing is claimed here"
        right = [line for line in claims if line.verdict == "right"]
        proved = sum(line.proved for line in right)
        parts = [f"{self.model}: {len(right)} of {len(claims)} right"]
        if proved:
            parts.append(f"{proved} proved")
        if len(right) > proved and self.note:
            parts.append(f"{len(right) - proved} hold {self.note}")
        return ", ".join(parts)

    def _repr_html_(self) -> str:
        colours = {"right": "#1a7f37", "wrong": "#cf222e", "not understood": "#9a6700", "definition": "#57606a"}
        rows = []
        for line in self.lines:
            correct = (
                "" if self.hints or line.brief or not line.correct else f"<br><code>{html.escape(line.correct)}</code>"
            )
            rows.append(
                f"<tr><td>{line.line}</td><td><code>{html.escape(line.text or line.of)}</code></td>"
                f'<td style="color:{colours[line.verdict]}">{line.word}</td>'
                f"<td>{html.escape(self._reason(line))}{correct}</td></tr>"
            )
        head = "<tr><th>line</th><th>claim</th><th>verdict</th><th>reason</th></tr>"
        return f"<table>{head}{''.join(rows)}</table><p>{html.escape(self.summary)}</p>"


def _short(reason: str) -> str:
    return reason if len(reason) <= REASON else textwrap.shorten(reason, REASON, placeholder=" …")


def _detail(line: LineVerdict) -> list[str]:
    """A fault in full: the line, a caret where the place is known, the mend and the corrected line."""
    if line.verdict == "right" or not line.fault or not line.text or line.brief:  # another line says it
        return []
    rows = ["", f"line {line.line}: {line.fault}", f"    {line.text}"]
    if line.column:
        rows.append(f"    {' ' * (line.column - 1)}{'^' * max(1, line.width)}")
    if line.hint:
        rows.append(f"    {line.hint}")
    if line.correct:
        rows.append(f"    {line.lead}: {line.correct}")
    return rows
