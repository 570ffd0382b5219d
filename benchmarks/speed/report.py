"""What was measured, for people: a problem's lines as they come, and `RESULTS.md` with its plot."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Iterator
from pathlib import Path

from benchmarks.speed.problems import READ
from benchmarks.speed.results import Result
from benchmarks.speed.rivals import FLOOR, OURS, RIVALS

ABOUT = f"""# Speed, side by side

Written by `python -m benchmarks.speed`; do not edit. Time of the loss and all of its gradients: derive's generated
NumPy next to what one would write instead.

- Numbers are **ratios of a rival's time to that of derive's `fast` module**: above 1, derive is faster. In the last
  column it is derive's time to that of the same matrix products alone. In brackets: the quartiles over all rounds.
- All rivals of a row run in one process and take turns, in an order drawn anew each round; each ratio is taken within a
  round, and the median of all rounds is shown. A turn of short calls begins with one that is not counted. Every library
  has the same threads. Compiling is not counted; it stands in a table of its own.
- Before it is timed, each rival's loss and gradients are compared with derive's: to 1e-3 of the largest entry in
  float32, 1e-8 in float64.
- Rivals are written as well as their users would: products of inputs stand before the loop, gates side by side in one
  product. Only the NumPy loop is the textbook's, step by step. `torch.compile` unrolls 25 steps at a time; it is
  measured in float32 only.
- ✓ and ✗: a goal met or missed. A shared machine is noisy: where the quartiles are far apart, so is the truth. Where
  others use the cores too, `--threads 1` is steadier.
- Sizes are (T, B, n_x, n_h, n_y). The attention decoder writes T words and reads {READ}; all of its widths are n_h.
  `gru_v2` is the GRU that PyTorch has, whose reset gate acts after the recurrent product.
"""


def told(result: Result) -> str:
    """A problem's lines, as they come."""
    problem = result.problem
    lines = [f"\n{problem.model} {problem.sizes} {problem.dtype}, {result.rounds} rounds"]
    for name in result.rivals:
        line = f"  {RIVALS[name].title:20} {1e3 * result.seconds(name):10.3f} ms"
        if name != OURS:
            spread = result.ratio(name)
            line += (
                f"   {spread.median:6.2f}  ({spread.low:.2f}-{spread.high:.2f})  {_judged(result, name, words=True)}"
            )
        lines.append(line.rstrip())
    lines += [f"  {RIVALS[name].title:20} {why}" for name, why in {**result.absent, **result.wrong}.items()]
    return "\n".join(lines)


def write(path: Path, results: list[Result]) -> None:
    """The report, and its plot beside it where matplotlib is installed."""
    results = sorted(results, key=_order)
    picture = path.with_suffix(".svg")
    try:
        from benchmarks.speed import plot
    except ImportError:
        drawn = ""
    else:
        plot.draw(picture, results)
        drawn = f"\n![Time of each rival, relative to derive's]({picture.name})\n"
    parts = [ABOUT, _machine(results), drawn, _goals(results)]
    for dtype in ("float32", "float64"):
        some = [result for result in results if result.problem.dtype == dtype]
        if some:
            parts += [f"\n## {dtype}\n", *_tables(some)]
    parts += ["\n## Compiling, and the first call\n", _first(results), _absent(results)]
    path.write_text("\n".join(part.strip("\n") + "\n" for part in parts if part))


def _order(result: Result) -> tuple[int, ...]:
    from benchmarks.speed.cells import CELLS
    from benchmarks.speed.problems import SIZES

    problem = result.problem
    return list(CELLS).index(problem.model), SIZES.index(problem.sizes) if problem.sizes in SIZES else len(SIZES)


def _machine(results: list[Result]) -> str:
    """Where and when."""
    names = [line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")]
    threads = sorted({result.raw["threads"] for result in results})
    versions = ", ".join(f"{name} {number}" for name, number in results[-1].raw["versions"].items())
    return (
        f"Machine: {names[0] if names else platform.processor()}, {os.cpu_count()} cores, {platform.system()}; "
        f"threads: {', '.join(map(str, threads))}. {versions}. {datetime.date.today().isoformat()}."
    )


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def _judged(result: Result, rival: str, words: bool = False) -> str:
    goal = result.goal(rival)
    if goal is None:
        return ""
    sign = "✓" if goal.met(result.ratio(rival).median) else "✗"
    return f"{sign} {goal}" if words else sign


def _goals(results: list[Result]) -> str:
    """How many goals are met, and which are not."""
    judged = [(result, rival, result.goal(rival)) for result in results for rival in result.rivals if rival != OURS]
    wanted = [(result, rival, goal) for result, rival, goal in judged if goal is not None]
    missed = [(r, rival, goal) for r, rival, goal in wanted if not goal.met(r.ratio(rival).median)]
    lines = [f"\n## Goals: {len(wanted) - len(missed)} of {len(wanted)} met\n"]
    if missed:
        rows = ([*_names(r), RIVALS[rival].title, str(goal), _spelled(r, rival)] for r, rival, goal in missed)
        lines += _table(["missed", "sizes", "", "against", "wanted", "found"], rows)
    return "\n".join(lines)


def _names(result: Result) -> list[str]:
    return [result.problem.model, str(result.problem.sizes), result.problem.dtype]


def _spelled(result: Result, rival: str) -> str:
    spread = result.ratio(rival)
    return f"{spread.median:.2f} ({spread.low:.2f}-{spread.high:.2f})"


def _tables(results: list[Result]) -> Iterator[str]:
    """A table for each cell."""
    for cell in dict.fromkeys(result.problem.model for result in results):
        some = [result for result in results if result.problem.model == cell]
        rivals = [name for name in RIVALS if name != OURS and any(name in result.rivals for result in some)]
        rows = (
            [str(r.problem.sizes), f"{1e3 * r.seconds(OURS):.2f}", *(_cell(r, name) for name in rivals)] for r in some
        )
        titles = [RIVALS[name].title if name != FLOOR else f"ours to {RIVALS[name].title}" for name in rivals]
        yield "\n".join([f"\n### {cell}\n", *_table(["sizes", "derive, ms", *titles], rows)])


def _cell(result: Result, rival: str) -> str:
    if rival not in result.rivals:
        return "-"
    return f"{_spelled(result, rival)} {_judged(result, rival)}".strip()


def _first(results: list[Result]) -> str:
    """Seconds of the first call of those that compile."""
    compilers = [name for name in ("jax", "torch_compile") if any(name in result.rivals for result in results)]
    rows = (
        [
            " ".join(_names(r)),
            *(f"{r.first(name):.1f}" if name in r.rivals else "-" for name in (OURS, *compilers)),
        ]
        for r in results
    )
    return "\n".join(_table(["seconds", *(RIVALS[name].title for name in (OURS, *compilers))], rows))


def _absent(results: list[Result]) -> str:
    """What is not in the tables, and why."""
    found: dict[tuple[str, str], list[str]] = {}
    for result in results:
        for name, why in {**result.absent, **result.wrong}.items():
            found.setdefault((RIVALS[name].title, why), []).append(f"{result.problem.model} {result.problem.sizes}")
    lines = []
    for (title, why), where in found.items():
        cells = list(dict.fromkeys(one.split(" ")[0] for one in where))
        lines.append(f"- {title}: {why} ({', '.join(cells if why == 'it has no such layer' else where)})")
    return "\n".join(["\nNot there:\n", *lines]) if lines else ""


def _table(head: list[str], rows: Iterator[list[str]]) -> list[str]:
    def line(entries: list[str]) -> str:
        return f"| {' | '.join(entries)} |"

    return [line(head), line(["---", *["---:"] * (len(head) - 1)]), *map(line, rows)]
