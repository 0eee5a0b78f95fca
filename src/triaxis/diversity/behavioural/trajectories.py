"""How differently agents went about a task: edit distance between their sequences of actions, action n-grams, where they branch.

Responses that are no transcript (see `actions.py`) are left out; a transcript without a call is an empty sequence and counts.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from triaxis.diversity.behavioural.actions import Actions, actions_of_all
from triaxis.diversity.sequences import distinct_ngrams, enough, entropy_bits, known_order, whole_number
from triaxis.errors import InputError
from triaxis.registry import register
from triaxis.responses import Responses, Traits

LIMIT = 10_000
STOP = None
"""The symbol after the last action: to stop is a choice too."""

_ROWS = 256
_SURROGATES = range(0xD800, 0xE000)

Symbols = Sequence[Hashable]


def edit_distances(rows: Sequence[str], columns: Sequence[str]) -> np.ndarray:
    """(rows, columns) float64 Levenshtein distances over the length of the longer of the two, 0-1; 0 between two empty ones."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    return np.asarray(cdist(rows, columns, scorer=Levenshtein.normalized_distance, dtype=np.float64))


def mean_edit_distance(sequences: Sequence[Symbols]) -> float:
    """Mean normalised edit distance over pairs of different members of `sequences`, 0-1; higher is more diverse.

    Equal sequences are compared once and weighed by how many there are. Raises `Undefined` for fewer than two.

    >>> mean_edit_distance([["look", "buy"], ["look", "sell"], ["look", "buy"]])
    0.3333333333333333
    """
    enough(len(sequences), 2, what="sequences of actions")
    counted = sorted(Counter(spelled(sequences)).items())
    texts, weights = [text for text, _ in counted], np.array([count for _, count in counted], dtype=np.float64)
    total = 0.0
    for start in range(0, len(texts), _ROWS):
        rows = slice(start, start + _ROWS)
        total += float(weights[rows] @ edit_distances(texts[rows], texts) @ weights)
    return min(1.0, total / (len(sequences) * (len(sequences) - 1)))


def spelled(sequences: Sequence[Symbols]) -> list[str]:
    """Each sequence as a string with one character for each different symbol, so that string kernels can compare them."""
    letters: dict[Hashable, str] = {}
    for symbol in sorted({symbol for sequence in sequences for symbol in sequence}, key=repr):
        place = len(letters)
        letters[symbol] = chr(place if place < _SURROGATES.start else place + len(_SURROGATES))
    return ["".join(letters[symbol] for symbol in sequence) for sequence in sequences]


def branch_entropy(sequences: Sequence[Symbols]) -> float:
    """Mean entropy in bits of the next step, given all steps so far, over prefixes that two sequences or more share.

    Every prefix weighs as much as there are sequences that have it; to stop is a step. 0 when all go the same way, log2(n) when n
    sequences part at once. Raises `Undefined` for fewer than two.

    >>> branch_entropy([["look", "buy"], ["look", "sell"]])
    0.5
    """
    enough(len(sequences), 2, what="sequences of actions")
    shared = [steps for steps in _next_steps(sequences) if steps.total() > 1]
    return sum(steps.total() * entropy_bits(steps.values()) for steps in shared) / sum(steps.total() for steps in shared)


def _next_steps(sequences: Sequence[Symbols]) -> list[Counter[Hashable]]:
    """For each node of the prefix tree, how often each step is taken from there."""
    found: list[Counter[Hashable]] = [Counter()]
    places: dict[tuple[int, Hashable], int] = {}
    for sequence in sorted(sequences, key=repr):
        node = 0
        for step in (*sequence, STOP):
            found[node][step] += 1
            if (node, step) not in places:
                places[node, step] = len(found)
                found.append(Counter())
            node = places[node, step]
    return found


def transcripts(responses: Responses) -> list[Actions]:
    """Actions of the responses that are transcripts; raises `Undefined` when fewer than two are."""
    found = [actions for actions in responses.view("actions", actions_of_all) if actions is not None]
    enough(len(found), 2, what="transcripts with tool calls or roles")
    return found


def is_transcript(responses: Responses) -> np.ndarray:
    """(responses,) bool: which ones are transcripts."""
    return np.array([actions is not None for actions in responses.view("actions", actions_of_all)], dtype=bool)


class _OfTranscripts:
    """What metrics of transcripts share: they read nothing else."""

    def reads(self, responses: Responses) -> np.ndarray:
        """See `triaxis.protocols.SelectiveDiversity`."""
        return is_transcript(responses)


def named(actions: Actions) -> tuple[str, ...]:
    """The names of the tools."""
    return tuple(action.name for action in actions)


def with_arguments(actions: Actions) -> tuple[str, ...]:
    """Name and arguments in turn, so that the same tool with other arguments is half a change."""
    return tuple(part for action in actions for part in (f"name {action.name}", f"arguments {action.arguments}"))


@dataclass(frozen=True)
class ActionEditDistance(_OfTranscripts):
    """Mean normalised edit distance between sequences of tool names, with arguments or without."""

    has_arguments: bool = False

    traits = Traits(
        level="behavioural",
        says="How many steps have to be changed to turn one run of an agent into another, as a share of the longer one.",
        high=1.0,
        limit=LIMIT,
        is_size_free=True,
        source="Levenshtein 1966 over tool calls, divided by the longer sequence, mean over pairs",
    )

    @property
    def name(self) -> str:
        return "action-edit-distance:arguments" if self.has_arguments else "action-edit-distance"

    def value(self, responses: Responses) -> float:
        steps = with_arguments if self.has_arguments else named
        return mean_edit_distance([steps(actions) for actions in transcripts(responses)])


@dataclass(frozen=True)
class ActionNgrams(_OfTranscripts):
    """Distinct n-grams of tool names over all of them, the stop included."""

    n: int = 2

    traits = Traits(
        level="behavioural",
        says="The share of different runs of n actions, the stop included: how varied the moves of an agent are.",
        high=1.0,
        source="distinct-n (Li et al. 2016) over tool calls",
    )

    def __post_init__(self) -> None:
        known_order(self.n, of="action-ngrams")

    @property
    def name(self) -> str:
        return f"action-ngrams:{self.n}"

    def value(self, responses: Responses) -> float:
        steps: Iterator[Symbols] = ((*named(actions), STOP) for actions in transcripts(responses))
        return distinct_ngrams(steps, self.n, of="actions")


@dataclass(frozen=True)
class BranchEntropy(_OfTranscripts):
    """Mean entropy of the next tool, given the same tools so far."""

    name: str = "branch-entropy"

    traits = Traits(
        level="behavioural",
        says="How open the next action is, in bits, where runs have been the same so far.",
        source="conditional entropy over the prefix tree of tool calls (triaxis)",
    )

    def value(self, responses: Responses) -> float:
        return branch_entropy([named(actions) for actions in transcripts(responses)])


@register("diversity", "action-edit-distance")
def action_edit_distance(argument: str = "") -> ActionEditDistance:
    """`action-edit-distance` or `action-edit-distance:arguments`."""
    if argument not in {"", "arguments"}:
        raise InputError(f"expected action-edit-distance or action-edit-distance:arguments, got {argument!r} after the colon")
    return ActionEditDistance(bool(argument))


@register("diversity", "action-ngrams")
def action_ngrams(n: str = "2") -> ActionNgrams:
    """`action-ngrams` (n = 2) or `action-ngrams:N`."""
    return ActionNgrams(whole_number(n, of="action-ngrams", example="action-ngrams:2"))


@register("diversity", "branch-entropy")
def next_step_entropy() -> BranchEntropy:
    """`branch-entropy`."""
    return BranchEntropy()
