"""Pages as a real browser shows them, without scripts: nothing cut off, nothing on top of another, no complaint."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import derive
from derive.emit.html import Entry, index

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.browser
MODELS = ("vanilla", "lstm", "attention", "tree", "ctc", "translator")

# What a script of the test's own finds in a page; the page itself has none.
MEASURES = """() => {
  const shown = element => { const box = element.getBoundingClientRect(); return box.width && box.height ? box : null }
  const wide = [...document.querySelectorAll("main *")].filter(element => {
    const box = shown(element)
    return box && box.right > innerWidth + 1 && !element.closest(".scroll, pre")
  })
  const cut = [...document.querySelectorAll(".right, .sides, .says, td, .beside pre, h1, h2, h3, p")].filter(element =>
    shown(element) && element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display != "inline")
  const blocks = [...document.querySelectorAll(
    "section > *, .equations > *, .beside > *, .sides > *, .stages > li > *, tr, figure > *")]
  const over = []
  for (const block of blocks) {
    const next = block.nextElementSibling, box = shown(block), other = next && shown(next)
    if (!box || !other) continue
    const down = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top)
    const across = Math.min(box.right, other.right) - Math.max(box.left, other.left)
    const inline = [block, next].some(element => getComputedStyle(element).display == "inline")
    if (down > 1 && across > 1 && !inline) over.push(block.outerHTML.slice(0, 200))
  }
  return {
    page: document.documentElement.scrollWidth - innerWidth,
    wide: wide.map(element => element.outerHTML.slice(0, 200)),
    cut: cut.map(element => element.outerHTML.slice(0, 200)),
    over,
  }
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not here: pip install 'derive[browser]'"
    )
    if CHROMIUM is None:
        pytest.skip("Chromium is not here: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@cache
def text(name: str) -> str:
    if name != "index":
        return derive.load(name).html()
    models = [derive.load(other) for other in ("vanilla", "lstm", "attention", "translator")]
    return index([Entry(model.system, "Its title", f"{model.name}.html") for model in models])


def shown(browser: Any, path: Path, scheme: str, width: int, scripts: bool) -> tuple[Any, Any, list[str]]:
    context = browser.new_context(
        java_script_enabled=scripts, color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url) if request.url != path.as_uri() else None)
    page.goto(path.as_uri())
    return context, page, said


@pytest.mark.parametrize("name", [*MODELS, "index"])
@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off_or_on_top_of_something_else(
    browser: Any, tmp_path: Path, name: str, scheme: str, width: int
) -> None:
    path = tmp_path / f"{name}.html"
    path.write_text(text(name))
    # The page's own policy forbids scripts; what measures is the driver's, and needs them to be on.
    context, page, said = shown(browser, path, scheme, width, scripts=True)
    found = page.evaluate(MEASURES)
    context.close()
    assert said == []
    assert found == {"page": 0, "wide": [], "cut": [], "over": []}


@pytest.mark.parametrize("name", MODELS[:3])
def test_it_is_the_same_without_scripts(browser: Any, tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.html"
    path.write_text(text(name))
    pictures = []
    for scripts in (True, False):
        context, page, said = shown(browser, path, "light", 1280, scripts)
        pictures.append(page.screenshot())
        context.close()
        assert said == []
    assert pictures[0] == pictures[1]


def test_light_and_dark_differ(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "vanilla.html"
    path.write_text(text("vanilla"))
    grounds = []
    for scheme in ("light", "dark"):
        context, page, _ = shown(browser, path, scheme, 1280, scripts=True)
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        context.close()
    assert len(set(grounds)) == 2


def test_a_pair_is_marked_where_one_points_at_it_and_where_one_goes_to_it(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "vanilla.html"
    path.write_text(text("vanilla"))
    context, page, _ = shown(browser, path, "light", 1280, scripts=True)
    ground = "[...document.querySelectorAll('.e2')].map(element => getComputedStyle(element).backgroundColor)"
    plain = page.evaluate(ground)
    page.hover("#e2 .left")
    pointed = page.evaluate(ground)
    assert len(plain) == 3 and len(set(plain)) == 1 and len(set(pointed)) == 1 and set(plain) != set(pointed)
    page.hover("h1")
    assert page.evaluate(ground) == plain
    page.click("#e2 .number a")
    assert page.evaluate("location.hash") == "#c2" and page.evaluate(ground) == pointed
    context.close()
