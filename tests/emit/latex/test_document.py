"""Every model of the zoo as a document that TeX can read: balanced, escaped, no line too wide, always the same."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

import derive
from derive.emit.latex import Options, document, fragment
from derive.emit.latex.document import typeset
from derive.emit.latex.layout import WIDTH, aligned, measure, rows_of
from derive.emit.latex.printer import BREAK, WEAK, Written
from tests.bank import bank, derivation, some_of_the_bank, some_of_the_zoo


@cache
def text(name: str, pictures: bool = False) -> str:
    return typeset(derivation(name), Options("both", pictures=pictures))


def prose(tex: str) -> str:
    """What stands outside mathematics."""
    body = tex[tex.index(r"\begin{document}") :]
    body = re.sub(r"\\begin\{(align\*?)\}.*?\\end\{\1\}", "", body, flags=re.S)
    body = re.sub(r"\\begin\{longtable\}.*\n", "", body)
    rows = (line.split(" & ") for line in body.splitlines())
    words = "\n".join(" ".join(row[1::2]) if len(row) == 4 else " ".join(row) for row in rows)
    return re.sub(r"\$[^$]*\$", "", words.replace(r"\$", ""))


@some_of_the_bank
def test_braces_and_environments_are_balanced(name: str) -> None:
    tex = text(name)
    assert not {BREAK, WEAK} & set(tex)
    depth = 0
    for mark in re.findall(r"\\.|[{}]", tex, flags=re.S):
        depth += (mark == "{") - (mark == "}")
        assert depth >= 0
    assert depth == 0
    open_ = []
    for what, environment in re.findall(r"\\(begin|end)\{(\w+\*?)\}", tex):
        if what == "begin":
            open_.append(environment)
        else:
            assert open_.pop() == environment
    assert not open_


@some_of_the_bank
def test_no_character_of_mathematics_stands_in_prose(name: str) -> None:
    assert not re.search(r"(?<!\\)[_^#]", prose(text(name)))


@some_of_the_bank
def test_no_exponent_on_an_exponent(name: str) -> None:
    group = r"\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*\}"
    found = re.search(rf"(\^{group}(_{group})?\^|_{group}(\^{group})?_)", text(name))
    assert found is None


@some_of_the_zoo
def test_the_row_estimate_stays_on_the_page(name: str) -> None:
    for row in re.findall(r"^  (.*)$", text(name), flags=re.M):
        assert measure(row.replace(r"\notag", "").replace("&", "")) < WIDTH + 60, row


def test_a_document_says_title_symbols_and_comments() -> None:
    tex = text("vanilla")
    assert "Vanilla RNN: hidden-to-hidden recurrence" in tex
    assert r"Goodfellow, Bengio \& Courville (2016)" in tex
    assert r"\mathbf{U} & U & \mathbb{R}^{n_{h} \times n_{x}} & parameter: input to hidden \\" in tex
    assert r"y^{(t)} & y & \{0,\dots,n_{y} - 1\} & label: the class to predict at each step \\" in tex
    assert r"\textit{reuse forward values}: $h_{i}^{(t)} = \tanh(a_{i}^{(t)})$" in tex
    assert r"\textit{chain rule} through $\boldsymbol{o}$, $\boldsymbol{a}$" in tex


def test_a_node_may_be_none() -> None:
    assert r"& left & \{0,\dots,K\} & index: left child, 0 for none" in text("tree")


def test_the_same_every_time() -> None:
    model = derive.load("attention")
    again = document(model.system, derive.load("attention").gradient().traced, Options("both"))
    assert again == text("attention", True)


def test_a_fragment_is_equations_alone_and_names_its_packages() -> None:
    model = derive.load("vanilla")
    tex = fragment(model.system, model.gradient().traced)
    assert r"\usepackage{amsmath,amssymb}" in tex.splitlines()[0] and tex.startswith("%")
    assert r"\documentclass" not in tex and r"\section" not in tex and tex.count(r"\begin{align}") == 5


def test_pages_may_break_within_a_fragment_alone() -> None:
    model = derive.load("vanilla")
    _, found, rest = fragment(model.system, model.gradient().traced).partition("\\begingroup\\allowdisplaybreaks\n")
    assert found and rest.endswith("\\endgroup\n")


def test_what_the_reader_made_of_the_loss_is_no_equation_of_the_model() -> None:
    model = derive.parse("x: Input[T, n]\nloss = logsumexp(x[T]) - sum(x[1])", "made")
    told = fragment(model.system, model.gradient().traced)
    assert "lse" not in told and r"L & = \operatorname{logsumexp}(\boldsymbol{x}^{(\tau)}) - " in told
    steps = document(model.system, model.gradient().traced)
    assert r"L_{\mathrm{lse}}" in steps and r"\mathit{loss}" not in steps


def test_a_model_without_sequences_or_words() -> None:
    model = derive.parse("w: Param[n]\nx: Input[n]\nloss = dot(w, x)", "plain_one")
    tex = document(model.system, model.gradient().traced)
    assert r"plain\_one" in tex and r"\nabla_{\boldsymbol{w}} L & = \boldsymbol{x}" in tex


def test_a_long_sum_is_broken_at_its_outermost_signs() -> None:
    term = rf"\bigl( a_{{i}} {BREAK}+ b_{{i}} \bigr) {WEAK}\odot c"
    rows = [row for _, row in rows_of(f" {BREAK}+ ".join([term] * 8), 200.0)]
    assert len(rows) > 2 and all(row.startswith("+") for row in rows[1:])
    assert " ".join(rows).replace(" ", "") == f"+{term}".join([""] * 9)[1:].translate({1: "", 2: ""}).replace(" ", "")


def test_an_operator_over_several_indices_has_one_subscript() -> None:
    text = "r: Input[T, n]\nloss = max(r[t, i], i, t)"
    model = derive.parse(text)
    tex = fragment(model.system, model.gradient().traced, Options("index"))
    assert r"\max_{i, t}(r_{i}^{(t)})" in tex or r"\max_{t, i}(r_{i}^{(t)})" in tex


def test_the_log_of_a_sum_of_exponentials_is_written_so() -> None:
    model = derive.parse("r: Input[T, n]\nloss = sum(logsumexp(r[t]), t)")
    tex = fragment(model.system, model.gradient().traced, Options("index"))
    assert r"\log \sum_{i} \exp(r_{i}^{(t)})" in tex


def test_a_row_that_goes_on_has_no_number() -> None:
    long = Written("a", f" {BREAK}+ ".join(["b" * 20] * 10), "t < T")
    tex = aligned([long, Written("c", "d")])
    assert tex.count(r"\notag") == tex.count(r"\\") - 1


def test_a_document_has_the_circuit_and_the_unfolded_graph() -> None:
    for name, figures in ("vanilla", 1), ("lstm", 2):
        tex = text(name, pictures=True)
        assert tex.count(r"\begin{tikzpicture}") == tex.count(r"\refstepcounter{figure}") == figures
    assert "tikzpicture" not in text("vanilla")
    model = derive.load("vanilla")
    assert "tikzpicture" not in fragment(model.system, model.gradient().traced)


def compiled(tex: str, folder: Path) -> None:
    """TeX sets it without an error, and no line is over ten points too wide."""
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not here: apt-get install texlive-latex-recommended texlive-pictures")
    (folder / "model.tex").write_text(tex)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "model.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    log = (folder / "model.log").read_text("latin-1")
    wide = [float(pt) for pt in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
    assert max(wide, default=0.0) <= 10.0


@pytest.mark.tex
@bank
def test_tex_sets_every_model(name: str, tmp_path: Path) -> None:
    compiled(text(name, pictures=True), tmp_path)


@pytest.mark.tex
@pytest.mark.parametrize("name", ["vanilla", "lstm", "attention", "tree", "soft_dtw"])
@pytest.mark.parametrize(
    "options",
    [Options("array", "delta", "subscript"), Options("array", "partial"), Options("index", "nabla", "subscript")],
    ids=lambda options: f"{options.notation}-{options.gradient}-{options.time}",
)
def test_tex_sets_every_way_to_write(name: str, options: Options, tmp_path: Path) -> None:
    model = derive.load(name)
    compiled(document(model.system, model.gradient().traced, options), tmp_path)


@pytest.mark.tex
def test_a_fragment_is_read_by_an_article_with_the_packages_that_it_names(tmp_path: Path) -> None:
    tex = derive.load("lstm").latex(fragment=True)
    packages = re.search(r"\\usepackage\{[^}]*\}", tex.splitlines()[0])
    assert packages is not None
    (tmp_path / "equations.tex").write_text(tex)
    lines = (r"\documentclass{article}", packages[0], r"\begin{document}", r"\input{equations}", r"\end{document}")
    compiled("\n".join(lines), tmp_path)
