"""One file, and what a person would do with it: what came of it, and what must never come of any file."""

from __future__ import annotations

import ast
import builtins
import re
import time
import traceback
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from derive.cli.check import check_path
from derive.cli.outcome import spell
from derive.errors import DeriveError, Fault, printable
from derive.pipeline import Model, load
from tests.hostile import guard

# What a generated module may reach besides the names that it makes itself.
IMPORTS = frozenset({"from __future__ import annotations", "from typing import NamedTuple", "import numpy as np"})
SAFE = frozenset(
    "NamedTuple abs bool dict enumerate float frozenset getattr int isinstance len list map max min np range "
    "repr reversed set slice sorted str sum tuple type zip".split()
)
FILES = frozenset(
    "load save savez savez_compressed loadtxt savetxt fromfile tofile memmap genfromtxt fromregex lib ctypeslib ctypes "
    "f2py testing distutils DataSource dump dumps open_memmap".split()
)


@dataclass
class Outcome:
    """What came of one file.

    Attributes:
        kind: how the text was made.
        verdict: `accepted`, `refused`, or for derivations `checked`.
        failure: what must not be: a traceback, an execution, a message without a place; empty where all is well.
        seconds: how long it took, of the processor.
        bytes: the most memory that the process held meanwhile.
        rules: the rules that refused it.
    """

    kind: str
    verdict: str = "refused"
    failure: str = ""
    seconds: float = 0.0
    bytes: int = 0
    rules: list[str] = field(default_factory=list)


def try_file(path: Path, kind: str, watch: guard.Guard | None = None, deep: bool = False) -> Outcome:
    """Do with a file what a person would.

    Args:
        path: the file: a model, or a derivation that names its model.
        kind: how it was made, for the report.
        watch: what guards the process.
        deep: whether to make the documents of a model that can be read, too.
    """
    outcome = Outcome(kind)
    guard.forget_peak()
    began = time.process_time()
    if watch is not None:
        watch.armed, watch.seen = True, []
    try:
        _use(path, outcome, deep)
    except DeriveError as error:
        outcome.rules = [fault.rule or _shape(fault.message) for fault in error.faults]
        outcome.failure = _bad_error(error, path, outcome.verdict == "read")
    except OSError as error:  # a message of the command's, as for a disk that is full
        outcome.rules, outcome.failure = [f"OSError {error.errno}"], _unprintable(printable(spell(error)))
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        outcome.failure = traceback.format_exc(limit=-12)
    finally:
        if watch is not None:
            watch.armed = False
    if watch is not None and watch.seen:
        outcome.failure = f"forbidden: {watch.seen[0]}"
    outcome.seconds = time.process_time() - began
    outcome.bytes = guard.peak()
    return outcome


def _use(path: Path, outcome: Outcome, deep: bool) -> None:
    if path.name.endswith((".hand.eq", ".tex", ".md")):
        report = check_path(path, "", None, hints=deep)
        outcome.verdict = "checked" if any(line.verdict != "not understood" for line in report.lines) else "refused"
        outcome.rules = [_shape(line.fault or "") for line in report.lines if line.verdict == "not understood"]
        report.json()
        lines = max((line.line for line in report.lines), default=1)
        outcome.failure = _unprintable(str(report)) or ("a line beyond the file" if lines > _lines(path) else "")
        return
    model = load(str(path))
    outcome.verdict = "read"
    model.gradient()
    text = model.generate("plain" if deep else "fast")
    outcome.failure = _is_safe(text) or _unprintable("\n".join(model.warnings()))
    outcome.verdict = "accepted"
    if deep:
        _documents(model)


def _documents(model: Model) -> None:
    str(model)
    model.latex()
    model.draw()


def _lines(path: Path) -> int:
    return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1


def _bad_error(error: DeriveError, path: Path, was_read: bool) -> str:
    """What is wrong with a message, or nothing; what was read may be refused as a whole."""
    for fault in error.faults:
        if not fault.message.strip():
            return "a fault without a message"
        if fault.place is None and not (was_read or _of_the_file(fault, path)):
            return f"a message without a place: {fault.message}"
        if fault.place is not None and fault.place.file != str(path):
            continue  # it is in the model that a derivation names
        if fault.place is not None and not 1 <= fault.place.line <= _lines(path):
            return f"a place outside of the file: line {fault.place.line}"
        if fault.place is not None and not 1 <= fault.place.column <= len(fault.place.text) + 1:
            return f"a place outside of its line: column {fault.place.column} of {fault.place.text!r}"
    return _unprintable(str(error))


def _of_the_file(fault: Fault, path: Path) -> bool:
    """Whether a fault is one of a file, not of something in it: it names the file, or another one that is not there."""
    return (
        fault.message.startswith("there is no ")
        or path.name in fault.message
        or path.name.partition(".")[0] in fault.message
    )


def _unprintable(text: str) -> str:
    """What a terminal would obey rather than show, or nothing."""
    for sign in text:
        if sign not in "\n\t" and (unicodedata.category(sign) in ("Cc", "Zl", "Zp", "Cs") or sign in _TURNS):
            return f"a message with {sign!r}"
    return ""


_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _shape(message: str) -> str:
    """A message without the names in it, to be counted."""
    return re.sub(r"'[^']*'|\b\w*\d\w*\b|[\w.\[\]()@*+/^-]*[\[(@*][\w.\[\], ()@*+/^-]*", "_", message)[:80]


def _is_safe(text: str) -> str:
    """What is wrong with a module's text: it is not Python, or it reaches for more than NumPy; or nothing."""
    try:
        compile(text, "<generated>", "exec")
        tree = ast.parse(text)
    except SyntaxError as error:
        return f"the module is not Python: {error}"
    made = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    made |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    made |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    made |= {str(node.name) for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)}
    wrong = next((node for node in ast.walk(tree) if _is_unsafe(node, made)), None)
    return f"the module reaches for {ast.unparse(wrong)}" if wrong is not None else ""


def _is_unsafe(node: ast.AST, made: set[str]) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom():
            return ast.unparse(node) not in IMPORTS
        case ast.Name(id=name, ctx=ast.Load()):
            return name not in made and name not in SAFE and not _is_exception(name)
        case ast.Attribute(attr=name):
            return (name.startswith("__") and name != "__name__") or name in FILES
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), *_]):
            return name.startswith("_") and name != "_fields"
    return False


def _is_exception(name: str) -> bool:
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, Exception)
