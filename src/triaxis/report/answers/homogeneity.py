"""Model against model: a map of cells ordered by cluster, the clusters by name, and phrases that several models share."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from triaxis.report.answers.blocks import (
    Block,
    Cell,
    Column,
    Figure,
    Room,
    Table,
    count_cell,
    floors_shown,
    heads,
    left_words,
    rows_of,
    shown_name,
    together,
    unique,
    where,
)
from triaxis.report.levels import floor_words
from triaxis.report.text import number, plural, trimmed
from triaxis.report.view import GateView, Row

MOST_MAPS = 4
MOST_PHRASES = 50
MOST_NAMES = 12
COUNTS = ("words", "models", "samples", "prompts")
MAP_NOTE = "Models that say the same stand together; the frames are clusters. Hover for value, interval and null."
SILHOUETTE_NOTE = (
    "Silhouette: −1 to 1, how much nearer a model is to its own cluster than to the next one. There are several clusters only "
    "where it is above the null, which 95 % of shuffled labels of models stay under."
)
Key = tuple[str, float | None]


def homogeneity(view: GateView, room: Room) -> list[Block]:
    """Map, clusters and shared phrases, as far as there are rows."""
    return [*_map(view, room), *_clusters(view, room), *_phrases(view, room)]


def _map(view: GateView, room: Room) -> Iterable[Figure]:
    rows = together(rows_of(view, "population_pairs").filter(pl.col("value").is_not_null()))
    if not rows.height:
        return
    keys = _keys(view, rows)
    shown = keys[: room.most(MOST_MAPS, 1)]
    known = set(rows["model_a"]) | set(rows["model_b"])
    models = [model for model in view.models if model in known]
    kept = models[: room.most(200, 8)]
    variants = [(f"{measure}, {floor_words(floor)}", _cells(view, rows, (measure, floor), kept)) for measure, floor in shown]
    left = " ".join(
        filter(
            None,
            [
                left_words(len(keys) - len(shown), "map", "population_pairs"),
                left_words(len(models) - len(kept), "model", "population_pairs"),
            ],
        )
    )
    title, words = "Model against model", "Model against model as coloured cells; the arrow keys walk through them"
    yield Figure("population-pairs", title, words, variants, "Measure", MAP_NOTE, left, is_half=False)


def _keys(view: GateView, rows: pl.DataFrame) -> list[Key]:
    """Measures at few floors, in the order of the table."""
    keys = []
    for measure in unique(rows["measure"]):
        floors = floors_shown(view, rows.filter(pl.col("measure") == measure))
        keys += [(measure, floor) for floor in floors]
    return keys


def _cells(view: GateView, rows: pl.DataFrame, key: Key, models: Sequence[str]) -> dict[str, Any]:
    """The upper triangle in thousandths, row by row, with models in the order of their clusters."""
    own = _at(rows, key)
    groups = cluster_of(view, key)
    order = sorted(models, key=lambda model: groups.get(model, len(models)))
    place = {model: i for i, model in enumerate(order)}
    size = len(order)
    cells = size * (size + 1) // 2  # a model with itself included
    triangle: dict[str, list[int | None]] = {name: [None] * cells for name in ("value", "low", "high", "null")}
    for row in own.to_dicts():
        if row["model_a"] in place and row["model_b"] in place:
            i, j = sorted((place[row["model_a"]], place[row["model_b"]]))
            for name, found in triangle.items():
                found[i * size - i * (i - 1) // 2 + j - i] = None if row[name] is None else round(1000 * row[name])
    ends = {name: _brief(triangle[name]) for name in ("low", "high", "null")}
    return {
        "k": "heat",
        "y": key[0],
        "names": [shown_name(model) for model in order],
        "v": triangle["value"],
        **ends,
        "blocks": _blocks([groups.get(model) for model in order]),
    }


def _brief(cells: list[int | None]) -> list[int | None] | int | None:
    """One number where all are the same, which a null often is."""
    return cells[0] if len(set(cells)) == 1 else cells


def _blocks(groups: Sequence[int | None]) -> list[list[int]]:
    """[first place, size] of each cluster with several models."""
    found = [[groups.index(group), groups.count(group)] for group in unique(group for group in groups if group is not None)]
    return [block for block in found if block[1] > 1]


def _at(rows: pl.DataFrame, key: Key) -> pl.DataFrame:
    return rows.filter(pl.col("measure") == key[0], where("floor", key[1]))


def cluster_of(view: GateView, key: Key) -> dict[str, int]:
    """Cluster of each model by this measure at this floor, else by whatever was clustered first."""
    rows = together(rows_of(view, "model_clusters"))
    own = _at(rows, key)
    if not own.height and rows.height:
        own = _at(rows, (rows["measure"][0], rows["floor"][0]))
    return dict(own.select("model", "cluster").drop_nulls().iter_rows())


def _clusters(view: GateView, room: Room) -> Iterable[Table]:
    rows = together(rows_of(view, "model_clusters").filter(pl.col("cluster").is_not_null()))
    if not rows.height:
        return
    groups = rows.partition_by("measure", "floor", "cluster", maintain_order=True)
    most = room.most(40, 6)
    columns = heads("clustered by", "floor", "cluster#", "models~")
    columns += heads("silhouette#", "null#")
    left = left_words(len(groups) - most, "cluster", "model_clusters")
    yield Table("Clusters of models", SILHOUETTE_NOTE, columns, [_cluster(group) for group in groups[:most]], left)


def _cluster(rows: pl.DataFrame) -> list[Cell]:
    first = rows.row(0, named=True)
    names = [shown_name(model) for model in rows["model"]]
    rest = f"and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    silhouette, null = _mean(rows["silhouette"]), _mean(rows["null"])
    return [
        Cell([first["measure"]]),
        Cell([floor_words(first["floor"])]),
        count_cell(first["cluster"]),
        Cell([*names[:MOST_NAMES], *([rest] if rest else [])], is_name=True),
        Cell([number(silhouette)], silhouette),
        Cell([number(null)], null),
    ]


def _mean(values: pl.Series) -> float | None:
    known = values.drop_nulls().to_list()
    return sum(known) / len(known) if known else None


def cluster_words(view: GateView) -> str:
    """How many clusters, and whether they are more than chance makes; empty without any."""
    rows = together(rows_of(view, "model_clusters").filter(pl.col("cluster").is_not_null()))
    if not rows.height:
        return ""
    first: Row = rows.row(0, named=True)
    own = _at(rows, (first["measure"], first["floor"]))
    silhouette, null = _mean(own["silhouette"]), first["null"]
    against = f" where shuffled labels stay under {number(null)}" if null is not None else ""
    how = f"{first['measure']}, {floor_words(first['floor'])}"
    clusters = plural(first["clusters"] or own["cluster"].n_unique(), "cluster")
    return f"They fall into {clusters} by {how} (silhouette {number(silhouette)}{against})."


def _phrases(view: GateView, room: Room) -> Iterable[Table]:
    rows = together(rows_of(view, "shared_phrases"))
    if not rows.height:
        return
    ordered = rows.sort("models", "samples", "words", descending=True, nulls_last=True, maintain_order=True)
    most = room.most(MOST_PHRASES, 5)
    counts = (Column(name, True) for name in COUNTS)
    columns = [Column("phrase", is_long=True), Column("floor"), *counts, Column("of", is_long=True)]
    table = [_phrase(row) for row in ordered.head(most).to_dicts()]
    left = left_words(rows.height - most, "phrase", "shared_phrases")
    yield Table("Phrases that models share word by word", "", columns, table, left)


def _phrase(row: Row) -> list[Cell]:
    names = trimmed(row["model_names"] or "", 200)
    phrase, floor = Cell([trimmed(row["phrase"] or "", 240)], is_name=True), Cell([floor_words(row["floor"])])
    return [phrase, floor, *(count_cell(row[name]) for name in COUNTS), Cell([names], is_name=True)]
