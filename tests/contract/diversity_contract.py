"""What every `Diversity` has to keep, as plain functions that take a metric and raise `AssertionError`.

`checks_for` chooses by declared traits: a metric that says its tallies add up, or that sets of different size compare, is held
to it. The one idea: signs, sizes and order are where diversity metrics go wrong unseen, so each check builds sets whose order
by diversity nobody doubts (all the same, some repeated, all unlike) and asks the metric for them.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, Literal, NamedTuple, cast, get_args, get_origin, get_type_hints

import numpy as np

from tests.contract.genres import GENRES, HOSTILE, responses_of
from triaxis.errors import TriaxisError, Undefined
from triaxis.protocols import Diversity, StreamedDiversity
from triaxis.responses import LEVELS, Responses

Check = Callable[[Diversity], None]

CLOSE = 5e-5
"""Relative difference that float32 vectors and sums in another order explain."""

DRAWS = 300
STANDARD_ERRORS = 4.5


def valued(metric: Diversity, responses: Responses) -> float | None:
    """The value, checked to be what JSON can hold; None where it is undefined."""
    try:
        found = metric.value(responses)
    except Undefined as undefined:
        reason = str(undefined)
    else:
        return _checked(metric, found)
    assert len(reason.split()) >= 2, f"{metric.name}: a reason is a few words at least, got {reason!r}"
    return None


def _checked(metric: Diversity, found: float) -> float:
    assert type(found) is float, f"{metric.name}: a value is a float, got {type(found).__name__}"
    assert math.isfinite(found), f"{metric.name}: {found} is no value; raise Undefined with the reason"
    return found


def value_of(metric: Diversity, responses: Responses) -> float:
    """The value of a set that must have one."""
    found = valued(metric, responses)
    assert found is not None, f"{metric.name}: {len(responses)} responses of a plain kind must have a value"
    return found


def diversity_of(metric: Diversity, responses: Responses) -> float:
    """The value, turned so that higher is more diverse."""
    return value_of(metric, responses) * (1 if metric.traits.higher_is == "more diverse" else -1)


def at_most(low: float, high: float) -> bool:
    """`low` <= `high`, up to rounding."""
    return low <= high + CLOSE * max(1.0, abs(low), abs(high))


def same(a: float | None, b: float | None) -> bool:
    """Equal up to rounding; undefined only equals undefined."""
    if a is None or b is None:
        return a is b
    return at_most(a, b) and at_most(b, a)


class Genre(NamedTuple):
    """Texts that a metric can tell apart, and how often each has to stand in a set for it to say so."""

    texts: tuple[str, ...]
    times: int

    @property
    def unlike(self) -> tuple[str, ...]:
        """The texts, equally often."""
        return self.texts * self.times


def genre_of(metric: Diversity) -> Genre:
    """The first genre whose unlike texts have another value than copies of one: once each, or thrice where once is too few."""
    key = (type(metric), repr(metric))
    if key not in _found:
        tried = (Genre(texts, times) for times in (1, 3) for texts in GENRES.values())
        _found[key] = next((genre for genre in tried if _tells_apart(metric, genre)), None)
    genre = _found[key]
    assert genre, f"{metric.name}: gives unlike texts the value of copies of one, in each genre of {', '.join(GENRES)}"
    return genre


_found: dict[tuple[type, str], Genre | None] = {}


def _tells_apart(metric: Diversity, genre: Genre) -> bool:
    unlike, alike = valued(metric, set_of(genre.unlike)), valued(metric, set_of(genre.texts[:1] * len(genre.unlike)))
    return unlike is not None and alike is not None and not same(unlike, alike)


def set_of(texts: Sequence[str]) -> Responses:
    return responses_of(list(texts))


def drawn(texts: tuple[str, ...], size: int, count: int) -> Iterator[tuple[str, ...]]:
    """`count` sets of `size` texts drawn with replacement, so that some repeat."""
    rng = np.random.default_rng(0)
    return (tuple(texts[i] for i in rng.integers(0, len(texts), size)) for _ in range(count))


def mixtures(metric: Diversity) -> Iterator[Responses]:
    """Sets of one size between the two ends: some texts drawn again, or, where each has to repeat, fewer texts more often."""
    texts, times = genre_of(metric)
    if times == 1:
        yield from map(set_of, drawn(texts, max(len(texts), metric.traits.smallest), 8))
    else:
        shares = [few for few in range(2, len(texts)) if not len(texts) % few]
        yield from (set_of(texts[:few] * (len(texts) // few * times)) for few in shares)


def traits_are_declared(metric: Diversity) -> None:
    """Every trait is there and means something."""
    traits = metric.traits
    assert isinstance(metric, Diversity)
    assert metric.name == metric.name.strip() != ""
    assert metric.name.isprintable()
    assert traits.level in LEVELS
    assert len(traits.says.split()) >= 4, "says must be a sentence for people"
    assert traits.source, "source says where the definition comes from"
    assert traits.low < traits.high
    assert traits.smallest >= 1
    assert (traits.growth == "bounded") == bool(traits.error), "error is stated exactly where growth is bounded"
    assert traits.growth == "in-memory" or isinstance(metric, StreamedDiversity), "growth that adds up has a tally"
    assert traits.limit is None or traits.growth == "in-memory"


def values_lie_in_the_declared_range(metric: Diversity) -> None:
    """Within `low` and `high`, for plain and for hostile texts."""
    low, high = metric.traits.low, metric.traits.high
    for responses in (*mixtures(metric), set_of(genre_of(metric).unlike), *map(set_of, drawn(HOSTILE, 5, 4))):
        found = valued(metric, responses)
        assert found is None or (at_most(low, found) and at_most(found, high)), f"{found} lies outside {low} to {high}"


def too_few_responses_have_no_value(metric: Diversity) -> None:
    """Under `smallest`, the empty set included, `Undefined`; from there on a value."""
    texts, smallest = genre_of(metric).texts, metric.traits.smallest
    for size in range(smallest):
        some = set_of((texts * smallest)[:size])
        assert valued(metric, some) is None, f"{size} responses have a value, though smallest is {smallest}"
    enough = [set_of((texts * smallest)[:smallest]), set_of(texts[:1] * smallest)]
    assert any(valued(metric, some) is not None for some in enough), f"{smallest} responses, declared as enough, have no value"


def asked_twice_the_same(metric: Diversity) -> None:
    """To the bit, for the same set and for one made again."""
    for texts in drawn(genre_of(metric).unlike, max(6, metric.traits.smallest), 3):
        responses = set_of(texts)
        assert valued(metric, responses) == valued(metric, responses) == valued(metric, set_of(texts))


def order_does_not_matter(metric: Diversity) -> None:
    """Any order of the responses, the same value."""
    for responses in (*mixtures(metric), set_of([*HOSTILE, *genre_of(metric).unlike])):
        expected = valued(metric, responses)
        for seed in range(3):
            order = np.random.default_rng(seed).permutation(len(responses))
            shuffled = valued(metric, responses_of([responses.texts[i] for i in order]))
            assert same(expected, shuffled), f"{shuffled} in another order, {expected} before"


def repeating_the_whole_set_never_raises_diversity(metric: Diversity) -> None:
    """Twice and three times everything is at most as diverse. One extra copy may be more: {A,A,B} is less even than {A,A,B,B}."""
    for responses in (*mixtures(metric), set_of(genre_of(metric).unlike)):
        once = diversity_of(metric, responses)
        for times in (2, 3):
            more = diversity_of(metric, set_of([*responses.texts] * times))
            assert at_most(more, once), f"diversity {once} became {more} with {times} copies of the set"


def alike_and_unlike_are_the_two_ends(metric: Diversity) -> None:
    """Copies of one text <= any mixture <= texts with nothing in common, in the declared direction, and not all the same."""
    texts = genre_of(metric).unlike
    size = max(len(texts), metric.traits.smallest)
    unlike = diversity_of(metric, set_of((texts * size)[:size]))
    alike = [diversity_of(metric, set_of([text] * size)) for text in texts]
    for responses in mixtures(metric):
        between = diversity_of(metric, responses)
        assert at_most(between, unlike), f"a set with copies has diversity {between}, one without {unlike}"
        copies = [end for text, end in zip(texts, alike, strict=True) if text in responses.texts]
        assert at_most(min(copies), between), f"a mixture has diversity {between}, copies of one of its texts {min(copies)}"
    assert at_most(max(alike), unlike), f"copies of one text have diversity {max(alike)}, unlike texts {unlike}"
    assert min(alike) < unlike


def the_value_is_a_mean_over_texts(metric: Diversity) -> None:
    """Within texts: copies of a text have its value, a set the mean of theirs, so that nobody takes it for diversity of a set."""
    texts = genre_of(metric).texts
    size = max(len(texts), metric.traits.smallest)
    alone = [value_of(metric, set_of([text] * size)) for text in texts]
    assert same(value_of(metric, set_of(texts)), float(np.mean(alone)))
    assert same(value_of(metric, set_of(texts * 2)), float(np.mean(alone)))


def hostile_texts_raise_nothing(metric: Diversity) -> None:
    """Whatever a model wrote has a value or a reason: alone, as a pair, together, beside ordinary answers."""
    for text in HOSTILE:
        valued(metric, set_of([text]))
        valued(metric, set_of([text, text]))
    valued(metric, set_of(HOSTILE))
    valued(metric, set_of([*HOSTILE, *genre_of(metric).unlike]))


def a_subset_is_a_set_of_its_own(metric: Diversity) -> None:
    """`responses.at(places)`, with views already made, has the value of those responses alone."""
    texts = genre_of(metric).unlike
    whole = set_of(texts)
    valued(metric, whole)
    for seed in range(3):
        places = np.sort(np.random.default_rng(seed).permutation(len(texts))[: max(2, len(texts) // 2)])
        part, alone = valued(metric, whole.at(places)), valued(metric, set_of([texts[i] for i in places]))
        assert part == alone or same(part, alone), f"{part} as a subset, {alone} alone"


def nothing_given_is_changed(metric: Diversity) -> None:
    """Texts, vectors, labels and outcomes are as before; arrays that cannot be written to serve as well."""
    given, kept = set_of(genre_of(metric).unlike), set_of(genre_of(metric).unlike)
    for part in (given.vectors, given.labels, given.outcomes):
        assert part is not None
        part.flags.writeable = False
    value_of(metric, given)
    assert list(given.texts) == list(kept.texts)
    for before, after in zip(_arrays(kept), _arrays(given), strict=True):
        assert np.array_equal(before, after, equal_nan=True)


def _arrays(responses: Responses) -> list[np.ndarray]:
    return [cast(np.ndarray, part) for part in (responses.vectors, responses.labels, responses.outcomes)]


def what_a_metric_needs_is_what_it_reads(metric: Diversity) -> None:
    """Without a part that it does not declare, the same value; without one that it does, `Undefined` and no guess."""
    whole = set_of(genre_of(metric).unlike)
    expected = value_of(metric, whole)
    for need in ("vectors", "labels", "outcomes", "prompts", "prompt_texts"):
        without = valued(metric, replace(whole, **{need: None}, _views={}))
        if need in metric.traits.needs:
            assert without is None, f"has the value {without} without {need}, which it needs"
        else:
            assert same(without, expected), f"reads {need} without saying so"


def texts_that_are_not_needed_are_not_read(metric: Diversity) -> None:
    """A metric of vectors or labels gives other texts the same value."""
    whole = set_of(genre_of(metric).unlike)
    assert value_of(metric, whole) == value_of(metric, replace(whole, texts=[""] * len(whole), _views={}))


def rows_without_a_vector_are_left_out(metric: Diversity) -> None:
    """NaN rows: the value of the rest, or `Undefined`; all NaN is `Undefined`."""
    _left_out(metric, "vectors", np.nan)


def responses_without_a_class_are_left_out(metric: Diversity) -> None:
    """Label -1: the value of the rest, or `Undefined`; all -1 is `Undefined`."""
    _left_out(metric, "labels", -1)


def _left_out(metric: Diversity, part: str, missing: float) -> None:
    for responses in (set_of(genre_of(metric).unlike), *mixtures(metric)):
        holed = getattr(responses, part).copy()
        holed[1::4] = missing
        rest = responses.at(np.setdiff1d(np.arange(len(responses)), np.arange(1, len(responses), 4)))
        found = valued(metric, replace(responses, **{part: holed}, _views={}))
        assert found is None or same(found, valued(metric, rest)), f"{found} with holes in {part}, the rest has another value"
        nothing = valued(metric, replace(responses, **{part: np.full_like(holed, missing)}, _views={}))
        assert nothing is None, f"has the value {nothing} where no response has {part}"


def a_tally_has_the_value_of_the_set(metric: Diversity) -> None:
    """However the set is cut into blocks, added one after the other or tallied apart and merged; and an empty one has none."""
    assert isinstance(metric, StreamedDiversity)
    assert _tallied(metric, [[]], set_of([])) is None
    for responses in (set_of(genre_of(metric).unlike), *mixtures(metric), set_of([*HOSTILE, *genre_of(metric).unlike])):
        expected = valued(metric, responses)
        for seed in range(4):
            cut = _cuts(len(responses), parts=1 + 2 * seed, seed=seed)
            for groups in ([cut], [[block] for block in cut], [cut[: len(cut) // 2], cut[len(cut) // 2 :]]):
                found = _tallied(metric, groups, responses)
                assert same(found, expected), f"{found} from tallies of {groups}, {expected} at once"


def _cuts(size: int, *, parts: int, seed: int) -> list[np.ndarray]:
    """Positions cut into `parts` blocks that follow one another, some of them empty."""
    at = np.sort(np.random.default_rng(seed).integers(0, size + 1, parts - 1))
    return np.split(np.arange(size), at)


def _tallied(metric: StreamedDiversity, groups: list[list[np.ndarray]], responses: Responses) -> float | None:
    """The value after each group of blocks went into a tally of its own, and the tallies were merged in order."""
    tallies = []
    for group in groups:
        tally = metric.tally()
        for block in group:
            tally.add(responses.at(np.asarray(block, dtype=np.int64)))
        tallies.append(tally)
    for other in tallies[1:]:
        tallies[0].merge(other)
    try:
        return tallies[0].value()
    except Undefined:
        return None


def sets_of_any_size_have_the_same_expectation(metric: Diversity) -> None:
    """Random parts of one pool, of one size and of twice that size: equal means, by Monte Carlo."""
    rng = np.random.default_rng(7)
    size = max(6, metric.traits.smallest)
    texts = genre_of(metric).texts
    pool = set_of([texts[i] for i in np.minimum(rng.geometric(0.3, 5 * size) - 1, len(texts) - 1)])
    small, large = (_drawn_values(metric, pool, many, rng) for many in (size, 2 * size))
    error = math.hypot(small.std() / math.sqrt(DRAWS), large.std() / math.sqrt(DRAWS))
    gap = abs(small.mean() - large.mean())
    assert gap <= STANDARD_ERRORS * error + CLOSE, f"mean {small.mean()} at {size} and {large.mean()} at {2 * size}"


def _drawn_values(metric: Diversity, pool: Responses, size: int, rng: np.random.Generator) -> np.ndarray:
    parts = (pool.at(rng.permutation(len(pool))[:size]) for _ in range(DRAWS))
    return np.array([value_of(metric, part) for part in parts])


def every_parameter_matters(metric: Diversity) -> None:
    """Each field of the metric changes some value, or makes a value undefined that was not."""
    sets = _telling_sets(metric)
    before = [valued(metric, one) for one in sets]
    for field, others in _parameters(metric):
        after = [[valued(other, one) for one in sets] for other in others]
        assert any(values != before for values in after), f"{field} changes nothing"


def _telling_sets(metric: Diversity) -> list[Responses]:
    """Sets on which a parameter can show: of every genre, of different sizes, with copies, with near copies, long ones."""
    near = [f"{text} Well, {word}." for text in genre_of(metric).texts[:3] for word in ("yes", "no", "perhaps")]
    long = [" ".join([*first.split(), *second.split()] * 12) for first, second in zip(near, near[::-1], strict=True)]
    genres = [set_of(texts) for texts in GENRES.values()]
    return [*mixtures(metric), set_of(near), set_of(near * 8), set_of(long), *genres]


def _parameters(metric: Diversity) -> Iterator[tuple[str, list[Any]]]:
    """Fields of a metric that is a dataclass and hold a number or a choice, each with copies where it is another one."""
    assert is_dataclass(metric), "a metric is a frozen dataclass, so that its parameters can be seen"
    hints = get_type_hints(type(metric))
    for field in fields(metric):
        if field.init and field.name not in {"name", "traits"}:
            others = _other_values(getattr(metric, field.name), hints[field.name])
            changed = [made for other in others if (made := _changed(metric, field.name, other)) is not None]
            if changed:
                yield field.name, changed


def _other_values(value: Any, hint: Any) -> list[Any]:
    options = [one for part in (hint, *get_args(hint)) if get_origin(part) is Literal for one in get_args(part)]
    if options or isinstance(value, bool):
        return [one for one in options or (True, False) if one != value]
    if isinstance(value, int):
        return [value + 1, value + 2, max(1, value - 1), 2 * value, max(1, value // 2), value + 60]
    if isinstance(value, float):
        return [value / 2, value * 2, value + 1, value / 10]
    return [2, 0.5, 3] if value is None else []


def _changed(metric: Any, field: str, value: Any) -> Diversity | None:
    """A copy with `field` set to `value`; None where the metric refuses it or it is the same."""
    if getattr(metric, field) == value:
        return None
    try:
        return cast(Diversity, replace(metric, **{field: value}))
    except (ValueError, TypeError, TriaxisError):
        return None


ALWAYS: tuple[Check, ...] = (
    traits_are_declared,
    values_lie_in_the_declared_range,
    too_few_responses_have_no_value,
    asked_twice_the_same,
    repeating_the_whole_set_never_raises_diversity,
    hostile_texts_raise_nothing,
    a_subset_is_a_set_of_its_own,
    nothing_given_is_changed,
    what_a_metric_needs_is_what_it_reads,
    every_parameter_matters,
)


def checks_for(metric: Diversity) -> tuple[Check, ...]:
    """The checks that the declared traits ask for."""
    traits = metric.traits
    chosen = {
        alike_and_unlike_are_the_two_ends: not traits.is_within_texts,
        the_value_is_a_mean_over_texts: traits.is_within_texts,
        order_does_not_matter: not traits.is_ordered,
        texts_that_are_not_needed_are_not_read: "text" not in traits.needs,
        rows_without_a_vector_are_left_out: "vectors" in traits.needs,
        responses_without_a_class_are_left_out: "labels" in traits.needs,
        a_tally_has_the_value_of_the_set: traits.growth != "in-memory",
        sets_of_any_size_have_the_same_expectation: traits.is_size_free,
    }
    return (*ALWAYS, *(check for check, is_asked in chosen.items() if is_asked))
