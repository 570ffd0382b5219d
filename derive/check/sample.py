"""Random data on which a model is defined, and sizes that show every transposed array.

In comes a System, out come sizes, all unequal, and an array for everything that is given. Data are drawn again, in
other ways, until every logarithm, root and denominator is inside its domain and nothing is near a kink.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
import sympy

from derive.check.nonfinite import first_nonfinite
from derive.check.probe import Probe, read_directly, with_probes
from derive.emit.numpy.interface import is_sequence, node_axis
from derive.errors import DeriveError, Fault
from derive.expressions import AxisKind
from derive.interpret import Array, Interpreter
from derive.system import Role, System, Variable

MARGIN = 2.5e-3  # finite differences move an argument by less than this
# The size that most axes have is the least: finite differences take each entry of the parameters. Not 2, though: of two
# entries less their mean one is minus the other.
_FEATURES = (3, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43)
_SEQUENCES = (5, 4, 6, 8)
_BATCH = 2
_ATTEMPTS = 60
_NOT_FINITE = "the loss is not finite"
_Manner = tuple[float, set[str]]  # the scale, and the variables that are kept positive


def prime_sizes(system: System) -> dict[str, int]:
    """A small size for every size symbol, no two equal, and none equal to a size that the file spells out.

    The feature size that most axes have is 3; sequences have 5 steps, batches 2 examples. Sizes that arithmetic makes
    (`n_h - n_x`) stay at least 1.
    """
    axes = [axis for variable in system.variables for axis in variable.axes]
    measured = [axis.size for axis in axes] + [v.classes for v in system.variables if v.classes is not None]
    taken = {int(size) for size in measured if size.is_Integer}
    kinds = {axis.size.name: axis.kind for axis in reversed(axes) if axis.size.is_Symbol}
    uses = Counter(s.name for size in measured for s in sorted(size.free_symbols, key=str))
    names = sorted(uses, key=lambda name: -uses[name])  # a stable sort: then the order of the file
    sizes: dict[str, int] = {}
    for name in names:
        kind = kinds.get(name, AxisKind.FEATURE)
        usual = {AxisKind.SEQUENCE: _SEQUENCES, AxisKind.BATCH: (_BATCH,), AxisKind.FEATURE: ()}[kind]
        forbidden = taken | set(sizes.values()) | ({_BATCH} if kind is not AxisKind.BATCH else set())
        sizes[name] = next(n for n in (*usual, *_FEATURES, *range(50, 2000)) if n not in forbidden)
    features = [name for name in names if kinds.get(name, AxisKind.FEATURE) is AxisKind.FEATURE]
    return _possible(sizes, features, measured)


def _possible(sizes: dict[str, int], features: list[str], measured: list[sympy.Expr]) -> dict[str, int]:
    """The sizes with feature sizes exchanged until every size in the file is at least 1."""
    primes = [sizes[name] for name in features]
    for order in itertools.islice(itertools.permutations(primes), 5000):
        candidate = sizes | dict(zip(features, order, strict=True))
        if all(_number(size, candidate) >= 1 for size in measured):
            return candidate
    return sizes


def _number(size: sympy.Expr, sizes: Mapping[str, int]) -> int:
    return int(size.subs({symbol: sizes[symbol.name] for symbol in size.free_symbols}))


def sample(system: System, sizes: Mapping[str, int], seed: int = 0, margin: float = MARGIN) -> dict[str, Array]:
    """An array for everything that is given: parameters, data, starts and constants, at random.

    Args:
        system: a model, with or without a batch axis.
        sizes: every size by name.
        seed: the same seed gives the same data.
        margin: how far from all kinks data are good enough; where none are found, the best.

    Raises:
        DeriveError: no data were found on which the model is defined; it names the function that is not.
    """
    return _search(system, sizes, seed, margin)[0]


def draw(system: System, sizes: Mapping[str, int], seed: int = 0) -> dict[str, Array]:
    """Arrays for everything that is given, for sizes at which the interpreter would take too long to look at them.

    They are drawn in the manner that keeps a small model of the same equations inside its domain.

    Args:
        system: a model, with or without a batch axis.
        sizes: every size by name.
        seed: the same seed gives the same data.

    Raises:
        DeriveError: no data were found on which the model is defined.
    """
    scale, above = _search(system, prime_sizes(system), seed)[1]
    rng = np.random.default_rng(seed)
    return {v.name: _draw(v, system, sizes, rng, scale, v.name in above) for v in _drawn(system)}


def _search(
    system: System, sizes: Mapping[str, int], seed: int, enough: float = MARGIN
) -> tuple[dict[str, Array], _Manner]:
    """Data on which a model is defined, and how they were drawn."""
    probed, probes = with_probes(system)
    interpreter = Interpreter(probed, sizes)
    positive = {name for probe in probes if probe.low == 0.0 for name in read_directly(probe.argument)}
    best: tuple[float, dict[str, Array], _Manner] | None = None
    worst = ""
    for attempt, manner in zip(range(_ATTEMPTS), _manners(system, positive), strict=False):
        rng = np.random.default_rng((seed, attempt))
        scale, above = manner
        given = {v.name: _draw(v, system, sizes, rng, scale, v.name in above) for v in _drawn(system)}
        margin, worst = _margin(interpreter, probes, given)
        if margin > (best[0] if best else 0.0):
            best = margin, given, manner
        if margin >= enough:
            break
    if best is None:
        where = first_nonfinite(system, sizes, given) if worst == _NOT_FINITE else ""
        raise DeriveError(Fault(f"no data found on which {system.name} is defined: {where or worst}"))
    return best[1], best[2]


def _manners(system: System, positive: set[str]) -> Iterator[_Manner]:
    """Ways to draw, over and over: the scale, and the variables that are kept positive."""
    everything = {variable.name for variable in system.variables}
    while True:
        yield from ((1.0, set()), (1.0, positive), (0.4, set()), (0.4, positive), (1.0, everything))


def _margin(interpreter: Interpreter, probes: tuple[Probe, ...], given: Mapping[str, Array]) -> tuple[float, str]:
    """The least distance to anything forbidden, 0 where the model is undefined, and what is nearest."""
    values = interpreter.evaluate(given)
    distances = [(probe.distance(values[probe.name]), probe.what) for probe in probes]
    margin, what = min(distances, default=(np.inf, ""), key=lambda pair: pair[0])
    if margin <= 0:
        return 0.0, what
    if "loss" in values and not np.all(np.isfinite(values["loss"].array)):
        return 0.0, _NOT_FINITE
    return margin, what


def _drawn(system: System) -> list[Variable]:
    return [variable for variable in system.variables if variable.role.is_given]


def _draw(
    variable: Variable, system: System, sizes: Mapping[str, int], rng: np.random.Generator, scale: float, above: bool
) -> Array:
    shape = tuple(_number(axis.size, sizes) for axis in variable.axes)
    if variable.role.is_integer:
        return _draw_integers(variable, system, sizes, rng, shape)
    if variable.role is Role.CONST and variable.default is not None:
        return np.array(np.broadcast_to(np.asarray(variable.default, dtype=float), shape))
    if above or variable.role is Role.CONST:
        return rng.uniform(0.3, 1.3, shape)
    spread = scale * (0.5 if variable.role in (Role.PARAM, Role.START) else 1.0)
    if variable.role is Role.PARAM and len(shape) > 1:
        spread = scale / np.sqrt(shape[-1])
    default = 0.0 if variable.default is None else np.asarray(variable.default, dtype=float)
    return np.asarray(np.broadcast_to(default, shape) + spread * rng.standard_normal(shape))


def _draw_integers(
    variable: Variable, system: System, sizes: Mapping[str, int], rng: np.random.Generator, shape: tuple[int, ...]
) -> Array:
    """Classes at random; steps of a sequence from 1, 0 for none; nodes that point to one before them, or to none.

    Many then point to the same node, as in a graph that is no tree, and examples have graphs of their own.
    """
    assert variable.classes is not None, variable.name
    count = _number(variable.classes, sizes)
    axis = node_axis(variable)
    if axis is not None:
        nodes = np.arange(1, count + 1).reshape([-1 if n == axis else 1 for n in range(len(shape))])
        return rng.integers(0, np.broadcast_to(nodes, shape))
    return rng.integers(0, count + is_sequence(system, variable.classes), shape)
