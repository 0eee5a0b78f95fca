"""Phrases shared word for word, by hand and against comparisons of all runs of words of all pairs."""

from itertools import combinations

import numpy as np
import polars as pl
import pytest

from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.options import Options
from triaxis.measure.outcome import Outcome, Seen
from triaxis.measure.population_phrases import phrases_of_texts
from triaxis.measure.population_phrases.grams import gram_ids, spelled, word_ids
from triaxis.responses import Responses

RIVER = "time is a river that carries every one of us along"


def cell(model: str, prompt: str, texts: list[str], quality: list[float] | None = None, asked: str | None = None) -> LevelCell:
    known = None if asked is None else [asked] * len(texts)
    grades = np.array(quality or [0.0] * len(texts))
    return LevelCell(model, "d", prompt, Responses(texts, prompt_texts=known), grades, np.arange(len(texts)))


def measured(cells: list[LevelCell], floors: list[float] | None = None) -> Outcome:
    return phrases_of_texts(Seen(cells, "prompt", True, np.array([-np.inf, *(floors or [])]), (), 5), Options())


def value(found: Outcome, measure: str, column: str = "value", floor: float | None = None) -> float | None:
    rows = pl.concat(found.tables["population"]).filter(pl.col("measure") == measure, pl.col("domain").is_null())
    mine = rows.filter(pl.col("floor").is_null() if floor is None else pl.col("floor") == floor)[column][0]
    return None if mine is None else float(mine)


def listed(found: Outcome) -> pl.DataFrame:
    return pl.concat(found.tables["shared_phrases"]).filter(pl.col("domain").is_null(), pl.col("floor").is_null())


def test_a_phrase_is_found_whatever_stands_around_it_and_whatever_its_case_and_punctuation() -> None:
    cells = [cell("a", "p", [f"Well: {RIVER}."]), cell("b", "p", ["I say, TIME is a RIVER, that carries every one!"])]
    found = measured(cells)
    assert value(found, "shared phrases between") == 1
    assert listed(found).select("words", "models", "samples", "prompts", "model_names").rows() == [(8, 2, 2, 1, "a, b")]


def test_the_phrase_is_shown_as_an_answer_has_it() -> None:
    cells = [cell("a", "p", ["Oh! Time, is a RIVER that carries"]), cell("b", "p", ["time is a river that carries me"])]
    assert listed(measured(cells))["phrase"].to_list() == ["time, is a river that carries"]


def test_what_stands_in_the_prompt_does_not_count() -> None:
    cells = [cell(model, "p", [f"{model}: {RIVER}"], asked=f"Go on: {RIVER}") for model in "ab"]
    assert value(measured(cells), "shared phrases between") == 0
    assert listed(measured(cells)).is_empty()


def test_five_words_are_no_phrase_and_six_are() -> None:
    five, six = "one two three four five", "one two three four five six"
    assert value(measured([cell("a", "p", [five]), cell("b", "p", [five])]), "shared phrases between") == 0
    assert value(measured([cell("a", "p", [six]), cell("b", "p", [six])]), "shared phrases between") == 1


def test_rows_of_dashes_are_no_phrase() -> None:
    cells = [cell(model, "p", ["--- | --- | --- | --- | --- | --- | --- " + model]) for model in "ab"]
    assert value(measured(cells), "shared phrases between") == 0


def test_shares_are_of_pairs_of_usable_answers_by_floor_and_equal_those_of_all_comparisons() -> None:
    rng = np.random.default_rng(1)
    words = [f"w{number}" for number in range(4)]
    cells = []
    for prompt in range(3):
        for model in "abc":
            texts = [" ".join(rng.choice(words, 12)) for _ in range(4)]
            cells.append(cell(model, f"p{prompt}", texts, rng.integers(0, 3, 4).astype(float).tolist()))
    found = measured(cells, [0.0, 1.0, 2.0])
    for floor in (None, 1.0, 2.0):
        for measure, same in (("shared phrases between", False), ("shared phrases within", True)):
            assert value(found, measure, floor=floor) == pytest.approx(by_comparison(cells, floor, same=same), nan_ok=True)


def by_comparison(cells: list[LevelCell], floor: float | None, *, same: bool) -> float:
    """Mean over prompts of the share of pairs that have six words in a row in common."""
    shares = []
    for prompt in sorted({one.prompt for one in cells}):
        mine = [
            (one.model, runs(text)) for one in cells if one.prompt == prompt
            for text, grade in zip(one.responses.texts, one.quality, strict=True) if floor is None or grade >= floor
        ]  # fmt: skip
        pairs = [bool(a[1] & b[1]) for a, b in combinations(mine, 2) if (a[0] == b[0]) == same]
        shares += [np.mean(pairs)] if pairs else []
    return float(np.mean(shares))


def runs(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[at : at + 6]) for at in range(len(words) - 5)}


def test_the_null_is_the_share_of_pairs_of_answers_to_different_prompts() -> None:
    texts = [RIVER, RIVER, "no", "no"]
    cells = [cell(model, f"p{prompt}", [f"{model} {text}"]) for prompt, text in enumerate(texts) for model in "ab"]
    assert value(measured(cells), "shared phrases between", "null") == pytest.approx(1 / 6)


def test_a_longer_phrase_swallows_its_parts_as_long_as_half_of_the_models_have_it_all() -> None:
    cells = [cell("a", "p", [RIVER]), cell("b", "p", [RIVER]), cell("c", "p", [" ".join(RIVER.split()[:6])])]
    rows = listed(measured(cells))
    assert rows.select("phrase", "models").rows() == [(RIVER, 2)]


def test_the_same_phrase_of_several_prompts_is_one_row() -> None:
    rows = listed(measured([cell(model, f"p{prompt}", [RIVER]) for prompt in range(3) for model in "ab"]))
    assert rows.select("prompts", "samples", "models").rows() == [(3, 6, 2)]


def test_one_answer_per_cell_has_no_share_within_a_model_and_says_why() -> None:
    found = measured([cell("a", "p", [RIVER]), cell("b", "p", [RIVER])])
    rows = pl.concat(found.tables["population"]).filter(pl.col("measure") == "shared phrases within")
    assert rows["value"].is_null().all()
    assert set(rows["reason"]) == {"no two usable answers of one model to a prompt"}


def test_a_floor_nobody_passes_has_no_share() -> None:
    found = measured([cell("a", "p", [RIVER], [1.0]), cell("b", "p", [RIVER], [1.0])], [1.0, 5.0])
    assert value(found, "shared phrases between", floor=5.0) is None


def test_one_answer_alone_does_not_run() -> None:
    found = measured([cell("a", "p", [RIVER])])
    assert [reason.reason for reason in found.not_run] == ["needs two answers to a prompt"]


def test_order_of_cells_changes_nothing() -> None:
    cells = [cell(model, f"p{prompt}", [f"{model} {RIVER} {prompt}", RIVER]) for prompt in range(3) for model in "abc"]
    one, other = measured(cells), measured(cells[::-1])
    for name, frames in one.tables.items():
        assert pl.concat(frames).equals(pl.concat(other.tables[name]))


HOSTILE = ["", "   ", "\x00\x01", "a" * 5000, "ع" * 50, "😀 " * 40, "{{7*7}} <script>alert(1)</script> '; drop"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_only_data(text: str) -> None:
    found = measured([cell("a", "p", [text, text]), cell("b", "p", [text])])
    assert value(found, "shared phrases between") in (0, 1)


def test_scripts_without_spaces_are_words_of_one_sign() -> None:
    found = measured([cell("a", "p", ["时间是一条河流。"]), cell("b", "p", ["他说:时间是一条河流"])])
    assert listed(found)["phrase"].to_list() == ["时间是一条河流"]


def test_words_are_spelled_from_the_text_with_marks_between() -> None:
    assert spelled("The «Quick» brown-fox, jumps (over) it.", 1, 4) == "quick» brown-fox, jumps"


def test_word_ids_leave_out_marks_text_by_text() -> None:
    found = word_ids(["", "a, b", "...", "b"])
    assert [ids.size for ids in found] == [0, 2, 0, 1]
    assert found[1][1] == found[3][0]


def test_runs_of_words_are_equal_where_the_words_are() -> None:
    ids = word_ids(["a b c d a b c"])[0]
    numbers = gram_ids(ids, 3)
    assert numbers[0] == numbers[4]
    assert len(set(numbers.tolist())) == 4
