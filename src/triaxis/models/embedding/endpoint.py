"""Any OpenAI-compatible embeddings endpoint: `openai:MODEL@BASE_URL`, the key from OPENAI_API_KEY.

Batches are handed over as they are answered, so that what was paid for is in the cache before anything can fail. The key is
read for each call, kept in no object and taken out of every message.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from triaxis.models.embedding.batching import Batch, embed_once, unit_rows
from triaxis.models.embedding.errors import EmbeddingError
from triaxis.models.embedding.local import in_order, needs
from triaxis.models.embedding.patience import Patience, patiently
from triaxis.models.embedding.transport import address, key_hint, open_client, post, until, without_key
from triaxis.models.embedding.wire import vectors_of
from triaxis.protocols import Progress
from triaxis.registry import register

if TYPE_CHECKING:
    import httpx

TEXTS_TOGETHER = 128
CHARACTERS_TOGETHER = 100_000  # OpenAI takes 300,000 tokens a request, and a token is a character at worst in most scripts
LARGEST_ANSWER = 2**28
"""Bytes that an answer may have."""

LONGEST = 24_000
"""Characters that are sent of a text, about 6,000 words of four: hosted encoders refuse what is over some 8,000 tokens."""
UNDER_WAY = 4


@register("embedder", "openai")
def openai(argument: str) -> "EndpointEmbedder":
    """The endpoint of `MODEL@BASE_URL`; `MODEL` alone is OpenAI's own. Nothing is sent before the first text.

    Raises `InputError` for an `@` without http:// behind it, since texts meant for a local server would go to OpenAI, and for
    a URL with a password or a query in it: the name is shown with every figure.
    """
    model, url = address(argument, kind="embedder", name="openai")
    needs("embedder 'openai'", "httpx")
    return EndpointEmbedder(model, url)


class EndpointEmbedder:
    """Texts to unit vectors by POST {url}/embeddings, a few requests at a time.

    `truncated` counts the different texts so far of which only `LONGEST` characters were sent. An empty text is sent as a
    space, since most servers refuse it.
    """

    def __init__(
        self, model: str, url: str, *, patience: Patience | None = None, sleep: Callable[[float], None] | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self.name = f"openai:{model}@{self.url}"
        self.dimensions: int | None = None
        self._model = model
        self._patience = patience or Patience()
        self._sleep = sleep
        self._cut: set[str] = set()

    @property
    def truncated(self) -> int:
        """Different texts so far of which only the beginning was sent."""
        return len(self._cut)

    def embed(self, texts: Sequence[str], *, progress: Progress | None = None) -> np.ndarray:
        """(texts, dimensions) float32, each row of length 1; no texts, no request."""
        return embed_once(texts, self.batches, dimensions=self.dimensions, progress=progress)

    def batches(self, texts: Sequence[str]) -> Iterator[Batch]:
        """Batches as they are answered. After a failure those that were under way come before the error."""
        if not texts:
            return
        halted = Event()
        with closing(open_client(self._patience)) as client:

            def ask(where: range) -> Batch:
                return self._ask(client, [texts[place] for place in where], where, sleep=self._sleep or until(halted))

            yield from in_order(ask, _together(texts), workers=UNDER_WAY, halt=halted.set)

    def _ask(self, client: "httpx.Client", texts: Sequence[str], where: range, *, sleep: Callable[[float], None]) -> Batch:
        is_cut = np.array([len(text) > LONGEST for text in texts], dtype=bool)
        self._cut.update(text for text in texts if len(text) > LONGEST)
        body = {"model": self._model, "input": [text[:LONGEST] or " " for text in texts], "encoding_format": "float"}
        vectors = self._vectors(client, body, len(texts), sleep)
        self._check_dimensions(vectors.shape[1])
        return Batch(np.array(where, dtype=np.int64), unit_rows(vectors, texts, encoder=self.name), is_cut)

    def _vectors(
        self, client: "httpx.Client", body: Mapping[str, object], texts: int, sleep: Callable[[float], None]
    ) -> np.ndarray:
        """What the endpoint answers; its errors carry its name, and never the key that a server may repeat in them."""
        try:
            return patiently(
                lambda: self._post(client, body),
                lambda content: vectors_of(content, texts=texts),
                patience=self._patience,
                sleep=sleep,
            )
        except EmbeddingError as error:
            raise EmbeddingError(without_key(f"{self.name} {error}{key_hint(error)}")) from None

    def _post(self, client: "httpx.Client", body: Mapping[str, object]) -> "httpx.Response":
        return post(client, f"{self.url}/embeddings", body, seconds=self._patience.whole, most_bytes=LARGEST_ANSWER)

    def _check_dimensions(self, came: int) -> None:
        self.dimensions = self.dimensions or came
        if came != self.dimensions:
            raise EmbeddingError(f"{self.name} must give vectors of one length, got {self.dimensions} and then {came} dimensions")


def _together(texts: Sequence[str]) -> Iterator[range]:
    """Consecutive texts that share a request: bounded in number and in characters, at least one."""
    start, characters = 0, 0
    for place, text in enumerate(texts):
        size = min(len(text), LONGEST)
        if place > start and (place - start == TEXTS_TOGETHER or characters + size > CHARACTERS_TOGETHER):
            yield range(start, place)
            start, characters = place, 0
        characters += size
    yield range(start, len(texts))
