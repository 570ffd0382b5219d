"""Pictures as SVG: well-formed, escaped, whole, and always the same."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import derive
from derive.emit.graph.svg import svg
from tests.emit.graph.samples import HOSTILE, picture, printer

NAMESPACE = "{http://www.w3.org/2000/svg}"
VANILLA = derive.load("vanilla").system


def drawn(words: str = "a title", style: str = "file") -> ET.Element:
    return ET.fromstring(svg(picture(words), printer(VANILLA), "page" if style == "page" else "file"))


def test_it_says_what_it_shows() -> None:
    root = drawn("of <b> & 'c'")
    assert root.tag == f"{NAMESPACE}svg" and root.get("role") == "img"
    assert root.findtext(f"{NAMESPACE}title") == root.findtext(f"{NAMESPACE}desc") == "of <b> & 'c'"
    titles = [g.findtext(f"{NAMESPACE}title") for g in root.findall(f"{NAMESPACE}g")]
    assert titles.count("of <b> & 'c'") == 2


def test_words_of_a_file_stay_words() -> None:
    text = svg(picture(HOSTILE), printer(VANILLA))
    root = ET.fromstring(text)
    assert root.findtext(f"{NAMESPACE}title") == '<script>"&[31m]]>{}\\end{document}%$ --></text>'
    assert not list(root.iter(f"{NAMESPACE}script")) and "<script" not in text


def test_nothing_is_loaded_and_nothing_runs() -> None:
    text = svg(picture(), printer(VANILLA))
    assert re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"@import|url\(|@font-face|href|<script|\son\w+=", text)


def test_no_names_that_two_pictures_of_a_page_could_share() -> None:
    root = drawn(style="page")
    assert not [element for element in root.iter() if element.get("id")]
    classes = {name for element in root.iter() for name in (element.get("class") or "").split()}
    assert all(name.startswith("derive-") for name in classes)


def test_a_file_has_a_background_and_a_page_its_own() -> None:
    assert 'class="derive-ground"' in svg(picture(), printer(VANILLA))
    assert 'class="derive-ground"' not in svg(picture(), printer(VANILLA), "page")


def test_every_node_edge_and_label_is_there() -> None:
    root = drawn()
    groups = [(group.get("class") or "").split() for group in root.findall(f"{NAMESPACE}g")]
    made = picture()
    assert sum("derive-node" in group for group in groups) == len(made.nodes)
    assert sum("derive-edge" in group for group in groups) == len(made.edges)
    assert sum("derive-of-gradient" in group for group in groups) == 1
    assert len(list(root.iter(f"{NAMESPACE}polygon"))) == len(made.edges)


def test_an_arrow_ends_where_its_edge_ends() -> None:
    tips = [(polygon.get("points") or "").split()[0] for polygon in drawn().iter(f"{NAMESPACE}polygon")]
    assert sorted(tips) == sorted(["48,80", "120,64", "64,80", "184,64"])


def test_numbers_are_short() -> None:
    root = drawn()
    for element in root.iter():
        for key in ("x", "y", "d", "points", "textLength", "width"):
            assert not re.search(r"\.\d{3}|e-|nan|inf", element.get(key) or "")


def test_a_label_fits_its_node() -> None:
    root = drawn("a label that is much too long for a node of its width")
    for group in root.findall(f"{NAMESPACE}g[@class='derive-node derive-output']"):
        ellipse, text = group.find(f"{NAMESPACE}ellipse"), group.find(f"{NAMESPACE}text")
        assert ellipse is not None and text is not None
        assert float(text.get("textLength") or 0) <= 2 * float(ellipse.get("rx") or 0)
