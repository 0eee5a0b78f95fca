"""Rules for every test: no network beyond loopback, real data or a sentence that says what is missing, no skip on CI."""

import ipaddress
import os
import shutil
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED_DATA = REPOSITORY.parent / "shared" / "data"
NO_SKIPS = os.environ.get("TRIAXIS_NO_SKIPS") == "1"
LOCAL_NAMES = {"", "localhost", "localhost.localdomain", "ip6-localhost"}

settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if NO_SKIPS or "CI" in os.environ else "local")


class NetworkBlocked(RuntimeError):
    """A test tried to leave this machine. Not an OSError, so that code which expects network errors cannot swallow it."""


def is_loopback(host: object) -> bool:
    """Whether `host` (a name, an address, or None for any) stays on this machine."""
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name.lower() in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(name.split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def block_network(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook (PEP 578): sees every connection and look-up of this process, whatever library makes it."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
    else:
        return
    if not is_loopback(host):
        raise NetworkBlocked(f"a test tried to reach {host!r}; tests may use loopback only")


sys.addaudithook(block_network)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--spec", action="append", default=[], help="an equivalence for the contract suite, such as mine:0.8")


def forbid_skip(report: Any) -> None:
    """Turns a skipped report into a failed one where nothing may be skipped; an expected failure stays what it is."""
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and TRIAXIS_NO_SKIPS=1 allows no skip: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    report = yield
    forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    report = yield
    forbid_skip(report)
    return report


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """A function from a data set's name to its Parquet file beside the repository; skips where there is none."""

    def find(name: str) -> Path:
        path = SHARED_DATA / f"{name}.parquet"
        if not path.exists():
            pytest.skip(f"needs the data set {name}: put {name}.parquet into {SHARED_DATA}")
        return path

    return find


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The installed Chromium that browser tests drive; skips where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("needs Chromium: apt-get install chromium")
