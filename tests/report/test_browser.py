"""The page in a browser: live, silent on the network, inert for hostile text, usable by keyboard, on a phone, in the dark."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import triaxis.measure
import triaxis.report.view
from tests.report import synthetic
from tests.report.browsing import Visit, written
from triaxis import report
from triaxis.results import Results

PARTS = ("numbers", "curves", "flips", "map", "parts", "examples")

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = synthetic.corpus(5, prompts=60, domains=2)
    marked = synthetic.Corpus(data.models, data.labels, data.quality, data.domains, warned=("model-a",))
    return written(synthetic.measured(marked), tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(synthetic.hostile(), tmp_path_factory.mktemp("hostile"))


def test_the_floor_slider_reorders_the_ranking_and_the_verdict(plain: Path, visit: Callable[..., Visit]):
    seen = visit(plain)
    before, words = seen.bars(), seen.page.inner_text("#verdict")
    assert before[0] == "model-a†"
    assert "model-a† leads" in words
    assert synthetic.FAMILY in words
    seen.page.fill("#floor", "8")
    assert seen.page.inner_text("#floor-value") == "≥ 8"
    assert sorted(seen.bars()) == sorted(before)
    assert seen.bars()[0] != "model-a†"
    assert seen.page.inner_text("#verdict") != words
    assert seen.is_quiet()


def test_sliders_work_by_keyboard_alone(plain: Path, visit: Callable[..., Visit]):
    seen = visit(plain)
    for _ in range(20):
        seen.page.keyboard.press("Tab")
        if seen.page.evaluate("document.activeElement.id") == "floor":
            break
    assert seen.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    seen.page.keyboard.press("End")
    assert seen.page.inner_text("#floor-value") == "≥ 10"
    last = seen.bars()
    seen.page.keyboard.press("Home")
    assert seen.page.inner_text("#floor-value") == "no floor"
    assert seen.bars() != last
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("ArrowLeft")
    assert seen.page.inner_text("#budget-value") == "9 draws per prompt"
    assert seen.page.get_attribute("#budget", "aria-valuetext") == "9 draws per prompt"


def test_the_budget_and_the_domain_change_the_figures(plain: Path, visit: Callable[..., Visit]):
    seen = visit(plain)

    def texts() -> str:
        return str(seen.page.evaluate("document.querySelector('#bars').textContent"))

    whole = texts()
    seen.page.fill("#budget", "0")
    assert texts() != whole
    seen.page.fill("#budget", "9")
    assert texts() == whole
    seen.page.select_option("#domain", label="domain 1")
    assert texts() != whole
    assert "30 prompts" in seen.page.inner_text("#caption")


def test_every_section_opens_with_its_charts_and_asks_for_nothing(plain: Path, visit: Callable[..., Visit]):
    seen = visit(plain)
    seen.open(*PARTS)
    assert seen.page.locator(".vega svg").count() == 4
    assert "At floors up to" in seen.page.inner_text('details[data-part="flips"]')
    seen.page.fill("#floor", "6")
    seen.page.wait_for_timeout(300)
    assert "≥ 6" in seen.page.inner_text('details[data-part="numbers"]').lower()
    assert seen.is_quiet()


def test_the_warning_stands_by_the_model_in_every_part(plain: Path, visit: Callable[..., Visit]):
    seen = visit(plain)
    seen.open(*PARTS)
    for name in PARTS:
        assert "model-a†" in seen.page.locator(f'details[data-part="{name}"]').text_content()
    for name in ("flips", "map"):
        assert synthetic.FAMILY in seen.page.inner_text(f'details[data-part="{name}"]')


def test_a_tooltip_of_a_vega_chart_is_ours_and_plain_text(plain: Path, visit: Callable[..., Visit]):
    seen = visit(plain)
    seen.open("map")
    box = seen.page.locator('details[data-part="map"] .vega svg .mark-rect path').nth(30)
    box.hover()
    seen.page.wait_for_selector("#tip:not([hidden])")
    assert "difference" in seen.page.inner_text("#tip")


@pytest.mark.parametrize("part", [None, "curves", "flips", "map", "parts"])
def test_every_chart_can_be_saved_as_svg_and_png(plain: Path, visit: Callable[..., Visit], part: str | None, tmp_path: Path):
    seen = visit(plain)
    if part:
        seen.open(part)
    box = seen.page.locator(f'details[data-part="{part}"]' if part else "#ranking")
    for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with seen.page.expect_download() as waiting:
            box.get_by_role("button", name=f"Save this chart as {kind}").first.click()
        waiting.value.save_as(tmp_path / kind)
        assert waiting.value.suggested_filename.endswith(kind.lower())
        assert (tmp_path / kind).read_bytes().startswith(start)
        assert (tmp_path / kind).stat().st_size > 2000
    assert seen.is_quiet()


def test_tables_sort_by_mouse_and_keyboard_and_say_so(plain: Path, visit: Callable[..., Visit]):
    seen = visit(plain)
    seen.open("numbers")
    table = seen.page.locator('details[data-part="numbers"] table')

    def column(at: int) -> list[str]:
        return [str(text) for text in table.locator(f"tbody tr td:nth-child({at})").all_inner_texts()]

    table.get_by_role("button", name="different usable answers").click()
    values = [float(text.split()[0]) for text in column(3)]
    assert values == sorted(values, reverse=True)
    assert table.locator("th").nth(2).get_attribute("aria-sort") == "descending"
    seen.page.keyboard.press("Enter")
    assert [float(text.split()[0]) for text in column(3)] == sorted(values)
    assert table.locator("th").nth(2).get_attribute("aria-sort") == "ascending"
    table.get_by_role("button", name="model").click()
    assert column(2) == sorted(column(2))
    assert table.locator("th").nth(2).get_attribute("aria-sort") == "none"


def test_light_and_dark_follow_the_system_and_the_button(plain: Path, visit: Callable[..., Visit]):
    def paper(seen: Visit) -> int:
        shade: str = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in shade.strip("rgb()").split(","))

    light, dark = visit(plain, color_scheme="light"), visit(plain, color_scheme="dark")
    assert paper(light) > 700
    assert paper(dark) < 150
    dark.open("curves")
    ink = "document.querySelector('.vega svg text').getAttribute('fill')"
    before = dark.page.evaluate(ink)
    dark.page.click("#theme")
    assert paper(dark) > 700
    dark.page.wait_for_function(f"document.querySelector('.vega svg text') && {ink} !== '{before}'")
    assert dark.is_quiet()


@pytest.mark.parametrize("width", [360, 768])
def test_nothing_overflows_a_narrow_screen(plain: Path, visit: Callable[..., Visit], width: int):
    seen = visit(plain, viewport={"width": width, "height": 780})
    seen.open(*PARTS)
    assert seen.width() <= width
    assert seen.is_quiet()


def test_hostile_text_is_shown_as_text_and_runs_nothing(hostile: Path, visit: Callable[..., Visit]):
    seen = visit(hostile)
    seen.open(*PARTS)
    shown = ""
    for _ in range(14):
        shown += seen.page.inner_text('details[data-part="examples"]')
        seen.page.locator('details[data-part="examples"]').get_by_role("button", name="Next").click()
    for text in (
        "<script>window.__pwned = 1</script>",
        "{{ 7 * 7 }}",
        "</script><script>",
        "⟦U+202E⟧right to left⟦U+202C⟧",
        "null ␀ bell ␇",
    ):
        assert text in shown
    assert "more characters]" in shown
    for at in range(seen.page.locator("#bars g.row").count()):
        seen.page.locator("#bars g.row").nth(at).hover()
    assert seen.page.evaluate("window.__pwned") is None
    assert seen.page.locator("script").count() == 3
    assert seen.page.locator("img, iframe").count() == 0
    assert seen.is_quiet()


def test_a_gate_selector_changes_sentences_and_chart(tmp_path: Path, visit: Callable[..., Visit]):
    both = synthetic.many_gates(
        synthetic.measured(synthetic.corpus(2)), synthetic.measured(synthetic.corpus(6, has_quality=False))
    )
    seen = visit(written(both, tmp_path))
    assert len(seen.bars()) == 2
    seen.open("numbers", "curves")
    seen.page.select_option("#gate", "1")
    assert len(seen.bars()) == 6
    assert seen.page.locator("section.lead:visible").count() == 1
    assert "With no quality floor" in seen.page.inner_text("section.lead:visible")
    assert seen.page.inner_text("#floor-value") == "no floor"
    assert "nothing to draw a curve over" in seen.page.inner_text('details[data-part="curves"]')
    assert seen.is_quiet()


SHAPES: dict[str, Callable[[], Results]] = {
    "one model": lambda: synthetic.measured(synthetic.corpus(1)),
    "no quality": lambda: synthetic.measured(synthetic.corpus(4, has_quality=False)),
    "few prompts": lambda: synthetic.measured(synthetic.corpus(3, prompts=5)),
    "one sample per cell": lambda: synthetic.measured(synthetic.corpus(3, samples=1)),
    "forty domains": lambda: synthetic.measured(synthetic.corpus(3, prompts=80, domains=40), budgets=[1, 5, 10], draws=20),
    "many models and floors": lambda: synthetic.huge(models=186, floors=256, budgets=4, domains=2, prompts=2),
    "no examples": lambda: Results((found := synthetic.measured(synthetic.corpus(3))).manifest, found.tables),
    "no comparisons": lambda: synthetic.without_tables(
        synthetic.measured(synthetic.corpus(3)), "comparisons", "flips", "winner_map"
    ),
    "empty": lambda: synthetic.without_tables(synthetic.measured(synthetic.corpus(2)), *synthetic.TABLES),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_result_opens_without_a_complaint(shape: str, tmp_path: Path, visit: Callable[..., Visit]):
    seen = visit(written(SHAPES[shape](), tmp_path), viewport={"width": 360, "height": 780})
    if shape != "empty":
        seen.open(*PARTS)
        assert seen.page.locator("#bars g.row").count() >= 1
    assert seen.width() <= 360
    assert seen.is_quiet()


@pytest.fixture(scope="module")
def continuous() -> Results:
    """Two careful and one careless model, graded on a continuous scale: 200 floors, of which 32 have bands."""
    rng = np.random.default_rng(3)
    grades = np.sort(rng.choice(np.arange(1, 10_000), 200, replace=False)) / 100
    rows = [
        {"model": model, "prompt_id": f"p{p}", "sample_index": k, "response": f"answer {rng.integers(width)}",
         "quality": float(grades[np.clip(int(rng.normal(centre, 45)), 0, 199)])}
        for model, width, centre in (("wide", 12, 70), ("middle", 5, 110), ("narrow", 3, 150))
        for p in range(40) for k in range(6)
    ]  # fmt: skip
    return triaxis.measure.run(pl.DataFrame(rows), quality="quality", equivalence="exact", draws=500)


def test_at_a_floor_without_a_band_the_verdict_names_the_nearest_one(
    continuous: Results, tmp_path: Path, visit: Callable[..., Visit]
):
    gate = continuous.manifest.gates[0]
    assert len(gate.floors) > 150
    assert len(gate.interval_floors) <= 32
    seen = visit(written(continuous, tmp_path))
    assert "No band" not in seen.page.inner_text("#verdict")
    bare = next(i for i, floor in enumerate(gate.floors) if i > 60 and floor not in gate.interval_floors)
    seen.page.fill("#floor", str(bare + 1))  # place 0 is "no floor"
    words = seen.page.inner_text("#verdict")
    assert words.startswith("No band at this floor; nearest: at floor ")
    named = float(words.split("at floor ")[1].split()[0])
    assert abs(named - gate.floors[bare]) == min(abs(floor - gate.floors[bare]) for floor in gate.interval_floors)
    assert seen.is_quiet()


def test_the_strip_covers_floors_between_bands_and_the_map_says_where_it_tested(
    continuous: Results, tmp_path: Path, visit: Callable[..., Visit]
):
    seen = visit(written(continuous, tmp_path))
    covered = seen.page.evaluate(
        """() => [...document.querySelectorAll('#strip rect[opacity]')]
            .reduce((sum, r) => sum + Number(r.getAttribute('width')), 0)"""
    )
    assert covered > 900
    seen.open("flips", "map", "curves")
    tested = len(continuous.manifest.gates[0].interval_floors)
    assert f"Tested at {tested + 1} of " in seen.page.inner_text('details[data-part="map"]')
    listed = seen.page.locator('details[data-part="flips"] ul.flips li').count()
    counts = seen.page.inner_text('details[data-part="flips"] p.fine >> nth=0')
    view = report.view.views(continuous)[0]
    assert counts.startswith(f"6 draws per prompt: {view.pair_verdicts['flip']} of 3 pairs ")
    assert listed == len(view.flips) + len(view.undecided)
    assert seen.is_quiet()


def test_small_changes_of_the_lead_to_and_fro_get_no_sentence_of_their_own(
    continuous: Results, tmp_path: Path, visit: Callable[..., Visit]
):
    wiggles = pl.DataFrame(
        [
            {**row, "crossing": n, "low": None, "high": None, "verdict": "undecided", "last_floor_below": low, "floor": high}
            for row in continuous.tables["flips"].unique(["model_a", "model_b", "domain", "budget"]).to_dicts()
            for n, low, high in ((1, 10.0, 11.0), (2, 12.0, 13.0))
        ],
        schema=continuous.tables["flips"].schema,
    )
    seen = visit(written(Results(continuous.manifest, {**continuous.tables, "flips": wiggles}), tmp_path))
    seen.open("flips")
    assert seen.page.locator('details[data-part="flips"] ul.flips li').count() == 0
    assert "3 change places to and fro within the uncertainty (not listed)" in seen.page.inner_text('details[data-part="flips"]')
    assert seen.is_quiet()


def test_every_sentence_on_continuous_floors_follows_from_the_tables(continuous: Results):
    view = report.view.views(continuous)[0]
    for row in view.flips:
        named = {(end["model_a"], end["model_b"], end["floor"]) for end in (row["below"], row["above"])}
        held = continuous.tables["comparisons"].filter(pl.col("domain").is_null(), pl.col("budget") == view.budget)
        rows = {(r["model_a"], r["model_b"], r["floor"]): r["verdict"] for r in held.iter_rows(named=True)}
        assert {rows[key] for key in named} == {"a leads", "b leads"}
    singles = {(row["model_a"], row["model_b"]) for row in view.undecided}
    assert all(sum((r["model_a"], r["model_b"]) == pair for r in view.all_flips) == 1 for pair in singles)
    assert sum(view.pair_verdicts.values()) == 3


@pytest.mark.parametrize("part", ["numbers", "curves", "flips", "map", "parts", "examples"])
def test_nothing_that_is_missing_is_shown_as_a_word(tmp_path: Path, visit: Callable[..., Visit], part: str):
    bare = written(synthetic.measured(synthetic.corpus(3, prompts=12)), tmp_path)
    seen = visit(bare)
    seen.open(part)
    words = seen.page.inner_text(f'details[data-part="{part}"]').split()
    assert not {"null", "undefined", "NaN", "[object"} & set(words)
