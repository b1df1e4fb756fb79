"""The register audit as it is shown: figures, explorers, and what depends on a rule."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from frames import make_channels, make_days, make_posts

from handbook import audit, charts, explorers, organisation, paths, policy
from handbook.book.notebooks import read_notebook
from handbook.cli.policy import policy as command
from handbook.errors import HandbookError

AS_OF = date(2026, 10, 31)
SOURCE = "Made-up data of a test"
UNIVERSITY = organisation.load(paths.DEMO / "organisation.yml")
CHANNELS = make_channels(
    {"channel_id": "x:a", "has_internal": True, "administrators": 1},
    {
        "channel_id": "x:b",
        "status": "active",
        "has_plan": True,
        "plan_starts": date(2026, 5, 1),
        "plan_ends": date(2026, 12, 31),
        "administrators": 2,
    },
    {"channel_id": "x:c", "status": "planned"},
)
POSTS = make_posts(
    *(
        {"channel_id": "x:b", "published_date": AS_OF - timedelta(7 * n), "observed_on": AS_OF}
        for n in range(20)
    )
)
DATA = (CHANNELS, make_days(), POSTS, AS_OF)
FINDINGS = audit.run(*DATA, organisation=UNIVERSITY)
FIGURES = {
    "audit": lambda findings, channels: charts.show_audit(findings, channels, SOURCE),
    "rules": lambda findings, channels: charts.show_rules(audit.totals(findings), SOURCE),
}


def alt_of(text: str) -> str:
    return html.unescape(re.search(r'alt="([^"]*)"', text)[1])


def test_there_is_a_mark_for_each_finding():
    """A finding that is not drawn, or drawn as another verdict."""
    (ax,) = charts.show_audit(FINDINGS, CHANNELS, SOURCE).fig.axes
    drawn = {marks.get_label(): len(marks.get_offsets()) for marks in ax.collections}
    assert drawn == {
        verdict: int((FINDINGS["verdict"] == verdict).sum()) for verdict in audit.VERDICTS
    }
    rows = [text.get_text().partition("\n")[0] for text in ax.get_yticklabels()]
    assert rows == [label[:3] for label in audit.matrix(FINDINGS, CHANNELS)["label"]]
    assert [text.get_text() for text in ax.get_xticklabels()] == list(audit.BY_RULE)


def test_a_mark_stands_where_its_finding_is():
    """Marks in the wrong row or column."""
    (ax,) = charts.show_audit(FINDINGS, CHANNELS, SOURCE).fig.axes
    table = audit.matrix(FINDINGS, CHANNELS)
    for marks in ax.collections:
        for column, row in marks.get_offsets():
            rule = list(audit.BY_RULE)[int(column)]
            assert table[rule][int(row)] == marks.get_label()


def test_bars_of_rules_add_up_to_the_channels():
    """A bar that leaves out those of which it cannot be told."""
    (ax,) = charts.show_rules(audit.totals(FINDINGS), SOURCE).fig.axes
    lengths = dict.fromkeys(range(len(audit.AUDITS)), 0.0)
    for bar in ax.patches:
        lengths[round(bar.get_y() + bar.get_height() / 2)] += bar.get_width()
    assert list(lengths.values()) == audit.totals(FINDINGS)["channels"].tolist()
    assert ax.get_xlim()[0] == 0


@pytest.mark.parametrize("name", FIGURES)
def test_figures_say_finding_and_range(name):
    """A picture without words, or with words that the table does not say."""
    figure = FIGURES[name](FINDINGS, CHANNELS)
    assert figure.source == SOURCE
    counts = FINDINGS["verdict"].value_counts()
    if name == "audit":
        assert figure.alt.startswith(f"{counts['not met']} of {len(FINDINGS)} findings are")
        assert "from x:b (X), 6 departures to x:c (X), no departures" in figure.alt
    else:
        assert f"{counts['met']} × met" in figure.alt
        assert f"{counts['cannot tell']} × cannot tell" in figure.alt
    assert figure.fig.get_size_inches()[0] * 96 == pytest.approx(470)


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_to_draw_is_said(name):
    """An empty figure."""
    none = CHANNELS.iloc[:0]
    found = audit.run(none, make_days(), make_posts(), None, organisation=UNIVERSITY)
    assert FIGURES[name](found, none).alt == "There is no open channel to audit."


def test_many_channels_are_paged():
    """Two hundred rows in one picture; a channel that is on no page."""
    many = make_channels(*({"channel_id": f"x:c{n:02d}"} for n in range(60)))
    found = audit.run(many, make_days(), make_posts(), None, organisation=UNIVERSITY)
    pages = [charts.show_audit(found, many, SOURCE, page=page) for page in (1, 2, 3)]
    labels = [text.get_text() for page in pages for text in page.fig.axes[0].get_yticklabels()]
    assert len(set(labels)) == 60
    assert "Channels 25 to 48 of 60" in pages[1].alt


def test_a_threshold_that_is_tried_changes_figure_table_and_call():
    """A control that is dead, or a figure of another value than chosen."""
    explorer = explorers.ThresholdExplorer(*DATA, organisation=UNIVERSITY, source=SOURCE)
    assert explorer.values() == {"threshold": "plan_months_minimum", "value": 12.0}
    assert "With 12 instead of 6 months" in alt_of(explorer.result.value)
    assert "x:b (X)" in alt_of(explorer.result.value)
    assert explorer.result.value.count('<th scope="row">') == 1
    explorer.controls["value"].value = 6.0
    assert alt_of(explorer.result.value).startswith("As it is: 6 months")
    assert "<table" not in explorer.result.value
    explorer.controls["threshold"].value = "administrators_minimum"
    assert explorer.values()["value"] == 4.0
    assert "value=4" in html.unescape(explorer.reproduce.value)


@pytest.mark.parametrize("threshold", audit.THRESHOLDS)
@pytest.mark.parametrize("value", [1.0, 2.0, 3.0])
def test_the_call_gives_the_same_result(threshold, value):
    """A call beside the controls that draws something else, or fails."""
    explorer = explorers.ThresholdExplorer(*DATA, organisation=UNIVERSITY, source=SOURCE)
    explorer.controls["threshold"].value = threshold
    explorer.controls["value"].value = value
    code = html.unescape(re.search("<code>(.*)</code>", explorer.reproduce.value, re.DOTALL)[1])
    *imports, call = code.strip().split("\n")
    names = dict(zip(("channels", "days", "posts", "last_day"), DATA, strict=True))
    names |= {"organisation": UNIVERSITY, "source": SOURCE}
    exec("\n".join(imports), names)
    assert eval(call, names).to_html() == explorer.result.value


def test_the_bars_of_a_threshold_are_the_curve():
    """Bars of another height than counted, and colours that say another value."""
    curve = audit.threshold_curve(*DATA, "plan_months_minimum", organisation=UNIVERSITY)
    figure = charts.show_threshold(curve, "plan_months_minimum", 12.0, "A title.", SOURCE)
    (ax,) = figure.fig.axes
    assert [bar.get_height() for bar in ax.patches] == curve["departing"].tolist()
    assert f"{curve['departing'].iloc[-1]} channels at 12" in figure.alt


def test_what_depends_on_a_rule_is_shown():
    """A rule whose checklists, notebooks or channels are not found."""
    explorer = explorers.ImpactExplorer(CHANNELS, FINDINGS, source=SOURCE)
    assert explorer.values() == {"rule": "COM-04"}
    shown = html.unescape(explorer.result.value)
    for words in ("start-a-community", "plan_length", "plan_months_minimum", "x:b (X)"):
        assert words in shown
    explorer.controls["rule"].value = "UPR-01"
    assert "Channels," not in explorer.result.value


def test_nothing_to_choose_from():
    """An explorer that dies of an empty register."""
    none = (CHANNELS.iloc[:0], make_days(), make_posts(), None)
    explorer = explorers.ThresholdExplorer(*none, organisation=UNIVERSITY)
    assert "nothing to choose" in explorer.result.value
    found = audit.run(*none, organisation=UNIVERSITY)
    assert "COM-04" in explorers.ImpactExplorer(none[0], found).result.value


@pytest.mark.parametrize("one", audit.AUDITS, ids=lambda one: one.id)
def test_every_audited_rule_has_its_audit_and_the_notebook(one):
    """An impact that forgets the audit of a rule."""
    found = policy.find_impact(one.rule)
    assert found.audits == (one.id,)
    assert found.rule.id == one.rule


@pytest.mark.parametrize("one", audit.AUDITS, ids=lambda one: one.id)
def test_the_notebook_links_each_rule_to_its_checklist(one):
    """A rule without a way to act; a link to another rule's page or checklist."""
    pages = {rule.id: rule.page for rule in policy.load_rules()}
    cells = read_notebook(paths.NOTEBOOKS / "08_register_audit.ipynb").cells
    rows = [line for cell in cells for line in cell.source.splitlines() if line.startswith("| [")]
    (row,) = [line for line in rows if line.startswith(f"| [{one.rule}]")]
    assert f"(../{pages[one.rule]}#{one.rule}) | {one.about} |" in row
    assert f"(../book/checklists/{one.checklist}.md)" in row


def test_a_notebooks_outputs_are_no_citations(tmp_path):
    """A notebook that depends on a rule because its table happened to name it."""
    (tmp_path / "data").mkdir()
    (tmp_path / "notebooks").mkdir()
    text = (paths.DATA / "organisation.yml").read_text(encoding="utf-8")
    (tmp_path / "data" / "organisation.yml").write_text(text, encoding="utf-8")
    cell = '{"cells": [{"source": ["%s"], "outputs": ["%s"]}]}'
    (tmp_path / "notebooks" / "01_cites.ipynb").write_text(cell % ("see COM-04", ""))
    (tmp_path / "notebooks" / "02_shows.ipynb").write_text(cell % ("COM-041", "COM-04"))
    found = policy.find_impact("COM-04", root=tmp_path)
    assert found.notebooks == ("01_cites",)
    assert found.checklists == found.pages == ()


def test_the_command_shows_it(demo_store, monkeypatch):
    """A command that leaves out a part, or shows made-up channels as real ones."""
    monkeypatch.setenv("HANDBOOK_STORE", "")
    done = CliRunner().invoke(command, ["impact", "COM-04"])
    assert done.exit_code == 0, done.output
    assert "audits: plan_length" in done.output
    assert "start-a-community" in done.output
    assert "--store" in done.output
    done = CliRunner().invoke(command, ["impact", "COM-04", "--store", str(demo_store)])
    assert "These channels are made up." in done.output
    assert "x:keksila-research: not met. The plan ended on" in done.output
    done = CliRunner().invoke(command, ["impact", "UPR-01"])
    assert "no audit measures it" in done.output


def test_an_unknown_rule_is_explained():
    """An empty answer that looks as if nothing depended on the rule."""
    with pytest.raises(HandbookError, match="found 'COM-4'. Did you mean COM-04"):
        policy.find_impact("COM-4")
