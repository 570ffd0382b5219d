"""Which values inside a person's function are gradients: the true ones, their terms, their shares and sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from derive.check.python import runner
from derive.check.python.points import Point
from derive.interpret import Array

# How a local name says that it is the gradient of a variable.
_PREFIXES = ("d", "d_", "grad_", "g_", "delta_")


def known_values(point: Point) -> dict[str, Array]:
    """Every array that a right function may hold, `(K, size)`, one a row.

    Under `known/<size>` those of so many entries; under `known/<size>/dh` those that the name `dh` promises.
    """
    rows: dict[str, list[Array]] = {}
    for key, array in _arrays(point):
        rows.setdefault(f"known/{array.size}", []).append(array)
        if key:
            rows.setdefault(f"known/{array.size}/gradients", []).append(array)
        for prefix in _PREFIXES if key else ():
            rows.setdefault(f"known/{array.size}/{prefix}{key}", []).append(array)
    longest = runner.LONGEST_RECORD
    return {
        key: np.stack([np.asarray(array, dtype=float).ravel() for array in found])
        for key, found in rows.items()
        if found[0].size <= longest
    }


def _arrays(point: Point) -> Iterator[tuple[str, Array]]:
    """Every array, with the variable that it is the gradient of, or nothing."""
    batch = point.sizes["B"]
    for arrays in (point.params, point.data, point.forward, point.inner):
        for array in arrays.values():
            yield from (("", entry) for entry in _entries(np.nan_to_num(array), batch))
    for array in point.terms.values():
        yield from (("a term", entry) for entry in _entries(array, batch))
    for name, array in point.known.items():
        variable = name.removeprefix("grad(").removesuffix(")")
        yield from ((variable, entry) for entry in _entries(array, batch))
    for name, parts in point.parts.items():
        yield from ((name, entry) for entry in _sums(parts))


def _entries(array: Array, batch: int) -> Iterator[Array]:
    """The array, that with its examples first, its steps, the examples of each."""
    yield array
    if array.ndim < 2:
        return
    yield from array
    for number, size in enumerate(array.shape[:3]):
        if size == batch and number:
            turned = np.moveaxis(array, number, 0)
            yield turned
            for example in turned:
                yield example
                yield from example if example.ndim > 1 else ()
    if array.ndim > 2:
        yield array[1:]
        yield array[:-1]


def _sums(parts: Array) -> Iterator[Array]:
    """What adds up in a loop over steps, from either end, over examples outside or inside; `parts` `(T, B, ...)`."""
    yield from parts.sum(axis=1)
    yield from parts.sum(axis=0)
    for turned in (parts, parts[::-1]):
        yield from np.cumsum(turned.sum(axis=1), axis=0)
        before = np.cumsum(parts.sum(axis=0), axis=0) - parts.sum(axis=0)
        for example in range(parts.shape[1]):
            yield from before[example] + np.cumsum(turned[:, example], axis=0)
        earlier = np.cumsum(turned.sum(axis=1), axis=0) - turned.sum(axis=1)
        for step in range(len(turned)):
            yield from earlier[step] + np.cumsum(turned[step], axis=0)
    yield from parts.reshape(-1, *parts.shape[2:])


def values_of_the_model(records: Iterable[tuple[int, str, Array]], point: Point) -> frozenset[str]:
    """The local names that only ever hold values of the model."""
    rows: dict[str, list[Array]] = {}
    for array in (*point.forward.values(), *point.inner.values()):
        for entry in _entries(np.nan_to_num(array), point.sizes["B"]):
            rows.setdefault(f"known/{entry.size}", []).append(entry.ravel())
    known = {key: np.stack(found) for key, found in rows.items()}
    held: dict[str, bool] = {}
    for _, name, value in records:
        held[name] = held.get(name, True) and value.ndim > 0 and runner.is_known(value, name, known)
    return frozenset(name for name, holds in held.items() if holds)


def suspects(records: Iterable[tuple[int, str, Array]], known: Mapping[str, Array]) -> list[int]:
    """The lines that assign what is no known gradient, in the order of the run."""
    found: dict[int, None] = {}
    for line, name, value in records:
        if line and line not in found and not runner.is_known(value, name, dict(known)):
            found[line] = None
    return list(found)
