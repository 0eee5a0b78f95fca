"""The tables of a result: which there are, and the columns of each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import polars as pl

_MODEL = {"gate": pl.String, "model": pl.String, "domain": pl.String}
_PAIR = {"gate": pl.String, "model_a": pl.String, "model_b": pl.String, "domain": pl.String}
_INTERVAL = {"value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
_CURVE = {
    **_MODEL,
    "floor": pl.Float64,
    "budget": pl.Int64,
    **_INTERVAL,
    "usable_share": pl.Float64,
    "prompts": pl.Int64,
}
_COMPARISON = {
    **_PAIR,
    "floor": pl.Float64,
    "budget": pl.Int64,
    "difference": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "verdict": pl.String,
    "delta": pl.Float64,
    "prompts": pl.Int64,
    "prompts_to_decide": pl.Int64,
}
_FLIP = {
    **_PAIR,
    "budget": pl.Int64,
    "crossing": pl.Int64,
    "last_floor_below": pl.Float64,
    "floor": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "leader_below": pl.String,
    "leader_above": pl.String,
    "verdict": pl.String,
    "prompts": pl.Int64,
}
_WINNER = {
    "gate": pl.String,
    "domain": pl.String,
    "floor": pl.Float64,
    "budget": pl.Int64,
    "winner": pl.String,
    "leader": pl.String,
    "runner_up": pl.String,
    "difference": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "verdict": pl.String,
    "prompts": pl.Int64,
}

TABLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "usable_diversity": _CURVE,
        "given_usable": {
            **_MODEL,
            "floor": pl.Float64,
            "equal_count": pl.Int64,
            **_INTERVAL,
            "prompts": pl.Int64,
            "prompts_left": pl.Int64,
        },
        "given_usable_pairs": {
            **_PAIR,
            "floor": pl.Float64,
            "equal_count": pl.Int64,
            "value_a": pl.Float64,
            "value_b": pl.Float64,
            "difference": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
            "prompts": pl.Int64,
            "prompts_left": pl.Int64,
        },
        "pairwise": {
            **_MODEL,
            "floor": pl.Float64,
            "form": pl.String,
            **_INTERVAL,
            "prompts": pl.Int64,
            "prompts_left": pl.Int64,
        },
        "utility": {**_MODEL, "k": pl.Int64, **_INTERVAL, "prompts": pl.Int64},
        "richness": {
            **_MODEL,
            "floor": pl.Float64,
            "observed": pl.Float64,
            "chao1": pl.Float64,
            "coverage": pl.Float64,
            "prompts": pl.Int64,
            "prompts_left": pl.Int64,
        },
        "comparisons": _COMPARISON,
        "flips": _FLIP,
        "winner_map": _WINNER,
        "cosine_distance": {
            **_MODEL,
            "floor": pl.Float64,
            **_INTERVAL,
            "prompts": pl.Int64,
            "prompts_left": pl.Int64,
        },
        "diversity_levels": {
            **_MODEL,
            "level": pl.String,
            "metric": pl.String,
            "direction": pl.String,
            "floor": pl.Float64,
            "size": pl.Int64,
            **_INTERVAL,
            "other_prompts": pl.Float64,
            "shuffled": pl.Float64,
            "length_correlation": pl.Float64,
            "prompts": pl.Int64,
            "prompts_left": pl.Int64,
            "undefined": pl.Int64,
            "reason": pl.String,
        },
        "set_diversity": _CURVE,
        "set_comparisons": _COMPARISON,
        "set_flips": _FLIP,
        "set_winner_map": _WINNER,
        "own_floor": _CURVE,
        "cost": {
            **_MODEL,
            "cost_unit": pl.String,
            "floor": pl.Float64,
            "budget": pl.Int64,
            "mean_cost": pl.Float64,
            "expected_classes": pl.Float64,
            "classes_per_unit": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
            "prompts": pl.Int64,
        },
        "cost_map": {
            "gate": pl.String,
            "domain": pl.String,
            "cost_unit": pl.String,
            "amount": pl.Float64,
            "floor": pl.Float64,
            "winner": pl.String,
            "leader": pl.String,
            "runner_up": pl.String,
            "difference": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
            "verdict": pl.String,
            "beyond_reach": pl.String,
            "prompts": pl.Int64,
        },
        "size_curves": {
            **_MODEL,
            "family": pl.String,
            "stage": pl.String,
            "parameters": pl.Float64,
            "floor": pl.Float64,
            "budget": pl.Int64,
            **_INTERVAL,
            "prompts": pl.Int64,
        },
        "base_to_tuned": {
            "gate": pl.String,
            "base": pl.String,
            "tuned": pl.String,
            "stage": pl.String,
            "domain": pl.String,
            "floor": pl.Float64,
            "budget": pl.Int64,
            "value_base": pl.Float64,
            "value_tuned": pl.Float64,
            "difference": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
            "verdict": pl.String,
            "prompts": pl.Int64,
        },
        "cells": {
            **_MODEL,
            "prompts": pl.Int64,
            "samples": pl.Int64,
            "measured": pl.Int64,
            "smallest_cell": pl.Int64,
            "largest_cell": pl.Int64,
            "largest_budget": pl.Int64,
            "prompts_left": pl.Int64,
        },
        "unmeasured": {**_MODEL, "reason": pl.String, "samples": pl.Int64},
    }
)
"""Columns of every table, in order. `domain` null is all domains; `floor` null is ungated; `low` and `high` are 95 %."""


def empty_table(name: str) -> pl.DataFrame:
    """Table `name` with its columns and no rows."""
    return pl.DataFrame(schema=dict(TABLES[name]))
