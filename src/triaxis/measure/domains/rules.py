"""The rules that give a prompt a domain: what people write when they ask for code, sums, stories and so on.

Word lists and regular expressions (Rust's, without look-around) and nothing else, so that a reader can check each of them.
"""

from typing import NamedTuple


class Rule(NamedTuple):
    """A domain, what makes a prompt belong to it in words, and the regular expressions: one of them has to match."""

    domain: str
    says: str
    patterns: tuple[str, ...]


def any_of(words: str) -> str:
    """A pattern for one of `words`, which are divided by `|`; white space around them does not count."""
    return r"\b(?:" + "|".join(word.strip() for word in words.split("|")) + r")\b"


def _ci(*parts: str) -> str:
    """`parts` joined, upper and lower case alike."""
    return "(?i)" + "".join(parts)


MAKE = any_of("write|compose|create|generate|craft|tell|invent|draft|continue|complete|make|give|pen|come up with|rewrite")
LANGUAGES = any_of(r"""
    python|java|javascript|typescript|matlab|sql|html|css|php|ruby|golang|haskell|perl|bash|regex|regular expression|node\.?js|
    django|numpy|arduino|vba|powershell|kotlin|swiftui|algorithm|recursion|recursive|api endpoint|source code|pseudo-?code
""")
PROGRAM = any_of("""
    write|create|generate|implement|design|develop|debug|fix|optimi[sz]e|refactor|build|make|edit|modify|update|rewrite|complete|
    construct|given
""")
PROGRAMS = any_of("functions?|programs?|script|code|query|method|class|loop|data structure|web ?page|compiler|unit tests?")
STRUCTURES = any_of("""
    linked list|binary (?:search|tree)|time complexity|data structures?|hash ?(?:map|table)|two arrays|an array of|
    string in reverse|substring|palindrome string|programming
""")
INVENTIONS = any_of("""
    stor(?:y|ies)|poems?|poetry|haikus?|limericks?|sonnets?|songs?|lyrics|rap|ballad|fables?|(?:fairy ?)?tales?|novels?|
    screenplays?|scripts?|plays?|jokes?|riddles?|puns?|monologues?|verses?|fiction|fan ?fic(?:tion)?|scenes?|slogans?|taglines?|
    headlines?|characters?|plot|backstory|metaphors?|passage of|coherent passage|parody|skit|sitcom|narrative|short film|diary
""")
INVENTED = any_of("""
    creative(?:ly)?|imagine|imaginary|fictional|make-believe|pretend|role-?play|fantasy|once upon a time|brainstorm|unusual uses|
    whimsical|humorous|short story|world-?building|in the style of
""")
WORK_OUT = any_of("calculate|compute|evaluate|simplify|solve|factor|find|determine|what is")
QUANTITIES = any_of("""
    sum of|product of|area|volume|perimeter|value|equations?|remainder|probability|average|mean|median|integral|derivative|roots?|
    percent(?:age)?|integers?|number of|polynomial|degrees|radius|expression|square root|hypotenuse|total cost|interest rate|
    distance
""")
AMOUNTS = any_of("""
    total|average|cost|price|profit|age|probability|percent(?:age)?|ratio|number|speed|revenue|remainder|fraction|area|value|
    distance|weight|salary
""")
HOW_MUCH = any_of("how (?:many|much|far|long|old|tall|fast)")
NUMBER_WORDS = any_of("one|two|three|four|five|six|seven|eight|nine|ten|twice|half")
ASKED_WHAT = any_of("""
    [Ww]hat(?:'s)? (?:is|are|was|were|did|does|do|happens|happened|year|country|city|type|kind|percentage|has|have)
""")
ASKED_WHO = any_of("[Ww]ho|[Ww]hen|[Ww]here|[Ww]hich|[Ww]hom|[Ww]hose")
ASKED_WHETHER = any_of("Is|Are|Was|Were|Did|Does|Do|Has|Have|Had")
SHORT = r"[^\n]{0,150}\?\s*(?:\n?A:)?\s*$"
START = r"^\W*(?:q: *)?"
OBJECT = any_of(r"""
    the|a|an|this|these|those|your|my|\d+|two|three|four|five|following|given|each|all|any|some|into|out|whether|between
""")
TELL = any_of("""
    write|give|list|explain|describe|create|generate|provide|find|identify|suggest|classify|tell|make|help|convert|translate|rewrite|
    name|choose|design|compare|discuss|act|answer|please|can you|how|why|analy[sz]e|rephrase|edit|plan|construct|arrange|propose|
    outline|develop|show|output|add|change|come up|select|determine|categori[sz]e|paraphrase|predict|evaluate|correct|organi[sz]e|
    sort|replace|think of|detect|extract|compose|build|produce|recommend|transform|reword|fill|pick|roll|state|use|return|print
""")

RULES = (
    Rule("summarisation", "asks for a summary, or ends in TL;DR", (
        _ci(r"tl;? ?dr:?\s*$"), _ci(any_of("summar(?:y|ies|i[sz]e[sd]?|i[sz]ing|i[sz]ation)")), _ci("in a brief manner"),
        _ci(r"\b(?:main|key) (?:points?|ideas?) (?:of|in|from) (?:the|this)\b"), _ci(r"\bcondense the\b"),
    )),
    Rule("reasoning", "lists choices to choose from, or is a logic puzzle", (
        _ci(r"\b(?:choices|options)\s*:?\s*\n"), r"(?m)^\s*\(?A[).:] .*\n\s*\(?B[).:] ",
        _ci(any_of("logic(?:al)? puzzle|brain ?teaser|explain your reasoning|show your reasoning|how many (?:brothers|sisters)")),
        _ci(r"\bwhich (?:one )?of the following\b"), _ci(r"\bif (?:all|no|some) \w+ are \w+"),
    )),
    Rule("reading", "gives a passage and asks about it", (
        r"(?is)\b(?:passage|context|paragraph|article|background|text)\s*:.*\b(?:question|q)\s*:",
        _ci(r"\b(?:according to|based on|using|given) the (?:following |given |above |provided )?",
            any_of("passage|text|article|paragraph|context|document|information|story")),
        _ci(r"\bread the (?:following|passage|text|article|story|below)\b"),
    )),
    Rule("math", "holds a formula in LaTeX", (
        r"\$[^$\n]{1,200}[\\^_=+<>{}][^$\n]*\$", r"\[asy\]", r"\\[\[(]",
        r"\\(?:frac|sqrt|sum|int|begin|cdot|angle|triangle|le|ge|times|mathbf|text|overline|dots|pi|ell|log|sin|cos)\b",
    )),
    Rule("code", "holds code, or names code or a language of programs", (
        r"```", r"(?m)^\s*(?:def|class|func|fn|public|private|import|#include|from \w+ import)\b.*[:;({>]\s*$",
        r"(?m)^\s*(?:def \w+\(|import \w+|#include ?<|SELECT .* FROM )", r"(?m)^\s*\w+ ?= ?[\[\"'{].*$",
        _ci(LANGUAGES), _ci(r"\bc(?:\+\+|#)"), _ci(PROGRAM, ".{0,40}", PROGRAMS), _ci(STRUCTURES),
    )),
    Rule("dialogue", "asks for a conversation, or names its speakers", (
        _ci(r"#person\d#"), _ci(MAKE, ".{0,60}", any_of("dialogues?|conversations?|chat between|interview between")),
        _ci(r"\b(?:conversation|dialogue) between\b"),
    )),
    Rule("creative", "asks for a story, a poem or another invention", (
        _ci(r"^\W*\[ ?(?:wp|eu|cw|tt|rf|sp|ip|mp|pi|ot) ?\]"), _ci(MAKE, ".{0,120}", INVENTIONS), _ci(INVENTED),
        _ci(r"\b(?:first|third) person,? (?:past|present)\b"), _ci(r"\b\d+ words, each starting with\b"),
        _ci(r"what if .{0,80}\?$"),
    )),
    Rule("math", "asks for a quantity that has to be worked out", (
        _ci(WORK_OUT, ".{0,80}", QUANTITIES), _ci(HOW_MUCH, r".{0,200}\?[\s\S]*\d"), r"(?is)\d.*" + HOW_MUCH,
        r"(?is)\d.*\bwhat(?:'s| is| was| will be| would be| percent).{0,60}" + AMOUNTS,
        _ci(NUMBER_WORDS, r"[\s\S]*\bhow (?:many|much)\b"), _ci(r"\bhow many (?:positive|ways|integers|degrees)\b"),
        r"\$-?\d[\d,.]*\$", _ci(any_of("basic arithmetic|theorem|quadratic|arithmetic|geometric sequence|inequality")),
    )),
    Rule("factual", "is one short question for a fact", (
        START + ASKED_WHO + SHORT, START + ASKED_WHAT + SHORT, START + ASKED_WHETHER + SHORT,
        r"^Name (?:a|an|one|any|the)\b[^\n]{0,100}$",
    )),
    Rule("instruction", "asks or tells to do anything else", (r"\?", r"^\W*[A-Z][a-z]+ " + OBJECT, _ci(TELL))),
)  # fmt: skip
"""In the order in which they are tried; a domain may have two."""
