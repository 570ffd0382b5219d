"""Named indices: what they range over, and how a sum binds them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import sympy

from derive.affine import split
from derive.expressions import Axis, AxisKind, Index
from derive.language import bounds, rules_names, rules_sequences, rules_shapes
from derive.language.affines import NotAffine, Reported, affine
from derive.language.context import UNKNOWN, Scope, Work
from derive.language.subscripts import follow, variable_name

BINDERS = frozenset({"sum", "mean", "max", "logsumexp", "concat"})  # a softmax keeps its index


def bind(
    node: ast.expr,
    body: ast.expr,
    function: str,
    scope: Scope,
    work: Work,
    *,
    keeps: bool = False,
    others: Sequence[ast.expr] = (),
) -> tuple[str, Index] | None:
    """The index that `j` or `(j, first, last)` binds over a body; None after a fault.

    Args:
        node: the index, or the index with its range.
        body: where its range is read off.
        function: the name of the function that binds it, for messages.
        scope: what is in scope outside.
        work: where the index is made.
        keeps: whether the index is in scope outside too, as that of a softmax is.
        others: the indices that are bound after it.
    """
    name_node, given = head(node)
    if not isinstance(name_node, ast.Name):
        work.sink.report(node, rules_shapes.reduced_index(function, work.sink.source.short(node)))
        return None
    name = name_node.id
    if not _may_bind(name_node, function, scope, work, keeps):
        return None
    ends: list[sympy.Expr] = []
    for bound in given:
        end = _bound(bound, scope, work)
        if end is None:
            return None
        ends.append(end)
    axis = work.symbols.sequence_of(name)
    look = scope
    for other in (head(other)[0] for other in others):
        if isinstance(other, ast.Name):
            look = look.bind(other.id, Index(other.id, work.symbols.sequence_of(other.id) or UNKNOWN))
    if axis is None:
        axis = axis_of(name, [body], look.bind(name, Index(name, UNKNOWN)), work)
    if axis is None and ends and not work.quiet:
        axis = Axis(sympy.expand(ends[1] + 1))
    if axis is None:
        before = len(work.sink.faults)
        work.value(body, look.bind(name, work.index(name, UNKNOWN)))
        if len(work.sink.faults) == before:
            work.sink.report(name_node, rules_names.index_range_open(name, f"give its range: ({name}, 0, n-1)"))
        return (name, work.index(name, UNKNOWN)) if work.quiet else None
    return name, work.index(name, axis, *ends)


def head(node: ast.expr) -> tuple[ast.expr, tuple[ast.expr, ...]]:
    """The name and the ends of `j` or `(j, first, last)`."""
    if isinstance(node, ast.Tuple) and len(node.elts) == 3:
        return node.elts[0], tuple(node.elts[1:])
    return node, ()


def _may_bind(node: ast.Name, function: str, scope: Scope, work: Work, keeps: bool) -> bool:
    """Whether a name may be an index here."""
    name, symbols = node.id, work.symbols
    if symbols.is_variable(name) and name not in scope.locals:
        work.sink.report(node, rules_names.index_is_a_variable(name))
        return False
    if name in symbols.sizes:
        work.sink.report(node, rules_shapes.reduced_index(function, name))
        return False
    if keeps != (name in scope.indices) and (keeps or name not in scope.inherited):
        free = f"{name}1" if symbols.sequence_of(name) and not name[-1].isdigit() else "another letter"
        problem = rules_names.index_not_bound(name, work.left) if keeps else rules_names.index_is_bound(name, free)
        work.sink.report(node, problem)
        return False
    return True


def _bound(node: ast.expr, scope: Scope, work: Work) -> sympy.Expr | None:
    """An end of a range."""
    try:
        end = affine(node, scope, work)
    except Reported:
        return None
    except NotAffine:
        end = None
    if end is not None:
        index, rest = split(end)
        moving = [s for s in end.free_symbols if isinstance(s, Index)]
        number = end.as_coeff_Add()[0]
        if number.is_Integer and abs(number) > bounds.RANGE:
            work.sink.report(node, rules_sequences.end_too_far(work.sink.source.short(node), bounds.RANGE))
            return None
        if not moving or (index is not None and rest.is_Integer):
            return end
    work.sink.report(node, rules_shapes.range_bound(work.sink.source.short(node)))
    return None


def axis_of(name: str, bodies: list[ast.expr], scope: Scope, work: Work) -> Axis | None:
    """The axis of a feature index, read off what it subscripts; None while that is open."""
    found: list[tuple[Axis, ast.Subscript]] = []
    look = work.quietly()
    for body in bodies:
        for node, position, shifted, inner in _uses(body, name, scope, look):
            axes = _axes(node, inner, look)
            if axes is not None and position < len(axes) and axes[position].kind is AxisKind.FEATURE and not shifted:
                found.append((axes[position], node))
            elif axes is not None and position < len(axes) and shifted and not found:
                found.append((axes[position], node))
    if not found:
        return None
    axis, first = found[0]
    short = work.sink.source.short
    for other, node in found[1:]:
        if other != axis:
            problem = rules_names.index_ranges_differ(name, short(first), str(axis.size), short(node), str(other.size))
            work.sink.report(node, problem)
            return UNKNOWN
    return axis


def _uses(body: ast.expr, name: str, scope: Scope, work: Work) -> Iterator[tuple[ast.Subscript, int, bool, Scope]]:
    """Where an index subscripts something: the node, which subscript it is, whether it is shifted, and in which scope.

    Calls of helpers are looked into: an index may be an argument, or the caller's.
    """
    todo: list[tuple[ast.AST, Scope]] = [(body, scope)]
    while todo:
        node, here = todo.pop()
        work.symbols.work += bool(here.calls)
        if isinstance(node, ast.Subscript):
            elements = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            for position, element in enumerate(elements):
                if _is_index(element, name, here):
                    yield node, position, False, here
                elif isinstance(element, ast.BinOp) and any(
                    _is_index(part, name, here) for part in (element.left, element.right)
                ):
                    yield node, position, True, here
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if _rebinds(node, name):
                continue
            helper = work.symbols.helpers.get(node.func.id)
            if helper is not None and _may_expand(node, here, work):
                inner = here.inside(helper, node.args)
                todo += [(part, inner) for part in (helper.result, *(right for _, right in reversed(helper.locals)))]
        todo += [(child, here) for child in reversed(list(ast.iter_child_nodes(node)))]


def _may_expand(node: ast.Call, scope: Scope, work: Work) -> bool:
    """Whether the call of a helper can be looked into: what is wrong with it is said where it is read."""
    assert isinstance(node.func, ast.Name)
    name = node.func.id
    fits = len(node.args) == len(work.symbols.helpers[name].parameters) and not node.keywords
    return fits and name not in scope.locals and name not in scope.calls and work.symbols.work <= work.symbols.most


def _is_index(node: ast.expr, name: str, scope: Scope) -> bool:
    """Whether a subscript is an index, by its name or as a helper's argument."""
    node, scope = follow(node, scope)
    return isinstance(node, ast.Name) and node.id == name and name in scope.indices


def _rebinds(node: ast.Call, name: str) -> bool:
    """Whether a reduction inside uses the same letter for an index of its own."""
    if not (isinstance(node.func, ast.Name) and node.func.id in BINDERS):
        return False
    heads = (a.elts[0] if isinstance(a, ast.Tuple) and a.elts else a for a in node.args[1:])
    return any(isinstance(head, ast.Name) and head.id == name for head in heads)


def _axes(node: ast.Subscript, scope: Scope, work: Work) -> tuple[Axis, ...] | None:
    """All axes of what a node subscripts, sequences first."""
    base, base_scope = follow(node.value, scope)
    name = variable_name(base, base_scope, work)
    if name is not None:
        features = work.symbols.features(name)
        return None if features is None else (*work.symbols.sequences(name), *features)
    return work.value(base, base_scope).axes
