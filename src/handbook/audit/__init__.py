"""The register audit: which rules can be measured, and what register, plans and record say.

A rule of the guidelines is met or not met.
From what other institutions do a channel only differs.
What the data do not say cannot be told, and it is counted with the rest, never left out.
"""

from handbook.audit.findings import COLUMNS, change_threshold, run, threshold_curve, what_if
from handbook.audit.rules import (
    AUDITS,
    BY_RULE,
    DEPARTURES,
    THRESHOLD_WORDS,
    THRESHOLDS,
    VERDICTS,
    Audit,
)
from handbook.audit.tables import (
    describe,
    describe_thresholds,
    describe_totals,
    describe_what_if,
    impact,
    matrix,
    to_do,
    totals,
)

__all__ = [
    "AUDITS",
    "Audit",
    "BY_RULE",
    "COLUMNS",
    "DEPARTURES",
    "THRESHOLDS",
    "THRESHOLD_WORDS",
    "VERDICTS",
    "change_threshold",
    "describe",
    "describe_thresholds",
    "describe_totals",
    "describe_what_if",
    "impact",
    "matrix",
    "run",
    "threshold_curve",
    "to_do",
    "totals",
    "what_if",
]
