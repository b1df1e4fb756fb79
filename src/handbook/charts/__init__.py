"""The figures: `draw_*` puts a table on axes and computes nothing, `show_*` makes the figure.

A figure's title says what was found, its alternative text says that and the range, and its
caption says where the numbers come from.
All three are computed from the table that is drawn, so that they are true of any store.
"""

from handbook.charts.audit import show_audit, show_rules, show_threshold
from handbook.charts.base import (
    COLOURS,
    PER_PAGE,
    STYLE,
    Figure,
    Note,
    Table,
    panel_label,
    row_label,
)
from handbook.charts.benchmark import show_peers
from handbook.charts.engagement import (
    show_groups,
    show_means,
    show_mix,
    show_rankings,
    show_times,
)
from handbook.charts.glance import (
    show_activity,
    show_audience,
    show_engagement,
    show_missing,
    show_weekly,
)
from handbook.charts.growth import show_chances, show_course, show_goals, show_paces
from handbook.charts.review import show_month
from handbook.charts.rhythm import STEPS, show_calendar, show_days, show_gaps, show_rhythm
from handbook.charts.uproar import show_alerts, show_rate, show_watch

__all__ = [
    "COLOURS",
    "PER_PAGE",
    "STEPS",
    "STYLE",
    "Figure",
    "Note",
    "Table",
    "panel_label",
    "row_label",
    "show_activity",
    "show_alerts",
    "show_audience",
    "show_audit",
    "show_calendar",
    "show_days",
    "show_engagement",
    "show_chances",
    "show_course",
    "show_gaps",
    "show_goals",
    "show_paces",
    "show_groups",
    "show_means",
    "show_missing",
    "show_mix",
    "show_rankings",
    "show_times",
    "show_month",
    "show_peers",
    "show_rate",
    "show_rhythm",
    "show_rules",
    "show_threshold",
    "show_watch",
    "show_weekly",
]
