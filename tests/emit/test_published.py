"""Documents, pages and pictures are safe to publish: a user's text stays text in TeX, in HTML and in SVG."""

from __future__ import annotations

import html.parser
import re
from xml.etree import ElementTree

import pytest

import derive
from derive.emit.html import Entry, index

TEX = (
    r"\input{evil} \write18{rm} \end{document} \begin{verbatim} \def\a{b} \csname x\endcsname ^^41 ^^5cinput $x$ $$ \[ "
    r"% # & ~ _ ^ { } }} {{ \\ \ "
)
MARKUP = (
    "</title></style></svg><script>alert(1)</script><img src=x onerror=alert(1)> <!-- --> ]]> <![CDATA[ &lt; &#60; "
    "&amp \" onload=x ' `{{ 7*7 }} {% raw %} {# x #} ${x} javascript:alert(1)"
)
HIDDEN = "\u202e\u2066\u200f\u2028\x85\x1b[31m\x07"
MODEL = """w: Param[n]   # {0}
x: Input[T, n]   # {0}
h[0] = 0
h[t] = tanh(h[t-1] + dot(w, x[t]))   # {0}
loss = sum(h[t], t)   # {0}
"""
NAME = f"a\n\\input{{evil}}\r\\evil {MARKUP.replace('/', '')} %{HIDDEN}"


def model(text: str, name: str) -> derive.Model:
    quoted = f"{text}\n\n{text}".replace("\\", "\\\\").replace('"', r"\"")
    return derive.parse(f'"""{quoted}\n"""\n{MODEL.format(text)}', name)


HOSTILE = model(TEX + MARKUP + HIDDEN, NAME)
PLAIN = model("word", "m")


def commands(tex: str) -> set[str]:
    """The commands of a document, and what its environments are called; comments left out."""
    lines = (re.sub(r"(?<!\\)((?:\\\\)*)%.*", r"\1", line) for line in re.split(r"[\n\r]", tex))
    text = "\n".join(lines)
    return set(re.findall(r"\\(?:[A-Za-z]+|.)", text)) | set(re.findall(r"\\(?:begin|end)\{[^}]*\}", text))


OF_LETTERS = {
    *(r"\textbackslash \textasciicircum \textasciitilde \textless \textgreater \textbar".split()),
    *(r"\{ \} \_ \$ \& \% \#".split()),
}


@pytest.mark.parametrize("fragment", [False, True])
def test_no_text_is_a_command_of_tex(fragment: bool) -> None:
    made, plain = (found.latex("both", fragment=fragment) for found in (HOSTILE, PLAIN))
    assert commands(made) - commands(plain) <= OF_LETTERS
    assert made.count(r"\end{document}") == plain.count(r"\end{document}") <= 1
    assert all(letter == "\n" or letter.isprintable() for letter in made)
    assert "^^" not in made and made.split("\n")[0].startswith("% The model a ")
    dollars = [len(re.findall(r"(?<!\\)\$", line)) for line in made.split("\n") if not line.startswith("%")]
    assert not [number for number in dollars if number % 2]


def test_no_text_is_a_command_of_tikz() -> None:
    made, plain = (found.draw().tikz() for found in (HOSTILE, PLAIN))
    assert commands(made) == commands(plain)
    assert all(letter == "\n" or letter.isprintable() for letter in made)


class Elements(html.parser.HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[tuple[str, ...]] = set()
        self.links: list[str] = []
        self.other: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add((tag, *sorted(name for name, _ in attrs)))
        self.links += [str(value) for name, value in attrs if name in ("href", "src", "action")]

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    def unknown_decl(self, data: str) -> None:
        self.other.append(data)


def test_no_text_is_an_element_of_a_page() -> None:
    made, plain = (Elements(found.html("both", verify=False)) for found in (HOSTILE, PLAIN))
    assert made.found == plain.found
    assert made.other == plain.other and all(link.startswith("#") for link in made.links)


def test_everything_in_a_page_shows_itself() -> None:
    text = HOSTILE.html(verify=False)
    assert not set(HIDDEN.replace("[31m", "")) & set(text)
    assert "[U+202E]" in text and "{{ 7*7 }}" in text


def test_the_index_leads_to_pages_only() -> None:
    name = "javascript:alert(1)||x#y?z %20"
    entries = [Entry(HOSTILE.system, MARKUP + HIDDEN, f"{name}.html"), Entry(PLAIN.system, "word", "m.html")]
    text = index(entries)
    found, plain = Elements(text), Elements(index([entries[1]]))
    assert found.found == plain.found and not set(HIDDEN.replace("[31m", "")) & set(text)
    assert found.links == ["javascript%3Aalert%281%29%7C%7Cx%23y%3Fz%20%2520.html", "m.html"]


@pytest.mark.parametrize("gradient", [False, True])
def test_no_text_is_an_element_of_a_picture(gradient: bool) -> None:
    made, plain = (ElementTree.fromstring(found.draw(gradient=gradient).svg()) for found in (HOSTILE, PLAIN))
    kinds = [{(one.tag, *sorted(one.attrib)) for one in tree.iter()} for tree in (made, plain)]
    assert kinds[0] == kinds[1]
    words = "".join(made.itertext())
    assert "<script>alert(1)" in words and all(letter == "\n" or letter.isprintable() for letter in words)
