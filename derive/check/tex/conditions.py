r"""What stands behind an equation: `t < \tau`, `1 \le t < T`, `t = 1, \dots, \tau - 1`, `t \in \{1, ..., T\}`."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from derive.check.tex import nodes
from derive.check.tex.nodes import Node
from derive.check.tex.subscripts import Subscripts
from derive.check.tex.tokens import Unreadable

if TYPE_CHECKING:
    from derive.check.tex.formulas import Formulas


def is_condition(relation: nodes.Relation, subscripts: Subscripts) -> bool:
    """Whether a relation is about steps, and no equation of its own."""
    if any(sign != "=" for sign in relation.signs):
        return True
    first = relation.sides[0]
    return isinstance(first, (nodes.Letter, nodes.Scripted)) and subscripts.lexicon.is_step(nodes.flat(first))


def conditions(behind: Sequence[Node], formulas: Formulas) -> tuple[ast.Compare, ...]:
    """The comparisons behind an equation.

    Raises:
        Unreadable: what stands there is none.
    """
    found: list[ast.Compare] = []
    waiting = [_unwrapped(part) for part in behind]
    at = 0
    while at < len(waiting):
        part = waiting[at]
        if at + 2 < len(waiting) and any(isinstance(waiting[at + n], nodes.Dots) for n in (1, 2)):
            dots = 1 if isinstance(waiting[at + 1], nodes.Dots) else 2
            if isinstance(part, nodes.Relation) and at + dots + 1 < len(waiting):
                found.append(_between(part.sides[0], part.sides[-1], waiting[at + dots + 1], formulas))
                at += dots + 2
                continue
        if isinstance(part, nodes.Relation) and part.signs == (r"\in",) and isinstance(part.sides[1], nodes.Group):
            items = part.sides[1].items
            found.append(_between(part.sides[0], items[0], items[-1], formulas))
        elif isinstance(part, nodes.Relation):
            found.append(formulas.condition(part))
        elif not formulas.symbols.subscripts.is_step(part):
            raise Unreadable("this is no condition on the step", part.start, part.end, r"write t < \tau")
        at += 1
    return tuple(found)


def _unwrapped(part: Node) -> Node:
    return part.items[0] if isinstance(part, nodes.Group) and len(part.items) == 1 else part


def _between(index: Node, first: Node, last: Node, formulas: Formulas) -> ast.Compare:
    """All steps from one to another, whichever is named first."""
    lexicon = formulas.symbols.lexicon
    down = isinstance(last, nodes.Number) and not (isinstance(first, nodes.Number) or lexicon.last(nodes.flat(last)))
    low, high = (last, first) if down else (first, last)
    relation = nodes.Relation(index.start, last.end, (low, index, high), (r"\le", r"\le"))
    return formulas.condition(relation)
