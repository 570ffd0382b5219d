"""A character model trained and sampled with a generated module, in plain NumPy."""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from derive.demo.characters import Roles
from derive.demo.corpus import Codes, Corpus

Real = npt.NDArray[np.floating[Any]]
Arrays = dict[str, Real]

WIDTH = 128  # every size that is not the alphabet's
STREAMS = 32  # texts that are read side by side
STEPS = 48  # characters between two updates
RATE = 4e-3
LARGEST_NORM = 1.0


class Point(NamedTuple):
    """A point of the loss curve, in bits per character."""

    seconds: float
    updates: int
    train: float
    held_out: float


@dataclass
class Adam:
    """Kingma & Ba (2015), Adam, algorithm 1, on gradients clipped to a largest norm."""

    rate: float = RATE
    beta1: float = 0.9
    beta2: float = 0.99
    steps: int = 0

    def __post_init__(self) -> None:
        """Start with no moments."""
        self.first: list[Real] = []
        self.second: list[Real] = []

    def update(self, params: Any, gradients: Any) -> Any:
        """The parameters after one step against the gradients; both are a module's `Params`."""
        if not self.steps:
            self.first = [np.zeros_like(array) for array in params]
            self.second = [np.zeros_like(array) for array in params]
        self.steps += 1
        norm = np.sqrt(sum(float(np.sum(np.square(gradient))) for gradient in gradients))
        scale = min(1.0, LARGEST_NORM / max(norm, 1e-12))
        rate = self.rate * np.sqrt(1 - self.beta2**self.steps) / (1 - self.beta1**self.steps)
        moved = []
        for array, gradient, m, v in zip(params, gradients, self.first, self.second, strict=True):
            clipped = gradient * scale
            m += (1 - self.beta1) * (clipped - m)
            v += (1 - self.beta2) * (clipped * clipped - v)
            moved.append((array - rate * m / (np.sqrt(v) + 1e-8)).astype(array.dtype))
        return type(params)(*moved)


@dataclass(frozen=True)
class Writer:
    """A generated module in its role as a writer of text.

    Attributes:
        module: the generated module.
        roles: which of its arrays are what.
        corpus: the text.
    """

    module: ModuleType
    roles: Roles
    corpus: Corpus

    @property
    def characters_per_update(self) -> int:
        """How many characters are read between two updates."""
        return STREAMS * STEPS

    def init_params(self, rng: np.random.Generator) -> Any:
        """First parameters: the alphabet's size where it belongs, `WIDTH` elsewhere."""
        names = _keywords(self.module.init_params) - {"dtype"}
        sizes = {name: len(self.corpus.alphabet) if name in self.roles.sizes else WIDTH for name in sorted(names)}
        return self.module.init_params(rng, **sizes, dtype=np.float32)

    def one_hot(self, codes: Codes) -> Real:
        """Characters as the model reads them: `(T, B, n)`."""
        return np.eye(len(self.corpus.alphabet), dtype=np.float32)[codes]

    def forward(self, params: Any, chunk: Codes, state: Arrays) -> tuple[Any, dict[str, Any]]:
        """All variables on a chunk `(T+1, B)`, from a state; and the data as the module's functions take it."""
        data = {self.roles.read: self.one_hot(chunk[:-1]), self.roles.label: chunk[1:], **state}
        return self.module.forward(params, **_wanted(self.module.forward, data)), data

    def gradients(self, params: Any, run: Any, data: Mapping[str, Any]) -> Any:
        """The gradients of the mean loss per character."""
        gradients = self.module.backward(params, run, **_wanted(self.module.backward, data))
        characters = data[self.roles.label].size
        return type(gradients)(*(gradient / characters for gradient in gradients))

    def state_after(self, run: Any) -> Arrays:
        """What the next chunk starts from: the last steps of every state with a start."""
        lags = self.roles.lags.items()
        return {f"{name}0": getattr(run, name)[-lag:] if lag > 1 else getattr(run, name)[-1] for name, lag in lags}

    def probabilities(self, predicted: Real) -> Real:
        """What the loss looks up, as a distribution over the last axis."""
        sums = predicted.sum(axis=-1)
        if predicted.min() >= 0 and np.allclose(sums, 1, atol=1e-3):
            return predicted
        shifted = np.exp(predicted - predicted.max(axis=-1, keepdims=True))
        return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))

    def bits(self, run: Any, labels: Codes) -> float:
        """Bits per character of what was predicted for the labels."""
        chances = self.probabilities(getattr(run, self.roles.predicted))
        chosen = np.take_along_axis(chances, labels[..., None], axis=-1)
        return float(-np.log2(np.maximum(chosen, np.finfo(chosen.dtype).tiny)).mean())


def train(
    writer: Writer,
    params: Any,
    seconds: float,
    report: Callable[[Point], None] = lambda point: None,
    updates: float = math.inf,
) -> tuple[Any, list[Point]]:
    """Train for that long, or for that many updates if that is shorter.

    Returns:
        the trained parameters, and the loss curve: the mean bits of the updates between two of its points, and the bits
        of a held-out part, measured at the point.
    """
    chunks = _chunks(writer.corpus.train)
    held_out = _streams(writer.corpus.held_out)[: 4 * STEPS + 1]
    adam, curve, recent, state = Adam(), [], [], Arrays()
    began = time.perf_counter()
    due = 0.0
    for is_first, chunk in chunks:
        run, data = writer.forward(params, chunk, Arrays() if is_first else state)
        recent.append(writer.bits(run, chunk[1:]))
        state = writer.state_after(run)
        params = adam.update(params, writer.gradients(params, run, data))
        elapsed = time.perf_counter() - began
        is_last = elapsed >= seconds or adam.steps >= updates
        if elapsed >= due or is_last:
            measured = writer.bits(writer.forward(params, held_out, Arrays())[0], held_out[1:])
            curve.append(Point(time.perf_counter() - began, adam.steps, float(np.mean(recent)), measured))
            report(curve[-1])
            recent, due = [], elapsed + min(0.5, seconds / 10)
        if is_last:
            break
    return params, curve


def sample(writer: Writer, params: Any, length: int, rng: np.random.Generator, temperature: float = 0.7) -> str:
    """Text that the model writes by itself, a character at a time, with the module's `step`."""
    state = writer.module.init_state(params)
    alphabet = writer.corpus.alphabet
    code = alphabet.index("\n") if "\n" in alphabet else 0
    codes = np.empty(length, dtype=np.int64)
    for position in range(length):
        state, outputs = writer.module.step(params, state, **{writer.roles.read: writer.one_hot(np.array(code))})
        chances = writer.probabilities(getattr(outputs, writer.roles.predicted)).astype(np.float64)
        sharp = chances ** (1 / temperature)
        code = int(rng.choice(len(alphabet), p=sharp / sharp.sum()))
        codes[position] = code
    return writer.corpus.write(codes)


def why_silent(module: ModuleType, roles: Roles) -> str:
    """Why the module cannot be run a character at a time, as the end of a sentence; nothing where it can."""
    if not hasattr(module, "step"):
        return "it has no step function: it reads ahead"
    needed = sorted(_required(module.step) - {"params", "state", roles.read})
    return f"its step function needs {', '.join(needed)} too" if needed else ""


def _streams(codes: Codes) -> Codes:
    """The text cut into `STREAMS` parts, side by side: `(characters of a part, STREAMS)`."""
    length = len(codes) // STREAMS
    return codes[: length * STREAMS].reshape(STREAMS, length).T


def _chunks(codes: Codes) -> Iterator[tuple[bool, Codes]]:
    """Chunks of `STEPS` characters and the one after, over and over; and whether it is the text's beginning."""
    streams = _streams(codes)
    while True:
        for first in range(0, len(streams) - STEPS, STEPS):
            yield first == 0, streams[first : first + STEPS + 1]


def _keywords(function: Callable[..., Any]) -> set[str]:
    parameters = inspect.signature(function).parameters.values()
    return {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}


def _required(function: Callable[..., Any]) -> set[str]:
    parameters = inspect.signature(function).parameters.values()
    return {parameter.name for parameter in parameters if parameter.default is parameter.empty}


def _wanted(function: Callable[..., Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the data that a function of the module takes."""
    names = _keywords(function)
    return {name: array for name, array in data.items() if name in names}
