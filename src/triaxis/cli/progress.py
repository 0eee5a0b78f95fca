"""Progress on standard error: what is being done, how many of how many, the rate, the time left. Silent when not watched."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class _Count(ProgressColumn):
    """`1,200 of 5,000`, or `1,200` when nobody knows of how many."""

    def render(self, task: Task) -> Text:
        """The count of one stage."""
        whole = "" if task.total is None else f" of {int(task.total):,}"
        return Text(f"{int(task.completed):,}{whole}" if task.completed or whole else "", style="progress.download")


class _Left(TimeRemainingColumn):
    """`0:00:12 left`, nothing when it cannot be known."""

    def render(self, task: Task) -> Text:
        """The time left of one stage."""
        is_known = task.total is not None and task.time_remaining is not None and not task.finished
        return Text.assemble(super().render(task), " left") if is_known else Text("")


@contextmanager
def progress_bar(*, quiet: bool, totals: Mapping[str, int | None]) -> Iterator[Callable[..., None]]:
    """A function (stage, done[, total]) that moves a bar per stage; `totals` knows how much there is of some stages."""
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=20), _Count(),
        TextColumn("{task.fields[rate]}"), _Left(),
    )  # fmt: skip
    is_hidden = quiet or not sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=is_hidden) as bar:
        tasks: dict[str, TaskID] = {}

        def moved(stage: str, done: int, total: int | None = None) -> None:
            if stage not in tasks:
                _end(bar)
                tasks[stage] = bar.add_task(stage, total=total or totals.get(stage), rate="")
            task = bar.tasks[tasks[stage]]
            rate = f"{task.speed:,.0f}/s" if task.speed else ""
            bar.update(task.id, completed=done, rate=rate, total=None if task.total is None else max(task.total, done))

        yield moved


def _end(bar: Progress) -> None:
    """Marks what ran so far as done: stages come one after the other, and a bar without a total would move for ever."""
    for task in bar.tasks:
        bar.update(task.id, total=max(task.completed, 1), completed=max(task.completed, 1))
