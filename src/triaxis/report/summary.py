"""The result as Markdown to paste: three sentences, one table, the flips, the gate, and what was not measured."""

from collections.abc import Iterator, Sequence

from triaxis.report import answers, costs, own_floors, remarks, wording
from triaxis.report.both_units import twin_of, two_numbers
from triaxis.report.text import floor_name, interval, markdown, number, percent, plural, trimmed
from triaxis.report.units import heading
from triaxis.report.view import GateView, Row, views
from triaxis.results import Results

MOST_MODELS = 30
MOST_FLIPS = 10
MOST_LINES = 20
MOST_TEXT = 400


def summary(results: Results) -> str:
    """Markdown, one section per gate; names, prompts and reasons are escaped and stand on one line each."""
    lines = [f"# {_escaped(results.manifest.title)}", ""]
    seen = views(results)
    for view in seen:
        lines += _gate(view, is_only=len(seen) == 1)
    lines += [line for text in _together(results, seen) for line in (text, "")]
    return "\n".join([*lines, *_not_measured(results), *_made(results)]).rstrip() + "\n"


def _escaped(text: str) -> str:
    return markdown(trimmed(text, MOST_TEXT))


def _sentence(sentence: wording.Sentence) -> str:
    return "".join(f"{_escaped(p.model)}{p.mark}" if isinstance(p, wording.Name) else _kept_spaces(p) for p in sentence)


def _kept_spaces(text: str) -> str:
    """Escaped, with the spaces at its ends: a part of a sentence, not a whole one."""
    start, end = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :] if text.strip() else ""
    return f"{start}{_escaped(text)}{end}"


def _gate(view: GateView, *, is_only: bool) -> Iterator[str]:
    if not is_only:
        yield from (f"## {_escaped(view.summary.gate.label)}", "")
    for sentence in wording.three(view):
        yield from (_sentence(sentence), "")
    yield from _table(view)
    if (cost := costs.sentence(view)) is not None:
        yield from (_sentence(cost), "")
    yield from _flips(view)
    yield from _answers(view)


def _answers(view: GateView) -> Iterator[str]:
    """A line or two for each question about several models, domains, checkpoints or rows."""
    found = [(title, _sentence(said)) for title, said in answers.lines(view)]
    if found:
        yield from ("**Answers**", "", *(f"- {_escaped(title)} {said}" for title, said in found), "")


def _together(results: Results, seen: Sequence[GateView]) -> Iterator[str]:
    """What several gates say together: within and across prompts, and each domain above its own floor."""
    pairs = [(view, twin) for view in seen if view.is_set and (twin := twin_of(view, seen)) is not None]
    yield from (_sentence(two_numbers(view, seen[twin])) for view, twin in pairs)
    if (own := own_floors.own_floors(results)) is not None:
        yield _escaped(own_floors.line(own))


def _table(view: GateView) -> Iterator[str]:
    floors = view.shown_floors
    rankings = [{row["model"]: row for row in view.ranking(floor)} for floor in floors]
    if not rankings or not rankings[0]:
        return
    names = [f"floor {floor_name(floor)}" if floor is not None else "no floor" for floor in floors]
    share = "" if view.base_floor is None else ", share of samples that are usable"
    yield f"{heading(view)}, 95 % interval{share}:"
    yield ""
    yield f"| model | {' | '.join(names)} | prompts |"
    yield f"|---|{'---:|' * (len(floors) + 1)}"
    for model, row in list(rankings[0].items())[:MOST_MODELS]:
        mark = wording.MARK if view.is_warned(model) else ""
        cells = [_cell(ranking.get(model)) for ranking in rankings]
        yield f"| {_escaped(model)}{mark} | {' | '.join(cells)} | {row['prompts']} |"
    yield ""
    yield from _table_notes(view, len(rankings[0]))


def _cell(row: Row | None) -> str:
    if row is None or row["value"] is None:
        return "–"
    share = "" if row["floor"] is None else f" · {percent(row['usable_share'])}"
    return " ".join(filter(None, [number(row["value"]), interval(row["low"], row["high"])])) + share


def _table_notes(view: GateView, models: int) -> Iterator[str]:
    if models > MOST_MODELS:
        yield from (f"{models - MOST_MODELS} more models are in `tables/{view.stored('usable_diversity')}.parquet`.", "")
    if view.base_floor is not None and len(view.shown_floors) > 1:
        middle = "where the lead first changes" if view.change is not None else "where half the samples are left"
        yield from (f"Floors shown: the lowest, the one {middle}, the highest that leaves a fifth of the samples.", "")


def _flips(view: GateView) -> Iterator[str]:
    if not view.flips:
        return
    yield from ("**Flips**", "")
    yield from (f"- {_sentence(wording.flip(view, row))}" for row in view.flips[:MOST_FLIPS])
    if len(view.flips) > MOST_FLIPS:
        yield f"- and {len(view.flips) - MOST_FLIPS} more in `tables/{view.stored('flips')}.parquet`"
    yield ""


def _not_measured(results: Results) -> Iterator[str]:
    lines = [f"{item.analysis}: {item.reason}" for item in results.manifest.not_run]
    reasons = "; ".join(f"{count:,}: {reason}" for reason, count in remarks.by_reason(results))
    lines += [f"{remarks.lost_words(results)} ({reasons})"] if reasons else []
    yield from _listed("Not measured", lines, "`results.json`")
    yield from _listed("Notes", remarks.notes(results), "`results.json`")


def _listed(title: str, lines: list[str], place: str) -> Iterator[str]:
    if lines:
        yield from (f"**{title}**", "", *(f"- {_escaped(line)}" for line in lines[:MOST_LINES]))
        yield from ([f"- and {len(lines) - MOST_LINES} more in {place}"] if len(lines) > MOST_LINES else [])
        yield ""


def _made(results: Results) -> Iterator[str]:
    made = results.manifest
    gates = "; ".join(_escaped(view.summary.gate.label) for view in views(results))
    versions = ", ".join(f"{_escaped(name)} {_escaped(version)}" for name, version in sorted(made.versions.items()))
    units = {view.is_set for view in views(results)}
    ways = [f"{plural(made.draws, 'draw')} of prompts"] if units != {True} else []
    ways += ["leaving out each prompt of a set in turn"] if True in units else []
    yield (
        f"Gate: {gates}. Intervals from {' and from '.join(ways)}, seed {made.seed}. Data {_escaped(made.data_hash)}. {versions}."
    )
