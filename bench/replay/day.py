"""The log of one day: who asks for what, and when. A seed decides all of it.

A log is a list of steps in the order of their moments. It is made of visits: somebody comes at a moment of the day, looks
at a few pages with pauses between them, and leaves. blog.py, forum.py and whole.py say who comes to each and why so many;
here is what they have in common.

- Visits are spread over the hours as a site of one continent sees them: few at night, most in the evening (HOURS).
- What is read follows Zipf's law, with the exponent 0.9: more than the 0.64 to 0.83 that proxies of whole networks saw
  (Breslau et al., INFOCOM 1999), since this is a single site, and its front is what links lead to.
- Browsers say which languages their people read, and Django answers `Vary: Accept-Language`: each wording in LANGUAGES
  is a stored copy of its own. The shares are those of a site in English. Servers and crawlers say nothing of it.
- One visit in ten comes by a campaign's link, with utm_* parameters of its own. Visitors who were here before have a
  cookie of a statistics script, and each has another.
"""

import bisect
import itertools
import re
from dataclasses import dataclass

DAY_S = 24 * 3600
HOURS = [2, 1, 1, 1, 1, 2, 3, 5, 6, 6, 6, 6, 6, 6, 6, 5, 5, 6, 7, 8, 8, 7, 5, 3]
OFFICE_HOURS = [0] * 8 + [2, 4, 5, 4, 2, 3, 5, 5, 4, 2] + [0] * 6
PAUSE_S = (4, 90)
LANGUAGES = [
    ("en-US,en;q=0.9", 50),
    ("en-GB,en-US;q=0.9,en;q=0.8", 18),
    ("de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", 12),
    ("en-US,en;q=0.5", 8),
    ("en-CA,en-US;q=0.7,en;q=0.3", 6),
    ("nl-NL,nl;q=0.9,en-US;q=0.8,en;q=0.7", 6),
]
CAMPAIGNS = ["utm_source=letter&utm_medium=email&utm_campaign=autumn", "utm_source=social&utm_medium=post"]
CAMPAIGN_SHARE = 0.1
RETURNING_SHARE = 0.6
ZIPF_EXPONENT = 0.9
NAME = re.compile(r"\{([\w-]+)\}")  # in an address: of what an earlier step makes


@dataclass(frozen=True)
class Visitor:
    """What all requests of a visit say of who asks."""

    agent: str = "Mozilla/5.0"
    language: str = ""
    origin: str = ""
    cookie: str = ""

    @property
    def variant(self):
        """What stored copies of one address are told apart by."""
        return self.language, self.origin

    def fields(self):
        named = {
            "User-Agent": self.agent,
            "Accept-Language": self.language,
            "Origin": self.origin,
            "Cookie": self.cookie,
        }
        return {name: value for name, value in named.items() if value}


FRONT_ORIGIN = "http://localhost:8082"  # of the headless front end
CRAWLER = Visitor(agent="Mozilla/5.0 (compatible; examplebot/1.0)")


@dataclass(frozen=True)
class Step:
    """One thing that somebody does.

    `address` is what a page is known by, `spelling` what is sent when that is another: with parameters that do not count,
    or without those that have a default. `{name}` in an address stands for the id of what the step of that name made.
    With a `user` it is done by who has logged in; `act` names something that is written, and `about` says what.
    """

    at_s: float
    flow: str
    address: str = ""
    spelling: str = ""
    visitor: Visitor = Visitor()
    method: str = "GET"
    user: str = ""
    act: str = ""
    about: tuple = ()
    name: str = ""

    @property
    def target(self):
        return self.spelling or self.address


class Zipf:
    """Draws from a list whose first item is the most popular."""

    def __init__(self, items):
        self.items = list(items)
        self.sums = list(itertools.accumulate((place + 1) ** -ZIPF_EXPONENT for place in range(len(self.items))))

    def draw(self, rng):
        return self.items[bisect.bisect(self.sums, rng.random() * self.sums[-1])]


def moment(rng, hours=HOURS):
    return (rng.choices(range(24), hours)[0] + rng.random()) * 3600


def new_visitor(rng, origin="", cookies=True):
    """A person at a browser."""
    language = rng.choices([name for name, _ in LANGUAGES], [share for _, share in LANGUAGES])[0]
    cookie = f"_ga=GA1.1.{rng.randrange(10**9)}" if cookies and rng.random() < RETURNING_SHARE else ""
    return Visitor(language=language, origin=origin, cookie=cookie)


def landing(rng, address):
    """The address as the first of a visit, which for some comes with a campaign's parameters."""
    if rng.random() >= CAMPAIGN_SHARE:
        return address
    return address + ("&" if "?" in address else "?") + rng.choice(CAMPAIGNS)


class Visit:
    """The steps of one visit, with pauses between the pages; what a page itself asks for comes with it."""

    def __init__(self, rng, visitor, at_s=None):
        self.rng, self.visitor = rng, visitor
        self.at_s = moment(rng) if at_s is None else at_s
        self.steps = []

    def look(self, flow, address, **more):
        self.steps.append(Step(self.at_s, flow, address, visitor=self.visitor, **more))

    def pause(self):
        self.at_s += self.rng.uniform(*PAUSE_S)


def crawl(addresses, begin_s, every_s):
    """A crawler that asks for each address once; `addresses` are pairs of flow and address."""
    return [
        Step(begin_s + number * every_s, flow, address, visitor=CRAWLER)
        for number, (flow, address) in enumerate(addresses)
    ]


def between(log, begin_s, end_s):
    """The steps of these hours, without those about things that were made before them."""
    made = {step.name for step in log if begin_s <= step.at_s < end_s}
    return [
        step
        for step in log
        if begin_s <= step.at_s < end_s
        and made.issuperset(name.removeprefix("slug-of-") for name in NAME.findall(f"{step.address} {step.about}"))
    ]


def in_order(steps):
    """What falls on the next day is cut off."""
    return sorted((step for step in steps if step.at_s < DAY_S), key=lambda step: step.at_s)
