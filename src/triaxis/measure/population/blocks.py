"""The joint counts of several models on the prompts that all of them share: the form every figure of a population is computed on.

The one idea: classes are numbered per *prompt*, not per cell, so that two models which say the same have the same number. Rows
are sorted by class, model and falling quality; whatever is a sum over groups of rows is then swept over all floors at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from triaxis.measure.axes import check_asked, curve_length
from triaxis.measure.cells import key_order
from triaxis.measure.store import RunStore

MOST_MODELS = 200
Key = tuple[int, int]


@dataclass(frozen=True)
class Block:
    """Counts of (class of a prompt, model, quality) in one domain (None is all), and the samples of every cell.

    `prompt`, `model`, `klass`, `count`: (rows,) int64, numbered from 0 and `klass` in the order of prompts; `quality`: (rows,)
    float64. `sizes`: (models, prompts) int64, N of every cell. All cells have at least `length` samples. `shared` prompts there
    are in all; those that do not reach `length` are left out. `twin` names the only domain there is.
    """

    models: tuple[str, ...]
    domain: str | None
    prompt: np.ndarray
    model: np.ndarray
    klass: np.ndarray
    quality: np.ndarray
    count: np.ndarray
    sizes: np.ndarray
    length: int
    shared: int
    twin: str | None = None

    @property
    def prompts(self) -> int:
        return int(self.sizes.shape[1])

    @cached_property
    def size(self) -> np.ndarray:
        """(rows,) samples of the row's cell."""
        found: np.ndarray = self.sizes[self.model, self.prompt]
        return found

    @cached_property
    def entry(self) -> np.ndarray:
        """(rows,) number of the row's (class, model)."""
        return np.asarray(self.klass * len(self.models) + self.model)

    @cached_property
    def cell(self) -> np.ndarray:
        """(rows,) number of the row's (prompt, model)."""
        return np.asarray(self.prompt * len(self.models) + self.model)

    def at(self, floors: np.ndarray) -> np.ndarray:
        """(rows,) the highest of `floors` that the row passes; they ascend from minus infinity."""
        return np.searchsorted(floors, self.quality, side="right") - 1

    def above(self, floor: float) -> "Block":
        """The usable samples alone; sizes and prompts stay."""
        return self.where(self.quality >= floor)

    def on(self, prompts: np.ndarray) -> "Block":
        """The prompts at the ascending positions `prompts`, renumbered."""
        new = np.full(self.prompts, -1)
        new[prompts] = np.arange(prompts.size)
        kept = self.where(new[self.prompt] >= 0)
        klass = np.unique(kept.klass, return_inverse=True)[1]
        return Block(
            self.models, self.domain, new[kept.prompt], kept.model, klass, kept.quality, kept.count, self.sizes[:, prompts],
            self.length, self.shared, self.twin,
        )  # fmt: skip

    def where(self, keep: np.ndarray) -> "Block":
        """The rows where `keep` is true; sizes and prompts stay."""
        if keep.all():
            return self
        return Block(
            self.models, self.domain, self.prompt[keep], self.model[keep], self.klass[keep], self.quality[keep],
            self.count[keep], self.sizes, self.length, self.shared, self.twin,
        )  # fmt: skip


def sweep(prompt: np.ndarray, at: np.ndarray, gain: np.ndarray, *, prompts: int, floors: int) -> np.ndarray:
    """(prompts, floors): adds each row's `gain` at the highest floor it passes, then sums from high floors to low."""
    flat = np.bincount(prompt * floors + at, weights=gain, minlength=prompts * floors).astype(np.float64)
    return np.ascontiguousarray(np.cumsum(flat.reshape(prompts, floors)[:, ::-1], axis=1)[:, ::-1])


def order_of(key: np.ndarray) -> np.ndarray:
    """(rows,) a stable order of `key`, integers from 0; with its place each key is distinct, which sorts three times faster."""
    if key.size and int(key.max()) < 2**62 // key.size:
        return np.argsort(key * key.size + np.arange(key.size))
    return np.argsort(key, kind="stable")


def falling(group: np.ndarray, at: np.ndarray) -> np.ndarray:
    """(rows,) the order by group, then from high floors to low."""
    top = int(at.max(initial=0))
    return order_of(group * (top + 1) + (top - at))


def running(group: np.ndarray, at: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(rows,) sum of `weight` over the row and those of its group that come before it, from high floors to low."""
    order = falling(group, at)
    total = np.cumsum(weight[order])
    first = np.flatnonzero(np.r_[True, np.diff(group[order]) != 0]) if group.size else np.zeros(0, dtype=np.int64)
    before = (total[first] - weight[order][first]).repeat(np.diff(np.r_[first, group.size]))
    out = np.empty_like(total)
    out[order] = total - before
    return out


def joined_models(
    keys: Mapping[str, set[Key]], asked: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...], set[Key]]:
    """Which models make the population: sorted names, a sentence for those left out, and the (prompt, domain) keys all share.

    `asked` ones, else those with the most prompts (of equals by name), at most 200. They join as long as the shared prompts do
    not fall under half of what they were; asked ones always join.
    """
    check_asked(asked, keys)
    order = list(dict.fromkeys(asked)) or sorted(keys, key=lambda m: (-len(keys[m]), m))
    chosen, strangers, shared = order[:1], [], set(keys[order[0]]) if order else set()
    for name in order[1:MOST_MODELS]:
        joint = shared & keys[name]
        if not asked and 2 * len(joint) < len(shared):
            strangers.append(name)
        else:
            chosen, shared = [*chosen, name], joint
    return tuple(sorted(chosen)), tuple(_left_out(strangers, order[MOST_MODELS:])), shared


def _left_out(strangers: list[str], beyond: list[str]) -> Iterator[str]:
    if strangers:
        some = ", ".join(strangers[:5]) + (", ..." if len(strangers) > 5 else "")
        why = f"{len(strangers)} models share under half of the prompts and are left out ({some})"
        yield f"population: {why}; --compare includes them"
    if beyond:
        yield f"population: only {MOST_MODELS} models are compared at once, {len(beyond)} are left out; --compare chooses them"


def keys_of_models(store: RunStore) -> dict[str, set[Key]]:
    """The (prompt, domain) codes at which each model has measured samples."""
    keys: dict[str, set[Key]] = {model: set() for model in store.models}
    for model, prompt, domain in store.sizes().select("model", "prompt", "domain").iter_rows():
        keys[store.models[model]].add((prompt, domain))
    return keys


def blocks(store: RunStore, models: tuple[str, ...], shared: set[Key], budgets: tuple[int, ...]) -> Iterator[Block]:
    """All domains together first, then each domain if there are several, with at least one prompt each.

    `budgets` are those asked for by name; prompts on which some model has fewer samples than the curve is long are left out.
    """
    counts = _counts(store, models, shared)
    domains = np.unique(counts["domain"].to_numpy())
    twin = store.domains[int(domains[0])] if len(domains) == 1 else None
    for domain in (None, *(map(int, domains) if twin is None else ())):
        mine = counts if domain is None else counts.filter(pl.col("domain") == domain)
        yield _block(mine, models, None if domain is None else store.domains[domain], budgets, twin)


def _counts(store: RunStore, models: tuple[str, ...], shared: set[Key]) -> pl.DataFrame:
    """Counts of `models` on the `shared` keys, with the model's position in `models`."""
    place = pl.DataFrame({"model": [store.models.index(m) for m in models], "place": range(len(models))})
    keys = pl.DataFrame(sorted(shared), schema=["prompt", "domain"], orient="row")
    kept = [
        frame.join(place.cast({"model": pl.UInt32}), on="model").join(keys.cast(pl.UInt32), on=["prompt", "domain"])
        for frame in store.frames()
    ]
    return pl.concat(kept)


def _block(
    counts: pl.DataFrame, models: tuple[str, ...], domain: str | None, budgets: tuple[int, ...], twin: str | None
) -> Block:
    key, klass, model = (counts[name].to_numpy().astype(np.int64) for name in ("prompt", "class", "place"))
    domains = counts["domain"].to_numpy().astype(np.int64)
    quality, count = counts["quality"].to_numpy(), counts["count"].to_numpy().astype(np.int64)
    order = key_order(key, domains, klass, model, -quality)
    key, domains, klass, model, quality, count = (a[order] for a in (key, domains, klass, model, quality, count))
    new_prompt = np.r_[True, (np.diff(key) != 0) | (np.diff(domains) != 0)]
    prompt, number = np.cumsum(new_prompt) - 1, np.cumsum(new_prompt | np.r_[True, np.diff(klass) != 0]) - 1
    shape = len(models), int(prompt[-1]) + 1
    sizes = np.bincount(model * shape[1] + prompt, weights=count, minlength=shape[0] * shape[1]).astype(np.int64).reshape(shape)
    least = sizes.min(axis=0)
    length = curve_length(least, budgets)
    whole = Block(models, domain, prompt, model, number, quality, count, sizes, length, shape[1], twin)
    return whole.on(np.flatnonzero(least >= length))
