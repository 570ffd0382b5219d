from derive.emit.graph.layers import Item, arrange

EDGES = [("x", "i"), ("x", "f"), ("x", "g"), ("i", "c"), ("f", "c"), ("g", "c"), ("c", "h"), ("h", "o"), ("y", "L")]
ITEMS = [
    Item("x", 3, "below"), Item("i", 3), Item("f", 3), Item("g", 3), Item("c", 3, level=True),
    Item("h", 3, level=True), Item("o", 3), Item("L", 3), Item("y", 3, "above"),
]  # fmt: skip


def test_readers_are_above_what_they_read_and_given_data_outside() -> None:
    y = arrange(ITEMS, [*EDGES, ("o", "L")], []).y
    assert y["x"] < y["i"] == y["f"] == y["g"] < y["c"] < y["h"] < y["o"] < y["L"] < y["y"]


def test_what_follows_one_alone_stands_straight_above_it() -> None:
    x = arrange(ITEMS, [*EDGES, ("o", "L")], []).x
    assert len({x[name] for name in ("c", "h", "o", "L", "y")}) == 1
    assert sorted(x[name] for name in "ifg")[1] == x["x"]


def test_crossings_are_avoided() -> None:
    items = [Item(name, 3) for name in ("a", "b", "p", "q")]
    x = arrange(items, [("a", "q"), ("b", "p")], []).x
    assert (x["a"] < x["b"]) == (x["q"] < x["p"])


def test_states_of_one_row_have_levels_of_their_own() -> None:
    items = [Item("x", 3, "below"), Item("h", 3, level=True), Item("g", 3, level=True)]
    y = arrange(items, [("x", "h"), ("x", "g")], [("h", "h"), ("g", "g")]).y
    assert y["h"] != y["g"]


def test_an_arrow_that_passes_a_row_has_a_lane() -> None:
    items = [Item(name, 3) for name in ("a", "b", "c")]
    template = arrange(items, [("a", "b"), ("b", "c"), ("a", "c")], [])
    ((x, y),) = template.lanes["a", "c"]
    assert y == template.y["b"]
    assert abs(x - template.x["b"]) > 2


def test_nothing_has_no_extent() -> None:
    assert arrange([], [], []).height == 0
