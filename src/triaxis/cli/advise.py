"""`triaxis advise`: what to use, for a goal and a budget, in a sentence with its evidence; from saved results alone."""

import json
from pathlib import Path
from typing import Annotated

import typer

from triaxis.advise import GOALS
from triaxis.advise import advise as advise_on
from triaxis.advise.words import lines
from triaxis.cli import flags
from triaxis.cli.output import Printer
from triaxis.report.text import trimmed, visible
from triaxis.results import Results

MOST_TEXT = 3000

QUESTION = "Question"

Folder = Annotated[
    Path,
    typer.Argument(metavar="DIR", show_default=False, rich_help_panel="Results", help="A folder that triaxis measure wrote."),
]
Aim = Annotated[
    str | None,
    typer.Option(
        metavar="GOAL", show_default=False, rich_help_panel=QUESTION,
        help=f"What the samples are for: {', '.join(GOALS)}. Left out, all models that no other beats on every axis are shown.",
    ),
]  # fmt: skip
Purse = Annotated[
    str | None,
    typer.Option(
        metavar="BUDGET", show_default=False, rich_help_panel=QUESTION,
        help="What there is to spend on all prompts together: money such as '$50', or a number of samples such as 500.",
    ),
]  # fmt: skip
Need = Annotated[
    int | None,
    typer.Option(
        metavar="N", show_default=False, rich_help_panel=QUESTION,
        help="How many different usable answers are needed in all; says how many prompts that takes.",
    ),
]  # fmt: skip
Floor = Annotated[
    float | None,
    typer.Option(
        metavar="X", show_default=False, rich_help_panel=QUESTION,
        help="The quality from which an answer is usable. Left out: the bar of the gates file, else what half the samples reach.",
    ),
]  # fmt: skip
Domain = Annotated[
    str | None,
    typer.Option(metavar="NAME", show_default=False, rich_help_panel=QUESTION, help="Look at one domain instead of all."),
]
GateName = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT", show_default=False, rich_help_panel=QUESTION,
        help="A part of the name of the gate, where the results hold several.",
    ),
]  # fmt: skip
AsJson = Annotated[
    bool,
    typer.Option("--json", metavar="", rich_help_panel=flags.OUTPUT, help="Print the advice with all its evidence as JSON."),
]


def advise(
    folder: Folder,
    goal: Aim = None,
    budget: Purse = None,
    need: Need = None,
    floor: Floor = None,
    domain: Domain = None,
    gate: GateName = None,
    as_json: AsJson = False,
) -> None:
    """Say what to use: model or mixture, draws, floor, expected different usable answers, cost; or what to buy to know it."""
    found = advise_on(Results.load(folder), goal=goal, budget=budget, need=need, floor=floor, domain=domain, gate=gate)
    if as_json:
        print(json.dumps(found.to_json(), allow_nan=False))
        return
    for line in lines(found):
        Printer().print(visible(trimmed(line, MOST_TEXT)), highlight=False, markup=False, soft_wrap=True)
