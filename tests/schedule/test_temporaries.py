"""Temporaries are taken and given back by their shape."""

from __future__ import annotations

import sympy

from derive.expressions import Axis, Index, size_symbol
from derive.program import Apply, Count, Span
from derive.schedule.temporaries import Pool, is_temporary, lengths_of, temporary

N, M = size_symbol("n"), size_symbol("m")
i, j = Index("i", Axis(N)), Index("j", Axis(M))


def test_one_is_used_again_only_when_it_was_given_back() -> None:
    pool = Pool()
    first, second = pool.take((N, M)), pool.take((N, M))
    assert first != second and is_temporary(first)
    pool.release(second)
    pool.release(first)
    assert pool.take((N, M)) == first  # the one that was made first
    assert pool.take((N, M)) == second
    assert len(pool.made) == 2


def test_shapes_do_not_mix() -> None:
    pool = Pool()
    pool.release(pool.take((N, M)))
    assert pool.take((M, N)) not in (None, next(iter(pool.made)))
    assert [b.extent for b in pool.made.values()] == [(N, M), (M, N)]


def test_what_is_made_inside_has_other_names() -> None:
    pool = Pool()
    outside = pool.take((N,))
    pool.release(outside)
    inside = pool.inside()
    found = inside.take((N,))
    assert found != outside and is_temporary(found) and found not in pool.made


def test_a_temporary_is_read_and_written_whole() -> None:
    found = temporary("tmp.0", (i, j), {i: N, j: M})
    assert found.dims == (i, j)
    assert [(s.start, s.length, s.extent) for s in found.subscripts if isinstance(s, Span)] == [(0, N, N), (0, M, M)]


def test_lengths_are_those_of_spans_and_of_counts() -> None:
    value = Apply("mul", (temporary("a", (i,), {i: N}), Count(j, sympy.Integer(1), M)), (i, j))
    assert lengths_of(value) == {i: N, j: M}
