"""Files are written whole or not at all, and never over something that derive did not write."""

from __future__ import annotations

import os
from pathlib import Path

from derive.errors import DeriveError, Fault


def write_whole(path: Path, text: str) -> None:
    """Write beside the file, then put it in its place in one step: a reader sees the old text or the new one.

    Raises:
        OSError: the folder cannot be written to; the file is as it was.
    """
    path = path.resolve()  # a link keeps pointing at the file that is written
    if path.exists() and not path.is_file() and not path.is_dir():  # a pipe or a device, which nothing may replace
        path.write_bytes(text.encode())
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(text.encode())
        if path.exists():
            part.chmod(path.stat().st_mode & 0o7777)
        os.replace(part, path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename, error.filename2 = str(path), None
        raise


def read_if_there(path: Path) -> str | None:
    """The file's text, byte for byte; None where there is no file.

    Raises:
        DeriveError: something is there that is not a text file.
    """
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
    except (IsADirectoryError, NotADirectoryError):
        raise DeriveError(
            Fault(f"{path} is no file that derive could write", hint="give another folder: --out DIR")
        ) from None
    except UnicodeDecodeError:
        raise DeriveError(Fault(f"{path} is in the way: it is not a text file", hint="move it away")) from None


def difference(path: Path, old: str, new: str) -> str:
    """A unified diff from the file as it is to the file as it would be."""
    import difflib

    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), f"{path} (as it is)", f"{path} (as generated)", lineterm=""
    )
    return "\n".join(lines)


def print_difference(text: str) -> None:
    """The diff on stdout, in colours where it is a terminal."""
    import sys

    from derive.cli.outcome import is_coloured

    if not is_coloured(sys.stdout):
        print(text)
        return
    codes = {"+": "32", "-": "31", "@": "36"}
    for line in text.splitlines():
        code = codes.get(line[:1])
        print(f"\x1b[{code}m{line}\x1b[0m" if code else line)
