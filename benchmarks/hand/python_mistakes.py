"""Mistakes in NumPy code written by hand: how many are caught, how many traced to their line, and how long it takes.

    python -m benchmarks.hand.python_mistakes [PART_OF_A_FILE'S_NAME]

The mistakes are listed by hand in `tests/check/python/mistakes.py`; that they are mistakes is tested there by finite
differences.
"""

from __future__ import annotations

import sys
import time

import derive
from derive.check.python import check_python
from tests.check.python.mistakes import EXAMPLES, FOLDER, MISTAKES


def main(part: str = "") -> int:
    """Print a line for each mistake, and what they come to; 1 where one is called right, or a right file wrong."""
    models = {name: derive.load(name) for name in sorted(set(EXAMPLES.values()))}
    chosen = [mistake for mistake in MISTAKES if part in mistake.example]
    right = [
        check_python(models[model], f"{name}.py", (FOLDER / f"{name}.py").read_text()).verdict == "right"
        for name, model in EXAMPLES.items()
    ]
    caught = located = 0
    times = []
    for mistake in chosen:
        began = time.perf_counter()
        report = check_python(models[mistake.model], f"{mistake.example}.py", mistake.text)
        times.append(time.perf_counter() - began)
        first = report.lines[0]
        caught += report.verdict != "right"
        located += first.line in mistake.lines
        mark = "located" if first.line in mistake.lines else "caught" if report.verdict != "right" else "MISSED"
        print(f"{mark:8} {times[-1]:5.1f} s  {mistake.example}:{first.line}  {mistake.what}: {first.fault}")
    print(
        f"{sum(right)} of {len(right)} right files right; of {len(chosen)} mistakes {caught} caught, {located} located"
    )
    print(f"seconds: mean {sum(times) / len(times):.1f}, most {max(times):.1f}")
    return int(caught < len(chosen) or not all(right))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
