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
        (str(statements[e.writer].left), str(statements[e.reader].left), tuple(r.distance for r in e.relations))
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
