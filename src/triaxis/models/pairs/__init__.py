"""Models that look at two answers at a time and say whether they say the same: the `PairScorer`s.

`open_classifier` loads any sequence classifier of Hugging Face for pairs; `SamePairs` reads it as same or different,
`Entailment` as entailment both ways, `Judge` asks a chat endpoint, `ShortAnswers` puts NoveltyBench's rule for short answers in
front of another. What was asked once is kept on disk. Nothing heavy is imported and nothing sent before the first pair.
"""

from triaxis.models.pairs.classifier import SIDE, PairClassifier, open_classifier
from triaxis.models.pairs.entailment import Entailment
from triaxis.models.pairs.errors import PairError
from triaxis.models.pairs.judge import Judge, open_judge
from triaxis.models.pairs.same import ORDERS, Order, SamePairs
from triaxis.models.pairs.short_answers import ShortAnswers

__all__ = [
    "ORDERS", "SIDE", "Entailment", "Judge", "Order", "PairClassifier", "PairError", "SamePairs", "ShortAnswers",
    "open_classifier", "open_judge",
]  # fmt: skip
