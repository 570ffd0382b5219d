from derive import pipeline
from derive.emit.graph.instance import arity, instance, pointers, trees
from derive.emit.graph.units import network


def links(name: str, **lengths: int) -> set[tuple[str, str]]:
    found = instance(network(pipeline.load(name).system), lengths)

    def spell(cell: tuple[str, tuple[int, ...]]) -> str:
        return cell[0] + ",".join(map(str, cell[1]))

    return {(spell(link.source), spell(link.target)) for link in found.links}


def test_every_read_becomes_arrows_between_cells() -> None:
    assert links("vanilla", T=2) == {
        ("x1", "h1"), ("x2", "h2"), ("h0", "h1"), ("h1", "h2"), ("h1", "o1"), ("h2", "o2"),
        ("o1", "loss1"), ("o2", "loss2"), ("y1", "loss1"), ("y2", "loss2"),
    }  # fmt: skip


def test_data_outside_their_steps_are_no_cells() -> None:
    found = links("teacher_forcing", T=2)
    assert ("y1", "h2") in found
    assert not any(source == "y0" for source, _ in found)


def test_what_is_to_come_has_no_weight() -> None:
    found = {pair for pair in links("self_attention", T=3) if pair[0].startswith("v")}
    assert found == {("v1", "a1"), ("v1", "a2"), ("v2", "a2"), ("v1", "a3"), ("v2", "a3"), ("v3", "a3")}


def test_an_example_tree_has_its_children_first() -> None:
    tree = network(pipeline.load("tree").system)
    assert (pointers(tree), arity(tree)) == (("left", "right"), 2)
    assert links("tree", K=3) >= {("h1", "h3"), ("h2", "h3"), ("h3", "o")}
    for length, children in ((7, 2), (5, 2), (13, 3), (4, 1)):
        found = trees(length, children)
        assert sorted(found) == list(range(1, length + 1))
        assert all(child < node for node, below in found.items() for child in below)


def test_a_model_without_data_has_its_loss() -> None:
    text = "W: Param[n]\nloss = sum(W**2)"
    assert instance(network(pipeline.parse(text).system), {}).cells == (("loss", ()),)
