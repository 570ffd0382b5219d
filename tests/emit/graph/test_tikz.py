"""Pictures as TikZ: what TeX can read, no wider than its page."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import derive
from derive.emit.graph.drawing import Drawing
from derive.emit.graph.tikz import POINTS, fitted, tikz
from tests.emit.graph.samples import HOSTILE, picture, printer

VANILLA = derive.load("vanilla").system
DOCUMENT = r"""\documentclass{article}
\usepackage[margin=2.5cm]{geometry}
\usepackage{amsmath,amssymb}
\usepackage{tikz}
\usetikzlibrary{arrows.meta}
\begin{document}
\noindent\input{%s}
\end{document}
"""


def test_labels_are_the_equations_own() -> None:
    text = tikz(picture(), printer(VANILLA))
    assert r"{$\boldsymbol{h}^{(t-1)}$}" in text and r"{$\nabla_{\boldsymbol{h}^{(t-1)}} L$}" in text


def test_braces_are_balanced_and_words_escaped() -> None:
    text = tikz(picture(HOSTILE), printer(VANILLA))
    depth = 0
    for mark in re.findall(r"\\.|[{}]", text, flags=re.S):
        depth += (mark == "{") - (mark == "}")
        assert depth >= 0
    assert depth == 0 and r"\end{document}" not in text


def test_every_node_and_edge_is_there() -> None:
    text = tikz(picture(), printer(VANILLA))
    assert text.count(r"\draw[derive ") == len(picture().edges)
    assert text.count(r"\path[derive ") == len(picture().nodes) - 1


@pytest.mark.parametrize(("width", "height"), [(20, 20), (80, 30), (200, 40), (300, 300), (30, 200)])
def test_it_fits_the_page(width: float, height: float) -> None:
    scale, turned = fitted(replace(picture(), width=width, height=height), 455, 640)
    sides = (height, width) if turned else (width, height)
    assert scale <= 1 and scale * POINTS * sides[0] <= 455.01 and scale * POINTS * sides[1] <= 640.01


def test_a_wide_one_lies_on_its_side() -> None:
    assert fitted(replace(picture(), width=200, height=40), 455, 640)[1]
    assert not fitted(replace(picture(), width=60, height=40), 455, 640)[1]


@pytest.mark.tex
@pytest.mark.parametrize("words", ["a title", HOSTILE])
@pytest.mark.parametrize("width", [14, 200])
def test_tex_reads_it(tmp_path: Path, words: str, width: float) -> None:
    if shutil.which("pdflatex") is None or subprocess.run(["kpsewhich", "tikz.sty"], capture_output=True).returncode:
        pytest.skip("needs pdflatex and texlive-pictures")
    made = Drawing(replace(picture(words), width=width), printer(VANILLA), "vanilla")
    made.save(tmp_path / "picture.tex")
    (tmp_path / "main.tex").write_text(DOCUMENT % "picture.tex")
    words_of_tex = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "main.tex"]
    done = subprocess.run(words_of_tex, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout
