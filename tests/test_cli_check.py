"""`derive check`: its table, its exit codes, blanks and hints."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_the_chapters_own_derivation_is_right(derive_in: Run, checkout: Path) -> None:
    answer = derive_in("check", str(checkout / "docs" / "hand" / "goodfellow.hand.eq"))
    assert answer.code == 0, answer.out
    assert "20 of 20 right" in answer.out and "proved" in answer.out and "holds" in answer.out


def test_a_wrong_line_is_said_with_its_place(derive_in: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.hand.eq").write_text("# model: vanilla\ngrad(b) = sum(grad(a[t]), t)\ngrad(c) = grad(o[t])\n")
    answer = derive_in("check", "mine.hand.eq")
    assert answer.code == 1
    assert "line 3" in answer.out and "^" in answer.out and "1 of 2 right" in answer.out
    hints = derive_in("check", "mine.hand.eq", "--hints")
    assert hints.code == 1 and "look" in hints.out and "sum" not in hints.out
    program = derive_in("check", "mine.hand.eq", "--json")
    assert program.code == 1
    assert [line["verdict"] for line in program.json["lines"]] == ["right", "wrong"]


def test_a_line_that_is_not_understood(derive_in: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.hand.eq").write_text("grad(q) = 1\n")
    answer = derive_in("check", "mine.hand.eq", "--model", "lstm")
    assert answer.code == 2 and "no variable q" in answer.out


@pytest.mark.parametrize(
    ("line", "mend"),
    [
        ("dL/dW = sum(grad(a[t]) @ h[t-1].T, t)", "write grad(W)"),
        ("grad(b) = sum(delta[t], t)", "a name of your own is defined on a line of its own: delta[t] = ..."),
        ("grad(b) = sum(grad(a[t]), t=1)", "sum(expr, (t, 1, T))"),
        ("grad(U) = sum(np.outer(grad(a[t]), x[t]), t)", "without its module"),
    ],
)
def test_how_to_write_it_is_said(derive_in: Run, tmp_path: Path, line: str, mend: str) -> None:
    (tmp_path / "mine.hand.eq").write_text(f"# model: vanilla\n{line}\n")
    answer = derive_in("check", "mine.hand.eq")
    assert answer.code == 2 and mend in answer.out


def test_hints_tell_what_could_not_be_read(derive_in: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.hand.eq").write_text("# model: vanilla\ngrad(b) == 1\ngrad(c) = sum(grad(h[t]), t)\n")
    assert "the sign is =, not ==" in derive_in("check", "mine.hand.eq", "--hints").out
    unread, wrong = derive_in("check", "mine.hand.eq", "--hints", "--json").json["lines"]
    assert unread["fault"] and (wrong["verdict"], wrong["fault"], wrong["correct"]) == ("wrong", None, None)


def test_hints_are_in_the_notation_of_the_file(derive_in: Run, tmp_path: Path) -> None:
    pytest.importorskip("lark")
    row = r"\[\nabla_{h_t} L = W^\top (\nabla_{h_{t+1}} L) \operatorname{diag}(1 - h_{t+1}^2) + V^\top \nabla_{o_t} L\]"
    (tmp_path / "mine.tex").write_text(f"% model: vanilla\n{row}\n")
    answer = derive_in("check", "mine.tex", "--hints")
    assert answer.code == 1 and r"look again at \operatorname{diag}(1 - h_{t+1}^{2})" in answer.out


def test_blanks_are_asked_for_alone(derive_in: Run) -> None:
    answer = derive_in("check", "mine.hand.eq", "--blank", "vanilla")
    assert answer.code == 2 and "stands alone" in answer.out + answer.err


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("grad(b) = 1", [], "does not say which model"),
        ("# model: nosuch\ngrad(b) = 1", [], "no model 'nosuch'"),
        ("# model: ../other.txt\ngrad(b) = 1", [], "no model's name"),
        (None, [], "No such file"),
    ],
)
def test_what_cannot_be_checked_is_said(
    derive_in: Run, tmp_path: Path, text: str | None, arguments: list[str], message: str
) -> None:
    if text is not None:
        (tmp_path / "mine.hand.eq").write_text(text)
    answer = derive_in("check", "mine.hand.eq", *arguments)
    assert answer.code == 2 and message in answer.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_what_may_never_end_is_not_read(derive_in: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mine.hand.eq")
    answer = derive_in("check", "mine.hand.eq", "--model", "vanilla")
    assert answer.code == 2 and "no ordinary file" in answer.err


def test_lines_may_end_as_on_windows_and_the_model_lies_beside_the_file(derive_in: Run, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    assert derive_in("new", "deep/own").code == 0
    text = "# model: own.eq\r\nh[0] = 0\r\n\r\ngrad(c) = sum(grad(o[t]), t)\r\n"
    (tmp_path / "deep" / "mine.hand.eq").write_bytes(text.encode())
    answer = derive_in("check", "deep/mine.hand.eq")
    assert answer.code == 0 and "own: 2 of 2 right" in answer.out


def test_blanks_are_left_sides_to_fill_in(derive_in: Run, tmp_path: Path) -> None:
    answer = derive_in("check", "--blank", "vanilla")
    lines = answer.out.splitlines()
    assert answer.code == 0 and lines[0] == "# model: vanilla"
    assert {"grad(o[t]) = ...", "grad(h[T]) = ...", "grad(h[t]) = ..., t < T", "grad(W) = ..."} <= set(lines)
    assert not any("x[t]" in line or "loss" in line for line in lines)
    (tmp_path / "blank.hand.eq").write_text(answer.out)
    filled = derive_in("check", "blank.hand.eq")
    assert filled.code == 2 and "still to be filled in" in filled.out


def test_a_model_checks_a_text() -> None:
    import derive

    report = derive.load("vanilla").check("grad(c) = sum(grad(o[t]), t)")
    assert report.verdict == "right" and report.exit_code == 0


@pytest.mark.parametrize("named", ["# model: vanilla", "<!-- model: vanilla -->"])
def test_markdown_is_read_as_latex(derive_in: Run, tmp_path: Path, named: str) -> None:
    pytest.importorskip("lark")
    (tmp_path / "notes.md").write_text(f"{named}\n\nThe bias:\n\n$$\\nabla_c L = \\sum_t \\nabla_{{o^{{(t)}}}} L$$\n")
    answer = derive_in("check", "notes.md")
    assert answer.code == 0 and "1 of 1 right" in answer.out


@pytest.mark.parametrize(
    ("name", "text", "asked", "message"),
    [
        ("notes.ipynb", "{}", "notes.ipynb", "'.ipynb' is no ending of a derivation"),
        ("own.eq", "x: Input[T, n]\nW: Param[n, n]\n", "own.eq", "own.eq is a model, and no derivation"),
        ("mine.py", "# model: vanilla\n", "mine.py:", "'' is no function's name"),
        ("mine.py", "# model: vanilla\n", "mine.py:2nd", "'2nd' is no function's name"),
        ("none.py", None, "mine.py", "No such file"),
    ],
)
def test_what_is_no_derivation_is_said(
    derive_in: Run, tmp_path: Path, name: str, text: str | None, asked: str, message: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    answer = derive_in("check", asked)
    assert answer.code == 2 and message in answer.err


@pytest.mark.parametrize("text", ["grad(c) = sum(grad(o[t]), t)\n", "\\[ \\nabla_c L = \\sum_t \\nabla_{o_t} L \\]\n"])
def test_equations_and_latex_may_be_piped_in(derive_in: Run, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    pytest.importorskip("lark")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    answer = derive_in("check", "-", "--model", "vanilla")
    assert answer.code == 0 and "1 of 1 right" in answer.out
