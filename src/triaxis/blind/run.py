"""The blindness test: known damage in, the user's own score out, dose by dose; triaxis measures every dose as proof.

`blind` is the front door in Python. The one idea: three truths (diversity, quality, complexity) and any number of evaluations go
through the same doses, the same halves of prompts and the same intervals.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from triaxis.blind.evaluations import Evaluation, MeanOf, PassAt1, check_columns, parse_evaluations
from triaxis.blind.halves import halves
from triaxis.blind.ledger import Ledger
from triaxis.blind.mode_copies import mode_copies
from triaxis.blind.options import Trial
from triaxis.blind.planting import Damage, Edition, edition
from triaxis.blind.response import Blindness, Dosed, Setting, blindness
from triaxis.blind.samples import Asked, Samples, read_samples
from triaxis.blind.scoring import Scorer
from triaxis.blind.simpler import simplification
from triaxis.blind.table import Table
from triaxis.blind.truth import Readings, gauge_of, read_off
from triaxis.blind.worse_answers import noise, swap
from triaxis.errors import InputError
from triaxis.protocols import Progress
from triaxis.results import NotRun


def blind(
    file: str | Path, evaluations: Sequence[str | Evaluation] = (), *, asked: Asked | None = None, trial: Trial | None = None,
    out: Path | None = None, keep: bool = False, jobs: int = 1, progress: Progress | None = None,
) -> Blindness:  # fmt: skip
    """How the scores of `evaluations` answer to known damage of the samples in `file`.

    An evaluation is what one types after --eval, or an object with `score(table)`. With `out`, finished evaluations are kept in
    its evaluations.jsonl and not run again; with `keep`, the damaged files in its doses/. Raises `InputError` for what cannot be
    used; an evaluation that fails is a reason beside the others' numbers.
    """
    asked, trial = asked or Asked(), trial or Trial()
    made = [one for text in evaluations for one in (parse_evaluations([text]) if isinstance(text, str) else [text])]
    samples = read_samples([file], asked)
    check_columns([*(one.column for one in made if isinstance(one, MeanOf | PassAt1)), *trial.carried], samples.table)
    damages, refused = plant(samples, trial)
    kept = halves(samples.prompts, replicates=trial.replicates if samples.prompts > 1 else 0, seed=asked.seed)
    gauge = gauge_of(samples, floor=trial.floor, budget=trial.budget, metrics=trial.metrics)
    setting = Setting(samples, gauge, kept, trial, refused)
    about = f"{_digest(Path(file), samples)}|{asked}|{trial.match}|{trial.carried}|{trial.quality_damage}"
    scorer = Scorer(made, kept[:, samples.prompt], about, Ledger(out) if out else None, jobs, progress)
    distinct = sum(_distinct(damage, trial.planted_doses) for damage in damages)
    scorer.total = len(made) * (1 + len(kept)) * (2 + distinct)
    doses = out / "doses" if out is not None and keep else None
    return blindness(setting, made, list(_dosed(setting, damages, scorer, doses)))


def plant(samples: Samples, trial: Trial) -> tuple[list[Damage], tuple[NotRun, ...]]:
    """The damage that can be planted, and the axes on which none can, with the reason."""
    planters = {
        "diversity": lambda: mode_copies(samples, match=trial.match),
        "quality": lambda: _quality_damage(samples, trial),
        "complexity": lambda: simplification(samples, match=trial.match),
    }
    found, refused = [], []
    for axis in trial.axes:
        try:
            damage = planters[axis]()
        except InputError as error:
            refused.append(NotRun(analysis=axis, reason=str(error)))
            continue
        if damage.most == 0:
            refused.append(NotRun(analysis=axis, reason=f"{damage.name}: {_NOTHING[damage.name]}"))
            continue
        found.append(damage)
    return found, tuple(refused)


_NOTHING = {
    "copies": "no two answers of a cell differ in text and have the same quality; type a larger --match",
    "swap": "no class of answers has worse ones of its own, or by another model to the same prompt; type --quality-damage noise",
    "noise": "no answer has words whose order could change",
    "simpler": "no answer has a simpler one of its class and quality, and none is English prose of two sentences",
}


def _quality_damage(samples: Samples, trial: Trial) -> Damage:
    is_swap = samples.has_quality if trial.quality_damage is None else trial.quality_damage == "swap"
    if is_swap and trial.quality_damage is None:
        made = swap(samples) if samples.quality_spread else None
        return made if made is not None and made.most else noise(samples)
    return swap(samples) if is_swap else noise(samples)


def _distinct(damage: Damage, doses: Sequence[float]) -> int:
    return len({damage.rows(dose).size for dose in doses} - {0})


def _dosed(setting: Setting, damages: Sequence[Damage], scorer: Scorer, keep: Path | None) -> Iterator[Dosed]:
    """Every dose: the undamaged file, the same once more, then each damage in rising doses."""
    samples, gauge = setting.samples, setting.gauge
    base = read_off(samples, gauge)
    own = _own(base, setting.kept)
    yield Dosed(None, 0.0, 0.0, own, scorer.scores(samples.table, "none", 0.0))
    yield Dosed(None, 0.0, 0.0, own, scorer.scores(samples.table, "none", 0.0, again=True))
    _keep(samples.table, keep, "none", 0.0)
    for damage in damages:
        last: Dosed | None = None
        for dose in setting.trial.planted_doses:
            reached = damage.rows(dose).size / max(1, len(samples))
            if last is not None and reached == last.reached:
                yield last._replace(dose=dose)
                continue
            made = edition(samples, damage, dose, carried=setting.trial.carried)
            _keep(made.table, keep, damage.name, dose)
            last = _scored(made, base, damage, dose, reached, setting, scorer)
            yield last


def _scored(
    made: Edition, base: Readings, damage: Damage, dose: float, reached: float, setting: Setting, scorer: Scorer
) -> Dosed:
    found = read_off(made.samples, setting.gauge, before=base, changed=made.is_damaged)
    scores = scorer.scores(made.table, f"{damage.axis}/{damage.name}", dose)
    gap = _mismatch(made, damage)
    return Dosed(damage, dose, reached, _own(found, setting.kept), scores, gap)


def _mismatch(made: Edition, damage: Damage) -> float | None:
    """Mean quality of the texts that came less that of the samples they stand for, over all samples; None where it goes along."""
    quality = made.samples.quality
    came = damage.donor[made.is_damaged]
    has_copies = bool((came != np.flatnonzero(made.is_damaged)).any())
    if damage.moves_quality or not has_copies or not np.isfinite(quality).any():
        return None
    away = quality[came] - quality[made.is_damaged]
    known = away[np.isfinite(away)]
    return float(known.sum() / max(1, np.isfinite(quality).sum()))


def _own(found: Readings, kept: np.ndarray) -> np.ndarray:
    """(1 + replicates, figures) of triaxis' own."""
    return np.array([found.means(), *(found.means(half) for half in kept)])


def _keep(table: Table, folder: Path | None, damage: str, dose: float) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        table.write(folder / f"{damage}-{100 * dose:03.0f}{table.suffix}")


def _digest(file: Path, samples: Samples) -> str:
    if file.is_file():
        return sha256(file.read_bytes()).hexdigest()
    return sha256(samples.frame.hash_rows(seed=0).to_numpy().tobytes()).hexdigest()
