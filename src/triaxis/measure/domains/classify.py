"""A domain for prompts that have none, by stated rules: no model, no network, the same answer every time.

The rules are tried in a fixed order; the first that fits decides. Names that are shown end in `(by rules)`, so that nobody takes
them for domains that somebody assigned.
"""

import polars as pl

from triaxis.measure.domains.rules import RULES

BY_RULES = "(by rules)"
OTHER = "other"
HEAD, TAIL = 3000, 600
"""Characters of a prompt that are read, from its start and from its end."""

_READ = pl.col("read")

NAMES = (*dict.fromkeys(rule.domain for rule in RULES), OTHER)
RULE = (
    "prompts without a domain were given one by rules, the first that fits: "
    + "; ".join(f"{rule.domain} {rule.says}" for rule in RULES)
    + f"; {OTHER} where none fits"
)
"""How domains were given, for the notes of a run."""


def classify_domain(prompts: pl.Series) -> pl.Series:
    """The domain of each of `prompts` (texts): one of `NAMES`; `other` where no rule fits, and for a prompt that is null.

    Each distinct prompt is looked at once.
    """
    found = pl.lit(OTHER)
    for rule in reversed(RULES):
        fits = pl.any_horizontal(_READ.str.contains(pattern) for pattern in rule.patterns)
        found = pl.when(fits).then(pl.lit(rule.domain)).otherwise(found)
    every = pl.DataFrame({"prompt": prompts.cast(pl.String).fill_null("")})
    known = every.unique().select("prompt", read=_ends("prompt")).select("prompt", domain=found)
    return every.join(known, on="prompt", how="left", maintain_order="left")["domain"]


def named_by_rules(prompts: pl.Series) -> pl.Series:
    """As `classify_domain`, in the words that a page shows: `code (by rules)`."""
    return classify_domain(prompts) + f" {BY_RULES}"


def _ends(column: str) -> pl.Expr:
    """What is read of a prompt: all of it, or its start and its end where it is long."""
    text = pl.col(column)
    short = pl.concat_str(text.str.head(HEAD), pl.lit("\n"), text.str.tail(TAIL))
    return pl.when(text.str.len_chars() > HEAD + TAIL).then(short).otherwise(text)
