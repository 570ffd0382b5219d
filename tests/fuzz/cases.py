"""Data for a random model, and what its equations say of them: sizes, arrays, values and exact gradients.

All of it comes from the system as it was read, from the interpreter and from complex steps. A model of which this
cannot be had, or cannot be had to enough digits, is discarded, and the reason is counted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from derive.calculus.batch import add_batch
from derive.calculus.lengths import sequences
from derive.check import call
from derive.check.probe import with_probes
from derive.check.report import compare
from derive.check.sample import prime_sizes, sample
from derive.emit.numpy.interface import is_sequence, least_lengths, node_axis
from derive.errors import DeriveError
from derive.expressions import AxisKind, refs
from derive.interpret import Array, Interpreter, complex_step
from derive.pipeline import Model
from derive.system import Equation, Role, System

KINK = 1e-6  # data nearer to a kink or to a tie than this tell nothing: rounding may decide there
MOVED = 1e-10  # by how much, relative to each, all data are moved to see how well gradients are determined
CONDITION = 1e5  # a relative change of the data may change a gradient by so much more
ROUNDING = 1e-2  # gradients smaller than 1e-10 of this and of the loss are what rounding leaves of 0
STEPS = ((5, True), (3, True), (2, True), (1, True), (3, False), (1, False))  # of the first sequence; with a batch?
NEAR, UNDEFINED, NOT_FINITE, BADLY_CONDITIONED = "near a kink or a tie", "undefined", "not finite", "badly conditioned"

Arrays = dict[str, Array]


class DiscardedError(Exception):
    """The numbers of a model tell nothing, and why."""


@dataclass(frozen=True)
class Case:
    """Sizes and data for a model.

    Attributes:
        system: the system as it was read, alone or with its batch.
        sizes: every size by name.
        given: an array for everything that is given.
    """

    system: System
    sizes: Mapping[str, int]
    given: Arrays

    @cached_property
    def loss(self) -> Array:
        """What the interpreter says the loss is."""
        return Interpreter(self.system, self.sizes).evaluate(self.given, ["loss"])["loss"].array

    @cached_property
    def truth(self) -> Arrays:
        """Every exact gradient, by the name of its variable."""
        names = [v.name for v in self.system.with_role(Role.PARAM, Role.INPUT, Role.START)]
        return complex_step(self.system, self.sizes, self.given, inputs=names)

    @property
    def results(self) -> Arrays:
        """The loss and every exact gradient, by the names that a module uses."""
        return {"loss": self.loss, **by_keyword(self.system, self.truth)}

    @property
    def arguments(self) -> call.Arguments:
        """The data as a module takes them."""
        return call.arguments(self.system, self.given, self.sizes)

    def __str__(self) -> str:
        """The sizes."""
        return ", ".join(f"{name} = {size}" for name, size in self.sizes.items())


def by_keyword(system: System, found: Mapping[str, Array]) -> Arrays:
    """Arrays of given variables, those of the starts under the keywords that stand for them."""
    keywords = call.start_keywords(system)
    starts = {name for names in keywords.values() for name in names}
    plain = {name: array for name, array in found.items() if name not in starts}
    return plain | {keyword: call.by_keyword(names, found) for keyword, names in keywords.items()}


def seed_of(text: str) -> int:
    """A number that a text always gives, so that the text alone tells its data."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def cases(model: Model, seed: int) -> Iterator[Case]:
    """Cases of a model, those of its batch first: 1, 2, 3 and 5 steps, unequal prime sizes.

    Raises:
        DiscardedError: the numbers of one of them tell nothing.
    """
    batched = add_batch(model.system)
    stepless = not any(axis.kind is AxisKind.SEQUENCE for v in model.system.variables for axis in v.axes)
    done: set[tuple[bool, int]] = set()
    for steps, with_batch in STEPS:
        system = batched if with_batch else model.system
        kind = (system is not model.system, 0 if stepless else steps)
        if kind in done:
            continue
        done.add(kind)
        sizes = some_sizes(system, steps)
        if all(sizes[size] >= least for size, (least, _) in least_lengths(system).items()):
            yield _case(system, sizes, seed)


def some_sizes(system: System, steps: int) -> dict[str, int]:
    """Sizes no two of which are equal but by chance: prime features, `steps` for the first sequence."""
    sizes = prime_sizes(system)
    away = 0 if steps == 1 else 1 if steps % 2 == 0 else -1
    own = {axis.name: max(1, steps + number * away) for number, axis in enumerate(sequences(system))}
    return {**sizes, **own}


def _case(system: System, sizes: dict[str, int], seed: int) -> Case:
    try:
        given = sample(system, sizes, seed, margin=100 * KINK)
    except DeriveError as error:
        if "no data found" not in str(error):
            raise
        infinite = re.search(r"not finite| is -?inf| is nan", str(error)) is not None
        raise DiscardedError(NOT_FINITE if infinite else UNDEFINED) from error
    for array in given.values():
        array.flags.writeable = False
    case = Case(system, sizes, given)
    if _margin(case) < KINK:
        raise DiscardedError(NEAR)
    if not all(np.all(np.isfinite(array)) for array in case.results.values()):
        raise DiscardedError(NOT_FINITE)
    if _condition(case, seed) > CONDITION:
        raise DiscardedError(BADLY_CONDITIONED)
    return case


def _margin(case: Case) -> float:
    """How far the data keep from the nearest kink or tie."""
    probed, probes = with_probes(case.system)
    if not probes:
        return np.inf
    values = Interpreter(probed, case.sizes).evaluate(case.given)
    return min(probe.distance(values[probe.name]) for probe in probes)


def _condition(case: Case, seed: int) -> float:
    """By how much more the results change than the data, each relative to its own size, when all data move a little."""
    rng = np.random.default_rng(seed)
    moved = {
        name: array if array.dtype.kind in "iu" else array * (1 + MOVED * rng.choice((-1.0, 1.0), array.shape))
        for name, array in case.given.items()
    }
    return worst(replace(case, given=moved).results, case.results)[0] / MOVED


def worst(found: Mapping[str, Array], wanted: Mapping[str, Array]) -> tuple[float, str]:
    """The greatest relative error of any of the wanted arrays, and what is to be said of it.

    One that was not found is right if it is zero: a function takes no data that it does not read.
    """
    slopes = (float(np.max(np.abs(a), initial=0.0)) for n, a in wanted.items() if n != "loss")
    largest = max(*slopes, ROUNDING * max(1.0, abs(float(wanted.get("loss", 0.0)))), 0.0)
    made = [
        compare("the truth", name, found.get(name), reference, 1e-9, largest)
        for name, reference in wanted.items()
        if name in found or np.any(reference)
    ]
    comparison = max(made, key=lambda c: np.inf if np.isnan(c.error) else c.error, default=None)
    return (comparison.error, str(comparison)) if comparison else (0.0, "")


def lengths_of(case: Case, seed: int) -> Arrays:
    """Lengths of the examples of a batch for every sequence, at random between the fewest and all steps."""
    rng = np.random.default_rng(seed)
    least = {size: steps for size, (steps, _) in least_lengths(case.system).items()}
    return {
        axis.name: rng.integers(least.get(axis.name, 1), case.sizes[axis.name] + 1, case.sizes["B"])
        for axis in sequences(case.system)
    }


def within(case: Case, lengths: Mapping[str, Array]) -> Case:
    """The case with steps that data name (`Index[T, S]`) inside of each example's own sequence."""
    given = dict(case.given)
    for v in case.system.variables:
        if v.is_batched and v.role.is_integer and v.classes is not None and is_sequence(case.system, v.classes):
            if node_axis(v) is None:
                axis = [axis.kind for axis in v.axes].index(AxisKind.BATCH)
                own = lengths[str(v.classes)].reshape([-1 if n == axis else 1 for n in range(len(v.axes))])
                given[v.name] = np.minimum(given[v.name], own)
    return replace(case, given=given)


def one_by_one(case: Case, single: System, lengths: Mapping[str, Array]) -> Arrays:
    """The sum over examples, each interpreted by itself on its own steps; terms without data count once."""
    free = [e for e in case.system.equations if e.target == "loss" and not _on_data(case.system, e)]
    once = replace(single, equations=(*(e for e in single.equations if e.target != "loss"), *free))
    total: Arrays = {}
    for number in range(case.sizes["B"]):
        sizes = {**case.sizes, **{size: int(n[number]) for size, n in lengths.items()}}
        given = _cut(case, single, sizes, number)
        _add(total, Case(single, sizes, given), case, number)
        if free:
            _add(total, Case(once, sizes, given), case, number, -1.0)
    if free:
        _add(total, Case(once, case.sizes, _cut(case, single, case.sizes, 0)), case, 0)
    return total


def _on_data(system: System, equation: Equation) -> bool:
    return any(system.by_name[ref.name].is_batched for ref in refs(equation.right))


def _cut(case: Case, single: System, sizes: Mapping[str, int], number: int) -> Arrays:
    """What is given to one example."""
    found = {}
    for v in case.system.variables:
        if v.name in case.given:
            kinds = [axis.kind for axis in v.axes]
            array = case.given[v.name]
            if AxisKind.BATCH in kinds:
                array = np.take(array, number, axis=kinds.index(AxisKind.BATCH))
            axes = single.by_name[v.name].axes
            own = tuple(slice(sizes[a.name] if a.kind is AxisKind.SEQUENCE else None) for a in axes)
            found[v.name] = array[own]
    return found


def _add(total: Arrays, one: Case, whole: Case, number: int, times: float = 1.0) -> None:
    """Add one example's loss and gradients to those of the batch, at its place."""
    total["loss"] = total.get("loss", 0.0) + times * one.loss
    for name, slope in one.truth.items():
        place = total.setdefault(name, np.zeros(whole.given[name].shape))
        kinds = [axis.kind for axis in whole.system.by_name[name].axes]
        if AxisKind.BATCH in kinds:
            place = np.moveaxis(place, kinds.index(AxisKind.BATCH), 0)[number, ...]
        place[tuple(slice(n) for n in slope.shape)] += times * slope
