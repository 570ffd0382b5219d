"""`python -m tests.mutants`: each mutant in turn, and which test catches it.

Exit code 1 where one survives or no longer fits its file.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import jinja2  # noqa: F401  what every trial needs is imported before it is forked off
import numpy  # noqa: F401
import rich.console  # noqa: F401
import sympy  # noqa: F401
import typer  # noqa: F401

from tests.mutants import table
from tests.mutants.listed import MUTANTS, PARTS
from tests.mutants.mutant import Mutant
from tests.mutants.runs import tried
from tests.mutants.trial import Outcome


def main(words: Sequence[str]) -> int:
    """Try mutants. Returns the exit code."""
    reader = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    reader.add_argument("--only", action="append", metavar="NAME", help="a mutant, or a part of derive; more than once")
    reader.add_argument("--jobs", type=int, default=1, metavar="N", help="how many at a time")
    reader.add_argument("--json", action="store_true", help="the answer for a program")
    reader.add_argument("--write", action="store_true", help="bring TABLE.md up to date")
    reader.add_argument(
        "--stages", type=int, metavar="N", help="ask the nearest N groups of tests only, for a first look"
    )
    asked = reader.parse_args(words)
    mutants = chosen(asked.only)
    outcomes = tried(mutants, asked.jobs, asked.stages, (lambda _: None) if asked.json else _say)
    if asked.json:
        print(json.dumps([table.as_dict(outcome) for outcome in outcomes], indent=2))
    else:
        print(table.summary(outcomes))
    if asked.write:
        table.write(outcomes)
    return 0 if all(outcome.caught for outcome in outcomes) else 1


def _say(outcome: Outcome) -> None:
    print(table.line(outcome), flush=True)


def chosen(names: Sequence[str] | None) -> tuple[Mutant, ...]:
    """The mutants that are named, by themselves or by their part."""
    if not names:
        return MUTANTS
    unknown = set(names) - set(PARTS) - {mutant.name for mutant in MUTANTS}
    if unknown:
        raise SystemExit(f"no mutant and no part: {', '.join(sorted(unknown))}; parts are {', '.join(PARTS)}")
    return tuple(m for part, own in PARTS.items() for m in own if part in names or m.name in names)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
