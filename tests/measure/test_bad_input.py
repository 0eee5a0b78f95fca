"""Bad input: a sentence that says what came and what to type, from Python and from the command line; never a traceback."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from triaxis.cli import main
from triaxis.errors import InputError, TriaxisError
from triaxis.measure import run
from triaxis.results import Results


def samples(**columns: Any) -> pl.DataFrame:
    """Twelve prompts, two models, four samples each, with a quality and a label."""
    rows = [
        {
            "prompt_id": f"p{p}",
            "prompt": f"say {p}",
            "response": f"word{i} x{p}",
            "model": model,
            "sample_index": i,
            "quality": float((i + p) % 4),
            "label": str(i % 3),
        }
        for p in range(12)
        for model in ("alpha", "beta")
        for i in range(4)
    ]
    return pl.DataFrame(rows).with_columns(**columns)


def parquet(frame: pl.DataFrame) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        frame.write_parquet(folder / "samples.parquet")
        return folder / "samples.parquet"

    return write


def text(content: str, name: str = "samples.jsonl") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_text(content, encoding="utf-8")
        return folder / name

    return write


def cut_short(folder: Path) -> Path:
    whole = parquet(samples())(folder).read_bytes()
    (folder / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    return folder / "cut.parquet"


def lines(frame: pl.DataFrame) -> str:
    return "".join(json.dumps(row) + "\n" for row in frame.to_dicts())


FRAME = samples()
REFUSED: Mapping[str, tuple[Callable[[Path], Path], dict[str, Any], tuple[str, ...]]] = {
    "a missing file": (lambda folder: folder / "nope.jsonl", {}, ("no file", "nope.jsonl", "check the path")),
    "an empty file": (text(""), {}, ("samples.jsonl is empty (0 bytes)",)),
    "a truncated Parquet": (cut_short, {}, ("cut.parquet", "cut short or damaged", "copy or download it again")),
    "a wrong quality column": (parquet(FRAME), {"quality": "qualty"}, ("'qualty'", "near: 'quality'")),
    "a wrong label column": (parquet(FRAME), {"equivalence": "column:lable"}, ("'lable'", "near: 'label'")),
    "a wrong equivalence": (parquet(FRAME), {"equivalence": "lexcal"}, ("'lexcal'", "near: 'lexical'")),
    "a wrong column to compare by": (parquet(FRAME), {"by": ["modle"]}, ("'modle'", "near: 'model'")),
    "a wrong source of a mapping": (parquet(FRAME), {"mapping": {"response": "respons"}}, ("'respons'", "near: 'response'")),
    "a wrong target of a mapping": (parquet(FRAME), {"mapping": {"respose": "label"}}, ("'respose'", "near: 'response'")),
    "a wrong model to compare": (parquet(FRAME), {"compare": ["alpha", "bta"]}, ("'bta'", "near: 'beta'", "alpha, beta")),
    "one model to compare": (parquet(FRAME), {"compare": ["alpha"]}, ("at least two models", "'alpha'")),
    "a wrong quality source": (
        parquet(samples(quality_source=pl.lit("judge"))),
        {"quality_source": "jugde"},
        ("'judge'", "'jugde'"),
    ),
    "quality as text": (parquet(samples(quality=pl.lit("good"))), {}, ("only text", "'good'", "--quality")),
    "no response": (parquet(FRAME.drop("response")), {}, ("no column holds the response", "--map response=COLUMN")),
    "no prompt": (parquet(FRAME.drop("prompt", "prompt_id")), {}, ("96 rows without either", "--map prompt=COLUMN")),
    "no row": (parquet(FRAME.clear()), {}, ("no rows",)),
    "no usable row": (
        parquet(samples(response=pl.lit(None, dtype=pl.String))),
        {},
        ("no usable row", "96 x no response", "--map"),
    ),
    "text that is no JSON": (text("these are\nnot records\n"), {}, ("samples.jsonl",)),
    "a torn last line, strictly": (text(lines(FRAME)[:-20]), {"strict": True}, ("line 96", "cut short", "--strict")),
    "repeated samples, strictly": (
        parquet(pl.concat([FRAME, FRAME])),
        {"strict": True},
        ("96 rows that repeat", "--by", "--map"),
    ),
    "a budget of none": (parquet(FRAME), {"budgets": [0]}, ("at least 1", "--budget 10")),
    "a floor that is no number": (parquet(FRAME), {"floors": [float("nan")]}, ("finite", "--floor")),
    "too few draws": (parquet(FRAME), {"draws": 10}, ("at least 200", "--draws 1000")),
    "a delta that is none": (parquet(FRAME), {"delta": "some"}, ("'some'", "'10%'")),
}
FLAGS = {
    "budgets": "--budget",
    "floors": "--floor",
    "quality_source": "--quality-source",
    "strict": "--strict",
    "mapping": "--map",
}


def flags(settings: Mapping[str, Any]) -> list[str]:
    """The parameters of `run` as they are typed."""
    typed = []
    for name, value in settings.items():
        flag = FLAGS.get(name, f"--{name}")
        values = (
            [f"{k}={v}" for k, v in value.items()] if isinstance(value, dict) else value if isinstance(value, list) else [value]
        )
        typed += [flag] if value is True else [part for v in values for part in (flag, str(v))]
    return typed


@pytest.mark.parametrize("case", REFUSED)
def test_python_refuses_it_with_a_sentence(case: str, tmp_path: Path) -> None:
    write, settings, told = REFUSED[case]
    path = write(tmp_path)
    with pytest.raises(InputError) as caught:
        run(path, **settings)
    assert [part for part in told if part not in str(caught.value)] == []


@pytest.mark.parametrize("case", REFUSED)
def test_the_command_prints_the_sentence_and_fails(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write, settings, told = REFUSED[case]
    path = write(tmp_path)
    monkeypatch.setattr("sys.argv", ["triaxis", "measure", str(path), "--out", str(tmp_path / "out"), *flags(settings)])
    with pytest.raises(SystemExit) as left:
        main()
    printed = capsys.readouterr()
    assert left.value.code == 2
    assert [part for part in told if part not in printed.err] == []
    assert "Traceback" not in printed.err
    assert not (tmp_path / "out").exists()


def measure(frame: pl.DataFrame, **settings: Any) -> Results:
    return run(frame, **{"equivalence": "column:label", "draws": 200, "examples": 2, **settings})


def reasons(results: Results) -> str:
    return " | ".join(f"{line.analysis}: {line.reason}" for line in results.manifest.not_run)


def notes(results: Results) -> str:
    return " | ".join([*results.manifest.notes, *(note for gate in results.manifest.gates for note in gate.notes)])


class TestMeasuredWithAWord:
    """What can be measured in part is, and says what is missing."""

    def test_a_torn_last_line_is_set_aside(self, tmp_path: Path) -> None:
        results = run(text(lines(FRAME)[:-20])(tmp_path), equivalence="column:label", draws=200)
        assert "1 row was rejected (1 x the last line is cut short" in notes(results)
        assert results.manifest.gates[0].measured == 95

    def test_text_among_the_qualities_is_set_aside(self) -> None:
        mixed = samples(
            quality=pl.when(pl.int_range(pl.len()) % 5 == 0).then(pl.lit("good")).otherwise(pl.col("quality").cast(pl.String))
        )
        results = measure(mixed)
        assert "20 rows were rejected (20 x `quality` is not a number)" in notes(results)
        assert results.manifest.gates[0].measured == 76

    def test_mixed_types_in_a_line_format_are_set_aside(self, tmp_path: Path) -> None:
        rows = [{**row, "quality": [1, "x", None, {"a": 1}, [1], True][i % 6]} for i, row in enumerate(FRAME.to_dicts())]
        path = text("".join(json.dumps(row) + "\n" for row in rows))(tmp_path)
        results = run(path, equivalence="column:label", draws=200)
        assert "is not a number" in notes(results)
        assert results.to_frame()["floor"].drop_nulls().unique().to_list() == [1.0]

    def test_a_frame_of_objects_is_refused_with_its_types(self) -> None:
        with pytest.raises(InputError, match="quality: Object"):
            measure(samples(quality=pl.Series([1.0, "a"] * 48, dtype=pl.Object)))

    @pytest.mark.parametrize("bad", [float("inf"), float("-inf")])
    def test_infinite_qualities_are_set_aside(self, bad: float) -> None:
        results = measure(samples(quality=pl.when(pl.int_range(pl.len()) % 5 == 0).then(bad).otherwise("quality")))
        assert "20 x `quality` is infinite" in notes(results)
        json.dumps(results.to_json(), allow_nan=False)

    def test_repeated_samples_are_counted_once_and_told(self) -> None:
        results, once = measure(pl.concat([FRAME, FRAME])), measure(FRAME)
        assert "96 samples repeat a sample_index" in notes(results)
        assert "type --by model,COLUMN" in notes(results)
        assert results.to_frame().equals(once.to_frame())

    def test_no_prompt_in_common(self) -> None:
        apart = samples(prompt_id=pl.col("prompt_id") + pl.col("model"))
        results = measure(apart)
        assert "comparisons, flips, winner map: needs at least two models on the same prompts" in reasons(results)
        assert "shares only 0 of 12 prompts; --compare includes it" in notes(results)
        assert results.to_frame("comparisons").height == 0
        assert results.to_frame()["model"].n_unique() == 2
        asked = measure(apart, compare=["alpha", "beta"])
        assert "no prompt is shared by alpha, beta" in reasons(asked)
        assert "check that prompt_id is shared" in reasons(asked)

    def test_one_model(self) -> None:
        results = measure(FRAME.filter(model="alpha"))
        assert "comparisons, flips, winner map: needs at least two models" in reasons(results)
        assert results.to_frame()["value"].null_count() == 0

    @pytest.mark.parametrize("rule", ["column:label", "lexical"])
    def test_one_sample_per_cell(self, rule: str) -> None:
        results = measure(FRAME.filter(sample_index=0), equivalence=rule)
        assert "needs 2 samples per prompt" in reasons(results)
        assert set(results.to_frame()["budget"]) == {1}
        assert results.to_frame("pairwise").height == 0

    def test_qualities_that_are_all_null(self) -> None:
        empty = samples(quality=pl.lit(None, dtype=pl.Float64))
        assert "figures above a quality floor: needs a quality column; name it with --quality COLUMN" in reasons(measure(empty))
        named = measure(empty.rename({"quality": "score"}), quality="score")
        assert "column 'score' holds no value" in reasons(named)
        assert set(named.to_frame()["floor"]) == {None}

    def test_qualities_that_are_all_nan(self) -> None:
        results = measure(samples(quality=pl.lit(float("nan"))))
        assert "column 'quality' holds no value" in reasons(results)
        assert set(results.to_frame()["floor"]) == {None}

    def test_negative_qualities_have_no_utility(self) -> None:
        results = measure(samples(quality=pl.col("quality") - 2))
        assert "needs qualities of at least 0" in reasons(results)
        assert results.to_frame("utility").height == 0
        assert results.to_frame()["floor"].min() == -2

    def test_no_order_of_samples_has_no_utility(self) -> None:
        results = measure(FRAME.drop("sample_index"))
        assert "needs sample_index to number" in reasons(results)

    def test_labels_that_are_all_missing(self) -> None:
        results = measure(samples(label=pl.lit(None, dtype=pl.String)))
        assert "no sample could be measured: 96 x no class under column:label" in reasons(results)

    def test_a_budget_that_no_prompt_reaches(self) -> None:
        assert "budget 1000 is not shown" in notes(measure(FRAME, budgets=[1000]))

    def test_fewer_than_ten_prompts_have_figures_without_intervals(self) -> None:
        results = measure(FRAME.filter(pl.col("prompt_id").is_in(["p1", "p2"])))
        assert "verdicts in all domains: needs 10 prompts" in reasons(results)
        assert results.to_frame()["low"].null_count() == results.to_frame().height
        assert results.to_frame()["value"].null_count() == 0
        assert set(results.to_frame("comparisons")["verdict"]) == {"cannot tell"}


@pytest.mark.parametrize("data", [[], pl.DataFrame(), pl.DataFrame({"a": [1]})])
def test_nothing_to_measure(data: Any) -> None:
    with pytest.raises(TriaxisError):
        run(data)


def test_hostile_names_are_printed_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = parquet(FRAME)(tmp_path)
    monkeypatch.setattr("sys.argv", ["triaxis", "measure", str(path), "--quality", "[red]x[/] [link=a]"])
    with pytest.raises(SystemExit):
        main()
    assert "'[red]x[/] [link=a]'" in capsys.readouterr().err
