"""What a purge costs in a large cache. Started by bench/purge/purge, whose help tells the options."""
import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time

from peers import HOST, PEERS
from load import PURGE_RATE, PURGES, SIZE, Load, say  # peers.py has told where it is
from servers import BUILD, Origin, about_machine, keep, pinned, two_cores

FIRST = 1_000_000           # numbers of pages have seven digits
PURGED_GROUPS = 200         # of the thousand groups, by tag
DISTINCT_ENTRIES = 10_000
DISTINCT_SECONDS_MAX = 120
ASKING_SECONDS_MAX = 30     # a long list of bans is tested by each hit
YEAR_SECONDS = 365 * 24 * 3600
SLOW_MS = 2000


def million(server, load, options):
    """What happened, by name."""
    result = {"empty_mib": server.memory_mib()}
    last = FIRST + options.entries
    filled = load.fill(server.port, FIRST, options.entries)
    result["filled_mib"], result["fill_seconds"] = server.memory_mib(), filled["seconds"]
    say(f"  filled in {filled['seconds']:.0f} s, {result['filled_mib']:.0f} MiB")

    # What no purge by tag (groups 0 to 199) or by prefix (the last fifth) names.
    kept = {"first": FIRST, "last": FIRST + options.entries * 4 // 5, "group_min": PURGED_GROUPS}
    load.end(load.begin_hits(server, 2, **kept))
    result["before"] = load.end(load.begin_hits(server, options.seconds, **kept))
    kinds = [("tag", server.by_tag(), 1000, 1000 + PURGED_GROUPS)]
    if server.has_prefixes:
        prefix_first = (FIRST + options.entries * 4 // 5) // 1000
        kinds.append(("prefix", server.by_prefix(), prefix_first, prefix_first + max(1, options.entries // 5000)))
    for name, request, first, end in kinds:
        hits = load.begin_hits(server, PURGES / PURGE_RATE + 2, **kept)
        result[f"{name}_ack"] = load.purges(server, request, first, end)
        result[f"{name}_during"] = load.end(hits)
        result[f"{name}_after"] = load.end(load.begin_hits(server, options.seconds, **kept))
        say(f"  by {name}: {result[f'{name}_ack']}\n    during {result[f'{name}_during']}\n    after {result[f'{name}_after']}")

    # A few pages that everybody wants: they are misses once after each purge.
    wanted = {"first": last - 20, "last": last}
    load.end(load.begin_hits(server, 1, **wanted))
    result["few_before"] = load.end(load.begin_hits(server, options.seconds, **wanted))
    hits = load.begin_hits(server, 8, **wanted)
    began = time.monotonic()
    few = load.purges(server, server.of_all(), 0, 1, 10, 2)
    result["all_during"] = load.end(hits)
    time.sleep(max(0.0, began + 10 - time.monotonic()))
    result["after_10_s_mib"] = server.memory_mib()
    result["all_after"] = load.end(load.begin_hits(server, options.seconds, **wanted))
    result["all_ack"] = few
    result["all_ack_emptied"] = load.purges(server, server.of_all(), 0, 1)
    say(f"  all: {few}\n    during {result['all_during']}\n    after {result['all_after']}\n"
        f"    then {result['all_ack_emptied']}\n    {result['after_10_s_mib']:.0f} MiB after ten seconds")
    return result


def distinct(server, load, options):
    load.fill(server.port, FIRST, DISTINCT_ENTRIES)
    result = {"before_mib": server.memory_mib(), "most_mib": 0, "most_lines": None}
    purging = load.begin(server.purge_port, server.distinct(), **{"from": FIRST, "to": FIRST + options.distinct},
                         count=options.distinct, seconds=DISTINCT_SECONDS_MAX, connections=4)
    while purging.poll() is None:
        time.sleep(0.5)
        result["most_mib"] = max(result["most_mib"], server.memory_mib())
        lines = server.lines_held()
        if lines is not None:
            result["most_lines"] = max(result["most_lines"] or 0, lines)
    result["purges"] = load.end(purging)
    time.sleep(5)
    result["after_mib"] = server.memory_mib()
    result["after_lines"] = server.lines_held()
    # Each entry once, in turn: what is not a hit was lost.
    request = f"GET /pages/%/{SIZE} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
    result["hits"] = load.end(load.begin(server.port, [request], **{"from": FIRST, "to": FIRST + DISTINCT_ENTRIES},
                                         count=DISTINCT_ENTRIES, connections=4, hit_mark=server.hit_mark,
                                         seconds=ASKING_SECONDS_MAX))
    say(f"  {result}")
    return result


def slow(server, load, _options):
    """Visitors wait for new pages all the time."""
    pages = subprocess.Popen(pinned(load.options.load_core) + [
        str(BUILD / "release/bench/bench_asker"), "--port", str(server.port), "--first", str(FIRST), "--pages", "100000",
        "--sizes", f"even:{SIZE}:{SIZE}", "--connections", "64", "--seconds-max", "12"], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    time.sleep(3)
    requests = [server.by_tag(), server.of_all()] + ([server.by_prefix()] if server.has_prefixes else [])
    result = load.end(load.begin(server.purge_port, requests, **{"from": 1000, "to": 1400}, count=400, rate=60, connections=4))
    pages.wait()
    say(f"  {result}")
    return result


PARTS = {"million": (million, {}), "distinct": (distinct, {"lifetime": YEAR_SECONDS}), "slow": (slow, {"delay_ms": SLOW_MS})}


def judged(is_met):
    return "PASS" if is_met else "MISS"


def quantiles(result):
    return f"{result['p50_ms']:.2f} / {result['p99_ms']:.2f}" if result else "not possible"


def million_table(results, entries):
    names = list(results)
    lines = [f"**{entries:,} stored entries** of {SIZE} B; times in ms, median / p99.", "",
             "| | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]

    def row(what, value):
        lines.append(f"| {what} | " + " | ".join(value(results[name]) for name in names) + " |")
    for kind in ("tag", "prefix", "all"):
        row(f"acknowledged, by {kind}" if kind != "all" else "acknowledged, all", lambda r, k=kind: quantiles(r.get(f"{k}_ack")))
    row("acknowledged, all of an empty cache", lambda r: quantiles(r["all_ack_emptied"]))
    row("hits before", lambda r: quantiles(r["before"]))
    for kind in ("tag", "prefix"):
        row(f"hits while purged by {kind}", lambda r, k=kind: quantiles(r.get(f"{k}_during")))
        row("hits after that", lambda r, k=kind: quantiles(r.get(f"{k}_after")))
    row("hits of 20 pages before", lambda r: quantiles(r["few_before"]))
    row("hits of 20 pages while all is purged, twice a second", lambda r: quantiles(r["all_during"]))
    row("hits of 20 pages after", lambda r: quantiles(r["all_after"]))
    row("memory empty, filled, 10 s after all was purged, MiB",
        lambda r: f"{r['empty_mib']:.0f}, {r['filled_mib']:.0f}, {r['after_10_s_mib']:.0f}")
    return lines


def million_targets(result):
    for kind in ("tag", "prefix", "all"):
        median = result[f"{kind}_ack"]["p50_ms"]
        yield f"a purge by {kind} is acknowledged in under 1 ms at the median: {median:.2f} ms", median < 1
    for kind, base in (("tag", "before"), ("prefix", "before"), ("all", "few_before")):
        for when in ("during", "after"):
            ratio = result[f"{kind}_{when}"]["p99_ms"] / max(result[base]["p99_ms"], 0.001)
            yield f"hits {when} purges by {kind} keep their p99 within 1.2 x: {ratio:.2f} x", ratio <= 1.2
    empty, filled, after = result["empty_mib"], result["filled_mib"], result["after_10_s_mib"]
    share = (after - empty) / (filled - empty)
    yield f"10 s after `all` no more than 10 % of what the filling took is held: {share * 100:.1f} %", share <= 0.1


def distinct_table(results):
    names = list(results)
    lines = [f"**Distinct purges** against {DISTINCT_ENTRIES:,} entries of a year, at most {DISTINCT_SECONDS_MAX} s.", "",
             "| | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]

    def row(what, value):
        lines.append(f"| {what} | " + " | ".join(value(results[name]) for name in names) + " |")
    row("purges", lambda r: f"{r['purges']['answered']:,} in {r['purges']['seconds']:.0f} s")
    row("acknowledged, median / p99 ms", lambda r: quantiles(r["purges"]))
    row("memory before, most, after, MiB", lambda r: f"{r['before_mib']:.0f}, {r['most_mib']:.0f}, {r['after_mib']:.0f}")
    row("lines held, most and after", lambda r: "" if r["most_lines"] is None else f"{r['most_lines']:,}, {r['after_lines']:,}")
    row(f"hits afterwards, each entry once, at most {ASKING_SECONDS_MAX} s", lambda r: f"{r['hits']['hits']:,} of {r['hits']['answered']:,}")
    row("these hits, median / p99 ms", lambda r: quantiles(r["hits"]))
    return lines


def distinct_targets(result, wanted):
    count, kept = result["purges"]["answered"], result["hits"]["hits"]
    yield f"{count:,} of {wanted:,} distinct purges were acknowledged", count == wanted
    yield f"what no purge named is still there: {kept:,} of {DISTINCT_ENTRIES:,}", kept == DISTINCT_ENTRIES
    yield f"the log held at most 100,000 selectors: {result['most_lines']:,}", result["most_lines"] <= 100_000
    grown = result["most_mib"] - result["before_mib"]
    yield f"and its memory is bounded: {grown:.0f} MiB more at most", grown <= 64


def slow_table(results):
    lines = [f"**Purges while every page takes {SLOW_MS / 1000:.0f} s to render** (64 visitors wait all the time)", "",
             "| | median ms | p99 ms | max ms |", "|---|---:|---:|---:|"]
    return lines + [f"| {name} | {r['p50_ms']:.2f} | {r['p99_ms']:.2f} | {r['max_ms']:.2f} |" for name, r in results.items()]


def slow_targets(result):
    yield f"p99 of a purge is under 5 ms while every page takes 2 s: {result['p99_ms']:.2f} ms", result["p99_ms"] < 5


def report(measured, options):
    lines, targets = [], []
    own = PEERS["larder"].label
    for part, table, wanted in (("million", lambda r: million_table(r, options.entries), million_targets),
                                ("distinct", distinct_table, lambda r: distinct_targets(r, options.distinct)),
                                ("slow", slow_table, slow_targets)):
        results = measured.get(part, {})
        if not results:
            continue
        lines += [*table(results), ""]
        targets += list(wanted(results[own])) if own in results else []
    lines += [f"- {judged(is_met)}: {text}" for text, is_met in targets]
    lines += ["", f"{about_machine()}, {options.rate} requests a second meanwhile; load average at the end"
              f" {os.getloadavg()[0]:.1f}."]
    return "\n".join(lines) + "\n"


def measure(options, run_dir):
    load = Load(options, run_dir)
    measured = {}
    for part in options.part or PARTS:
        play, of_origin = PARTS[part]
        for name in options.only or PEERS:
            peer = PEERS[name]
            say(f"{part}: {peer.label}")
            with Origin(options.load_core, tag_field=peer.tag_field, **of_origin) as origin:
                with peer(options, origin, run_dir) as server:
                    measured.setdefault(part, {})[peer.label] = play(server, load, options)
    return measured


def main():
    parser = argparse.ArgumentParser(prog="bench/purge/purge")
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--distinct", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--only", choices=PEERS, action="append")
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--store-as", default="purge")
    parser.add_argument("--larder", default=str(BUILD / "release/larder"))
    options = parser.parse_args()
    options.server_core, options.load_core = two_cores("bench/purge")

    # Ends as an interrupt does, through every `with`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results = BUILD / "bench"
    results.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run.", dir=results) as run_dir:
        os.chmod(run_dir, 0o777)
        measured = measure(options, run_dir)
    text = report(measured, options)
    keep(options.store_as, measured, text)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except (RuntimeError, subprocess.CalledProcessError) as error:
        sys.exit(f"bench/purge: {error}")
