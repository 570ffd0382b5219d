"""Pieces of Python text with what is needed to put them together: binding strength and dimensions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy

from derive.errors import DeriveError, Fault
from derive.expressions import Index

Dims = tuple[Index, ...]
ATOM, POWER, UNARY, PRODUCT, SUM, COMPARE = range(6)


@dataclass(frozen=True)
class Spelled:
    """A piece of text.

    Attributes:
        text: the Python expression.
        binds: how strongly its outermost operator binds; smaller is stronger.
        dims: the indices along the axes of what it evaluates to, in order.
        boolean: whether it evaluates to truth values.
        weak: whether it is a Python number, which takes the dtype of what it meets.
        callable_into: whether it is a call of a NumPy function that takes `out=`.
        apart: the indices whose axis does not lie together with the next one: the two are not one without a copy.
    """

    text: str
    binds: int
    dims: tuple[Index, ...] = ()
    boolean: bool = False
    weak: bool = False
    callable_into: bool = False
    apart: tuple[Index, ...] = ()

    def within(self, strength: int) -> str:
        """The text, in parentheses where it binds less strongly than `strength`."""
        return self.text if self.binds <= strength else f"({self.text})"

    @property
    def negated(self) -> bool:
        """Whether it is a product or an atom with a minus before it."""
        return self.binds == UNARY and self.text.startswith("-")

    @property
    def inverted(self) -> bool:
        """Whether it is one over something."""
        return self.binds == PRODUCT and self.text.startswith("1 / ")


def number(value: sympy.Expr) -> Spelled:
    """A literal.

    >>> number(sympy.Rational(1, 10)).text, number(sympy.Integer(-2)).text, number(-sympy.oo).text
    ('0.1', '-2', '-np.inf')

    Raises:
        DeriveError: no computer's number is near it.
    """
    if value in (sympy.oo, -sympy.oo):
        text = "np.inf" if value == sympy.oo else "-np.inf"
    elif value in (sympy.zoo, sympy.nan):
        text = "np.nan"  # a mean over nothing, at one step
    elif value.is_Integer and abs(int(value)) < 2**53:
        text = str(int(value))
    else:
        near = float(value)
        text = repr(near)
        if not 0 < abs(near) < float("inf"):
            hint = "write the model with numbers nearer to 1"
            raise DeriveError(Fault("a number in the derived equations is beyond what a computer holds", hint=hint))
    return Spelled(text, UNARY if text.startswith("-") else ATOM, weak=True)


def axes_of(value: Spelled, dims: tuple[Index, ...]) -> Spelled:
    """The array with its axes in the order of `dims`, with axes of length one where it lacks one behind its first."""
    have = [i for i in dims if i in value.dims]
    assert len(have) == len(value.dims), f"{value.dims} do not fit in {dims}"
    if tuple(have) != value.dims:
        text = value.within(ATOM)
        order = [value.dims.index(i) for i in have]
        text = f"{text}.T" if order == [1, 0] else f"{text}.transpose({', '.join(map(str, order))})"
        value = replace(value, text=text, binds=ATOM, dims=tuple(have))
    if not have:
        return value
    tail = dims[dims.index(have[0]) :]
    if tail == tuple(have):
        return value
    inside = [":" if i in have else "None" for i in tail]
    while inside[-1] == ":" and "None" in inside and inside[:-1].count("None"):
        if all(entry == ":" for entry in inside):
            break
        inside.pop()
    return replace(value, text=f"{value.within(ATOM)}[{', '.join(inside)}]", binds=ATOM, dims=tail)


def count(text: str) -> str:
    """The start of a slice: nothing for zero."""
    return "" if text == "0" else text
