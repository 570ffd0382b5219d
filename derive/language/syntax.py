"""Text -> statements: declarations, equations and helpers, as syntax trees that are never executed."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from dataclasses import dataclass, field

from derive.language import bounds, rules_text
from derive.language.source import Sink, Source

ROLES = ("Input", "Index", "Target", "Label", "Param", "Const", "Var")
MOST_SYNTAX_ERRORS = 20


@dataclass(frozen=True)
class Declaration:
    """`name: Role[size, ...] = default`.

    Attributes:
        name: the declared name's node.
        role: the role's name.
        sizes: the nodes of the sizes.
        default: the node of the default, if any.
        comment: the comment behind it.
    """

    name: ast.Name
    role: str
    sizes: tuple[ast.expr, ...]
    default: ast.expr | None
    comment: str


@dataclass(frozen=True)
class Statement:
    """`left = right`.

    Attributes:
        node: the whole statement.
        name: the variable that it defines (`y.predicted` too).
        subscripts: the nodes of the left side's subscripts.
        right: the right side.
        comment: the comment behind it.
    """

    node: ast.Assign
    name: str
    subscripts: tuple[ast.expr, ...]
    right: ast.expr
    comment: str

    @property
    def left(self) -> ast.expr:
        """The left side."""
        return self.node.targets[0]


@dataclass(frozen=True)
class Helper:
    """`def name(parameters): ...`: a pattern, expanded where it is called."""

    node: ast.FunctionDef
    parameters: tuple[str, ...]
    locals: tuple[tuple[str, ast.expr], ...]
    result: ast.expr


@dataclass
class File:
    """The statements of a file, in its order."""

    doc: str = ""
    declarations: list[Declaration] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    helpers: dict[str, Helper] = field(default_factory=dict)
    faulty: set[str] = field(default_factory=set)  # names whose statements cannot be read: nothing more is said of them


def parse(source: Source, sink: Sink) -> File:
    """The statements of a text; what cannot be read is reported and left out."""
    file = File()
    body = _tree(source, sink, file)
    if sink.faults and not body:
        return file
    comments = _comments(source)
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        if isinstance(body[0].value.value, str):
            file.doc = body[0].value.value.strip()
            body = body[1:]
    for node in body:
        long = bounds.too_long(node)
        if long or bounds.too_deep(node):
            problem = rules_text.expression_too_long() if long else rules_text.nested_too_deeply(bounds.DEPTH)
            sink.report(source.at(node.lineno, 1) if long else node, problem)
            file.faulty |= {name for name in re.findall(r"^\w+", source.lines[node.lineno - 1])}
            continue
        _statement(node, comments.get(node.end_lineno or 0, ""), file, sink)
    return file


def _tree(source: Source, sink: Sink, file: File) -> list[ast.stmt]:
    """The syntax tree; a statement that Python cannot parse is reported, blanked and the rest is parsed again."""
    lines = list(source.lines)
    extents = bounds.logical_lines(source.text)
    for _ in range(MOST_SYNTAX_ERRORS):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a docstring may hold LaTeX, whose backslashes Python dislikes
                return ast.parse("\n".join(lines)).body
        except (RecursionError, MemoryError):
            first, _ = max(extents, key=lambda extent: sum(len(line) for line in lines[extent[0] - 1 : extent[1]]))
            sink.report(source.at(first, 1), rules_text.expression_too_long())
            return []
        except SyntaxError as error:
            line = min(max(1, error.lineno or 1), len(lines))
            first, last = next((e for e in extents if e[0] <= line <= e[1]), (line, line))
            text = "\n".join(lines[first - 1 : last])
            if "was never closed" in error.msg:
                first = last = line
                text = lines[line - 1]
            elif not text.strip():
                first, last = _previous(lines, line)
                text = "\n".join(lines[first - 1 : last])
            rules_text.report_syntax_error(error, text, first, sink)
            file.faulty |= set(re.findall(r"^\s*(?:def\s+)?(\w+)", text))
            if not text.strip():
                return []
            while text.lstrip().startswith("def ") and last < len(lines) and lines[last][:1].isspace():
                last += 1
            for number in range(first, last + 1):
                lines[number - 1] = ""
    return []


def _previous(lines: list[str], line: int) -> tuple[int, int]:
    """The last line with text at or before a line: Python may complain about the end of a file."""
    while line > 1 and not lines[line - 1].strip():
        line -= 1
    return line, line


def _comments(source: Source) -> dict[int, str]:
    """The comment of each line that has one."""
    comments: dict[int, str] = {}
    if "#" not in source.text:
        return comments
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
            if token.type == tokenize.COMMENT:
                comments[token.start[0]] = token.string.lstrip("#").strip()
    except (tokenize.TokenError, SyntaxError):
        pass  # a syntax error, which is reported already
    return comments


def _statement(node: ast.stmt, comment: str, file: File, sink: Sink) -> None:
    match node:
        case ast.AnnAssign(target=ast.Name() as name, annotation=annotation, value=default):
            _declaration([name], annotation, default, comment, file, sink)
        case ast.AnnAssign(target=target):
            sink.report(target, rules_text.declaration_needs_a_name(sink.source.short(target)))
        case ast.Assign(targets=[target], value=value) if _role(value) is not None:
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            if all(isinstance(name, ast.Name) for name in names):
                _declaration([n for n in names if isinstance(n, ast.Name)], value, None, comment, file, sink)
            else:
                sink.report(target, rules_text.declaration_needs_a_name(sink.source.short(target)))
        case ast.Assign(targets=[target]):
            _equation(node, target, comment, file, sink)
        case ast.Assign():
            sink.report(node, rules_text.several_equals_signs())
        case ast.FunctionDef():
            _helper(node, file, sink)
        case ast.Expr(value=ast.Compare(ops=[ast.Eq(), *_])):
            sink.report(node, rules_text.comparison_as_statement(sink.source.short(node)))
        case ast.Expr(value=ast.Lambda()):
            place = sink.source.at(node.lineno, node.col_offset + 1, len("lambda"))
            sink.report(place, rules_text.python_word("lambda"))
        case _:
            sink.report(node, rules_text.not_a_statement(sink.source.short(node)))


def _role(node: ast.expr) -> str | None:
    """The role that a declaration's annotation names, None where it is none."""
    head = node.value if isinstance(node, ast.Subscript) else node
    return head.id if isinstance(head, ast.Name) and head.id in ROLES else None


def _declaration(
    names: list[ast.Name], annotation: ast.expr, default: ast.expr | None, comment: str, file: File, sink: Sink
) -> None:
    role = _role(annotation)
    if role is None:
        sink.report(annotation, rules_text.unknown_role(sink.source.short(annotation), ROLES))
        file.faulty |= {name.id for name in names}
        return
    sizes: tuple[ast.expr, ...] = ()
    if isinstance(annotation, ast.Subscript):
        inner = annotation.slice
        sizes = tuple(inner.elts) if isinstance(inner, ast.Tuple) else (inner,)
    file.declarations += [Declaration(name, role, sizes, default, comment) for name in names]


def _equation(node: ast.Assign, target: ast.expr, comment: str, file: File, sink: Sink) -> None:
    head, subscripts = target, ()
    if isinstance(target, ast.Subscript):
        head = target.value
        inner = target.slice
        subscripts = tuple(inner.elts) if isinstance(inner, ast.Tuple) else (inner,)  # type: ignore[assignment]
    match head:
        case ast.Name(id=name):
            pass
        case ast.Attribute(value=ast.Name(id=name), attr="predicted"):
            name = f"{name}.predicted"
        case _:
            sink.report(target, rules_text.not_a_left_side(sink.source.short(target)))
            return
    file.statements.append(Statement(node, name, subscripts, node.value, comment))


def _helper(node: ast.FunctionDef, file: File, sink: Sink) -> None:
    arguments = node.args
    plain = not (
        arguments.posonlyargs or arguments.kwonlyargs or arguments.vararg or arguments.kwarg or arguments.defaults
    )
    body = list(node.body)
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    steps: list[tuple[str, ast.expr]] = []
    for inner in body[:-1]:
        if not (isinstance(inner, ast.Assign) and len(inner.targets) == 1 and isinstance(inner.targets[0], ast.Name)):
            sink.report(inner, rules_text.helper_line(node.name))
            return
        steps.append((inner.targets[0].id, inner.value))
    last = body[-1] if body else node
    bare = node.returns is None and not any(argument.annotation for argument in arguments.args)
    plain = plain and bare
    if not plain or node.decorator_list or not (isinstance(last, ast.Return) and last.value is not None):
        sink.report(node if not plain else last, rules_text.helper_form(node.name))
        return
    if node.name in file.helpers:
        sink.report(node, rules_text.helper_twice(node.name))
        return
    file.helpers[node.name] = Helper(node, tuple(a.arg for a in arguments.args), tuple(steps), last.value)
