"""An OpenAI-compatible endpoint, asked over real HTTP on loopback: what it may do to us, and what we make of it."""

import signal
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.models.embedding.server import (
    DIMENSIONS,
    Reply,
    Server,
    Step,
    answers,
    changed,
    cut_json,
    cut_short,
    entries,
    in_base64,
    say,
    serving,
    slow,
    status,
    vector,
)
from triaxis.errors import InputError
from triaxis.models.embedding import CachedEmbedder, EmbeddingError, endpoint
from triaxis.models.embedding.endpoint import LONGEST, TEXTS_TOGETHER, UNDER_WAY, EndpointEmbedder
from triaxis.models.embedding.patience import Patience
from triaxis.registry import create

KEY = "sk-never-shown-1234567890"


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def client(server: Server, waits: list[float] | None = None, **patience: Any) -> EndpointEmbedder:
    """An embedder of `server` that writes its waits down instead of waiting."""
    noted = [] if waits is None else waits
    return EndpointEmbedder("m", server.url, patience=Patience(**patience), sleep=noted.append)


def expected(texts: list[str]) -> np.ndarray:
    rows = np.array([vector(text) for text in texts])
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_a_spec_names_model_and_address() -> None:
    made = create("embedder", "openai:nomic-embed-text:v1.5@http://localhost:11434/v1/")
    assert made.name == "openai:nomic-embed-text:v1.5@http://localhost:11434/v1"
    assert create("embedder", "openai:text-embedding-3-small").url == "https://api.openai.com/v1"


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "@http://localhost",
        "m@http://",
        "m@http://[::1",
        "m@http://host:port",
        "m@http://me:secret@host/v1",
        "m@https://host/v1?key=secret",
    ],
)
def test_an_address_that_cannot_be_shown_is_refused_without_showing_it(argument: str) -> None:
    with pytest.raises(InputError) as raised:
        endpoint.openai(argument)
    if "secret" in argument:
        assert "secret" not in str(raised.value)
        assert "OPENAI_API_KEY" in str(raised.value)


@pytest.mark.parametrize("step", [answers, in_base64, changed(lambda found: [{"embedding": e["embedding"]} for e in found])])
def test_rows_are_in_the_order_that_was_asked_whatever_the_order_and_encoding_of_the_answer(step: Step) -> None:
    texts = ["b", "a", "c", "a"]
    with serving(step) as server:
        found = client(server).embed(texts)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected(texts), atol=1e-6)
    assert server.texts == ["b", "a", "c"]
    assert server.requests[0]["path"] == "/v1/embeddings"


def test_no_texts_are_no_request() -> None:
    with serving() as server:
        assert client(server).embed([]).shape == (0, 0)
    assert server.requests == []


def test_many_texts_are_a_few_requests_at_a_time_in_bounded_batches() -> None:
    texts = [f"text {number}" for number in range(TEXTS_TOGETHER * 9 + 5)]
    seen: list[tuple[str, int, int]] = []
    with serving(*[slow(0.02)] * 10) as server:
        found = client(server).embed(texts, progress=lambda *moved: seen.append(moved))
    np.testing.assert_allclose(found, expected(texts), atol=1e-6)
    assert len(server.requests) == 10
    assert max(len(request["input"]) for request in server.requests) == TEXTS_TOGETHER
    assert 1 < server.most_together <= UNDER_WAY
    assert seen[-1] == ("embedding", len(texts), len(texts))
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


def test_long_texts_share_a_request_only_within_its_bound_and_are_cut_and_counted() -> None:
    texts = [letter * (LONGEST + 1) for letter in "abcdefgh"]
    with serving() as server:
        made = client(server)
        made.embed([*texts, "short", texts[0]])
        made.embed(texts[:2])
    assert made.truncated == len(texts)
    assert {len(text) for text in server.texts} == {LONGEST, len("short")}
    assert all(sum(map(len, request["input"])) <= endpoint.CHARACTERS_TOGETHER for request in server.requests)


def test_an_empty_text_is_sent_as_a_space() -> None:
    with serving() as server:
        assert client(server).embed([""]).shape == (1, DIMENSIONS)
    assert server.texts == [" "]


def test_a_busy_server_gets_the_time_that_it_asks_for_and_no_try_is_lost() -> None:
    waits: list[float] = []
    with serving(*[status(429, Retry_After="2")] * 7) as server:
        assert client(server, waits, tries=1).embed(["a"]).shape == (1, DIMENSIONS)
    assert waits == [2.0] * 7


def test_a_date_to_retry_after_is_understood() -> None:
    waits: list[float] = []
    with serving(status(503, Retry_After=formatdate(usegmt=True)), status(503, Retry_After="soon")) as server:
        client(server, waits).embed(["a"])
    assert waits == [0.5, 1.0]  # now is sooner than the shortest wait


def test_failures_that_pass_are_tried_again_after_waits_that_double() -> None:
    waits: list[float] = []
    with serving(status(500), cut_short, cut_json, status(502)) as server:
        found = client(server, waits).embed(["a"])
    np.testing.assert_allclose(found, expected(["a"]), atol=1e-6)
    assert waits == [0.5, 1.0, 2.0, 4.0]
    assert len(server.requests) == 5


def test_a_slow_server_is_asked_again() -> None:
    with serving(slow(0.5)) as server:
        assert client(server, answer=0.1).embed(["a"]).shape == (1, DIMENSIONS)
    assert len(server.requests) == 2


def test_tries_end_with_what_came_last() -> None:
    with (
        serving(*[status(500, message="disk on fire")] * 9) as server,
        pytest.raises(EmbeddingError, match=r"failed 3 times, lastly: HTTP 500.*disk on fire"),
    ):
        client(server, tries=3).embed(["a"])
    assert len(server.requests) == 3


def test_waiting_ends_too() -> None:
    with (
        serving(*[status(429, Retry_After="3600")] * 2) as server,
        pytest.raises(EmbeddingError, match=r"more than 600 s of waiting.*Run it again later"),
    ):
        client(server).embed(["a"])
    assert len(server.requests) == 1


def test_nobody_there_is_said() -> None:
    with serving() as server:
        pass
    with pytest.raises(EmbeddingError, match=r"failed 2 times, lastly: ConnectError"):
        client(server, tries=2).embed(["a"])


def test_a_refusal_is_not_tried_again_and_says_what_the_server_says() -> None:
    with (
        serving(status(400, message="maximum context length is 8192 tokens")) as server,
        pytest.raises(EmbeddingError, match="maximum context length is 8192 tokens"),
    ):
        client(server).embed(["a"])
    assert len(server.requests) == 1


def test_the_key_is_sent_and_kept_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with serving(answers, status(401, message=f"wrong key {KEY}")) as server:
        made = client(server)
        made.embed(["a"])
        with pytest.raises(EmbeddingError) as raised:
            made.embed(["b"])
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert "wrong key ..." in str(raised.value)
    assert KEY not in f"{raised.value} {raised.value.__cause__} {vars(made)}"


@pytest.mark.parametrize("key", ["sk-secret\u2014", "sk-\nsecret"])
def test_a_key_that_no_header_can_hold_is_refused_without_showing_it(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with serving() as server, pytest.raises(InputError, match="printable ASCII") as raised:
        client(server).embed(["a"])
    assert "secret" not in str(raised.value)
    assert server.requests == []


def test_what_a_server_says_cannot_move_the_cursor() -> None:
    def hostile(_: dict[str, Any]) -> Reply:
        return Reply(400, b"\x1b[2J gone \r\n")

    with serving(hostile) as server, pytest.raises(EmbeddingError, match="gone") as raised:
        client(server).embed(["a"])
    assert str(raised.value).isprintable()


def test_without_a_key_none_is_sent_and_a_refusal_says_what_to_type() -> None:
    with serving(status(401)) as server, pytest.raises(EmbeddingError, match="export OPENAI_API_KEY="):
        client(server).embed(["a"])
    assert "authorization" not in server.headers[0]


WRONG: dict[str, tuple[Callable[[list[dict[str, Any]]], object], str]] = {
    "one too few": (lambda found: found[1:], "2 texts with 2 vectors, got 1"),
    "one too many": (lambda found: [*found, found[0]], "2 texts with 2 vectors, got 3"),
    "an index twice": (lambda found: [{**entry, "index": 0} for entry in found], "number 2 vectors from 0"),
    "an index that is true": (lambda found: [found[0], {**found[1], "index": True}], "number 2 vectors from 0"),
    "two lengths": (lambda found: [found[0], {**found[1], "embedding": [1.0]}], r"one length, got \[1, 8\]"),
    "no numbers": (lambda found: [{**entry, "embedding": []} for entry in found], "one length"),
    "text for numbers": (lambda found: [{**entry, "embedding": ["1"] * 8} for entry in found], "list of numbers"),
    "broken base64": (lambda found: [{**entry, "embedding": "AAA"} for entry in found], "base64 of float32"),
    "null": (lambda found: [{**entry, "embedding": None} for entry in found], "list of numbers"),
    "a zero vector": (lambda found: [{**entry, "embedding": [0.0] * 8} for entry in found], "got a zero vector for 'a'"),
    "numbers out of range": (lambda found: [{**entry, "embedding": [1e300] * 8} for entry in found], "got NaN or infinity"),
    "no list": (lambda found: "sorry", "must answer"),
    "no entries": (lambda found: ["sorry", "sorry"], "must answer"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_an_error_that_says_what_was_wrong(name: str) -> None:
    change, message = WRONG[name]
    with serving(changed(change)) as server, pytest.raises(EmbeddingError, match=message) as raised:
        client(server).embed(["a", "b"])
    assert "openai:m@http://127.0.0.1" in str(raised.value)
    assert len(server.requests) == 1


def test_nan_in_base64_is_an_error() -> None:
    def broken(request: dict[str, Any]) -> Reply:
        return say([{"index": 0, "embedding": "AADAfwAAwH8="}])

    with serving(broken) as server, pytest.raises(EmbeddingError, match="NaN or infinity"):
        client(server).embed(["a"])


def test_a_model_that_changes_its_dimensions_is_an_error() -> None:
    with serving(answers, lambda request: say(entries(request, 12))) as server:
        made = client(server)
        made.embed(["a"])
        with pytest.raises(EmbeddingError, match="got 8 and then 12 dimensions"):
            made.embed(["b"])


def test_what_was_answered_before_and_beside_a_failure_is_in_the_cache_and_not_paid_for_twice(tmp_path: Path) -> None:
    texts = [f"text {number}" for number in range(TEXTS_TOGETHER * 12)]
    answered: list[str] = []

    def runs_out_of_money(request: dict[str, Any]) -> Reply:
        if f"text {2 * TEXTS_TOGETHER}" in request["input"] and len(answered) < 10 * TEXTS_TOGETHER:
            return status(400, message="no more money")(request)
        answered.extend(request["input"])
        return answers(request)._replace(delay=0.02)

    with serving(*[runs_out_of_money] * 30) as server:
        with pytest.raises(EmbeddingError, match="no more money"):
            CachedEmbedder(client(server), tmp_path).embed(texts)
        paid = len(answered)
        assert 2 * TEXTS_TOGETHER <= paid < 10 * TEXTS_TOGETHER
        with serving() as rich:
            second = CachedEmbedder(named(client(rich), server), tmp_path)
            np.testing.assert_allclose(second.embed(texts), expected(texts), atol=1e-6)
    assert second.counts.hits == paid
    assert sorted([*answered, *rich.texts]) == sorted(texts)


def named(made: EndpointEmbedder, other: Server) -> EndpointEmbedder:
    """`made` under the name of another server, so that they share a cache."""
    made.name = client(other).name
    return made


@pytest.mark.parametrize("argument", ["m@localhost:11434/v1", "m@", "m@ftp://host/v1"])
def test_an_address_without_http_is_refused_and_never_taken_for_a_model_of_openai(argument: str) -> None:
    with pytest.raises(InputError, match="http://"):
        create("embedder", f"openai:{argument}")


def test_a_run_that_is_stopped_does_not_wait_until_the_endpoint_would_be_asked_again() -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    texts = [f"text {number}" for number in range(3 * TEXTS_TOGETHER * UNDER_WAY)]
    before = signal.signal(signal.SIGALRM, stop)  # not SIGINT: a shell may have it ignored in what it runs in the background
    try:
        with serving(*[status(429, Retry_After="300")] * 60) as server:
            batches = EndpointEmbedder("m", server.url).batches(texts)
            started = time.monotonic()
            signal.setitimer(signal.ITIMER_REAL, 2.0)
            with pytest.raises(KeyboardInterrupt):
                list(batches)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - started < 30


def test_a_server_that_asks_for_no_wait_for_ever_has_an_end() -> None:
    waits: list[float] = []
    with serving(*[status(429, Retry_After="0")] * 40) as server, pytest.raises(EmbeddingError, match="more than 5 s of waiting"):
        client(server, waits, first_wait=0.5, all_waits=5.0).embed(["a"])
    assert waits == [0.5] * 10


def test_an_answer_without_an_end_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triaxis.models.embedding.endpoint.LARGEST_ANSWER", 50)
    with serving() as server, pytest.raises(EmbeddingError, match="failed 2 times, lastly: ReadTimeout: the answer had"):
        client(server, tries=2).embed(["a"])


def test_an_answer_that_trickles_in_is_none() -> None:
    with serving() as server, pytest.raises(EmbeddingError, match="no end after -1 s"):
        client(server, tries=1, whole=-1.0).embed(["a"])
