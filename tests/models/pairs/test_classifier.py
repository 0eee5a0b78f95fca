"""Real loading code on tiny weights made here: the same probabilities as one pair at a time, each pair once."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from tests.models.pairs.tiny import change_config, save_classifier
from triaxis.errors import InputError
from triaxis.models.pairs import PairClassifier, SamePairs, ShortAnswers, open_classifier
from triaxis.models.pairs.classifier import padded, planned
from triaxis.protocols import Pair

TEXTS = ("a robin", "an oak tree", "the robin sings", "x", "", "seven purple submarines drifted past", "a robin!")
PAIRS = [(first, second) for first in TEXTS for second in TEXTS if first != second]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_classifier(tmp_path_factory.mktemp("classifier"))


def opened(folder: Path, **options: object) -> PairClassifier:
    return open_classifier(str(folder), spec="equivalence 'hf-pair:x'", where=options.pop("where", None), **options)  # type: ignore[arg-type]


def one_at_a_time(folder: Path, pairs: list[tuple[str, str]], side: int = 30) -> np.ndarray:
    """What NoveltyBench does: one pair through tokenizer and model after the other, nothing padded."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    rows = []
    for first, second in pairs:
        sides = [tokenizer.encode(text, truncation=True, max_length=side, add_special_tokens=False) for text in (first, second)]
        ids = [tokenizer.cls_token_id, *sides[0], tokenizer.sep_token_id, *sides[1], tokenizer.sep_token_id]
        types = [0] * (len(sides[0]) + 2) + [1] * (len(sides[1]) + 1)
        with torch.inference_mode():
            logits = model(input_ids=torch.tensor([ids]), token_type_ids=torch.tensor([types])).logits
        rows.append(logits.double().softmax(-1)[0].numpy())
    return np.stack(rows)


def test_batches_give_what_one_pair_at_a_time_gives(folder: Path) -> None:
    found = opened(folder).probabilities(PAIRS)
    assert found.shape == (len(PAIRS), 2)
    assert found == pytest.approx(one_at_a_time(folder, PAIRS), abs=2e-6)
    assert len(np.unique(found[:, 1].round(3))) > 10  # random weights tell these pairs apart


def test_each_side_is_cut_to_its_own_tokens(folder: Path) -> None:
    long = "abcdefghij" * 4
    classifier = opened(folder, side=12)
    found = classifier.probabilities([(long, "x"), (long[:12], "x"), ("x", long)])
    assert found[0] == pytest.approx(found[1], abs=1e-6)
    assert found == pytest.approx(one_at_a_time(folder, [(long, "x"), (long[:12], "x"), ("x", long)], side=12), abs=2e-6)
    assert classifier.truncated == 1


def test_no_side_is_longer_than_what_fits_twice(folder: Path) -> None:
    long = "z" * 200
    found = opened(folder, side=128).probabilities([(long, long + "y")])  # 64 positions: 30 a side and 3 special ones
    assert found == pytest.approx(one_at_a_time(folder, [("z" * 30, "z" * 30)]), abs=2e-6)


def test_what_was_asked_once_is_on_disk_for_the_next_process(folder: Path, tmp_path: Path) -> None:
    first = opened(folder, where=tmp_path)
    values = first.probabilities(PAIRS[:20])
    again = opened(folder, where=tmp_path)
    assert np.array_equal(again.probabilities(PAIRS[:25])[:20], values)
    assert (first.computed, again.computed) == (20, 5)


def test_another_side_or_other_weights_are_another_model_on_disk(folder: Path, tmp_path: Path) -> None:
    other = save_classifier(tmp_path / "other", seed=1)
    names = {opened(folder).name, opened(folder, side=12).name, opened(other).name}
    assert len(names) == 3


def test_a_repeated_pair_is_computed_once(folder: Path) -> None:
    classifier = opened(folder)
    found = classifier.probabilities([PAIRS[0]] * 5)
    assert classifier.computed == 1
    assert (found == found[0]).all()


def test_no_pairs_need_no_weights(folder: Path) -> None:
    classifier = opened(folder)
    assert classifier.probabilities([]).shape == (0, 2)
    assert "_model" not in vars(classifier)


def test_the_order_of_two_texts_is_alphabetical_given_or_both(folder: Path) -> None:
    forth, back = (one_at_a_time(folder, [pair])[0, 1] for pair in (("a robin", "an oak"), ("an oak", "a robin")))
    assert abs(forth - back) > 1e-4
    pairs = [Pair("an oak", "a robin")]
    expected = {"sorted": forth, "given": back, "both": (forth + back) / 2}
    for order in ("sorted", "given", "both"):
        known = SamePairs(opened(folder), order=order)  # type: ignore[arg-type]
        assert known.scores(pairs) == pytest.approx([expected[order]], abs=2e-6)


def test_a_single_output_is_a_probability(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification

    folder = save_classifier(tmp_path, ("same",))
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    assert model.num_labels == 1
    (score,) = SamePairs(opened(folder)).scores([Pair("a", "b")])
    with torch.inference_mode():
        logit = model(input_ids=torch.tensor([[2, 5, 3, 6, 3]]), token_type_ids=torch.tensor([[0, 0, 0, 1, 1]])).logits[0, 0]
    assert score == pytest.approx(1 / (1 + np.exp(-float(logit))), abs=2e-6)


def test_a_model_of_three_classes_is_no_same_or_different(tmp_path: Path) -> None:
    folder = save_classifier(tmp_path, ("contradiction", "neutral", "entailment"))
    with pytest.raises(InputError, match=r"two classes apart.*nli:NAME"):
        SamePairs(opened(folder))


def test_an_encoder_without_a_trained_head_is_refused(tmp_path: Path) -> None:
    from tests.models.embedding.tiny import save_bert

    folder = change_config(save_bert(tmp_path), id2label={"0": "different", "1": "same"})
    with pytest.raises(InputError, match=r"every weight of a sequence classifier.*classifier\.bias"):
        opened(folder).probabilities([("a", "b")])


def test_a_pickle_or_nothing_at_all_is_refused(tmp_path: Path) -> None:
    save_classifier(tmp_path)
    (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    with pytest.raises(InputError, match="a pickle is never loaded"):
        opened(tmp_path)
    with pytest.raises(InputError, match="names no classifier"):
        open_classifier(" ", spec="equivalence 'hf-pair: '")


def test_short_answers_are_compared_by_shared_words_and_long_ones_by_the_model(folder: Path) -> None:
    behind = SamePairs(opened(folder), order="given")
    pairs = [Pair("A robin", "the robin"), Pair("robin", "oak"), Pair("one two three four five six", "one")]
    found = ShortAnswers(behind).scores(pairs)
    assert found[:2].tolist() == [1.0, 0.0]
    assert found[2] == behind.scores(pairs[2:])[0]


def test_batches_hold_pairs_of_one_padded_length_and_every_pair_once() -> None:
    lengths = np.random.default_rng(0).integers(3, 90, size=500)
    batches = list(planned(lengths, slots=512))
    assert sorted(np.concatenate(batches).tolist()) == list(range(500))
    for where in batches:
        assert len(set(padded(lengths[where]).tolist())) == 1
        assert where.size * padded(lengths[where]).max() <= 512 or where.size == 1
