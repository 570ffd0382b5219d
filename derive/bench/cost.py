"""What a model's programs take, as formulas: products, operations, statements, and numbers in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import sympy

from derive.bench.floor import Scheduled
from derive.bench.products import Product, products
from derive.emit.derivation.work import counts, steps, when_steps_are_many
from derive.program import Assign, Loop, Program, Statement, Wanted


@dataclass(frozen=True)
class Cost:
    """What `loss` and `loss_and_grad` take; sequences are long.

    Attributes:
        programs: the model's.
    """

    programs: Scheduled

    @cached_property
    def alone(self) -> Program:
        """What `loss` runs."""
        return self.programs.value(["loss"])

    @cached_property
    def ahead(self) -> Program:
        """What `loss_and_grad` runs first."""
        return self.programs.value(["loss", *self.programs.kept])

    @cached_property
    def back(self) -> Program:
        """What it runs then."""
        return self.programs.gradient

    @cached_property
    def products(self) -> dict[str, tuple[Product, ...]]:
        """The products of each pass: `loss`, then `forward` and `backward` of `loss_and_grad`."""
        return {"loss": products(self.alone), "forward": products(self.ahead), "backward": products(self.back)}

    @cached_property
    def loss(self) -> sympy.Expr:
        """The multiply-adds of `loss`."""
        return _together(self.products["loss"])

    @cached_property
    def loss_and_grad(self) -> sympy.Expr:
        """The multiply-adds of `loss_and_grad`."""
        return _together((*self.products["forward"], *self.products["backward"]))

    @cached_property
    def operations(self) -> sympy.Expr:
        """What `loss_and_grad` does in all: multiply-adds, and what is done entry by entry."""
        return sum((_in_all(loops, sympy.Add(*counts(one))) for loops, one in self._placed), sympy.S.Zero)

    @cached_property
    def statements(self) -> sympy.Expr:
        """How many statements `loss_and_grad` runs one by one."""
        return sum((_in_all(loops, sympy.S.One) for loops, _ in self._placed), sympy.S.Zero)

    @cached_property
    def cells(self) -> sympy.Expr:
        """How many numbers the arrays have that `loss_and_grad` makes."""
        return sum((sympy.Mul(*b.extent) for p in (self.ahead, self.back) for b in p.buffers), sympy.S.Zero)

    @cached_property
    def _placed(self) -> tuple[tuple[tuple[Loop, ...], Assign], ...]:
        return tuple(found for program in (self.ahead, self.back) for found in _placed(program.body, ()))


def _together(found: Iterable[Product]) -> sympy.Expr:
    return sympy.expand(sum((product.multiply_adds for product in found), sympy.S.Zero))


def _in_all(loops: tuple[Loop, ...], each: sympy.Expr) -> sympy.Expr:
    return steps(loops, when_steps_are_many(each))


def _placed(body: Iterable[Statement], loops: tuple[Loop, ...]) -> Iterator[tuple[tuple[Loop, ...], Assign]]:
    for statement in body:
        if isinstance(statement, Assign):
            yield loops, statement
        elif isinstance(statement, Loop):
            yield from _placed(statement.body, (*loops, statement))
        elif hasattr(statement, "body") and not isinstance(statement, Wanted):
            yield from _placed(statement.body, loops)
