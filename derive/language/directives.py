r"""Comments that say how a name is printed: `# latex: u = \vec{u}`, on a line of its own."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from derive.language import rules_text
from derive.language.source import Sink

GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon "
    "phi chi psi omega".split()
)
_FORM = re.compile(r"#\s*latex:\s*(([^\W\d]\w*)\s*=\s*(.*?))?\s*")
# Letters and accents of mathematics, and nothing that reads, writes, defines or ends anything.
_ALLOWED = re.compile(
    r"[A-Za-z0-9{}_^(),'*+\- ]|\\(?:[,;!]|(?:math(?:bf|rm|it|sf|cal|bb|frak)|boldsymbol|operatorname|hat|widehat|"
    r"tilde|widetilde|bar|overline|underline|dot|ddot|vec|check|breve|star|ast|prime|ell|hbar|top|dagger|infty|partial|"
    r"nabla|var[a-z]+|" + "|".join(sorted(GREEK | {g.capitalize() for g in GREEK})) + r")(?![A-Za-z]))"
)
LONGEST = 100  # characters, and so a bound of how deep they nest


@dataclass(frozen=True)
class Directive:
    """A comment `# latex: name = tex`.

    Attributes:
        line: where it stands.
        column: of its first character, both from 1.
        text: the whole comment.
        name: what is printed otherwise; nothing where the comment cannot be read.
        tex: how.
    """

    line: int
    column: int
    text: str
    name: str = ""
    tex: str = ""


def overrides(text: str) -> dict[str, str]:
    r"""What a model's text says of names; what is no letter of mathematics is not read.

    >>> overrides("# latex: v = \\vec{v}\n# latex: w = \\input{x}\n")
    {'v': '\\vec{v}'}
    """
    found = [d for d in _directives(text) if d.name and 0 < len(d.tex) <= LONGEST]
    return {d.name: d.tex for d in found if not _wrong(d.tex)}


def check(known: Iterable[str], sink: Sink) -> None:
    """Report every directive that names nothing of the file, or that holds what is no letter of mathematics."""
    names, seen = sorted(known), set[str]()
    for directive in _directives(sink.source.text):
        at = directive.column
        if not directive.name or not directive.tex:
            sink.report(sink.source.at(directive.line, at, len(directive.text)), rules_text.latex_form())
            continue
        name = sink.source.at(directive.line, at + directive.text.index(directive.name, 8), len(directive.name))
        if directive.name not in names:
            sink.report(name, rules_text.latex_of_unknown(directive.name, names))
        elif directive.name in seen:
            sink.report(name, rules_text.latex_twice(directive.name))
        seen.add(directive.name)
        if len(directive.tex) > LONGEST:
            sink.report(name, rules_text.latex_long(directive.name, LONGEST))
        elif wrong := _wrong(directive.tex):
            place = at + directive.text.rindex(directive.tex) + max(0, directive.tex.find(wrong))
            sink.report(
                sink.source.at(directive.line, place, len(wrong)), rules_text.latex_letters(directive.name, wrong)
            )


def _directives(text: str) -> Iterator[Directive]:
    if "latex:" not in text:
        return
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            alone = not token.line[: token.start[1]].strip()
            if token.type == tokenize.COMMENT and alone and re.match(r"#\s*latex:", token.string):
                found = _FORM.fullmatch(token.string)
                name, tex = (found[2] or "", found[3] or "") if found else ("", "")
                yield Directive(token.start[0], token.start[1] + 1, token.string, name, tex)
    except (tokenize.TokenError, SyntaxError):
        return


def _wrong(tex: str) -> str:
    """The first part that is no letter of mathematics, or a brace without its other; nothing if all is well."""
    at = depth = 0
    while at < len(tex):
        found = _ALLOWED.match(tex, at)
        if found is None:
            return re.match(r"\\[A-Za-z]*|.", tex[at:])[0] or "\\"  # type: ignore[index]
        depth += (found[0] == "{") - (found[0] == "}")
        if depth < 0:
            return "}"
        at = found.end()
    return "{" if depth else ""
