"""What a notebook asks for: the channels of a store, their days, posts, counts and imports.

Every function reads the store that `$HANDBOOK_STORE` names, else the made-up university's.
It connects read-only, copies out and closes, so that a notebook left open never blocks an import.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from handbook import formats, organisation, paths, register, schema, store
from handbook.demo import demo_store

DTYPES = {
    "string": "string",
    "integer": "Int64",
    "number": "Float64",
    "boolean": "boolean",
    "date": "datetime64[us]",
    "datetime": "datetime64[us, UTC]",
}
"""The pandas type of each type of `handbook.schema`; all of them know missing values."""

REGISTER_COLUMNS = {
    "name": "string",
    "platform": "string",
    "url": "string",
    "unit": "string",
    "language": "string",
    "status": "string",
    "confirmed_on": "date",
}

PLAN_COLUMNS = {
    "plan_starts": "date",
    "plan_ends": "date",
    "posts_per_week": "number",
    "updates_per_week": "number",
    "members_target": "integer",
    "members_target_by": "date",
    "main_language": "string",
    "enough_resources": "string",
    "terms_of_use": "string",
}

INTERNAL_COLUMNS = {"administrators": "integer", "notified_on": "date", "review_due": "date"}

CHANNEL_COLUMNS = {
    "channel_id": "string",
    "label": "string",
    **REGISTER_COLUMNS,
    "registered": "boolean",
    "has_plan": "boolean",
    **PLAN_COLUMNS,
    "target_answered": "boolean",
    "has_internal": "boolean",
    **INTERNAL_COLUMNS,
    "assumed": "boolean",
    "has_data": "boolean",
}
"""The columns of `load_channels()` and their types; those of `TUPLES` come last."""

TUPLES = ("measures", "planned_pauses")


def current_store() -> Path:
    """Return the store that is read: `$HANDBOOK_STORE`, else the made-up university's."""
    return paths.chosen_store() or demo_store()


def load_channels() -> pd.DataFrame:
    """Return the channels of the register, the plans and the store.

    Returns
    -------
    pandas.DataFrame
        A row for each channel, in the order of the register, then by id; a website, which
        analytics tell of, is no channel:

        - `channel_id`; `label`: name and platform, short and unique, for tables and figures.
          A channel without a register row is named by its id, and its label says so.
        - the register's `name`, `platform`, `url`, `unit`, `language`, `status`, `confirmed_on`;
          `registered` says whether it stands there.
        - the plan's `plan_starts`, `plan_ends`, `posts_per_week` (new content, Q-04),
          `updates_per_week` and `enough_resources` (Q-02), `terms_of_use` (Q-07),
          `members_target`, `members_target_by` and `target_answered`, true for “no target”, too
          (Q-09), `main_language`, `measures` (Q-10), a tuple of names, and `planned_pauses`, a
          tuple of (first day, last day); `has_plan`.
        - the internal register's `administrators`, else the plan's, `notified_on` and
          `review_due`; `has_internal` says whether it has a row. Mailboxes and notes stay there.
        - `assumed`: nobody has said yet that the files are this channel's; `has_data`: the store
          holds days or posts of it.
    """
    folder = register.folder_for(current_store())
    rows = {
        entry.channel_id: {name: getattr(entry, name) for name in REGISTER_COLUMNS}
        | {"registered": True}
        for entry in register.load(folder.register)
    }
    plans = {plan.channel_id: plan for plan in register.load_plans(folder.plans)}
    facts = {row.channel_id: row for row in register.load_internal(folder.internal)}
    found = _read(
        f"SELECT channel_id, assumed FROM channel WHERE platform <> '{schema.WEBSITE}' "
        "ORDER BY channel_id"
    )
    held = _read("SELECT channel_id FROM channel_day UNION SELECT channel_id FROM post ORDER BY 1")
    assumed = dict(zip(found["channel_id"], found["assumed"], strict=True))
    for channel_id in [*sorted(plans), *found["channel_id"], *held["channel_id"]]:
        rows.setdefault(
            channel_id,
            {"name": channel_id, "platform": channel_id.partition(":")[0], "registered": False},
        )
    for channel_id, row in rows.items():
        plan = plans.get(channel_id)
        row |= {name: getattr(plan, name, None) for name in PLAN_COLUMNS}
        target = plan.target if plan else None
        own = facts.get(channel_id)
        row |= {name: getattr(own, name, None) for name in INTERNAL_COLUMNS}
        if row["administrators"] is None and plan:
            row["administrators"] = plan.administrators
        row |= {
            "has_internal": own is not None,
            "target_answered": plan is not None and plan.members_target is not None,
            "measures": tuple(filter(None, [*plan.measures, plan.measures_other])) if plan else (),
            "members_target": target.members if target else None,
            "members_target_by": target.by if target else None,
            "channel_id": channel_id,
            "has_plan": plan is not None,
            "planned_pauses": tuple((p.start, p.end) for p in plan.planned_pauses) if plan else (),
            "assumed": bool(assumed.get(channel_id, False)),
            "has_data": channel_id in set(held["channel_id"]),
            "label": _label(row, channel_id),
        }
    channels = pd.DataFrame(list(rows.values()), columns=[*CHANNEL_COLUMNS, *TUPLES])
    same = channels["label"].duplicated(keep=False)
    channels.loc[same, "label"] = channels["channel_id"] + " " + channels["label"]
    return _typed(channels, CHANNEL_COLUMNS)


def load_days() -> pd.DataFrame:
    """Return the days of all channels: the table `channel_day` of the data dictionary.

    Returns
    -------
    pandas.DataFrame
        A row for each channel and day on which the data say anything, by channel and day:
        `channel_id`, `date` (the platform's reporting day), `day_tz` and the measures, which are
        nullable whole numbers. A missing value is missing, never 0.
    """
    columns = {f.name: f.type for f in schema.CHANNEL_DAY.fields}
    return _read_table("channel_day", columns, "channel_id, date")


def load_posts() -> pd.DataFrame:
    """Return the posts of all channels with the newest that is known of their numbers.

    Returns
    -------
    pandas.DataFrame
        A row for each post, by channel, day and id: the table `post` joined with the snapshots
        of its lifetime, of which each measure is the newest that isn't missing; `observed_on` is
        the day of the newest. `published_at` is in UTC and missing where only the day is known;
        `published_date` is the platform's day, else the day of `published_at`.
    """
    fields = [*schema.POST.fields, schema.POST_SNAPSHOT["observed_on"], *schema.POST_MEASURES]
    columns = {f.name: f.type for f in fields}
    names = ", ".join(f"latest.{f.name}" for f in (schema.POST_SNAPSHOT["observed_on"],
                                                   *schema.POST_MEASURES))  # fmt: skip
    posts = _read(
        f"""SELECT post.* REPLACE (coalesce(published_date, published_at::DATE) AS published_date),
                   {names}
            FROM post LEFT JOIN post_latest AS latest USING (channel_id, post_id)
            ORDER BY channel_id, published_date, post_id""",
    )
    return _typed(posts[list(columns)], columns)


def load_snapshots() -> pd.DataFrame:
    """Return what posts had gathered when they were observed: the table `post_snapshot`.

    Returns
    -------
    pandas.DataFrame
        A row for each post, day of export and period, by channel, post and day: the measures of
        `load_posts`, not only the newest ones.
    """
    columns = {f.name: f.type for f in schema.POST_SNAPSHOT.fields}
    return _read_table("post_snapshot", columns, "channel_id, post_id, observed_on, period")


def load_counts() -> pd.DataFrame:
    """Return the counts within the day: the table `count_series` of the data dictionary.

    Returns
    -------
    pandas.DataFrame
        `series_id`, `channel_id` (missing for a wider count), `at_utc` (start of the interval),
        `step_s` (its length in seconds), `count`, by series and time.
    """
    columns = {f.name: f.type for f in schema.COUNT_SERIES.fields}
    return _read_table("count_series", columns, "series_id, at_utc")


def load_imports() -> pd.DataFrame:
    """Return the imports that count: the table `import_log`, without those taken back.

    Returns
    -------
    pandas.DataFrame
        A row for each imported file, by the day of its export and its name.
        `imported_at` is left out: it says when somebody typed a command, not what the data are.
    """
    columns = {
        f.name: f.type
        for f in schema.IMPORT_LOG.fields
        if f.name not in ("imported_at", "undone_at")
    }
    return _read_table("import_log", columns, "exported_at, file_name, sha256", "undone_at IS NULL")


def load_incidents() -> pd.DataFrame:
    """Return the acknowledged incidents: the file `incidents.csv` beside the store.

    Returns
    -------
    pandas.DataFrame
        `channel_id`, `start`, `end` (in UTC, both included) and `note`, by start.
    """
    columns = {"channel_id": "string", "start": "datetime", "end": "datetime", "note": "string"}
    found = register.load_incidents(register.folder_for(current_store()).incidents)
    rows = [[getattr(one, name) for name in columns] for one in found]
    return _typed(pd.DataFrame(rows, columns=list(columns)), columns)


def load_organisation() -> organisation.Organisation:
    """Return the names, contacts and thresholds that belong to the store."""
    return organisation.load(register.folder_for(current_store()).organisation)


def is_made_up() -> bool:
    """Return whether the store holds the made-up university's data."""
    with store.open_store(current_store()) as connection:
        return store.is_made_up(connection)


def as_of() -> date | None:
    """Return the last day that the store has data of; None for an empty store.

    Everything relative (dormant, the last 12 weeks, the plan in force) is counted from this day
    and not from today, so that the same data always give the same answer.
    """
    last = _read(
        """SELECT max(day) AS day FROM (
             SELECT max(date) AS day FROM channel_day
             UNION ALL SELECT max(coalesce(published_date, published_at::DATE)) FROM post)""",
    )["day"][0]
    return None if pd.isna(last) else pd.Timestamp(last).date()


def source_line() -> str:
    """Return where figures come from: whose data, from which imports, through which day.

    A store of your own is named by its file; channels that are only assumed are counted.
    """
    imports, channels = load_imports(), load_channels()
    if is_made_up():
        parts = [f"{load_organisation().name}, made-up data"]
    else:
        parts = [f"Store {current_store().name}"]
    parts.append(formats.number_of(len(imports), "import"))
    if imports["exported_at"].notna().any():
        parts[-1] += f", the newest exported {formats.day(imports['exported_at'].max())}"
    if last := as_of():
        parts.append(f"through {formats.day(last)}")
    if assumed := int((channels["assumed"] & channels["has_data"]).sum()):
        parts.append(f"{formats.number_of(assumed, 'channel')} assumed, not confirmed")
    return " · ".join(parts)


def describe_data() -> str:
    """Return what the store holds, in Markdown sentences for the top of a notebook.

    Says first whether the numbers are made up, then of which channels, days and imports they
    are, and which channels are assumed or not in the register.
    """
    channels, last = load_channels(), as_of()
    held = channels[channels["has_data"]]
    lines = []
    if is_made_up():
        lines.append(
            f"**These numbers are made up.** {formats.markdown(load_organisation().name)} "
            "does not exist: the notebook shows what it would show of your channels."
        )
    if last is None:
        lines.append(
            "The store holds no day and no dated post, so there is nothing to show."
            if len(load_imports())
            else "The store is empty: no channel has data yet. "
            "Import an export, then run this again."
        )
        return "\n\n".join(lines)
    days = _read("SELECT count(*) AS n, min(date) AS first FROM channel_day")
    posts = _read("SELECT count(*) AS n FROM post")
    first = f" from {formats.day(pd.Timestamp(days['first'][0]))} on" if days["n"][0] else ""
    platforms = sorted({schema.PLATFORMS.get(p, p) for p in held["platform"]})
    lines.append(
        f"The store holds {formats.number_of(len(held), 'channel')} "
        f"({formats.names(platforms, limit=8)}) with "
        f"{formats.number_of(int(days['n'][0]), 'day', 'days')} of data{first} and "
        f"{formats.number_of(int(posts['n'][0]), 'post')}, "
        f"from {formats.number_of(len(load_imports()), 'import')}. "
        f"Its last day is **{formats.day(last)}**: “now” means that day below."
    )
    for flag, text in (
        (held["assumed"], "Assumed, because no file names its channel (confirm with "
                          "`handbook channel assign`)"),
        (~held["registered"], "Named by the id, because the register has no row for it"),
    ):  # fmt: skip
        if flag.any():
            names = formats.names(list(held.loc[flag, "name"]))
            lines.append(f"{text}: {formats.markdown(names)}.")
    return "\n\n".join(lines)


def _label(row: dict, channel_id: str) -> str:
    if not row["registered"]:
        return f"{channel_id} (not in the register)"
    return f"{row['name']} ({register.PLATFORMS.get(row['platform'], row['platform'])})"


def _read_table(
    table: str, columns: dict[str, str], order: str, where: str = "true"
) -> pd.DataFrame:
    names = ", ".join(columns)
    found = _read(f"SELECT {names} FROM {table} WHERE {where} ORDER BY {order}")
    return _typed(found, columns)


def _read(query: str) -> pd.DataFrame:
    with store.open_store(current_store()) as connection:
        return connection.execute(query).df()


def _typed(frame: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """Return the frame with nullable types, and times in UTC."""
    frame = frame.copy()
    for name, kind in columns.items():
        values = frame[name]
        if kind in ("date", "datetime"):
            values = pd.to_datetime(values, utc=kind == "datetime")
        frame[name] = values.astype(DTYPES[kind])
    return frame.reset_index(drop=True)
