"""Asking an endpoint until it answers, or until there is no sense in asking on: which failures pass, and how long to wait."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from triaxis.models.embedding.errors import EmbeddingError
from triaxis.models.embedding.wire import Garbled

if TYPE_CHECKING:
    import httpx

BUSY = 429
PASSING = frozenset({408, 409, 425, BUSY})
"""Client errors that may be gone the next time; every 5xx may too."""

KEPT = "Run it again later: with a cache, what was answered before is kept"

Answer = TypeVar("Answer")


class Patience(NamedTuple):
    """How long an endpoint is waited for: seconds, and tries of one request. A 429 costs time, not a try.

    `answer` is the longest silence, `whole` the longest time that one answer may take to arrive.
    """

    answer: float = 60.0
    whole: float = 300.0
    tries: int = 5
    first_wait: float = 0.5
    longest_wait: float = 60.0
    all_waits: float = 600.0


class Unavailable(Exception):
    """No answer this time; `wait` is what the server asks for, in seconds."""

    def __init__(self, reason: str, *, wait: float | None = None, is_busy: bool = False) -> None:
        super().__init__(reason)
        self.wait = wait
        self.is_busy = is_busy


def patiently(
    send: Callable[[], "httpx.Response"], read: Callable[[bytes], Answer], *, patience: Patience, sleep: Callable[[float], None]
) -> Answer:
    """What `read` makes of the body that `send` brings, with waits in between that double, or are what the server asks for.

    Raises `EmbeddingError` when the server refuses, or when tries or time are used up.
    """
    effort = _Effort(patience)
    while True:
        try:
            return read(_body(send))
        except (Unavailable, Garbled) as error:
            sleep(effort.wait_after(error))


class _Effort:
    """What one request has cost so far."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._failed = self._waits = 0
        self._waited = 0.0

    def wait_after(self, error: Exception) -> float:
        """Seconds until the next try. Raises `EmbeddingError` when there is to be none."""
        patience = self._patience
        self._failed += not (isinstance(error, Unavailable) and error.is_busy)
        asked = error.wait if isinstance(error, Unavailable) else None
        ours = min(patience.first_wait * 2**self._waits, patience.longest_wait)
        wait = ours if asked is None else max(asked, patience.first_wait)  # a server that asks for 0 for ever has an end, too
        self._waits, self._waited = self._waits + 1, self._waited + wait
        if self._failed >= patience.tries:
            raise EmbeddingError(f"failed {self._failed} times, lastly: {error}. {KEPT}") from error
        if self._waited > patience.all_waits:
            raise EmbeddingError(f"wants more than {patience.all_waits:g} s of waiting, lastly: {error}. {KEPT}") from error
        return wait


def _body(send: Callable[[], "httpx.Response"]) -> bytes:
    import httpx

    try:
        reply = send()
    except httpx.RequestError as error:  # no connection, no answer in time, a body cut short
        raise Unavailable(f"{type(error).__name__}: {error}") from error
    if reply.is_success:
        return reply.content
    said = "".join(letter if letter.isprintable() else " " for letter in reply.text[:200])
    reason = f"HTTP {reply.status_code}: {said}"
    if reply.status_code in PASSING or reply.is_server_error:
        raise Unavailable(reason, wait=_asked_wait(reply), is_busy=reply.status_code == BUSY)
    raise EmbeddingError(f"refuses: {reason}")


def _asked_wait(reply: "httpx.Response") -> float | None:
    """Seconds of Retry-After, which is a number or a date (RFC 9110, 10.2.3); None where there is none to be understood."""
    asked = reply.headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.replace(".", "", 1).isdigit():
        return float(asked)
    try:
        moment = parsedate_to_datetime(asked)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
