"""What is wrong with a line: the mistake in words, where it is, and the line as it should be."""

from __future__ import annotations

import ast

import numpy as np

from derive.check.hand.claims import Claim
from derive.check.hand.derivation import Derivation
from derive.check.hand.diagnosis.blame import blame, blamed
from derive.check.hand.diagnosis.found import Diagnosis
from derive.check.hand.diagnosis.search import Search
from derive.check.hand.diagnosis.setting import Setting
from derive.check.hand.diagnosis.trees import joined
from derive.check.hand.spelling import spelled

__all__ = ["Diagnosis", "diagnose", "diagnose_definition"]


def diagnose(derivation: Derivation, claim: Claim) -> Diagnosis | None:
    """What is wrong with a claim that does not hold; None where nothing is found."""
    with np.errstate(all="ignore"):
        return blamed(derivation, claim, _searched) or _searched(Setting(derivation, claim))


def diagnose_definition(derivation: Derivation, definition: Claim) -> Diagnosis | None:
    """What is wrong with a definition, as the lines that rest on it tell; None where nothing speaks against it."""
    with np.errstate(all="ignore"):
        return blame(derivation, _searched).of_definition(definition)


def _searched(setting: Setting) -> Diagnosis | None:
    search = Search(setting)
    found = search.run()
    if found is None:
        return _compared(search)
    text = "; ".join(dict.fromkeys(found.texts))
    correct = spelled(setting.claim.line, found.right)
    return Diagnosis(found.names, text, found.where, correct, right=found.right)


def _compared(search: Search) -> Diagnosis | None:
    """The terms of the true line that this one has not, where no mistake of the table explains it."""
    search.values.forgive()
    say = search.say
    own = [(say(term.node), value) for term, value in zip(search.terms, search.now, strict=True)]
    lacking: list[str] = []
    for option in search.added:
        if not any(value is not None and search.values.is_small(value - option.value) for _, value in own):
            lacking.append(say(option.mend.tree))
    foreign = [
        text
        for text, value in own
        if value is None or not any(search.values.is_small(value - option.value) for option in search.added)
    ]
    right = _true_line(search)
    if not lacking or right is None:
        return None
    parts = [f"the true line has {_listed(lacking)}, which this one has not"]
    if foreign:
        parts.append(f"this one has {_listed(foreign)}, which the true line has not")
    return Diagnosis((), "; ".join(parts), tuple(foreign), spelled(search.claim.line, right), right=right)


def _listed(texts: list[str]) -> str:
    return " and ".join(texts)


def _true_line(search: Search) -> ast.expr | None:
    """The right side of the derived line of the same left side, in the model's names."""
    right = joined(list(search.setting.true_terms))
    return right if search.setting.true_terms and search.values.is_right(right) else None
