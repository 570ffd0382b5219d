"""`derive draw`."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import derive
from derive.errors import DeriveError

Run = Callable[..., Any]


def test_without_a_file_it_is_printed(derive_in: Run) -> None:
    answer = derive_in("draw", "vanilla")
    assert answer.code == 0 and answer.out == derive.load("vanilla").draw().svg()
    assert ET.fromstring(answer.out).tag.endswith("svg")
    assert list(Path().iterdir()) == []


def test_a_file_is_written(derive_in: Run) -> None:
    answer = derive_in("draw", "vanilla", "-o", "v.svg")
    assert answer.code == 0 and answer.out == "v.svg  written\n"
    assert Path("v.svg").read_text() == derive_in("draw", "vanilla").out


@pytest.mark.parametrize("name", ["v.tex", "v.tikz", "V.TEX"])
def test_a_file_for_tex(derive_in: Run, name: str) -> None:
    assert derive_in("draw", "vanilla", "--unfold", "2", "-o", name).code == 0
    text = Path(name).read_text()
    assert text.startswith("% vanilla") and r"\begin{tikzpicture}" in text and r"\usetikzlibrary{arrows.meta}" in text


@pytest.mark.parametrize("name", ["v.png", "v.pdf", "v"])
def test_another_file_is_refused_before_it_is_written(derive_in: Run, name: str) -> None:
    answer = derive_in("draw", "vanilla", "-o", name)
    assert answer.code == 2 and "FILE.svg" in answer.err and "FILE.tex" in answer.err
    assert list(Path().iterdir()) == []


def test_steps_and_the_circuit(derive_in: Run) -> None:
    model = derive.load("vanilla")
    drawn = [derive_in("draw", "vanilla", "--unfold", str(n)).out for n in (0, 1, 4)]
    assert drawn == [model.draw(n).svg() for n in (0, 1, 4)]
    assert len(set(drawn)) == 3
    assert model.draw(4).picture.width > model.draw(1).picture.width


def test_the_gradient_goes_back(derive_in: Run) -> None:
    def kinds(*words: str) -> int:
        return derive_in("draw", "vanilla", *words).out.count('class="derive-edge derive-gradient')

    assert kinds() == 0 < kinds("--gradient")
    assert kinds("--unfold", "5", "--gradient") > kinds("--unfold", "3", "--gradient")


@pytest.mark.parametrize("steps", ["-1", "13", "many"])
def test_a_wrong_number_of_steps(derive_in: Run, steps: str) -> None:
    answer = derive_in("draw", "vanilla", "--unfold", steps)
    assert answer.code == 2 and "--unfold" in answer.err


@pytest.mark.parametrize("steps", [-1, 13])
def test_a_wrong_number_of_steps_in_python(steps: int) -> None:
    with pytest.raises(DeriveError, match=f"{steps} steps cannot be drawn"):
        derive.load("vanilla").draw(steps)


def test_an_answer_for_a_program(derive_in: Run) -> None:
    assert derive_in("draw", "vanilla", "--json").json == {
        "model": "vanilla",
        "svg": derive_in("draw", "vanilla").out,
    }
    assert derive_in("draw", "vanilla", "-o", "v.svg", "--json").json == {"model": "vanilla", "files": ["v.svg"]}


def test_no_folder(derive_in: Run) -> None:
    assert derive_in("draw", "vanilla", "-o", "nowhere/v.svg").code == 3


def test_a_model_without_a_gradient(derive_in: Run) -> None:
    Path("flat.eq").write_text("x: Input[T, n]\nloss = 1\n")
    assert derive_in("draw", "flat.eq").code == 0
    assert derive_in("draw", "flat.eq", "--gradient").code == 2


def test_it_shows_itself_in_a_notebook(tmp_path: Path) -> None:
    drawing = derive.load("vanilla").draw(2)
    assert drawing._repr_svg_() == drawing.svg()
    drawing.save(tmp_path / "v.svg")
    assert (tmp_path / "v.svg").read_text() == drawing.svg()
