"""The page as a file: one, bounded, the same bytes for the same results, under a strict policy, with nothing live in it."""

import hashlib
import re
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.report import synthetic
from triaxis import report
from triaxis.results import NotRun, Results


class Elements(HTMLParser):
    """Start tags with attributes, and the text of each script and style, as a browser would read them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, dict[str, str | None], str]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        tag, attributes = self.tags[-1] if self.tags else ("", {})
        if tag in {"script", "style"} and (not self.texts or self.texts[-1][1] is not attributes):
            self.texts.append((tag, attributes, data))
        elif tag not in {"script", "style"}:
            self.words += data


@pytest.fixture(scope="module")
def hostile() -> Elements:
    return Elements(report.page(synthetic.hostile()))


@pytest.fixture(scope="module")
def plain() -> str:
    return report.page(synthetic.measured(synthetic.corpus(3, prompts=20)))


def test_the_same_results_give_the_same_bytes(plain: str):
    assert report.page(synthetic.measured(synthetic.corpus(3, prompts=20))) == plain


def test_the_policy_allows_our_scripts_and_styles_by_hash_and_nothing_else(plain: str):
    found = Elements(plain)
    policy = next(a["content"] for tag, a in found.tags if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy
    for tag, attributes, text in found.texts:
        if attributes.get("type") != "application/json":
            digest = b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in re.findall(rf"{tag}-src ([^;]*)", policy)[0]


def test_no_element_styles_handles_or_loads_anything_itself(hostile: Elements):
    for tag, attributes in hostile.tags:
        assert not [name for name in attributes if name.startswith("on") or name in {"style", "src", "srcset", "action"}]
        assert tag not in {"img", "iframe", "object", "embed", "form", "link", "base", "svg"}
        assert attributes.get("href", "#").startswith("#")  # type: ignore[union-attr]


def test_hostile_text_adds_no_script(hostile: Elements):
    scripts = [attributes for tag, attributes in hostile.tags if tag == "script"]
    assert len(scripts) == 3
    assert [a.get("type") for a in scripts] == ["application/json", None, None]


def test_hostile_names_titles_and_reasons_are_shown_as_text(hostile: Elements):
    for text in (
        "<script>window.__pwned = 1</script>",
        "<img src=x onerror='window.__pwned = 2'>",
        "⟦U+202E⟧right to left",
        "null ␀ bell ␇",
    ):
        assert text in hostile.words


def test_template_braces_are_not_run(hostile: Elements):
    assert "{{ 7 * 7 }} {% raw %}" in hostile.words
    assert "49" not in re.findall(r"Command.{0,20}", hostile.words.replace("\n", ""))


def test_no_direction_control_or_broken_character_reaches_the_file():
    page = report.page(synthetic.hostile())
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", page[: page.index("window.vegaEmbed") - 900_000]
    )
    assert not re.search("[\u202a-\u202e\u2066-\u2069\ud800-\udfff]", page)


def test_a_lone_surrogate_in_the_title_does_not_stop_the_page(tmp_path: Path):
    found = synthetic.measured(synthetic.corpus(2))
    broken = Results(
        found.manifest.model_construct(**{**dict(found.manifest), "title": "bad \ud800 title"}), found.tables, found.examples
    )
    written = report.write(broken, tmp_path)
    for file in (written.page, written.summary):
        assert "bad ⟦U+D800⟧ title" in file.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_page_of_a_huge_run_stays_within_five_mebibytes_and_counts_what_it_left_out():
    page = report.page(synthetic.huge())
    assert len(page.encode()) <= report.MOST_BYTES
    assert re.search(r"\d+ of 257 floors are on this page", page)
    assert re.search(r"[\d,]+ example texts are cut at", page)
    assert "tables/" in page


def test_long_names_reasons_and_many_inputs_stay_within_five_mebibytes():
    found = synthetic.measured(synthetic.corpus(3, prompts=12))
    long = "n" * 1_000_000
    one = found.manifest.inputs[0].model_copy(update={"path": long, "columns": {f"c{i}": long for i in range(200)}})
    made = found.manifest.model_copy(
        update={
            "title": long, "command": long, "notes": (long,) * 100, "inputs": (one,) * 300, "data_hash": long,
            "not_run": tuple(NotRun(analysis=long, reason=long) for _ in range(300)), "versions": {long: long},
        }
    )  # fmt: skip
    assert len(report.page(Results(made, found.tables, found.examples)).encode()) <= report.MOST_BYTES


def test_analyses_that_did_not_run_are_listed_with_their_reason():
    found = synthetic.measured(synthetic.corpus(1, has_quality=False))
    reasons = [NotRun(analysis="flips", reason="needs at least two models, got 1")]
    page = report.page(synthetic.without_tables(found, "utility", not_run=reasons))
    assert "needs at least two models, got 1" in page


def test_several_gates_get_a_selector_and_their_own_sentences():
    both = synthetic.many_gates(synthetic.measured(synthetic.corpus(2)), synthetic.measured(synthetic.corpus(3, seed=4)))
    found = Elements(report.page(both))
    assert ("select", {"id": "gate"}) in found.tags
    assert [a["data-gate"] for tag, a in found.tags if tag == "section" and "data-gate" in a] == ["0", "1"]


def test_results_without_any_gate_make_a_page_that_says_so(tmp_path: Path):
    empty = Results(
        synthetic.manifest([], not_run=[NotRun(analysis="everything", reason="no rows")]),
        dict(synthetic.measured(synthetic.corpus(2)).tables),
    )
    written = report.write(empty, tmp_path)
    assert "Nothing was measured." in written.page.read_text(encoding="utf-8")
    assert "no rows" in written.summary.read_text(encoding="utf-8")
    assert written.card.read_bytes().startswith(b"\x89PNG")


def test_empty_tables_make_a_page_card_summary_and_table(tmp_path: Path):
    empty = synthetic.without_tables(synthetic.measured(synthetic.corpus(2)), *synthetic.TABLES)
    assert all(path.stat().st_size for path in report.write(empty, tmp_path))
