"""What is in a file's place already, and how it differs from what is to go there."""

from __future__ import annotations

from pathlib import Path

from derive.errors import DeriveError, Fault


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
