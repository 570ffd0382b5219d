"""A program's products as they run at some sizes: each step of each loop, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from derive.bench.numbers import NOWHERE, Numbers
from derive.bench.products import Product, contractions
from derive.expressions import Index
from derive.program import Assign, Loop, Only, Program, Statement, Wanted

Shape = tuple[int, int, int, int]  # how many side by side, m, k, n


@dataclass(frozen=True)
class Run:
    """A product at one step of its loops.

    Attributes:
        product: which.
        shape: how many side by side, m, k and n.
        steps: for each operand the step that it belongs to: nothing for one that all steps share.
    """

    product: Product
    shape: Shape
    steps: tuple[tuple[int, ...], tuple[int, ...]]

    @property
    def multiply_adds(self) -> int:
        """What it takes."""
        batch, m, k, n = self.shape
        return batch * m * k * n


def runs(program: Program, numbers: Numbers) -> Iterator[Run]:
    """The products that a program computes, without what runs on request only and what has no entries."""
    return (found for found in _runs(program.body, numbers, NOWHERE, {}) if min(found.shape) > 0)


def _runs(
    body: Iterable[Statement], numbers: Numbers, at: Mapping[Index, int], known: dict[int, tuple[Product, ...]]
) -> Iterator[Run]:
    for statement in body:
        if isinstance(statement, Assign):
            if id(statement) not in known:
                known[id(statement)] = tuple(Product(statement, node) for node in contractions(statement.value))
            for product in known[id(statement)]:
                batch, m, k, n = (numbers(length, at) for length in product.shape)
                left, right = (tuple(step for index, step in at.items() if index in read) for read in product.reads)
                yield Run(product, (batch, m, k, n), (left, right))
        elif isinstance(statement, Loop):
            steps = range(numbers(statement.first, at), numbers(statement.last, at) + 1)
            for step in steps if statement.forward else reversed(steps):
                yield from _runs(statement.body, numbers, {**at, statement.index: step}, known)
        elif isinstance(statement, Only):
            if numbers(statement.low, at) <= numbers(statement.high, at):
                yield from _runs(statement.body, numbers, at, known)
        elif hasattr(statement, "body") and not isinstance(statement, Wanted):
            yield from _runs(statement.body, numbers, at, known)
