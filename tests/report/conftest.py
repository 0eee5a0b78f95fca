"""Fixtures of the browser tests: one browser for a module, one tab for a visit."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.report.browsing import SETTINGS, Visit


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: pip install playwright")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=chromium_path, args=SETTINGS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Visit]]:
    opened: list[Visit] = []

    def go(file: Path, **settings: Any) -> Visit:
        opened.append(Visit(browser, file, **settings))
        return opened[-1]

    yield go
    for one in opened:
        one.context.close()
