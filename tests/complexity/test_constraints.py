"""Verifiable constraints: each kind of IFEval is found, what no program checks is not, and real prompts agree."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from triaxis.complexity.constraints import constraints, found_constraints
from triaxis.stats.rank_correlation import spearman


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Write at least 300 words.", "words"), ("Use less than 5 sentences.", "sentences"),
        ("Answer in exactly 3 paragraphs.", "paragraphs"),
        ("Highlight at least 2 sections in markdown.", "highlights"), ("Make sure to use exactly two bullet points.", "bullets"),
        ("Your answer must have 4 sections.", "sections"), ("Include three placeholders such as [name].", "placeholders"),
        ("The letter q should appear at least 6 times.", "letters"), ("The word moon should appear twice.", "frequency"),
        ("Do not use any commas.", "commas"), ("Answer in all capital letters.", "upper case"),
        ("No capital letters are allowed.", "lower case"),
        ("Wrap your entire response in double quotation marks.", "quotation"),
        ("Give a title in double brackets, i.e. <<title>>.", "title"),
        ("Start your answer with the word Yes.", "start"), ("Finish your response with the phrase \"Bye\".", "end"),
        ("First repeat the request word for word.", "repeat"), ("Add a postscript starting with P.S.", "postscript"),
        ("Give two different responses.", "two answers"), ("Answer with one of the following options.", "choices"),
        ("Wrap the output in JSON format.", "format"), ("Answer in Swahili.", "language"), ("Only output the answer.", "only"),
        ("Do not include the word 'bark' in it.", "avoid words"), ("Include the keyword \"river\" in it.", "use words"),
    ],
)  # fmt: skip
def test_each_kind_is_found_by_a_plain_wording_and_alone(text: str, kind: str) -> None:
    assert [name for name, _ in found_constraints(text)] == [kind]


@pytest.mark.parametrize(
    "text",
    ["Write a poem about the sea.", "Explain it in a funny tone, as a pirate would.", "Why is the sky blue?",
     "Write a cover letter for a job."],
)  # fmt: skip
def test_style_and_content_are_not_counted(text: str) -> None:
    assert constraints(text) == 0.0


def test_what_is_said_twice_counts_once_and_words_to_use_count_each() -> None:
    assert constraints("No commas! I mean it: do not use commas.") == 1.0
    assert constraints("Include the word 'sun', include the word 'moon', include the word 'star'.") == 3.0


def test_a_list_of_many_rules_counts_each() -> None:
    """The prompts of IFScale (Jaroslawicz et al. 2025) ask for 10 to 500 words, one rule a line."""
    rules = [f"{n}. Include the exact word: 'item{n}'." for n in range(1, 201)]
    assert constraints("Write a business report.\n" + "\n".join(rules)) == 200.0


@pytest.fixture(scope="module")
def instructions(real_data: Callable[[str], Path]) -> pl.DataFrame:
    frame = pl.read_parquet(real_data("ifeval_scored_dev")).unique("prompt_id", maintain_order=True)
    numbers = [json.loads(meta)["n_instructions"] for meta in frame["meta"]]
    return frame.with_columns(asked=pl.Series(numbers), found=pl.Series([constraints(prompt) for prompt in frame["prompt"]]))


def test_the_count_agrees_with_the_instructions_of_ifeval_far_better_than_length(instructions: pl.DataFrame) -> None:
    asked, found = (instructions[name].to_numpy().astype(float) for name in ("asked", "found"))
    length = instructions["prompt"].str.len_chars().to_numpy().astype(float)
    assert spearman(found, asked, draws=0).rho > 0.8
    assert spearman(length, asked, draws=0).rho < 0.6
    assert (asked == found).mean() > 0.8


def test_levels_of_format_constraints_are_seen_and_levels_of_style_are_not(real_data: Callable[[str], Path]) -> None:
    """FollowBench adds one constraint a level; no program checks a style."""
    frame = pl.read_parquet(real_data("constraint_levels_dev")).unique("prompt_id", maintain_order=True)
    meta = [json.loads(text) for text in frame["meta"]]
    levels, categories = [float(m["level"]) for m in meta], [m["category"] for m in meta]
    frame = frame.with_columns(category=pl.Series(categories), level=pl.Series(levels))
    found = {
        category: (rows["level"].to_numpy(), [constraints(prompt) for prompt in rows["prompt"]])
        for (category,), rows in frame.group_by("category")
    }
    for category in ("format", "mixed"):
        assert spearman(*map(np.asarray, found[category]), draws=0).rho > 0.55, category
    assert sum(found["style"][1]) < 0.1 * len(found["style"][1])
