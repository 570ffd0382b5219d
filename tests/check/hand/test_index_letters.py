"""An index with the name of one of the model's variables: the line says so, and a letter that is free."""

from __future__ import annotations

import derive
from derive.check.hand.derivation import Derivation
from derive.check.hand.lines import HandLine
from derive.check.hand.reader import read_hand


def test_a_variable_of_the_model_is_no_index() -> None:
    lines = read_hand("grad(c[t, i]) = o[t, i] * grad(h[t, i])\ngrad(f[t, k]) = c[t-1, k] * grad(c[t, k])").lines
    one, other = Derivation(derive.load("lstm"), [x for x in lines if isinstance(x, HandLine)]).claims
    assert one.fault is not None and not one.is_wrong
    assert one.fault.message == "i is a variable of the model, so that it cannot be an index too"
    assert one.fault.hint == "take another letter for the index: k"
    assert other.fault is None
