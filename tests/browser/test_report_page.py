"""The run report in a real browser: whole, quiet, readable on a phone, printable on A4, asking nobody for anything."""

from __future__ import annotations

import base64
import io
import json
import re
import unicodedata
from collections import Counter
from itertools import pairwise

import pytest
from pypdf import PdfReader

from ecsync.report.run_report import FIRST
from opened_page import Opened

pytestmark = pytest.mark.browser

PHONE, DESK = 375, 1280
DESKS = ("orders", "shipping", "stock", "accounting", "system")
SECTIONS = ("cut_off", "today", "note")
A4_MM = (210, 297)
# Between the margins that the page asks for, at 96 CSS pixels to the inch.
PRINTED = int((210 - 24) / 25.4 * 96)

# Text that people see: the boxes and colours of every element that holds some.
TEXTS = """
const seen = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode, element = node.parentElement;
  if (!node.data.trim() || !element.checkVisibility() || element.closest('thead, style')) continue;
  const style = getComputedStyle(element), range = document.createRange();
  range.selectNodeContents(node);
  const box = range.getBoundingClientRect();
  let ground = element;
  while (ground && getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)') ground = ground.parentElement;
  seen.push({text: node.data.trim(), size: parseFloat(style.fontSize), left: box.left, right: box.right,
             ink: style.color, ground: ground ? getComputedStyle(ground).backgroundColor : 'rgb(255, 255, 255)'});
}
return seen;
"""


def rows_of(page: Opened, number: int, section: str) -> int:
    """Count the lines of a section of a page, folded away or not."""
    return page.run(f"return document.querySelectorAll('#page-{number} .block.{section} tbody tr').length")


def luminance(colour: str) -> float:
    """Return the relative luminance of `rgb(r, g, b)`."""
    shares = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (s / 12.92 if s <= 0.03928 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(ink: str, ground: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    bright, dark = sorted((luminance(ink), luminance(ground)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def bare(text: str) -> str:
    """Return a text without spaces, and with the signs that fonts hold twice (⽇, ‧) as one."""
    return "".join(unicodedata.normalize("NFKC", text).replace("\u2027", "・").split())


def test_the_console_is_silent_and_nothing_is_fetched(page: Opened) -> None:
    page.driver.get_log("performance")
    page.driver.get_log("browser")
    page.show(DESK)
    assert page.run("return document.readyState") == "complete"
    assert page.driver.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in page.driver.get_log("performance")]
    # The browser's own first tab may still be at work: what counts is what this page asks for.
    asked = [
        m["params"]["request"]["url"]
        for m in messages
        if m["method"] == "Network.requestWillBeSent" and m["params"]["documentURL"] == page.url
    ]
    assert asked == [page.url], "the page itself, and nothing else"


def test_every_line_of_the_run_stands_on_the_page_of_its_desk(page: Opened) -> None:
    page.show(DESK)
    lines = Counter((line["desk"], line["deadline"]) for line in page.data["lines"])
    shown = {
        (desk, section): rows_of(page, number, section)
        for number, desk in enumerate(DESKS, start=2)
        for section in SECTIONS
    }
    assert shown == {key: lines[key] for key in shown}
    assert sum(shown.values()) == len(page.data["lines"]) > FIRST + 132


def test_the_first_page_counts_what_the_desks_have_to_do(page: Opened) -> None:
    page.show(DESK)
    lines = Counter(line["deadline"] for line in page.data["lines"])
    for section in SECTIONS:
        cells = page.run(
            f"return [...document.querySelectorAll('#page-1 .block.{section} td.figure')].map(c => c.textContent)"
        )
        assert sum(int(re.sub(r"\D", "", cell)) for cell in cells) == lines[section], section
    urgent = Counter(line["desk"] for line in page.data["lines"] if line["deadline"] == "cut_off")
    badges = page.run("return [...document.querySelectorAll('nav b')].map(b => Number(b.textContent))")
    assert badges == [urgent[desk] for desk in DESKS if urgent[desk]]


def test_links_lead_to_the_pages_and_folded_rows_open(page: Opened) -> None:
    page.show(DESK)
    targets = page.run("return [...document.querySelectorAll('nav a')].map(a => a.getAttribute('href'))")
    assert targets == [f"#page-{number}" for number in range(1, 7)]
    hidden = "return document.querySelector('details tbody tr').checkVisibility()"
    assert page.run(hidden) is False
    page.driver.find_element("css selector", "details > summary").click()
    assert page.run(hidden) is True


@pytest.mark.parametrize("width", [320, PHONE, 768, DESK])
def test_the_page_never_scrolls_sideways(page: Opened, width: int) -> None:
    page.show(width)
    page.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.run("return document.documentElement.scrollWidth") <= width


def test_a_phone_shows_every_text_whole_and_large_enough(page: Opened) -> None:
    page.show(PHONE)
    page.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    texts = page.run(TEXTS)
    assert len(texts) > len(page.data["lines"])
    assert [t["text"] for t in texts if t["size"] < 12] == []
    assert [t["text"] for t in texts if t["left"] < 0 or t["right"] > PHONE] == []


def test_a_phone_names_every_cell(page: Opened) -> None:
    page.show(PHONE)
    labels = page.run(
        "return [...document.querySelectorAll('#page-2 .today tbody tr:first-child td')]"
        ".map(c => getComputedStyle(c, '::before').content)"
    )
    assert len(labels) >= 7
    assert all(len(label) > 2 for label in labels), "the heading of its column stands beside it"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_ink_stands_out_from_its_ground(page: Opened, width: int, *, dark: bool) -> None:
    page.show(width, dark=dark)
    weak = {
        (t["text"], t["ink"], t["ground"]) for t in page.run(TEXTS) if contrast(t["ink"], t["ground"]) < 4.5
    }
    assert weak == set()


def test_the_page_is_built_for_whoever_cannot_see_it(page: Opened) -> None:
    page.show(DESK)
    levels = page.run("return [...document.querySelectorAll('h1,h2,h3')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.run("return document.documentElement.lang") in {"ja", "en"}
    assert page.run("return document.querySelectorAll('th:not([scope])').length") == 0
    assert page.run("return document.title").strip()


def test_paper_is_a4_with_a_page_for_each_desk_and_nothing_cut(page: Opened) -> None:
    page.show(PRINTED, medium="print")
    assert page.run("return document.documentElement.scrollWidth") <= PRINTED
    assert [t["text"] for t in page.run(TEXTS) if t["right"] > PRINTED + 1] == []
    page.show(DESK, medium="")
    printed = page.tell("Page.printToPDF", preferCSSPageSize=True, printBackground=False)["data"]
    sheets = PdfReader(io.BytesIO(base64.b64decode(printed))).pages
    for sheet in sheets:
        size = [round(float(side) / 72 * 25.4) for side in (sheet.mediabox.width, sheet.mediabox.height)]
        assert all(abs(side - wanted) <= 1 for side, wanted in zip(size, A4_MM, strict=True))
    texts = [bare(sheet.extract_text()) for sheet in sheets]
    titles = page.run("return [...document.querySelectorAll('h2')].map(h => h.textContent)")
    starts = [next(n for n, text in enumerate(texts) if text.startswith(bare(t))) for t in titles[1:]]
    assert starts == sorted(set(starts)), "each desk begins on a sheet of its own"
    whole = "".join(texts)
    page.run("document.querySelectorAll('details').forEach(d => d.remove())")
    numbers = page.run("return [...document.querySelectorAll('td.code')].map(c => c.textContent)")
    assert len(numbers) > FIRST
    assert [number for number in numbers if bare(number) not in whole] == []
