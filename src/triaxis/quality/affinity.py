"""Judges that may favour their own: a quality score made by one model family stands beside a warning where that family leads.

Judges have been seen to prefer outputs of their own family (self-preference, Panickssery et al. 2024); of NoveltyBench's
reward model its users observed that it favours Gemma (issue 1 of its repository, called plausible by the authors).
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "gemma": r"gemma", "gemini": r"gemini", "gpt": r"gpt|chatgpt|text-davinci|\bo[134](-|\b)", "claude": r"claude",
        "llama": r"llama|tulu|vicuna|alpaca", "qwen": r"qwen|qwq", "mistral": r"mistral|mixtral|ministral",
        "deepseek": r"deepseek", "olmo": r"olmo", "command": r"command-|cohere", "phi": r"\bphi-?\d", "grok": r"grok",
        "yi": r"\byi-", "glm": r"glm",
    }
)  # fmt: skip
"""Model families, each with the pattern its members' names hold (case ignored)."""

KNOWN_SOURCES: Mapping[str, str] = MappingProxyType({r"^noveltybench reward": "Skywork-Reward-Gemma-2-27B-v0.2"})
"""Quality sources whose name does not tell the model behind them, and that model (facts: NoveltyBench `score.py`)."""


def family_of(name: str) -> str | None:
    """The family whose pattern `name` holds, None when none does; the first one named wins (`gemma` in a Gemma-based judge)."""
    places = {family: re.search(pattern, name, re.IGNORECASE) for family, pattern in FAMILIES.items()}
    found = {family: match.start() for family, match in places.items() if match}
    return min(found, key=found.__getitem__) if found else None


def judge_family(source: str | None, *, judge: str | None = None) -> tuple[str, str] | None:
    """(judge model, its family) behind the quality source, None when it cannot be told or is no model of a known family.

    `judge` states the model when the name of the source does not.
    """
    named = judge or next(
        (model for pattern, model in KNOWN_SOURCES.items() if source and re.search(pattern, source, re.IGNORECASE)), source
    )
    family = family_of(named) if named else None
    return (named, family) if named and family else None
