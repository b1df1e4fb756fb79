"""What is made up by hand: the university, its channels, what they promised, what they post about.

Nobody bears these names and every link ends in `.example`, which is reserved for examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

START, END = date(2024, 11, 1), date(2026, 10, 31)
LABEL = "Made-up data of a made-up university (Keksilä University)."

EXPORTS = ((START, date(2025, 10, 31)), (date(2025, 5, 1), date(2026, 4, 30)),
           (date(2025, 11, 1), END))  # fmt: skip
"""First and last day of each LinkedIn download: LinkedIn shows twelve rolling months."""

YEARS = ((START, date(2025, 10, 31)), (date(2025, 11, 1), END))
"""First and last day of each download of days from the other platforms."""

POSTS_OBSERVED = ((START, date(2025, 10, 31)), (date(2025, 5, 1), END))
"""For each of their lists of posts: the first day it holds, and the day of the download."""

WATCHED = ("instagram:keksilauniversity", date(2026, 9, 1))
"""Whose posts of the last two weeks are downloaded each Monday and Thursday, and since when."""

UPROAR = date(2026, 2, 10)
"""The day of the post about the square cups."""

PRIZE = date(2026, 1, 28)
"""The day of good news: much attention, nobody angry."""

COUNTS = (date(2025, 12, 15), date(2026, 3, 15))
"""First and last day of the counts by the hour."""


@dataclass(frozen=True)
class Campaign:
    """Paid days: `boost` multiplies the new followers."""

    name: str
    start: date
    end: date
    boost: float


@dataclass(frozen=True)
class Channel:
    """A channel as it behaves; what it promised stands in `plan`.

    `reach` is the usual number of displays of a post per follower, `growth` the share of new
    followers a week, `posts` the usual number of posts a week.
    """

    channel_id: str
    name: str
    unit: str
    language: str
    followers: int
    growth: float
    posts: float
    reach: float
    plan: dict | None = None
    status: str = "active"
    confirmed_on: date | None = date(2026, 2, 2)
    mailbox: str = "communications@keksila.example"
    administrators: int = 2
    notified_on: date | None = date(2023, 9, 1)
    review_due: date | None = date(2027, 2, 1)
    notes: str = ""
    opened: date = START
    last_post: date = END
    closed: date = END
    admissions: bool = False
    counts_followers: str = "daily"
    campaigns: tuple[Campaign, ...] = ()
    missing: tuple[tuple[date, date], ...] = ()
    pauses: tuple[tuple[date, date], ...] = ()

    @property
    def platform(self) -> str:
        return self.channel_id.partition(":")[0]

    @property
    def slug(self) -> str:
        return self.channel_id.partition(":")[2]

    @property
    def handle(self) -> str:
        """The channel's name on the platform; X and Instagram allow no hyphens."""
        return self.slug.replace("-", "_") if self.platform in ("x", "instagram") else self.slug

    @property
    def shown(self) -> str:
        """What the platform calls a display."""
        return "impressions" if self.platform in ("linkedin", "x") else "views"

    @property
    def url(self) -> str:
        return PROFILE[self.platform].format(self.handle)

    @property
    def plan_file(self) -> str:
        return f"{self.platform}-{self.slug}.json" if self.plan else ""

    def campaign_on(self, day: date) -> Campaign | None:
        """Return the campaign that runs on this day."""
        return next((c for c in self.campaigns if c.start <= day <= c.end), None)


PROFILE = {
    "linkedin": "https://www.linkedin.example/school/{}",
    "facebook": "https://www.facebook.example/{}",
    "instagram": "https://www.instagram.example/{}",
    "x": "https://x.example/{}",
    "youtube": "https://www.youtube.example/@{}",
    "tiktok": "https://www.tiktok.example/@{}",
    "bluesky": "https://bluesky.example/profile/{}",
}


def weekly(number: float) -> dict:
    """Return a rate as plans hold it."""
    return {"number": number, "per": "week"}


YEAR_2026 = {"plan_starts": "2026-01-01", "plan_ends": "2026-12-31"}
ACADEMIC_YEAR = {"plan_starts": "2026-08-01", "plan_ends": "2027-07-31"}
SUMMER = {"start": "2026-06-22", "end": "2026-08-02"}
CHRISTMAS = {"start": "2026-12-21", "end": "2027-01-06"}

CHANNELS = (
    Channel(
        "linkedin:keksila-university",
        "Keksilä University",
        "Communications",
        "en",
        followers=24_300,
        growth=0.0035,
        posts=4.6,
        reach=0.16,
        administrators=4,
        campaigns=(
            Campaign("Open doors 2025", date(2025, 2, 24), date(2025, 3, 16), 2.2),
            Campaign("Open doors 2026", date(2026, 2, 23), date(2026, 3, 15), 2.6),
        ),
        plan={
            **YEAR_2026,
            "purpose": "Tell partners and future staff what the university makes up.",
            "updated_by": "Two communications specialists, one editor",
            "updates": weekly(10),
            "enough_resources": "yes",
            "objective": "More applicants to open positions name this channel.",
            "posts": weekly(5),
            "planned_pauses": [{"start": "2026-07-01", "end": "2026-07-31"}],
            "produced_by": "Communications, with the schools",
            "audience": "Researchers, partners, future staff",
            "manner": "Plain, factual, curious",
            "terms_of_use": "https://keksila.example/terms",
            "marketing": "Links on the website and in signatures",
            "members_target": {"members": 37_000, "by": "2026-12-31"},
            "how_sought": "Campaign in the spring, posts by the schools",
            "measures": ["er_by_impressions", "followers_net", "clicks"],
            "administrators": 4,
        },
    ),
    Channel(
        "linkedin:keksila-school-of-engineering",
        "Keksilä University Improbable Engineering",
        "School of Improbable Engineering",
        "en",
        followers=3_150,
        growth=0.006,
        posts=4.7,
        reach=0.34,
        mailbox="engineering@keksila.example",
        administrators=3,
        plan={
            **ACADEMIC_YEAR,
            "purpose": "Show the work of the school to its field.",
            "updated_by": "Communications specialist of the school",
            "updates": weekly(4),
            "enough_resources": "yes",
            "objective": "Researchers outside the university answer our posts.",
            "posts": weekly(2),
            "produced_by": "Research groups, edited by the specialist",
            "audience": "Engineers, doctoral researchers",
            "manner": "Factual, with pictures of models",
            "members_target": {"members": 6_500, "by": "2027-07-31"},
            "how_sought": "Talks end with the address",
            "measures": ["er_by_impressions", "posts_per_week"],
            "administrators": 3,
        },
    ),
    Channel(
        "linkedin:keksilan-yliopiston-alumnit",
        "Keksilän yliopiston alumnit",
        "Alumni relations",
        "fi",
        followers=1_480,
        growth=0.002,
        posts=0.9,
        reach=0.4,
        mailbox="alumnit@keksila.example",
        administrators=1,
        confirmed_on=date(2025, 3, 3),
        review_due=date(2026, 3, 1),
        notes="One administrator left; a second one is sought.",
        plan={
            **YEAR_2026,
            "purpose": "Pitää valmistuneet yhteydessä toisiinsa.",
            "updated_by": "Alumnisuhteiden koordinaattori",
            "updates": weekly(2),
            "enough_resources": "not sure",
            "objective": "Alumnit ilmoittautuvat mentoreiksi kanavan kautta.",
            "posts": weekly(4),
            "produced_by": "Koordinaattori ja harjoittelija",
            "audience": "Valmistuneet, mentorit",
            "measures": ["er_by_impressions", "followers_net"],
            "administrators": 1,
        },
    ),
    Channel(
        "facebook:keksilan-yliopisto",
        "Keksilän yliopisto",
        "Communications",
        "fi",
        followers=31_800,
        growth=0.0007,
        posts=4.2,
        reach=0.12,
        administrators=4,
        missing=((date(2025, 8, 11), date(2025, 8, 17)),),
        plan={
            **YEAR_2026,
            "purpose": "Kertoa kaupunkilaisille, mitä yliopistossa keksitään.",
            "updated_by": "Viestinnän asiantuntija, kesällä harjoittelija",
            "updates": weekly(14),
            "enough_resources": "yes",
            "objective": "Kysymyksiin vastataan kanavassa, ei puhelimessa.",
            "posts": weekly(4),
            "planned_pauses": [{"start": "2026-07-01", "end": "2026-07-31"}],
            "produced_by": "Viestintä",
            "audience": "Kaupunkilaiset, opiskelijoiden läheiset",
            "manner": "Selkokielinen, ystävällinen",
            "terms_of_use": "https://keksila.example/ehdot",
            "marketing": "Linkki verkkosivuilla",
            "members_target": {"members": 36_000, "by": "2026-12-31"},
            "how_sought": "Avoimien ovien päivä",
            "measures": ["er_by_reach", "comments"],
            "administrators": 4,
        },
    ),
    Channel(
        "facebook:keksila-universitets-bibliotek",
        "Keksilä universitets bibliotek",
        "Library",
        "sv",
        followers=2_240,
        growth=0.001,
        posts=2.1,
        reach=0.3,
        mailbox="bibliotek@keksila.example",
        pauses=(
            (date(2025, 6, 23), date(2025, 8, 3)),
            (date(2025, 12, 22), date(2026, 1, 6)),
            (date(2026, 6, 22), date(2026, 8, 2)),
        ),
        plan={
            "plan_starts": "2026-02-01",
            "plan_ends": "2027-01-31",
            "purpose": "Berätta om påhittade böcker och verkliga öppettider.",
            "updated_by": "Två bibliotekarier",
            "updates": weekly(3),
            "enough_resources": "yes",
            "objective": "Fler besökare hittar kvällsöppet.",
            "posts": weekly(2),
            "planned_pauses": [SUMMER, CHRISTMAS],
            "produced_by": "Bibliotekarierna",
            "audience": "Svenskspråkiga studerande",
            "manner": "Kort och vänligt",
            "measures": ["er_by_reach", "link_clicks"],
            "administrators": 2,
        },
    ),
    Channel(
        "facebook:rakentamattomat-koneet",
        "Rakentamattomien koneiden museo",
        "Museum of Unbuilt Machines",
        "fi",
        followers=5_400,
        growth=0.0012,
        posts=2.4,
        reach=0.2,
        status="paused",
        mailbox="museo@keksila.example",
        last_post=date(2026, 9, 11),
        notes="Paused while the museum moves.",
        plan={
            **YEAR_2026,
            "purpose": "Kertoa koneista, joita ei ole rakennettu.",
            "updated_by": "Museolehtori",
            "updates": weekly(3),
            "enough_resources": "no",
            "objective": "Koululuokat varaavat opastuksia.",
            "posts": weekly(2.5),
            "produced_by": "Museolehtori ja opastajat",
            "audience": "Koululuokat, perheet",
            "measures": ["er_by_reach", "shares"],
            "administrators": 2,
        },
    ),
    Channel(
        "instagram:keksilauniversity",
        "Keksilä University",
        "Communications",
        "en",
        followers=18_900,
        growth=0.003,
        posts=5.6,
        reach=0.42,
        administrators=3,
        missing=(
            (date(2025, 4, 18), date(2025, 4, 21)),
            (date(2026, 5, 28), date(2026, 5, 28)),
        ),
        campaigns=(Campaign("New students 2026", date(2026, 8, 24), date(2026, 9, 20), 1.8),),
        plan={
            **ACADEMIC_YEAR,
            "purpose": "Show what a day at the university is like.",
            "updated_by": "Communications specialist and two students",
            "updates": weekly(14),
            "enough_resources": "yes",
            "objective": "New students find their first friends here.",
            "posts": weekly(6),
            "planned_pauses": [CHRISTMAS],
            "produced_by": "Students, edited by Communications",
            "audience": "Students and those who think of becoming one",
            "manner": "Warm, short, in the first person plural",
            "members_target": {"members": 30_000, "by": "2027-07-31"},
            "how_sought": "Welcome week",
            "measures": ["er_by_reach", "saves", "followers_net"],
            "administrators": 3,
        },
    ),
    Channel(
        "instagram:opiskele-keksilassa",
        "Opiskele Keksilän yliopistossa",
        "Admissions services",
        "fi",
        followers=6_200,
        growth=0.004,
        posts=3.6,
        reach=0.5,
        admissions=True,
        mailbox="hakijapalvelut@keksila.example",
        campaigns=(
            Campaign("Yhteishaku 2025", date(2025, 3, 3), date(2025, 3, 27), 3.0),
            Campaign("Yhteishaku 2026", date(2026, 3, 2), date(2026, 3, 26), 3.4),
        ),
        plan={
            "plan_starts": "2026-05-01",
            "plan_ends": "2026-12-31",
            "purpose": "Vastata hakijoiden kysymyksiin ajoissa.",
            "updated_by": "Hakijapalvelujen suunnittelija",
            "updates": weekly(7),
            "enough_resources": "yes",
            "objective": "Hakijat löytävät määräajat ilman puhelua.",
            "posts": weekly(3),
            "produced_by": "Hakijapalvelut ja opiskelijatuutorit",
            "audience": "Hakijat ja heidän läheisensä",
            "manner": "Selkeä, rohkaiseva",
            "measures": ["er_by_reach", "saves", "profile_visits"],
            "administrators": 2,
        },
    ),
    Channel(
        "instagram:invention-lab",
        "Keksilä University Invention Lab",
        "Invention Lab",
        "en",
        followers=2_700,
        growth=0.005,
        posts=2.2,
        reach=0.55,
        confirmed_on=None,
        mailbox="lab@keksila.example",
        notified_on=None,
        review_due=None,
        administrators=1,
        counts_followers="mondays",
        notes="No plan yet; found when the register was checked.",
    ),
    Channel(
        "x:keksila-university",
        "Keksilä University",
        "Communications",
        "en",
        followers=15_600,
        growth=-0.002,
        posts=6.5,
        reach=0.11,
        status="closed",
        confirmed_on=date(2026, 1, 7),
        review_due=None,
        last_post=date(2025, 12, 15),
        closed=date(2025, 12, 31),
        notes="Closed on 2025-12-31; the name is kept so that nobody else takes it.",
        plan={
            "plan_starts": "2025-01-01",
            "plan_ends": "2025-12-31",
            "purpose": "Short news for the press.",
            "updated_by": "Communications on duty",
            "updates": weekly(20),
            "enough_resources": "no",
            "objective": "Close the channel without losing a question.",
            "posts": weekly(7),
            "produced_by": "Communications",
            "audience": "Press, researchers",
            "measures": ["er_by_impressions", "link_clicks"],
            "administrators": 2,
        },
    ),
    Channel(
        "x:keksila-research",
        "Keksilä University Research",
        "Research services",
        "en",
        followers=4_100,
        growth=-0.0005,
        posts=2.6,
        reach=0.13,
        last_post=date(2026, 3, 5),
        mailbox="research@keksila.example",
        review_due=date(2026, 6, 1),
        plan={
            "plan_starts": "2025-09-01",
            "plan_ends": "2026-08-31",
            "purpose": "New publications, one post each.",
            "updated_by": "Research services coordinator",
            "updates": weekly(3),
            "enough_resources": "not sure",
            "objective": "Publications are read outside the university.",
            "posts": weekly(3),
            "audience": "Researchers",
            "measures": ["er_by_impressions", "link_clicks"],
            "administrators": 2,
        },
    ),
    Channel(
        "youtube:keksila-university",
        "Keksilä University",
        "Communications",
        "en",
        followers=5_900,
        growth=0.0025,
        posts=1.1,
        reach=0.35,
        plan={
            **YEAR_2026,
            "purpose": "Films that can be shown in a classroom.",
            "updated_by": "Video producer",
            "updates": weekly(2),
            "enough_resources": "yes",
            "objective": "Teachers use the films.",
            "posts": weekly(1),
            "produced_by": "Video producer and research groups",
            "audience": "Teachers, schoolchildren",
            "manner": "Captioned, under six minutes",
            "members_target": {"members": 9_000, "by": "2026-12-31"},
            "how_sought": "Letters to schools",
            "measures": ["watch_time_s", "views"],
            "administrators": 2,
        },
    ),
    Channel(
        "youtube:keksila-forelasningar",
        "Keksilä universitet – föreläsningar",
        "Nordic Centre",
        "sv",
        followers=900,
        growth=0.002,
        posts=0.8,
        reach=0.6,
        mailbox="nordic@keksila.example",
        counts_followers="never",
        plan={
            "plan_starts": "2026-09-01",
            "plan_ends": "2026-12-15",
            "purpose": "Öppna föreläsningar för dem som inte kan komma.",
            "updated_by": "Kursassistent",
            "updates": weekly(1),
            "enough_resources": "yes",
            "objective": "Alla höstens föreläsningar finns textade.",
            "posts": weekly(1),
            "produced_by": "Lärarna",
            "audience": "Öppna universitetets studerande",
            "measures": ["watch_time_s"],
            "administrators": 2,
        },
    ),
    Channel(
        "tiktok:keksilanyliopisto",
        "Keksilän yliopisto",
        "Communications",
        "fi",
        followers=40,
        growth=0.055,
        posts=3.2,
        reach=2.2,
        opened=date(2025, 9, 1),
        administrators=1,
        notified_on=date(2025, 9, 1),
        campaigns=(Campaign("Uudet opiskelijat 2026", date(2026, 8, 24), date(2026, 9, 13), 2.4),),
        plan={
            **ACADEMIC_YEAR,
            "purpose": "Tavata nuoret siellä, missä he ovat.",
            "updated_by": "Kaksi opiskelijaa ja viestinnän asiantuntija",
            "updates": weekly(5),
            "enough_resources": "not sure",
            "objective": "Lukiolaiset tunnistavat yliopiston nimen.",
            "posts": weekly(3),
            "planned_pauses": [CHRISTMAS],
            "produced_by": "Opiskelijat",
            "audience": "Lukiolaiset",
            "measures": ["views", "shares"],
            "administrators": 1,
        },
    ),
)

PLANNED = Channel(
    "bluesky:keksila-university",
    "Keksilä University",
    "Communications",
    "en",
    followers=0,
    growth=0,
    posts=0,
    reach=0,
    status="planned",
    confirmed_on=None,
    notified_on=None,
    review_due=None,
    notes="Planned for 2027; no data yet.",
    plan={
        "plan_starts": "2027-01-01",
        "plan_ends": "2027-12-31",
        "purpose": "Short news for the press, after X was closed.",
        "enough_resources": "yes",
        "posts": weekly(5),
    },
)
"""A channel that exists in the register and in its plan only."""

PLAN_FIELDS = (
    "existing_would_do", "exists_already", "platform", "unit", "contact_mailbox",
    "main_language", "name", "handle", "url", "purpose", "updated_by", "updates",
    "enough_resources", "objective", "posts", "planned_pauses", "produced_by", "audience",
    "manner", "terms_of_use", "marketing", "members_target", "how_sought", "measures",
    "measures_other", "plan_starts", "plan_ends", "administrators", "work_password_not_used",
    "left_out", "made_on",
)  # fmt: skip
"""The fields of a plan, in the order in which the form gives them."""

TOPICS = {
    "en": (
        "bridges made of fog", "a dictionary of lost mittens", "the mathematics of buns",
        "a clock that runs on moss", "maps of imaginary lakes", "umbrellas for reindeer",
        "the acoustics of snow", "a library of unread postcards", "engines that run on gossip",
        "a telescope for looking at yesterday", "the grammar of owls", "self-folding maps",
    ),
    "fi": (
        "sumusta tehdyt sillat", "kadonneiden lapasten sanakirja", "pullan matematiikka",
        "sammalella käyvä kello", "keksittyjen järvien kartat", "porojen sateenvarjot",
        "lumen akustiikka", "lukemattomien postikorttien kirjasto", "juoruilla käyvät moottorit",
        "eilistä katsova kaukoputki", "pöllöjen kielioppi", "itsestään taittuvat kartat",
    ),
    "sv": (
        "broar av dimma", "en ordbok över borttappade vantar", "bullarnas matematik",
        "en klocka som går på mossa", "kartor över påhittade sjöar", "paraplyer för renar",
        "snöns akustik", "ett bibliotek av olästa vykort", "motorer som går på skvaller",
        "ett teleskop som ser gårdagen", "ugglornas grammatik", "kartor som viker sig själva",
    ),
}  # fmt: skip

TEXTS = {
    "en": {
        "research": (
            "New research: {topic}. Read more: https://keksila.example/research/{number}",
            "Our made-up laboratory looked into {topic}. The results surprised us. {tag}",
            "A thesis on {topic} will be defended on Friday. Everyone is welcome.",
        ),
        "teaching": (
            "A new course begins: {topic}. Enrol by the end of the week.",
            "What do you learn in a course called “{topic}”? Ask us in the comments!",
        ),
        "people": (
            "Student project of the week: {topic}. 🎉 {tag}",
            "Congratulations to the team that worked on {topic}! 👏",
            "“I came for the coffee and stayed for {topic}.” A student tells.",
        ),
        "event": (
            "Open lecture on Thursday at 16: {topic}. https://keksila.example/events/{number}",
            "Seats left for the evening on {topic}. Free of charge.",
        ),
        "campus": (
            "Good morning from the campus. Today: {topic}. ☀️",
            "Behind the scenes: {topic}. {tag}",
        ),
    },
    "fi": {
        "research": (
            "Uutta tutkimusta: {topic}. Lue lisää: https://keksila.example/tutkimus/{number}",
            "Väitös perjantaina: {topic}. Tervetuloa kuuntelemaan!",
            "Tutkimusryhmän aihe oli {topic}. Tulos yllätti. {tag}",
        ),
        "teaching": (
            "Uusi kurssi alkaa: {topic}. Ilmoittaudu viikon loppuun mennessä.",
            "Kurssin nimi on ”{topic}”. Mitä siellä opitaan? Kysy kommenteissa!",
        ),
        "people": (
            "Viikon opiskelijatyö: {topic}. 🎉 {tag}",
            "Onnea työryhmälle! Aiheena {topic}. 👏",
        ),
        "event": (
            "Avoin luento torstaina klo 16: {topic}. https://keksila.example/tapahtumat/{number}",
            "Vielä mahtuu mukaan. Illan aihe: {topic}. Vapaa pääsy.",
        ),
        "campus": (
            "Huomenta kampukselta! Päivän aihe: {topic}. ☀️",
            "Kulissien takana: {topic}. {tag}",
        ),
    },
    "sv": {
        "research": (
            "Ny forskning: {topic}. Läs mer: https://keksila.example/forskning/{number}",
            "Disputation på fredag: {topic}. Alla är välkomna.",
        ),
        "teaching": (
            "En ny kurs börjar: {topic}. Anmäl dig före veckans slut.",
            "Vad lär man sig på kursen ”{topic}”? Fråga oss i kommentarerna!",
        ),
        "people": (
            "Veckans studentarbete: {topic}. 🎉 {tag}",
            "Grattis till arbetsgruppen! Ämnet var {topic}. 👏",
        ),
        "event": (
            "Öppen föreläsning på torsdag kl. 16: {topic}. "
            "https://keksila.example/evenemang/{number}",
            "Det finns platser kvar. Kvällens ämne: {topic}. Fritt inträde.",
        ),
        "campus": (
            "God morgon från campus! I dag: {topic}. ☀️",
            "Bakom kulisserna: {topic}. {tag}",
        ),
    },
}
TAGS = {"en": "#KeksiläUniversity", "fi": "#KeksilänYliopisto", "sv": "#KeksiläUniversitet"}

UPROAR_TEXT = "Maanantaista alkaen kaikki kampuksen kahvikupit ovat neliskulmaisia."
PRIZE_TEXT = "The Golden Mitten, the made-up world's highest prize, goes to our fog bridge! 🏆"

INCIDENTS = (("facebook:keksilan-yliopisto", UPROAR, date(2026, 2, 13), "Square coffee cups"),)
"""What the made-up university has acknowledged: channel, first and last day, what it was."""

DEMOGRAPHICS = {
    "Location": {
        "Greater Keksilä Area, Finland": 41, "Satula Area, Finland": 14, "Tarunmäki, Finland": 9,
        "Sagoby Area, Finland": 6, "Greater Fabelstad Area, Sweden": 5, "Muinola, Finland": 4,
        "Uutela Area, Finland": 3, "Make-Believe Bay Area": 2, "Lorestad, Norway": 1,
    },
    "Job function": {
        "Research": 24, "Education": 21, "Engineering": 15, "Arts and Design": 9,
        "Information Technology": 8, "Business Development": 7, "Operations": 5,
        "Media and Communication": 4, "Human Resources": 3, "Finance": 2,
    },
    "Seniority": {
        "Entry": 38, "Senior": 34, "Training": 9, "Manager": 8, "Director": 5, "Owner": 3,
        "CXO": 2, "Unpaid": 1,
    },
    "Industry": {
        "Higher Education": 33, "Research Services": 17, "Software Development": 10,
        "Design Services": 7, "Civil Engineering": 6, "Government Administration": 5,
        "Museums": 3, "Libraries": 2, "Food and Beverage Services": 1,
    },
    "Company size": {
        "10001+": 18, "1001-5000": 24, "501-1000": 12, "201-500": 11, "51-200": 13, "11-50": 11,
        "2-10": 8, "1": 3,
    },
}  # fmt: skip
"""Shares, in parts, of LinkedIn followers and visitors; the places are made up."""
