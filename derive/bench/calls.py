"""Calls of a generated module at some sizes, ready to be timed, and the memory that they take."""

from __future__ import annotations

import gc
import inspect
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.calculus.batch import add_batch
from derive.check import call
from derive.check.call import Arguments
from derive.check.sample import draw
from derive.system import System


@dataclass(frozen=True)
class Calls:
    """A module's functions with random data, and with buffers that they reuse where the module has such.

    Attributes:
        module: what was generated.
        at: what its functions are called with.
    """

    module: Any
    at: Arguments

    def loss(self) -> Callable[[], Any]:
        """A call of `loss`."""
        return self._ready(self.module.loss)

    def loss_and_grad(self) -> Callable[[], Any]:
        """A call of `loss_and_grad`."""
        return self._ready(self.module.loss_and_grad)

    @property
    def reuses(self) -> bool:
        """Whether the functions reuse their buffers from call to call."""
        return hasattr(self.module, "Workspace")

    def _ready(self, function: Any) -> Callable[[], Any]:
        data = call.accepted(function, self.at)
        params = self.module.Params(**self.at.params)
        if self.reuses and "workspace" in inspect.signature(function).parameters:
            data["workspace"] = self.module.Workspace()
        return lambda: function(params, **data)

    def peaks(self) -> tuple[int, int]:
        """The most bytes of arrays that `loss_and_grad` makes: in a first call, and on top of its buffers in a second.

        What it is called with is not counted.
        """
        run = self.loss_and_grad()
        gc.collect()
        tracemalloc.start()
        try:
            run()
            first = tracemalloc.get_traced_memory()[1]
            gc.collect()
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            run()
            return first, tracemalloc.get_traced_memory()[1] - before
        finally:
            tracemalloc.stop()


def calls(system: System, module: Any, sizes: Mapping[str, int], dtype: Any = np.float32, seed: int = 0) -> Calls:
    """The functions of a module with random data of these sizes.

    Args:
        system: the model as it was read.
        module: what was generated from it.
        sizes: every size by name.
        dtype: of parameters and data.
        seed: what the data are drawn with.

    Raises:
        DeriveError: no data were found on which the model is defined.
    """
    whole = add_batch(system)
    return Calls(module, call.arguments(whole, draw(whole, sizes, seed), sizes).cast(dtype))
