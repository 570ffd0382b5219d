"""Every kind of recurrence, at the shortest sequences and at unequal ones, in both styles, against the interpreter."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import derive
from derive.calculus.batch import add_batch
from derive.check import call
from derive.check.sample import prime_sizes, sample
from derive.expressions import AxisKind
from derive.interpret import complex_step, evaluate
from derive.system import Role, System
from tests.bank import some
from tests.schedule import models

STEPS = {1: ((1,), (2,), (4,)), 2: ((1, 1), (1, 3), (2, 1), (3, 4))}


def lengths(system: System) -> list[dict[str, int]]:
    """Sizes with short sequences of unequal lengths."""
    axes = [a.name for v in system.variables for a in v.axes if a.kind is AxisKind.SEQUENCE]
    names = sorted(set(axes))
    return [prime_sizes(system) | dict(zip(names, steps, strict=True)) | {"B": 2} for steps in STEPS[len(names)]]


def truth(system: System, sizes: dict[str, int], given: dict[str, Any]) -> dict[str, Any]:
    """The loss and the gradients, from complex steps through the equations."""
    keywords = call.start_keywords(system)
    plain = [v.name for v in system.with_role(Role.PARAM, Role.INPUT)]
    found = complex_step(system, sizes, given, inputs=[*plain, *itertools.chain(*keywords.values())])
    loss = evaluate(system, sizes, given, ["loss"])["loss"].array
    starts = {keyword: call.by_keyword(names, found) for keyword, names in keywords.items()}
    return {"loss": loss} | {name: found[name] for name in plain} | starts


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", some(list(models.ALL)))
def test_it_computes_what_the_equations_say(name: str) -> None:
    model = derive.parse(models.ALL[name])
    system = add_batch(model.system)
    modules = [model.compile(style) for style in ("fast", "plain")]
    for sizes in lengths(system):
        given = sample(system, sizes)
        expected = truth(system, sizes, given)
        for module in modules:
            loss, gradients = call.loss_and_grad(module, call.arguments(system, given, sizes))
            for own, array in {"loss": loss, **gradients}.items():
                np.testing.assert_allclose(array, expected[own], rtol=1e-9, atol=1e-11, err_msg=f"{own} at {sizes}")
