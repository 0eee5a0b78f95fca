"""Code metrics over the syntax trees of `code`: Python and JavaScript, in fenced blocks or as a whole text.

All have no value, with the reason counted, where there is no code, no grammar for it, or it does not parse.
"""

from triaxis.complexity.code import code_counts, require_parser
from triaxis.complexity.text_measure import measure


@measure("cyclomatic", says="How many decisions the code takes, and one.", unit="paths", ready=require_parser)
def cyclomatic(text: str) -> float:
    """Decisions + 1 (McCabe 1976, E - N + 2P of one flow graph), at least 1, over all code of the text.

    Decisions: if, elif, for, while, except, case, conditional expressions, each `for` and `if` of a comprehension, each `and` and
    `or`.
    Misleads: a long flat dispatch scores like a deep tangle (see `cognitive`), and a text of several functions like one.

    >>> cyclomatic("def sign(x):\\n    if x > 0 and x != 9:\\n        return 1\\n    return -1\\n")
    3.0
    """
    return float(code_counts(text).decisions + 1)


@measure("cognitive", says="How hard the flow of the code is to follow: branches, those inside others counting more.",
         unit="points", ready=require_parser)  # fmt: skip
def cognitive(text: str) -> float:
    """Cognitive complexity (Campbell, SonarSource 2018), 0 or more: 1 for each branch and 1 more for each one around it.

    else and elif count 1, runs of one logical operator 1, jumps to a label 1; comprehensions and recursion count nothing.

    >>> cognitive("for x in a:\\n    if x:\\n        f(x)\\n    else:\\n        g(x)\\n")
    4.0
    """
    return float(code_counts(text).cognitive)


@measure("halstead-volume", says="How many bits the code takes if each token is chosen from those that it uses.", unit="bits",
         ready=require_parser)  # fmt: skip
def halstead_volume(text: str) -> float:
    """N log2(eta), tokens times the log of different tokens (Halstead 1977), 0 or more.

    Operands are names and literals, operators all other tokens, a pair of brackets one of them; comments are left out.
    Tools differ in what they call an operator, so compare values of one tool only. Misleads: it is length before all.
    Operators =, +; operands x, x, 1: 5 tokens, 4 of them different, 5 * 2.

    >>> halstead_volume("x = x + 1")
    10.0
    """
    return code_counts(text).volume


@measure("ast-nodes", says="How many nodes the syntax tree of the code has.", unit="nodes", ready=require_parser)
def ast_nodes(text: str) -> float:
    """Named nodes of the concrete syntax tree, at least 1, comments left out; a measure of length that formatting cannot change.

    Module, statement, assignment, x, 1:

    >>> ast_nodes("x = 1")
    5.0
    """
    return float(code_counts(text).nodes)


@measure("ast-depth", says="How deep the syntax tree of the code is.", unit="levels", ready=require_parser)
def ast_depth(text: str) -> float:
    """Named nodes from the root to the deepest leaf, at least 1.

    Misleads: chains of calls and of additions are deep and simple.

    >>> ast_depth("x = 1")
    4.0
    """
    return float(code_counts(text).depth)


@measure("distinct-calls", says="How many different functions the code calls.", unit="functions", ready=require_parser)
def distinct_calls(text: str) -> float:
    """Different names that are called, the object before the dot left out, 0 or more.

    Misleads: methods of one name on different things are one, and operators call without a name.

    >>> distinct_calls("a.append(len(b)); c.append(1); print(len(c))")
    3.0
    """
    return float(code_counts(text).calls)
