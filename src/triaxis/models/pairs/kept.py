"""What a pair scorer said, on disk: bytes under a key of content, one SQLite file per scorer, so that nothing is asked twice.

The same file format as the vectors of an encoder, with the same promise: it may lose entries, and never gives a wrong one.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from triaxis.models.embedding.cache import Stored, VectorCache
from triaxis.models.embedding.cached import cache_directory

Where = Path | Literal["default"] | None
"""A directory, the user's own, or no disk at all."""


def content_key(*parts: str) -> bytes:
    """16 bytes that stand for `parts` in their order; no two lists of parts read as one."""
    digest = blake2b(digest_size=16)
    for part in parts:
        told = part.encode("utf-8", "surrogatepass")
        digest.update(len(told).to_bytes(8, "big") + told)
    return digest.digest()


class Kept:
    """What scorer `name` said so far; with `where` None only what this object was told."""

    def __init__(self, name: str, where: Where = "default") -> None:
        directory = cache_directory() if where == "default" else where
        self._cache = None if directory is None else VectorCache(directory / "pairs", name)
        self._told: dict[bytes, bytes] = {}

    @property
    def trouble(self) -> str:
        """Why nothing is kept, with the path; empty while all is well."""
        return self._cache.trouble if self._cache is not None else ""

    def get(self, keys: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """What is known of `keys`."""
        if self._cache is None:
            return {key: self._told[key] for key in keys if key in self._told}
        return {key: stored.vector for key, stored in self._cache.get(keys).items()}

    def put(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Keeps `entries`, all of them or none."""
        told = list(entries)
        if self._cache is None:
            self._told.update(told)
        else:
            self._cache.put([(key, Stored(content, is_cut=False)) for key, content in told])
