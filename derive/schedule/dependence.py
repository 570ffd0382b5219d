"""Who must run before whom: writer -> reader where their cells can meet, with the distance along each sequence.

A distance is exact where both subscripts are an index plus a constant: the reader's index minus the writer's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derive.affine import plain, split
from derive.calculus.indices import disjoint, ends
from derive.expressions import AxisKind, Index, Ref, refs
from derive.system import Equation


@dataclass(frozen=True)
class Relation:
    """On one axis of what is read: the reader's index is the writer's plus `distance`."""

    writer: Index
    reader: Index
    distance: int


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
    relations = []
    for mine, theirs in zip(writer.subscripts, ref.subscripts, strict=True):
        if disjoint(ends(mine, writer.domain), ends(theirs, reader.domain)):
            return None
        (a, shift), (c, lag) = split(mine), split(theirs)
        if a is not None and c is not None and a.axis.kind is AxisKind.SEQUENCE:
            distance = plain(shift - lag)
            if distance.is_Integer:
                relations.append(Relation(a, c, int(distance)))
    return tuple(relations)
