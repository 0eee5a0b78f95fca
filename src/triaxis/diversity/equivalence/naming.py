"""Equivalences by the names that people type: `lexical`, `exact`, `column:partition`, `column:answer@prompt`."""

import copy
from collections.abc import Mapping
from types import MappingProxyType

from triaxis.diversity.equivalence.expression import CanonicalExpression
from triaxis.diversity.equivalence.labels import ColumnLabels, ExactText, NormalisedText, OneClass
from triaxis.diversity.equivalence.lexical import LexicalNearDuplicates
from triaxis.diversity.equivalence.partition import RULES, Partitioned, split_rule
from triaxis.errors import InputError
from triaxis.protocols import Equivalence, Scope
from triaxis.registry import create, register

DEFAULT = "lexical"
SCOPES: Mapping[str, Scope] = MappingProxyType({"cell": "cell", "prompt": "prompt", "set": "set"})

SHARED = "@prompt"

register("equivalence", "exact")(ExactText)
register("equivalence", "normalised")(NormalisedText)
register("equivalence", "expression")(CanonicalExpression)
register("equivalence", "one-class")(OneClass)


def parse_equivalence(text: str) -> Equivalence:
    """The equivalence called `text`: `lexical`, `lexical:0.7`, `exact`, `normalised`, `expression`, `one-class`,
    `column:NAME[@prompt]`, or a plugin's name; one that compares pairs may say how pairs become classes: `lexical/union-find`,
    and whether answers of all models to a prompt share the classes: `lexical@prompt`.

    Raises `InputError` that says what names there are when it is none of them.
    """
    if text.endswith(SHARED) and not text.startswith("column:"):
        return across_models(parse_equivalence(text.removesuffix(SHARED)))
    spec, rule = split_rule(text)
    made: Equivalence = create("equivalence", spec)
    if rule is None:
        return made
    if not isinstance(made, Partitioned):
        raise InputError(f"{spec} compares no pairs, so {rule} has nothing to join; leave /{rule} out of {text!r}")
    return made.partitioned(rule)


def across_models(rule: Equivalence) -> Equivalence:
    """`rule` asked of the answers of all models to a prompt at once, so that its labels are shared by them (scope `prompt`)."""
    if not rule.is_pairwise or rule.scope != "cell":
        return rule
    shared = copy.copy(rule)
    shared.scope, shared.name = "prompt", f"{rule.name}{SHARED}"
    shared.rule = f"{rule.rule}; among the answers of all models to a prompt"
    return shared


@register("equivalence", "column")
def column_labels(text: str) -> ColumnLabels:
    """Labels from a column: NAME (good inside one cell), NAME@prompt (shared by all models), NAME@set (by all prompts, too)."""
    name, at, scope = text.rpartition("@")
    if not at:
        name, scope = text, "cell"
    if not name or scope not in SCOPES:
        raise InputError(
            f"expected column:NAME, column:NAME@prompt or column:NAME@set, got 'column:{text}'; type for example column:label"
        )
    return ColumnLabels(name, scope=SCOPES[scope])


@register("equivalence", "lexical")
def lexical(threshold: str = "0.6") -> LexicalNearDuplicates:
    """Lexical near-duplicates at a word overlap of `threshold`."""
    try:
        overlap = float(threshold)
    except ValueError:
        raise InputError(
            f"expected lexical:OVERLAP with a number in (0, 1], got 'lexical:{threshold}'; type lexical:0.6, "
            f"or lexical:0.6/RULE with RULE one of {', '.join(RULES)}"
        ) from None
    return LexicalNearDuplicates(threshold=overlap)
