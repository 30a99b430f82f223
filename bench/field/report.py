"""Tables in Markdown of what the parts measured, and which of the targets Larder meets."""
import textwrap

from peers import PEERS

HIT_PARTS = ("hit", "304", "keys", "connections")
FETCH_PARTS = ("miss", "pass")
NAMES = {name: peer.label for name, peer in PEERS.items()}
CROWDS = {"stampede": "want one page", "unknown": "want one page that is not to be shared",
          "remembered": "want it again"}


def ranged(spread, digits=2):
    return f"{spread['median']:,.{digits}f} ({spread['min']:,.{digits}f} to {spread['max']:,.{digits}f})"


def table(head, rows):
    """Rows of cells; the first is a name, the others are numbers."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def timed_cases(measured, parts=HIT_PARTS + FETCH_PARTS):
    return {key: case for part in parts if part in measured for key, case in measured[part]["cases"].items()}


def timed_table(case):
    rows = []
    for name, row in case["rows"].items():
        rows.append([NAMES[name], ranged(row["cpu_us"]), ranged(row["to_ceiling"]) if "to_ceiling" in row else "",
                     ranged(row["larder_to_it"]) if "larder_to_it" in row else "", f"{row['per_second']['median']:,.0f}",
                     " / ".join(f"{row[key]['median']:.2f}" for key in ("p50_ms", "p90_ms", "p99_ms", "p999_ms"))])
    return [f"**{case['title']}**", "",
            *table(["", "CPU µs per request", "to the bare loop's", "Larder's to its", "requests/s",
                    "p50 / p90 / p99 / p99.9 ms"], rows), ""]


def overview(measured):
    """One line for each kind of request: the processor's time, the bare loop's being 1."""
    cases = {key: case for key, case in timed_cases(measured).items()
             if all("to_ceiling" in row for row in case["rows"].values())}
    names = [name for name in PEERS if name != "ceiling" and any(name in case["rows"] for case in cases.values())]
    rows = [[case["title"], *(f"{case['rows'][name]['to_ceiling']['median']:.2f}" if name in case["rows"] else ""
                              for name in names)] for case in cases.values()]
    return table(["CPU time per request, bare epoll loop = 1", *(NAMES[name] for name in names)], rows) if rows else []


def stampede_table(part):
    names = list(part["cases"]["stampede"])
    rows = []
    for case, text in CROWDS.items():
        rows.append([f"{part['crowds'][case]:,} {text}: fetches", *(f"{part['cases'][case][name]['fetches']['median']:,.0f}"
                                                                    for name in names)])
        rows.append(["... last answer, ms", *(ranged(part["cases"][case][name]["last_ms"], 0) for name in names)])
    return [f"**Many at once**; the upstream takes {part['upstream_ms']} ms", "",
            *table(["", *(NAMES[name] for name in names)], rows), ""]


def memory_table(part):
    rows = [[NAMES[name], f"{row['objects']:,}", f"{row['each']:,.0f}", f"{row['itself']:,}", f"{row['beyond']:,.0f}",
             f"{row['counted_each']:,.0f}" if "counted_each" in row else ""] for name, row in part["rows"].items()]
    lines = ["**Memory** of objects with bodies of 1 KiB, bytes for each (nginx: its files in tmpfs, and the"
             " worker; HAProxy: the blocks in use; Traffic Server: the RAM cache, beside the same again in its file)", "",
             *table(["", "objects", "grown", "key, head, body", "beyond these", "as it counts itself"], rows), ""]
    if "budget" in part:
        budget = part["budget"]
        lines += [f"Larder with `size: {budget['size'] / 2**20:.0f}MiB`, twice as much asked for: it grew by"
                  f" {(budget['rss'] - budget['empty']) / 2**20:.0f} MiB and counts {budget['counted'] / 2**20:.0f}.", ""]
    return lines


def counts_table(part):
    def both(row, kind):
        counted = row[kind]
        return f"{counted['small']:,.{2 if kind == 'system_calls' else 0}f} / " \
               f"{counted['browser']:,.{2 if kind == 'system_calls' else 0}f}" if counted else ""
    rows = [[NAMES[name], both(row, "system_calls"), both(row, "instructions")] for name, row in part["rows"].items()]
    return ["**Counted of a 1 KiB hit**, small / browser request head", "",
            *table(["", "system calls", "instructions in user space"], rows), ""]


def purge_table(part):
    names = list(part["rows"])

    def times(result):
        return f"{result['p50_ms']:.2f} / {result['p99_ms']:.2f}" if result else "not possible"
    rows = [[text, *(times(part["rows"][name].get(key)) for name in names)] for key, text in (
        ("tag_ack", "a purge by tag is acknowledged"), ("prefix_ack", "by prefix"), ("all_ack", "of all"),
        ("before", "hits without purges"), ("tag_during", "hits while purged by tag"),
        ("prefix_during", "hits while purged by prefix"))]
    return [f"**Purges** beside {part['entries']:,} entries, ms, median / p99", "", *table(["", *names], rows), ""]


def workers_table(part):
    rows = [[case["title"], ranged(case["rows"]["one"]["cpu_us"]), ranged(case["rows"]["two"]["cpu_us"]),
             ranged(case["two_to_one"]), f"{case['busiest']['two']['median'] * 100:.0f} %"] for case in part["cases"].values()]
    return ["**Two workers**, CPU µs per 1 KiB hit; both cores for Larder, shared with the load", "",
            *table(["", "`workers: 1`", "`workers: 2`", "two to one", "the busier worker's part of two"], rows), ""]


def targets(measured):
    """What Larder is held to, and whether it is met; those that can be told from what was measured."""
    cases = timed_cases(measured)

    def of_case(key, name, value):
        return cases.get(key, {"rows": {}})["rows"].get(name, {}).get(value, {}).get("median")
    for key in ("1KiB-small", "1KiB-browser", "16KiB-small", "16KiB-browser"):
        if ratio := of_case(key, "larder", "to_ceiling"):
            yield f"{cases[key]['title']}: at most 1.35 x the bare loop: {ratio:.2f}", ratio <= 1.35
    for key in ("1KiB-small", "1KiB-browser"):
        for name, most in (("haproxy", 0.80), ("nginx", 0.72), ("varnish", 0.42)):
            if ratio := of_case(key, name, "larder_to_it"):
                yield f"{cases[key]['title']}: at most {most:.2f} x {NAMES[name]}: {ratio:.2f}", ratio <= most
    for key in ("256KiB-small", "256KiB-browser", "miss", "pass"):
        others = ("nginx", "haproxy", "varnish", "trafficserver") if key.startswith("256") else ("nginx", "haproxy")
        if of_case(key, "larder", "cpu_us") and (found := [r for n in others if (r := of_case(key, n, "larder_to_it"))]):
            best = max(found)  # of the best among them
            yield f"{cases[key]['title']}: no more than the best of {len(found)} peers: {best:.2f} x", best <= 1
    for key, case in timed_cases(measured, HIT_PARTS).items():
        peers = [row["p99_ms"]["median"] for name, row in case["rows"].items() if name not in ("larder", "ceiling")]
        if peers and (own := of_case(key, "larder", "p99_ms")):
            yield f"{case['title']}: p99 no worse than the best peer's: {own:.2f} and {min(peers):.2f} ms", own <= min(peers)
    yield from other_targets(measured)


def other_targets(measured):
    own = measured.get("counts", {}).get("rows", {}).get("larder")
    if own:
        instructions, calls = own["instructions"]["browser"], own["system_calls"]["browser"]
        yield f"at most 8,000 instructions with a browser's head: {instructions:,.0f}", instructions <= 8000
        yield f"at most 2.25 system calls a hit: {calls:.2f}", calls <= 2.25
    if own := measured.get("memory", {}).get("rows", {}).get("larder"):
        yield f"at most 300 bytes beyond key, head and body: {own['beyond']:.0f}", own["beyond"] <= 300
        budget = measured["memory"]["budget"]
        share = (budget["rss"] - budget["empty"]) / budget["size"]
        yield f"the budget holds within 5 %: {share * 100:.1f} %", share <= 1.05
    if "stampede" in measured and "larder" in measured["stampede"]["cases"]["stampede"]:
        part = measured["stampede"]
        for case, most in (("stampede", 1.10), ("unknown", 2.15), ("remembered", 1.15)):
            row = part["cases"][case]["larder"]
            ratio = row["last_ms"]["median"] / part["upstream_ms"]
            yield f"{part['crowds'][case]:,} {CROWDS[case]}: within {most:.2f} x the upstream's time: {ratio:.2f}", ratio <= most
        fetches = part["cases"]["stampede"]["larder"]["fetches"]["max"]
        yield f"and one fetch: {fetches:.0f}", fetches == 1
    for case in measured.get("workers", {}).get("cases", {}).values():
        ratio = case["two_to_one"]["median"]
        yield f"two workers, {case['title']}: at most 1.1 x the CPU time of one: {ratio:.2f}", ratio <= 1.1


def about(measured):
    """Days, machines, versions and rounds: one line, when all parts were measured alike."""
    versions, loads = {}, {}
    for part in measured.values():
        told = part["about"]
        key = f"{told['machine']}; {told['rounds']} rounds of {told['seconds']} s"
        versions.setdefault(key, {}).update(told["versions"])
        loads[key] = max(loads.get(key, 0), told["load_average"])
    return [wrapped(f"{key}; {', '.join(found[name] for name in PEERS if name in found and name != 'ceiling')}; load average"
                    f" after a part at most {loads[key]:.1f}.") for key, found in versions.items()]


def wrapped(text):
    return textwrap.fill(text, 128, break_long_words=False, break_on_hyphens=False)


def setting():
    return wrapped("One worker each, pinned to one core, the load (wrk, 64 keep-alive connections) and the upstream on the other,"
                   " in a network namespace of their own (`bench/own-network`; the last lines name TCP's congestion control);"
                   " rounds interleaved. CPU time is that of all threads of a server; ratios are of the same round, medians with"
                   " min and max. Larder is whole, with the demo's configuration, metrics and a JSON access log to a file; the"
                   " others write none. The bare loop copies what it sends: a large file that is sent without copying"
                   " can cost less.")


def text_of(measured):
    """All of it."""
    lines = ["# Larder beside the field", "", setting(), ""]
    if part := overview(measured):
        lines += [*part, ""]
    for case in timed_cases(measured).values():
        lines += timed_table(case)
    for name, of_part in (("counts", counts_table), ("stampede", stampede_table), ("memory", memory_table),
                          ("purge", purge_table), ("workers", workers_table)):
        if name in measured:
            lines += of_part(measured[name])
    lines += [f"- {'PASS' if is_met else 'MISS'}: {text}" for text, is_met in targets(measured)]
    return "\n".join([*lines, "", *about(measured)]) + "\n"
