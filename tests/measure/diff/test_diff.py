"""Two runs compared from their stores: rows by hand, pairing, gates, refusals, hostile folders."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.measure.diff.runs import ALIKE, FULL, HALF, rows, run, save
from tests.measure.samples import batch, store_of
from triaxis.errors import InputError, StoreError
from triaxis.measure.diff import Diff, diff


def row(found: Diff, figure: str, *, domain: str | None = None, model: str = "m") -> dict[str, Any]:
    (one,) = [r for r in found.rows.to_dicts() if (r["figure"], r["domain"], r["model"]) == (figure, domain, model)]
    return one


def state(found: Diff) -> list[str]:
    return [one.ruling.state for one in found.limits]


@pytest.fixture
def full(tmp_path: Path) -> Path:
    return run(tmp_path / "full", rows(lambda p: FULL))


@pytest.fixture
def half(tmp_path: Path) -> Path:
    return run(tmp_path / "half", rows(lambda p: HALF))


def test_figures_of_both_runs_by_hand(full: Path, half: Path) -> None:
    found = diff(full, half)
    ungated, gated, share, quality = (row(found, name) for name in ("U(4)", "U(1,4)", "share(1)", "quality"))
    assert [(r["old"], r["new"]) for r in (ungated, gated, share, quality)] == [(4, 3), (4, 1), (1, 0.5), (1, 0.5)]
    assert gated["relative"] == pytest.approx(-0.75)
    assert (gated["difference"], gated["low"], gated["high"], gated["verdict"], gated["prompts"]) == (-3, -3, -3, "drops", 12)
    assert row(diff(half, full), "U(1,4)")["verdict"] == "rises"


def test_the_same_folder_twice_is_the_same(half: Path) -> None:
    found = diff(half, half, fail_if=["U(1,4) changes > 0%", "quality drops > 1%"])
    known = [r["verdict"] for r in found.rows.to_dicts() if r["prompts"]]
    assert set(known) == {"same within delta"}
    assert (state(found), found.exit_code) == (["holds", "holds"], 0)


def test_a_floor_that_nobody_has_seen_is_worked_out_exactly(full: Path, half: Path) -> None:
    found = diff(full, half, fail_if=["U(0.3,4) drops > 50%", "U(5,2) < 1"])
    assert state(found) == ["broken", "broken"]
    assert row(found, "U(0.3,4)")["new"] == 1
    assert row(found, "U(5,4)")["old"] == 0


def test_exit_codes_put_broken_before_undecided(tmp_path: Path, full: Path) -> None:
    few = run(tmp_path / "few", rows(lambda p: HALF, prompts=9))
    assert diff(full, few, fail_if=["U(1,4) drops > 10%"]).exit_code == 3
    assert diff(full, few, fail_if=["U(1,4) drops > 10%", "samples drops > 1%"]).exit_code == 1
    reason = diff(full, few, fail_if=["U(1,4) drops > 10%"]).limits[0].ruling.reason
    assert reason == "fewer than 10 prompts (9): no interval"


def test_runs_are_paired_on_the_prompts_that_both_have(tmp_path: Path, full: Path) -> None:
    later = run(tmp_path / "later", rows(lambda p: ALIKE if p % 2 else FULL, first=1, prompts=30))
    found = row(diff(full, later), "U(4)")
    assert (found["prompts"], found["is_paired"]) == (11, True)
    assert found["new"] == pytest.approx((6 * 1 + 5 * 4) / 11)


def test_prompts_are_matched_by_name_and_not_by_number(tmp_path: Path) -> None:
    worth = lambda p: FULL if p % 2 else ALIKE  # noqa: E731
    first = run(tmp_path / "first", rows(worth, prompts=20))
    second = run(tmp_path / "second", rows(worth, prompts=15, first=5))
    assert row(diff(first, second), "U(4)")["high"] == 0


def test_runs_without_a_shared_prompt_are_two_samples_and_say_so(tmp_path: Path, full: Path) -> None:
    other = run(tmp_path / "other", rows(lambda p: HALF if p % 2 else ALIKE, first=100))
    found = diff(full, other, fail_if=["U(1,4) drops > 10%"])
    assert (row(found, "share(1)")["is_paired"], state(found)) == (False, ["broken"])
    assert any("two samples" in note for note in found.notes)


def test_domains_are_compared_apart_and_together(tmp_path: Path) -> None:
    old = run(tmp_path / "old", rows(lambda p: FULL, prompts=40, domains="xy"))
    new = run(tmp_path / "new", rows(lambda p: FULL if p % 2 else HALF, prompts=40, domains="xy"))
    found = diff(old, new, fail_if=["U(1,4) in x drops 10%", "U(1,4) in y drops 10%"])
    assert [row(found, "U(1,4)", domain=d)["new"] for d in (None, "x", "y")] == [2.5, 1, 4]
    assert state(found) == ["broken", "holds"]
    only = diff(old, new, domain="y", fail_if=["U(1,4) drops 10%"])
    assert (set(only.rows["domain"]), state(only)) == ({"y"}, ["holds"])


def test_a_limit_is_for_every_model_and_all_limits_share_the_error(tmp_path: Path) -> None:
    parts = [rows(lambda p: FULL, model=m) for m in "ab"]
    old, new = run(tmp_path / "old", *parts), run(tmp_path / "new", parts[0], rows(lambda p: HALF, model="b"))
    found = diff(old, new, fail_if=["U(1,4) drops 10%"])
    assert [(one.model, one.ruling.state) for one in found.limits] == [("a", "holds"), ("b", "broken")]
    assert found.confidence == pytest.approx(0.975)
    assert state(diff(old, new, fail_if=["U(1,4) of a drops 10%"])) == ["holds"]
    assert set(diff(old, new, models=["b"]).rows["model"]) == {"b"}


def test_renamed_models_are_paired_by_hand(tmp_path: Path, full: Path) -> None:
    new = run(tmp_path / "new", rows(lambda p: HALF, model="m=2"))
    with pytest.raises(InputError, match="no model of one name: m and m=2; type for example --pair 'm=m=2'"):
        diff(full, new)
    found = diff(full, new, pairs=["m=m=2"], fail_if=["U(1,4) of m=2 drops 1%"])
    assert (found.rows["model_new"][0], state(found)) == ("m=2", ["broken"])
    for wrong, message in (("m", "expected --pair OLD=NEW"), ("n=m=2", "no model 'n' in the old run"), ("m=k", "in the new run")):
        with pytest.raises(InputError, match=message):
            diff(full, new, pairs=[wrong])


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"fail_if": ["U(1,5) drops 1%"]}, r"needs 5 samples of a prompt, got 4 at most; type U\(1,4\)"),
        ({"fail_if": ["U(1,4) of k drops 1%"]}, "no model 'k' for"),
        ({"fail_if": ["U(1,4) in k drops 1%"]}, "no domain 'k' in both runs"),
        ({"domain": "k"}, "no domain 'k' in both runs"),
        ({"models": ["k"]}, "no model 'k' in both runs"),
        ({"gate": "2"}, "no gate '2' in both runs"),
        ({"fail_if": ["U(1,4)"]}, "cannot read --fail-if"),
    ],
)
def test_what_is_not_there_is_an_error_that_says_what_is(full: Path, half: Path, how: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        diff(full, half, **how)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"quality": "other"}, "--quality 'quality' and 'other'"),
        ({"equivalence": "exact"}, "--equivalence 'column:label' and 'exact'"),
        ({"common_n": 3}, "N = None and N = 3"),
    ],
)
def test_runs_measured_differently_are_refused(tmp_path: Path, full: Path, header: dict[str, Any], message: str) -> None:
    other = run(tmp_path / "other", rows(lambda p: FULL), **header)
    with pytest.raises(InputError, match=message):
        diff(full, other)


def test_sets_are_refused(tmp_path: Path) -> None:
    one = run(tmp_path / "one", rows(lambda p: FULL), unit="set")
    with pytest.raises(InputError, match="leave --unit set out"):
        diff(one, one)


def test_several_gates_have_to_be_named(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("old", "new")]
    for folder in folders:
        store = store_of(batch(rows(lambda p: FULL)))
        save(folder, store)
        save(folder, store, number=1, quality_source="judge")
    with pytest.raises(InputError, match=r"both runs have 2 gates, say which one: --gate NUMBER; there are 1: .*; 2: "):
        diff(*folders)
    assert "(judge)" in diff(*folders, gate="2").gate
    assert diff(*folders, gate=diff(*folders, gate="2").gate).gate == diff(*folders, gate="2").gate


def test_an_ungated_run_has_no_floors(tmp_path: Path) -> None:
    free = run(tmp_path / "free", rows(lambda p: FULL), quality=None)
    assert {r["figure"] for r in diff(free, free).rows.to_dicts()} == {"U(4)"}
    with pytest.raises(InputError, match="needs a quality, and the runs have none"):
        diff(free, free, fail_if=["share(1) drops 1%"])


def test_a_missing_folder_and_a_damaged_store_say_so(tmp_path: Path, full: Path) -> None:
    with pytest.raises(InputError, match="holds no run store"):
        diff(full, tmp_path / "nowhere")
    (full / "store" / "0" / "counts-00000.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(StoreError, match="expected a triaxis run store"):
        diff(full, full)


def test_the_result_is_json_without_nan(tmp_path: Path, full: Path) -> None:
    few = run(tmp_path / "few", rows(lambda p: HALF, prompts=3))
    found = json.loads(json.dumps(diff(full, few, fail_if=["D(1,5) drops 1%", "U(1,4) drops 1%"]).to_json(), allow_nan=False))
    assert found["exit_code"] == 3
    assert [one["state"] for one in found["limits"]] == ["undecided", "undecided"]
    assert found["limits"][0]["reason"] == "no prompt has this figure in both runs"
