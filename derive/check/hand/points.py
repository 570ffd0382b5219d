"""Random points of a model's own trajectories, and the true gradients there.

A point has sizes of its own, lengths of sequences from 1 on, and random data, weights and starts. What is true comes
from complex steps through the interpreter: every cell of a variable is moved by a lane of its own, and what moves with
it is read off. That is the total derivative along the graph, and no rule of differentiation has a part in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from derive.check.hand.broadcast import NONE, Cells
from derive.check.hand.copies import copy_name, with_copies
from derive.check.hand.products import BATCH
from derive.check.hand.special import Special
from derive.check.hand.starts import data_starts, started
from derive.check.sample import prime_sizes, sample
from derive.errors import DeriveError, Fault
from derive.expressions import Axis, AxisKind
from derive.interpret import STEP, Array, Interpreter, Values
from derive.interpret.closures import Key
from derive.system import Role, System, Variable

# The lengths of the sequences at each point; the first is long enough for what holds at both ends and between them.
LENGTHS = ((5, 4, 6, 7), (1, 1, 1, 1), (2, 3, 1, 4), (3, 2, 4, 1), (4, 6, 5, 2))
WIDER = (1, 2)  # points with other sizes of vectors, so that no number in a line passes for a size
REPEATED = 4  # the point at which all steps have one label and one token: else no two neighbours might share theirs
LANES = 512


class Point:
    """One choice of sizes and of everything that is given.

    Attributes:
        sizes: every size by name.
        cells: the values of every variable by name, those of gradients once they have been asked for.
    """

    def __init__(self, systems: tuple[System, System], sizes: Mapping[str, int], seed: int) -> None:
        """A point of a model, whose second system has names for its parts.

        Raises:
            DeriveError: the model has no value at these sizes.
        """
        self.system, self.parted = systems
        self.sizes = dict(sizes)
        self.given = sample(self.system, sizes, seed)
        self._values = Interpreter(self.system, sizes).evaluate(self.given)
        if seed == REPEATED:
            self._repeat()
        rng = np.random.default_rng((seed, 1))
        self.cells = {name: self._cells(self.system.by_name[name], v, rng) for name, v in self._values.items()}
        for name, starts in data_starts(self.system).items():
            self.cells[name] = started(self.cells[name], starts, self._values.get(f"{name}.padded"))

    def _repeat(self) -> None:
        """Give all steps one label and one token, where the model has a value then."""
        named = [v.name for v in self.system.variables if v.role.is_integer and not str(v.classes)[:1].isupper()]
        one = {name: np.full_like(self.given[name], np.ravel(self.given[name])[0]) for name in named}
        values = Interpreter(self.system, self.sizes).evaluate(self.given | one)
        if np.all(np.isfinite(values["loss"].array)):
            self.given, self._values = dict(self.given | one), values

    def name_parts(self) -> None:
        """Let the point know the values of the parts of the model that derive has names for."""
        rng = np.random.default_rng(2)
        parts = [v.name for v in self.parted.with_role(Role.VAR) if v.name not in self._values]
        for name, values in Interpreter(self.parted, self.sizes).evaluate(self.given, parts).items() if parts else ():
            self._values[name] = values
            self.cells[name] = self._cells(self.parted.by_name[name], values, rng)

    def other_fill(self, shift: float) -> dict[str, Cells]:
        """The same with other numbers where the model has no value: what depends on them reads what is not there."""
        fixed = (0.0, float(NONE))
        return {n: c if c.outside in fixed else replace(c, outside=c.outside + shift) for n, c in self.cells.items()}

    def _cells(self, variable: Variable, values: Values, rng: np.random.Generator) -> Cells:
        fill = 1.0 + float(rng.random())
        array = values.array
        if variable.role.is_integer:
            return Cells(np.rint(array.real).astype(int), values.first, NONE)
        if variable.role.is_data or variable.role is Role.GRAD:
            return Cells(array, values.first, 0.0)
        return Cells(np.where(np.isnan(array), fill, array), values.first, fill)

    def learn(self, specials: Iterable[Special]) -> None:
        """Find the true values of gradients and Jacobians."""
        wanted = [special for special in specials if special.name not in self.cells]
        for parts in (False, True):
            for at in dict.fromkeys(special.at for special in wanted):
                group = [s for s in wanted if s.at == at and self._is_of_parts(s) == parts]
                if group:
                    self._learn(group, at, parts)

    def _is_of_parts(self, special: Special) -> bool:
        return not {special.of, special.by} <= self.system.by_name.keys()

    def _learn(self, group: list[Special], at: Axis | None, parts: bool) -> None:
        if parts:
            self.name_parts()
        system = self.parted if parts else self.system
        given = dict(self.given)
        names = list(dict.fromkeys(special.by for special in group))
        moved = {name: name for name in names}
        if at is not None:
            system = with_copies(system, names, at)
            moved = {name: copy_name(name) for name in names}
            length = self.sizes[at.name]
            given |= {copy_name(n): np.zeros((length, *self.cells[n].array.shape)) for n in names}
        cells = [(name, key) for name in names for key in self._keys(name, moved[name], at)]
        outputs = list(dict.fromkeys(special.of for special in group))
        interpreter = Interpreter(system, self.sizes)
        slopes: dict[str, list[Array]] = {name: [] for name in outputs}
        for begin in range(0, len(cells), LANES):
            chunk = cells[begin : begin + LANES]
            nudges = {(moved[n], key): _lane(len(chunk), lane) for lane, (n, key) in enumerate(chunk)}
            found = interpreter.evaluate(given, outputs, nudges)
            for name in outputs:
                slopes[name].append(np.imag(found[name].array) / STEP)
        for special in group:
            rows = [number for number, (name, _) in enumerate(cells) if name == special.by]
            joined = np.concatenate(slopes[special.of], axis=-1)[..., rows[0] : rows[-1] + 1]
            self.cells[special.name] = self._shaped(special, np.nan_to_num(joined), at)

    def _keys(self, name: str, moved: str, at: Axis | None) -> list[Key]:
        """The cells of a variable that have a value; of one copied for each step, those of every copy."""
        values = self._values[name]
        inside = [
            tuple(e + f for e, f in zip(entry, values.first, strict=True)) for entry in np.ndindex(values.array.shape)
        ]
        if at is None:
            return inside
        return [(step, *key) for step in range(1, self.sizes[at.name] + 1) for key in inside]

    def _shaped(self, special: Special, slopes: Array, at: Axis | None) -> Cells:
        """An array over the steps of the copy, those of both variables, and then the entries of both."""
        upper, lower = self._values[special.of], self._values[special.by]
        copies = () if at is None else (self.sizes[at.name],)
        array = slopes.reshape((*upper.array.shape, *copies, *lower.array.shape))
        system = self.parted if self._is_of_parts(special) else self.system
        of, by = system.by_name[special.of].axes, system.by_name[special.by].axes
        first = (*upper.first, *((1,) if at is not None else ()), *lower.first)
        axes = [("of", axis) for axis in of] + [("at", at)] * (at is not None) + [("by", axis) for axis in by]

        def rank(n: int) -> tuple[bool, int, int]:
            which, axis = axes[n]
            assert axis is not None
            return axis.kind is not AxisKind.SEQUENCE, ("at", "of", "by").index(which), n

        order = sorted(range(len(axes)), key=rank)
        return Cells(array.transpose(order), tuple(first[n] for n in order), 0.0)


def _lane(count: int, lane: int) -> Array:
    nudge = np.zeros(count, dtype=complex)
    nudge[lane] = 1j * STEP
    return nudge


def points(system: System, parted: System) -> list[Point]:
    """Points at which claims are compared: lengths from 1 on, no two sizes equal, everything given at random.

    Raises:
        DeriveError: the model has no value at any of them.
    """
    found: list[Point] = []
    sizes = prime_sizes(system)
    features = {axis.size for v in system.variables for axis in v.axes if axis.kind is AxisKind.FEATURE}
    others = {symbol.name for size in features for symbol in size.free_symbols}
    sequences = list(
        dict.fromkeys(
            a.name for v in system.variables for a in v.axes if a.kind is AxisKind.SEQUENCE and a.name in sizes
        )
    )
    last: DeriveError | None = None
    for seed, lengths in enumerate(LENGTHS):
        here = {BATCH: 59 + 2 * seed} | sizes | dict(zip(sequences, lengths, strict=False))
        if seed in WIDER:
            here |= {name: size + 2 for name, size in here.items() if name in others}
        try:
            found.append(Point((system, parted), here, seed))
        except DeriveError as error:  # a model need not have a value for every length
            last = error
    if len(found) < 3:
        assert last is not None
        raise DeriveError(Fault(f"{system.name} cannot be evaluated: {last.faults[0].message}"))
    return found
