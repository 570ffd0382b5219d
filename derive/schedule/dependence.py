"""Who must run before whom: writer -> reader where their cells can meet, with the distance along each sequence.

A distance, the reader's index minus the writer's, is an interval. It is one number where both subscripts are an index
plus a constant; a look-up among nodes (`left[k] <= k-1`) and a bound over an outer index (`t1 = 1..t-1`) leave one end
open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sympy

from derive.affine import plain, split
from derive.calculus.indices import disjoint, ends, is_fixed
from derive.calculus.ranges import gaps
from derive.expressions import AxisKind, Domain, Index, Ref, refs
from derive.system import Equation

Interval = tuple[int | None, int | None]  # both ends included; None where nothing is known


@dataclass(frozen=True)
class Relation:
    """The reader's index minus the writer's is at least `least` and at most `most`; None where nothing is known."""

    writer: Index
    reader: Index
    least: int | None
    most: int | None


@dataclass(frozen=True)
class Edge:
    """Statement number `writer` makes a value that statement number `reader` reads."""

    writer: int
    reader: int
    relations: tuple[Relation, ...]


def dependences(statements: Sequence[Equation]) -> tuple[Edge, ...]:
    """Every edge between the statements, by their numbers."""
    writers: dict[str, list[int]] = {}
    for number, statement in enumerate(statements):
        writers.setdefault(statement.target, []).append(number)
    edges: dict[Edge, None] = {}
    for number, statement in enumerate(statements):
        for ref in dict.fromkeys(reads(statement)):
            for writer in writers.get(ref.name, ()):
                relations = _meet(statements[writer], statement, ref)
                if relations is not None:
                    edges[Edge(writer, number, relations)] = None
    return tuple(edges)


def reads(statement: Equation) -> list[Ref]:
    """What a statement reads; a reduction other than a sum reads nothing of itself."""
    return [*refs(statement.right), *(ref for subscript in statement.subscripts for ref in refs(subscript))]


def _meet(writer: Equation, reader: Equation, ref: Ref) -> tuple[Relation, ...] | None:
    """The relations of an edge; None where no cell is both written and read."""
    relations: dict[tuple[Index, Index], Interval] = {}
    for mine, theirs in zip(writer.subscripts, ref.subscripts, strict=True):
        if disjoint(ends(mine, writer.domain), ends(theirs, reader.domain)):
            return None
        if split(mine)[0] is None and split(theirs)[0] is None:
            continue  # of two look-ups, or two ends, nothing is known
        read = dict(_offsets(theirs, reader.domain))
        for a, (low, high) in _offsets(mine, writer.domain) if read else ():
            for b, (least, most) in read.items():
                # The cell is a + (low..high) and b + (least..most).
                found = (_difference(low, most), _difference(high, least))
                if found != (None, None) and a.axis == b.axis:
                    relations[a, b] = _both(found, relations.get((a, b), (None, None)))
    if any(least is not None and most is not None and least > most for least, most in relations.values()):
        return None
    return tuple(Relation(a, b, *interval) for (a, b), interval in relations.items())


def _offsets(subscript: sympy.Expr, domain: Domain) -> Iterator[tuple[Index, Interval]]:
    """The sequence indices of a domain to which a cell has a known distance: the cell minus the index."""
    index, offset = split(subscript)
    interval: Interval
    if index is not None:
        if index.axis.kind is not AxisKind.SEQUENCE or not offset.is_Integer:
            return
        interval = (int(offset), int(offset))
    else:
        found = _looked_up(subscript)
        if found is None:
            return
        index, most = found
        interval = (None, most)
    yield index, interval
    if all(is_fixed(r.first) and is_fixed(r.last) for r in domain):
        return
    known, (low, high) = gaps(domain), interval
    for other in dict.fromkeys(r.index for r in domain if r.axis == index.axis and r.index is not index):
        after, before = known.get((other, index)), known.get((index, other))
        bounds = (None if low is None or after is None else low + after, _difference(high, before))
        if bounds != (None, None):
            yield other, bounds


def _looked_up(subscript: sympy.Expr) -> tuple[Index, int] | None:
    """The index of the node that looks up, and what is at most added to it: a node reads those before it."""
    looked = next((term for term in sympy.Add.make_args(subscript) if isinstance(term, Ref)), None)
    if looked is None or not plain(subscript - looked).is_Integer:
        return None
    for inside in looked.subscripts:
        index, offset = split(inside)
        if index is not None and index.axis.kind is AxisKind.SEQUENCE and offset.is_Integer:
            return index, int(offset) - 1 + int(plain(subscript - looked))
    return None


def _difference(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a - b


def _both(a: Interval, b: Interval) -> Interval:
    lows, highs = ([x for x in ends_ if x is not None] for ends_ in zip(a, b, strict=True))
    return max(lows, default=None), min(highs, default=None)
