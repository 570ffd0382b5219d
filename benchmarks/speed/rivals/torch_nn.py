"""PyTorch's own layers: `torch.nn.RNN`, `LSTM` and `GRU`, with a linear layer and the cross entropy."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks.speed.problems import Arrays, Problem
from benchmarks.speed.rivals import Runner, Unavailable

# The layer, the model's parameters in it, one below the other, and the linear layer's.
LAYERS = {
    "vanilla": (nn.RNN, {"weight_ih_l0": ("U",), "weight_hh_l0": ("W",), "bias_ih_l0": ("b",)}, ("V", "c")),
    "lstm": (
        nn.LSTM,
        {
            "weight_ih_l0": ("W_i", "W_f", "W_g", "W_o"),
            "weight_hh_l0": ("U_i", "U_f", "U_g", "U_o"),
            "bias_ih_l0": ("b_i", "b_f", "b_g", "b_o"),
        },
        ("V", "d"),
    ),
    "gru_v2": (
        nn.GRU,
        {
            "weight_ih_l0": ("W_r", "W_z", "W_n"),
            "weight_hh_l0": ("U_r", "U_z", "U_n"),
            "bias_ih_l0": ("b_r", "b_z", "b_n"),
            "bias_hh_l0": ("", "", "c_n"),
        },
        ("V", "d"),
    ),
}


def make(problem: Problem) -> Runner:
    """The layer of this model."""
    if problem.model not in LAYERS:
        raise Unavailable("it has no such layer")
    kind, names, (matrix, bias) = LAYERS[problem.model]
    dtype, sizes = getattr(torch, problem.dtype), problem.sizes
    layer = kind(sizes.n_x, sizes.n_h, dtype=dtype)
    head = nn.Linear(sizes.n_h, sizes.n_y, dtype=dtype)
    params = problem.params
    with torch.no_grad():
        # The second bias, which these models do not have, is zero.
        layer.bias_hh_l0.zero_()
        for name, parts in names.items():
            zero = np.zeros(sizes.n_h, problem.dtype)
            whole = np.concatenate([params[part] if part else zero for part in parts])
            getattr(layer, name).copy_(torch.tensor(whole))
        head.weight.copy_(torch.tensor(params[matrix]))
        head.bias.copy_(torch.tensor(params[bias]))
    x, y = torch.tensor(problem.data["x"]), torch.tensor(problem.data["y"]).flatten()
    weights = [*layer.parameters(), *head.parameters()]

    def call() -> torch.Tensor:
        for weight in weights:
            weight.grad = None
        h, _ = layer(x)
        loss = functional.cross_entropy(head(h).flatten(0, 1), y, reduction="sum")
        loss.backward()
        return loss.detach()

    def read(loss: torch.Tensor) -> tuple[float, Arrays]:
        found = {matrix: head.weight.grad.numpy(), bias: head.bias.grad.numpy()}
        for name, parts in names.items():
            pieces = np.split(getattr(layer, name).grad.numpy(), len(parts))
            found |= {part: piece for part, piece in zip(parts, pieces, strict=True) if part}
        return loss.item(), found

    return Runner(call, read)
