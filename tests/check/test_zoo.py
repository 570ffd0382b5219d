"""Every model of the zoo is verified, and a generated module that is spoilt in one place never passes."""

from __future__ import annotations

import ast
import copy
import types
from collections.abc import Iterator

import pytest

from derive import pipeline
from derive.calculus.batch import add_batch
from derive.check.gradients import verify_modules
from derive.check.report import Report

_SWAPS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.MatMult: ast.Mult
}  # fmt: skip


SMALL = {"T": 3, "B": 2, "n_h": 4, "n_x": 5, "n_y": 6}


def report(
    model: pipeline.Model, fast: types.ModuleType, plain: types.ModuleType | None, sizes: dict[str, int] | None = None
) -> Report:
    return verify_modules(add_batch(model.system), fast, plain, sizes=sizes, single=model.system)


@pytest.mark.parametrize("name", pipeline.zoo())
def test_the_zoo_is_verified(name: str) -> None:
    model = pipeline.load(name)
    found = report(model, pipeline.compile(model, "fast"), pipeline.compile(model, "plain"))
    assert found.ok, "\n".join([found.nonfinite, *map(str, found.failures)])


def spoilt(text: str, function: str) -> Iterator[tuple[str, types.ModuleType]]:
    """The module with one operator of one function exchanged, once for each operator, and the line that it is in."""
    tree = ast.parse(text)
    body = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)
    count = sum(_operator(node) is not None for node in ast.walk(body))
    for number in range(count):
        changed = copy.deepcopy(tree)
        body = next(node for node in changed.body if isinstance(node, ast.FunctionDef) and node.name == function)
        node = [node for node in ast.walk(body) if _operator(node) is not None][number]
        node.op = _SWAPS[type(node.op)]()  # type: ignore[attr-defined]
        module = types.ModuleType("spoilt")
        exec(compile(ast.fix_missing_locations(changed), "spoilt", "exec"), module.__dict__)
        yield ast.unparse(node), module


def _operator(node: ast.AST) -> ast.operator | None:
    operator = getattr(node, "op", None) if isinstance(node, ast.BinOp | ast.AugAssign) else None
    return operator if type(operator) in _SWAPS else None


@pytest.mark.parametrize("style", pipeline.STYLES)
def test_a_spoilt_module_never_passes(style: str) -> None:
    model = pipeline.load("vanilla")
    passed, tried = [], 0
    for function in ("loss", "loss_and_grad", "forward") if style == "fast" else ("loss_and_grad",):
        for line, module in spoilt(model.generate(style), function):
            tried += 1
            if report(model, module, None, SMALL).ok:
                passed.append(f"{function}: {line}")
    assert tried > 20
    assert not passed, passed
