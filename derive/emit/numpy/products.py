"""Contractions as matrix products that BLAS does: axes gathered into rows and columns, the others a batch of products.

Axes are put together only where that is a view: where they lie side by side, in the same order, in the operand and in
the result. What is left over becomes a batch; what of the sum is left over (the gates of an LSTM) is summed afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from derive.emit.numpy.spelling import ATOM, PRODUCT, Dims, Spelled, axes_of
from derive.emit.numpy.written import einsum, inner, written
from derive.expressions import AxisKind, Index

Lengths = Mapping[Index, str]


@dataclass(frozen=True)
class Product:
    """`np.matmul(left, right)`, then a sum over its leading axes.

    Attributes:
        left: the left operand.
        right: the right operand.
        reduce: the leading axes of the result, which are still to be summed.
        groups: the axes that are left then, each of one or more indices; one of no index is of length 1.
    """

    left: str
    right: str
    reduce: Dims
    groups: tuple[Dims, ...]

    @property
    def dims(self) -> Dims:
        """The indices along the result, in order."""
        return tuple(i for group in self.groups for i in group)

    @property
    def is_flat(self) -> bool:
        """Whether some axis of the result is several, or none."""
        return any(len(group) != 1 for group in self.groups)

    def shape(self, lengths: Lengths) -> tuple[str, ...]:
        """The shape of `np.matmul(left, right)`, `reduce` first."""
        return (*(lengths[i] for i in self.reduce), *(_number(group, lengths) or "1" for group in self.groups))

    def into(self, target: Spelled, lengths: Lengths) -> str | None:
        """A view of an array with axes `dims` in any order that has the shape of the groups; None where none is.

        Args:
            target: what the result is to be written to.
            lengths: the length of each dimension, as text.
        """
        some = tuple(group for group in self.groups if group)
        if set(target.dims) != set(self.dims) or not all(_together(group, target) for group in some):
            return None
        found = axes_of(_grouped(target, some, lengths), tuple(group[0] for group in some))
        return found.text if len(some) == len(self.groups) else f"{found.within(ATOM)}[..., None]"

    def spelled(self, lengths: Lengths) -> Spelled:
        """The product as one expression, with an axis for each index."""
        value = Spelled(f"{self.left} @ {self.right}", PRODUCT, self.dims)
        if self.reduce:
            axes = "0" if len(self.reduce) == 1 else str(tuple(range(len(self.reduce))))
            value = Spelled(f"{value.within(ATOM)}.sum({axes})", ATOM, self.dims)
        if not all(self.groups):
            value = Spelled(f"{value.within(ATOM)}[..., 0]", ATOM, self.dims)
        if any(len(group) > 1 for group in self.groups):
            shape = ", ".join(lengths[i] for i in self.dims)
            value = Spelled(f"{value.within(ATOM)}.reshape({shape})", ATOM, self.dims)
        return value


def contraction(left: Spelled, right: Spelled, over: Dims, dims: Dims, lengths: Lengths, flat: bool = True) -> Spelled:
    """The sum over `over` of left times right, with axes `dims` as far as a product gives them that way.

    Args:
        left: one array.
        right: the other.
        over: what is summed.
        dims: what is left, in the order that is wanted.
        lengths: the length of each dimension, as text.
        flat: whether it is a product of matrices at any price; else as a person would write it.
    """
    if not flat:
        return written(left, right, over, dims)
    found = product(left, right, over, dims, lengths)
    if found is not None:
        return found.spelled(lengths)
    return inner(left, right, over) if not dims else einsum(left, right, dims)


def product(
    left: Spelled, right: Spelled, over: Dims, dims: Dims, lengths: Lengths, target: Spelled | None = None
) -> Product | None:
    """The one matrix product, or batch of them, that a contraction is; None where both operands are vectors.

    Args:
        left: one array.
        right: the other.
        over: what is summed.
        dims: what is left, in the order that is wanted.
        lengths: the length of each dimension, as text.
        target: where the result is written, where that is known: only what lies together there is put together.
    """
    rows = tuple(i for i in dims if i not in right.dims)
    columns = tuple(i for i in dims if i not in left.dims)
    if not rows and not columns:
        return None
    # The result's last axis comes from the right operand; of a matrix and a vector the vector is the right one.
    if not rows or (columns and max(rows, key=dims.index) == max((*rows, *columns), key=dims.index)):
        left, right, rows, columns = right, left, columns, rows
    result = target if target is not None else Spelled("", ATOM, dims)
    high, wide = _run(rows, (left, result), dims), _run(columns, (right, result), dims)
    inside = _summed(over, left, right)
    reduce = tuple(i for i in over if i not in inside)
    batch = tuple(i for i in dims if i not in high and i not in wide)
    around = (*reduce, *batch)
    a, b = _split(left, around, (high, inside), lengths), _split(right, around, (inside, wide), lengths)
    vector = not wide and any(i in right.dims for i in around)
    text = f"{b.within(ATOM)}[..., None]" if vector else b.within(ATOM)
    groups = (*((i,) for i in batch), high, *([wide] if wide or vector else []))
    return Product(a.within(ATOM), text, reduce, groups)


def _split(value: Spelled, around: Dims, groups: Sequence[Dims], lengths: Lengths) -> Spelled:
    """The array with its own of some axes around, then the groups, each as one axis."""
    groups = [group for group in groups if group]
    singles = [(i,) for i in around if i in value.dims]
    return axes_of(_grouped(value, (*singles, *groups), lengths), (*around, *(group[0] for group in groups)))


def _grouped(value: Spelled, groups: Sequence[Dims], lengths: Lengths) -> Spelled:
    """The array with each group of axes as one, named by the first of the group."""
    if all(len(group) == 1 for group in groups):
        return value
    found = sorted(groups, key=lambda group: value.dims.index(group[0]))
    value = axes_of(value, tuple(i for group in found for i in group))
    numbers = [_number(group, lengths) for group in found]
    # NumPy finds out one of them where no other is 0, as `T - 1` may be.
    for n in sorted(range(len(found)), key=lambda n: -len(found[n])):
        if all(_is_sure(group, lengths) for m, group in enumerate(found) if m != n):
            numbers[n] = "-1"
            break
    return Spelled(f"{value.within(ATOM)}.reshape({', '.join(numbers)})", ATOM, tuple(group[0] for group in found))


def _run(some: Dims, arrays: Sequence[Spelled], dims: Dims) -> Dims:
    """Of some axes those that can be one in all the arrays, as many as can be: others count a batch of products."""
    runs = [some[n:m] for n in range(len(some)) for m in range(n + 1, len(some) + 1)]
    runs = [run for run in runs if all(_together(run, array) for array in arrays)]
    return max(runs, key=lambda run: (dims[-1] in run, len(run), *_worth(run, arrays[:1])), default=())


def _summed(over: Dims, left: Spelled, right: Spelled) -> Dims:
    """What is summed in the product: all that is long, and what lies beside it in both operands.

    A sum over two long axes that lie apart is worth a copy of an operand: one product for each entry of one of them
    would make an array of all these.
    """
    long = {i for i in over if not i.axis.size.is_Integer}
    orders = [tuple(i for i in array.dims if i in over) for array in (left, right)]
    runs = [order[n:m] for order in orders for n in range(len(order)) for m in range(n + 1, len(order) + 1)]
    runs += [tuple(i for i in order if i in long) for order in orders if long]

    def worth(run: Dims) -> tuple[object, ...]:
        views = sum(_together(run, array) for array in (left, right))
        return (long <= set(run), views, len(run), *_worth(run, (left, right)))

    return max((run for run in runs if _fits(run, long, left, right)), key=worth)


def _fits(run: Dims, long: set[Index], left: Spelled, right: Spelled) -> bool:
    """Whether a sum over these axes needs no copy, or one that is worth it."""
    return all(_together(run, array) for array in (left, right)) or (set(run) == long)


def _worth(run: Dims, arrays: Sequence[Spelled]) -> tuple[int, int, int]:
    """Which axes BLAS had better run along: the last one in memory, long ones, sequences."""
    last = sum(array.dims[-1] in run for array in arrays)
    return (
        last,
        sum(not i.axis.size.is_Integer for i in run),
        sum(i.axis.kind is AxisKind.SEQUENCE for i in run),
    )


def _together(run: Dims, array: Spelled) -> bool:
    """Whether axes lie side by side in this order, so that they are one without a copy."""
    place = array.dims.index(run[0])
    return array.dims[place : place + len(run)] == run and not any(i in array.apart for i in run[:-1])


def _is_sure(dims: Dims, lengths: Lengths) -> bool:
    """Whether the dimensions have entries: a difference may be 0."""
    return not any(" - " in lengths[i] for i in dims)


def _number(dims: Dims, lengths: Lengths) -> str:
    """How many entries some dimensions have together."""
    texts = [lengths[i] for i in dims]
    several = len(dims) > 1
    sums = [several and not text.startswith("max(") and (" - " in text or " + " in text) for text in texts]
    return " * ".join(f"({text})" if is_sum else text for text, is_sum in zip(texts, sums, strict=True))
