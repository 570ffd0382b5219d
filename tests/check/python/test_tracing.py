"""What a run assigned: complete values, the lines that made them, and which of them are known."""

from __future__ import annotations

import ast

import numpy as np

from derive.check.python.tracing import adding, is_known, settled, targets, traced

TEXT = """\
def f(x):
    d = x * 2
    d[0] -= 1
    total = 0 * x
    for k in range(2):
        total = total + d
        y = (x +
             k)
    return total
"""


def test_values_are_taken_when_they_are_complete_with_all_their_lines() -> None:
    namespace: dict[str, object] = {}
    exec(compile(TEXT, "mine.py", "exec"), namespace)
    tree = ast.parse(TEXT)
    records = traced(lambda: namespace["f"](np.ones(2)), "mine.py", targets(tree))  # type: ignore[operator]
    assert adding(tree) == {3, 6}
    assert [(line, name) for line, name, _ in records[:4]] == [(0, "x"), (2, "d"), (3, "d"), (4, "total")]
    found = [(lines, name, np.ravel(value).tolist()) for lines, name, value in settled(records, adding(tree))]
    assert ((2, 3), "d", [1.0, 2.0]) in found and ((4, 6), "total", [2.0, 4.0]) in found
    assert [entry for entry in found if entry[1] == "y"] == [((7,), "y", [1.0, 1.0]), ((7,), "y", [2.0, 2.0])]


def test_a_known_array_is_known_in_any_order_of_its_axes_and_a_name_says_which() -> None:
    h, dh = np.random.default_rng(0).normal(size=(2, 2, 3, 4))
    known = {"known/24": np.stack([h.ravel(), dh.ravel()]), "known/24/gradients": dh.reshape(1, -1)}
    known |= {"known/24/dh": dh.reshape(1, -1), "known/24/dh+": (0.5 * dh).reshape(1, -1)}
    assert is_known(h.transpose(2, 0, 1), "states", known) and not is_known(h + 1e-3, "states", known)
    assert is_known(dh, "dh", known) and not is_known(h, "dh", known) and not is_known(h, "dq", known)
    assert is_known(0.5 * dh, "dh_next", known) and not is_known(dh, "dhnext", known)
    assert is_known(np.eye(2), "onehot", known) and is_known(np.float64(0.3), "scale", known)
