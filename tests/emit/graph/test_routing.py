import pytest

from derive.emit.graph.beside import Labels
from derive.emit.graph.curves import Curve, Outline, cornered, straight, through
from derive.emit.graph.routing import WIDE, Router, facing


def circle(x: float, y: float) -> Outline:
    return Outline(x, y, 3, 3, True)


def test_the_straight_way_is_taken_where_it_is_free() -> None:
    curve = Router({"a": circle(0, 0), "b": circle(10, 0)}).route("a", "b")
    assert curve.points[0] == pytest.approx((1.5, 0))
    assert curve.points[-1] == pytest.approx((8.5, 0))
    assert {round(y, 9) for _, y in curve.points} == {0}


def test_a_node_in_the_way_is_passed() -> None:
    router = Router({"a": circle(0, 0), "b": circle(5, 0), "c": circle(10, 0)})
    curve = router.route("a", "c")
    assert not router.is_free("a", "c", straight(circle(0, 0), circle(10, 0)))
    assert router.is_free("a", "c", curve)


def test_a_wall_is_gone_around() -> None:
    wall = {f"w{n}": circle(8, 3.4 * n) for n in range(-4, 5)}
    router = Router({"a": circle(0, 0), "b": circle(16, 0), **wall})
    assert router.is_free("a", "b", router.route("a", "b"))


def test_of_a_wide_node_the_part_opposite_is_met() -> None:
    bar = Outline(0, 0, 4 * WIDE, 2, False)
    _, part = facing(circle(WIDE, 8), bar)
    assert part.x == WIDE


def test_the_way_back_runs_beside() -> None:
    curve = straight(circle(0, 0), circle(10, 0))
    back = curve.beside(0.5)
    assert back.points[0] == pytest.approx((8.5, 0.5))
    assert back.points[-1] == pytest.approx((1.5, 0.5))


@pytest.mark.parametrize("make", [through, cornered])
def test_a_way_through_places_begins_and_ends_at_outlines(make: type[Curve]) -> None:
    curve = make(circle(0, 0), circle(10, 0), [(0, 6), (10, 6)], 0.0)
    assert curve.points[0] == pytest.approx((0, 1.5))
    assert curve.points[-1] == pytest.approx((10, 1.5))
    assert len(curve.points) % 3 == 1


def test_labels_stand_beside_their_arrow_and_not_on_each_other() -> None:
    a, b = circle(0, 0), circle(10, 0)
    curve = straight(a, b)
    labels = Labels([a, b], [curve])
    (first,) = labels.place("W", curve, [(1.0, 0.7)])
    (second,) = labels.place("U", curve, [(1.0, 0.7)])
    assert first != second
    assert abs(first[1]) >= 0.35
    assert labels.place("none", curve, [(30.0, 20.0)]) == ()
