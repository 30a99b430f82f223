"""What a stored object of 1 KiB takes beside itself, and whether Larder keeps to the size that it was given."""
import time

from hits import page
from load import Load, say
from servers import Connection
from heads import request
from stand import Stand

FIRST, WARM = 1_000_000, 1000  # numbers of pages have seven digits
LOOKED_AT = 10_000
PEERS_SHARE = 5                # the others are asked for a fifth: it is bytes for each, and they take their time
BYTES_MAX = 5 * 1024           # of an object: as a file it takes 4 KiB
SETTLE_SECONDS = 2
OF_ONE_ANSWER = ("age", "cache-status", "connection", "x-varnish")
BUDGET_MIB = 128


def head_bytes(stand, server):
    """Of the lines that it has of a page: those of the upstream, and its own beside them or instead that each answer gets."""
    lines = set()
    for port in (stand.origin.port, server.port):
        connection = Connection(port)
        status, fields, _ = connection.ask(request(server.host, page(FIRST, stand.size), {}))
        connection.close()
        lines |= {(name, value) for name, value in fields.items() if name not in OF_ONE_ANSWER}
    return len(status) + 2 + sum(len(name) + len(value) + 4 for name, value in lines) + 2


def fill(stand, server, load, first, pages):
    for _ in range(2 if server.fills_at_second_visit else 1):
        load.fill(server.port, first, pages, size=stand.size, host=server.host)
        server.tidy()
    time.sleep(SETTLE_SECONDS)


def of_objects(stand, server, load, objects):
    fill(stand, server, load, FIRST - WARM, WARM)
    before, counted_before = server.memory_bytes(), server.counted_bytes()
    fill(stand, server, load, FIRST, objects)
    after, counted = server.memory_bytes(), server.counted_bytes()
    # Whatever had to make room would have been the oldest.
    asked = stand.origin.pages_asked()
    load.fill(server.port, FIRST, min(objects, LOOKED_AT), size=stand.size, host=server.host)
    if stand.origin.pages_asked() != asked:
        raise RuntimeError(f"{server.name} does not hold {objects:,} objects")
    itself = len(f"http://{server.host}{page(FIRST, stand.size)}") + head_bytes(stand, server) + stand.size
    result = {"each": (after - before) / objects, "itself": itself, "beyond": (after - before) / objects - itself}
    if counted is not None:
        result["counted_each"] = (counted - counted_before) / objects
    return result


def budget(options, run_dir, load):
    """Twice as much as fits."""
    with Stand(options, run_dir, only=["larder"], memory_mib=BUDGET_MIB) as stand:
        server = stand.servers["larder"]
        empty = server.rss_bytes()
        fill(stand, server, load, FIRST, 2 * BUDGET_MIB * 2**20 // stand.size)
        return {"size": BUDGET_MIB * 2**20, "counted": server.counted_bytes(), "empty": empty, "rss": server.rss_bytes()}


def memory(options, run_dir):
    load, rows = Load(options, run_dir), {}
    for name in options.only:
        if name == "ceiling":
            continue
        objects = options.objects if name == "larder" else max(1, options.objects // PEERS_SHARE)
        # One by one: a million objects of all would not fit beside each other on a small machine.
        with Stand(options, run_dir, only=[name], memory_mib=max(64, objects * BYTES_MAX // 2**20)) as stand:
            rows[name] = {"objects": objects, **of_objects(stand, stand.servers[name], load, objects)}
            say(f"memory: {stand.servers[name].label:16} {rows[name]['each']:7.0f} bytes for each of {objects:,} objects,"
                f" {rows[name]['beyond']:.0f} beyond key, head and body")
    result = {"rows": rows}
    if "larder" in rows:
        result["budget"] = budget(options, run_dir, load)
        say(f"memory: a full store of {BUDGET_MIB} MiB: {result['budget']}")
    return result
