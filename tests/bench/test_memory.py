"""What is kept for the backward pass, as formulas and as bytes."""

from __future__ import annotations

import numpy as np
import pytest

import derive
from derive.bench.cost import Cost
from derive.bench.memory import memory
from derive.bench.numbers import spell
from derive.errors import DeriveError
from derive.system import Role
from tests.bank import model


def test_vanilla() -> None:
    found = model("vanilla").memory({"T": 10, "B": 2, "n_h": 5, "n_y": 3})
    (steps,) = found.kept
    assert (steps.steps, steps.batched, set(steps.names)) == (("T",), True, {"h", "yhat"})
    assert spell(steps.each) == "n_h + n_y" and found.each(steps) == 4 * (5 + 3)
    # The state has its start, too.
    assert found.bytes == 4 * 2 * (11 * 5 + 10 * 3)
    assert model("vanilla").memory({"T": 10, "B": 2, "n_h": 5, "n_y": 3}, "float64").bytes == 2 * found.bytes


def test_segments() -> None:
    found = model("vanilla").memory({"T": 100, "B": 2, "n_h": 5, "n_y": 3})
    # Of one segment its start and ten steps, and ten states.
    assert found.checkpointed() == 4 * 2 * (11 * 5 + 10 * 3 + 10 * 5) == found.as_dict()["checkpoint_bytes"]
    assert found.checkpointed(30) == 4 * 2 * (31 * 5 + 30 * 3 + 4 * 5)
    assert found.checkpointed(1000) == found.bytes + 4 * 2 * 5
    formula = "B * (checkpoint * n_h + checkpoint * n_y + T * n_h / checkpoint + n_h)"
    assert f"with checkpoint=True: {formula} numbers, {found.checkpointed():,} bytes" in str(found)


def test_what_cannot_be_cut_has_no_segments() -> None:
    found = model("bidirectional").memory()
    assert found.checkpointed() is None and "checkpoint" not in str(found) + str(found.as_dict())


def test_pairs_of_steps() -> None:
    told = str(model("attention").memory())
    assert "each step of T and S, each example: n_d + 1 numbers" in told and "in all: " in told


def test_what_no_example_has_of_its_own_is_kept_once() -> None:
    made = derive.parse("x: Input[n]\nw: Param[n]\nloss = sum(exp(w)) * sum(tanh(w * x))")
    shared = [kept for kept in made.memory({"n": 4, "B": 3}).kept if not kept.batched]
    assert all(kept.where == "once" for kept in shared)
    assert made.memory({"n": 4, "B": 3}).bytes <= 4 * (4 + 2 + 3 * (4 + 2))


@pytest.mark.parametrize("name", ["lstm", "tree", pytest.param("attention", marks=pytest.mark.slow)])
def test_bytes_are_those_of_the_arrays(name: str) -> None:
    """`forward` gives arrays of the same variables: those that it returns are as large as it is said here."""
    from derive.bench.calls import calls
    from derive.check import call

    made = model(name)
    cost = Cost(made.programs())
    sizes = {**made.memory().sizes, **{n: 3 for n in made.memory().sizes if n[0].isupper()}}
    found = memory(cost.programs, sizes, "float64")
    ready = calls(made.system, made.compile(), sizes, np.float64)
    values = call.forward(ready.module, ready.at)._asdict()
    own = [n for kept in found.kept for n in kept.names if n in values]
    hidden = [n for kept in found.kept for n in kept.names if n not in values]
    assert own
    stored = sum(values[n].nbytes for n in own)
    alone = sum(8 * found._at(_cells(cost, n)) for n in hidden)
    assert stored + alone == found.bytes


def _cells(cost: Cost, name: str) -> object:
    import sympy

    assert cost.programs.system.by_name[name].role is Role.VAR
    return sympy.Mul(*(axis.size for axis in cost.programs.system.by_name[name].axes))


def test_an_unknown_size() -> None:
    with pytest.raises(DeriveError, match="no size 'n_z'"):
        model("vanilla").memory({"n_z": 3})
