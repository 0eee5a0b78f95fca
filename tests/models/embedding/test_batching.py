"""Which texts are embedded together: each once, in packs and batches whose shape a text cannot see."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.errors import InputError
from triaxis.models.embedding.batching import Batch, distinct, equal_lengths, gather, packs, rows_together, unit_rows
from triaxis.models.embedding.errors import EmbeddingError
from triaxis.models.embedding.local import in_order

LENGTHS = st.lists(st.integers(min_value=1, max_value=32), max_size=60)


def test_distinct_texts_are_in_order_of_first_appearance() -> None:
    texts, where = distinct(["b", "a", "b", "", "a"])
    assert texts == ["b", "a", ""]
    assert where.tolist() == [0, 1, 0, 2, 1]


def test_a_lone_surrogate_is_a_replacement_character_and_a_pair_is_its_character() -> None:
    assert distinct(["a\ud800b", "\ud83d\ude00"]).texts == ["a\ufffdb", "😀"]
    assert distinct(["a\ud800b", "a\udfffb", "a\ufffdb"]).where.tolist() == [0, 0, 0]


def test_what_is_no_text_is_refused_with_its_place() -> None:
    with pytest.raises(InputError, match="got NoneType at position 1"):
        distinct(["a", None])  # type: ignore[list-item]


@given(LENGTHS)
def test_packs_hold_every_text_once_and_never_too_much(lengths: list[int]) -> None:
    found = list(packs(np.array(lengths, dtype=np.int64), slots=32))
    assert sorted(np.concatenate(found).tolist() if found else []) == list(range(len(lengths)))
    assert all(sum(lengths[i] for i in pack) <= 32 for pack in found)


@given(LENGTHS)
def test_no_pack_leaves_room_for_a_text_of_a_later_one(lengths: list[int]) -> None:
    found = [[lengths[i] for i in pack] for pack in packs(np.array(lengths, dtype=np.int64), slots=32)]
    for number, pack in enumerate(found):
        later = [length for other in found[number + 1 :] for length in other]
        assert all(sum(pack) + length > 32 for length in later)


def test_packs_are_the_same_every_time_and_texts_of_one_length_lie_together() -> None:
    lengths = np.random.default_rng(0).integers(1, 33, 200)
    first, second = (list(packs(lengths, slots=32)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert all((np.diff(lengths[pack]) <= 0).all() for pack in first)


@given(LENGTHS)
def test_batches_of_equal_length_hold_every_text_once_and_no_more_than_the_length_allows(lengths: list[int]) -> None:
    found = list(equal_lengths(np.array(lengths, dtype=np.int64), slots=32))
    assert sorted(np.concatenate(found).tolist() if found else []) == list(range(len(lengths)))
    for batch in found:
        (length,) = {lengths[i] for i in batch}
        assert len(batch) <= rows_together(length, slots=32)


def test_unit_rows_are_of_length_one_even_when_squares_leave_float32() -> None:
    found = unit_rows(np.array([[3.0, 4.0], [1e-30, 0.0], [0.0, -1e30]]), ["a", "b", "c"], encoder="e")
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [[0.6, 0.8], [1, 0], [0, -1]], atol=1e-7)


@pytest.mark.parametrize(("bad", "said"), [([0.0, 0.0], "a zero vector"), ([np.nan, 1.0], "NaN"), ([np.inf, 1.0], "NaN or inf")])
def test_a_row_without_direction_is_an_error_that_names_encoder_and_text(bad: list[float], said: str) -> None:
    with pytest.raises(EmbeddingError, match=rf"^e must give .* got {said}.* for 'b'"):
        unit_rows(np.array([[1.0, 0.0], bad]), ["a", "b"], encoder="e")


def test_gathered_rows_are_where_they_belong_and_one_length_is_asked_for() -> None:
    def batch(where: list[int], width: int = 2) -> Batch:
        return Batch(np.array(where), np.array([[i] * width for i in where], dtype=np.float32), np.zeros(len(where), bool))

    assert gather([batch([2, 0]), batch([1])], texts=3, dimensions=None)[:, 0].tolist() == [0, 1, 2]
    assert gather([], texts=0, dimensions=5).shape == (0, 5)
    with pytest.raises(EmbeddingError, match="got 1 for 2 texts"):
        gather([batch([1])], texts=2, dimensions=None)
    with pytest.raises(EmbeddingError, match="got 2 and 3 dimensions"):
        gather([batch([0]), batch([1], 3)], texts=2, dimensions=None)


def test_work_on_threads_comes_back_in_order_and_only_a_little_ahead() -> None:
    begun: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            begun.append(number)
            yield number

    results = in_order(lambda number: number * number, items(), workers=3)
    assert next(results) == 0
    assert len(begun) <= 2 * 3 + 1
    assert list(results) == [number * number for number in range(1, 100)]


def test_after_a_failure_what_was_under_way_still_comes_and_nothing_new_is_begun() -> None:
    others_begun = threading.Barrier(3, timeout=20)

    def work(number: int) -> int:
        if number < 3:
            others_begun.wait()
        if number == 0:
            raise EmbeddingError("first")
        return number

    found: list[int] = []
    with pytest.raises(EmbeddingError, match="first"):
        found.extend(in_order(work, range(10_000), workers=3))
    assert found[:2] == [1, 2]
    assert len(found) < 20
