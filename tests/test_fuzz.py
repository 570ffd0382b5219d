"""Random models through every stage: a few in every run, more in the slow one, many by `python -m tests.fuzz`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from derive import pipeline
from tests.bank import some
from tests.fuzz import checks
from tests.fuzz.__main__ import main
from tests.fuzz.cases import BADLY_CONDITIONED, NEAR, NOT_FINITE, UNDEFINED, DiscardedError, cases, worst
from tests.fuzz.checks import FailedError, check
from tests.fuzz.models import models
from tests.fuzz.report import Failure, Report

FOUND = sorted((Path(__file__).parent / "fuzz" / "found").glob("*.eq"))
MODEL = "x: Input[T, n]\nw: Param[n]\nh[0] = 0\nh[t] = tanh(w * h[t-1] + x[t])\nloss = sum(sum(h[t]**2), t)\n"


@pytest.mark.parametrize("path", some(FOUND), ids=lambda path: path.stem)
def test_what_was_found_is_mended(path: Path) -> None:
    check(path.read_text(encoding="utf-8"))


def _holds(text: str) -> None:
    try:
        check(text)
    except DiscardedError:
        return


_SETTINGS: dict[str, Any] = {
    "derandomize": True, "database": None, "deadline": None, "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}  # fmt: skip


@settings(max_examples=3, **_SETTINGS)
@given(models())
def test_a_few_random_models(text: str) -> None:
    _holds(text)


@pytest.mark.slow
@settings(max_examples=30, **_SETTINGS)
@given(models())
def test_more_random_models(text: str) -> None:
    _holds(text)


def test_cases_have_unequal_sizes_and_few_steps() -> None:
    found = list(cases(pipeline.parse(MODEL), 0))
    assert [(case.sizes["T"], "B" in case.sizes) for case in found] == [
        (5, True), (3, True), (2, True), (1, True), (3, False), (1, False)
    ]  # fmt: skip
    assert len(set(found[0].sizes.values())) == 3


@pytest.mark.parametrize(
    ("loss", "reason"),
    [
        ("log(-exp(w))", UNDEFINED),
        ("exp(exp(exp(exp(9 + w**2))))", NOT_FINITE),
        ("cos(100000000 * w)", BADLY_CONDITIONED),
        ("relu(0.0000000001 * w)", NEAR),
    ],
)
def test_numbers_that_tell_nothing_are_discarded(loss: str, reason: str) -> None:
    with pytest.raises(DiscardedError, match=reason):
        check(f"w: Param\nloss = {loss}")


@pytest.mark.parametrize(("function", "rule"), [("loss", "loss"), ("loss_and_grad", "gradient")])
def test_a_wrong_number_is_found(function: str, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = getattr(checks.call, function)

    def wrong(*arguments: Any, **more: Any) -> Any:
        found = right(*arguments, **more)
        if function == "loss":
            return found * (1 + 1e-8)
        return found[0], {name: array * (1 + 1e-8) for name, array in found[1].items()}

    monkeypatch.setattr(checks.call, function, wrong)
    with pytest.raises(FailedError) as failure:
        check(MODEL)
    assert failure.value.rule == rule and failure.value.kind.endswith("differs")


def test_other_bytes_from_another_process_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "seed_of", lambda text: 0)
    with pytest.raises(FailedError, match="bytes") as failure:
        check(MODEL, lambda text, style: "another")
    assert failure.value.kind == "bytes: differ under another hash seed"


def test_a_model_that_is_refused_has_failed() -> None:
    with pytest.raises(FailedError, match="read: raises DeriveError"):
        check("loss = w")


def test_errors_are_relative_and_zero_is_zero() -> None:
    def error(found: float, wanted: float, loss: float = 1.0) -> float:
        at = {"loss": np.array(loss)}
        return worst(at | {"w": np.array(found)}, at | {"w": np.array(wanted)})[0]

    assert error(1.001e6, 1e6) == pytest.approx(1e-3, rel=1e-2)
    assert error(1e-16, 0.0) < 1e-9 < error(1e-6, 0.0)
    assert worst({}, {"w": np.zeros(3)})[0] == 0.0 and worst({}, {"w": np.ones(3)})[0] == np.inf


def test_the_report_counts_what_it_is_told(tmp_path: Path) -> None:
    report = Report()
    told = {"seconds": 2.0, "constructs": ["tanh"], "properties": {"loss": 0.5}, "discarded": "", "errors": {}}
    report.add(told | {"errors": {"loss": 1e-15}})
    report.add(told | {"errors": {"loss": 3e-14}})
    assert report.ok
    report.add(told | {"discarded": NEAR})
    report.add(told | {"failed": "gradient: differs"})
    assert not report.ok and report.share == 0.25 and report.errors == {"loss": 3e-14}
    failure = Failure("gradient: differs", "gradient: w against the truth: error 1", MODEL)
    failure.write(tmp_path, 1)
    report.failures.append(failure)
    text = str(report)
    assert "4 random models" in text and "(25.0%" in text and "3.0e-14" in text and failure.file in text
    assert json.loads(json.dumps(report.as_dict()))["kinds"] == {"gradient: differs": 1}
    written = Path(failure.file).read_text(encoding="utf-8")
    assert written.startswith("# gradient: w against") and pipeline.parse(written).system.by_name["h"]


@pytest.mark.slow
def test_the_command_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--models", "3", "--chunk", "2", "--jobs", "2", "--seed", "5", "--out", str(tmp_path / "out"), "--json"]
    code = main(words)
    found = json.loads(capsys.readouterr().out)
    assert code == 0, found
    assert found["models"] == 3 and found["compared"]["bytes"] + sum(found["discarded"].values()) == 3
    assert not (tmp_path / "out").exists()
