"""Strings, dicts and files become records here and nowhere else.

`read` takes paths of any known format and shape and returns a `RecordStream`: canonical polars batches, summaries of the
inputs, and the rows that could not be used. Start with `stream`, then `shapes` (what people's files look like; `eval_logs`,
`inspect_logs`, `rollouts` and `batch_api` are those of other tools' logs), `plan`
(what becomes of each column), `batches` and `columns` (how values are cast), `formats` and `files` (how bytes are read).
"""

from triaxis.records.binding import Shape
from triaxis.records.columns import CANONICAL
from triaxis.records.model_table import read_models, unmatched
from triaxis.records.plan import parse_mapping
from triaxis.records.rejects import Place, Reject, Rejects
from triaxis.records.shapes import SHAPES
from triaxis.records.stream import RecordStream, known_rows, read, require_column
from triaxis.records.tables import read_rows

__all__ = [
    "read",
    "RecordStream",
    "CANONICAL",
    "parse_mapping",
    "require_column",
    "known_rows",
    "read_models",
    "unmatched",
    "read_rows",
    "Rejects",
    "Reject",
    "Place",
    "SHAPES",
    "Shape",
]
