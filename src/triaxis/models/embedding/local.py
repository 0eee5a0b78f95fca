"""Encoders that run here: tokens, batches of fixed shape, one worker a core; as many workers as you like, the same bits.

Each worker thread computes with a single torch thread. Two workers on two batches need no barrier between operations, and a
sum is never split between threads, so the number of workers cannot show in a result.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from triaxis.errors import MissingDependency, TriaxisError
from triaxis.models.embedding.batching import Batch, embed_once, key_of, unit_rows
from triaxis.protocols import Progress

WINDOW = 20_000
"""Texts that are tokenized and sorted at a time: bounds memory, and changes no result."""

Item = TypeVar("Item")
Made = TypeVar("Made")


class Tokens(NamedTuple):
    """Token numbers of some texts, cut to what the encoder reads, and (texts,) bool that says which were cut."""

    ids: list[list[int]]
    is_cut: np.ndarray


class Encoder(Protocol):
    """Loaded weights with their tokenizer."""

    def tokenize(self, texts: Sequence[str]) -> Tokens:
        """Tokens with the special ones, at least one each."""
        ...

    def plan(self, lengths: np.ndarray) -> Iterable[np.ndarray]:
        """Positions that are encoded together, of texts with (texts,) `lengths` tokens."""
        ...

    def encode(self, ids: Sequence[Sequence[int]]) -> np.ndarray:
        """(rows, dimensions) of one planned batch, float32, of any length; called from several threads."""
        ...


class LocalEmbedder:
    """Texts to unit vectors on this machine; the weights are loaded when the first text has to be embedded.

    `truncated` counts the different texts so far that were longer than the encoder reads.
    """

    def __init__(
        self, name: str, load: Callable[[], Encoder], *, dimensions: int | None = None, workers: int | None = None
    ) -> None:
        self.name = name
        self.dimensions = dimensions
        self._load = load
        self._workers = workers
        self._cut: set[bytes] = set()

    @property
    def truncated(self) -> int:
        """Different texts so far of which only the beginning was read."""
        return len(self._cut)

    def embed(self, texts: Sequence[str], *, progress: Progress | None = None) -> np.ndarray:
        """(texts, dimensions) float32, each row of length 1; a text has the same bits whatever else is asked for."""
        return embed_once(texts, self.batches, dimensions=self.dimensions, progress=progress)

    def batches(self, texts: Sequence[str]) -> Iterator[Batch]:
        """Batches as they are ready, together every text once."""
        for start in range(0, len(texts), WINDOW):
            yield from self._window(texts[start : start + WINDOW], start)

    def _window(self, texts: Sequence[str], start: int) -> Iterator[Batch]:
        tokens = self._encoder.tokenize(texts)
        self._cut.update(key_of(texts[place]) for place in np.flatnonzero(tokens.is_cut).tolist())

        def encode(members: np.ndarray) -> Batch:
            vectors = self._encoder.encode([tokens.ids[member] for member in members])
            unit = unit_rows(vectors, [texts[member] for member in members], encoder=self.name)
            self.dimensions = unit.shape[1]
            return Batch(members + start, unit, tokens.is_cut[members])

        lengths = np.array([len(ids) for ids in tokens.ids], dtype=np.int64)
        with _torch_threads_kept() as threads:
            workers = self._workers or threads
            yield from in_order(encode, self._encoder.plan(lengths), workers=workers, prepare=_one_torch_thread)

    @cached_property
    def _encoder(self) -> Encoder:
        return self._load()


def in_order(
    make: Callable[[Item], Made],
    items: Iterable[Item],
    *,
    workers: int,
    prepare: Callable[[], None] | None = None,
    halt: Callable[[], None] | None = None,
) -> Iterator[Made]:
    """`make` of every item on `workers` threads, results in the order of items; few are ahead of who reads them.

    When one fails no further item is begun; what is under way is finished and handed over, and then the error is raised.
    Stopped from outside (Ctrl-C, or nobody reads on), `halt` is called before what is under way is waited for.
    """
    with ThreadPoolExecutor(workers, thread_name_prefix="triaxis", initializer=prepare) as pool:
        ahead: deque[Future[Made]] = deque()
        try:
            for item in items:
                ahead.append(pool.submit(make, item))
                if len(ahead) > 2 * workers:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        except TriaxisError:
            yield from _under_way(ahead)
            raise
        except BaseException:
            if halt is not None:
                halt()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _under_way(ahead: Iterable[Future[Made]]) -> Iterator[Made]:
    """Results of what had been begun, as far as there are any; the rest is not begun."""
    begun = [future for future in ahead if not future.cancel()]
    for future in begun:
        if not future.exception():
            yield future.result()


def needs(what: str, *packages: str) -> None:
    """Raises `MissingDependency` that says what to type when one of `packages` is not installed; imports none of them."""
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise MissingDependency(f"{what} needs {', '.join(missing)}: pip install 'triaxis[embed]'")


@contextmanager
def _torch_threads_kept() -> Iterator[int]:
    """How many threads torch would use here (it knows the cores and OMP_NUM_THREADS), and will use again afterwards."""
    import torch

    threads = torch.get_num_threads()
    try:
        yield threads
    finally:
        torch.set_num_threads(threads)


def _one_torch_thread() -> None:
    """In a worker: OpenMP and MKL keep this number per calling thread, torch hands it to every thread that begins later."""
    import torch

    torch.set_num_threads(1)
