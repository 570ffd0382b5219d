"""The search for the mistake: one row of the table undone, then two, until the line holds at every point.

A line is a sum of terms. Each row is tried on each term alone, so that undoing two in different terms takes no more
than an addition of arrays.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, islice

import numpy as np

from derive.check.hand import spelling
from derive.check.hand.diagnosis import scales, words
from derive.check.hand.diagnosis.edits import Edit, edits_of, worth
from derive.check.hand.diagnosis.found import Found
from derive.check.hand.diagnosis.mistakes import Mend, Mistake, table
from derive.check.hand.diagnosis.setting import Setting
from derive.check.hand.diagnosis.trees import Term, joined, same, terms, tidied
from derive.check.hand.diagnosis.twice import Twice
from derive.check.hand.diagnosis.values import Spent, Values
from derive.interpret import Array

MENDS = 5000  # single mends of one claim's terms
CHECKED = 12  # pairs of mistakes in one term that are compared at every point
# What may be missing before a sum as a whole.
TOGETHER = ("sum over steps", "derivative of an activation", "missing factor")
TOO_MANY, SIGN = "term too many", "sign"


@dataclass(frozen=True)
class Option:
    """A term in another form.

    Attributes:
        name: the mistake that is undone.
        rank: of the mistake.
        mend: what that makes of the term.
        minus: the sign that the term then has.
        value: the value at the first point, with the sign.
    """

    name: str
    rank: int
    mend: Mend
    minus: bool
    value: Array


Change = tuple[int | None, Option]  # a term by its number and what it becomes; None for one that is added


class Search:
    """The search for what is wrong in one claim."""

    def __init__(self, setting: Setting) -> None:
        """A search in the claim of this setting."""
        self.setting, self.claim = setting, setting.claim
        self.say = spelling.words(self.claim.line)
        self.values = Values(setting.derivation, setting.claim)
        self.terms = list(terms(self.claim.line.right))
        self._tried, self._paired = 0, set[int]()
        self._edited: dict[int, list[tuple[Edit, Array | None]]] = {}
        self.now = [self._signed(term) for term in self.terms]

    def run(self) -> Found | None:
        """The likeliest explanation by one mistake, else by two; None where none fits."""
        found = scales.negative(self) or self._missing(self.added) or self._scaled()
        if found is not None:
            return found
        try:
            return self._among(self.suspects) or self._among(range(len(self.terms)))
        except Spent:
            return None

    def _among(self, picked: Sequence[int]) -> Found | None:
        """What is wrong with some of the terms."""
        if not picked:
            return None
        options: list[list[Option]] = [[] for _ in self.terms]
        for offered in self._offered(picked):
            for n, more in offered:
                options[n] += more
            found = self._one(offered)
            if found is not None:
                return found
        return (
            self._whole() or self._all_shifted(picked) or self._two(options) or self._twice(picked)
            or self._with_added(options, self.added)
        )  # fmt: skip

    def _scaled(self) -> Found | None:
        """A constant factor; where one is written that does not belong, or a mean for a sum, that is named."""
        found = scales.constant(self)
        if found is not None:
            rows = [row for row in table() if row.name in ("factor too many", "sum over steps")]
            named = self._one([(n, self._undone(n, row)) for row in rows for n in range(len(self.terms))])
            return named or found
        return None

    @cached_property
    def suspects(self) -> list[int]:
        """The terms that are none of the true line's, where others are: the mistake is in these."""
        known = [option.value for option in self.added]
        found = [
            n
            for n, value in enumerate(self.now)
            if value is None or not any(self.values.is_small(value - other) for other in known)
        ]
        return found if len(found) < len(self.terms) else []

    def _signed(self, term: Term) -> Array | None:
        value = self.values.value(term.node)
        return value if value is None or not term.minus else -value

    def rest(self, *without: int) -> Array | None:
        """What the true value leaves for some terms; None where another one does not fit."""
        others = [value for n, value in enumerate(self.now) if n not in without]
        if any(value is None for value in others):
            return None
        return np.asarray(self.values.goal - sum(v for v in others if v is not None))

    # -- what a term may have been meant to be -----------------------------------------------------------------------

    def _offered(self, picked: Sequence[int]) -> Iterator[list[tuple[int, list[Option]]]]:
        """The forms of some terms, one kind of mistake after the other, the likeliest first."""
        yield [(n, self._turned(self.terms[n])) for n in picked]
        for row in table():
            yield [(n, self._undone(n, row)) for n in picked]
        if len(self.terms) > 1:
            yield [(n, [self._dropped(self.terms[n])]) for n in picked]

    def _turned(self, term: Term) -> list[Option]:
        value = self._signed(term)
        if value is None:
            return []
        return [Option(SIGN, 6, Mend(term.node, words.sign_of(term), term.node, (term.node,)), not term.minus, -value)]

    def _edits(self, n: int) -> list[tuple[Edit, Array | None]]:
        """A term with each mistake undone in each place, and its value then."""
        if n not in self._edited:
            node = self.terms[n].node
            mends = [(row, mend) for row in table() for mend in row.undo(node, self.setting)]
            self._tried += len(mends)
            edits = list(edits_of(node, mends, self.values)) if self._tried <= MENDS else []
            self._edited[n] = list(zip(edits, worth(node, edits, self.values).values(), strict=True))
        return self._edited[n]

    def _undone(self, n: int, row: Mistake) -> list[Option]:
        minus = self.terms[n].minus
        return [
            Option(row.name, row.rank, edit.mend, minus, -value if minus else value)
            for edit, value in self._edits(n)
            if edit.row is row and value is not None and not self._says_itself(edit.mend.tree)
        ]

    def _dropped(self, term: Term) -> Option:
        mend = Mend(ast.Constant(0), "a term too many: {} does not belong", term.node, (term.node,))
        return Option(TOO_MANY, 64, mend, False, np.zeros_like(self.values.goal))

    def _says_itself(self, tree: ast.expr) -> bool:
        """Whether an expression is what the line is of: that is right, and says nothing."""
        return same(tree, self.claim.line.left)

    @cached_property
    def added(self) -> list[Option]:
        """The terms of the true line, each as what may be missing."""
        return list(self._added())

    def _added(self) -> Iterator[Option]:
        for term in self.setting.true_terms:
            value = self._signed(term)
            if value is not None and np.any(value) and not self._says_itself(term.node):
                name, form = words.missing(term, self.claim)
                yield Option(name, 15, Mend(term.node, form, self.claim.line.right, (term.node,)), term.minus, value)

    # -- one mistake ---------------------------------------------------------------------------------------------------

    def _missing(self, added: Sequence[Option]) -> Found | None:
        rest = self.rest()
        if rest is None:
            return None
        fitting = [option for option in added if self.values.is_small(rest - option.value)]
        found = next((found for option in fitting if (found := self._checked([(None, option)]))), None)
        return found or self._several_missing(added, rest)

    def _several_missing(self, added: Sequence[Option], rest: Array) -> Found | None:
        """All terms that the line has not, where the others are right."""
        now = [value for value in self.now if value is not None]
        lacking = [o for o in added if not any(self.values.is_small(o.value - value) for value in now)]
        if len(lacking) < 2 or not self.values.is_small(rest - sum(option.value for option in lacking)):
            return None
        found = self._checked([(None, option) for option in lacking])
        return None if found is None else replace(found, names=tuple(dict.fromkeys(found.names)))

    def _all_shifted(self, picked: Sequence[int]) -> Found | None:
        """Several terms at the wrong step, all by the same."""
        rest = self.rest(*picked)
        if rest is None or len(picked) < 2:
            return None
        for by in (1, -1):
            parts = list(self.terms)
            left = rest
            for n in picked:
                parts[n] = Term(self.setting.stepped(parts[n].node, by) or parts[n].node, parts[n].minus)
                value = self._signed(parts[n])
                left = left - (np.inf if value is None else value)
            right = joined(parts)
            if self.values.is_small(left) and self.values.is_right(right):
                said = [f"{self.say(parts[n].node)}, not {self.say(self.terms[n].node)}" for n in picked]
                where = tuple(spelling.plain(self.terms[n].node) for n in picked)
                return Found(("step",), (f"at the wrong step: {'; '.join(said)}",), where, tidied(right))
        return None

    def _one(self, offered: Sequence[tuple[int, Sequence[Option]]]) -> Found | None:
        for n, options in offered:
            rest = self.rest(n)
            for option in options if rest is not None else ():
                if self.values.is_small(rest - option.value):
                    found = self._checked([(n, option)])
                    if found is not None:
                        return found
        return None

    def _whole(self) -> Found | None:
        """A mistake made with all terms together: the sum over them is missing, or a factor before them."""
        right = self.claim.line.right
        for row in table() if len(self.terms) > 1 else ():
            for mend in row.undo(right, self.setting) if row.name in TOGETHER else ():
                if mend.place is not right:
                    continue
                value = self.values.value(mend.tree)
                fits = value is not None and self.values.is_small(self.values.goal - value)
                if fits and self.values.is_right(mend.tree):
                    return Found((row.name,), (mend.text(self.say),), (mend.where,), tidied(mend.tree))
        return None

    # -- two mistakes --------------------------------------------------------------------------------------------------

    def _two(self, options: Sequence[Sequence[Option]]) -> Found | None:
        """Mistakes in two terms, none of them as a whole too many."""
        groups = [[option for option in group if option.name != TOO_MANY] for group in options]
        for one, other in combinations(range(len(groups)), 2):
            found = self._pair((one, groups[one]), (other, groups[other]))
            if found is not None:
                return found
        return None

    def _with_added(self, options: Sequence[Sequence[Option]], added: Sequence[Option]) -> Found | None:
        """A mistake in one term, or a term too many, beside a missing term; two missing terms; two too many."""
        groups: list[tuple[int | None, Sequence[Option]]] = list(enumerate(options))
        pairs = [(group, (None, added)) for group in groups if len(self.terms) > 1 or added]
        pairs += [((None, added), (None, added))]
        for one, other in [*pairs, *combinations(groups, 2)]:
            found = self._pair(one, other)
            if found is not None:
                return found
        return None

    def _pair(
        self, one: tuple[int | None, Sequence[Option]], other: tuple[int | None, Sequence[Option]]
    ) -> Found | None:
        rest = self.rest(*(n for n, _ in (one, other) if n is not None))
        if rest is None or not one[1] or not other[1]:
            return None
        second = np.array([option.value.ravel() for option in other[1]])
        near: list[tuple[int, list[Change]]] = []
        for n, option in enumerate(one[1]):
            off = np.abs(rest.ravel() - option.value.ravel() - second).max(axis=1, initial=0.0)
            for k in np.nonzero(off <= self.values.scale * 1e-7)[0]:
                if one is not other or int(k) > n:
                    also = other[1][int(k)]
                    near.append((option.rank + also.rank, [(one[0], option), (other[0], also)]))
        for _, changes in sorted(near, key=lambda pair: pair[0]):
            found = self._checked(changes)
            if found is not None:
                return found
        return None

    def _twice(self, picked: Sequence[int]) -> Found | None:
        """Two mistakes in one term."""
        for n in picked:
            rest = self.rest(n)
            if rest is None or n in self._paired:
                continue
            self._paired.add(n)
            term = self.terms[n]
            pairs = Twice(term.node, self._edits(n), self.setting, self.values).fitting(-rest if term.minus else rest)
            for pair in islice(pairs, CHECKED):
                option = Option(pair.names[1], 0, Mend(pair.tree, "", term.node), term.minus, rest)
                found = None if self._says_itself(pair.tree) else self._checked([(n, option)])
                if found is not None:
                    texts = tuple(mend.text(self.say) for mend in pair.mends)
                    return Found(pair.names, texts, tuple(mend.where for mend in pair.mends), found.right)
        return None

    # -- the line with changes ---------------------------------------------------------------------------------------

    def _checked(self, changes: Sequence[Change]) -> Found | None:
        """The line with some terms changed and some added, where it is right at every point."""
        table_ = {n: option for n, option in changes if n is not None}
        parts: list[Term] = []
        for n, term in enumerate(self.terms):
            if n not in table_:
                parts.append(term)
            elif table_[n].name != TOO_MANY:
                parts.append(Term(table_[n].mend.tree, table_[n].minus))
        parts += [Term(option.mend.tree, option.minus) for n, option in changes if n is None]
        right = joined(parts)
        if self._says_itself(right) or not self.values.is_right(right):
            return None
        return Found(
            tuple(option.name for _, option in changes),
            tuple(option.mend.text(self.say) for _, option in changes),
            tuple(option.mend.where for _, option in changes),
            tidied(right),
        )
