"""Holes: regions of a reference and labels of a taxonomy that a data set does not cover; planted ones are found."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.measure.profile.planted import seen_of, texts_of
from triaxis.errors import InputError, Undefined
from triaxis.measure.options import Options
from triaxis.measure.outcome import AnswerOptions
from triaxis.measure.profile import profile_of_texts
from triaxis.measure.profile.labels import matched, shown
from triaxis.measure.profile.reference import read_texts, reference_of
from triaxis.measure.profile.regions import _widths, k_means, region_count, regions
from triaxis.measure.profile.taxonomy import read_taxonomy
from triaxis.measure.profile.verdicts import chance_of_so_few, outside_verdict, verdicts
from triaxis.measure.profile.word_vectors import vocabulary

TOPICS = 5


def test_the_chance_of_so_few_is_that_of_dealing_texts_to_the_two_sides() -> None:
    none = chance_of_so_few(np.array([8]), np.array([0]), kept=100, texts=300)
    assert none[0] == pytest.approx(0.25**8)
    one = chance_of_so_few(np.array([2]), np.array([1]), kept=100, texts=100)
    assert one[0] == pytest.approx((1 + 3) / 8)
    half = chance_of_so_few(np.array([4]), np.array([0]), kept=100, texts=100, share=0.5)
    assert half[0] == pytest.approx((2 / 3) ** 4)


def test_each_verdict_by_hand() -> None:
    reference = np.array([40, 40, 40, 4, 40])
    found = np.array([0, 3, 39, 0, 16])
    assert verdicts(reference, found, kept=200, texts=200) == ["hole", "thin", "covered", "cannot tell", "cannot tell"]
    assert verdicts(reference, np.zeros(5, dtype=int), kept=200, texts=0) == ["cannot tell"] * 5


def test_what_lies_outside_is_told_only_where_it_is_more_than_of_the_reference() -> None:
    assert outside_verdict(5, 6, kept=100, texts=100) == "as in the reference"
    assert outside_verdict(5, 60, kept=100, texts=100) == "outside"
    assert outside_verdict(0, 0, kept=100, texts=0) == "as in the reference"


def test_words_never_seen_count_in_the_length_alone() -> None:
    words = vocabulary(["red sky", "red sea"])
    one, two = words.vectors(["red sky", "red unheard"]).toarray()
    assert np.linalg.norm(one) == pytest.approx(1)
    assert two @ one < one @ one
    assert words.vectors(["unheard", ""]).toarray().tolist() == [[0.0] * 3] * 2


def test_a_region_is_as_wide_as_its_makers_lie_from_the_middle_of_the_others() -> None:
    makers = np.array([[1, 0], [0.6, 0.8], [0.8, 0.6]], dtype=np.float32)
    middle = makers.sum(axis=0, keepdims=True) / np.linalg.norm(makers.sum(axis=0))
    others = [makers[[1, 2]].sum(axis=0), makers[[0, 2]].sum(axis=0), makers[[0, 1]].sum(axis=0)]
    farthest = max(1 - one @ other / np.linalg.norm(other) for one, other in zip(makers, others, strict=True))
    assert _widths(makers, middle)[0] == pytest.approx(farthest, abs=1e-6)


def test_k_means_puts_orthogonal_texts_into_clusters_of_their_own() -> None:
    rows = np.repeat(np.eye(3, dtype=np.float32), 4, axis=0)
    middles = k_means(rows, 3, np.random.default_rng(0))
    assert sorted(middles.argmax(axis=1).tolist()) == [0, 1, 2]
    assert len(k_means(rows, 10, np.random.default_rng(0))) == 3  # copies make no cluster


def test_a_reference_of_few_texts_or_of_none_with_words_has_no_regions() -> None:
    with pytest.raises(Undefined, match="20 different texts, got 19"):
        regions(np.eye(19, dtype=np.float32), seed=0)
    with pytest.raises(Undefined, match="has a word"):
        reference_of([f"{'?' * count}" for count in range(1, 40)], seed=0)
    assert (region_count(20), region_count(400), region_count(10**6)) == (2, 10, 64)


def reference(path: Path, count: int = 400, seed: int = 0) -> Path:
    rng = np.random.default_rng(seed)
    texts = [text for topic in range(TOPICS) for text in texts_of(topic, count // TOPICS, rng)]
    pl.DataFrame({"prompt": texts, "response": [""] * len(texts)}).write_ndjson(path)
    return path


def holes_of(path: Path, topics: list[int], *, each: int = 40, seed: int = 1, quality: float = 1.0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    texts = [text for topic in topics for text in texts_of(topic, each, rng)]
    rows = [(f"p{place}", text, f"answer {place}", quality) for place, text in enumerate(texts)]
    seen = seen_of(rows, floors=[0.5])
    found = profile_of_texts(seen, Options(answers=AnswerOptions(reference_data=str(path))))
    return found.tables["holes"][0].filter(pl.col("domain").is_null())


def test_a_planted_hole_is_found_and_nothing_else(tmp_path: Path) -> None:
    found = holes_of(reference(tmp_path / "r.jsonl"), [0, 1, 2, 3])
    ungated = found.filter(pl.col("floor").is_null())
    holes = ungated.filter(pl.col("verdict") == "hole")
    assert holes.height >= 1
    assert all("topic4" in name for name in holes["region"])
    of_topic = ungated.filter(pl.col("region").str.contains("topic4"))
    assert set(of_topic["verdict"]) <= {"hole", "cannot tell"}  # a topic may be several regions, some too small to be told
    assert of_topic["rows"].sum() == 0


def test_a_set_like_the_reference_has_no_hole(tmp_path: Path) -> None:
    found = holes_of(reference(tmp_path / "r.jsonl"), list(range(TOPICS)))
    assert not found["verdict"].is_in(["hole", "thin", "outside"]).any()


def test_where_nothing_is_usable_nothing_is_told_of_holes_at_that_floor(tmp_path: Path) -> None:
    found = holes_of(reference(tmp_path / "r.jsonl"), list(range(TOPICS)), quality=0.0)
    gated = found.filter(pl.col("floor") == 0.5)
    assert set(gated["verdict"]) == {"cannot tell", "as in the reference"}
    assert gated["usable_rows"].sum() == 0


def test_copies_of_a_text_are_no_evidence(tmp_path: Path) -> None:
    path = reference(tmp_path / "r.jsonl")
    (text,) = texts_of(0, 1, np.random.default_rng(5))
    seen = seen_of([(f"p{place}", text, "answer", 1.0) for place in range(500)])
    found = profile_of_texts(seen, Options(answers=AnswerOptions(reference_data=str(path)))).tables["holes"][0]
    assert "hole" not in set(found["verdict"])
    assert found.filter(pl.col("domain").is_null())["rows"].sum() == 500


def test_a_reference_may_hold_prompts_alone_and_rows_go_by_their_response_where_they_have_no_prompt(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"prompt": "b"}\n{"prompt": "a"}\n{"prompt": "a"}\n')
    assert read_texts(path) == ["a", "b"]
    path.write_text('{"prompt": null, "response": "an answer"}\n{"prompt": " ", "response": "x"}\n')
    assert read_texts(path) == ["an answer", "x"]


def test_an_empty_reference_and_one_without_texts_are_told_what_to_type(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"prompt": " ", "response": ""}\n')
    with pytest.raises(InputError, match="--reference-data"):
        read_texts(path)
    path.write_text("")
    with pytest.raises(InputError, match="empty"):
        read_texts(path)


def test_a_reference_too_small_is_an_analysis_that_did_not_run(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"prompt": "a b"}\n')
    found = profile_of_texts(seen_of([("p", "a", "b", 1.0)]), Options(answers=AnswerOptions(reference_data=str(path))))
    assert [one.reason for one in found.not_run] == ["needs a reference of 20 different texts, got 1"]


def taxonomy_holes(path: Path, domains: list[str], floors: list[float] | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = [(f"p{place}", "q", f"answer {place}", float(place % 2)) for place in range(len(domains))]
    options = Options(answers=AnswerOptions(taxonomy=str(path)))
    found = profile_of_texts(seen_of(rows, domains=domains, floors=floors or []), options)
    holes, profile = (found.tables[name][0].filter(pl.col("domain").is_null()) for name in ("holes", "profile"))
    return holes, profile


def test_labels_without_a_usable_row_are_holes_and_levels_are_summed_up(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("label,parent\nalgebra,maths\ngeometry,maths\npoetry,writing\n")
    holes, profile = taxonomy_holes(path, ["Algebra ", "algebra", "other"], [1.0])
    verdict = {(region, floor): word for region, floor, word in holes.select("region", "floor", "verdict").iter_rows()}
    assert [verdict[name, None] for name in ("algebra", "geometry", "maths", "writing")] == ["covered", "hole", "covered", "hole"]
    assert verdict["outside the taxonomy", None] == "outside"
    kinds = dict(holes.select("region", "kind").iter_rows())
    assert [kinds[name] for name in ("algebra", "maths", "outside the taxonomy")] == ["taxonomy", "level", "outside"]
    covered = profile.filter(pl.col("measure").str.starts_with("share of taxonomy"), pl.col("floor").is_null())
    assert dict(covered.select("measure", "value").iter_rows()) == {
        "share of taxonomy labels covered": pytest.approx(1 / 3),
        "share of taxonomy labels covered under maths": 0.5,
        "share of taxonomy labels covered under writing": 0.0,
    }
    assert holes.filter(pl.col("region") == "algebra")["usable_rows"].to_list() == [2, 1]


def test_a_list_of_labels_may_be_a_text_file_and_a_circle_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("one\n\nTwo \n")
    assert [label.name for label in read_taxonomy(path).labels] == ["one", "Two"]
    path.write_text("\n")
    with pytest.raises(InputError, match="one label a line"):
        read_taxonomy(path)
    circle = tmp_path / "t.jsonl"
    circle.write_text('{"label": "a", "parent": "b"}\n{"label": "b", "parent": "a"}\n')
    with pytest.raises(InputError, match="circle"):
        read_taxonomy(circle)
    circle.write_text('{"name": "a"}\n')
    with pytest.raises(InputError, match="`label` or `domain`"):
        read_taxonomy(circle)
    with pytest.raises(InputError, match="readable"):
        read_taxonomy(tmp_path / "missing.txt")


def test_hostile_labels_are_matched_by_what_is_visible_and_shown_short(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("\u202emaths\u202c\u200b\n" + "x" * 10_000 + "\nbell\x07 ring\n")
    holes, _ = taxonomy_holes(path, ["maths", "x" * 10_000, "bell ring"])
    assert set(holes.filter(pl.col("region") != "outside the taxonomy")["verdict"]) == {"covered"}
    names = holes["region"].to_list()
    assert max(map(len, names)) == 200
    assert "maths" in names
    assert not any(sign in name for name in names for sign in "\u202e\u202c\u200b\x07")
    assert shown("a\u2028b\x00c", 10) == "a b c"
    assert matched("A\u200bb  C") == "ab c"
