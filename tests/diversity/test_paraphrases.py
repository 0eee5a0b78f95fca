"""The shipped set: what it promises about itself."""

import re
from collections import Counter

from triaxis.diversity.equivalence.paraphrases import Pair, paraphrase_set


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def overlap(pair: Pair) -> float:
    """Share of words that the two sides have in common, counted with repeats (ROUGE-1 F1)."""
    first, second = Counter(words(pair.first)), Counter(words(pair.second))
    return 2 * (first & second).total() / (first.total() + second.total())


def test_paraphrases_cover_many_domains_and_lengths_with_few_shared_words() -> None:
    shipped = paraphrase_set().paraphrases
    assert len(shipped) >= 120
    assert min(Counter(pair.kind for pair in shipped).values()) >= 10
    assert len({pair.kind for pair in shipped}) >= 9
    lengths = [len(words(side)) for pair in shipped for side in (pair.first, pair.second)]
    assert min(lengths) <= 5
    assert max(lengths) >= 40
    assert sum(map(overlap, shipped)) / len(shipped) < 0.2
    assert max(map(overlap, shipped)) < 0.5


def test_traps_change_little_and_come_in_every_kind() -> None:
    traps = paraphrase_set().traps
    assert len(traps) >= 40
    kinds = Counter(pair.kind for pair in traps)
    assert set(kinds) == {"negation", "number", "opposite", "who did it to whom", "one other word"}
    assert min(kinds.values()) >= 8
    assert min(map(overlap, traps)) > 0.5


def test_no_text_stands_twice_among_the_paraphrases_and_no_pair_is_a_copy() -> None:
    shipped = paraphrase_set()
    sides = [side for pair in shipped.paraphrases for side in (pair.first, pair.second)]
    assert len(set(sides)) == len(sides)
    assert all(pair.first != pair.second for pair in (*shipped.paraphrases, *shipped.traps))


def test_the_label_names_version_and_content_and_the_licence_is_stated() -> None:
    # another text is another set: raise the version, and say so in docs/equivalence.md and CHANGELOG.md
    assert paraphrase_set().label == "triaxis paraphrases 1, d8df5483"
    assert "Apache-2.0" in paraphrase_set().licence
