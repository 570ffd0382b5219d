"""Hostile and large texts: a clear error or a system, in bounded time, and nothing is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.errors import DeriveError
from derive.language import bounds, read

HEAD = "x: Input[T, n_x]\nA: Param[n_x, n_x]\nb: Param[n_x]\n"
CALL = "__import__('os').system('touch {}')"

PLACES = {
    "a statement": "{}\nloss = 1",
    "a right side": "loss = {}",
    "a left side": "{} = 1\nloss = 1",
    "a subscript": HEAD + "loss = b[{}]",
    "a left subscript": HEAD + "a[{}] = 1\nloss = 1",
    "a size": "c: Param[{}]\nloss = 1",
    "a role": "c: {}\nloss = 1",
    "a default": "c: Const = {}\nloss = 1",
    "a range": HEAD + "loss = sum(x[t, 0], (t, 1, {}))",
    "an index": HEAD + "loss = sum(b, {})",
    "a condition": HEAD + "loss = where({} < 1, 1, 2)",
    "a helper": "def f(v={}): return v\nloss = f(1)",
    "a helper's annotation": "def f(v: {}): return v\nloss = f(1)",
    "what a helper returns": "def f(v) -> {}: return v\nloss = f(1)",
    "a helper's body": "def f(v):\n    {}\n    return v\nloss = f(1)",
    "a decorator": "@{}\ndef f(v): return v\nloss = f(1)",
    "an f-string": "loss = f'{{{}}}'",
    "a name": "{}: Param\nloss = 1",
}


@pytest.mark.parametrize("where", PLACES)
def test_nothing_is_run(where: str, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    with pytest.raises(DeriveError):
        read(PLACES[where].format(CALL.format(trap)))
    assert not trap.exists()


TEXTS = {
    "minus signs": "loss = " + "-" * 10_000 + "1",
    "powers": "loss = 2" + "**2" * 200,
    "a tower": "loss = 9**9**9**9",
    "nested powers": "loss = " + "(" * 50 + "9" + "**9)" * 50,
    "brackets": "]" * 300_000,
    "open brackets": "@#$(\n" * 20_000,
    "quotes": "'''" + "a" * 300_000,
    "attributes": "loss = a" + ".a" * 100_000,
    "backslashes": "\\\n" * 100_000,
    "a chain of helpers": "def f0(v): return v\n"
    + "".join(f"def f{n}(v): return f{n - 1}(v)\n" for n in range(1, 900))
    + "loss = f899(1)",
    "half a character": "loss = '\ud800'",
    "10 MB": "a" * 10_000_000,
    "a distant step": "x: Input[T]\nloss = sum(exp(x[t-99999999]), t)",
    "a distant start": "x: Input[T]\nh[-99999999] = 0\nh[t] = x[t]\nloss = h[T]",
    "an exponent": "loss = 1e999999999",
    "nothing": "",
    "a byte order mark": "\ufeff",
}


@pytest.mark.parametrize("what", TEXTS)
def test_a_clear_error(what: str) -> None:
    with pytest.raises(DeriveError) as caught:
        read(TEXTS[what])
    assert caught.value.faults[0].message


@pytest.mark.parametrize(
    "inner", ["tanh({})", "A @ ({})", "where(b < 1, b, {})", "softmax({})", "concat(b, {})[:n_x]", "-(2*{})"]
)
def test_what_the_bounds_allow_can_be_read(inner: str) -> None:
    text = "b"
    for _ in range(bounds.DEPTH // 2 - 4):
        text = inner.format(text)
    assert read(HEAD + f"loss = sum({text})").equations


def test_long_sums_and_many_equations() -> None:
    assert read(HEAD + "loss = sum(" + " + ".join(["b"] * 500) + ")").equations
    lines = "".join(f"v{n}[t] = 0.5 * v{n + 1}[t]\n" for n in range(500))
    system = read(HEAD + lines + "v500[t] = A @ x[t]\nloss = sum(v0[T])")
    assert len(system.equations) == 502


@pytest.mark.parametrize("name", ["S", "N", "I", "E", "O", "Q", "beta", "gamma", "zeta", "pi", "inf", "re", "im"])
def test_names_of_other_tools_are_ordinary(name: str) -> None:
    assert read(f"x: Input[T, n]\n{name}: Param[n]\nloss = sum({name} @ x[t], t)").by_name[name]
    assert read(f"x: Input[T, n]\n{name}[t] = 2 * x[t]\nloss = sum({name}[T])").by_name[name]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_ends_of_lines(end: str) -> None:
    assert len(read(end.join(["b: Param[n]", "", "loss = sum(b)"])).equations) == 1
