"""Part-of-speech taggers: texts to sequences of tags, by name.

The one idea: a tagger comes from a package that holds its weights, so that nothing is downloaded while measuring. `crf` is the
English conditional random field of gruut-lang-en, trained on the English Web Treebank; docs/metrics/syntactic.md says how often
it is right. Tags of different taggers are different alphabets: compare values of one tagger only.
"""

from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Literal, Protocol, get_args

from triaxis.diversity.syntactic.crf import from_crfsuite
from triaxis.diversity.syntactic.sentences import sentences
from triaxis.diversity.syntactic.universal import UNIVERSAL
from triaxis.errors import InputError, MissingDependency, near

TaggerName = Literal["crf", "crf-universal", "spacy"]
DEFAULT: TaggerName = "crf"
SPACY_MODEL = "en_core_web_sm"


class Tagger(Protocol):
    """Tags each text: one tuple of tags a text, empty where it has no word."""

    def __call__(self, texts: Sequence[str]) -> list[tuple[str, ...]]: ...


def tagger(name: TaggerName) -> Tagger:
    """The tagger called `name`, loaded once; raises `MissingDependency` when its packages are not installed."""
    require(name)
    return _loaded(name)


def require(name: str) -> None:
    """Raises `InputError` for a name that is no tagger, `MissingDependency` where its packages are missing; loads nothing."""
    if name not in _PACKAGES:
        known = ", ".join(get_args(TaggerName))
        raise InputError(f"unknown part-of-speech tagger {name!r}{near(name, _PACKAGES)}; there are: {known}")
    packages, install = _PACKAGES[name]
    if any(find_spec(package) is None for package in packages):
        raise MissingDependency(f"needs a POS tagger: {install}")


@cache
def _loaded(name: TaggerName) -> Tagger:
    return _LOADERS[name]()


def _load_crf() -> Tagger:
    import pycrfsuite

    model = pycrfsuite.Tagger()
    model.open(str(files("gruut_lang_en") / "pos" / "model.crf"))
    field = from_crfsuite(model)

    def tag(texts: Sequence[str]) -> list[tuple[str, ...]]:
        cut = [sentences(text) for text in texts]
        tagged = iter(field.tagged([words for parts in cut for words in parts]))
        return [tuple(tag for _ in parts for tag in next(tagged)) for parts in cut]

    return tag


def _load_universal() -> Tagger:
    fine = _loaded("crf")
    return lambda texts: [tuple(UNIVERSAL[tag] for tag in tags) for tags in fine(texts)]


def _load_spacy() -> Tagger:
    import spacy

    pipeline = spacy.load(SPACY_MODEL, exclude=["parser", "ner", "lemmatizer"])
    # A model reads at most max_length characters at once; longer texts come in pieces.
    size = pipeline.max_length

    def tag(texts: Sequence[str]) -> list[tuple[str, ...]]:
        pieces = ([text[start : start + size] for start in range(0, len(text), size)] for text in texts)
        return [tuple(str(w.tag_) for doc in pipeline.pipe(piece) for w in doc if not w.is_space) for piece in pieces]

    return tag


_CRF = (("pycrfsuite", "gruut_lang_en"), "pip install 'triaxis[syntax]'")
_PACKAGES: dict[str, tuple[tuple[str, ...], str]] = {
    "crf": _CRF,
    "crf-universal": _CRF,
    "spacy": (("spacy", SPACY_MODEL), f"pip install spacy && python -m spacy download {SPACY_MODEL}"),
}
_LOADERS: dict[TaggerName, Callable[[], Tagger]] = {
    "crf": _load_crf,
    "crf-universal": _load_universal,
    "spacy": _load_spacy,
}
