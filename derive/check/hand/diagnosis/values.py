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
from derive.expressions import AxisKind
from derive.interpret import Array
from derive.language.source import Sink, Source

MOST = 4000  # how many expressions are evaluated for one claim at most: less than a second
SLOW = 25  # what one costs that has to be read in full
ROUGH = 1e-7  # of the largest entry, at the first point alone; what passes is compared at all


class Spent(Exception):
    """Enough expressions have been tried."""


class Values:
    """Values of expressions in the place of one claim's right side.

    Attributes:
        read: how many expressions have been read.
    """

    def __init__(self, derivation: Derivation, claim: Claim) -> None:
        """Values for one claim."""
        self.derivation, self.claim = derivation, claim
        learn_gradients(derivation)
        self.truth = derivation.truth(claim)
        self.goal = self.truth[0].kept
        self.scale = max(float(np.abs(self.goal).max(initial=0.0)), SMALLEST)
        self.read = 0
        self._keys = Keys()
        self._known: dict[int, Array | None] = {}

    @cached_property
    def _quick(self) -> Quick:
        point = self.derivation.points[0]
        cells = self.derivation.cells(0)
        grid, _ = domain_grid(self.claim.domain, point, cells)
        known = {index: name for name, index in self.claim.scope.indices.items()}
        indices = {known[i]: (values.ravel(), i.axis) for i, values in grid.values.items() if i in known}
        variables = self.derivation.vocabulary.symbols.variables
        return Quick(cells, variables, point.sizes, indices)

    def value(self, tree: ast.expr) -> Array | None:
        """An expression's value at the first point, where the claim is meant to hold; None where it does not fit."""
        key = self._keys.of(tree)
        if key not in self._known:
            self.read += 1
            if self.read > MOST:
                raise Spent
            try:
                found = self._laid_out(self._quick.value(tree))
            except Misfit:
                found = None
            except Unknown:
                self.read += SLOW - 1
                found = self._value(ast.unparse(tree))
            self._known[key] = found if found is None or np.all(np.isfinite(found)) else None
        return self._known[key]

    def _laid_out(self, part: Part) -> Array | None:
        """A value in the order of the true one: over the claim's indices, the last first, where it is meant to hold."""
        assert self.claim.left_value is not None
        if part.axes != self.claim.left_value.axes:
            return None
        if not set(part.over) <= set(self._names):
            return None
        holds = self.truth[0].holds
        return np.broadcast_to(spread(part, self._names).transpose(), holds.shape)[holds]

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
