"""Editions: frozen, chained, and made only from changes that keep the past."""

import datetime
import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handbook import policy
from handbook.errors import HandbookError

FIRST_EDITION = "b137fce71082f9b1a72594fa5966dc053e369b49a5711460e528d71f8979bdda"

ADOPTED = {"date": datetime.date(2027, 1, 15), "reason": "New law", "approver_role": "Head"}


def state(**texts):
    """Return statements; `A_01="One."` is rule A-01."""
    return [
        policy.Statement(id=id.replace("_", "-"), force="must", text=text)
        for id, text in texts.items()
    ]


def edition(*statements, number=1, date=None, previous=None):
    return policy.Edition(
        edition=number,
        date=date,
        reason="x",
        approver_role=None,
        previous=previous,
        rules=statements,
    )


def altered(statement, **fields):
    return statement.model_copy(update=fields)


ONE, TWO = state(A_01="One.", A_02="Two.")
START = [edition(ONE, TWO, date=datetime.date(2026, 1, 1))]


def refusal(statements, **changes):
    with pytest.raises(HandbookError) as error:
        policy.make_edition(START, statements, **(ADOPTED | changes))
    return str(error.value)


def test_the_first_edition_never_changes():
    """Catches any change to the 72 statements as they were received."""
    first = policy.load_editions()[0]
    assert first.hash == FIRST_EDITION
    assert len({rule.id for rule in first.rules}) == len(first.rules) == 72


def test_the_hash_sees_every_field():
    """Catches a hash that a changed edition shares with the true one."""
    true = edition(ONE, TWO)
    others = [
        edition(TWO, ONE),
        edition(ONE),
        edition(ONE, altered(TWO, text="Two!")),
        edition(ONE, altered(TWO, force="may")),
        edition(ONE, altered(TWO, since=2)),
        edition(ONE, altered(TWO, status="withdrawn")),
        edition(ONE, TWO, number=2),
        edition(ONE, TWO, date=datetime.date(2026, 1, 1)),
        edition(ONE, TWO, previous="x"),
    ]
    assert len({other.hash for other in [true, *others]}) == 10


def test_what_is_written_is_what_is_loaded(tmp_path):
    """Catches a field or a letter that the file loses; and an edition that is overwritten."""
    second = policy.make_edition(
        START, [*START[0].rules, altered(state(B_01="Kirje – ”å”.")[0], since=2)], **ADOPTED
    )
    for made in (START[0], second):
        policy.write_edition(made, tmp_path)
    assert policy.load_editions(tmp_path) == [START[0], second]
    with pytest.raises(FileExistsError):
        policy.write_edition(second, tmp_path)


@pytest.fixture
def chain(tmp_path):
    """A folder with two editions."""
    policy.write_edition(START[0], tmp_path)
    policy.write_edition(
        policy.make_edition(START, [altered(ONE, text="Uno."), TWO], **ADOPTED), tmp_path
    )
    return tmp_path


def break_tamper(folder):
    file = folder / "1.json"
    file.write_text(file.read_text(encoding="utf-8").replace("Two.", "Three."), encoding="utf-8")


def break_gap(folder):
    (folder / "2.json").rename(folder / "3.json")


def break_name(folder):
    shutil.copy(folder / "2.json", folder / "3.json")


def break_json(folder):
    (folder / "2.json").write_text("{", encoding="utf-8")


def break_field(folder):
    file = folder / "2.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"approver": "A. Name"}))


def break_all(folder):
    for file in folder.glob("*.json"):
        file.unlink()


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (break_tamper, "1.json: this edition was changed after edition 2 was made from it"),
        (break_gap, "expected 1.json to 2.json, found 1.json, 3.json"),
        (break_name, "3.json, edition: expected 3, as the file is named; found 2"),
        (break_json, "2.json, the file: Invalid JSON"),
        (break_field, "2.json, approver: Extra inputs"),
        (break_all, "expected editions (1.json, …), found none"),
    ],
)
def test_a_broken_chain_is_told(chain, damage, expected):
    """Catches a past that was edited, lost or renumbered without anybody hearing of it."""
    policy.load_editions(chain)
    damage(chain)
    with pytest.raises(HandbookError) as error:
        policy.load_editions(chain)
    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([ONE, TWO], "there is nothing to make an edition of"),
        ([ONE], "A-02: this rule vanished from the pages"),
        ([ONE, TWO, *state(A_03="New.")], "A-03: this rule is new. Expected :since: 2, found 1"),
        (
            [ONE, altered(TWO, text="Other.", since=2)],
            "A-02: this id is in use since edition 1 and cannot be used again",
        ),
        (
            [ONE, altered(TWO, status="withdrawn", text="Other.")],
            "A-02: a rule that is withdrawn keeps its text",
        ),
        (
            [ONE, altered(TWO, status="replaced", replaced_by="A-09")],
            "A-02: replaced by A-09, and there is no such rule",
        ),
        (
            [ONE, TWO, altered(state(A_03="New.")[0], since=2, status="withdrawn")],
            "A-03: a new rule is in force",
        ),
    ],
)
def test_changes_that_lose_the_past_are_refused(statements, expected):
    """Catches an id that vanishes, is used again, or leads nowhere."""
    assert expected in refusal(statements)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"date": datetime.date(2025, 12, 31)}, "before that of edition 1, 2026-01-01"),
        ({"reason": " "}, "the reason is empty"),
        ({"approver_role": ""}, "the approver is a role"),
        ({"approver_role": "name@example.org"}, "the approver is a role"),
    ],
)
def test_an_edition_says_when_why_and_whose(changes, expected):
    """Catches an edition that nobody can account for."""
    assert expected in refusal([altered(ONE, text="Uno."), TWO], **changes)


def test_a_withdrawn_id_is_never_in_force_again():
    """Catches an id that comes back with another meaning."""
    withdrawn = altered(TWO, status="withdrawn")
    second = policy.make_edition(START, [ONE, withdrawn], **ADOPTED)
    with pytest.raises(HandbookError, match="belongs to a rule that was withdrawn"):
        policy.make_edition([*START, second], [ONE, TWO], **ADOPTED)


def test_a_rule_is_replaced():
    """Catches a replacement that loses the old rule, its order or the chain."""
    old = altered(TWO, status="replaced", replaced_by="A-03")
    new = altered(state(A_03="Three.")[0], since=2)
    second = policy.make_edition(START, [new, old, ONE], **ADOPTED)
    assert second.rules == (ONE, old, new)
    assert (second.edition, second.previous) == (2, START[0].hash)
    changes = policy.compare(START[0].rules, second.rules)
    assert [(change.id, change.kind) for change in changes] == [
        ("A-02", "replaced"),
        ("A-03", "added"),
    ]
    assert list(changes[0].fields) == [
        ("status", "in force", "replaced"),
        ("replaced by", "", "A-03"),
    ]


states = st.dictionaries(
    st.sampled_from(["A-01", "A-02", "A-03", "B-01"]), st.sampled_from(["One.", "Two."])
).map(lambda texts: [policy.Statement(id=i, force="may", text=t) for i, t in texts.items()])


@given(states, states)
def test_changes_lead_from_one_state_to_the_other(old, new):
    """Catches a difference that is not shown, and a change shown where there is none."""
    after = {statement.id: statement for statement in old}
    for change in policy.compare(old, new):
        assert change.old != change.new
        assert change.old == after.pop(change.id, None)
        if change.new:
            after[change.id] = change.new
    assert after == {statement.id: statement for statement in new}
