"""Random models through every stage, as many as one likes: `python -m tests.fuzz --models 10000`.

Each chunk of models is a process of its own, so that one that hangs or dies is a failure like any other, and the next
chunk goes on. Ctrl-C and `--minutes` end a run with the report of what was found so far.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.report import Failure, Report

CHUNK = 40  # models of one process
MODEL_S = 120.0  # a model that takes longer hangs
SHRINK_S = 90.0  # a failure is shrunk for so long
SAID_S = 30.0  # between lines that say how far it is
ROOT = Path(__file__).parents[2]


@dataclass
class Worker:
    """A process with its chunk, read by a thread.

    Attributes:
        number: the seed of its chunk.
        process: the process.
        since: when it last said something.
        text: the model that it is at.
        ended: whether it came to its end.
    """

    number: int
    process: subprocess.Popen[str]
    since: float = field(default_factory=time.monotonic)
    text: str = ""
    ended: bool = False

    def stop(self) -> None:
        """End it, and the one that it started."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()


class Run:
    """Chunks over processes."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked, self.report, self.begun = asked, Report(), time.monotonic()
        self.told: queue.Queue[tuple[Worker, dict[str, Any] | None]] = queue.Queue()
        self.running: list[Worker] = []
        self.readers: list[threading.Thread] = []
        self.chunks = 0
        self.said = self.begun

    def run(self) -> None:
        """Until there are enough models, or there is no more time."""
        try:
            while not self._over() or self.running:
                while len(self.running) < self.asked.jobs and not self._over():
                    self._start()
                self._hear()
                if self._late():
                    break
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)
        finally:
            for worker in self.running:
                worker.stop()
            for reader in self.readers:
                reader.join()
            self.report.elapsed = time.monotonic() - self.begun

    def _over(self) -> bool:
        return self.chunks * self.asked.chunk >= self.asked.models or self._late()

    def _late(self) -> bool:
        return bool(self.asked.minutes) and time.monotonic() - self.begun > 60 * self.asked.minutes

    def _start(self) -> None:
        models = min(self.asked.chunk, self.asked.models - self.chunks * self.asked.chunk)
        number = 1_000_000 * self.asked.seed + 1000 * self.chunks
        job = {"seed": number, "models": models, "shrink_s": self.asked.shrink, "known": self.report.kinds}
        threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.worker", json.dumps(job)], stdout=subprocess.PIPE, text=True,
            env={**os.environ, **threads, "PYTHONPATH": path}, start_new_session=True,
        )  # fmt: skip
        worker = Worker(number, process)
        self.running.append(worker)
        self.chunks += 1
        self.readers.append(threading.Thread(target=self._read, args=[worker], daemon=True))
        self.readers[-1].start()

    def _read(self, worker: Worker) -> None:
        assert worker.process.stdout is not None
        # One that was ended may leave half a line.
        with worker.process.stdout as lines, suppress(json.JSONDecodeError):
            for line in lines:
                self.told.put((worker, json.loads(line)))
        self.told.put((worker, None))

    def _hear(self) -> None:
        """Take in one line of one process, and look whether any hangs."""
        try:
            worker, told = self.told.get(timeout=1)
        except queue.Empty:
            pass
        else:
            if told is None:
                self._gone(worker)
            else:
                self._take(worker, told)
        now = time.monotonic()
        for worker in [w for w in self.running if now - w.since > self.asked.limit]:
            worker.stop()
            self._fail(Failure("hangs", f"hangs: not done after {self.asked.limit:.0f} s", worker.text))
            worker.ended = True
        self.report.elapsed = now - self.begun
        if now - self.said > SAID_S:
            self.said = now
            print(self.report.line, file=sys.stderr, flush=True)

    def _take(self, worker: Worker, told: dict[str, Any]) -> None:
        worker.since = time.monotonic()
        match told["event"]:
            case "start" | "shrink":
                worker.text = told["text"]
            case "model":
                self.report.add(told)
            case "failure":
                self._note(Failure(told["kind"], told["message"], told["text"]))
            case "end":
                worker.ended = True

    def _gone(self, worker: Worker) -> None:
        """A process that is no more; one that died at a model has failed at it."""
        worker.process.wait()
        self.running.remove(worker)
        if not worker.ended:
            code = worker.process.returncode
            self._fail(Failure("dies", f"dies: the process ended with {code}", worker.text))

    def _fail(self, failure: Failure) -> None:
        self.report.models += 1
        self.report.kinds[failure.kind] += 1
        self._note(failure)

    def _note(self, failure: Failure) -> None:
        """Keep a failure, and write it at once: a run may be long."""
        self.report.failures.append(failure)
        failure.write(self.asked.out, len(self.report.failures))
        print(f"{failure.kind}\n    {failure.file}", file=sys.stderr, flush=True)


def main(words: Sequence[str] | None = None) -> int:
    """Run, print the report, and say whether all holds: 0, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Check random models.")
    parser.add_argument("--models", type=int, default=1000, help="how many")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes side by side")
    parser.add_argument("--seed", type=int, default=0, help="the same seed makes the same models")
    parser.add_argument("--out", type=Path, default=Path("fuzz_failures"), help="where models that fail are written")
    parser.add_argument("--minutes", type=float, default=0.0, help="stop after so many")
    parser.add_argument("--chunk", type=int, default=CHUNK, help="models of one process")
    parser.add_argument("--shrink", type=float, default=SHRINK_S, help="seconds that a failure is shrunk for")
    parser.add_argument("--limit", type=float, default=MODEL_S, help="seconds after which a model hangs")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    run = Run(parser.parse_args(words))
    run.run()
    print(json.dumps(run.report.as_dict(), indent=1) if run.asked.json else run.report)
    return 0 if run.report.ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
