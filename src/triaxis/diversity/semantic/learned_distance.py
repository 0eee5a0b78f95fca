"""How likely two responses say something different, by a classifier that was trained on people's judgements.

The one idea: classes lose what the classifier was unsure of; the mean of its probabilities over pairs keeps it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from triaxis.diversity.equivalence.learned import Answers, Head, Learned
from triaxis.diversity.semantic.metric import bounded, check_enough
from triaxis.errors import Undefined
from triaxis.protocols import Progress
from triaxis.responses import Responses, Traits

LIMIT = 500
"""Responses: their 124,750 pairs take half a second where texts are short, and some seconds where they are long."""

_PAIRS = 8192
_TEXTS = 4096
"""Responses whose vectors are held at a time while all are embedded."""

LEARNED = Traits(
    level="semantic",
    says="how likely two responses to the prompt say something different, by a classifier trained on people's judgements",
    high=1.0,
    needs=frozenset({"text", "prompt_texts", "encoder"}),
    limit=LIMIT,
    is_size_free=True,
    source="mean over pairs of 1 - P(same) of the learned equivalence (docs/learned-equivalence.md)",
)


def mean_probability_of_difference(head: Head, answers: Answers) -> float:
    """Mean of 1 - P(same) over all pairs of `answers`: 0-1, higher is more diverse; equal texts are the same.

    Terms of the prompt itself are left out (`Head.without_prompt_terms`), so that sets of different prompts compare. Raises
    `Undefined` for under two answers.
    """
    check_enough(len(answers.texts), 2, have="a text")
    plain = head.without_prompt_terms()
    first, second = np.triu_indices(len(answers.texts), k=1)
    blocks = (slice(start, start + _PAIRS) for start in range(0, first.size, _PAIRS))
    return 1 - sum(float(plain.probabilities(answers, first[some], second[some]).sum()) for some in blocks) / first.size


@dataclass(frozen=True)
class LearnedDistance:
    """`learned-distance`: `rule` brings the head and the encoder that the head was fitted on."""

    rule: Learned
    name: str = "learned-distance"
    traits: Traits = field(default=LEARNED, init=False)

    def prepare(self, sets: Sequence[Responses], *, progress: Progress | None = None) -> None:
        """Embeds all texts of `sets` in full batches; the value of each then finds its vectors where the encoder keeps them."""
        asked = {(text, prompt): None for one in sets for text, prompt in zip(one.texts, one.prompt_texts or (), strict=False)}
        pairs = list(asked)
        rule = self.rule if progress is None else self.rule.reporting(progress)
        for start in range(0, len(pairs), _TEXTS):
            texts, prompts = zip(*pairs[start : start + _TEXTS], strict=True)
            rule.answers(texts, prompts)

    def value(self, responses: Responses) -> float:
        """See `protocols.Diversity`; a response whose own prompt is not known is read without one."""
        asked = responses.prompt_texts
        if asked is None or all(text is None for text in asked):
            raise Undefined("needs the text of the prompt")
        check_enough(len(responses), self.traits.smallest, have="a text")
        if len(responses) > LIMIT:
            raise Undefined(f"{self.name} takes at most {LIMIT:,} responses, got {len(responses):,}; measure a sample")
        answers = self.rule.answers(responses.texts, asked)
        return bounded(mean_probability_of_difference(self.rule.artefact.head, answers), self.traits)
