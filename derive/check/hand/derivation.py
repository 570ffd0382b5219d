"""A derivation made by hand and the model that it is about: what it claims, and numbers to judge that by."""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from derive.check.hand import rules
from derive.check.hand.broadcast import Cells, everywhere
from derive.check.hand.claims import Claim, Side
from derive.check.hand.lines import HandLine
from derive.check.hand.numbers import (
    NoValue,
    Numbers,
    agree,
    gap,
    left_numbers,
    moved_fill,
    numbers,
    own_cells,
)  # fmt: skip
from derive.check.hand.points import Point, points
from derive.check.hand.special import Special
from derive.check.hand.understanding import Understanding
from derive.check.hand.vocabulary import Checkable, Vocabulary
from derive.errors import Fault
from derive.interpret import Interpreter
from derive.language.source import Sink


class Derivation:
    """The claims of a derivation, with points to compare them at.

    Attributes:
        model: the model.
        claims: one for each line, in order; definitions too.
    """

    def __init__(self, model: Checkable, lines: Sequence[HandLine], at: list[Point] | None = None) -> None:
        """Understand the lines; faults stay with their claims.

        Args:
            model: the model.
            lines: the derivation.
            at: the points of another derivation about the model; None for points of its own.
        """
        self.model = model
        self.vocabulary = Vocabulary(model)
        self.understanding = Understanding(self.vocabulary, lines)
        self.claims: list[Claim] = self.understanding.claims
        self._derived: dict[str, Cells] = {}
        self._derived_true: dict[str, bool] = {}
        self._left: dict[int, list[Numbers]] = {}
        self._cells: list[dict[str, Cells]] = []
        self._known = 0
        if at is not None:
            self.points = at
        self._settle()

    @cached_property
    def points(self) -> list[Point]:
        """Where claims are compared."""
        found = points(self.model.system, self.model.gradient().system)
        if any(name in self.vocabulary.parts for name in self.vocabulary.symbols.variables):
            for point in found:
                point.name_parts()
        return found

    def _settle(self) -> None:
        """Compute what every claim may read; a definition that has no value is not understood."""
        own = self.vocabulary.own
        for claim in self.claims:
            if claim.head in own and claim.fault is None and claim.right is None:
                claim.fault = Fault(f"{claim.head} is not understood")
        self.learn(self.understanding.specials.values())
        for _ in own:
            try:
                own_cells(self.claims, own, self.points[0])
                break
            except NoValue as error:
                for claim in self.claims:
                    if claim.defines and claim.head in error.names:
                        claim.refuse(rules.own_cycle(claim.head))
                        claim.fault, claim.right = error.fault or claim.fault, None

    def learn(self, specials: Iterable[Special]) -> None:
        """Find the true values of gradients and Jacobians at every point; what the person defined follows."""
        wanted = list(specials)
        for point in self.points:
            point.learn(wanted)
        self._cells = []

    def cells(self, number: int) -> dict[str, Cells]:
        """Every value that a line may read at a point, the person's own names included."""
        known = len(self.points[0].cells)  # another derivation at the same points may have found more gradients
        if not self._cells or known != self._known:
            self._cells = [own_cells(self.claims, self.vocabulary.own, point) for point in self.points]
            self._known = known
        return self._cells[number]

    def side(self, claim: Claim, tree: ast.expr) -> Side | Fault:
        """An expression in the person's words (`grad(h[t])` is a call) in the place of a claim's right side.

        What it reads of gradients is known afterwards. A fault is what does not fit, in shapes.
        """
        sink = Sink(claim.line.source)
        rewritten = self.understanding.rewritten(tree, sink)
        if sink.faults:
            return sink.faults[0]
        side = self.understanding.side(claim, rewritten)
        if isinstance(side, Side) and any(s.name not in self.points[0].cells for s in side.reads):
            self.learn(side.reads)
        return side

    def values(self, claim: Claim, side: Side) -> list[Numbers]:
        """A side's values at every point."""
        return [numbers(claim, side, point, self.cells(n)) for n, point in enumerate(self.points)]

    def value_at(self, claim: Claim, side: Side, number: int) -> Numbers:
        """A side's values at one point: the first has the longest sequences."""
        return numbers(claim, side, self.points[number], self.cells(number))

    def truth(self, claim: Claim) -> list[Numbers]:
        """The true values of what a claim is of, at every point, each with where the claim is meant to hold."""
        found = self._left.get(id(claim))
        if found is None:
            found = [left_numbers(claim, point, self.cells(n)) for n, point in enumerate(self.points)]
            self._left[id(claim)] = found
        return found

    def is_right(self, claim: Claim, side: Side) -> bool:
        """Whether a side equals what the claim is of, at every point and step where the claim is meant to hold."""
        for number, true in enumerate(self.truth(claim)):
            said = self.value_at(claim, side, number)
            if not agree(true.kept, said.value[true.holds]):
                return False
        return True

    def gaps(self, claim: Claim, side: Side) -> list[float]:
        """By how much a side differs from the truth at each point, by the largest entry."""
        truth = self.truth(claim)
        return [gap(t.kept, s.value[t.holds]) for t, s in zip(truth, self.values(claim, side), strict=True)]

    def holds_somewhere(self, claim: Claim) -> bool:
        """Whether there is a step at which the claim is meant to hold."""
        return any(true.holds.any() for true in self.truth(claim))

    def reads_nothing(self, claim: Claim, side: Side) -> bool:
        """Whether a side depends on what the model has no value for: it reads a step that is not there."""
        for number, (true, point) in enumerate(zip(self.truth(claim), self.points, strict=True)):
            here, there = self.cells(number), moved_fill(self.cells(number), point)
            one, other = (numbers(claim, side, point, cells).value[true.holds] for cells in (here, there))
            if not np.array_equal(one, other, equal_nan=True):
                return True
        return False

    def derived_is_true(self, special: Special) -> bool:
        """Whether the derived gradient is that of the model as it is written.

        It is that of a rewritten model, in which the loss may be computed past a variable (`yhat`).
        """
        plain = Special("loss", special.by)
        if plain.name not in self._derived_true:
            system = self.model.gradient().system
            point = min(self.points, key=lambda p: (max(p.sizes.values()) == 1, sum(p.sizes.values())))
            point.learn([plain])
            if plain.name not in self._derived:
                names = [n for n in self.understanding.specials if n in system.by_name]
                wanted = [
                    n for n in dict.fromkeys([*names, plain.name]) if n in system.by_name and n not in self._derived
                ]
                found = Interpreter(system, point.sizes).evaluate(point.given, wanted)
                self._derived |= {name: Cells(values.array, values.first) for name, values in found.items()}
            self._derived_true[plain.name] = plain.name in self._derived and agree(
                *(
                    everywhere(cells, point.cells[plain.name])
                    for cells in (point.cells[plain.name], self._derived[plain.name])
                )
            )
        return self._derived_true[plain.name]

    def with_definitions(self, sides: Sequence[tuple[Claim, Side]], most: int | None = None) -> Derivation:
        """The derivation in which some lines define their names by other right sides.

        Args:
            sides: the lines that define, each with its other right side.
            most: at how many of the points; None is all.
        """
        other = copy.copy(self)
        table = {id(claim): side for claim, side in sides}
        other.claims = [replace(one, right=table[id(one)]) if id(one) in table else one for one in self.claims]
        other._cells = []
        # What a line is of has other values only where that is a name of the person's own.
        own = {id(one) for one in self.claims if one.head in self.vocabulary.own}
        other._left = {key: values[:most] for key, values in self._left.items() if key not in own}
        other.points = self.points[:most]
        return other

    def depends_on(self, claim: Claim, settled: Collection[str] = ()) -> list[str]:
        """The person's own names that a claim reads, itself or through others; through none that is settled."""
        found: list[str] = []
        waiting = [claim]
        while waiting:
            here = waiting.pop()
            trees = [here.right_tree] if here.right_tree is not None else []
            trees += [] if here.defines else [here.left_tree]
            for node in (n for tree in trees for n in ast.walk(tree)):
                if isinstance(node, ast.Name) and node.id in self.vocabulary.own and node.id not in found:
                    found.append(node.id)
                    waiting += [] if node.id in settled else [c for c in self.claims if c.defines and c.head == node.id]
        return found
