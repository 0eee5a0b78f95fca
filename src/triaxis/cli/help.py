"""Help pages as a stranger expects them: `FILE...` once and without braces, no Python types, no panel for `--help` alone."""

from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperOption

from triaxis.cli import flags


class Verb(TyperCommand):
    """A command with a plain help page."""

    def collect_usage_pieces(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Arguments as their metavar says, options after them, as they are mostly typed."""
        arguments = [str(p.metavar) for p in self.params if isinstance(p, TyperArgument)]
        return [*arguments, "[OPTIONS]"]

    def format_help(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """Writes the page; a metavar says all about an argument, so its type is left out."""
        for argument in self.params:
            if isinstance(argument, TyperArgument):
                argument.display_type_rich = lambda ctx: None  # type: ignore[method-assign]
        super().format_help(ctx, formatter)

    def get_help_option(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """`--help`, in the last panel."""
        option = without_type(super().get_help_option(ctx))
        if isinstance(option, TyperOption):
            option.rich_help_panel = flags.OUTPUT
        return option


def without_type(option: Any) -> Any:
    """`--help`, which takes nothing and so names no type."""
    if isinstance(option, TyperOption):
        option.metavar = ""
    return option
