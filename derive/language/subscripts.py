"""Subscripts: steps, entries, stretches and look-ups of variables and of expressions."""

from __future__ import annotations

import ast
from dataclasses import replace

import sympy

from derive.affine import at_least, from_an_end, split
from derive.expressions import Axis, AxisKind, Index, Ref
from derive.language import bounds, rules_names, rules_sequences
from derive.language.affines import NotAffine, Reported, affine, extremes
from derive.language.context import UNKNOWN, Read, Scope, Work
from derive.language.looked import Looked, is_outside
from derive.language.symbols import step_names
from derive.language.values import OPEN, Value, open_or

Selection = tuple[sympy.Expr, Axis | None]  # where an axis is read (from), and the axis that stays of it


def subscripted(node: ast.Subscript, scope: Scope, work: Work) -> Value:
    """`base[subscripts]`, of a variable or of any expression."""
    elements = tuple(node.slice.elts) if isinstance(node.slice, ast.Tuple) else (node.slice,)
    base, base_scope = follow(node.value, scope)
    name = variable_name(base, base_scope, work)
    if name is not None:
        return variable(node, name, elements, scope, work)
    value = work.value(base, base_scope)
    if value.axes is None:
        entry = work.quiet and _is_concatenation(base) and not isinstance(elements[0], ast.Slice)
        return open_or(()) if entry else OPEN
    chosen, entries = _select(node, value, elements, scope, work)
    data = tuple(e for e in entries if isinstance(e, Ref) and is_outside(e, work.ranges, work.symbols))
    if not data:
        return chosen
    return replace(chosen, entry=lambda at: Looked(chosen.entry(at), *data))  # 0 where there is nothing to look up with


def _is_concatenation(node: ast.expr) -> bool:
    """Whether an expression is a concatenation, or a stretch of one: a vector, however long its parts are."""
    match node:
        case ast.Subscript(value=of, slice=ast.Slice()):
            return _is_concatenation(of)
        case ast.Call(func=ast.Name(id="concat")):
            return True
    return False


def follow(node: ast.expr, scope: Scope) -> tuple[ast.expr, Scope]:
    """What a helper's parameter stands for, so that `h[t-1]` works with a sequence variable for `h`."""
    while isinstance(node, ast.Name) and node.id in scope.locals:
        closure = scope.locals[node.id]
        node, scope = closure.node, closure.scope
    return node, scope


def variable_name(node: ast.expr, scope: Scope, work: Work) -> str | None:
    """The variable that a node names, if any."""
    match node:
        case ast.Name(id=name) if name not in scope.indices and work.symbols.is_variable(name):
            return name
        case ast.Attribute(value=ast.Name(id=name), attr="predicted") if work.symbols.is_variable(f"{name}.predicted"):
            return f"{name}.predicted"
    return None


def variable(node: ast.expr, name: str, elements: tuple[ast.expr, ...], scope: Scope, work: Work) -> Value:
    """A variable at its steps, with the subscripts of its features, if any."""
    symbols = work.symbols
    sequences, features = symbols.sequences(name), symbols.features(name)
    if len(elements) < len(sequences):
        work.sink.report(node, rules_names.step_missing(name, ", ".join(step_names(sequences))))
        return OPEN
    steps = [_step(e, name, axis, scope, work) for e, axis in zip(elements, sequences, strict=False)]
    found = tuple(step for step in steps if step is not None)
    if features is None:
        named = symbols.defined[name].named
        full = work.vectors_assumed and 0 < named == len(elements) - len(sequences)
        return open_or(()) if full and not any(isinstance(e, ast.Slice) for e in elements) else OPEN
    classes = symbols.variables[name].classes if symbols.is_integer(name) else None
    whole = Value(features, lambda at: Ref(name, *found, *at), classes=classes)
    value, entries = _select(node, whole, elements[len(sequences) :], scope, work, len(sequences))
    if len(found) < len(sequences) or value.axes is None:
        return OPEN
    if not work.quiet:
        work.reads.append(Read(name, found, entries, node))
    return value


def _step(node: ast.expr, name: str, axis: Axis, scope: Scope, work: Work) -> sympy.Expr | None:
    """The step at which a sequence variable is read."""
    short = work.sink.source.short
    if isinstance(node, ast.Slice):
        stem = str(axis.size).lower()
        mend = f"a part of the steps is the range of an index: sum({name}[{stem}1], ({stem}1, 1, {stem}))"
        work.sink.report(node, rules_names.step_expected(short(node), name, str(axis.size), mend))
        return None
    try:
        step = affine(node, scope, work)
    except Reported:
        return None
    except NotAffine:
        return _looked_up_step(node, name, axis, scope, work)
    index, offset = split(step)
    symbols = [s for s in step.free_symbols if isinstance(s, Index)]
    if (index is None and symbols) or (index is not None and not offset.is_Integer):
        work.sink.report(node, rules_names.bad_subscript(short(node)))
        return None
    shift = from_an_end(offset, axis.size)
    if shift.is_Integer and abs(shift) > bounds.SHIFT:
        work.sink.report(node, rules_sequences.shift_too_large(short(node), bounds.SHIFT))
        return None
    if index is not None and index.axis != axis:
        steps = ", ".join(step_names(work.symbols.sequences(name)))
        work.sink.report(node, rules_names.wrong_sequence(name, short(node), str(axis.size), steps))
        return None
    return step


def _looked_up_step(node: ast.expr, name: str, axis: Axis, scope: Scope, work: Work) -> sympy.Expr | None:
    """The step `left[k]` at which a variable over nodes is read."""
    short = work.sink.source.short
    looked = work.value(node, scope)
    if looked.axes is None:
        return None
    if looked.classes is None or looked.axes != ():
        size = str(axis.size)
        mend = f"what looks up a step is declared so: Index[{size}, {size}]" if isinstance(node, ast.Subscript) else ""
        work.sink.report(node, rules_names.step_expected(short(node), name, size, mend))
        return None
    if looked.classes != axis.size:
        work.sink.report(node, rules_names.step_looked_up(short(node), str(axis.size)))
        return None
    step = looked.entry(())
    if not work.quiet and not (isinstance(step, Ref) and not is_outside(step, work.ranges, work.symbols)):
        work.sink.report(node, rules_sequences.node_of_none(short(node), str(axis.size).lower()))
        return None
    return step


def _select(
    node: ast.expr, value: Value, elements: tuple[ast.expr, ...], scope: Scope, work: Work, before: int = 0
) -> tuple[Value, tuple[sympy.Expr | None, ...]]:
    """The part of an array that subscripts leave, and what they are."""
    assert value.axes is not None
    if not elements:
        return value, (None,) * len(value.axes)
    if len(elements) > len(value.axes):
        most, given = before + len(value.axes), before + len(elements)
        work.sink.report(node, rules_names.too_many_subscripts(work.sink.source.short(node), most, given))
        return OPEN, ()
    chosen = [_entry(e, axis, scope, work) for e, axis in zip(elements, value.axes, strict=False)]
    selections = [c for c in chosen if c is not None]
    if len(selections) < len(chosen):
        return OPEN, ()
    rest = value.axes[len(selections) :]
    axes = tuple(axis for _, axis in selections if axis is not None) + rest

    def entry(at: tuple[sympy.Expr, ...]) -> sympy.Expr:
        left = list(at)
        where = [start if axis is None else start + left.pop(0) for start, axis in selections]
        return value.entry((*where, *left))

    entries = tuple(start if axis is None else None for start, axis in selections) + (None,) * len(rest)
    return Value(axes, entry, classes=value.classes), entries


def _entry(node: ast.expr, axis: Axis, scope: Scope, work: Work) -> Selection | None:
    """One subscript of a feature axis."""
    short = work.sink.source.short
    if isinstance(node, ast.Slice):
        return _stretch(node, axis, scope, work)
    try:
        where = affine(node, scope, work)
    except Reported:
        return None
    except NotAffine:
        looked = work.value(node, scope)
        if looked.classes is None or looked.axes != ():
            if looked.axes is not None:
                work.sink.report(node, rules_names.bad_subscript(short(node)))
            return None
        if looked.classes != axis.size or work.symbols.is_length(looked.classes):
            problem = rules_names.lookup_range(short(node), str(looked.classes), str(axis.size))
            work.sink.report(node, problem)
            return None
        return looked.entry(()), None
    if not work.quiet and not _inside(node, where, axis, work):
        return None
    return where, None


def _inside(node: ast.expr, where: sympy.Expr, axis: Axis, work: Work) -> bool:
    """Whether an entry lies inside its axis, as far as that can be said; a fault is reported."""
    short = work.sink.source.short
    index, offset = split(where)
    indices = [s for s in where.free_symbols if isinstance(s, Index)]
    if len(indices) > (index is not None):
        work.sink.report(node, rules_names.bad_subscript(short(node)))
        return False
    if index is not None and index.axis.kind is not AxisKind.FEATURE:
        problem = rules_names.step_on_features(index.name.partition("'")[0], str(index.axis.size), str(axis.size))
        work.sink.report(node, problem)
        return False
    low, high = extremes(where, work.ranges)
    if index is None:
        outside = at_least(sympy.Integer(-1), low) or at_least(high, axis.size)
    else:
        if index.axis is UNKNOWN or (index.axis == axis and offset == 0):
            return True
        outside = not (at_least(low, sympy.Integer(0)) and at_least(axis.size - 1, high))
    if outside:
        work.sink.report(node, rules_names.entry_outside(short(node), str(axis.size)))
    return not outside


def _stretch(node: ast.Slice, axis: Axis, scope: Scope, work: Work) -> Selection | None:
    """`first:end` of an axis; both ends count from the front."""
    short = work.sink.source.short
    try:
        start = affine(node.lower, scope, work) if node.lower else sympy.Integer(0)
        end = affine(node.upper, scope, work) if node.upper else axis.size
    except Reported:
        return None
    except NotAffine:
        work.sink.report(node, rules_names.bad_subscript(short(node)))
        return None
    moving = any(isinstance(s, Index) for bound in (start, end) for s in bound.free_symbols)
    if node.step is not None or moving or not at_least(start, sympy.Integer(0)):
        work.sink.report(node, rules_names.slice_step(short(node)))
        return None
    if not at_least(axis.size, end) or not at_least(end - start, sympy.Integer(0)):
        work.sink.report(node, rules_names.slice_outside(short(node), str(end), str(axis.size)))
        return None
    return start, Axis(sympy.expand(end - start))
