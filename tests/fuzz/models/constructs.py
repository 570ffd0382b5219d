"""Which constructs of the language a text uses, for a table of what was covered."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

_OPERATORS = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "Pow": "**", "MatMult": "@"}
_OVER_INDICES = ("sum", "mean", "max", "logsumexp", "softmax", "logsoftmax")
_ROLES = ("Input", "Target", "Label", "Index", "Param", "Const", "Var")


def constructs(text: str) -> frozenset[str]:
    """The names of the language's constructs that a text uses."""
    tree = ast.parse(text)
    found = {name for node in ast.walk(tree) for name in _of(node)}
    found -= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    declared = {name: annotation for node in tree.body for name, annotation in _declared(node)}
    sequences = {n.id for a in declared.values() for n in ast.walk(a) if isinstance(n, ast.Name) and n.id in "TSK"}
    equations = [node for node in tree.body if isinstance(node, ast.Assign) and not list(_declared(node))]
    for node in equations:
        found |= set(_left(node.targets[0], {name.lower() for name in sequences}))
        found |= set(_recurrences(node))
    found |= set(_shared(declared, equations))
    found |= {f"sequences: {len(sequences)}"} | ({"a comment"} if "#" in text else set())
    found |= {"a docstring"} if ast.get_docstring(tree) else set()
    return frozenset(found)


def _declared(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """The names that a statement declares, with their roles and sizes."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, node.annotation
    elif isinstance(node, ast.Assign):
        head = node.value.value if isinstance(node.value, ast.Subscript) else node.value
        if isinstance(head, ast.Name) and head.id in _ROLES:
            target = node.targets[0]
            for name in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(name, ast.Name):
                    yield name.id, node.value


def _of(node: ast.AST) -> Iterator[str]:
    """What one node is, wherever it stands."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=args):
            yield name
            if name in _OVER_INDICES and len(args) > 1:
                yield f"{name} over a named index"
                yield from ["several indices"] if len(args) > 2 else []
                for range_ in args[1:]:
                    if isinstance(range_, ast.Tuple):
                        yield "part of a range"
                        ends = [n.id for end in range_.elts[1:] for n in ast.walk(end) if isinstance(n, ast.Name)]
                        yield from ["a range that ends at an index"] if any(end.islower() for end in ends) else []
        case ast.AnnAssign(annotation=annotation, value=value):
            head = annotation.value if isinstance(annotation, ast.Subscript) else annotation
            if isinstance(head, ast.Name):
                yield head.id + (" with a default" if value is not None else "")
        case ast.Assign(targets=[ast.Tuple()]):
            yield "several names in a declaration"
        case ast.BinOp(op=op):
            yield _OPERATORS[type(op).__name__]
        case ast.Attribute(attr="T"):
            yield "transpose"
        case ast.Attribute(attr="predicted"):
            yield "predicted"
        case ast.FunctionDef(body=body):
            yield "helper of several lines" if len(body) > 1 else "helper"
        case ast.Slice():
            yield "part"
        case ast.Subscript(value=of, slice=inner):
            if any(isinstance(n, ast.Subscript) for n in ast.walk(inner)):
                yield "look-up"
            if not isinstance(of, ast.Name | ast.Attribute):
                yield "an expression subscripted"


def _left(target: ast.expr, steps: set[str]) -> Iterator[str]:
    """What a left side says: a start, indices of features, one sequence or two."""
    if not isinstance(target, ast.Subscript):
        yield "once per sequence"
        return
    subscripts = target.slice.elts if isinstance(target.slice, ast.Tuple) else [target.slice]
    names = [node.id for node in subscripts if isinstance(node, ast.Name)]
    over = [name for name in names if name.rstrip("0123456789") in steps]
    if len(over) < len(names) and not any(name.isupper() for name in names):
        yield "index notation on the left"
    literal = [node for node in subscripts if not isinstance(node, ast.Name) or node.id.isupper()]
    if len(literal) > 1:
        yield "start in a corner"
    for node in literal:
        number = isinstance(node, ast.Constant)
        yield (
            "start within the sequence"
            if isinstance(node, ast.Name) or (number and node.value == 1)
            else (
                "start before the sequence" if number or isinstance(node, ast.UnaryOp) else "start behind the sequence"
            )
        )
    if len(over) > 1:
        yield "two sequences"


def _recurrences(node: ast.Assign) -> Iterator[str]:
    """How an equation reads its own variable."""
    target = node.targets[0]
    if not (isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name)):
        return
    for inner in ast.walk(node.value):
        if isinstance(inner, ast.Subscript) and isinstance(inner.value, ast.Name) and inner.value.id == target.value.id:
            subscripts = inner.slice.elts if isinstance(inner.slice, ast.Tuple) else [inner.slice]
            moved = [s for s in subscripts if isinstance(s, ast.BinOp) and isinstance(s.right, ast.Constant)]
            if len(moved) > 1:
                yield "recurrence along a diagonal"
            for step in moved:
                way = "left to right" if isinstance(step.op, ast.Sub) else "right to left"
                yield f"recurrence from {way}, lag {ast.unparse(step.right)}"
            if any(isinstance(s, ast.Subscript) for s in subscripts):
                yield "recurrence over a tree"
            if not moved and isinstance(subscripts[0], ast.Name) and subscripts[0].id[-1].isdigit():
                yield "recurrence over all of the past"


def _shared(declared: dict[str, ast.expr], equations: list[ast.Assign]) -> Iterator[str]:
    """Parameters that stand in several equations, or more than once in one."""
    uses = Counter(
        inner.id
        for node in equations
        for inner in ast.walk(node.value)
        if isinstance(inner, ast.Name) and inner.id in declared
    )
    heads = {name: kind.value if isinstance(kind, ast.Subscript) else kind for name, kind in declared.items()}
    if any(isinstance(head, ast.Name) and head.id == "Param" and uses[name] > 1 for name, head in heads.items()):
        yield "a shared parameter"
