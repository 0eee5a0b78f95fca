"""Prints a benchmark as a Markdown table, with the machine it ran on."""

import os
import platform
from collections.abc import Sequence


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Prints `rows` under `head`; floats with three significant digits."""
    print(f"\n{title} ({platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()})\n")
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(f"{cell:,.3g}" if isinstance(cell, float) else str(cell) for cell in row) + " |")
