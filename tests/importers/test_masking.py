"""What may point to a person in a text is masked; what may not stays readable."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handbook.importers.masking import _EMAIL, _MAY_BE_EMAIL, _MAY_BE_PHONE, _PHONE, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("thanks @some_one!", "thanks [handle]!"),
        ("@a.b-c and (@d)", "[handle] and ([handle])"),
        ("hello @user@social.example.", "hello [handle]."),
        ("write to first.last+x@mail.example.org.", "write to [e-mail]."),
        ("call +358 40 123 4567", "call [phone]"),
        ("call +358(0)401234567 now", "call [phone] now"),
        ("call 040 1234567", "call [phone]"),
        ("call 09-123 45 678.", "call [phone]."),
        ("call (09) 1234 5678", "call [phone]"),
    ],
)
def test_masked(text, masked):
    """A handle, an address or a number that stays readable."""
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "1,000,000 views in 2025-2026",
        "on 2026-03-01 at 12:30, or 01.02.2026",
        "on 05-06-2024 and 05 06 2024",
        "10 000 000 euros, 0.5 %, 007",
        "see https://example.org/2024/05/0123456789012",
        "lunch @ 12",
        "id 7329030375454801921",
        "Rooms 0101 and 0202",
    ],
)
def test_not_masked(text):
    """Numbers and dates that are no phone numbers."""
    assert mask(text) == text


@settings(max_examples=500)
@given(st.text("+0123 ()-.x", max_size=24) | st.from_regex(_PHONE, fullmatch=True))
def test_no_phone_number_is_passed_over(text):
    """The quick look before the thorough one, missing a number."""
    if _PHONE.search(text):
        assert _MAY_BE_PHONE.search(text)


@settings(max_examples=500)
@given(st.text("ab@.-+ ä1_", max_size=24) | st.from_regex(_EMAIL, fullmatch=True))
def test_no_address_is_passed_over(text):
    """The quick look before the thorough one, missing an e-mail address."""
    if _EMAIL.search(text):
        assert _MAY_BE_EMAIL.search(text)


@pytest.mark.parametrize("text", ["a" * 1_000_000, "a." * 500_000, "+1" * 500_000])
def test_long_words_end(text):
    """A pattern that begins anew at each letter: this test would then never end."""
    assert mask(text + " @") == text + " @"
