"""Two mistakes in one term: every pair of single mends, a whole array of pairs at a time.

Two mends meet in two ways: in places apart, or one around the other. Either way the term is evaluated once with all
mends of both places in it, so that thousands of pairs take no longer than a few trees. What a mend brings may have the
other mistake in it: such pairs are made one by one, and there are few.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from derive.check.hand.diagnosis.choices import Choice, kind_of
from derive.check.hand.diagnosis.edits import Edit, Group, edits_of, grouped, worth
from derive.check.hand.diagnosis.mistakes import Mend, Mistake, table
from derive.check.hand.diagnosis.setting import Setting
from derive.check.hand.diagnosis.trees import changed, is_atom, nodes, replaced
from derive.check.hand.diagnosis.values import Values
from derive.interpret import Array

AGAIN = 1500  # mends of what other mends bring, in one claim
SMALL = 8  # nodes of what a mend brings, where that is mended again in every place
LIKELY = 24  # the highest rank of what is tried first
MANY = ("missing factor", "name of another shape", "term inside of brackets")
# What may be wrong with what a mend brings.
ALSO = (
    "step", "name", "gradient of another variable", "index", "transpose", "power or function", "complement",
    "order of factors", "element-wise for matrix product", "sum over steps",
)  # fmt: skip

Batch = tuple[ast.expr, Sequence[Edit], Sequence[Edit]]  # a term with the edits of two places in it


@dataclass(frozen=True, eq=False)
class Pair:
    """A term with two mistakes undone.

    Attributes:
        rank: of both together.
        names: the mistakes.
        mends: each alone.
        tree: the term with both undone.
    """

    rank: float
    names: tuple[str, str]
    mends: tuple[Mend, Mend]
    tree: ast.expr


class Twice:
    """The pairs of mends of one term."""

    def __init__(
        self, term: ast.expr, edits: Sequence[tuple[Edit, Array | None]], setting: Setting, values: Values
    ) -> None:
        """The pairs of some mends of a term; each mend with the value that it alone gives the term."""
        self.term, self.edits, self.setting, self.values = term, edits, setting, values
        self.inside = {id(node): {id(inner) for inner in nodes(node)} for node in nodes(term)}
        self.beside = {place: self.inside[id(term)] - inner for place, inner in self.inside.items()}
        self.atoms = {id(node) for node in nodes(term) if is_atom(node)}

    def fitting(self, rest: Array) -> Iterator[Pair]:
        """The pairs that give the term a value: the likeliest first, and what is found one by one last.

        Args:
            rest: the value, at the first point where the claim is meant to hold.
        """
        found: list[Pair] = []
        for tree, one, other in self._batches():
            if self.values.is_spent:
                break
            fits = self.values.fitting(tree, rest, ("#1", "#2"), (len(one), len(other)))
            found += [self._pair(one[p], other[q]) for p, q in fits]
        yield from sorted(found, key=lambda pair: pair.rank)
        found = [pair for pair, value in self._again() if value is not None and self.values.is_small(rest - value)]
        yield from sorted(found, key=lambda pair: pair.rank)

    # -- mends of two places ---------------------------------------------------------------------------------------

    def _batches(self) -> Iterator[Batch]:
        """The term with two groups of edits in it; what is likely first, and of what there are few forms."""
        groups = list(grouped(self._unlike(), _tier))
        pairs = [(one, other) for n, one in enumerate(groups) for other in groups[n:]]
        for one, other in sorted(pairs, key=lambda pair: _cost(*pair)):
            if id(other.place) in self.inside[id(one.place)]:
                yield from self._around(one, other)
            if one.place is other.place and one is not other:
                yield from self._around(other, one)
            elif id(one.place) in self.inside[id(other.place)]:
                yield from self._around(other, one)
            elif id(other.place) not in self.inside[id(one.place)] and one.kind is not None is not other.kind:
                tree = replaced(self.term, one.place, one.one)
                yield replaced(tree, other.place, other.other), one.edits, other.edits

    def _unlike(self) -> list[Edit]:
        """The edits without those that keep as much of the term as a likelier one, and are worth the same."""
        found: dict[object, Edit] = {}
        for edit, whole in self.edits:
            if not edit.known:
                continue
            key: tuple[object, ...] = (id(edit),)
            if edit.value is not None:
                where = (id(edit.old), edit.value.over, kind_of(edit.value)) if whole is None else None
                array = edit.value.array if whole is None else whole
                kept = edit.inside & self.inside[id(self.term)] | self.beside[id(edit.old)]
                key = (where, kept & self.atoms, array.shape, np.round(array / self.values.scale, 7).tobytes())
            found.setdefault(key, edit)
        return list(found.values())

    def _around(self, one: Group, other: Group) -> Iterator[Batch]:
        """Edits of a place, and those of another one inside of what they keep."""
        keeping = [edit for edit in one.edits if id(other.place) in edit.inside]
        if keeping and other.kind is not None:
            options = [replaced(edit.new, other.place, other.other) for edit in keeping]
            yield replaced(self.term, one.place, Choice(options, "#1", None)), keeping, other.edits

    def _pair(self, one: Edit, other: Edit) -> Pair:
        if id(other.old) in self.inside[id(one.old)]:
            made = replaced(self.term, one.old, replaced(one.new, other.old, other.new))
        else:
            made = replaced(replaced(self.term, one.old, one.new), other.old, other.new)
        first, second = sorted((one, other), key=lambda edit: edit.row.rank)
        names = (first.row.name, second.row.name)
        return Pair(self._rank(one.row) + self._rank(other.row), names, (first.mend, second.mend), made)

    def _rank(self, row: Mistake) -> int:
        """The rank of a mistake: a product of the wrong kind is likelier where the shapes do not fit."""
        misfit = self.setting.claim.fault is not None
        return row.rank - 10 if misfit and row.name == "element-wise for matrix product" else row.rank

    # -- mends of what another mend brings ---------------------------------------------------------------------------

    def _again(self) -> Iterator[tuple[Pair, Array | None]]:
        """A mend, and a mend of what it brings or of what it changes in several places; the term's value with both."""
        rows = [row for row in table() if row.name in ALSO]
        pairs: list[Pair] = []
        mends: list[tuple[Mistake, Mend]] = []
        for edit in sorted((edit for edit, _ in self.edits), key=lambda edit: edit.row.rank):
            new = edit.inside - self.inside[id(self.term)]
            if edit.row.rank > LIKELY + 6 or (len(new) > SMALL and len(new) < len(edit.inside)):
                continue
            for row in rows:
                for mend in row.undo(edit.new, self.setting):
                    if id(changed(edit.new, mend.tree)[0]) in new:
                        tree = replaced(self.term, edit.old, mend.tree)
                        rank = edit.row.rank + row.rank
                        pairs.append(Pair(rank, (edit.row.name, row.name), (edit.mend, mend), tree))
                        mends.append((row, Mend(tree, mend.form, mend.place, mend.parts)))
            if self.values.again + len(mends) > AGAIN:
                break
        self.values.again += len(mends)
        edits = list(edits_of(self.term, mends, self.values))
        yield from zip(pairs, worth(self.term, edits, self.values).values(), strict=True)


def _tier(row: Mistake) -> int:
    """The likely ones, those that have a form for every name of the model, and the others."""
    if row.name in MANY:
        return 2
    return int(row.rank > LIKELY)


def _cost(one: Group, other: Group) -> int:
    """What is tried first: of what there are few forms, and what is likely."""
    tiers = _tier(one.edits[0].row) + _tier(other.edits[0].row)
    return len(one.edits) * len(other.edits) * (1, 3, 9, 27, 81)[tiers]
