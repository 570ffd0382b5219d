"""Two pictures on one sheet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derive.emit.graph.picture import Picture
from derive.emit.graph.together import moved, together
from tests.emit.graph.samples import picture


def test_a_picture_is_moved_as_a_whole() -> None:
    made, there = picture(), moved(picture(), 2.0, 3.0, "other ")
    assert (there.width, there.height) == (made.width + 2, made.height + 3)
    assert {
        (b.centre.x - a.centre.x, b.centre.y - a.centre.y) for a, b in zip(made.nodes, there.nodes, strict=True)
    } == {(2.0, 3.0)}
    names = {node.name for node in there.nodes}
    assert all(edge.source in names and edge.target in names for edge in there.edges)
    assert moved(there, -2.0, -3.0).texts == made.texts


@pytest.mark.parametrize(("width", "height"), [(20, 20), (70, 20), (70, 90)])
def test_nothing_is_lost_and_nothing_sticks_out(width: float, height: float) -> None:
    circuit, graph = picture(), replace(picture(), width=width, height=height)
    sheet = together(circuit, graph)
    assert len(sheet.nodes) == len({node.name for node in sheet.nodes}) == 2 * len(circuit.nodes)
    assert len(sheet.edges) == 2 * len(circuit.edges) + 1
    places = [*(node.centre for node in sheet.nodes), *(point for edge in sheet.edges for point in edge.path)]
    assert all(0 <= place.x <= sheet.width and 0 <= place.y <= sheet.height for place in places)


def beside(sheet: Picture, graph: Picture) -> bool:
    return sheet.width > graph.width + 5


def test_wide_ones_stand_one_above_the_other() -> None:
    for width, height, side_by_side in (20, 20, True), (70, 20, False), (70, 90, True):
        graph = replace(picture(), width=width, height=height)
        assert beside(together(picture(), graph), graph) == side_by_side
