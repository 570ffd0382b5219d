r"""Long equations broken into rows, so that nothing is wider than the page.

TeX does not break a displayed line by itself. Widths are estimated from the source, a little too wide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from derive.emit.latex.printer import BREAK, WEAK, Written, whole

WIDTH = 395.0  # in points: a line of the document without the equation's number
PAPER = 290.0  # the same of LaTeX's own article
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", flags=re.S)
_FLAT = frozenset(
    r"\boldsymbol \mathbf \mathit \mathrm \mathsf \mathcal \operatorname \text \hat \tilde \bar \dot \mathrel".split()
)
_WIDE = {r"\sum": 15.0, r"\nabla": 9.0, r"\odot": 13.0, r"\partial": 6.0, r"\cdot": 8.0, r"\top": 8.0, r"\le": 14.0}
_WIDE |= {r"\,": 2.0, r"\ ": 4.0, r"\quad": 10.0, r"\qquad": 20.0, r"\\": 0.0, r"\Bigl": 3.0, r"\Bigr": 3.0}
_WIDE |= {r"\bigl": 1.5, r"\bigr": 1.5, r"\begin": 0.0, r"\end": 0.0, r"\frac": 3.0, r"\sqrt": 9.0, r"\infty": 10.0}
_SIGNS = {"+": 12.5, "-": 12.5, "=": 13.5, "<": 13.5, ">": 13.5, "(": 4.0, ")": 4.0, "[": 3.0, "]": 3.0, ",": 4.5}
_SIGNS |= {
    " ": 0.0,
    "\n": 0.0,
    BREAK: 0.0,
    WEAK: 0.0,
    "^": 0.0,
    "_": 0.0,
    "&": 10.0,
    ".": 3.0,
    ":": 5.0,
    "m": 9.0,
    "w": 7.5,
}


def aligned(equations: Sequence[Written], numbered: bool = True, inside: bool = False, width: float = WIDTH) -> str:
    """An `align` environment of some equations, a number to each; `aligned` for one inside of a display."""
    name = "align" if numbered else "aligned" if inside else "align*"
    widest = max(measure(equation.left) for equation in equations)
    # A left side that is a line by itself does not push the others off the page.
    widest = min(widest, width / 3)
    rows = []
    for number, equation in enumerate(equations, 1):
        parts = list(broken(equation, width - widest, width / 3))
        # No page ends within an equation.
        goes_on = r" \notag \\*" if numbered else r" \\" if inside else r" \\*"
        rows += [part + goes_on for part in parts[:-1]]
        rows.append(parts[-1] + (r" \\" if number < len(equations) else ""))
    body = "\n  ".join(rows)
    return f"\\begin{{{name}}}\n  {body}\n\\end{{{name}}}"


def inline(equation: Written) -> str:
    """An equation within a line of words, with its condition in brackets."""
    condition = rf"\ ({equation.condition})" if equation.condition else ""
    return whole(f"{equation.left} {equation.sign} {equation.right}{condition}")


def broken(equation: Written, width: float, widest: float) -> Iterator[str]:
    """The rows of one equation, the sides parted by `&`; a left side that is wider than `widest` has its own row."""
    right = equation.right
    if equation.condition:
        right += rf", {BREAK}\quad {equation.condition}"
    rows = list(rows_of(f"{equation.sign} {right}", width))
    left = whole(equation.left)
    if measure(left) > widest:
        yield rf"& {left}"
        left, rows = "", [(rows[0][0] + 1, rows[0][1]), *rows[1:]]
    for number, (depth, row) in enumerate(rows):
        indent = r"\qquad" + r"\quad" * min(int(depth), 3) + " {}" if number else ""
        yield f"{left if number == 0 else ''} &{indent} {row}".strip()


def rows_of(text: str, width: float) -> Iterator[tuple[float, str]]:
    """A text in rows, each with how deep in brackets it begins; broken at the outermost marks."""
    left = list(pieces(text))
    indent = 0.0
    while left:
        total, fits = indent, 0
        for _, piece in left:
            total += measure(piece)
            if total > width and fits:
                break
            fits += 1
        if fits < len(left):
            # The outermost mark in the second half of the row, the last of equals.
            least = max(1, fits // 2)
            fits = min(range(least, fits + 1), key=lambda n: (left[n][0], -n))
        yield left[0][0], " ".join("".join(piece for _, piece in left[:fits]).split())
        left = left[fits:]
        indent = 20.0 + 10.0 * min(int(left[0][0]), 3) if left else 0.0


def pieces(text: str) -> Iterator[tuple[float, str]]:
    """The parts between marks, each with how deep in brackets its mark stands; marks inside groups are none."""
    depth = braces = 0
    begun, part = 0.0, ""
    for token in _TOKEN.findall(text):
        if token in ("{", r"\begin"):
            braces += 1
        elif token in ("}", r"\end"):
            braces -= 1
        elif not braces:
            depth += token in ("(", "[", r"\lvert", r"\lVert")
            depth -= token in (")", "]", r"\rvert", r"\rVert")
        if token in (BREAK, WEAK):
            if not braces:
                yield begun, part
                begun, part = depth + (0.5 if token == WEAK else 0), ""
            continue
        part += token
    yield begun, part


def measure(text: str) -> float:
    """About how wide a formula is, in points at ten points' size."""
    return _measure(_TOKEN.findall(text), 0)[0]


def _measure(tokens: list[str], at: int) -> tuple[float, int]:
    """The width of the tokens up to a closing brace, and where that is."""
    width = 0.0
    while at < len(tokens) and tokens[at] != "}":
        token = tokens[at]
        at += 1
        if token in "^_" and token:
            below, at = _argument(tokens, at)
            other = 0.0
            if at < len(tokens) and tokens[at] in ("^", "_"):
                other, at = _argument(tokens, at + 1)
            width += 0.75 * max(below, other) + 0.5
        elif token == "{":
            inner, at = _measure(tokens, at)
            width, at = width + inner, at + 1
        elif token == r"\frac":
            above, at = _argument(tokens, at)
            below, at = _argument(tokens, at)
            width += max(above, below) + 3.0
        elif token == r"\begin":
            inner, at = _environment(tokens, at)
            width += inner
        elif token in _WIDE or token in _SIGNS:
            width += _WIDE.get(token, _SIGNS.get(token, 0.0))
        elif token.startswith("\\"):
            width += 0.0 if token in _FLAT else 5.0 * (len(token) - 1) if token in _FUNCTIONS else 7.0
        else:
            width += 8.5 if token.isupper() else 5.8
    return width, at


def _environment(tokens: list[str], at: int) -> tuple[float, int]:
    """The width of an environment's widest row, and where it ends; `at` is behind its beginning."""
    _, at = _argument(tokens, at)
    depth, rows = 1, [list[str]()]
    while at < len(tokens):
        token = tokens[at]
        depth += (token == r"\begin") - (token == r"\end")
        if depth == 0:
            break
        if token == "\\\\" and depth == 1:
            rows.append([])
        else:
            rows[-1].append(token)
        at += 1
    return max(_measure(row, 0)[0] for row in rows) + 8.0, _argument(tokens, at + 1)[1]


_FUNCTIONS = frozenset(r"\tanh \exp \log \max \sin \cos \tan \min".split())


def _argument(tokens: list[str], at: int) -> tuple[float, int]:
    """The width of the group, or of the one token, at a place, and what comes behind."""
    if at < len(tokens) and tokens[at] == "{":
        width, end = _measure(tokens, at + 1)
        return width, end + 1
    return (_measure(tokens[at : at + 1], 0)[0], at + 1) if at < len(tokens) else (0.0, at)
