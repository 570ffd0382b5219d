"""What the rules look at: the functions' nodes, what names hold, and what can be read where."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from derive.check.python.source import Function, Source, statements

Shape = tuple[int, ...]
Assigning = ast.Assign | ast.AugAssign


@dataclass(frozen=True)
class Places:
    """The source with what is known of its names.

    Attributes:
        source: the file.
        params: the parameters' shapes.
        data: the data's shapes.
        forward: the shapes of the model's values.
        started: the values that have a start, and so a step more.
        labels: the names of integer data.
        valued: the local names that hold values of the model and no gradients.
        only: the lines at which there are many things to put in; all lines where it is empty.
    """

    source: Source
    params: Mapping[str, Shape]
    data: Mapping[str, Shape]
    forward: Mapping[str, Shape]
    started: frozenset[str]
    labels: frozenset[str]
    valued: frozenset[str] = frozenset()
    only: frozenset[int] = frozenset()

    @property
    def functions(self) -> tuple[Function, ...]:
        """The functions that may be at fault."""
        return self.source.functions

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[ast.expr]:
        """Every expression of these kinds in a function's body."""
        for function in self.functions:
            for statement in function.body:
                for node in ast.walk(statement):
                    if isinstance(node, kinds) and isinstance(node, ast.expr):
                        yield node

    @cached_property
    def assigning(self) -> tuple[Assigning, ...]:
        """Every assignment, plain or augmented."""
        every = (node for function in self.functions for node in statements(function))
        return tuple(node for node in every if isinstance(node, ast.Assign | ast.AugAssign))

    def function_of(self, node: ast.AST) -> Function:
        """The function that a node is in."""
        line = getattr(node, "lineno", 0)
        return next(f for f in self.functions if f.lineno <= line <= (f.end_lineno or f.lineno))

    def shapes(self, name: str) -> frozenset[Shape]:
        """The shapes that a name was seen with."""
        return self.source.shapes.get(name, frozenset())

    def shape_of(self, node: ast.expr) -> frozenset[Shape]:
        """The shapes of a name or of an entry of it, as far as the text tells; empty where it does not."""
        if isinstance(node, ast.Name):
            return self.shapes(node.id)
        if not isinstance(node, ast.Subscript):
            return frozenset()
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            key = node.slice.value
            held = {self.params.get(key), self.data.get(key), self.forward.get(key)} - {None}
            return frozenset(shape for shape in held if shape is not None)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if any(isinstance(part, ast.Slice) for part in parts[:-1]) and not isinstance(parts[-1], ast.Slice):
            return frozenset()
        count = sum(not isinstance(part, ast.Slice) for part in parts)
        return frozenset(shape[count:] for shape in self.shape_of(node.value) if len(shape) >= count)

    def is_wanted(self, node: ast.stmt) -> bool:
        """Whether things are to be put in at a statement."""
        return not self.only or node.lineno in self.only

    @cached_property
    def local_names(self) -> Mapping[Function, tuple[str, ...]]:
        """The names of numbers and arrays that each function assigns or is given."""
        found: dict[Function, tuple[str, ...]] = {}
        for function in self.functions:
            stored = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            stored |= {argument.arg for argument in function.args.args}
            found[function] = tuple(sorted(name for name in stored if self.shapes(name)))
        return found

    @cached_property
    def loops(self) -> Mapping[Function, tuple[ast.For, ...]]:
        """The loops of each function."""
        return {f: tuple(node for node in ast.walk(f) if isinstance(node, ast.For)) for f in self.functions}

    @cached_property
    def counters(self) -> Mapping[Function, tuple[str, ...]]:
        """The names of the loops' counters."""
        found: dict[Function, tuple[str, ...]] = {}
        for function in self.functions:
            names = (loop.target.id for loop in self.loops[function] if isinstance(loop.target, ast.Name))
            found[function] = tuple(dict.fromkeys(name for name in names if () in self.shapes(name)))
        return found

    def counter_at(self, statement: ast.stmt) -> str | None:
        """The counter of the innermost loop that a statement is in."""
        inner: ast.For | None = None
        for node in self.loops[self.function_of(statement)]:
            if node.lineno < statement.lineno <= (node.end_lineno or 0):
                inner = node if inner is None or node.lineno > inner.lineno else inner
        return inner.target.id if inner is not None and isinstance(inner.target, ast.Name) else None

    @cached_property
    def read(self) -> Mapping[Function, Mapping[str, frozenset[Shape]]]:
        """What each function reads elsewhere: entries of arrays, as text, with their shapes."""
        found: dict[Function, dict[str, frozenset[Shape]]] = {}
        for function in self.functions:
            texts: dict[str, frozenset[Shape]] = {}
            for node in ast.walk(function):
                if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                    shapes = self.shape_of(node)
                    if shapes:
                        texts[self.source.of(node)] = shapes
            found[function] = texts
        return found

    @cached_property
    def values(self) -> Mapping[Function, Mapping[str, frozenset[Shape]]]:
        """Everything that can be put into an expression of a function, as text: names and entries."""
        found: dict[Function, Mapping[str, frozenset[Shape]]] = {}
        for function in self.functions:
            names = {name: self.shapes(name) for name in self.local_names[function]}
            found[function] = {**names, **self._model_values(function), **self.read[function]}
        return found

    def is_value(self, text: str) -> bool:
        """Whether a text reads a value of the model: what an activation's derivative is made of."""
        base = text.split("[")[0]
        return base in self.valued or ("[" in text and base not in self.source.shapes)

    def _model_values(self, function: Function) -> dict[str, frozenset[Shape]]:
        """The model's values at a step of the loop, by the names that the function has for them."""
        counters = self.counters[function]
        aliases = dict(pair for node in self.assigning for pair in _renamed(self.source, node))
        found: dict[str, frozenset[Shape]] = {}
        if function.name != self.source.name or len(function.args.args) < 3:
            return found
        for argument, arrays in ((function.args.args[2].arg, self.forward), (function.args.args[1].arg, self.data)):
            for name, shape in arrays.items():
                base = f'{argument}["{name}"]'
                base = aliases.get(base, base)
                for counter in counters if len(shape) > 1 else ():
                    for step in (f"{counter} + 1", counter) if name in self.started else (counter,):
                        found[f"{base}[{step}]"] = frozenset({shape[1:]})
                        for example in counters:
                            if example != counter:
                                found[f"{base}[{step}, {example}]"] = frozenset({shape[2:]})
        return found


def _renamed(source: Source, node: Assigning) -> Iterator[tuple[str, str]]:
    """The entries of a dictionary that an assignment gives names: `h = forward["h"]`."""
    if not isinstance(node, ast.Assign):
        return
    target, value = node.targets[0], node.value
    pairs = zip(target.elts, value.elts, strict=False) if _both_tuples(target, value) else [(target, value)]  # type: ignore[attr-defined]
    for one, other in pairs:
        if isinstance(one, ast.Name) and isinstance(other, ast.Subscript):
            yield source.of(other), one.id


def _both_tuples(target: ast.expr, value: ast.expr) -> bool:
    return isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
