"""Helpers: patterns with parameters and lines of their own, called with any expressions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.fuzz.models.scope import Builder, Scope
from tests.fuzz.models.text import Expr, Shape, add, call, words

Array = Callable[[Builder, Scope, Shape, int], Expr]
# Some hide what a model has under these names.
PARAMETERS = ("u", "v", "W", "h", "x", "z", "a", "b")


@dataclass(frozen=True)
class Helper:
    """A helper: its name, the shapes of its parameters, and that of what it gives."""

    name: str
    parameters: tuple[Shape, ...]
    shape: Shape


def called(b: Builder, scope: Scope, shape: Shape, depth: int, array: Array) -> Expr:
    """A helper, an old one or a new one, with its arguments."""
    old = [h for h in b.helpers if h.shape == shape]
    helper = b.pick(old) if old and b.chance(2) else _made(b, shape, array)
    arguments = [array(b, scope, own, depth - 1) for own in helper.parameters]
    return call(helper.name, *(argument.text for argument in arguments), large=4.0)


def of_a_sequence(b: Builder, scope: Scope, shape: Shape) -> Expr | None:
    """A helper of a whole sequence variable, which it reads at steps of its own choice."""
    found = [
        (step, known)
        for step in scope.steps
        for known in b.known
        if known.role == "Var" and known.sequences == (step.sequence,) and known.shape == shape
        if step.low - 1 >= 1 - known.before[0] and step.high <= known.behind[0] and scope.data
    ]
    if not found:
        return None
    step, known = b.pick(found)
    name = b.fresh("helper")
    b.definitions.append(f"def {name}(v): return v[{step.name}] - 0.5 * v[{step.name}-1]")
    return Expr(f"{name}({known.name})", 1.5 * known.large)


def _made(b: Builder, shape: Shape, array: Array) -> Helper:
    """A new helper of one to three parameters, and up to two lines before the last."""
    shapes = tuple(b.pick((shape, (), b.shape(1))) for _ in range(b.pick((1, 2, 3))))
    start = b.whole(0, len(PARAMETERS) - 1)
    names = [PARAMETERS[(start + n) % len(PARAMETERS)] for n in range(len(shapes))]
    known, before = b.known, set(b.names)
    b.names |= {*names, "kept", "part", "rest"}
    b.known = [k for k in known if k.name not in names and not k.sequences]  # the others' steps are the caller's
    scope = Scope(locals=tuple((name, own, 3.0) for name, own in zip(names, shapes, strict=True)), data=False)
    lines: list[str] = []
    for n in range(b.pick((0, 0, 1, 2))):
        own = b.pick((shape, b.shape(1)))
        name = b.pick(("kept", "part", names[0])) if n == 0 else "rest"
        lines.append(f"    {name} = {array(b, scope, own, 1).text}")
        scope = Scope(locals=(*(known for known in scope.locals if known[0] != name), (name, own, 3.0)), data=False)
    result = array(b, scope, shape, 2)
    for name, own, large in scope.locals:
        if own == shape and name not in words(result.text):
            result = add(result, Expr(name, large))
    result = call("tanh", result.text)
    made = [k for k in b.known if k not in known]
    b.known = [*known, *made]
    b.names -= {*names, "kept", "part", "rest"} - before
    name = b.fresh("helper")
    head = f"def {name}({', '.join(names)}):"
    b.definitions.append(
        "\n".join([head, *lines, f"    return {result.text}"]) if lines else f"{head} return {result.text}"
    )
    b.helpers.append(helper := Helper(name, shapes, shape))
    return helper
