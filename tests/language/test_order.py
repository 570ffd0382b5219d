"""Random systems: what is read can be computed cell by cell, and what is refused for a cycle cannot."""

from __future__ import annotations

import random

import numpy as np
import pytest

from derive.errors import DeriveError
from derive.interpret import evaluate
from derive.language import read, reader
from tests.bank import some

LEFT = {"t": "t", "ts": "t, s", "tt": "t, t1"}
SUMS = {"t": "sum({0}[t], t)", "ts": "sum({0}[t, s], t, s)", "tt": "sum({0}[t, t1], t, t1)"}
LENGTHS = ({"T": 4, "S": 3}, {"T": 1, "S": 2})


def shifted(index: str, rng: random.Random) -> str:
    shift = rng.choice([0, 0, -1, -1, 1, -2])
    return f"{index}{shift:+d}" if shift else index


def reading(name: str, there: str, here: str, rng: random.Random) -> str:
    """Some reading of a variable over `there` in an equation over `here`."""
    t = shifted("t", rng)
    if there == "t":
        past, future = f"sum({name}[t2], (t2, 1, t-1))", f"sum({name}[t2], (t2, t+1, T))"
        own = f"{name}[t1]" if here == "tt" else f"{name}[{t}]"
        return rng.choice([f"{name}[{t}]", f"{name}[{t}]", own, past, future, f"{name}[n[t]]"])
    if there == "ts":
        step = shifted("s", rng) if here == "ts" else "S"
        return f"{name}[{t}, {step}]" if here == "ts" or rng.random() < 0.3 else f"sum({name}[{t}, s], s)"
    if here == "tt":
        return f"{name}[{t}, {shifted('t1', rng)}]"
    return rng.choice([f"sum({name}[t, t2], (t2, 1, t-1))", f"sum({name}[t2, t], (t2, t+1, T))", f"{name}[{t}, t]"])


def system(seed: int) -> str:
    """Three scalar variables that read each other, with the starts that the reader asks for."""
    rng = random.Random(seed)
    kinds = {name: rng.choice(["t", "t", "ts", "tt"]) for name in "abc"}
    lines = ["x: Input[T]", "z: Input[S]", "n: Index[T, T]"]
    for name, kind in kinds.items():
        others = [rng.choice("abc") for _ in range(rng.choice([1, 1, 2]))]
        terms = " + ".join(reading(other, kinds[other], kind, rng) for other in others)
        lines.append(f"{name}[{LEFT[kind]}] = tanh(x[t] + 0.5*({terms}))")
    return "\n".join([*lines, "loss = " + " + ".join(SUMS[kind].format(name) for name, kind in kinds.items())])


def started(text: str) -> str | None:
    """A text with the starts that are missing; None where starts do not mend it."""
    for _ in range(8):
        try:
            read(text)
        except DeriveError as error:
            missing = [fault.hint or "" for fault in error.faults if fault.rule == "missing_start"]
            if len(missing) < len(error.faults):
                return None
            cells = {cell for hint in missing for cell in hint.removeprefix("write ").split(" and ")}
            text = "\n".join([text, *sorted(cell.replace("...", "0.3") for cell in cells)])
        else:
            return text
    return None


def waits(text: str) -> bool:
    """Whether some cells of a model wait for each other, or for one that nothing defines."""
    found = read(text)
    for sizes in LENGTHS:
        rng = np.random.default_rng(0)
        nodes = (rng.random(sizes["T"]) * np.arange(1, sizes["T"] + 1)).astype(int)
        given = {"x": rng.normal(size=sizes["T"]), "z": rng.normal(size=sizes["S"]), "n": nodes}
        try:
            evaluate(found, sizes, given)
        except DeriveError:
            return True
    return False


@pytest.mark.parametrize("seed", some(range(100), 4))
def test_the_reader_and_the_interpreter_agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(reader, "check_cycles", lambda *_: set())
        text = started(system(seed))
        if text is None:
            return
        expected = waits(text)
    try:
        read(text)
    except DeriveError as error:
        assert {fault.rule for fault in error.faults} <= {"unbroken_cycle", "cycle_both_ways"}
        squares = any("not at every" in (fault.hint or "") for fault in error.faults)
        assert expected or squares  # a square that a recurrence fills as it goes has an order that is not looked for
    else:
        assert not expected
