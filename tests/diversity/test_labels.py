"""Equivalences that label one sample at a time."""

import polars as pl
import pytest

from triaxis.diversity.equivalence import ColumnLabels, ExactText, NormalisedText, parse_equivalence
from triaxis.diversity.equivalence.labels import NO_CLASS, class_hash, hash_labels, normalise
from triaxis.errors import InputError


def texts(*values: str | None) -> pl.DataFrame:
    return pl.DataFrame({"response": pl.Series(values, dtype=pl.String)})


def classes(labels: object) -> list[int]:
    """Labels renamed 0, 1, ... in order of appearance, so that only the partition is compared."""
    order: dict[int, int] = {}
    return [order.setdefault(int(label), len(order)) for label in labels]  # type: ignore[attr-defined]


def test_exact_text_tells_every_character_apart() -> None:
    assert classes(ExactText().labels(texts("Paris", "paris", "Paris", "Paris "))) == [0, 1, 0, 2]


def test_normalised_text_ignores_case_punctuation_spacing_and_width() -> None:
    assert classes(NormalisedText().labels(texts("Paris!", " paris", "ＰＡＲＩＳ", "Paris, France"))) == [0, 0, 0, 1]


def test_answers_of_punctuation_alone_stay_apart() -> None:
    assert classes(NormalisedText().labels(texts("!", "?", "! "))) == [0, 1, 0]
    assert normalise("...") == "..."


def test_a_missing_text_has_no_class() -> None:
    for rule in (ExactText(), NormalisedText()):
        assert rule.labels(texts(None, "a"))[0] == NO_CLASS


def test_labels_of_a_column_are_one_class_when_equal_whatever_their_type() -> None:
    for values in ([1, 2, 1, None], ["x", "y", "x", None], [1.5, 2.5, 1.5, None], [True, False, True, None]):
        labels = ColumnLabels("label").labels(pl.DataFrame({"label": values}))
        assert classes(labels) == [0, 1, 0, 2]
        assert labels[3] == NO_CLASS


def test_a_label_does_not_depend_on_its_neighbours() -> None:
    together = hash_labels(pl.Series(["a", "b", "c"]))
    assert hash_labels(pl.Series(["c"]))[0] == together[2]


def test_hashes_are_stable_between_machines_and_versions() -> None:
    # blake2b("partition", 8 bytes), first bit dropped: stores written today add to stores written in a year
    assert class_hash("partition") == 5670841196180043375
    assert 0 <= class_hash("\ud800") < 2**63  # broken unicode has a hash, too


def test_names_that_people_type() -> None:
    for text in ("lexical", "exact", "normalised", "column:label", "column:label@prompt"):
        assert parse_equivalence(text).name == text
    assert parse_equivalence("column:label").scope == "cell"
    assert parse_equivalence("column:label@prompt").scope == "prompt"
    assert parse_equivalence("column:a@b@prompt").column == "a@b"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("column:", "column:NAME"),
        ("column:label@cells", "column:NAME@prompt"),
        ("lexcal", "near: 'lexical'"),
        ("lexical:much", "lexical:0.6"),
        ("lexical:1.5", "lexical:0.6"),
        ("lexical:0", "lexical:0.6"),
        ("exact:1", "did you mean 'exact'"),
        ("column", "column:ARGUMENT"),
        ("", "unknown equivalence ''"),
    ],
)
def test_a_wrong_name_says_what_to_type(text: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_equivalence(text)
    assert told in str(caught.value)
