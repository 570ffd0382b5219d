"""`derive bench`: what a model's gradient takes, as tables: products, multiply-adds, memory, time, growth."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from derive.cli.models import load
from derive.cli.outcome import Exit, print_json
from derive.errors import DeriveError, Fault

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from derive.bench.cost import Cost
    from derive.bench.growth import Growth
    from derive.bench.report import Bench
    from derive.bench.sizes import Known
    from derive.bench.timing import Spread
    from derive.pipeline import Model

WIDEST = 1000  # a table takes the width that it needs: a formula cut off says nothing
_PASSES = ("forward", "backward")


def bench_model(
    name: str, sizes: Sequence[str], dtype: str, style: str, seconds: float, plot: Path | None, as_json: bool
) -> int:
    """Measure a model at each of these sizes; `help` among them prints what sizes it has instead."""
    from derive.bench.cost import Cost
    from derive.bench.report import bench
    from derive.bench.sizes import Known, complete, parse, swept
    from derive.calculus.batch import add_batch

    model = load(name)
    known = Known.of(add_batch(model.system))
    if "help" in sizes:
        return _print_sizes(model, known, as_json)
    if plot is not None:
        from derive.bench.plot import check_plot

        check_plot(plot)
        if not swept(model.system, known):
            raise DeriveError(Fault(f"{name} has no size for times to grow with", hint="leave out --plot"))
    cost = Cost(model.programs(style))
    named = [parse(text, known) for text in sizes] or [{}]
    whole = [complete(given, known, cost) for given in named]
    found: list[tuple[Bench, list[Growth]]] = []
    for given, here in zip(named, whole, strict=True):
        chosen = tuple(size for size in here if size not in given)
        report = bench(model, here, chosen=chosen, dtype=dtype, style=style, seconds=seconds, cost=cost)
        found.append((report, _grown(model, report, known, cost, seconds) if plot is not None else []))
        if not as_json:
            _print(*found[-1])
    if plot is not None:
        from derive.bench.plot import draw

        draw(f"{model.name}, {style}, {dtype}", [(report.sizes, growths) for report, growths in found], plot)
    if as_json:
        rows = [{**report.as_dict(), "growth": [growth.as_dict() for growth in grown]} for report, grown in found]
        print_json({"model": model.name, **_machine(), "plot": str(plot) if plot else None, "reports": rows})
    elif plot is not None:
        print(f"{plot}  written")
    return Exit.HOLDS


def _grown(model: Model, report: Bench, known: Known, cost: Cost, seconds: float) -> list[Growth]:
    from derive.bench.growth import grow
    from derive.bench.sizes import swept

    least = max((steps for steps, _ in known.least.values()), default=1)
    return [
        grow(model, report.sizes, names, cost, least=least, dtype=report.dtype, style=report.style, seconds=seconds)
        for names in swept(model.system, known)
    ]


def _machine() -> dict[str, object]:
    """What times depend on besides the model."""
    import platform

    import numpy as np

    threads = os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS")
    return {
        "numpy": np.__version__,
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "threads": int(threads) if threads and threads.isdigit() else None,
    }


def _print_sizes(model: Model, known: Known, as_json: bool) -> int:
    """The sizes that a model has, what each counts, and what it is where nobody names it."""
    usual = known.usual()
    if as_json:
        rows = {n: {"counts": kind.value, "usual": usual[n]} for n, kind in known.kinds.items()}
        print_json({"model": model.name, "sizes": rows})
        return Exit.HOLDS
    counts = {"sequence": "steps", "batch": "examples", "feature": "entries"}
    width = max(map(len, usual), default=0)
    print(f"{model.name} has the sizes")
    for name, kind in known.kinds.items():
        print(f"  {name:<{width}}  {counts[kind.value]:<8}  {usual[name]} where it is not given")
    print(f"derive bench {model.name} --sizes {known.told()}")
    return Exit.HOLDS


def _print(report: Bench, growths: Iterable[Growth]) -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True, width=WIDEST)
    sizes = ", ".join(f"{name} = {size}" for name, size in report.sizes.items())
    machine = _machine()
    threads = machine["threads"]
    power = f"{threads} thread{'' if threads == 1 else 's'}" if threads else f"{machine['cpus']} CPUs"
    console.print(f"{report.model}, {report.style}, {report.dtype}, NumPy {machine['numpy']}, {power}: {sizes}")
    if report.chosen:
        console.print(f"not given, so chosen: {', '.join(report.chosen)}; others: --sizes NAME=NUMBER,...")
    console.print()
    console.print(_products(report))
    _print_work(console, report)
    _print_memory(console, report)
    for table in (_times(report), *map(_growth, growths)):
        console.print()
        console.print(table)


def _table(titles: Sequence[str], left: Sequence[str]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for title in titles:
        table.add_column(title, no_wrap=True, justify="left" if title in left else "right")
    return table


def _products(report: Bench) -> Table:
    """The products of `loss_and_grad`: those of each step, and those that run once."""
    from derive.bench.numbers import spell

    titles = ("products", "runs", "(m x k)(k x n)", "times", "multiply-adds")
    table = _table(titles, ("products", "runs", "(m x k)(k x n)"))
    for place in _PASSES:
        for one in report.cost.products[place]:
            loops = ", ".join(loop.index.name for loop in one.loops)
            _, m, k, n = (spell(length).replace(" * ", "*") for length in one.shape)
            table.add_row(
                one.text,
                f"{place}, {f'each {loops}' if loops else 'at once'}",
                f"({m} x {k})({k} x {n})" if one.is_matrix else "entry by entry",
                f"{report.numbers(one.times):,}",
                f"{report.numbers(one.multiply_adds):,}",
            )
    return table


def _print_work(console: Console, report: Bench) -> None:
    from derive.bench.numbers import spell
    from derive.bench.report import GRADIENT, LOSS

    console.print("\nmultiply-adds of all products")
    for name, formula in ((LOSS, report.cost.loss), (GRADIENT, report.cost.loss_and_grad)):
        console.print(f"  {name:<13}  {spell(formula)} = {report.work[name]:,}")


def _print_memory(console: Console, report: Bench) -> None:
    console.print("\nkept for the backward pass")
    for line in str(report.memory).splitlines():
        console.print(f"  {line}")
    first, again = report.peaks
    told = f"loss_and_grad has {first:,} bytes of arrays at most"
    if report.reuses:
        told += f"; called again it makes {again:,} bytes of new ones, all others are there"
    console.print(f"  {told}")


def _times(report: Bench) -> Table:
    """The times of both functions, beside those of their products alone."""
    from derive.bench.report import GRADIENT, LOSS

    titles = (f"{len(report.times)} runs each", "ms", "GFLOP/s", "products alone, ms", "GFLOP/s", "ratio")
    table = _table(titles, titles[:1])
    for name in (LOSS, GRADIENT):
        seconds, alone, ratio = report.seconds(name), report.floor(name), report.ratio(name)
        rate = f"{report.rate(name, seconds):.1f}" if alone else ""
        floor = (_spread(alone, 1e3), f"{report.rate(name, alone):.1f}") if alone else ("none", "")
        table.add_row(name, _spread(seconds, 1e3), rate, *floor, _spread(ratio, 1) if ratio else "")
    return table


def _growth(growth: Growth) -> Table:
    """Times at each size, and the power of the size that they grow with."""
    from derive.bench.report import FLOORS, GRADIENT, LOSS

    names = (LOSS, GRADIENT, FLOORS[GRADIENT])
    table = _table((growth.label, *(f"{name}, ms" for name in names)), ())
    for place, value in enumerate(growth.values):
        table.add_row(str(value), *(_spread(growth.seconds(name)[place], 1e3) for name in names))
    first = growth.names[0]
    table.add_row("grows as", *(f"{first}^{growth.exponent(name):.2f}" for name in names))
    return table


def _spread(spread: Spread, unit: float) -> str:
    """A median with its quartiles, in three digits."""
    return f"{_digits(unit * spread.median)} ({_digits(unit * spread.low)}-{_digits(unit * spread.high)})"


def _digits(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
