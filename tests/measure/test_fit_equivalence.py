"""Fitting a head to labelled pairs: what is read, what is refused, what is reported and written."""

import json
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.diversity.embedders import Words
from tests.measure.labelled import flat_pairs, jsonl, two_rows, weak_cells
from triaxis.diversity.equivalence.learned import Learned, load
from triaxis.errors import InputError, RecordsError
from triaxis.measure import fit_equivalence as fit_module
from triaxis.measure.fit_equivalence import Fitted, Plan, Sources, fit_equivalence, write_fitted
from triaxis.measure.fit_pairs import read_pairs, read_weak

QUICK = Plan(encoder="words", repeats=2)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return jsonl(tmp_path_factory.mktemp("pairs") / "pairs.jsonl", flat_pairs())


@pytest.fixture(scope="module")
def fitted(pairs: Path) -> Fitted:
    weak = jsonl(pairs.parent / "weak.jsonl", weak_cells())
    return fit_equivalence(Sources(pairs, "same", weak), plan=QUICK, embedder=Words())


def test_both_shapes_hold_the_same_pairs(pairs: Path, tmp_path: Path) -> None:
    flat = read_pairs(pairs)
    rows = read_pairs(jsonl(tmp_path / "rows.jsonl", two_rows(flat_pairs())), label="meta.human_same")
    assert (rows.first, rows.second, rows.prompts) == (flat.first, flat.second, flat.prompts)
    assert rows.same.tolist() == flat.same.tolist()
    assert len(set(flat.groups)) == 90


def test_the_order_of_rows_does_not_decide_who_is_first(tmp_path: Path) -> None:
    rows = two_rows(flat_pairs())
    shuffled = [rows[i] for i in np.random.default_rng(0).permutation(len(rows))]
    found = [read_pairs(jsonl(tmp_path / "r.jsonl", some), label="meta.human_same") for some in (rows, shuffled)]
    assert found[0].first == found[1].first
    assert found[0].same.tolist() == found[1].same.tolist()


def test_pairs_need_no_prompt(tmp_path: Path) -> None:
    rows = [{key: row[key] for key in ("first", "second", "same")} for row in flat_pairs()]
    path = jsonl(tmp_path / "p.jsonl", rows)
    assert set(read_pairs(path).prompts) == {None}
    report = fit_equivalence(Sources(path, "same"), plan=QUICK, embedder=Words()).report
    assert not [name for name in report["weights"] if name.startswith("prompt direction")]


def test_weak_pairs_are_those_of_each_cell_and_none_of_a_prompt_among_the_pairs(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "w.jsonl", weak_cells(3))
    found = read_weak(path, label="partition", besides=["trees of PARK 1", None])
    assert set(found.prompts) == {"Trees of park 0?", "Trees of park 2?"}
    assert found.same.tolist() == [1, 0, 0, 1, 0, 0]
    with pytest.raises(RecordsError, match="no two different answers"):
        read_weak(path, label="partition", besides=[f"Trees of park {i}?" for i in range(3)])


def test_a_head_learns_what_people_meant_and_says_how_well(fitted: Fitted) -> None:
    rules = fitted.report["rules"]
    assert list(rules) == ["always different", "lexical", "best cosine", "learned without weak labels", "learned"]
    assert rules["learned"]["accuracy"]["value"] > 0.9 > rules["always different"]["accuracy"]["value"]
    assert fitted.report["learned_minus"]["always different"]["low"] > 0.1
    assert fitted.report["data"]["weak_pairs"] == 90
    assert fitted.artefact.held_out["accuracy"] == rules["learned"]["accuracy"]["value"]


def test_the_same_files_give_the_same_report_and_head(pairs: Path, fitted: Fitted) -> None:
    again = fit_equivalence(Sources(pairs, "same", pairs.parent / "weak.jsonl"), plan=QUICK, embedder=Words())
    assert again.report == fitted.report
    assert again.artefact.head.weights.tolist() == fitted.artefact.head.weights.tolist()


def test_pairs_taken_in_parts_have_the_same_head(pairs: Path, fitted: Fitted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_module, "PAIRS_AT_ONCE", 7)
    again = fit_equivalence(Sources(pairs, "same", pairs.parent / "weak.jsonl"), plan=QUICK, embedder=Words())
    assert again.artefact.head.weights == pytest.approx(fitted.artefact.head.weights, abs=1e-6)


def test_the_seed_moves_folds_and_intervals_but_not_the_head(pairs: Path) -> None:
    plans = [Plan(encoder="words", repeats=1, seed=seed) for seed in (0, 1)]
    found = [fit_equivalence(Sources(pairs, "same"), plan=plan, embedder=Words()) for plan in plans]
    assert found[0].report["rules"] != found[1].report["rules"]
    assert found[0].artefact.head.weights.tolist() == found[1].artefact.head.weights.tolist()


def test_what_is_written_is_a_rule_with_its_card_and_plot(fitted: Fitted, tmp_path: Path) -> None:
    write_fitted(fitted, tmp_path, command="triaxis fit equivalence 'a b.jsonl'")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"model.safetensors", "config.json", "report.json", "card.md", "reliability.svg"}
    rule = Learned(load(tmp_path), Words())
    assert rule.probabilities(["oak elm ash fir"], ["oak elm ash yew"], ["Name trees."])[0] > 0.5
    assert rule.probabilities(["oak elm ash fir"], ["bay fig box nut"], ["Name trees."])[0] < 0.5
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert "    triaxis fit equivalence 'a b.jsonl'" in card
    assert "90 pairs of 90 prompts" in card
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == fitted.report
    plot = ElementTree.parse(tmp_path / "reliability.svg").getroot()  # noqa: S314  our own file
    assert len(plot.findall("{http://www.w3.org/2000/svg}circle")) == len(fitted.report["reliability"])


def test_progress_is_told(pairs: Path) -> None:
    seen: list[Sequence[object]] = []
    fit_equivalence(Sources(pairs, "same"), plan=QUICK, embedder=Words(), progress=lambda *told: seen.append(told))
    assert ("folds", 2, 2) in seen


def refused(tmp_path: Path, rows: list[dict[str, object]], message: str, label: str = "same") -> None:
    with pytest.raises(InputError, match=message):
        fit_equivalence(Sources(jsonl(tmp_path / "x.jsonl", rows), label), plan=QUICK, embedder=Words())


def test_too_few_pairs_or_one_kind_are_refused(tmp_path: Path) -> None:
    refused(tmp_path, flat_pairs(30), "at least 60 pairs")
    refused(tmp_path, [{**row, "same": 1} for row in flat_pairs()], r"got 90 the same and 0 different")


def test_labels_other_than_0_and_1_are_refused(tmp_path: Path) -> None:
    refused(tmp_path, [{**row, "same": "maybe"} for row in flat_pairs()], r"must be 1 \(the same\) or 0 \(different\), got maybe")
    refused(tmp_path, [{**row, "same": 3} for row in flat_pairs()], "got 3")


def test_the_label_may_have_the_name_that_robust_flips_read(tmp_path: Path) -> None:
    rows = [{("human_same" if key == "same" else key): value for key, value in row.items()} for row in flat_pairs()]
    assert read_pairs(jsonl(tmp_path / "h.jsonl", rows)).same.tolist() == [row["same"] for row in flat_pairs()]


def test_pairs_without_a_label_are_left_out(tmp_path: Path) -> None:
    rows = [{**row, "same": None} if number < 10 else row for number, row in enumerate(flat_pairs())]
    assert len(read_pairs(jsonl(tmp_path / "n.jsonl", rows)).same) == 80
    assert len(read_pairs(jsonl(tmp_path / "t.jsonl", two_rows(rows)), label="meta.human_same").same) == 80


def test_labels_may_be_words_of_truth(tmp_path: Path) -> None:
    rows = [{**row, "same": bool(row["same"])} for row in flat_pairs()]
    assert read_pairs(jsonl(tmp_path / "b.jsonl", rows)).same.tolist() == [row["same"] for row in flat_pairs()]


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    refused(tmp_path, flat_pairs(), "unknown column 'sam'", label="sam")
    refused(tmp_path, two_rows(flat_pairs()), "human_same", label="meta.human_sam")


def test_rows_that_are_no_pairs_are_refused(tmp_path: Path) -> None:
    rows = [row for row in two_rows(flat_pairs()) if row["sample_index"] == 0]
    refused(tmp_path, rows, "none with two", label="meta.human_same")


def test_labels_that_differ_within_a_pair_are_refused(tmp_path: Path) -> None:
    rows = two_rows(flat_pairs())
    rows[0]["meta"] = json.dumps({"human_same": 1 - flat_pairs()[0]["same"]})
    refused(tmp_path, rows, "equal in both rows", label="meta.human_same")


@pytest.mark.parametrize(("folds", "repeats"), [(1, 2), (30, 2), (5, 0)])
def test_folds_that_cannot_be_made_are_refused(pairs: Path, folds: int, repeats: int) -> None:
    with pytest.raises(InputError, match="expected 2 folds or more"):
        fit_equivalence(Sources(pairs, "same"), plan=Plan(folds=folds, repeats=repeats), embedder=Words())
