"""What stands around the equations: starts of data, what is fed back, comments, the order of the statements."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from tests.fuzz.models.expressions import array
from tests.fuzz.models.scope import FEATURES, Builder, Scope, Step
from tests.fuzz.models.text import words

COMMENTS = (
    "what is read",
    "a \"quoted\" word, and 'another'",
    "''' and three more: \"\"\"",
    "a \\ backslash, \\n and \\u0041",
    "{{ braces }} {% and %} %s",
    "\u03b1 \u2192 \u221e \u00b5",
    "# # eq. (3), see p. 7 $x_1$",
)


def differentiable(b: Builder, loss: str) -> str:
    """The loss, with a term more where it rests on no parameter and no input."""
    readers: dict[str, set[str]] = {}
    for text in [*b.equations, *b.definitions, loss]:
        left, _, right = text.partition(":" if text.startswith("def ") else "=")
        readers.setdefault(re.findall(r"\w+", left)[text.startswith("def ")], set()).update(words(right))
    reached, todo = set(), ["loss"]
    while todo:
        new = readers.get(todo.pop(), set()) - reached
        reached |= new
        todo += new
    if any(k.name in reached for k in b.known if k.role in ("Param", "Input")):
        return loss
    return f"{loss} + {b.param(()).name}**2"


def feed_back(b: Builder) -> None:
    """What stands for an answer when the model runs freely."""
    for known in [k for k in b.known if k.role in ("Label", "Target") and len(k.sequences) == 1]:
        used = " ".join(b.equations)
        if len(known.shape) > 1 or f"{known.name}[{known.sequences[0].lower()}-1]" not in used or not b.chance(4):
            continue
        index = known.sequences[0].lower()
        shape = (known.classes,) if known.classes is not None else known.shape
        right = array(b, Scope((Step(index, known.sequences[0]),), strict=True), shape, 1)
        text = f"softmax({right.text})" if known.classes is not None else right.text
        b.equations.append(f"{known.name}.predicted[{index}] = {text}")


def start_data(b: Builder) -> None:
    """What data is before its first step."""
    for known in list(b.known):
        if known.is_data and len(known.sequences) == 1 and b.chance(8):
            if known.role in ("Label", "Index"):
                if known.classes is not None and known.classes.least > 1:
                    b.equations.append(f"{known.name}[0] = {b.pick((0, 1))}")
            elif len(known.shape) < 2:
                value = b.param(known.shape).name if b.chance(2) else b.pick(("0.5", "-1"))
                b.equations.append(f"{known.name}[0] = {value}")


def declare_sizes(b: Builder) -> None:
    """A size is known by what is declared with it, if only by data or a parameter that nothing reads."""
    declared = words(" ".join(b.declarations))
    used = words(" ".join([*b.equations, *b.definitions]))
    for sequence in b.sequences:
        indices = {name for name in used if name.rstrip("0123456789") == sequence.lower()}
        if sequence not in declared and (indices or sequence in used):
            b.declarations.append(f"{b.fresh('Input')}: Input[{sequence}]")
    for size in FEATURES:
        if size in used and size not in declared:
            b.declarations.append(f"{b.fresh('Param')}: Param[{size}]")


def written(b: Builder) -> str:
    """The statements, most often as they were made, else in random order; comments and a docstring."""
    declarations = _joined(b.declarations) if b.chance(3) else b.declarations
    statements = [*declarations, *b.definitions, *b.equations]
    if b.chance(3):
        statements = b.draw(st.permutations(statements))
    if b.chance(4):
        at = b.whole(0, len(statements) - 1)
        statements = [
            f"{statement}  # {b.pick(COMMENTS)}" if n in (at, at + 2) else statement
            for n, statement in enumerate(statements)
        ]
    if b.chance(3):
        statements.insert(0, b.pick(('"""A model."""', "'''A \\\\alpha, \"quoted\".\n\nOver two lines.'''")))
    return "\n".join(statements) + "\n"


def _joined(declarations: list[str]) -> list[str]:
    """Declarations of one kind in one statement."""
    names: dict[str, list[str]] = {}
    kept: list[str] = []
    for declaration in declarations:
        found = re.fullmatch(r"(\w+): (\w+\[.*\])", declaration)
        if found:
            names.setdefault(found[2], []).append(found[1])
        else:
            kept.append(declaration)
    both = [f"{', '.join(own)} = {kind}" if len(own) > 1 else f"{own[0]}: {kind}" for kind, own in names.items()]
    return [*both, *kept]
