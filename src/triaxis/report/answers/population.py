"""Do the models say the same? Within and between models over floors, effective models, and what each single model adds."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from triaxis.report.answers.blocks import (
    Block,
    Cell,
    Column,
    Figure,
    Room,
    Section,
    Table,
    Words,
    digits_of,
    domain_name,
    domains_of,
    figure,
    figure_cell,
    floors_shown,
    high_floor,
    left_words,
    named_cell,
    null_words,
    of_domain,
    point,
    prompts_words,
    rounded,
    rows_of,
    together,
    unique,
    where,
)
from triaxis.report.answers.homogeneity import cluster_words, homogeneity
from triaxis.report.levels import floor_words
from triaxis.report.phrase import Sentence
from triaxis.report.text import floor_name, interval, number, plural
from triaxis.report.view import GateView, Row

CORRECTED, EFFECTIVE = "effective models (order 2, corrected)", "effective models"
BUDGETED = ("mixture", "within", "between", "ratio")
CURVES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("spread", "The mixture of all models, and one model alone", "different usable answers", ("mixture", "within")),
    ("same", "Pairs of answers that say the same", "share of pairs", ("same within", "same between")),
    ("effective", "How many different models they amount to", "effective models", (CORRECTED, EFFECTIVE)),
    ("cosine", "Cosine of pairs of answers", "mean cosine", ("intra-model cosine", "inter-model cosine")),
)
NAMES = {
    "mixture": "mixture of all models",
    "within": "within one model",
    "same within": "two answers of one model",
    "same between": "answers of two models",
}
TONES = ("tone1", "tone0")
NEAR = 1.6
HOW = (
    "All figures are above a quality floor, over all models that share prompts. n draws from the mixture of the models are set "
    "against n draws from one model, at equal n: what the first gives more is diversity between models.",
    "The null shuffles the labels of models among the answers to one prompt: it is what the same answers would give if no model "
    "had a voice of its own. The ceiling is the most there can be: the number of models, or the cosine of paraphrases.",
    "Effective models: the Vendi score of the model x model similarity; 1 where all say the same, the number of models where "
    "none ever says what another says. Order 2 weighs large groups more. Few samples make models look more different than "
    "they are: the null says by how much, and the corrected figure, from pairs of different samples, is free of it.",
    "As the floor rises prompts drop out that have too few usable answers; how many are left stands under each figure.",
)


def population(view: GateView, room: Room) -> Section | None:
    """The section on the population of models; None without rows."""
    rows = rows_of(view, "population").filter(pl.col("value").is_not_null())
    rest = homogeneity(view, room)
    models = list(model_table(view, room))
    if not rows.height and not rest and not models:
        return None
    whole = together(rows)
    blocks: list[Block] = [*_figures(view, rows, room), *_table(view, whole, room), *rest, *models]
    reasons = unique(rows_of(view, "population").filter(pl.col("value").is_null())["reason"].drop_nulls())
    blocks += [Words(f"Not measured: {reason}", is_fine=True) for reason in reasons[:3]]
    first, *more = sentences(view, whole) or [("How alike the models are, pair by pair.",)]
    return Section("population", "Do the models say the same?", first, blocks, HOW, more)


def sentences(view: GateView, rows: pl.DataFrame) -> list[Sentence]:
    """Effective models against their null, then the mixture against one model; at the lowest floor and a high one."""
    told = [_effective(view, rows), _spread(view, rows), _first(rows), cluster_words(view)]
    return [(text,) for text in [one for one in told if one][:2]]


def _effective(view: GateView, rows: pl.DataFrame) -> str:
    known = set(rows["measure"])
    measure = CORRECTED if CORRECTED in known else EFFECTIVE
    low, high = _ends(view, rows.filter(pl.col("measure") == measure))
    if low is None:
        return ""
    null = f"; indistinguishable ones would look like {_null(low)}" if low["null"] is not None else ""
    above = f"; at floor {floor_name(high['floor'])} it is {figure(high)}" if high is not None else ""
    above += f" (null {_null(high)}, {prompts_words(high)})" if high is not None and high["null"] is not None else ""
    count = plural(low["models"], "model") if low["models"] is not None else "The models"
    return f"{count} behave like {figure(low)} {_at(low)}{null}{above}."


def _null(row: Row) -> str:
    digits = digits_of(row["value"])
    return f"{number(row['null'], digits)} {interval(row['null_low'], row['null_high'], digits)}".rstrip()


def _at(row: Row) -> str:
    where = "with no floor" if row["floor"] is None else f"at floor {floor_name(row['floor'])}"
    return f"{where} ({prompts_words(row)})"


def _spread(view: GateView, rows: pl.DataFrame) -> str:
    budget = _budget(view, rows)
    mixture, within = (rows.filter(pl.col("measure") == name, where("budget", budget)) for name in ("mixture", "within"))
    low, high = _ends(view, mixture)
    alone = {row["floor"]: row for row in within.to_dicts()}
    if low is None or budget is None:
        return ""
    if low["floor"] not in alone:
        return f"{plural(budget, 'draw')} from all models give {figure(low)} different answers {_at(low)}."
    told = f"{plural(budget, 'draw')} from all models give {figure(low)} different answers against {figure(alone[low['floor']])} "
    told += f"from one model {_at(low)}"
    if high is not None and high["floor"] in alone:
        told += f"; at floor {floor_name(high['floor'])} {figure(high)} against {figure(alone[high['floor']])}"
    return f"{told}."


def _first(rows: pl.DataFrame) -> str:
    """Whatever was measured first, for runs that have neither of the two."""
    row = next(iter(rows.to_dicts()), None)
    if row is None or row["measure"] in (EFFECTIVE, *BUDGETED):
        return ""
    beside = f" ({null_words(row)})" if null_words(row) else ""
    return f"{row['measure'][:1].upper()}{row['measure'][1:]}: {figure(row)}{beside} {_at(row)}."


def _ends(view: GateView, rows: pl.DataFrame) -> tuple[Row | None, Row | None]:
    """The row at no floor (else the lowest), and at the highest floor that leaves a fifth of the samples, where it differs."""
    ordered = rows.sort("floor", nulls_last=False).to_dicts()
    if not ordered:
        return None, None
    top = high_floor(view)
    high = [row for row in ordered if row["floor"] is not None and (top is None or row["floor"] <= top)]
    return ordered[0], high[-1] if high and high[-1]["floor"] != ordered[0]["floor"] else None


def _budget(view: GateView, rows: pl.DataFrame) -> int | None:
    known = rows.filter(pl.col("measure") == "mixture")["budget"].drop_nulls().unique().to_list()
    return view.budget if view.budget in known else max(known, default=None)


def _figures(view: GateView, rows: pl.DataFrame, room: Room) -> Iterable[Figure]:
    shown, left = domains_of(rows, room.most(20))
    for key, title, axis, measures in CURVES:
        own = rows.filter(pl.col("measure").is_in(measures))
        if own["floor"].n_unique() < 2:
            continue  # the table says it
        budget = _budget(view, rows) if measures[0] in BUDGETED else None
        y = axis if budget is None else f"{axis} in {plural(budget, 'draw')} per prompt"
        variants = [(domain_name(d), _lines(of_domain(own, d), measures, budget, y, room)) for d in shown]
        kept = [(name, lines) for name, lines in variants if lines["s"]]
        yield Figure(
            f"population-{key}",
            title,
            f"{title}, over the quality floor; the table has the figures",
            kept,
            "Domain",
            "Bands are 95 % intervals where they were computed; dashed lines are the null.",
            left_words(left, "domain", "population"),
        )


def _lines(rows: pl.DataFrame, measures: Sequence[str], budget: int | None, y: str, room: Room) -> dict[str, Any]:
    lines = []
    for measure, tone in zip(measures, TONES, strict=False):
        own = rows.filter(pl.col("measure") == measure)
        own = own if budget is None else own.filter(where("budget", budget))
        found = thin(own.sort("floor", nulls_last=False).to_dicts(), room.most(80, 8))
        lines += _with_null(found, NAMES.get(measure, measure), tone)
    return {"k": "lines", "x": "quality floor", "y": y, "zero": 1, "s": lines}


def _with_null(rows: list[Row], name: str, tone: str) -> list[dict[str, Any]]:
    """A line, with its null as a dashed one and its ceiling as a grey one where they exist."""
    kept = [row for row in rows if row["value"] is not None]
    if not kept:
        return []
    line = {"n": name, "c": tone, "p": [point(row["floor"], row) for row in kept]}
    null = [point(row["floor"], row, ("null", "null_low", "null_high")) for row in kept if row["null"] is not None]
    most = NEAR * max(row["value"] for row in kept)  # a ceiling far above would press the curves together; the table has it
    near = [row for row in kept if row["ceiling"] is not None and row["ceiling"] <= most]
    top = [[row["floor"], rounded(row["ceiling"]), None, None] for row in near]
    more = [{"n": f"{name}, null", "c": tone, "d": 1, "p": null}] if null else []
    return [line, *more, *([{"n": f"{name}, ceiling", "c": "soft", "d": 1, "p": top}] if top else [])]


def thin(rows: list[Row], most: int) -> list[Row]:
    """At most `most` rows, those with intervals first, spread evenly; first and last always."""
    if len(rows) <= most:
        return rows
    banded = [i for i, row in enumerate(rows) if row.get("low") is not None]
    pool = banded if len(banded) >= most else list(range(len(rows)))
    kept = {0, len(rows) - 1, *(pool[i * (len(pool) - 1) // (most - 3)] for i in range(most - 2))}
    return [rows[i] for i in sorted(kept)]


def _table(view: GateView, rows: pl.DataFrame, room: Room) -> Iterable[Table]:
    """Every measure at no floor and two more, with nulls; where several budgets were taken, the reference one."""
    if not rows.height:
        return
    budget = _budget(view, rows)
    own = rows.filter(pl.col("budget").is_null() | where("budget", budget) | pl.lit(budget is None))
    floors = floors_shown(view, own)
    by_key = {(row["measure"], row["budget"], row["floor"]): row for row in own.to_dicts()}
    measures = unique((row["measure"], row["budget"]) for row in own.to_dicts())
    most = room.most(30, 6)
    columns = [Column("measure"), *(Column(floor_words(floor), is_number=True) for floor in floors)]
    table = [[_measure_cell(key), *(_cell(by_key.get((*key, floor))) for floor in floors)] for key in measures[:most]]
    note = "All domains. Under each figure its null and ceiling, and the prompts that are left."
    yield Table("The figures", note, columns, table, left_words(len(measures) - most, "measure", "population"))


def _measure_cell(key: tuple[str, int | None]) -> Cell:
    return Cell([key[0] if key[1] is None else f"{key[0]}, {plural(key[1], 'draw')}"])


def _cell(row: Row | None) -> Cell:
    if row is None:
        return Cell(["–"])
    return figure_cell(row, " · ".join(filter(None, [null_words(row), prompts_words(row)])))


def model_table(view: GateView, room: Room) -> Iterable[Table]:
    """Each model on its own: one column for each measure and floor."""
    rows = together(rows_of(view, "population_models").filter(pl.col("value").is_not_null()))
    if not rows.height:
        return
    floors = floors_shown(view, rows)
    budget = _reference(view, rows)
    own = rows.filter(pl.col("floor").is_in([f for f in floors if f is not None]) | pl.col("floor").is_null())
    own = own.filter(pl.col("budget").is_null() | where("budget", budget))
    keys = unique((row["measure"], row["floor"]) for row in own.sort("floor", nulls_last=False, maintain_order=True).to_dicts())
    shown = sorted(keys[:12], key=lambda key: [m for m, _ in keys].index(key[0]))
    by_key = {(row["model"], row["measure"], row["floor"]): row for row in own.to_dicts()}
    known = set(own["model"])
    models = [model for model in view.models if model in known]
    most = room.most(200, 10)
    quality = {row["model"]: row for row in together(rows_of(view, "quality")).to_dicts()}
    columns = [Column("model"), *([Column("mean quality", True)] if quality else [])]
    columns += [Column(f"{m}, {floor_words(f)}", is_number=True) for m, f in shown]
    table = [
        [named_cell(m), *([figure_cell(quality.get(m))] if quality else []), *(_cell(by_key.get((m, *key))) for key in shown)]
        for m in models[:most]
    ]
    left = " ".join(
        filter(
            None,
            [
                left_words(len(models) - most, "model", "population_models"),
                left_words(len(keys) - len(shown), "measure", "population_models"),
            ],
        )
    )
    note = "" if budget is None else f"What depends on the number of draws: in {plural(budget, 'draw')} per prompt."
    yield Table("Each model", note, columns, table, left)


def _reference(view: GateView, rows: pl.DataFrame) -> int | None:
    known = rows["budget"].drop_nulls().unique().to_list()
    return view.budget if view.budget in known else max(known, default=None)
