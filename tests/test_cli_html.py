"""`derive html`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import derive
from derive.check import gradients
from derive.check.report import COMPLEX, DIFFERENCES, Comparison, Report

Run = Callable[..., Any]
SMALL = "w: Param[n]\nx: Input[n]\nloss = dot(w, x)\n"


@pytest.fixture(autouse=True)
def small(tmp_path: Path) -> None:
    """Two quick models in the folder."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.eq").write_text(f'"""Model {name}."""\n{SMALL}')


def test_without_a_file_it_is_printed(derive_in: Run) -> None:
    answer = derive_in("html", "one.eq")
    assert answer.code == 0 and answer.out == derive.load("one.eq").html()
    assert sorted(path.name for path in Path().iterdir()) == ["one.eq", "two.eq"]


def test_a_file_is_written(derive_in: Run) -> None:
    answer = derive_in("html", "one.eq", "--no-verify", "-o", "page.html")
    assert answer.code == 0 and answer.out == "page.html  written\n"
    assert Path("page.html").read_text() == derive.load("one.eq").html(verify=False)


def test_options_reach_the_page(derive_in: Run) -> None:
    words = ("--notation", "both", "--gradient", "delta", "--time", "subscript", "--no-verify")
    expected = derive.load("one.eq").html("both", "delta", "subscript", verify=False)
    assert derive_in("html", "one.eq", *words).out == expected


def test_pages_and_an_index_go_to_a_folder(derive_in: Run) -> None:
    answer = derive_in("html", "one.eq", "two.eq", "--no-verify", "--out", "deep/site")
    assert answer.code == 0 and answer.out.splitlines()[-1] == "deep/site/index.html  written"
    assert sorted(path.name for path in Path("deep/site").iterdir()) == ["index.html", "one.html", "two.html"]
    index = Path("deep/site/index.html").read_text()
    assert 'href="one.html"' in index and "Model two<" in index


def test_one_model_to_a_folder(derive_in: Run) -> None:
    assert derive_in("html", "one.eq", "--no-verify", "--out", "site").code == 0
    assert sorted(path.name for path in Path("site").iterdir()) == ["index.html", "one.html"]


def test_an_answer_for_a_program(derive_in: Run) -> None:
    assert derive_in("html", "one.eq", "--json").json == {
        "model": "one",
        "holds": True,
        "html": derive.load("one.eq").html(),
    }
    written = derive_in("html", "one.eq", "-o", "p.html", "--no-verify", "--json").json
    assert written == {"model": "one", "holds": None, "files": ["p.html"]}
    many = derive_in("html", "one.eq", "two.eq", "--out", "d", "--no-verify", "--json").json
    assert many["index"] == "d/index.html" and [row["file"] for row in many["pages"]] == ["d/one.html", "d/two.html"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("one.eq", "two.eq"), "where do the pages go?"),
        (("one.eq", "two.eq", "-o", "a.html"), "2 pages do not go into one file"),
        ((), "which model?"),
        (("one.eq", "other/one.eq", "--out", "d"), "there is no file"),
        (("one.eq", "--notation", "words"), "words"),
    ],
)
def test_a_wrong_call(derive_in: Run, words: tuple[str, ...], said: str) -> None:
    answer = derive_in("html", *words)
    assert answer.code == 2 and said in answer.err
    assert sorted(path.name for path in Path().iterdir()) == ["one.eq", "two.eq"]


def test_two_pages_of_one_name(derive_in: Run) -> None:
    Path("other").mkdir()
    Path("other/one.eq").write_text(SMALL)
    Path("index.eq").write_text(SMALL)
    assert "two models named one" in derive_in("html", "one.eq", "other/one.eq", "--out", "d").err
    assert "index.html, which is the index" in derive_in("html", "index.eq", "--out", "d").err
    assert derive_in("html", "index.eq", "--no-verify", "-o", "i.html").code == 0


def test_no_folder(derive_in: Run) -> None:
    assert derive_in("html", "one.eq", "--no-verify", "-o", "nowhere/p.html").code == 3
    Path("file").write_text("")
    answer = derive_in("html", "one.eq", "--no-verify", "--out", "file")
    assert answer.code == 2 and answer.err.startswith("file is no folder\n")


def test_code_that_does_not_hold_fails_and_the_page_says_so(derive_in: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [Comparison(kind, "w", (3,), 1.0, 1e-7, (0,), 1.0, 2.0) for kind in (DIFFERENCES, COMPLEX)]
    monkeypatch.setattr(gradients, "verify", lambda model, seed=0: Report("one", 0, {"n": 3}, 1e-4, tuple(wrong)))
    answer = derive_in("html", "one.eq", "-o", "p.html")
    assert answer.code == 1 and "does not hold" in answer.err and "WRONG" in Path("p.html").read_text()
