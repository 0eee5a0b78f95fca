"""What the node types of each programming language mean to the code measures; a further language is one entry here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Grammar:
    """A tree-sitter grammar and its node types, by what they mean. `language` loads it.

    `decisions` are branches of the flow; `nesting` those that cost more the deeper they stand, `flat` those that do not
    (else, else if); `logical` are operators such as `and`; `calls` tie a node type to the field that names what is called;
    `operands` are leaves (or nodes taken as one, such as strings); `statements` tell code from words that happen to parse.
    """

    name: str
    package: str
    language: Callable[[], object]
    decisions: frozenset[str]
    nesting: frozenset[str]
    flat: frozenset[str]
    logical: Mapping[str, frozenset[str]]
    functions: frozenset[str]
    lambdas: frozenset[str]
    calls: Mapping[str, str]
    operands: frozenset[str]
    statements: frozenset[str]
    jumps: frozenset[str] = frozenset()
    wrapper: str = ""

    def __hash__(self) -> int:
        """By name: there is one grammar of each."""
        return hash(self.name)


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


def _python() -> object:
    import tree_sitter_python

    return tree_sitter_python.language()


def _javascript() -> object:
    import tree_sitter_javascript

    return tree_sitter_javascript.language()


PYTHON = Grammar(
    name="python", package="tree-sitter-python", language=_python, wrapper="def _():\n",
    decisions=_set("if_statement elif_clause for_statement while_statement except_clause conditional_expression case_clause "
                   "for_in_clause if_clause"),
    nesting=_set("if_statement for_statement while_statement except_clause conditional_expression match_statement"),
    flat=_set("elif_clause else_clause"),
    logical=MappingProxyType({"boolean_operator": _set("and or")}),
    functions=_set("function_definition"), lambdas=_set("lambda"), calls=MappingProxyType({"call": "function"}),
    operands=_set("identifier integer float true false none ellipsis string"),
    statements=_set("call assignment augmented_assignment function_definition class_definition return_statement if_statement "
                    "for_statement while_statement import_statement import_from_statement try_statement with_statement "
                    "raise_statement assert_statement delete_statement pass_statement"),
)  # fmt: skip

JAVASCRIPT = Grammar(
    name="javascript", package="tree-sitter-javascript", language=_javascript,
    decisions=_set("if_statement for_statement for_in_statement while_statement do_statement switch_case catch_clause "
                   "ternary_expression"),
    nesting=_set("if_statement for_statement for_in_statement while_statement do_statement switch_statement catch_clause "
                 "ternary_expression"),
    flat=_set("else_clause"),
    logical=MappingProxyType({"binary_expression": _set("&& || ??")}),
    functions=_set("function_declaration function_expression generator_function generator_function_declaration "
                   "method_definition"),
    lambdas=_set("arrow_function"), calls=MappingProxyType({"call_expression": "function", "new_expression": "constructor"}),
    operands=_set("identifier property_identifier shorthand_property_identifier private_property_identifier number true false "
                  "null undefined this super string template_string regex shorthand_property_identifier_pattern "
                  "statement_identifier"),
    statements=_set("call_expression new_expression assignment_expression augmented_assignment_expression variable_declaration "
                    "lexical_declaration function_declaration class_declaration return_statement if_statement for_statement "
                    "for_in_statement while_statement import_statement export_statement try_statement throw_statement"),
    jumps=_set("continue_statement break_statement"),
)  # fmt: skip

LANGUAGES: Mapping[str, Grammar] = MappingProxyType(
    {
        **dict.fromkeys(("python", "py", "python3", "py3", "python2"), PYTHON),
        **dict.fromkeys(("javascript", "js", "jsx", "node", "nodejs", "mjs"), JAVASCRIPT),
    }
)
"""Tags behind fences, each with its grammar."""
