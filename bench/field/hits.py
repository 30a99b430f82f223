"""Hits: of three sizes with two heads, 304s, of many keys, over new connections."""
import wrk
from heads import HEADS
from load import Load, say
from rounds import interleaved, summary
from stand import Stand

SIZES = {"1KiB": 1024, "16KiB": 16 * 1024, "256KiB": 256 * 1024}
KEYS = 100_000
WARM_UP_SECONDS = 1


def page(number, size):
    return f"/blog/page-{number}-{size}/"


def rounds_of_hits(stand, path, fields, title, pattern=()):
    """Nobody asks the upstream meanwhile, so that all of it are hits, but for what of many keys a peer's cache displaces."""
    def ask(server, seconds=stand.options.seconds):
        return wrk.run(server, stand.load_core, seconds, path, fields, pattern)
    for server in stand.servers.values():
        stand.fill(server, path)
        stand.require(server, path, fields, from_memory=True)
        ask(server, WARM_UP_SECONDS)

    def ask_for_hits(server):
        asked = stand.origin.pages_asked()
        result = ask(server)
        more = stand.origin.pages_asked() - asked
        if more > (server.displaced_max * result["requests"] if pattern else 0):
            raise RuntimeError(f"{title}: {server.name} asked the upstream {more} times where only hits were expected")
        return result
    rounds = interleaved(stand.servers, ask_for_hits, stand.options, title)
    for server in stand.servers.values():
        stand.require(server, path, fields, from_memory=True)
    for name, results in rounds.items():
        for result in results:
            each = result["bytes"] / result["requests"]
            least = stand.size if stand.status == 200 else 20
            # A head, and what of the last answers came before the end.
            if not least <= each <= 1.1 * least + 1024:
                raise RuntimeError(f"{title}: answers of {name} have {each:.0f} bytes")
    return summary(title, rounds)


def hit(options, run_dir):
    cases = {}
    for size_name in options.size:
        with Stand(options, run_dir, size=SIZES[size_name]) as stand:
            for head in options.head:
                title = f"{size_name.replace('KiB', ' KiB')} hits, {head} request head"
                cases[f"{size_name}-{head}"] = rounds_of_hits(stand, page(1, stand.size), HEADS[head], title)
    return {"cases": cases}


def not_modified(options, run_dir):
    fields = {"If-None-Match": '"1-1024"'}
    with Stand(options, run_dir, status=304) as stand:
        return {"cases": {"304": rounds_of_hits(stand, page(1, 1024), fields, "304 to If-None-Match")}}


def keys(options, run_dir):
    """Larder and the others have room for all of them."""
    with Stand(options, run_dir, memory_mib=1024) as stand:
        load = Load(options, run_dir)
        for name, server in stand.servers.items():
            if name == "ceiling":
                continue
            for _ in range(2 if server.fills_at_second_visit else 1):
                load.fill(server.port, 1, KEYS, size=stand.size, host=server.host)
            server.tidy()
            say(f"{server.label} holds {KEYS:,} pages")
        title = f"1 KiB hits of {KEYS:,} keys at random"
        return {"cases": {"keys": rounds_of_hits(stand, page(1, 1024), {}, title, ("keys", page("%", 1024), KEYS))}}


def connections(options, run_dir):
    fields = {"Connection": "close"}
    with Stand(options, run_dir, closes=True) as stand:
        title = "1 KiB hits, a new connection each"
        return {"cases": {"connections": rounds_of_hits(stand, page(1, 1024), fields, title)}}
