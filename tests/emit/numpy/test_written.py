"""Contractions for reading: a product of matrices where a person would write one, a named sum else."""

from __future__ import annotations

import pytest

from derive.emit.numpy.spelling import ATOM, Spelled
from derive.emit.numpy.written import written
from derive.expressions import Index
from tests.emit.numpy.test_products import of


@pytest.mark.parametrize(
    ("left", "right", "over", "dims", "text"),
    [
        ("tbj", "ij", "j", "tbi", "a @ c.T"),
        ("ij", "bj", "j", "bi", "c @ a.T"),
        ("ij", "j", "j", "i", "a @ c"),
        ("i", "i", "i", "", "np.vdot(a, c)"),
        ("tbi", "tbj", "tb", "ij", "np.tensordot(a, c, ((0, 1), (0, 1)))"),
        ("tbi", "kbi", "i", "tkb", "a.transpose(1, 0, 2) @ c.transpose(1, 2, 0)"),
        ("tb", "tbi", "t", "bi", 'np.einsum("tb,tbi->bi", a, c)'),
    ],
)
def test_it_reads_as_a_person_writes_it(left: str, right: str, over: str, dims: str, text: str) -> None:
    assert written(Spelled("a", ATOM, of(left)), Spelled("c", ATOM, of(right)), of(over), of(dims)).text == text


def test_indices_that_begin_alike_get_two_letters() -> None:
    t, b = of("tb")
    other = Index("t2", t.axis)
    found = written(Spelled("a", ATOM, (t, other, b)), Spelled("c", ATOM, (t, b)), (t,), (other, b)).text
    assert found == 'np.einsum("tab,tb->ab", a, c)'
