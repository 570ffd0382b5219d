"""A model's generated code on data of a system, for tests that know the answer from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

import derive
from derive import pipeline
from derive.calculus.batch import add_batch
from derive.check import call
from derive.check.sample import prime_sizes, sample
from derive.interpret import Array


def model_of(text: str) -> pipeline.Model:
    """A model of the zoo by its name, or of a text of several lines."""
    return derive.parse(text) if "\n" in text else derive.load(text)


def drawn(text: str, seed: int = 0, **sizes: int) -> call.Arguments:
    """Random data of a batch; sizes that are not said are small and unequal."""
    system = add_batch(model_of(text).system)
    whole = prime_sizes(system) | sizes
    return call.arguments(system, sample(system, whole, seed), whole)


def both_styles(text: str, at: call.Arguments) -> Iterator[tuple[float, dict[str, Array]]]:
    """The loss and every gradient, as each style computes them."""
    model = model_of(text)
    for style in pipeline.STYLES:
        yield call.loss_and_grad(model.compile(style), at)


def agrees(text: str, at: call.Arguments, loss: float, gradients: Mapping[str, Array], tolerance: float) -> None:
    """Both styles against a loss and some or all of its gradients."""
    for found, slopes in both_styles(text, at):
        np.testing.assert_allclose(found, loss, rtol=tolerance)
        for name, gradient in gradients.items():
            assert slopes[name].shape == gradient.shape, name
            np.testing.assert_allclose(slopes[name], gradient, rtol=0, atol=tolerance, err_msg=name)
