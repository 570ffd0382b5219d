"""All mends of a place at once are worth what each is alone."""

from __future__ import annotations

import ast

import numpy as np
import pytest

import derive
from derive.check.hand.derivation import Derivation
from derive.check.hand.diagnosis.edits import edits_of, worth
from derive.check.hand.diagnosis.mistakes import table
from derive.check.hand.diagnosis.setting import Setting
from derive.check.hand.diagnosis.trees import changed, nodes, replaced
from derive.check.hand.diagnosis.values import Values
from derive.check.hand.lines import HandLine
from derive.check.hand.reader import read_hand

LINES = [
    "grad(h[t]) = W.T @ ((1 - h[t+1]) * grad(h[t+1]))",
    "grad(a[t, i]) = (1 - h[t, i]) * (sum(V[k, i] * grad(o[t, k]), k) + sum(W[j, i] * grad(a[t+1, j]), j))",
]
ROWS = ("transpose", "index", "step", "sign", "sum over steps", "name", "power or function", "factor too many")


def setting_of(text: str) -> Setting:
    found = Derivation(derive.load("vanilla"), [x for x in read_hand(text).lines if isinstance(x, HandLine)])
    return Setting(found, found.claims[0])


@pytest.mark.parametrize("text", LINES)
def test_mends_are_worth_together_what_each_is_alone(text: str) -> None:
    setting = setting_of(text)
    term = setting.claim.line.right
    with np.errstate(all="ignore"):
        values, alone = Values(setting.derivation, setting.claim), Values(setting.derivation, setting.claim)
        mends = [(row, mend) for row in table() if row.name in ROWS for mend in row.undo(term, setting)]
        edits = list(edits_of(term, mends, values))
        found = worth(term, edits, values)
        compared = 0
        for edit in edits:
            one, other = found[id(edit)], alone.value(edit.mend.tree)
            assert (one is None) == (other is None), ast.unparse(edit.mend.tree)
            if one is not None and other is not None:
                assert np.allclose(one, other, rtol=1e-12, atol=1e-12), ast.unparse(edit.mend.tree)
                compared += 1
    assert compared > 20


def test_the_least_change_is_found() -> None:
    tree = ast.parse("f(a * (b + c)) @ d", mode="eval").body
    for node in nodes(tree):
        new = ast.Name("x", ast.Load())
        assert changed(tree, replaced(tree, node, new)) == (node, new)
