"""First and missing values: defaults as Python, and `init_params`."""

from __future__ import annotations

from derive.emit.numpy.names import Names
from derive.emit.numpy.sizes import spell
from derive.system import Nested, Variable


def literal(value: Nested) -> str:
    """A default as Python spells it.

    >>> literal((1, 0.5, float("-inf")))
    '(1.0, 0.5, -np.inf)'
    """
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' * (len(value) == 1)})"
    number = float(value)
    if number in (float("inf"), float("-inf")):
        return "np.inf" if number > 0 else "-np.inf"
    return repr(number)


def filled(number: Nested, shape: str, dtype: str) -> str:
    """An array of one number."""
    if number == 0:
        return f"np.zeros({shape}, {dtype})"
    return f"np.full({shape}, {literal(number)}, {dtype})"


def first_value(v: Variable, names: Names) -> str:
    """What a parameter is at first: its default, else normal with variance 1/(last size), a vector zero."""
    dtype = names.local["dtype"]
    sizes = [spell(axis.size, names.size) for axis in v.axes]
    shape = f"({', '.join(sizes)}{',' * (len(sizes) == 1)})"
    if isinstance(v.default, tuple):
        letters = "".join(f'"{spell(axis.size)}", ' for axis in v.axes)
        return f'_filled("{v.name}", {literal(v.default)}, {shape}, ({letters.rstrip()}), {dtype})'
    if v.default is None and len(sizes) >= 2:
        return f"(rng.standard_normal({shape}) / np.sqrt({sizes[-1]})).astype({dtype})"
    return filled(v.default or 0, shape, dtype)
