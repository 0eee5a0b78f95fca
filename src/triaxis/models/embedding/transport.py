"""What every OpenAI-compatible endpoint needs, whatever it is asked: its address, the key, one request and its whole answer.

The key is read for each call, kept in no object and taken out of every message.
"""

import os
from collections.abc import Callable, Mapping
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, urlsplit

from triaxis.errors import InputError
from triaxis.models.embedding.errors import EmbeddingError
from triaxis.models.embedding.patience import Patience

if TYPE_CHECKING:
    import httpx

OPENAI = "https://api.openai.com/v1"
KEY = "OPENAI_API_KEY"


class Address(NamedTuple):
    """Which model, and where."""

    model: str
    url: str


def address(argument: str, *, kind: str, name: str) -> Address:
    """`MODEL@BASE_URL` taken apart; `MODEL` alone is OpenAI's own.

    Raises `InputError` for an `@` without http:// behind it, since texts meant for a local server would go to OpenAI, and for
    a URL with a password or a query in it: the name is shown with every figure.
    """
    model, at, rest = argument.partition("@http")
    url = f"http{rest}" if at else OPENAI
    parts = _parts(url)
    if not model or not parts or not parts.hostname or (not at and "@" in model):
        raise InputError(f"{kind} {name!r} must be {name}:MODEL@BASE_URL with http:// or https:// and a host, or {name}:MODEL")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError(f"BASE_URL of {kind} {name!r} must not hold a password or a query; put the key into {KEY}")
    return Address(model, url)


def open_client(patience: Patience) -> "httpx.Client":
    """A client that sends the user's key, if there is one."""
    import httpx

    key = _key()
    return httpx.Client(timeout=patience.answer, headers={"Authorization": f"Bearer {key}"} if key else {})


def post(
    client: "httpx.Client", url: str, body: Mapping[str, object], *, seconds: float, most_bytes: int
) -> "httpx.Response":
    """The answer, whole; one that trickles in for longer than `seconds`, or does not end, is none."""
    import httpx

    end, content = monotonic() + seconds, bytearray()
    with client.stream("POST", url, json=body) as reply:
        for piece in reply.iter_bytes():
            content += piece
            if monotonic() > end or len(content) > most_bytes:
                raise httpx.ReadTimeout(f"the answer had {len(content)} bytes and no end after {seconds:g} s")
    headers = {name: value for name, value in reply.headers.items() if name.lower() == "retry-after"}
    return httpx.Response(reply.status_code, headers=headers, content=bytes(content))


def until(halted: Event) -> Callable[[float], None]:
    """A wait between tries that ends with an error as soon as the run is `halted`, so that Ctrl-C need not wait it out."""

    def wait(seconds: float) -> None:
        if halted.wait(seconds):
            raise EmbeddingError("was stopped")

    return wait


def without_key(message: str) -> str:
    """`message` without the user's key, which a server may repeat."""
    key = _key()
    return message.replace(key, "...") if key else message


def key_hint(error: EmbeddingError) -> str:
    """What to type where a server asks for a key and there is none."""
    return "" if _key() or "HTTP 401" not in str(error) else f". Type: export {KEY}=..."


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None  # reading the port is what checks it
    except ValueError:
        return None


def _key() -> str:
    """The user's key, empty where there is none. Raises `InputError` for one that no header can hold, without showing it."""
    key = os.environ.get(KEY, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise InputError(f"{KEY} must be printable ASCII in one line, got other characters; copy it again")
    return key
