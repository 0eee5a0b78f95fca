"""The `triaxis` command: its verbs, and the one place where an error becomes a message and an exit code."""

import os
import sys

import typer
from rich.console import Console
from rich.markup import escape

from triaxis.cli import demo, measure, report, schema
from triaxis.errors import TriaxisError

app = typer.Typer(
    name="triaxis", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Say what counts as good enough: triaxis shows which model gives the most different good answers above that bar.",
)  # fmt: skip
app.command("measure")(measure.measure)
app.command("demo")(demo.demo)
app.command("report")(report.report)
app.command("schema")(schema.schema)


def main() -> None:
    """Runs the command; an error raised on purpose is printed as its message, with exit code 2."""
    try:
        app()
    except TriaxisError as error:
        Console(stderr=True, soft_wrap=True).print(f"[bold red]triaxis:[/] {escape(str(error))}", highlight=False)
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except KeyboardInterrupt:
        sys.exit(130)
