"""The `triaxis` command: its verbs, and the one place where an error or a signal becomes a message and an exit code."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from types import FrameType
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from triaxis.cli import advise, blind, demo, diff, fit, lab, measure, metrics, report, schema, score
from triaxis.cli.help import Verb, without_type
from triaxis.errors import TriaxisError

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Verbs(TyperGroup):
    """All verbs; what stops one of them leaves as an exit code, whatever typer would make of it."""

    def get_help_option(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """`--help`, plainly."""
        return without_type(super().get_help_option(ctx))

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Runs the verb that was typed."""
        try:
            done = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(141)
        except KeyboardInterrupt:
            sys.exit(130)
        except TriaxisError as error:
            _refuse(str(error))
        except OSError as error:
            _refuse(
                f"cannot go on: {error}; check the path, its permissions and the room on the disk; TMPDIR moves scratch files"
            )
        return done


def _refuse(message: str) -> None:
    """Prints why the command stops, and leaves with exit code 2."""
    Console(stderr=True, soft_wrap=True).print(f"[bold red]triaxis:[/] {escape(message)}", highlight=False)
    sys.exit(2)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        print(f"triaxis {version('triaxis')}")
        raise typer.Exit


app = typer.Typer(
    name="triaxis", cls=Verbs, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Say what counts as good enough: triaxis shows which model gives the most different good answers above that bar.",
)  # fmt: skip
app.command("measure", cls=Verb)(measure.measure)
app.command("score", cls=Verb)(score.score)
app.command("advise", cls=Verb)(advise.advise)
app.command("diff", cls=Verb)(diff.diff)
app.command("blind", cls=Verb)(blind.blind)
app.command("metrics", cls=Verb)(metrics.metrics)
app.command("demo", cls=Verb)(demo.demo)
app.command("report", cls=Verb)(report.report)
app.command("schema", cls=Verb)(schema.schema)
app.add_typer(fit.fit, name="fit")
app.add_typer(lab.lab, name="lab")


@app.callback()
def _all_verbs(
    version: Annotated[
        bool, typer.Option("--version", metavar="", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Runs the command that was typed, and leaves with its exit code."""
    with _orderly_stops():
        app()


@contextmanager
def _orderly_stops() -> Iterator[None]:
    """Signals that end a process unwind it meanwhile, so that scratch files are removed; ignored ones stay ignored."""
    usual = (signal.SIG_DFL, signal.default_int_handler)
    before = {number: handler for number in STOPS if (handler := signal.getsignal(number)) in usual}
    for number in before:
        signal.signal(number, _leave)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, frame: FrameType | None) -> None:
    """Leaves; a second signal would fall into the cleaning up, and is ignored."""
    for other in STOPS:
        signal.signal(other, signal.SIG_IGN)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)
