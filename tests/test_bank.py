"""Every model of the bank through every stage: each must mean what the model as it was read means.

The oracle is the interpreter on the system as read, and complex steps taken in it; sequences of 1, 2, 3 and 5 steps, so
that starts and ends meet.
"""

from __future__ import annotations

import difflib
import inspect
import json
import os
import re
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from derive import pipeline
from derive.calculus.adjoint import grad_name
from derive.calculus.batch import add_batch
from derive.calculus.derivation import differentiate, prepare
from derive.calculus.trace import Pass, Traced
from derive.check import call
from derive.check.gradients import LENGTHS, verify_modules
from derive.check.lengths import one_by_one, padded, some_lengths, spoiled, takes_lengths
from derive.expressions import AxisKind, refs
from derive.interpret import Array, Interpreter
from derive.system import Role, System
from tests.bank import (
    BANK,
    Case,
    bank_in_styles,
    case,
    cases,
    model,
    module,
    small,
    some,
    some_of_the_bank,
    some_of_the_zoo,
    text,
    variants,
)


def close(found: Array, wanted: Array, what: str) -> None:
    scale = max(1.0, float(np.max(np.abs(np.nan_to_num(wanted)), initial=0.0)))
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-12 * scale, err_msg=what)


@some_of_the_bank
@pytest.mark.parametrize("batched", [False, True])
def test_passes_before_differentiation_preserve_every_value(name: str, batched: bool) -> None:
    prepared = prepare(model(name).system).system
    prepared = add_batch(prepared, parted=True) if batched else prepared
    names = [v.name for v in model(name).system.with_role(Role.VAR)]
    for at in cases(name, batched=batched):
        after = Interpreter(prepared, at.sizes).evaluate(at.given, names)
        for variable in names:
            close(after[variable].array, at.values[variable].array, f"{variable} at {at.sizes}")


@some_of_the_bank
@pytest.mark.parametrize("batched", [False, True])
def test_the_derived_gradient_is_exact(name: str, batched: bool) -> None:
    prepared = prepare(model(name).system)
    prepared = Traced(add_batch(prepared.system, parted=True)) if batched else prepared
    gradient = differentiate(prepared).system
    for at in cases(name, batched=batched):
        found = Interpreter(gradient, at.sizes).evaluate(at.given, map(grad_name, at.truth))
        for variable, slope in at.truth.items():
            close(found[grad_name(variable)].array, slope, f"grad({variable}) at {at.sizes}")


@dataclass(frozen=True)
class Recorded(Traced):
    """Keeps the system after every pass."""

    systems: list[tuple[str, System]] = field(default_factory=list)

    def then(self, rule: str, run: Pass) -> Traced:
        after = super().then(rule, run)
        self.systems.append((rule, after.system))
        return after


@some_of_the_bank
def test_every_pass_after_differentiation_preserves_the_gradient(name: str) -> None:
    recorded = Recorded(prepare(model(name).system).system)
    differentiate(recorded)
    at = case(name, batched=False, steps=3)
    wanted = {grad_name(v): slope for v, slope in at.truth.items()}
    assert len(recorded.systems) > 5
    for rule, system in recorded.systems:
        found = Interpreter(system, at.sizes).evaluate(at.given, wanted)
        for gradient, slope in wanted.items():
            close(found[gradient].array, slope, f"{gradient} after {rule!r}")


@some_of_the_bank
@pytest.mark.parametrize("style", pipeline.STYLES)
def test_generated_code_means_the_model(name: str, style: str) -> None:
    made = module(name, style)
    for batched in variants(name):
        for at in cases(name, batched=batched):
            _means_the_model(made, at)


def _means_the_model(made: types.ModuleType, case: Case) -> None:
    """Loss, gradients and every variable of the forward pass, and that nothing given was written to."""
    at = call.arguments(case.system, case.given)
    before = {name: np.array(array) for name, array in (at.params | at.data).items()}
    wanted = dict(case.truth)
    for keyword, starts in call.start_keywords(case.system).items():
        wanted[keyword] = call.by_keyword(starts, {s: wanted.pop(s) for s in starts})
    loss, gradients = call.loss_and_grad(made, at)
    close(np.asarray(loss), case.values["loss"].array, f"loss of loss_and_grad at {case.sizes}")
    close(np.asarray(call.loss(made, at)), case.values["loss"].array, f"loss at {case.sizes}")
    for variable, slope in wanted.items():
        if variable in gradients:
            assert gradients[variable].shape == slope.shape, variable
            close(gradients[variable], slope, f"gradient of {variable} at {case.sizes}")
        else:
            assert not np.any(slope), variable
    for variable, slope in call.backward(made, at).items():
        close(slope, wanted[variable], f"backward: {variable} at {case.sizes}")
    forward = call.forward(made, at)
    for given, array in (at.params | at.data).items():
        assert np.array_equal(array, before[given]), f"{given} was written to"
    for v in case.system.with_role(Role.VAR):
        if not v.is_generated:
            cells = case.values[v.name].array
            found = np.where(np.isnan(cells), np.nan, getattr(forward, v.name))
            close(found, cells, f"forward: {v.name} at {case.sizes}")


@bank_in_styles
def test_nothing_widens_single_precision(name: str, style: str) -> None:
    made = module(name, style)
    found = case(name, batched=True, steps=3)
    at = call.arguments(found.system, found.given).cast(np.float32)
    if not at.params:
        return  # it is the parameters that decide
    _, gradients = call.loss_and_grad(made, at)
    for variable, gradient in (gradients | call.backward(made, at)).items():
        assert gradient.dtype == np.float32, f"gradient of {variable}"
    for variable, array in call.forward(made, at)._asdict().items():
        assert variable == "loss" or np.asarray(array).dtype == np.float32, variable


@bank_in_styles
def test_forward_without_the_answers_gives_what_does_not_rest_on_them(name: str, style: str) -> None:
    made = module(name, style)
    found = case(name, batched=True, steps=3)
    system, sizes = found.system, found.sizes
    parameters = inspect.signature(made.forward).parameters
    left_out = {v.name for v in system.with_role(Role.LABEL, Role.TARGET) if v.name in parameters}
    left_out = {name for name in left_out if parameters[name].default is None}
    if not left_out:
        return
    at = call.arguments(system, found.given, sizes)
    whole = call.forward(made, at)
    without = {n: a for n, a in call.accepted(made.forward, at).items() if n not in left_out}
    extra = {n: sizes[n] for n, p in parameters.items() if n in sizes and n not in without and p.default is None}
    part = made.forward(made.Params(**at.params), **without, **extra)
    resting = set(left_out)
    for _ in system.equations:
        resting |= {e.target for e in system.equations if any(r.name in resting for r in refs(e.right))}
    for variable in part._fields:
        value = getattr(part, variable)
        assert (value is None) == (variable in resting), variable
        if value is not None:
            close(np.asarray(value), np.asarray(getattr(whole, variable)), variable)


@bank_in_styles
def test_padding_changes_nothing(name: str, style: str) -> None:
    made = module(name, style)
    if not takes_lengths(made) or variants(name) == (False,):
        return
    for steps in (2, 5):
        found = case(name, batched=True, steps=steps)
        at = call.arguments(found.system, found.given, found.sizes)
        lengths = some_lengths(found.system, found.sizes)
        wanted = one_by_one(found.system, at, lengths, made)
        for variable, array in padded(spoiled(found.system, at, lengths), lengths, made).items():
            if variable in wanted:
                close(array, wanted[variable], f"{variable} at {lengths}")


@some_of_the_zoo
def test_the_zoo_is_verified(name: str) -> None:
    read = model(name).system
    system, fast, plain = add_batch(read), module(name, "fast"), module(name, "plain")
    found = verify_modules(system, fast, plain, sizes=small(system, 4), single=read)
    assert found.ok, "\n".join([found.nonfinite, *map(str, found.failures)])
    has_steps = any(axis.kind is AxisKind.SEQUENCE for v in read.variables for axis in v.axes)
    assert any(comparison.kind == LENGTHS for comparison in found.comparisons) == has_steps


@bank_in_styles
def test_loops_run_over_steps_and_over_nothing_else(name: str, style: str) -> None:
    axes = {axis for v in model(name).system.variables for axis in v.axes if axis.kind is AxisKind.SEQUENCE}
    steps = {axis.name for axis in axes} | {axis.name.lower() for axis in axes}
    for ends in re.findall(r"^ *for .* in range\((.*)\):$", text(name, style), re.MULTILINE):
        named = {word.rstrip("_0123456789") for word in re.findall(r"[^\W\d]\w*", ends)}
        assert named & {"steps", "count", *steps}, ends  # `count` counts the segments that steps come in


@bank_in_styles
def test_generated_code_needs_numpy_alone(name: str, style: str) -> None:
    imports = re.findall(r"^(?:import|from) (\w+)", text(name, style), re.MULTILINE)
    assert imports and set(imports) <= {"numpy", "typing", "__future__"}


# Writes the module of every model and style that it is told, as a line of JSON.
_WRITER = """
import json, sys
from derive import pipeline
for line in sys.stdin:
    name, style = json.loads(line)
    print(json.dumps(pipeline.load(name).generate(style)), flush=True)
"""


@pytest.fixture(scope="session")
def elsewhere(checkout: Path) -> Iterator[Callable[[str, str], str]]:
    """A model's module as a process under another hash seed writes them."""
    seed = "0" if os.environ.get("PYTHONHASHSEED") != "0" else "1"
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(checkout)}
    command = [sys.executable, "-c", _WRITER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as writer:
        assert writer.stdin is not None and writer.stdout is not None

        def write(name: str, style: str) -> str:
            print(json.dumps([name, style]), file=writer.stdin, flush=True)
            return json.loads(writer.stdout.readline())

        yield write


@pytest.mark.parametrize("name", some(BANK, 30), ids=lambda name: Path(name).stem)
def test_bytes_are_the_same_under_any_hash_seed(name: str, elsewhere: Callable[[str, str], str]) -> None:
    style = pipeline.STYLES[BANK.index(name) // 3 % 2]
    here, there = model(name).generate(style), elsewhere(name, style)
    assert there == here, "\n".join(difflib.unified_diff(here.splitlines(), there.splitlines(), n=1))
