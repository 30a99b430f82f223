"""Many who ask for one thing at once that takes the upstream a while: storable, not shareable, and known not to be."""
import json
import subprocess
from itertools import count

from hits import page
from load import say
from rounds import spread
from servers import BUILD, pinned
from stand import Stand

UPSTREAM_MS = 300
CROWD, CROWD_UNSHAREABLE = 1000, 50


def crowd(stand, server, path, connections):
    asked = stand.origin.pages_asked()
    done = subprocess.run(pinned(stand.load_core) + [
        str(BUILD / "release/bench/bench_crowd"), "--port", str(server.port), "--host", server.host, "--path", path,
        "--connections", str(connections)], capture_output=True, text=True, check=False)
    told = json.loads(done.stdout) if done.stdout else {}
    if done.returncode != 0 or told["answered"] != connections:
        raise RuntimeError(f"not all of {connections} got the page from {server.name}: {told} {done.stderr}")
    return {"fetches": stand.origin.pages_asked() - asked, "first_ms": told["first_ms"], "last_ms": told["last_ms"]}


def once(stand, server, number):
    """Of the private pages the second crowd comes when the server knows what the first one met."""
    private = f"/blog/private-{number}-{stand.size}/"
    return {"stampede": crowd(stand, server, page(number, stand.size), CROWD),
            "unknown": crowd(stand, server, private, CROWD_UNSHAREABLE),
            "remembered": crowd(stand, server, private, CROWD_UNSHAREABLE)}


def stampede(options, run_dir):
    measured = {}
    numbers = count(1)
    names = [name for name in options.only if name != "ceiling"]
    # Servers keep their connections upstream; there have to be enough for what comes next.
    with Stand(options, run_dir, only=names, delay_ms=UPSTREAM_MS) as stand:
        for repeat in range(options.repeats):
            for name in names if repeat % 2 == 0 else reversed(names):
                for case, result in once(stand, stand.servers[name], next(numbers)).items():
                    if case != "stampede" and result["fetches"] < CROWD_UNSHAREABLE:
                        raise RuntimeError(f"{name} gave several visitors one private page: {result}")
                    measured.setdefault(case, {}).setdefault(name, []).append(result)
                    say(f"{case}, {repeat + 1}: {stand.servers[name].label:16} {result['fetches']:5} fetches, last answer"
                        f" {result['last_ms']:8.1f} ms")
    return {"upstream_ms": UPSTREAM_MS, "crowds": {"stampede": CROWD, "unknown": CROWD_UNSHAREABLE,
                                                    "remembered": CROWD_UNSHAREABLE},
            "measured": measured,
            "cases": {case: {name: {key: spread([each[key] for each in results]) for key in results[0]}
                             for name, results in rows.items()} for case, rows in measured.items()}}
