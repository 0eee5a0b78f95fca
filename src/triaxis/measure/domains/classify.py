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

NAMES = (*dict.fromkeys(rule.domain for rule in RULES), OTHER)
RULE = (
    "prompts without a domain were given one by rules, the first that fits: "
    + "; ".join(f"{rule.domain} {rule.says}" for rule in RULES)
    + f"; {OTHER} where none fits"
)
"""How domains were given, for the notes of a run."""


def classify_domain(prompts: pl.Series) -> pl.Series:
    """The domain of each of `prompts` (texts): one of `NAMES`; `other` where no rule fits, and for a prompt that is null."""
    found = pl.lit(OTHER)
    for rule in reversed(RULES):
        fits = pl.any_horizontal(pl.col("text").str.contains(pattern) for pattern in rule.patterns)
        found = pl.when(fits).then(pl.lit(rule.domain)).otherwise(found)
    return _read(prompts).select(found.alias("domain")).to_series()


def named_by_rules(prompts: pl.Series) -> pl.Series:
    """As `classify_domain`, in the words that a page shows: `code (by rules)`."""
    return classify_domain(prompts) + f" {BY_RULES}"


def _read(prompts: pl.Series) -> pl.DataFrame:
    """Column `text`: what is read of each prompt, its start and its end where it is long."""
    text = pl.col("text")
    ends = pl.concat_str(text.str.head(HEAD), pl.lit("\n"), text.str.tail(TAIL))
    frame = pl.DataFrame({"text": prompts.cast(pl.String).fill_null("")})
    return frame.select(pl.when(text.str.len_chars() > HEAD + TAIL).then(ends).otherwise(text).alias("text"))
