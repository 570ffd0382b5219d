r"""Labels say what equations say, in letters at places."""

from __future__ import annotations

import pytest

import derive
from derive.emit.graph.boxes import Box, Letters, Rule
from derive.emit.graph.labels import extent, label, mathematics
from derive.emit.latex.names import Names
from derive.emit.latex.printer import Latex
from derive.emit.notation import forms, lines
from tests.bank import bank, model


def marks(tex: str) -> list[Letters]:
    return [mark for mark in mathematics(tex).marks if isinstance(mark, Letters)]


def text(tex: str) -> str:
    return "".join(mark.text for mark in marks(tex))


def test_a_vector_at_a_step() -> None:
    letter, *step = marks(r"\boldsymbol{h}^{(t-1)}")
    assert (letter.text, letter.face.bold, letter.face.italic, letter.y) == ("h", True, True, 0)
    assert "".join(mark.text for mark in step) == "(t−1)"
    assert all(mark.y < 0 and mark.face.size < 1 and not mark.face.bold for mark in step)
    assert [mark.text for mark in step if mark.face.italic] == ["t"]


def test_scripts_stand_one_above_the_other() -> None:
    _, above, below = marks(r"\mathbf{W}_{hh}^{\top}")
    assert (above.text, below.text) == ("⊤", "hh")
    assert above.x == below.x and above.y < 0 < below.y


def test_an_accent_stands_above_the_middle_of_its_letter() -> None:
    letter, hat = marks(r"\hat{\boldsymbol{y}}")
    assert hat.text == "ˆ" and letter.x < hat.x + hat.width / 2 < letter.x + letter.width
    _, high = marks(r"\hat{h}")
    assert high.y < hat.y


def test_a_bar_is_a_line_over_the_letter() -> None:
    letter, rule = mathematics(r"\bar{x}").marks
    assert (
        isinstance(rule, Rule) and rule.y < -0.46 and letter.x < rule.x + rule.width / 2 < mathematics("x").width + 0.1
    )


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        (r"\alpha\Gamma\varepsilon", "αΓε"),
        (r"\nabla_{\boldsymbol{h}} L", "∇hL"),
        (r"\frac{\partial L}{\partial h}", "∂L∂h"),
        (r"\mathcal{L}\mathbb{R}\mathfrak{A}", "ℒℝ𝔄"),
        (r"\mathit{long\_name}", "long_name"),
        (r"\bigl( a + b \bigr)", "(a+b)"),
        (r"\vec{x'}", "x′→"),
        (r"\operatorname{diag}(x)", "diag(x)"),
        (r"\text{a word}", "aword"),
        (r"\unheard{x}", "unheardx"),
        (r"}{^_", ""),
        (r"\frac", ""),
        ("", ""),
    ],
)
def test_letters(tex: str, said: str) -> None:
    assert text(tex) == said


def test_words_are_words() -> None:
    printer = Latex(Names(derive.load("vanilla").system))
    (mark,) = label(r"\alpha_t", printer).marks
    assert isinstance(mark, Letters) and mark.text == r"\alpha_t"
    assert extent("unfold", printer)[0] > extent("un", printer)[0] > 0


def test_a_file_says_how_a_name_looks() -> None:
    system = derive.parse("# latex: w = \\vec{v}_a\nw: Param[n]\nx: Input[n]\nloss = dot(w, x)").system
    box = label(forms.Variable("w"), Latex(Names(system)))
    assert [mark.text for mark in box.marks if isinstance(mark, Letters)] == ["v", "→", "a"]


@bank
def test_every_name_has_letters(name: str) -> None:
    system = model(name).system
    printer = Latex(Names(system))
    for variable in system.variables:
        assert_known(label(forms.Variable(variable.name), printer))


@pytest.mark.parametrize("name", ["attention", "clockwork", "ctc", "gaussian", "slstm", "transducer"])
def test_nothing_of_an_equation_is_unknown(name: str) -> None:
    system = model(name).system
    printer = Latex(Names(system))
    for line in lines(system, system.equations):
        assert_known(label(line.right, printer))


def assert_known(box: Box) -> None:
    assert box.width > 0 and box.marks
    assert not any("\\" in mark.text for mark in box.marks if isinstance(mark, Letters))
