"""Time against the length of sequences and against width, drawn with matplotlib."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from derive.bench.growth import Growth
from derive.bench.report import FLOORS, GRADIENT, LOSS
from derive.errors import DeriveError, Fault
from derive.files import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LOOKS = {LOSS: ("C1", "o-"), GRADIENT: ("C0", "o-"), FLOORS[GRADIENT]: ("0.5", "o--")}


def check_plot(path: Path) -> None:
    """Say beforehand what would fail after the work before it.

    Raises:
        DeriveError: matplotlib is not there, or the file's name names no kind of picture.
        OSError: there is no such folder.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        hint = "python -m pip install matplotlib"
        raise DeriveError(Fault("--plot draws with matplotlib, which is not installed", hint=hint)) from None
    if path.suffix not in (".svg", ".png", ".pdf"):
        raise DeriveError(Fault(f"--plot {path}: which kind of picture?", hint="call it NAME.svg, .png or .pdf"))
    if not path.resolve().parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))


def draw(title: str, found: Sequence[tuple[Mapping[str, int], Sequence[Growth]]], path: Path) -> None:
    """Draw a row for each choice of sizes, a picture for each size that grows, both axes by powers.

    Args:
        title: what was measured.
        found: the sizes in the middle, and how time grew from there.
        path: where it goes.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, LogLocator

    wide = max(len(growths) for _, growths in found)
    figure = Figure(figsize=(4.8 * wide, 3.8 * len(found)), layout="constrained")
    figure.suptitle(title)
    grid = figure.subplots(len(found), wide, squeeze=False)
    for row, (sizes, growths) in zip(grid, found, strict=True):
        for axes, growth in zip(row, growths, strict=False):
            for name, (colour, line) in _LOOKS.items():
                spreads = growth.seconds(name)
                if not all(spread.median > 0 for spread in spreads):
                    continue
                told = f"{name}: {growth.label.partition(',')[0]}^{growth.exponent(name):.2f}"
                middle = [1e3 * spread.median for spread in spreads]
                axes.plot(growth.values, middle, line, color=colour, label=told, markersize=3.5)
                bounds = ([1e3 * spread.low for spread in spreads], [1e3 * spread.high for spread in spreads])
                axes.fill_between(growth.values, *bounds, color=colour, alpha=0.2)
            others = ", ".join(f"{name}={size}" for name, size in sizes.items() if name not in growth.names)
            axes.set(xscale="log", yscale="log", xlabel=growth.label, ylabel="ms")
            axes.set_title(others, fontsize="small")
            axes.set_xticks(growth.values, [str(value) for value in growth.values])
            # A picture that spans less than a power of ten has numbers beside it, too.
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.minorticks_off()
            axes.legend(fontsize="small")
            axes.grid(alpha=0.3)
        for axes in row[len(growths) :]:
            axes.remove()
    save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write a picture, whole or not at all; the ending of its name says of which kind."""
    made = io.BytesIO()
    figure.savefig(made, format=path.suffix[1:])
    write_whole(path, made.getvalue())
