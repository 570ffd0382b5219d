"""Contractions as matrix products: axes gathered into rows and columns, one GEMM where no batch of matrices is."""

from __future__ import annotations

from collections.abc import Mapping

from derive.emit.numpy.spelling import ATOM, PRODUCT, Spelled, axes_of
from derive.expressions import Index

Dims = tuple[Index, ...]


def contraction(
    left: Spelled, right: Spelled, over: Dims, dims: Dims, lengths: Mapping[Index, str], flat: bool = True
) -> Spelled:
    """The sum over `over` of left times right, with axes `dims` as far as a product gives them that way.

    A dimension that both have and that is not summed counts a batch of products.

    Args:
        left: one array.
        right: the other.
        over: what is summed.
        dims: what is left, in the order that is wanted.
        lengths: the length of each dimension, as text.
        flat: whether several dimensions become the rows of one matrix product; else as a person would write it.
    """
    both = tuple(i for i in dims if i in left.dims and i in right.dims)
    rows = tuple(i for i in dims if i in left.dims and i not in right.dims)
    columns = tuple(i for i in dims if i in right.dims and i not in left.dims)
    if not both and (rows or columns):
        if rows and columns and dims.index(rows[0]) > dims.index(columns[0]):
            left, right, rows, columns = right, left, columns, rows
        if not flat and (len(rows) > 1 or len(columns) > 1 or len(over) > 1):
            return _written(left, right, rows, columns, over)
        return _product(left, right, rows, columns, over, lengths)
    if not dims and len(over) > 0:
        return Spelled(f"np.vdot({axes_of(left, over).text}, {axes_of(right, over).text})", ATOM)
    if rows and columns:
        a, b = axes_of(left, (*both, *rows, *over)), axes_of(right, (*both, *over, *columns))
        if len(rows) == len(columns) == len(over) == 1:
            return Spelled(f"{a.within(ATOM)} @ {b.within(ATOM)}", PRODUCT, (*both, *rows, *columns))
    elif flat and len(over) == len(rows) + len(columns) == 1:
        # A matrix and a vector for each of `both`: two to three times as fast as einsum, which makes no use of BLAS.
        matrix, vector = (left, right) if rows else (right, left)
        a, b = axes_of(matrix, (*both, *rows, *columns, *over)), axes_of(vector, (*both, *over))
        return Spelled(f"({a.within(ATOM)} @ {b.within(ATOM)}[..., None])[..., 0]", ATOM, (*both, *rows, *columns))
    return _einsum(left, right, dims)


def _product(
    left: Spelled, right: Spelled, rows: Dims, columns: Dims, over: Dims, lengths: Mapping[Index, str]
) -> Spelled:
    a, b = _matrix(left, rows, over, lengths), _matrix(right, over, columns, lengths)
    text = f"{a} @ {b}"
    if len(rows) > 1 or len(columns) > 1:
        shape = ", ".join(lengths[i] for i in (*rows, *columns))
        return Spelled(f"({text}).reshape({shape})", ATOM, (*rows, *columns))
    return Spelled(text, PRODUCT, (*rows, *columns))


def _written(left: Spelled, right: Spelled, rows: Dims, columns: Dims, over: Dims) -> Spelled:
    """A product of arrays of several axes: `x @ W.T` where the sum is over one last axis, else a named contraction."""
    if left.dims == (*rows, *over) and len(over) == 1 and len(columns) <= 1:
        b = axes_of(right, (*over, *columns))
        return Spelled(f"{left.within(ATOM)} @ {b.within(ATOM)}", PRODUCT, (*rows, *columns))
    axes = tuple(tuple(value.dims.index(i) for i in over) for value in (left, right))
    spelled = ", ".join(str(a[0]) if len(a) == 1 else str(a) for a in axes)
    dims = (*(i for i in left.dims if i not in over), *(i for i in right.dims if i not in over))
    return Spelled(f"np.tensordot({left.text}, {right.text}, ({spelled}))", ATOM, dims)


def _matrix(value: Spelled, rows: Dims, columns: Dims, lengths: Mapping[Index, str]) -> str:
    """The array as a matrix of these rows and columns (or a vector, where one of them is nothing)."""
    if (len(rows) > 1 and not columns) or (len(columns) > 1 and not rows):
        return f"{axes_of(value, (*rows, *columns)).within(ATOM)}.reshape(-1)"
    flipped = value.dims != (*rows, *columns) and value.dims == (*columns, *rows)
    if flipped:
        return f"{_flat(value, columns, rows, lengths)}.T"
    return _flat(axes_of(value, (*rows, *columns)), rows, columns, lengths)


def _flat(value: Spelled, rows: Dims, columns: Dims, lengths: Mapping[Index, str]) -> str:
    text = value.within(ATOM)
    if len(rows) <= 1 and len(columns) <= 1:
        return text
    high, wide = _number(rows, lengths), _number(columns, lengths)
    # NumPy finds out one of the two where the other is not 0, as `T - 1` may be.
    if len(columns) == 1 and _is_sure(columns, lengths):
        return f"{text}.reshape(-1, {wide})"
    return f"{text}.reshape({high}, {'-1' if _is_sure(rows, lengths) else wide})"


def _is_sure(dims: Dims, lengths: Mapping[Index, str]) -> bool:
    """Whether the dimensions have entries: a difference may be 0."""
    return not any(" - " in lengths[i] for i in dims)


def _number(dims: Dims, lengths: Mapping[Index, str]) -> str:
    """How many entries some dimensions have together."""
    return " * ".join(lengths[i] if " - " not in lengths[i] or len(dims) == 1 else f"({lengths[i]})" for i in dims)


def _einsum(left: Spelled, right: Spelled, dims: Dims) -> Spelled:
    letters: dict[Index, str] = {}
    for i in (*left.dims, *right.dims):
        if i not in letters:
            pool = [i.name[0].lower(), *"abcdefghijklmnopqrstuvwxyz"]
            letters[i] = next(c for c in pool if c.isalpha() and c.isascii() and c not in letters.values())
    spec = f"{_letters(left.dims, letters)},{_letters(right.dims, letters)}->{_letters(dims, letters)}"
    return Spelled(f'np.einsum("{spec}", {left.text}, {right.text})', ATOM, dims)


def _letters(dims: Dims, letters: Mapping[Index, str]) -> str:
    return "".join(letters[i] for i in dims)
