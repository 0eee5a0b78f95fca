"""Rules that compare pairs, asked of the answers of all models at once."""

import polars as pl

from triaxis.diversity.equivalence import parse_equivalence
from triaxis.measure import run


def test_a_pair_rule_at_prompt_scope_shares_its_classes_between_models_whatever_the_row_order() -> None:
    rows = [("p", "a", 0, "red"), ("p", "a", 1, "blue"), ("p", "b", 0, "red"), ("p", "b", 1, "green"), ("q", "a", 0, "red")]
    frame = pl.DataFrame(rows, schema=["prompt_id", "model", "sample_index", "response"], orient="row")
    forward, backward = (run(f, equivalence="lexical@prompt", examples=5).manifest for f in (frame, frame.reverse()))
    assert forward.data_hash == backward.data_hash
    assert forward.gates[0].gate.scope == "prompt"


def test_its_name_and_its_rule_say_so() -> None:
    rule = parse_equivalence("lexical/union-find@prompt")
    assert (rule.scope, rule.name) == ("prompt", "lexical/union-find@prompt")
    assert "all models" in rule.rule
