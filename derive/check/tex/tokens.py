r"""LaTeX mathematics -> tokens, without what concerns its looks: spacing, sizes of brackets, typefaces, numbers.

`\mathbf{h}^{(t)}` and `h^{(t)}` are the same tokens. A person's own `\newcommand` is expanded, within bounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from derive.language import bounds

LONGEST = 20_000  # tokens of one environment, macros expanded
DEEPEST = 40  # brackets inside one another
EXPANSIONS = 12  # macros inside one another


@dataclass(frozen=True)
class Mark:
    """One token.

    Attributes:
        kind: what it is to the grammar.
        value: its letter or word, without a typeface.
        start: where it begins, in characters of the file.
        end: where it ends.
    """

    kind: str
    value: str
    start: int
    end: int


class Unreadable(Exception):
    """What is not understood, and where.

    Attributes:
        message: what is wrong.
        start: where it begins, in characters of the file.
        end: where it ends.
        hint: the mend.
    """

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        """One place that is not understood."""
        super().__init__(message)
        self.message, self.start, self.end, self.hint = message, start, end, hint


_GROUP = r"\s*\{[^{}]*\}"
# What is not seen: it changes neither the value nor the structure of a formula.
_UNSEEN = re.compile(
    r"\s+|~|%[^\n]*(?:\n|$)|\\[,;:!>/ ]|"
    r"\\(?:left|right)\s*\.|"
    r"\\(?:displaystyle|textstyle|scriptstyle|limits|nolimits|nonumber|notag|mathstrut|strut|hfill|ensuremath|"
    r"mathbin|mathrel|mathop|mathbf|boldsymbol|bm|vec|pmb|bold|mathnormal|bf|rm|it|thinspace|"
    r"allowdisplaybreaks|centering|par|qedhere|small|medspace|negthinspace)(?![A-Za-z])|"
    rf"\\(?:label|tag\*?|hspace\*?|vspace\*?|phantom|hphantom|vphantom|eqref|ref|cite|color|intertext)(?![A-Za-z]){_GROUP}|"
    r"\\begin\s*\{(?:aligned|split|gathered|alignedat)\}(?:\s*\[[a-z]\])?(?:\{\d+\})?|"
    r"\\end\s*\{(?:aligned|split|gathered|alignedat)\}|\{\s*\}"
)
_UPRIGHT = re.compile(
    r"\\(mathrm|operatorname\*?|text(?:rm|it|bf|sf|tt|normal)?|mathit|mathsf|mathtt|mathup|mbox|mathbf|boldsymbol)\s*"
    r"\{\s*((?:[A-Za-z0-9+\-.,:;'() ~]|\\_|\\,|\\ |\$)*?)\s*\}"
)
_BOLD = re.compile(
    r"\\(?:mathbf|boldsymbol|bm|vec|pmb|bold|mathsf)\s*(?:\{\s*(\\[A-Za-z]+|[A-Za-z0-9])\s*\}|(?<=[a-z])\s([A-Za-z0-9])|(\\[A-Za-z]+))"
)
# How large a bracket is, is a part of how it is written.
_SIZE = re.compile(
    r"\\(?:left|right|bigl|bigr|Bigl|Bigr|biggl|biggr|Biggl|Biggr|big|Big|bigg|Bigg|middle)(?![A-Za-z])\s*(?=[^\sA-Za-z])"
)
_ADDS = re.compile(r"(?:\\mathrel\s*)?(?:\{\s*\+\s*\}|\+)\s*=")
_SCRIPTED = re.compile(r"\\(mathcal|mathscr|mathfrak|mathbb|mathbbm)\s*(?:\{\s*([A-Za-z0-9])\s*\}|([A-Za-z0-9]))")
_PLAIN = re.compile(
    r"(?:softmax|sigmoid|tanh|relu|ReLU|diag|onehot|exp|log|softplus)(?![A-Za-z])|[A-Za-z]|\d+(?:\.\d+)?|\.\d+"
)
_DEFINITION = re.compile(
    r"\\(?:re|provide)?newcommand\*?\s*\{?\s*(\\[A-Za-z]+)\s*\}?\s*(?:\[(\d)\])?\s*\{|\\def\s*(\\[A-Za-z]+)\s*\{|"
    r"\\DeclareMathOperator\*?\s*\{\s*(\\[A-Za-z]+)\s*\}\s*\{"
)
# What may stand behind a typeface without being a letter.
_SEEN_THROUGH = frozenset(
    rf"\{name}"
    for name in "mathbf boldsymbol bm vec pmb hat widehat tilde widetilde bar overline dot mathrm mathit".split()
)
_MACRO = re.compile(r"\\(?:[A-Za-z]+\*?|.)", flags=re.S)
_ACCENTS = {"hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde", "bar": "bar", "overline": "bar",
            "dot": "dot", "ddot": "ddot", "check": "check", "breve": "breve", "underline": "underline",
            "underbrace": "brace", "overbrace": "brace"}  # fmt: skip
_KINDS = {
    "ELEMENTWISE": r"\odot \circ \circledcirc", "OUTER": r"\otimes", "OVER": "/",
    "TIMES": r"\cdot \times \ast * \bullet",
    "SIGN": "+ -", "BIG": r"\sum \prod", "FRAC": r"\frac \dfrac \tfrac \cfrac", "ROOT": r"\sqrt", "COLON": ":",
    "REL": r"= := \coloneqq \equiv \triangleq \doteq < > \lt \gt \le \leq \leqslant \ge \geq \geqslant \ne \neq \in "
    r"\approx \propto \sim \to",
    "COMMA": ", ;", "DOTS": r"\dots \ldots \cdots \dotsc \hdots", "SUB": "_", "SUP": "^", "PRIME": r"' \prime",
    "AMP": "&", "FOR": r"\forall", "QUAD": r"\quad \qquad \enspace",
    "OPEN": r"( [ \{ \lbrace \lvert \lVert \lbrack", "CLOSE": r") ] \} \rbrace \rvert \rVert \rbrack",
    "BEGIN": "{", "END": "}",
}  # fmt: skip
_KIND = {value: kind for kind, values in _KINDS.items() for value in values.split()}
_SAME = {
    r"\dfrac": r"\frac", r"\tfrac": r"\frac", r"\coloneqq": "=", ":=": "=", r"\equiv": "=", r"\triangleq": "=",
    r"\doteq": "=", r"\lt": "<", r"\gt": ">", r"\leq": r"\le", r"\leqslant": r"\le", r"\geq": r"\ge",
    r"\geqslant": r"\ge", r"\rvert": r"\lvert", r"\rVert": r"\lVert", r"\neq": r"\ne",
    r"\lbrace": r"\{", r"\rbrace": r"\}", r"\lbrack": "[", r"\rbrack": "]",
    r"\varepsilon": r"\epsilon", r"\varphi": r"\phi", r"\vartheta": r"\theta", r"\varsigma": r"\sigma",
    r"\intercal": r"\top", r"\mathsf{T}": r"\top", r"\prime": "'", r"\ln": "log",
}  # fmt: skip
_FUNCTIONS = frozenset(r"\tanh \exp \log \ln \sin \cos \tan \max \min \sinh \cosh \det \arg \sup \inf \lim".split())
CONDITIONS = frozenset("for if where when with as at and all every otherwise else in any each or".split())


@dataclass(frozen=True)
class Macro:
    """A person's own command.

    Attributes:
        arguments: how many it takes.
        body: what it stands for, `#1` for the first argument.
    """

    arguments: int
    body: str


def definitions(text: str) -> dict[str, Macro]:
    r"""The commands that a file defines.

    >>> definitions(r"\newcommand{\vh}{\mathbf{h}}")
    {'\\vh': Macro(arguments=0, body='\\mathbf{h}')}
    """
    found = {}
    for match in _DEFINITION.finditer(text):
        end = _closing(text, match.end())
        if end is not None and end - match.end() < 200:
            body = text[match.end() : end]
            name = match[1] or match[3] or match[4]
            found[name] = Macro(int(match[2] or 0), rf"\operatorname{{{body}}}" if match[4] else body)
    return found


def _closing(text: str, at: int) -> int | None:
    depth = 1
    for place in range(at, min(len(text), at + 1000)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return place
    return None


def marks(text: str, start: int, end: int, macros: Mapping[str, Macro]) -> list[Mark]:
    r"""The tokens of a part of a text.

    Args:
        text: the whole file.
        start: where the mathematics begins.
        end: where it ends.
        macros: bodies of the file's own macros.

    Raises:
        Unreadable: too long or too deep, or a macro of unlimited depth.
    """
    found: list[Mark] = []
    depth = 0
    bars: set[str] = set()
    for mark in _expanded(text, start, end, macros, 0, [0]):
        if mark.kind == "BAR":
            # A bar does not say which of the two it is.
            mark = replace(mark, kind="CLOSE" if mark.value in bars else "OPEN")
            bars ^= {mark.value}
        depth += (mark.kind in ("OPEN", "BEGIN")) - (mark.kind in ("CLOSE", "END"))
        if depth > DEEPEST:
            raise Unreadable(f"more than {DEEPEST} brackets inside one another", mark.start, mark.end)
        found.append(mark)
    return found


def _expanded(
    text: str, start: int, end: int, macros: Mapping[str, Macro], depth: int, count: list[int]
) -> Iterator[Mark]:
    """The tokens of a text, macros replaced by what they stand for; `count` bounds all of them."""
    at = start
    while at < end:
        if adds := _ADDS.match(text, at, end):
            yield Mark("ADDS", "+=", at, adds.end())
            at = adds.end()
            continue
        bold = _BOLD.match(text, at, end)
        letter = bold and (bold[1] or bold[2] or bold[3])
        if bold and letter and letter not in macros and rf"\{letter.strip(chr(92))}" not in _SEEN_THROUGH:
            # A bold letter is one token, its typeface a part of how it is written.
            yield replace(_next(letter, 0, len(letter)), start=at, end=bold.end())
            at = bold.end()
            continue
        if unseen := _UNSEEN.match(text, at, end):
            at = unseen.end()
            continue
        sized = _SIZE.match(text, at, end)
        mark = _next(text, sized.end() if sized else at, end)
        mark = replace(mark, start=at)
        at = mark.end
        count[0] += 1
        if count[0] > LONGEST:
            raise Unreadable(f"more than {LONGEST} symbols in one environment", mark.start, mark.end)
        if mark.kind == "LETTER" and mark.value in macros:
            if depth >= EXPANSIONS:
                raise Unreadable(f"{mark.value} is defined by itself", mark.start, mark.end)
            body, at = _filled(macros[mark.value], text, at, end, mark)
            inner = [
                replace(m, start=mark.start, end=at) for m in _expanded(body, 0, len(body), macros, depth + 1, count)
            ]
            mark = replace(mark, end=at)
            if len(inner) > 1:
                inner = [replace(mark, kind="BEGIN", value="{"), *inner, replace(mark, kind="END", value="}")]
            yield from inner
        elif mark.kind != "NOTHING":
            yield mark


def _filled(macro: Macro, text: str, at: int, end: int, mark: Mark) -> tuple[str, int]:
    """A command's body with the arguments that stand behind it, and where these end."""
    body = macro.body
    for number in range(1, macro.arguments + 1):
        while at < end and text[at].isspace():
            at += 1
        if at >= end:
            raise Unreadable(f"{mark.value} takes {macro.arguments} arguments", mark.start, mark.end)
        first, last = at, at + 1
        if text[at] == "{":
            closing = _closing(text, at + 1)
            if closing is None or closing >= end:
                raise Unreadable(f"an argument of {mark.value} does not end", mark.start, mark.end)
            first, last = at + 1, closing
        body = body.replace(f"#{number}", f"{{{text[first:last]}}}")
        at = last + (text[at] == "{")
        if len(body) > LONGEST:
            raise Unreadable(f"{mark.value} grows too long", mark.start, mark.end)
    return body, at


def _next(text: str, at: int, end: int) -> Mark:
    """The token that begins at a place."""
    if word := _UPRIGHT.match(text, at, end):
        return _word(word)
    if script := _SCRIPTED.match(text, at, end):
        return _script(script)
    if text[at] == "\\":
        if text.startswith("\\\\", at, end):
            match = re.compile(r"\\\\\*?(?:\[\s*-?[\d.]+\s*(?:pt|ex|em|mm|cm|in|mu|\\[a-z]+)\s*\])?").match(
                text, at, end
            )
            assert match
            return Mark("ROW", "\\\\", at, match.end())
        if environment := re.compile(r"\\(begin|end)\s*\{([A-Za-z*]*)\}").match(text, at, end):
            kind = {"cases": "CASES", "dcases": "CASES"}.get(environment[2], "ENVIRONMENT")
            return Mark(f"{kind}_{environment[1].upper()}", environment[2], at, environment.end())
        macro = _MACRO.match(text, at, end)
        if macro is None:
            raise Unreadable("a backslash with nothing behind it", at, at + 1)
        return _macro(macro[0], at, macro.end())
    if text[at] == "|":
        return Mark("BAR", r"\lvert", at, at + 1)
    if text.startswith(":=", at):
        return Mark("REL", "=", at, at + 2)
    if plain := _PLAIN.match(text, at, end):
        value = plain[0]
        kind = "NUMBER" if value[0] in ".0123456789" else "LETTER" if len(value) == 1 else "WORD"
        if kind == "NUMBER" and len(value) > bounds.DIGITS:
            raise Unreadable(f"a number of more than {bounds.DIGITS} digits", at, plain.end())
        return Mark(kind, value, at, plain.end())
    if text[at] == ".":
        return Mark("NOTHING", ".", at, at + 1)
    value = {"−": "-", "·": r"\cdot", "⊙": r"\odot", "∑": r"\sum", "∂": r"\partial", "∇": r"\nabla"}.get(
        text[at], text[at]
    )
    kind = _KIND.get(value, "LETTER" if value.isalpha() or value.startswith("\\") else "")
    if not kind:
        raise Unreadable(f"{text[at]!r} is not understood here", at, at + 1)
    return Mark(kind, _SAME.get(value, value), at, at + 1)


def _word(match: re.Match[str]) -> Mark:
    command, words = match[1], match[2].replace(r"\_", "_").replace(r"\,", " ").replace("\\ ", " ").replace("~", " ")
    start, end = match.span()
    words = words.strip()
    single = re.fullmatch(r"[A-Za-z]\w*(?:[+ -][A-Za-z0-9]+)*", words)
    text = command.startswith("text") or command == "mbox"
    if text and words.lower().strip("., ()").split(" ")[0] in CONDITIONS:
        return Mark("OTHERWISE" if words.lower() in ("otherwise", "else") else "FOR", words, start, end)
    if not words or (text and (not single or " " in words)):
        return Mark("NOTHING", words, start, end)
    if len(words) == 1:
        return Mark("NUMBER" if words.isdigit() else "LETTER", words, start, end)
    if single:
        return Mark("WORD", words, start, end)
    if words.replace(".", "", 1).isdigit():
        return Mark("NUMBER", words, start, end)
    raise Unreadable(f"{match[0]} is not understood", start, end)


def _script(match: re.Match[str]) -> Mark:
    r"""Letters of another alphabet are other letters; of `\mathbb{1}` the number is meant."""
    letter = match[2] or match[3]
    start, end = match.span()
    if letter.isdigit():
        return Mark("NUMBER", letter, start, end)
    return Mark("LETTER", rf"\mathcal{{{letter}}}" if "bb" not in match[1] else rf"\mathbb{{{letter}}}", start, end)


def _macro(value: str, start: int, end: int) -> Mark:
    name = value.removeprefix("\\")
    if name in _ACCENTS:
        return Mark("ACCENT", _ACCENTS[name], start, end)
    if value in _FUNCTIONS:
        return Mark("WORD", _SAME.get(value, name), start, end)
    if value == r"\|":
        return Mark("BAR", r"\lVert", start, end)
    if name == "_":
        raise Unreadable(r"\_ stands for itself inside \mathit{...} only", start, end)
    same = _SAME.get(value, value)
    return Mark(_KIND.get(value, "LETTER"), same, start, end)
