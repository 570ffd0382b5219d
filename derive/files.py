"""Files are written whole or not at all: in comes a path with what it shall hold, and a reader sees the old or the new.

What is written goes into a file of its own beside the one it is for, and takes its place in one step. Whatever ends a
process on the way (a full disk, a signal) leaves the old file as it was.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import time
from pathlib import Path

from derive.errors import DeriveError, Fault

_PART = re.compile(r"\.derive-\d+-[0-9a-f]{8}\.part", re.ASCII)
# Seconds. A write takes milliseconds: what is older was left by a process that was killed.
_FORSAKEN = 600
# What file systems say that know no fsync; there is nothing to wait for then.
_NO_SYNC = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write beside the file, then put it in its place in one step: a reader sees the old content or the new one.

    A link stays a link, to the file that is written; a pipe or a device is written into.

    Args:
        path: the file; its folder has to be there.
        content: all that it shall hold; text becomes UTF-8.

    Raises:
        DeriveError: a folder is in its place.
        OSError: it cannot be written, by its name as it was given; the file is as it was.
    """
    data = content if isinstance(content, bytes) else content.encode()
    try:
        there = _stat(path)
        if there is not None and stat.S_ISDIR(there.st_mode):
            raise DeriveError(Fault(f"{path} is a folder", hint="name a file"))
        if there is not None and not stat.S_ISREG(there.st_mode):
            path.write_bytes(data)
        else:
            _replace(Path(os.path.realpath(path)), data, there)
    except OSError as error:
        is_folder = error.errno == errno.ENOENT and not path.parent.is_dir()
        raise OSError(error.errno, error.strerror, str(path.parent if is_folder else path)) from error


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are not there yet.

    Raises:
        DeriveError: something else is in its place.
        OSError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        found = (p for p in (path, *path.parents) if os.path.lexists(p) and not p.is_dir())
        place = next(found, path)
        what = f"a link to {os.readlink(place)}, which is not there" if place.is_symlink() else "no folder"
        raise DeriveError(Fault(f"{place} is {what}", hint="give another folder")) from None


def _stat(path: Path) -> os.stat_result | None:
    """What is there, links followed; None where nothing is."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _replace(path: Path, data: bytes, there: os.stat_result | None) -> None:
    _sweep(path.parent)
    # The name is as long for every file, and nobody can put a link in its place beforehand: "x" opens only what is new.
    part = path.with_name(f".derive-{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            _sync(file.fileno())
        if there is not None:
            part.chmod(stat.S_IMODE(there.st_mode))
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def _sync(number: int) -> None:
    """Wait until the disk has it: some say only then that they are full."""
    try:
        os.fsync(number)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


def _sweep(folder: Path) -> None:
    """Remove what processes that were killed left behind."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _PART.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    if time.time() - entry.stat(follow_symlinks=False).st_mtime > _FORSAKEN:
                        os.unlink(entry.path)
