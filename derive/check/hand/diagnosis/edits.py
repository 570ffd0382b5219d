"""The single mends of a term by the place that each changes: those of one place are evaluated all at once."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from derive.check.hand.diagnosis.choices import Choice, Kind, kind_of
from derive.check.hand.diagnosis.mistakes import Mend, Mistake
from derive.check.hand.diagnosis.parts import Misfit, Part
from derive.check.hand.diagnosis.quick import Unknown
from derive.check.hand.diagnosis.trees import changed, nodes, replaced
from derive.check.hand.diagnosis.values import Values
from derive.expressions import Axis
from derive.interpret import Array

LARGEST = 64  # edits of one group
SLOWLY = 20  # expressions of a term that are read in full, each as long as a hundred others


@dataclass(frozen=True, eq=False)
class Edit:
    """A single mend, seen from the place that it changes.

    Attributes:
        row: the mistake that it undoes.
        mend: the mend.
        old: the part of the term that it changes.
        new: what stands there instead.
        value: its value by itself; None where its shapes do not fit, or where it is not known.
        known: whether that is known.
        axes: the axes of the indices that it leaves open.
    """

    row: Mistake
    mend: Mend
    old: ast.expr
    new: ast.expr
    value: Part | None
    known: bool
    axes: Mapping[str, Axis]

    @cached_property
    def inside(self) -> frozenset[int]:
        """What stands in it, by the places in memory: parts of the term that it keeps are the term's own."""
        return frozenset(id(node) for node in nodes(self.new))


@dataclass(frozen=True, eq=False)
class Group:
    """Edits of one place that bring values of one kind.

    Attributes:
        place: the part of the term.
        kind: of their values; None where they have none, as long as nothing else is mended.
        edits: at most `LARGEST`.
        one: all of them in the place.
        other: the same, to stand beside another group's `one`.
    """

    place: ast.expr
    kind: Kind | None
    edits: Sequence[Edit]
    one: Choice
    other: Choice

    @property
    def rank(self) -> int:
        """The rank of the likeliest."""
        return min(edit.row.rank for edit in self.edits)


def edits_of(term: ast.expr, mends: Sequence[tuple[Mistake, Mend]], values: Values) -> Iterator[Edit]:
    """The mends of a term with the places that they change, and what they bring there."""
    for row, mend in mends:
        old, new = changed(term, mend.tree)
        value, known, axes = None, True, dict[str, Axis]()
        try:
            scope, axes = values.quick.closed(new)
            value = scope.value(new)
        except Unknown:
            known = False
        except Misfit:
            pass
        yield Edit(row, mend, old, new, value, known, axes)


def grouped(edits: Sequence[Edit], parted: Callable[[Mistake], int] = lambda row: 0) -> Iterator[Group]:
    """Edits by their place and the kind of what they bring.

    Args:
        edits: of one term.
        parted: mistakes that are told apart, too, have different numbers.
    """
    found: dict[tuple[int, Kind | None, int], list[tuple[list[Edit], dict[str, Axis]]]] = {}
    for edit in edits:
        if edit.known:
            kind = None if edit.value is None else kind_of(edit.value)
            groups = found.setdefault((id(edit.old), kind, parted(edit.row)), [])
            # An index runs along one axis for all that stand together.
            alike = (g for g in groups if all(g[1].get(name, axis) == axis for name, axis in edit.axes.items()))
            group = next((g for g in alike if len(g[0]) < LARGEST), None)
            if group is None:
                groups.append(group := ([], {}))
            group[0].append(edit)
            group[1].update(edit.axes)
    for (_, kind, _), several in found.items():
        for members, _ in several:
            # What has most indices stands first: it says along which axes these run.
            members.sort(key=lambda edit: -len(edit.axes))
            options = [edit.new for edit in members]
            yield Group(members[0].old, kind, members, Choice(options, "#1", kind), Choice(options, "#2", kind))


def worth(term: ast.expr, edits: Sequence[Edit], values: Values) -> dict[int, Array | None]:
    """The value of a term with each of some edits, by the edit's place in memory; None where it does not fit."""
    found: dict[int, Array | None] = {id(edit): None for edit in edits}
    for edit in [edit for edit in edits if not edit.known][:SLOWLY]:
        found[id(edit)] = values.value(edit.mend.tree)
    for group in grouped([edit for edit in edits if edit.value is not None]):
        made = values.each(replaced(term, group.place, group.one), "#1", len(group.edits))
        for edit, value in zip(group.edits, made, strict=True):
            found[id(edit)] = value
    return found
