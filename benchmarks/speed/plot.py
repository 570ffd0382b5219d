"""The plot of all ratios: a panel for each cell, a line for each rival."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")
# The same file for the same numbers.
matplotlib.rcParams["svg.hashsalt"] = "derive"

from matplotlib import pyplot  # noqa: E402

from benchmarks.speed.results import Result  # noqa: E402
from benchmarks.speed.rivals import FLOOR, OURS, RIVALS  # noqa: E402

MARKERS = dict(zip(RIVALS, "oPXsv^<>D", strict=True))


def _panel(axis: Any, results: list[Result]) -> dict[str, Any]:
    """The lines of one cell, by their titles."""
    handles = {}
    for number, name in enumerate(name for name in RIVALS if name != OURS):
        at = [place for place, result in enumerate(results) if name in result.rivals]
        if at:
            # Here the products alone are a rival like any other, faster than all of them.
            middles = [results[place].ratio(name).median ** (-1 if name == FLOOR else 1) for place in at]
            (line,) = axis.plot(at, middles, marker=MARKERS[name], markersize=5, linewidth=1, color=f"C{number}")
            handles[RIVALS[name].title] = line
    axis.axhline(1, color="black", linewidth=1)
    axis.set_yscale("log")
    labels = [str(result.problem.sizes).replace(", ", ",") for result in results]
    axis.set_xticks(range(len(results)), labels, rotation=25, fontsize=7)
    axis.grid(axis="y", which="both", alpha=0.25)
    return handles


def draw(path: Path, results: list[Result]) -> None:
    """Time relative to derive's, of every rival, in float32; the products alone are below."""
    some = [result for result in results if result.problem.dtype == "float32"] or results
    cells = list(dict.fromkeys(result.problem.model for result in some))
    columns = min(3, len(cells))
    rows = -(-len(cells) // columns)
    figure, axes = pyplot.subplots(rows, columns, squeeze=False, sharey=True, figsize=(4.6 * columns, 3.9 * rows))
    handles: dict[str, Any] = {}
    for cell, axis in zip(cells, axes.flat, strict=False):
        handles |= _panel(axis, [result for result in some if result.problem.model == cell])
        axis.set_title(cell)
    for axis in list(axes.flat)[len(cells) :]:
        axis.set_visible(False)
    for row in axes:
        row[0].set_ylabel("time / derive's time")
    figure.legend(handles.values(), handles.keys(), loc="lower center", ncols=min(5, len(handles)), fontsize=8)
    figure.tight_layout(rect=(0, 0.09, 1, 1))
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
