"""What README.md shows is what derive prints today."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import derive
from derive.check.gradients import verify

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def blocks(checkout: Path) -> list[str]:
    """The code blocks of the page, in order."""
    return re.findall(r"^```\w*\n(.*?)^```", (checkout / "README.md").read_text(), flags=re.M | re.S)


def test_the_equations_are_those_of_the_zoo(blocks: list[str]) -> None:
    assert blocks[0] in derive.load("vanilla").source


def test_the_recursion_is_what_was_derived(blocks: list[str], derive_in: Run) -> None:
    assert derive_in("show", "vanilla", "--gradient").out.startswith(blocks[1])


def test_the_piece_of_code_is_in_the_module(blocks: list[str]) -> None:
    module = derive.load("vanilla").generate()
    assert blocks[2] in module[module.index("def loss_and_grad") :]


def test_the_table_has_these_arrays_and_entries(blocks: list[str], derive_in: Run) -> None:
    # Errors are rounding, and the worst entry with it: they differ from machine to machine.
    def arrays(text: str) -> list[list[str]]:
        rows = [line.split("  ") for line in text.splitlines() if line.rstrip().endswith("  ok")]
        return [[cell.strip() for cell in row if cell.strip()][:2] for row in rows]

    assert arrays(blocks[3]) == arrays(derive_in("verify", "vanilla").out) != []


def test_the_python_example_runs(
    blocks: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(next(block for block in blocks if block.startswith("import derive")), names)
    assert capsys.readouterr().out == f"{names['gradient']['h']}\n{names['model'].generate()}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["vanilla.svg"]
    assert names["rnn"].Params._fields == ("U", "W", "V", "b", "c")


@pytest.mark.parametrize("page", ["README.md", "docs/checking.md"])
def test_a_derivation_is_judged_as_it_is_shown(page: str, checkout: Path, derive_in: Run, tmp_path: Path) -> None:
    shown = re.findall(r"^```(\w+)\n(.*?)^```", (checkout / page).read_text(), flags=re.M | re.S)
    pairs = [(kind, text, said) for (kind, text), (_, said) in pairwise(shown) if text[2:].startswith("model: vanilla")]
    assert pairs
    for kind, text, said in pairs:
        if kind == "latex":
            pytest.importorskip("lark")
        name = {"python": "mine.hand.eq", "latex": "mine.tex"}[kind]
        (tmp_path / name).write_text(text)
        assert derive_in("check", name).out == said


def test_every_command_is_described(checkout: Path, derive_in: Run) -> None:
    page = (checkout / "README.md").read_text()
    described = set(re.findall(r"^\| `derive (\w+)", page, flags=re.M))
    listed = set(re.findall(r"^  (\w+)  ", derive_in("--help").out.split("Commands:")[1], flags=re.M))
    assert described == listed


REST = """x, v, q, u = Input[T, n]
y: Target[T, n]
m: Input[T, S]
left, right = Index[K, K]
U, W = Param[n, n]

h[0] = 0
g[T+1] = 0
p[0] = 1
d[0, s] = 0
d[t, 0] = 0
M[0] = 0
score[1] = x[1]
e[t, s] = m[t, s] * sum(a[t])
loss = sum(sum(h[t] + g[t] + c[t]) + dot(score[t], M[t] @ v[t]), t) + sum(alpha[t, s] * d[t, s], t, s) + sum(p[K])
"""


def test_what_it_can_say_is_differentiated_and_right(blocks: list[str]) -> None:
    said = next(block for block in blocks if "g[t+1]" in block)
    assert verify(derive.parse(REST + said)).ok
