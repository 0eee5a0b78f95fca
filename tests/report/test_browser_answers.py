"""Sections that answer questions, in a browser: charts draw and fit, can be walked through, choose, sort, and stay text."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.report import answering, answering_more, synthetic
from tests.report.browsing import Visit, written
from tests.report.test_answers import PARTS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(answering_more.everything(6), tmp_path_factory.mktemp("answers"))


def box(seen: Visit, part: str) -> str:
    return f'details[data-part="{part}"]'


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_chart_draws_and_fits(everything: Path, visit: Callable[..., Visit], width: int, theme: str):
    seen = visit(everything, viewport={"width": width, "height": 780}, color_scheme=theme)
    seen.open(*PARTS)
    figures = seen.page.locator(".answer-figure")
    assert figures.count() == 16
    assert [figures.nth(i).locator(".drawn > svg, .drawn table").count() for i in range(16)] == [1] * 16
    assert seen.width() <= width
    shown = set(seen.page.inner_text("section.answered").replace("\n", " ").split())
    assert not {"null]", "undefined", "NaN", "None", "[object"} & shown
    assert seen.is_quiet()


def test_the_answer_is_read_without_unfolding(everything: Path, visit: Callable[..., Visit]):
    seen = visit(everything)
    told = seen.page.locator("section.answered details[data-answer] > summary").all_inner_texts()
    assert len(told) == 6
    assert "6 models behave like 2.22 [1.82, 2.62] with no floor" in told[0]


def test_a_chart_is_walked_through_with_the_arrow_keys(everything: Path, visit: Callable[..., Visit]):
    seen = visit(everything)
    seen.open("population")
    chart = seen.page.locator('[data-figure="population-effective"] svg')
    chart.focus()
    for _ in range(2):
        seen.page.keyboard.press("ArrowRight")
    said = seen.page.locator('[data-figure="population-effective"] .said').text_content()
    assert said == "quality floor 1\neffective models: 2.1 [1.7, 2.5]\neffective models, null: 1.4 [1.3, 1.5]"
    assert seen.page.inner_text("#tip").startswith("quality floor 1")
    seen.page.locator('[data-figure="population-spread"] svg').focus()
    assert seen.page.locator("#tip").is_hidden()


def test_the_map_says_the_pair_under_the_mouse(everything: Path, visit: Callable[..., Visit]):
    seen = visit(everything)
    seen.open("population")
    chart = seen.page.locator('[data-figure="population-pairs"] svg')
    chart.focus()
    seen.page.keyboard.press("ArrowDown")
    said = seen.page.locator('[data-figure="population-pairs"] .said').text_content()
    assert said is not None
    assert said.startswith("model-b · model-a\nsame 0.57 [0.53, 0.61]\nnull 0.12")
    chart.hover()
    assert " · " in seen.page.inner_text("#tip") or "with itself" in seen.page.inner_text("#tip")


def test_a_variant_is_chosen_and_keeps_the_focus(everything: Path, visit: Callable[..., Visit]):
    seen = visit(everything)
    seen.open("domains")
    pick = seen.page.locator('[data-figure="domain-changes"] select')
    assert pick.locator("option").count() == 6
    before = seen.page.inner_text('[data-figure="domain-changes"] tbody')
    pick.select_option(index=5)
    assert seen.page.inner_text('[data-figure="domain-changes"] tbody') == before
    assert seen.page.evaluate("document.activeElement.tagName") == "SELECT"
    assert seen.page.locator('[data-figure="domain-changes"] select').input_value() == "5"
    cells = seen.page.locator('[data-figure="domain-changes"] td.narrows').first.inner_text()
    assert cells.replace("\n", " ") == "▼ narrows −0.52 [−0.72, −0.32] · 28 prompts"


def test_tables_of_answers_sort_by_a_column(everything: Path, visit: Callable[..., Visit]):
    seen = visit(everything)
    seen.open("ensemble")
    table = seen.page.locator(f"{box(seen, 'ensemble')} table").first
    table.get_by_role("button", name="gain").click()
    assert table.locator("tbody tr").first.locator("td").nth(1).inner_text() == "model-b"


def test_charts_follow_theme_and_gate(tmp_path: Path, visit: Callable[..., Visit]):
    both = synthetic.many_gates(answering_more.everything(4), answering.with_population(answering.base(3)))
    seen = visit(written(both, tmp_path))
    seen.open("series")
    paint = seen.page.locator('[data-figure="series-1"] svg path[fill="none"]').first
    light = paint.get_attribute("stroke")
    seen.page.click("#theme")
    assert seen.page.locator('[data-figure="series-1"] svg path[fill="none"]').first.get_attribute("stroke") != light
    seen.page.select_option("#gate", "1")
    assert seen.page.locator("details[data-answer]:visible").count() == 1
    seen.page.locator("details[data-answer]:visible > summary").click()
    seen.page.wait_for_selector('[data-of="1"] svg')
    assert seen.page.locator('[data-of="1"] svg').count() == 5
    assert seen.is_quiet()


def test_a_chart_can_be_saved(everything: Path, visit: Callable[..., Visit]):
    seen = visit(everything)
    seen.open("filter")
    with seen.page.expect_download() as waiting:
        seen.page.locator('[data-figure="filter-effect"]').get_by_role("button", name="Save this chart as SVG").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert waiting.value.suggested_filename == "filter-effect.svg"
    assert text.startswith("<svg")
    assert "domain 3" in text


def test_hostile_names_stay_text_in_the_answers(tmp_path: Path, visit: Callable[..., Visit]):
    seen = visit(written(answering_more.hostile(), tmp_path), viewport={"width": 360, "height": 780})
    seen.open(*PARTS)
    assert seen.page.evaluate("window.__pwned") is None
    assert seen.page.locator("script").count() == 3
    assert synthetic.HOSTILE[0] in seen.page.inner_text(box(seen, "population"))
    assert synthetic.HOSTILE[2] in seen.page.inner_text(box(seen, "series"))
    assert seen.width() <= 360
    assert seen.is_quiet()
