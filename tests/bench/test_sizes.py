"""Sizes to measure at: named ones, usual ones, and refused ones."""

from __future__ import annotations

import pytest

import derive
from derive.bench.cost import Cost
from derive.bench.numbers import Numbers
from derive.bench.sizes import Known, complete, parse, swept
from derive.calculus.batch import add_batch
from derive.errors import DeriveError
from tests.bank import model, some_of_the_zoo


def known(name: str) -> Known:
    return Known.of(add_batch(model(name).system))


def completed(name: str, **sizes: int) -> dict[str, int]:
    return complete(sizes, known(name), Cost(model(name).programs()))


def test_usual_sizes() -> None:
    assert completed("lstm") == {"T": 100, "B": 32, "n_x": 64, "n_h": 128, "n_y": 64}
    assert known("lstm").told() == "T=100,B=32,n_x=64,n_h=128,n_y=64"
    assert completed("lstm", T=7, n_h=256) == {"T": 7, "B": 32, "n_x": 64, "n_h": 256, "n_y": 64}


def test_sizes_as_they_are_written() -> None:
    assert parse(" T=10, B = 1_000,", known("lstm")) == {"T": 10, "B": 1000}
    assert parse("", known("lstm")) == {}


@pytest.mark.parametrize("text", ["T", "T=", "T=ten", "T=-1", "T=1.5", "T=1;B=2", "=3"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(DeriveError, match="is no size") as error:
        parse(text, known("lstm"))
    assert "T=100,B=32" in (error.value.faults[0].hint or "")


def test_a_size_twice() -> None:
    with pytest.raises(DeriveError, match="T is given twice"):
        parse("T=1,T=2", known("lstm"))


def test_a_size_that_the_model_has_not() -> None:
    with pytest.raises(DeriveError, match="no size 'n_hh'") as error:
        completed("lstm", n_hh=3)
    assert "did you mean 'n_h'?" in (error.value.faults[0].hint or "")
    assert "T, B, n_x, n_h, n_y" in (error.value.faults[0].hint or "")


def test_a_size_that_is_too_small() -> None:
    with pytest.raises(DeriveError, match="B = 0 is too small"):
        completed("lstm", B=0)
    text = "x: Input[T, n]\nw: Param[n]\nh[1] = w\nh[2] = 2 * w\nh[t] = h[t-1] + x[t] * h[t-2]\nloss = sum(h[T])"
    made = derive.parse(text)
    with pytest.raises(DeriveError, match="T = 1 is too small") as error:
        complete({"T": 1}, Known.of(add_batch(made.system)), Cost(made.programs()))
    assert "h[2]" in (error.value.faults[0].hint or "")


def test_arithmetic_of_sizes_has_entries() -> None:
    made = derive.parse("x: Input[n_x]\nw: Param[n_x - n_h]\nv: Param[n_h]\nloss = sum(w) * sum(v) * sum(x)")
    here, cost = Known.of(add_batch(made.system)), Cost(made.programs())
    with pytest.raises(DeriveError, match=r"n_x - n_h is -1 where n_h = 4, n_x = 3"):
        complete({"n_h": 4, "n_x": 3}, here, cost)
    assert complete({"n_h": 4}, here, cost)["n_x"] > 4


def test_more_than_the_machine_has() -> None:
    with pytest.raises(DeriveError, match="GiB, and the machine has"):
        completed("vanilla", T=10**9, B=10**6)


def test_a_model_without_a_batch() -> None:
    made = derive.parse("w: Param[n]\nloss = sum(w**2)")
    assert complete({}, Known.of(add_batch(made.system)), Cost(made.programs())) == {"n": 128}


@some_of_the_zoo
def test_what_nobody_named_takes_seconds(name: str) -> None:
    cost = Cost(model(name).programs())
    numbers = Numbers(complete({}, known(name), cost))
    assert numbers(cost.cells) < 1e8 and numbers(cost.operations) < 5e9 and numbers(cost.statements) < 1e5


def test_named_sizes_are_never_changed() -> None:
    assert completed("transducer", n_h=512, T=200)["n_h"] == 512


def test_what_grows() -> None:
    assert swept(model("lstm").system, known("lstm")) == (("T",), ("n_h",))
    (sequences, width) = swept(model("attention").system, known("attention"))
    assert set(sequences) == {"T", "S"} and width in (("n_h",), ("n_d",))
