"""Growth and goals: forecasts of an audience, and the chance of the number that a plan pursues."""

from handbook.growth.forecasts import (
    FURTHEST,
    LONG,
    ORIGINS,
    SHORTEST,
    TooShortToForecast,
    forecast,
    probability_of_reaching,
    regular,
)
from handbook.growth.goals import (
    CHANCES,
    course,
    daily_totals,
    describe_course,
    describe_goals,
    describe_paces,
    goals,
    histories,
    paces,
    rounded,
)

__all__ = [
    "CHANCES",
    "FURTHEST",
    "LONG",
    "ORIGINS",
    "SHORTEST",
    "TooShortToForecast",
    "course",
    "daily_totals",
    "describe_course",
    "describe_goals",
    "describe_paces",
    "forecast",
    "goals",
    "histories",
    "paces",
    "probability_of_reaching",
    "regular",
    "rounded",
]
