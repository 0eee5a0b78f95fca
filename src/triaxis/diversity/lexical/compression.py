"""Compression: a set that repeats itself compresses better, at any distance that the compressor's window reaches.

One pass of a general compressor over the responses in a row. The compressor starts afresh at fixed blocks of four million bytes,
so that a stream needs no more memory than a block.
"""

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from triaxis.diversity.lexical.streamed import Streamed, need
from triaxis.errors import InputError, MissingDependency, Undefined, near
from triaxis.registry import register
from triaxis.responses import Responses, Traits

BLOCK = 4 << 20
"""Bytes of text after which a block is closed, at the end of a response."""

Codec = Literal["gzip", "zstd"]
CODECS: tuple[Codec, ...] = get_args(Codec)

_SAYS = "How many times smaller the responses become when compressed together"
_SOURCE = "Shaib et al. 2024, arXiv 2403.00553"


def compression_ratio(texts: Sequence[str], *, codec: Codec = "gzip") -> float:
    """Bytes of `texts`, joined by spaces, over their bytes when compressed once; above 0, higher is less diverse.

    gzip at level 9 sees repeats up to 32 KiB apart, zstd at level 3 through a whole block of `BLOCK` bytes. Depends on the
    order of texts, and grows with their number and length. Raises `Undefined` where there is no byte to compress.
    """
    tally = CompressionTally(codec)
    tally.take(texts)
    return tally.ratio()


def order_free_ratio(texts: Sequence[str], *, codec: Codec = "gzip") -> float:
    """`compression_ratio` of the texts sorted by code point, so that their order does not matter; see there.

    Texts that begin alike come to stand together, whatever the set's order; copies always do.
    """
    return compression_ratio(sorted(texts), codec=codec)


def compressor(codec: Codec) -> Callable[[bytes], int]:
    """A function from bytes to their compressed size, header included."""
    return _zstd() if codec == "zstd" else _gzip


def _gzip(raw: bytes) -> int:
    return len(gzip.compress(raw, compresslevel=9, mtime=0))


def _zstd() -> Callable[[bytes], int]:
    try:
        import zstandard
    except ImportError as error:
        raise MissingDependency("compression by zstd needs zstandard: pip install zstandard") from error
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=BLOCK.bit_length())
    squeeze = zstandard.ZstdCompressor(compression_params=parameters)
    return lambda raw: len(squeeze.compress(raw))


class CompressionTally:
    """Raw and compressed bytes of closed blocks, and the texts of the open one."""

    def __init__(self, codec: Codec) -> None:
        self.responses = 0
        self._size_of = compressor(codec)
        self._open: list[bytes] = []
        self._open_bytes = self._raw = self._small = 0

    def add(self, responses: Responses) -> None:
        """Takes in a block of responses."""
        self.take(responses.texts)

    def take(self, texts: Sequence[str]) -> None:
        """Takes in texts that follow."""
        self.responses += len(texts)
        for text in texts:
            self._put(text.encode("utf-8", "surrogatepass"))

    def merge(self, other: "CompressionTally") -> None:
        """Takes in what `other` has seen, from here on: its first block stays one, unless it was still open."""
        self.responses += other.responses
        if not other._raw:
            for raw in other._open:
                self._put(raw)
            return
        self._close()
        self._raw, self._small = self._raw + other._raw, self._small + other._small
        self._open, self._open_bytes = list(other._open), other._open_bytes

    def value(self) -> float:
        """The ratio, of two responses or more."""
        need(self.responses, 2)
        return self.ratio()

    def ratio(self) -> float:
        """Raw over compressed bytes."""
        rest = b" ".join(self._open)
        raw = self._raw + len(rest)
        if not raw:
            raise Undefined("every response is empty")
        return raw / (self._small + (self._size_of(rest) if rest else 0))

    def _put(self, raw: bytes) -> None:
        self._open.append(raw)
        self._open_bytes += len(raw) + 1
        if self._open_bytes >= BLOCK:
            self._close()

    def _close(self) -> None:
        block = b" ".join(self._open)
        if block:
            self._raw, self._small = self._raw + len(block), self._small + self._size_of(block)
        self._open, self._open_bytes = [], 0


@dataclass(frozen=True)
class Compression(Streamed):
    """`compression:CODEC`, see `compression_ratio`."""

    codec: Codec = "gzip"
    traits: ClassVar[Traits] = Traits(
        "lexical", f"{_SAYS}, in their order.", "less diverse", growth="bounded", is_ordered=True, source=_SOURCE,
        error="exact in one stream, and under 4 MiB of text; above that, each merge of two parts starts the compressor once more",
    )  # fmt: skip

    @property
    def name(self) -> str:
        """Name with its codec."""
        return f"compression:{self.codec}"

    def tally(self) -> CompressionTally:
        """An empty tally."""
        return CompressionTally(self.codec)


@dataclass(frozen=True)
class OrderFreeCompression:
    """`compression-order-free:CODEC`, see `order_free_ratio`."""

    codec: Codec = "gzip"
    traits: ClassVar[Traits] = Traits(
        "lexical", f"{_SAYS}, sorted first.", "less diverse", limit=200_000, source=f"{_SOURCE}, sorted here"
    )

    @property
    def name(self) -> str:
        """Name with its codec."""
        return f"compression-order-free:{self.codec}"

    def value(self, responses: Responses) -> float:
        """See `triaxis.protocols.Diversity`."""
        need(len(responses), 2)
        return order_free_ratio(responses.texts, codec=self.codec)


def _codec(argument: str) -> Codec:
    for codec in CODECS:
        if argument == codec:
            return codec
    raise InputError(f"unknown codec {argument!r} of compression{near(argument, CODECS)}; there are: {', '.join(CODECS)}")


@register("diversity", "compression")
def compression(argument: str = "gzip") -> Compression:
    """`compression` or `compression:CODEC`."""
    return Compression(_codec(argument))


@register("diversity", "compression-order-free")
def compression_order_free(argument: str = "gzip") -> OrderFreeCompression:
    """`compression-order-free` or `compression-order-free:CODEC`."""
    return OrderFreeCompression(_codec(argument))
