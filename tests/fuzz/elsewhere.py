"""Modules as another process makes them, under another hash seed.

python -m tests.fuzz.elsewhere      reads texts and styles, a JSON line each, and writes modules, a JSON line each
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from derive import pipeline
from tests.fuzz.checks import Elsewhere


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """What makes modules in a process with another hash seed than this one's, until the end of the block."""
    environment = {**os.environ, "PYTHONHASHSEED": "0" if os.environ.get("PYTHONHASHSEED") != "0" else "1"}
    command = [sys.executable, "-m", "tests.fuzz.elsewhere"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as other:
        assert other.stdin is not None and other.stdout is not None

        def make(text: str, style: str) -> str:
            print(json.dumps([text, style]), file=other.stdin, flush=True)
            return str(json.loads(other.stdout.readline()))

        try:
            yield make
        finally:
            other.stdin.close()


def main() -> None:
    """Answer every line until there is none."""
    for line in sys.stdin:
        text, style = json.loads(line)
        try:
            made = pipeline.parse(text).generate(style)
        except Exception as error:
            made = f"raises {type(error).__name__}: {error}"
        print(json.dumps(made), flush=True)


if __name__ == "__main__":
    main()
