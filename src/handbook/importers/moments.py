"""Days and times as exports write them, with the names of months in several languages."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_FIELDS = {
    "Y": r"(?P<Y>[0-9]{4})",
    "m": r"(?P<m>[0-9]{1,2})",
    "d": r"(?P<d>[0-9]{1,2})",
    "H": r"(?P<H>[0-9]{1,2})",
    "I": r"(?P<I>[0-9]{1,2})",
    "M": r"(?P<M>[0-9]{2})",
    "S": r"(?P<S>[0-9]{2})(?:\.[0-9]+)?",
    "p": r"(?P<p>[aApP])\.?[mM]\.?",
    "z": r"(?P<z>[Zz]|[+-][0-9]{2}:?[0-9]{2})",
    "a": r"[^\W\d_]+\.?",
    "b": r"(?P<b>[^\W\d_]+)\.?",
}
_FIELDS["B"] = _FIELDS["b"]
_FIELDS["A"] = _FIELDS["a"]
_LEAP = 2000
"""The year of a form without one: the 29th of February exists in it."""


@lru_cache(maxsize=10_000)
def parse_moment(
    text: str, forms: tuple[str, ...], languages: tuple[str, ...] = ("en",)
) -> datetime | None:
    """Return the time in `text`, or None if it has none of the forms.

    Parameters
    ----------
    text : str
    forms : tuple of str
        As `strptime` has them: %Y %m %d %H %I %M %S %p %z, %b or %B for the name of a month in
        full or short, %a or %A for that of a weekday (not checked). Numbers need no leading
        zero, letters may be large or small. Without %Y the year is 2000.
    languages : tuple of str
        Whose names of months may stand in it, the first first.

    Examples
    --------
    >>> parse_moment("10 februari 2026", ("%d %B %Y",), ("en", "sv")).date()
    datetime.date(2026, 2, 10)
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).replace("\u00ad", "").split())
    for form in forms:
        found = _pattern(form).fullmatch(plain)
        if found and (moment := _build(found.groupdict(), languages)):
            return moment
    return None


@lru_cache(maxsize=256)
def _pattern(form: str) -> re.Pattern[str]:
    parts = re.split(r"%([YmdHIMSpzabAB])", form)
    literal = [re.escape(part).replace(r"\ ", r"\s*") for part in parts[::2]]
    fields = [*(_FIELDS[name] for name in parts[1::2]), ""]
    return re.compile("".join(a + b for a, b in zip(literal, fields, strict=True)))


def _build(found: dict[str, str | None], languages: tuple[str, ...]) -> datetime | None:
    number = {name: int(value) for name, value in found.items() if value and value.isdecimal()}
    month = number.get("m") or _month(found.get("b") or "", languages)
    hour = number.get("H", 0)
    if "I" in number:
        if not 1 <= number["I"] <= 12:
            return None
        hour = number["I"] % 12 + (12 if (found.get("p") or "").lower() == "p" else 0)
    try:
        moment = datetime(
            number.get("Y", _LEAP),
            month or 0,
            number.get("d", 1),
            hour,
            number.get("M", 0),
            number.get("S", 0),
        )
        return moment.replace(tzinfo=_zone(found["z"])) if found.get("z") else moment
    except ValueError:
        return None


def _zone(text: str | None) -> timezone:
    if not text or text in "Zz":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _month(name: str, languages: tuple[str, ...]) -> int | None:
    key = name.casefold().rstrip(".")
    return next((month_names(code)[key] for code in languages if key in month_names(code)), None)


@lru_cache(maxsize=64)
def month_names(language: str) -> dict[str, int]:
    """Return month numbers by the names that a language has for them, full and short."""
    from babel import Locale

    locale = Locale.parse(language)
    names: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("abbreviated", "wide"):
            for number, name in locale.months[context][width].items():
                names.setdefault(name.casefold().rstrip("."), number)
                short = re.sub(r"(?<=kuu)(?:ta)?$", "", name.casefold()).removesuffix("kuu")
                names.setdefault(short.rstrip("."), number)
                if language == "ru":
                    names.setdefault(name[:3].casefold(), number)
    if language == "en":
        names["sept"] = 9
    return names
