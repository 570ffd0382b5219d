"""What is written in a person's letters reads as it was meant."""

import ast
import itertools
from pathlib import Path

import pytest

import derive
from derive.check.hand.lines import HandLine, Unread
from derive.check.tex import check_tex, read_tex
from derive.check.tex.spelling import tex_line
from derive.cli import main
from derive.emit.latex.document import Options, fragment

pytest.importorskip("lark")

WAYS = list(itertools.product(("array", "index"), ("nabla", "partial", "delta"), ("superscript", "subscript")))
MODELS = ("vanilla", "lstm", "gru", "crf", "tree", "self_attention")


def printed(name: str, way: tuple[str, str, str]) -> str:
    model = derive.load(name)
    text = fragment(model.system, model.gradient().traced, Options(*way))  # type: ignore[arg-type]
    return text[text.index("% By what is computed") :]


def plain(line: HandLine | Unread) -> str:
    assert isinstance(line, HandLine), line.fault.render()
    return " ; ".join(ast.unparse(part) for part in (line.left, line.right, *line.conditions))


def written(line: HandLine | Unread) -> str:
    assert isinstance(line, HandLine), line.fault.render()
    return tex_line(line, line.left, line.right, line.conditions)


# A way of printing for every model by default; a second one for each takes its time.
READ = [(name, WAYS[(5 * n) % 12]) for n, name in enumerate(MODELS * 2)]
AGAIN = [pytest.param(*both, marks=pytest.mark.slow) for both in READ[len(MODELS) :]]
RIGHT = [("vanilla", way) for way in WAYS[::3]] + [("gru", WAYS[1])]


@pytest.mark.parametrize(("name", "way"), [*READ[: len(MODELS)], *AGAIN])
def test_what_derive_prints_is_read_and_written_again(name: str, way: tuple[str, str, str]) -> None:
    model = derive.load(name)
    first = read_tex(printed(name, way), model).lines
    rows = " \\\\\n".join(map(written, first))
    second = read_tex(f"\\begin{{align}}\n{rows}\n\\end{{align}}", model).lines
    strip = str.maketrans("", "", "()")
    assert [plain(line).translate(strip) for line in first] == [plain(line).translate(strip) for line in second]


@pytest.mark.parametrize(("name", "way"), [*RIGHT[:2], *(pytest.param(*r, marks=pytest.mark.slow) for r in RIGHT[2:])])
def test_what_derive_prints_is_right(name: str, way: tuple[str, str, str]) -> None:
    report = check_tex(derive.load(name), printed(name, way))
    assert report.verdict == "right", str(report)


def corrected(row: str, before: str = "") -> str | None:
    report = check_tex(derive.load("vanilla"), rf"\begin{{align}}{before} {row}\end{{align}}")
    assert report.lines[-1].verdict == "wrong"
    return report.lines[-1].correct


def test_corrections_are_in_the_letters_of_the_person() -> None:
    carried = r"\nabla_{\bm{h}^{(t)}} L = \bm{W} \nabla_{\bm{a}^{(t+1)}} L + \bm{V}^\intercal \nabla_{\bm{o}^{(t)}} L"
    assert corrected(carried) == (
        r"\nabla_{\bm{h}^{(t)}} L = \bm{W}^{\intercal} \nabla_{\bm{a}^{(t+1)}} L"
        r" + \bm{V}^{\intercal} \nabla_{\bm{o}^{(t)}} L"
    )
    delta = r"\delta_t &= \frac{\partial E}{\partial a_t} \\"
    assert corrected(r"\frac{\partial E}{\partial b} = -\sum_{t=1}^T \delta_t", delta) == (
        r"\frac{\partial E}{\partial b} = \sum_{t} \delta_{t}"
    )


def test_mistakes_are_said_in_the_letters_of_the_person() -> None:
    row = r"\frac{\partial E}{\partial x_t} = U \frac{\partial E}{\partial a_t}"
    (line,) = check_tex(derive.load("vanilla"), rf"\[{row}\]").lines
    assert line.fault is not None and line.fault.endswith(r"a transpose is missing: U^{\top}, not U")
    assert line.correct == r"\frac{\partial E}{\partial x_{t}} = U^{\top} \frac{\partial E}{\partial a_{t}}"


def test_rows_times_jacobians_are_turned_one_and_all() -> None:
    """In numerator layout a gradient is a row that stands before its Jacobians; here it is a column."""
    carried = r"\frac{\partial L}{\partial h_{t+1}} \frac{\partial h_{t+1}}{\partial h_t}"
    own = r"\frac{\partial L}{\partial o_t} \frac{\partial o_t}{\partial h_t}"
    assert corrected(rf"\frac{{\partial L}}{{\partial h_t}} = {carried} + {own}") == (
        r"\frac{\partial L}{\partial h_{t}} = \left( \frac{\partial h_{t+1}}{\partial h_{t}} \right)^{\top}"
        r" \frac{\partial L}{\partial h_{t+1}} + \left( \frac{\partial o_{t}}{\partial h_{t}} \right)^{\top}"
        r" \frac{\partial L}{\partial o_{t}}"
    )


def test_diag_on_the_wrong_side_is_a_shape_error() -> None:
    row = (
        r"\nabla_{h^{(t)}} L = W^\top (\nabla_{h^{(t+1)}} L) \operatorname{diag}\left( 1 - (h^{(t+1)})^2 \right)"
        r" + V^\top \nabla_{o^{(t)}} L"
    )
    (line,) = check_tex(derive.load("vanilla"), rf"\[{row}\]").lines
    assert line.verdict == "wrong"
    assert "does not fit" in (line.fault or "")
    assert line.correct == (
        r"\nabla_{h^{(t)}} L = W^{\top} \operatorname{diag}(1 - (h^{(t+1)})^{2}) \nabla_{h^{(t+1)}} L"
        r" + V^{\top} \nabla_{o^{(t)}} L"
    )


@pytest.mark.parametrize(
    ("row", "correct"),
    [
        (
            r"\nabla_{a_t} L = (1 - h_t^2) \nabla_{h_t} L",
            r"\nabla_{a_{t}} L = (1 - h_{t}^{2}) \odot \nabla_{h_{t}} L",
        ),
        (r"\nabla_W L = \sum_t (\nabla_{a_t} L) h_{t-1}", r"\nabla_{W} L = \sum_{t} (\nabla_{a_{t}} L) h_{t-1}^{\top}"),
    ],
)
def test_vectors_are_columns(row: str, correct: str) -> None:
    (line,) = check_tex(derive.load("vanilla"), rf"\[{row}\]").lines
    assert line.verdict == "wrong"
    assert line.correct == correct


def test_the_chapter_is_right() -> None:
    file = Path(__file__).parents[3] / "docs" / "hand" / "goodfellow.tex"
    report = check_tex(derive.load("vanilla"), file.read_text(), file.name)
    assert report.verdict == "right", str(report)
    assert len(report.lines) == 15


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "d.tex"
    file.write_text("% model: vanilla\n\\[ \\nabla_b L = \\sum_t \\nabla_{a_t} L \\]\n")
    assert main(["check", str(file)]) == 0
    file.write_text("% model: vanilla\n\\[ \\nabla_b L = \\sum_t \\nabla_{q_t} L \\]\n")
    assert main(["check", str(file), "--json"]) == 2
    assert "which is q_t?" in capsys.readouterr().out


def test_a_model_checks_a_text() -> None:
    assert derive.load("vanilla").check(r"\[ \nabla_b L = \sum_t \nabla_{a_t} L \]").verdict == "right"


def test_corrections_do_without_the_commands_of_a_file_that_hold_more_than_a_letter() -> None:
    commands = r"\newcommand{\dd}[2]{\frac{\partial #1}{\partial #2}}"
    rows = r"\dd{E}{\mathbf{h}_t} &= V^\top \dd{E}{o_t} + W \dd{E}{a_{t+1}}"
    (line,) = check_tex(derive.load("vanilla"), rf"{commands}\begin{{align}}{rows}\end{{align}}").lines
    right = r"V^{\top} \frac{\partial E}{\partial o_{t}} + W^{\top} \frac{\partial E}{\partial a_{t+1}}"
    assert line.correct == rf"\frac{{\partial E}}{{\partial h_{{t}}}} = {right}"
