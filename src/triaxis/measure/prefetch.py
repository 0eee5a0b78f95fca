"""Work beside work, in order: the next batch is decoded while the last one is counted, and buckets are counted side by side."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")
_END = object()


def prefetched(items: Iterable[Item]) -> Iterator[Item]:
    """`items` in their order, the next one made in a thread while the caller works on the last; errors arrive in their place."""
    source = iter(items)
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, source, _END)
        while (item := coming.result()) is not _END:
            coming = pool.submit(next, source, _END)
            yield item  # type: ignore[misc]


def mapped(function: Callable[[Item], Made], items: Iterable[Item], *, workers: int) -> Iterator[Made]:
    """`function` of each item, in order, by `workers` threads; no more than `workers` + 1 items are held at a time."""
    with ThreadPoolExecutor(max_workers=workers) as pool:
        waiting: deque[Future[Made]] = deque()
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
