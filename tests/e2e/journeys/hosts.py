"""The site by another name."""

from journeys.reading import POST
from markers import Somebody

from editor import Editor, page_id_at

PUBLISHED = "Apples, by whichever name"


def alias(house):
    """With `hosts` a second name shares what is stored, and any other host is passed."""
    stand = house.stand
    name, other_name = stand.host, f"127.0.0.1:{stand.port}"
    with stand.another_larder(stand.CONFIG_WITH_HOSTS):
        first, second = ask(house, name), ask(house, other_name)
        house.check("what was asked for by one name is a hit by the other", second.is_hit, second.fields)
        house.check("and the same page", first.body == second.body, second.fields)

        # Django refuses the first, and answers the others.
        for host in ("stranger.example", "localhost", f"[::1]:{stand.port}"):
            answers = [ask(house, host) for _ in range(2)]
            kept = [answer.fields for answer in answers if answer.is_hit or "stored" in answer.cache_status]
            house.check(f"{host} is never stored", not kept, kept)

        Editor(stand.url).publish(page_id_at(stand.url, POST), title=PUBLISHED)
        for host in (other_name, name):
            answer = ask(house, host)
            house.check(f"{host} shows at once what is published", PUBLISHED in answer.text, answer.fields)


def ask(house, host):
    answer = house.client.get(POST, headers={"Host": host})
    house.watch.look(
        Somebody(f"a visitor of {host}"), POST, answer.text, is_page=answer.status == 200, given_cookies=answer.cookies
    )
    return answer
