"""Equations: one variable or several that depend on each other, with their starts."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from tests.fuzz.models.expressions import SATURATING, array, tame
from tests.fuzz.models.leaves import end, shifted, vivid
from tests.fuzz.models.scope import Builder, Known, Pending, Scope, Step, bracketed, leaf
from tests.fuzz.models.text import SUM, Expr, Shape, add, call, product, subscripts, times, words

STARTS = ("0", "0", "0.5", "-0.3", "1")


def left(name: str, steps: list[str], scope: Scope) -> str:
    """A left side: the steps, then the feature indices of the scope, if it is in index notation."""
    return bracketed(name, [*steps, *(name for name, _ in scope.features)])


def body(b: Builder, scope: Scope, shape: Shape, depth: int) -> tuple[Scope, Expr]:
    """A right side in array notation or, with the scope that names the indices, in index notation."""
    if shape and b.chance(3):
        for size in shape:
            scope = scope.with_feature(b.index(scope), size)
        right = array(b, scope, (), depth)
        shown = all(subscripts(name, right.text) for name, _ in scope.features)
        return scope, right if shown else add(right, vivid(b, scope, ()))
    return scope, array(b, scope, shape, depth)


def shaped(b: Builder, right: Expr, shape: Shape) -> Expr:
    """The expression, with a parameter added where its own shape does not follow from what it reads."""
    tree = ast.parse(right.text, mode="eval").body
    shown = _shows(b, tree, shape) if shape else bool(words(right.text) & {known.name for known in b.known})
    return right if shown else add(right, vivid(b, Scope(), shape))


def _shows(b: Builder, node: ast.AST, shape: Shape) -> bool:
    """Whether something known of a shape stands in an expression, outside of what makes scalars of arrays."""
    match node:
        case ast.Name(id=name):
            return any(k.name == name and k.shape == shape and not k.sequences for k in b.known)
        case ast.Subscript(value=ast.Name(id=name), slice=inner):
            given = len(inner.elts) if isinstance(inner, ast.Tuple) else 1
            return any(k.name == name and k.shape == shape and len(k.sequences) == given for k in b.known)
        case ast.Call(func=ast.Name(id="sum" | "mean" | "max" | "logsumexp" | "norm2" | "dot"), args=[_]):
            return False
        case ast.Subscript() | ast.BinOp(op=ast.MatMult()):
            return False
    return any(_shows(b, inner, shape) for inner in ast.iter_child_nodes(node))


def plain(b: Builder) -> None:
    """A variable of what is known, at every step of some sequences."""
    sequences = _some(b)
    shape = b.shape()
    scope = Scope()
    axes = [Step(b.step_name(s, scope), s) for s in sequences]
    if len(sequences) == 2 and sequences[0] == sequences[1]:
        axes[1] = Step(axes[0].name + "1", sequences[1])
    for step in axes:
        scope = scope.with_step(step)
    name = b.fresh("Var")
    inner, right = body(b, scope, shape, b.whole(1, 3))
    zeros = (0,) * len(sequences)
    known = Known(name, "Var", sequences, shape, zeros, zeros, right.large)
    b.define(known, f"{left(name, [step.name for step in axes], inner)} = {right.text}")
    _declare_shape(b, known, right)


def _some(b: Builder) -> tuple[str, ...]:
    """Sequences of a variable, none to two of them."""
    if not b.sequences:
        return ()
    kind = b.whole(0, 7)
    if kind < 4:
        return (b.pick(b.sequences),)
    if kind == 4:
        return ()
    one = b.pick(b.sequences)
    return (one, b.pick(b.sequences)) if kind == 5 else (one,) if len(b.sequences) < 2 else b.sequences[:2]


def _declare_shape(b: Builder, known: Known, right: Expr) -> None:
    """A `Var` declaration, where one is needed or at random."""
    if b.chance(6):
        sizes = [*known.sequences, *(size.text for size in known.shape)]
        b.declarations.append(f"{known.name}: Var" + (f"[{', '.join(sizes)}]" if sizes else ""))


@dataclass(frozen=True)
class Direction:
    """How a recurrence runs along a sequence: 1 from left to right, -1 from right to left."""

    sequence: str
    sign: int

    def back(self, index: str, lag: int) -> str:
        return shifted(index, -self.sign * lag)

    def start(self, lag: int) -> str:
        """The step of the start that a lag needs."""
        return str(1 - lag) if self.sign > 0 else shifted(self.sequence, lag)

    def reach(self, lag: int) -> tuple[int, int]:
        return (lag, 0) if self.sign > 0 else (0, lag)


def recurrence(b: Builder) -> None:
    """One to three variables that read each other's steps before, along one sequence."""
    if not b.sequences:
        return plain(b)
    run = Direction(b.pick(b.sequences), b.pick((1, 1, -1)))
    others = tuple(s for s in b.sequences if s != run.sequence)[: b.whole(0, 3) == 3]
    scope = Scope().with_step(Step(run.sequence.lower(), run.sequence))
    for other in others:
        scope = scope.with_step(Step(other.lower(), other))
    rest = [step.name for step in scope.steps[1:]]
    index = scope.steps[0].name
    members = [(b.fresh("Var"), b.shape(), b.pick((1, 1, 2, 1, 3))) for _ in range(b.pick((1, 1, 2, 3)))]
    inside = len(members) == 1 and members[0][2] == 1 and b.chance(5)  # it starts at a step of the sequence itself
    equations: list[str] = []
    made: list[Known] = []
    lagged = [
        Pending(bracketed(name, [run.back(index, lag), *rest]), shape, 1.2)
        for name, shape, most in members
        for lag in range(1, most + 1)
    ]
    now: list[Pending] = []
    for name, shape, most in members:
        own = bracketed(name, [run.back(index, b.whole(1, most)), *rest])
        here = replace(scope, pending=tuple(now + lagged))
        inner, right, linear = _recurrent(b, here, shape, own)
        equations.append(f"{left(name, [index, *rest], inner)} = {right.text}")
        before, behind = run.reach(0 if inside else most)
        zeros = (0,) * len(others)
        made.append(Known(name, "Var", (run.sequence, *others), shape, (before, *zeros), (behind, *zeros), linear))
        equations += [_start(b, name, run.start(lag - inside), rest, others, shape) for lag in range(1, most + 1)]
        now.append(Pending(bracketed(name, [index, *rest]), shape, 1.2))
    b.equations += equations
    b.known += made


def _start(b: Builder, name: str, step: str, rest: list[str], others: tuple[str, ...], shape: Shape) -> str:
    """A start: a number, or something computed."""
    where = bracketed(name, [step, *rest])
    if b.chance(2):
        scope = Scope(tuple(Step(index, other) for index, other in zip(rest, others, strict=True)))
        return f"{where} = {tame(b, array(b, scope, shape, b.whole(0, 2)), 4.0).text}"
    return f"{where} = {b.pick(STARTS)}"


def _recurrent(b: Builder, scope: Scope, shape: Shape, own: str) -> tuple[Scope, Expr, float]:
    """A right side that reads itself and stays bounded, with how large it gets."""
    old = leaf(own, 1.2)
    way = b.whole(0, 4)
    if way == 4 and shape:
        for size in shape:
            scope = scope.with_feature(b.index(scope), size)
        at = [name for name, _ in scope.features]
        size, summed = shape[-1], b.index(scope)
        matrix = b.param((size, size))
        inner = leaf(f"{own[:-1]}, {', '.join([*at[:-1], summed])}]", 1.2)
        carried = call("sum", times(leaf(f"{matrix.name}[{at[-1]}, {summed}]"), inner).text, summed, large=1.5)
        rest = array(b, scope, (), b.whole(0, 2))
        rest = add(rest, vivid(b, scope, ())) if len(shape) > 1 else rest
        return scope, _bounded(b, add(carried, rest)), 1.0
    rest = shaped(b, array(b, scope, shape, b.whole(0, 3)), shape)
    if way == 1:
        gate = call("sigmoid", array(b, scope, shape, b.whole(0, 2)).text)
        mixed = add(times(gate, old), times(Expr(f"(1 - {gate.text})"), call("tanh", rest.text)))
        return scope, mixed, 1.2
    if way == 2:
        return scope, add(times(leaf(b.pick(("0.5", "0.9", "-0.4"))), old), tame(b, rest, 2.0)), 4.0
    if len(shape) == 0:
        carried = times(leaf(b.param(()).name), old)
    elif len(shape) == 1 and b.chance(2):
        carried = times(leaf(b.param(shape).name), old)
    elif b.chance(3) and len(shape) == 2:
        carried = product(old, leaf(b.param((shape[-1], shape[-1])).name), 1.5)
    else:
        carried = product(leaf(b.param((shape[0], shape[0])).name), old, 1.5)
    return scope, _bounded(b, add(carried, rest)), 1.0


def _bounded(b: Builder, inner: Expr) -> Expr:
    return call(b.pick(SATURATING), inner.text)


def grid(b: Builder) -> None:
    """A variable over two sequences that reads its neighbours along both, each in a direction of its own."""
    if len(b.sequences) < 2:
        return recurrence(b)
    runs = [Direction(s, b.pick((1, 1, -1))) for s in b.sequences[:2]]
    t, s = (run.sequence.lower() for run in runs)
    name, shape = b.fresh("Var"), b.shape(1)
    reads = [(runs[0].back(t, 1), s), (t, runs[1].back(s, 1)), (runs[0].back(t, 1), runs[1].back(s, 1))]
    reads = reads[: b.pick((2, 3, 3))]
    scope = Scope((Step(t, runs[0].sequence), Step(s, runs[1].sequence)))
    cells = [leaf(f"{name}[{one}, {other}]", 1.2) for one, other in reads]
    corner = len(reads) == 3
    endless = False  # whether nothing comes before the corner: it is read by no other variable
    if not shape and b.chance(2):
        cost = array(b, scope, (), b.whole(0, 2))
        joined = call("logsumexp", call("concat", *(cell.text for cell in cells)).text, large=6.0)
        right = add(tame(b, cost, 3.0), joined, b.pick("+-"))
        large = 8.0
        endless = corner and b.chance(2)
    else:
        right = array(
            b, replace(scope, pending=tuple(Pending(c.text, shape, 1.2) for c in cells)), shape, b.whole(0, 2)
        )
        for cell in cells:
            weight = leaf(b.param((shape[0], shape[0]) if shape else ()).name)
            right = add(right, product(weight, cell, 1.5) if shape else times(weight, cell))
        right, large = _bounded(b, right), 1.0
    b.equations.append(f"{name}[{t}, {s}] = {right.text}")
    first, second = runs[0].start(1), runs[1].start(1)
    axes = tuple(run.sequence for run in runs)
    start, side = _start(b, name, first, [s], axes[1:], shape), _start(b, name, second, [t], axes[:1], shape)
    if endless:
        start, side = f"{name}[{first}, {s}] = -inf", f"{name}[{second}, {t}] = -inf"
    b.equations.append(start)
    b.equations.append(side.replace(f"{name}[{second}, {t}]", f"{name}[{t}, {second}]", 1))
    if corner:
        b.equations.append(f"{name}[{first}, {second}] = {b.pick(STARTS)}")
    reach = [run.reach(1) if corner and not endless else (0, 0) for run in runs]
    b.known.append(Known(name, "Var", axes, shape, tuple(r[0] for r in reach), tuple(r[1] for r in reach), large))


def tree(b: Builder) -> None:
    """A variable over nodes that reads its children."""
    if not b.sequences:
        return plain(b)
    sequence = b.pick(b.sequences[::-1])
    k = sequence.lower()
    name, shape = b.fresh("Var"), b.shape(1)
    children: list[str] = []
    for _ in range(b.pick((1, 2))):
        old = [c for c in b.known if c.role == "Index" and c.classes is None and c.sequences == (sequence,)]
        if old and b.chance(2):
            children.append(f"{b.pick(old).name}[{k}]")
            continue
        pointer = b.fresh("Index")
        if b.chance(4):
            b.declarations.append(f"{pointer}: Index[{sequence}, 3, {sequence}]")
            children.append(f"{pointer}[{k}, {b.pick((0, 1, 2, 'i'))}]")
        else:
            b.declarations.append(f"{pointer}: Index[{sequence}, {sequence}]")
            b.known.append(Known(pointer, "Index", (sequence,), (), (0,), (0,)))
            children.append(f"{pointer}[{k}]")
    cells = [_child(b, name, child) for child in children]
    children = [child for child in children if not child.endswith("i]")]
    looked = [
        Pending(f"{k_.name}[{child}]", k_.shape, k_.large)
        for k_ in b.known
        for child in children
        if k_.sequences == (sequence,) and k_.classes is None and (k_.role == "Input" or k_.before == (1,))
    ]
    pending = tuple(looked + [Pending(cell.text, shape, cell.large) for cell in cells])
    right = array(b, Scope((Step(k, sequence),), pending=pending), shape, b.whole(0, 3))
    for cell in cells:
        weight = leaf(b.param((shape[0], shape[0]) if shape else ()).name)
        right = add(right, product(weight, cell, 1.5) if shape else times(weight, cell))
    b.equations.append(f"{name}[{k}] = {_bounded(b, right).text}")
    b.equations.append(_start(b, name, "0", [], (), shape))
    b.known.append(Known(name, "Var", (sequence,), shape, (1,), (0,), 1.0))


def _child(b: Builder, name: str, child: str) -> Expr:
    """A variable at a child, or over all of a node's children."""
    if child.endswith("i]"):
        return call(b.pick(("mean", "sum")), f"{name}[{child}]", "i", large=2.0)
    return leaf(f"{name}[{child}]", 1.2)


def past(b: Builder) -> None:
    """A variable that reads all of its past, from one end or the other."""
    if not b.sequences:
        return plain(b)
    sequence = b.pick(b.sequences)
    t = sequence.lower()
    name, shape = b.fresh("Var"), b.shape(1)
    forward = not b.chance(2)
    step = Step(f"{t}1", sequence, *((1, -1) if forward else (2, 0)), True)
    reach = f"({t}1, 1, {t}-1)" if forward else f"({t}1, {t}+1, {sequence})"
    scope = Scope((Step(t, sequence),))
    own = leaf(f"{name}[{t}1]", 1.2)
    weight = array(b, scope.with_step(step), (), b.whole(0, 2))
    inner = _bounded(b, add(own, end(b, scope.with_step(step), shape))) if b.chance(2) else own
    carried = call("sum", times(tame(b, weight, 2.0), inner).text, reach, large=4.0)
    right = _bounded(b, add(array(b, scope, shape, b.whole(0, 2)), carried))
    b.define(Known(name, "Var", (sequence,), shape, (0,), (0,), 1.0), f"{name}[{t}] = {right.text}")


def alignment(b: Builder) -> None:
    """A recurrence of log-probabilities, as of a conditional random field."""
    if not b.sequences:
        return plain(b)
    sequence = b.pick(b.sequences)
    t, name, size = sequence.lower(), b.fresh("Var"), b.size()
    scope = Scope((Step(t, sequence),))
    score = tame(b, array(b, scope, (size,), b.whole(0, 2)), 4.0)
    emission = Known(b.fresh("Var"), "Var", (sequence,), (size,), (0,), (0,), 4.0)
    b.define(emission, f"{emission.name}[{t}] = {score.text}")
    start = (
        add(leaf(f"{emission.name}[1]"), leaf(b.param((size,)).name)) if b.chance(2) else leaf(f"{emission.name}[1]")
    )
    i, j = "i", "j"
    matrix = b.param((size, size)).name
    reduction = "logsumexp" if not b.chance(4) else "max"
    inner = Expr(f"{name}[{t}-1, {i}] + {matrix}[{i}, {j}]", binds=SUM)
    right = f"{reduction}({inner.text}, {i}) + {emission.name}[{t}, {j}]"
    b.equations.append(f"{name}[1] = {start.text}")
    b.define(Known(name, "Var", (sequence,), (size,), (0,), (0,), 9.0), f"{name}[{t}, {j}] = {right}")


BLOCKS = (recurrence, plain, recurrence, grid, tree, past, alignment, plain)
