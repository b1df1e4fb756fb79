"""The register of channels, their plans and reviews: whose channel is what, and in which state."""

from handbook.register.changes import (
    Change,
    add_plan,
    add_review,
    close_channel,
    confirm_channel,
    edit_channel,
    finish_interrupted,
)
from handbook.register.fields import PLATFORMS, STATUSES, Status, looks_personal
from handbook.register.folder import INTERNAL, Folder, folder_beside, folder_for
from handbook.register.incidents import (
    Incident,
    add_incident,
    load_incidents,
    read_incident,
)
from handbook.register.plans import (
    Pause,
    Plan,
    Rate,
    Review,
    Target,
    load_plan,
    load_plans,
    load_review,
    load_reviews,
)
from handbook.register.rows import Channel, InternalFacts, load, load_internal
from handbook.register.state import Due, Finding, check, find_due, find_made_up
from handbook.register.trial import Trial, try_plan

__all__ = [
    "INTERNAL",
    "PLATFORMS",
    "STATUSES",
    "Change",
    "Channel",
    "Due",
    "Finding",
    "Folder",
    "Incident",
    "InternalFacts",
    "Pause",
    "Plan",
    "Rate",
    "Review",
    "Status",
    "Target",
    "Trial",
    "add_incident",
    "add_plan",
    "add_review",
    "check",
    "close_channel",
    "confirm_channel",
    "edit_channel",
    "find_due",
    "find_made_up",
    "finish_interrupted",
    "folder_beside",
    "folder_for",
    "load",
    "load_incidents",
    "load_internal",
    "load_plan",
    "load_plans",
    "load_review",
    "load_reviews",
    "looks_personal",
    "read_incident",
    "try_plan",
]
