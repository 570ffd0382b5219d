"""The arrays that a module keeps from call to call: all are written before they are read, and none is made anew."""

from __future__ import annotations

import inspect
import re
import tracemalloc
import types
from typing import Any

import numpy as np
import pytest

from derive.calculus.batch import add_batch
from derive.check import call
from derive.check.lengths import some_lengths, takes_lengths
from derive.check.sample import prime_sizes, sample
from derive.interpret import Array
from tests.bank import case, model, module, some_of_the_bank, text, variants

CELLS = ("vanilla", "lstm", "gru")
Results = dict[str, Array]


def arguments(name: str, **sizes: int) -> call.Arguments:
    """Data for a batch of a model of the zoo."""
    system = add_batch(model(name).system)
    every = prime_sizes(system) | sizes
    return call.arguments(system, sample(system, every, seed=1), every)


def results(made: Any, at: call.Arguments, **more: Any) -> Results:
    """The loss and all gradients, the arrays themselves."""
    loss, gradients = call.loss_and_grad(made, at, **more)
    return {"loss": np.array(loss), **gradients}


def copied(found: Results) -> Results:
    return {name: np.array(array) for name, array in found.items()}


def same(one: Results, other: Results) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def arrays(workspace: Any) -> list[tuple[str, Array]]:
    """Everything that a workspace holds, by its name; lists of views left out."""
    found = []
    for maker, (_, made) in workspace._made.items():
        names = maker.__code__.co_varnames[maker.__code__.co_argcount :]
        assert len(names) == len(made), names
        found += [(name, array) for name, array in zip(names, made, strict=True) if isinstance(array, np.ndarray)]
    return found


def poison(workspace: Any, text: str) -> int:
    """Write what spoils whatever it touches; returns into how many arrays. Constants, made with values, stay."""
    empty = set(re.findall(r"^    (\w+) = (?:np\.empty|_by_step)\(", text, re.MULTILINE))
    spoiled = 0
    for name, array in arrays(workspace):
        if name in empty:
            array.fill(np.nan if array.dtype.kind == "f" else 10**9)
            spoiled += 1
    return spoiled


def calls(name: str, made: types.ModuleType, *, batched: bool) -> list[tuple[call.Arguments, dict[str, Any]]]:
    """Calls with few steps and with more, on whole sequences, padded ones and in windows."""
    found: list[tuple[call.Arguments, dict[str, Any]]] = []
    for steps in (1, 2, 4):
        at = case(name, batched=batched, steps=steps)
        given = call.arguments(at.system, at.given, at.sizes)
        found.append((given, {}))
        if batched and takes_lengths(made):
            lengths = some_lengths(at.system, at.sizes)
            found.append((given, {"lengths": lengths if len(lengths) > 1 else next(iter(lengths.values()))}))
        if batched and "window" in inspect.signature(made.loss_and_grad).parameters:
            found.append((given, {"window": 2}))
    return found


@some_of_the_bank
def test_nothing_is_read_before_it_is_written(name: str) -> None:
    """Arrays share memory; a call with all of it spoiled gives what a call with none gives."""
    made = module(name, "fast")
    if "workspace" not in inspect.signature(made.loss_and_grad).parameters:
        return  # a model of numbers alone makes no arrays
    for batched in variants(name):
        for at, more in calls(name, made, batched=batched):
            workspace = made.Workspace()
            first = copied(results(made, at, workspace=workspace, **more))
            assert poison(workspace, text(name, "fast"))
            again = results(made, at, workspace=workspace, **more)
            assert same(first, again), f"{at.sizes} {list(more)}"


def test_poison_is_noticed() -> None:
    """The test above can fail: where an array is not written anew, the poison comes out."""
    made, right = types.ModuleType("mutant"), text("vanilla", "fast")
    assert right.count("    h[0] = h0\n")
    exec(right.replace("    h[0] = h0\n", "    pass\n"), made.__dict__)
    at, workspace = arguments("vanilla"), made.Workspace()
    results(made, at, workspace=workspace)
    poison(workspace, right)
    assert np.isnan(results(made, at, workspace=workspace)["loss"])


def allocated(made: Any, params: Any, **data: Any) -> int:
    """The most bytes that a third call holds beyond what the workspace has."""
    workspace = made.Workspace()
    for _ in range(2):
        made.loss_and_grad(params, workspace=workspace, **data)
    tracemalloc.start()
    try:
        made.loss_and_grad(params, workspace=workspace, **data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", CELLS)
def test_a_second_call_allocates_nothing_that_grows_with_the_steps(name: str) -> None:
    made, rng = module(name, "fast"), np.random.default_rng(0)
    params = made.init_params(rng, n_h=16, n_x=8, n_y=8)
    peaks = []
    for steps in (300, 3000):
        x, y = rng.standard_normal((steps, 8, 8)), rng.integers(0, 8, (steps, 8))
        peaks.append(allocated(made, params, x=x, y=y))
    assert peaks[1] < 1.1 * peaks[0], peaks
    assert peaks[1] < 3000 * 8 * 8, peaks  # less than one number for each step of each example


def test_rows_of_a_table_are_looked_up_where_they_belong() -> None:
    """What adds to a table goes by parts of one size; what reads it makes no array of its own."""
    made, rng = module("word_lm", "fast"), np.random.default_rng(0)
    params = made.init_params(rng, n_h=16, n_w=11)
    peaks = [allocated(made, params, y=rng.integers(0, 11, (steps, 8))) for steps in (1000, 4000)]
    assert peaks[1] < 1.1 * peaks[0], peaks
    assert peaks[1] < 4000 * 8 * 16 * 8, peaks  # less than the row of each word that is read


@pytest.mark.parametrize("name", CELLS)
def test_arrays_stay_until_the_sizes_change(name: str) -> None:
    made = module(name, "fast")
    workspace = made.Workspace()
    results(made, arguments(name, T=4), workspace=workspace)
    before = [array for _, array in arrays(workspace)]
    results(made, arguments(name, T=4), workspace=workspace)
    assert all(a is b for a, (_, b) in zip(before, arrays(workspace), strict=True))
    at = arguments(name, T=6)
    assert same(results(made, at), results(made, at, workspace=workspace))
    assert not {id(a) for a in before} & {id(b) for _, b in arrays(workspace)}


def test_results_hold_until_the_next_call() -> None:
    made = module("lstm", "fast")
    workspace = made.Workspace()
    at = arguments("lstm", T=4)
    first = results(made, at, workspace=workspace)
    held = copied(first)
    results(made, at)  # a call without it touches nothing of it
    results(made, at, workspace=made.Workspace())
    made.loss(made.Params(**at.params), **call.accepted(made.loss, at))
    assert same(first, held)
    other = at.with_array("x", at.data["x"] + 1)
    second = results(made, other, workspace=workspace)
    assert not same(first, held) and np.shares_memory(first["U_i"], second["U_i"])


def test_a_call_without_a_workspace_leaves_what_it_returned_alone() -> None:
    made, at = module("gru", "fast"), arguments("gru", T=4)
    first = results(made, at)
    held = copied(first)
    results(made, at.with_array("x", at.data["x"] + 1))
    assert same(first, held)


def test_precisions_and_functions_alternate_in_one_workspace() -> None:
    made = module("lstm", "fast")
    workspace = made.Workspace()
    at = arguments("lstm", T=4)
    for dtype in (np.float32, np.float64, np.float32):
        cast = at.cast(dtype)
        found = results(made, cast, workspace=workspace)
        assert same(found, results(made, cast)) and found["U_i"].dtype == dtype
        data = call.accepted(made.loss, cast)
        assert made.loss(made.Params(**cast.params), **data, workspace=workspace) == call.loss(made, cast)


def test_an_example_alone_and_a_batch_alternate() -> None:
    made = module("vanilla", "fast")
    workspace = made.Workspace()
    at = arguments("vanilla", T=4)
    for one in (at, at.example(0, keep_axis=False), at.example(1, keep_axis=True), at):
        assert same(results(made, one, workspace=workspace), results(made, one))


@pytest.mark.parametrize("wrong", [3, {}, "workspace", object()])
def test_what_is_no_workspace_is_refused(wrong: Any) -> None:
    made, at = module("vanilla", "fast"), arguments("vanilla", T=2)
    with pytest.raises(ValueError, match=r"^workspace: a \w+, expected a Workspace\(\)$"):
        results(made, at, workspace=wrong)


def test_a_workspace_of_another_module_is_refused() -> None:
    made, at = module("vanilla", "fast"), arguments("vanilla", T=2)
    with pytest.raises(ValueError, match="workspace: a Workspace of another module, expected"):
        results(made, at, workspace=module("lstm", "fast").Workspace())
