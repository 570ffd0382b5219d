"""What is sequential, and how many multiply-adds and numbers it takes."""

from __future__ import annotations

from functools import cache

import pytest

import derive
from derive.emit.latex.names import Names
from derive.emit.latex.printer import Latex
from derive.emit.latex.work import Row, Work, work
from tests.bank import zoo


@cache
def of(name: str) -> Work:
    system = derive.load(name).gradient().system
    return work(system, Latex(Names(system)))


def test_vanilla() -> None:
    found = of("vanilla")
    once, stepped = found.forward
    assert once == Row(
        "all steps at once",
        (r"\boldsymbol{o}", r"\hat{y}_{\mathrm{lse}}", r"\hat{\boldsymbol{y}}", "L"),
        r"\tau n_{h} n_{x} + \tau n_{h} n_{y}",
        "in all",
    )
    assert stepped == Row(
        "step by step, $t$ upwards", (r"\boldsymbol{a}", r"\boldsymbol{h}"), "n_{h}^{2}", "in each step"
    )
    once, stepped = found.backward
    assert r"\nabla_{\mathbf{W}} L" in once.names and r"\nabla_{\boldsymbol{h}^{(0)}} L" in once.names
    assert (stepped.where, stepped.products) == ("step by step, $t$ downwards", "n_{h}^{2}")
    assert (found.kept, found.memory) == ((r"\hat{\boldsymbol{y}}", r"\boldsymbol{h}"), r"\tau n_{h} + \tau n_{y}")


def test_nothing_is_sequential_with_the_truth_as_the_past() -> None:
    found = of("teacher_forcing")
    assert {row.where for row in (*found.forward, *found.backward)} == {"all steps at once"}


@pytest.mark.parametrize(
    ("name", "ahead", "back"),
    [
        ("soft_dtw", "step by step, $t$ upwards, then $s$ upwards", "step by step, $t$ downwards, then $s$ downwards"),
        ("tree", "step by step, $k$ upwards", "step by step, $k$ downwards"),
    ],
)
def test_loops(name: str, ahead: str, back: str) -> None:
    assert [row.where for row in of(name).forward if row.where.startswith("step")] == [ahead]
    assert [row.where for row in of(name).backward if row.where.startswith("step")][-1] == back


@zoo
def test_every_model_has_an_order(name: str) -> None:
    found = of(name)
    assert found.forward and found.backward
    assert any("L" in row.names for row in found.forward)
