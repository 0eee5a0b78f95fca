"""A gates file: each domain its own bar, from TOML or a table, and the figures at these bars."""

from pathlib import Path

import polars as pl
import pytest

from triaxis import measure
from triaxis.errors import InputError
from triaxis.measure.gates_file import GateGroup, read_gates
from triaxis.measure.own_floors import EACH_OWN
from triaxis.results import Results

TOML = """
[[gate]]
domains = ["maths", "code"]
quality = "passed"
floor = 1
equivalence = "exact"

[[gate]]
domain = "*"
source = "judge"
floor = 3.5
"""
TABLE = "domain,quality,source,floor,equivalence\nmaths,passed,,1,exact\ncode,passed,,1,exact\n*,,judge,3.5,\n"
GROUPS = (
    GateGroup("passed", None, "exact", {"maths": 1.0, "code": 1.0}, frozenset({"*"})),
    GateGroup(None, "judge", None, {"*": 3.5}, frozenset({"maths", "code"})),
)


@pytest.mark.parametrize(("name", "text"), [("gates.toml", TOML), ("gates.csv", TABLE)])
def test_domains_with_the_same_bar_but_for_the_floor_are_one_gate(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    assert read_gates(file) == GROUPS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[gate]]\nfloor = 1\n", "gate 1: expected the name of a domain, or \\* for all others, got"),
        ('[[gate]]\ndomain = "a"\nflor = 1\n', "unknown column 'flor'; near: 'floor'"),
        ('[[gate]]\ndomain = "a"\nfloor = "high"\n', "gate 1: floor: .* got 'high'"),
        ('[[gate]]\ndomain = "a"\nfloor = nan\n', "gate 1: floor: .*finite"),
        ('[[gate]]\ndomain = "a"\n[[gate]]\ndomains = ["b", "a"]\n', "one gate for each domain .* got 2 for 'a'"),
        ('[[gate]]\ndomain = "a"\nequivalence = "lexcal"\n', "unknown equivalence 'lexcal'; near: 'lexical'"),
        ("[gate]\n", r"expected \[\[gate\]\] tables"),
        ("[[gate", "expected a gates file in TOML"),
        ("", "got nothing"),
    ],
)
def test_what_is_wrong_with_a_gates_file_is_said(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "gates.toml"
    file.write_text(text)
    with pytest.raises(InputError, match=message):
        read_gates(file)


def test_a_gates_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gates\.toml"):
        read_gates(tmp_path / "gates.toml")


def samples(prompts: int = 12) -> pl.DataFrame:
    """Maths is passed or not, prose is rated 1 to 5; in each domain model `a` has two different answers, `b` one."""
    return pl.DataFrame(
        [
            {
                "prompt_id": f"{domain}{p}", "model": model, "domain": domain, "sample_index": i,
                "response": f"answer {i if model == 'a' else 0}", "passed": float(i > 0) if domain == "maths" else None,
                "rating": None if domain == "maths" else float(1 + i),
            }
            for domain in ("maths", "prose", "other") for p in range(prompts) for model in "ab" for i in range(3)
        ]
    )  # fmt: skip


GATES = """
[[gate]]
domain = "maths"
quality = "passed"
floor = 1
equivalence = "normalised"
[[gate]]
domain = "prose"
quality = "rating"
floor = 2
[[gate]]
domain = "verse"
floor = 2
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    file = tmp_path_factory.mktemp("gates") / "gates.toml"
    file.write_text(GATES)
    return measure.run(samples(), gates=file, equivalence="exact", draws=200)


class TestMeasured:
    """By hand: maths keeps answers 1 and 2 of three, prose 2 and 3 of three; 3 draws hold them all."""

    def test_each_domain_is_counted_under_its_own_gate(self, results: Results) -> None:
        maths, prose = (summary.gate for summary in results.manifest.gates)
        assert (maths.quality, maths.equivalence, maths.bars) == ("passed", "normalised", {"maths": 1.0})
        assert (prose.quality, prose.equivalence, prose.bars) == ("rating", "exact", {"prose": 2.0})
        assert maths.label == "quality: passed (source not stated); equivalence: normalised (set); domains: maths >= 1"
        usable = results.to_frame("usable_diversity").drop_nulls("domain").group_by("gate").agg(pl.col("domain").unique())
        assert dict(usable.iter_rows()) == {maths.label: ["maths"], prose.label: ["prose"]}

    @pytest.mark.parametrize(
        ("model", "domain", "budget", "value"),
        [("a", "maths", 3, 2.0), ("b", "maths", 3, 1.0), ("a", "prose", 3, 2.0), ("a", "maths", 1, 2 / 3), ("b", None, 3, 1.0)],
    )
    def test_the_figure_at_each_domains_own_floor(
        self, results: Results, model: str, domain: str | None, budget: int, value: float
    ) -> None:
        own = results.to_frame("own_floor")
        (row,) = own.filter(pl.col("domain").eq_missing(pl.lit(domain)), model=model, budget=budget).to_dicts()
        assert row["value"] == pytest.approx(value)
        assert row["usable_share"] == pytest.approx(2 / 3)
        assert (row["gate"] == EACH_OWN) == (domain is None)
        assert row["prompts"] == (24 if domain is None else 12)

    def test_a_domain_without_a_gate_and_a_gate_without_a_domain_are_told(self, results: Results) -> None:
        told = {missing.analysis: missing.reason for missing in results.manifest.not_run}
        assert told["domain other"].startswith("72 samples and no gate for them; add a line")
        assert told["gate of domain verse"].startswith("no sample has this domain")

    def test_it_agrees_with_the_figure_at_that_floor_in_the_main_table(self, results: Results) -> None:
        main = results.to_frame("usable_diversity").filter(pl.col("domain").is_not_null(), pl.col("floor").is_not_null())
        own = results.to_frame("own_floor").filter(pl.col("domain").is_not_null())
        joined = own.join(main, on=["gate", "model", "domain", "floor", "budget"], suffix="_main")
        assert joined.height == own.height > 0
        assert (joined["value"] - joined["value_main"]).abs().max() < 1e-12


def test_the_rest_takes_what_the_command_says(tmp_path: Path) -> None:
    file = tmp_path / "gates.csv"
    file.write_text("domain,quality,floor\nmaths,passed,1\n*,rating,2\n")
    results = measure.run(samples(), gates=file, equivalence="exact", draws=200)
    own = results.to_frame("own_floor").filter(model="a", budget=3)
    assert dict(own.select("domain", "value").iter_rows()) == {"maths": 2.0, "other": 2.0, "prose": 2.0, None: 2.0}


def test_no_domain_of_the_file_among_the_samples_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "gates.csv"
    file.write_text("domain,quality,floor\nmath,passed,1\n")
    with pytest.raises(InputError, match="expected at least one domain of the gates file among the samples, got none"):
        measure.run(samples(), gates=file, equivalence="exact")


@pytest.mark.parametrize(
    "content",
    [
        b'[[gate]]\ndomain = "caf\xe9"\n',
        bytes(range(256)),
        b'[[gate]]\ndomain = "a"\nfloor = ' + b"9" * 5000,
        b"x = " + b"[" * 20_000,
        b'[[gate]]\ndomain = "a"\ndomains = ["b"]\n',
    ],
    ids=["latin-1", "binary", "long number", "deep", "domain and domains"],
)
def test_hostile_toml_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "gates.toml"
    file.write_bytes(content)
    with pytest.raises(InputError, match="expected"):
        read_gates(file)


def test_a_byte_order_mark_is_no_part_of_the_toml(tmp_path: Path) -> None:
    file = tmp_path / "gates.toml"
    file.write_bytes(TOML.encode("utf-8-sig"))
    assert read_gates(file) == GROUPS
