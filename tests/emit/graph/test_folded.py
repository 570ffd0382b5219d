from derive import pipeline
from derive.emit.graph import folded
from derive.emit.graph.picture import Picture
from tests import bank
from tests.emit.graph.faults import faults
from tests.emit.graph.test_unfolded import label


def drawn(name: str) -> Picture:
    return folded((pipeline.parse(name) if "\n" in name else pipeline.load(name)).system)


def delays(picture: Picture) -> list[str]:
    return [node.name for node in picture.nodes if node.shape == "delay"]


def arrows(picture: Picture) -> set[tuple[str, str]]:
    return {(edge.source, edge.target) for edge in picture.edges}


@bank.zoo
def test_nothing_is_in_the_way_of_anything(name: str) -> None:
    system = pipeline.load(name).system
    assert faults(folded(system), system) == []


def test_each_variable_is_there_once_and_what_is_carried_passes_a_delay() -> None:
    picture = drawn("vanilla")
    (delay,) = delays(picture)
    assert {node.name for node in picture.nodes} == {"x", "h", "o", "y", "loss", delay}
    assert {("h", delay), (delay, "h"), ("x", "h"), ("h", "o"), ("y", "loss")} <= arrows(picture)
    assert ("h", "h") not in arrows(picture)


def test_a_lag_of_two_is_two_delays_in_a_row() -> None:
    picture = drawn("time_skip")
    one, two = delays(picture)
    assert {("h", one), (one, two), (one, "h"), (two, "h")} <= arrows(picture)


def test_what_comes_from_later_steps_says_so() -> None:
    assert "-1" in [label(text.content) for text in drawn("bidirectional").texts]


def test_a_look_up_names_where_it_looks() -> None:
    assert {label(text.content) for text in drawn("tree").texts} == {"left", "right"}


def test_the_step_that_is_read_is_written_where_it_is_an_end() -> None:
    notes = [label(text.content) for edge in drawn("sequence_to_one").edges for text in edge.labels]
    assert "t == T" in notes
