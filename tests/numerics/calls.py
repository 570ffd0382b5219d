"""Calls of generated modules for tests at the edges of numbers: both precisions, and nothing but underflow forgiven."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from derive.check import call
from derive.interpret import Array
from tests.bank import case

Results = dict[str, Array]


@contextmanager
def strict() -> Iterator[None]:
    """Overflow, division by zero and invalid operations raise, and so does every warning.

    What underflows to 0 is meant to: it is what NumPy passes over, too, unless it is told otherwise.
    """
    with warnings.catch_warnings(), np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
        warnings.simplefilter("error")
        yield


def data(name: str, steps: int = 3, *, batched: bool = True) -> call.Arguments:
    """A small case of a model as its module takes it."""
    found = case(name, batched=batched, steps=steps)
    return call.arguments(found.system, found.given, found.sizes)


def results(module: Any, at: call.Arguments, **more: Any) -> Results:
    """The loss and every gradient."""
    loss, gradients = call.loss_and_grad(module, at, **more)
    return {"loss": np.array(loss), **gradients}


def off(found: Mapping[str, Array], wanted: Mapping[str, Array]) -> float:
    """The greatest difference of any gradient, by the greatest entry of all of them; infinite for what is no number."""
    assert found.keys() == wanted.keys()
    names = [name for name in wanted if name != "loss"]
    largest = max(float(np.max(np.abs(wanted[name]), initial=0.0)) for name in names) or 1.0
    differences = (np.max(np.abs(found[name] - wanted[name]), initial=0.0) for name in names)
    worst = max(float(d) for d in differences)
    return worst / largest if np.isfinite(worst) else np.inf


def refused(function: Any, *args: Any, **keywords: Any) -> str:
    """What the ValueError says that a call ends in."""
    with pytest.raises(ValueError) as caught:
        function(*args, **keywords)
    return str(caught.value)
