"""Tokens -> formulas, by a grammar (`latex.lark`) that Lark reads from left to right in linear time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from derive.check.tex import nodes
from derive.check.tex.nodes import Node
from derive.check.tex.tokens import Mark, Unreadable
from derive.errors import DeriveError, Fault

if TYPE_CHECKING:
    from lark import Lark

_SPOKEN = {
    "REL": "a second sign of relation", "SEP": "a comma", "COMMA": "a comma", "CLOSE": "a closing bracket",
    "END": "a closing brace", "SUB": "a subscript", "SUP": "a superscript", "SIGN": "a sign", "PRIME": "a prime",
    "AMP": "an &", "ROW": "the end of a row", "FOR": "a word", "COLON": "a colon", "OTHERWISE": "a word",
}  # fmt: skip


@lru_cache(maxsize=1)
def _parser() -> Lark:
    try:
        from lark import Lark, Token
        from lark.lexer import Lexer
    except ImportError:
        raise DeriveError(
            Fault("reading LaTeX needs the package lark", hint="pip install lark, or write a .hand.eq file")
        ) from None

    class Given(Lexer):
        """Hands on tokens that were made before."""

        def __init__(self, conf: Any) -> None:
            """There is nothing to prepare."""

        def lex(self, data: Any) -> Iterator[Token]:  # type: ignore[override]
            """The tokens as Lark has them; their places are characters of the file."""
            for mark in data:
                yield Token(mark.kind, mark.value, start_pos=mark.start, end_pos=mark.end)

    return Lark.open("latex.lark", rel_to=__file__, parser="lalr", lexer=Given, maybe_placeholders=False)


def statement(marks: Sequence[Mark]) -> tuple[Node, ...]:
    """The equation, and the conditions behind it.

    Args:
        marks: the tokens of one statement.

    Raises:
        Unreadable: they are no formula.
        DeriveError: Lark is not installed.
    """
    parser = _parser()
    from lark import Token, UnexpectedInput, UnexpectedToken

    for mark in marks:
        if mark.kind.startswith("ENVIRONMENT"):
            raise Unreadable(f"{mark.value} is not read inside an equation", mark.start, mark.end)
    try:
        tree = parser.parse(marks)
    except UnexpectedToken as error:
        token = error.token
        if token.type == "$END":
            last = marks[-1]
            raise Unreadable(
                "the equation ends too early", last.start, last.end, "is a bracket or a factor missing?"
            ) from None
        assert isinstance(token, Token)
        what = _SPOKEN.get(token.type, f"{token.value}")
        raise Unreadable(f"{what} is not expected here", token.start_pos or 0, token.end_pos or 0) from None
    except UnexpectedInput:
        raise Unreadable("this is not understood", marks[0].start, marks[-1].end) from None
    return tuple(_node(part) for part in tree.children if not isinstance(part, Token))


def _node(tree: Any) -> Node:
    """Lark's tree as ours; the place of a node is that of its tokens."""
    # A token is a text.
    children = [child if isinstance(child, str) else _node(child) for child in tree.children if child is not None]
    if tree.data in ("below", "above", "prime", "chosen", "otherwise", "items"):
        return _Raw(_start(children), _end(children), str(tree.data), tuple(children))
    made: Node = _MADE[str(tree.data)](_start(children), _end(children), children)
    return made


class _Raw(Node):
    """A part that its parent takes apart."""

    def __init__(self, start: int, end: int, data: str, children: tuple[Any, ...]) -> None:
        super().__init__(start, end)
        object.__setattr__(self, "data", data)
        object.__setattr__(self, "children", children)

    data: str
    children: tuple[Any, ...]


def _start(children: Sequence[Any]) -> int:
    return min((c.start if isinstance(c, Node) else c.start_pos for c in children), default=0)


def _end(children: Sequence[Any]) -> int:
    return max((c.end if isinstance(c, Node) else c.end_pos for c in children), default=0)


def _parts(children: Sequence[Any]) -> list[Node]:
    return [child for child in children if isinstance(child, Node)]


def _relation(start: int, end: int, children: list[Any]) -> Node:
    sides = _parts(children)
    return nodes.Relation(start, end, tuple(sides), _texts(children)) if len(sides) > 1 else sides[0]


def _continued(start: int, end: int, children: list[Any]) -> Node:
    return nodes.Relation(start, end, tuple(_parts(children)), _texts(children))


def _texts(children: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(child) for child in children if not isinstance(child, Node))


def _expression(start: int, end: int, children: list[Any]) -> Node:
    signs = ["+", *_texts(children)] if isinstance(children[0], Node) else list(_texts(children))
    terms = tuple(zip(signs, _parts(children), strict=True))
    return terms[0][1] if len(terms) == 1 and terms[0][0] == "+" else nodes.Sum(start, end, terms)


def _term(start: int, end: int, children: list[Any]) -> Node:
    factors = _parts(children)
    signs = tuple((child.type, str(child)) for child in children if not isinstance(child, Node))
    return nodes.Term(start, end, tuple(factors), signs) if signs else factors[0]


def _product(start: int, end: int, children: list[Any]) -> Node:
    return nodes.Product(start, end, tuple(children)) if len(children) > 1 else _parts(children)[0]


def _scripts(children: Sequence[Any], name: str) -> tuple[Node, ...]:
    found: list[Node] = []
    for child in children:
        if isinstance(child, _Raw) and child.data == name:
            of = _parts(child.children)[0]
            found += of.items if isinstance(of, nodes.Group) and of.kind == "" else [of]
    return tuple(found)


def _scripted(start: int, end: int, children: list[Any]) -> Node:
    base = children[0]
    if isinstance(base, nodes.Accent) and base.name == "brace":
        return base  # what stands at a brace is a remark
    primes = sum(isinstance(child, _Raw) and child.data == "prime" for child in children)
    below, above = _scripts(children, "below"), _scripts(children, "above")
    if above and isinstance(above[-1], nodes.Letter) and above[-1].text == "'":
        above, primes = above[:-1], primes + 1
    if isinstance(base, nodes.Scripted):
        # Braces around a symbol are not seen: {h^{(t)}}^\top.
        below, above = (*base.below, *below), (*base.above, *above)
        return nodes.Scripted(start, end, base.base, below, above, base.primes + primes)
    return nodes.Scripted(start, end, base, below, above, primes)


def _big(start: int, end: int, children: list[Any]) -> Node:
    return nodes.Big(
        start, end, str(children[0]), _scripts(children, "below"), _scripts(children, "above"), children[-1]
    )


def _group(start: int, end: int, children: list[Any]) -> Node:
    return nodes.Group(start, end, str(children[0]), tuple(_parts(children[1].children)))


def _braces(start: int, end: int, children: list[Any]) -> Node:
    items = tuple(_parts(children[1].children))
    alone = (nodes.Letter, nodes.Number, nodes.Scripted, nodes.Group, nodes.Accent, nodes.Fraction)
    if len(items) == 1 and isinstance(items[0], alone):
        return replace(items[0], start=start, end=end)
    return nodes.Group(start, end, "", items)


def _bare(node: Node) -> Node:
    """An argument without its braces."""
    return node.items[0] if isinstance(node, nodes.Group) and node.kind == "" and len(node.items) == 1 else node


def _circled(start: int, end: int, children: list[Any]) -> Node:
    return nodes.Circled(start, end, _parts(_parts(children)[0].children)[0])  # type: ignore[attr-defined]


def _part(start: int, end: int, children: list[Any]) -> Node:
    colon = next(n for n, child in enumerate(children) if not isinstance(child, Node))
    before, after = _parts(children[:colon]), _parts(children[colon:])
    return nodes.Part(start, end, before[0] if before else None, after[0] if after else None)


def _cases(start: int, end: int, children: list[Any]) -> Node:
    rows = []
    for child in children:
        if isinstance(child, _Raw):
            value, *condition = _parts(child.children)
            rows.append((value, condition[0] if condition else None))
    return nodes.Cases(start, end, tuple(rows))


_MADE: dict[str, Any] = {
    "relation": _relation, "continued": _continued, "expression": _expression, "term": _term, "product": _product,
    "scripted": _scripted, "big": _big, "group": _group, "braces": _braces, "circled": _circled, "part": _part,
    "cases": _cases,
    "letter": lambda start, end, children: nodes.Letter(start, end, str(children[0])),
    "word": lambda start, end, children: nodes.Letter(start, end, str(children[0])),
    "number": lambda start, end, children: nodes.Number(start, end, str(children[0])),
    "dots": lambda start, end, children: nodes.Dots(start, end),
    "accent": lambda start, end, children: nodes.Accent(start, end, str(children[0]), children[1]),
    "fraction": lambda start, end, children: nodes.Fraction(start, end, _bare(children[1]), _bare(children[2])),
    "root": lambda start, end, children: nodes.Root(start, end, _bare(children[1])),
}  # fmt: skip
