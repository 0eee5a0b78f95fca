"""What orders checkpoints: `--series` taken apart, and every model given a run and a step.

The one idea: a run is what is left of a model's name without its step. Where names do not tell the order, the user does.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from triaxis.errors import InputError, near

BETWEEN = " | "
"""What `--by` puts between the values of its columns."""

AN_ORDER = "an order says where it belongs: --series model=a,b,c"
EXAMPLES = "type step, meta.KEY, model, or the models in their order: model=sft,step-100,final"
ENDS = frozenset({"final", "last", "latest", "end"})
STAGES = frozenset({"base", "init", "initial", "start", "pretrained", "pretrain", "sft", "model", "checkpoint"})
_NUMBER = re.compile(r"(?<![\d.])(?<![^a-z]v)(?<!^v)\d+(?:\.\d+)?(?:k(?![a-z]))?(?![\d.]*[bm](?![a-z]))(?!\.?\d)", re.IGNORECASE)
"""A number that is no size (`7b`) and no version (`v2`); `2.5k` is 2,500."""
_TOLD = re.compile(r"(?:step|ckpt|checkpoint|epoch|iter|iteration|round|update)s?[-_ .=]*$", re.IGNORECASE)
_TELLS = re.compile(r"[-_ ]*(?:step|epoch|iter|iteration|round|update)s?\b", re.IGNORECASE)


class SeriesSpec(NamedTuple):
    """What orders checkpoints: a `column` of `--by`, the numbers in model names, or an `order` of models (one for each run)."""

    kind: Literal["column", "names", "order"]
    column: str = ""
    orders: tuple[tuple[str, ...], ...] = ()


class Checkpoint(NamedTuple):
    """A model as one step of a run."""

    step: int
    model: str


class Ordered(NamedTuple):
    """Checkpoints of every run with two steps or more, in order of step; and a sentence for every model that is in none."""

    runs: Mapping[str, tuple[Checkpoint, ...]]
    left_out: tuple[str, ...] = ()


def parse_series(text: str) -> SeriesSpec:
    """The spec that `text` names: `step`, `meta.KEY` or another column, `model`, or `model=a,b,c` (`;` between several runs).

    >>> parse_series("model=sft,rl").orders
    (('sft', 'rl'),)
    """
    name, given, rest = (part.strip() for part in text.partition("="))
    if not name or (given and name != "model") or name == "meta.":
        raise InputError(f"expected what orders the checkpoints, got --series {text!r}; {EXAMPLES}")
    if not given:
        return SeriesSpec("names") if name == "model" else SeriesSpec("column", name)
    orders = tuple(tuple(model.strip() for model in run.split(",")) for run in rest.split(";"))
    for order in orders:
        repeated = [model for model, count in Counter(order).items() if count > 1]
        if len(order) < 2 or "" in order or repeated:
            got = ", ".join(order)
            raise InputError(f"expected two models or more, each once, in --series {text!r}, got {got!r}; {EXAMPLES}")
    return SeriesSpec("order", orders=orders)


def columns_of(spec: SeriesSpec) -> tuple[str, ...]:
    """Columns that `--by` has to name for `spec`: the model beside the column of steps, none where names tell."""
    return ("model", spec.column) if spec.kind == "column" else ()


def steps_of(models: Iterable[str], spec: SeriesSpec, *, by: str = "") -> Ordered:
    """Runs and their steps among `models`.

    `by` is the `--by` of the run, whose values models are named by; left out, the model and the column of steps. Steps of a
    column are its whole numbers. Those in names are the numbers that differ, one name without any number taken as the step
    before the first (or after the last: `final`, `last`, `latest`). In an order they are 0, 1, 2 and so on.

    Raises `InputError` when the column is not among `by`, or an ordered model is not there.
    """
    names = sorted(set(models))
    if spec.kind == "order":
        return _in_order(names, spec)
    if spec.kind == "names":
        return _by_names(names)
    return _by_column(names, spec.column, tuple((by or f"model,{spec.column}").split(",")))


def _in_order(names: Sequence[str], spec: SeriesSpec) -> Ordered:
    for model in (model for order in spec.orders for model in order):
        if model not in names:
            raise InputError(f"no model {model!r} for --series{near(model, names)}; there are: {', '.join(names[:20])}")
    runs = {_common_name(order): tuple(Checkpoint(step, model) for step, model in enumerate(order)) for order in spec.orders}
    if len(runs) < len(spec.orders):
        runs = {f"{o[0]} to {o[-1]}": tuple(Checkpoint(s, m) for s, m in enumerate(o)) for o in spec.orders}
    return Ordered(runs)


def _common_name(order: Sequence[str]) -> str:
    """What all names begin with, up to a mark between words; else the first and the last."""
    shared = order[0]
    while not all(model.startswith(shared) for model in order):
        shared = shared[:-1]
    whole = all(len(model) == len(shared) or not model[len(shared)].isalnum() for model in order)
    shared = shared if whole else re.sub(r"[^-_./| ]*$", "", shared)
    name = shared.rstrip("-_./| ")
    return name if name else f"{order[0]} to {order[-1]}"


def _by_column(names: Sequence[str], column: str, by: tuple[str, ...]) -> Ordered:
    if column not in by:
        told = ",".join(("model", column))
        raise InputError(f"--series {column} needs --by {told}, got {'--by ' + ','.join(by) if by != ('model',) else 'none'}")
    found: dict[str, dict[int, str]] = defaultdict(dict)
    left: list[str] = []
    for name in names:
        taken = _taken_apart(name, len(by), by.index(column))
        if isinstance(taken, str):
            left.append(taken)
        elif taken[1] in found[taken[0]]:
            left.append(f"{name}: run {taken[0]!r} has step {taken[1]} twice")
        else:
            found[taken[0]][taken[1]] = name
    return _with_two(found, left)


def _taken_apart(name: str, columns: int, place: int) -> tuple[str, int] | str:
    """The run and the step in `name`, values of `columns` columns of which the one at `place` is the step; or why there is none.

    A value may hold ` | ` itself: then the step is the one part, of those that could be it, that reads as a whole number.
    """
    parts = name.split(BETWEEN)
    could = range(place, len(parts) - (columns - 1 - place))
    if place == 0:
        could = range(min(1, len(parts)))
    elif place == columns - 1:
        could = range(len(parts) - 1, len(parts))
    steps = {at: step for at in could if (step := whole_step(parts[at])) is not None}
    if len(parts) < columns or not steps:
        return f"{name}: its step is no whole number"
    if len(steps) > 1:
        return f"{name}: its step could be {' or '.join(map(str, steps.values()))}; name the step last in --by"
    ((at, step),) = steps.items()
    return BETWEEN.join(parts[:at] + parts[at + 1 :]) or "all", step


def whole_step(text: str) -> int | None:
    """The whole number that `text` says (`100`, `100.0`, `-0`), None when it says none."""
    if not re.fullmatch(r"[+-]?\d{1,18}(?:\.0*)?", text.strip()):
        return None
    return int(text.strip().partition(".")[0])


def _with_two(found: Mapping[str, Mapping[int, str]], left: Iterable[str]) -> Ordered:
    """Runs of two steps or more; the other models are left out, with the reason."""
    runs = {run: tuple(Checkpoint(s, steps[s]) for s in sorted(steps)) for run, steps in sorted(found.items()) if len(steps) > 1}
    lone = [f"{name}: no other step of it" for steps in found.values() if len(steps) == 1 for name in steps.values()]
    return Ordered(runs, tuple(sorted([*left, *lone])))


def _by_names(names: Sequence[str]) -> Ordered:
    """Runs are names that differ in one number only; the number after a word such as `step`, else the one that most share."""
    places = {name: list(_NUMBER.finditer(name)) for name in names}
    masks = Counter(_masked(number) for numbers in places.values() for number in numbers)
    found: dict[str, dict[int, str]] = defaultdict(dict)
    left: list[str] = []
    for name, numbers in places.items():
        if not numbers:
            continue
        _, _, step = max((_is_told(n), masks[_masked(n)], at) for at, n in enumerate(numbers))
        value = _value(numbers[step][0])
        run = _run_name(numbers[step])
        if value is None or value in found[run]:
            left.append(f"{name}: its step is {'no whole number' if value is None else 'there twice'}")
        else:
            found[run][value] = name
    several = [run for run, steps in found.items() if len(steps) > 1]
    bare = [name for name in names if not places[name]]
    ends: dict[int, str] = {}
    if len(several) == 1:
        ends = _ends([name for name in bare if _belongs(name, several[0])], found[several[0]])
        found[several[0]] |= ends
    left += [f"{name}: no number in its name" for name in bare if name not in ends.values()]
    ordered = _with_two(found, left)
    return ordered._replace(left_out=tuple(f"{said}; {AN_ORDER}" for said in ordered.left_out))


def _masked(number: re.Match[str]) -> tuple[str, str]:
    return number.string[: number.start()], number.string[number.end() :]


def _is_told(number: re.Match[str]) -> bool:
    before, after = _masked(number)
    return bool(_TOLD.search(before) or _TELLS.match(after))


def _run_name(number: re.Match[str]) -> str:
    before, after = _masked(number)
    return f"{before.rstrip('-_./ ')}{after}" or "all"


def _value(text: str) -> int | None:
    """`100` and `2.5k` as whole numbers; None for 2.5."""
    times = 1000 if text[-1] in "kK" else 1
    value = float(text.rstrip("kK")) * times
    return int(value) if value == int(value) and value < 10**18 else None


def _belongs(name: str, run: str) -> bool:
    """Whether a name without a number is of `run`: it begins with the same word, or says only what stage it is."""
    words, of_run = (re.split(r"[-_./| ]+", text.casefold()) for text in (name, run))
    return words[0] == of_run[0] or set(words) <= STAGES | ENDS


def _ends(bare: Sequence[str], steps: Mapping[int, str]) -> dict[int, str]:
    """Steps of names without a number: one before the first and one, if its name says so, after the last; none where several
    could be either."""
    last = [name for name in bare if ENDS & set(re.split(r"[-_./| ]+", name.casefold()))]
    first = [name for name in bare if name not in last]
    before = 0 if min(steps) > 0 else min(steps) - 1
    found = {before: first[0]} if len(first) == 1 else {}
    return {**found, max(steps) + 1: last[0]} if len(last) == 1 else found
