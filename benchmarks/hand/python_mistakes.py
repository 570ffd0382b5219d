"""Mistakes in NumPy code written by hand: how many are caught, how many traced to their line, and how long it takes.

    python -m benchmarks.hand.python_mistakes [PART_OF_A_FILE'S_NAME]

The mistakes are listed by hand in `tests/check/python/mistakes.py`; that they are mistakes is tested there by finite
differences.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import derive
from derive.check.python import check_python
from tests.check.python.mistakes import EXAMPLES, MISTAKES, OTHERS, text_of
from tests.check.python.mistakes_elsewhere import ELSEWHERE


@dataclass(frozen=True)
class Traced:
    """What was said of one file with a mistake.

    Attributes:
        caught: whether it was not called right.
        located: whether the line reported first is one that may be blamed.
        seconds: how long it took.
        text: the file, the line and what was said.
    """

    caught: bool
    located: bool
    seconds: float
    text: str


def traced(part: str = "") -> list[Traced]:
    """What is said of each mistake in the files whose names have a part."""
    models = {name: derive.load(name) for name in sorted({*EXAMPLES.values(), *OTHERS.values()})}
    found = []
    for mistake in (*MISTAKES, *ELSEWHERE):
        if part in mistake.example:
            began = time.perf_counter()
            report = check_python(models[mistake.model], f"{mistake.example}.py", mistake.text)
            seconds = time.perf_counter() - began
            first = report.lines[0]
            text = f"{mistake.example}:{first.line}  {mistake.what}: {first.fault}"
            found.append(Traced(report.verdict != "right", first.line in mistake.lines, seconds, text))
    return found


def main(part: str = "") -> int:
    """Print a line for each mistake, and what they come to; 1 where one is called right, or a right file wrong."""
    right = [
        check_python(derive.load(model), f"{name}.py", text_of(name)).verdict == "right"
        for name, model in (EXAMPLES | OTHERS).items()
    ]
    found = traced(part)
    for one in found:
        mark = "located" if one.located else "caught" if one.caught else "MISSED"
        print(f"{mark:8} {one.seconds:5.1f} s  {one.text}")
    caught, located = sum(one.caught for one in found), sum(one.located for one in found)
    print(
        f"{sum(right)} of {len(right)} right files right; of {len(found)} mistakes {caught} caught, {located} located"
    )
    seconds = [one.seconds for one in found]
    print(f"seconds: mean {sum(seconds) / len(seconds):.1f}, most {max(seconds):.1f}")
    return int(caught < len(found) or not all(right))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
