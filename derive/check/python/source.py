"""A person's file as text and tree: the functions that matter, and edits of the text that keep the rest as it is."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from derive.interpret import Array

Function = ast.FunctionDef
_TIGHT = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Constant, ast.Tuple, ast.List, ast.Dict)


@dataclass(frozen=True)
class Edit:
    """One change of the text that may undo a mistake.

    Attributes:
        start: where the replaced text begins, in characters of the file.
        end: where it ends.
        text: what stands there instead.
        fault: the mistake that this undoes, as a sentence.
        cost: how far-fetched it is; of edits that mend all, the lowest is believed.
        line: the line at fault, from 1.
    """

    start: int
    end: int
    text: str
    fault: str
    cost: float
    line: int

    @property
    def splice(self) -> tuple[int, int, str]:
        """What the child applies."""
        return self.start, self.end, self.text


@dataclass(frozen=True)
class Source:
    """A file, the called function, and what was seen when it ran.

    Attributes:
        text: the file.
        tree: the file's tree.
        name: the called function's name.
        shapes: by function-independent name of a local variable, the shapes it was seen with.
    """

    text: str
    tree: ast.Module
    name: str
    shapes: Mapping[str, frozenset[tuple[int, ...]]] = field(default_factory=dict)

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The called function and those of the file that it calls, in the order of the file."""
        by_name = {node.name: node for node in self.tree.body if isinstance(node, ast.FunctionDef)}
        reached: dict[str, None] = {}
        waiting = [self.name]
        while waiting:
            name = waiting.pop()
            if name in by_name and name not in reached:
                reached[name] = None
                waiting += [node.id for node in ast.walk(by_name[name]) if isinstance(node, ast.Name)]
        return tuple(node for name, node in by_name.items() if name in reached)

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self._lines:
            starts.append(starts[-1] + len(line))
        return starts

    @cached_property
    def _lines(self) -> list[str]:
        return [line + "\n" for line in self.text.split("\n")]  # as Python counts them, unlike `splitlines`

    @cached_property
    def _spans(self) -> dict[ast.AST, tuple[int, int]]:
        return {}

    def position(self, line: int, column: int) -> int:
        """Characters before a place that Python's parser gives in bytes of its line."""
        head = self._lines[line - 1].encode()[:column]
        return self._starts[line - 1] + len(head.decode(errors="ignore"))

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where a node stands."""
        found = self._spans.get(node)
        if found is None:
            assert node.end_lineno is not None and node.end_col_offset is not None
            start = self.position(node.lineno, node.col_offset)
            found = self._spans[node] = start, self.position(node.end_lineno, node.end_col_offset)
        return found

    def of(self, node: ast.expr | ast.stmt) -> str:
        """A node's text, as the person wrote it."""
        start, end = self.span(node)
        return self.text[start:end]

    def operand(self, node: ast.expr) -> str:
        """A node's text as part of a larger expression: in parentheses where it needs them."""
        text = self.of(node)
        return text if isinstance(node, _TIGHT) else f"({text})"

    def line(self, number: int) -> str:
        """A line without its indentation."""
        return self._lines[number - 1].strip() if 0 < number <= len(self._lines) else ""

    def edit(self, node: ast.expr | ast.stmt, text: str, fault: str, cost: float = 1.0) -> Edit:
        """An edit that puts a text in a node's place."""
        return Edit(*self.span(node), text, fault, cost, node.lineno)

    def insertion(self, after: ast.stmt, text: str, fault: str, cost: float, *, before: bool = False) -> Edit:
        """An edit that puts a statement behind another, or before it, in the same block."""
        indent = " " * after.col_offset
        if before:
            at = self.span(after)[0]
            return Edit(at, at, f"{text}\n{indent}", fault, cost, after.lineno)
        at = self.span(after)[1]
        line = after.end_lineno or after.lineno
        # Behind a comment of the same line, too.
        rest = self._lines[line - 1]
        end_of_line = self._starts[line - 1] + len(rest.rstrip("\n"))
        tail = self.text[at:end_of_line]
        at = end_of_line if not tail.strip() or tail.strip().startswith("#") else at
        return Edit(at, at, f"\n{indent}{text}", fault, cost, after.lineno)

    @cached_property
    def spans(self) -> list[list[int]]:
        """Where each function's lines stand and on which line it begins, decorators left out."""
        lasts = [f.end_lineno or f.lineno for f in self.functions]
        return [
            [self.position(f.lineno, 0), self._starts[last] - 1, f.lineno]
            for f, last in zip(self.functions, lasts, strict=True)
        ]

    def function_at(self, edit: Edit) -> int:
        """The number of the function that an edit is in."""
        return next(n for n, (start, end, _) in enumerate(self.spans) if start <= edit.start <= edit.end <= end)

    def corrected(self, edit: Edit) -> str:
        """The line at fault as it should be; all lines of a statement that spans several."""
        text = self.text[: edit.start] + edit.text + self.text[edit.end :]
        first = self.text.rfind("\n", 0, edit.start) + 1
        last = text.find("\n", edit.start + len(edit.text))
        lines = text[first : len(text) if last < 0 else last].splitlines()
        if edit.start == edit.end and len(lines) > 1:  # what is put in, alone
            before = set(self.text[first:].splitlines()[:1])
            lines = [line for line in lines if line not in before] or lines
        margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        return "\n".join(_without_comment(line[margin:]) for line in lines).strip("\n")

    def lead(self, edit: Edit) -> str:
        """What the corrected line is to the person's file: what a line should be, or one that is to be added."""
        line = self.text.count("\n", 0, edit.start) + 1
        if edit.start < edit.end or not edit.text.strip():
            return "it should be" if line == edit.line else f"line {line} should be"
        return f"to be added {'behind' if edit.text.startswith(chr(10)) else 'before'} line {line}"

    def apply(self, edit: Edit) -> str:
        """The whole file with an edit."""
        return self.text[: edit.start] + edit.text + self.text[edit.end :]


def _without_comment(line: str) -> str:
    """A line without the comment behind it, where that is plain to see."""
    head, mark, tail = line.partition("  #")
    return head.rstrip() if mark and not set(tail) & set("\"'") else line.rstrip()


def statements(function: Function) -> Iterable[ast.stmt]:
    """Every statement of a function, in the order of the text."""
    found = [node for node in ast.walk(function) if isinstance(node, ast.stmt) and node is not function]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def blocks(function: Function) -> Iterable[list[ast.stmt]]:
    """Every block of statements of a function."""
    for node in ast.walk(function):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


def element_shapes(records: Iterable[tuple[int, str, Array]]) -> dict[str, frozenset[tuple[int, ...]]]:
    """The shapes that each name was seen with."""
    found: dict[str, set[tuple[int, ...]]] = {}
    for _, name, value in records:
        found.setdefault(name, set()).add(value.shape)
    return {name: frozenset(shapes) for name, shapes in found.items()}
