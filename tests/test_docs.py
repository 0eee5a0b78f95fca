"""Documentation that cannot rot: snippets are run, and every flag, table, column and link is looked up."""

import ast
import doctest
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest
import typer

import triaxis.measure.api  # noqa: F401  registers ours before a page adds its own
from triaxis import diversity, registry
from triaxis.results import TABLES, json_schema

diversity.register_all()
REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared"
PAGES = [path for path in (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))) if path.exists()]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)
RUN_BY_SHELL = {"console", "bash", "sh", "shell"}
TRIAXIS = """#!{python}
import sys
from triaxis.cli import main
sys.argv[0] = "triaxis"
sys.exit(main())
"""


class Block(NamedTuple):
    """One fenced block: its language, its text, and the line of the page where its text starts."""

    language: str
    text: str
    line: int


class Command(NamedTuple):
    """One command line, and the output lines that the page shows under it."""

    line: str
    shown: tuple[str, ...]


def blocks(markdown: str) -> Iterator[Block]:
    """Fenced blocks of a page, without those after a `<!-- not run: why -->` line."""
    for found in FENCE.finditer(markdown):
        before = markdown[: found.start()].rstrip()
        if not re.search(r"<!-- not run: .+ -->$", before):
            yield Block(found.group(1), found.group(2), markdown[: found.start(2)].count("\n") + 1)


def commands(block: Block) -> Iterator[Command]:
    """Lines of a shell block that run triaxis; in a console block those after `$ `, each with the output shown under it."""
    lines = re.sub(r"\\\n\s*", "", block.text).splitlines()
    starts = [number for number, line in enumerate(lines) if block.language != "console" or line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        line = lines[start].removeprefix("$ ")
        if re.search(r"(^|\| *)triaxis ", line):
            yield Command(line, tuple(lines[start + 1 : end]) if block.language == "console" else ())


def runs_commands(path: Path) -> bool:
    found = [block for block in blocks(path.read_text(encoding="utf-8")) if block.language in RUN_BY_SHELL]
    return any(list(commands(block)) for block in found)


def run_page(path: Path, directory: Path) -> int:
    """Runs every snippet of a page in order in `directory`; how many were run."""
    namespace: dict[str, Any] = {"__name__": "__page__"}
    count = 0
    for block in blocks(path.read_text(encoding="utf-8")):
        if block.language == "python":
            run_python(block, path, namespace)
            count += 1
        elif block.language in RUN_BY_SHELL:
            for command in commands(block):
                run_command(command, directory)
                count += 1
    return count


def run_python(block: Block, path: Path, namespace: dict[str, Any]) -> None:
    """Runs one Python block in the page's namespace; sessions (`>>> `), in docstrings too, have to print what they show."""
    if block.text.startswith(">>> "):
        sessions = [block.text]
    else:
        padded = "\n" * (block.line - 1) + block.text
        exec(compile(padded, str(path), "exec"), namespace)  # noqa: S102  our own documentation
        sessions = docstrings(block.text)
    said: list[str] = []
    for session in sessions:
        test = doctest.DocTestParser().get_doctest(session, {}, path.name, str(path), block.line)
        test.globs = namespace
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append, clear_globs=False)
    assert not said, "".join(said)


def docstrings(text: str) -> list[str]:
    holders = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return [found for node in holders if (found := ast.get_docstring(node))]


def run_command(command: Command, directory: Path) -> None:
    """Runs one command line in `directory`; it has to succeed and print the lines that the page shows."""
    path = f"{directory.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(REPOSITORY / "src"), "COLUMNS": "120", "NO_COLOR": "1"}
    shell = ["bash", "-o", "pipefail", "-c", command.line]
    done = subprocess.run(shell, cwd=directory, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command.line}\n{done.stdout}\n{done.stderr}"
    printed = " ".join((done.stdout + done.stderr).split())
    missing = [line for line in command.shown if "..." not in line and " ".join(line.split()) not in printed]
    assert not missing, f"{command.line} no longer prints {missing}, but:\n{done.stdout}\n{done.stderr}"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory to run a page in, with `triaxis` on the path and the real data beside it, as beside a clone."""
    (tmp_path / "clone").mkdir()
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "triaxis"
    script.write_text(TRIAXIS.format(python=sys.executable), encoding="utf-8")
    script.chmod(0o755)
    if SHARED.exists():
        (tmp_path / "shared").symlink_to(SHARED)
    monkeypatch.chdir(tmp_path / "clone")
    monkeypatch.setattr(registry, "_registered", {kind: dict(held) for kind, held in registry._registered.items()})
    return tmp_path / "clone"


def pages() -> list[Any]:
    marks = {path: [pytest.mark.slow] if runs_commands(path) else [] for path in PAGES}
    return [pytest.param(path, marks=marks[path], id=str(path.relative_to(REPOSITORY))) for path in PAGES]


@pytest.mark.parametrize("path", pages())
def test_every_snippet_runs(path: Path, clone: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if "../shared/data/" in "".join(block.text for block in blocks(text)) and not SHARED.exists():
        pytest.skip(f"needs the real data in {SHARED}")
    expected = sum(block.language == "python" for block in blocks(text))
    assert run_page(path, clone) >= expected


@pytest.mark.parametrize("name", ["index", "extending", "tables", "cli", "benchmarks"])
def test_a_page_that_a_reader_looks_for_is_there(name: str) -> None:
    assert (REPOSITORY / "docs" / f"{name}.md").exists()


def test_the_readme_shows_the_two_commands() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert "make demo" in text
    assert "make test" in text


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_relative_link_and_picture_leads_somewhere(path: Path) -> None:
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text) + re.findall(r'(?:src|href|srcset)="([^"#]+)"', text)
    broken = [target for target in targets if "://" not in target and not (path.parent / target).exists()]
    assert broken == []


def verbs() -> dict[str, set[str]]:
    """Every command of the command line and its flags (the long ones)."""
    import triaxis.cli

    (app,) = {id(value): value for value in vars(triaxis.cli).values() if isinstance(value, typer.Typer)}.values()
    command = typer.main.get_command(app)
    found = dict(flat(getattr(command, "commands", {})))
    return {name: {flag for option in verb.params for flag in long_flags(option)} for name, verb in found.items()}


def flat(commands: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Commands by their full name, those of a group under it: `lab zoo`."""
    for name, command in commands.items():
        below = getattr(command, "commands", None)
        yield from flat(below, f"{above}{name} ") if below else [(f"{above}{name}", command)]


def long_flags(option: Any) -> list[str]:
    return [flag for flag in (*option.opts, *option.secondary_opts) if flag.startswith("--") and flag != "--help"]


def all_docs() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in PAGES if path.name != "README.md")


def mentions(text: str, flag: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(flag)}(?![\w-])", text) is not None


def test_every_command_and_flag_has_its_page() -> None:
    text = all_docs()
    missing = [f"{verb} {flag}" for verb, flags in verbs().items() for flag in sorted(flags) if not mentions(text, flag)]
    assert missing == []
    assert [verb for verb in verbs() if f"triaxis {verb}" not in text] == []
    assert "--out" in verbs()["measure"]


def test_the_page_of_the_command_line_names_no_flag_that_is_gone() -> None:
    known = set().union(*verbs().values()) | {"--help", "--version"}
    text = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)) <= known


def table_sections(markdown: str) -> dict[str, str]:
    """Section of each table in docs/tables.md (by a heading that names it in backquotes), under "" what stands before them."""
    parts = re.split(r"^#+ +`(\w+)`.*$", markdown, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def undocumented_columns(markdown: str) -> list[str]:
    """Tables without a section, and columns named neither in their table's section nor among the shared ones before."""
    sections = table_sections(markdown)
    lost = [name for name in TABLES if name not in sections]
    for name, columns in TABLES.items():
        text = sections[""] + sections.get(name, "")
        lost += [f"{name}.{column}" for column in columns if f"`{column}`" not in text]
    return lost


def test_every_table_and_column_has_its_line() -> None:
    assert undocumented_columns((REPOSITORY / "docs" / "tables.md").read_text(encoding="utf-8")) == []


def test_a_missing_column_or_table_is_seen() -> None:
    full = "".join(f"## `{name}`\n" + " ".join(f"`{c}`" for c in columns) + "\n" for name, columns in TABLES.items())
    assert undocumented_columns(full) == []
    assert undocumented_columns(full.replace("`coverage`", "")) == ["richness.coverage"]
    assert "flips" in undocumented_columns(full.replace("## `flips`", "## flops"))


@pytest.mark.slow
def test_a_result_validates_against_the_shipped_schema(clone: Path) -> None:
    rows = [
        {"prompt": f"p{p}", "model": model, "response": f"{word} {p}", "quality": q, "sample_index": i}
        for p in range(12)
        for model, words in (("a", ("red", "blue", "green")), ("b", ("red", "red", "blue")))
        for i, (word, q) in enumerate(zip(words, (1.0, 2.0, 3.0), strict=True))
    ]
    (clone / "samples.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    run_command(Command("triaxis measure samples.jsonl --quality quality --equivalence exact --out out", ()), clone)
    result = json.loads((clone / "out" / "results.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.check_schema(json_schema())
    assert [error.message for error in validator.iter_errors(result)] == []
    assert result["tables"]["usable_diversity"]
    for broken in ({**result, "seed": "seven"}, {key: value for key, value in result.items() if key != "gates"}):
        assert list(validator.iter_errors(broken))


PAGE = """
```python
x = 2
```
```python
assert x == 2
open("made.txt", "w").close()
```
<!-- not run: it would fail -->
```python
raise SystemExit
```
"""


def test_blocks_share_a_namespace_and_can_be_left_out(clone: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    assert run_page(page, clone) == 2
    assert (clone / "made.txt").exists()


@pytest.mark.parametrize("text", ["assert 1 == 2", ">>> 1 + 1\n3", 'def f():\n    """\n    >>> 2\n    3\n    """'])
def test_a_snippet_that_is_wrong_is_seen(text: str) -> None:
    with pytest.raises(AssertionError):
        run_python(Block("python", text, 1), Path("page.md"), {})


def test_shell_blocks_give_their_triaxis_commands() -> None:
    console = Block("console", "$ pip install x\n$ triaxis measure a \\\n    --out b\nmodel  U\n$ cat a | triaxis measure -\n", 1)
    assert list(commands(console)) == [
        Command("triaxis measure a --out b", ("model  U",)),
        Command("cat a | triaxis measure -", ()),
    ]
    assert [c.line for c in commands(Block("bash", "make demo\ntriaxis demo\n", 1))] == ["triaxis demo"]


@pytest.mark.parametrize(("line", "shown"), [("exit 3", ()), ("echo a b", ("a  c",))])
def test_a_command_that_fails_or_prints_something_else_is_seen(line: str, shown: tuple[str, ...], clone: Path) -> None:
    with pytest.raises(AssertionError):
        run_command(Command(line, shown), clone)


def test_a_command_may_print_more_than_the_page_shows(clone: Path) -> None:
    run_command(Command("echo a b; echo c", ("a   b", "and so on ...")), clone)
