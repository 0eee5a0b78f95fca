"""Safetensors without torch: named arrays in one file, read as numbers and as nothing else.

The format: eight bytes that say how long the JSON header is, the header, then the bytes of all arrays. A file of a stranger is
checked before anything of it is used; there is no code in it that could run.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from triaxis.errors import InputError

DTYPES: Mapping[str, np.dtype[Any]] = {"F64": np.dtype("<f8"), "F32": np.dtype("<f4"), "I64": np.dtype("<i8")}
LARGEST = 64 * 2**20
"""Bytes; the head that ships has a fiftieth of it."""

_NAMES = {dtype: name for name, dtype in DTYPES.items()}


def to_bytes(arrays: Mapping[str, np.ndarray]) -> bytes:
    """`arrays` (float64, float32 or int64) as a safetensors file; equal arrays give equal bytes."""
    header: dict[str, Any] = {}
    parts, at = [], 0
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        part = array.astype(array.dtype.newbyteorder("<")).tobytes()
        header[name] = {"dtype": _NAMES[array.dtype], "shape": list(array.shape), "data_offsets": [at, at + len(part)]}
        parts.append(part)
        at += len(part)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(parts)


def from_bytes(data: bytes, path: Path) -> dict[str, np.ndarray]:
    """The arrays in `data`, which came from `path`. Raises `InputError` saying what is wrong with the file."""
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > len(data) - 8:
        raise damaged(path, f"its header would be {size:,} bytes long, and the file has {len(data):,}")
    try:
        header = json.loads(data[8 : 8 + size])
        header.pop("__metadata__", None)
        return {str(name): _array(entry, data[8 + size :]) for name, entry in header.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise damaged(path, f"its header does not describe its content ({error or type(error).__name__})") from error


def damaged(path: Path, what: str) -> InputError:
    """What to say of a file that is no artefact of ours, or no longer one."""
    return InputError(f"{path} must be what `triaxis fit equivalence` wrote, but {what}; fit it again, or get another copy")


def _array(entry: Mapping[str, Any], body: bytes) -> np.ndarray:
    dtype, shape = DTYPES[entry["dtype"]], tuple(int(length) for length in entry["shape"])
    start, end = (int(offset) for offset in entry["data_offsets"])
    if min((start, *shape), default=0) < 0 or not start <= end <= len(body):
        raise ValueError("offsets outside the file")
    array: np.ndarray = np.frombuffer(body[start:end], dtype=dtype)
    return array.reshape(shape).astype(dtype.newbyteorder("="))
