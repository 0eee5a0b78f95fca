"""The head that ships, with its encoder: what it says of a few pairs, and the numbers that its page gives."""

from pathlib import Path

import numpy as np
import pytest

from tests.contract.equivalence import Check, checks_for
from tests.diversity.embedders import Words
from tests.diversity.heads import overlap_artefact
from triaxis.diversity.equivalence.learned import Learned, load, shipped_folder
from triaxis.diversity.equivalence.paraphrases import paraphrase_set
from triaxis.models.embedding import open_embedder

pytest.importorskip("torch", reason="MiniLM needs torch: pip install 'triaxis[embed]'")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def rule(tmp_path_factory: pytest.TempPathFactory) -> Learned:
    cache: Path = tmp_path_factory.mktemp("cache")
    return Learned(load(shipped_folder()), open_embedder("minilm", cache=cache))


@pytest.mark.parametrize("check", checks_for(Learned(overlap_artefact(), Words())), ids=lambda check: check.__name__)
def test_the_shipped_head_keeps_the_contract(rule: Learned, check: Check) -> None:
    check(rule)


def test_what_says_the_same_is_likelier_than_what_does_not(rule: Learned) -> None:
    asked = "Name a Spanish speaking country."
    first = "One Spanish-speaking country is Mexico. It lies in North America and is known for its food."
    found = rule.probabilities(
        [first] * 3,
        ["Mexico is a Spanish-speaking country in North America.", "Peru is one, high in the Andes.", "I cannot help with that."],
        [asked] * 3,
    )
    assert found[0] > 0.5 > found[1] > found[2]


def test_a_set_that_repeats_itself_is_less_diverse_than_one_that_does_not(rule: Learned) -> None:
    same = ["I like dogs.", "Dogs are what I like.", "I really like dogs.", "I like dogs a lot."]
    different = ["I like dogs.", "My sister sails.", "Tax law bores me.", "Rain all week again."]
    found = rule.distances([same, different, same[:1] * 4], ["Tell me about yourself."] * 3)
    assert found[2] == 0 < found[0] < found[1] - 0.2


def test_it_sees_wording_in_bare_sentences(rule: Learned) -> None:
    # docs/learned-equivalence.md, "When it misleads"
    shipped = paraphrase_set()
    traps = rule.probabilities([p.first for p in shipped.traps], [p.second for p in shipped.traps])
    paraphrases = rule.probabilities([p.first for p in shipped.paraphrases], [p.second for p in shipped.paraphrases])
    assert np.mean(traps >= 0.5) == pytest.approx(0.98, abs=0.03)
    assert np.mean(paraphrases >= 0.5) == pytest.approx(0.02, abs=0.02)
