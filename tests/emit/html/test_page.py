"""Pages: whole, closed to the network, escaped, the same every time, each piece of code beside its equation."""

from __future__ import annotations

import html
import re
from functools import cache
from html.parser import HTMLParser

import pytest

import derive
from derive.check.report import COMPLEX, DIFFERENCES, Comparison, Report
from derive.emit.html import Entry, index
from derive.emit.html.code import blocks, function_of, rows, spelled
from derive.emit.notation.plain import Plain
from tests.bank import model, some_of_the_zoo, zoo
from tests.bank import text as module_text

VOID = {"meta", "wbr", "br", "img", "input", "link", "hr"}


@cache
def page(name: str) -> str:
    return derive.load(name).html(verify=False)


class Reader(HTMLParser):
    """Follows the elements of a page; every one that opens has to close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def test_a_page_is_whole_and_loads_nothing() -> None:
    whole(page("vanilla"))


def whole(text: str) -> None:
    reader = read(text)
    ids = [attributes["id"] for _, attributes in reader.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in reader.found:
        assert tag not in ("script", "link", "iframe", "object", "embed", "form")
        assert not [key for key in attributes if key.startswith("on") or key == "src"]
        if "href" in attributes:
            assert str(attributes["href"])[1:] in ids
    assert "default-src 'none'" in text and "url(" not in text and "@import" not in text
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text)
    mathematics = re.findall(r"<math.*?</math>", text, flags=re.S)
    assert len(mathematics) > 50
    assert not [some for some in mathematics if "\\" in some or re.search("[\x01\x02\ue000-\ue0ff]", some)]


@pytest.mark.browser
@zoo
def test_every_page_of_the_zoo_is_whole(name: str) -> None:
    whole(page(name))


def test_the_same_every_time() -> None:
    text = derive.load("vanilla").system.source
    assert derive.parse(text, "vanilla").html(verify=False) == page("vanilla")


@some_of_the_zoo
def test_every_piece_of_code_stands_beside_its_equation(name: str) -> None:
    found = model(name)
    known = spelled(found.system, found._differentiated)
    said = [text for block in blocks(function_of(module_text(name, "plain"), "loss_and_grad")) for text in block.said]
    assert said and not [text for text in said if not known.get(text)]


def test_the_rows_are_the_whole_body() -> None:
    found = model("ctc")
    function = function_of(module_text("ctc", "plain"), "loss_and_grad")
    told = list(rows(function, spelled(found.system, found._differentiated)))
    shown = [text for row in told for text in html.unescape(re.sub(r"<[^>]*>", "", row.code)).split("\n") if text]
    body = [text.removeprefix("    ") for text in function.split("\n") if text and not text.strip().startswith("# ")]
    assert shown == body[-len(shown) :] and body[-len(shown) - 1] == '"""'


def test_code_under_its_equation() -> None:
    lines = {"a = b": (), "c = d": ()}
    function = "def f(x):\n    '''Words.'''\n    check(x)\n\n    # a = b\n    a = b\n    c = np.empty((2,), t)\n"
    function += "    for t in x:\n        # c = d\n        #     + e\n        c = d\n\n    return c"
    texts = function.split("\n")
    found = [(block.said, [text.strip() for text in texts[block.first : block.last]]) for block in blocks(function)]
    assert found == [
        ((), ["check(x)"]),
        (("a = b",), ["a = b"]),
        ((), ["c = np.empty((2,), t)", "for t in x:"]),
        (("c = d + e",), ["c = d"]),
        ((), ["return c"]),
    ]
    assert [row.unknown for row in rows(function, lines)][1:4:2] == [("a = b",), ("c = d + e",)]


def test_a_number_leads_from_an_equation_to_its_code_and_back() -> None:
    text = page("vanilla")
    at = text.index('id="e3"')
    assert text[at:].index('href="#c3"') < 3000
    row = re.search(r'<div class="beside e3">.*?</pre>', text, flags=re.S)
    assert row is not None and 'id="c3"' in row[0] and 'href="#e3"' in row[0]
    assert "np.tanh(a[t - 1])" in re.sub(r"<[^>]*>", "", row[0])
    assert "main:has(.e3:hover) .e3" in text


HOSTILE = '''"""A title </title><script>alert(1)</script> & "quotes".

An {{ injection }} {% raw %} and <b>markup</b>.
"""
x: Input[T, n]   # </td><img src=x onerror=alert(1)>
w: Param[n]      # "w" & <i>
script_lt: Param[n]

h[0] = 0
h[t] = tanh(h[t-1] + dot(w, x[t]))   # --> </style><script>
loss = sum(h[t] * sum(script_lt), t)
'''


def test_what_a_person_wrote_is_text() -> None:
    text = derive.parse(HOSTILE, "hostile").html(verify=False)
    tags = {tag for tag, _ in read(text).found}
    assert not tags & {"script", "img", "b", "i"}
    assert "{{ injection }} {% raw %}" in text and "&lt;script&gt;alert(1)" in text


def test_notations_and_how_a_gradient_is_written() -> None:
    found = derive.load("vanilla")
    array, index_ = page("vanilla"), found.html("index", verify=False)
    both = found.html("both", "delta", "subscript", verify=False)
    assert "<msub><mi>b</mi><mi>i</mi></msub>" in index_ and array != index_
    equations = re.search(r'id="e2".*?class="number"', both, flags=re.S)
    assert equations is not None and equations[0].count('class="sides"') == 2
    # The code stands beside the same equations in every notation.
    for text in (array, index_, both):
        assert re.findall(r'class="beside (e\d+)', text) == re.findall(r'class="beside (e\d+)', array)
    assert "<msubsup><mi>𝜹</mi>" in both


def report(error: float) -> Report:
    pair = [Comparison(kind, "w", (3,), error, 1e-7, (0,), 1.0, 1.0) for kind in (DIFFERENCES, COMPLEX)]
    return Report("m", 0, {"n": 3}, 1e-4, tuple(pair))


@pytest.mark.parametrize(("error", "word", "kind"), [(0.0, "ok", "holds"), (1.0, "WRONG", "fails")])
def test_what_was_verified_is_said(error: float, word: str, kind: str) -> None:
    found = derive.parse("w: Param[n]\nx: Input[n]\nloss = dot(w, x)", "m")
    text = found.html(verify=report(error))
    assert f">{word}</td>" in text and f'class="{kind}"' in text and 'href="#verified"' in text
    assert 'id="verified"' not in found.html(verify=False) and 'href="#verified"' not in found.html(verify=False)


def test_a_model_without_sequences_or_words() -> None:
    text = derive.parse("w: Param[n]\nx: Input[n]\nloss = dot(w, x)", "plain_one").html(verify=False)
    assert "<h1>plain_one</h1>" in text
    read(text)


def test_the_index_leads_to_each_page_with_a_picture() -> None:
    models = [model(name) for name in ("vanilla", "tree")]
    text = index([Entry(m.system, f"<{m.name}>", f"{m.name}.html") for m in models])
    reader = read(text)
    assert [a["href"] for tag, a in reader.found if tag == "a"] == ["vanilla.html", "tree.html"]
    assert [tag for tag, _ in reader.found].count("svg") == 2 and "&lt;tree&gt;" in text


def test_lines_of_text_are_what_is_spoken() -> None:
    text = page("vanilla")
    assert 'aria-label="h[t] = tanh(a[t])"' in text
    assert (
        Plain().line(next(iter(spelled(model("vanilla").system, model("vanilla")._differentiated)["h[0] = 0"])))
        == "h[0] = 0"
    )
