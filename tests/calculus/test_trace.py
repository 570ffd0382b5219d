"""Every pass leaves a record of what it changed, by variable."""

from __future__ import annotations

from dataclasses import replace

from derive import pipeline
from derive.calculus.trace import Traced


def test_a_pass_that_changes_nothing_leaves_no_step() -> None:
    traced = Traced(pipeline.load("vanilla").system)
    assert traced.then("nothing", lambda system: system) is traced
    assert traced.then("the same again", replace).steps == ()


def test_steps_name_the_rule_and_hold_both_sides() -> None:
    steps = pipeline.load("vanilla").gradient().trace
    made = [step for step in steps if step.target == "grad(a)"]
    assert made[0].rule == "chain rule" and made[0].before == ()
    assert {step.rule for step in made} >= {"chain rule", "reuse forward values"}
    assert "tanh" in str(made[0].after[0]) and "tanh" not in str(made[-1].after[0])


def test_each_step_begins_where_the_one_before_ended() -> None:
    last: dict[str, object] = {e.target: None for e in ()}
    for step in pipeline.load("lstm").gradient().trace:
        if step.target in last:
            assert step.before == last[step.target]
        last[step.target] = step.after


def test_the_steps_lead_to_the_result() -> None:
    gradient = pipeline.load("gru").gradient()
    after = {step.target: step.after for step in gradient.trace}
    for name, equations in after.items():
        assert gradient.system.defining.get(name, ()) == equations
