"""Every metric of ours has a section of its own in docs/metrics, as `triaxis metrics` promises."""

import re
from pathlib import Path

import triaxis.measure.equivalences  # noqa: F401  registers the metric that needs a model
from triaxis import diversity
from triaxis.registry import get, names

PAGES = Path(__file__).resolve().parents[2] / "docs" / "metrics"


def test_every_metric_has_its_section() -> None:
    diversity.register_all()
    headings = [line for page in PAGES.glob("*.md") for line in page.read_text(encoding="utf-8").splitlines() if line[:1] == "#"]
    named = {name for line in headings for name in re.findall(r"`([a-z0-9-]+)[:`]", line)}
    ours = {name for name in names("diversity") if get("diversity", name).__module__.startswith("triaxis.")}
    assert ours - named == set()
