"""Steps of a worked solution, counted from how it is written: numbered steps, lines and sentences that derive something.

The one idea: where a text numbers its steps, they are what it says they are; else each sentence or line of a formula that holds
a relation (=, <, ≤, →) or a word of inference (therefore, so) is one.
"""

import re

from triaxis.complexity.prose import words
from triaxis.complexity.text_measure import measure
from triaxis.errors import Undefined

_NUMBERED = re.compile(r"^[ \t>*#_]{0,8}(?:step[ \t]{0,3}([0-9]{1,3})\b|([0-9]{1,3})[.)][ \t])", re.IGNORECASE | re.MULTILINE)
_CUT = re.compile(r"(?<![.!?])[.!?]++(?=\s|\$|\Z)|\n|\\\\(?![a-zA-Z])|\\\]|\$\$")
_DRAWING = re.compile(r"\[asy\].*?(?:\[/asy\]|\Z)", re.DOTALL)
_RELATION = re.compile(r"[=<>≤≥≈≡→⇒⟹]|\\(?:leq?|geq?|approx|equiv|implies|rightarrow|Rightarrow|sim|cong|to)(?![a-zA-Z])")
_INFERENCE = re.compile(
    r"\b(?:therefore|thus|hence|so|since|because|then|implies|it follows|which (?:means|gives)"
    r"|we (?:have|get|find|know|see|obtain|conclude))\b",
    re.IGNORECASE,
)
_OPERATION = re.compile(
    r"(?<=[\w)}\]])[ \t]{0,3}(?:[+*/×·÷−^-]|\\(?:times|cdot|div|pm)(?![a-zA-Z]))(?=[ \t]{0,3}[\w({\[\\$-])"
    r"|\\[dt]?frac(?![a-zA-Z])|\\sqrt(?![a-zA-Z])"
)
_HYPHEN = re.compile(r"(?<=[a-zA-Z])[-/](?=[a-zA-Z]{2})")


@measure("reasoning-steps", says="How many steps a worked solution takes, as it is written.", unit="steps")
def reasoning_steps(text: str) -> float:
    """Different step numbers where there are two or more (Step 1, 2. ...), else the parts that relate or infer; 0 or more.

    Parts are sentences and lines of formulas; drawings ([asy]) are left out. Misleads: a numbered list of anything counts, terse
    solutions put several steps into a line, and wordy ones say one thing twice. It is length in another unit: see the partial
    correlation given length.

    >>> reasoning_steps("Twice 3 is 6, so x = 6. Then x + 1 = 7. The answer is odd.")
    2.0
    """
    if not words(text):
        raise Undefined("no words")
    plain = _DRAWING.sub(" ", text)
    numbered = {int(first or second) for first, second in _NUMBERED.findall(plain)}
    if len(numbered) > 1:
        return float(len(numbered))
    return float(sum(bool(_RELATION.search(part) or _INFERENCE.search(part)) for part in _CUT.split(plain)))


@measure("operations", says="How many arithmetic operations the text writes down.", unit="operations")
def operations(text: str) -> float:
    """Signs + - * / × · ÷ ^ between two terms, fractions and roots of LaTeX; 0 or more.

    Hyphens and slashes between words count nothing. Misleads: what a text says in words, and products written without a sign
    (2x), are not seen.

    >>> operations(r"3 + 4*5 = 23, a well-known sum; \\frac{1}{2}")
    3.0
    """
    if not words(text):
        raise Undefined("no words")
    return float(len(_OPERATION.findall(_HYPHEN.sub(" ", _DRAWING.sub(" ", text)))))
