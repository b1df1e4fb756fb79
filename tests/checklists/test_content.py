"""What the checklists say: each line against the rules, the source's silence and the labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from handbook import organisation, paths
from handbook.policy import load_rules

FOLDER = paths.DATA / "checklists"
WORDS = paths.DATA / "words" / "checklists.en.yml"
IDS = (
    "account-security",
    "before-you-post",
    "channel-review",
    "closing-a-channel",
    "something-went-wrong",
    "start-a-community",
)

BEFORE_YOU_POST = {
    "connected": "PRV-01 PRV-02 PRV-04 PRV-05",
    "credible": "PRV-03 PRV-07",
    "respectful": "PRV-06 REC-02 REC-03",
    "nothing-confidential": "PRV-08 PRV-09",
    "permission": "REC-04 REC-05 REC-06 REC-07",
    "advertising": "REC-10 REC-11",
    "thought-twice": "REC-13 REC-14",
    "stays-online": "REC-12",
    "rights": "REC-08 REC-09",
}
"""The items and what they rest on."""

ALIASES = {"phishing": ["link", "computer", "security"]}
"""Situations with one answer; each has an address of its own, and none may ever change."""

C, S, H = "communications", "information_security", "harassment"

SITUATIONS: dict[str, tuple[str, str, list[str]]] = {
    "uproar": (
        f"{C}! {H}",
        "UPR-01 UPR-02 UPR-03 UPR-04 UPR-05 PRV-05",
        ["what to say", "hours"],
    ),
    "harassed": (
        f"{C}! {H}",
        "UPR-04 UPR-05 REC-15 REC-16 REC-17",
        ["address of the harassment contact persons", "instructions", "confidential"],
    ),
    "threatened": (
        f"emergency! {C}! {H}",
        "UPR-04 UPR-05 REC-15 REC-16",
        ["threats", "police", "doxing"],
    ),
    "someone-else": (C, "CON-01", ["who see it"]),
    "criticism": (C, "REC-01 REC-02 UPR-01 CON-01", ["answer", "hide", "delete"]),
    "confidential": (
        f"{S}! {C} data_protection!",
        "PRV-07 PRV-08 PRV-09 SEC-05 CON-01",
        ["afterwards", "remove", "data protection address"],
    ),
    "wrong-information": (C, "REC-14 UPR-03 UPR-04 CON-01", ["how to correct"]),
    "copyright": (C, "REC-04 REC-05 REC-06 REC-07 CON-01", ["put it right", "lost"]),
    "advertising": (C, "REC-10 REC-11 CON-01", ["put it right"]),
    "phishing": (f"{S}!", "SEC-05", ["telephone", "passwords"]),
    "taken-over": (f"{S}! {C}", "SEC-01 SEC-05 CON-01", ["back"]),
    "work-password": (f"{S}!", "SEC-02 SEC-05", ["change the password"]),
    "aalto-website": (f"{C} administrator", "SEC-06", []),
    "fake-profile": (
        f"{S}! {C}",
        "SEC-01 SEC-05 CON-01",
        ["whole case", "sec-06 covers aalto's websites only"],
    ),
    "locked-out": (C, "CON-01", ["whole case"]),
    "crisis": (C, "CRI-01 CRI-02 CON-01", ["contact for crises", "unit"]),
    "journalist": (C, "CON-01", ["whole case"]),
    "else": (C, "CON-01", []),
}
"""Address to contacts (`!`: at once), rules, and what the source is silent about."""

LISTED_OTHERWISE = {"phishing": {"SEC-01"}, "harassed": {"UPR-03"}, "threatened": {"UPR-03"}}
"""Rules that one line of an answer rests on: our reading, or an uproar besides."""

START_A_COMMUNITY = {
    "existing-would-do": ("choice", "REG-02", ""),
    "exists-already": ("choice", "REG-01", "R"),
    "platform": ("choice", "", "R"),
    "unit": ("text", "", "R"),
    "contact-mailbox": ("email", "", "R"),
    "main-language": ("choice", "NAM-02", "R"),
    "name": ("text", "NAM-01 NAM-02", "R"),
    "handle": ("text", "", ""),
    "url": ("url", "", ""),
    "purpose": ("long", "Q-01", ""),
    "updated-by": ("text", "Q-02", ""),
    "updates": ("rate", "Q-02", ""),
    "enough-resources": ("choice", "Q-02 COM-05", ""),
    "objective": ("long", "Q-03", ""),
    "posts": ("rate", "Q-04", ""),
    "planned-pauses": ("pauses", "", ""),
    "produced-by": ("text", "Q-05", ""),
    "audience": ("text", "Q-06", ""),
    "manner": ("text", "Q-06", ""),
    "terms-of-use": ("long", "Q-07", ""),
    "marketing": ("text", "Q-08", ""),
    "members-target": ("target", "Q-09", ""),
    "how-sought": ("text", "Q-09", ""),
    "measures": ("choices", "Q-10", ""),
    "measures-other": ("text", "Q-10", ""),
    "plan-starts": ("date", "COM-03 COM-04", ""),
    "plan-ends": ("date", "COM-03 COM-04", ""),
    "administrators": ("number", "", ""),
    "work-password-not-used": ("confirm", "SEC-02", ""),
}
"""Field to type, rules (none: practice) and whether the register needs it."""

CHANNEL_REVIEW = {
    "channel-id": "",
    "reviewed-on": "COM-04",
    "reviewed-by": "",
    "plan-held": "COM-04",
    "plan-ends": "COM-04",
    "purpose-served": "Q-01",
    "objective-reached": "Q-03",
    "updates-held": "Q-02",
    "resources-held": "Q-02 COM-05",
    "posts-held": "Q-04",
    "audience-reached": "Q-06",
    "members-reached": "Q-09",
    "usefulness-measured": "Q-10",
    "silent-for-six-months": "",
    "name-holds": "NAM-02",
    "communications-notified": "REG-01",
    "register-right": "",
    "work-password-not-used": "SEC-02",
    "administrators": "",
    "findings": "Q-10",
    "decision": "",
    "changes": "COM-06",
    "merge-into": "",
    "next-review-due": "COM-04",
}
"""Field to rules (none: practice)."""


def load(id: str) -> dict[str, Any]:
    """Return a checklist as it is written, without what the engine makes of it."""
    return yaml.safe_load((FOLDER / f"{id}.yml").read_text(encoding="utf-8"))


def items(id: str) -> dict[str, dict[str, Any]]:
    """Return the items of a checklist by their ids."""
    return {item["id"]: item for section in load(id)["sections"] for item in section["items"]}


def lines(id: str) -> Iterator[dict[str, Any]]:
    """Yield whatever needs a rule or a source: items, statements, advice, outcomes."""
    for item in items(id).values():
        yield item
        yield from statements(item)
        yield from item.get("checks", [])
    yield from load(id)["outcomes"]


def statements(item: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a situation says: what to do, not to do and know."""
    return [line for part in ("first", "do_not", "know") for line in item.get(part, [])]


def texts(value: Any) -> Iterator[str]:
    """Yield every text in it that a reader may see."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in {"id", "rules", "when", "code", "contacts", "to", "kind", "type"}:
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def normalise(text: str) -> str:
    """Return text in one case and one kind of quotation mark."""
    for marks, plain in (("’‘", "'"), ("“”", '"')):
        text = re.sub(f"[{marks}]", plain, text)
    return " ".join(text.casefold().split())


@pytest.fixture(scope="module")
def rules() -> dict[str, str]:
    """The text of each rule by its id."""
    return {rule.id: rule.text for rule in load_rules()}


@pytest.fixture(scope="module")
def said() -> dict[str, list[str]]:
    """Every text of every checklist, and of the words around them."""
    words = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return {**{id: list(texts(load(id))) for id in IDS}, "words": list(texts(words))}


def test_these_are_the_checklists():
    """A checklist that these tests do not look at."""
    assert sorted(path.stem for path in FOLDER.glob("*.yml")) == sorted(IDS)


def test_before_you_post_asks_what_it_should_and_no_more():
    """A point that is gone, new, or rests on other rules than was agreed."""
    found = {id: " ".join(item["rules"]) for id, item in items("before-you-post").items()}
    assert found == BEFORE_YOU_POST
    assert "requested" in items("before-you-post")["permission"]["note"]


@pytest.mark.parametrize("id", ["before-you-post", "account-security", "closing-a-channel"])
def test_a_list_ends_in_looked_at_or_still_open(id):
    """A list that seems to approve, or that leaves whoever is unsure alone."""
    outcomes = load(id)["outcomes"]
    assert [outcome["id"] for outcome in outcomes] == ["looked-at", "still-open"]
    assert "not an approval" in outcomes[0]["text"]
    assert all("communications" in outcome["contacts"] for outcome in outcomes)
    assert all(len(section["items"]) <= 9 for section in load(id)["sections"])


def test_what_went_wrong_is_one_click_from_a_post():
    """Someone who has posted already and looks at the list too late."""
    assert "something-went-wrong" in [link["to"] for link in load("before-you-post")["links"]]


def test_situations_keep_their_addresses():
    """A situation that vanished, or whose address changed, so that links to it break."""
    found = items("something-went-wrong")
    assert list(found) == list(SITUATIONS)
    aliases = {id: [alias["id"] for alias in item.get("aliases", [])] for id, item in found.items()}
    assert {id: ids for id, ids in aliases.items() if ids} == ALIASES


def test_links_to_situations_lead_somewhere():
    """A page that links to a situation that is not there."""
    known = {*SITUATIONS, *(alias for ids in ALIASES.values() for alias in ids)}
    pages = [path.read_text(encoding="utf-8") for path in paths.BOOK.rglob("*.md")]
    linked = {id for page in pages for id in re.findall(r"\(#situation-([\w-]+)\)", page)}
    assert linked
    assert linked <= known


@pytest.mark.parametrize("id", SITUATIONS)
def test_a_situation_says_whom_to_contact_and_how_soon(id):
    """A contact that is missing, invented, in the wrong order, or urgent without a reason."""
    contacts, _, _ = SITUATIONS[id]
    item = items("something-went-wrong")[id]
    found = [row["contact"] + "!" * (row["urgency"] == "now") for row in item["contacts"]]
    assert found == contacts.split()
    urgent = {"emergency": "112", C: "straight away", S: "immediately", "data_protection": "once"}
    do = " ".join(line["text"] for line in item["first"])
    for row in item["contacts"]:
        assert row["urgency"] != "now" or urgent[row["contact"]] in do


@pytest.mark.parametrize("id", SITUATIONS)
def test_a_situation_rests_on_its_rules(id):
    """A rule that an answer forgets, or one that has nothing to do with it."""
    _, rules, _ = SITUATIONS[id]
    item = items("something-went-wrong")[id]
    assert sorted(item["rules"]) == sorted(rules.split())
    cited = {rule for line in statements(item) for rule in line.get("rules", [])}
    assert cited - LISTED_OTHERWISE.get(id, set()) <= set(item["rules"])
    assert LISTED_OTHERWISE.get(id, set()) <= cited


@pytest.mark.parametrize("id", SITUATIONS)
def test_a_situation_says_where_the_source_is_silent(id):
    """A gap that is filled, forgotten or hidden."""
    _, _, gaps = SITUATIONS[id]
    silent = normalise(" ".join(items("something-went-wrong")[id].get("silent", [])))
    assert bool(silent) == bool(gaps)
    assert [gap for gap in gaps if gap not in silent] == []


def test_the_strictest_rule_is_said_first():
    """Someone harassed who reads “you can contact” where the source says “straight away”."""
    for id in ("harassed", "threatened"):
        item = items("something-went-wrong")[id]
        line = next(line for line in item["first"] if "straight away" in line["text"])
        assert line["rules"][0] == "UPR-04" and {"REC-15", "REC-16"} <= set(line["rules"])
        assert "UPR-04 is the strictest" in item["note"]


def test_in_an_uproar_considering_comes_before_correcting():
    """Someone in an uproar who reads “be the first to correct it” alone."""
    line = items("something-went-wrong")["wrong-information"]["first"][0]
    assert line["rules"] == ["REC-14"] and "UPR-03 and UPR-04 come first" in line["note"]


def test_a_prohibition_has_a_rule_behind_it():
    """A prohibition that no rule says, or a ban on deleting, which the source does not have."""
    prohibiting = set()
    for id, item in items("something-went-wrong").items():
        for line in item.get("do_not", []):
            assert line["rules"] == ["UPR-03"]
            assert "before you have considered it" in " ".join(line["text"].split())
            assert "no ban on removing" in line["note"]
            prohibiting.add(id)
        others = [line["text"] for part in ("first", "know") for line in item.get(part, [])]
        assert "do not" not in " ".join(others).casefold()
    assert prohibiting == {"uproar", "harassed", "threatened", "wrong-information"}


def test_nobody_is_told_not_to_delete(said):
    """A ban on deleting, which UPR-03 is not."""
    for id, found in said.items():
        for text in found:
            assert not re.search(r"(?:not|never) (?:delete|remove)(?! old things or)", text), id


def test_the_plan_asks_every_question():
    """A question of the guidelines that the form leaves out, or one that was invented."""
    found = {}
    for id, item in items("start-a-community").items():
        cited = " ".join(rule for rule in item.get("rules", []) if rule not in {"COM-06"})
        found[id] = (item["type"], cited, "R" if item.get("required_for") == "register" else "")
        assert bool(cited) == (item.get("origin", "aalto") == "aalto")
    wanted = {
        id: (kind, set(cited.split()), needed)
        for id, (kind, cited, needed) in START_A_COMMUNITY.items()
    }
    assert list(found) == list(wanted)
    assert {id: (kind, set(c.split()), needed) for id, (kind, c, needed) in found.items()} == wanted
    questions = {rule for _, cited, _ in wanted.values() for rule in cited if rule[0] == "Q"}
    assert questions == {f"Q-{number:02}" for number in range(1, 11)}


@pytest.mark.parametrize("id", IDS)
def test_an_outcome_rests_on_the_rule_that_names_its_contact(id):
    """An outcome that sends people to somebody for no reason that the guidelines give."""
    named = {"communications": "CON-01", "information_security": "SEC-05"}
    for outcome in load(id)["outcomes"]:
        for contact in outcome["contacts"]:
            assert named[contact] in outcome["rules"], outcome["id"]


ADVICE = {
    "share-instead": "CON-01",
    "notify": "REG-01",
    "personal-mailbox": "practice",
    "name-includes": "NAM-02",
    "name-does-not": "NAM-02",
    "name-cannot-tell": "NAM-02",
    "one-role": "practice",
    "no-resources": "COM-05",
    "an-hour-a-day": "practice",
    "horizon-recommended": "COM-04",
    "horizon-minimum": "COM-04",
    "horizon-below": "COM-04",
    "too-few-administrators": "practice",
}


def test_the_plan_advises_where_it_was_agreed():
    """Advice that is missing, or that claims more than its rule or its source."""
    checks = {
        check["code"]: check
        for item in items("start-a-community").values()
        for check in item.get("checks", [])
    }
    for code, behind in ADVICE.items():
        check = checks[code]
        assert behind == check.get("origin") or behind in check["rules"]
    assert set(checks) - set(ADVICE) == {"ask-about-existing"}


def test_names_in_other_languages_are_said_not_to_be_the_sources():
    """A Finnish or Swedish name of the university that reads as if the guidelines gave it."""
    names = organisation.load().names
    assert [name for name, facts in names.items() if facts.origin == "guidelines"] == ["en"]
    assert "in English only" in items("start-a-community")["name"]["note"]


def test_the_plan_says_that_nobody_approves():
    """A plan that people wait to have approved: the source has no such step."""
    outcomes = load("start-a-community")["outcomes"]
    assert all("the source has no approval step" in outcome["text"] for outcome in outcomes)
    opened = next(outcome for outcome in outcomes if outcome["id"] == "opened")
    assert "REG-01" in opened["rules"] and "attach plan.json" in opened["text"]


def test_account_security_asks_each_rule_once_and_labels_the_rest():
    """A security rule that is left out, or practice that reads as the guidelines' own."""
    asked, others = load("account-security")["sections"]
    cited = [rule for item in asked["items"] for rule in item["rules"]]
    assert sorted(rule for rule in cited if rule != "CON-01") == [
        f"SEC-{number:02}" for number in range(1, 7)
    ]
    assert "it is empty" in items("account-security")["other-instructions"]["note"]
    assert {item["origin"] for item in others["items"]} == {"practice"}
    practice = " ".join(item["text"] for item in others["items"])
    for topic in ("Two employees", "Multi-factor", "somebody left", "shared mailbox"):
        assert topic in practice


def test_closing_is_practice_but_for_what_rules_say():
    """Other institutions' ways of closing a channel that read as the guidelines' own."""
    found = items("closing-a-channel")
    ours = {id: item["rules"] for id, item in found.items() if "rules" in item}
    assert ours == {
        "communications": ["CON-01"],
        "stays-online": ["REC-12"],
        "communications-told": ["REG-01", "CON-01"],
    }
    assert "silent" in load("closing-a-channel")["lead"]
    assert "silent" in found["communications-told"]["note"]


def test_the_review_compares_the_plan_with_the_record():
    """A measurable question that the review forgets, or a decision that it does not offer."""
    found = items("channel-review")
    cited = {id: " ".join(item.get("rules", [])) for id, item in found.items()}
    assert cited == CHANNEL_REVIEW
    advice = {
        check["code"]: check.get("origin") or check["rules"][0]
        for item in found.values()
        for check in item.get("checks", [])
    }
    assert advice == {
        "plan-did-not-hold": "COM-06",
        "plan-over": "COM-04",
        "no-resources": "COM-05",
        "dormant": "practice",
        "notify": "REG-01",
        "too-few-administrators": "practice",
        "closing-list": "practice",
        "held-not-changed": "COM-04",
    }
    decisions = [option["value"] for option in found["decision"]["options"]]
    assert decisions == ["keep", "change", "merge", "close"]
    needed = {id for id, item in found.items() if item.get("required_for") == "register"}
    assert needed == {
        "channel-id", "reviewed-on", "reviewed-by", "plan-held", "decision", "merge-into",
    }  # fmt: skip


@pytest.mark.parametrize("id", IDS)
def test_every_line_says_where_it_comes_from(id, rules):
    """A line without a rule or a source, or with a rule that does not exist."""
    for line in lines(id):
        if line.get("origin", "aalto") == "aalto":
            assert line["rules"], line
        else:
            assert line["origin"] in {"practice", "law"} and line["source"], line
        assert set(line.get("rules", [])) <= set(rules), line


@pytest.mark.parametrize("id", IDS)
def test_every_source_stands_in_the_list_of_sources(id):
    """A law or a practice whose source the handbook's own list does not name."""
    page = (paths.BOOK / "about" / "sources.md").read_text(encoding="utf-8")
    named = page.partition("(beyond-the-source)=")[2]
    for line in lines(id):
        if "source" in line and not line["source"].startswith("this handbook's"):
            for name in line["source"].split(", "):
                assert name in named, line["source"]


@pytest.mark.parametrize("id", IDS)
def test_contacts_are_the_organisations(id):
    """A contact that `organisation.yml` does not have."""
    known = {name for name, _ in organisation.load().contacts} | {"administrator"}
    content = load(id)
    named = {contact for outcome in content["outcomes"] for contact in outcome["contacts"]}
    for item in items(id).values():
        named |= {row["contact"] for row in item.get("contacts", [])}
    assert named
    assert named <= known


def test_no_address_stands_in_a_text(said):
    """An address that grows old in a text: they stand in `organisation.yml` only."""
    allowed = {"lab@example.org"}
    for id, found in said.items():
        for text in found:
            assert set(re.findall(r"[\w.]+@[\w.]+\w", text)) <= allowed, id
            assert not re.search(r"https?://\w", text), id


def test_no_statement_is_copied(said, rules):
    """A rule's words copied into a checklist, where they would grow old unseen."""
    for id, found in said.items():
        for text in found:
            for rule, statement in rules.items():
                copied = re.escape(normalise(statement).rstrip(".!?:"))
                assert not re.search(rf"(?<!\w){copied}(?!\w)", normalise(text)), (id, rule)


def test_sentences_are_short(said):
    """A sentence with more than 25 words."""
    for id, found in said.items():
        for text in found:
            for sentence in re.split(r"(?<=[.!?;:])\s", text):
                assert len(sentence.split()) <= 25, (id, sentence)


MADE = (
    "(practice|law)_from|urgency_now|no_administrator_address|pause_(start|end)"
    "|show_(plan|review|answer)|(plan|review|answer)_title|message_(plan|opened)"
)
"""Words whose keys the code puts together."""


def test_every_word_is_said_somewhere():
    """A word that nobody says any more, and that whoever translates the file would translate."""
    package = paths.ROOT / "src" / "handbook" / "checklists"
    sources = [*package.rglob("*.py"), *package.rglob("*.mjs"), *paths.BOOK.glob("_ext/*.py")]
    code = "\n".join(file.read_text(encoding="utf-8") for file in sources)
    said = set(re.findall(r"words\.(\w+)", code)) | set(re.findall(r"[\"'](\w+)[\"']", code))
    words = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    for group in ("all", "confirm", "situations", "form"):
        silent = [key for key in words[group] if key not in said and not re.fullmatch(MADE, key)]
        assert silent == [], group


def test_nothing_is_approved(said):
    """A checklist that seems to give permission."""
    for id, found in said.items():
        assert not re.search(r"\bapproved\b", " ".join(found), re.I), id


def test_our_reading_is_said():
    """An interpretation that reads as if the source had said it."""
    interpreted = {
        "something-went-wrong": ["SEC-01", "SEC-02", "CRI-01"],
        "account-security": ["SEC-02"],
        "start-a-community": ["SEC-02"],
        "channel-review": ["SEC-02", "COM-04"],
        "closing-a-channel": ["REG-01"],
    }
    for id, rules in interpreted.items():
        read = {
            rule
            for line in lines(id)
            if "Our reading" in line.get("note", "")
            for rule in line.get("rules", [])
        }
        assert set(rules) <= read, id


def test_law_and_practice_name_what_they_say():
    """112, saving messages or 72 hours without the label that sets them apart."""
    for item in items("something-went-wrong").values():
        for line in statements(item):
            if re.search(r"\b(112|Save|Report|another device|72 hours|Note when)\b", line["text"]):
                assert line["origin"] in {"practice", "law"}, line
