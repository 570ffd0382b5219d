"""How time grows: the fitted power, and the picture."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from derive.bench.cost import Cost
from derive.bench.growth import Growth, grow
from derive.bench.plot import check_plot, draw
from derive.bench.report import FLOORS, GRADIENT, LOSS
from derive.bench.timing import Times
from derive.errors import DeriveError
from tests.bank import model

NAMES = (LOSS, GRADIENT, FLOORS[GRADIENT])
SIZES = {"T": 8, "B": 2, "n_x": 3, "n_h": 4, "n_y": 5}


def growing(power: float, values: tuple[int, ...] = (10, 20, 40, 80)) -> Growth:
    times = tuple(Times({name: (1e-6 * value**power,) * 2 for name in NAMES}) for value in values)
    return Growth(("T",), values, times)


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_the_power_is_found(power: float) -> None:
    assert growing(power).exponent(GRADIENT) == pytest.approx(power)
    assert math.isnan(growing(power, (10,)).exponent(GRADIENT))


def test_small_sizes_do_not_count() -> None:
    times = tuple(Times({GRADIENT: (max(1e-2, 1e-3 * value),)}) for value in (1, 2, 20, 40, 80))
    assert Growth(("T",), (1, 2, 20, 40, 80), times).exponent(GRADIENT) == pytest.approx(1.0)


def test_a_model_is_measured_at_each_point() -> None:
    found = grow(model("vanilla"), SIZES, ("T",), Cost(model("vanilla").programs()), least=2, seconds=0)
    assert found.values == (2, 4, 8, 16) and found.label == "T"
    told = found.as_dict()
    assert set(told["exponents"]) == set(NAMES) and all(point[LOSS]["median"] > 0 for point in told["points"])


def test_the_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    draw("vanilla", [(SIZES, [growing(1), growing(2)]), (SIZES, [growing(1)])], tmp_path / "v.svg")
    assert (tmp_path / "v.svg").read_text().count("<path") > 20


def test_times_that_hardly_differ_have_numbers_beside_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    drawn: list[Any] = []
    monkeypatch.setattr("derive.bench.plot.save", lambda figure, _: drawn.append(figure))
    draw("vanilla", [(SIZES, [growing(0.5)])], tmp_path / "v.svg")
    (axes,) = drawn[0].axes
    low, high = axes.get_ylim()
    assert high / low < 10 and sum(low <= tick <= high for tick in axes.get_yticks()) >= 2


def test_what_no_picture_can_be_called(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(DeriveError, match="which kind of picture"):
        check_plot(tmp_path / "v.txt")
    with pytest.raises(FileNotFoundError):
        check_plot(tmp_path / "nowhere" / "v.svg")
