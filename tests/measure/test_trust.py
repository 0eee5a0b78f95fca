"""The axiom report on samples made to break one axiom at a time, and on real ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

from triaxis import diversity
from triaxis.errors import Undefined
from triaxis.measure.levels.cells import LevelCell, level_cells
from triaxis.measure.trust import CHECKS, SCHEMA, trust_report
from triaxis.measure.trust.seen import MOST_CELLS, sampled
from triaxis.protocols import Diversity
from triaxis.registry import create
from triaxis.responses import Responses, Traits

WORDS = tuple(f"{a}{b}" for a in ("ka", "lo", "mi", "nu", "pe", "ri", "so", "tu") for b in ("dar", "fen", "gol", "hum", "jik"))
TRAITS = Traits("lexical", "A metric of these tests that breaks what its name says.", high=float("inf"), source="this test")


@dataclass(frozen=True)
class Made:
    """A metric from a function of texts."""

    of: object
    name: str = "made"
    traits: Traits = TRAITS

    def value(self, responses: Responses) -> float:
        if len(responses) < 2:
            raise Undefined("needs two answers")
        return float(self.of(list(responses.texts)))  # type: ignore[operator]


def cells(models: Sequence[str] = ("a", "b"), prompts: int = 20, answers: int = 6) -> list[LevelCell]:
    """Answers of random words; those of odd prompts are longer, and half of each cell's answers are the same."""
    rng = np.random.default_rng(3)
    made = []
    for model in models:
        for number in range(prompts):
            length = 6 + number
            texts = [" ".join(rng.choice(WORDS, length)) for _ in range(answers)]
            texts[1] = texts[0]
            order = rng.permutation(answers)
            made.append(LevelCell(model, "(none)", f"p{number}", Responses(texts), np.zeros(answers), order))
    return made


def finding(of: object, check: str, some: Sequence[LevelCell] | None = None, **changes: object) -> dict[str, object]:
    metric = Made(of, traits=Traits(**{**TRAITS.__dict__, **changes}))  # type: ignore[arg-type]
    report = trust_report(cells() if some is None else some, [metric], 0, size=4)
    return report.filter(pl.col("check") == check).row(0, named=True)


def mean_length(texts: list[str]) -> float:
    return float(np.mean([len(text) for text in texts]))


def distinct_texts(texts: list[str]) -> float:
    return len(set(texts)) / len(texts)


def test_a_metric_of_length_is_distrusted_with_its_correlation() -> None:
    found = finding(mean_length, "length")
    assert found["verdict"] == "distrust"
    assert float(str(found["low"])) > 0.5
    assert "longer answers look more diverse" in str(found["reason"])
    turned = finding(mean_length, "length", higher_is="less diverse")
    assert "shorter answers look more diverse" in str(turned["reason"])


def test_a_metric_that_cannot_see_length_is_not() -> None:
    rng = np.random.default_rng(0)
    noise = {cell.responses.texts[0]: rng.random() for cell in cells(prompts=100)}
    found = finding(lambda texts: max(noise.get(text, 0) for text in texts), "length", cells(prompts=100))
    assert found["verdict"] == "trust"


def test_a_count_is_raised_by_copies_and_a_share_is_not() -> None:
    assert finding(len, "copies")["verdict"] == "distrust"
    assert finding(distinct_texts, "copies")["verdict"] == "trust"
    assert finding(lambda texts: -len(texts), "copies", higher_is="less diverse")["verdict"] == "distrust"


def test_words_dealt_out_at_random_are_more_diverse_to_a_metric_of_different_texts() -> None:
    found = finding(distinct_texts, "shuffled words")
    assert found["verdict"] == "distrust"
    assert "dealt out at random" in str(found["reason"])
    assert finding(lambda texts: len(" ".join(texts).split()), "shuffled words")["verdict"] == "trust"
    assert finding(len, "shuffled words", needs=frozenset({"vectors"}))["verdict"] == "cannot tell"


def test_size_is_trouble_only_where_models_have_different_numbers_of_answers() -> None:
    uneven = [*cells(("a",), answers=6), *cells(("b",), answers=12)]
    assert finding(len, "size", uneven)["verdict"] == "distrust"
    assert finding(len, "size")["verdict"] == "trust"
    assert finding(len, "size", uneven, is_size_free=True)["verdict"] == "trust"


def test_a_metric_at_the_end_of_its_range_is_saturated() -> None:
    assert finding(lambda texts: 1.0, "saturation", high=1.0)["verdict"] == "distrust"
    assert "within 2 %" in str(finding(lambda texts: 1.0, "saturation", high=1.0)["reason"])


def test_answers_to_one_prompt_that_look_as_different_as_to_different_prompts_are_told() -> None:
    found = finding(lambda texts: 3.0 + 0.001 * len(texts[0]), "saturation")
    assert found["verdict"] == "distrust"
    assert "different prompts" in str(found["reason"])
    assert finding(distinct_texts, "saturation")["verdict"] == "trust"


def test_one_value_for_most_cells_is_no_resolution() -> None:
    assert finding(lambda texts: float(len(texts[0]) > 10**6), "ties")["verdict"] == "distrust"
    assert finding(mean_length, "ties")["verdict"] == "trust"


def test_models_in_the_order_of_meaning_and_against_it() -> None:
    names = ("a", "b", "c", "d", "e", "f")
    many = cells(names, prompts=12)
    rank = {text: names.index(cell.model) for cell in many for text in cell.responses.texts}
    of_labels = Traits(**{**TRAITS.__dict__, "needs": frozenset({"labels"}), "low": -99.0})  # whose texts nobody shuffles
    forward = Made(lambda texts: rank[texts[0]] + 0.001 * len(texts[0]), "cosine-distance", of_labels)
    against, along = (Made(lambda texts, s=sign: s * rank[texts[0]], f"by{sign}", of_labels) for sign in (-1, 1))
    report = trust_report(many, [forward, against, along], 0, size=4).filter(pl.col("check") == "meaning")
    assert dict(report.select("metric", "verdict").iter_rows()) == {"by-1": "distrust", "by1": "trust"}
    short = trust_report(many[:24], [forward, along], 0, size=4).filter(pl.col("check") == "meaning", pl.col("metric") == "by1")
    assert short["verdict"].to_list() == ["cannot tell"]


def test_what_people_said_is_cited_from_the_shipped_table() -> None:
    diversity.register_all()
    report = trust_report(cells(), [create("diversity", "self-repetition"), Made(len)], 0).filter(pl.col("check") == "people")
    known, unknown = report.iter_rows(named=True)
    assert "judged for content" in known["reason"]
    assert known["value"] < 0.5
    assert unknown["verdict"] == "cannot tell"


def test_every_check_has_a_row_with_a_sentence_and_a_known_verdict() -> None:
    report = trust_report(cells(), [Made(distinct_texts)], 0, size=4)
    assert dict(report.schema) == SCHEMA
    assert set(report["check"]) == {*CHECKS, "meaning"} - {"convergence"}
    assert set(report["verdict"]) <= {"trust", "distrust", "cannot tell"}
    assert all(reason.endswith(".") and len(reason.split()) > 3 for reason in report["reason"])


def test_too_few_cells_cannot_tell_and_none_are_no_error() -> None:
    few = trust_report(cells(("a",), prompts=2), [Made(distinct_texts)], 0, size=4)
    assert set(few.filter(pl.col("check").is_in(["length", "ties", "size", "shuffled words"]))["verdict"]) == {"cannot tell"}
    assert trust_report([], [Made(distinct_texts)], 0).filter(pl.col("verdict") != "cannot tell").height == 0


def test_the_same_seed_gives_the_same_report_and_whole_prompts_are_sampled() -> None:
    many = cells(("a", "b", "c"), prompts=150, answers=2)
    some = sampled(many, seed=5)
    assert len(some) <= MOST_CELLS
    assert all(sum(cell.prompt == prompt for cell in some) == 3 for prompt in {cell.prompt for cell in some})
    assert [cell.prompt for cell in some] == [cell.prompt for cell in sampled(many, seed=5)]
    assert trust_report(cells(), [Made(len)], 1).equals(trust_report(cells(), [Made(len)], 1))


def vendi_cells(answers: int) -> list[LevelCell]:
    rows = pl.DataFrame(
        [
            (f"m{m}", "(none)", f"p{p}", f"text {m} {p} {i}", 0.0, i, i, p * answers + i)
            for m in range(2) for p in range(10) for i in range(answers)
        ],
        schema=["model", "domain", "prompt_id", "response", "quality", "class", "index", "row"], orient="row",
    )  # fmt: skip

    class Random:
        name = "random"

        def embed(self, texts: Sequence[str], *, progress: object = None) -> np.ndarray:
            vectors = np.random.default_rng(1).standard_normal((len(texts), 64)).astype(np.float32)
            return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    return level_cells(rows.with_columns(prompt=pl.lit("Say it.")), seed=0, embedder=Random(), progress=None)


def test_a_vendi_score_that_still_grows_has_not_converged() -> None:
    diversity.register_all()
    vendi: Diversity = create("diversity", "vendi")
    report = trust_report(vendi_cells(12), [vendi], 0).filter(pl.col("check") == "convergence")
    assert report["verdict"].to_list() == ["distrust"]
    assert "has not converged" in report["reason"][0]


@pytest.mark.parametrize("name", ["distinct", "rouge-l", "compression"])
def test_metrics_of_triaxis_have_a_full_report(name: str) -> None:
    diversity.register_all()
    report = trust_report(cells(), [create("diversity", name)], 0)
    assert report.height == len(CHECKS)
