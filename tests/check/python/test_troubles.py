"""Files that give no gradients: one clear answer each, with its line."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from derive.check.python.troubles import nearest, of_function, of_returned
from tests.check.python.test_python import VANILLA, judged, one, points_are_drawn_once

__all__ = ["points_are_drawn_once"]

HEAD = "import numpy as np\n\ndef backward(params, data, forward):\n"


def function(text: str) -> tuple[int, str]:
    return of_function(ast.parse(text), "backward", Path("mine.py"))


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("def backwards(p, d, f):\n    pass\n", 1, "did you mean `backwards`?"),
        ("def f():\n    pass\ndef g():\n    pass\n", 1, "(there: f, g); another name is given as mine.py:name"),
        ("\ndef backward(params, forward):\n    pass\n", 2, "takes 2 arguments; it is called with three"),
        (
            "def backward(data, params, forward):\n    pass\n",
            1,
            "takes data, params, forward; it is called with params",
        ),
        ("def backward(p, d, f, *, lr):\n    pass\n", 1, "wants `lr` by name"),
        ("class A:\n    def backward(self, p, d, f):\n        pass\n", 1, "a method of the class `A`"),
        ("def outer():\n    def backward(p, d, f):\n        pass\n", 1, "a function in `outer`"),
        ("import m\nbackward = m.f\n", 2, "is assigned; it must be a function"),
        ("async def backward(p, d, f):\n    pass\n", 1, "is `async`"),
        ("def backward(p, d, f):\n    yield 1\n", 1, "has a `yield`"),
    ],
)
def test_a_function_that_cannot_be_called_is_told(text: str, line: int, said: str) -> None:
    at, fault = function(text)
    assert at == line and said in fault


@pytest.mark.parametrize("text", ["(p, d, f)", "(p, d, f, more=1)", "(*all)", "(p, *rest, lr=1)"])
def test_other_names_of_the_arguments_are_as_good(text: str) -> None:
    assert function(f"def backward{text}:\n    pass\n") == (1, "")


def test_what_is_returned_is_told_in_words() -> None:
    assert "returns nothing" in of_returned("f", "NoneType")
    assert "returns an int;" in of_returned("f", "int") and "returns a tuple;" in of_returned("f", "tuple")
    assert nearest("P_Hat", ["yhat", "p_hat"]) == "; did you mean `p_hat`?" and nearest("q", ["yhat"]) == ""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("data['X']", 'there is no data["X"]: data has "x", "y"; did you mean data["x"]?'),
        ("params['h']", 'params has "U", "W", "V", "b", "c"; it is forward["h"]'),
        ("forward['y_hat']", 'did you mean forward["yhat"]?'),
        ("input()", "raises EOFError: EOF when reading a line; nobody is there"),
        (
            "backward(params, data, forward)",
            "RecursionError: maximum recursion depth exceeded; a function calls itself",
        ),
        ("import ctypes; ctypes.string_at(0)", "by signal 11, SIGSEGV"),
        ("import sys; sys.exit(3)", "raises SystemExit: 3; a function that is checked must return, with B = 2"),
        ("params.W", "'dict' object has no attribute 'W'"),
    ],
)
def test_what_goes_wrong_inside_is_told_with_its_line(body: str, said: str) -> None:
    line = one(f"{HEAD}    a = 1\n    {body}\n")
    assert said in line.fault
    assert line.line == (3 if "signal" in said else 5)


def test_no_entry_of_a_persons_own_dictionary_is_an_ordinary_error() -> None:
    fault = one(f"{HEAD}    return dict(data)['q']\n").fault
    assert fault.startswith("raises KeyError: 'q', with B = 2")


def edited(old: str, new: str) -> Any:
    assert old in VANILLA
    return judged(VANILLA.replace(old, new, 1))


def test_arguments_that_are_changed_are_told() -> None:
    report = edited("probs.copy()", "probs")
    assert report.verdict == "right"
    assert 'it changes its arguments: forward["yhat"]; here each call has its own' in report.note


@pytest.mark.parametrize(
    "new",
    ["    db = dout.sum(axis=(0, 1)) * np.random.rand()", "    SUMS.append(dout.sum(axis=(0, 1)))\n    db = sum(SUMS)"],
)
def test_what_changes_from_call_to_call_is_told(new: str) -> None:
    report = judged("SUMS = []\n" + VANILLA.replace("    db = dout.sum(axis=(0, 1))", new))
    wrong = [line for line in report.lines if line.verdict == "wrong"]
    assert [line.of for line in wrong] == ["grad(c)"]
    assert "another one when the same call is made again" in (wrong[0].fault or "")


@pytest.mark.parametrize(
    "new",
    [
        "    import os; os.fork()\n    x = data",
        "    import threading, time\n    threading.Thread(target=time.sleep, args=(60,)).start()\n    x = data",
        "    open('mine.txt', 'w').write('mine')\n    x = data",
    ],
)
def test_processes_threads_and_files_do_no_harm(new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert edited("    x = data", new).verdict == "right"
    assert list(tmp_path.iterdir()) == []


def test_lists_and_numbers_count_as_arrays() -> None:
    assert edited('"b": db', '"b": db.tolist()').verdict == "right"
