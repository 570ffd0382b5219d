"""The system of padded examples means each example by itself; the interpreter knows nothing of how it was made."""

from __future__ import annotations

import inspect
from dataclasses import replace

import numpy as np
import pytest
import sympy

from derive import pipeline
from derive.calculus.adjoint import grad_name
from derive.calculus.batch import add_batch
from derive.calculus.derivation import differentiate
from derive.calculus.lengths import own_lengths, own_name, sequences, step_name
from derive.calculus.trace import Traced
from derive.check.lengths import some_lengths
from derive.check.sample import prime_sizes, sample
from derive.expressions import AxisKind, Ref, refs
from derive.functions import less_equal, where
from derive.interpret import Array, Interpreter, complex_step
from derive.system import Role, System, Variable
from tests.padded import TEXTS, text


def held(array: Array, variable: Variable, lengths: dict[str, Array]) -> Array:
    """Each example's last step repeated beyond its end."""
    array = np.array(array)
    kinds = [axis.kind for axis in variable.axes]
    for number, example in enumerate(np.moveaxis(array, kinds.index(AxisKind.BATCH), 0)):
        for place, axis in enumerate(a for a in variable.axes if a.kind is not AxisKind.BATCH):
            if axis.kind is AxisKind.SEQUENCE:
                steps = lengths[axis.name][number]
                part = np.moveaxis(example, place, 0)
                part[steps:] = part[steps - 1]
    return array


def small(system: System) -> dict[str, int]:
    """Short sequences, few features, three examples."""
    sizes = prime_sizes(system)
    counted = [axis.name for axis in sequences(system)]
    features = (n for n in sizes if n not in counted and n != "B")
    return {**{n: k + 2 for k, n in enumerate(features)}, **{n: k + 3 for k, n in enumerate(counted)}, "B": 3}


@pytest.mark.parametrize("name", TEXTS)
def test_a_padded_batch_is_each_example_by_itself(name: str) -> None:
    model = pipeline.parse(text(name))
    read = add_batch(model.system)
    assert not isinstance(model.padded, str)
    padded = add_batch(model.padded.system, parted=True)
    sizes = small(read)
    given, lengths = sample(read, sizes, seed=1), some_lengths(read, sizes)
    batched = [v for v in read.variables if v.name in given and v.is_batched]
    whole = given | {v.name: held(given[v.name], v, lengths) for v in batched if v.role.is_data}
    whole |= {own_name(s): n.astype(float) for s, n in lengths.items()} | {step_name(s): n for s, n in lengths.items()}
    names = [v.name for v in read.with_role(Role.PARAM, Role.START)]
    loss, total = 0.0, {n: np.zeros_like(given[n]) for n in names}
    for b in range(sizes["B"]):
        own = {**sizes, **{s: int(n[b]) for s, n in lengths.items()}, "B": 1}
        alone = dict(given)
        for v in batched:
            kinds = [axis.kind for axis in v.axes]
            steps = (slice(own[a.name]) if a.kind is AxisKind.SEQUENCE else slice(None) for a in v.axes)
            alone[v.name] = np.take(given[v.name], [b], axis=kinds.index(AxisKind.BATCH))[tuple(steps)]
        once = 0 if b == 0 else 1  # terms without data count once: the first example has them
        system = without_free_terms(read) if once else read
        loss += Interpreter(system, own).evaluate(alone, ["loss"])["loss"].array
        for n, slope in complex_step(system, own, alone, inputs=names).items():
            if n in {v.name for v in batched}:
                total[n][b] += slope[0]
            else:
                total[n] += slope
    np.testing.assert_allclose(Interpreter(padded, sizes).evaluate(whole, ["loss"])["loss"].array, loss, rtol=1e-12)
    gradient = differentiate(Traced(padded)).system
    found = Interpreter(gradient, sizes).evaluate(whole, [grad_name(n) for n in names])
    for n in names:
        np.testing.assert_allclose(found[grad_name(n)].array, total[n], rtol=1e-11, atol=1e-13, err_msg=n)


def without_free_terms(system: System) -> System:
    """The same loss, of what depends on data alone."""
    batched = {v.name for v in system.variables if v.is_batched}
    kept = (e for e in system.equations if e.target != "loss" or not batched.isdisjoint(r.name for r in refs(e.right)))
    return replace(system, equations=tuple(kept))


def padded(lines: str) -> System:
    found = pipeline.parse(lines).padded
    assert not isinstance(found, str), found
    return found.system


def test_only_what_is_read_beyond_the_end_is_masked() -> None:
    system = padded("x: Input[T]\nw: Param\nh[0] = 0\nh[t] = tanh(w * h[t-1] + x[t])\nloss = sum(h[t]**2, t)")
    for equation in system.equations:
        assert equation.right.has(where) == (equation.target == "loss"), equation


def test_an_end_is_the_examples_own() -> None:
    system = padded("x: Input[T]\nw: Param\nloss = w * x[T] / T")
    (equation,) = system.equations
    names = {ref.name for ref in refs(equation.right)}
    assert {own_name("T"), step_name("T")} <= names
    assert sympy.Symbol("T", integer=True, positive=True) not in equation.right.free_symbols


def test_a_masked_product_stays_a_product_of_two_arrays() -> None:
    given = "x: Input[S, n]\na: Input[T, S]\nw: Param[n]\n"
    system = padded(given + "c[t] = sum(a[t, s] * x[s], s)\nloss = sum(w @ c[t], t)")
    (context,) = system.defining["c"]
    assert {ref.name for ref in refs(context.right)} == {"c.product", "c.product2"}


def test_what_counts_once_keeps_the_greatest_length() -> None:
    system = padded("x: Input[T]\nw: Param\nloss = sum(w * x[t], t) + T * w**2")
    free = [e for e in system.equations if e.target == "loss" and not e.right.has(less_equal)]
    assert [ref.name for e in free for ref in refs(e.right)] == ["w"]


def test_a_name_that_both_kinds_of_terms_read_is_refused() -> None:
    lines = "x: Input[T]\nw: Param\nm = w / T\nloss = sum(m * x[t], t) + m**2"
    model = pipeline.parse(lines)
    assert isinstance(model.padded, str)
    assert "m depends on a length" in model.padded
    assert any(warning.startswith("no lengths=: m depends") for warning in model.warnings())
    module = model.compile()
    assert "lengths" not in inspect.signature(module.loss_and_grad).parameters
    assert "window" in inspect.signature(module.loss_and_grad).parameters


def test_a_model_without_data_or_without_steps_has_no_lengths() -> None:
    assert pipeline.parse("w: Param\nloss = w**2").padded == ""
    assert pipeline.parse("x: Input[n]\nw: Param[n]\nloss = dot(w, x)").padded == ""


def test_lengths_of_one_example_are_read_by_name() -> None:
    system = own_lengths(pipeline.parse("x: Input[T]\nw: Param\nloss = sum(w * x[t], t)").prepared.system)
    assert Ref("T.own") in refs(system.equations[-1].right)
