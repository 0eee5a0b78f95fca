"""A page in a browser tab, with everything that it said and asked for."""

from pathlib import Path
from typing import Any

from triaxis import report
from triaxis.results import Results

SETTINGS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


class Visit:
    """One page in one tab, with everything it said and asked for."""

    def __init__(self, browser: Any, file: Path, **settings: Any) -> None:
        self.context = browser.new_context(accept_downloads=True, **{"viewport": {"width": 1280, "height": 900}, **settings})
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.dialogs: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.page.goto(file.as_uri())

    def open(self, *parts: str) -> None:
        for name in parts:
            details = self.page.locator(f'details[data-part="{name}"]')
            if details.get_attribute("open") is None:
                details.locator("summary").first.click()
        self.page.wait_for_function(
            "[...document.querySelectorAll('.vega')].every((box) => box.querySelector('svg') || box.querySelector('p'))"
        )

    def bars(self) -> list[str]:
        """Names of the live chart from top to bottom."""
        rows = self.page.evaluate(
            """() => [...document.querySelectorAll('#bars g.row')].map((row) =>
                [Number(row.getAttribute('transform').match(/[\\d.]+(?=\\))/)[0]), row.querySelector('text').textContent])"""
        )
        return [name for _, name in sorted(rows)]

    def width(self) -> int:
        found: int = self.page.evaluate("document.documentElement.scrollWidth")
        return found

    def is_quiet(self) -> bool:
        outside = [url for url in self.asked if not url.startswith(("file://", "data:", "blob:"))]
        assert (self.said, outside, self.dialogs) == ([], [], [])
        return True


def written(results: Results, folder: Path) -> Path:
    file = folder / "report.html"
    file.write_text(report.page(results), encoding="utf-8")
    return file
