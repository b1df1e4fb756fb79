"""The rules as they stand in the pages, and the editions that freeze them."""

from handbook.policy.editions import (
    EDITIONS,
    Change,
    Edition,
    Statement,
    compare,
    find_mistakes,
    load_editions,
    make_edition,
    write_edition,
)
from handbook.policy.impact import Impact, find_impact
from handbook.policy.rules import (
    FORCES,
    Group,
    Rule,
    find_differences,
    load_rules,
    make_statements,
    parse_group,
    parse_rule,
)

__all__ = [
    "EDITIONS",
    "FORCES",
    "Change",
    "Edition",
    "Group",
    "Impact",
    "Rule",
    "Statement",
    "compare",
    "find_differences",
    "find_impact",
    "find_mistakes",
    "load_editions",
    "load_rules",
    "make_edition",
    "make_statements",
    "parse_group",
    "parse_rule",
    "write_edition",
]
