"""`triaxis metrics`: every diversity metric, what it says, and how it grows."""

import json
from itertools import groupby
from math import isinf
from typing import Any

from rich.markup import escape

from triaxis.cli import flags
from triaxis.cli.output import Printer
from triaxis.measure.levels.choice import Listed, listed_metrics


def metrics(as_json: flags.AsJson = False) -> None:
    """List the diversity metrics that measure --metrics takes: level, direction, what each says and needs."""
    found = listed_metrics()
    if as_json:
        print(json.dumps([_plain(one) for one in found]))
        return
    printer = Printer(soft_wrap=True)
    for level, group in groupby(found, key=lambda one: None if one.traits is None else one.traits.level):
        printer.print(f"[bold]{level or 'not here'}[/]", highlight=False)
        for one in group:
            printer.print(f"  {_line(one)}", highlight=False)
    printer.print("* shown by default. Each metric has its section in docs/metrics.", highlight=False)


def _line(one: Listed) -> str:
    if one.traits is None:
        return f"{escape(one.name)}: {escape(one.missing or '')}"
    needs = "" if one.traits.needs == {"text"} else f"; needs {', '.join(sorted(one.traits.needs))}"
    name, says = escape(one.name) + ("*" if one.is_default else ""), escape(one.traits.says.rstrip("."))
    return f"{name} (higher is {one.traits.higher_is}{needs}): {says}"


def _plain(one: Listed) -> dict[str, Any]:
    if one.traits is None:
        return {"name": one.name, "missing": one.missing}
    kept = ("level", "says", "higher_is", "growth", "limit", "error", "smallest", "is_size_free", "source")
    bounds = {name: None if isinf(end) else end for name, end in (("low", one.traits.low), ("high", one.traits.high))}
    told = {name: getattr(one.traits, name) for name in kept}
    return {"name": one.name, "is_default": one.is_default, "needs": sorted(one.traits.needs), **bounds, **told}
