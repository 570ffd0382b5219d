"""Sizes at the border: how one is spelled, and which array's shape gives which.

In come arrays with their axes, out comes for every size the array and the arithmetic that give it (`n_x` is
`U.shape[-1] - n_h`); the other axes are then checked. A size that nothing gives has to be asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy

from derive.expressions import Axis, AxisKind
from derive.system import System

BATCH = "B"


def spell(size: sympy.Expr, names: Mapping[str, str] | None = None) -> str:
    """A size as text, terms in an order of their own.

    Args:
        size: sums, differences and products of size symbols and whole numbers.
        names: an identifier for each size, for code; without them it is spelled for people.

    >>> from derive.expressions import size_symbol
    >>> spell(size_symbol("n_h") * 2 - 1)
    '2*n_h - 1'
    """
    terms = sorted(sympy.Add.make_args(sympy.expand(size)), key=_term_key)
    text = ""
    for term in terms:
        number, rest = term.as_coeff_Mul()
        factors = sorted(_factor(f, names) for f in sympy.Mul.make_args(rest) if f != 1)
        body = ("*" if names is None else " * ").join(
            ([str(abs(number))] if abs(number) != 1 or not factors else []) + factors
        )
        text += (" - " if number < 0 else " + ") + body if text else ("-" if number < 0 else "") + body
    return text


def sizes(system: System) -> list[str]:
    """The names of all sizes, in the order in which the variables bring them, the batch last."""
    found: dict[str, None] = {}
    for variable in system.variables:
        extents = [axis.size for axis in variable.axes if axis.kind is not AxisKind.BATCH]
        for size in (*extents, *([variable.classes] if variable.classes is not None else [])):
            found |= dict.fromkeys(sorted(symbol.name for symbol in size.free_symbols))
    return [*found, BATCH]


def _term_key(term: sympy.Expr) -> tuple[bool, bool, str]:
    number, rest = term.as_coeff_Mul()
    return rest == 1, bool(number < 0), "*".join(sorted(map(str, sympy.Mul.make_args(rest))))


def _factor(factor: sympy.Expr, names: Mapping[str, str] | None) -> str:
    base, exponent = factor.as_base_exp()
    assert base.is_Symbol and exponent.is_Integer, f"{factor} is no size"
    name = base.name if names is None else names[base.name]
    return name if exponent == 1 else f"{name}**{exponent}"


def symbols(sizes: Iterable[sympy.Expr]) -> list[str]:
    """The names of the symbols in sizes, each once, in order of appearance."""
    return list(dict.fromkeys(name for size in sizes for name in sorted(s.name for s in size.free_symbols)))


@dataclass(frozen=True)
class Shaped:
    """What an array that somebody gives must look like.

    Attributes:
        label: what messages call it (`x`, `forward.h`).
        local: its identifier where it is checked.
        axes: its axes, the batch's among them.
        always: whether it is there in every call, so that its shape may give sizes.
    """

    label: str
    local: str
    axes: tuple[Axis, ...]
    always: bool = True

    @property
    def batch(self) -> int | None:
        """The position of the batch axis."""
        return next((n for n, axis in enumerate(self.axes) if axis.kind is AxisKind.BATCH), None)

    @property
    def letters(self) -> tuple[str, ...]:
        """The axes' sizes, for messages and tables."""
        return tuple(BATCH if axis.kind is AxisKind.BATCH else spell(axis.size) for axis in self.axes)


@dataclass(frozen=True)
class Fix:
    """A size that an array's shape gives.

    Attributes:
        size: its name.
        array: which array gives it.
        axis: which of its axes.
        code: Python that computes it.
        plain: whether the axis is the size itself, so that it cannot come out wrong.
    """

    size: str
    array: Shaped
    axis: int
    code: str
    plain: bool


def solve(arrays: Sequence[Shaped], names: Mapping[str, str], known: Collection[str] = frozenset()) -> tuple[Fix, ...]:
    """Which array gives which size: an axis that is the size itself, else one in which it is the only unknown."""
    fixes: dict[str, Fix] = {}

    def find(accept: Callable[[sympy.Expr], bool]) -> bool:
        for array in arrays:
            for n, axis in enumerate(array.axes if array.always else ()):
                unknown = [s for s in symbols([axis.size]) if s not in fixes and s not in known]
                if axis.kind is AxisKind.BATCH or len(unknown) != 1 or not accept(axis.size):
                    continue
                code = _solved(axis.size, unknown[0], f"{array.local}.shape[{_position(array, n)}]", names)
                if code is not None:
                    fixes[unknown[0]] = Fix(unknown[0], array, n, code, axis.size.is_Symbol)
                    return True
        return False

    while find(lambda size: bool(size.is_Symbol)) or find(lambda size: True):
        pass
    return tuple(fixes.values())


def _position(array: Shaped, axis: int) -> int:
    """The axis's position, from the end where it stands behind the batch's, which one example lacks."""
    return axis if array.batch is None or axis < array.batch else axis - len(array.axes)


def _solved(size: sympy.Expr, unknown: str, measured: str, names: Mapping[str, str]) -> str | None:
    """The unknown in `size == measured`; None where it is not linear in it."""
    symbol = next(s for s in size.free_symbols if s.name == unknown)
    factor, rest = sympy.expand(size).coeff(symbol, 1), sympy.expand(size).coeff(symbol, 0)
    if sympy.expand(factor * symbol + rest - size) != 0 or symbol in factor.free_symbols | rest.free_symbols:
        return None
    if rest != 0:
        opposite = spell(-rest, names)
        measured += f" - {opposite[1:]}" if opposite.startswith("-") else f" + {opposite}"
    if factor == 1:
        return measured
    divisor = spell(factor, names)
    divisor = divisor if factor.is_Symbol or factor.is_Integer else f"({divisor})"
    return f"({measured}) // {divisor}" if rest != 0 else f"{measured} // {divisor}"
