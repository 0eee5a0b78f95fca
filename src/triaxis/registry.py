"""Names for implementations: ours by `register`, third parties' through entry points.

A *kind* is a Protocol of `protocols.py`; what is registered under a name is a *factory*, called with nothing for the
name alone (`lexical`) or with the text after the first colon (`column:partition`). The one idea: a plugin is found by
its metadata and loaded only when its name is asked for, so that a broken one troubles nobody else.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from inspect import signature
from types import MappingProxyType
from typing import Any, TypeVar

from triaxis import protocols
from triaxis.errors import InputError, near

KINDS: Mapping[str, type] = MappingProxyType(
    {
        "quality": protocols.Quality,
        "equivalence": protocols.Equivalence,
        "diversity": protocols.Diversity,
        "complexity": protocols.Complexity,
        "embedder": protocols.Embedder,
    }
)
"""Kinds of things that can be registered, each with the Protocol it has to meet; entry-point group `triaxis.KIND`."""

Factory = TypeVar("Factory", bound=Callable[..., Any])

_registered: dict[str, dict[str, Callable[..., Any]]] = {kind: {} for kind in KINDS}


def register(kind: str, name: str) -> Callable[[Factory], Factory]:
    """A decorator that makes a factory (a class or a function) known as `name`, and returns it unchanged.

        @register("equivalence", "first-word")
        class FirstWord: ...

    Raises `InputError` for an unknown kind, a name with a colon or a space, or a name that another factory holds.
    """
    _check_name(kind, name)

    def remember(factory: Factory) -> Factory:
        held = _registered[kind].get(name, factory)
        if _where(held) != _where(factory):
            raise InputError(f"{kind} {name!r} is already {_where(held)}; choose another name for {_where(factory)}")
        _registered[kind][name] = factory
        return factory

    return remember


def names(kind: str) -> tuple[str, ...]:
    """All names of `kind` in alphabetical order, plugins included; loads none of them."""
    _check_kind(kind)
    return tuple(sorted({*_registered[kind], *(point.name for point in _plugins(kind))}))


def get(kind: str, name: str) -> Callable[..., Any]:
    """The factory registered as `name`; a plugin is imported now, and cannot replace a name that triaxis itself registered.

    Raises `InputError` naming near names when there is none, and naming the distribution when its plugin does not load.
    """
    _check_kind(kind)
    if name in _registered[kind]:
        return _registered[kind][name]
    points = [point for point in _plugins(kind) if point.name == name]
    if not points:
        known = names(kind)
        raise InputError(f"unknown {kind} {name!r}{near(name, known)}; there are: {', '.join(known) or 'none'}")
    if len({point.value for point in points}) > 1:
        origins = ", ".join(map(_origin, points))
        raise InputError(f"{kind} {name!r} comes from more than one package: {origins}; uninstall all but one")
    return _load(kind, points[0])


def create(kind: str, spec: str) -> Any:
    """The object that `spec` names: `NAME`, or `NAME:ARGUMENT` where the factory takes one text argument.

    Raises `InputError` like `get`, when the factory takes no argument or needs one, and when what it makes does not meet
    the Protocol of `kind`.
    """
    name, colon, argument = spec.partition(":")
    factory = get(kind, name)
    arguments = (argument,) if colon else ()
    try:
        signature(factory).bind(*arguments)
    except TypeError as error:
        meant = name if colon else f"{name}:ARGUMENT"
        raise InputError(f"{kind} {spec!r} cannot be made: {error}; did you mean {meant!r}?") from error
    made = factory(*arguments)
    missing = sorted(trait for trait in _traits(KINDS[kind]) if not hasattr(made, trait))
    if missing:
        lacks = ", ".join(missing)
        raise InputError(f"{kind} {spec!r} is incomplete: {type(made).__name__} lacks {lacks} (see triaxis/protocols.py)")
    return made


def _plugins(kind: str) -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=f"triaxis.{kind}"))


def _load(kind: str, point: EntryPoint) -> Callable[..., Any]:
    try:
        factory = point.load()
    except Exception as error:  # a stranger's module can fail in any way, and this is where it enters
        raise InputError(f"{kind} {point.name!r} of {_origin(point)} does not load: {type(error).__name__}: {error}") from error
    if not callable(factory):
        raise InputError(f"{kind} {point.name!r} of {_origin(point)} must be a class or a function, got {type(factory).__name__}")
    found: Callable[..., Any] = factory
    return found


def _origin(point: EntryPoint) -> str:
    package = point.dist.name if point.dist else "an unknown package"
    return f"{package} ({point.value})"


def _where(factory: Callable[..., Any]) -> str:
    return f"{getattr(factory, '__module__', '?')}.{getattr(factory, '__qualname__', repr(factory))}"


def _traits(protocol: type) -> set[str]:
    declared = set(protocol.__annotations__)
    return declared | {name for name in vars(protocol) if not name.startswith("_")}


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise InputError(f"unknown kind {kind!r}{near(kind, KINDS)}; there are: {', '.join(KINDS)}")


def _check_name(kind: str, name: str) -> None:
    _check_kind(kind)
    if not name or any(character in ": \t\n" for character in name):
        raise InputError(f"a name of kind {kind!r} must be one word without a colon, got {name!r}; the colon starts the argument")
