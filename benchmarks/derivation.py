"""How long it takes from equations to code: medians of five, each in a process of its own.

    python benchmarks/derivation.py

Cold: `derive generate MODEL` as a whole process. Warm: reading, deriving and generating once everything is imported.
The made-up system has as many equations as it says: layers of gated units, each with a state of its own.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time

COLD = ("vanilla", "lstm")
MADE_UP = (100, 200, 300)
WARM = """
import sys, time
from derive import pipeline
import derive.emit.numpy.bodies, derive.emit.numpy.module, derive.emit.notation.lines
text = sys.stdin.read()
begin = time.perf_counter()
model = pipeline.parse(text) if text else pipeline.load(sys.argv[1])
model.system; read = time.perf_counter()
model.gradient(); derived = time.perf_counter()
model.generate(); end = time.perf_counter()
print(read - begin, derived - read, end - derived)
"""


def made_up(equations: int) -> str:
    """A model of that many equations: a stack of layers with three each, and a loss."""
    layers = range((equations - 1) // 3)
    names = ", ".join(f"W{n}, U{n}" for n in layers)
    lines = ["x: Input[T, n]", "y: Target[T, n]", f"{names} = Param[n, n]"]
    for n in layers:
        below = f"h{n - 1}[t]" if n else "x[t]"
        lines += [
            f"h{n}[0] = 0",
            f"a{n}[t] = W{n} @ h{n}[t-1] + U{n} @ {below}",
            f"g{n}[t] = sigmoid(a{n}[t])",
            f"h{n}[t] = g{n}[t] * h{n}[t-1] + (1 - g{n}[t]) * tanh(a{n}[t])",
        ]
    last = len(layers) - 1
    return "\n".join([*lines, f"loss = sum(sum((h{last}[t] - y[t])**2), t)"]) + "\n"


def warm(name: str, text: str = "") -> list[float]:
    """Seconds to read, to derive and to generate."""
    found = subprocess.run([sys.executable, "-c", WARM, name], input=text, text=True, capture_output=True, check=True)
    return [float(part) for part in found.stdout.split()]


def cold(name: str) -> list[float]:
    """Seconds of a whole process that writes a module."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "derive", "generate", name, "--out", folder], check=True, capture_output=True
        )
        return [time.perf_counter() - begin]


def row(label: str, runs: list[list[float]]) -> str:
    """A line with the median of each column."""
    return f"{label:<28}" + "".join(f"{statistics.median(column):>10.3f}" for column in zip(*runs, strict=True))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Times from equations to code.")
    parser.add_argument("--runs", type=int, default=5)
    runs = range(parser.parse_args().runs)
    print(f"{'seconds, whole process':<28}{'cold':>10}")
    for name in COLD:
        print(row(f"derive generate {name}", [cold(name) for _ in runs]))
    print(f"{'seconds, imported':<28}{'read':>10}{'derive':>10}{'generate':>10}")
    for name in COLD:
        print(row(name, [warm(name) for _ in runs]))
    for equations in MADE_UP:
        text = made_up(equations)
        print(row(f"made up, {equations} equations", [warm("", text) for _ in runs]))


if __name__ == "__main__":
    main()
