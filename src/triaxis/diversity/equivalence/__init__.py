"""When two answers say the same thing: every rule is a partition of samples into classes, with its scope declared."""

from triaxis.diversity.equivalence.expression import CanonicalExpression
from triaxis.diversity.equivalence.labels import ColumnLabels, ExactText, NormalisedText, OneClass
from triaxis.diversity.equivalence.lexical import LexicalNearDuplicates
from triaxis.diversity.equivalence.naming import DEFAULT, parse_equivalence
from triaxis.diversity.equivalence.pairs import PairClasses
from triaxis.diversity.equivalence.partition import RULES, PartitionRule, first_member
from triaxis.diversity.equivalence.topical import Topical, parse_topical

__all__ = [
    "DEFAULT", "CanonicalExpression", "ColumnLabels", "ExactText", "LexicalNearDuplicates", "NormalisedText", "OneClass",
    "RULES", "PairClasses", "PartitionRule", "Topical", "first_member", "parse_equivalence", "parse_topical",
]  # fmt: skip
