"""How a command ends: the four exit codes, and what is printed for each, for people or for a program."""

from __future__ import annotations

import enum
import json
import os
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from derive.cli.streams import swallow
from derive.errors import DeriveError, Fault


class Exit(enum.IntEnum):
    """What the process's exit code says."""

    HOLDS = 0
    FAILS = 1  # a stale file, a failed check
    UNREADABLE = 2  # a model that cannot be read, or a wrong call
    MACHINE = 3  # a file could not be written


class Refused(DeriveError):
    """A command that was understood and is not carried out: a file is in its way."""


def is_coloured(stream: TextIO) -> bool:
    """Whether colours are wanted: a terminal, and nobody said no (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_unicode(stream: TextIO) -> bool:
    """Whether a stream can show every letter."""
    return (getattr(stream, "encoding", None) or "ascii").lower().startswith("utf")


def print_json(answer: Any) -> None:
    """The answer for a program."""
    print(json_text(answer, indent=2))


def json_text(answer: Any, indent: int | None = None) -> str:
    """JSON that stdout can show as it is. Numbers that JSON lacks (nan, inf) become null."""
    return json.dumps(plain(answer), indent=indent, ensure_ascii=not is_unicode(sys.stdout), allow_nan=False)


def plain(value: Any) -> Any:
    """The value in what JSON has."""
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return value


def report_error(error: DeriveError, code: Exit, as_json: bool) -> int:
    """Say what went wrong: on stderr to people, on stdout to a program. Returns the exit code."""
    if as_json:
        print_json({"error": str(error), "faults": [fault_as_dict(fault) for fault in error.faults], "exit": int(code)})
    else:
        print_error(error)
    return int(code)


def print_error(error: DeriveError) -> None:
    """The error on stderr, for people. Where stderr takes nothing, the exit code alone has to tell."""
    try:
        if is_coloured(sys.stderr):
            _print_coloured(error)
        else:
            print(error, file=sys.stderr, flush=True)
    except OSError:
        swallow(sys.stderr)


def spell(error: OSError) -> str:
    """An error of the machine's in one line: the file, then what the system says."""
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


def warn(model: str, warnings: Iterable[str]) -> None:
    """Say on stderr what a person should know of a model that is not wrong."""
    for warning in warnings:
        print(f"warning: {model}: {warning}", file=sys.stderr)


def fault_as_dict(fault: Fault) -> dict[str, Any]:
    """A fault for a program: `line` and `column` count from 1 and are null where no text is at fault."""
    place = fault.place
    return {
        "message": fault.message,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "width": place.width if place else None,
        "text": place.text if place else None,
        "hint": fault.hint,
        "rule": fault.rule,
    }


def _print_coloured(error: DeriveError) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for fault in error.faults:
        text = Text(fault.render())
        text.highlight_regex(r"\A.*", "bold")
        text.highlight_regex(r"(?m)^\s*\^+$", "bold red")
        if fault.hint:
            text.stylize("cyan", len(text) - len(fault.hint))
        console.print(text)
