"""`verify` on padded examples: it passes what is right and finds what is not."""

from __future__ import annotations

import types

import numpy as np
import pytest

from derive import pipeline
from derive.calculus.batch import add_batch
from derive.check.call import arguments
from derive.check.gradients import LENGTHS, WINDOW, verify, verify_modules
from derive.check.lengths import one_by_one, padded, some_lengths, spoiled
from derive.check.sample import prime_sizes, sample
from tests.bank import some
from tests.padded import TEXTS, text


def altered(source: str, old: str, new: str) -> types.ModuleType:
    """A module with a mistake put in."""
    assert old in source, old
    module = types.ModuleType("altered")
    exec(source.replace(old, new), module.__dict__)
    return module


@pytest.mark.parametrize("name", some(list(TEXTS), 3))
def test_a_padded_batch_is_each_example_by_itself(name: str) -> None:
    model = pipeline.parse(text(name))
    system, module = add_batch(model.system), model.compile()
    sizes = prime_sizes(system)
    for seed in (0, 1):
        at = arguments(system, sample(system, sizes, seed), sizes)
        lengths = {size: np.roll(steps, seed) for size, steps in some_lengths(system, sizes).items()}
        found = padded(spoiled(system, at, lengths), lengths, module)
        for array, wanted in one_by_one(system, at, lengths, module).items():
            np.testing.assert_allclose(found[array], wanted, rtol=1e-11, atol=1e-13, err_msg=array)


@pytest.mark.parametrize(
    "equations",
    [
        "y: Input[S]\nm: Const[T, S]\nloss = sum(v * x[t] * y[s] * m[t, s], t, s) + v * sum(m[t, s], t, s)",
        "g[0] = 0.2\ng[-1] = -0.1\ng[t] = tanh(v * g[t-2] + v)\nloss = max(g[t], t) + sum(g[t] * x[t], t)",
    ],
    ids=["a constant over two sequences", "two lags without data"],
)
def test_what_counts_once_has_all_steps(equations: str) -> None:
    report = verify(pipeline.parse(f"x: Input[T]\nv: Param\n{equations}"))
    assert report.ok, "\n".join(map(str, report.failures))


def test_verify_looks_at_both() -> None:
    report = verify(pipeline.parse(text("both directions")))
    assert report.ok, "\n".join(map(str, report.failures))
    assert {LENGTHS, WINDOW} <= {comparison.kind for comparison in report.comparisons}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("steps = np.minimum(np.arange(array.shape[axis])[:, None], lengths - 1)", "return array"),
        ("<= T_own", "< T_own"),
        ("len_T = _lengths(lengths", "len_T = _lengths(None"),
        ("1 + T_own <=", "T_own <="),
    ],
)
def test_a_mistake_in_the_padding_is_found(old: str, new: str) -> None:
    model = pipeline.parse(text("both directions"))
    system = add_batch(model.system)
    wrong = altered(model.generate(), old, new)
    with np.errstate(all="ignore"):
        report = verify_modules(system, wrong, single=model.system)
    assert any(comparison.kind == LENGTHS for comparison in report.failures)


def test_a_window_that_cuts_too_much_is_found() -> None:
    model = pipeline.parse(text("both directions"))
    wrong = altered(model.generate(), "return steps if given is None else", "return 1 if given is None else 1 or")
    report = verify_modules(add_batch(model.system), wrong, single=model.system)
    assert any(comparison.kind in (WINDOW, LENGTHS) for comparison in report.failures)


def test_lengths_are_the_greatest_the_least_and_between() -> None:
    system = add_batch(pipeline.parse(text("two sequences")).system)
    lengths = some_lengths(system, {"T": 5, "S": 4, "B": 3, "n_x": 2, "n_h": 2})
    assert set(lengths) == {"T", "S"}
    assert sorted(lengths["T"].tolist()) == [1, 3, 5]
    assert sorted(lengths["S"].tolist()) == [1, 2, 4]
    assert lengths["T"].argmax() != lengths["S"].argmax()
