"""Everything that computes a loss and its gradients here, by name; a module each, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from benchmarks.speed.problems import Arrays, Problem


class Unavailable(Exception):
    """A rival that has nothing to offer here, and why."""


@dataclass(frozen=True)
class Runner:
    """A rival, ready to run.

    Attributes:
        call: computes the loss and all gradients, to the end; this is what is timed.
        read: what a call left, as the loss and the gradients by the names of the model's parameters; None where it
            computes something else.
    """

    call: Callable[[], Any]
    read: Callable[[Any], tuple[float, Arrays]] | None


@dataclass(frozen=True)
class Rival:
    """Where a rival is made.

    Attributes:
        title: what a table calls it.
        module: the module here whose function `make` prepares it.
        needs: what must be installed.
        options: what `make` is told.
    """

    title: str
    module: str
    needs: tuple[str, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()

    def make(self, problem: Problem) -> Runner:
        """The rival on a problem; nothing has run yet.

        Raises:
            Unavailable: what it needs is not installed, or it has no such network.
        """
        for name in self.needs:
            try:
                import_module(name)
            except ImportError:
                raise Unavailable(f"{name} is not installed") from None
        found: Runner = import_module(f"{__name__}.{self.module}").make(problem, **dict(self.options))
        return found


# The first is what all others are compared with.
RIVALS = {
    "fast": Rival("derive, fast", "generated", options=(("style", "fast"),)),
    "plain": Rival("derive, plain", "generated", options=(("style", "plain"),)),
    "numpy_loop": Rival("NumPy loop by hand", "numpy_loop"),
    "torch_nn": Rival("torch.nn", "torch_nn", ("torch",)),
    "torch_loop": Rival("PyTorch loop", "torch_loop", ("torch",)),
    "torch_compile": Rival("torch.compile", "torch_loop", ("torch",), (("compiled", True),)),
    "jax": Rival("JAX jit of scan", "jax_scan", ("jax",)),
    "hips": Rival("HIPS autograd", "hips", ("autograd",)),
    "floor": Rival("its GEMMs alone", "floor"),
}
OURS, FLOOR = "fast", "floor"
