"""Reading ahead changes nothing but the time."""

from collections.abc import Iterator

import pytest

from triaxis.measure.prefetch import mapped, prefetched


def test_items_come_in_order_and_none_is_lost() -> None:
    assert list(prefetched(range(1000))) == list(range(1000))
    assert list(prefetched([])) == []


def test_an_error_arrives_after_the_items_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("torn")

    seen: list[int] = []
    with pytest.raises(ValueError, match="torn"):
        seen.extend(prefetched(broken()))
    assert seen == [1]


def test_a_caller_that_stops_early_stops_the_reading() -> None:
    made: list[int] = []

    def counting() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    reader = prefetched(counting())
    assert next(reader) == 0
    reader.close()
    assert len(made) <= 2


def test_mapped_keeps_the_order_and_holds_few_items() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(50):
            taken.append(number)
            yield number

    made = mapped(lambda number: number * number, items(), workers=3)
    assert next(made) == 0
    assert len(taken) <= 5
    assert list(made) == [number * number for number in range(1, 50)]


def test_mapped_passes_on_an_error_in_its_place() -> None:
    def half(number: int) -> float:
        return 1 / number

    with pytest.raises(ZeroDivisionError):
        list(mapped(half, [2, 0, 4], workers=2))
