"""Strongly connected components."""

from __future__ import annotations

from derive.components import components


def test_rings_are_components_and_what_is_read_comes_first() -> None:
    graph = {1: [2], 2: [3], 3: [1, 4], 4: [], 5: [5, 4]}
    assert list(components(graph)) == [[4], [1, 2, 3], [5]]


def test_a_long_chain_needs_no_recursion() -> None:
    graph = {n: [n + 1] for n in range(5000)} | {5000: [0]}
    assert list(components(graph)) == [list(range(5001))]
