"""Judges that may favour their own family."""

import pytest

from triaxis.quality import family_of, judge_family


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("gemma-2-2b-it", "gemma"),
        ("Llama-3.2-1B-Instruct", "llama"),
        ("gpt-4o-2024-11-20", "gpt"),
        ("claude-3-opus@20240229", "claude"),
        ("gemini-1.5-pro", "gemini"),
        ("command-r7b-12-2024", "command"),
        ("o1-mini", "gpt"),
        ("Qwen2.5-0.5B", "qwen"),
        ("text-davinci-003", "gpt"),
        ("tulu-2-dpo-70b", "llama"),
        ("human", None),
        ("reference", None),
        ("oasst-pythia-12b", None),
        ("Skywork-Reward-Gemma-2-27B-v0.2", "gemma"),
        ("foo1-base", None),
        ("yi-34b-chat", "yi"),
        ("phi-2", "phi"),
    ],
)
def test_a_name_tells_its_family(name: str, family: str | None) -> None:
    assert family_of(name) == family


def test_the_judge_is_found_in_the_name_of_the_source() -> None:
    assert judge_family("gpt-4o judge, mean of grammar/creativity 1-10") == (
        "gpt-4o judge, mean of grammar/creativity 1-10",
        "gpt",
    )


def test_the_reward_model_of_noveltybench_is_a_gemma() -> None:
    found = judge_family("NoveltyBench reward (1-10) of the sample")
    assert found == ("Skywork-Reward-Gemma-2-27B-v0.2", "gemma")


def test_a_stated_judge_overrules_the_source() -> None:
    assert judge_family("gpt-4 score", judge="claude-3-opus") == ("claude-3-opus", "claude")


@pytest.mark.parametrize("source", [None, "", "unit tests (executed by us)", "multiple-choice answer key (exact match)"])
def test_what_is_no_model_has_no_family(source: str | None) -> None:
    assert judge_family(source) is None
