"""The shipped paraphrase set: pairs that say the same in other words, and traps that say something else in nearly the same words.

Written for this project. Paraphrases give an encoder's ceiling; traps show what no cosine sees, and calibrate nothing.
"""

import json
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import NamedTuple

_FILE = "paraphrases.json"


class Pair(NamedTuple):
    """Two texts, and their kind: the domain of a paraphrase, or what was changed in a trap."""

    kind: str
    first: str
    second: str


class ParaphraseSet(NamedTuple):
    """`label` names the version and the content (a hash), so that a ceiling says which set it is of."""

    label: str
    licence: str
    paraphrases: tuple[Pair, ...]
    traps: tuple[Pair, ...]


@cache
def paraphrase_set() -> ParaphraseSet:
    """The set that comes with this version of triaxis."""
    raw = files(__package__).joinpath(_FILE).read_bytes()
    told = json.loads(raw)
    paraphrases, traps = (tuple(Pair(*row) for row in told[part]) for part in ("paraphrases", "traps"))
    content = json.dumps([paraphrases, traps], ensure_ascii=True, separators=(",", ":"))
    digest = blake2b(content.encode("ascii"), digest_size=4).hexdigest()
    return ParaphraseSet(f"triaxis paraphrases {told['version']}, {digest}", told["licence"], paraphrases, traps)
