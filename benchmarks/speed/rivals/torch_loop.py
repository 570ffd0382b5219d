"""A PyTorch loop with autograd, and `torch.compile` of it."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional

from benchmarks.speed.cells import CELLS, Step
from benchmarks.speed.problems import Arrays, Problem
from benchmarks.speed.rivals import Runner

Tensor = torch.Tensor
# How many steps are compiled as one, so that it takes seconds and not minutes.
PIECE = 25


class Torch:
    """PyTorch as a network sees it."""

    tanh = staticmethod(torch.tanh)
    sigmoid = staticmethod(torch.sigmoid)
    plus = staticmethod(torch.addmm)
    dot = staticmethod(torch.matmul)

    def linear(self, x: Tensor, W: Tensor, b: Tensor | None = None) -> Tensor:
        """A product of all steps at once."""
        return x @ W if b is None else torch.addmm(b, x.flatten(0, -2), W).unflatten(0, x.shape[:-1])

    def split(self, x: Tensor, widths: tuple[int, ...]) -> tuple[Tensor, ...]:
        """Views, whose gradients are put side by side again in one go."""
        return torch.split(x, widths, -1)

    def concatenate(self, arrays: list[Tensor]) -> Tensor:
        """Side by side."""
        return torch.cat(arrays, -1)

    def zeros(self, like: Tensor, width: int) -> Tensor:
        """A state before the first step."""
        return like.new_zeros(like.shape[1], width)

    def embed(self, table: Tensor, y: Tensor) -> Tensor:
        """The row of the class before; zero at the first step."""
        return functional.pad(functional.embedding(y[:-1], table), (0, 0, 0, 0, 1, 0))

    def softmax(self, e: Tensor) -> Tensor:
        """Along the first axis."""
        return torch.softmax(e, 0)

    def attend(self, alpha: Tensor, h: Tensor) -> Tensor:
        """A product for each example."""
        return torch.einsum("sb,sbn->bn", alpha, h)

    def nll(self, logits: Tensor, y: Tensor) -> Tensor:
        """Summed."""
        return functional.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="sum")

    def scan(self, step: Step, weights: Any, carry: Any, now: Any, reverse: bool = False) -> tuple[Any, Tensor]:
        """A loop in Python."""
        carry, outputs = self.steps(step, weights, carry, now, reverse)
        return carry, torch.stack(outputs)

    def steps(self, step: Step, weights: Any, carry: Any, now: Any, reverse: bool) -> tuple[Any, list[Tensor]]:
        """The loop; `unbind`, since the gradient of each `now[t]` would be as large as `now`."""
        outputs = []
        steps = zip(*(array.unbind(0) for array in now), strict=True)
        for each in reversed(list(steps)) if reverse else steps:
            carry, output = step(self, weights, carry, each)
            outputs.append(output)
        return carry, outputs[::-1] if reverse else outputs


class Compiled(Torch):
    """PyTorch whose loops are compiled, a piece at a time: to unroll a thousand steps would take minutes."""

    def scan(self, step: Step, weights: Any, carry: Any, now: Any, reverse: bool = False) -> tuple[Any, Tensor]:
        """A loop over compiled pieces."""
        pieces = [torch.split(array, PIECE) for array in now]
        found: list[list[Tensor]] = []
        each = zip(*pieces, strict=True)
        for piece in reversed(list(each)) if reverse else each:
            carry, outputs = _compiled(self, step, reverse)(weights, carry, piece)
            found.append(outputs)
        return carry, torch.stack(list(itertools.chain(*(found[::-1] if reverse else found))))


@functools.cache
def _compiled(ops: Torch, step: Step, reverse: bool) -> Callable[..., tuple[Any, list[Tensor]]]:
    return torch.compile(
        lambda weights, carry, now: ops.steps(step, weights, carry, now, reverse), dynamic=False, fullgraph=True
    )


def make(problem: Problem, compiled: bool = False) -> Runner:
    """The loop, interpreted or compiled."""
    cell = CELLS[problem.model]
    p = {name: torch.tensor(array).requires_grad_() for name, array in cell.gathered(problem.params).items()}
    x, y = (torch.tensor(problem.data[name]) for name in ("x", "y"))
    loss = functools.partial(cell.loss, Compiled() if compiled else Torch())
    weights = list(p.values())

    def call() -> Tensor:
        for weight in weights:
            weight.grad = None
        found = loss(p, x, y)
        found.backward()
        return found.detach()

    def read(found: Tensor) -> tuple[float, Arrays]:
        return found.item(), cell.parted({name: weight.grad.numpy() for name, weight in p.items()})

    return Runner(call, read)
