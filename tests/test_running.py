"""Steps, pieces and free runs of every model of the bank mean what one whole run means."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive import pipeline, sources
from derive.calculus.feedback import Feedback
from derive.check import call
from derive.check.call import Arguments
from derive.expressions import Axis
from derive.schedule.stepping import Stepping
from tests import bank

STEPS = 5
CUTS = ((1, 2), (3,))  # where one piece ends and the next begins


def arguments(name: str, batched: bool = True) -> Arguments:
    case = bank.case(name, batched=batched and True in bank.variants(name), steps=STEPS)
    return call.arguments(case.system, case.given, case.sizes)


def params(module: Any, at: Arguments) -> Any:
    return module.Params(**at.params)


def place(model: pipeline.Model, axis: Axis) -> dict[str, int]:
    """Where the axis of the steps is in the arrays of each variable that has it."""
    return {v.name: v.axes.index(axis) for v in model.system.variables if axis in v.axes}


def only(at: Arguments, axis: dict[str, int], steps: Any) -> Arguments:
    """The data of some steps, or of one."""
    taken = {n: np.take(a, steps, axis[n]) if n in axis else a for n, a in at.data.items()}
    return replace(at, data=taken)


def without_starts(at: Arguments, state: Any) -> Arguments:
    """The data without the starts that a state stands for."""
    held = {f"{field}0" for field in state._fields}
    return replace(at, data={n: a for n, a in at.data.items() if n not in held})


def first_state(module: Any, at: Arguments) -> Any:
    given = call.accepted(module.init_state, at)
    if "batch" in inspect.signature(module.init_state).parameters and at.batch_axes:
        given["batch"] = at.sizes["B"]
    return module.init_state(params(module, at), **given)


def close(found: Any, wanted: Any, what: str) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-10, err_msg=what)


def stepping(name: str) -> Stepping:
    step = bank.model(name).stepping
    if isinstance(step, str):
        pytest.skip(step)
    return step


@bank.bank_in_styles
def test_steps_are_the_sequence(name: str, style: str) -> None:
    axis, module = stepping(name).axis, bank.module(name, style)
    where, at = place(bank.model(name), axis), arguments(name, batched=style == "fast")
    whole, state = call.forward(module, at), first_state(module, at)
    length = at.sizes[axis.name]
    for t in range(length):
        now = only(at, where, t)
        state, outputs = module.step(params(module, at), state, **call.accepted(module.step, now))
        for field, found in outputs._asdict().items():
            wanted = getattr(whole, field)
            before = wanted.shape[where[field]] - length
            close(found, np.take(wanted, before + t, where[field]), f"{field} at {t + 1}")
            assert found.dtype == wanted.dtype


@bank.bank
@pytest.mark.parametrize("cut", CUTS, ids=str)
def test_pieces_are_the_sequence(name: str, cut: tuple[int, ...]) -> None:
    axis, module = stepping(name).axis, bank.module(name, "fast")
    if "state" not in inspect.signature(module.forward).parameters:
        pytest.skip("its functions take no state")
    where, at = place(bank.model(name), axis), arguments(name)
    whole, state, length = call.forward(module, at), first_state(module, at), at.sizes[axis.name]
    for first, last in pairwise((0, *(c for c in cut if c < length), length)):
        steps = last - first
        now = without_starts(only(at, where, range(first, last)), state)
        run = module.forward(params(module, at), **call.accepted(module.forward, now), state=state)
        for field in sorted(where.keys() & set(run._fields)):
            wanted, found = getattr(whole, field), getattr(run, field)
            before = wanted.shape[where[field]] - length
            part = np.take(wanted, range(before + first, before + last), where[field])
            close(np.take(found, range(before, before + steps), where[field]), part, field)
        loss = module.loss(params(module, at), **call.accepted(module.loss, now), state=state)
        data = call.accepted(module.loss_and_grad, now)
        both, gradients = module.loss_and_grad(params(module, at), **data, state=state)
        close(both, loss, "loss")
        if "state" in inspect.signature(module.backward).parameters:
            again = module.backward(params(module, at), run, **call.accepted(module.backward, now), state=state)
            for field, found in gradients._asdict().items():
                close(getattr(again, field), found, f"gradient of {field}")
        state = after(module, run, now, state)


def after(module: Any, run: Any, at: Arguments, state: Any) -> Any:
    given = {n: a for n, a in at.data.items() if n in inspect.signature(module.last_state).parameters}
    goes_on = "state" in inspect.signature(module.last_state).parameters
    return module.last_state(run, **given, **({"state": state} if goes_on else {}))


@pytest.mark.parametrize("name", ["vanilla", "conditional", "narx"])
def test_pieces_may_have_lengths(name: str) -> None:
    module, at = bank.module(name, "fast"), arguments(name)
    where, lengths = place(bank.model(name), stepping(name).axis), np.array([1, 3])
    first, second = only(at, where, range(2)), only(at, where, range(2, STEPS))
    state = after(module, call.forward(module, first), first, None)
    second = without_starts(second, state)
    loss, gradients = call.loss_and_grad(module, second, wrt=(), state=state, lengths=lengths)
    total, sums = 0.0, dict.fromkeys(at.params, 0.0)
    for example, length in enumerate(lengths):
        alone = only(at.example(example, keep_axis=False), where, range(2))
        state = after(module, call.forward(module, alone), alone, None)
        alone = without_starts(only(at.example(example, keep_axis=False), where, range(2, 2 + length)), state)
        value, found = call.loss_and_grad(module, alone, wrt=(), state=state)
        total, sums = total + value, {n: sums[n] + found[n] for n in sums}
    close(loss, total, "loss")
    for field, wanted in sums.items():
        close(gradients[field], wanted, f"gradient of {field}")


LAGGED = """
x: Input[T, n]
y: Target[T, n]
W: Param[n, n]
h[0] = 0
h[t] = tanh(W @ h[t-1] + sigmoid(x[t-1]) * x[t-2])
loss = sum(sum((h[t] - y[t])**2), t)
"""
SUMS = ["vanilla", "conditional", "word_lm", "encoder_decoder", "narx", "qrnn"]


@pytest.mark.parametrize("name", SUMS)
def test_losses_of_pieces_add_up_and_their_gradients_are_those_of_windows(name: str) -> None:
    axis, module = stepping(name).axis, bank.module(name, "fast")
    where, at = place(bank.model(name), axis), arguments(name)
    loss, gradients = call.loss_and_grad(module, at, wrt=(), window={axis.name: 2})
    total, sums = 0.0, dict.fromkeys(at.params, 0.0)
    state: Any = None
    for first in range(0, at.sizes[axis.name], 2):
        now = only(at, where, range(first, min(first + 2, at.sizes[axis.name])))
        now = now if state is None else without_starts(now, state)
        value, found = call.loss_and_grad(module, now, wrt=(), state=state)
        total += value
        sums = {n: sums[n] + found[n] for n in sums}
        state = after(module, call.forward(module, now, state=state), now, state)
    close(total, loss, "loss")
    for field, found in sums.items():
        close(found, gradients[field], f"gradient of {field}")


def test_a_state_and_a_start_are_one_too_many() -> None:
    module, at = bank.module("vanilla", "fast"), arguments("vanilla")
    data = call.accepted(module.forward, at)
    with pytest.raises(ValueError, match="h0: given, and so is state"):
        module.forward(params(module, at), **data, state=first_state(module, at))


@pytest.mark.parametrize("name", ["vanilla", LAGGED], ids=["a state", "lagged data"])
def test_each_example_has_its_own_last_state(name: str) -> None:
    module, at, lengths = bank.module(name, "fast"), arguments(name), np.array([2, STEPS])

    def last(at: Arguments, **more: Any) -> Any:
        run = call.forward(module, at, **more)
        data = {n: a for n, a in at.data.items() if n in inspect.signature(module.last_state).parameters}
        return module.last_state(run, **data, **more)

    found = last(at, lengths=lengths)
    for example, length in enumerate(lengths):
        alone = last(only(at.example(example, keep_axis=False), {"x": 0, "y": 0}, range(length)))
        for field, wanted in alone._asdict().items():
            batch = 1 if field == "x" else 0  # two lags of x are stacked
            close(np.take(getattr(found, field), example, batch), wanted, field)


def reads_answers(name: str) -> bool:
    """Whether a file reads an answer of the step before."""
    text = Path(name if name.endswith(".eq") else sources.ZOO / f"{name}.eq").read_text("utf-8")
    answers = re.findall(r"^([\w, ]+)[:=] ?(?:Label|Target)", text, re.MULTILINE)
    return any(f"{name.strip()}[t-" in text for names in answers for name in names.split(","))


ALONE = {"crf", "score", "start_later"}  # only their loss reads the answers
FED = [name for name in bank.BANK if reads_answers(name) and Path(name).stem not in ALONE]
fed = pytest.mark.parametrize("name", bank.some(FED, 2), ids=lambda name: Path(name).stem)


def feedback(name: str) -> Feedback:
    found = bank.model(name).running
    assert isinstance(found, Feedback), found
    return found


def free_arguments(module: Any, at: Arguments, found: Feedback, answers: tuple[str, ...] = ()) -> dict[str, Any]:
    """What `free_run` takes: the data without the answers, and what no data tell."""
    parameters = inspect.signature(module.free_run).parameters
    data = {n: a for n, a in at.data.items() if n in parameters and n not in answers}
    if parameters["steps"].default is inspect.Parameter.empty:
        data["steps"] = at.sizes[str(found.sequence)]
    return data | ({"batch": at.sizes["B"]} if "batch" in parameters and at.batch_axes else {})


@fed
@pytest.mark.parametrize("style", pipeline.STYLES)
def test_with_all_of_the_truth_a_free_run_is_forward(name: str, style: str) -> None:
    found, module = feedback(name), bank.module(name, style)
    at = arguments(name, batched=style == "fast")
    whole = call.forward(module, at)
    truth = np.ones(at.sizes[str(found.sequence)], bool)
    run = module.free_run(params(module, at), **free_arguments(module, at, found), truth=truth)
    for field, value in run._asdict().items():
        close(value, at.data[field] if field in found.answers else getattr(whole, field), field)


@fed
def test_a_free_run_reads_what_it_predicts(name: str) -> None:
    found, module = feedback(name), bank.module(name, "fast")
    answers = found.answers
    at = arguments(name)
    run = module.free_run(params(module, at), **free_arguments(module, at, found, answers))
    again = call.forward(module, replace(at, data=at.data | {n: getattr(run, n) for n in answers}))
    for field in set(run._fields) - set(answers):
        close(getattr(run, field), getattr(again, field), field)
