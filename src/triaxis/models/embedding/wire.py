"""The embeddings answer of an OpenAI-compatible server, from bytes to vectors, believed in nothing."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from triaxis.models.embedding.errors import EmbeddingError


class Garbled(Exception):
    """The body is no JSON (cut short, or a proxy's page): another try may bring a whole one."""


def vectors_of(body: bytes, *, texts: int) -> np.ndarray:
    """(texts, dimensions) float64 in the order that was asked, by `index`; numbers may come as a list or as base64 float32.

    Raises `Garbled` for a body that is no JSON object, `EmbeddingError` for one that does not hold one vector per text.
    """
    entries = _entries(body)
    if len(entries) != texts:
        raise EmbeddingError(f"must answer {texts} texts with {texts} vectors, got {len(entries)}")
    rows = [_row(entry.get("embedding")) for entry in _ordered(entries)]
    sizes = sorted({row.size for row in rows})
    if len(sizes) > 1 or not sizes[0]:
        raise EmbeddingError(f"must give vectors of one length, got {sizes} dimensions")
    return np.stack(rows)


def _entries(body: bytes) -> list[Mapping[str, Any]]:
    try:
        reply = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Garbled(f"answers no JSON: {body[:60]!r}") from error
    entries = reply.get("data") if isinstance(reply, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise EmbeddingError(f'must answer {{"data": [{{"embedding": [...]}}, ...]}}, got {body[:60]!r}')
    return entries


def _ordered(entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """By `index`, which has to be 0, 1, ...; as they come where the server numbers none of them."""
    numbers = [entry.get("index") for entry in entries]
    if all(number is None for number in numbers):
        return list(entries)
    place = {number: entry for number, entry in zip(numbers, entries, strict=True) if type(number) is int}
    if place.keys() != set(range(len(entries))):
        raise EmbeddingError(f"must number {len(entries)} vectors from 0 by `index`, got {numbers[:8]}")
    return [place[number] for number in range(len(entries))]


def _row(value: object) -> np.ndarray:
    try:
        if isinstance(value, str):
            return np.frombuffer(base64.b64decode(value, validate=True), dtype="<f4").astype(np.float64)
        if isinstance(value, list) and all(type(number) in {int, float} for number in value):
            return np.array(value, dtype=np.float64)
    except (binascii.Error, ValueError, OverflowError) as error:
        raise EmbeddingError(f"must give numbers or base64 of float32, got {str(value)[:60]!r}") from error
    raise EmbeddingError(f"must give a list of numbers or base64 of float32 as `embedding`, got {str(value)[:60]!r}")
