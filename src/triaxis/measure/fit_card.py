"""What goes with a fitted head: its card for people, and a plot of how far its probabilities can be believed."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from triaxis.diversity.equivalence.learned.agreement import Bin

SIDE, MARGIN = 320, 48
COLUMNS = ("accuracy", "f1", "auc", "brier", "calibration_error")


def card(report: Mapping[str, Any], *, command: str) -> str:
    """The model card as Markdown."""
    data, plan = report["data"], report["plan"]
    return "\n".join(
        [
            "# A learned equivalence: do two answers say the same?",
            "",
            "A logistic head on features of two answers and their prompt. Made by",
            "",
            f"    {command}",
            "",
            f"Encoder {plan['encoder']}, seed {plan['seed']}. Trained on {data['pairs']:,} pairs of {data['prompts']:,} prompts "
            f"that people labelled ({data['same']:,} the same)" + _weak(data, plan) + ".",
            "",
            "## Held-out figures",
            "",
            f"{plan['repeats']} x {plan['folds']}-fold cross-validation in which no prompt is in two folds; 95 % intervals "
            "resample prompts. A rule with a threshold of its own (best cosine) has it fitted within the folds, too.",
            "",
            *table(report),
            "",
            *(_against(name, figure) for name, figure in report["learned_minus"].items()),
            "",
            "![reliability](reliability.svg)",
            "",
            "## Weights",
            "",
            "In standard deviations of each input; positive speaks for the same.",
            "",
            *(f"- {name}: {weight:+.2f}" for name, weight in report["weights"].items()),
            "",
            "## When it misleads",
            "",
            "- It compares answers to one prompt. Of what its training pairs do not hold (other languages, program code, other "
            "kinds of prompt) it knows nothing.",
            "- One decisive changed word in a long answer still looks the same.",
            "- How often people say the same differs between collections; its probabilities hold for one like its training "
            "pairs.",
            "- People disagree with each other on such pairs: no rule can reach 100 %.",
            "",
        ]
    )


def table(report: Mapping[str, Any]) -> list[str]:
    """Lines of a Markdown table: one rule a row, its figures with intervals."""
    heads = ("rule", "right", "F1", "AUC", "Brier", "calibration error")
    lines = [f"| {' | '.join(heads)} |", f"|---{'|---:' * len(COLUMNS)}|"]
    for name, figures in report["rules"].items():
        lines.append(f"| {name} | {' | '.join(_figure(figures.get(column), column) for column in COLUMNS)} |")
    return lines


def _figure(figure: Mapping[str, float] | None, column: str) -> str:
    if figure is None:
        return ""
    if column == "accuracy":
        return f"{figure['value']:.1%} ({figure['low']:.1%} to {figure['high']:.1%})"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def _against(name: str, figure: Mapping[str, float]) -> str:
    ends = f"{100 * figure['low']:+.1f} to {100 * figure['high']:+.1f}"
    return f"- Against {name}: {100 * figure['value']:+.1f} points ({ends})."


def _weak(data: Mapping[str, Any], plan: Mapping[str, Any]) -> str:
    if not data["weak_pairs"]:
        return ""
    return (
        f", and with weight {plan['settings']['weak_weight']:g} each on {data['weak_pairs']:,} pairs of {data['weak_prompts']:,} "
        f"other prompts with the classes of a classifier ({data['weak_same']:,} the same)"
    )


def reliability_svg(bins: Sequence[Bin]) -> str:
    """A plot of the share of pairs that people call the same against the probability that the head gave, with intervals."""
    marks = [
        f'<line x1="{_x(b.probability)}" y1="{_y(b.low)}" x2="{_x(b.probability)}" y2="{_y(b.high)}" stroke="#4c78a8"/>'
        f'<circle cx="{_x(b.probability)}" cy="{_y(b.same)}" r="4" fill="#4c78a8"><title>'
        f"{b.pairs} pairs: {b.same:.0%} the same at {b.probability:.0%}</title></circle>"
        for b in bins
    ]
    ticks = [
        f'<text x="{_x(t)}" y="{_y(0) + 16}" text-anchor="middle">{t:g}</text>'
        f'<text x="{_x(0) - 6}" y="{_y(t) + 4}" text-anchor="end">{t:g}</text>'
        for t in (0, 0.25, 0.5, 0.75, 1)
    ]
    size = SIDE + 2 * MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" font-family="sans-serif" font-size="12">',
            f'<rect width="{size}" height="{size}" fill="white"/>',
            f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#999" stroke-dasharray="4"/>',
            f'<path d="M{_x(0)} {_y(1)}V{_y(0)}H{_x(1)}" fill="none" stroke="#333"/>',
            *ticks,
            *marks,
            _title(_x(0.5), size - 12, "probability of the same meaning"),
            _title(_x(0.5), 24, "share that people call the same (held-out pairs)"),
            "</svg>",
            "",
        ]
    )


def _title(x: float, y: float, text: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="middle">{escape(text)}</text>'


def _x(share: float) -> float:
    return round(MARGIN + share * SIDE, 1)


def _y(share: float) -> float:
    return round(MARGIN + (1 - share) * SIDE, 1)
