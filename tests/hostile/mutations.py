"""Small changes of a text: of its characters, its tokens and its lines, some of which leave it a good one."""

# ruff: noqa: E501 (texts stand on one line)
from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

Mutation = Callable[[Random, str, str], str]

_TOKEN = re.compile(r"\\[A-Za-z]+|\w+|\s+|[^\w\s]")
WORDS = (
    "t T t-1 t+1 t1 s S i j k 0 1 -1 T+1 T-1 2 0.5 1e3 x y h a b W U V w u o yhat loss n_x n_h n_y n K Input Index Target "
    "Label Param Const Var def return lambda in for if else and or not is None True pass del yield await import class "
    "tanh sum mean max softmax log exp where concat onehot diag outer dot norm2 logsumexp grad jac prod at of sqrt sigmoid "
    "eye maximum pi inf predicted sign"
).split()
SIGNS = (
    "+ - * / ** @ . , : ; = == <= < > >= != := ( ) [ ] { } ' \" # \\ | & ^ ~ ? ! $ % ` -> ... // << += .T \n \t".split(
        " "
    )
)
# What looks like something else, is not seen, turns the line round, or is another letter once it is normalised.
STRANGE = [*"ﬁªº²³¹½ⅷℎℝ𝒉𝐖ｈＷ０１＋（）［］＝аеорсухіΑΒΤοτһԝ−–—‐·×÷∑∂∇⊙ᵀ′″“”‘’«»…、。，", "\u0301", "\u20d7", "\u200b", "\u200d",
           "\u2060", "\ufeff", "\u00a0", "\u2003", "\u3000", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1f",
           "\x00", "\x07", "\x08", "\x1b[2J", "\x1b]0;a\x07", "\x7f", "\x9b31m", "\u202e", "\u2066", "\u061c", "\r", "\u1160", "🙂",
           "\U000e0041", "\ufffe", "\U0010ffff", "İ", "ẞ", "ſ", "K"]  # fmt: skip
_FAMILIES = (
    "Input Target".split(), "Label Index".split(), "Param Const Var".split(),
    "tanh sigmoid relu softplus silu gelu sin cos erf elu exp abs".split(), "sum mean max logsumexp".split(),
    "softmax logsoftmax".split(), "t-1 t-2 t+1 t".split(), "n_x n_h n_y n".split(), "+ - *".split(), "0 1 2 0.5".split(),
    "i j k".split(), "T S K".split(), "< <= > >= ==".split(),
)  # fmt: skip


def tokens(text: str) -> list[str]:
    """The words, signs and spaces of a text."""
    return _TOKEN.findall(text)


def token(rng: Random, text: str, other: str) -> str:
    """A token is dropped, doubled, exchanged, replaced or put in."""
    parts = tokens(text) or [" "]
    at = rng.randrange(len(parts))
    match rng.randrange(6):
        case 0:
            del parts[at]
        case 1:
            parts.insert(at, parts[at])
        case 2:
            to = rng.randrange(len(parts))
            parts[at], parts[to] = parts[to], parts[at]
        case 3:
            parts[at] = rng.choice(WORDS if rng.random() < 0.7 else SIGNS)
        case 4:
            parts.insert(at, rng.choice(SIGNS if rng.random() < 0.7 else WORDS))
        case _:
            parts[at] = rng.choice(tokens(other) or [""])
    return "".join(parts)


def kindred(rng: Random, text: str, other: str) -> str:
    """A word becomes one of its kind: a role, a size, a function, an index, a sign."""
    found = [(m, family) for family in _FAMILIES for word in family for m in _whole(word).finditer(text)]
    if not found:
        return text
    match, family = rng.choice(found)
    return text[: match.start()] + rng.choice(family) + text[match.end() :]


def _whole(word: str) -> re.Pattern[str]:
    edge = r"(?<!\w){}(?!\w)" if word[0].isalnum() else r" {} "
    return re.compile(edge.format(re.escape(word)))


def rename(rng: Random, text: str, other: str) -> str:
    """A name becomes another one everywhere: a keyword, an argument's, another tool's, a Greek one, one in use."""
    names = sorted(set(re.findall(r"(?<![\w\\])[^\W\d]\w*", text)))
    new = ["params", "forward", "lambda", "beta", "I", "S", "E", "__class__", "_", "x" * 300, "self", "np", "T", "t", "None",
           "return_", "grad", "ŷ", "ﬁ", "ª", "été", "данные", "变量", "workspace", "B", "Q", "d_h", "h0", "h_end", "len",
           "exec", "sum", "zeta", "log", "i", "dtype", "rng", "loss", "e", "inf", "t1", "__init__", "__slots__", "_fields", "mro", "count", "index"]  # fmt: skip
    if not names:
        return text
    return re.sub(rf"(?<![\w\\]){re.escape(rng.choice(names))}(?!\w)", rng.choice(new + names), text)


def line(rng: Random, text: str, other: str) -> str:
    """A line is dropped, doubled, moved, cut, joined to the next, or taken from another file."""
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    match rng.randrange(7):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2:
            lines.insert(rng.randrange(len(lines)), lines.pop(at))
        case 3:
            lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]
        case 4 if at + 1 < len(lines):
            lines[at : at + 2] = [lines[at] + rng.choice(["", " ", ";", "\\"]) + lines[at + 1]]
        case 5:
            lines[at] = " " * rng.randrange(1, 5) + lines[at]
        case _:
            lines.insert(at, rng.choice(other.split("\n")))
    return "\n".join(lines)


def character(rng: Random, text: str, other: str) -> str:
    """A character is dropped, put in or replaced, often by one that is not what it looks like."""
    at = rng.randrange(len(text) + 1)
    new = rng.choice(STRANGE) if rng.random() < 0.7 else chr(rng.choice([rng.randrange(128), rng.randrange(0xD800)]))
    match rng.randrange(3):
        case 0:
            return text[:at] + text[at + 1 :]
        case 1:
            return text[:at] + new + text[at:]
    return text[:at] + new + text[at + 1 :]


def splice(rng: Random, text: str, other: str) -> str:
    """The beginning of one file and the end of another, or both in turns."""
    if rng.random() < 0.5:
        return text[: rng.randrange(len(text) + 1)] + other[rng.randrange(len(other) + 1) :]
    lines = [*text.split("\n"), *other.split("\n")]
    rng.shuffle(lines)
    return "\n".join(lines)


def number(rng: Random, text: str, other: str) -> str:
    """A number becomes a huge or an odd one."""
    found = list(re.finditer(r"(?<![\w.])\d+(?:\.\d+)?(?!\w)", text))
    new = rng.choice(HUGE)
    if not found or rng.random() < 0.3:
        found = list(re.finditer(r"\b\w+\b", text))
    if not found:
        return new
    match = rng.choice(found)
    return text[: match.start()] + new + text[match.end() :]


HUGE = [
    "1e999", "1e-999", "1e308", "1e309", "9e400", "10**10**10", "9**9**9**9", "2**-1000", "(-1)**0.5", "0**-1", "0/0", "1/0",
    "7" * 500, "7" * 39, "0." + "0" * 400 + "1", "999999999", "99999999999999999999", "2147483648", "9223372036854775808",
    "-999999999", "t-999999999", "t+500", "t-499", "T-600", "T+999", "1_000_000", "0x7fffffff", "0b1", "0o7", "007", "1j", "1e",
    "1.e5", ".5", "5.", "True", "1__0", "nan", "inf", "-inf", "inf-inf", "1e300", "1e301", "2**4096", "2**4000", "3**2000", "1.0000001**4000", "(1/3)**40",
    "٣", "๓", "²", "0.1e-290", "1e-300", "123456789.123456789e10", "t*2", "2*t", "t/2", "t**t", "T*T", "n_h**9", "10**300",
]  # fmt: skip


def brackets(rng: Random, text: str, other: str) -> str:
    """Brackets no longer match, or change their kinds."""
    places = [n for n, sign in enumerate(text) if sign in "()[]{}"]
    if not places:
        return text + rng.choice("()[]{}")
    at = rng.choice(places)
    return text[:at] + rng.choice(["", "(", ")", "[", "]", "{", "}", "((", "])"]) + text[at + 1 :]


EVERY: dict[str, Mutation] = {
    "token": token, "line": line, "character": character, "rename": rename, "kindred": kindred, "number": number,
    "brackets": brackets, "splice": splice,
}  # fmt: skip
