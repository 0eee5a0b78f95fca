"""Imports run downward only: every import of src/triaxis, deferred ones included, is held against one table."""

import ast
import graphlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"

GROUND = {"errors", "protocols", "stats", "results", "registry", "records", "expressions", "responses", "syntax_trees"}
AXES = {"quality", "diversity", "complexity"}
BESIDE = {"models", "engine"}
MEASURE = GROUND | AXES | BESIDE | {"measure"}
VERBS = {"generate", "select", "watch", "blind"}
PAGES = {"report", "advise"}

MAY_IMPORT: dict[str, set[str]] = {
    "cli": MEASURE | VERBS | PAGES | {"train", "lab", ""},
    "lab": MEASURE | VERBS | {"train", "advise", ""},
    "train": MEASURE | VERBS | {""},
    "generate": MEASURE | {""},
    "select": MEASURE | {""},
    "watch": MEASURE | {""},
    "blind": MEASURE | {""},
    "report": {"errors", "results", "stats", ""},
    "advise": {"errors", "results", "stats", ""},
    "measure": GROUND | AXES | BESIDE | {""},
    "quality": GROUND | {""},
    "diversity": GROUND | {""},
    "complexity": GROUND | {""},
    "models": GROUND | {""},
    "engine": GROUND | {""},
    "records": {"errors", "protocols", "responses", "stats", "results", "registry", ""},
    "registry": {"errors", "protocols", "responses", ""},
    "results": {"errors", "stats", ""},
    "expressions": {"errors", ""},
    "syntax_trees": {""},
    "stats": {"errors", ""},
    "protocols": {"errors", "responses", ""},
    "responses": {"errors", ""},
    "errors": set(),
    "demo": set(),
    "__main__": {"cli"},
    "": set(),
}
"""Package -> what it may import beside itself; `lab` checks the advice of `advise`.

"" is triaxis/__init__.py: an index that imports nothing of ours; "demo" holds data only.
"""

HEAVY = {"torch", "httpx", "transformers", "sentence_transformers", "altair", "vl_convert", "matplotlib", "playwright", "numba"}


class Import(NamedTuple):
    """One import of one of our modules: who, whom (full dotted names), and where it stands."""

    importer: str
    imported: str
    line: int


class Module(NamedTuple):
    """A module of ours: its dotted name, its source text, and whether it is a package's __init__."""

    name: str
    text: str
    is_package: bool = False


def modules_on_disk() -> list[Module]:
    """Every module of src/triaxis."""
    found = []
    for path in sorted((SOURCE / "triaxis").rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        found.append(Module(".".join(parts[:-1] if is_package else parts), path.read_text(encoding="utf-8"), is_package))
    return found


def imports_of(module: Module, known: set[str]) -> Iterator[Import]:
    """Imports of triaxis modules in `module`, at any depth, relative ones and `import_module("...")` resolved."""
    for node in ast.walk(ast.parse(module.text)):
        for name in imported_names(node, module, known):
            if name == "triaxis" or name.startswith("triaxis."):
                yield Import(module.name, name, getattr(node, "lineno", 0))


def imported_names(node: ast.AST, module: Module, known: set[str]) -> list[str]:
    """Dotted names that one syntax node imports; `from triaxis import x` is triaxis.x where that is a module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = absolute(node, module)
        full = [f"{base}.{alias.name}" for alias in node.names]
        return [name if name in known else base for name in full]
    if isinstance(node, ast.Call) and called_name(node) in {"import_module", "__import__"}:
        return [literal_argument(node, module)]
    return []


def absolute(node: ast.ImportFrom, module: Module) -> str:
    """The dotted name after `from`, with leading dots resolved against the importing module."""
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    package = parts[: len(parts) - node.level + (1 if module.is_package else 0)]
    return ".".join([*package, *([node.module] if node.module else [])])


def called_name(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def literal_argument(node: ast.Call, module: Module) -> str:
    """The name that `import_module` is given; one that only exists at run time cannot be checked, and so is not allowed."""
    first = node.args[0] if node.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    raise AssertionError(f"{module.name}:{node.lineno} imports a name made at run time; write the import out")


def package_of(name: str) -> str:
    """`triaxis.measure.curves` -> `measure`; `triaxis` itself -> an empty string."""
    return name.split(".")[1] if "." in name else ""


def violations(modules: Iterable[Module]) -> list[str]:
    """A sentence for every import that the table does not allow."""
    modules = list(modules)
    known = {module.name for module in modules}
    return [
        f"{found.importer}:{found.line} imports {found.imported}, which {package_of(found.importer) or 'triaxis'!r} may not"
        for module in modules
        for found in imports_of(module, known)
        if package_of(found.imported) not in {package_of(found.importer), *MAY_IMPORT.get(package_of(found.importer), set())}
    ]


def cycle(modules: Iterable[Module]) -> list[str]:
    """Modules that import one another in a circle, or an empty list. A package's __init__ is its index: it stands apart."""
    modules = list(modules)
    known = {module.name for module in modules}
    indexes = {module.name for module in modules if module.is_package}
    graph = {m.name: {i.imported for i in imports_of(m, known)} - indexes - {m.name} for m in modules if not m.is_package}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_every_import_runs_downward() -> None:
    assert violations(modules_on_disk()) == []


def test_every_package_stands_in_the_table() -> None:
    found = {package_of(module.name) for module in modules_on_disk()}
    assert {"errors", "records", "results", "protocols", "registry", "stats"} <= found
    assert found <= set(MAY_IMPORT)


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert cycle(modules_on_disk()) == []


def test_the_table_itself_has_no_circle() -> None:
    graphlib.TopologicalSorter(MAY_IMPORT).prepare()


@pytest.mark.parametrize(
    ("importer", "text"),
    [
        ("triaxis.diversity.lexical", "from triaxis.quality import column"),
        ("triaxis.quality.column", "import triaxis.diversity.exact"),
        ("triaxis.diversity.lexical", "def late():\n    from triaxis import measure"),
        ("triaxis.diversity.lexical", "from ..models import client"),
        ("triaxis.report", "from ..measure import run"),
        ("triaxis.report.page", "import importlib\nimportlib.import_module('triaxis.records')"),
        ("triaxis.measure.run", "if TYPE_CHECKING:\n    from triaxis.report import page"),
        ("triaxis.errors", "import triaxis.results"),
        ("triaxis", "from triaxis.measure import run"),
    ],
)
def test_an_upward_or_sideways_import_is_seen(importer: str, text: str) -> None:
    bystanders = [Module(f"triaxis.{name}", "", True) for name in ("quality", "measure", "models", "report", "records")]
    offender = Module(importer, text, is_package=importer in {"triaxis", "triaxis.report"})
    others = [module for module in bystanders if module.name != importer]
    assert len(violations([offender, *others])) == 1


def test_a_downward_import_is_allowed() -> None:
    text = "from triaxis.errors import near\nfrom triaxis import diversity\nimport numpy\nfrom . import cells"
    assert violations([Module("triaxis.measure.run", text), Module("triaxis.diversity", "", True)]) == []


def test_an_import_of_a_name_made_at_run_time_is_not_allowed() -> None:
    with pytest.raises(AssertionError, match="made at run time"):
        violations([Module("triaxis.measure.run", "import_module(f'triaxis.{name}')")])


def test_a_circle_is_seen() -> None:
    a = Module("triaxis.stats.a", "from triaxis.stats.b import f")
    b = Module("triaxis.stats.b", "def late():\n    from triaxis.stats import a")
    assert cycle([a, b])
    assert not cycle([a, Module("triaxis.stats.b", "")])


WATCHED_IMPORT = """
import json, logging, os, sys
seen, watching = [], True

class Watched(dict):
    def __getitem__(self, key):
        seen.append(f"reads {key}")
        return super().__getitem__(key)

    def __contains__(self, key):
        seen.append(f"reads {key}")
        return super().__contains__(key)

    def __iter__(self):
        seen.append("reads all of the environment")
        return super().__iter__()

def watch(event, arguments):
    if watching and event in {"socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system"}:
        seen.append(event)
    if watching and event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        seen.append(f"writes {arguments[0]}")

sys.dont_write_bytecode = True
sys.addaudithook(watch)
real, os.environ._data = os.environ._data, Watched(os.environ._data)
__import__(sys.argv[1])
os.environ._data, watching = real, False
print(json.dumps({"seen": seen, "handlers": len(logging.getLogger().handlers), "modules": sorted(sys.modules)}))
"""


def watched_import(module: str, path: Path = SOURCE) -> dict[str, Any]:
    """What importing `module` does in a fresh interpreter: environment reads, files written, connections, modules."""
    command = [sys.executable, "-c", WATCHED_IMPORT, module]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(path)})
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def heavy_modules(module: str) -> set[str]:
    return {name.split(".")[0] for name in watched_import(module)["modules"]} & HEAVY


def test_importing_triaxis_reads_no_environment_and_opens_nothing() -> None:
    found = watched_import("triaxis")
    assert "triaxis" in found["modules"]
    assert found["seen"] == []
    assert found["handlers"] == 0


def test_a_module_that_reads_the_environment_or_writes_on_import_is_seen(tmp_path: Path) -> None:
    text = f"import os\nos.environ.get('HOME')\n'X' in os.environ\nopen({str(tmp_path / 'left')!r}, 'w').close()\n"
    (tmp_path / "nosy.py").write_text(text, encoding="utf-8")
    seen = watched_import("nosy", tmp_path)["seen"]
    assert [word.split()[0] for word in seen] == ["reads", "reads", "writes"]


LIGHT = ["triaxis", "triaxis.results", "triaxis.registry", "triaxis.measure", "triaxis.diversity", "triaxis.complexity"]


@pytest.mark.parametrize("module", LIGHT)
def test_importing_what_measures_loads_no_page_or_model_library(module: str) -> None:
    assert heavy_modules(module) == set()


def test_a_heavy_import_is_seen() -> None:
    assert heavy_modules("altair") == {"altair"}
