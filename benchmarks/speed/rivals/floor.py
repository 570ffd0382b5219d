"""The matrix products of the generated module and nothing else: what is left if all else takes no time."""

from __future__ import annotations

import derive
from benchmarks.speed.problems import Problem
from benchmarks.speed.rivals import Runner
from derive.bench import floor


def make(problem: Problem) -> Runner:
    """The products of `loss_and_grad`."""
    products = floor(derive.load(problem.model).programs(), problem.named, problem.dtype)
    return Runner(products.loss_and_grad, None)
