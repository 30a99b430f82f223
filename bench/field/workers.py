"""Larder with two workers beside Larder with one, both on both cores, which the load shares with them."""
import wrk
from hits import KEYS, page
from load import Load
from rounds import interleaved, ratios, spread, summary
from stand import Stand


def asks(stand, pattern):
    """Of what wrk tells, and which part of the work the busiest thread did."""
    def ask(server):
        before = server.cpu_ns_of_threads()
        told = wrk.run(server, stand.server_cores, stand.options.seconds, page(1, stand.size), {}, pattern)
        spent = [after - before.get(thread, 0) for thread, after in server.cpu_ns_of_threads().items()]
        return {**told, "busiest": max(spent) / sum(spent)}
    return ask


def workers(options, run_dir):
    cores = [options.server_core, options.load_core]
    settings = {"only": ["larder"], "server_cores": cores, "memory_mib": 1024}
    cases = {}
    with Stand(options, run_dir, workers=1, **settings) as one, Stand(options, run_dir, workers=2, **settings) as two:
        servers = {"one": one.servers["larder"], "two": two.servers["larder"]}
        for server in servers.values():
            Load(options, run_dir).fill(server.port, 1, KEYS, size=one.size, host=server.host)
        for case, title, pattern in (("one_key", "one key", ()), ("keys", f"{KEYS:,} keys", ("keys", page("%", one.size), KEYS))):
            asked = one.origin.pages_asked(), two.origin.pages_asked()
            rounds = interleaved(servers, asks(one, pattern), options, f"workers, {title}")
            if asked != (one.origin.pages_asked(), two.origin.pages_asked()):
                raise RuntimeError("the upstream was asked while only hits were expected")
            cases[case] = {**summary(title, rounds), "two_to_one": ratios(rounds, "two", "one"),
                           "busiest": {name: spread([each["busiest"] for each in results])
                                       for name, results in rounds.items()}}
    return {"cases": cases}
