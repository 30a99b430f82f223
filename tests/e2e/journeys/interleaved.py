"""Members, an editor and somebody anonymous, who ask for the same pages one after the other and at once."""

import itertools
from concurrent.futures import ThreadPoolExecutor

from crawling import Client, Crawl, sample
from house import EDITOR, MEMBERS
from markers import ROTA_SECRET, STAFF_SECRET, Somebody
from sameness import difference

OF_EACH_KIND = 4
MEMBER_STARTS = ("/forum/t/1/", "/accounts/profile/")  # what only members are led to begins there
MEMBER_ADDRESSES_MAX = 100
VISITOR = "visitor"


def interleaved(house):
    """Logged-in and anonymous requests for the same pages, in both orders and at once."""
    cookies = {name: house.session(name).cookies for name in (*MEMBERS, EDITOR)} | {VISITOR: {}}
    member = Crawl(house.client, house.stand.host, MEMBER_STARTS, cookies[MEMBERS[0]], MEMBER_ADDRESSES_MAX)
    addresses = dict.fromkeys([*house.addresses, *member.answers])
    paths = sample(addresses, OF_EACH_KIND)
    house.report.note(f"{len(paths)} addresses of {len(addresses)}")

    fetch = Fetcher(house, cookies)
    for name in (MEMBERS[0], EDITOR):
        fetch.straight(name, paths)
    for order in (
        (VISITOR, *MEMBERS, EDITOR, VISITOR),
        (*MEMBERS, EDITOR, VISITOR, MEMBERS[0]),
        (EDITOR, VISITOR, *MEMBERS),
    ):
        house.purge_all()
        fetch.in_turn(order, paths)
    house.purge_all()
    fetch.at_once((VISITOR, *MEMBERS, EDITOR), paths)


class Fetcher:
    """Asks as these visitors, and has the watch look at what they get."""

    def __init__(self, house, cookies):
        self.house = house
        self.client = house.client
        self.cookies = cookies
        self.users = {name: Somebody(name, name) for name in (*MEMBERS, EDITOR)}
        for secret in (STAFF_SECRET, ROTA_SECRET):
            house.watch.keep(secret, *self.users.values())
        self.count = itertools.count(1)

    def straight(self, name, paths):
        """A session gets what the CMS itself answers."""
        cms = Client.of_cms(self.house.stand)
        answers = [
            (path, self.client.get(path, self.cookies[name]), cms.get(path, self.cookies[name])) for path in paths
        ]
        different = [found for path, answer, wanted in answers if (found := difference(path, answer, wanted))]
        self.house.check(f"{name} gets the same {len(paths)} answers straight from the CMS", not different, different)

    def in_turn(self, order, paths):
        foreign, stored, shared = [], [], []
        for path in paths:
            for name in order:
                answer = self.client.get(path, self.cookies[name])
                foreign += self.look(name, path, answer)
                self.judge(name, path, answer, stored, shared)
        self.verdict(", ".join(order), len(paths), foreign, stored, shared)

    def at_once(self, names, paths):
        """All ask for the same page before anybody has got it."""
        foreign, stored, shared = [], [], []
        with ThreadPoolExecutor(len(names)) as pool:
            for path in paths:
                asked = [(name, pool.submit(self.client.get, path, self.cookies[name])) for name in names]
                for name, future in asked:
                    answer = future.result()
                    foreign += self.look(name, path, answer)
                    self.judge(name, path, answer, stored, shared)
        self.verdict(f"all at once ({', '.join(names)})", len(paths), foreign, stored, shared)

    def judge(self, name, path, answer, stored, shared):
        """What a session was answered is neither stored nor from the store; static files and media are nobody's own."""
        if name == VISITOR or path.startswith(("/static/", "/media/")):
            return
        if "stored" in answer.cache_status:
            stored.append(f"{name} at {path}: {answer.fields.get('cache-status')}")
        if answer.is_hit or "collapsed" in answer.cache_status:
            shared.append(f"{name} at {path}: {answer.fields.get('cache-status')}")

    def look(self, name, path, answer):
        # The anonymous visitor has no past: each request is another person's.
        who = self.users.get(name) or Somebody(f"visitor {next(self.count)}")
        return self.house.look_at(who, path, answer)

    def verdict(self, title, count, foreign, stored, shared):
        self.house.check(f"{title}: everybody gets their own {count} pages", not foreign, foreign)
        self.house.check(f"{title}: nothing of a session is stored", not stored, stored)
        self.house.check(f"{title}: nothing from the store goes to a session", not shared, shared)
