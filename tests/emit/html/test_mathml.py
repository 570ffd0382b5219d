"""The printer's mathematics as browsers read it: well-formed, no TeX left, signs and typefaces as they should be."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from derive.emit.html.letters import styled
from derive.emit.html.mathml import mathml
from derive.errors import DeriveError


def inner(tex: str, **options: bool) -> str:
    return mathml(tex, **options).removeprefix("<math>").removesuffix("</math>")


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"\boldsymbol{h}", "<mi>𝒉</mi>"),
        (r"\mathbf{W}", "<mi>𝐖</mi>"),
        (r"\boldsymbol{\mathsf{M}}", "<mi>𝗠</mi>"),
        (r"\boldsymbol{\alpha}", "<mi>𝜶</mi>"),
        (r"\boldsymbol{\epsilon}", "<mi>𝝐</mi>"),
        (r"\mathbf{1}", "<mn>𝟏</mn>"),
        (r"\mathbb{N}", "<mi>ℕ</mi>"),
        (r"\mathit{two\_words}", '<mi class="it">two_words</mi>'),
        (r"\boldsymbol{\mathit{word}}", '<mi class="bfit">word</mi>'),
        (r"\mathbf{word}", '<mi class="bf">word</mi>'),
        (r"\boldsymbol{\mathsf{word}}", '<mi class="sf">word</mi>'),
        (r"\operatorname{diag}", '<mi class="fn">diag</mi>'),
        (r"\nabla", '<mi mathvariant="normal">∇</mi>'),
        (r"\mathrm{P}", '<mi mathvariant="normal">P</mi>'),
        (r"\tau", "<mi>τ</mi>"),
        (r"\varfoo", '<mi class="up">varfoo</mi>'),
        (r"a < b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
    ],
)
def test_letters(tex: str, expected: str) -> None:
    assert inner(tex) == expected


def test_unicode_has_no_such_letter() -> None:
    assert styled("\u0263", "bold") == "\u0263" and styled("ab", "bold") == "ab"


def test_a_transpose_is_a_letter_of_the_exponent() -> None:
    assert inner(r"\mathbf{W}^{\top}") == '<msup><mi>𝐖</mi><mi mathvariant="normal">⊤</mi></msup>'


def test_limits_stand_below_a_sum_and_beside_a_function() -> None:
    assert inner(r"\sum_{t} x").startswith("<munder><mo>∑</mo><mi>t</mi></munder>")
    assert inner(r"\sum_{t=1}^{\tau} x").startswith("<munderover><mo>∑</mo>")
    assert inner(r"\max_{i}(x)").startswith("<munder><mo ")
    assert inner(r"\operatorname{softmax}_{i}(x)").startswith('<msub><mi class="fn">softmax</mi>')


def test_a_minus_is_of_a_term_or_between_two() -> None:
    assert inner("-a") == '<mo form="prefix">−</mo><mi>a</mi>'
    assert inner("a - b") == "<mi>a</mi><mo>−</mo><mi>b</mi>"
    assert '<mo form="prefix">−</mo>' in inner("a = -b") and '<mo form="prefix">−</mo>' in inner("(-b)")
    assert '<mo form="prefix">−</mo>' in inner(r"\Bigl( -b \Bigr)")
    assert inner("- b", first=False) == '<mo form="infix">−</mo><mi>b</mi>'
    assert inner(r"\odot b", first=False) == '<mo form="infix">⊙</mo><mi>b</mi>'


def test_a_function_has_a_space_where_it_has_no_bracket() -> None:
    assert inner(r"\log x") == '<mi>log</mi><mspace width="0.167em" /><mi>x</mi>'
    assert "mspace" not in inner(r"\log(x)") and "mspace" not in inner(r"\tanh \Bigl( x \Bigr)")


def test_norms_open_and_close() -> None:
    assert re.findall(r'form="(\w+)"', inner(r"\lVert x \rVert_2 + \lvert y \rvert")) == [*["prefix", "postfix"] * 2]


def test_an_increment_is_one_sign() -> None:
    assert inner(r"\mathrel{+}= x") == '<mo form="infix">+=</mo><mi>x</mi>'


def test_brackets_have_sizes_that_do_not_stretch() -> None:
    assert 'stretchy="false"' in inner(r"\bigl( x \bigr)") and "minsize" not in inner(r"\Bigl( x \Bigr)")


def test_a_choice_is_a_table() -> None:
    text = inner(r"\begin{cases} 1 & \text{if } a < b \\ 0 & \text{otherwise} \end{cases}")
    rows = ElementTree.fromstring(f"<math>{text}</math>").findall(".//mtr")
    assert ["".join(row.itertext()) for row in rows] == ["1if\xa0a<b", "0otherwise"]


def test_what_is_no_mathematics_is_refused() -> None:
    with pytest.raises(DeriveError, match="cannot be shown in a browser"):
        mathml("a_")


def test_without_the_converter_the_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "latex2mathml.converter", None)
    with pytest.raises(DeriveError, match=r"pip install latex2mathml pygments"):
        mathml("never{}seen")
