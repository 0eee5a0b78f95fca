"""Domains by rules: what each rule is for, which comes first, and prompts that say nothing."""

from pathlib import Path

import polars as pl
import pytest

from benchmarks.domain_rules import held_out, macro
from triaxis.measure.domains.classify import HEAD, NAMES, RULE, classify_domain, named_by_rules
from triaxis.measure.domains.rules import RULES, any_of

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"

EXAMPLES = [
    ("Write a function to find the volume of a cylinder.", "code"),
    ("def pop(self):\n\t\"\"\"Remove the last pair.\"\"\"\n\t", "code"),
    ("Give an example of operator overloading in C++.", "code"),
    ("How many positive whole-number divisors does 196 have?", "math"),
    ("Find $x$, given that $x^2 = 4$.", "math"),
    ("Anna has 3 apples and buys 4 more. How many apples does she have?", "math"),
    ("Write a short poem of hatred with 4 lines.", "creative"),
    ("[ WP ] You died . You were reborn .\n", "creative"),
    ("I lost my job and my car.\n\nTL;DR:", "summarisation"),
    ("Question: Which is condensation?\nChoices:\n  A: boiling\n  B: dew\n", "reasoning"),
    ("Passage: The Titans flew home.\nQuestion: Who flew?\nAnswer:", "reading"),
    ("Write a dialogue between two people about: gardens", "dialogue"),
    ("Who wrote Hamlet?", "factual"),
    ("Are there cats that aren't cats?", "factual"),
    ("Offer three tips for keeping a healthy diet.", "instruction"),
    ("My friend's dog just died and they're really sad. How do I comfort them?", "instruction"),
    ("It's got to", "other"),
    ("", "other"),
]


@pytest.mark.parametrize(("prompt", "domain"), EXAMPLES)
def test_what_people_ask_for(prompt: str, domain: str) -> None:
    assert classify_domain(pl.Series([prompt])).to_list() == [domain]


def test_a_prompt_that_is_null_is_other_and_the_order_of_prompts_does_not_matter() -> None:
    prompts = pl.Series([None, *(prompt for prompt, _ in EXAMPLES)])
    found = classify_domain(prompts).to_list()
    assert found == ["other", *(domain for _, domain in EXAMPLES)]
    assert classify_domain(prompts.reverse()).to_list() == found[::-1]


def test_a_long_prompt_is_read_at_both_ends() -> None:
    filler = "blah " * HEAD
    assert classify_domain(pl.Series([filler + "\n\nTL;DR:", "Who? " + filler])).to_list() == ["summarisation", "instruction"]


def test_names_that_are_shown_say_that_rules_gave_them() -> None:
    assert named_by_rules(pl.Series(["Who wrote Hamlet?"])).to_list() == ["factual (by rules)"]


def test_the_note_tells_every_rule_in_order() -> None:
    places = [RULE.index(rule.says) for rule in RULES]
    assert places == sorted(places)
    assert set(NAMES) == {*(rule.domain for rule in RULES), "other"}


def test_no_rule_has_an_empty_alternative() -> None:
    assert not [pattern for rule in RULES for pattern in rule.patterns if "||" in pattern or "(?:|" in pattern or "|)" in pattern]
    assert any_of(" a |\n b ") == r"\b(?:a|b)\b"


@pytest.mark.slow
def test_held_out_prompts_of_one_kind_mostly_get_the_domain_that_their_file_states() -> None:
    if not DATA.exists():
        pytest.skip(f"needs the real data in {DATA}")
    rows = held_out(DATA).filter(pl.col("domain") != "instruction", pl.col("file") != "diversity_human_scores_dev")
    assert macro(rows["domain"].to_numpy(), rows["given"].to_numpy())[0] > 0.8
