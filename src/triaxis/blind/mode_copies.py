"""Diversity damage: samples become copies of the most frequent answer of the same quality, so that only variety falls."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from triaxis.blind.planting import Damage, arrivals, generator
from triaxis.blind.samples import Samples
from triaxis.errors import InputError

MATCH = 0.5
"""Widest difference in quality between a sample and its copy, in standard deviations of quality over all samples."""

SAYS = (
    "a share of the samples of a cell become copies of an answer of the most frequent class among those of the same quality; "
    "the quality of a sample stays"
)
SAYS_SET = SAYS.replace("become copies", "become copies, prompt and all,")


def mode_copies(samples: Samples, *, match: float = MATCH) -> Damage:
    """Copies of the mode inside each cell, within bands of quality at most `match` standard deviations wide.

    In each band the class that is most frequent in the cell gives one exemplar, the member nearest to the band's middle in
    quality and complexity; the others of the band can become copies of it. A sample alone in its band cannot be damaged. With
    unit set a copy is of the whole pair of prompt and answer, since an answer to another prompt would be beside the point.
    Raises `InputError` where no cell has two samples.
    """
    if max((rows.size for rows in samples.rows_of_cells), default=0) < 2:
        raise InputError(
            "no prompt has two answers of one model, so a copy would answer another prompt; type --unit set, which copies "
            "prompt and answer together"
        )
    donor, arrival = np.arange(len(samples)), np.full(len(samples), np.inf)
    width = match * samples.quality_spread
    for rows in samples.rows_of_cells:
        for row, source in _sources(samples, rows[samples.klass[rows] >= 0], width):
            donor[row] = source
        can = rows[donor[rows] != rows]
        for found, dose in arrivals([np.array([row]) for row in can], rows.size, generator(samples, int(rows[0]), "copies")):
            arrival[found] = dose
    return Damage("diversity", "copies", SAYS if samples.rules.unit == "prompt" else SAYS_SET, donor, arrival)


def _sources(samples: Samples, rows: np.ndarray, width: float) -> Iterator[tuple[int, int]]:
    """(row, exemplar whose copy it may become) for the rows of one cell."""
    often = Counter(samples.klass[rows].tolist())
    for band in bands(rows, samples.quality[rows], width):
        most = max(often[label] for label in samples.klass[band].tolist())
        first = next(label for label in samples.klass[band].tolist() if often[label] == most)
        members = band[samples.klass[band] == first]
        exemplar = int(members[_nearest_middle(samples, band, members)])
        text = samples.said[exemplar]
        yield from ((int(row), exemplar) for row in band if row != exemplar and samples.said[row] != text)


def bands(rows: np.ndarray, quality: np.ndarray, width: float) -> list[np.ndarray]:
    """`rows` in groups of rising quality, each at most `width` wide; rows without a quality are a group of their own."""
    known = np.isfinite(quality)
    order = rows[known][np.argsort(quality[known], kind="stable")]
    values, starts = np.sort(quality[known], kind="stable"), [0]
    for place, value in enumerate(values):
        if value > values[starts[-1]] + width + 1e-12:
            starts.append(place)
    found = [np.sort(band) for band in np.split(order, starts[1:]) if band.size]
    return [*found, *([rows[~known]] if (~known).any() else [])]


def _nearest_middle(samples: Samples, band: np.ndarray, members: np.ndarray) -> int:
    """Which of `members` is nearest to the mean of `band` in quality and complexity, each over its spread in the file."""
    away = np.zeros(members.size)
    for values, spread in ((samples.quality, samples.quality_spread), (samples.complexity, samples.complexity_spread)):
        if spread > 0 and np.isfinite(values[band]).any():
            away += np.nan_to_num(np.abs(values[members] - np.nanmean(values[band])) / spread)
    return int(np.argmin(away))
