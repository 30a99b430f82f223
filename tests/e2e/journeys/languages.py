"""Two languages: one by the address, one by a cookie."""

SHELF_LIFE = "/shelf-life/"
GERMAN, ENGLISH = "de", "en"


def switch(house):
    """Who chose German gets German, and nobody else does."""
    with house.visitors("visitor", "chooser", "another chooser") as (visitor, chooser, another):
        visitor.go(SHELF_LIFE)
        house.check("without a choice the page is English", language_of(visitor) == ENGLISH, language_of(visitor))
        choose(chooser, GERMAN)
        chooser.go(SHELF_LIFE)
        house.check("who chose German gets German", language_of(chooser) == GERMAN, language_of(chooser))
        visitor.reload()
        house.check(
            "the others still English, as a hit",
            language_of(visitor) == ENGLISH and visitor.is_hit,
            visitor.cache_status,
        )
        choose(another, GERMAN)
        another.go(SHELF_LIFE)
        house.check(
            "the next who chose it gets German, as a hit",
            language_of(another) == GERMAN and another.is_hit,
            another.cache_status,
        )
        choose(another, ENGLISH)
        another.go(SHELF_LIFE)
        house.check("and English after choosing English", language_of(another) == ENGLISH, language_of(another))
        for path in ("/", "/de/"):
            for who in (chooser, visitor):
                who.go(path)
                wanted = GERMAN if path == "/de/" else ENGLISH
                house.check(f"{path} is {wanted} for {who.name}", language_of(who) == wanted, language_of(who))


def choose(visitor, language):
    visitor.go("/language/")
    visitor.click(f'button[name="language"][value="{language}"]')


def language_of(visitor):
    return visitor.page.get_attribute("html", "lang")
