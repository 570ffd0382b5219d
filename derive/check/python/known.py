"""Which values inside a person's function are gradients: the true ones, their terms, their shares and sums."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import numpy as np

from derive.check.python import tracing
from derive.check.python.points import Point
from derive.interpret import Array

# How a local name says that it is the gradient of a variable.
_PREFIXES = ("d", "d_", "grad_", "g_", "delta_")


def known_values(point: Point) -> dict[str, Array]:
    """Every array that a right function may hold, `(K, size)`, one a row.

    Under `known/<size>` those of so many entries; under `known/<size>/dh` those that the name `dh` promises, under
    `known/<size>/dh+` what the name of a part of it does: `dh_next`.
    """
    rows: dict[str, list[Array]] = {}
    for variable, whole, array in _arrays(point):
        keys = [""]
        if variable:
            keys += ["/gradients", *(f"/{prefix}{variable}+" for prefix in _PREFIXES)]
        if whole:
            keys += [f"/{prefix}{variable}" for prefix in _PREFIXES]
        for key in keys:
            rows.setdefault(f"known/{array.size}{key}", []).append(array)
    longest = tracing.LONGEST_RECORD
    return {
        key: np.stack([np.asarray(array, dtype=float).ravel() for array in found])
        for key, found in rows.items()
        if found[0].size <= longest
    }


def _arrays(point: Point) -> Iterator[tuple[str, bool, Array]]:
    """Every array, with the variable that it is the gradient of, or nothing, and whether it is all of that gradient."""
    batch = point.sizes["B"]
    for arrays in (point.params, point.data, point.forward, point.inner):
        for array in arrays.values():
            yield from (("", False, entry) for entry in _entries(np.nan_to_num(array), batch))
    for variable, array in _parts_of_gradients(point.terms):
        yield from ((variable, False, entry) for entry in _entries(array, batch))
    for name, array in point.known.items():
        variable = name.removeprefix("grad(").removesuffix(")")
        yield from ((variable, True, entry) for entry in _entries(array, batch))
    for name, parts in point.parts.items():
        yield from ((name, True, entry) for entry in _sums(parts))


def _parts_of_gradients(terms: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    """Each term of a gradient, the sum of those that are carried from another step, and of those that are not."""
    groups: dict[tuple[str, bool], list[Array]] = {}
    for name, array in terms.items():
        variable = name.removeprefix("term(grad(").split(")")[0]
        groups.setdefault((variable, name.endswith("carried)")), []).append(array)
        yield variable, array
    for (variable, _), arrays in groups.items():
        if len(arrays) > 1:
            yield variable, np.sum(arrays, axis=0)


def _entries(array: Array, batch: int) -> Iterator[Array]:
    """The array, that with its examples first, its steps, the examples of each."""
    yield array
    if array.ndim < 2:
        return
    yield from array
    shorter = (array[1:], array[:-1]) if array.ndim > 2 else ()
    yield from shorter
    for number, size in enumerate(array.shape[:3]):
        if size == batch and number:
            turned = np.moveaxis(array, number, 0)
            yield turned
            yield from (np.moveaxis(part, number, 0) for part in shorter)
            for example in turned:
                yield example
                yield from example if example.ndim > 1 else ()
                yield from (example[1:], example[:-1]) if example.ndim > 1 else ()


def _sums(parts: Array) -> Iterator[Array]:
    """What a step or an example adds, and each step of an example; `parts` `(T, B, ...)`."""
    yield from parts.sum(axis=1)
    yield from parts.sum(axis=0)
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
        held[name] = held.get(name, True) and value.ndim > 0 and tracing.is_known(value, name, known)
    return frozenset(name for name, holds in held.items() if holds)


def suspects(
    records: Iterable[tuple[int, str, Array]], adding: Collection[int], known: Mapping[str, Array]
) -> list[int]:
    """The lines that make what is no known gradient, in the order of the run.

    Args:
        records: what was assigned.
        adding: the lines of statements that go on with what a name holds.
        known: the known values.
    """
    found: dict[int, None] = {}
    for lines, name, value in tracing.settled(records, adding):
        if not found.keys() >= set(lines) and not tracing.is_known(value, name, dict(known)):
            found |= dict.fromkeys(lines)
    return list(found)
