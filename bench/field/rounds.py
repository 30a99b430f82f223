"""Interleaved rounds, and what comes out of them."""
import statistics

from load import say

MEASURES = ("per_second", "cpu_us", "p50_ms", "p90_ms", "p99_ms", "p999_ms")


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def measure(server, ask):
    """`ask` sends the load and returns what wrk told. The processor's time is that of all threads of the server."""
    cpu_ns = server.cpu_ns()
    told = ask(server)
    cpu_ns = server.cpu_ns() - cpu_ns
    return {**told, "per_second": told["requests"] / told["seconds"], "cpu_us": cpu_ns / told["requests"] / 1000}


def interleaved(servers, ask, options, title):
    """A list of rounds for each server. The order turns each round, so that what drifts meets all alike."""
    rounds = {name: [] for name in servers}
    names = list(servers)
    for number in range(options.rounds):
        for name in names if number % 2 == 0 else reversed(names):
            result = measure(servers[name], ask)
            servers[name].tidy()
            rounds[name].append(result)
            say(f"{title}, round {number + 1}: {name:13} {result['per_second']:9.0f} requests/s"
                f" {result['cpu_us']:8.2f} us CPU")
    return rounds


def ratios(rounds, one, other):
    """Of the processor's time, pair by pair: the two were measured within seconds of each other."""
    return spread([a["cpu_us"] / b["cpu_us"] for a, b in zip(rounds[one], rounds[other])])


def summary(title, rounds):
    """What a table shows of them, with all that was measured."""
    rows = {name: {key: spread([each[key] for each in results]) for key in MEASURES} for name, results in rounds.items()}
    for name, row in rows.items():
        if "ceiling" in rounds:
            row["to_ceiling"] = ratios(rounds, name, "ceiling")
        if "larder" in rounds and name not in ("larder", "ceiling"):
            row["larder_to_it"] = ratios(rounds, "larder", name)
    return {"title": title, "rows": rows, "measured": rounds}
