"""Lines that are wrong only through a definition of the person's own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import islice
from weakref import WeakKeyDictionary

from derive.check.hand.claims import Claim
from derive.check.hand.derivation import Derivation
from derive.check.hand.diagnosis.found import Diagnosis
from derive.check.hand.diagnosis.mistakes import Mend, Mistake, table
from derive.check.hand.diagnosis.setting import Setting
from derive.check.hand.diagnosis.values import side_of
from derive.check.hand.numbers import NoValue
from derive.check.hand.spelling import plain, spelled, words
from derive.errors import Fault

MOST = 150  # how many forms of a definition are tried
_KNOWN: WeakKeyDictionary[Derivation, dict[str, Diagnosis | None]] = WeakKeyDictionary()


def blamed(derivation: Derivation, claim: Claim) -> Diagnosis | None:
    """A mistake in a definition, where mending it makes every claim right that rests on it; two at least are wrong.

    Where one claim alone is wrong the mistake may as well be in that one.
    """
    known = _KNOWN.setdefault(derivation, {})
    for name in derivation.depends_on(claim):
        if name not in known:
            known[name] = _found(derivation, name)
        if known[name] is not None:
            return known[name]
    return None


def _found(derivation: Derivation, name: str) -> Diagnosis | None:
    claims = [c for c in derivation.claims if not c.defines and c.right is not None]
    resting = [c for c in claims if name in derivation.depends_on(c)]
    wrong = [c for c in resting if c.right is not None and not derivation.is_right(c, c.right)]
    if len(wrong) < 2:
        return None
    # The wrong ones first: a mend that is none is told apart by the first.
    asked = [*wrong, *(c for c in resting if c not in wrong)]
    for definition in derivation.claims:
        if definition.defines and definition.head == name and definition.fault is None:
            for row, mend in islice(_mends(derivation, definition), MOST):
                if _mends_all(derivation, definition, mend, asked):
                    line = definition.line
                    text = f"right but for {name}, which line {line.number} defines: {mend.text(words(line))}"
                    return Diagnosis((row.name,), text, (plain(line.left),), spelled(line, mend.tree), line.number)
    return None


def _mends(derivation: Derivation, definition: Claim) -> Iterator[tuple[Mistake, Mend]]:
    setting = Setting(derivation, definition)
    for row in table():
        for mend in row.undo(definition.line.right, setting):
            yield row, mend


def _mends_all(derivation: Derivation, definition: Claim, mend: Mend, claims: list[Claim]) -> bool:
    side = side_of(derivation, definition, ast.unparse(mend.tree))
    if isinstance(side, Fault):
        return False
    first = derivation.with_definition(definition, side)
    first.points = derivation.points[:1]
    other = derivation.with_definition(definition, side)
    try:
        if claims[0].right is None or not first.is_right(claims[0], claims[0].right):
            return False
        return all(c.right is not None and other.is_right(c, c.right) for c in claims)
    except NoValue:
        return False
