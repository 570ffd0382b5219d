"""A small part of the study of mistakes: lines labelled by finite differences, and what the checker says of them.

The whole is `python benchmarks/hand_derivations.py`.
"""

from __future__ import annotations

import random

import pytest

study = pytest.importorskip("benchmarks.hand.study", reason="the study stands beside the sources alone")

LINES = (
    "grad(h[t]) = V.T @ (yhat[t] - onehot(y[t])) + W.T @ ((1 - h[t+1]**2) * grad(h[t+1]))",
    "grad(W) = sum(outer((1 - h[t]**2) * grad(h[t]), h[t-1]), t)",
)


def test_no_line_is_misjudged_and_single_mistakes_are_named() -> None:
    vanilla = study.Study("vanilla")
    made = [s for line in LINES for s in (*list(vanilla.rewritings(line))[::5], *list(vanilla.mistakes(line))[::5])]
    outcomes = list(vanilla.judged(made))
    right = [o for o in outcomes if o.sample.true]
    wrong = [o for o in outcomes if not o.sample.true]
    assert len(right) >= 5 and len(wrong) >= 12
    assert {o.verdict.verdict for o in right} == {"right"}
    assert {o.verdict.verdict for o in wrong} == {"wrong"}
    assert sum(o.exact for o in wrong) >= 0.9 * len(wrong)


def test_mistakes_written_by_hand_are_wrong_and_named() -> None:
    (lines,) = [lines for name, lines in study.hand_sections() if name == "output_recurrence"]
    model = study.Study("output_recurrence")
    outcomes = list(model.judged(list(study.by_hand(model, lines))))
    assert {o.verdict.verdict for o in outcomes} == {"wrong"}
    assert not any(o.sample.true for o in outcomes)
    assert all(o.exact for o in outcomes)


@pytest.mark.slow
def test_definitions_with_a_mistake_are_blamed_and_no_others() -> None:
    defined = pytest.importorskip("benchmarks.hand.defined")
    (lines,) = [lines for name, lines in study.sections("definitions.txt") if name == "bidirectional"]
    derivation = defined.Definitions("bidirectional", lines)
    made = list(derivation.samples(2, random.Random(0)))
    assert {len(sample.faulty) for sample in made} == {0, 1, 2}
    outcomes = [derivation.judged(sample) for sample in made[::8]]
    assert len(outcomes) >= 5
    assert all(o.judged and o.blamed and o.exact for o in outcomes)


def test_a_definition_that_reads_itself_is_labelled_too() -> None:
    vanilla = study.Study("vanilla")
    assert vanilla.define("delta[t] = (1 - h[t]**2) * (V.T @ grad(o[t]) + W.T @ delta[t+1])")
    assert vanilla.is_true("grad(b) = sum(delta[t], t)")
    assert vanilla.define("wrong[t] = (1 - h[t]**2) * (V.T @ grad(o[t]) + W.T @ wrong[t-1])")
    assert not vanilla.is_true("grad(b) = sum(wrong[t], t)")
