"""Scores of one edition of the samples, on the whole file and on each half of the prompts, by every evaluation.

The one idea: an evaluation is asked for nothing that is known already, and one that fails on a whole file is not asked about its
halves.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from triaxis.blind.evaluations import Command, Evaluation
from triaxis.blind.ledger import Finished, Ledger, key_of
from triaxis.blind.table import Table
from triaxis.errors import Undefined
from triaxis.protocols import Progress

VERSION = 1
"""Goes up when planting or built-in evaluations change, so that scores of an older version are not taken for new ones."""


class Scores(NamedTuple):
    """(1 + replicates,) scores, the whole file first, NaN where there is none; reasons of those, most frequent first."""

    values: np.ndarray
    reasons: tuple[str, ...]


@dataclass
class Scorer:
    """Runs `evaluations`; `about` says what the scores depend on besides, `kept` (replicates, rows) bool is each half."""

    evaluations: Sequence[Evaluation]
    kept: np.ndarray
    about: str
    ledger: Ledger | None
    jobs: int = 1
    progress: Progress | None = None
    total: int = 0
    done: int = 0
    _hopeless: dict[str, str] = field(default_factory=dict)

    def scores(self, table: Table, damage: str, dose: float, *, again: bool = False) -> dict[str, Scores]:
        """Scores of `table`, by evaluation. `again` asks anew for a file that was scored before: the noise of an evaluation."""
        found: dict[str, Scores] = {}
        for one in self.evaluations:
            if one.name in self._hopeless:
                found[one.name] = Scores(np.full(len(self.kept) + 1, np.nan), (self._hopeless[one.name],))
                self._moved(len(self.kept) + 1)
                continue
            found[one.name] = self._of_one(one, table, damage, dose, again)
        return found

    def _of_one(self, one: Evaluation, table: Table, damage: str, dose: float, again: bool) -> Scores:
        finished = [Finished(None, "not asked, since the whole file has no score")] * (len(self.kept) + 1)
        finished[0] = self._asked(one, table, damage, dose, 0, again)
        self._moved(1)
        if finished[0].score is None:
            if damage == "none" and not again:
                self._hopeless[one.name] = str(finished[0].reason)
            self._moved(len(self.kept))
            return Scores(np.full(len(self.kept) + 1, np.nan), (str(finished[0].reason),))
        with self._pool(one) as submit:
            for place, made in submit(lambda r: self._asked(one, table, damage, dose, r, again), range(1, len(self.kept) + 1)):
                finished[place] = made
                self._moved(1)
        values = np.array([np.nan if made.score is None else made.score for made in finished])
        reasons = [made.reason for made in finished if made.reason is not None]
        return Scores(values, tuple(sorted(set(reasons), key=reasons.count, reverse=True)))

    def _asked(self, one: Evaluation, table: Table, damage: str, dose: float, replicate: int, again: bool) -> Finished:
        """The score of one resample, from the ledger where it is there."""
        key = key_of(VERSION, self.about, one.identity, damage, dose, replicate, again)
        known = None if self.ledger is None else self.ledger.find(key)
        if known is not None:
            return known
        part = table if replicate == 0 else table.at(np.flatnonzero(self.kept[replicate - 1]))
        try:
            made = Finished(one.score(part))
        except Undefined as error:
            made = Finished(None, str(error))
        if self.ledger is not None:
            self.ledger.add(key, made, evaluation=one.name, damage=damage, dose=dose, replicate=replicate)
        return made

    @contextmanager
    def _pool(self, one: Evaluation) -> "Iterator[Callable[..., Iterator[tuple[int, Finished]]]]":
        """A function that maps another over replicates, in threads for commands; what runs is ended when the block fails."""
        if self.jobs == 1 or not isinstance(one, Command):
            yield lambda work, places: ((place, work(place)) for place in places)
            return
        pool = ThreadPoolExecutor(self.jobs)

        def mapped(work: Callable[[int], Finished], places: Sequence[int]) -> Iterator[tuple[int, Finished]]:
            waiting = {pool.submit(work, place): place for place in places}
            return ((waiting[future], future.result()) for future in as_completed(waiting))

        try:
            yield mapped
        except BaseException:
            one.stop()
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def _moved(self, by: int) -> None:
        self.done += by
        if self.progress is not None:
            self.progress("evaluating", self.done, self.total)
