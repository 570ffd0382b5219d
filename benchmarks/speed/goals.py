"""What is wanted of generated code, as ratios of medians: a rival's time to ours; ours to that of its GEMMs alone."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.speed.problems import Sizes
from benchmarks.speed.rivals import FLOOR

# Cells that PyTorch has a kernel for, and those that have a goal for their GEMMs.
GATED = ("lstm", "gru_v2")


@dataclass(frozen=True)
class Goal:
    """A bound of a ratio."""

    bound: float
    most: bool = False

    def met(self, ratio: float) -> bool:
        """Whether a ratio keeps it."""
        return ratio <= self.bound if self.most else ratio >= self.bound

    def __str__(self) -> str:
        """The bound with its sign."""
        return f"{'<=' if self.most else '>='} {self.bound:g}"


def goal(cell: str, sizes: Sizes, rival: str) -> Goal | None:
    """The goal of a cell at some sizes against a rival, where there is one."""
    if rival == FLOOR:
        return _floor(cell, sizes)
    bounds = {"jax": _jax(cell, sizes), "torch_nn": _torch_nn(cell, sizes), "torch_loop": 2.0, "hips": 3.0}
    bound = bounds.get(rival)
    return None if bound is None else Goal(bound)


def _jax(cell: str, sizes: Sizes) -> float | None:
    if cell == "vanilla" or sizes.B >= 8:
        return 1.1
    return 0.8 if cell in GATED else None


def _torch_nn(cell: str, sizes: Sizes) -> float | None:
    if cell == "vanilla":
        return 1.0
    return 0.7 if cell in GATED and sizes.B >= 8 else None


def _floor(cell: str, sizes: Sizes) -> Goal | None:
    if cell == "vanilla":
        return Goal(1.4 if sizes.n_h >= 256 else 1.9, most=True)
    if cell in GATED and sizes.B > 1:
        return Goal(1.6 if sizes.n_h >= 256 else 2.0, most=True)
    return None
