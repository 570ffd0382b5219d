"""The value of each function of the table on lanes: arrays of real or complex numbers, one for each perturbed copy.

Branches are decided on real parts, so that a complex step stays on its side of a kink.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Lanes = npt.NDArray[Any]


def _erf(z: Lanes) -> Lanes:
    """The error function on lanes, real or complex, by its all-positive series; exact to rounding for |Re z| <= 6."""
    z = np.asarray(z)
    if z.dtype.kind not in "fc":
        z = z.astype(float)
    near = np.clip(z.real, -6.5, 6.5) + (1j * z.imag if z.dtype.kind == "c" else 0)
    term = near * 1.0
    total = term.copy()
    square = 2 * near * near
    for n in range(1, _terms(float(np.max(np.abs(near), initial=0.0)))):
        term = term * (square / (2 * n + 1))
        total = total + term
    scaled: Lanes = total * np.exp(-near * near) * (2 / np.sqrt(np.pi))
    return scaled


def _terms(largest: float) -> int:
    """How many terms of that series count, and of its derivative's, for arguments up to this one."""
    n, term, total = 1, 1.0, 1.0
    while n * term > 1e-19 * total:
        term *= 2 * largest**2 / (2 * n + 1)
        total += term
        n += 1
    return n + 1


def _softplus(z: Lanes) -> Lanes:
    small = np.where(np.real(z) > 0, -z, z)
    return np.where(np.real(z) > 0, z, 0) + np.log1p(np.exp(small))


def _sigmoid(z: Lanes) -> Lanes:
    small = np.exp(np.where(np.real(z) > 0, -z, z))
    return np.where(np.real(z) > 0, 1 / (1 + small), small / (1 + small))


def _real_less(a: Lanes, b: Lanes) -> Lanes:
    return np.where(np.real(a) < np.real(b), 1.0, 0.0)


def _window(step: Lanes, length: Lanes) -> Lanes:
    window: Lanes = np.floor_divide(np.real(step), np.real(length))
    return window


def _pick(c: Lanes, a: Lanes, b: Lanes) -> Lanes:
    return np.where(np.real(c) != 0, a, b)


VALUES: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": lambda z: np.where(np.real(z) < 0, -z, z),
    "sign": lambda z: np.sign(np.real(z)),
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "relu": lambda z: np.where(np.real(z) > 0, z, 0),
    "leaky_relu": lambda z, a: np.where(np.real(z) > 0, z, a * z),
    "elu": lambda z: np.where(np.real(z) > 0, z, np.exp(np.where(np.real(z) > 0, 0, z)) - 1),
    "gelu": lambda z: z * (1 + _erf(z / np.sqrt(2))) / 2,
    "silu": lambda z: z * _sigmoid(z),
    "erf": _erf,
    "hardtanh": lambda z: np.where(np.real(z) < -1, -1, np.where(np.real(z) > 1, 1, z)),
    "hardsigmoid": lambda z: np.where(np.real(z) < -3, 0, np.where(np.real(z) > 3, 1, z / 6 + 0.5)),
    "maximum": lambda a, b: np.where(np.real(a) >= np.real(b), a, b),
    "minimum": lambda a, b: np.where(np.real(a) <= np.real(b), a, b),
    "where": _pick,
    "power": lambda x, y: np.power(x, y),
    "less": _real_less,
    "less_equal": lambda a, b: 1 - _real_less(b, a),
    "equal": lambda a, b: np.where(np.real(a) == np.real(b), 1.0, 0.0),
    "same_window": lambda a, b, k: np.where(_window(a, k) == _window(b, k), 1.0, 0.0),
}
