"""Sections that only some runs have, in a browser: sets, cost, base against tuned, size, own floors, topical gates."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import triaxis.measure
from tests.report import synthetic, wider
from tests.report.browsing import Visit, written
from triaxis.results import Results

pytestmark = pytest.mark.browser
SECTIONS = ("cost", "lineage", "cosine")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(wider.everything(), tmp_path_factory.mktemp("everything"))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(wider.both_units(), tmp_path_factory.mktemp("both"))


def words(seen: Visit, part: str) -> str:
    return str(seen.page.inner_text(f'details[data-part="{part}"]'))


def test_a_set_is_never_called_what_a_prompt_is_called(both: Path, visit: Callable[..., Visit]):
    seen = visit(both)
    seen.open("numbers", "curves", "flips", "map", "examples")
    lead = seen.page.inner_text("section.lead:visible")
    assert lead.startswith("At floor 1 (10 samples of the set) model-a gives the most different usable answers across prompts, ")
    for text in (seen.page.inner_text("#ranking"), words(seen, "curves"), words(seen, "flips"), words(seen, "map")):
        assert "per prompt" not in text
        assert "draw" not in text
    assert "among 10 samples of the set, 60 prompts for each model" in seen.page.inner_text("#caption")
    assert seen.page.locator('details[data-part="parts"]').is_hidden()
    seen.page.select_option("#gate", "1")
    assert "10 draws per prompt" in seen.page.inner_text("#caption")
    assert "across prompts" not in seen.page.inner_text("#ranking")
    assert seen.page.locator('details[data-part="parts"]').is_visible()
    assert seen.is_quiet()


def test_a_run_with_both_units_says_that_they_are_two_numbers_and_shows_both(both: Path, visit: Callable[..., Visit]):
    seen = visit(both)
    for gate, other in (("0", "within a prompt, in 10 draws"), ("1", "across prompts, among 10 samples")):
        seen.page.select_option("#gate", gate)
        said = seen.page.inner_text("section.lead:visible .two")
        assert "are two numbers, and neither tells the other: model-a at floor 1 gives " in said
        assert "(within a prompt) and" in said
        assert "(across prompts)." in said
        seen.open("numbers")
        assert other in words(seen, "numbers").replace("\n", " ")
    names = seen.page.locator("#gate option").all_inner_texts()
    assert [name.split(":")[0] for name in names] == ["across prompts", "within a prompt"]


def test_large_budgets_of_a_set_have_a_slider_and_columns_that_fit(tmp_path: Path, visit: Callable[..., Visit]):
    for width in (360, 1280):
        seen = visit(written(wider.large_set(), tmp_path), viewport={"width": width, "height": 780})
        assert seen.page.inner_text("#budget-value") == "10,000 samples"
        assert seen.page.get_attribute("#budget", "aria-valuetext") == "10,000 samples of the set"
        seen.open("numbers", "curves", "map")
        assert seen.width() <= width
        right = "(box) => Math.max(...[...box.querySelectorAll('text')].map((one) => one.getBoundingClientRect().right))"
        assert seen.page.locator("#bars svg").evaluate(right) <= width
        seen.page.fill("#budget", "1")
        assert seen.page.inner_text("#budget-value") == "10 samples"
        assert seen.is_quiet()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_section_opens_draws_and_fits(everything: Path, visit: Callable[..., Visit], width: int, theme: str):
    seen = visit(everything, viewport={"width": width, "height": 780}, color_scheme=theme)
    seen.open(*SECTIONS)
    assert seen.page.locator(".vega svg").count() == 5
    assert seen.width() <= width
    shown = " ".join(words(seen, part) for part in (*SECTIONS, "own"))
    assert not {"null", "undefined", "NaN", "[object"} & set(shown.replace("\n", " ").split())
    assert seen.is_quiet()


def test_each_unit_of_cost_has_its_own_ranking_and_says_its_multiple(everything: Path, visit: Callable[..., Visit]):
    seen = visit(everything)
    seen.open("cost")
    box = seen.page.locator('details[data-part="cost"]')
    assert box.locator(".picks").first.locator("button").all_inner_texts() == ["price", "tokens", "FLOP", "parameters"]
    heads = {}
    for unit in ("price", "tokens", "FLOP", "parameters"):
        box.get_by_role("button", name=unit, exact=True).click()
        heads[unit] = box.locator("h3").first.inner_text()
        assert ("favours small models almost by construction" in box.inner_text()) == (unit == "parameters")
        assert ("Who leads for what is spent" in box.inner_text()) == (unit != "parameters")
    assert heads["tokens"] == "Different usable answers per 1,000 tokens"
    assert len(set(heads.values())) == 4
    assert "per sample" not in box.inner_text()
    assert seen.is_quiet()


def test_cost_figures_are_those_of_the_table_times_the_multiple(everything: Path, visit: Callable[..., Visit]):
    seen = visit(everything)
    seen.open("cost")
    box = seen.page.locator('details[data-part="cost"]')
    box.get_by_role("button", name="tokens", exact=True).click()
    row = wider.everything().tables["cost"].filter(
        pl.col("domain").is_null(), pl.col("cost_unit") == "tokens", pl.col("floor") == 1, pl.col("budget") == 10,
        pl.col("model") == "model-a",
    ).row(0, named=True)  # fmt: skip
    shown = box.locator("tbody tr", has_text="model-a").first.locator("td").nth(1).inner_text()
    assert float(shown.split()[0]) == pytest.approx(1000 * row["classes_per_unit"], rel=5e-3)


def test_the_map_over_money_names_models_beyond_reach(everything: Path, visit: Callable[..., Visit]):
    seen = visit(everything)
    seen.open("cost")
    box = seen.page.locator('details[data-part="cost"]')
    assert "would draw more often than they have samples (model-a)" in box.inner_text()
    tiles = box.locator(".vega").nth(1).locator(".mark-rect path")
    tips = []
    for at in (0, 4):
        tiles.nth(at).hover()
        seen.page.wait_for_selector("#tip:not([hidden])")
        tips.append(seen.page.inner_text("#tip"))
    assert ["more draws than samples: model-a" in tip for tip in tips] == [True, False]


def test_tuning_has_a_verdict_for_every_floor_and_figures_at_the_ends(everything: Path, visit: Callable[..., Visit]):
    seen = visit(everything)
    seen.open("lineage")
    box = seen.page.locator('details[data-part="lineage"]')
    assert box.locator(".vega").first.locator(".mark-rect path").count() == 22
    rows = box.locator("table").first.locator("tbody tr")
    assert rows.count() == 4
    assert rows.first.inner_text().split("\t")[:2] == ["model-a", "model-d"]
    assert "narrows" in rows.first.inner_text()
    assert "Of 22 places (pairs and floors)" in box.inner_text()


def test_figures_over_size_follow_the_floor(everything: Path, visit: Callable[..., Visit]):
    seen = visit(everything)
    seen.open("lineage")
    table = seen.page.locator('details[data-part="lineage"] table').nth(1)
    before = table.inner_text()
    assert "500 million" in before
    seen.page.fill("#floor", "8")
    assert table.inner_text() != before
    seen.page.wait_for_timeout(300)
    assert seen.is_quiet()


def test_each_domain_stands_above_its_own_bar_with_its_gate(everything: Path, visit: Callable[..., Visit]):
    seen = visit(everything)
    box = seen.page.locator('details[data-part="own"]')
    heads = [head.strip(" ↕\n") for head in box.locator("th").all_inner_texts()]
    assert heads[:4] == ["model", "all domains", "domain 0 ≥ 3", "domain 1 ≥ 5"]
    row = wider.everything().tables["own_floor"].filter(
        pl.col("domain") == "domain 1", pl.col("budget") == 10, pl.col("model") == "model-b"
    ).row(0, named=True)  # fmt: skip
    shown = box.locator("tbody tr", has_text="model-b").first.locator("td").nth(3).inner_text()
    assert shown == f"{row['value']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
    assert box.locator("table").nth(1).locator("tbody tr").first.inner_text().split("\t")[0] == "domain 0"
    box.get_by_role("button", name="domain 1 ≥ 5").click()
    values = [float(text.split()[0]) for text in box.locator("table").first.locator("tbody td:nth-child(4)").all_inner_texts()]
    assert values == sorted(values, reverse=True)


def test_a_topical_gate_says_its_calibration_and_shows_distances_beside_classes(everything: Path, visit: Callable[..., Visit]):
    seen = visit(everything)
    lead = seen.page.inner_text("section.lead:visible")
    assert "Topical by minilm@test: zero 0.100" in lead
    assert "ceiling 0.600, mean cosine of 154 paraphrase pairs; threshold 0.500. 1.2 % of 780 cross-prompt pairs" in lead
    seen.open("cosine")
    rows = seen.page.locator('details[data-part="cosine"] tbody tr').all_inner_texts()
    assert rows[0].startswith("model-d\t0.40 [0.35, 0.45]")


def test_sections_without_rows_are_not_offered(tmp_path: Path, visit: Callable[..., Visit]):
    seen = visit(written(synthetic.measured(synthetic.corpus(3)), tmp_path))
    for part in (*SECTIONS, "own"):
        assert seen.page.locator(f'details[data-part="{part}"]:visible').count() == 0
    assert seen.is_quiet()


def test_hostile_names_stay_text_in_every_section(tmp_path: Path, visit: Callable[..., Visit]):
    seen = visit(written(wider.hostile(), tmp_path), viewport={"width": 360, "height": 780})
    seen.open(*SECTIONS)
    box = seen.page.locator('details[data-part="cost"]')
    assert f"than they have samples ({synthetic.HOSTILE[0]}, 0)" in box.inner_text()
    assert synthetic.HOSTILE[1] in words(seen, "lineage")
    assert synthetic.HOSTILE[0] in words(seen, "own")
    assert seen.page.evaluate("window.__pwned") is None
    assert seen.page.locator("script").count() == 3
    assert seen.width() <= 360
    assert seen.is_quiet()


@pytest.fixture(scope="module")
def toys(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A base model with six answers, mostly careless, and one tuned from it with two, always careful; with tokens and a table."""
    rows = [
        {"model": model, "prompt_id": f"p{p:02}", "sample_index": k, "response": f"answer {(p + 5 * k) % width}",
         "quality": float((p + k) % 3 >= easy), "tokens": 20 + (p + k) % 7, "prompt_tokens": 9}
        for model, width, easy in (("toy", 6, 2), ("toy-rl", 2, 0)) for p in range(24) for k in range(8)
    ]  # fmt: skip
    table = tmp_path_factory.mktemp("toys") / "models.csv"
    table.write_text("model,family,stage,base,parameters,price_in,price_out\ntoy,t,base,,500M,1,2\ntoy-rl,t,rl,toy,500M,1,4\n")
    return triaxis.measure.run(pl.DataFrame(rows), quality="quality", equivalence="exact", draws=300, models=table)


def test_a_measured_run_with_a_model_table_shows_cost_and_tuning(toys: Results, tmp_path: Path, visit: Callable[..., Visit]):
    seen = visit(written(toys, tmp_path))
    seen.open("cost", "lineage")
    assert seen.page.locator('details[data-part="cost"] .picks').first.locator("button").count() == 4
    assert "toy → toy-rl" in seen.page.locator('details[data-part="lineage"] .vega').text_content()
    shown = seen.page.locator('details[data-part="lineage"] tbody tr').first.inner_text().split("\t")
    (row,) = toys.tables["base_to_tuned"].filter(
        pl.col("domain").is_null(), pl.col("budget") == 8, pl.col("floor") == 0
    ).to_dicts()  # fmt: skip
    assert shown[4:6] == [f"{row['value_base']:.2f}", f"{row['value_tuned']:.2f}"]
    assert "Over model size" not in words(seen, "lineage")
    assert seen.is_quiet()


def test_a_measured_set_beside_its_prompts_shows_two_numbers(tmp_path: Path, visit: Callable[..., Visit]):
    rows = [
        {"model": model, "prompt_id": f"p{p:02}", "sample_index": k, "response": f"{(p * width + k) % (3 * width)}", "quality": k}
        for model, width in (("wide", 4), ("narrow", 2)) for p in range(30) for k in range(4)
    ]  # fmt: skip
    found = triaxis.measure.run(pl.DataFrame(rows), quality="quality", equivalence="exact", unit="set", draws=300)
    assert {gate.gate.unit for gate in found.manifest.gates} == {"set", "prompt"}
    seen = visit(written(found, tmp_path))
    assert seen.page.locator("section.lead:visible .two").count() == 1
    seen.open("numbers", "map")
    value = found.tables["set_diversity"].filter(
        pl.col("model") == "wide", pl.col("domain").is_null(), pl.col("floor") == 0, pl.col("budget") == 100
    )["value"].item()  # fmt: skip
    assert f"{value:.2f}" in words(seen, "numbers")
    assert seen.is_quiet()
