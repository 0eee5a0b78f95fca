"""The demonstration: real models as before, and the zoo on a page of its own, without torch."""

import json
from pathlib import Path

import pytest

from tests.cli.commands import succeeds
from triaxis.results import Results

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demo")
    return folder / "triaxis-demo", succeeds("demo", folder=folder)


def test_both_pages_are_written_and_named(shown: tuple[Path, str]) -> None:
    out, printed = shown
    for page in (out / "report.html", out / "zoo" / "report.html"):
        assert page.is_file()
        assert f"Page: triaxis-demo/{page.relative_to(out)}" in printed


def test_the_first_page_stays_noveltybench_and_the_second_is_the_zoo(shown: tuple[Path, str]) -> None:
    out, _ = shown
    real, zoo = Results.load(out), Results.load(out / "zoo")
    assert len(set(real.tables["usable_diversity"]["model"])) == 14
    assert set(zoo.tables["usable_diversity"]["model"]) == {info.model for info in zoo.manifest.models}
    assert len(zoo.manifest.models) == 4


def test_the_zoo_takes_few_lines(shown: tuple[Path, str]) -> None:
    after = shown[1].split("Page: triaxis-demo/report.html")[1]
    assert 2 <= len([line for line in after.splitlines() if line.strip()]) <= 8
    assert "zoo-large" in after


def test_json_stays_the_results_of_the_real_models(tmp_path: Path) -> None:
    result = json.loads(succeeds("demo", "--json", folder=tmp_path))
    assert len(result["manifest"]["gates"] if "manifest" in result else result["gates"]) >= 1
    assert (tmp_path / "triaxis-demo" / "zoo" / "results.json").is_file()
