"""Verifiable constraints in an instruction: what a program could check of the answer, found by what is asked for.

After the 25 kinds of IFEval (Zhou et al. 2023): lengths, words to use and to avoid, format, case, language, start and end. The
one idea: each kind is one pattern, and what it catches counts once however often it is said. Style, tone and content are
constraints, too, and no program checks them: they are not counted.
"""

import re
from typing import NamedTuple

from triaxis.complexity.prose import words
from triaxis.complexity.text_measure import measure
from triaxis.errors import Undefined

MAX_CHARACTERS = 100_000
"""Of a longer instruction the rest is not read: it is material to work on."""

_NUMBER = (
    r"(?:[0-9]{1,6}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|hundred)"
)
_BOUND = (
    r"(?:at least|at most|no (?:more|less|fewer) than|not (?:exceed(?:ing)?|more than|less than)|less than|fewer than|more than"
    r"|exactly|only|around|about|approximately|roughly|under|over|below|above|within|up to|limited to"
    r"|(?:a )?(?:minimum|maximum|total|limit) of|must be|should be|in|to|of)"
)
_NOT = (
    r"(?:do not|don't|does not|doesn't|did not|not|never|without|avoid(?:ing)?|refrain from|exclud(?:e|ing)|cannot|can't"
    r"|must not|no)"
)
_USE = (
    r"(?:use|using|include|including|contain|containing|mention|mentioning|say|saying|write|writing|have|having|add|feature)"
)
_FORMATS = r"(?:json|html|xml|yaml|csv|latex|markdown|tables?|tabular|code block)"
_LANGUAGES = (
    r"(?:german|french|spanish|italian|portuguese|russian|chinese|japanese|korean|hindi|urdu|arabic|swahili|thai|vietnamese|"
    r"bengali|tamil|telugu|kannada|marathi|gujarati|punjabi|persian|farsi|finnish|bulgarian|nepali|danish|dutch|swedish|polish|"
    r"turkish|greek|hebrew|latin|indonesian|malay|czech|ukrainian|romanian|hungarian)"
)
_QUOTED = r"[\"'“”‘’`*]{1,2}[^\"“”`\n]{1,80}?[\"'“”’`*]{1,2}"


class Kind(NamedTuple):
    """A kind of constraint: its name, the pattern that finds it, and whether each different match is a constraint of its own."""

    name: str
    pattern: re.Pattern[str]
    counts_each: bool = False


def _kind(name: str, *patterns: str, each: bool = False) -> Kind:
    return Kind(name, re.compile("|".join(patterns), re.IGNORECASE), each)


def _amount(what: str) -> str:
    """A number of something, such as `at least 3 sentences` or `3-5 bullet points`."""
    number = rf"{_NUMBER}(?:(?: ?- ?| to | or | and ){_NUMBER})?(?: or (?:more|less|fewer))?"
    return rf"\b{number}[ -](?:[a-z]{{2,12}} ){{0,2}}?{what}\b"


_MARKDOWN = r"(?:[^.\n]{0,25}\bmarkdown(?: format)?)?"
_WORD_ASKED = rf"(?:\b{_USE}\b(?: \w+){{0,2}}? (?:key ?)?(?:words?|phrases?) \S{{1,40}}(?: in \w+ \w+)?[^.\n]{{0,12}}? )?"

KINDS: tuple[Kind, ...] = (
    _kind(
        "repeat",
        r"\brepeat(?:ing)?\b(?: \w+){0,4}? (?:request|question|sentence|prompt|above|text|phrase|word (?:for|by) word)",
        r"\bdo not say any(?:thing| words?)?[^.\n]{0,40}\b(?:before|repeat)\w*", r"\bwithout (?:any )?change(?: of words)?",
    ),
    _kind(
        "highlights", rf"\bhighlight(?:ed|ing)?\b[^.\n]{{0,60}}\b(?:sections?|parts?|words?|phrases?)\b{_MARKDOWN}",
        rf"\b(?:sections?|parts?|phrases?)\b[^.\n]{{0,30}}\bhighlight(?:ed)?\b{_MARKDOWN}",
        r"\bmarkdown\b[^.\n]{0,20}\bhighlight\b[^.\n]{0,30}\bsections?\b",
        rf"(?:\b{_NUMBER} )?\bitalic(?:s|ized)?\b(?: \w+){{0,2}}?(?: sections?)?{_MARKDOWN}",
    ),
    _kind(
        "bullets", _amount(r"(?:bullets?|bullet points?|bulleted \w+|list items|numbered \w+)") + _MARKDOWN,
        rf"\bbullet(?:ed)? (?:points?|lists?)\b{_MARKDOWN}",
    ),
    _kind("postscript", r"\bpost ?-?script\b(?:[^.\n]{0,30}\bstart(?:ing|s)? with\b)?", r"\bp\.? ?p?\.?s\b\.?"),
    _kind(
        "letters", r"\bletter [\"'“‘]?[a-z#!][\"'”’]?[^.\n]{0,50}\b(?:times?|once|twice|#)", r"\b[0-9]{1,6} letters?\b",
        r"\bhashtags?\b[^.\n]{0,40}\b(?:times|#)",
    ),
    _kind(
        "frequency", rf"{_WORD_ASKED}\b(?:{_BOUND} )?{_NUMBER}(?: or (?:more|less|fewer))? times?\b",
        rf"{_WORD_ASKED}\b(?:at least |at most )?(?:once|twice)\b(?: or (?:more|less))?",
    ),
    _kind(
        "words", rf"\b[0-9]{{1,6}}(?:(?: ?- ?| to ){_NUMBER})?(?: or (?:more|less|fewer))?[ -]words?\b",
        rf"{_BOUND} {_NUMBER} words\b", r"\bword (?:count|limit)\b",
    ),
    _kind("sentences", _amount("sentences?")),
    _kind(
        "two answers", r"\b(?:two|2|three|3) (?:different |distinct |separate |unique )?(?:responses|answers|versions|poems)\b",
        r"\*{6}",
    ),
    _kind(
        "paragraphs", _amount("(?:paragraphs?|stanzas?)"),
        r"\bseparat\w{1,4}\b[^.\n]{0,40}?(?:\*\*\*|markdown|[3\"*]|three) ?(?:asterisk|divider|symbol|\*)?", r"(?m:^\*\*\*$)",
    ),
    _kind("sections", _amount("(?:sections?|parts|chapters)"), r"\bsection x\b"),
    _kind("placeholders", r"\bplaceholders?\b"),
    _kind("commas", rf"\b{_NOT}(?: \w+){{0,3}}? (?:any )?commas?\b", r"\bcommas\b[^.\n]{0,30}\b(?:not allowed|forbidden)"),
    _kind("lower case", r"\blower ?-?cased?\b", r"\b(?:no|without|avoid)(?: any)? capital(?:s|i[sz]\w+| letters)?\b"),
    _kind(
        "upper case", r"\b(?:all|only|in|using) (?:\w+ ){0,2}?(?:capital|capitals|upper ?-?case|caps)\b(?: letters?)?",
        r"\bcapitali[sz]ed\b", r"\bcapital (?:letters|words)\b",
    ),
    _kind(
        "quotation", r"\b(?:wrap|put|surround|enclose|place)\b[^.\n]{0,60}\b(?:double )?(?:quotation|quotes|quote marks)",
        r"\b(?:in|inside|with|within) (?:double )?quot(?:ation marks?|es)\b",
    ),
    _kind("title", r"\btitle\b[^.\n]{0,60}(?:<<|brackets)", r"<<[^>\n]{1,60}>>"),
    _kind("start", r"\b(?:start|starts|begin|begins|starting|open)\b(?: \w+){0,4}? (?:with|by)\b", r"\bfirst word\b"),
    _kind(
        "end", r"\b(?:end|ends|finish|finishes|conclude|ending|close)\b(?: \w+){0,5}? (?:with|by)\b",
        r"\bno other words should follow\b", r"\b(?:end|last|final)(?: \w+){0,3} (?:exact )?(?:phrase|sentence|words?)\b",
    ),
    _kind(
        "choices", r"\bone of (?:the )?(?:following|these)(?: \w+){0,3}? (?:options|phrases|answers|choices|labels|words)?",
        r"\b(?:choose|pick|answer|respond|reply) (?:\w+ ){0,2}?(?:from|with|only)\b[^.\n]{0,30}[\"'“(\[:]", r"\bmy answer is\b",
    ),
    _kind(
        "format", rf"\b(?:in|as|into|using|with|following|valid|be) (?:[a-z]{{1,12}} ){{0,2}}?{_FORMATS}\b",
        r"\bformat(?:ted)?\b[^.\n]{0,12}(?:follow|below|:| as\b| in\b)", r"\b(?:following|this|exact|same) (?:\w+ )?format\b",
    ),
    _kind(
        "language", rf"\b(?:in|into|using|use|only) (?:the |only ){{0,2}}{_LANGUAGES}\b", r"\bno other languages?\b",
        r"\bin another language\b",
    ),
    _kind(
        "only", r"\b(?:only|just) (?:output|return|reply|respond|answer|write|give)\b", r"\bnothing else\b",
        r"\bdo not (?:write|output|provide|give|type|add|say) (?:any |an |your |the )?"
        r"(?:explanations?|analysis|other|commands|anything|comments)",
    ),
    _kind(
        "avoid words",
        rf"\b{_NOT}\b(?: \w+){{0,3}}? {_USE}\b(?: \w+){{0,4}}? (?:words?|keywords?|phrases?|terms?|names?|letters?|{_QUOTED})",
        r"\b(?:avoid|without)(?: \w+){0,3}? (?:words?|keywords?|phrases?|terms?|suffix|letters?|" + _QUOTED + ")",
        r"\b(?:words?|keywords?|phrases?|terms?)\b[^.\n]{0,60}\b(?:should|must|can|may)(?: not|n't|not) "
        r"(?:be )?(?:appear|used?|included?|mention)",
    ),
    _kind(
        "use words",
        rf"(?<!not )(?<!n't )\b(?:{_USE}|has|have|with)\b(?: \w+){{0,3}}? (?:words?|key ?words?|phrases?|terms?) ?:? ?{_QUOTED}",
        rf"(?<!not )\b{_USE}\b(?: \w+){{0,2}}? (?:key ?words?|words?) (?!for word)\w{{1,40}}", each=True,
    ),
)  # fmt: skip
"""All kinds, in the order in which they are looked for; text that one has caught is not looked at by the next."""


def found_constraints(text: str) -> list[tuple[str, str]]:
    """(kind, the words that ask for it) of each constraint, in the order of kinds.

    >>> found_constraints("Write at least 300 words. Do not use any commas.")
    [('words', 'at least 300 words'), ('commas', 'do not use any commas')]
    """
    rest, found = text[:MAX_CHARACTERS], list[tuple[str, str]]()
    for kind in KINDS:
        caught = list(dict.fromkeys(match.group().lower() for match in kind.pattern.finditer(rest)))
        found += [(kind.name, words_of) for words_of in (caught if kind.counts_each else caught[:1])]
        if caught:
            rest = kind.pattern.sub(" # ", rest)
    return found


@measure("constraints", says="How many verifiable constraints the instruction sets.", unit="constraints", reads="prompt")
def constraints(text: str) -> float:
    """Number of `found_constraints`, 0 or more.

    >>> constraints("Write at least 300 words. Do not use any commas.")
    2.0
    """
    if not words(text):
        raise Undefined("no words")
    return float(len(found_constraints(text)))
