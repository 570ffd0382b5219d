"""How each equation came to be: the rules in order, what they went through, put in and named."""

from __future__ import annotations

import pytest

from derive.emit.derivation import RULES, Derivation, Story
from derive.emit.notation import forms, lines, spoken
from derive.emit.notation.folding import Folding
from derive.emit.notation.plain import Plain
from tests.bank import derivation as told
from tests.bank import some_of_the_bank, some_of_the_zoo


def stages(name: str, of: str, rewritten: bool = False) -> list[tuple[str, list[str]]]:
    found = told(name).rewritten if rewritten else told(name).stories
    (story,) = (s for s in found if s.of.name == of)
    return [("; ".join(s.rules), [Plain().line(line) for line in s.lines]) for s in story.stages]


def test_a_softmax_with_its_logarithm_from_the_definition_to_the_difference() -> None:
    assert stages("vanilla", "yhat", rewritten=True) == [
        ("as given", ["yhat[t, i] = softmax(o[t, i], i)"]),
        ("write it out", ["yhat[t, i] = exp(o[t, i] - yhat.lse[t])"]),
    ]
    assert stages("vanilla", "loss", rewritten=True) == [
        ("as given", ["loss = sum(-log(yhat[t, y[t]]), t)"]),
        ("keep logarithms finite", ["loss = sum(yhat.lse[t] - o[t, y[t]], t)"]),
    ]
    assert [rule for rule, _ in stages("vanilla", "loss")] == ["begin at the loss"]
    assert stages("vanilla", "yhat.lse")[-1] == ("put in what is constant", ["grad(yhat.lse[t]) = 1"])
    assert stages("vanilla", "o") == [
        (
            "chain rule",
            ["grad(o[t, y[t]]) += -grad(loss)", "grad(o[t, i]) += exp(o[t, i] - yhat.lse[t]) * grad(yhat.lse[t])"],
        ),
        (
            "turn a look-up round; collect like terms",
            ["grad(o[t, i]) = exp(o[t, i] - yhat.lse[t]) * grad(yhat.lse[t]) - onehot(y[t])[i] * grad(loss)"],
        ),
        ("put in what is constant", ["grad(o[t, i]) = exp(o[t, i] - yhat.lse[t]) - onehot(y[t])[i]"]),
        ("reuse forward values", ["grad(o[t, i]) = yhat[t, i] - onehot(y[t])[i]"]),
        ("write as arrays", ["grad(o[t]) = yhat[t] - onehot(y[t])"]),
    ]


def test_a_recurrence_from_its_contributions_to_its_cases() -> None:
    found = stages("vanilla", "h")
    assert found[0] == (
        "chain rule",
        ["grad(h[t, j]) += sum(V[i, j] * grad(o[t, i]), i)", "grad(h[t-1, j]) += sum(W[i, j] * grad(a[t, i]), i)"],
    )
    assert found[1][0] == "move the domain; collect like terms"
    assert found[-1] == (
        "write as arrays",
        [
            "grad(h[T]) = V.T @ grad(o[T])",
            "grad(h[t]) = W.T @ grad(a[t+1]) + V.T @ grad(o[t]), t < T",
            "grad(h[0]) = W.T @ grad(a[1])",
        ],
    )


def test_the_order_is_that_of_a_reader() -> None:
    names = [story.of.name for story in told("vanilla").stories]
    assert names == ["loss", "yhat.lse", "o", "h", "a", "U", "W", "V", "b", "c", "x"]


def test_a_rule_says_what_it_went_through_and_what_it_put_in() -> None:
    (story,) = (s for s in told("lstm").stories if s.of.name == "g.arg")
    chain, reuse, _ = story.stages
    assert [variable.name for variable in chain.through] == ["g"]
    assert [Plain().line(line) for line in reuse.uses] == ["g[t, j] = tanh(g.arg[t, j])"]
    (story,) = (s for s in told("lstm").rewritten if s.of.name == "h")
    assert [Plain().line(line) for line in story.stages[-1].defines] == ["h.tanh[t, j] = tanh(c[t, j])"]


@some_of_the_bank
def test_every_rule_has_words(name: str) -> None:
    found = told(name)
    assert {
        rule for s in (*found.rewritten, *found.stories) for stage in s.stages for rule in stage.rules
    } <= RULES.keys()
    assert {step.rule for step in found.traced.steps} <= RULES.keys()


@some_of_the_zoo
def test_every_gradient_begins_with_the_chain_rule_and_ends_as_printed(name: str) -> None:
    system = told(name).traced.system
    folding = Folding(system)
    for story in told(name).stories:
        target = f"grad({story.of.name})"
        assert story.stages[0].rules[0] in ("chain rule", "begin at the loss")
        assert list(story.stages[-1].lines) == lines(system, system.defining[target], "array", folding)


@some_of_the_bank
def test_every_generated_name_is_defined_where_it_is_met(name: str) -> None:
    found = told(name)
    defined = {v.name for v in found.system.variables if not v.is_generated}
    for story in (*found.rewritten, *found.stories):
        for stage in story.stages:
            defined |= {n for line in stage.defines for n in spoken(forms.Line(line.left, line.left))}
            read = {n for line in (*stage.lines, *stage.defines, *stage.uses) for n in spoken(line)}
            assert {n for n in read if not n.startswith("grad(")} <= defined, story.of


@some_of_the_bank
def test_every_generated_name_of_the_gradient_is_defined_before_it(name: str) -> None:
    found = told(name)
    given = {n for part in found.given for line in part.lines[0] for n in spoken(forms.Line(line.left, line.left))}
    read = {n for part in found.gradient for line in part.lines[0] for n in spoken(line)}
    bare = {n.removeprefix("grad(").removesuffix(")") for n in read}
    assert {n for n in bare if found.traced.system.by_name[n].is_generated} <= given


@pytest.mark.parametrize("name", ["vanilla", "attention"])
def test_the_same_every_time(name: str) -> None:
    again: tuple[Story, ...] = Derivation(told(name).system, told(name).traced).stories
    assert again == told(name).stories
