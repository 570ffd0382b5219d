"""What derive generates, in either style; with a `Workspace`, where the module has one."""

from __future__ import annotations

import derive
from benchmarks.speed.problems import Problem
from benchmarks.speed.rivals import Runner


def make(problem: Problem, style: str) -> Runner:
    """The generated module of a style."""
    module = derive.compile(problem.model, style=style)
    params = module.Params(**problem.params)
    more = {"workspace": module.Workspace()} if hasattr(module, "Workspace") else {}
    data = problem.data | more
    return Runner(
        lambda: module.loss_and_grad(params, **data),
        lambda found: (float(found[0]), {name: array.copy() for name, array in found[1]._asdict().items()}),
    )
