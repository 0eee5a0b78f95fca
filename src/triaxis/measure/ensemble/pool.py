"""Counts of classes that models share, on the prompts that all of them have: what a mixture is computed from.

The one idea: in k draws without replacement from N samples, a class with m usable ones is missed with probability
C(N - m, k) / C(N, k), and draws of different models miss independently. So the worth of an allocation is exact from the counts,
and all that matters of a count is its *kind*, the pair (N, m).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from triaxis.measure.cells import key_order
from triaxis.measure.sampling import REACH, prompt_rank, reached_size
from triaxis.measure.store import RunStore

MOST_PROMPTS = 2000
"""A pool of more prompts is a seeded draw of these, so that memory does not grow with the store."""


class Plan(tuple[tuple[int, int], ...]):
    """(position of a model, its draws for each prompt), by position; only models that draw."""

    @property
    def members(self) -> tuple[int, ...]:
        """Positions of the models."""
        return tuple(model for model, _ in self)


@dataclass(frozen=True)
class Pool:
    """Usable counts of (model, class) at one floor, sorted by model, then class, on prompts that all models have.

    `size` (models, prompts) samples N; `reach` (models,) draws that every prompt has. Entries: `model`, `klass` (dense, 0 to
    classes - 1), `count` usable samples, at least 1. `owner` (classes,) prompt of each class.
    """

    models: tuple[str, ...]
    size: np.ndarray
    reach: np.ndarray
    model: np.ndarray
    klass: np.ndarray
    count: np.ndarray
    owner: np.ndarray

    @property
    def prompts(self) -> int:
        """Prompts that all models share."""
        return int(self.size.shape[1])

    @cached_property
    def start(self) -> np.ndarray:
        """(models + 1,) where the entries of each model begin."""
        return np.searchsorted(self.model, np.arange(len(self.models) + 1))

    @cached_property
    def prompt(self) -> np.ndarray:
        """(entries,) prompt of each entry."""
        found: np.ndarray = self.owner[self.klass]
        return found

    @cached_property
    def _kinds(self) -> tuple[np.ndarray, np.ndarray]:
        """Distinct (N, m), (kinds, 2), the first of them "no sample", and the kind of each entry."""
        size = self.size[self.model, self.prompt]
        width = int(self.count.max(initial=0)) + 1
        distinct, place = np.unique(size * width + self.count, return_inverse=True)
        pairs = np.stack([distinct // width, distinct % width], axis=1)
        return np.concatenate([[[1, 0]], pairs]), place + 1

    @property
    def kind(self) -> np.ndarray:
        """(entries,) kind of each entry, from 1; 0 stands for a model without the class."""
        return self._kinds[1]

    @cached_property
    def missed(self) -> np.ndarray:
        """(draws + 1, kinds) probability that k = 0, 1, ... draws miss a class of each kind, up to the largest reach.

        By C(N - m, k + 1) / C(N, k + 1) = C(N - m, k) / C(N, k) x (N - m - k) / (N - k).
        """
        size, members = (column.astype(np.float64) for column in self._kinds[0].T)
        steps = np.arange(int(self.reach.max(initial=0)))[:, None]
        ratio = np.maximum(size - members - steps, 0.0) / np.maximum(size - steps, 1.0)
        ratio[:, members == 0] = 1.0
        return np.concatenate([np.ones((1, size.size)), np.cumprod(ratio, axis=0)])

    def entries(self, model: int) -> slice:
        """The entries of `model`."""
        return slice(int(self.start[model]), int(self.start[model + 1]))

    def unseen(self, plan: Plan) -> np.ndarray:
        """(classes,) probability that the draws of `plan` miss each class."""
        left = np.ones(self.owner.size)
        for model, draws in plan:
            mine = self.entries(model)
            left[self.klass[mine]] *= self.missed[draws, self.kind[mine]]
        return left

    def worth(self, plan: Plan) -> np.ndarray:
        """(prompts,) expected number of different usable classes that `plan` draws; exact."""
        return np.bincount(self.owner, weights=1.0 - self.unseen(plan), minlength=self.prompts).astype(np.float64)

    def on(self, keep: np.ndarray) -> "Pool":
        """The pool of the prompts where `keep`, (prompts,) bool, is true."""
        if keep.all():
            return self
        classes, rows = keep[self.owner], keep[self.prompt]
        klass, owner = np.cumsum(classes) - 1, np.cumsum(keep) - 1
        return Pool(
            self.models, self.size[:, keep], self.reach, self.model[rows], klass[self.klass[rows]], self.count[rows],
            owner[self.owner[classes]],
        )  # fmt: skip


@dataclass(frozen=True)
class Shelf:
    """Counts of (model, class, quality), sorted by model, then class: pools at any floor.

    `prompts` are the (prompt, domain) codes of each prompt, `left_out` the models that share too few of them.
    """

    models: tuple[str, ...]
    prompts: np.ndarray
    size: np.ndarray
    reach: np.ndarray
    model: np.ndarray
    klass: np.ndarray
    quality: np.ndarray
    count: np.ndarray
    owner: np.ndarray
    left_out: tuple[str, ...]
    of_prompts: int

    def at(self, floor: float) -> Pool:
        """The pool of the samples with quality of at least `floor`."""
        rows = self.quality >= floor
        key = self.model[rows] * max(self.owner.size, 1) + self.klass[rows]
        first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if key.size else np.zeros(0, dtype=np.int64)
        count = np.add.reduceat(self.count[rows], first) if key.size else key
        model, klass = self.model[rows][first], self.klass[rows][first]
        return Pool(self.models, self.size, self.reach, model, klass, count, self.owner)


def shelf_of(store: RunStore, asked: Sequence[str], *, seed: int) -> Shelf:
    """The counts of the models of `store` (the `asked` ones, where there are any) on the prompts that they share.

    A model joins as long as the shared prompts do not fall under half of what they were (asked ones always join). Where most
    prompts of a model hold many samples and few hold less, those few are left out.
    """
    names = tuple(m for m in store.models if not asked or m in asked)
    sizes, keys = _sizes(store, names)
    kept, shared = sharing(sizes > 0, insists=bool(asked))
    reach, full = reaches(sizes[kept][:, shared])
    chosen = np.flatnonzero(shared)[full]
    drawn = _drawn(store, keys[chosen], seed)
    chosen = chosen[drawn]
    left = tuple(name for place, name in enumerate(names) if place not in kept)
    models = tuple(names[place] for place in kept)
    rows = _rows(store, models, keys[chosen])
    return Shelf(models, keys[chosen], sizes[kept][:, chosen], reach, *rows, left, int(full.sum()))


def sharing(has: np.ndarray, *, insists: bool) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the models that are mixed, ascending, and (prompts,) bool where all of them have samples.

    `has` (models, prompts) bool. Those with the most prompts come first.
    """
    order = np.argsort(-has.sum(axis=1), kind="stable")
    chosen: list[int] = []
    shared = np.ones(has.shape[1], dtype=bool)
    for model in order:
        joint = shared & has[model]
        if insists or not chosen or 2 * joint.sum() >= shared.sum():
            chosen, shared = [*chosen, int(model)], joint
    return np.array(sorted(chosen), dtype=np.int64), shared


def reaches(size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(models,) draws that each model has on every kept prompt, and (prompts,) bool which prompts are kept.

    What 9 in 10 prompts of a model reach; where that would cost more than a tenth of the prompts for all models together, what
    all of them reach.
    """
    reach = np.array([reached_size(row, share=REACH) for row in size], dtype=np.int64)
    full = np.asarray((size >= reach[:, None]).all(axis=0))
    if not size.size or full.mean() >= REACH:
        return reach, full
    return size.min(axis=1), np.ones(size.shape[1], dtype=bool)


def _sizes(store: RunStore, models: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(models, prompts) samples of each cell, 0 where there is none; and the (prompts, 2) codes of prompt and domain."""
    frame = store.sizes().group_by("model", "prompt", "domain").agg(pl.col("size").sum())
    model, prompt, domain, size = (frame[name].cast(pl.Int64).to_numpy() for name in ("model", "prompt", "domain", "size"))
    keys, place = np.unique(np.stack([prompt, domain], axis=1), axis=0, return_inverse=True)
    table = np.zeros((len(store.models), len(keys)), dtype=np.int64)
    table[model, place.ravel()] = size
    return table[[store.models.index(name) for name in models]], keys


def _drawn(store: RunStore, keys: np.ndarray, seed: int) -> np.ndarray:
    """(prompts,) bool: all prompts, or a seeded draw where there are too many."""
    return ranked(store, keys, seed) < MOST_PROMPTS


def ranked(store: RunStore, keys: np.ndarray, seed: int) -> np.ndarray:
    """(prompts,) place of each prompt in a seeded order that depends on names only."""
    names = [f"{store.prompts[prompt]}\0{store.domains[domain]}" for prompt, domain in keys]
    order = sorted(range(len(names)), key=lambda place: (prompt_rank(names[place], seed), names[place]))
    place = np.empty(len(names), dtype=np.int64)
    place[order] = np.arange(len(names))
    return place


def _rows(
    store: RunStore, models: Sequence[str], keys: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """`model`, `klass`, `quality`, `count` of the counts on these prompts, by model and class; and the prompt of each class."""
    columns = {"prompt": pl.UInt32, "domain": pl.UInt32}
    wanted = pl.DataFrame({**dict(zip(columns, keys.T, strict=True)), "place": np.arange(len(keys))}).cast(columns)  # type: ignore[arg-type]
    codes = pl.DataFrame({"model": [store.models.index(m) for m in models], "mine": np.arange(len(models))}).cast(
        {"model": pl.UInt32}
    )
    fields = ["mine", "place", "class", "quality", "count"]
    frames = [f.join(codes, on="model").join(wanted, on=["prompt", "domain"]).select(fields) for f in store.frames()]
    whole = pl.concat(frames) if frames else pl.DataFrame(schema=dict.fromkeys(fields, pl.Int64))
    model, place, label, count = (whole[name].cast(pl.Int64).to_numpy() for name in ("mine", "place", "class", "count"))
    owner, klass = _dense(place, label)
    order = key_order(model, klass, -whole["quality"].to_numpy())
    return model[order], klass[order], whole["quality"].to_numpy()[order], count[order], owner


def _dense(place: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(classes,) prompt of each class, and (rows,) the class of each row, numbered in order of prompt and label."""
    order = key_order(place, label)
    p, c = place[order], label[order]
    new = np.r_[True, (p[1:] != p[:-1]) | (c[1:] != c[:-1])] if order.size else np.zeros(0, dtype=bool)
    klass = np.empty(order.size, dtype=np.int64)
    klass[order] = np.cumsum(new) - 1
    return p[new], klass
