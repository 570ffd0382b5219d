"""A person's own code: right where it is right, wrong at its line, and a clear answer whatever it does."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive import pipeline
from derive.check import call
from derive.check.hand.result import HandReport
from derive.check.python import check_python
from derive.check.python.points import points
from derive.check.sample import prime_sizes, sample
from derive.model import Model
from tests.check.python.mistakes import EXAMPLES, FOLDER, MISTAKES, OTHERS, Mistake, text_of
from tests.check.python.mistakes_elsewhere import ELSEWHERE

VANILLA = (FOLDER / "vanilla_layers.py").read_text()
EVERY = EXAMPLES | OTHERS
FEW = ("keys exchanged",)


@functools.cache
def model(name: str) -> Model:
    return pipeline.load(name)


@functools.cache
def known_points(name: str) -> Any:
    return points(model(name))


@pytest.fixture(autouse=True)
def points_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("derive.check.python.verdict.points", lambda asked: known_points(asked.name))


def some(values: Any, few: Any) -> list[Any]:
    """The values as parameters of a test, of which a few are tried by default."""
    return [value if value in few else pytest.param(value, marks=pytest.mark.slow) for value in values]


def judged(text: str, name: str = "vanilla", seconds: float = 10.0, **more: Any) -> HandReport:
    return check_python(model(name), "mine.py", text, seconds=seconds, **more)


@pytest.mark.parametrize("example", some(EVERY, ["vanilla_min_char"]))
def test_the_examples_are_right(example: str) -> None:
    report = judged(text_of(example), EVERY[example])
    assert report.verdict == "right" and report.exit_code == 0
    params = [variable.name for variable in model(EVERY[example]).system.variables if variable.role.value == "Param"]
    assert [line.of for line in report.lines] == [f"grad({name})" for name in params]


CHOSEN = [m for m in MISTAKES if m.what in FEW and m.model == "vanilla"]


@pytest.mark.slow
@pytest.mark.parametrize("mistake", CHOSEN, ids=lambda m: f"{m.example}: {m.what}")
def test_a_mistake_is_traced_to_its_line(mistake: Mistake) -> None:
    report = judged(mistake.text, mistake.model)
    assert report.verdict == "wrong" and report.exit_code == 1
    assert report.lines[0].line in mistake.lines
    assert report.lines[0].correct


@pytest.mark.slow
@pytest.mark.parametrize("listed", [MISTAKES, ELSEWHERE], ids=["listed", "elsewhere"])
def test_most_of_the_mistakes_are_traced_to_their_lines_and_none_is_missed(listed: list[Mistake]) -> None:
    reports = [(mistake, judged(mistake.text, mistake.model)) for mistake in listed[::9]]
    assert [mistake.what for mistake, report in reports if report.verdict == "right"] == []
    assert sum(report.lines[0].line in mistake.lines for mistake, report in reports) >= 0.9 * len(reports)


@pytest.mark.parametrize(
    "mistake",
    some(
        rows := [
            ("vanilla_layers", "db = dout.sum(axis=(0, 1))", "db = np.sum(dout)", "sums over all axes"),
            ("lstm_loop", "+= ds.sum(axis=0)", "+= ds.sum(axis=1)", "sums over axis 1; it must sum over axis 0"),
            ("lstm_loop", "+= da.sum(axis=0)", "+= da.sum()", "sums over all axes; it must sum over axis 0"),
            ("lstm_loop", "+= da.sum(axis=0)", "+= da.sum(axis=0, keepdims=True)", "keeps the axis"),
            ("gru_loop", "dd += ds.sum(axis=0)", "dd += ds", "the sum of `ds` over axis 0 is missing"),
            ("vanilla_layers", "db = da.sum(axis=0)", "db = np.sum(da, 1)", "sums over axis 1"),
        ],
        rows[:1],
    ),
)
def test_a_sum_over_the_wrong_axis_is_mended(mistake: tuple[str, str, str, str]) -> None:
    example, old, new, said = mistake
    right = text_of(example)
    assert right.count(old) == 1
    text = right.replace(old, new)
    first = judged(text, EXAMPLES[example]).lines[0]
    assert said in (first.fault or "") and first.line == text.count("\n", 0, text.index(new)) + 1
    assert first.correct and "axis=" in first.correct and "keepdims" not in first.correct


def test_one_fault_is_one_fault_and_hints_say_where_and_no_more() -> None:
    text = (FOLDER / "vanilla_min_char.py").read_text().replace("np.dot(V.T, dy) + dhnext", "np.dot(V.T, dy)")
    report = judged(text)
    first, *others = report.lines
    assert first.line == 28 and "dhnext" in (first.fault or "")
    assert first.correct == "dh = np.dot(V.T, dy) + dhnext"
    assert [line.fault for line in others if line.verdict == "wrong"] == ["follows from line 28"] * 2
    assert {line.of for line in others if line.verdict == "right"} == {"grad(V)", "grad(c)"}
    hints = replace(report, hints=True)
    assert all(line["fault"] is None and line["correct"] is None for line in hints.json()["lines"])
    assert "look again at line 28" in str(hints)


@pytest.mark.slow
def test_two_faults_have_a_line_each() -> None:
    text = VANILLA.replace("dWh += dWh_t", "dWh = dWh_t").replace('"c": dc}', '"c": -dc}')
    lines = {line.of: line.line for line in judged(text).lines if line.verdict == "wrong"}
    assert set(lines) == {"grad(W)", "grad(c)"}
    assert {text.splitlines()[n - 1].strip().split(" = ")[0].split('"')[0] for n in lines.values()} == {
        "dWh",
        "return {",
    }


# Whether the listed mistakes are mistakes is asked of finite differences, and never of the checker.
@functools.cache
def differences(name: str) -> tuple[Any, Any, dict[str, np.ndarray]]:
    system = model(name).batched
    sizes = prime_sizes(system)
    at = call.arguments(system, sample(system, sizes, 7), sizes)
    module = model(name).compile()
    found = {}
    for param, array in at.params.items():
        found[param] = np.zeros(array.shape)
        for place in np.ndindex(array.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = array.copy()
                moved[place] += step
                ends.append(call.loss(module, at.with_array(param, moved)))
            found[param][place] = (ends[0] - ends[1]) / 2e-5
    return at, call.forward(module, at)._asdict(), found


def is_right(text: str, name: str) -> bool:
    at, forward, true = differences(name)
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    try:
        with np.errstate(all="ignore"):
            found = namespace["backward"](
                {key: array.copy() for key, array in at.params.items()},
                {key: np.array(array) for key, array in at.data.items()},
                {key: np.array(array) for key, array in forward.items() if array is not None},
            )
    except (ValueError, IndexError, UnboundLocalError):
        return False
    return all(np.shape(found[key]) == a.shape and np.allclose(found[key], a, atol=1e-6) for key, a in true.items())


@pytest.mark.parametrize("example", some(EVERY, ["vanilla_layers"]))
def test_the_listed_mistakes_are_mistakes_by_finite_differences(example: str) -> None:
    name = EVERY[example]
    assert is_right(text_of(example), name)
    listed = [mistake for mistake in (*MISTAKES, *ELSEWHERE) if mistake.example == example]
    assert listed and not [mistake.what for mistake in listed if is_right(mistake.text, name)]


def test_every_listed_mistake_has_a_line() -> None:
    assert len(MISTAKES) >= 100 and len(ELSEWHERE) >= 50
    assert all(mistake.lines for mistake in (*MISTAKES, *ELSEWHERE))


HEAD = "import numpy as np\n\n"
ZEROS = HEAD + "def backward(params, data, forward):\n    return {n: np.zeros_like(p) for n, p in params.items()}\n"


def one(text: str, seconds: float = 10.0) -> Any:
    (line,) = judged(text, seconds=seconds).lines
    assert line.verdict == "not understood" and line.fault
    return line


def test_a_function_that_never_ends_is_stopped_at_its_line() -> None:
    line = one("def backward(params, data, forward):\n    while True:\n        pass\n", seconds=0.2)
    assert "did not end within 0.2 seconds" in line.fault and line.line in (2, 3)


def test_one_that_swallows_every_exception_is_stopped_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("derive.check.python.process._TO_END", 0.2)
    text = (
        "import time\n\ndef backward(params, data, forward):\n    while True:\n        try:\n            while True:\n"
        "                time.sleep(0.01)\n        except BaseException:\n            pass\n"
    )
    assert "had to be stopped" in one(text, seconds=0.2).fault


def test_a_file_that_trains_when_it_is_loaded_is_told_so() -> None:
    fault = one(ZEROS + "while True:\n    pass\n", seconds=0.2).fault
    assert "when the file is loaded" in fault and "__main__" in fault


def test_megabytes_of_printing_are_forgotten_and_a_program_under_main_is_not_run() -> None:
    talking = "    print('x' * 3_000_000)\n    x = data"
    report = judged(
        VANILLA.replace("    x = data", talking, 1) + "\nif __name__ == '__main__':\n    raise SystemExit\n"
    )
    assert report.verdict == "right" and "bytes, which were not kept" in report.note


def test_what_is_raised_is_told_with_its_line() -> None:
    line = one("def backward(params, data, forward):\n    a = 1\n    return data['nothing']\n")
    assert line.line == 3 and 'there is no data["nothing"]: data has "x", "y"' in line.fault


@pytest.mark.slow
def test_shapes_that_do_not_fit_are_wrong_and_mended() -> None:
    first = judged(VANILLA.replace("dx = dout @ w\n", "dx = dout @ w.T\n")).lines[0]
    assert first.verdict == "wrong" and first.correct == "dx = dout @ w" and "transposed" in (first.fault or "")


@pytest.mark.parametrize(
    "text, said",
    [
        ("def backward(params, data, forward:\n    pass\n", "is no Python"),
        ("def other(params, data, forward):\n    pass\n", "no function `backward` (there: other)"),
        ("def backward(params):\n    pass\n", "takes 1 argument;"),
        ("def backward(params, data, forward):\n    return 3\n", "returns an int"),
        ("import os\n\ndef backward(params, data, forward):\n    os._exit(3)\n", "with exit code 3"),
        ("import sys\nsys.exit()\n\ndef backward(params, data, forward):\n    pass\n", "raises SystemExit"),
        ("import no_such_module\n\ndef backward(params, data, forward):\n    pass\n", "raises ModuleNotFoundError"),
        (
            "import os, signal\n\ndef backward(params, data, forward):\n    os.kill(os.getpid(), signal.SIGKILL)\n",
            "by signal 9",
        ),
        (HEAD + "def backward(params, data, forward):\n    np.ones(1 << 36)\n", "MemoryError"),
    ],
)
def test_whatever_it_does_the_answer_is_clear(text: str, said: str) -> None:
    assert said in one(text).fault


@pytest.mark.slow
def test_wrong_names_are_told() -> None:
    report = judged(VANILLA.replace('"U": dU', '"dU": dU'))
    first = report.lines[0]
    assert first.of == "grad(U)" and first.verdict == "not understood"
    assert first.correct and '"U": dU' in first.correct
    assert first.fault == "the answer's key `dU` is no parameter; it must be `U`"


RETURNED = '{"U": dU, "W": dW, "V": dV, "b": db, "c": dc}'


def returning(answer: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """What is said of each gradient where other ones are returned and no line of the source is looked for."""
    monkeypatch.setattr("derive.check.python.search.SECONDS", 0.0)
    assert RETURNED in VANILLA
    return {line.of: line.fault for line in judged(VANILLA.replace(RETURNED, answer)).lines}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            "{'U': params['U'].T, 'W': np.ones((len(data['x'][0]),) + dW.shape), 'V': params['V'] * 1j,"
            " 'b': params['b'] * np.nan, 'c': 'text'}",
            {
                "U": "it is transposed",
                "W": "not summed over the batch",
                "V": "complex128, not real numbers",
                "b": "is not finite",
                "c": "holds str, not numbers",
            },
        ),
        (
            "{'U': -dU, 'W': dW.T, 'V': 2 * dV, 'b': db / data['x'].shape[0], 'c': dc / data['x'].shape[1]}",
            {
                "U": "minus the true one",
                "W": "the transpose of the true one",
                "V": "twice the true one",
                "b": "the mean over the steps",
                "c": "the mean over the batch",
            },
        ),
        (
            "{'U': np.zeros_like(dU), 'W': dW if len(data['x']) == 1 else 3 * dW, 'V': dV, 'b': db, 'c': dc}",
            {"U": "zero: nothing was ever added", "W": "right only with"},
        ),
    ],
)
def test_a_wrong_gradient_is_described_where_no_line_is_found(
    answer: str, said: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = returning(answer, monkeypatch)
    assert {name: words for name, words in said.items() if words not in (found[f"grad({name})"] or "")} == {}


def test_what_holds_only_for_a_start_of_zero_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("derive.check.python.search.SECONDS", 0.0)
    text = VANILLA.replace("        dWh += dWh_t", "        dWh += dWh_t if t else 0")
    report = judged(text)
    assert [line.of for line in report.lines if line.verdict == "wrong"] == ["grad(W)"]
    assert "without its first step" in (report.lines[0].fault or "")


def test_nothing_of_the_callers_reaches_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    text = "import os\n\ndef backward(params, data, forward):\n    raise KeyError(sorted(os.environ), os.getcwd())\n"
    fault = one(text).fault
    assert "SECRET" not in fault and os.getcwd() not in fault


def test_what_a_call_changes_no_other_call_sees_and_single_precision_is_no_mistake() -> None:
    text = VANILLA.replace("    x = data", "    saved = {n: p.copy() for n, p in params.items()}\n    x = data", 1)
    text = text.replace('    return {"U"', "    params['W'][:] = 0\n    forward['h'][:] = 0\n    return {\"U\"")
    text = text.replace('"W": dW', '"W": dW.astype(np.float32)')
    assert judged(text).verdict == "right"


def test_the_command(derive_in: Callable[..., Any], tmp_path: Path) -> None:
    text = VANILLA.replace("da = (1 - next_h**2) * dnext_h", "da = (1 - prev_h**2) * dnext_h")
    (tmp_path / "mine.py").write_text(text.replace("def backward(", "def gradients("))
    answer = derive_in("check", f"{tmp_path / 'mine.py'}:gradients", "--model", "vanilla", "--json")
    assert answer.code == 1
    found = json.loads(answer.out)
    assert found["verdict"] == "wrong" and found["model"] == "vanilla"
    assert found["lines"][0]["line"] == 30 and found["lines"][0]["correct"] == "da = (1 - next_h**2) * dnext_h"


@pytest.mark.slow
def test_the_table_tells_a_fault_once(derive_in: Callable[..., Any], tmp_path: Path) -> None:
    text = (FOLDER / "gru_loop.py").read_text().replace("(1 - n[t] ** 2)", "(1 - n[t])")
    (tmp_path / "mine.py").write_text(text)
    answer = derive_in("check", tmp_path / "mine.py")
    assert answer.code == 1 and answer.out.count("it should be: dn_raw = dn * (1 - n[t]**2)") == 1
    assert "8 other gradients are wrong through it, too" in answer.out
    assert answer.out.count("line 32: follows") == 0


def test_a_carry_that_is_set_under_another_name_is_seen() -> None:
    carry = "dhnext = np.dot(W.T, dhraw)"
    text = (FOLDER / "vanilla_min_char.py").read_text().replace(carry, carry.replace("dhnext", "dhnxt"))
    report = judged(text)
    assert (report.lines[0].fault or "").startswith("`dhnext` is never set in the loop; `dhnxt` is, and is never read")
    assert report.lines[0].correct == carry and f"should be: {carry}" in str(report)


def test_a_line_that_is_to_be_added_is_said_to_be() -> None:
    carry = "            dhnext = np.dot(W.T, dhraw)\n"
    text = (FOLDER / "vanilla_min_char.py").read_text()
    report = judged(text.replace(carry, ""))
    assert report.lines[0].correct == "dhnext = W.T @ dhraw"
    before = text[: text.index(carry)].count("\n")
    assert f"to be added behind line {before}: dhnext = W.T @ dhraw" in str(report)


def test_what_is_raised_is_told_once() -> None:
    report = judged("# model: vanilla\n\ndef backward(params, data, forward):\n    raise ValueError('no')\n")
    assert len(report.lines) == 5 and str(report).count("\nline 4: raises ValueError: no") == 1


def test_what_no_line_explains_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("derive.check.python.search.SECONDS", 0.0)
    report = judged((FOLDER / "vanilla_min_char.py").read_text().replace("np.dot(V.T, dy) + dhnext", "np.dot(V.T, dy)"))
    wrong = [line for line in report.lines if line.verdict == "wrong"]
    _, *details = str(report).split("\n\n")
    assert len(wrong) == 3 and "".join(details).count("is the first that assigns") == 1
    assert [line.brief for line in wrong] == ["", *[f"perhaps through line {wrong[0].line}, too"] * 2]
