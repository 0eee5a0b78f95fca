"""Sets of responses for the contract of diversity metrics: texts of one genre that have nothing in common, with all that a
metric may ask for beside them (vectors, class labels, outcomes), made from the text alone.
"""

import json
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from triaxis.diversity.equivalence.labels import class_hash
from triaxis.responses import Responses

PROSE = (
    "Boil the old potatoes until they are quite soft.",
    "Seven purple submarines drifted past an indifferent lighthouse yesterday!",
    "Die graue Katze schläft auf dem warmen Fensterbrett weiter.",
    "Quarterly revenue rose twelve percent, mainly because exports recovered?",
    "Nunca vimos tantas estrellas sobre aquel desierto sin luna.",
    "My grandmother never trusted telephones; she wrote long letters.",
    "Pourquoi faut-il toujours payer ces factures avant jeudi matin?",
    "Kick hard, breathe slowly, keep your elbows high underwater.",
    "If gravity doubled, no bird could leave its nest.",
    "Nel giardino cantavano piano due usignoli innamorati della notte.",
    "Jazz musicians improvise where classical pianists follow printed scores.",
    "Give both dogs fresh water at dawn, then rest!",
)
CODE = (
    "def total(numbers):\n    result = 0\n    for number in numbers:\n        result += number\n    return result\n",
    "def read(path):\n    with open(path) as file:\n        return [line.strip() for line in file if line]\n",
    "class Stack:\n    def __init__(self):\n        self.items = []\n\n    def push(self, x):\n        self.items.append(x)\n",
    "def fact(n):\n    return 1 if n < 2 else n * fact(n - 1)\n",
    "import re\n\ndef words(text):\n    return sorted(set(re.findall(r'\\w+', text.lower())), key=len)\n",
    "def safe(call, *args):\n    try:\n        return call(*args)\n    except ValueError as error:\n        print(error)\n",
    "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n",
    "table = {key: value ** 2 for key, value in zip('abc', range(3))}\nassert table['c'] == 4\n",
)
FORMATS = (
    "It rained all day and nobody went outside, which suited me.",
    "- first take a pan\n- then heat some oil\n- at last add the onions\n",
    "```\nx = 41 + 1\nprint(x)\n```",
    "```python\nfor i in range(3):\n    print(i)\n```",
    "$$\\int_0^1 x^2 \\, dx = \\frac{1}{3}$$",
    '{"name": "Ada", "age": 36, "tags": ["math", "code"]}',
    "<think>Perhaps ten, perhaps twelve, let me see.</think>\nTwelve.",
    "| city | people |\n|---|---|\n| Oslo | 700000 |\n| Bergen | 290000 |\n",
)
ANSWERS = tuple(f"Let me see what comes out here. The answer is \\boxed{{{value}}}" for value in (7, 12, 30, 41, 58, 66, 79, 95))
TRANSCRIPTS = tuple(
    json.dumps([{"role": "assistant", "tool_calls": [{"function": {"name": name, "arguments": "{}"}}]} for name in names * 3])
    for names in (
        ("search", "open", "read", "answer"),
        ("plan", "write", "test", "commit"),
        ("login", "list_orders", "cancel", "refund"),
        ("locate", "measure", "cut", "glue"),
        ("dial", "speak", "listen", "hang_up"),
        ("load", "clean", "fit", "predict"),
        ("mix", "knead", "bake", "serve"),
        ("aim", "focus", "shoot", "develop"),
    )
)
CALLS = tuple(
    "\n".join(f'assistant: tool_call {call["tool_calls"][0]["function"]["name"]}({{}})' for call in json.loads(transcript))
    for transcript in TRANSCRIPTS
)
LONG = tuple(" ".join([one] * 4 + [other] * 3) for one, other in zip(PROSE, PROSE[1:] + PROSE[:1], strict=True))
GENRES: dict[str, tuple[str, ...]] = {
    "prose": PROSE, "code": CODE, "formats": FORMATS, "answers": ANSWERS, "transcripts": TRANSCRIPTS, "calls": CALLS,
    "long": LONG,
}  # fmt: skip

HOSTILE = (
    "",
    " \t\n",
    "...!?",
    "\x00",
    "before\x00after",
    "word " * 3_000,
    "x" * 20_000,
    "😀👩‍👩‍👧‍👦🏳️‍🌈",
    "\u202eright to left\u202c \u2066isolated\u2069",
    "e\u0301 é \ufffd \ufeff \U0010ffff",
    "</script><script>alert(1)</script> {{ braces }} {% block %}",
    "'; DROP TABLE samples; --",
    "```python\ndef broken(:\n",
    "<think>never closed",
    '{"open": [',
    "[[[[" * 400,
    "NaN",
    "-1",
)
"""Texts that break careless code. No lone surrogates: records replaces them before any metric sees a text."""

WORDS = {word: place for place, word in enumerate(dict.fromkeys(word for text in PROSE for word in text.casefold().split()))}
DIMENSIONS = 192
QUESTION = "Wat zou jij hierover vertellen?"
"""The prompt of all texts: no word of it stands in any."""


def responses_of(texts: Sequence[str]) -> Responses:
    """A set with everything: a vector, a class, an outcome and a prompt for each text, the same wherever the text stands."""
    vectors = np.stack([vector_of(text) for text in texts]) if texts else np.zeros((0, DIMENSIONS), dtype=np.float32)
    labels = np.array([class_hash(text) for text in texts], dtype=np.int64)
    outcomes = np.array([crc32(text.encode()) % 3 > 0 for text in texts], dtype=np.bool_)
    prompts = np.zeros_like(vectors)
    prompts[:, :2] = 0.6, 0.8
    return Responses(list(texts), vectors, labels, outcomes, prompts, [QUESTION] * len(texts))


def vector_of(text: str) -> np.ndarray:
    """(dimensions,) float32 unit vector: a direction for each word, summed; unlike texts of `PROSE` are exactly orthogonal."""
    words = text.casefold().split() or [f"no word: {text}"]
    others = DIMENSIONS - len(WORDS)
    found = np.bincount([WORDS.get(w, len(WORDS) + crc32(w.encode()) % others) for w in words], minlength=DIMENSIONS)
    return np.asarray(found / np.linalg.norm(found), dtype=np.float32)
