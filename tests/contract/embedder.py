"""What every `Embedder` has to keep, as plain functions that take one and raise `AssertionError`.

`measure` compares rows by dot products, remembers them under the embedder's name, and asks for texts in any company: so rows
are unit vectors, the name is a name, and a text's row is a matter of the text alone, to the bit.
"""

from collections.abc import Callable

import numpy as np

from triaxis.errors import InputError
from triaxis.protocols import Embedder

Check = Callable[[Embedder], None]

PLAIN = (
    "Boil the potatoes until soft, then mash them with butter.",
    "Seven purple submarines drifted past an indifferent lighthouse!",
    "Die Katze schläft auf dem warmen Fensterbrett.",
    "東京は日本の首都です。",
    "x = 41 + 1; print(x)",
    "no",
)
HOSTILE = (
    "",
    " \t\n",
    "...!?",
    "before\x00after",
    "😀👩‍👩‍👧‍👦🏳️‍🌈",
    "\u202eright to left\u202c e\u0301 \ufffd \ufeff \U0010ffff",
    "lone \ud800 and \udfff",
    "</script><script>alert(1)</script>",
    "'; DROP TABLE vectors; --",
    "word " * 200_000,
    "x" * 1_000_000,
)


def has_a_name(embedder: Embedder) -> None:
    """One line of text, for figures and caches."""
    assert isinstance(embedder, Embedder)
    assert embedder.name == embedder.name.strip() != ""
    assert embedder.name.isprintable()


def rows_are_float32_unit_vectors(embedder: Embedder) -> None:
    """(texts, dimensions), each of length 1."""
    found = embedder.embed(PLAIN)
    assert found.dtype == np.float32
    assert found.shape == (len(PLAIN), found.shape[1])
    assert found.shape[1] >= 2
    np.testing.assert_allclose(np.linalg.norm(found.astype(np.float64), axis=1), 1, atol=1e-6)


def no_texts_are_no_rows(embedder: Embedder) -> None:
    """Shape (0, dimensions), where the embedder knows them by then."""
    width = embedder.embed(PLAIN[:1]).shape[1]
    found = embedder.embed([])
    assert found.shape == (0, width)
    assert found.dtype == np.float32


def one_text_is_one_row(embedder: Embedder) -> None:
    """Whatever the text."""
    for text in (*PLAIN, ""):
        assert embedder.embed([text]).shape[0] == 1


def equal_texts_have_equal_rows_and_different_ones_do_not(embedder: Embedder) -> None:
    """To the bit, in one call."""
    found = embedder.embed([*PLAIN, *PLAIN[::-1]])
    assert np.array_equal(found[: len(PLAIN)], found[len(PLAIN) :][::-1])
    assert len(np.unique(found[: len(PLAIN)], axis=0)) == len(PLAIN)


def rows_keep_the_order_of_texts(embedder: Embedder) -> None:
    """Any order in, that order out."""
    texts = [*PLAIN, "a", "b " * 30, ""]
    whole = embedder.embed(texts)
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(texts))
        assert np.array_equal(embedder.embed([texts[i] for i in order]), whole[order])


def a_row_depends_on_its_own_text_only(embedder: Embedder) -> None:
    """Alone, in pairs, among many: the same bits."""
    many = [f"{text} {number}" for number in range(20) for text in PLAIN]
    whole = embedder.embed(many)
    assert np.array_equal(np.concatenate([embedder.embed([text]) for text in many[:8]]), whole[:8])
    assert np.array_equal(embedder.embed(many[:2]), whole[:2])
    assert np.array_equal(embedder.embed([*many[50:], "x" * 300])[:-1], whole[50:])


def hostile_texts_have_rows_too(embedder: Embedder) -> None:
    """Finite unit rows for what models write, lone surrogates and a million characters included."""
    found = embedder.embed([*HOSTILE, *PLAIN])
    assert found.shape[0] == len(HOSTILE) + len(PLAIN)
    np.testing.assert_allclose(np.linalg.norm(found.astype(np.float64), axis=1), 1, atol=1e-6)
    assert np.array_equal(found[len(HOSTILE) :], embedder.embed(PLAIN))


def what_is_no_text_is_refused(embedder: Embedder) -> None:
    """A missing text has no vector: None is an error, not the word "None"."""
    try:
        embedder.embed([PLAIN[0], None])  # type: ignore[list-item]
    except InputError:
        return
    raise AssertionError("None was embedded")


def progress_ends_with_all_of_it(embedder: Embedder) -> None:
    """Stage, done, of how many: never backwards, and complete at the end."""
    seen: list[tuple[str, int, int]] = []
    embedder.embed([f"{text} again" for text in PLAIN], progress=lambda *moved: seen.append(moved))
    assert seen
    done = [count for _, count, _ in seen]
    assert done == sorted(done)
    assert seen[-1] == ("embedding", len(PLAIN), len(PLAIN))


CHECKS: tuple[Check, ...] = (
    has_a_name,
    rows_are_float32_unit_vectors,
    no_texts_are_no_rows,
    one_text_is_one_row,
    equal_texts_have_equal_rows_and_different_ones_do_not,
    rows_keep_the_order_of_texts,
    a_row_depends_on_its_own_text_only,
    hostile_texts_have_rows_too,
    what_is_no_text_is_refused,
    progress_ends_with_all_of_it,
)
