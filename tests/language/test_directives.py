"""Comments that say how a name is printed."""

from __future__ import annotations

import pytest

from derive.errors import DeriveError
from derive.language import read
from derive.language.directives import overrides

MODEL = "x: Input[T, n]\nu: Param[n]\nh[t] = dot(u, x[t])\nloss = sum(h[t], t)\n"


@pytest.mark.parametrize(
    "tex", [r"\input{x}", r"\write18{x}", "{", "}{", "$x$", "x%", r"\def\a{b}", "a & b", "\\\\", "", "\\", "x#1", "ü"]
)
def test_nothing_but_letters(tex: str) -> None:
    line = f"# latex: u = {tex}\n"
    assert overrides(line) == {}
    with pytest.raises(DeriveError) as caught:
        read(line + MODEL, "m.eq")
    assert {fault.rule for fault in caught.value.faults} <= {"latex_letters", "latex_form"}
    assert all(fault.place is not None and fault.place.line == 1 for fault in caught.value.faults)


@pytest.mark.parametrize("name", ["x", "u", "h", "loss", "T", "n", "t"])
def test_names_of_the_file_and_sizes_and_steps(name: str) -> None:
    line = f"# latex: {name} = \\mathcal{{Q}}_{{a}}\n"
    assert overrides(read(line + MODEL, "m.eq").source) == {name: r"\mathcal{Q}_{a}"}


def test_other_comments_and_words_of_the_docstring_say_nothing() -> None:
    text = (
        '"""A title.\n\n# latex: u = \\input{x}\n"""\n'
        + MODEL.replace("\nh", "  # latex: behind a line\nh")
        + "# in latex: so\n"
    )
    assert overrides(read(text, "m.eq").source) == {}


def test_one_comment_may_break_several_rules() -> None:
    with pytest.raises(DeriveError) as caught:
        read("# latex: w = \\input{x}\n# latex: w = q\n" + MODEL, "m.eq")
    assert [f.rule for f in caught.value.faults] == ["latex_of_unknown", "latex_letters", "latex_of_unknown"]
