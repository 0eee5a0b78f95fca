"""Which other rules a flip is counted again under: those near the one that was chosen, and those of another kind.

At most nine, since each reads and classes the samples once more. What costs money, or much time unasked, is not run, and says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from triaxis.diversity.equivalence import RULES, LexicalNearDuplicates, PairClasses, Topical
from triaxis.diversity.equivalence.partition import DEFAULT_RULE, Partitioned, PartitionRule, split_rule
from triaxis.errors import InputError, near
from triaxis.measure.equivalences import NOVELTYBENCH, parse_classifier
from triaxis.protocols import Equivalence, VectorEquivalence
from triaxis.registry import names
from triaxis.results import Calibration

MOST = 9
"""Alternatives that are chosen for you."""

EMBEDDED_UNASKED = 2000
"""Samples up to which an encoder is started for a rule that nobody asked for: a minute on a processor."""

STEPS = (-0.1, 0.1, -0.2, 0.2)
COSINE_STEPS = (-0.05, 0.05, -0.1, 0.1)
THRESHOLD, PARTITION, EQUIVALENCE, GATE = "threshold", "partition rule", "equivalence", "gate"
KINDS = (THRESHOLD, PARTITION, EQUIVALENCE, GATE)


@dataclass(frozen=True)
class RobustOptions:
    """`is_on` recounts flips; `rules` are equivalences to do it under, in place of the default ones.

    `labelled_pairs` is a file of pairs with what people said of them, for intervals that hold the rule's own error.
    """

    is_on: bool = False
    rules: tuple[str, ...] = ()
    labelled_pairs: str | None = None


class Alternative(NamedTuple):
    """A rule to count under, as it is typed; in what it differs from the chosen one; and why it is not run, where it is not."""

    spec: str
    kind: str
    reason: str | None = None


def alternatives(
    base: Equivalence, *, calibration: Calibration | None, samples: int, rules: tuple[str, ...] = ()
) -> tuple[Alternative, ...]:
    """`rules` where they are given, else up to `MOST` around `base`; `base` itself is none of them.

    `calibration` is what a calibrated threshold came out as. `samples` decides whether an encoder is started unasked.
    """
    if rules:
        return tuple(Alternative(spec, _kind(spec, base.name)) for spec in dict.fromkeys(rules) if spec != base.name)
    found = {one.spec: one for one in (*_near(base, calibration), *_others(base, samples)) if one.spec != base.name}
    return tuple(found.values())[:MOST]


def _near(base: Equivalence, calibration: Calibration | None) -> Iterator[Alternative]:
    """Other thresholds and other partition rules of the same comparison."""
    spec = split_rule(base.name).spec
    rule = split_rule(base.name).rule or DEFAULT_RULE
    yield from (Alternative(_suffixed(near, rule), THRESHOLD) for near in _thresholds(base, spec, calibration))
    if isinstance(base, Partitioned):
        yield from (Alternative(_suffixed(spec, other), PARTITION, _too_dear(base, other)) for other in RULES if other != rule)


def _thresholds(base: Equivalence, spec: str, calibration: Calibration | None) -> Iterator[str]:
    """The same rule at thresholds around its own, as typed; none for a rule that has no number."""
    kind, _, argument = spec.partition(":")
    if isinstance(base, LexicalNearDuplicates):
        yield from (f"lexical:{t:g}" for t in _steps(base.threshold, STEPS))
    elif isinstance(base, Topical):
        encoder = argument if base.given_threshold is None else argument.rpartition("@")[0]
        threshold = base.given_threshold or (calibration.threshold if calibration else None)
        lead = f"topical:{encoder}@" if encoder else "topical:"
        yield from (f"{lead}{t:g}" for t in (_steps(threshold, COSINE_STEPS) if threshold else []))
    elif kind == "learned" and not Path(argument or "-").is_dir():
        yield from (f"learned:{t:g}" for t in _steps(float(getattr(base, "threshold", 0.5)), STEPS))
    elif kind in {"hf-pair", "noveltybench"} and isinstance(base, PairClasses):
        typed = parse_classifier(argument or NOVELTYBENCH)
        yield from (f"{kind}:{typed.model}@{t:g}{'@both' if typed.is_both else ''}" for t in _steps(base.threshold, STEPS))


def _others(base: Equivalence, samples: int) -> Iterator[Alternative]:
    """Rules of another kind: words, letters, a learned classifier, an encoder."""
    if not isinstance(base, LexicalNearDuplicates):
        yield from (Alternative(spec, EQUIVALENCE) for spec in ("lexical", "lexical:0.5", "lexical:0.7"))
        if not isinstance(base, Topical | PairClasses):
            yield from (Alternative(f"lexical/{rule}", EQUIVALENCE) for rule in ("union-find", "average-linkage"))
    yield Alternative("normalised", EQUIVALENCE)
    has_encoder = isinstance(base, VectorEquivalence) or base.name.startswith("learned")
    reason = None if has_encoder else _why_no_encoder(samples)
    if "learned" in names("equivalence"):
        yield Alternative("learned", EQUIVALENCE, reason)
    if not isinstance(base, Topical):
        yield Alternative("topical:0.9", EQUIVALENCE, reason)


def _why_no_encoder(samples: int) -> str | None:
    if find_spec("torch") is None:
        return "needs an encoder: pip install 'triaxis[embed]'"
    if samples > EMBEDDED_UNASKED:
        return f"would embed {samples} answers unasked; name it with --robust-rule"
    return None


def _too_dear(base: Equivalence, rule: PartitionRule) -> str | None:
    if base.name.startswith("judge"):
        return f"/{rule} asks the endpoint about further pairs, which costs; name it with --robust-rule"
    return None


def _steps(threshold: float, steps: tuple[float, ...]) -> list[float]:
    """`threshold` with each of `steps` added, to two decimals, where it stays within (0, 1]."""
    return [value for value in (round(threshold + step, 2) for step in steps) if 0 < value <= 1]


def _suffixed(spec: str, rule: PartitionRule) -> str:
    return spec if rule == DEFAULT_RULE else f"{spec}/{rule}"


def _kind(spec: str, base: str) -> str:
    """In what a rule that was typed differs from the base: pairs become classes otherwise, the number, or the whole rule."""
    typed, own = split_rule(spec), split_rule(base)
    if typed.spec == own.spec:
        return PARTITION
    return THRESHOLD if typed.spec.partition(":")[0] == own.spec.partition(":")[0] and typed.rule == own.rule else EQUIVALENCE


def check_rules(options: RobustOptions) -> None:
    """Raises `InputError` where rules are given and nothing is to be counted again, and for a rule that does not exist."""
    if options.rules and not options.is_on:
        raise InputError(f"--robust-rule {options.rules[0]} counts flips again, so it needs --robust; type both")
    known = names("equivalence")
    for rule in options.rules:
        if split_rule(rule).spec.partition(":")[0] not in known:
            raise InputError(f"unknown --robust-rule {rule!r}{near(rule, known)}; there are: {', '.join(known)}")
