"""Who must run before whom: never an edge too few, and none between cells that cannot meet."""

from __future__ import annotations

from derive.language import read
from derive.schedule.dependence import dependences
from derive.schedule.statements import split_terms


def edges(text: str) -> set[tuple[str, str, tuple[int, ...]]]:
    """(writer, reader, distances along the sequence)."""
    system = read(text)
    statements = split_terms(system.equations, system.variables)
    return {
        (str(statements[e.writer].left), str(statements[e.reader].left), tuple(r.least for r in e.relations))
        for e in dependences(statements)
    }


def test_distances_count_steps_from_writer_to_reader() -> None:
    found = edges("x: Input[T]\nh[0] = 0\nh[-1] = 0\nh[t] = h[t-2] + x[t]\nloss = sum(h[t], t)\n")
    assert ("h[t]", "h[t]", (2,)) in found
    assert ("h[0]", "h[t]", ()) in found and ("h[-1]", "h[t]", ()) in found


def test_reading_ahead_is_a_negative_distance() -> None:
    found = edges("x: Input[T]\na[t] = x[t]\nloss = sum(a[t] * a[t+1], (t, 1, T-1))\nb[t] = a[t]\n")
    assert ("a[t]", "b[t]", (0,)) in found
    assert ("a[t]", "loss", (-1,)) in found and ("a[t]", "loss", (0,)) in found


def test_cells_that_cannot_meet_have_no_edge() -> None:
    found = edges("x: Input[T]\nh[0] = 0\nh[t] = h[t-1] + x[t]\nq = h[0]\nloss = h[T] + q\n")
    assert ("h[0]", "q", ()) in found and ("h[t]", "q", ()) not in found
    assert ("h[t]", "loss", ()) in found


def test_a_look_up_may_meet_anything() -> None:
    found = edges("w: Index[T, n]\nE: Param[n]\nM[i] = E[i] * 2\na[t] = M[w[t]]\nloss = sum(a[t], t)\n")
    assert ("M[i]", "a[t]", ()) in found


def distances(text: str, writer: str, reader: str) -> set[tuple[str, str, int | None, int | None]]:
    """(writer's index, reader's index, least, most) of the edges from one variable to another."""
    statements = split_terms(read(text).equations, read(text).variables)
    return {
        (r.writer.name, r.reader.name, r.least, r.most)
        for e in dependences(statements)
        for r in e.relations
        if (statements[e.writer].target, statements[e.reader].target) == (writer, reader)
    }


def test_a_node_reads_nodes_before_it() -> None:
    text = "left: Index[K, K]\nx: Input[K]\nh[0] = 0\nh[k] = x[k] + h[left[k]]\nloss = sum(h[k], k)\n"
    assert distances(text, "h", "h") == {("k", "k", 1, None)}


def test_a_bound_over_an_outer_index_is_a_distance() -> None:
    text = "x: Input[T]\nh[t] = x[t] + sum(h[t1], (t1, 1, t-2))\nloss = sum(h[t], t)\n"
    assert {("t", "t1", 0, 0), ("t", "t", 2, None)} <= distances(text, "h", "h")
    text = "x: Input[T]\nh[t] = x[t] + sum(h[t1], (t1, t+1, T))\nloss = sum(h[t], t)\n"
    assert {("t", "t1", 0, 0), ("t", "t", None, -1)} <= distances(text, "h", "h")


def test_both_axes_of_one_sequence_speak() -> None:
    """`e[t, t1]` is read at its own two indices: each is at no distance from its own."""
    text = "x: Input[T]\ne[t, t1] = x[t] * x[t1]\nc[t] = sum(e[t, t1], (t1, 1, t))\nloss = sum(c[t], t)\n"
    found = distances(text, "e", "c")
    assert ("t", "t", 0, 0) in found and ("t1", "t1", 0, 0) in found
