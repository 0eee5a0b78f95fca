"""Which format a file has, by its first bytes before its name, and the reader for it."""

import orjson

from triaxis.errors import RecordsError
from triaxis.records import archives
from triaxis.records.columnar import ArrowReader, ParquetReader
from triaxis.records.delimited import CsvReader
from triaxis.records.files import BINARY_SUFFIXES, TEXT_SUFFIXES, Source, compression, open_text, reading
from triaxis.records.formats import Reader
from triaxis.records.jsonrows import JsonLinesReader, JsonReader

_FOREIGN = {
    b"PK\x03\x04": "a zip archive or a spreadsheet: unpack it, or export it as CSV",
    b"\x80": "a Python pickle, which can run code when it is opened: write it again as Parquet or JSONL",
    b"%PDF": "a PDF",
    b"SQLite format 3": "an SQLite database: export the table as CSV",
    b"\x89HDF": "an HDF5 file: write it again as Parquet",
    b"FEA1": "Feather version 1: write it again as Parquet",
    b"PARE": "an encrypted Parquet file: decrypt it first",
    b"Obj\x01": "an Avro file: write it again as Parquet",
}
_LINES = (".jsonl", ".ndjson")
_HEAD_BYTES = 1 << 16
_LONGEST_FIRST_LINE = 1 << 26


def open_reader(source: Source) -> Reader:
    """The reader for `source`; `RecordsError` when it is empty or of no known format."""
    with reading(source), source.open() as raw:
        magic = raw.read(16)
    if not magic:
        raise RecordsError(f"{source.name} is empty (0 bytes); expected rows: check how it was written or copied")
    if magic.startswith(b"PAR1"):
        return ParquetReader(source)
    if magic.startswith(b"ARROW1"):
        return ArrowReader(source, is_stream=False)
    if magic.startswith(archives.MAGIC) and archives.is_inspect(source):
        return archives.InspectReader(source)
    if magic.startswith(b"\xff\xff\xff\xff"):
        return ArrowReader(source, is_stream=True)
    return _text_reader(source, magic)


def rows_by_metadata(source: Source) -> int | None:
    """Rows of a file whose metadata tell (Parquet), None for every other one; costs a look at its first and last bytes."""
    with reading(source), source.open() as raw:
        magic = raw.read(4)
    return ParquetReader(source).rows if magic == b"PAR1" else None


def _text_reader(source: Source, magic: bytes) -> Reader:
    with open_text(source) as stream:
        head = stream.read(_HEAD_BYTES).removeprefix(b"\xef\xbb\xbf")
    packed = compression(magic)
    if packed and head.startswith((b"PAR1", b"ARROW1")):
        raise RecordsError(
            f"{source.name} is a Parquet or Arrow file inside {packed}; unpack it first (they are compressed inside already)"
        )
    _refuse(source, head)
    opening = head.lstrip()[:1]
    if source.suffix in {".csv", ".tsv"}:
        return CsvReader(source, delimiter=_delimiter(head) or ",", compressed=packed)
    if opening not in (b"{", b"[") and source.suffix not in _LINES:
        return _separated(source, head, packed)
    is_document = (opening == b"[" or source.suffix not in _LINES) and _is_document(source)
    return JsonReader(source, compressed=packed) if is_document else JsonLinesReader(source, compressed=packed)


def _refuse(source: Source, head: bytes) -> None:
    if not head.strip():
        raise RecordsError(f"{source.name} is empty (blank lines only); expected rows: check how it was written or copied")
    foreign = next((what for magic, what in _FOREIGN.items() if head.startswith(magic)), None)
    if foreign:
        raise RecordsError(f"{source.name} is {foreign}. {_expected()}")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head[:4]:
        raise RecordsError(
            f"{source.name} is not UTF-8 text (it looks like UTF-16); "
            f"type: iconv -f UTF-16 -t UTF-8 {source.name} > new{source.suffix}"
        )


def _expected() -> str:
    return f"Expected one of {' '.join(TEXT_SUFFIXES + BINARY_SUFFIXES)}"


def _separated(source: Source, head: bytes, packed: str | None) -> Reader:
    delimiter = _delimiter(head)
    if delimiter is None or source.suffix in {".json", *BINARY_SUFFIXES}:
        raise RecordsError(f"{source.name} is of no known format; it starts with {head[:40]!r}. {_expected()}")
    return CsvReader(source, delimiter=delimiter, compressed=packed)


def _delimiter(head: bytes) -> str | None:
    """The most frequent separator of the header line, outside quotes."""
    header = b"".join(head.lstrip().split(b"\n", 1)[0].split(b'"')[::2])
    counts = {sign: header.count(sign.encode()) for sign in ("\t", ",", ";", "|")}
    best = max(counts, key=lambda sign: counts[sign])
    return best if counts[best] else None


def _is_document(source: Source) -> bool:
    """Whether a text that starts with a brace or bracket is one JSON document, not one object a line."""
    with open_text(source) as stream:
        first = stream.readline(_LONGEST_FIRST_LINE)
        while first and not first.strip():
            first = stream.readline(_LONGEST_FIRST_LINE)
        rest = stream.read(_HEAD_BYTES).strip()
    try:
        orjson.loads(first.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return first.strip() in {b"{", b"["} or first.lstrip().startswith(b"[") or _opens_deeper(first)
    return not rest


def _opens_deeper(line: bytes) -> bool:
    """Whether the line is the beginning of a document that goes on, such as `{"data": [`."""
    return line.rstrip().endswith((b"[", b"{", b",")) and not line.rstrip().endswith(b"},")
