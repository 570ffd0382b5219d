"""Mathematics as it is printed: a small frozen tree, the same for array and index notation.

`arrays.py` and `entries.py` make it from SymPy expressions; `plain.py`, `unicode.py` and other printers write it down.
A form says what stands where, not how it looks: products know which factors are scalars, so that a printer can choose
between a space and an element-wise sign; a gradient is a variable with a mark, and prints as `grad(h[t])` or `∇h[t]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy


@dataclass(frozen=True)
class Form:
    """Base of everything printed."""


@dataclass(frozen=True)
class Number(Form):
    """A rational number."""

    value: sympy.Rational


@dataclass(frozen=True)
class Symbol(Form):
    """An index or a size as a number, `pi` or `inf`."""

    name: str


@dataclass(frozen=True)
class Slice(Form):
    """A part of a feature axis, `first:last`, the end excluded; None for an end of the axis."""

    first: Form | None = None
    last: Form | None = None


WHOLE = Slice()


@dataclass(frozen=True)
class Variable(Form):
    """A variable at steps, and at entries or parts of its features: `z[t, :n_h]`.

    Attributes:
        name: the variable; of a gradient the one that it is taken by.
        steps: a subscript per sequence.
        parts: a subscript per feature axis: `Slice` in array notation, an entry in index notation.
        gradients: how many times `grad` stands before it.
    """

    name: str
    steps: tuple[Form, ...] = ()
    parts: tuple[Form, ...] = ()
    gradients: int = 0


@dataclass(frozen=True)
class Entry(Form):
    """An entry of an array expression, `logsoftmax(o[t])[y[t]]`."""

    of: Form
    parts: tuple[Form, ...]


@dataclass(frozen=True)
class Add(Form):
    """A sum of terms in the order of printing; a subtracted one is a `Negative`."""

    terms: tuple[Form, ...]


@dataclass(frozen=True)
class Negative(Form):
    """`-of`."""

    of: Form


@dataclass(frozen=True)
class Multiply(Form):
    """An element-wise product: scalars, then arrays of one shape, over divisors (element-wise too)."""

    scalars: tuple[Form, ...]
    arrays: tuple[Form, ...]
    divisors: tuple[Form, ...] = ()


@dataclass(frozen=True)
class Power(Form):
    """`base ** exponent`, element-wise."""

    base: Form
    exponent: Form


@dataclass(frozen=True)
class Product(Form):
    """A chain of matrix products; the last factor may be a vector."""

    factors: tuple[Form, ...]


@dataclass(frozen=True)
class Inner(Form):
    """The inner product of two vectors; the right one may be a `Product`."""

    left: Form
    right: Form


@dataclass(frozen=True)
class Outer(Form):
    """The outer product of two vectors."""

    left: Form
    right: Form


@dataclass(frozen=True)
class Transpose(Form):
    """The transpose of a matrix."""

    of: Form


@dataclass(frozen=True)
class Diag(Form):
    """The diagonal matrix of a vector."""

    of: Form


@dataclass(frozen=True)
class Eye(Form):
    """The identity matrix."""

    size: Form


@dataclass(frozen=True)
class OneHot(Form):
    """The vector that is 1 at an entry, chosen by data, and 0 elsewhere."""

    at: Form


@dataclass(frozen=True)
class Apply(Form):
    """A function of arrays, entry by entry or (`softmax`, `concat`) as a whole."""

    name: str
    arguments: tuple[Form, ...]


@dataclass(frozen=True)
class Compare(Form):
    """`left sign right`, with the sign `<`, `<=` or `==`: 1 where it holds, else 0."""

    sign: str
    left: Form
    right: Form


@dataclass(frozen=True)
class Span(Form):
    """An index that is used up, with its ends where they are not those of its axis."""

    index: str
    first: Form | None = None
    last: Form | None = None


@dataclass(frozen=True)
class Reduce(Form):
    """`sum`, `mean`, `max`, `logsumexp` or `softmax` of a body over named indices; over all entries without one."""

    name: str
    body: Form
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Line:
    """A printed equation.

    Attributes:
        left: what it says something about.
        right: what that is.
        conditions: ranges of steps, (least, index, greatest); the least is None where it is the usual one.
        adds: whether other lines may add to the same cells, so that it prints with `+=`.
    """

    left: Form
    right: Form
    conditions: tuple[tuple[Form | None, str, Form], ...] = ()
    adds: bool = False


def walk(form: Form) -> Iterator[Form]:
    """A form and all forms in it, in the order of the tree."""
    yield form
    for value in vars(form).values():
        if isinstance(value, Form):
            yield from walk(value)
        elif isinstance(value, tuple):
            for part in value:
                if isinstance(part, Form):
                    yield from walk(part)
