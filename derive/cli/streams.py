"""The process's own input and output: what is closed, what cannot show a letter, what can take no more."""

from __future__ import annotations

import errno
import os
import sys
from typing import TextIO

_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO, errno.EBADF)


def open_streams() -> None:
    """Put nothing in the place of what is closed, so that a file that is opened later does not get its number.

    A terminal that cannot show a letter shows its number instead; it does not end the command.
    """
    for name in ("stdin", "stdout", "stderr"):  # in the order of their numbers: what is opened gets the lowest free one
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, open(opened, "r" if name == "stdin" else "w", encoding="utf-8", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def is_of_stream(error: OSError) -> bool:
    """Whether it was stdout that took no more: what goes wrong with a file names the file."""
    return error.filename is None and error.errno in _FULL


def swallow(stream: TextIO) -> None:
    """Let a stream take everything and keep nothing: what it still holds back would fail again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
