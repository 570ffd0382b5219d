"""Every model of the bank through every stage: each must mean what the model as it was read means.

The oracle is the interpreter on the system as read, and complex steps taken in it; sequences of 1, 2, 3 and 5 steps, so
that starts and ends meet.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from derive import pipeline
from derive.calculus.adjoint import grad_name
from derive.calculus.batch import add_batch
from derive.calculus.derivation import differentiate, prepare
from derive.calculus.trace import Pass, Traced
from derive.check import call
from derive.check.sample import prime_sizes, sample
from derive.expressions import AxisKind, refs
from derive.interpret import Array, Interpreter, complex_step
from derive.system import Role, System

HERE = Path(__file__).parent
FILES = [*sorted((HERE / "models").glob("*.eq")), *sorted((HERE / "calculus" / "models").glob("*.eq"))]
BANK = [*pipeline.zoo(), *map(str, FILES)]
STEPS = (1, 2, 3, 5)

bank = pytest.mark.parametrize("name", BANK, ids=lambda name: Path(name).stem)


@lru_cache(maxsize=4)
def model(name: str) -> pipeline.Model:
    return pipeline.load(name)


def small(system: System, steps: int) -> dict[str, int]:
    """Unequal sizes as small as a model allows, sequences of `steps`."""
    sizes = prime_sizes(system)
    counted = {a.name for v in system.variables for a in v.axes if a.kind is not AxisKind.FEATURE}
    features = sorted((n for n in sizes if n not in counted), key=sizes.__getitem__)
    shrunk = {name: n + 2 for n, name in enumerate(features)}
    return {**sizes, **shrunk, **{name: steps for name in sizes if name in counted and name != "B"}}


def cases(system: System) -> Iterator[tuple[dict[str, int], dict[str, Array]]]:
    """Sizes and data, for each number of steps."""
    has_steps = any(a.kind is AxisKind.SEQUENCE for v in system.variables for a in v.axes)
    for steps in STEPS if has_steps else (1,):
        sizes = small(system, steps)
        yield sizes, sample(system, sizes, seed=steps)


def close(found: Array, wanted: Array, what: str) -> None:
    scale = max(1.0, float(np.max(np.abs(np.nan_to_num(wanted)), initial=0.0)))
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-12 * scale, err_msg=what)


def truth(system: System, sizes: Mapping[str, int], given: Mapping[str, Array]) -> dict[str, Array]:
    """Every exact gradient, by the name of the variable."""
    names = [v.name for v in system.with_role(Role.PARAM, Role.INPUT, Role.START)]
    return complex_step(system, sizes, given, inputs=names)


@bank
def test_passes_before_differentiation_preserve_every_value(name: str) -> None:
    read = model(name).system
    for system, prepared in (
        (read, prepare(read).system),
        (add_batch(read), add_batch(prepare(read).system, parted=True)),
    ):
        names = [v.name for v in read.with_role(Role.VAR)]
        for sizes, given in cases(system):
            before = Interpreter(system, sizes).evaluate(given, names)
            after = Interpreter(prepared, sizes).evaluate(given, names)
            for variable in names:
                close(after[variable].array, before[variable].array, f"{variable} at {sizes}")


@bank
def test_the_derived_gradient_is_exact(name: str) -> None:
    read = model(name).system
    for system, prepared in (
        (read, prepare(read)),
        (add_batch(read), Traced(add_batch(prepare(read).system, parted=True))),
    ):
        gradient = differentiate(prepared).system
        for sizes, given in cases(system):
            wanted = truth(system, sizes, given)
            found = Interpreter(gradient, sizes).evaluate(given, map(grad_name, wanted))
            for variable, slope in wanted.items():
                close(found[grad_name(variable)].array, slope, f"grad({variable}) at {sizes}")


@dataclass(frozen=True)
class Recorded(Traced):
    """Keeps the system after every pass."""

    systems: list[tuple[str, System]] = field(default_factory=list)

    def then(self, rule: str, run: Pass) -> Traced:
        after = super().then(rule, run)
        self.systems.append((rule, after.system))
        return after


@bank
def test_every_pass_after_differentiation_preserves_the_gradient(name: str) -> None:
    read = model(name).system
    recorded = Recorded(prepare(read).system)
    differentiate(recorded)
    sizes = small(read, 3)
    given = sample(recorded.system, sizes, seed=3)
    wanted = {grad_name(v): slope for v, slope in truth(recorded.system, sizes, given).items()}
    assert len(recorded.systems) > 5
    for rule, system in recorded.systems:
        found = Interpreter(system, sizes).evaluate(given, wanted)
        for gradient, slope in wanted.items():
            close(found[gradient].array, slope, f"{gradient} after {rule!r}")


@bank
@pytest.mark.parametrize("style", pipeline.STYLES)
def test_generated_code_means_the_model(name: str, style: str) -> None:
    module = model(name).compile(style)
    read = model(name).system
    for system in dict.fromkeys((read, add_batch(read))):
        for sizes, given in cases(system):
            at = call.arguments(system, given)
            before = {name: np.array(array) for name, array in (at.params | at.data).items()}
            wanted = truth(system, sizes, given)
            for keyword, starts in call.start_keywords(system).items():
                wanted[keyword] = call.by_keyword(starts, {s: wanted.pop(s) for s in starts})
            values = Interpreter(system, sizes).evaluate(given)
            loss, gradients = call.loss_and_grad(module, at)
            close(np.asarray(loss), values["loss"].array, f"loss of loss_and_grad at {sizes}")
            close(np.asarray(call.loss(module, at)), values["loss"].array, f"loss at {sizes}")
            for variable, slope in wanted.items():
                if variable in gradients:
                    assert gradients[variable].shape == slope.shape, variable
                    close(gradients[variable], slope, f"gradient of {variable} at {sizes}")
                else:
                    assert not np.any(slope), variable
            for variable, slope in call.backward(module, at).items():
                close(slope, wanted[variable], f"backward: {variable} at {sizes}")
            forward = call.forward(module, at)
            for given_, array in (at.params | at.data).items():
                assert np.array_equal(array, before[given_]), f"{given_} was written to"
            for v in read.with_role(Role.VAR):
                if not v.is_generated:
                    cells = values[v.name].array
                    found = np.where(np.isnan(cells), np.nan, getattr(forward, v.name))
                    close(found, cells, f"forward: {v.name} at {sizes}")


@bank
@pytest.mark.parametrize("style", pipeline.STYLES)
def test_steps_make_the_same_path_as_the_forward_pass(name: str, style: str) -> None:
    module = model(name).compile(style)
    if not hasattr(module, "step"):
        return
    read = model(name).system
    for system in (read, add_batch(read)):
        sizes, given = small(system, 4), sample(system, small(system, 4))
        at = call.arguments(system, given)
        params = module.Params(**at.params)
        forward = call.forward(module, at)
        taken = {n: a for n, a in {**at.data, **sizes}.items() if n in inspect.signature(module.init_state).parameters}
        asked = "batch" in inspect.signature(module.init_state).parameters
        batch = {"batch": sizes["B"]} if system is not read and asked else {}
        state = module.init_state(params, **taken, **batch)
        for t in range(sizes["T"]):
            own = inspect.signature(module.step).parameters
            here = {n: a[t] if _runs(system, n) else a for n, a in at.data.items() if n in own}
            state, outputs = module.step(params, state, **here)
            for variable in outputs._fields:
                path = getattr(forward, variable)
                close(getattr(outputs, variable), path[t - sizes["T"]], f"{variable} at step {t + 1}")


def _runs(system: System, name: str) -> bool:
    return any(a.kind is AxisKind.SEQUENCE for a in system.by_name[name].axes)


@bank
@pytest.mark.parametrize("style", pipeline.STYLES)
def test_nothing_widens_single_precision(name: str, style: str) -> None:
    module = model(name).compile(style)
    system = add_batch(model(name).system)
    sizes = small(system, 3)
    at = call.arguments(system, sample(system, sizes, seed=3)).cast(np.float32)
    if not at.params:
        return  # it is the parameters that decide
    _, gradients = call.loss_and_grad(module, at)
    for variable, gradient in (gradients | call.backward(module, at)).items():
        assert gradient.dtype == np.float32, f"gradient of {variable}"
    for variable, array in call.forward(module, at)._asdict().items():
        assert variable == "loss" or np.asarray(array).dtype == np.float32, variable


@bank
@pytest.mark.parametrize("style", pipeline.STYLES)
def test_forward_without_the_answers_gives_what_does_not_rest_on_them(name: str, style: str) -> None:
    module = model(name).compile(style)
    system = add_batch(model(name).system)
    parameters = inspect.signature(module.forward).parameters
    left_out = {v.name for v in system.with_role(Role.LABEL, Role.TARGET) if v.name in parameters}
    left_out = {name for name in left_out if parameters[name].default is None}
    if not left_out:
        return
    sizes = small(system, 3)
    at = call.arguments(system, sample(system, sizes, seed=3), sizes)
    whole = call.forward(module, at)
    without = {n: a for n, a in call.accepted(module.forward, at).items() if n not in left_out}
    extra = {n: sizes[n] for n, p in parameters.items() if n in sizes and n not in without and p.default is None}
    part = module.forward(module.Params(**at.params), **without, **extra)
    resting = set(left_out)
    for _ in system.equations:
        resting |= {e.target for e in system.equations if any(r.name in resting for r in refs(e.right))}
    for variable in part._fields:
        value = getattr(part, variable)
        assert (value is None) == (variable in resting), variable
        if value is not None:
            close(np.asarray(value), np.asarray(getattr(whole, variable)), variable)
