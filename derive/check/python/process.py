"""Starts the child process that runs a person's file, bounds what it may use, and reads its answer."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from derive.check.python import child as entry
from derive.check.python.limits import BEGUN
from derive.interpret import Array

SECONDS = 10.0  # of all calls together
_TO_START = 20.0  # Python and NumPy themselves, on a busy machine
_TO_END = 5.0  # for a child to say that its time is over
_LOOK = 0.1  # seconds between looks at whether it has begun
_MEMORY = 4 << 30
_MOST_ANSWER = 256 << 20


@dataclass(frozen=True)
class Answer:
    """What the child left behind.

    Attributes:
        told: its answer; `{}` where it wrote none.
        arrays: what it returned.
        printed: how many bytes it printed. They are counted and thrown away.
        code: its exit code, negative for the signal that ended it; None where it had to be stopped.
    """

    told: Mapping[str, Any]
    arrays: Mapping[str, Array]
    printed: int
    code: int | None


def ask(job: Mapping[str, Any], arrays: Mapping[str, Array], file: Path, text: str, seconds: float) -> Answer:
    """Run a job in a child process of its own.

    Args:
        job: what to do; see `runner`, which does it.
        arrays: the data it may read.
        file: the person's file: its folder is where imports of it are looked for.
        text: the file's text.
        seconds: the time for it.
    """
    # Where Python finds NumPy here it finds it there, which an isolated start alone does not promise.
    path = [str(file.resolve().parent), *(entry for entry in sys.path if entry)]
    with tempfile.TemporaryDirectory(prefix="derive-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        whole = {"file": str(file), "text": text, "path": path, "seconds": seconds, "memory": _MEMORY, **job}
        (folder / "job.json").write_text(json.dumps(whole), encoding="utf-8")
        np.savez(folder / "data.npz", **{key: np.asarray(array) for key, array in arrays.items()})  # type: ignore[arg-type]
        code, printed = _run(folder, seconds)
        return Answer(*_read(folder), printed, code)


def _run(folder: Path, seconds: float) -> tuple[int | None, int]:
    """The exit code, None where the child had to be stopped, and the number of bytes that it printed.

    The time counts from when the person's code begins; to start takes long on a busy machine.
    """
    command = [sys.executable, "-I", str(Path(entry.__file__).resolve()), str(folder)]
    child = subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert child.stdout is not None
    counted = [0]
    reader = threading.Thread(target=_count, args=(child.stdout, counted), daemon=True)
    reader.start()
    code: int | None = None
    try:
        code = _waited(child, folder / BEGUN, seconds)
    finally:
        _stop(child)
        reader.join(2)
    return code, counted[0]


def _waited(child: subprocess.Popen[bytes], begun: Path, seconds: float) -> int | None:
    """The exit code of a child; None where it takes too long."""
    end = time.monotonic() + _TO_START
    counts = False
    while (left := end - time.monotonic()) > 0:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(min(left, _LOOK))
        if not counts and begun.exists():
            counts, end = True, time.monotonic() + seconds + _TO_END
    return None


def _count(stream: IO[bytes], counted: list[int]) -> None:
    """Read to the end and forget: a full pipe would stop the child."""
    with contextlib.suppress(ValueError, OSError), stream:
        while piece := stream.read(65536):
            counted[0] += len(piece)


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started, which is in its session."""
    with contextlib.suppress(OSError, AttributeError):
        os.killpg(child.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        child.kill()
    child.wait()


def _environment(folder: Path) -> dict[str, str]:
    """What NumPy needs and nothing more: no keys, no tokens, no home."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return kept | threads | {"HOME": str(folder), "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


def _read(folder: Path) -> tuple[Mapping[str, Any], Mapping[str, Array]]:
    """The answer, read as data alone: nothing in it is run."""
    try:
        if max((folder / name).stat().st_size for name in ("answer.json", "answer.npz")) > _MOST_ANSWER:
            return {}, {}
        told = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
        with np.load(folder / "answer.npz", allow_pickle=False) as stored:
            return told, {name: stored[name] for name in stored.files}
    except (OSError, ValueError, KeyError, EOFError):
        return {}, {}
