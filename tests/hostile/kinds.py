"""Every kind of hostile file, and how many of each there are in a hundred."""

# ruff: noqa: E501 (texts stand on one line)
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.hostile import bombs, mutations, nonsense, seeds

_EVERY = list(mutations.EVERY.values())


@dataclass(frozen=True)
class File:
    """A hostile file.

    Attributes:
        kind: how it was made.
        name: what it is called, whose ending says what it is.
        content: its bytes.
        deep: whether more than its module is made of it.
    """

    kind: str
    name: str
    content: bytes
    deep: bool


def file(seed: int, number: int) -> File:
    """The file of a number: always the same one."""
    rng = Random(f"{seed}:{number}")
    kind = rng.choices(list(KINDS), [share for share, _, _ in KINDS.values()])[0]
    _, name, make = KINDS[kind]
    content = make(rng)
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogatepass")
    return File(kind, name, content, rng.random() < 0.05)


def mutated(rng: Random, text: str, other: str, most: int = 4) -> str:
    """A text with a few small changes, none of which is huge."""
    for _ in range(rng.randrange(1, most + 1)):
        text = rng.choice(_EVERY)(rng, text, other)
    return text


def _changed(mutation: mutations.Mutation, most: int = 2) -> Callable[[Random], str]:
    def change(rng: Random) -> str:
        text = rng.choice(seeds.models())
        for _ in range(rng.randrange(1, most + 1)):
            text = mutation(rng, text, rng.choice(seeds.models()))
        return text

    return change


def _any(rng: Random) -> str:
    return mutated(rng, rng.choice(seeds.models()), rng.choice(seeds.models()))


def _commented(rng: Random) -> str:
    """A whole file of the zoo, docstring, comments and all, with many changes."""
    return mutated(rng, rng.choice(seeds.whole_models()), rng.choice(seeds.whole_models()), 12)


def _bytes(rng: Random) -> bytes:
    """No text at all, half a text, or a text in another encoding."""
    text = rng.choice(seeds.models())
    raw = text.encode()
    at = rng.randrange(len(raw))
    return rng.choice(
        [
            lambda: rng.randbytes(rng.randrange(400)),
            lambda: text.encode(rng.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "utf-7", "cp037"])),
            lambda: raw[:at] + rng.randbytes(rng.randrange(1, 5)) + raw[at:],
            lambda: raw[:at] + bytes([rng.choice([0xC3, 0xE2, 0xF0, 0xC0, 0xED, 0xFF, 0xFE, 0])]) + raw[at:],
            lambda: b"\xef\xbb\xbf" * rng.randrange(1, 4) + raw,
            lambda: raw.replace(b"\n", rng.choice([b"\r", b"\r\n", b"\n\r", b"\x0c", b"\x85", "\u2028".encode(), b"\x00", b"\v"])),
            lambda: raw.replace(b" ", rng.choice([b"\t", b"", b"\x0c", "\u00a0".encode(), "\u200b".encode(), b"\\\n"])),
            lambda: rng.choice([b"\x7fELF", b"PK\x03\x04", b"%PDF-1.7\n", b"#!/bin/sh\n", b"\x89PNG\r\n\x1a\n", b"# coding: rot13\n", b"# -*- coding: utf-7 -*-\n"]) + raw,
            lambda: bytes(rng.choice(raw) for _ in range(at)),
        ]
    )()  # fmt: skip


def _about(rng: Random, sign: str = "#") -> tuple[str, list[str]]:
    """The comment that names the model, and good lines about it."""
    if rng.random() < 0.7:
        return f"{sign} model: scalars.eq\n", seeds.HAND_SCALARS
    return f"{sign} model: tiny.eq\n", seeds.HAND


def _hand(rng: Random) -> str:
    head, good = _about(rng)
    lines = "\n".join(rng.sample(good, rng.randrange(1, 4)))
    return head + mutated(rng, lines, "\n".join(good), 3) + "\n"


def _hand_kindred(rng: Random) -> str:
    head, good = _about(rng)
    return head + mutations.kindred(rng, "\n".join(rng.sample(good, rng.randrange(1, 3))), "") + "\n"


def _hand_nonsense(rng: Random) -> str:
    head, good = _about(rng)
    return (
        head
        + "\n".join(
            rng.choice([nonsense.line(rng), nonsense.line(rng), rng.choice(good)]) for _ in range(rng.randrange(1, 5))
        )
        + "\n"
    )


def _hand_hostile(rng: Random) -> str:
    """Code, nesting, huge numbers and wide sums on either side of a line."""
    head, good = _about(rng)
    side = rng.choice(
        [
            rng.choice(bombs.CODE),
            rng.choice(mutations.HUGE),
            rng.choice(_WIDE),
            bombs.nested(rng).splitlines()[-1].partition(" = ")[2],
        ]
    )
    line = rng.choice(["grad(h[t]) = {}", "{} = 1", "grad({}) = 0", "grad(h[t]) = h[t], {}", "d[t] = {}\ngrad(h[t]) = d[t]", "grad(h[{}]) = 0", "grad(w) = sum({}, t)",
                       "grad(w) = sum(w, (t, 1, {}))", "jac({}, w) = 1", "grad(w, at={}) = 1", "grad(w, of={}) = 1", "{}", "grad(h[t]) = h[t] if {} else 0", "h[{}] = 0"])  # fmt: skip
    return head + line.format(side) + "\n" + rng.choice(good) + "\n"


_WIDE = (
    "sum(sum(sum(sum(1, (i, 1, 99)), (j, 1, 99)), (k, 1, 99)), (l, 1, 99))", "sum(1, (i, 0, 999999999))", "sum(i, (i, 1, 10**9))", "prod(W, (s, 1, 999999999))", "prod(w, (s, 1, 10**5))",
    "h[t-999999999]", "sum(h[t], (t, -999999999, 5))", "prod(prod(prod(w, (s, 1, T)), (k, 1, T)), (j, 1, T))", "x[t1] * x[t2] * x[t3] * x[t4] * x[t5] * x[t6] * x[t7]", "grad(grad(w))", "grad(sum(w))", "jac(h, h)",
    "jac(h[t], h[s]) * jac(h[s], h[k])", "grad(h[t], of=grad(w))", "sum(jac(h[t], h[s]), s)", "w**w**w**w", "exp(exp(exp(exp(w))))", "1/0", "0/0", "w/0", "log(0)", "sqrt(-1)", "inf - inf", "2**99999", "tanh(1e300)", "T**T**T", "h[T*T]", "h[t*2]", "h[-1]",
    "onehot(y[t])[y[t]]", "diag(diag(h[t]))", "eye(999999)", "eye(n_h)", "concat(W, W)", "outer(outer(h[t], h[t]), h[t])", "W @ W @ W @ W", "softmax(W)", "sum(softmax(h[t], t), t)", "where(t < T, where(t < T, 1, 0), 0)",
)  # fmt: skip


def _tex(rng: Random) -> str:
    head, _ = _about(rng, "%")
    rows = " \\\\\n".join(rng.sample(seeds.TEX, rng.randrange(1, 4)))
    return head + _environment(rng, mutated(rng, rows, "\n".join(seeds.TEX), 3))


def _tex_kindred(rng: Random) -> str:
    row = mutations.kindred(rng, rng.choice(seeds.TEX), "")
    return rng.choice(["% model: tiny.eq\n", "% model: scalars.eq\n"]) + f"\\begin{{align}}\n{row}\n\\end{{align}}\n"


def _tex_nonsense(rng: Random) -> str:
    head, _ = _about(rng, "%")
    rows = [
        rng.choice([nonsense.row(rng), nonsense.row(rng), rng.choice(seeds.TEX)]) for _ in range(rng.randrange(1, 5))
    ]
    return head + _environment(rng, " \\\\\n".join(rows))


def _environment(rng: Random, rows: str) -> str:
    name = "align" if rng.random() < 0.7 else rng.choice(seeds.ENVIRONMENTS)
    begin, end = rf"\begin{{{name}}}", rf"\end{{{name}}}"
    if rng.random() < 0.15:
        begin, end = rng.choice(
            [
                ("$$", "$$"),
                (r"\[", r"\]"),
                ("% derive: begin\n", "\n% derive: end"),
                (begin, ""),
                ("", end),
                (begin, begin),
                ("", ""),
                (begin * 50, end * 50),
            ]
        )
    return f"{begin}\n{rows}\n{end}\n"


def _tex_bomb(rng: Random) -> str:
    """Macros of macros, deep braces, long rows, many environments."""
    many = rng.choice([5, 12, 13, 40, 100, 1_000, 20_000])
    head = "% model: tiny.eq\n"
    names = "abcdefghijklmnopqrstuvwxyz"
    chain = "".join(
        rf"\newcommand{{\z{names[n]}}}{{\z{names[n + 1]}\z{names[n + 1]}}}" + "\n" for n in range(min(many, 25))
    )
    return head + rng.choice(
        [chain + r"\newcommand{\zz}{h}" + _environment(rng, r"\za = \za"), r"\newcommand{\q}[1]{#1#1}" + _environment(rng, r"\q{" * min(many, 400) + "h" + "}" * min(many, 400) + "= h"),
         r"\def\q{\q}" + _environment(rng, r"\q = h"), _environment(rng, "{" * many + "h" + "}" * many + " = h"), _environment(rng, "h = h" + " + h" * many), _environment(rng, r"h_t = h \\ " * many),
         _environment(rng, r"h_t = h") * min(many, 500), _environment(rng, r"\frac{" * many + "h"), _environment(rng, "h" + "'" * many + " = h"), _environment(rng, "h" + "_{h" * many + "}" * many + " = h"),
         _environment(rng, r"\sum_{t} " * many + "h = h"), _environment(rng, "h = " + r"\sqrt{" * many + "h" + "}" * many), _environment(rng, "7" * many + " = h"), _environment(rng, "h = " + "(" * many + "h" + ")" * many),
         _environment(rng, "h_t = " + r"\mathbf{" * many + "h" + "}" * many), _environment(rng, r"\label{" * many), "$$" * many, r"\begin{align}" * many, "%" * many, "\\" * many, _environment(rng, "| h | = " + "|" * many),
         _environment(rng, "h_t = " + r"\text{" * many), _environment(rng, " " * many + "h = h" + " " * many), r"\newcommand" * many, _environment(rng, r"h_t = \left(" * many), _environment(rng, "h_t " + "= h " * many)]
    )  # fmt: skip


def _tex_odd(rng: Random) -> str:
    """A derivation with signs in it that are not what they look like, or huge numbers."""
    head, _ = _about(rng, "%")
    text = rng.choice(seeds.TEX)
    for _ in range(rng.randrange(1, 4)):
        text = rng.choice([mutations.character, mutations.number])(rng, text, "")
    return head + _environment(rng, text)


def _head(rng: Random) -> str:
    """A derivation that names its model in odd ways."""
    name = rng.choice(["../../etc/passwd", "/etc/passwd.eq", "a" * 300 + ".eq", "tiny.eq\x00", "\x1b[2J.eq", "tiny.eq tiny.eq", "", "vanila", "__import__", "~/x.eq", "/dev/zero.eq", ".eq", "..eq", "//.eq", "x\u202e.eq", "tiny.EQ",
                       "C:\\tiny.eq", "é.eq", "\ud800.eq", "nul.eq", "folder.eq", "loop.eq", "tiny.eq/", "./tiny.eq", "%s.eq", "{0}.eq"])  # fmt: skip
    return f"# model: {name}\n" + rng.choice(seeds.HAND) + "\n"


KINDS: dict[str, tuple[float, str, Callable[[Random], str | bytes]]] = {
    "any changes": (17, "m.eq", _any),
    "tokens changed": (10, "m.eq", _changed(mutations.token)),
    "lines changed": (3, "m.eq", _changed(mutations.line)),
    "one of its kind": (6, "m.eq", _changed(mutations.kindred, 3)),
    "renamed": (5, "m.eq", _changed(mutations.rename)),
    "odd characters": (9, "m.eq", _changed(mutations.character)),
    "odd numbers": (5, "m.eq", _changed(mutations.number)),
    "brackets": (2, "m.eq", _changed(mutations.brackets)),
    "two files in one": (6, "m.eq", _changed(mutations.splice)),
    "whole files, much changed": (1, "m.eq", _commented),
    "bytes": (3, "m.eq", _bytes),
    "nonsense by the grammar": (8, "m.eq", nonsense.model),
    "sense by the grammar": (1, "m.eq", nonsense.sound),
    "code": (6, "m.eq", bombs.code),
    "nesting": (2, "m.eq", bombs.nested),
    "growth": (2, "m.eq", bombs.growing),
    "length": (2, "m.eq", bombs.long),
    "hand: changes": (3, "d.hand.eq", _hand),
    "hand: one of its kind": (0.5, "d.hand.eq", _hand_kindred),
    "hand: nonsense": (3, "d.hand.eq", _hand_nonsense),
    "hand: hostile": (2, "d.hand.eq", _hand_hostile),
    "hand: bytes": (0.5, "d.hand.eq", _bytes),
    "hand: names of models": (0.5, "d.hand.eq", _head),
    "tex: changes": (2.5, "d.tex", _tex),
    "tex: one of its kind": (0.5, "d.tex", _tex_kindred),
    "tex: nonsense": (3, "d.tex", _tex_nonsense),
    "tex: growth": (1, "d.tex", _tex_bomb),
    "tex: odd": (1, "d.tex", _tex_odd),
}  # fmt: skip
