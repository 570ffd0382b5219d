"""Vanilla's module from bodies written by hand, for tests of the frame that must not rest on a printer."""

from __future__ import annotations

import types
from dataclasses import replace
from functools import cache
from typing import Any

from derive.emit.numpy.interface import Body
from derive.emit.numpy.module import render_module
from derive.emit.numpy.names import Names
from derive.system import Role, System, Variable
from tests.check.systems import vanilla

FORWARD = """
h = np.empty((T + 1, B, n_h), dtype)
h[0] = h0
a = x @ U.T + b
for t in range(T):
    a[t] += h[t] @ W.T
    h[t + 1] = np.tanh(a[t])
o = h[1:] @ V.T + c
lse = _logsumexp(o, 2)
yhat = np.exp(o - lse[:, :, None])
loss = None
if y is not None:
    loss = lse.sum() - np.take_along_axis(o, y[:, :, None], 2).sum()
"""
BACKWARD = """
do = yhat.copy()
np.put_along_axis(do, y[:, :, None], np.take_along_axis(do, y[:, :, None], 2) - 1, 2)
dh = np.zeros_like(h)
da = np.empty((T, B, n_h), dtype)
dh[1:] = do @ V
for t in range(T - 1, -1, -1):
    da[t] = dh[t + 1] * (1 - h[t + 1] ** 2)
    dh[t] += da[t] @ W
dV, dc = np.einsum("tbi,tbj->ij", do, h[1:]), do.sum(axis=(0, 1))
dW, db = np.einsum("tbi,tbj->ij", da, h[:-1]), da.sum(axis=(0, 1))
dU = np.einsum("tbi,tbj->ij", da, x)
"""
WRT = """
if "x" in wrt:
    dx = da @ U
if "h0" in wrt:
    dh0 = dh[0]
"""
STEP = """
a = x @ U.T + h_before @ W.T + b
h = np.tanh(a)
o = h @ V.T + c
yhat = np.exp(o - _logsumexp(o, 1)[:, None])
"""


def lines(*texts: str) -> tuple[str, ...]:
    return tuple(line for text in texts for line in text.strip("\n").split("\n"))


def bodies() -> dict[str, Body]:
    params = tuple("UWVbc")
    own = ("a", "h", "o", "yhat", "loss")
    gradients = tuple(f"grad({name})" for name in (*params, "x", "h.0"))
    called = ("_logsumexp",)
    run = lines(FORWARD)
    steps = vanilla().by_name["x"].axes[0]
    return {
        "forward": Body(run, (*params, "x", "h.0"), own, called, optional=("y",)),
        "loss": Body(run, (*params, "x", "y", "h.0"), ("loss",), called),
        "loss_and_grad": Body(lines(FORWARD, BACKWARD, WRT), (*params, "x", "y", "h.0"), ("loss", *gradients), called),
        "backward": Body(lines(BACKWARD), ("U", "W", "V", "x", "y", "h", "yhat"), gradients[:5]),
        "step": Body(lines(STEP), (*params, "x"), own[:4], called, state=(("h", 1),), along=steps),
        "init_state": Body(("h_before = h0",), ("h.0",), (), state=(("h", 1),), along=steps),
    }


def systems(**text: str) -> tuple[System, System, Names]:
    """The model, the model with batch and gradient, and the names; `text` replaces parts of the model."""
    system, batched = replace(vanilla(False), **text), vanilla(True)
    differentiated = [v for v in batched.variables if not v.role.is_integer and v.role is not Role.CONST]
    gradients = tuple(Variable(f"grad({v.name})", Role.GRAD, v.axes) for v in differentiated)
    batched = replace(batched, variables=(*batched.variables, *gradients))
    names = Names(batched, ["T", "n_x", "n_y", "n_h", "B"])
    names.variable["h@1"] = names.free("h_before")
    return system, batched, names


def text(source_name: str = "vanilla.eq", style: str = "fast", **parts: str) -> str:
    system, batched, names = systems(**parts)
    return render_module(system, batched, bodies(), names, style=style, source_name=source_name)


def loaded(text: str) -> Any:
    """The module of a text."""
    module = types.ModuleType("generated")
    exec(compile(text, "<generated>", "exec"), module.__dict__)
    return module


@cache
def module() -> Any:
    return loaded(text())
