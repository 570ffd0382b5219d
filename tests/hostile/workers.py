"""Processes that try files under guard, watched from outside: what hangs or dies is a failure of its own."""

from __future__ import annotations

import gc
import multiprocessing as mp
import os
import signal
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from tests.hostile import guard, seeds
from tests.hostile.kinds import File, file
from tests.hostile.trial import Outcome, try_file

SECONDS = 10.0  # of the processor, for a short file
PER_KILOBYTE = 10.0  # seconds more: a file of a hundred equations is no hostile one
STUCK = 300.0  # by the clock on the wall: what holds the interpreter longer is killed from outside
LIFE = 1_000  # files of one process


@dataclass(frozen=True)
class Tried:
    """A file, its number, and what came of it."""

    number: int
    file: File
    outcome: Outcome


def allowed(made: File) -> float:
    """How long a file may take, in seconds of the processor: twice as long a one twice as long."""
    return SECONDS + PER_KILOBYTE * min(len(made.content), 20_000) / 1000


class Slow(BaseException):
    """A file took longer than its bound."""


def run(seed: int, numbers: Iterator[int], jobs: int, until: float) -> Iterator[Tried]:
    """Try the files of these numbers, in several processes, until a time on the monotonic clock."""
    _warm()
    workers = [Worker(seed) for _ in range(jobs)]
    busy = [worker for worker in workers if worker.give(next(numbers, None))]
    try:
        while busy:
            wait([worker.pipe for worker in busy], timeout=1.0)
            for worker in list(busy):
                tried = worker.take()
                if tried is None:
                    continue
                yield tried
                if time.monotonic() > until or not worker.give(next(numbers, None)):
                    busy.remove(worker)
    finally:
        for worker in workers:
            worker.end()


class Worker:
    """One process, begun anew when it has died or read many files."""

    def __init__(self, seed: int) -> None:
        self.seed, self.number, self.count, self.began = seed, -1, 0, 0.0
        self._start()

    def _start(self) -> None:
        context = mp.get_context("fork")
        self.pipe, there = context.Pipe()
        self.process = context.Process(target=_serve, args=(there, self.seed), daemon=True)
        self.process.start()
        there.close()
        self.count = 0

    def give(self, number: int | None) -> bool:
        """Let it try the file of a number."""
        if number is None:
            return False
        if self.count >= LIFE:
            self.end()
            self._start()
        self.number, self.began, self.count = number, time.monotonic(), self.count + 1
        self.pipe.send(number)
        return True

    def take(self) -> Tried | None:
        """What came of the file, or None while it is at it."""
        what = ""
        try:
            if self.pipe.poll():
                return Tried(self.number, file(self.seed, self.number), self.pipe.recv())
        except EOFError:
            self.process.join(5)
            what = f"the process died: {self.process.exitcode}"
        seconds = time.monotonic() - self.began
        if not what and seconds < STUCK:
            return None
        self.end()
        self._start()
        made = file(self.seed, self.number)
        return Tried(self.number, made, Outcome(made.kind, "none", what or "it hangs, deaf to signals", seconds))

    def end(self) -> None:
        """Let the process end."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _warm() -> None:
    """Import everything, so that processes forked from this one need not."""
    with TemporaryDirectory(prefix="hostile-") as folder:
        for name, text in seeds.MODELS.items():
            (Path(folder) / name).write_text(text)
        try_file(Path(folder) / "scalars.eq", "")
        (Path(folder) / "m.eq").write_text(seeds.MOMENTS[0])
        try_file(Path(folder) / "m.eq", "", None, deep=True)
        lines = {"d.hand.eq": "# model: tiny.eq\n" + seeds.HAND[0], "d.tex": f"% model: tiny.eq\n$${seeds.TEX[0]}$$"}
        for name, text in lines.items():
            (Path(folder) / name).write_text(text)
            try_file(Path(folder) / name, "")


def _serve(pipe: Connection, seed: int) -> None:
    """What a process does: it tries files until nobody asks for more."""
    watch, parent = guard.Guard(), os.getppid()
    gc.set_threshold(100_000, 50, 100)  # as the command sets it
    warnings.simplefilter("error", RuntimeWarning)  # a person does not want to read NumPy's
    guard.limit_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, _too_slow)
    with TemporaryDirectory(prefix="hostile-") as folder:
        os.chdir(folder)
        for name, text in seeds.MODELS.items():
            Path(name).write_text(text)
        Path("folder.eq").mkdir()
        Path("loop.eq").symlink_to("loop.eq")
        while True:
            while not pipe.poll(10):
                if os.getppid() != parent:  # who asks is gone
                    return
            number = pipe.recv()
            made = file(seed, number)
            Path(made.name).write_bytes(made.content)
            try:
                signal.setitimer(signal.ITIMER_PROF, allowed(made))
                outcome = try_file(Path(made.name), made.kind, watch, made.deep)
            except Slow:  # between two lines of ours
                outcome = Outcome(made.kind, "none", "slower than allowed", allowed(made))
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
            pipe.send(outcome)


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise Slow("slower than allowed")
