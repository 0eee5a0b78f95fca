"""Does the blindness test tell the truth? Simulated samples whose answer is known, and evaluations whose eyes are known.

A world has prompts with cells of one model and a second model to take worse answers from; classes are drawn from a skewed
distribution of each prompt, qualities 0 to 3 independently of classes, lengths independently of both. Evaluations: one that reads
only quality; one that reads only quality, through a judge whose noise is drawn anew each time; one that reads a trait of the text
that has to do with neither quality nor class; and U itself. The first three must not see copies more often than 5 % of the time;
U must see them as often as theory says: |mean| of the change over prompts against its standard error, both from a large world.

    python benchmarks/planted_blind.py --simulations 200
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from triaxis.blind import Asked, Blindness, Trial, blind
from triaxis.blind.mode_copies import mode_copies
from triaxis.blind.planting import edition
from triaxis.blind.samples import read_samples
from triaxis.blind.table import Table
from triaxis.blind.truth import gauge_of, read_off

DOSES = (0.05, 0.1, 0.25, 0.5, 0.9)
REPLICATES = 12
ASKED = Asked(equivalence="column:label@prompt")
OURS = "triaxis: U(8)"
TRIAL = Trial(doses=DOSES, replicates=REPLICATES, metrics=(), budget=8)


def world(prompts: int, rng: np.random.Generator, *, samples: int = 8, classes: int = 8) -> list[dict[str, Any]]:
    """Rows of two models for `prompts` prompts; classes of the second model are its own, so that there is something to swap."""
    rows = []
    for prompt in range(prompts):
        weights = rng.dirichlet(np.full(classes, 0.8))
        for model in ("ours", "theirs"):
            for index in range(samples):
                label = f"{model} {rng.choice(classes, p=weights)}"
                words = " ".join(f"w{rng.integers(1000)}" for _ in range(rng.integers(10, 40)))
                rows.append({
                    "prompt_id": f"p{prompt}", "prompt": f"about {prompt}", "response": f"{label} {words}", "label": label,
                    "model": model, "sample_index": index, "quality": int(rng.integers(4)),
                })  # fmt: skip
    return rows


@dataclass
class Quality:
    """The mean of quality; with `noise`, as a judge would give it whose error is drawn anew at each reading."""

    name: str = "quality only"
    noise: float = 0.0
    identity: str = ""
    is_lower_better: bool = False
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def score(self, table: Table) -> float:
        """The mean."""
        given = np.array(table.column("quality"), dtype=np.float64)
        return float((given + self.noise * self.rng.normal(size=given.size)).mean())


@dataclass
class Style:
    """The mean of a trait of each text that is as good as random: a hash."""

    name: str = "a trait of the text"
    identity: str = ""
    is_lower_better: bool = False

    def score(self, table: Table) -> float:
        """The mean, about 0.5."""
        return float(np.mean([_hash(text) for text in table.column("response") or ()]))


def _hash(text: str) -> float:
    return int.from_bytes(blake2b(text.encode(), digest_size=6).digest(), "big") / 2**48


class Simulated(NamedTuple):
    """What one world gave: for evaluations, the smallest dose seen by (name, axis), and which doses are clear by (name, axis)."""

    smallest: dict[tuple[str, str], float | None]
    clear: dict[tuple[str, str], list[bool]]
    found: Blindness


def simulate(seed: int, *, prompts: int) -> Simulated:
    """One world, tested."""
    rng = np.random.default_rng([seed, prompts])
    evaluations = [Quality(), Quality("quality with a noisy judge", 1.0, rng=np.random.default_rng([seed, 1])), Style()]
    with tempfile.TemporaryDirectory() as folder:
        file = write(world(prompts, rng), Path(folder))
        found = blind(file, evaluations, asked=Asked(equivalence=ASKED.equivalence, seed=seed), trial=TRIAL)
    smallest = {(v.evaluation, v.axis): v.smallest for v in found.verdicts}
    return Simulated(smallest, {key: found.of(*key)["seen"].fill_null(False).to_list() for key in smallest}, found)


def write(rows: Sequence[dict[str, Any]], folder: Path) -> Path:
    """The rows as JSON lines."""
    file = folder / "world.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def theory(prompts: int, *, large: int = 1500) -> list[float]:
    """How often U should see copies at each dose: power of its interval, from changes by prompt in a world of `large` prompts."""
    with tempfile.TemporaryDirectory() as folder:
        samples = read_samples([write(world(large, np.random.default_rng(99)), Path(folder))], ASKED)
    gauge = gauge_of(samples, budget=TRIAL.budget, metrics=())
    damage, before = mode_copies(samples), read_off(samples, gauge)
    first = np.array([rows[0] for rows in samples.rows_of_cells])
    reach = student.ppf(1 - 0.05 / (2 * len(DOSES)), 1 / (1 / (REPLICATES - 1) + 1 / (prompts - 1)))
    powers = []
    for dose in DOSES:
        made = edition(samples, damage, dose)
        change = read_off(made.samples, gauge, before=before, changed=made.is_damaged).values[:, 0] - before.values[:, 0]
        by_prompt = np.bincount(samples.prompt[first], weights=change) / np.bincount(samples.prompt[first])
        away = abs(by_prompt.mean()) / (by_prompt.std() / np.sqrt(prompts))
        powers.append(float(norm.sf(reach - away) + norm.cdf(-reach - away)))
    return powers


def kept_axes(simulated: Sequence[Simulated]) -> list[tuple[str, str, float, float]]:
    """(damage, axis, mean relative change, largest absolute one) at the largest dose, over worlds."""
    rows = []
    for damaged in ("diversity", "quality", "complexity"):
        for axis in ("diversity", "quality", "complexity"):
            changes = [one.found.of(OURS, damaged)[axis][-1] for one in simulated if one.found.of(OURS, damaged).height]
            if changes:
                rows.append((damaged, axis, float(np.mean(changes)), float(np.abs(changes).max())))
    return rows


def shares(simulated: Sequence[Simulated], name: str, axis: str = "diversity") -> tuple[float, list[float]]:
    """(share of worlds in which `name` sees damage of `axis` at all, share in which its interval excludes 0 at each dose)."""
    seen = np.mean([one.smallest[name, axis] is not None for one in simulated])
    return float(seen), np.mean([one.clear[name, axis] for one in simulated], axis=0).tolist()


def main() -> None:
    """Command line: how many worlds, and with how many prompts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--simulations", type=int, default=200)
    parser.add_argument("--prompts", type=int, nargs="+", default=[16, 40])
    options = parser.parse_args()
    for prompts in options.prompts:
        simulated = [simulate(seed, prompts=prompts) for seed in range(options.simulations)]
        print(f"\n{options.simulations} worlds of {prompts} prompts: share in which copies are seen")
        print(f"\n| evaluation | at all | {' | '.join(f'dose {dose:.0%}' for dose in DOSES)} |\n|{'---|' * (len(DOSES) + 2)}")
        for name in ("quality only", "quality with a noisy judge", "a trait of the text", OURS):
            seen, clear = shares(simulated, name)
            print(f"| {name} | {seen:.1%} | {' | '.join(f'{share:.1%}' for share in clear)} |")
        print(f"| U, by theory | | {' | '.join(f'{power:.1%}' for power in theory(prompts))} |", flush=True)
        print("\n| damage at the largest dose | axis | mean change | largest |\n|---|---|---|---|")
        for damage, axis, mean, largest in kept_axes(simulated):
            print(f"| {damage} | {axis} | {mean:+.1%} | {largest:.1%} |", flush=True)


if __name__ == "__main__":
    main()
