"""`derive check`: a derivation made by hand, line by line; and the left sides to fill in."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from derive.cli.models import load
from derive.cli.outcome import is_coloured, print_json
from derive.errors import DeriveError, Fault

if TYPE_CHECKING:
    from derive.check.hand.result import HandReport
    from derive.pipeline import Model

LARGEST = 1_000_000  # bytes
# Endings of files whose mathematics is LaTeX, and of those that are equations of this language.
_MARKDOWN = (".md", ".markdown")
_TEX, _EQUATIONS = (".tex", ".latex", *_MARKDOWN), (".eq", ".txt", "")


def check_derivation(name: str, model: str | None, hints: bool, as_json: bool) -> int:
    """Check one file: 0 where every claim is right, 1 where one is wrong, else 2.

    Args:
        name: the file; behind a Python file's name the function may be named, `FILE.py:name`. `-` is what is typed or
            piped in, equations or LaTeX.
        model: the model's name or path; where it is None the file names it.
        hints: whether to say only where something is wrong.
        as_json: whether to print for a program.
    """
    path, function = _parted(name)
    report = check_path(path, function, model, hints)
    if as_json:
        print_json(report.json())
    else:
        _print(report)
    return report.exit_code


def check_path(path: Path, function: str, model: str | None, hints: bool) -> HandReport:
    """The report on a file, by its kind.

    Raises:
        DeriveError: the file cannot be opened, names no model, or is of no kind that can be checked.
    """
    from derive.check.hand import check_hand
    from derive.check.hand.reader import model_named
    from derive.check.tex.regions import is_tex

    if path.is_file() and path.suffix.lower() not in (*_TEX, *_EQUATIONS, ".py"):
        hint = "write NAME.hand.eq, NAME.tex or NAME.md, or a function in NAME.py"
        raise DeriveError(Fault(f"{path}: '{path.suffix}' is no ending of a derivation", hint=hint))
    text = _text(path)
    if path.suffix == ".py":
        return _python(path, text, function, model, hints)
    named = _model(path, text, model, model_named(text))
    if path.suffix.lower() in _TEX or (str(path) == "-" and is_tex(text)):
        from derive.check.tex import check_tex

        return check_tex(named, text, str(path), hints)
    return check_hand(named, text, str(path), hints)


def _python(path: Path, text: str, function: str, model: str | None, hints: bool) -> HandReport:
    from derive.check.hand.reader import model_named
    from derive.check.python import check_python

    return check_python(_model(path, text, model, model_named(text)), str(path), text, function or "backward", hints)


def _parted(name: str) -> tuple[Path, str]:
    """`FILE.py:name` as the file and the name."""
    file, colon, function = name.rpartition(":")
    if colon and file.endswith(".py"):
        if not function.isidentifier():
            hint = f"write {file}:name, or {file} alone for its function backward"
            raise DeriveError(Fault(f"'{function}' is no function's name", hint=hint))
        return Path(file), function
    return Path(name), ""


def _text(path: Path) -> str:
    if str(path) == "-":
        return _piped_in()
    try:
        if path.exists() and not path.is_file() and not path.is_dir():  # a pipe or a device may never end
            raise DeriveError(Fault(f"{path} is no ordinary file"))
        if path.stat().st_size > LARGEST:
            raise DeriveError(Fault(f"{path} is larger than {LARGEST} bytes"))
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DeriveError(Fault(f"{path}: {error.strerror or error}")) from None
    except UnicodeDecodeError as error:
        raise DeriveError(Fault(f"{path}: byte {error.start} is not UTF-8", hint="save the file as UTF-8")) from None


def _piped_in() -> str:
    data = sys.stdin.buffer.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise DeriveError(Fault(f"what is piped in is larger than {LARGEST} bytes"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DeriveError(Fault(f"byte {error.start} of what is piped in is not UTF-8")) from None


def _model(path: Path, text: str, name: str | None, named: str) -> Model:
    """The model that is asked for, or that the file names: of the zoo, or beside the file."""
    if name is None and not named and re.search(r"^\s*\w[\w, ]*(:|=) *(Param|Input|Label|Index)\b", text, re.MULTILINE):
        hint = f"derive verify {path} checks what is derived from it; a derivation of it goes into a file of its own"
        raise DeriveError(Fault(f"{path} is a model, and no derivation", hint=hint))
    if name is None and not named:
        kind = path.suffix.lower()
        comment = "<!-- model: NAME -->" if kind in _MARKDOWN else f"{'%' if kind in _TEX else '#'} model: NAME"
        hint = f"write {comment} into the file, or give --model MODEL"
        which = "what is piped in" if str(path) == "-" else str(path)
        raise DeriveError(Fault(f"{which} does not say which model it is about", hint=hint))
    if name is not None:
        return load(name)
    if not named.endswith(".eq") and not named.isidentifier():
        hint = "name one of the zoo, or a path that ends in .eq"
        raise DeriveError(Fault(f"{path} is about '{named}', which is no model's name", hint=hint))
    beside = path.parent / named
    return load(str(beside) if named.endswith(".eq") and beside.is_file() else named)


def blank(name: str, as_json: bool) -> int:
    """Print the left sides of a model's gradient, to be filled in."""
    from derive.check.hand.blank import blank_lines

    model = load(name)
    lines = blank_lines(model)
    if as_json:
        print_json({"model": model.name, "lines": lines})
    else:
        print("\n".join([f"# model: {name}", "", *lines]))
    return 0


_COLOURS = {"proved": "32", "holds": "32", "wrong": "1;31", "not understood": "33"}


def _print(report: HandReport) -> None:
    text = str(report)
    if is_coloured(sys.stdout):
        for word, colour in _COLOURS.items():
            text = re.sub(rf"(?m)^(\d+ +\S.*?  |\d+ +)({word})(?=\s|$)", rf"\1\x1b[{colour}m\2\x1b[0m", text)
    print(text)
