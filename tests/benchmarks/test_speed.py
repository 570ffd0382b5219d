"""The benchmark of speed: every rival computes what derive computes, and its numbers are taken and told as it says."""

from __future__ import annotations

import functools
import itertools
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.speed import goals, measure, report, timing
from benchmarks.speed.cells import CELLS
from benchmarks.speed.problems import DOUBLE, SIZES, Problem, Sizes
from benchmarks.speed.results import Result
from benchmarks.speed.rivals import FLOOR, OURS, RIVALS, Unavailable

SMALL = Sizes(T=7, B=3, n_x=4, n_h=5, n_y=3)
COMPARED = [name for name in RIVALS if name not in (OURS, FLOOR, "torch_compile")]


@functools.cache
def problem(cell: str) -> Problem:
    return Problem(cell, SMALL, "float64")


@functools.cache
def truth(cell: str) -> tuple[float, dict[str, np.ndarray]]:
    ours = RIVALS[OURS].make(problem(cell))
    assert ours.read is not None
    return ours.read(ours.call())


def runner(rival: str, cell: str) -> Any:
    try:
        return RIVALS[rival].make(problem(cell))
    except Unavailable as why:
        # Nobody sits out by mistake.
        assert "not installed" in str(why) or (rival == "torch_nn" and cell not in ("vanilla", *goals.GATED))
        pytest.skip(str(why))


def error(it: Any, cell: str) -> float:
    return measure.error(it, it.call(), truth(cell))


@pytest.mark.parametrize("rival", [pytest.param(r, marks=pytest.mark.slow) if r == "plain" else r for r in COMPARED])
@pytest.mark.parametrize("cell", CELLS)
def test_rivals_agree(cell: str, rival: str) -> None:
    assert error(runner(rival, cell), cell) < 1e-10


@pytest.mark.parametrize("cell", ["lstm", "attention"])
def test_rivals_agree_when_called_again(cell: str) -> None:
    for rival in COMPARED:
        try:
            again = RIVALS[rival].make(problem(cell))
        except Unavailable:
            continue
        again.call()
        assert error(again, cell) < 1e-10, rival


@pytest.mark.parametrize("cell", CELLS)
def test_loops_in_pieces(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    from benchmarks.speed.rivals import torch_loop

    # Seven steps are a piece of four and one of three; what is compiled is tried elsewhere.
    monkeypatch.setattr(torch_loop, "PIECE", 4)
    monkeypatch.setattr(torch, "compile", lambda function, **_: function)
    assert error(runner("torch_compile", cell), cell) < 1e-10


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler")
@pytest.mark.filterwarnings("ignore")
def test_compiled_loop() -> None:
    pytest.importorskip("torch")
    assert error(runner("torch_compile", "vanilla"), "vanilla") < 1e-10


@pytest.mark.parametrize("cell", CELLS)
def test_every_parameter_counts(cell: str) -> None:
    # A gradient that is zero everywhere would agree with many a mistake.
    loss, gradients = truth(cell)
    assert np.isfinite(loss)
    assert all(np.abs(gradient).max() > 1e-6 for gradient in gradients.values())


def test_what_is_wrong_is_found() -> None:
    right = RIVALS["numpy_loop"].make(problem("vanilla"))
    loss, gradients = right.read(right.call())
    for broken in (
        (loss * (1 + 1e-6), gradients),
        (loss, gradients | {"W": gradients["W"].T}),
        (float("nan"), gradients),
    ):
        wrong = measure.Runner(lambda: None, lambda _, broken=broken: broken)
        assert not error(wrong, "vanilla") <= measure.NEAR["float64"]
    with pytest.raises(AssertionError, match="parameters"):
        error(measure.Runner(lambda: None, lambda _: (loss, {})), "vanilla")


def test_floor_runs() -> None:
    for cell in CELLS:
        RIVALS[FLOOR].make(problem(cell)).call()


def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], Callable[[], None]]:
    """Makes calls that take so many seconds, on a clock that only they and sleep move."""
    now = [0.0]

    def spend(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(timing.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(timing.time, "sleep", spend)
    return lambda seconds: lambda: spend(seconds)


def test_rounds_end_with_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    call = clock(monkeypatch)
    found = timing.rounds({"a": call(0.2), "b": call(0.1)}, 10.0)
    assert found["a"] == pytest.approx([0.2] * len(found["a"])) and len(found["a"]) == len(found["b"])
    assert 10 < len(found["a"]) < 40


def test_what_is_slow_sits_out_after_three_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    call = clock(monkeypatch)
    found = timing.rounds({"slow": call(2.0), "quick": call(0.5)}, 10.0)
    assert [time is None for time in found["slow"][:4]] == [False, False, False, True]
    assert None not in found["quick"] and len(found["quick"]) > 4
    assert timing.median(found["slow"]) == pytest.approx(2.0)
    assert timing.ratio(found["slow"], found["quick"]).median == pytest.approx(4.0)


def test_ratios_are_taken_round_by_round() -> None:
    # Noise that comes upon all of a round leaves no trace; what sat out is left out.
    noise = [1.0, 5.0, 2.0, 9.0]
    spread = timing.ratio([3 * n for n in noise[:3]] + [None], list(noise))
    assert (spread.median, spread.low, spread.high) == pytest.approx((3, 3, 3))


def test_short_calls_are_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    call = clock(monkeypatch)
    counted = itertools.count()
    each = call(0.001)

    def one() -> None:
        next(counted)
        each()

    assert timing.turn(one) == pytest.approx(0.001)
    assert next(counted) == 31


@pytest.mark.parametrize(
    ("cell", "sizes", "rival", "wanted"),
    [
        ("vanilla", SIZES[0], "jax", ">= 1.1"),
        ("lstm", SIZES[0], "jax", ">= 0.8"),
        ("mingru", SIZES[0], "jax", "None"),
        ("attention", SIZES[1], "jax", ">= 1.1"),
        ("gru_v2", SIZES[1], "torch_nn", ">= 0.7"),
        ("gru_v2", SIZES[0], "torch_nn", "None"),
        ("vanilla", SIZES[0], "torch_nn", ">= 1"),
        ("vanilla", SIZES[3], FLOOR, "<= 1.4"),
        ("vanilla", SIZES[0], FLOOR, "<= 1.9"),
        ("lstm", SIZES[2], FLOOR, "<= 1.6"),
        ("lstm", SIZES[4], FLOOR, "<= 2"),
        ("lstm", SIZES[0], FLOOR, "None"),
        ("mingru", SIZES[3], FLOOR, "None"),
        ("attention", SIZES[3], "hips", ">= 3"),
        ("lstm_peephole", SIZES[0], "torch_loop", ">= 2"),
        ("lstm", SIZES[1], "plain", "None"),
    ],
)
def test_goals(cell: str, sizes: Sizes, rival: str, wanted: str) -> None:
    assert str(goals.goal(cell, sizes, rival)) == wanted


def raw(cell: str, sizes: Sizes, dtype: str, **rounds: list[float]) -> dict[str, Any]:
    found: dict[str, Any] = {name: {"first": 2.5, "error": 0.0, "rounds": times} for name, times in rounds.items()}
    found["torch_nn"] = {"absent": "it has no such layer"}
    asked = {"cell": cell, "sizes": [sizes.T, sizes.B, sizes.n_x, sizes.n_h, sizes.n_y], "dtype": dtype, "threads": 2}
    return {**asked, "found": found, "versions": {"numpy": "2.4"}}


def test_report(tmp_path: Path) -> None:
    results = [
        Result(raw("lstm", SIZES[1], "float32", fast=[0.2, 0.4, 0.2], jax=[0.3, 0.6, 0.3], floor=[0.05, 0.1, 0.05])),
        Result(raw("lstm", DOUBLE[0], "float64", fast=[0.2, 0.2, 0.2], hips=[0.5, 0.5, 0.5])),
    ]
    report.write(tmp_path / "RESULTS.md", results)
    text = (tmp_path / "RESULTS.md").read_text()
    assert "## Goals: 1 of 3 met" in text
    assert "| (100, 32, 64, 128, 64) | 200.00 | 1.50 (1.50-1.50) ✓ | 4.00 (4.00-4.00) ✗ |" in text
    assert "| lstm | (100, 32, 64, 128, 64) | float64 | HIPS autograd | >= 3 | 2.50 (2.50-2.50) |" in text
    assert "- torch.nn: it has no such layer (lstm)" in text
    pytest.importorskip("matplotlib")
    assert "(RESULTS.svg)" in text and "JAX jit of scan" in (tmp_path / "RESULTS.svg").read_text()


def test_measure_one_problem() -> None:
    found = measure.measure(problem("vanilla"), ["plain", "torch_nn", FLOOR], budget=0.0, limit=60.0)
    assert list(found)[:2] == [OURS, "plain"]
    assert len(found[OURS]["rounds"]) == timing.LEAST_ROUNDS
    result = Result({**raw("vanilla", SMALL, "float64"), "found": found})
    assert result.ratio("plain").median > 0 and f"{RIVALS[FLOOR].title} " in report.told(result)


def test_a_first_call_that_takes_too_long() -> None:
    with pytest.raises(measure.OutOfTime), measure.limited(0.01):
        while True:
            pass


def test_sizes_by_the_names_of_a_model() -> None:
    assert problem("vanilla").named == {"T": 7, "B": 3, "n_x": 4, "n_h": 5, "n_y": 3}
    assert Problem("attention", SIZES[4], "float32").named == {
        "T": 1000, "B": 8, "S": 25, "n_x": 32, "n_h": 64, "n_y": 32, "n_d": 64
    }  # fmt: skip
