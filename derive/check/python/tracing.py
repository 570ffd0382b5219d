"""What a person's function assigns when it runs, and which of it is a known value."""

from __future__ import annotations

import ast
import itertools
import re
import sys
from collections.abc import Callable, Collection, Iterable
from typing import Any

import numpy as np

# How a name says that it holds what is carried from step to step: a part of a gradient, or all of it.
_PART = re.compile("_?(next|prev(ious)?|carr(y|ied)|future|later)_?")
MOST_RECORDS, LONGEST_RECORD = 6000, 4096

Record = tuple[int, str, Any]  # a line (0 for an argument), a name, an array
_Assigning = ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For


def targets(tree: ast.AST, functions: Collection[str] | None = None) -> dict[int, tuple[int, tuple[str, ...]]]:
    """By line: the statement's first line, and the names that it assigns."""
    found: dict[int, tuple[int, tuple[str, ...]]] = {}
    for node in _assigning(tree, functions):
        inside = [part for target in _targets(node) for part in ast.walk(target)]
        written = {n.value.id for n in inside if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name)}
        written |= {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        last = (node.iter if isinstance(node, ast.For) else node).end_lineno or node.lineno
        beside = found.get(node.lineno)
        if beside is not None and beside[0] == node.lineno:  # two statements in a line
            written |= set(beside[1])
        found |= dict.fromkeys(range(node.lineno, last + 1), (node.lineno, tuple(sorted(written))))
    return found


def adding(tree: ast.AST, functions: Collection[str] | None = None) -> set[int]:
    """The lines of statements that go on with what a name holds: `d += x`, `d[t] = x`, `d = d + x`."""
    found: set[int] = set()
    for node in _assigning(tree, functions):
        if isinstance(node, ast.AugAssign) or any(isinstance(target, ast.Subscript) for target in _targets(node)):
            found.add(node.lineno)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and isinstance(node.value.op, ast.Add):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            if any(isinstance(side, ast.Name) and side.id in names for side in (node.value.left, node.value.right)):
                found.add(node.lineno)
    return found


def _assigning(tree: ast.AST, functions: Collection[str] | None) -> Iterable[_Assigning]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and (functions is None or function.name in functions):
            for node in ast.walk(function):
                if isinstance(node, _Assigning):
                    yield node


def _targets(node: _Assigning) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def traced(call: Callable[[], Any], file: str, lines: dict[int, tuple[int, tuple[str, ...]]]) -> list[Record]:
    """The arrays that each statement assigns, in the order of the run."""
    records: list[Record] = []
    waiting: dict[Any, tuple[int, tuple[str, ...]]] = {}

    def again(line: int) -> bool:
        """Whether a statement begins anew; one of several lines comes back to its first before it ends."""
        return line in lines and lines[line][0] == line and lines.get(line + 1, (0,))[0] != line

    def watch(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != file:
            return None
        if event == "call":
            count = frame.f_code.co_argcount
            given = [(name, _shown(frame.f_locals.get(name))) for name in frame.f_code.co_varnames[:count]]
            records.extend((0, name, value) for name, value in given if value is not None)
        if event not in ("line", "return"):
            return watch
        done, now = waiting.get(frame), lines.get(frame.f_lineno)
        if done is not None and (event == "return" or now is None or now[0] != done[0] or again(frame.f_lineno)):
            held = frame.f_locals
            for name in done[1] if len(records) < MOST_RECORDS else ():
                shown = _shown(held.get(name))
                if shown is not None:
                    records.append((done[0], name, shown))
            waiting.pop(frame)
        if event == "line" and now is not None:
            waiting[frame] = now
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        with np.errstate(all="ignore"):
            call()
    except BaseException:  # it was told of before, if it is raised at all
        pass
    finally:
        sys.settrace(before)
    return records


def _shown(value: Any) -> Any:
    """A value as an array where it is one; of a list, or of a dictionary by step, its first entry that is one."""
    if isinstance(value, dict):
        value = [] if any(isinstance(key, str) for key in value) else list(value.values())
    if isinstance(value, list | tuple):
        value = next((entry[np.newaxis] for entry in value if isinstance(entry, np.ndarray)), None)
    if not isinstance(value, np.ndarray | np.number | float | int):
        return None
    array = np.array(value)
    return array if array.dtype.kind in "fiu" and array.size <= LONGEST_RECORD else None


def settled(records: Iterable[Record], adding: Collection[int]) -> list[tuple[tuple[int, ...], str, Any]]:
    """What names hold when they are complete, with the lines that made it, in the order of the run.

    What is added to afterwards is no value that the derivation speaks of.
    """
    held: dict[str, tuple[int, tuple[int, ...], Any]] = {}
    done: list[tuple[int, tuple[int, ...], str, Any]] = []
    for number, (line, name, value) in enumerate(records):
        if line == 0:
            continue
        before = held.pop(name, None)
        if before is not None and line not in adding:
            done.append((*before[:2], name, before[2]))
        lines = dict.fromkeys(before[1] if before is not None and line in adding else ())
        held[name] = number, tuple(lines | {line: None}), value
    done += [(number, lines, name, value) for name, (number, lines, value) in held.items()]
    return [entry[1:] for entry in sorted(done, key=lambda entry: entry[0])]


def is_known(value: Any, name: str, arrays: dict[str, Any]) -> bool:
    """Whether an array is a known one, its axes in any order; of a name that says which, whether it is that one.

    Args:
        value: the array. Single numbers, zeros and whole numbers say nothing, and pass.
        name: the local name that holds it.
        arrays: the known ones, `(K, size)` under `known/<size>`; under `known/<size>/<name>` those of a name, and under
            `known/<size>/gradients` those of a name that begins as a gradient's does; for a part, see `known`.
    """
    if value.dtype.kind in "iub" or not value.ndim or np.array_equal(value, np.round(value)):
        return True
    key = f"known/{value.size}"
    rows = arrays.get(f"{key}/{name}")
    if rows is None:
        rows = arrays.get(f"{key}/{_PART.sub('', name)}+") if _PART.search(name) else None
    if rows is None:
        rows = arrays.get(f"{key}/gradients" if name.startswith(("d", "grad", "delta")) else key)
    if rows is None or value.dtype.kind != "f":
        return False
    first = value.flat[0]  # hundreds of rows, of which few begin alike
    rows = rows[np.any(np.abs(rows[:, [0]] - first) <= 1e-8 * (1e-3 + np.abs(rows[:, [0]])), axis=1)]
    bound = 1e-8 * (1e-3 + np.abs(rows))
    orders = itertools.permutations(range(value.ndim)) if value.ndim <= 3 else (range(value.ndim),)
    return len(rows) > 0 and any(
        np.any(np.all(np.abs(rows - value.transpose(order).ravel()) <= bound, axis=1)) for order in orders
    )


def agrees(value: Any, arrays: dict[str, Any], point: int, name: str) -> bool:
    """Whether a returned gradient is the true one."""
    true, bound = arrays[f"{point}/truth/{name}"], arrays[f"{point}/bound/{name}"]
    array = np.asarray(value)
    if array.shape != true.shape or array.dtype.kind not in "fiu":
        return False
    if array.dtype == np.float32:
        bound = max(bound, 1e-4 * np.max(np.abs(true), initial=0.0))
    return bool((np.abs(array - true) <= bound).all())
