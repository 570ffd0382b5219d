import pytest

from derive import pipeline
from derive.emit.graph.units import lag, network


@pytest.mark.parametrize(
    ("name", "unit", "members", "kind"),
    [
        ("vanilla", "h", ("a", "h"), "hidden"),
        ("vanilla", "o", ("o", "yhat"), "output"),
        ("output_recurrence", "o", ("o", "yhat"), "output"),
        ("deep_transition", "v", ("v",), "hidden"),
        ("ctc", "p", ("o", "p"), "hidden"),
        ("vanilla", "x", ("x",), "input"),
        ("vanilla", "y", ("y",), "label"),
        ("vanilla", "loss", ("loss",), "loss"),
    ],
)
def test_chains_are_one_node_with_the_letter_of_a_textbook(
    name: str, unit: str, members: tuple[str, ...], kind: str
) -> None:
    found = network(pipeline.load(name).system).units[unit]
    assert (found.members, found.kind) == (members, kind)


def test_a_unit_is_unrolled_over_what_it_recurs_along_and_else_over_its_first_sequence() -> None:
    attention = network(pipeline.load("attention").system)
    assert attention.units["alpha"].group == ("T",)
    assert attention.units["alpha"].sequences == ("T", "S")
    assert network(pipeline.load("soft_dtw").system).units["delta"].group == ("T", "S")


def test_a_label_that_is_fed_in_far_below_is_drawn_once_more() -> None:
    again = network(pipeline.load("word_lm").system).units["y[-1]"]
    assert (again.variable, again.shift) == ("y", 1)
    assert "y[-1]" not in network(pipeline.load("conditional").system).units
    assert "y[-1]" not in network(pipeline.load("word_lm").system, again=False).units


def test_lags_are_read_from_the_equations() -> None:
    found = {(r.source, r.target, lag(r)) for r in network(pipeline.load("time_skip").system).reads}
    assert {("h", "h", 1), ("h", "h", 2), ("x", "h", 0)} <= found
