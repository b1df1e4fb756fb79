"""organisation.yml: what it says, and what a mistake in it is told."""

import pytest

from handbook import organisation, policy
from handbook.errors import HandbookError

ORIGINAL = organisation.PATH.read_text(encoding="utf-8")


def complaint(tmp_path, old, new):
    """Return what `load` says of the university's file with `old` replaced by `new`."""
    assert old in ORIGINAL
    path = tmp_path / "organisation.yml"
    path.write_text(ORIGINAL.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(HandbookError) as error:
        organisation.load(path)
    return str(error.value)


def line_of(text, needle):
    return text[: text.index(needle)].count("\n") + 1


def test_unofficial_until_someone_says_otherwise(tmp_path):
    """Catches authority that nobody gave: a file without `status` must not become official."""
    path = tmp_path / "organisation.yml"
    path.write_text(ORIGINAL.replace("status: unofficial", "", 1), encoding="utf-8")
    assert organisation.load(path).status == "unofficial"
    assert organisation.load().status == "unofficial"


def test_contacts_of_the_source_and_nothing_invented():
    """Catches an address that the guidelines do not give."""
    contacts = organisation.load().contacts
    assert contacts.communications.email == "communications@aalto.fi"
    assert contacts.information_security.email == "security@aalto.fi"
    for gap in (contacts.harassment, contacts.crisis, contacts.data_protection):
        assert (gap.email, gap.phone, gap.url) == (None, None, None)


def test_names_in_three_languages_say_which_stand_in_the_source():
    """Catches a translated name passed off as the guidelines' own."""
    loaded = organisation.load()
    assert loaded.name == "Aalto University"
    assert {code: name.origin for code, name in loaded.names.items()} == {
        "en": "guidelines",
        "fi": "unknown",
        "sv": "unknown",
    }


def test_guidelines_values_name_rules_that_exist():
    """Catches a threshold or contact that cites a rule id which the policy does not have."""
    assert organisation.load().cited <= {rule.id for rule in policy.load_rules()}


def test_plan_months_are_the_guidelines():
    """Catches a plan threshold that is not COM-04's year and half a year."""
    limits = organisation.load().thresholds
    assert (limits.plan_months_recommended.value, limits.plan_months_minimum.value) == (12, 6)
    assert limits.plan_months_minimum.rules == ("COM-04",)


def test_every_practice_names_whose(tmp_path):
    """Catches a number of other institutions that does not say whose it is."""
    said = complaint(tmp_path, "source: the US Digital Registry is reviewed yearly", "source: ''")
    assert "register_review_months" in said and "needs its 'source'" in said


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("email: security@", "emial: security@", "Did you mean 'email'?"),
        ("  fi:\n", "  fi:\n    txet: x\n", "Did you mean 'text'?"),
        ("short_names", "zzz", "expected one of status, names"),
        ("security@aalto.fi", "security at aalto", "an e-mail address such as"),
        ("email: security@aalto.fi", "email: 12", "text (in quotes"),
        ("value: 12\n", "value: twelve\n", "expected a valid number, found 'twelve'"),
        ("value: 12\n", "value: -1\n", "greater than 0, found -1"),
        ("value: 6\n", "value: 60\n", "is above plan_months_recommended (12)"),
        ("[COM-04]", "[COM4]", "a rule id such as ABC-12, found 'COM4'"),
        ("rules: [COM-04]", "rules: []", "needs the ids of its rules"),
        ("status: unofficial", "status: offical", "found 'offical'"),
        ("  en:", "  English:", "a language code such as en"),
        ("    text: Aalto-yliopisto\n", "", "names.fi.text: this field is missing"),
        ("short_names", "names", "second time"),
        ("phone:\n    origin: unknown", "phone: '1'\n    origin: unknown", "who confirmed it"),
    ],
)
def test_a_mistake_is_told_with_line_and_remedy(tmp_path, old, new, expected):
    """Catches an error that does not say where it is, what was expected and what to do."""
    said = complaint(tmp_path, old, new)
    assert expected in said
    assert "organisation.yml, line " in said


def test_the_line_is_the_right_one(tmp_path):
    """Catches an error that points at another line than the mistake's."""
    said = complaint(tmp_path, "value: 12\n", "value: twelve\n")
    assert f"line {line_of(ORIGINAL, 'value: 12')}, thresholds.plan_months_recommended" in said


def test_all_mistakes_at_once(tmp_path):
    """Catches a reader who must mend and run once for every mistake."""
    path = tmp_path / "organisation.yml"
    path.write_text(
        ORIGINAL.replace("status: unofficial", "status: x").replace("value: 12\n", "value: y\n", 1),
        encoding="utf-8",
    )
    with pytest.raises(HandbookError) as error:
        organisation.load(path)
    assert len(str(error.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "found nothing"),
        (b"- a\n- b\n", "found list"),
        (b"names: [\n", "expected YAML"),
        (b"a: b: c\n", "line 1, column 5: expected YAML"),
        ("names: Åbo".encode("latin-1"), "expected UTF-8 text, found the byte 0xc5 at position 7"),
    ],
)
def test_not_even_yaml(tmp_path, content, expected):
    """Catches a traceback where the file is empty, broken or in another encoding."""
    path = tmp_path / "organisation.yml"
    path.write_bytes(content)
    with pytest.raises(HandbookError, match="organisation.yml") as error:
        organisation.load(path)
    assert expected in str(error.value)


def test_no_file(tmp_path):
    """Catches a traceback where the file is missing."""
    with pytest.raises(HandbookError, match="there is no such file"):
        organisation.load(tmp_path / "organisation.yml")


def test_the_zone_of_the_audience_is_known_or_said_to_be_missing(tmp_path):
    """Catches hours of a zone that does not exist, or of UTC without a word about it."""
    assert organisation.load().audience_time_zone.value == "Europe/Helsinki"
    told = complaint(tmp_path, "value: Europe/Helsinki", "value: Europe/Otaniemi")
    assert "expected a time zone such as Europe/Helsinki, found 'Europe/Otaniemi'" in told
    path = tmp_path / "without.yml"
    path.write_text(ORIGINAL.split("audience_time_zone:")[0], encoding="utf-8")
    zone = organisation.load(path).audience_time_zone
    assert (zone.value, zone.origin) == ("UTC", "handbook")
    assert "names no time zone" in zone.source
