"""One problem in a process of its own: every rival made, checked against derive, and timed in turns with the others.

    python -m benchmarks.speed.measure JSON

`benchmarks.speed` starts it, with the environment that says how many threads there are.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from typing import Any

import numpy as np

from benchmarks.speed.problems import Arrays, Problem, Sizes
from benchmarks.speed.rivals import OURS, RIVALS, Runner, Unavailable
from benchmarks.speed.timing import rounds

# How far a loss or a gradient may be from derive's, relative to its largest entry.
NEAR = {"float32": 1e-3, "float64": 1e-8}


class OutOfTime(BaseException):
    """A first call that takes too long; no `Exception`, so that no compiler takes it for a fault of its own."""


@contextlib.contextmanager
def limited(limit: float) -> Iterator[None]:
    """Breaks off what takes longer than so many seconds."""

    def stop(*_: Any) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def error(runner: Runner, left: Any, truth: tuple[float, Arrays]) -> float:
    """The largest difference between a rival's loss and gradients and derive's, relative to derive's largest entry.

    Args:
        runner: the rival.
        left: what a call of it left.
        truth: derive's loss and gradients.
    """
    if runner.read is None:
        return 0.0
    loss, gradients = runner.read(left)
    wanted, expected = truth
    assert set(gradients) == set(expected), "it has other parameters"
    errors = [abs(loss - wanted) / abs(wanted)]
    for name, gradient in expected.items():
        assert gradients[name].shape == gradient.shape, f"its gradient of {name} has another shape"
        errors.append(float(np.abs(gradients[name] - gradient).max() / np.abs(gradient).max()))
    # NaN is never near.
    return float(np.max(errors))


def measure(problem: Problem, names: list[str], budget: float, limit: float) -> dict[str, Any]:
    """What is found of each rival: its first call, its error and its rounds, or why there are none.

    Args:
        problem: what is computed.
        names: the rivals; derive's `fast` is always among them.
        budget: seconds for all rounds.
        limit: seconds that a first call, which may compile, can take.
    """
    ours = RIVALS[OURS].make(problem)
    assert ours.read is not None
    truth = ours.read(ours.call())
    calls, found = {}, {}
    for name in dict.fromkeys((OURS, *names)):
        try:
            runner = RIVALS[name].make(problem)
            with limited(limit):
                begin = time.perf_counter()
                left = runner.call()
                first = time.perf_counter() - begin
            far = error(runner, left, truth)
            del left
        except Unavailable as reason:
            found[name] = {"absent": str(reason)}
            continue
        except OutOfTime:
            found[name] = {"absent": f"not compiled in {limit:.0f} s"}
            continue
        except Exception as fault:
            # Compilers fail in many ways; the others are measured all the same.
            found[name] = {"wrong": f"{type(fault).__name__}: {str(fault).splitlines()[0] if str(fault) else ''}"}
            continue
        found[name] = {"first": first, "error": far}
        if far <= NEAR[problem.dtype]:
            calls[name] = runner.call
        else:
            found[name]["wrong"] = f"differs from derive by {far:.1e}"
    for name, times in rounds(calls, budget).items():
        found[name]["rounds"] = times
    return found


def versions() -> dict[str, str]:
    """The libraries that are installed."""
    found = {"Python": sys.version.split()[0]}
    for name in ("numpy", "torch", "jax", "jaxlib", "autograd"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def main() -> None:
    """Measure what the one argument says, and print it."""
    asked = json.loads(sys.argv[1])
    if "torch" in {need for name in asked["rivals"] for need in RIVALS[name].needs}:
        with contextlib.suppress(ImportError):
            import torch

            torch.set_num_threads(asked["threads"])
    problem = Problem(asked["cell"], Sizes(*asked["sizes"]), asked["dtype"])
    found = measure(problem, asked["rivals"], asked["seconds"], asked["limit"])
    print(json.dumps({**asked, "found": found, "versions": versions()}))


if __name__ == "__main__":
    main()
