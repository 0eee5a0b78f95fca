"""Numbers of the levels against programs of their own: fairness between models, sizes, intervals, nulls."""

import numpy as np
import polars as pl
import pytest

from tests.measure.levels.test_levels import Characters
from tests.measure.robust.varied import flipping
from tests.measure.samples import store_of
from triaxis import diversity
from triaxis.measure.complexity import complexity_table
from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.levels.figures import Undefineds, cell_values
from triaxis.measure.levels.nulls import other_prompts, shuffled
from triaxis.measure.levels.sets import answer_sets, set_rows
from triaxis.measure.levels.table import metric_rows
from triaxis.measure.robust.corrected import pairs_ppi
from triaxis.measure.robust.labelled import LabelledPairs
from triaxis.measure.tables import Resampling
from triaxis.protocols import Diversity, SelectiveDiversity
from triaxis.registry import create
from triaxis.responses import Responses

diversity.register_all()
UNGATED = np.array([-np.inf])


def answers(model: str, *, usable: float, prompts: int = 40, each: int = 10, seed: int, domain: str = "d") -> list[LevelCell]:
    """Answers to a prompt share its classes, its direction and no other prompt's; which are usable is chance."""
    rng = np.random.default_rng(seed)
    cells = []
    for prompt in range(prompts):
        labels = rng.integers(0, 6, each) + 6 * prompt
        vectors = rng.standard_normal(8) + 0.5 * rng.standard_normal((each, 8))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        texts = [f"c{label} w{word}" for label, word in zip(labels, rng.integers(0, 99, each), strict=True)]
        quality = (rng.random(each) < usable).astype(float)
        responses = Responses(texts, vectors.astype(np.float32), labels)
        cells.append(LevelCell(model, domain, f"{domain}{prompt}", responses, quality, rng.permutation(each)))
    return cells


@pytest.mark.parametrize("name", ["hill:0", "cosine-distance", "distinct:1", "chamfer"])
def test_of_two_models_that_answer_alike_the_one_with_more_usable_answers_looks_neither_more_nor_less_diverse(name: str) -> None:
    metric: Diversity = create("diversity", name)
    gaps = []
    for seed in range(12):
        cells = answers("all", usable=1.0, seed=seed) + answers("some", usable=0.3, seed=1000 + seed)
        rows = set_rows(metric, answer_sets(cells, seed=seed), np.array([1.0]), seed=0).filter(pl.col("domain") == "d")
        gaps.append(rows["value"][0] - rows["value"][1])
    assert abs(np.mean(gaps)) < 4 * np.std(gaps, ddof=1) / np.sqrt(len(gaps))


def test_a_set_of_under_ten_prompts_has_a_value_and_no_interval() -> None:
    sets = answer_sets(answers("m", usable=1.0, prompts=9, seed=1), seed=0)
    rows = set_rows(create("diversity", "hill:0"), sets, np.array([1.0]), seed=0)
    assert rows["value"].is_not_null().all()
    assert rows["low"].is_null().all()


def test_a_mean_over_domains_has_no_interval_where_one_of_them_has_none() -> None:
    cells = answers("m", usable=1.0, prompts=9, seed=1, domain="few") + answers("m", usable=1.0, seed=2, domain="many")
    rows = set_rows(create("diversity", "distinct:1"), answer_sets(cells, seed=0), np.array([1.0]), seed=0)
    assert dict(zip(rows["domain"], rows["low"].is_null(), strict=True)) == {None: True, "few": True, "many": False}


UNREAD = {
    "distinct-answers": ("The answer is {}.", "Hello!"),
    "ast-subtrees": ("def f(x):\n    return x{0}{0}1", "def f(x:\n    retur x"),
    "action-ngrams": ("Thought: a\nAction: t{}[x]\nAction: u[x]", "Hello!"),
}


def half_read(name: str, *, read: bool, seed: int) -> LevelCell:
    """16 answers of four kinds; every other one holds nothing that the metric reads unless `read`."""
    rng = np.random.default_rng(seed)
    said, unread = UNREAD[name]
    kinds = ["+", "-", "+~", "-~"] if name == "ast-subtrees" else [1, 2, 3, 4]
    texts = [said.format(kinds[kind]) if read or n % 2 else unread for n, kind in enumerate(rng.integers(0, 4, 16))]
    return LevelCell("m", "d", "p", Responses(texts), np.ones(16), rng.permutation(16))


@pytest.mark.parametrize("name", UNREAD)
def test_answers_in_which_a_metric_reads_nothing_make_a_model_look_no_more_diverse(name: str) -> None:
    metric: Diversity = create("diversity", name)
    cells = ([half_read(name, read=read, seed=int(read) * 150 + seed) for seed in range(150)] for read in (True, False))
    full, half = (cell_values(metric, some, UNGATED, size=5, undefined=Undefineds()) for some in cells)
    assert full.std() > 0
    assert abs(full.mean() - half.mean()) < 4 * np.hypot(full.std(), half.std()) / np.sqrt(150)


@pytest.mark.parametrize("name", UNREAD)
def test_a_value_rests_on_the_responses_that_are_read_and_on_no_other(name: str) -> None:
    metric = create("diversity", name)
    assert isinstance(metric, SelectiveDiversity)
    responses = half_read(name, read=False, seed=1).responses
    assert metric.value(responses) == metric.value(responses.at(np.flatnonzero(metric.reads(responses))))


def test_too_few_answers_that_are_read_have_no_value_and_a_reason() -> None:
    undefined = Undefineds()
    cell = LevelCell("m", "d", "p", Responses(["The answer is 1.", "The answer is 2.", "Hello!"]), np.ones(3), np.arange(3))
    assert np.isnan(cell_values(create("diversity", "distinct-answers"), [cell], UNGATED, size=3, undefined=undefined)).all()
    assert undefined.foremost == "fewer than 3 usable answers hold what it reads"


def test_values_that_differ_by_rounding_alone_are_ties_in_the_length_correlation() -> None:
    class Rounded(Characters):
        def value(self, responses: Responses) -> float:
            return 0.5 + 1e-13 * len(responses.texts[0])

    cells = [LevelCell("m", "d", f"p{n}", Responses(["x" * n, "y" * n]), np.ones(2), np.arange(2)) for n in range(1, 13)]
    rows = metric_rows(Rounded(), cells, UNGATED, size=2, resampling=Resampling(draws=50))
    assert rows["length_correlation"].is_nan().all()


class Wild:
    """A measure whose sums lose digits, other ones in another order."""

    name, says, unit, higher_is = "wild", "a number that stands in the text", "points", "more complex"

    def scores(self, samples: pl.DataFrame) -> np.ndarray:
        return samples["response"].cast(pl.Float64).to_numpy()


def test_the_order_of_rows_does_not_change_a_bit_of_complexity() -> None:
    keys = {"model": "m", "domain": "d", "prompt": "?", "quality": 1.0}
    texts = ["1e16", "1", "-1e16", "0.1", "3"] * 3
    rows = pl.DataFrame([{"prompt_id": f"p{n}", "response": text, **keys} for n in range(12) for text in texts])
    tables = [complexity_table(some, [Wild()], resampling=Resampling(draws=50)) for some in (rows, rows.reverse())]
    assert tables[0].equals(tables[1])


def test_the_nulls_of_all_domains_are_not_those_of_the_first_one() -> None:
    def cell(domain: str, prompt: int) -> LevelCell:
        words = ["same words"] * 2 if domain == "a" else [f"{prompt} words", f"{prompt} more words"]
        return LevelCell("m", domain, f"{domain}{prompt:03}", Responses(words), np.ones(2), np.arange(2))

    cells = [cell(domain, prompt) for domain in "ab" for prompt in range(60)]
    null = other_prompts(Characters(), cells, -np.inf, size=2)
    assert null == pytest.approx(1.5)  # 1 text in pairs of the first domain, 2 in those of the second
    assert shuffled(Characters(), cells, size=2, seed=0) > 1.0


def test_a_prompt_with_more_labelled_pairs_counts_no_more_in_the_error_of_the_rule() -> None:
    prompts = [f"q{n}" for n in range(40)]
    each = [9 if n % 2 else 1 for n in range(40)]  # the rule errs on every other prompt, of which there are more labels
    asked = np.repeat(np.array(prompts, dtype=object), each)
    said = np.repeat([float(n % 2) for n in range(40)], each)
    count = asked.size
    texts = pl.DataFrame({"first": ["x"] * count, "second": ["y"] * count, "prompt": ["?"] * count})
    pairs = LabelledPairs(texts, np.zeros(count), said, asked, np.array(["wild"] * count, dtype=object), np.full(count, 5.0))
    row = pairs_ppi(store_of(flipping(), "column:label"), pairs, said, models=["wild"]).row(0, named=True)
    assert row["value"] - row["by_rule"] == pytest.approx(-0.5)
