"""A generated module that is spoilt in one place never passes, unless it still computes the same.

Spoilt is one operator, one step or end (`t - 1`, `range(T, 0, -1)`), or one sum that overwrites where it must add. The
models are one for each way in which a step can hang on another: back, ahead, over a grid, down a tree, among all steps.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from derive import pipeline
from derive.calculus.batch import add_batch
from derive.check import call
from derive.check.gradients import verify_modules
from derive.check.sample import sample
from derive.interpret import Array
from tests import bank

SMALL = {"T": 4, "S": 3, "K": 4, "B": 2, "n_h": 4, "n_x": 5, "n_y": 6}
OTHER = {"T": 3, "S": 5, "K": 5, "B": 3, "n_h": 2, "n_x": 3, "n_y": 4}
Change = Callable[[], None]

AHEAD = """
x: Input[T, n_x]
y: Target[T, n_h]
U: Param[n_h, n_x]
W, Q = Param[n_h, n_h]
h[0] = 0
g[T+1] = 0
h[t] = tanh(W @ h[t-1] + U @ x[t])
g[t] = tanh(Q @ g[t+1] + h[t])
loss = sum(sum((g[t] - y[t])**2), t)
"""

GRID = """
x: Input[T, S, n_h]
y: Target[n_h]
W, U = Param[n_h, n_h]
d[0, 0] = 0
d[0, s] = 0
d[t, 0] = 0
d[t, s] = tanh(W @ d[t-1, s] + U @ d[t, s-1] + 0.5 * d[t-1, s-1] + x[t, s])
loss = sum((d[T, S] - y)**2)
"""

TREE = """
left, right = Index[K, K]
x: Input[K, n_h]
y: Target[K, n_h]
L, R = Param[n_h, n_h]
h[0] = 0
h[k] = tanh(x[k] + L @ h[left[k]] + R @ h[right[k]])
loss = sum(sum((h[k] - y[k])**2), k)
"""

ATTENTION = """
x: Input[T, n_h]
y: Target[T, n_h]
Q, K, V = Param[n_h, n_h]
q[t] = Q @ x[t]
k[t] = K @ x[t]
v[t] = V @ x[t]
e[t, t1] = where(t1 <= t, q[t] @ k[t1], -1e9)
a[t, t1] = softmax(e[t, t1], t1)
o[t] = sum(a[t, t1] * v[t1], t1)
loss = sum(sum((o[t] - y[t])**2), t)
"""

_SWAPS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.MatMult: ast.Mult
}  # fmt: skip
_CALLS = {"add": "subtract", "subtract": "add", "multiply": "add", "divide": "multiply", "square": "negative"}


def mistakes(body: ast.AST) -> Iterator[tuple[ast.AST, Change, Change]]:
    """For each place: the node in it, what spoils it and what mends it again."""
    for node in list(ast.walk(body)):
        if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _SWAPS:
            yield node, *_set(node, "op", _SWAPS[type(node.op)]())
        if isinstance(node, ast.Call) and isinstance(called := node.func, ast.Attribute):
            if ast.unparse(called.value) == "np" and called.attr in _CALLS:
                yield node, *_set(called, "attr", _CALLS[called.attr])
        for whole in _whole_numbers(node):
            yield node, *_set(whole, "value", whole.value + 1)
        for name, statements in ast.iter_fields(node):
            if name in ("body", "orelse") and isinstance(statements, list):
                for number, statement in enumerate(statements):
                    if (overwriting := _overwriting(statement)) is not None:
                        yield statement, *_exchange(statements, number, overwriting)


def _whole_numbers(node: ast.AST) -> Iterator[ast.Constant]:
    """Steps and ends: the numbers in subscripts, and between which a loop runs."""
    of_range = isinstance(node, ast.Call) and ast.unparse(node.func) == "range"
    inside = [node.slice] if isinstance(node, ast.Subscript) else node.args if of_range else []  # type: ignore[attr-defined]
    for part in inside:
        for found in ast.walk(part):
            if isinstance(found, ast.Constant) and type(found.value) is int:
                yield found


def _overwriting(statement: ast.AST) -> ast.stmt | None:
    """What forgets to add."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add):
        return ast.Assign([statement.target], statement.value)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        if ast.unparse(statement.value.func) == "_scatter_add":
            target, index, value = statement.value.args
            return ast.Assign([ast.Subscript(target, index, ast.Store())], value)
    return None


def _set(node: ast.AST, field: str, value: object) -> tuple[Change, Change]:
    before = getattr(node, field)
    return lambda: setattr(node, field, value), lambda: setattr(node, field, before)


def _exchange(statements: list[ast.stmt], number: int, other: ast.stmt) -> tuple[Change, Change]:
    before = statements[number]
    return lambda: statements.__setitem__(number, other), lambda: statements.__setitem__(number, before)


def spoilt(text: str, function: str, every: int = 1) -> Iterator[tuple[str, types.ModuleType]]:
    """The module with one place of one function spoilt, each such place or every few, and what is wrong with it."""
    tree = ast.parse(text)
    (body,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function]
    for node, spoil, mend in list(mistakes(body))[::every]:
        before = ast.unparse(node)
        spoil()
        after = ast.unparse(node)
        module = types.ModuleType("spoilt")
        exec(compile(ast.fix_missing_locations(tree), "spoilt", "exec"), module.__dict__)
        yield f"{function}: {before} -> {after if after != before else 'overwritten'}", module
        mend()


class Judge:
    """Tells whether a spoilt module passes although it computes something else."""

    def __init__(self, model: pipeline.Model) -> None:
        self.model, self.system = model, add_batch(model.system)
        sizes = {axis.name for v in self.system.variables for axis in v.axes}
        self.small = {name: size for name, size in SMALL.items() if name in sizes}
        other = {name: size for name, size in OTHER.items() if name in sizes}
        batch = call.arguments(self.system, sample(self.system, other, seed=9), other)
        self.elsewhere = batch, batch.example(1, keep_axis=False)
        self.right = [results(model.compile(), at) for at in self.elsewhere]

    def is_the_same(self, module: types.ModuleType) -> bool:
        """Whether the numbers on other data, of other sizes, are the right ones, of a batch and of an example alone."""
        try:
            found = [results(module, at) for at in self.elsewhere]
        except Exception:
            return False
        return all(_alike(a[name], b[name]) for a, b in zip(found, self.right, strict=True) for name in b)

    def passes(self, module: types.ModuleType) -> bool:
        """Whether verification finds nothing."""
        return verify_modules(self.system, module, None, sizes=self.small, single=self.model.system).ok


def results(module: types.ModuleType, at: call.Arguments) -> dict[str, Array]:
    """All that the module's functions give."""
    loss, gradients = call.loss_and_grad(module, at)
    forward = {f"forward: {name}": array for name, array in call.forward(module, at)._asdict().items()}
    return {"loss": np.array(call.loss(module, at)), "value": np.array(loss), **gradients, **forward}


def _alike(one: Array, other: Array) -> bool:
    return np.shape(one) == np.shape(other) and np.allclose(one, other, 1e-9, 1e-12, equal_nan=True)


CASES = [
    ("vanilla", "fast", "loss_and_grad", 6), ("vanilla", "fast", "loss", 3), ("vanilla", "fast", "forward", 3),
    ("vanilla", "plain", "loss_and_grad", 8),
    (AHEAD, "fast", "loss_and_grad", 10), (GRID, "fast", "loss_and_grad", 16), (TREE, "fast", "loss_and_grad", 8),
    (ATTENTION, "fast", "loss_and_grad", 5),
    pytest.param("vanilla", "fast", "loss_and_grad", 1, marks=pytest.mark.slow),
    pytest.param(ATTENTION, "fast", "loss_and_grad", 1, marks=pytest.mark.slow),
]  # fmt: skip
IDS = [
    "vanilla",
    "loss",
    "forward",
    "plain",
    "ahead",
    "grid",
    "tree",
    "attention",
    "every place of vanilla",
    "every place of attention",
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("model", "style", "function", "every"), CASES, ids=IDS)
def test_a_spoilt_module_never_passes(model: str, style: str, function: str, every: int) -> None:
    judge = Judge(bank.model(model))
    wrong, passed = 0, []
    for place, module in spoilt(bank.text(model, style), function, every):
        if not judge.is_the_same(module):
            wrong += 1
            passed += [place] if judge.passes(module) else []
    assert wrong >= 5
    assert passed == []
