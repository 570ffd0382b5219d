"""`python -m tests.hostile`: many hostile files, one after another; 1 where any of them did what none may."""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from pathlib import Path

from tests.hostile import workers
from tests.hostile.kinds import file
from tests.hostile.report import Report


def main() -> int:
    """Try files, and say what came of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--files", type=int, default=1_000)
    parser.add_argument("--from", dest="first", type=int, default=0, help="the number of the first file")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--out", type=Path, help="a folder for files that fail")
    parser.add_argument("--show", action="store_true", help="print the first file, and try nothing")
    parser.add_argument("--rules", action="store_true", help="print how often each rule refused one")
    asked = parser.parse_args()
    if asked.show:
        sys.stdout.buffer.write(file(asked.seed, asked.first).content)
        return 0
    if asked.out is not None:
        asked.out.mkdir(parents=True, exist_ok=True)
    report = Report(asked.out)
    numbers = iter(range(asked.first, asked.first + asked.files))
    until = time.monotonic() + 60 * asked.minutes
    for count, tried in zip(itertools.count(1), workers.run(asked.seed, numbers, asked.jobs, until), strict=False):
        report.add(tried)
        if asked.out is not None and count % 1_000 == 0:
            (asked.out / "report.txt").write_text(f"{report}\n")
    print(report)
    if asked.rules:
        print("\n".join(f"{count:6}  {rule}" for rule, count in report.rules.most_common()))
    if asked.out is not None:
        (asked.out / "report.txt").write_text(f"{report}\n")
    return 1 if report.ill else 0


if __name__ == "__main__":
    sys.exit(main())
