"""`derive latex`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import derive
from derive.emit.latex import Options, document, fragment

Run = Callable[..., Any]


def test_without_a_file_it_is_printed(derive_in: Run) -> None:
    model = derive.load("vanilla")
    answer = derive_in("latex", "vanilla")
    assert answer.code == 0 and answer.out == document(model.system, model.gradient().traced)
    assert list(Path().iterdir()) == []


def test_a_file_is_written(derive_in: Run) -> None:
    answer = derive_in("latex", "vanilla", "-o", "v.tex")
    assert answer.code == 0 and answer.out == "v.tex  written\n"
    assert Path("v.tex").read_text() == derive_in("latex", "vanilla").out


def test_options_reach_the_document(derive_in: Run) -> None:
    words = ("--notation", "both", "--gradient", "delta", "--time", "subscript", "--fragment")
    model = derive.load("lstm")
    expected = fragment(model.system, model.gradient().traced, Options("both", "delta", "subscript"))
    assert derive_in("latex", "lstm", *words).out == expected


def test_an_answer_for_a_program(derive_in: Run) -> None:
    assert derive_in("latex", "vanilla", "--json").json["latex"] == derive_in("latex", "vanilla").out
    assert derive_in("latex", "vanilla", "-o", "v.tex", "--json").json == {"model": "vanilla", "files": ["v.tex"]}


@pytest.mark.parametrize("words", [("--notation", "words"), ("--gradient", "d"), ("--time", "none")])
def test_a_wrong_option(derive_in: Run, words: tuple[str, str]) -> None:
    assert derive_in("latex", "vanilla", *words).code == 2


def test_a_folder_is_no_pdf(derive_in: Run, tmp_path: Path) -> None:
    answer = derive_in("latex", "vanilla", "--pdf", "-o", str(tmp_path))
    assert answer.code == 2 and f"{tmp_path} is a folder" in answer.err and not list(tmp_path.glob("*.tex"))


def test_a_fragment_is_no_pdf(derive_in: Run) -> None:
    answer = derive_in("latex", "vanilla", "--fragment", "--pdf")
    assert answer.code == 2 and "a fragment is no document of its own" in answer.err


def test_no_folder(derive_in: Run) -> None:
    assert derive_in("latex", "vanilla", "-o", "nowhere/v.tex").code == 3


def test_without_tex_the_file_stays_and_the_way_is_told(derive_in: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    answer = derive_in("latex", "vanilla", "--pdf")
    assert answer.code == 3 and "apt-get install latexmk texlive-latex-recommended" in answer.err
    assert [path.name for path in Path().iterdir()] == ["vanilla.tex"]


def fake(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `tectonic` that is this script, and no other TeX."""
    program = folder / "tectonic"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(program) if name == "tectonic" else None)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_what_tex_refuses_is_told(derive_in: Run, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any) -> None:
    fake(tmp_path_factory.mktemp("bin"), "echo '! Undefined control sequence.'; exit 1", monkeypatch)
    answer = derive_in("latex", "vanilla", "--pdf", "-o", "v.tex")
    assert answer.code == 1 and "does not accept v.tex: Undefined control sequence." in answer.err
    assert Path("v.tex").exists() and not Path("v.pdf").exists()


def test_a_pdf_lies_beside_its_source(derive_in: Run, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any) -> None:
    fake(tmp_path_factory.mktemp("bin"), "echo pdf > model.pdf", monkeypatch)
    answer = derive_in("latex", "vanilla", "--pdf", "-o", "v.pdf")
    assert answer.code == 0 and answer.out == "v.tex  written\nv.pdf  written\n"
    assert sorted(path.name for path in Path().iterdir()) == ["v.pdf", "v.tex"]


@pytest.mark.parametrize(
    ("out", "source"), [("v.tex", "v.tex"), ("v.pdf", "v.tex"), ("v", "v.tex"), ("v.1", "v.1.tex")]
)
def test_the_source_of_a_pdf(
    derive_in: Run, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any, out: str, source: str
) -> None:
    fake(tmp_path_factory.mktemp("bin"), "echo pdf > model.pdf", monkeypatch)
    assert derive_in("latex", "vanilla", "--pdf", "-o", out).out.splitlines()[0] == f"{source}  written"


@pytest.mark.tex
def test_latexmk_makes_a_pdf(derive_in: Run) -> None:
    if shutil.which("latexmk") is None or shutil.which("pdflatex") is None:
        pytest.skip("latexmk and pdflatex are not here: apt-get install latexmk texlive-latex-recommended")
    assert derive_in("latex", "vanilla", "--pdf").code == 0
    assert Path("vanilla.pdf").read_bytes().startswith(b"%PDF")
    assert sorted(path.name for path in Path().iterdir()) == ["vanilla.pdf", "vanilla.tex"]
