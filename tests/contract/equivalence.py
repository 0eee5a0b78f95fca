"""What every `Equivalence` has to keep, as plain functions that take one and raise `AssertionError`.

`checks_for` chooses by declared traits: a rule that claims to label each sample by itself is held to it. The one idea: the
declaration is believed by `measure` (it decides what may be merged, cut and compared), so it is the declaration that is tested.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from triaxis.protocols import Equivalence

Check = Callable[[Equivalence], None]

DIFFERENT = (
    "Boil the potatoes until soft, then mash them with butter.",
    "Seven purple submarines drifted past an indifferent lighthouse!",
    "x = 41 + 1; print(x)",
    "Die Katze schläft auf dem warmen Fensterbrett.",
    "東京は日本の首都です。",
    "Quarterly revenue rose twelve percent, mainly abroad",
)
"""Answers that no rule should put together: no word in common, four languages. A rule for one kind of answer declares its own
in `apart`."""

HOSTILE = (
    "",
    " \t\n",
    "...!?",
    "\x00",
    "before\x00after",
    "word " * 200_000,
    "x" * 1_000_000,
    "😀👩‍👩‍👧‍👦🏳️‍🌈",
    "\u202eright to left\u202c \u2066isolated\u2069",
    "e\u0301 é \ufffd \ufeff \U0010ffff",
    "\ud800 lone \udfff".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "</script><script>alert(1)</script> {{ braces }} {% block %}",
    "'; DROP TABLE samples; --",
    "NaN",
    "-1",
    "None",
)
"""Texts that break careless code. A lone surrogate cannot stand in a polars column: records replaces it, as here."""


def samples(texts: Sequence[str | None], models: Sequence[str] | None = None) -> pl.DataFrame:
    """One prompt's samples in canonical columns, in sample order, with their text as `label` too (for `column:label`)."""
    count = len(texts)
    index = list(range(count))
    empty = {name: pl.Series([None] * count, dtype=pl.Float64) for name in ("quality", "complexity", "cost")}
    return pl.DataFrame(
        {
            "prompt_id": pl.Series(["p"] * count, dtype=pl.String),
            "prompt": pl.Series(["Say something."] * count, dtype=pl.String),
            "response": pl.Series(texts, dtype=pl.String),
            "model": pl.Series(models or ["m"] * count, dtype=pl.String),
            "domain": pl.Series(["(none)"] * count, dtype=pl.String),
            "step": pl.Series([None] * count, dtype=pl.Int64),
            "sample_index": pl.Series(index, dtype=pl.Int64),
            **empty,
            "quality_source": pl.Series([None] * count, dtype=pl.String),
            "tokens": pl.Series([None] * count, dtype=pl.Int64),
            "meta": pl.Series([None] * count, dtype=pl.String),
            "label": pl.Series(texts, dtype=pl.String),
            "row": pl.Series(index, dtype=pl.Int64),
        }
    )


def canonical(labels: Iterable[int]) -> list[int]:
    """`labels` renamed in order of first appearance, so that two lists are equal exactly when their partitions are."""
    names: dict[int, int] = {}
    return [-1 if label == -1 else names.setdefault(label, len(names)) for label in labels]


def labelled(rule: Equivalence, texts: Sequence[str | None]) -> list[int]:
    return [int(label) for label in rule.labels(samples(texts))]


def unlike(rule: Equivalence) -> tuple[str, ...]:
    """Answers that `rule` has to tell apart: those of its `apart` where ordinary texts are all one to it, else `DIFFERENT`."""
    return tuple(getattr(rule, "apart", DIFFERENT))


def traits_are_declared(rule: Equivalence) -> None:
    """`name`, `rule`, `scope` and `is_pairwise` are there and mean something."""
    assert isinstance(rule, Equivalence)
    assert rule.name == rule.name.strip() != ""
    assert len(rule.rule.split()) >= 3, "rule must say in words how classes are made"
    assert rule.scope in {"cell", "prompt", "set"}
    assert isinstance(rule.is_pairwise, bool)


def labels_are_int64_one_per_sample(rule: Equivalence) -> None:
    """(samples,) int64, -1 the only negative."""
    labels = rule.labels(samples([*DIFFERENT, *DIFFERENT]))
    assert isinstance(labels, np.ndarray)
    assert labels.dtype == np.int64
    assert labels.shape == (2 * len(DIFFERENT),)
    assert labels.min() >= -1


def empty_input_gives_no_labels(rule: Equivalence) -> None:
    """No samples, no labels, and still int64."""
    labels = rule.labels(samples([]))
    assert labels.shape == (0,)
    assert labels.dtype == np.int64


def one_sample_is_one_class(rule: Equivalence) -> None:
    """One measured sample has one class, and it is not -1."""
    for text in DIFFERENT:
        (label,) = labelled(rule, [text])
        assert label >= 0


def identical_texts_are_one_class(rule: Equivalence) -> None:
    """Copies of one text are one class, whatever the text."""
    for text in (*DIFFERENT, "", "...!?", "\x00"):
        assert len(set(labelled(rule, [text] * 7))) == 1


def different_texts_are_different_classes(rule: Equivalence) -> None:
    """Answers with nothing in common are as many classes as answers."""
    assert len(set(labelled(rule, unlike(rule)))) == len(unlike(rule)) > 0


def nothing_to_label_has_no_class(rule: Equivalence) -> None:
    """A missing text (or label) is -1, unmeasured, and does not change the others' classes."""
    first, last = unlike(rule)[0], unlike(rule)[-1]
    labels = labelled(rule, [first, None, last, None, first])
    assert canonical(labels) == [0, -1, int(first != last), -1, 0]
    assert labelled(rule, [None, None]) == [-1, -1]


def same_input_same_labels(rule: Equivalence) -> None:
    """Asked twice, the same to the bit: no hidden state, no global random numbers."""
    frame = samples([*DIFFERENT, *DIFFERENT[::-1], *HOSTILE[:5]])
    assert rule.labels(frame).tolist() == rule.labels(frame).tolist()


def clear_cut_classes_survive_any_row_order(rule: Equivalence) -> None:
    """Copies of unlike answers: every order of rows gives the same partition, for pairwise rules too."""
    frame = samples([*DIFFERENT, *DIFFERENT, DIFFERENT[0]])
    expected = canonical(rule.labels(frame))
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(frame))
        shuffled = rule.labels(frame[order.tolist()])
        back = shuffled[np.argsort(order)]
        assert canonical(back) == expected


def hostile_texts_raise_nothing(rule: Equivalence) -> None:
    """Whatever a model wrote gets a class: alone, together, and beside ordinary answers."""
    for text in HOSTILE:
        assert len(labelled(rule, [text])) == 1
    labels = labelled(rule, [*HOSTILE, *DIFFERENT])
    assert len(labels) == len(HOSTILE) + len(DIFFERENT)
    assert min(labels) >= 0


def other_columns_change_nothing(rule: Equivalence) -> None:
    """Quality, prompt and cost are no part of the answer: with other values there, the classes are the same."""
    frame = samples([*DIFFERENT, *DIFFERENT])
    scored = frame.with_columns(quality=pl.Series(np.linspace(0, 1, len(frame))), cost=pl.lit(2.0), prompt=pl.lit("Other words."))
    assert canonical(rule.labels(scored)) == canonical(rule.labels(frame))


def a_class_does_not_depend_on_the_others(rule: Equivalence) -> None:
    """Not pairwise: labels of any part are that part of the labels, the very numbers, so that stores can be added."""
    frame = samples([*DIFFERENT, *HOSTILE[:5], *DIFFERENT])
    whole = rule.labels(frame)
    for seed in range(5):
        part = np.sort(np.random.default_rng(seed).permutation(len(frame))[: len(frame) // 2])
        assert rule.labels(frame[part.tolist()]).tolist() == whole[part].tolist()


def row_order_does_not_matter(rule: Equivalence) -> None:
    """Not pairwise: every sample keeps its class whatever the order of rows, for any texts."""

    @given(texts=st.lists(st.text(alphabet="ab .\n\x00é", max_size=6), max_size=12), data=st.data())
    def holds(texts: list[str], data: Any) -> None:
        order = data.draw(st.permutations(range(len(texts))))
        labels = labelled(rule, texts)
        assert labelled(rule, [texts[i] for i in order]) == [labels[i] for i in order]

    holds()


def only_declared_columns_are_read(rule: Equivalence) -> None:
    """Pairwise: `measure` keeps `response` and the declared `columns` until whole cells are there, and nothing else."""
    frame = samples([*DIFFERENT, *DIFFERENT])
    kept = frame.select("response", *(column for column in getattr(rule, "columns", ()) if column != "response"))
    assert rule.labels(kept).tolist() == rule.labels(frame).tolist()


def models_share_classes(rule: Equivalence) -> None:
    """Scope `prompt` and `set`: the same answer is the same class whichever model gave it."""
    models = ["a"] * len(DIFFERENT) + ["b"] * len(DIFFERENT)
    labels = canonical(rule.labels(samples([*DIFFERENT, *DIFFERENT], models)))
    assert labels[: len(DIFFERENT)] == labels[len(DIFFERENT) :]


ALWAYS: tuple[Check, ...] = (
    traits_are_declared,
    labels_are_int64_one_per_sample,
    empty_input_gives_no_labels,
    one_sample_is_one_class,
    identical_texts_are_one_class,
    different_texts_are_different_classes,
    nothing_to_label_has_no_class,
    same_input_same_labels,
    clear_cut_classes_survive_any_row_order,
    hostile_texts_raise_nothing,
    other_columns_change_nothing,
)
NOT_PAIRWISE: tuple[Check, ...] = (a_class_does_not_depend_on_the_others, row_order_does_not_matter)
PAIRWISE: tuple[Check, ...] = (only_declared_columns_are_read,)
SHARED_BY_MODELS: tuple[Check, ...] = (models_share_classes,)


def checks_for(rule: Equivalence) -> tuple[Check, ...]:
    """The checks that `rule`'s declared traits ask for."""
    return (*ALWAYS, *(PAIRWISE if rule.is_pairwise else NOT_PAIRWISE), *(() if rule.scope == "cell" else SHARED_BY_MODELS))
