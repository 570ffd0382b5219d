"""A generated module of the vanilla RNN, as a person would write it, and ways to get it wrong."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np


class Params(NamedTuple):
    U: Any
    W: Any
    V: Any
    b: Any
    c: Any


class Forward(NamedTuple):
    a: Any
    h: Any
    o: Any
    yhat: Any
    loss: Any


MISTAKES = (
    "sign of b", "lag in W", "carried term", "tanh of a", "transposed W", "one step of c", "overwritten one-hot",
    "start", "input", "entry of V",
)  # fmt: skip


def vanilla(mistake: str = "", forward_mistake: str = "") -> Any:
    """The module, with one of the `MISTAKES` or none."""

    def batched(params: Params, x: Any, y: Any, h0: Any) -> tuple[Any, Any, Any, bool]:
        alone = x.ndim == 2
        x, y = (x[:, None], y[:, None]) if alone else (x, y)
        start = np.zeros((x.shape[1], len(params.b)), params.b.dtype)
        if h0 is not None:
            start = h0[None] if alone else h0
        return x, y, start, alone

    def run(params: Params, x: Any, y: Any, h0: Any) -> Forward:
        h = np.empty((len(x) + 1, *h0.shape), params.b.dtype)
        h[0] = h0
        a = np.empty_like(h[1:])
        for t in range(len(x)):
            a[t] = params.b + h[t] @ params.W.T + x[t] @ params.U.T
            h[t + 1] = np.tanh(a[t])
        o = params.c + h[1:] @ params.V.T
        shifted = o - o.max(-1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
        loss = -np.take_along_axis(logs, y[..., None], -1).sum()
        if forward_mistake == "nan in o":
            o[2, 1, 0] = np.nan
        return Forward(a, h, o, np.exp(logs), loss)

    def forward(params: Params, *, x: Any, y: Any, h0: Any = None) -> Forward:
        x, y, start, alone = batched(params, x, y, h0)
        found = run(params, x, y, start)
        return Forward(*(v[:, 0] if alone else v for v in found[:4]), found.loss)

    def loss(params: Params, *, x: Any, y: Any, h0: Any = None) -> float:
        x, y, start, _ = batched(params, x, y, h0)
        return float(run(params, x, y, start).loss)

    def loss_and_grad(params: Params, *, x: Any, y: Any, h0: Any = None, wrt: Any = ()) -> Any:
        x, y, start, alone = batched(params, x, y, h0)
        f = run(params, x, y, start)
        do = f.yhat.copy()
        hot = np.eye(len(params.c), dtype=do.dtype)[y]
        do -= hot
        dh, da = np.zeros_like(start), np.empty_like(f.a)
        for t in reversed(range(len(x))):
            dh = do[t] @ params.V + (0 if mistake == "carried term" and t == 1 else dh)
            da[t] = dh * (1 - (np.tanh(f.h[t + 1]) if mistake == "tanh of a" else f.h[t + 1]) ** 2)
            dh = da[t] @ (params.W.T if mistake == "transposed W" else params.W)
        before = f.h[1:] if mistake == "lag in W" else f.h[:-1]
        dU, dW = np.einsum("tbi,tbk->ik", da, x), np.einsum("tbi,tbj->ij", da, before)
        dV, db, dc = np.einsum("tbi,tbj->ij", do, f.h[1:]), da.sum((0, 1)), do.sum((0, 1))
        db = -db if mistake == "sign of b" else db
        dc = do[-1].sum(0) if mistake == "one step of c" else dc
        if mistake == "overwritten one-hot":
            dc = f.yhat.sum((0, 1)) - hot[-1, -1]
        if mistake == "entry of V":
            dV[1, 2] *= 1.001
        dx = da @ params.U
        more = {"x": -dx if mistake == "input" else dx, "h0": 0 * dh if mistake == "start" else dh}
        more = {name: (v[:, 0] if name == "x" else v[0]) if alone else v for name, v in more.items()}
        grads = Params(dU, dW, dV, db, dc)
        return (float(f.loss), grads, {name: more[name] for name in wrt}) if wrt else (float(f.loss), grads)

    return SimpleNamespace(Params=Params, forward=forward, loss=loss, loss_and_grad=loss_and_grad)
