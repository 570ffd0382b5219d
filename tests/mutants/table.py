"""The table of mutants: which test catches which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.mutants.listed import PARTS
from tests.mutants.trial import Outcome

MISSING = "**not caught**"
PATH = Path(__file__).with_name("TABLE.md")
_HEAD = """# Mutants

Each line is a small corruption of derive's own rules, put into a copy of the repository, and the first test that fails
with it. A test counts only where it passes with a comment added to the files, so that what notices any change (the
hashes in `generated/`) counts for nothing. Made by `python -m tests.mutants --write`.
"""


def line(outcome: Outcome) -> str:
    """An outcome on the terminal."""
    said = outcome.fault or outcome.test or "SURVIVES"
    return f"{outcome.mutant.name:40} {outcome.seconds:6.1f} s  {said}"


def summary(outcomes: Sequence[Outcome]) -> str:
    """How many are caught."""
    caught = sum(outcome.caught for outcome in outcomes)
    return f"{caught} of {len(outcomes)} caught in {sum(outcome.seconds for outcome in outcomes):.0f} s"


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """An outcome for a program."""
    mutant = outcome.mutant
    said = {"mutant": mutant.name, "what": mutant.what, "file": mutant.file, "caught": outcome.caught}
    return said | {"test": outcome.test, "seconds": round(outcome.seconds, 1), "fault": outcome.fault}


def text(outcomes: Sequence[Outcome], before: str = "") -> str:
    """All of them as Markdown, part by part.

    Args:
        outcomes: what was tried.
        before: a table, of which the rows of other mutants stay.
    """
    said = caught_by(before)
    said |= {o.mutant.name: f"`{_cell(o.test)}`" if o.caught else MISSING for o in outcomes}
    rows = [(part, mutant, said.get(_cell(mutant.name), MISSING)) for part, own in PARTS.items() for mutant in own]
    caught = sum(test != MISSING for _, _, test in rows)
    found = [_HEAD, f"{caught} of {len(rows)} are caught."]
    for part in PARTS:
        found.append(f"\n## {part[0].upper()}{part[1:]}\n\n| mutant | what is wrong | caught by |\n| --- | --- | --- |")
        for own, mutant, test in rows:
            if own == part:
                found.append(f"| {_cell(mutant.name)} | `{mutant.file}`: {_cell(mutant.what)} | {test} |")
    return "\n".join(found) + "\n"


def caught_by(written: str) -> dict[str, str]:
    """Of a table, the last cell of each mutant's row."""
    rows = [re.split(r"(?<!\\) ?\| ?", line) for line in written.splitlines() if line.startswith("| ")]
    return {row[1]: row[3] for row in rows if row[1] not in ("mutant", "---")}


def write(outcomes: Sequence[Outcome]) -> None:
    """Bring the table up to date; rows of mutants that were not tried stay as they are."""
    before = PATH.read_text(encoding="utf-8") if PATH.is_file() else ""
    PATH.write_text(text(outcomes, before), encoding="utf-8")


def _cell(words: str) -> str:
    return words.replace("|", "\\|").replace("\n", " ")
