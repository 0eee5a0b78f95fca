"""The whole test: what is seen, what goes on after a failure, what a killed run costs."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest

from tests.blind.given import LABELLED, cell, jsonl, many
from triaxis.blind import Asked, Blindness, Trial, blind
from triaxis.blind.ledger import NAME
from triaxis.blind.saved import save, to_json
from triaxis.blind.table import Table
from triaxis.blind.words import sentences
from triaxis.errors import InputError, RecordsError, Undefined

FEW = Trial(doses=(0.0, 0.5, 0.9), replicates=8, match=9)


@dataclass
class Counting:
    """Counts different texts, and how often it is asked; fails when it was asked `stops` times."""

    name: str = "different texts"
    identity: str = "1"
    is_lower_better: bool = False
    asked: int = 0
    stops: int | None = None
    seen: list[int] = field(default_factory=list)

    def score(self, table: Table) -> float:
        if self.asked == self.stops:
            raise KeyboardInterrupt
        self.asked += 1
        return float(len(set(table.column("response") or ())))


@dataclass
class Failing:
    """Has no score, or none for damaged files."""

    name: str = "failing"
    identity: str = "f"
    is_lower_better: bool = False
    only_damaged: bool = False
    asked: int = 0

    def score(self, table: Table) -> float:
        self.asked += 1
        if not self.only_damaged or len(set(table.column("response") or ())) < len(table):
            raise Undefined("no key")
        return 1.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return jsonl(tmp_path / "s.jsonl", many())


def verdict(found: Blindness, evaluation: str, axis: str) -> float | None:
    return next(v.smallest for v in found.verdicts if (v.evaluation, v.axis) == (evaluation, axis))


def test_the_mean_of_quality_is_blind_to_copies_and_sees_worse_answers(file: Path) -> None:
    found = blind(file, ["mean:quality"], asked=LABELLED, trial=FEW)
    assert verdict(found, "mean:quality", "diversity") is None
    assert verdict(found, "mean:quality", "quality") == 0.5
    rows = found.of("mean:quality", "diversity")
    assert rows["change"].to_list() == [0, 0, 0]
    assert rows["diversity"][-1] < -0.5
    assert rows["quality"].to_list() == [0, 0, 0]


def test_ours_sees_copies_and_counting_texts_does_too(file: Path) -> None:
    found = blind(file, [Counting()], asked=LABELLED, trial=FEW)
    assert verdict(found, "different texts", "diversity") == 0.5
    assert verdict(found, "triaxis: U(8)", "diversity") == 0.5
    assert verdict(found, "triaxis: mean quality", "diversity") is None
    text = " ".join(sentences(found))
    assert "of the diversity gone" in text
    assert "sees this damage from a dose of 50%" in text
    assert "triaxis on the same doses" in text


def test_what_was_finished_is_never_run_twice(file: Path, tmp_path: Path) -> None:
    out, whole = tmp_path / "out", Counting()
    first = blind(file, [whole], asked=LABELLED, trial=FEW, out=out)
    again = Counting()
    second = blind(file, [again], asked=LABELLED, trial=FEW, out=out)
    assert whole.asked > 0
    assert again.asked == 0
    assert first.table.equals(second.table)


def test_a_run_that_was_killed_goes_on_where_it_stopped(file: Path, tmp_path: Path) -> None:
    whole, out = Counting(), tmp_path / "out"
    expected = blind(file, [whole], asked=LABELLED, trial=FEW)
    killed = Counting(stops=11)
    with pytest.raises(KeyboardInterrupt):
        blind(file, [killed], asked=LABELLED, trial=FEW, out=out)
    ledger = out / NAME
    ledger.write_bytes(ledger.read_bytes() + b'{"key": "torn')
    rest = Counting()
    found = blind(file, [rest], asked=LABELLED, trial=FEW, out=out)
    assert rest.asked == whole.asked - 11
    assert found.table.equals(expected.table)
    assert all(json.loads(line) for line in ledger.read_text().splitlines())


@pytest.mark.parametrize("changed", ["input", "evaluation", "seed"])
def test_a_changed_input_evaluation_or_seed_is_run_again(file: Path, tmp_path: Path, changed: str) -> None:
    blind(file, [Counting()], asked=LABELLED, trial=FEW, out=tmp_path / "out")
    again = Counting(identity="2" if changed == "evaluation" else "1")
    if changed == "input":
        file.write_text(file.read_text().replace("a answer 0", "a reply 0"))
    asked = Asked(equivalence=LABELLED.equivalence, seed=1 if changed == "seed" else 0)
    blind(file, [again], asked=asked, trial=FEW, out=tmp_path / "out")
    assert again.asked > 0


def test_an_evaluation_that_fails_is_a_reason_and_the_others_go_on(file: Path) -> None:
    failing = Failing()
    found = blind(file, [failing, "mean:quality"], asked=LABELLED, trial=FEW)
    rows = found.of("failing", "diversity")
    assert rows["change"].null_count() == rows.height
    assert set(rows["reason"]) == {"no key"}
    assert failing.asked == 1
    assert verdict(found, "mean:quality", "quality") == 0.5
    assert "has no score here (no key)" in " ".join(sentences(found))


def test_a_dose_without_a_score_is_not_seen(file: Path) -> None:
    found = blind(file, [Failing(only_damaged=True)], asked=LABELLED, trial=FEW)
    rows = found.of("failing", "diversity").sort("dose")
    assert rows["change"].to_list() == [0, None, None]
    assert verdict(found, "failing", "diversity") is None


def test_dose_0_shows_the_noise_of_an_evaluation(file: Path) -> None:
    class Drifting(Counting):
        def score(self, table: Table) -> float:
            self.asked += 1
            return float(self.asked)

    rows = blind(file, [Drifting()], asked=LABELLED, trial=FEW).of("different texts", "diversity")
    assert rows.filter(pl.col("dose") == 0)["change"].item() != 0


def test_without_a_quality_words_are_shuffled(tmp_path: Path) -> None:
    rows = [{key: value for key, value in one.items() if key != "quality"} for one in many()]
    found = blind(jsonl(tmp_path / "s.jsonl", rows), [Counting()], asked=LABELLED, trial=FEW)
    assert {damage.axis: damage.name for damage in found.damages}["quality"] == "noise"
    assert found.table["quality"].null_count() == found.table.height
    assert any("shuffled" in note for note in found.notes)


def test_a_constant_quality_is_damaged_by_noise_when_left_to_us(tmp_path: Path) -> None:
    rows = [one | {"quality": 2.0} for one in many()]
    found = blind(jsonl(tmp_path / "s.jsonl", rows), ["mean:quality"], asked=LABELLED, trial=FEW)
    assert {damage.axis: damage.name for damage in found.damages}["quality"] == "noise"
    assert all(v.smallest is None for v in found.verdicts if v.evaluation == "mean:quality")
    noisy = found.of("mean:quality", "quality")
    assert noisy["change"].to_list() == [0, 0, 0]
    assert noisy["quality"].null_count() == noisy.height


def test_one_row_is_refused_axis_by_axis_with_reasons(tmp_path: Path) -> None:
    found = blind(jsonl(tmp_path / "s.jsonl", cell("p", "a", [1.0])), ["mean:quality"], asked=LABELLED, trial=FEW)
    assert {one.analysis for one in found.not_planted} >= {"diversity", "complexity"}
    assert any("fewer than 10" in note for note in found.notes)
    assert all(v.smallest is None for v in found.verdicts)


def test_an_empty_file_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text("")
    with pytest.raises(RecordsError, match="empty"):
        blind(tmp_path / "s.jsonl", ["mean:quality"])


def test_several_quality_sources_have_to_be_told_apart(tmp_path: Path) -> None:
    rows = [one | {"quality_source": f"judge {i % 2}"} for i, one in enumerate(many())]
    with pytest.raises(InputError, match="--quality-source"):
        blind(jsonl(tmp_path / "s.jsonl", rows), ["mean:quality"], asked=LABELLED)


@pytest.mark.parametrize(
    ("trial", "reason"),
    [({"doses": (2.0,)}, "fractions"), ({"doses": (0.0,)}, "above 0"), ({"axes": ("quallity",)}, "quality"),
     ({"replicates": 2}, "at least 4"), ({"quality_damage": "both"}, "swap or noise"), ({"match": -1.0}, "--match")],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(trial: dict[str, object], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        Trial(**trial)  # type: ignore[arg-type]


def test_damaged_files_are_kept_when_asked(file: Path, tmp_path: Path) -> None:
    blind(file, ["mean:quality"], asked=LABELLED, trial=FEW, out=tmp_path / "out", keep=True)
    kept = {path.name for path in (tmp_path / "out" / "doses").iterdir()}
    assert {"none-000.jsonl", "copies-050.jsonl", "copies-090.jsonl", "swap-050.jsonl"} <= kept
    lines = (tmp_path / "out" / "doses" / "copies-090.jsonl").read_text().splitlines()
    assert len(lines) == len(many())


def test_the_page_escapes_all_and_runs_nothing(file: Path, tmp_path: Path) -> None:
    nasty = "<script>alert(1)</script>&\"'"
    found = blind(file, [Counting(name=nasty)], asked=LABELLED, trial=FEW)
    save(found, tmp_path, title=nasty, command=nasty)
    page = (tmp_path / "blind.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "unsafe" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert pl.read_parquet(tmp_path / "blind.parquet").equals(found.table)
    assert json.loads((tmp_path / "blind.json").read_text()) == json.loads(json.dumps(to_json(found, title=nasty, command=nasty)))


def test_unit_set_is_damaged_and_measured_as_a_whole(tmp_path: Path) -> None:
    rows = [
        {"prompt": f"about {i}", "response": f"{label} answer {i}", "label": label, "quality": i % 2}
        for i, label in enumerate("abcdefghij" * 6)
    ]
    found = blind(jsonl(tmp_path / "s.jsonl", rows), ["mean:quality"], asked=Asked(equivalence="column:label@set"), trial=FEW)
    assert found.made["unit"] == "set"
    assert found.of("mean:quality", "diversity")["change"].to_list() == [0, 0, 0]
    assert found.of("mean:quality", "diversity")["diversity"][-1] < -0.4
    assert verdict(found, "triaxis: U(10)", "diversity") is not None
