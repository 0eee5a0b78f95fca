"""`triaxis metrics`: every diversity metric, what it says, and how it grows."""

import json
from math import isinf
from typing import Any

from rich.markup import escape
from rich.table import Table

from triaxis.cli import flags
from triaxis.cli.output import Printer
from triaxis.measure.levels.choice import Listed, listed_metrics


def metrics(as_json: flags.AsJson = False) -> None:
    """List the diversity metrics that measure --metrics takes: level, direction, what each says and needs."""
    found = listed_metrics()
    if as_json:
        print(json.dumps([_plain(one) for one in found]))
        return
    table = Table("level", "metric", "higher is", "needs", "what it says", box=None, header_style="bold")
    table.columns[1].no_wrap = True
    for one in found:
        if one.traits is None:
            table.add_row("", escape(one.name), "", "", f"not here: {escape(one.missing or '')}")
            continue
        mark = "*" if one.is_default else ""
        needs = ", ".join(sorted(one.traits.needs))
        table.add_row(one.traits.level, escape(one.name) + mark, one.traits.higher_is, needs, escape(one.traits.says))
    printer = Printer()
    printer.print(table)
    printer.print("* shown by default. Each metric has its section in docs/metrics.", highlight=False)


def _plain(one: Listed) -> dict[str, Any]:
    if one.traits is None:
        return {"name": one.name, "missing": one.missing}
    kept = ("level", "says", "higher_is", "growth", "limit", "error", "smallest", "is_size_free", "source")
    bounds = {name: None if isinf(end) else end for name, end in (("low", one.traits.low), ("high", one.traits.high))}
    told = {name: getattr(one.traits, name) for name in kept}
    return {"name": one.name, "is_default": one.is_default, "needs": sorted(one.traits.needs), **bounds, **told}
