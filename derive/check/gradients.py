"""Verification of generated code by numbers that know nothing of derivatives.

In come a model's System with its batch and the two generated modules, out comes a Report. On random data, for every
parameter, input and start: the generated gradient against finite differences of the generated loss, and against complex
steps taken in the interpreter; then the interpreter's forward values, the two styles, the two precisions, and single
examples, each against what it should equal.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from derive.calculus.batch import add_batch
from derive.check import call
from derive.check.call import Arguments
from derive.check.differences import STEP, differences
from derive.check.lengths import in_two_calls, one_by_one, padded, some_lengths, spoiled, takes_lengths
from derive.check.nonfinite import first_at_own_starts, first_in_forward, first_nonfinite
from derive.check.report import COMPLEX, DIFFERENCES, SMALL, Comparison, Report, compare
from derive.check.sample import prime_sizes, sample
from derive.emit.numpy.interface import least_lengths
from derive.errors import DeriveError
from derive.expressions import AxisKind
from derive.interpret import Array, Interpreter, Values, complex_step
from derive.system import Role, System

FORWARD, BACKWARD, ONE_STEP = "interpreter", "backward", "complex steps of one step"
LENGTHS, WINDOW, CHECKPOINT = "each example by itself", "no window", "no checkpoint"
OWN_STARTS = "the file's own starts"
STYLES, SINGLE, EXAMPLE, SINGLE_SYSTEM = "plain style", "float32", "single example", "complex steps of one example"
BOUNDS = {
    DIFFERENCES: 1e-7, COMPLEX: 1e-12, FORWARD: 1e-12, BACKWARD: 1e-12, ONE_STEP: 1e-12, STYLES: 1e-12, SINGLE: 1e-4,
    EXAMPLE: 1e-12, SINGLE_SYSTEM: 1e-12, LENGTHS: 1e-12, WINDOW: 1e-12,
    CHECKPOINT: 1e-12,
}  # fmt: skip
# Rounding of a large loss hides small gradients, and a steep loss wants a small step: an error that either could
# explain is looked at again. A larger one is a mistake at any step.
_OTHER_STEPS, _UNDECIDED = (2.0**-9, 2.0**-15), 1e-3
# What is left of larger terms has lost more digits in single precision; forward values are of the order of their data.
_SMALL, _UNIT = {SINGLE: 0.1}, 1.0


class Verifiable(Protocol):
    """What `verify` needs of a model."""

    @property
    def name(self) -> str:
        """The model's name."""

    @property
    def system(self) -> System:
        """The equations as read, without a batch."""

    def compile(self, style: str = "fast") -> Any:
        """The generated module, in memory."""


def verify(model: Verifiable, seed: int = 0, module_fast: Any = None, module_plain: Any = None) -> Report:
    """Verify a model's generated code.

    Args:
        model: the model.
        seed: what the random data are drawn with.
        module_fast: the module to verify; made from the model where it is None.
        module_plain: the same in the other style.
    """
    fast = model.compile("fast") if module_fast is None else module_fast
    plain = model.compile("plain") if module_plain is None else module_plain
    return verify_modules(add_batch(model.system), fast, plain, seed, single=model.system)


def verify_modules(
    system: System,
    fast: Any,
    plain: Any = None,
    seed: int = 0,
    sizes: Mapping[str, int] | None = None,
    single: System | None = None,
) -> Report:
    """Verify the generated modules of a system.

    Args:
        system: the model with its batch axis.
        fast: the module to verify.
        plain: the same in the other style, or None.
        seed: what the random data are drawn with.
        sizes: every size by name; unequal primes where it is None.
        single: the model as it was read, of one example, so that the batch is checked too; or None.
    """
    sizes = prime_sizes(system) if sizes is None else dict(sizes)
    case = _Case(system, sizes, sample(system, sizes, seed), fast, plain, seed, single)
    nonfinite = first_nonfinite(system, sizes, case.given) or _first_in_forward(case)
    if nonfinite:
        return Report(system.name, seed, sizes, STEP, (), nonfinite)
    comparisons = [found for check in _CHECKS for found in _caught(check, case)]
    return Report(system.name, seed, sizes, STEP, tuple(comparisons))


@dataclass(frozen=True)
class _Case:
    """What is verified, on which data."""

    system: System
    sizes: Mapping[str, int]
    given: Mapping[str, Array]
    fast: Any
    plain: Any
    seed: int
    single: System | None

    @property
    def arguments(self) -> Arguments:
        """The data as the modules take them."""
        return call.arguments(self.system, self.given, self.sizes)

    @cached_property
    def forward_values(self) -> dict[str, Values]:
        """The interpreter's values of every variable that the file defines."""
        names = [v.name for v in self.system.with_role(Role.VAR) if not v.is_generated]
        return Interpreter(self.system, self.sizes).evaluate(self.given, names)


def _first_in_forward(case: _Case) -> str:
    try:
        forward = call.forward(case.fast, case.arguments)
    except Exception:
        return ""  # the checks say it
    return first_in_forward(case.system, forward, case.forward_values)


def _caught(check: Callable[[_Case], Iterator[Comparison]], case: _Case) -> Iterator[Comparison]:
    """The check's comparisons, with a module that raises as one more finding."""
    try:
        yield from check(case)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        note = f"raises {type(error).__name__}: {error}" + (f", in: {line}" if line else "")
        kind, name = check.__name__.strip("_").replace("_", " "), case.system.name
        yield Comparison(kind, name, (), np.inf, 0.0, (), np.nan, np.nan, note)


def _gradients(case: _Case) -> Iterator[Comparison]:
    """Generated gradients against finite differences of the generated loss, and against complex steps."""
    at = case.arguments
    _, gradients = call.loss_and_grad(case.fast, at)
    references = _complex_steps(case)
    largest = _largest(references)
    for name, reference in references.items():
        if _is_unread(name, gradients, reference):
            continue
        yield _against_differences(case.fast, at, name, gradients.get(name), largest)
        yield compare(COMPLEX, name, gradients.get(name), reference, BOUNDS[COMPLEX], largest)


def _against_differences(module: Any, at: Arguments, name: str, gradient: Array | None, largest: float) -> Comparison:
    array = np.array(at.differentiable[name])
    moved = at.with_array(name, array)

    def loss_at(values: Array) -> float:
        array[...] = values
        return call.loss(module, moved)

    point = array.copy()

    def at_step(step: float) -> Comparison:
        reference = differences(loss_at, point, step)
        return replace(compare(DIFFERENCES, name, gradient, reference, BOUNDS[DIFFERENCES], largest), step=step)

    found = at_step(STEP)
    if found.ok or found.note or found.error > _UNDECIDED:
        return found
    return min((found, *map(at_step, _OTHER_STEPS)), key=lambda comparison: comparison.error)


def _complex_steps(case: _Case) -> dict[str, Array]:
    """The interpreter's exact gradients, by the names that the module uses."""
    keywords = call.start_keywords(case.system)
    plain = [variable.name for variable in case.system.with_role(Role.PARAM, Role.INPUT)]
    starts = [name for names in keywords.values() for name in names]
    found = complex_step(case.system, case.sizes, case.given, inputs=[*plain, *starts])
    by_keyword = {keyword: call.by_keyword(names, found) for keyword, names in keywords.items()}
    return {name: found[name] for name in plain} | by_keyword


def _interpreted(case: _Case) -> dict[str, Array]:
    """The interpreter's loss and gradients."""
    loss = Interpreter(case.system, case.sizes).evaluate(case.given, ["loss"])["loss"].array
    return {"loss": loss, **_complex_steps(case)}


def _forward(case: _Case) -> Iterator[Comparison]:
    """The generated forward pass against the interpreter: the loss and every variable."""
    at, values = case.arguments, case.forward_values
    yield compare(FORWARD, "loss", np.array(call.loss(case.fast, at)), values["loss"].array, BOUNDS[FORWARD])
    forward = call.forward(case.fast, at)
    for name in values:
        if hasattr(forward, name):
            yield _against_values(name, np.asarray(getattr(forward, name)), values[name])


def _against_values(name: str, array: Array, values: Values) -> Comparison:
    """A cell that no equation defines may hold anything."""
    if array.shape == values.array.shape:
        array = np.where(np.isnan(values.array), 0.0, array)
    expected = np.nan_to_num(values.array, nan=0.0, posinf=np.inf, neginf=-np.inf)
    return compare(FORWARD, name, array, expected, BOUNDS[FORWARD], _UNIT)


def _backward(case: _Case) -> Iterator[Comparison]:
    """`forward` and then `backward` against `loss_and_grad`."""
    if hasattr(case.fast, "backward"):
        at = case.arguments
        _, gradients = call.loss_and_grad(case.fast, at)
        yield from _same(BACKWARD, call.backward(case.fast, at), {name: gradients[name] for name in at.params})


def _one_step(case: _Case) -> Iterator[Comparison]:
    """The shortest sequences and a batch of one, where starts and ends meet, against complex steps."""
    axes = [axis for variable in case.system.variables for axis in variable.axes if axis.size.is_Symbol]
    least = {size: steps for size, (steps, _) in least_lengths(case.system).items()}
    shortest = {axis.name: least.get(axis.name, 1) for axis in axes if axis.kind is not AxisKind.FEATURE}
    sizes = {**case.sizes, **shortest}
    try:
        short = replace(case, sizes=sizes, given=sample(case.system, sizes, case.seed))
    except DeriveError:
        return  # a model may need more steps
    yield from _same(ONE_STEP, _results(short.fast, short.arguments), _interpreted(short))


def _plain_style(case: _Case) -> Iterator[Comparison]:
    """The `plain` style against the `fast` one."""
    if case.plain is not None:
        yield from _same(STYLES, _results(case.plain, case.arguments), _results(case.fast, case.arguments))


def _float32(case: _Case) -> Iterator[Comparison]:
    """Single precision against double."""
    at = case.arguments
    yield from _same(SINGLE, _results(case.fast, at.cast(np.float32)), _results(case.fast, at))


def _single_example(case: _Case) -> Iterator[Comparison]:
    """Each example by itself, without a batch axis, against the same as a batch of one, and against the whole batch."""
    at = case.arguments
    whole = _results(case.fast, at)
    for number in range(case.sizes.get("B", 0) if at.batch_axes else 0):
        alone = _results(case.fast, at.example(number, keep_axis=False))
        batch_of_one = _results(case.fast, at.example(number, keep_axis=True))
        for name in at.batch_axes:
            if name in whole and name in at.wrt:
                part = np.take(whole[name], number, axis=at.batch_axes[name])
                yield compare(EXAMPLE, name, alone[name], part, BOUNDS[EXAMPLE], _largest(whole))
                batch_of_one[name] = np.take(batch_of_one[name], 0, axis=at.batch_axes[name])
        yield from _same(EXAMPLE, alone, batch_of_one)


def _single_system(case: _Case) -> Iterator[Comparison]:
    """One example against the model as it was read, which knows of no batch."""
    if case.single is None:
        return
    given = dict(case.given)
    for variable in case.system.variables:
        if variable.is_batched and variable.name in given:
            axis = [axis.kind for axis in variable.axes].index(AxisKind.BATCH)
            given[variable.name] = np.take(given[variable.name], 0, axis=axis)
    alone = replace(case, system=case.single, given=given)
    yield from _same(SINGLE_SYSTEM, _results(case.fast, alone.arguments), _interpreted(alone))
    yield from _forward(alone)


def _lengths(case: _Case) -> Iterator[Comparison]:
    """Padded examples against each by itself; a window as long as the sequences against none."""
    at = case.arguments
    if not takes_lengths(case.fast) or "B" not in case.sizes:
        return
    lengths = some_lengths(case.system, case.sizes)
    references = one_by_one(case.system, at, lengths, case.fast)
    bad = spoiled(case.system, at, lengths)
    for module in (case.fast, case.plain):
        if module is not None:
            yield from _same(LENGTHS, padded(bad, lengths, module), references)
    gradients = {name: references[name] for name in at.params}
    yield from _same(LENGTHS, in_two_calls(bad, lengths, case.fast), gradients)
    loss, whole = call.loss_and_grad(case.fast, at, window=max(case.sizes.values()))
    yield from _same(WINDOW, {"loss": np.array(loss), **whole}, _results(case.fast, at))


def _segments(case: _Case) -> Iterator[Comparison]:
    """Gradients by segments of two steps, the last one shorter, against those of the whole sequence."""
    reference = _results(case.fast, case.arguments)
    for module in (case.fast, case.plain):
        if module is not None and "checkpoint" in inspect.signature(module.loss_and_grad).parameters:
            loss, found = call.loss_and_grad(module, case.arguments, checkpoint=2)
            yield from _same(CHECKPOINT, {"loss": np.array(loss), **found}, reference)


def _own_starts(case: _Case) -> Iterator[Comparison]:
    """The loss and its gradients where the sequence begins as the file says: a root has no slope at `h[0] = 0`."""
    found = first_at_own_starts(case.system, case.fast, case.arguments)
    if found is not None:
        name, value, note = found
        yield Comparison(OWN_STARTS, name, (), np.inf, 0.0, (), value, np.nan, note)


def _results(module: Any, at: Arguments) -> dict[str, Array]:
    """The loss and every gradient."""
    loss, gradients = call.loss_and_grad(module, at)
    return {"loss": np.array(loss), **gradients}


def _same(kind: str, values: Mapping[str, Array], references: Mapping[str, Array]) -> Iterator[Comparison]:
    largest, small = _largest(references), _SMALL.get(kind, SMALL)
    for name, reference in references.items():
        if not _is_unread(name, values, reference):
            yield compare(kind, name, values.get(name), reference, BOUNDS[kind], largest, small)


def _largest(gradients: Mapping[str, Array]) -> float:
    """The greatest entry of all gradients, the loss left out."""
    return max((float(np.max(np.abs(a), initial=0.0)) for n, a in gradients.items() if n != "loss"), default=0.0)


def _is_unread(name: str, values: Mapping[str, Array], reference: Array) -> bool:
    """Whether no gradient is right: a function takes no data that it does not read."""
    return name not in values and not np.any(reference)


_CHECKS = (
    _gradients, _forward, _backward, _one_step, _plain_style, _float32, _single_example, _single_system, _lengths,
    _segments, _own_starts,
)  # fmt: skip
