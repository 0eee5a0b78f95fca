"""Numbers of the answers (population, domains, series, profile) against naive programs of their own, in exact fractions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations
from math import comb, inf
from typing import Any

import numpy as np
import polars as pl
import pytest

from triaxis import measure
from triaxis.measure.levels.choice import LevelOptions
from triaxis.measure.outcome import AnswerOptions
from triaxis.measure.profile.word_vectors import nearest_by_words, vocabulary
from triaxis.results import Results

Row = dict[str, Any]
Cell = list[tuple[str, float]]
NO_METRICS = LevelOptions(metrics=("none",), complexity=())


def samples(seed: int, *, models: int = 3, prompts: int = 4, most: int = 3) -> list[Row]:
    """Ragged cells, prompts that models lack, prompts in two domains, huge and negative qualities, some without one."""
    rng = np.random.default_rng(seed)
    qualities: Sequence[float | None] = [[0.0, 1.0, 2.0], [-1e12, -3.5, 1e-9, 7.0], [5.0]][seed % 3]
    rows: list[Row] = []
    for prompt in range(prompts):
        for domain in "xy" if prompt == 3 else "xy"[rng.integers(2)]:
            for model in range(models):
                for _ in range(int(rng.integers(1, most + 1)) if rng.random() > 0.1 else 0):
                    row = {"prompt_id": f"p{prompt}", "domain": domain, "model": f"m{model}", "response": "?"}
                    known = (None, float("nan")) if rng.random() < 0.05 else qualities
                    rows.append(row | {"c": str(rng.integers(4)), "quality": known[int(rng.integers(len(known)))]})
    return rows


def cells_of(rows: Sequence[Row]) -> dict[tuple[str, tuple[str, str]], Cell]:
    """Measured (class, quality) of every (model, (prompt, domain))."""
    cells = defaultdict(list)
    for row in rows:
        if row["quality"] is not None and row["quality"] == row["quality"]:
            cells[row["model"], (row["prompt_id"], row["domain"])].append((row["c"], row["quality"]))
    return dict(cells)


def measured(rows: Sequence[Row], **answers: Any) -> Results:
    frame = pl.DataFrame(rows, infer_schema_length=None, schema_overrides={"quality": pl.Float64})
    options = AnswerOptions(ensembles=False, **answers)
    return measure.run(
        frame, equivalence="column:c@prompt", quality="quality", draws=200, examples=0, levels=NO_METRICS, answers=options
    )


def counts(cell: Cell, floor: float) -> Counter[str]:
    return Counter(label for label, quality in cell if quality >= floor)


def missed(size: int, members: int, draws: int) -> Fraction:
    return Fraction(comb(size - members, draws), comb(size, draws))


def drawn(cell: Cell, floor: float, draws: int) -> Fraction:
    """Expected usable classes in `draws` of the samples."""
    return sum((1 - missed(len(cell), m, draws) for m in counts(cell, floor).values()), Fraction(0))


def mixed(cells: Sequence[Cell], floor: float, draws: int) -> Fraction:
    """The same for the even mixture: every choice of the models that draw once more."""
    each, more = divmod(draws, len(cells))
    known = [counts(cell, floor) for cell in cells]
    choices = list(combinations(range(len(cells)), more))
    total = Fraction(0)
    for chosen in choices:
        for label in set().union(*known):
            miss = Fraction(1)
            for place, (cell, count) in enumerate(zip(cells, known, strict=True)):
                miss *= missed(len(cell), count[label], each + (place in chosen))
            total += 1 - miss
    return total / len(choices)


def same(cells: Sequence[Cell], floor: float, *, within: bool) -> Fraction | None:
    """Share of pairs of one class, each cell (or pair of cells) with one weight, given that both are usable."""
    pairs: list[tuple[Fraction, bool]] = []
    sides = [(cell, cell) for cell in cells] if within else list(combinations(cells, 2))
    for first, second in sides:
        for i, (a, of_a) in enumerate(first):
            for j, (b, of_b) in enumerate(second):
                if not (within and i == j) and of_a >= floor and of_b >= floor:
                    pairs.append((Fraction(1, len(first) * (len(second) - within)), a == b))
    return sum((w for w, alike in pairs if alike), Fraction(0)) / sum(w for w, _ in pairs) if pairs else None


def mean(values: Iterable[Fraction | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(sum(known) / len(known)) if known else None


def is_value(found: float | None, expected: float | Fraction | None) -> bool:
    if found is None or expected is None:
        return found is expected
    return found == pytest.approx(float(expected), rel=1e-9, abs=1e-9)


def reached(sizes: Sequence[int]) -> int:
    """What nine in ten of the prompts hold."""
    return max(n for n in sizes if 10 * sum(size >= n for size in sizes) >= 9 * len(sizes))


@pytest.mark.parametrize("seed", range(2))
def test_the_population_is_what_all_draws_and_all_pairs_give(seed: int) -> None:
    rows = samples(seed)
    cells, table = cells_of(rows), measured(rows).tables["population"]
    models = sorted({model for model, _ in cells})
    shared = [key for key in {key for _, key in cells} if all((model, key) in cells for model in models)]
    checked = set()
    for row in table.filter(~pl.col("measure").str.contains("effective|change|phrases")).iter_rows(named=True):
        keys = [key for key in shared if row["domain"] in (None, key[1])]
        length = reached([min(len(cells[m, key]) for m in models) for key in keys])
        own = [group for key in keys if min(map(len, group := [cells[m, key] for m in models])) >= length]
        floor, draws = -inf if row["floor"] is None else row["floor"], row["budget"]
        within = [sum((drawn(cell, floor, draws or 1) for cell in group), Fraction(0)) / len(group) for group in own]
        pools = [[one for cell in group for one in cell] for group in own]
        alike = {f"same {kind}": [same(group, floor, within=kind == "within") for group in own] for kind in ("within", "between")}
        expected: float | Fraction | None
        if row["measure"] == "usable share":
            expected = mean(Fraction(sum(counts(c, floor).values()), len(c)) / len(g) * len(models) for g in own for c in g)
        elif row["measure"] == "within":
            expected = mean(within)
            assert is_value(row["null"], mean(drawn(pool, floor, draws) for pool in pools))
        elif row["measure"] in ("mixture", "between", "ratio"):
            together, alone = mean(mixed(group, floor, draws) for group in own) or 0.0, mean(within) or 0.0
            split = {"mixture": together, "between": together - alone, "ratio": together / alone if alone else None}
            expected = split[row["measure"]]
        elif row["measure"] == "same within less between":
            both = zip(alike["same within"], alike["same between"], strict=True)
            expected = mean(None if a is None or b is None else a - b for a, b in both)
        else:
            expected = mean(alike[row["measure"]])
            assert row["prompts_left"] == sum(value is not None for value in alike[row["measure"]])
        assert is_value(row["value"], expected), row
        assert (row["value"] is None) == (row["reason"] is not None)
        assert row["prompts"] == len(own)
        checked.add(row["measure"])
    assert {"usable share", "within", "mixture", "same within", "same between", "same within less between"} <= checked


@pytest.mark.parametrize("seed", range(10, 12))
def test_what_a_bar_takes_and_mean_quality_are_what_counting_by_hand_gives(seed: int) -> None:
    rows = samples(seed)
    cells, found = cells_of(rows), measured(rows, populations=False).tables
    for row in found["filter_effect"].iter_rows(named=True):
        floor, pools = -inf if row["floor"] is None else row["floor"], defaultdict[tuple[str, str], Cell](list)
        for (model, key), cell in cells.items():
            if row["model"] in (None, model) and row["domain"] in (None, key[1]):
                pools[key] += cell
        own = [cell for cell in pools.values() if len(cell) > 1]
        kept = [Fraction(len(counts(cell, floor))) for cell in own]
        usable = [sum(counts(cell, floor).values()) for cell in own]
        chance = [drawn(cell, -inf, count) for cell, count in zip(own, usable, strict=True)]
        assert is_value(row["kept_classes"], mean(kept))
        assert is_value(row["by_chance"], mean(chance))
        assert is_value(row["value"], sum(kept) / sum(chance) if sum(chance) else None)
        assert (row["prompts"], row["prompts_left"]) == (len(own), sum(map(bool, usable)))
    for row in found["quality"].iter_rows(named=True):
        own = [cell for (model, key), cell in cells.items() if model == row["model"] and row["domain"] in (None, key[1])]
        assert is_value(row["value"], mean(sum((Fraction(q) for _, q in cell), Fraction(0)) / len(cell) for cell in own))


def test_openness_is_told_among_as_many_answers_as_half_of_the_prompts_have_where_their_number_is_even() -> None:
    """Half of two prompts, one with 5 answers and one with 1, have 5: the median of 3 lies between."""
    sizes = [(0, 5), (1, 1)]
    rows = [
        {"prompt_id": f"p{prompt}", "model": f"m{number % 2}", "response": "?", "c": str(number % 3), "quality": 1.0}
        for prompt, size in sizes for number in range(size)
    ]  # fmt: skip
    assert measured(rows, populations=False).tables["openness"]["equal_count"].unique().to_list() == [5]


def test_the_null_of_effective_models_lies_in_its_own_range_where_permuted_labels_give_more_models_a_usable_answer() -> None:
    """One of four models has all usable answers; dealt out anew they belong to several."""
    rows = [
        {"prompt_id": f"p{prompt}", "model": f"m{model}", "response": "?", "c": str(number), "quality": float(model == 0)}
        for prompt in range(12) for model in range(4) for number in range(3)
    ]  # fmt: skip
    table = measured(rows).tables["population"].filter(pl.col("measure").str.starts_with("effective models"), floor=1.0)
    known = table.filter(~pl.col("measure").str.contains("change")).drop_nulls("null").drop_nulls("null_high")
    assert known["ceiling"].to_list() == [1.0] * known.height
    assert (known["null"] > 1.5).any()
    assert ((known["null_low"] <= known["null"]) & (known["null"] <= known["null_high"]) & (known["null_high"] <= 4)).all()


def test_the_null_of_effective_models_by_cosine_stays_within_one_and_the_number_of_models() -> None:
    """Answers that point anywhere: permuted labels leave nearly as many models as there are, and no more."""
    rng = np.random.default_rng(6)
    rows: list[Row] = [
        {"prompt_id": f"p{prompt}", "model": f"m{model}", "response": "?", "c": "0", "quality": 1.0, "vector": rng.normal(size=4)}
        for prompt in range(2) for model in range(2)
    ]  # fmt: skip
    found = measured(rows, vectors="vector").tables["population"].filter(measure="effective models (cosine)").drop_nulls("null")
    assert found.height
    assert ((found["null_low"] >= 1) & (found["null"] <= found["null_high"]) & (found["null_high"] <= found["models"])).all()


def test_copies_of_a_text_are_equally_rare_to_the_bit() -> None:
    """Float32 lengths leave 6e-8 of some texts and nothing of others; ranks would take that for an order."""
    texts = [" ".join(words) for size in (2, 3, 5) for words in combinations("aabcdefg", size)]
    rows = vocabulary([*texts, *texts]).vectors([*texts, *texts])
    found = np.concatenate([distance for _, distance in nearest_by_words(rows)])
    assert (found == 0).all()


def halves_found_again(first: Cell, later: Cell, floor: float, *, is_first: bool) -> Fraction | None:
    """Classes of half of the first step's samples, and how many of them as large a draw of `later` gives again."""
    half, more = len(first) // 2, len(first) - len(first) // 2
    named = found = Fraction(0)
    for some in combinations(range(len(first)), half):
        start = set(counts([first[i] for i in some], floor))
        others = [i for i in range(len(first)) if i not in some] if is_first else range(len(later))
        draws = list(combinations(others, more))
        again = sum(len(start & set(counts([later[i] for i in draw], floor))) for draw in draws)
        named, found = named + len(start), found + Fraction(again, len(draws))
    return found / named if named else None


def test_capacity_left_is_the_mean_over_all_halves_of_the_first_step() -> None:
    rng = np.random.default_rng(4)
    rows: list[Row] = [
        {"prompt_id": f"p{prompt}", "model": "r", "step": step, "response": "?"}
        | {"c": f"{rng.integers(4)}", "quality": 1.0 * rng.integers(2)}
        for prompt in range(6) for step in (0, 10, 30) for _ in range(5)
    ]  # fmt: skip
    table = measured(rows, series="step", populations=False).tables["series"].filter(measure="capacity left", domain="(none)")
    cells = {step: cells_of([row | {"domain": ""} for row in rows if row["step"] == step]) for step in (0, 10, 30)}
    assert table.height == 6
    for row in table.iter_rows(named=True):
        floor = -inf if row["floor"] is None else row["floor"]
        later, is_first = cells[row["step"]], row["step"] == 0
        each = [halves_found_again(cell, later[key], floor, is_first=is_first) for key, cell in cells[0].items()]
        assert is_value(row["value"], mean(each))
        assert row["prompts_left"] == sum(value is not None for value in each)


def test_a_mixture_is_not_chosen_on_no_prompt_at_all() -> None:
    rows = [("p", model, i, f"{model}{i}") for model in ("a", "b") for i in range(4)]
    frame = pl.DataFrame(rows, schema=["prompt_id", "model", "sample_index", "response"], orient="row")
    levels = LevelOptions(metrics=("none",), complexity=())
    found = measure.run(frame, equivalence="exact", levels=levels, examples=0)
    assert not found.to_frame("ensemble").height
    (reason,) = [line.reason for line in found.manifest.not_run if line.analysis == "mixtures of models"]
    assert "needs 2 prompts" in reason
