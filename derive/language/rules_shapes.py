"""Rules about expressions: shapes, arguments and numbers."""

from __future__ import annotations

from derive.language.problem import Problem, rule
from derive.language.values import Value, describe


def _singular(text: str, value: Value) -> str:
    return f"{text} {describe(value)}"


@rule
def unequal_shapes(whole: str, left: str, one: Value, right: str, other: Value) -> Problem:
    """Element by element, operands have the same shape, or one is a scalar."""
    hint = "there is no broadcasting but of scalars"
    return Problem(f"{whole}: {_singular(left, one)}, {_singular(right, other)}", hint)


@rule
def contraction_sizes(whole: str, left: str, one: Value, right: str, other: Value) -> Problem:
    """`@` contracts axes of equal sizes."""
    assert one.axes and other.axes
    kind = "columns" if len(one.axes) > 1 else "entries"
    side = "rows" if len(other.axes) > 1 else "entries"
    hint = ""
    if len(one.axes) == 2 and one.axes[0].size == other.axes[0].size:
        hint = f"is {left}.T meant?"
    return Problem(f"{whole}: {left} has {one.axes[-1].size} {kind}, {right} has {other.axes[0].size} {side}", hint)


@rule
def contraction_of_scalar(whole: str, text: str) -> Problem:
    """`@` needs an axis on both sides."""
    return Problem(f"{whole}: {text} is a scalar, there is no axis to contract", "multiply by a scalar with *")


@rule
def row_vector(whole: str, text: str) -> Problem:
    """A row stands left of a matrix, or right of a vector."""
    return Problem(f"{whole}: {text} is a row, which stands left of a matrix or right of a vector", "leave out the .T")


@rule
def transpose_of(text: str, value: Value) -> Problem:
    """`.T` is of a matrix or a vector."""
    return Problem(f"{text}.T: {_singular(text, value)}, only a matrix or a vector is transposed")


@rule
def vector_needed(function: str, text: str, value: Value) -> Problem:
    """Some functions take a vector."""
    named = value.axes and function in ("softmax", "logsoftmax", "logsumexp")
    hint = f"name the index: {function}(expr, i)" if named else ""
    return Problem(f"{function}({text}): {_singular(text, value)}, a vector is needed", hint)


@rule
def scalar_needed(what: str, text: str, value: Value) -> Problem:
    """The loss is a scalar."""
    hint = "an array is summed over its entries by sum(...)"
    return Problem(f"{what}: {text} {describe(value)}, a scalar is needed", hint)


@rule
def array_needed(function: str, text: str, index: str) -> Problem:
    """`sum`, `mean`, `max` of an array need an axis."""
    return Problem(f"{function}({text}): {text} is a scalar", f"name the index: {function}({text}, {index})")


@rule
def softmax_range(function: str, index: str, size: str) -> Problem:
    """A softmax over a part of a range is 0 outside of it, which has no log."""
    end = size.lower()
    hint = f"use it where {index} has that range: sum({function}(e, ({index}, 1, {end})) * v, ({index}, 1, {end}))"
    return Problem(f"this {function} is over a part of the range that {index} has here", hint)


@rule
def softmax_outside(function: str, index: str, size: str) -> Problem:
    """A softmax over a part of a range stays inside of it."""
    hint = f"let its range end at {size}, or at another index: ({index}, 1, {size.lower()})"
    return Problem(f"this {function} may be over more than the range that {index} has here", hint)


@rule
def reduced_index(function: str, text: str) -> Problem:
    """The further arguments of a reduction are indices."""
    return Problem(f"{function}: {text} is not an index", f"write {function}(expr, i) or {function}(expr, (t, 2, T))")


@rule
def range_bound(text: str) -> Problem:
    """The bounds of a range are a literal, a size or an index, plus or minus a whole number."""
    return Problem(
        f"{text} cannot bound a range", "a bound is a number, a size or an index, plus or minus a whole number"
    )


@rule
def onehot_argument(text: str) -> Problem:
    """`onehot` is of integer data."""
    return Problem(f"onehot({text}): {text} is not a Label or an Index", "write onehot(y[t])")


@rule
def eye_argument(text: str) -> Problem:
    """`eye` is of a size."""
    return Problem(f"eye({text}): {text} is not a size", "write eye(n_h)")


@rule
def condition_needed(text: str) -> Problem:
    """The first argument of `where` is a comparison."""
    return Problem(f"where({text}, ...): {text} is not a condition", "a condition is a comparison with < <= > >= ==")


@rule
def condition_as_number(text: str) -> Problem:
    """A condition stands in `where` alone."""
    return Problem(f"{text}: a condition stands only in where(condition, a, b)", f"write where({text}, 1, 0)")


@rule
def operator_unknown(text: str) -> Problem:
    """The operators are `+ - * / ** @` and, in conditions, comparisons."""
    return Problem(f"{text}: the operators are + - * / ** @, and < <= > >= == in where(...)")


@rule
def expression_unknown(text: str, mend: str = "") -> Problem:
    """An expression is made of numbers, variables, operators and functions."""
    return Problem(f"{text}: this is not mathematics of the language", mend)


@rule
def attribute_unknown(text: str) -> Problem:
    """The only attribute is `.T`."""
    return Problem(f"{text}: the only thing behind a point is T, the transpose")


@rule
def not_a_number(text: str) -> Problem:
    """Numbers are whole or decimal."""
    return Problem(f"{text}: a number is whole or decimal")


@rule
def number_out_of_range(text: str, most: int) -> Problem:
    """What numbers come to together is bounded, so that it can be computed with."""
    return Problem(f"{text}: a number in it comes to more than 1e{most}, or to less than 1e-{most}")


@rule
def exponent_too_large(text: str, most: int) -> Problem:
    """Powers of ten and exponents of numbers are bounded."""
    return Problem(f"{text}: an exponent beyond {most}")


@rule
def undefined_number(text: str) -> Problem:
    """Arithmetic of numbers has a value."""
    return Problem(f"{text} has no value (a division by zero?)")


@rule
def nothing_to_reduce(name: str, text: str) -> Problem:
    """A mean, a maximum and a logsumexp are of something."""
    return Problem(f"{name} of nothing: {text} has no entries here")


@rule
def number_not_real(text: str) -> Problem:
    """Powers of numbers are real."""
    return Problem(f"{text} is no real number: a root of a negative number")


@rule
def shape_open(name: str, declared: str) -> Problem:
    """A shape follows from the equations."""
    return Problem(f"the shape of {name} does not follow from the equations", f"declare it: {name}: Var[{declared}]")


@rule
def unequal_sides(left: str, one: Value, right: str, other: Value) -> Problem:
    """Both sides of an equation have the same shape."""
    return Problem(f"the sides differ: {_singular(left, one)}, {_singular(right, other)}")
