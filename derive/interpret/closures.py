"""An equation as closures: from the values of its indices to the cell that it adds to, and to what it adds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import singledispatchmethod
from typing import Any

import numpy as np
import sympy

from derive.expressions import Index, Range, Ref, Sum, refs
from derive.functions import Elementwise
from derive.interpret.values import VALUES
from derive.system import Equation

Key = tuple[int, ...]
Cell = tuple[str, Key]
Env = list[int]
Node = Callable[[Env], Any]
Whole = Callable[[Env], int]

_ONE = np.float64(1.0)


@dataclass(frozen=True)
class Loop:
    """A range made callable: the slot of its index and its ends."""

    slot: int
    first: Whole
    last: Whole


@dataclass(frozen=True)
class Compiled:
    """An equation made callable.

    Attributes:
        target: the variable.
        subscripts: which cell.
        right: what falls on it.
        loops: all ranges of the domain, outer first.
        kept: those of them whose indices the subscripts have; the others are reduced.
        width: how many indices it has.
        scatters: whether its cells are looked up.
    """

    target: str
    subscripts: tuple[Whole, ...]
    right: Node
    loops: tuple[Loop, ...]
    kept: tuple[Loop, ...]
    width: int
    scatters: bool

    def points(self) -> Iterator[Env]:
        """Every index point of the domain."""
        return _walk(self.loops, [0] * self.width)

    def cells(self) -> Iterator[Env]:
        """Every index point of what is not reduced: a cell each, though nothing may fall on it."""
        return _walk(self.kept, [0] * self.width)


def _walk(loops: tuple[Loop, ...], env: Env) -> Iterator[Env]:
    if not loops:
        yield env.copy()
        return
    bounds, *inner = loops
    for value in range(bounds.first(env), bounds.last(env) + 1):
        env[bounds.slot] = value
        yield from _walk(tuple(inner), env)


class Compiler:
    """Turns the expressions of one equation into closures over the cells.

    A closure that reads a cell which is not known yet notes it in `missing` and goes on with 1: whoever called it
    throws the result away, finds the missing cells and calls again. So closures never recurse through the equations.
    """

    def __init__(
        self,
        sizes: Mapping[str, int],
        cells: Mapping[str, dict[Key, Any]],
        missing: list[Cell],
        sums: list[dict[Key, Any]],
    ) -> None:
        """Closures over these `cells`, by variable; both they and `missing` are read anew at every call.

        What `sums` collects are sums inside others that do not change with them, by the values of their indices: they
        hold as long as the cells do.
        """
        self.sizes, self.cells, self.missing, self.sums = sizes, cells, missing, sums
        self.slots: dict[Index, int] = {}
        self._known: list[Index] = []
        self._summed: list[Index] = []

    def equation(self, equation: Equation) -> Compiled:
        """All of an equation."""
        loops = tuple(map(self.loop, equation.domain))
        subscripts = tuple(map(self.whole, equation.subscripts))
        right = self.build(equation.right)
        self._known.clear()
        scatters = any(True for subscript in equation.subscripts for _ in refs(subscript))
        named = {symbol for subscript in equation.subscripts for symbol in subscript.free_symbols}
        kept = tuple(loop for loop, bounds in zip(loops, equation.domain, strict=True) if bounds.index in named)
        return Compiled(equation.target, subscripts, right, loops, kept, len(self.slots), scatters)

    def slot(self, index: Index) -> int:
        """Where an index has its value, which it has inside its range alone."""
        assert index in self._known, f"{index} has no value here"
        return self.slots.setdefault(index, len(self.slots))

    def loop(self, bounds: Range) -> Loop:
        """A range, whose ends know only the indices outside it; what is compiled next lies inside it."""
        first, last = self.whole(bounds.first), self.whole(bounds.last)
        self._known.append(bounds.index)
        return Loop(self.slot(bounds.index), first, last)

    def whole(self, expression: sympy.Expr) -> Whole:
        """A subscript or an end: exact whole numbers."""
        if expression.is_Integer:
            number = int(expression)
            return lambda env: number
        if isinstance(expression, Index):
            slot = self.slot(expression)
            return lambda env: env[slot]
        if expression.is_Symbol:
            size = _size(self.sizes, expression.name)
            return lambda env: size
        if isinstance(expression, Ref):
            return self._look_up(expression)
        if expression.is_Add or expression.is_Mul:
            parts = [self.whole(argument) for argument in expression.args]
            return _whole_sum(parts) if expression.is_Add else _whole_product(parts)
        raise AssertionError(f"not a subscript: {expression}")

    def _look_up(self, ref: Ref) -> Whole:
        read, missing = self.build(ref), self.missing

        def look_up(env: Env) -> int:
            value = read(env)
            number = int(np.real(value).flat[0])
            assert missing or np.all(np.real(value) == number), f"{ref} is no whole number: {value}"
            return number

        return look_up

    @singledispatchmethod
    def build(self, expression: Any) -> Node:
        """An expression's closure: from the indices' values to lanes."""
        raise AssertionError(f"no meaning for {type(expression).__name__}: {expression}")

    @build.register
    def _(self, expression: sympy.Number) -> Node:
        return _constant(float(expression))

    @build.register
    def _(self, expression: sympy.NumberSymbol) -> Node:
        return _constant(float(expression))

    @build.register
    def _(self, expression: sympy.Symbol) -> Node:
        return _constant(_size(self.sizes, expression.name))

    @build.register
    def _(self, expression: Index) -> Node:
        slot = self.slot(expression)
        return lambda env: np.float64(env[slot])

    @build.register
    def _(self, expression: sympy.Add) -> Node:
        first, *rest = map(self.build, expression.args)

        def add(env: Env) -> Any:
            total = first(env)
            for term in rest:
                total = total + term(env)
            return total

        return add

    @build.register
    def _(self, expression: sympy.Mul) -> Node:
        first, *rest = map(self.build, expression.args)

        def multiply(env: Env) -> Any:
            product = first(env)
            for factor in rest:
                product = product * factor(env)
            return product

        return multiply

    @build.register
    def _(self, expression: sympy.Pow) -> Node:
        base, exponent = self.build(expression.base), expression.exp
        if exponent.is_Integer:
            number = int(exponent)
            return lambda env: _whole_power(base(env), number)
        other = self.build(exponent)
        return lambda env: np.power(base(env), other(env))

    @build.register
    def _(self, expression: Elementwise) -> Node:
        value = VALUES[expression.row.name]
        arguments = [self.build(argument) for argument in expression.args]
        if len(arguments) == 1:
            (argument,) = arguments
            return lambda env: value(argument(env))
        return lambda env: value(*[argument(env) for argument in arguments])

    @build.register
    def _(self, expression: Sum) -> Node:
        free = [self.slot(symbol) for symbol in self._known if symbol in expression.free_symbols]
        again = any(index not in expression.free_symbols for index in self._summed)
        loop, missing = self.loop(expression.range), self.missing
        self._summed.append(expression.range.index)
        body = self.build(expression.body)
        self._known.pop()
        self._summed.pop()

        def add_up(env: Env) -> Any:
            known = len(missing)
            first, last = loop.first(env), loop.last(env)
            if len(missing) > known:  # an end is a look-up that is not known yet
                return _ONE
            total: Any = np.float64(0.0)
            for value in range(first, last + 1):
                env[loop.slot] = value
                total = total + body(env)
            return total

        return self._remembered(add_up, free) if again else add_up

    def _remembered(self, add_up: Node, free: list[int]) -> Node:
        """A sum that is not added up again for each value of an index that it does not have."""
        found: dict[Key, Any] = {}
        self.sums.append(found)
        missing = self.missing

        def look(env: Env) -> Any:
            key = tuple([env[slot] for slot in free])
            if key in found:
                return found[key]
            known = len(missing)
            total = add_up(env)
            if len(missing) == known:
                found[key] = total
            return total

        return look

    @build.register
    def _(self, expression: Ref) -> Node:
        name, missing, cells = expression.name, self.missing, self.cells[expression.name]
        subscripts = [self.whole(subscript) for subscript in expression.subscripts]

        def read(env: Env) -> Any:
            known = len(missing)
            key = tuple([subscript(env) for subscript in subscripts])
            try:
                return cells[key]
            except KeyError:
                if len(missing) == known:  # else a look-up is not known yet, and so neither is the cell
                    missing.append((name, key))
                return _ONE

        return read


def _size(sizes: Mapping[str, int], name: str) -> int:
    if name not in sizes:
        raise ValueError(f"size {name} is not given")
    return int(sizes[name])


def _constant(value: float) -> Node:
    number = np.float64(value)
    return lambda env: number


def _whole_sum(parts: list[Whole]) -> Whole:
    if len(parts) == 2:
        one, other = parts
        return lambda env: one(env) + other(env)
    return lambda env: sum(part(env) for part in parts)


def _whole_product(parts: list[Whole]) -> Whole:
    return lambda env: math.prod(part(env) for part in parts)


def _whole_power(base: Any, exponent: int) -> Any:
    """By repeated multiplication: a complex logarithm would lose digits, and 0**2 has none."""
    if exponent < 0:
        return 1 / _whole_power(base, -exponent)
    power: Any = _ONE
    while exponent:
        if exponent % 2:
            power = power * base
        base, exponent = base * base, exponent // 2
    return power
