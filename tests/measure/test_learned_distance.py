"""`learned-distance`: by hand, in a run, and what it refuses; its contract is in tests/contract/test_diversity_contract.py."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import triaxis.measure.equivalences  # registers it
from tests.diversity.embedders import Words
from tests.diversity.heads import overlap_artefact
from triaxis import registry
from triaxis.diversity.equivalence.learned import Learned
from triaxis.diversity.semantic import learned_distance as module
from triaxis.diversity.semantic.learned_distance import LearnedDistance, mean_probability_of_difference
from triaxis.errors import InputError, Undefined
from triaxis.measure.api import run
from triaxis.measure.levels.choice import LevelOptions, chosen_metrics
from triaxis.protocols import Progress
from triaxis.registry import create
from triaxis.responses import Responses

TREES = ["a red oak", "the red oak", "sea"]


@pytest.fixture
def rule() -> Learned:
    """Same where half of the words are shared."""
    return Learned(overlap_artefact(), Words())


@pytest.fixture
def scripted(rule: Learned, monkeypatch: pytest.MonkeyPatch) -> None:
    """The registered metric with a head and an encoder that need no weights; `--embedder words` is that encoder."""
    kept = {kind: dict(held) for kind, held in registry._registered.items()}
    monkeypatch.setattr(registry, "_registered", kept)
    kept["embedder"]["words"] = Words
    monkeypatch.setattr(triaxis.measure.equivalences, "learned", lambda text="": rule)


def logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def test_three_answers_by_hand(rule: Learned) -> None:
    # words count alike: cosine 2/3 between the oaks, 0 with the sea; P(same) is logistic(8 x cosine - 4)
    expected = 1 - (logistic(8 * 2 / 3 - 4) + 2 * logistic(-4)) / 3
    assert LearnedDistance(rule).value(Responses(TREES, prompt_texts=["what?"] * 3)) == pytest.approx(expected)


def test_it_is_the_distance_of_the_rule(rule: Learned) -> None:
    metric, prompt = LearnedDistance(rule), "name a red tree"
    (expected,) = rule.distances([TREES], [prompt])
    assert metric.value(Responses(TREES, prompt_texts=[prompt] * 3)) == pytest.approx(expected)


def test_words_of_the_prompt_do_not_make_answers_alike(rule: Learned) -> None:
    metric = LearnedDistance(rule)
    told, untold = (metric.value(Responses(TREES[:2], prompt_texts=[text] * 2)) for text in ("a red oak, or the sea?", "what?"))
    assert told > 0.9 > untold


def test_each_answer_may_have_a_prompt_of_its_own_and_some_none(rule: Learned) -> None:
    metric = LearnedDistance(rule)
    mixed = metric.value(Responses(TREES[:2], prompt_texts=["red", None]))
    # `red` is said by the prompt of the first answer only: `a`, `oak` against `the`, `red`, `oak`
    assert mixed == pytest.approx(1 - logistic(8 / np.sqrt(2 * 3) - 4))


def test_blocks_of_pairs_change_nothing(rule: Learned, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{a} {b}" for a in "abcd" for b in "efg"]
    answers = rule.answers(texts)
    whole = mean_probability_of_difference(rule.artefact.head, answers)
    monkeypatch.setattr(module, "_PAIRS", 5)
    assert mean_probability_of_difference(rule.artefact.head, answers) == pytest.approx(whole, rel=1e-12)


class Asked(Words):
    """Writes down how many texts each call brings."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def embed(self, texts: Sequence[str], *, progress: Progress | None = None) -> np.ndarray:
        self.calls.append(len(texts))
        return super().embed(texts, progress=progress)


def test_many_sets_are_embedded_in_large_batches_and_have_the_values_they_have_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = Asked()
    metric = LearnedDistance(Learned(overlap_artefact(), encoder))
    sets = [Responses([f"{a} {b}" for b in "xyz"], prompt_texts=["what?"] * 3) for a in "abcde"]
    before = [metric.value(one) for one in sets]
    encoder.calls.clear()
    metric.prepare(sets)
    assert encoder.calls == [15 * 3]  # a text, its one piece and its prompt
    monkeypatch.setattr(module, "_TEXTS", 4)
    encoder.calls.clear()
    metric.prepare([*sets, Responses(["no prompt is known"])])
    assert encoder.calls == [12, 12, 12, 9]
    assert [metric.value(one) for one in sets] == before


def test_without_a_prompt_with_one_answer_or_with_too_many_there_is_no_value(rule: Learned) -> None:
    metric = LearnedDistance(rule)
    given = Responses(TREES, prompt_texts=["what?"] * 3)
    for texts in (None, [None] * 3):
        with pytest.raises(Undefined, match="needs the text of the prompt"):
            metric.value(replace(given, prompt_texts=texts))
    with pytest.raises(Undefined, match="needs 2 responses"):
        metric.value(given.at(np.array([0])))
    with pytest.raises(Undefined, match="takes at most 500 responses, got 501"):
        metric.value(given.at(np.zeros(501, dtype=np.int64)))


def test_a_folder_can_be_named_and_a_threshold_would_change_nothing(scripted: None) -> None:
    assert create("diversity", "learned-distance").name == "learned-distance"
    assert create("diversity", "learned-distance:mine").name == "learned-distance:mine"
    for spec in ("learned-distance:0.7", "learned-distance:mine@0.7"):
        with pytest.raises(InputError, match="learned-distance has no threshold"):
            create("diversity", spec)


def test_it_is_not_run_unless_an_encoder_is_asked_for(scripted: None) -> None:
    asked = LevelOptions(metrics=("learned-distance",))
    (missing,) = chosen_metrics(asked, has_vectors=False).not_run
    assert missing.reason == "needs an encoder; type --embedder minilm"
    assert [metric.name for metric in chosen_metrics(asked, has_vectors=True).metrics] == ["learned-distance"]


def test_no_library_of_models_is_loaded_before_the_first_value() -> None:
    script = (
        "import sys; from triaxis.measure.levels.choice import *; import triaxis.measure.api; "
        "chosen_metrics(LevelOptions(every=True), has_vectors=False); print({'torch', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def answers_of(prompts: int = 12) -> pl.DataFrame:
    """Five answers a prompt: those of `wide` share no word, those of `narrow` are one answer in two wordings."""
    rows = []
    for prompt in range(prompts):
        for place in range(5):
            wide = f"w{prompt}x{place} v{prompt}x{place}"
            narrow = f"w{prompt} v{prompt} u{prompt} {'now' if place % 2 else 'then'}"
            for model, text in (("wide", wide), ("narrow", narrow)):
                rows.append((f"p{prompt}", f"question {prompt}", model, text, place, float(place < 4)))
    return pl.DataFrame(rows, schema=["prompt_id", "prompt", "model", "response", "sample_index", "quality"], orient="row")


def test_measure_shows_it_ungated_above_the_floor_and_against_other_prompts(scripted: None) -> None:
    levels = LevelOptions(metrics=("learned-distance",), embedder="words")
    table = run(answers_of(), equivalence="exact", draws=200, levels=levels).tables["diversity_levels"]
    rows = {(row["model"], row["floor"]): row for row in table.filter(pl.col("domain").is_null()).to_dicts()}
    assert set(rows) == {(model, floor) for model in ("wide", "narrow") for floor in (None, 1.0)}
    assert rows["wide", None]["value"] == pytest.approx(1 - logistic(-4))
    # of five: 4 pairs of one wording are equal, 6 share three words of four
    assert rows["narrow", None]["value"] == pytest.approx(0.6 * (1 - logistic(8 * 3 / 4 - 4)))
    assert rows["narrow", None]["size"] is None
    assert rows["narrow", None]["other_prompts"] > 0.9
    assert rows["narrow", None]["shuffled"] is None


def test_a_set_of_answers_to_many_prompts_has_a_value_too(scripted: None) -> None:
    levels = LevelOptions(metrics=("learned-distance",), embedder="words")
    results = run(answers_of(), equivalence="exact", unit="set", draws=200, levels=levels)
    label = next(summary.gate.label for summary in results.manifest.gates if summary.gate.unit == "set")
    ungated = results.tables["diversity_levels"].filter(pl.col("floor").is_null(), pl.col("domain").is_null(), gate=label)
    values = dict(ungated.select("model", "value").iter_rows())
    assert values["wide"] > values["narrow"] > 0.8
