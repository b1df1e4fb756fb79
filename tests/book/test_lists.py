"""The lists that the build makes from data: the channel directory and the dictionaries."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document

from handbook import metrics, paths, schema
from handbook.errors import HandbookError

HEADER = "channel_id,name,platform,url,unit,language,status,confirmed_on"


@pytest.fixture(scope="module")
def pages():
    """The Sphinx extension as a module."""
    file = paths.BOOK / "_ext" / "handbook_pages.py"
    spec = importlib.util.spec_from_file_location("handbook_pages", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_directive(kind):
    """Return a directive as it stands on a page of its own."""
    directive = kind.__new__(kind)
    document = new_document("page.md")
    document.settings.env = SimpleNamespace(note_dependency=lambda file: None)
    directive.state = SimpleNamespace(document=document)
    return directive


@pytest.fixture
def list_channels(pages, monkeypatch, tmp_path):
    """Return a function from rows of a register to what the directory shows of them."""

    def list_rows(*rows: str):
        path = tmp_path / "register.csv"
        path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
        monkeypatch.setenv("HANDBOOK_REGISTER", str(path))
        return make_directive(pages.ChannelDirectory).run()

    return list_rows


def text_of(nodes) -> str:
    """Return the text of nodes, on one line."""
    return " ".join(" ".join(node.astext().split()) for node in nodes)


def test_a_channel_is_shown_with_its_link_its_status_and_whether_it_is_confirmed(list_channels):
    """A channel that looks confirmed and is not, or a link that is lost."""
    nodes = list_channels(
        "x:one,One,x,https://one.example/,Lab,fi,active,2026-03-01",
        "youtube:two,Two,youtube,,,,planned,",
    )
    text = text_of(nodes)
    assert "One X Lab Finnish active 2026-03-01" in text
    assert "Two YouTube – – planned unconfirmed" in text
    assert 'refuri="https://one.example/"' in str(nodes[0])
    assert "Closed" not in text


def test_a_register_without_channels_says_so(list_channels):
    """An empty table, or a page that seems unfinished."""
    assert "No channel has been confirmed here yet" in text_of(list_channels())


def test_closed_channels_stand_apart_and_stay(list_channels):
    """A closed channel among the open ones, or one that has disappeared."""
    nodes = list_channels(
        "x:gone,Gone,x,,Lab,fi,closed,2026-03-01", "x:here,Here,x,,Lab,fi,active,2026-03-01"
    )
    before, _, after = text_of(nodes).partition("Closed channels:")
    assert "Here" in before and "Gone" not in before
    assert "Gone" in after and "Here" not in after


@pytest.mark.parametrize(
    "row",
    [
        "linkedin:keksila-university,Club,linkedin,,,,active,",
        "x:club,Keksilän yliopiston kerho,x,,,,active,",
        "x:club,Club,x,https://x.example/keksila_university,,,active,",
    ],
)
def test_the_made_up_university_never_stands_in_the_directory(list_channels, row):
    """A channel that does not exist, among those of the university."""
    with pytest.raises(HandbookError, match="made-up university"):
        list_channels(row)


def test_a_channel_of_another_platform_is_shown(list_channels):
    """A platform that the handbook has no importer for, or a crash instead of it."""
    text = text_of(list_channels("other:club,Club,other,https://one.example/,Lab,de,paused,"))
    assert "Club Other platform Lab de paused unconfirmed" in text


def test_a_wrong_register_stops_the_build(list_channels):
    """A directory that shows what nobody could have meant."""
    with pytest.raises(HandbookError, match="register.csv"):
        list_channels("x:one,One,x,,Lab,fi,thriving,")


def test_the_data_dictionary_has_every_column_of_every_table(pages):
    """A column that analysts meet and nobody explains."""
    sections = make_directive(pages.DataDictionary).run()
    assert [section["ids"][0] for section in sections] == [
        f"table-{table.name.replace('_', '-')}" for table in schema.TABLES
    ]
    for section, table in zip(sections, schema.TABLES, strict=True):
        text = text_of([section])
        for field in table.fields:
            assert field.name in text and field.description in text


def test_the_metric_dictionary_has_every_metric_with_its_caveats(pages):
    """A number without its definition, or a definition without its limits."""
    sections = make_directive(pages.MetricDictionary).run()
    ids = [section["ids"][0] for section in sections]
    assert len(ids) == len(set(ids)) == len(metrics.METRICS)
    for section, metric in zip(sections, metrics.METRICS, strict=True):
        text = text_of([section])
        for part in (metric.title, metric.name, metric.unit, *metric.caveats, *metric.conflicts):
            assert " ".join(part.split()) in text


def test_statistics_show_how_they_were_measured_and_what_was_missed(pages, monkeypatch, tmp_path):
    """A missed goal that is not told, or a value without the way it was measured."""
    monkeypatch.setattr(paths, "DATA", tmp_path)
    (tmp_path / "statistics").mkdir()
    text = (
        "# Ten were eaten, 0.5 each.\n# None was left\n#\n# in the box.\n"
        "what,value,low,high,goal,met\n"
        "Taste,0.9,0.8,0.95,at least 0.8,true\nCrumbs,3,,,at most 2,false\nWeight,7,,,,\n"
    )
    (tmp_path / "statistics" / "taste.csv").write_text(text, encoding="utf-8")
    directive = make_directive(pages.Statistics)
    directive.arguments = ["taste"]
    how, table = directive.run()
    sentences = [item.astext() for item in how.children]
    assert sentences == ["Ten were eaten, 0.5 each.", "None was left in the box."]
    head, *rows = [[entry.astext() for entry in row.children] for row in table.findall(nodes.row)]
    assert head == ["What", "Value", "95% interval", "Goal", "Met"]
    assert rows == [
        ["Taste", "0.9", "0.8 to 0.95", "at least 0.8", "yes"],
        ["Crumbs", "3", "", "at most 2", "no"],
        ["Weight", "7", "", "", ""],
    ]


def test_statistics_that_were_not_measured_stop_the_build(pages, monkeypatch, tmp_path):
    """A page without its table, or a traceback."""
    monkeypatch.setattr(paths, "DATA", tmp_path)
    directive = make_directive(pages.Statistics)
    directive.arguments = ["taste"]
    with pytest.raises(HandbookError, match=r"taste\.csv: not there\. Measure it: make bench"):
        directive.run()
