"""The register audit: what is met, what is not, what only differs, and what cannot be told."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from frames import law, make_channels, make_days, make_posts
from hypothesis import given, settings
from hypothesis import strategies as st

from handbook import audit, organisation, paths, policy
from handbook.errors import HandbookError

AS_OF = date(2026, 10, 31)
UNIVERSITY = organisation.load(paths.DEMO / "organisation.yml")
CHANNEL = "x:a"

GOOD = {
    "channel_id": CHANNEL,
    "name": "Keksilä University Library",
    "language": "en",
    "status": "active",
    "has_plan": True,
    "has_internal": True,
    "plan_starts": date(2026, 1, 1),
    "plan_ends": date(2026, 12, 31),
    "posts_per_week": 1,
    "updates_per_week": 1,
    "enough_resources": "yes",
    "terms_of_use": "https://keksila.example/terms",
    "members_target": 500,
    "members_target_by": date(2026, 12, 31),
    "target_answered": True,
    "measures": ("saves",),
    "administrators": 2,
    "notified_on": date(2025, 9, 1),
    "confirmed_on": date(2026, 2, 2),
    "review_due": date(2027, 2, 1),
}
"""A channel of which nothing is wrong."""


def weekly(n_weeks: int = 52, last: date = AS_OF, **facts) -> list[dict]:
    """Return a post every week up to `last`, observed on `AS_OF`."""
    return [
        {"channel_id": CHANNEL, "published_date": last - timedelta(7 * n), "observed_on": AS_OF}
        | facts
        for n in range(n_weeks)
    ]


POSTS = weekly()


def run(*channels: dict, posts=None, days=(), as_of=AS_OF) -> pd.DataFrame:
    return audit.run(
        make_channels(*channels),
        make_days(*days),
        make_posts(*(POSTS if posts is None else posts)),
        as_of,
        organisation=UNIVERSITY,
    )


def verdicts(found: pd.DataFrame) -> dict[str, str]:
    return dict(zip(found["rule"], found["verdict"], strict=True))


def say(rule: str, posts=None, days=(), as_of=AS_OF, **facts) -> str:
    """Return the verdict of one rule on `CHANNEL`, with other facts than those of `GOOD`."""
    return verdicts(run(GOOD | facts, posts=posts, days=days, as_of=as_of))[rule]


def evidence(rule: str, **facts) -> str:
    found = run(GOOD | facts).set_index("rule")
    return found.loc[rule, "evidence"]


def test_a_channel_of_which_nothing_is_wrong():
    """A fault found where there is none; columns, order or emptiness other than promised."""
    found = run(GOOD)
    assert list(found.columns) == list(audit.COLUMNS)
    assert found["rule"].tolist() == [one.rule for one in audit.AUDITS]
    assert set(found["verdict"]) == {"met"}
    assert set(found["remedy"]) == {""}
    assert (found["evidence"].str.len() > 5).all()
    assert (found["channel"] == CHANNEL).all()


@pytest.mark.parametrize(
    ("rule", "facts", "verdict"),
    [
        ("COM-04", {"plan_starts": date(2026, 5, 1), "plan_ends": date(2026, 10, 31)}, "met"),
        ("COM-04", {"plan_starts": date(2026, 6, 1), "plan_ends": date(2026, 11, 29)}, "not met"),
        ("COM-04", {"plan_ends": date(2026, 10, 30)}, "not met"),
        ("COM-04", {"plan_ends": AS_OF}, "met"),
        ("COM-04", {"plan_starts": None}, "cannot tell"),
        ("COM-04", {"has_plan": False}, "not met"),
        ("COM-04", {"has_plan": False, "has_internal": False}, "cannot tell"),
        ("COM-04", {"has_plan": False, "registered": False}, "cannot tell"),
        ("Q-02", {"updates_per_week": None}, "not met"),
        ("Q-02", {"updates_per_week": 9}, "cannot tell"),
        ("Q-02", {"enough_resources": "no"}, "not met"),
        ("Q-02", {"enough_resources": "not sure"}, "met"),
        ("Q-02", {"has_plan": False}, "cannot tell"),
        ("Q-04", {"posts_per_week": 2}, "not met"),
        ("Q-04", {"posts_per_week": None}, "not met"),
        ("Q-04", {"plan_starts": date(2026, 10, 10)}, "cannot tell"),
        ("Q-04", {"has_plan": False}, "cannot tell"),
        ("Q-04", {"status": "paused"}, "cannot tell"),
        ("Q-07", {"terms_of_use": None}, "not met"),
        ("Q-07", {"terms_of_use": " "}, "not met"),
        ("Q-07", {"has_plan": False}, "cannot tell"),
        ("Q-09", {"members_target": None, "target_answered": False}, "not met"),
        ("Q-09", {"members_target": None, "target_answered": True}, "met"),
        ("Q-09", {"has_plan": False}, "cannot tell"),
        ("Q-10", {"measures": ()}, "not met"),
        ("Q-10", {"has_plan": False, "measures": ()}, "cannot tell"),
        ("NAM-02", {"language": "fi"}, "not met"),
        ("NAM-02", {"name": "Keksilän yliopiston kirjasto", "language": "fi"}, "met"),
        ("NAM-02", {"name": "Keksilän yliopiston kirjasto"}, "not met"),
        ("NAM-02", {"name": "Library"}, "not met"),
        ("NAM-02", {"name": "Keksilä Library"}, "cannot tell"),
        ("NAM-02", {"language": "de"}, "cannot tell"),
        ("NAM-02", {"language": None}, "cannot tell"),
        ("NAM-02", {"language": None, "main_language": "en"}, "met"),
        ("NAM-02", {"registered": False}, "cannot tell"),
        ("REG-01", {"notified_on": None}, "not met"),
        ("REG-01", {"notified_on": None, "has_internal": False}, "cannot tell"),
        ("PRAC-02", {"administrators": 1}, "differs from"),
        ("PRAC-02", {"administrators": 0}, "differs from"),
        ("PRAC-02", {"administrators": None}, "cannot tell"),
        ("PRAC-03", {"review_due": date(2026, 10, 30)}, "differs from"),
        ("PRAC-03", {"review_due": AS_OF}, "met"),
        ("PRAC-03", {"confirmed_on": date(2025, 10, 30)}, "differs from"),
        ("PRAC-03", {"confirmed_on": date(2025, 10, 31)}, "met"),
        ("PRAC-03", {"confirmed_on": None, "review_due": None}, "differs from"),
        ("PRAC-03", {"registered": False}, "cannot tell"),
        ("PRAC-01", {"status": "paused"}, "cannot tell"),
    ],
)
def test_what_one_fact_changes(rule, facts, verdict):
    """A rule that is judged by another fact than its own, or at the wrong side of its limit."""
    assert say(rule, **facts) == verdict


def test_silence_counts_from_the_last_post():
    """A channel called dormant too soon, never, or although its posts were exported long ago."""
    old = AS_OF - timedelta(200)
    assert say("PRAC-01", posts=weekly(9, last=old)) == "differs from"
    assert say("PRAC-01", posts=weekly(9, last=AS_OF - timedelta(150))) == "met"
    assert say("PRAC-01", posts=weekly(9, last=old, observed_on=old)) == "cannot tell"
    assert say("PRAC-01", posts=[]) == "cannot tell"


def test_planned_pauses_are_no_gaps():
    """A summer pause that was planned, held against the channel."""
    posts = [p for p in POSTS if not date(2026, 6, 1) <= p["published_date"] <= date(2026, 8, 31)]
    assert say("Q-04", posts=posts) == "not met"
    pause = ((date(2026, 6, 1), date(2026, 8, 31)),)
    assert say("Q-04", posts=posts, planned_pauses=pause) == "met"
    written = ({"start": "2026-06-01", "end": "2026-08-31"},)
    assert say("Q-04", posts=posts, planned_pauses=written) == "met"


def test_the_platforms_daily_numbers_tell_where_single_posts_do_not():
    """A channel of which a post or two is known, judged by nothing although days tell enough."""
    days = [
        {"channel_id": CHANNEL, "date": AS_OF - timedelta(n), "posts_published": int(n % 7 == 0)}
        for n in range(100)
    ]
    assert say("Q-04", posts=[], days=days) == "met"
    assert say("Q-04", posts=weekly(2), days=days) == "met"


def test_the_goal_says_how_far_it_is():
    """A goal without the number that is known of it, or one of a later day than is asked."""
    days = [
        {"channel_id": CHANNEL, "date": AS_OF + timedelta(n), "followers_total": 480 + n}
        for n in (-3, -1, 5)
    ]
    found = run(GOOD, days=days).set_index("rule")
    assert "500 members by 31 Dec 2026; 479 on 30 Oct 2026" in found.loc["Q-09", "evidence"]
    assert "which has passed" in evidence("Q-09", members_target_by=date(2026, 6, 30))


def test_which_rules_concern_which_channel():
    """A closed channel that is asked for a plan, a planned one that is asked to post."""
    found = run(
        GOOD | {"channel_id": "x:closed", "status": "closed"},
        GOOD | {"channel_id": "x:planned", "status": "planned"},
        GOOD | {"channel_id": "x:unknown", "status": None},
        posts=[],
    )
    asked = found.groupby("channel")["rule"].agg(set)
    assert set(asked.index) == {"x:planned", "x:unknown"}
    assert asked["x:unknown"] == set(audit.BY_RULE)
    assert set(audit.BY_RULE) - asked["x:planned"] == {"Q-04", "REG-01", "PRAC-01", "PRAC-03"}


def test_every_finding_that_is_not_met_says_what_to_do():
    """A reproach without a remedy."""
    bare = {"channel_id": "x:bare", "has_internal": True, "has_plan": False, "name": "Bare"}
    found = run(bare, GOOD | {"posts_per_week": 40, "administrators": 1, "measures": ()})
    assert set(found["verdict"]) == set(audit.VERDICTS)
    assert ((found["remedy"] == "") == (found["verdict"] == "met")).all()


def test_only_ids_stand_in_the_register():
    """A traceback, or a reproach, where a register of another kind is given."""
    register = pd.DataFrame({"channel_id": ["x:a", "x:b"]})
    found = audit.run(register, pd.DataFrame(), pd.DataFrame(), AS_OF, organisation=UNIVERSITY)
    assert set(found["channel"]) == {"x:a", "x:b"}
    assert set(found["verdict"]) <= {"cannot tell", "differs from"}
    empty = audit.run(register.iloc[:0], pd.DataFrame(), pd.DataFrame(), None)
    assert empty.empty
    assert list(empty.columns) == list(audit.COLUMNS)


def test_a_register_as_a_spreadsheet_gives_it():
    """Days, numbers and lists as text, which a frame read from CSV has."""
    row = {
        name: ", ".join(value) if isinstance(value, tuple) else str(value)
        for name, value in GOOD.items()
        if not isinstance(value, bool)
    }
    found = audit.run(
        pd.DataFrame([row]), make_days(), make_posts(*POSTS), AS_OF, organisation=UNIVERSITY
    )
    assert verdicts(found) == verdicts(run(GOOD))


@pytest.mark.parametrize(
    ("register", "said"),
    [
        ({"name": ["a"]}, "expected a column 'channel_id', found name"),
        ({"channel_id": ["x:a", "x:a"]}, "x:a stands there twice"),
        ({"channel_id": ["x:a", None]}, "row 1, column 'channel_id'"),
        ({"channel_id": ["x:a"], "plan_ends": ["soon"]}, "column 'plan_ends': expected days"),
        ({"channel_id": ["x:a"], "administrators": ["two"]}, "column 'administrators'"),
        ({"channel_id": ["x:a"], "status": ["gone"]}, "expected one of planned, active"),
    ],
)
def test_a_wrong_register_is_explained(register, said):
    """An audit of what was misread, or an error that does not say where."""
    with pytest.raises(HandbookError, match=said):
        audit.run(pd.DataFrame(register), make_days(), make_posts(), AS_OF)


def test_wrong_days_and_posts_are_explained():
    """Posts of no channel that are silently left out."""
    register = make_channels(GOOD)
    with pytest.raises(HandbookError, match="posts: expected a column 'channel_id'"):
        audit.run(register, make_days(), pd.DataFrame({"published_date": [AS_OF]}), AS_OF)
    with pytest.raises(HandbookError, match="days: expected a column 'date'"):
        audit.run(register, pd.DataFrame({"channel_id": ["x:a"]}), make_posts(), AS_OF)


# Laws

ABSENT = st.sets(st.sampled_from(sorted(set(GOOD) - {"channel_id", "status", "has_plan",
                                                     "plan_starts", "plan_ends"})))  # fmt: skip
"""Facts to leave out. Days of a plan are none of them: without them it counts as always."""

DAYS_AGO = st.sets(st.integers(0, 400), max_size=30)


def history(days_ago: set[int]) -> list[dict]:
    return [
        {
            "channel_id": CHANNEL,
            "post_id": f"{n}",
            "published_date": AS_OF - timedelta(n),
            "observed_on": AS_OF - timedelta(n // 2),
        }
        for n in sorted(days_ago)
    ]


def reports(days_ago: set[int]) -> list[dict]:
    return [
        {"channel_id": CHANNEL, "date": AS_OF - timedelta(n), "posts_published": n % 2}
        for n in sorted(days_ago)
    ]


@law
@given(
    absent=ABSENT,
    added=ABSENT,
    status=st.sampled_from(["active", "paused", "planned", None]),
    days_ago=DAYS_AGO,
)
def test_a_register_fact_never_makes_what_was_met_untellable(absent, added, status, days_ago):
    """An audit that tells less when it is told more."""
    full = GOOD | {"status": status}
    posts = history(days_ago)
    less = {name: value for name, value in full.items() if name not in absent}
    more = less | {name: full[name] for name in added}
    before, after = verdicts(run(less, posts=posts)), verdicts(run(more, posts=posts))
    assert set(before.values()) | set(after.values()) <= set(audit.VERDICTS)
    lost = {rule for rule, said in before.items() if said == "met" and after[rule] == "cannot tell"}
    assert not lost


@law
@given(
    known=DAYS_AGO,
    added=DAYS_AGO,
    told=DAYS_AGO,
    told_later=DAYS_AGO,
    promised=st.sampled_from([0.1, 1, 3]),
)
def test_a_post_or_a_day_never_makes_what_was_met_untellable(
    known, added, told, told_later, promised
):
    """A record that is dropped for a shorter one.

    Updates (Q-02) are left out: posts can only show that there were enough of them, so that an
    older and slower stretch of the record takes that proof away.
    """
    channel = GOOD | {"posts_per_week": promised}
    before = verdicts(run(channel, posts=history(known), days=reports(told)))
    after = verdicts(run(channel, posts=history(known | added), days=reports(told | told_later)))
    for rule in set(before) - {"Q-02"}:
        assert not (before[rule] == "met" and after[rule] == "cannot tell"), rule


def test_the_order_of_rows_does_not_matter():
    """A verdict of whichever post or day comes last in the file."""
    days = reports(set(range(100)))
    found = run(GOOD, posts=POSTS, days=days)
    pd.testing.assert_frame_equal(run(GOOD, posts=POSTS[::-1], days=days[::-1]), found)


@settings(law, max_examples=12)
@given(status=st.sampled_from(["active", "planned"]), days_ago=DAYS_AGO)
def test_practice_is_never_not_met(status, days_ago):
    """Another institution's practice passed off as a rule of the university."""
    found = run({"channel_id": CHANNEL, "status": status}, posts=history(days_ago))
    practice = found[found["rule"].str.startswith("PRAC")]
    assert set(practice["verdict"]) <= {"met", "differs from", "cannot tell"}
    assert "differs from" not in set(found.loc[~found["rule"].isin(practice["rule"]), "verdict"])


# Rules, audits and thresholds


def test_every_rule_names_its_audit_and_every_audit_its_rule():
    """An audit that no rule asks for; a rule whose audit does not exist."""
    named = {(name, rule.id) for rule in policy.load_rules() for name in rule.audits}
    assert named == {(one.id, one.rule) for one in audit.AUDITS}
    assert len(audit.BY_RULE) == len(audit.AUDITS)
    practice = {rule.id for rule in policy.load_rules() if rule.origin == "practice"}
    assert practice <= set(audit.BY_RULE)


def test_every_audit_is_tested_met_and_departing():
    """An audit that nobody has seen say both."""
    tested = test_what_one_fact_changes.pytestmark[0].args[1]
    departing = {rule for rule, _, verdict in tested if verdict in audit.DEPARTURES}
    assert set(audit.BY_RULE) - departing == {"PRAC-01"}
    assert say("PRAC-01", posts=weekly(9, last=date(2026, 1, 1))) == "differs from"


def test_every_checklist_and_threshold_exists():
    """A remedy that points to no page; a threshold that the organisation does not have."""
    for one in audit.AUDITS:
        assert (paths.BOOK / "checklists" / f"{one.checklist}.md").is_file()
        assert set(one.thresholds) <= set(organisation.Thresholds.model_fields)


@pytest.mark.parametrize("name", audit.THRESHOLDS)
def test_the_origin_of_a_threshold_says_not_met_or_differs(name):
    """Practice that becomes a rule without anybody's decision, or the other way round."""
    facts = GOOD | {
        "plan_starts": date(2026, 9, 1),
        "administrators": 1,
        "review_due": date(2026, 1, 1),
    }
    posts = weekly(9, last=AS_OF - timedelta(300))
    register = make_channels(facts)
    old = getattr(UNIVERSITY.thresholds, name)
    for origin, wanted in (("guidelines", "not met"), ("practice", "differs from")):
        changed = old.model_copy(update={"origin": origin})
        thresholds = UNIVERSITY.thresholds.model_copy(update={name: changed})
        university = UNIVERSITY.model_copy(update={"thresholds": thresholds})
        found = audit.run(register, make_days(), make_posts(*posts), AS_OF, organisation=university)
        (rule,) = [one.rule for one in audit.AUDITS if name in one.thresholds]
        assert verdicts(found)[rule] == wanted


# What if


def test_another_threshold_changes_the_channels_that_it_should():
    """A what-if that changes nothing, everything, or another rule."""
    register = make_channels(GOOD, GOOD | {"channel_id": "x:b", "administrators": 5})
    arguments = (register, make_days(), make_posts(*POSTS), AS_OF)
    found = audit.what_if(*arguments, "administrators_minimum", 3, organisation=UNIVERSITY)
    assert found.drop(columns="evidence_then").to_dict("records") == [
        {"channel": CHANNEL, "rule": "PRAC-02", "verdict": "met", "verdict_then": "differs from"}
    ]
    assert "practice is 3" in found["evidence_then"][0]
    same = audit.what_if(*arguments, "administrators_minimum", 2, organisation=UNIVERSITY)
    assert same.empty
    assert list(same.columns) == list(found.columns)


@settings(law, max_examples=12)
@given(days_ago=DAYS_AGO, name=st.sampled_from(audit.THRESHOLDS))
def test_the_curve_goes_one_way(days_ago, name):
    """A stricter threshold that fewer channels miss; channels that get lost on the way."""
    register = make_channels(GOOD, GOOD | {"channel_id": "x:b", "administrators": None})
    arguments = (register, make_days(), make_posts(*history(days_ago)), AS_OF)
    curve = audit.threshold_curve(*arguments, name, [1, 3, 9, 14], organisation=UNIVERSITY)
    assert (curve[["met", "departing", "open"]].sum(axis=1) == 2).all()
    assert curve["today"].sum() == 1
    met = curve["met"].tolist()
    stricter = met if name in ("plan_months_minimum", "administrators_minimum") else met[::-1]
    assert stricter == sorted(stricter, reverse=True)


def test_a_wrong_what_if_is_explained():
    """A threshold of another name that changes nothing, silently."""
    with pytest.raises(HandbookError, match="expected one of plan_months_minimum"):
        audit.change_threshold(UNIVERSITY, "dormant", 3)
    with pytest.raises(HandbookError, match="above 0"):
        audit.change_threshold(UNIVERSITY, "dormant_after_months", 0)


# Tables and sentences


def test_tables_leave_nothing_out():
    """A score without the open ones; a channel or a rule that is lost on the way to a table."""
    register = make_channels(
        GOOD | {"administrators": 1, "measures": ()},
        {"channel_id": "x:b", "name": "B", "has_internal": True},
        GOOD | {"channel_id": "x:c", "status": "closed"},
    )
    found = audit.run(register, make_days(), make_posts(*POSTS), AS_OF, organisation=UNIVERSITY)
    table = audit.totals(found)
    assert table["channels"].tolist() == [2] * len(audit.AUDITS)
    assert (table[list(audit.VERDICTS)].sum(axis=1) == table["channels"]).all()
    grid = audit.matrix(found, register)
    assert len(grid) == 2
    assert grid["departing"].sum() == found["verdict"].isin(audit.DEPARTURES).sum()
    todo = audit.to_do(found, register)
    assert len(todo) == grid["departing"].sum()
    assert todo["verdict"].tolist() == sorted(todo["verdict"], key=audit.DEPARTURES.index)
    said = " ".join(audit.describe(found, register))
    assert "cannot be told" in said
    assert "Left out, because it is closed: x:c (X)." in said
    assert "No posts in the data of: x:b (X)." in said


def test_nothing_to_audit_is_said():
    """An empty table with a title about findings."""
    register = make_channels()
    found = audit.run(register, make_days(), make_posts(), None, organisation=UNIVERSITY)
    assert audit.describe(found, register) == ["There is no open channel to audit."]
    assert audit.matrix(found, register).empty
    assert audit.to_do(found, register).empty
    assert audit.totals(found)["channels"].sum() == 0


def test_a_channel_on_no_register_is_told_to_be_added_first():
    """A head who is told to import posts, or to ask about a name, that stand on no register."""
    found = run(GOOD | {"registered": False, "has_plan": False, "name": None})
    found = found.set_index("rule")
    rules = ["COM-04", "Q-02", "Q-04", "Q-07", "Q-09", "Q-10", "NAM-02", "PRAC-03"]
    assert set(found.loc[rules, "remedy"]) == {"Add the channel to the register first."}


def test_a_plan_that_no_internal_register_can_name_is_asked_for_there():
    """“Import the posts of these days” where the posts are there and the plan is not."""
    found = run(GOOD | {"has_plan": False, "has_internal": False}).set_index("rule")
    rules = ["COM-04", "Q-02", "Q-04", "Q-07", "Q-09", "Q-10"]
    assert found.loc[rules, "remedy"].str.contains("internal register").all()
