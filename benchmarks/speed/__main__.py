"""The command: each problem in a process of its own, then the report.

Examples:
    python -m benchmarks.speed                                     all of it, into benchmarks/RESULTS.md
    python -m benchmarks.speed --cells vanilla --sizes 2 --quick   a first look
    python -m benchmarks.speed --json runs.json                    goes on where the file ends
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.speed import report
from benchmarks.speed.cells import CELLS
from benchmarks.speed.problems import DOUBLE, SIZES
from benchmarks.speed.results import Result
from benchmarks.speed.rivals import RIVALS

ROOT = Path(__file__).resolve().parent.parent.parent
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
# What takes many seconds to compile is no part of a first look, and measured in one precision only.
SLOW = ("torch_compile",)
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def chosen(text: str, known: tuple[str, ...]) -> list[str]:
    """Names with commas between."""
    names = text.split(",") if text else list(known)
    for name in names:
        if name not in known:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(known)}")
    return names


def arguments() -> argparse.Namespace:
    """What the command line says."""
    numbers = tuple(str(number + 1) for number in range(len(SIZES)))
    listed = "; ".join(f"{number} is {sizes}" for number, sizes in zip(numbers, SIZES, strict=True))
    parser = argparse.ArgumentParser(
        "python -m benchmarks.speed", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )

    def choose(option: str, known: tuple[str, ...], what: str) -> None:
        parser.add_argument(option, type=lambda text: chosen(text, known), default=None, help=what)

    choose("--cells", tuple(CELLS), f"with commas between: {', '.join(CELLS)}")
    choose("--sizes", numbers, f"numbers of (T, B, n_x, n_h, n_y): {listed}")
    choose("--rivals", tuple(RIVALS), f"with commas between: {', '.join(RIVALS)}")
    choose("--dtypes", ("float32", "float64"), "float32, at all sizes; float64, at two of them")
    parser.add_argument("--seconds", type=float, default=6.0, help="of a problem's rounds; three rounds at least")
    parser.add_argument("--limit", type=float, default=90.0, help="seconds that a first call may compile")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="of every library")
    parser.add_argument("--quick", action="store_true", help=f"a second each, and without {', '.join(SLOW)}")
    parser.add_argument("--json", type=Path, help="keep every problem's times there; what it has is not run again")
    parser.add_argument("--out", type=Path, help="write the report there; the whole run writes benchmarks/RESULTS.md")
    return parser.parse_args()


def asked(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """What each process is told."""
    sizes = [SIZES[int(number) - 1] for number in options.sizes] if options.sizes else SIZES
    for cell in options.cells or CELLS:
        for dtype in options.dtypes or ("float32", "float64"):
            left_out = SLOW if options.quick or dtype == "float64" else ()
            rivals = options.rivals or [name for name in RIVALS if name not in left_out]
            for one in sizes:
                if dtype == "float64" and one not in DOUBLE:
                    continue
                yield {
                    "cell": cell,
                    "sizes": [one.T, one.B, one.n_x, one.n_h, one.n_y],
                    "dtype": dtype,
                    "rivals": rivals,
                    "seconds": 1.0 if options.quick else options.seconds,
                    "limit": options.limit,
                    "threads": options.threads,
                }


def run(task: dict[str, Any], folder: str) -> Result | None:
    """One problem; None where its process failed, which has said why."""
    environment = os.environ | dict.fromkeys(THREADS, str(task["threads"]))
    # What torch.compile remembers from an earlier run would hide what it takes.
    environment |= {"JAX_PLATFORMS": "cpu", "TORCHINDUCTOR_CACHE_DIR": folder, "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "benchmarks.speed.measure", json.dumps(task)]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    return Result(json.loads(done.stdout.splitlines()[-1])) if done.returncode == 0 else None


def key(task: dict[str, Any]) -> tuple[Any, ...]:
    """What tells one problem from another."""
    return task["cell"], tuple(task["sizes"]), task["dtype"], task["threads"]


def main() -> int:
    """Measure, print and write; 1 where a rival's gradients are not derive's, or a process failed."""
    options = arguments()
    # Children inherit it: no library then sees more cores than it may have.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    kept = json.loads(options.json.read_text()) if options.json and options.json.exists() else []
    results = [Result(raw) for raw in kept]
    known = {key(raw) for raw in kept}
    failed, begin = 0, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for task in asked(options):
            if key(task) in known:
                continue
            result = run(task, folder)
            if result is None:
                failed += 1
                continue
            print(report.told(result), flush=True)
            results.append(result)
            if options.json:
                options.json.write_text(json.dumps([one.raw for one in results]))
    print(f"{time.perf_counter() - begin:.0f} s")
    whole = not (options.cells or options.sizes or options.rivals or options.dtypes or options.quick)
    out = options.out or (RESULTS if whole else None)
    if out and results:
        report.write(out, results)
        print(f"wrote {out}")
    return 1 if failed or any(result.wrong for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
