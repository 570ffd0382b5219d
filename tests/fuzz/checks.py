"""What must hold of every model, whatever it says: each property against the interpreter or complex steps.

In comes the text of a model. `check` gives the worst relative error of each property, or raises: `DiscardedError` where
the model's numbers tell nothing, `FailedError` where a property does not hold.
"""

from __future__ import annotations

import difflib
import inspect
import linecache
import os
import re
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from derive import pipeline
from derive.calculus.adjoint import grad_name
from derive.check import call
from derive.check.lengths import padded, spoiled, takes_lengths
from derive.emit.notation import Notation
from derive.errors import DeriveError, Fault
from derive.interpret import Interpreter
from derive.system import System
from tests.emit.notation.again import read_again
from tests.fuzz.cases import (
    Arrays,
    Case,
    DiscardedError,
    by_keyword,
    cases,
    lengths_of,
    one_by_one,
    seed_of,
    within,
    worst,
)  # fmt: skip

BOUND = 1e-9
READING, BYTES = "read", "bytes"
Elsewhere = Callable[[str, str], str]  # a text and a style to a module, made in another process


class FailedError(AssertionError):
    """A property that does not hold.

    Attributes:
        rule: the property.
        kind: what is alike in all failures of one cause, as far as one can tell.
    """

    def __init__(self, rule: str, kind: str, message: str) -> None:
        super().__init__(f"{rule}: {message}")
        self.rule, self.kind = rule, f"{rule}: {kind}"


@dataclass
class Outcome:
    """What was found of a model that passed.

    Attributes:
        errors: the worst relative error of each property that was compared.
        seconds: how long each property took.
    """

    errors: dict[str, float] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """A model, its modules and its cases, each made once."""

    text: str
    seed: int
    model: pipeline.Model

    @cached_property
    def cases(self) -> list[Case]:
        """Cases that tell something."""
        return list(cases(self.model, self.seed))

    @cached_property
    def modules(self) -> dict[str, types.ModuleType]:
        """A module of each style."""
        return {style: _module(self.model.generate(style), style) for style in pipeline.STYLES}


@dataclass(frozen=True)
class Found:
    """Arrays that were found, those that they should equal, and where."""

    found: Arrays
    wanted: Arrays
    where: str


def check(text: str, elsewhere: Elsewhere | None = None) -> Outcome:
    """Check every property of a model.

    Args:
        text: its equations.
        elsewhere: makes modules in another process, whose bytes must be the same.

    Raises:
        DiscardedError: its numbers tell nothing.
        FailedError: a property does not hold.
    """
    outcome, begun = Outcome(), time.monotonic()
    try:
        model = pipeline.parse(text)
    except Exception as error:
        raise _raised(READING, error) from error
    if _says_nothing(_refusals(model)):
        raise DiscardedError("nothing to differentiate")
    subject = Subject(text, seed_of(text), model)
    try:
        _ = subject.cases
    except DiscardedError:
        raise
    except Exception as error:
        raise _raised("interpreter", error) from error
    outcome.seconds["data and truth"] = time.monotonic() - begun
    for rule, compare in PROPERTIES.items():
        _compare(outcome, rule, compare(subject))
    begun = time.monotonic()
    try:
        _same_bytes(subject, elsewhere)
    except FailedError:
        raise
    except Exception as error:
        raise _raised(BYTES, error) from error
    outcome.errors[BYTES], outcome.seconds[BYTES] = 0.0, time.monotonic() - begun
    return outcome


def _says_nothing(faults: tuple[Fault, ...]) -> bool:
    """Whether they say that a loss rests on nothing."""
    return any(fault.message.startswith("loss depends on no") for fault in faults)


def _refusals(model: pipeline.Model) -> tuple[Fault, ...]:
    """Why a model has no gradient, where it has none."""
    try:
        model.gradient()
    except DeriveError as error:
        return error.faults
    except Exception:
        return ()  # the properties find it again
    return ()


def _compare(outcome: Outcome, rule: str, compared: Iterator[Found]) -> None:
    """Note the worst of all that is compared for a property."""
    begun = time.monotonic()
    try:
        for pair in compared:
            error, said = worst(pair.found, pair.wanted)
            outcome.errors[rule] = max(outcome.errors.get(rule, 0.0), error)
            if not error <= BOUND:
                kind = "missing or of another shape" if np.isinf(error) else "differs"
                raise FailedError(rule, kind, f"{said}, {pair.where}")
    except FailedError:
        raise
    except Exception as error:
        # What cancels may do so in a variant alone, as two means do where all examples are of one length.
        if isinstance(error, DeriveError) and _says_nothing(error.faults):
            raise DiscardedError("nothing to differentiate") from error
        raise _raised(rule, error) from error
    outcome.seconds[rule] = time.monotonic() - begun


def _raised(rule: str, error: Exception) -> FailedError:
    """An exception as a failure; those that come from one place in the code are of one kind."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if f"{os.sep}derive{os.sep}" in f.filename or f.filename.startswith("<")] or frames
    where = f"{Path(ours[-1].filename).name}, {ours[-1].name}"
    said = re.sub(r"\s+", " ", str(error))[:400]
    kind = f"{type(error).__name__} in {where}"
    if ours[-1].filename.startswith("<"):  # generated code
        kind = f"{type(error).__name__} in generated code: {re.sub(r'[^ a-z]+', '', said)[:60]}"
    return FailedError(rule, kind, f"raises {type(error).__name__}: {said}, in {where}: {ours[-1].line}")


def _module(text: str, style: str) -> types.ModuleType:
    made, name = types.ModuleType(f"fuzzed_{style}"), f"<generated {style}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)  # for what is said of a failure
    exec(compile(text, name, "exec"), made.__dict__)
    return made


def _adjoint(subject: Subject) -> Iterator[Found]:
    """The derived gradient, evaluated by the interpreter."""
    system = subject.model.gradient().system
    whole = subject.model._differentiated
    for case in subject.cases:
        used = system if case.system is subject.model.system else whole
        yield Found(_by_interpreter(used, case), case.truth | {"loss": case.loss}, f"at {case}")


def _by_interpreter(system: System, case: Case) -> Arrays:
    wanted = [name for name in case.truth if grad_name(name) in system.by_name]
    values = Interpreter(system, case.sizes).evaluate(case.given, [*map(grad_name, wanted), "loss"])
    return {"loss": values["loss"].array, **{name: values[grad_name(name)].array for name in wanted}}


def _loss(subject: Subject) -> Iterator[Found]:
    """The generated loss."""
    for where, made, case in _runs(subject):
        with _quiet():
            found = np.asarray(call.loss(made, case.arguments))
        yield Found({"loss": found}, {"loss": case.loss}, where)


def _gradient(subject: Subject) -> Iterator[Found]:
    """The generated gradient."""
    for where, made, case in _runs(subject):
        before = {name: array.copy() for name, array in case.given.items()}
        yield Found(_results(made, case), case.results, where)
        if any(not np.array_equal(array, before[name]) for name, array in case.given.items()):
            raise FailedError("gradient", "writes to its arguments", where)


def _two_calls(subject: Subject) -> Iterator[Found]:
    """`forward`, then `backward`."""
    for where, made, case in _runs(subject):
        with _quiet():
            found = call.backward(made, case.arguments)
        yield Found({**case.results, **found}, case.results, where)


def _workspace(subject: Subject) -> Iterator[Found]:
    """Calls with one workspace, of other sizes and other data between: the second call of each case."""
    made = subject.modules["fast"]  # the plain style has none, nor has a module that makes no arrays
    if "workspace" not in inspect.signature(made.loss_and_grad).parameters:
        return
    workspace = made.Workspace()
    for case in subject.cases:
        _results(made, case, workspace=workspace)
        yield Found(_results(made, case, workspace=workspace), case.results, f"at {case}")


def _checkpoint(subject: Subject) -> Iterator[Found]:
    """The gradient by segments, the last one shorter."""
    for where, made, case in _runs(subject):
        if "checkpoint" in inspect.signature(made.loss_and_grad).parameters:
            yield Found(_results(made, case, checkpoint=2), case.results, where)


def _lengths(subject: Subject) -> Iterator[Found]:
    """Padded examples, against the interpreter of each one by itself."""
    if not takes_lengths(subject.modules["fast"]):
        return
    for number, case in enumerate(subject.cases):
        if "B" not in case.sizes or max(case.sizes[axis] for axis in lengths_of(case, 0)) == 1:
            continue
        lengths = lengths_of(case, subject.seed + number)
        case = within(case, lengths)
        alone = one_by_one(case, subject.model.system, lengths)
        wanted = {"loss": alone.pop("loss"), **by_keyword(case.system, alone)}
        bad = spoiled(case.system, case.arguments, lengths)
        for style, made in subject.modules.items():
            with _quiet():
                found = padded(bad, lengths, made)
            said = {size: list(map(int, n)) for size, n in lengths.items()}
            yield Found(found, wanted, f"in {style} style at {case}; lengths {said}")


def _round_trip(subject: Subject) -> Iterator[Found]:
    """What is printed in array notation, read again and differentiated."""
    yield from _printed(subject, "array")


def _index_notation(subject: Subject) -> Iterator[Found]:
    """The same model in index notation."""
    yield from _printed(subject, "index")


def _printed(subject: Subject, notation: Notation) -> Iterator[Found]:
    _, again = read_again(subject.text, subject.model.name, notation)
    system = pipeline.Model(again).gradient().system
    for case in subject.cases:
        if case.system is subject.model.system or len(subject.cases) == 1:
            alone = Case(subject.model.system, case.sizes, case.given)
            yield Found(_by_interpreter(system, alone), alone.truth | {"loss": alone.loss}, f"at {case}")


def _same_bytes(subject: Subject, elsewhere: Elsewhere | None) -> None:
    """The text of the module is the same when it is made again, here or in a process with another hash seed."""
    style = pipeline.STYLES[subject.seed % 2]
    if elsewhere is None or subject.seed // 2 % 2:
        _same_lines("in one process", subject, style, pipeline.parse(subject.text).generate(style))
    else:
        _same_lines("under another hash seed", subject, style, elsewhere(subject.text, style))


def _same_lines(where: str, subject: Subject, style: str, found: str) -> None:
    made = subject.model.generate(style)
    if made != found:
        changed = difflib.unified_diff(made.splitlines(), found.splitlines(), lineterm="", n=0)
        raise FailedError(BYTES, f"differ {where}", "\n".join([f"the {style} module", *list(changed)[:8]]))


def _runs(subject: Subject) -> Iterator[tuple[str, types.ModuleType, Case]]:
    for style, made in subject.modules.items():
        for case in subject.cases:
            yield f"in {style} style at {case}", made, case


def _results(made: types.ModuleType, case: Case, **more: object) -> Arrays:
    with _quiet():
        loss, gradients = call.loss_and_grad(made, case.arguments, **more)
    return {"loss": np.asarray(loss), **gradients}


class _quiet(warnings.catch_warnings):
    """Warnings are failures."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.simplefilter("error")


PROPERTIES: dict[str, Callable[[Subject], Iterator[Found]]] = {
    "adjoint": _adjoint, "loss": _loss, "gradient": _gradient, "backward": _two_calls, "workspace": _workspace,
    "checkpoint": _checkpoint, "lengths": _lengths, "round trip": _round_trip, "index notation": _index_notation,
}  # fmt: skip
