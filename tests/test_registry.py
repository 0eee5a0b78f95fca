"""Names for implementations: ours, plugins found by metadata, and what is said when a name or a plugin is bad."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from triaxis import registry
from triaxis.errors import InputError
from triaxis.protocols import Equivalence
from triaxis.registry import create, get, names, register

PLUGIN = '''
import numpy as np

class FirstWord:
    """One class for answers that start with the same word."""
    name, scope, rule, is_pairwise = "first-word", "prompt", "the same first word is one class", False

    def labels(self, samples):
        return np.zeros(len(samples), dtype=np.int64)

NOT_CALLABLE = 3
'''

Install = Callable[..., None]


@pytest.fixture(autouse=True)
def _own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {kind: {} for kind in registry.KINDS})


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Puts a package with entry points on the path, as pip would."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def put(package: str, text: str, **points: str) -> None:
        (tmp_path / f"{package}.py").write_text(text, encoding="utf-8")
        metadata = tmp_path / f"{package}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
        lines = "".join(f"{name.replace('_', '-')} = {value}\n" for name, value in points.items())
        (metadata / "entry_points.txt").write_text(f"[triaxis.equivalence]\n{lines}", encoding="utf-8")

    yield put
    for name in set(sys.modules) - before:
        del sys.modules[name]


class Whole:
    """An equivalence that puts everything together."""

    name = "whole"
    scope = "prompt"
    rule = "everything is one class"
    is_pairwise = False

    def __init__(self, argument: str = "none") -> None:
        self.argument = argument

    def labels(self, samples: pl.DataFrame) -> np.ndarray:
        return np.zeros(len(samples), dtype=np.int64)


class Scoreless:
    name = "scoreless"


def test_a_registered_name_gives_its_factory_back() -> None:
    assert register("equivalence", "whole")(Whole) is Whole
    assert get("equivalence", "whole") is Whole
    assert "whole" in names("equivalence")


def test_kinds_keep_their_names_apart() -> None:
    register("equivalence", "whole")(Whole)
    assert "whole" not in names("quality")


def test_names_are_in_alphabetical_order() -> None:
    register("quality", "b")(Whole)
    register("quality", "a")(Whole)
    assert names("quality") == ("a", "b")


def test_the_text_after_the_first_colon_is_the_argument() -> None:
    register("equivalence", "whole")(Whole)
    assert create("equivalence", "whole").argument == "none"
    assert create("equivalence", "whole:a:b@c").argument == "a:b@c"
    assert create("equivalence", "whole:").argument == ""
    assert isinstance(create("equivalence", "whole"), Equivalence)


def test_an_unknown_name_is_told_the_near_ones() -> None:
    register("equivalence", "lexical")(Whole)
    with pytest.raises(InputError, match="unknown equivalence 'lexcal'; near: 'lexical'; there are: lexical"):
        get("equivalence", "lexcal")


def test_an_unknown_kind_is_told_the_near_ones() -> None:
    for call in (names, lambda kind: get(kind, "x"), lambda kind: register(kind, "x")):
        with pytest.raises(InputError, match="unknown kind 'equivalense'; near: 'equivalence'"):
            call("equivalense")


@pytest.mark.parametrize("name", ["", "two words", "with:colon", "tab\t"])
def test_a_name_is_one_word_without_a_colon(name: str) -> None:
    with pytest.raises(InputError, match="must be one word without a colon"):
        register("equivalence", name)


def test_a_name_cannot_be_taken_twice() -> None:
    register("equivalence", "whole")(Whole)
    register("equivalence", "whole")(Whole)
    with pytest.raises(InputError, match=r"'whole' is already .*Whole; choose another name for .*Scoreless"):
        register("equivalence", "whole")(Scoreless)
    assert get("equivalence", "whole") is Whole


def test_a_factory_that_needs_an_argument_says_what_to_type() -> None:
    def column(name: str) -> Whole:
        return Whole(name)

    register("equivalence", "column")(column)
    with pytest.raises(InputError, match="did you mean 'column:ARGUMENT'"):
        create("equivalence", "column")


def test_a_factory_that_takes_no_argument_says_what_to_type() -> None:
    def exact() -> Whole:
        return Whole()

    register("equivalence", "exact")(exact)
    with pytest.raises(InputError, match="did you mean 'exact'"):
        create("equivalence", "exact:0.5")


def test_a_type_error_inside_a_factory_is_not_taken_for_a_wrong_argument() -> None:
    def broken() -> Whole:
        raise TypeError("from inside")

    register("equivalence", "broken")(broken)
    with pytest.raises(TypeError, match="from inside"):
        create("equivalence", "broken")


def test_an_object_that_does_not_meet_the_protocol_is_told_what_it_lacks() -> None:
    register("equivalence", "scoreless")(Scoreless)
    with pytest.raises(InputError, match="Scoreless lacks is_pairwise, labels, rule, scope"):
        create("equivalence", "scoreless")


def test_a_plugin_is_listed_unloaded_and_loaded_when_asked_for(install: Install) -> None:
    install("stranger", PLUGIN, first_word="stranger:FirstWord")
    assert "first-word" in names("equivalence")
    assert "stranger" not in sys.modules
    assert create("equivalence", "first-word").rule == "the same first word is one class"


def test_a_broken_plugin_troubles_only_those_who_ask_for_it(install: Install) -> None:
    install("broken", "raise ZeroDivisionError('on import')", bad="broken:Thing", gone="broken_not_there:Thing")
    register("equivalence", "whole")(Whole)
    assert create("equivalence", "whole").argument == "none"
    assert {"bad", "gone", "whole"} <= set(names("equivalence"))
    with pytest.raises(InputError, match=r"'bad' of broken \(broken:Thing\) does not load: ZeroDivisionError: on import"):
        get("equivalence", "bad")
    with pytest.raises(InputError, match=r"'gone' of broken .* does not load: ModuleNotFoundError"):
        get("equivalence", "gone")


def test_a_plugin_without_the_named_object_says_so(install: Install) -> None:
    install("stranger", PLUGIN, missing="stranger:Nothing", number="stranger:NOT_CALLABLE")
    with pytest.raises(InputError, match="does not load: AttributeError"):
        get("equivalence", "missing")
    with pytest.raises(InputError, match="must be a class or a function, got int"):
        get("equivalence", "number")


def test_a_plugin_cannot_take_a_name_of_ours(install: Install) -> None:
    install("stranger", PLUGIN, whole="stranger:FirstWord")
    register("equivalence", "whole")(Whole)
    assert get("equivalence", "whole") is Whole
    assert names("equivalence").count("whole") == 1


def test_two_plugins_of_one_name_are_refused(install: Install) -> None:
    install("stranger", PLUGIN, word="stranger:FirstWord")
    install("another", PLUGIN, word="another:FirstWord")
    with pytest.raises(InputError, match=r"comes from more than one package: .*; uninstall all but one"):
        get("equivalence", "word")
