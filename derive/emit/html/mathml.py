r"""Mathematics for browsers: the LaTeX of our printer through latex2mathml, then mended.

latex2mathml writes MathML 3. Browsers know MathML Core: typefaces are characters there, limits stand below a sum only
in `munder`, and a sign's spaces follow from its form, which has to be said where its place in a row does not say it.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from derive.emit.html.letters import styled
from derive.errors import DeriveError, Fault

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Words go through the converter as text in one piece: it would take their letters apart.
_WORD = re.compile(
    r"\\boldsymbol\{\\(?P<outer>mathit|mathsf)\{(?P<bold>(?:[^{}\\]|\\[_,])*)\}\}"
    r"|\\(?P<command>mathit|mathrm|mathbf|operatorname)\{(?P<word>(?:[^{}\\]|\\[_,])*)\}"
)
_MARKS = {style: chr(0xE001 + number) for number, style in enumerate(("it", "up", "bf", "bfit", "sf", "fn", "rel"))}
_STYLE = {mark: style for style, mark in _MARKS.items()}
_ADDS = r"\mathrel{+}="
_COMMANDS = {"mathit": "it", "mathrm": "up", "mathbf": "bf", "operatorname": "fn"}
_ONE = {"bf": "bold", "bfit": "bold-italic", "sf": "bold-sans"}
_LIMITS = frozenset(("\u2211", "max", "min"))
_OPENING = frozenset("([{")
_TALL = "1.623em"
# Signs that are letters here: dots, nabla, the transpose, infinity, a prime; and the round d, which is italic.
_UPRIGHT, _ROUND = frozenset("\u2026\u2207\u22a4\u221e\u2032"), "\u2202"
_SIGNS = frozenset((*"+\u2212\u2299\u22c5\u00d7=<>\u2264\u2260", "+="))


@lru_cache(maxsize=1 << 16)
def mathml(tex: str, first: bool = True, display: bool = False) -> str:
    r"""A piece of mathematics as an element that stands in a line of text.

    Args:
        tex: LaTeX in mathematics, without marks for breaks.
        first: whether it begins a formula; a sign at the beginning of any other piece stands between two terms.
        display: whether sums and quotients are as large as in a line of their own.

    >>> mathml(r"\mathbf{W}")
    '<math><mi>𝐖</mi></math>'
    """
    from xml.etree.ElementTree import Element, tostring

    row = _children(_mended(_converted(tex)))
    _sign_forms(row, first)
    math = Element("math", displaystyle="true") if display else Element("math")
    math.extend(row)
    return tostring(math, encoding="unicode")


def _converted(tex: str) -> Element:
    try:
        from latex2mathml.converter import convert_to_element
    except ImportError:
        message = "a page's mathematics needs latex2mathml, which is not installed"
        raise DeriveError(Fault(message, hint="pip install latex2mathml pygments")) from None
    try:
        return convert_to_element(_WORD.sub(_as_text, tex.replace(_ADDS, rf"\text{{{_MARKS['rel']}+=}}")))
    except Exception as error:  # it has no class of errors of its own
        message = f"{tex!r} cannot be shown in a browser: {type(error).__name__}"
        raise DeriveError(Fault(message, hint="look at the file's `# latex:` comments")) from None


def _as_text(match: re.Match[str]) -> str:
    if match["bold"] is not None:
        style, word = "sf" if match["outer"] == "mathsf" else "bfit", match["bold"]
    else:
        style, word = _COMMANDS[match["command"]], match["word"]
    word = word.replace(r"\_", "_").replace(r"\,", "\u2009").replace("~", "\u00a0")
    return rf"\text{{{_MARKS[style]}{word}}}"


def _mended(element: Element) -> Element:
    """The element as browsers read it, all that is in it too."""
    element.text = html.unescape(element.text) if element.text else None
    children = [_mended(child) for child in element]
    for child in list(element):
        element.remove(child)
    element.extend(children)
    match element.tag:
        case "mi" | "mn" | "mtext" | "mo":
            return _token(element)
        case "mrow":
            return _row(element)
        case "msub" | "msup" | "msubsup":
            return _script(element)
        case "mover":
            # A hat as wide as its letter is drawn by the font.
            element[1].set("stretchy", "false")
            element[0] = _dotless(element[0])
        case "mtable":
            element.set("class", "cases")
        case "mtd":
            element.attrib.clear()
            _sign_forms(list(element), True)
    return element


def _row(row: Element) -> Element:
    """A row in a row says nothing where it holds a single thing."""
    if len(row) == 1:
        return row[0]
    children = _children(row)
    for child in list(row):
        row.remove(child)
    row.extend(children)
    _sign_forms(children, True)
    return row


def _children(row: Element) -> list[Element]:
    """What stands in a row, with a space behind a function that has no bracket."""
    if row.tag not in ("mrow", "math"):
        return [row]
    found: list[Element] = []
    for child in (inner for part in row for inner in (_children(part) if _is_bare(part) else [part])):
        if found and _is_function(found[-1]) and not (child.tag == "mspace" or _opens(child)):
            found.append(_space())
        if _is_function(child) and found and found[-1].tag not in ("mo", "mspace"):
            found.append(_space())
        found.append(child)
    return found


def _opens(element: Element) -> bool:
    return "".join(element.itertext()) in _OPENING


def _is_bare(part: Element) -> bool:
    """Whether a row only groups letters, as braces around one do."""
    return part.tag == "mrow" and not any(child.tag == "mtable" for child in part)


def _space() -> Element:
    from xml.etree.ElementTree import Element

    return Element("mspace", width="0.167em")


def _token(token: Element) -> Element:
    text = token.text or ""
    style = token.attrib.pop("mathvariant", "")
    if token.tag == "mtext" and text[:1] in _STYLE:
        return _word(token, _STYLE[text[0]], text[1:])
    if text.startswith("\\"):
        return _word(token, "up", text[1:])
    if token.get("minsize"):
        return _large(token, token.attrib["minsize"])
    if token.tag == "mo":
        return _operator(token, text)
    if token.tag == "mi" and style == "normal" and len(text) == 1:
        token.set("mathvariant", "normal")
    sans = "\U0001d5a0" <= text <= "\U0001d5d3" and style == "bold-italic"
    if sans:
        # `\boldsymbol{\mathsf{M}}`: the letter is without serifs already.
        token.text = chr(ord(text) + 0x34)
    elif style:
        bold = "bold" if token.tag == "mn" and style == "bold-italic" else style
        token.text = "".join(styled(letter, bold) for letter in text)
    return token


def _word(token: Element, style: str, word: str) -> Element:
    """A name of several letters as one, in an upright, italic or bold face; a single one as a letter of mathematics."""
    token.attrib.clear()
    token.tag = "mo" if style == "rel" else "mn" if word.isdigit() else "mi"
    token.text = word
    if len(word) == 1 and style in _ONE:
        token.text = styled(word, _ONE[style])
    elif len(word) == 1 and style in ("up", "fn"):
        token.set("mathvariant", "normal")
    elif style != "rel":
        token.set("class", style)
    return token


def _large(bracket: Element, size: str) -> Element:
    """A bracket of a size: a stretched one has the room of the widest that the font has in Chromium."""
    from xml.etree.ElementTree import Element

    bracket.attrib = {"stretchy": "false", "mathsize": size}
    if size != _TALL:
        return bracket
    # Letters grow from their baseline, brackets in formulas from the middle.
    lowered = Element("mpadded", voffset="-0.15em")
    lowered.append(bracket)
    return lowered


def _operator(token: Element, text: str) -> Element:
    if text in _UPRIGHT or text == _ROUND:
        token.tag = "mi"
        token.attrib = {"mathvariant": "normal"} if text in _UPRIGHT else {}
    elif text in ("max", "min"):
        token.attrib = {"movablelimits": "true", "form": "prefix", "lspace": "0", "rspace": "0", "class": "fn"}
    elif text.isalpha() and len(text) > 1:
        token.tag = "mi"
        token.attrib.clear()
        token.set("class", "fn")
    return token


def _script(script: Element) -> Element:
    """Limits stand below a sum in a displayed formula; the norm's closing sign closes, whatever follows it."""
    base = script[0]
    if base.tag == "mo" and base.text in _LIMITS:
        script.tag = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}[script.tag]
    return script


def _dotless(base: Element) -> Element:
    if base.tag == "mi" and base.text in ("i", "j"):
        base.text = {"i": "\U0001d6a4", "j": "\U0001d6a5"}[base.text]
    return base


def _is_function(element: Element) -> bool:
    while element.tag in ("msub", "msup", "msubsup", "munder", "munderover"):
        element = element[0]
    is_named = element.tag == "mi" and len(element.text or "") > 1 and not element.get("class")
    return is_named or element.get("class") == "fn"


def _sign_forms(row: list[Element], first: bool) -> None:
    """Says of each sign whether it stands before a term or between two, and of each norm where it opens."""
    is_open = first
    norms = 0
    for place, element in enumerate(row):
        if element.tag in ("msub", "msup", "msubsup"):
            norms += _norm(element[0], norms)
            is_open = False
            continue
        if element.tag != "mo":
            is_open = _opens(element) or (is_open and element.tag == "mspace")
            continue
        text = element.text or ""
        if text in ("+", "\u2212") and is_open:
            element.set("form", "prefix")
        elif text in _SIGNS and place == 0:
            element.set("form", "infix")
        norms += _norm(element, norms)
        is_open = text in _OPENING or text in _SIGNS or text in ",;" or element.get("form") == "prefix"


def _norm(element: Element, before: int) -> int:
    if element.tag != "mo" or element.text not in ("\u2016", "\u2223", "|"):
        return 0
    element.attrib = {"form": "postfix" if before % 2 else "prefix", "fence": "true", "stretchy": "false"}
    element.attrib |= {"lspace": "0", "rspace": "0"}
    return 1
