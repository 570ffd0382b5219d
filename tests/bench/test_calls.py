"""Calls of generated functions with random data of any size."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest

from derive.bench.calls import Calls, calls
from derive.check.call import Arguments
from tests.bank import model

SIZES = {"T": 30, "B": 4, "n_x": 3, "n_h": 40, "n_y": 5}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_data_of_these_sizes(dtype: type) -> None:
    ready = calls(model("lstm").system, model("lstm").compile(), SIZES, dtype)
    assert ready.at.data["x"].shape == (30, 4, 3) and ready.at.data["x"].dtype == dtype
    assert ready.at.params["U_i"].shape == (40, 40) and ready.at.params["U_i"].dtype == dtype
    assert 0 <= ready.at.data["y"].min() and ready.at.data["y"].max() == 4
    value, gradient = ready.loss_and_grad()()
    assert value == pytest.approx(ready.loss()(), rel=1e-5) and np.isfinite(value)
    assert gradient.U_i.dtype == dtype and np.any(gradient.U_i != 0)


def test_a_seed_is_a_choice_of_data() -> None:
    one, again, other = (calls(model("lstm").system, model("lstm").compile(), SIZES, seed=s) for s in (1, 1, 2))
    assert one.loss()() == again.loss()() != other.loss()()


def test_the_most_that_a_call_makes() -> None:
    kept = model("lstm").memory(SIZES).bytes
    first, again = calls(model("lstm").system, model("lstm").compile(), SIZES).peaks()
    assert kept < first < 20 * kept and again <= first


class Space:
    """Stands in for the buffers of a module."""


class Module(types.SimpleNamespace):
    """A module whose function fills a buffer the first time and makes a little each time."""


@pytest.mark.parametrize("reuses", [True, False])
def test_buffers_are_reused_where_a_module_can(reuses: bool) -> None:
    def loss_and_grad(params: Any, *, workspace: Any = None) -> None:
        made = np.ones(1000)
        if workspace is None:
            np.ones(100_000)
        elif not hasattr(workspace, "buffer"):
            workspace.buffer = np.ones(100_000)
        del made

    module = Module(loss_and_grad=loss_and_grad, Params=Space, **({"Workspace": Space} if reuses else {}))
    found = Calls(module, Arguments({}, {}, (), {}))
    assert found.reuses == reuses
    first, again = found.peaks()
    assert first >= 800_000 and (again < 100_000) == reuses
