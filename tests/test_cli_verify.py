"""`derive verify`: what its table says, and what it says of a gradient that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import derive.check.gradients
from derive.check.report import COMPLEX, DIFFERENCES, Report, compare

Run = Callable[..., Any]


def test_a_model_that_holds(derive_in: Run) -> None:
    answer = derive_in("verify", "vanilla", "--seed", "3")
    assert answer.code == 0, answer.out
    lines = answer.out.splitlines()
    assert "seed 3" in lines[0] and "T = 5" in lines[0] and "step" in lines[0]
    checked = [line.split()[0] for line in lines if line.rstrip().endswith("  ok")]
    assert set(checked) == {"U", "W", "V", "b", "c", "x", "h0"}
    assert any(line.startswith("holds: ") for line in lines)


def test_the_answer_for_a_program(derive_in: Run) -> None:
    answer = derive_in("verify", "vanilla", "--json")
    assert answer.code == 0 and answer.json["holds"] is True
    (report,) = answer.json["reports"]
    assert (report["model"], report["ok"], report["seed"]) == ("vanilla", True, 0)
    assert all(row["ok"] and row["differences"] <= 1e-7 for row in report["rows"])


def report_with(comparisons: list[Any], nonfinite: str = "") -> Report:
    return Report("cell", 0, {"T": 5}, 2.0**-12, tuple(comparisons), nonfinite)


@pytest.fixture
def wrong() -> Report:
    gradient = np.arange(6.0).reshape(2, 3)
    changed = gradient.copy()
    changed[1, 2] += 1
    steps = compare(COMPLEX, "a_parameter_with_a_long_name", gradient, gradient, 1e-12)
    return report_with([compare(DIFFERENCES, "a_parameter_with_a_long_name", gradient, changed, 1e-7), steps])


def test_a_wrong_gradient_is_named_with_its_entry_and_both_values(
    derive_in: Run, monkeypatch: pytest.MonkeyPatch, wrong: Report
) -> None:
    monkeypatch.setattr(derive.check.gradients, "verify", lambda model, seed: wrong)
    answer = derive_in("verify", "vanilla", "lstm")
    assert answer.code == 1
    row = next(line for line in answer.out.splitlines() if line.rstrip().endswith("WRONG"))
    assert row.split()[:3] == ["a_parameter_with_a_long_name", "2", "3"]
    assert "a_parameter_with_a_long_name[1, 2]" in row and row.split()[-3:-1] == ["5", "6"]
    assert answer.out.count("does not hold: 1 of 2") == 2
    assert derive_in("verify", "vanilla", "--json").json["holds"] is False


def test_one_model_of_several_that_does_not_hold_is_enough(
    derive_in: Run, monkeypatch: pytest.MonkeyPatch, wrong: Report
) -> None:
    same = np.arange(6.0)
    right = report_with([compare(kind, "w", same, same, 1e-7) for kind in (DIFFERENCES, COMPLEX)])
    assert right.ok and not wrong.ok
    for reports in ([right, wrong], [wrong, right]):
        waiting = iter(reports)
        monkeypatch.setattr(derive.check.gradients, "verify", lambda model, seed, waiting=waiting: next(waiting))
        answer = derive_in("verify", "vanilla", "lstm", "--json")
        assert answer.code == 1 and answer.json["holds"] is False
        assert [report["ok"] for report in answer.json["reports"]] == [report.ok for report in reports]


def test_numbers_that_are_none_are_said_instead_of_a_finding(derive_in: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_with([], "h is nan first, at h[3, 0, 1]")
    monkeypatch.setattr(derive.check.gradients, "verify", lambda model, seed: report)
    answer = derive_in("verify", "vanilla")
    assert answer.code == 1 and "FAILS: h is nan first, at h[3, 0, 1]" in answer.out
