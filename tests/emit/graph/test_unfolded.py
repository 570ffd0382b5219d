import pytest

from derive import pipeline
from derive.emit.graph import unfolded
from derive.emit.graph.picture import Picture
from derive.emit.notation.plain import Plain
from tests import bank
from tests.emit.graph.faults import faults


def drawn(name: str, steps: int = 3, gradient: bool = False) -> Picture:
    return unfolded((pipeline.parse(name) if "\n" in name else pipeline.load(name)).system, steps, gradient)


def label(content: object) -> str:
    return content if isinstance(content, str) else Plain().text(content)  # type: ignore[arg-type]


def nodes(picture: Picture) -> dict[str, str]:
    """The labels of the nodes by name."""
    return {node.name: label(node.label) for node in picture.nodes if node.label is not None}


def arrows(picture: Picture, kind: str = "") -> set[tuple[str, str]]:
    """The labels at the ends of the arrows."""
    names = nodes(picture)
    return {(names[e.source], names[e.target]) for e in picture.edges if kind in ("", e.kind)}


@bank.zoo
def test_nothing_is_in_the_way_of_anything(name: str) -> None:
    system = pipeline.load(name).system
    assert faults(unfolded(system), system) == []


def test_vanilla_is_figure_10_3() -> None:
    picture = drawn("vanilla")
    columns = [{"x", "h", "o", "loss", "y"} for _ in range(3)]
    assert sorted(nodes(picture).values()) == sorted(
        [f"{v}[{t}]" for t, units in zip(("t-1", "t", "t+1"), columns, strict=True) for v in units] + ["…", "…"]
    )
    assert ("h[t-1]", "h[t]") in arrows(picture, "lag")
    assert {label(t.content) for e in picture.edges for t in e.labels} == {"U", "V", "W"}
    places = {nodes(picture)[node.name]: node.centre for node in picture.nodes if node.kind != "dots"}
    assert places["x[t]"].y > places["h[t]"].y > places["o[t]"].y > places["loss[t]"].y > places["y[t]"].y
    assert len({places[f"{v}[t]"].x for v in ("x", "h", "o", "loss", "y")}) == 1
    assert places["h[t-1]"].y == places["h[t]"].y == places["h[t+1]"].y
    assert places["h[t-1]"].x < places["h[t]"].x < places["h[t+1]"].x


def test_where_ends_are_read_steps_have_numbers() -> None:
    picture = drawn("encoder_decoder")
    assert {("h[S]", "c"), ("c", "d[1]"), ("c", "d[T]"), ("y[1]", "d[2]"), ("d[0]", "d[1]")} <= arrows(picture)


def test_steps_that_are_left_out_are_dots_and_nothing_runs_over_them() -> None:
    found = arrows(drawn("encoder_decoder"))
    assert ("d[2]", "d[T]") not in found
    assert {("d[2]", "…"), ("…", "d[T]")} <= found


def test_from_right_to_left() -> None:
    assert {("g[t+1]", "g[t]"), ("h[t]", "h[t+1]")} <= arrows(drawn("bidirectional"), "lag")


def test_what_all_steps_read_of_all_steps_is_gathered_in_a_bar() -> None:
    found = arrows(drawn("attention"))
    assert {("h[1]", "h[1:S]"), ("h[S]", "h[1:S]"), ("h[1:S]", "c[1]"), ("h[1:S]", "alpha[T, s]")} <= found
    assert ("h[1]", "c[1]") not in found


def test_a_grid_has_a_place_for_every_pair_of_steps() -> None:
    picture = drawn("soft_dtw", 2)
    places = {label: next(n.centre for n in picture.nodes if n.name == name) for name, label in nodes(picture).items()}
    assert places["r[1, 1]"].y == places["r[2, 1]"].y > places["r[1, 2]"].y
    assert places["r[1, 1]"].x == places["r[1, 2]"].x < places["r[2, 1]"].x
    assert {("r[1, 1]", "r[2, 2]"), ("r[2, 2]", "loss"), ("u[2]", "delta[2, 1]")} <= arrows(picture)


def test_a_tree_has_its_root_on_top() -> None:
    picture = drawn("tree")
    places = {label: next(n.centre for n in picture.nodes if n.name == name) for name, label in nodes(picture).items()}
    assert {("h[1]", "h[5]"), ("h[2]", "h[5]"), ("h[5]", "h[7]"), ("h[6]", "h[7]")} <= arrows(picture)
    assert places["h[1]"].y > places["h[5]"].y > places["h[7]"].y > places["o"].y
    assert places["h[1]"].x < places["h[5]"].x < places["h[2]"].x


def test_the_gradient_comes_back_where_it_flows() -> None:
    back = arrows(drawn("vanilla", gradient=True), "gradient")
    assert {("h[t+1]", "h[t]"), ("o[t]", "h[t]"), ("loss[t]", "o[t]")} <= back
    # Not to data, whole numbers or not.
    assert not any(target.startswith(("x", "y")) for _, target in back)


def test_no_gradient_comes_back_where_none_flows() -> None:
    text = "x: Input[T, n]\nW: Param[n, n]\nh[t] = W @ x[t]\ng[t] = sign(h[t])\nloss = sum(sum(g[t] + h[t]), t)"
    back = arrows(drawn(text, gradient=True), "gradient")
    assert ("loss[t]", "h[t]") in back
    assert ("g[t]", "h[t]") not in back


def test_gradients_are_named_beside_their_nodes() -> None:
    found = {label(text.content) for text in drawn("vanilla", gradient=True).texts}
    assert {"grad(h[t])", "grad(o[t+1])"} <= found
    assert drawn("vanilla").texts == ()


def test_what_is_put_into_other_equations_has_its_way_back_too() -> None:
    back = arrows(drawn("soft_dtw", 2, gradient=True), "gradient")
    assert {("r[2, 2]", "delta[2, 2]"), ("delta[2, 1]", "u[2]")} <= back


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_any_number_of_steps(steps: int) -> None:
    for name in ("lstm", "encoder_decoder", "image_rnn"):
        system = pipeline.load(name).system
        assert faults(unfolded(system, steps), system) == []


def test_a_picture_says_what_its_nodes_are() -> None:
    titles = {node.name: node.title for node in drawn("vanilla").nodes}
    assert "h[t] = tanh(a[t])" in next(title for name, title in titles.items() if name.startswith("h["))


@pytest.mark.parametrize(
    "text",
    [
        "W: Param[n]\nloss = sum(W**2)",
        "x: Input[n]\nw: Param[n]\nloss = dot(w, x)",
        "x: Input[T]\nv: Param\nh[t] = x[t] + sum(v * h[t1], (t1, 1, t-1))\nloss = sum(h[t], t)",
        "x: Input[T]\nv: Param\nh[0] = 0\nh[-1] = 0\nh[-2] = 0\nh[t] = v * h[t-3] + x[t]\nloss = h[T]",
        "prev: Index[K, K]\nx: Input[K]\nv: Param\nh[0] = 0\nh[k] = v * h[prev[k]] + x[k]\nloss = h[K]",
    ],
)
def test_strange_models_are_drawn(text: str) -> None:
    system = pipeline.parse(text).system
    assert faults(unfolded(system), system) == []


@pytest.mark.parametrize("gradient", [False, True])
def test_what_goes_on_to_several_goes_on_once(gradient: bool) -> None:
    forward = [(e.source, e.target) for e in drawn("lstm", gradient=gradient).edges if e.kind != "gradient"]
    assert len(forward) == len(set(forward))
