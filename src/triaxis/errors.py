"""Every error that triaxis raises on purpose, as one tree.

    TriaxisError
    ├── InputError               what the user gave cannot be used: file, column, option, combination
    │   └── RecordsError         ... and it is the data: unreadable file, wrong column, bad values
    ├── MissingDependency        an optional package is needed; the message says what to type
    ├── StoreError               a run store cannot be read, or two stores cannot be added
    └── Undefined                a measure has no value here (caught at one boundary, becomes `Unmeasured`)

A message says three things: what was expected, what came, what to type.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class TriaxisError(Exception):
    """Root of all errors raised on purpose; the command line prints it without a traceback."""


class InputError(TriaxisError):
    """What the user gave cannot be used."""


class RecordsError(InputError):
    """The data cannot be used as asked."""


class MissingDependency(TriaxisError):
    """An optional package is needed; the message names the extra to install."""


class StoreError(TriaxisError):
    """A run store cannot be read, or two stores cannot be added."""


class Undefined(TriaxisError):
    """A measure has no value for this input; the message is the reason that is shown."""


def near(name: str, known: Iterable[str]) -> str:
    """A hint such as `; near: 'quality'`, or an empty string when nothing known is near `name`."""
    found = get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f"; near: {', '.join(map(repr, found))}" if found else ""
