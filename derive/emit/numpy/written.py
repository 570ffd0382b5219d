"""Contractions as a person writes them, for the plain style: `x @ W.T`, a named sum where no product says it."""

from __future__ import annotations

from derive.emit.numpy.spelling import ATOM, PRODUCT, Dims, Spelled, axes_of


def written(left: Spelled, right: Spelled, over: Dims, dims: Dims) -> Spelled:
    """The sum over `over` of left times right, with axes `dims` as far as a product gives them that way.

    Args:
        left: one array.
        right: the other.
        over: what is summed.
        dims: what is left, in the order that is wanted.
    """
    both = tuple(i for i in dims if i in left.dims and i in right.dims)
    rows = tuple(i for i in dims if i in left.dims and i not in right.dims)
    columns = tuple(i for i in dims if i in right.dims and i not in left.dims)
    if not both and (rows or columns):
        if rows and columns and dims.index(rows[0]) > dims.index(columns[0]):
            left, right, rows, columns = right, left, columns, rows
        if len(rows) > 1 or len(columns) > 1 or len(over) > 1:
            return _several(left, right, rows, columns, over)
        a, b = axes_of(left, (*rows, *over)), axes_of(right, (*over, *columns))
        return Spelled(f"{a.within(ATOM)} @ {b.within(ATOM)}", PRODUCT, (*rows, *columns))
    if not dims:
        return inner(left, right, over)
    if len(rows) == len(columns) == len(over) == 1:
        a, b = axes_of(left, (*both, *rows, *over)), axes_of(right, (*both, *over, *columns))
        return Spelled(f"{a.within(ATOM)} @ {b.within(ATOM)}", PRODUCT, (*both, *rows, *columns))
    return einsum(left, right, dims)


def inner(left: Spelled, right: Spelled, over: Dims) -> Spelled:
    """The sum of all products of two arrays' entries."""
    return Spelled(f"np.vdot({axes_of(left, over).text}, {axes_of(right, over).text})", ATOM)


def einsum(left: Spelled, right: Spelled, dims: Dims) -> Spelled:
    """A contraction that is no matrix product."""
    letters: dict[object, str] = {}
    for i in (*left.dims, *right.dims):
        if i not in letters:
            pool = [i.name[0].lower(), *"abcdefghijklmnopqrstuvwxyz"]
            letters[i] = next(c for c in pool if c.isalpha() and c.isascii() and c not in letters.values())
    a, b, c = ("".join(letters[i] for i in some) for some in (left.dims, right.dims, dims))
    return Spelled(f'np.einsum("{a},{b}->{c}", {left.text}, {right.text})', ATOM, dims)


def _several(left: Spelled, right: Spelled, rows: Dims, columns: Dims, over: Dims) -> Spelled:
    """A product of arrays of several axes: `x @ W.T` where the sum is over one last axis, else a named contraction."""
    if left.dims == (*rows, *over) and len(over) == 1 and len(columns) <= 1:
        b = axes_of(right, (*over, *columns))
        return Spelled(f"{left.within(ATOM)} @ {b.within(ATOM)}", PRODUCT, (*rows, *columns))
    axes = tuple(tuple(value.dims.index(i) for i in over) for value in (left, right))
    spelled = ", ".join(str(a[0]) if len(a) == 1 else str(a) for a in axes)
    dims = (*(i for i in left.dims if i not in over), *(i for i in right.dims if i not in over))
    return Spelled(f"np.tensordot({left.text}, {right.text}, ({spelled}))", ATOM, dims)
