"""Where an expression ends: readings of variables, data, parameters, look-ups, numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.fuzz.models.scope import Builder, Known, Scope, bracketed, leaf
from tests.fuzz.models.text import PRODUCT, SIGN, Expr, Shape, Size, number, product

SHIFTS = (0, 0, 0, -1, 1, -2)


def shifted(index: str, by: int) -> str:
    return index if by == 0 else f"{index}{by:+d}"


def steps(b: Builder, scope: Scope, known: Known, axis: int) -> list[str]:
    """The subscripts at which a variable may be read along one of its sequences, usual ones first."""
    sequence, found = known.sequences[axis], []
    free = known.is_data and not (scope.strict and known.classes is not None)
    for step in scope.steps:
        if step.sequence != sequence:
            continue
        for by in SHIFTS:
            inside = step.low + by >= 1 - known.before[axis] and step.high + by <= known.behind[axis]
            if inside or free:
                found.append(shifted(step.name, by))
    if not found or b.chance(6):
        found += [sequence, "1"]
        found += ["0"] * (known.before[axis] > 0) + [f"{sequence}+1"] * (known.behind[axis] > 0)
    return found


def reading(b: Builder, scope: Scope, known: Known) -> list[str]:
    """The steps of one reading."""
    return [b.pick(steps(b, scope, known, axis)) for axis in range(len(known.sequences))]


def read(b: Builder, scope: Scope, known: Known) -> Expr:
    """A variable, whole."""
    return leaf(bracketed(known.name, reading(b, scope, known)), known.large, varies=known.varies)


def readable(b: Builder, scope: Scope, *roles: str) -> list[Known]:
    """What has been defined, of some roles, the latest first; data only where data may be read."""
    return [k for k in reversed(b.known) if k.role in roles and (scope.data or k.role in ("Param", "Const"))]


def some_sequences(b: Builder, scope: Scope) -> tuple[str, ...]:
    """The sequences that new data here runs over: most often those of the scope."""
    here = tuple(dict.fromkeys(step.sequence for step in scope.steps))
    if here and not b.chance(5):
        return here if not b.chance(3) else here[:1]
    return () if here or not b.sequences or b.chance(2) else (b.pick(b.sequences),)


def looked_up(b: Builder, scope: Scope, classes: Size, *, given: bool = False) -> str:
    """Integer data with so many values, at a step; `given` says that a parameter is looked up in.

    What else is looked up must be there: data that may be none has a range of its own, which one that depends on
    another index cannot be narrowed to.
    """
    if not given and any(step.bounded for step in scope.steps):
        scope = replace(scope, strict=True)
    sequences = tuple(dict.fromkeys(step.sequence for step in scope.steps))
    known = b.integers(sequences[: b.whole(1, max(1, len(sequences)))], classes, b.pick(("Index", "Label")))
    return bracketed(known.name, reading(b, scope, known))


def entry(b: Builder, scope: Scope, known: Known) -> Expr:
    """One entry of a variable: at feature indices where their sizes fit, else at the first, or looked up."""
    found = reading(b, scope, known)
    for size in known.shape:
        fits = [name for name, other in scope.features if other == size]
        kind = b.whole(0, 5)
        if fits and kind < 5:
            found.append(b.pick(fits[::-1]))
        elif kind == 5 and scope.data and not size.is_number:
            found.append(looked_up(b, scope, size))
        else:
            found.append("0" if not size.is_number or kind < 3 else str(size.number - 1))
    return leaf(bracketed(known.name, found), known.large, varies=known.varies)


def end(b: Builder, scope: Scope, shape: Shape) -> Expr:
    """A leaf of a shape."""
    ways = [_pending, _variable, _data, _param, _param, _looked, _entry, _known_as_number, _constant, _part]
    order = (1, 0, 2, 3, 5, 6, 1, 4, 0, 7, 8, 9, 2, 3)
    for way in (ways[b.pick(order)], _variable, _data):
        found = way(b, scope, shape)
        if found is not None:
            return found
    return _param(b, scope, shape)


def vivid(b: Builder, scope: Scope, shape: Shape) -> Expr:
    """A leaf whose entries differ from 0 and from each other."""
    if scope.features and not shape:
        names, sizes = zip(*scope.features, strict=True)
        return leaf(bracketed(b.param(sizes).name, names), varies=True)
    return leaf(b.param(shape).name, varies=True)


def _pending(b: Builder, scope: Scope, shape: Shape) -> Expr | None:
    found = [leaf(p.text, p.large) for p in scope.pending if p.shape == shape]
    found += [leaf(name, large) for name, own, large in scope.locals if own == shape]
    return b.pick(found) if found else None


def _variable(b: Builder, scope: Scope, shape: Shape) -> Expr | None:
    found = [k for k in readable(b, scope, "Var") if k.shape == shape and set(k.sequences) <= set(b.sequences)]
    return read(b, scope, b.pick(found[:4])) if found else None


def _data(b: Builder, scope: Scope, shape: Shape) -> Expr | None:
    if not scope.data or len(shape) > 1:
        return None
    if scope.features and not shape and not b.chance(4):
        return entry(b, scope, b.data(some_sequences(b, scope), (b.pick(scope.features)[1],)))
    return read(b, scope, b.data(some_sequences(b, scope), shape, b.pick(("Input", "Input", "Input", "Target"))))


def _param(b: Builder, scope: Scope, shape: Shape) -> Expr:
    if scope.features and not shape and not b.chance(4):
        return vivid(b, scope, shape)
    if len(shape) == 2 and b.chance(3):
        return leaf(b.param(shape[::-1]).name + ".T", varies=True)
    return leaf(b.param(shape).name, varies=True)


def _looked(b: Builder, scope: Scope, shape: Shape) -> Expr | None:
    """A row or a column of a parameter, a one-hot, an entry of what is known."""
    if not scope.data:
        return None
    size = b.size()
    if size.least < 2:
        return None
    if len(shape) == 1 and b.chance(3) and not shape[0].is_number:
        return leaf(f"onehot({looked_up(b, scope, shape[0], given=True)})")
    if len(shape) == 1 and b.chance(2):
        return leaf(f"{b.param((shape[0], size)).name}[:, {looked_up(b, scope, size, given=True)}]")
    vectors = [k for k in readable(b, scope, "Var") if k.shape[1:] == shape and k.shape and k.shape[0].least > 1]
    if vectors and b.chance(2):
        known = b.pick(vectors)
        return leaf(
            bracketed(known.name, [*reading(b, scope, known), looked_up(b, scope, known.shape[0])]), known.large
        )
    return leaf(f"{b.param((size, *shape)).name}[{looked_up(b, scope, size, given=True)}]")


def _entry(b: Builder, scope: Scope, shape: Shape) -> Expr | None:
    """A part of something larger: an entry, a row, a column."""
    if not shape and (scope.features or b.chance(2)):
        larger = [k for k in readable(b, scope, "Var", "Param", "Input") if k.shape]
        return entry(b, scope, b.pick(larger[:5])) if larger else None
    larger = [k for k in readable(b, scope, "Var", "Param") if k.shape[1:] == shape and k.shape]
    if not larger:
        return None
    known = b.pick(larger[:5])
    return leaf(bracketed(known.name, [*reading(b, scope, known), "0"]), known.large, varies=known.varies)


def _part(b: Builder, scope: Scope, shape: Shape) -> Expr | None:
    """A stretch of a longer vector, or of a matrix's rows or columns."""
    if not shape:
        return None
    rest = b.size()
    first = b.chance(2)
    whole = shape[0] + rest
    stretch = f":{shape[0].text}" if first else f"{rest.text}:"
    if b.chance(3):
        stretch = f"0:{shape[0].text}" if first else f"{rest.text}:{whole.text}"
    larger = [k for k in readable(b, scope, "Var", "Param", "Input") if k.shape == (whole, *shape[1:])]
    known = b.pick(larger) if larger and b.chance(2) else b.param((whole, *shape[1:]))
    return leaf(bracketed(known.name, [*reading(b, scope, known), stretch]), known.large, varies=known.varies)


def _constant(b: Builder, scope: Scope, shape: Shape) -> Expr | None:
    return leaf(b.constant(shape).name, 1.3) if len(shape) < 2 else None


def _known_as_number(b: Builder, scope: Scope, shape: Shape) -> Expr | None:
    """A number, or an index or a size as a number."""
    if shape:
        return None
    ways: list[Callable[[], Expr]] = [lambda: number(b.number())]
    for step in scope.steps:
        ways.append(lambda step=step: Expr(f"{step.name} / {step.sequence}", 1.0, PRODUCT))  # type: ignore[misc]
    for name, size in scope.features:
        ways.append(lambda name=name, size=size: Expr(f"({name} + 1) / {_below(size)}", 1.0, PRODUCT))  # type: ignore[misc]
    sizes = [size for known in b.known for size in known.shape if not size.is_number]
    if sizes:
        ways.append(lambda: Expr(f"1 / sqrt({b.pick(sizes[:3]).text})", 1.0, PRODUCT))
    ways.append(lambda: Expr("-pi", 3.2, SIGN))
    return b.pick(ways)()


def _below(size: Size) -> str:
    return size.text if len(size.terms) + bool(size.number) == 1 and "*" not in size.text else f"({size.text})"


def applied(b: Builder, scope: Scope, shape: Shape, inner: Expr, size: Size) -> Expr:
    """A matrix of parameters on a vector of a size, one of the ways to write it."""
    (rows,) = shape
    way = b.whole(0, 3)
    if way == 2:
        return product(inner, leaf(b.param((size, rows)).name), inner.large * 1.5)
    if way == 3:
        return product(leaf(f"{b.param((size, rows)).name}.T"), inner, inner.large * 1.5)
    return product(leaf(b.param((rows, size)).name), inner, inner.large * 1.5)
