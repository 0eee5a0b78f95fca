"""Perplexity of a local model that is made here, tiny and known."""

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
tokenizers = pytest.importorskip("tokenizers")

from tests.blind.given import cell, opened  # noqa: E402
from triaxis.blind.perplexity import Perplexity  # noqa: E402

WORDS = ("<s>", "red", "green", "blue")


@pytest.fixture
def uniform(tmp_path: Path) -> Path:
    """A GPT-2 of one layer with all weights zero: every next token is as likely as every other."""
    folder = tmp_path / "model"
    model = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(vocab_size=4, n_positions=8, n_embd=4, n_layer=1, n_head=1, bos_token_id=0, eos_token_id=0)
    )
    with torch.no_grad():
        for weights in model.parameters():
            weights.zero_()
    model.save_pretrained(folder)
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token=WORDS[0]))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    transformers.PreTrainedTokenizerFast(tokenizer_object=made, bos_token=WORDS[0], eos_token=WORDS[0]).save_pretrained(folder)
    return folder


def test_a_model_that_knows_nothing_has_the_perplexity_of_its_vocabulary(uniform: Path, tmp_path: Path) -> None:
    samples = opened(tmp_path, [one | {"response": "red green blue " * n} for n, one in enumerate(cell("p", "abcd"), 1)])
    made = Perplexity("p", uniform)
    assert made.is_lower_better
    assert made.score(samples.table) == pytest.approx(4.0)


def test_tokens_weigh_alike_and_each_answer_is_read_once(uniform: Path, tmp_path: Path) -> None:
    model = transformers.GPT2LMHeadModel.from_pretrained(uniform)
    with torch.no_grad():
        model.transformer.ln_f.bias[0] = 1.0
        model.transformer.wte.weight[1, 0] = 2.0
    model.save_pretrained(uniform)
    samples = opened(tmp_path, [one | {"response": text} for one, text in zip(cell("p", "ab"), ("red red", "blue"), strict=True)])
    made = Perplexity("p", uniform)
    total = torch.logsumexp(torch.tensor([0.0, 2.0, 0.0, 0.0]), 0).item()
    expected = torch.exp(torch.tensor((2 * (total - 2) + total) / 3)).item()
    assert made.score(samples.table) == pytest.approx(expected)
    made._loaded = (None, None)  # a second reading would fail
    assert made.score(samples.table) == pytest.approx(expected)


def test_another_model_is_another_evaluation(uniform: Path) -> None:
    before = Perplexity("p", uniform).identity
    config = json.loads((uniform / "config.json").read_text())
    (uniform / "config.json").write_text(json.dumps(config | {"n_positions": 7}))
    assert Perplexity("p", uniform).identity != before
