"""Why a person's file gave no gradients, in words: no such function or entry, an exception, a process that ended."""

from __future__ import annotations

import ast
import difflib
import signal
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from derive.check.python.compared import sizes_of
from derive.check.python.given import KINDS
from derive.check.python.points import Point
from derive.check.python.process import Answer
from derive.check.python.source import statements

A_LOT = 10_000  # bytes printed
_CALLED_WITH = ", ".join(KINDS)
_HINTS = {
    "EOFError": "; nobody is there to type anything in",
    "SystemExit": "; a function that is checked must return",
    "ModuleNotFoundError": "; imports are looked for beside the file and where derive is installed",
    "RecursionError": "; a function calls itself without end",
    "MemoryError": "; arrays here are small, of a few entries along each axis",
}


def of_function(tree: ast.Module, name: str, file: Path) -> tuple[int, str]:
    """The line of the function, and what is wrong with it; nothing where it can be called."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if name in functions:
        return functions[name].lineno, _of_arguments(functions[name])
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef) and node.name == name:
            return node.lineno, f"`{name}` is `async`; a plain function is wanted"
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            if any(isinstance(inner, ast.FunctionDef) and inner.name == name for inner in node.body):
                kind = "a method of the class" if isinstance(node, ast.ClassDef) else "a function in"
                return node.lineno, f"`{name}` is {kind} `{node.name}`; a function of the file itself is wanted"
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name:
            return node.lineno, f"`{name}` is assigned; it must be a function that begins with `def {name}(`"
    there = ", ".join(functions) or "none"
    question = nearest(name, functions)
    return 1, f"no function `{name}` (there: {there}); another name is given as {file.name}:name{question}"


def _of_arguments(function: ast.FunctionDef) -> str:
    given = function.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args)]
    called = f"it is called with three: {_CALLED_WITH}"
    needs = len(names) - len(given.defaults)
    if not (needs <= len(KINDS) <= len(names) or (given.vararg and needs <= len(KINDS))):
        return f"`{function.name}` takes {len(names)} argument{'s' * (len(names) != 1)}; {called}"
    unset = [a.arg for a, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if value is None]
    if unset:
        return f"`{function.name}` wants `{unset[0]}` by name; {called}"
    first = names[: len(KINDS)]
    if sorted(first) == sorted(KINDS) and first != list(KINDS):
        return f"`{function.name}` takes {', '.join(first)}; it is called with {_CALLED_WITH}, in this order"
    generating = (node for node in statements(function) if isinstance(node, ast.Expr))
    if any(isinstance(node.value, ast.Yield | ast.YieldFrom) for node in generating):
        return f"`{function.name}` has a `yield`; it must return its gradients at once"
    return ""


def nearest(name: str, there: Iterable[str], form: str = "`{}`") -> str:
    """A question after the likeliest of the names that there are; nothing where none is near."""
    spelled = {other.casefold(): other for other in there}
    found = difflib.get_close_matches(name.casefold(), spelled, 1, 0.5)
    return f"; did you mean {form.format(spelled[found[0]])}?" if found else ""


def of_returned(name: str, kind: str) -> str:
    """What is returned where a dictionary is wanted."""
    wanted = "a dictionary of gradients by parameter name is wanted"
    if kind == "NoneType":
        return f"`{name}` returns nothing; {wanted}"
    return f"`{name}` returns {_an(kind)} {kind}; {wanted}"


def _an(word: str) -> str:
    return "an" if word[:1].lower() in "aeiou" else "a"


def said(answer: Answer, at: Sequence[Point], seconds: float) -> str:
    """Why there are no gradients."""
    error = answer.told.get("error")
    printing = f", after printing {answer.printed:,} bytes" if answer.printed > A_LOT else ""
    if error is None:
        if answer.code is None:
            return f"did not end within {seconds:g} seconds and had to be stopped{printing}"
        return f"ended the process {_ended(answer.code)} before it answered{printing}"
    point = at[answer.told.get("point", 0)]
    where = "when the file is loaded" if answer.told["stage"] == "load" else sizes_of(point)
    if error["kind"] == "late":
        hint = '; what is not to run when it is loaded belongs under `if __name__ == "__main__":`'
        loading = answer.told["stage"] == "load"
        return f"did not end within {seconds:g} seconds, {where}{hint if loading else ''}{printing}"
    if error["missing"]:
        kind, key = error["missing"]
        return _missing(kind, key, point)
    more = _HINTS.get(error["type"], "")
    if "'dict'" in error["message"]:
        more = f"; {_CALLED_WITH} are dictionaries of arrays by name"
    message = f": {error['message']}" if error["message"] else ""
    return f"raises {error['type']}{message}{more}, {where}{printing}"


def _ended(code: int) -> str:
    if code >= 0:
        return f"with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        return f"by signal {-code}"
    reasons = {"SIGKILL": " (too much memory?)", "SIGSEGV": " (a fault in compiled code, or calls without end)"}
    return f"by signal {-code}, {name}{reasons.get(name, '')}"


def _missing(kind: str, key: str, point: Point) -> str:
    """An entry that one of the three dictionaries does not have."""
    held: Mapping[str, Mapping[str, Any]] = {"params": point.params, "data": point.data, "forward": point.forward}
    there = ", ".join(f'"{name}"' for name in held[kind]) or "nothing"
    elsewhere = next((other for other in KINDS if key in held[other]), None)
    if elsewhere:
        mend = f'; it is {elsewhere}["{key}"]'
    else:
        questions = (nearest(key, held[other], f'{other}["{{}}"]') for other in (kind, *KINDS))
        mend = next((question for question in questions if question), "")
    return f'there is no {kind}["{key}"]: {kind} has {there}{mend}'
