"""Runs the programs of any System, without the frame of a module, and compares them with the interpreter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from derive.calculus.adjoint import grad_name
from derive.calculus.derivation import differentiate, prepare
from derive.calculus.trace import Traced
from derive.emit.numpy.names import Names
from derive.emit.numpy.sizes import sizes as sizes_of
from derive.emit.numpy.statements import body
from derive.interpret import complex_step, evaluate
from derive.schedule.programs import Programs
from derive.system import Role, System


def gradient_of(system: System) -> System:
    """The system with its gradient, prepared as a module's is."""
    return differentiate(Traced(prepare(system).system)).system


def run(system: System, sizes: Mapping[str, int], given: Mapping[str, Any], style: str) -> dict[str, Any]:
    """The loss and every gradient, by name, from the printed programs."""
    whole = gradient_of(system)
    programs, names = Programs(whole, style), Names(whole, sizes_of(whole))
    lines: list[str] = []
    for program in (programs.value(["loss", *programs.kept]), programs.gradient):
        lines += body(program, names, lambda name, equation: "")[0]
    scope: dict[str, Any] = {"np": np, names.local["dtype"]: np.float64}
    scope |= {names.size[name]: size for name, size in sizes.items()}
    scope |= {names.variable[name]: array for name, array in given.items()}
    scope["wrt"] = frozenset(names.keyword[v.name] for v in whole.variables if v.role.is_given)
    exec("\n".join(lines), scope)
    wanted = ["loss", *(grad_name(v.name) for v in system.with_role(Role.PARAM, Role.INPUT))]
    return {name: scope[names.variable[name]] for name in wanted}


def check(system: System, sizes: Mapping[str, int], given: Mapping[str, Any]) -> None:
    """Both styles mean what the system means."""
    loss = evaluate(system, sizes, given, ["loss"])["loss"].array
    names = [v.name for v in system.with_role(Role.PARAM, Role.INPUT)]
    truth = complex_step(system, sizes, given, inputs=names)
    for style in ("fast", "plain"):
        found = run(system, sizes, given, style)
        np.testing.assert_allclose(found["loss"], loss, rtol=1e-12)
        for name in names:
            np.testing.assert_allclose(found[grad_name(name)], truth[name], rtol=1e-10, atol=1e-12, err_msg=name)
