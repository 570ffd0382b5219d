"""What a claim's right side would be worth if it were another expression."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import cached_property

import numpy as np

from derive.check.hand.claims import Claim, Side
from derive.check.hand.derivation import Derivation
from derive.check.hand.diagnosis.parts import Misfit, Part, spread
from derive.check.hand.diagnosis.quick import Quick, Unknown
from derive.check.hand.diagnosis.trees import Keys
from derive.check.hand.numbers import SMALLEST, domain_grid
from derive.errors import Fault
from derive.expressions import Axis, AxisKind
from derive.interpret import Array
from derive.language.source import Sink, Source

MOST = 4000  # how many expressions are evaluated for one claim at most: less than a second
WORK = 12000  # operations of arrays for the pairs of mistakes of one claim
SLOW = 25  # what one costs that has to be read in full
FEW = 2  # values of an index that thousands of expressions are compared at, before one is at all
ROUGH = 1e-7  # of the largest entry, at the first point alone; what passes is compared at all


class Spent(Exception):
    """Enough expressions have been tried."""


class Values:
    """Values of expressions in the place of one claim's right side.

    Attributes:
        read: how many expressions have been read.
        again: how many mends of other mends have been looked at.
    """

    def __init__(self, derivation: Derivation, claim: Claim) -> None:
        """Values for one claim."""
        self.derivation, self.claim = derivation, claim
        learn_gradients(derivation)
        self.truth = derivation.truth(claim)
        self.goal = self.truth[0].kept
        self.scale = max(float(np.abs(self.goal).max(initial=0.0)), SMALLEST)
        self.read = 0
        self._paired, self.again = 0.0, 0
        self._keys = Keys()
        self._known: dict[int, Array | None] = {}

    @cached_property
    def quick(self) -> Quick:
        """Where expressions are evaluated: the first point."""
        point = self.derivation.points[0]
        variables = self.derivation.vocabulary.symbols.variables
        return Quick(self.derivation.cells(0), variables, point.sizes, self._indices)

    @cached_property
    def _indices(self) -> dict[str, tuple[Array, Axis]]:
        """The values of the claim's indices at the first point, and what each runs along."""
        grid, _ = domain_grid(self.claim.domain, self.derivation.points[0], self.derivation.cells(0))
        known = {index: name for name, index in self.claim.scope.indices.items()}
        return {known[i]: (values.ravel(), i.axis) for i, values in grid.values.items() if i in known}

    @cached_property
    def _thin(self) -> tuple[Quick, Array, Array]:
        """Some values of each index alone, for what is looked at a thousand times.

        Returns:
            Where expressions are evaluated; which of the entries there the claim is about, and where these stand among
            all that it is about.
        """
        holds = self.truth[0].holds.T
        numbers = np.full(holds.shape, -1)
        numbers.T[self.truth[0].holds] = np.arange(np.count_nonzero(holds))
        indices = dict(self._indices)
        for n, name in enumerate(self._names):
            values, axis = indices[name]
            held = np.flatnonzero(np.moveaxis(holds, n, 0).reshape(len(values), -1).any(axis=1))
            # Neither the first nor the last: there other things hold than between them.
            few = held[len(held) // 3 :][:FEW] if len(held) > FEW else held
            numbers = numbers.take(few, axis=n)
            indices[name] = values[few], axis
        quick = replace(self.quick, indices=indices, known={}, below={})
        entries = np.flatnonzero(numbers.ravel() >= 0)
        return quick, entries, numbers.ravel()[entries]

    def value(self, tree: ast.expr) -> Array | None:
        """An expression's value at the first point, where the claim is meant to hold; None where it does not fit."""
        key = self._keys.of(tree)
        if key not in self._known:
            self.read += 1
            if self.read > MOST:
                raise Spent
            try:
                found = self._laid_out(self.quick.value(tree))
            except Misfit:
                found = None
            except Unknown:
                self.read += SLOW - 1
                found = self._value(ast.unparse(tree))
            self._known[key] = found if found is None or np.all(np.isfinite(found)) else None
        return self._known[key]

    def _laid_out(self, part: Part) -> Array | None:
        """A value in the order of the true one: over the claim's indices, the last first, where it is meant to hold."""
        filled = self._filled(part)
        if filled is None or not set(part.over) <= set(self._names):
            return None
        part, holds = filled, self.truth[0].holds
        return np.broadcast_to(spread(part, self._names).transpose(), holds.shape)[holds]

    def _filled(self, part: Part) -> Part | None:
        """A value with the axes of the left side, each entry of which a scalar is; None where it has others."""
        assert self.claim.left_value is not None and self.claim.left_value.axes is not None
        axes = self.claim.left_value.axes
        if part.axes or not axes:
            return part if part.axes == axes else None
        return Part(part.over, part.array.reshape((*part.array.shape, *(1,) * len(axes))), axes)

    @property
    def is_spent(self) -> bool:
        """Whether enough pairs of mistakes have been looked at; that is counted, so that no machine finds more."""
        return self._paired > WORK

    def fitting(
        self, tree: ast.expr, rest: Array, places: tuple[str, str], counts: tuple[int, int]
    ) -> list[tuple[int, int]]:
        """Which of the expressions that stand in two places of a tree give it a value.

        Args:
            tree: the tree, with a choice in each place.
            rest: the value, where the claim is meant to hold.
            places: the index of each choice.
            counts: how many expressions each has.
        """
        quick, entries, kept = self._thin
        begun = quick.work[0]
        whole = self._open(quick, tree, places, counts)
        self._paired += quick.work[0] - begun
        if whole is None:
            return []
        near = np.abs(whole[..., entries] - rest[kept]).max(axis=-1, initial=0.0)
        return [(int(p), int(q)) for p, q in np.argwhere(near <= ROUGH * self.scale)]

    def each(self, tree: ast.expr, place: str, count: int) -> list[Array | None]:
        """The values of a tree with each of the expressions that stand in one place of it.

        Args:
            tree: the tree, with a choice in the place.
            place: the index of the choice.
            count: how many expressions it has.
        """
        whole = self._open(self.quick, tree, (place,), (count,))
        if whole is None:
            return [None] * count
        holds = self.truth[0].holds
        order = np.arange(holds.size).reshape(holds.T.shape).T[holds]
        found = [np.ascontiguousarray(array[order]) for array in whole]
        return [array if np.all(np.isfinite(array)) else None for array in found]

    def _open(self, quick: Quick, tree: ast.expr, places: tuple[str, ...], counts: tuple[int, ...]) -> Array | None:
        """The values of a tree with choices in it; the last axis has all entries, the claim's first index first."""
        try:
            filled = self._filled(quick.value(tree))
        except (Misfit, Unknown):
            return None
        if filled is None or not set(filled.over) <= {*places, *self._names}:
            return None
        array = spread(filled, (*places, *self._names))
        indices = tuple(len(quick.indices[name][0]) for name in self._names)
        features = self.truth[0].holds.T.shape[len(indices) :]
        return np.broadcast_to(array, (*counts, *indices, *features)).reshape(*counts, -1)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """The names of the claim's indices, in the order of its domain; the axes of both sides come behind them."""
        known = {index: name for name, index in self.claim.scope.indices.items()}
        return tuple(known[reach.index] for reach in self.claim.domain if reach.index in known)

    def _value(self, text: str) -> Array | None:
        side = self._side(text)
        if isinstance(side, Fault):
            return None
        with np.errstate(all="ignore"):
            return np.asarray(self.derivation.value_at(self.claim, side, 0).value[self.truth[0].holds])

    def forgive(self) -> None:
        """Begin to count anew."""
        self.read = 0

    def _side(self, text: str) -> Side | Fault:
        return side_of(self.derivation, self.claim, text)

    def is_right(self, tree: ast.expr) -> bool:
        """Whether the claim is right with another right side, at every point."""
        self.read += SLOW
        side = self._side(ast.unparse(tree))
        if isinstance(side, Fault) or not self.derivation.is_right(self.claim, side):
            return False
        return not self.derivation.reads_nothing(self.claim, side)

    def is_small(self, value: Array) -> bool:
        """Whether a difference is nothing beside the true value."""
        return bool(np.abs(value).max(initial=0.0) <= ROUGH * self.scale)


def side_of(derivation: Derivation, claim: Claim, text: str) -> Side | Fault:
    """An expression as a claim's right side, read as a text of its own: every node has its place in it."""
    tree = ast.parse(f"({text})", mode="eval").body
    line = replace(claim.line, source=Source(f"({text})", "<mend>"), left=tree, right=tree)
    return derivation.side(replace(claim, line=line), tree)


def learn_gradients(derivation: Derivation) -> None:
    """Find the gradients by all variables of the model at once: what is tried reads any of them."""
    vocabulary = derivation.vocabulary
    texts: list[str] = []
    for name in vocabulary.differentiable:
        steps = [a.name.lower() for a in vocabulary.axes(name) if a.kind is AxisKind.SEQUENCE]
        text = name + (f"[{', '.join(steps)}]" if steps else "")
        if f"grad({name})" not in vocabulary.symbols.variables:
            texts.append(f"grad({text})")
    if texts:
        source = Source(f"({', '.join(texts)},)", "<all>")
        derivation.understanding.rewritten(ast.parse(source.text, mode="eval").body, Sink(source))
        derivation.learn(derivation.understanding.specials.values())
