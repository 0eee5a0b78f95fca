"""A classifier of pairs of answers, small enough to ship: features of two texts (`features`) and a logistic head (`head`).

Start with `rule.Learned`; `reading` says what is read off a text, `fitting` how a head is fitted, `artefact` how it is kept.
"""

from triaxis.diversity.equivalence.learned.artefact import Artefact, load, save, shipped_folder
from triaxis.diversity.equivalence.learned.features import PAIR_FEATURES, Answers, pair_features, read_answers
from triaxis.diversity.equivalence.learned.fitting import LabelledFeatures, Settings, fit_head
from triaxis.diversity.equivalence.learned.head import Head, mean_difference
from triaxis.diversity.equivalence.learned.rule import Learned, parse_learned

__all__ = [
    "PAIR_FEATURES", "Answers", "Artefact", "Head", "LabelledFeatures", "Learned", "Settings", "fit_head", "load",
    "mean_difference", "pair_features", "parse_learned", "read_answers", "save", "shipped_folder",
]  # fmt: skip
