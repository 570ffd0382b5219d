"""What is wrong with a line: the mistake in words, where it is, and the line as it should be."""

from __future__ import annotations

import numpy as np

from derive.check.hand.claims import Claim
from derive.check.hand.derivation import Derivation
from derive.check.hand.diagnosis.blame import blamed
from derive.check.hand.diagnosis.found import Diagnosis
from derive.check.hand.diagnosis.search import Search
from derive.check.hand.diagnosis.setting import Setting
from derive.check.hand.diagnosis.trees import joined
from derive.check.hand.spelling import spelled

__all__ = ["Diagnosis", "diagnose"]


def diagnose(derivation: Derivation, claim: Claim) -> Diagnosis | None:
    """What is wrong with a claim that does not hold; None where nothing is found."""
    with np.errstate(all="ignore"):
        return blamed(derivation, claim) or _searched(Setting(derivation, claim))


def _searched(setting: Setting) -> Diagnosis | None:
    search = Search(setting)
    found = search.run()
    if found is None:
        return _compared(search)
    text = "; ".join(dict.fromkeys(found.texts))
    return Diagnosis(found.names, text, found.where, spelled(setting.claim.line, found.right))


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
    return Diagnosis((), "; ".join(parts), tuple(foreign), right)


def _listed(texts: list[str]) -> str:
    return " and ".join(texts)


def _true_line(search: Search) -> str | None:
    """The derived line of the same left side, in the model's names and with the condition that it needs."""
    setting = search.setting
    line, right = setting.claim.line, joined(list(setting.true_terms))
    if setting.true_terms and search.values.is_right(right):
        return spelled(line, right)
    return None
