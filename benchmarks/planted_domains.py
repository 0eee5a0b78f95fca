"""Are changes by domain, openness and the filter effect right where the truth is planted? Error rates over simulated worlds.

    python benchmarks/planted_domains.py --simulations 200

Every world is a fresh draw of prompts, samples and qualities, counted and measured as `triaxis measure` does. Prints Markdown.
"""

import argparse
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.optimize import brentq

from benchmarks._table import show
from triaxis.measure.axes import Axes, interval_floors, shown_floors
from triaxis.measure.domains.changes import domain_changes_of_counts
from triaxis.measure.domains.filter_effect import filter_effect_of_counts
from triaxis.measure.domains.level_changes import domain_changes_of_texts
from triaxis.measure.domains.openness import openness_of_counts, openness_of_prompts
from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.options import Options
from triaxis.measure.outcome import Outcome, Seen
from triaxis.measure.store import COUNT_SCHEMA, LOST_SCHEMA, RunStore, StoreHeader
from triaxis.registry import create
from triaxis.responses import Responses

PROMPTS, SAMPLES = 40, 10
NARROWED = 0.7
OPTIONS = Options(draws=500)
PAIR = ("base", "tuned")
OPEN = {"closed": 2, "narrow": 5, "wide": 20, "open": 80}
OTHERS = ("other 1", "other 2", "other 3", "other 4")

Draw = Callable[[np.random.Generator, int], np.ndarray]
"""Classes of the samples of one cell, given how many classes its prompt admits."""


class Cell(NamedTuple):
    """Samples of one model for one prompt: classes and qualities."""

    model: str
    domain: str
    prompt: int
    classes: np.ndarray
    quality: np.ndarray


def store_of(cells: Sequence[Cell]) -> RunStore:
    """The run store of `cells`, made without reading texts."""
    models, domains = (tuple(sorted({getattr(cell, name) for cell in cells})) for name in ("model", "domain"))
    prompts = tuple(sorted({f"{cell.domain}{cell.prompt:04}" for cell in cells}))
    place = {name: code for code, name in enumerate(prompts)}
    frames = [
        pl.DataFrame({
            "model": models.index(cell.model), "prompt": place[f"{cell.domain}{cell.prompt:04}"],
            "domain": domains.index(cell.domain), "class": cell.classes, "quality": cell.quality,
        })
        for cell in cells
    ]  # fmt: skip
    counts = pl.concat(frames).group_by("model", "prompt", "domain", "class", "quality").len("count").sort(pl.all())
    none = pl.lit(-1)
    part = counts.with_columns(none.alias("first_index"), none.alias("last_index")).select(
        pl.col(name).cast(kind) for name, kind in COUNT_SCHEMA.items()
    )
    planted = "planted"
    header = StoreHeader(
        quality=planted, quality_source=planted, equivalence=planted, scope="prompt", rule=planted, is_pairwise=False
    )
    return RunStore(header, models, prompts, domains, (part,), pl.DataFrame(schema=LOST_SCHEMA))


def axes_of(store: RunStore) -> Axes:
    """The floors that a run would choose, and one budget."""
    floors = shown_floors(*store.qualities(), ())
    return Axes(floors, interval_floors(floors, ()), (SAMPLES,), (SAMPLES,))


def spread_out(rng: np.random.Generator, classes: int, *, mode: float = 0.0) -> np.ndarray:
    """Classes of a cell: the first with probability `mode`, else any of `classes`."""
    drawn = rng.integers(0, classes, SAMPLES)
    return np.where(rng.random(SAMPLES) < mode, 0, drawn)


def expected(classes: int, mode: float = 0.0) -> float:
    """Expected number of different classes in a cell."""
    share = np.full(classes, (1 - mode) / classes)
    share[0] += mode
    return float((1 - (1 - share) ** SAMPLES).sum())


@cache
def mode_that_narrows(classes: int) -> float:
    """The weight of one class with which a cell has 70 % of the classes that it would have."""
    return float(brentq(lambda mode: expected(classes, mode) - NARROWED * expected(classes), 0, 1))


def qualities(rng: np.random.Generator, classes: np.ndarray, *, of_common: float = 0.0, by_class: bool = False) -> np.ndarray:
    """Whole numbers 1-5; better by `of_common` in the commonest class; the same for all of a class where `by_class`."""
    score = (rng.random(int(classes.max()) + 1) * 5)[classes] if by_class else rng.random(classes.size) * 5
    common = np.bincount(classes).argmax()
    return np.clip(np.floor(score + of_common * (classes == common)) + 1, 1, 5)


def changed_world(seed: int) -> list[Cell]:
    """Verse, where the tuned model has 30 % fewer classes; sums, where only the draws differ; 8 to 40 classes a prompt."""
    rng = np.random.default_rng(seed)
    cells = []
    for domain in ("verse", "sums"):
        for prompt, classes in enumerate(rng.integers(8, 41, PROMPTS)):
            for model in PAIR:
                is_narrow = (domain, model) == ("verse", "tuned")
                drawn = spread_out(rng, int(classes), mode=mode_that_narrows(int(classes)) if is_narrow else 0.0)
                cells.append(Cell(model, domain, prompt, drawn, qualities(rng, drawn)))
    return cells


def verdicts_by_count(cells: Sequence[Cell]) -> pl.DataFrame:
    """Rows of `domain_changes` from counts."""
    store = store_of(cells)
    return rows(domain_changes_of_counts(store, axes_of(store), OPTIONS, changes=[PAIR]), "domain_changes")


def verdicts_by_text(cells: Sequence[Cell]) -> pl.DataFrame:
    """Rows of `domain_changes` for a lexical metric: each class is a word."""
    found = [_level_cell(cell) for cell in cells]
    seen = Seen(found, "prompt", True, np.array([-np.inf, 2.0, 3.0]), (create("diversity", "distinct:1"),), 5)
    return rows(domain_changes_of_texts(seen, OPTIONS, changes=[PAIR]), "domain_changes")


def _level_cell(cell: Cell) -> LevelCell:
    order = np.random.default_rng(cell.prompt).permutation(SAMPLES)
    responses = Responses([f"word{number}" for number in cell.classes], labels=cell.classes)
    return LevelCell(cell.model, cell.domain, f"{cell.domain}{cell.prompt}", responses, cell.quality, order)


def rows(outcome: Outcome, name: str) -> pl.DataFrame:
    """A table of one world, without its gate."""
    return pl.concat(outcome.tables[name])


class Calls(NamedTuple):
    """Of one world: is the narrower domain called narrower at no floor and at floor 3; is a change called where there is none, at
    any floor; is the same called the same at no floor."""

    ungated: bool
    gated: bool
    false_call: bool
    same: bool


def calls(found: pl.DataFrame, metric: str) -> Calls:
    """What the verdicts of `metric` say."""
    own = found.filter(pl.col("metric") == metric)

    def words(domain: str, floor: float | None) -> list[str]:
        return own.filter(pl.col("domain") == domain, pl.col("floor").eq_missing(pl.lit(floor, pl.Float64)))["verdict"].to_list()

    unchanged = own.filter(pl.col("domain") == "sums")["verdict"]
    moved = bool(unchanged.is_in(["narrows", "widens"]).any())
    is_same = words("sums", None) == ["same within delta"]
    return Calls(words("verse", None) == ["narrows"], words("verse", 3.0) == ["narrows"], moved, is_same)


def open_world(seed: int) -> list[Cell]:
    """Four domains of 2, 5, 20 and 80 equally likely classes, four models that draw from them alike."""
    rng = np.random.default_rng(seed)
    return [
        Cell(model, domain, prompt, drawn, qualities(rng, drawn))
        for domain, classes in OPEN.items() for prompt in range(20) for model in OTHERS
        for drawn in [spread_out(rng, classes)]
    ]  # fmt: skip


def openness_of(cells: Sequence[Cell]) -> pl.DataFrame:
    """Rows of `openness` at no floor, with `truth`: the classes expected among equally many samples, and `classes` there are."""
    store = store_of(cells)
    found = rows(openness_of_counts(store, axes_of(store), OPTIONS), "openness")
    own = found.filter(pl.col("floor").is_null(), pl.col("domain").is_not_null())
    classes = own["domain"].replace_strict(OPEN, return_dtype=pl.Int64)
    truth = classes * (1 - (1 - 1 / classes.cast(pl.Float64)) ** own["equal_count"].cast(pl.Float64))
    return own.with_columns(classes.alias("classes"), truth.alias("truth"))


def filtered_world(seed: int, *, of_common: float = 0.0, by_class: bool = False) -> list[Cell]:
    """One model in one domain; quality as `qualities` says."""
    rng = np.random.default_rng(seed)
    return [
        Cell("m", "verse", prompt, drawn, qualities(rng, drawn, of_common=of_common, by_class=by_class))
        for prompt in range(PROMPTS) for drawn in [spread_out(rng, int(rng.integers(4, 17)), mode=0.3)]
    ]  # fmt: skip


def effect_at(cells: Sequence[Cell], floor: float) -> dict[str, float]:
    """The row of `filter_effect` of the model at `floor`."""
    store = store_of(cells)
    found = rows(filter_effect_of_counts(store, axes_of(store), OPTIONS), "filter_effect")
    return found.filter(model="m", floor=floor, domain="verse").to_dicts()[0]


TUNINGS: dict[str, Callable[[int], float]] = {
    "narrows closed tasks": lambda classes: max(0.0, 0.8 - classes / 25),
    "narrows all tasks by 30 %": mode_that_narrows,
    "changes nothing": lambda _: 0.0,
}
"""Weight of the commonest answer of the tuned model in a prompt that admits so many."""


def tuned_world(seed: int, mode_of: Callable[[int], float]) -> list[Cell]:
    """Prompts of 3 to 40 classes and a model that was tuned in one of the ways above."""
    rng = np.random.default_rng(seed)
    cells = []
    for prompt, classes in enumerate(rng.integers(3, 41, PROMPTS)):
        mode = mode_of(int(classes))
        for model in (*PAIR, *OTHERS):
            drawn = spread_out(rng, int(classes), mode=mode if model == "tuned" else 0.0)
            cells.append(Cell(model, "verse", prompt, drawn, qualities(rng, drawn)))
    return cells


def openness_effect_of(cells: Sequence[Cell]) -> dict[str, float]:
    """The row of `openness_effect` for U at no floor."""
    store = store_of(cells)
    axes = axes_of(store)
    opened = openness_of_prompts(store, axes, [PAIR])
    found = rows(domain_changes_of_counts(store, axes, OPTIONS, changes=[PAIR], openness=opened), "openness_effect")
    return found.filter(pl.col("floor").is_null(), domain="verse", metric=f"U({SAMPLES})").to_dicts()[0]


def share(flags: Sequence[bool]) -> str:
    """`0.95 ± 0.02`: a share and its standard error."""
    mean = float(np.mean(flags))
    return f"{mean:.3f} ± {np.sqrt(mean * (1 - mean) / len(flags)):.3f}"


def changes(simulations: int) -> None:
    """Power and false calls of verdicts."""
    found: dict[str, list[Calls]] = {"U(10)": [], "D(5)": [], "distinct:1": []}
    for seed in range(simulations):
        cells = changed_world(seed)
        counted, written = verdicts_by_count(cells), verdicts_by_text(cells)
        for metric, told in found.items():
            told.append(calls(written if metric == "distinct:1" else counted, metric))
    head = ["metric", "narrowed by 30 %: narrows, ungated", "at floor 3", "unchanged: a change at any floor", "the same, ungated"]
    lines = [[metric, *(share(flags) for flags in zip(*told, strict=True))] for metric, told in found.items()]
    show("Changes by domain", head, lines)


def openness(simulations: int) -> None:
    """Recovery of the planted number of classes, and coverage."""
    found = pl.concat([openness_of(open_world(seed)) for seed in range(simulations)])
    covers = (pl.col("low") <= pl.col("truth") + 1e-9) & (pl.col("truth") <= pl.col("high") + 1e-9)
    first, mean = [pl.col(name).first() for name in ("equal_count", "truth")], pl.col("value", "chao1").mean()
    table = found.group_by("domain", "classes", maintain_order=True).agg(*first, mean, covers.alias("covers"))
    head = ["domain", "classes", "samples drawn", "expected among them", "mean estimate", "mean Chao1", "interval covers"]
    lines = table.sort("classes").iter_rows()
    show("Openness", head, [[*line[:6], share([bool(flag) for flag in line[6]])] for line in lines])


def filters(simulations: int) -> None:
    """Coverage of 1 where quality has nothing to do with classes, power where it has."""
    worlds = {
        "independent of class": filtered_world,
        "better in the commonest class": partial(filtered_world, of_common=2.0),
        "the same for all of a class": partial(filtered_world, by_class=True),
    }
    lines = []
    for name, world in worlds.items():
        found = [effect_at(world(seed), 4.0) for seed in range(simulations)]
        covers, under = [[test(row) for row in found] for test in (_covers_one, _is_under_one)]
        lines.append([name, float(np.mean([row["value"] for row in found])), share(covers), share(under)])
    show("Filter effect at floor 4 of 5", ["quality is", "mean ratio", "interval holds 1", "interval under 1"], lines)


def _covers_one(row: dict[str, float]) -> bool:
    return row["low"] <= 1 <= row["high"]


def _is_under_one(row: dict[str, float]) -> bool:
    return row["high"] < 1


def effects(simulations: int) -> None:
    """Does openness tell where tuning narrows, and only then?"""
    lines = []
    for name, mode_of in TUNINGS.items():
        found = [openness_effect_of(tuned_world(seed, mode_of)) for seed in range(simulations)]
        rho = float(np.mean([row["rho"] for row in found]))
        lines.append([name, rho, share([row["low"] > 0 for row in found]), share([row["high"] < 0 for row in found])])
    show("Openness effect", ["tuning", "mean rho", "interval above 0", "interval under 0"], lines)


def main() -> None:
    """Runs all four."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=200)
    simulations = parser.parse_args().simulations
    for part in (changes, openness, filters, effects):
        part(simulations)


if __name__ == "__main__":
    main()
