"""A day of the forum, for config/forum.yaml.

- Guests, eleven visits in twelve: most come from a search straight to a thread, the others by the categories; they read
  two pages or three. Of a hundred people on a forum ninety never write (Nielsen, "The 90-9-1 rule", 2006).
- Members, one visit in twelve, have a session: all they ask for is passed. They stay twice as long, and write: of ten
  threads that they read they answer in one and react to a post of another; of twenty-five lists that they look at they
  open a thread in one; one of ten answers is deleted again.
- A crawler walks every page once, at night.
- The script on a thread's page counts the reader by a POST of its own, which no cache may answer: it has its own row.
"""

from day import Step, Visit, Zipf, crawl, in_order, landing, new_visitor

# Rows of the table, with while_revalidate of their routes in config/forum.yaml, in seconds.
FLOWS = {"forum": 300, "forum's counter": 0}
MEMBERS = ["mara", "nils", "inga"]
INDEX = "/forum/"


def category(slug, page=1):
    return f"/forum/c/{slug}/" + (f"?page={page}" if page > 1 else "")


def thread(thread_id, page=1):
    return f"/forum/t/{thread_id}/" + (f"?page={page}" if page > 1 else "")


def log(rng, count, inventory):
    steps = crawl(walk(inventory), begin_s=2.5 * 3600, every_s=25)
    visits = Visits(rng, inventory)
    while len(steps) < count:
        steps += visits.new()
    return in_order(steps)


def walk(inventory):
    yield "forum", INDEX
    for slug in inventory.forum_categories:
        for page in range(1, inventory.category_pages(slug) + 1):
            yield "forum", category(slug, page)
    for each in inventory.threads:
        for page in range(1, each.pages + 1):
            yield "forum", thread(each.id, page)


class Visits:
    """Draws visits; what members have opened on the way is read by those who come later."""

    def __init__(self, rng, inventory):
        self.rng, self.inventory = rng, inventory
        threads = sorted((place * rng.random(), each.id, each) for place, each in enumerate(inventory.threads, 1))
        self.liked = Zipf([each for _, _, each in threads])
        self.opened = []  # moment, name, category
        self.count = 0

    def new(self):
        return self.member() if self.rng.random() < 1 / 12 else self.guest()

    def guest(self):
        rng = self.rng
        visit = Visit(rng, new_visitor(rng))
        chance = rng.random()
        if chance < 0.65:
            place = self.read_thread(visit, is_first=True)
        elif chance < 0.9:
            place = self.look(visit, INDEX, is_first=True)
        else:
            place = self.look(visit, category(rng.choice(self.inventory.forum_categories)), is_first=True)
        while place:
            visit.pause()
            place = self.next_place(visit, place, patience=0.55)
        return visit.steps

    def member(self):
        visit = Visit(self.rng, new_visitor(self.rng))
        user = self.rng.choice(MEMBERS)
        place = self.look(visit, INDEX, user=user)
        while place:
            visit.pause()
            if place.startswith("/forum/t/"):
                self.write_in(visit, place, user)
            elif place.startswith("/forum/c/") and self.rng.random() < 1 / 25:
                self.open_thread(visit, place, user)
            place = self.next_place(visit, place, patience=0.8, user=user)
        return visit.steps

    def next_place(self, visit, place, patience, user=""):
        """Where a visit goes on from an address, or nothing: it ends."""
        rng, slugs = self.rng, self.inventory.forum_categories
        if rng.random() > patience:
            return ""
        if place == INDEX:
            return self.look(visit, category(rng.choice(slugs)), user=user)
        if rng.random() < 0.2:
            return self.look(visit, INDEX if rng.random() < 0.3 else category(rng.choice(slugs)), user=user)
        if place.startswith("/forum/c/") and rng.random() < 0.1:
            return self.look(visit, category(place.split("/")[3], 2), user=user)
        return self.read_thread(visit, user=user)

    def look(self, visit, address, is_first=False, user=""):
        visit.look("forum", address, spelling=landing(self.rng, address) if is_first else "", user=user)
        return address

    def read_thread(self, visit, is_first=False, user=""):
        """One of those that are liked, or a new one; its second page by some."""
        new = [name for at_s, name, _ in self.opened if at_s + 30 < visit.at_s]
        if new and self.rng.random() < 0.1:
            identity, pages = f"{{{self.rng.choice(new[-5:])}}}", 1
        else:
            drawn = self.liked.draw(self.rng)
            identity, pages = drawn.id, drawn.pages
        page = 2 if pages > 1 and self.rng.random() < 0.3 else 1
        address = self.look(visit, thread(identity, page), is_first, user)
        visit.look("forum's counter", f"/forum/t/{identity}/seen/", method="POST")
        return address

    def write_in(self, visit, place, user):
        thread_id = place.split("/")[3]
        chance = self.rng.random()
        if chance < 0.1:
            name = self.act(visit, "reply", (thread_id,), user)
            if self.rng.random() < 0.1:
                visit.pause()
                self.act(visit, "delete", (thread_id, f"{{{name}}}"), user)
        elif chance < 0.2:
            self.act(visit, "react", (thread_id,), user)

    def open_thread(self, visit, place, user):
        slug = place.split("/")[3]
        self.opened.append((visit.at_s, self.act(visit, "open thread", (slug,), user), slug))
        self.opened.sort()

    def act(self, visit, act, about, user):
        self.count += 1
        name = f"forum-{self.count}"
        visit.steps.append(Step(visit.at_s, "forum", act=act, about=about, user=user, name=name))
        return name
