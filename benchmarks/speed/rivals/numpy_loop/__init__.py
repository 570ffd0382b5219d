"""NumPy as people write it: a loop over the steps, forwards and back, gradients by hand, in the style of CS231n.

Everything of a step stands in the loop, and gradients of parameters are added up step by step.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.speed.problems import Arrays, Problem
from benchmarks.speed.rivals import Runner
from benchmarks.speed.rivals.numpy_loop import attention, gated, lstm, vanilla

Function = Callable[[Arrays, Arrays, dict[str, tuple[str, ...]]], tuple[float, Arrays]]
FUNCTIONS = {
    "vanilla": vanilla.loss_and_grad,
    "lstm": lstm.loss_and_grad,
    "lstm_peephole": lstm.peephole_loss_and_grad,
    "gru_v2": gated.gru_loss_and_grad,
    "mingru": gated.mingru_loss_and_grad,
    "attention": attention.loss_and_grad,
}


def make(problem: Problem) -> Runner:
    """The function of this model, with its parameters as it has them."""
    from benchmarks.speed.cells import CELLS

    # The same gates side by side, of shape (outputs, inputs) as in the text books.
    cell = CELLS[problem.model]
    turned = cell.gathered(problem.params)
    p = {name: array if name in cell.tables else array.T.copy() for name, array in turned.items()}
    x, y = problem.data["x"], problem.data["y"]
    run = FUNCTIONS[problem.model]

    def read(found: tuple[float, Arrays]) -> tuple[float, Arrays]:
        loss, gradients = found
        return float(loss), cell.parted({n: g if n in cell.tables else g.T for n, g in gradients.items()})

    return Runner(lambda: run(p, x, y), read)
