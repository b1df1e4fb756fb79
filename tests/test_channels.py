"""What notebooks load: the columns, their types, and whose data they say they are."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from importers.samples import ga4
from small_stores import day_rows, make_store, post_rows

from handbook import channels, schema
from handbook.database import open_database
from handbook.importers import read_file
from handbook.store import import_files

LOADERS = {
    "channels": channels.load_channels,
    "days": channels.load_days,
    "posts": channels.load_posts,
    "counts": channels.load_counts,
    "imports": channels.load_imports,
}


@pytest.fixture
def use(monkeypatch):
    """Name the store that is read from here on."""
    return lambda store: monkeypatch.setenv("HANDBOOK_STORE", str(store))


@pytest.fixture
def use_demo(use, demo_store):
    use(demo_store)


@pytest.mark.parametrize("name", LOADERS)
def test_an_empty_store_gives_the_same_columns(name, use, use_demo, tmp_path):
    """A notebook that dies of a missing column, or of another type, on a store without rows."""
    full = LOADERS[name]()
    use(make_store(tmp_path))
    empty = LOADERS[name]()
    assert empty.empty
    assert not full.empty
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


def test_one_channel_without_a_register_row_or_a_plan(use, tmp_path):
    """A channel that is dropped, or shown under a name that nobody gave it."""
    use(make_store(tmp_path, day_rows("linkedin:unnamed", 3, impressions=5)))
    found = channels.load_channels()
    assert found["label"].tolist() == ["linkedin:unnamed (not in the register)"]
    assert not found["registered"][0]
    assert not found["has_plan"][0]
    assert found["planned_pauses"][0] == ()
    assert found["has_data"][0]
    assert "small.duckdb" in channels.source_line()
    assert "made" not in channels.describe_data()
    assert channels.describe_data().count("not in the register") == 0
    assert "no row for it: linkedin:unnamed." in channels.describe_data()


def test_a_website_is_no_channel(use, tmp_path):
    """Google Analytics' figures shown as a channel that never posts."""
    report = tmp_path / "sessions.csv"
    report.write_text(ga4.by_day(), encoding="utf-8")
    store = make_store(tmp_path, day_rows("linkedin:example", 3, impressions=5))
    (imported,) = import_files(store, [report], read=read_file, exported_on=date(2026, 12, 1))
    assert imported.outcome == "imported"
    use(store)
    assert channels.load_channels()["channel_id"].tolist() == ["linkedin:example"]


def test_the_demo_says_that_it_is_made_up(use_demo):
    """A figure of invented channels without the words that it is invented."""
    assert "made-up data" in channels.source_line()
    assert channels.describe_data().startswith("**These numbers are made up.**")


def test_the_register_comes_first_and_labels_are_unique(use_demo):
    """Two channels that a table can't tell apart; a planned channel that is forgotten."""
    found = channels.load_channels()
    assert found["label"].is_unique
    assert found["registered"].all()
    assert (found["status"] == "planned").any()
    assert not found.loc[found["status"] == "planned", "has_data"].any()


def test_days_are_those_of_the_store(use_demo, demo_store):
    """A day lost or doubled, or a missing value that became 0, on the way to the notebook."""
    days = channels.load_days()
    assert not days.duplicated(["channel_id", "date"]).any()
    with open_database(demo_store) as connection:
        rows, total, told = connection.execute(
            "SELECT count(*), sum(impressions), count(impressions) FROM channel_day"
        ).fetchone()
    assert len(days) == rows
    assert days["impressions"].sum() == total
    assert days["impressions"].notna().sum() == told
    for field in schema.DAY_MEASURES:
        assert days[field.name].dtype == "Int64"


def test_posts_carry_their_newest_snapshot(use, tmp_path):
    """An older export's numbers beside a post, or a post doubled by its snapshots."""
    old = post_rows("x:small", [0], reactions=3)
    new = [row | {"reactions": 9, "observed_on": date(2026, 8, 1)} for row in old]
    use(make_store(tmp_path, posts=[*new, *old]))
    posts = channels.load_posts()
    assert posts["reactions"].tolist() == [9]
    assert posts["observed_on"].tolist() == [pd.Timestamp(2026, 8, 1)]


def test_a_measure_that_the_newest_export_leaves_out(use, tmp_path):
    """Impressions lost because a later export has reactions only, or taken of another period."""
    old = post_rows("x:small", [0], reactions=3, impressions=80, views=7)
    new = [
        {
            "channel_id": "x:small",
            "post_id": "0",
            "observed_on": date(2026, 8, 1),
            "reactions": 9,
            "views": "",
        }
    ]
    of_july = [new[0] | {"period": "2026-07", "observed_on": date(2026, 9, 1), "views": 1}]
    use(make_store(tmp_path, posts=[*new, *of_july, *old]))
    posts = channels.load_posts()
    assert posts[["reactions", "impressions", "views"]].to_numpy().tolist() == [[9, 80, 7]]
    assert posts["observed_on"].tolist() == [pd.Timestamp(2026, 8, 1)]


def test_the_day_of_a_post_that_has_only_a_time(use, tmp_path):
    """A post that falls out of every week because only its time is given."""
    row = post_rows("x:small", [0])[0]
    del row["published_date"]
    store = make_store(tmp_path, posts=[row | {"published_at": "2026-03-01T23:05:00Z"}])
    with open_database(store, read_only=False) as connection:
        connection.execute("UPDATE post_import SET published_date = NULL")
    use(store)
    posts = channels.load_posts()
    assert posts["published_date"].tolist() == [pd.Timestamp(2026, 3, 1)]
    assert posts["published_at"].tolist() == [pd.Timestamp("2026-03-01T23:05", tz="UTC")]


def test_as_of_is_the_last_day_with_data(use, tmp_path):
    """Today's date, or the day of an import, taken for the day that the data end."""
    days = day_rows("x:small", 10, impressions=1)
    use(make_store(tmp_path, days, post_rows("x:other", [3])))
    assert channels.as_of() == date(2026, 1, 14)


def test_as_of_of_an_empty_store(use, tmp_path):
    """An invented day where there is none."""
    use(make_store(tmp_path))
    assert channels.as_of() is None
    assert "empty" in channels.describe_data()


def test_a_post_without_a_day_is_not_called_an_empty_store(use, tmp_path):
    """An import that worked, told as if there had been none."""
    rows = [row | {"published_date": None} for row in post_rows("x:small", [0])]
    use(make_store(tmp_path, posts=rows))
    assert channels.as_of() is None
    assert "empty" not in channels.describe_data()
    assert "no dated post" in channels.describe_data()


def test_loading_lets_go_of_the_store(use, tmp_path):
    """A connection left open in a kernel, which would block every import."""
    store = make_store(tmp_path, day_rows("x:small", 2, impressions=1))
    use(store)
    for load in LOADERS.values():
        load()
    with open_database(store, read_only=False, wait_s=0) as connection:
        connection.execute("SELECT 1")


def test_assumed_channels_are_said_on_every_figure(use, tmp_path):
    """A figure that gives numbers to a channel that nobody confirmed, without saying so."""
    store = make_store(tmp_path, day_rows("linkedin:unnamed", 2, impressions=1))
    with open_database(store, read_only=False) as connection:
        connection.execute("UPDATE channel SET assumed = true")
    use(store)
    assert "1 channel assumed, not confirmed" in channels.source_line()


def test_names_are_no_markup(use, tmp_path, monkeypatch):
    """A channel's name that turns into a link or a tag on the page."""
    use(make_store(tmp_path, day_rows("x:a_b_c", 2, impressions=1)))
    assert r"x:a\_b\_c" in channels.describe_data()


def test_what_is_internal_and_no_figure_stays_in_the_register(use_demo):
    """A mailbox or a note of the internal register on a page; facts that the audit needs lost."""
    found = channels.load_channels()
    assert not {"role_mailbox", "contact_mailbox", "notes"} & set(found.columns)
    lab = found.set_index("channel_id").loc["instagram:invention-lab"]
    assert lab["has_internal"] and not lab["has_plan"]
    assert lab["administrators"] == 1
    assert pd.isna(lab["notified_on"])
    page = found.set_index("channel_id").loc["linkedin:keksila-university"]
    assert page["measures"] == ("er_by_impressions", "followers_net", "clicks")
    assert page["target_answered"]
