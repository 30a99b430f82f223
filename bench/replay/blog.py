"""A day of the blog behind its API, for config/headless.yaml. The requests are those of the demo's headless front end.

- Readers, nine visits in ten: half come to the first list, half straight to a post from a search or a link; then they
  turn pages, filter by category or tag, open posts, and leave after three views or so. A list asks for the posts and
  for the most read ones, a post for itself and its picture. The front end is on another origin and sends no cookies.
- Other sites' widgets and the newsletter, one visit in ten, ask for the most read posts with limits and days of their
  own. They are servers: no origin, no language.
- A crawler that runs the front end's script walks every list and every post once, at night.
- Editors change twelve posts in office hours, more often the popular ones, and publish four new ones, however many people
  read; after each they look at it twice, with their session. A new post is what one visit in twelve comes for.
"""

from day import CRAWLER, FRONT_ORIGIN, OFFICE_HOURS, Step, Visit, Zipf, crawl, in_order, landing, moment, new_visitor

# Rows of the table, with while_revalidate of their routes in config/headless.yaml, in seconds.
FLOWS = {"blog": 3600, "popular": 300, "images": 0}
EDITS = 12
NEW_POSTS = 4
POSTS_PER_LIST = 10
POPULAR = "/api/v2/blog-posts/popular/"
WIDGETS = ["?limit=3&days=7", "?limit=10&days=30", "?limit=10&days=7", "?limit=5&days=30"]
NEW_POST_SHARE = 1 / 12


def detail(post_id):
    return f"/api/v2/blog-posts/{post_id}/"


def listing(page=1, **filters):
    query = {"page": page, "limit": POSTS_PER_LIST, "locale": "en", **filters}
    return "/api/v2/blog-posts/?" + "&".join(f"{name}={value}" for name, value in query.items())


def log(rng, count, inventory):
    liked = Zipf(by_liking(rng, inventory.posts))
    steps, published = editors(rng, liked, address_of=lambda post: detail(post.id), lists=[listing()])
    lists = -(-len(inventory.posts) // POSTS_PER_LIST)
    walk = [("blog", listing(page)) for page in range(1, lists + 1)] + [("blog", detail(p.id)) for p in inventory.posts]
    steps += crawl(walk, begin_s=2 * 3600, every_s=30)
    while len(steps) < count:
        steps += widget(rng) if rng.random() < 0.1 else reader(rng, inventory, liked, published)
    return in_order(steps)


def by_liking(rng, posts):
    """New posts are mostly the more popular ones, but some old ones are found by searches for years."""
    return [post for _, post in sorted((place * rng.random(), post) for place, post in enumerate(posts, 1))]


def editors(rng, liked, address_of, lists):
    """Their steps, and when which new post is there. `lists` begin with the newest posts."""
    steps, published = [], []
    for number in range(EDITS + NEW_POSTS):
        at_s = moment(rng, OFFICE_HOURS)
        if number < EDITS:
            post = liked.draw(rng)
            own, act, name = address_of(post), "edit post", f"edit-{number}"
        else:
            post, act, name = None, "new post", f"post-{number}"
            own = address_of(NewPost(name))
            published.append((at_s, name))
        about = (post.id if post else 0, own, *lists)
        steps.append(Step(at_s, "blog", act=act, about=about, name=name, user="editor"))
        steps += [Step(at_s + pause_s, "blog", own, user="editor") for pause_s in (20, 60)]
    return steps, sorted(published)


class NewPost:
    """One that is not there yet, by what it will be known as: its id, or its slug in its path."""

    def __init__(self, name):
        self.id = f"{{{name}}}"
        self.path = f"/blog/{{slug-of-{name}}}/"


def widget(rng):
    visit = Visit(rng, CRAWLER)
    wanted = rng.choice(WIDGETS)
    if wanted == "?limit=5&days=30":
        visit.look("popular", POPULAR, spelling=rng.choice([POPULAR + wanted, POPULAR + "?days=30", POPULAR]))
    else:
        visit.look("popular", POPULAR + wanted)
    return visit.steps


def reader(rng, inventory, liked, published):
    visit = Visit(rng, new_visitor(rng, FRONT_ORIGIN, cookies=False))
    news = [name for at_s, name in published if at_s + 60 < visit.at_s]
    if news and rng.random() < NEW_POST_SHARE:
        visit.look("blog", detail(f"{{{news[-1]}}}"))
        place = "post"
    elif rng.random() < 0.5:
        place = look_at_list(visit, 1)
    else:
        place = look_at_post(visit, liked.draw(rng), is_first=True)
    page, filters = 1, {}
    while True:
        visit.pause()
        chance = rng.random()
        if place == "list" and chance < 0.5:
            shown = inventory.posts[(page - 1) * POSTS_PER_LIST : page * POSTS_PER_LIST]
            place = look_at_post(visit, rng.choice(shown) if shown and not filters else liked.draw(rng))
        elif place == "list" and chance < 0.65:
            page += 1
            look_at_list(visit, page, **filters)
        elif place == "list" and chance < 0.78:
            page, filters = 1, draw_filter(rng, inventory)
            look_at_list(visit, page, **filters)
        elif place == "post" and chance < 0.3:
            page, filters = 1, {}
            place = look_at_list(visit, page)
        elif place == "post" and chance < 0.45:
            look_at_post(visit, liked.draw(rng))
        else:
            return visit.steps


def draw_filter(rng, inventory):
    if rng.random() < 0.7:
        return {"category": rng.choice(inventory.categories)}
    return {"tag": rng.choice(inventory.tags)}


def look_at_list(visit, page, **filters):
    visit.look("blog", listing(page, **filters))
    visit.look("popular", POPULAR, spelling=POPULAR + "?limit=5&days=30")
    return "list"


def look_at_post(visit, post, is_first=False):
    address = detail(post.id)
    visit.look("blog", address, spelling=landing(visit.rng, address) if is_first else "")
    visit.look("images", post.card)
    return "post"
