"""What bounds a person's code in the child process: time, memory, the size of files."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator
from typing import Any

BEGUN = "begun"  # a file that is there once a person's code runs


class OutOfTimeError(BaseException):
    """The time is over. No `except Exception` of a person's stops it."""


def limit_memory(most: int) -> None:
    """Let the process have so many bytes of memory, write no larger file and leave no core behind."""
    with contextlib.suppress(ImportError):  # not on every system; the time limit holds there all the same
        import resource

        for kind, bound in ((resource.RLIMIT_AS, most), (resource.RLIMIT_FSIZE, most), (resource.RLIMIT_CORE, 0)):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(kind, (bound, bound))


def limit_time() -> None:
    """Let `at_most` work, where the system can."""
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _late)


def _late(*_: Any) -> None:
    raise OutOfTimeError


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise `OutOfTimeError` in the block after so many seconds, where the system can."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)  # again and again: an `except:` may swallow one
    began = time.monotonic()
    try:
        yield
    finally:
        remaining = max(left - (time.monotonic() - began), 1e-3) if left else 0.0
        signal.setitimer(signal.ITIMER_REAL, remaining, 0.5 if left else 0.0)
