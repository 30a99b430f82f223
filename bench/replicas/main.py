"""What sharing a Redis costs. Started by bench/replicas/replicas, whose help tells the options."""
import argparse
import json
import os
import signal
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from counts import instructions_per_hit  # noqa: E402
from heads import HEADS, request  # noqa: E402
from load import HOST, SIZE, Load, say  # noqa: E402
from servers import BUILD, Origin, Server, about_machine, free_ports, keep, pinned, two_cores  # noqa: E402

FIRST = 1_000_000      # numbers of pages have seven digits
PURGES, PURGE_RATE = 400, 60
SLOW_MS = 2000
STALL_SECONDS = 10
MISS_RATE = 20         # a second, while Redis stands still
HIT_PAGES = 1000       # that are asked for all the time


class Redis(Server):
    def __init__(self, core):
        super().__init__("Redis")
        self.core = core

    def start(self):
        (self.port,) = free_ports(1)
        self.launch(pinned(self.core) + ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
                                         "--maxmemory-policy", "noeviction"])
        self.wait_ready()


class Replica(Server):
    hit_mark = "Cache-Status: larder; hit"

    def __init__(self, options, origin_port, redis, run_dir, wrapper=(), on_loss="revalidate"):
        super().__init__("Larder")
        self.options, self.origin_port, self.redis, self.on_loss = options, origin_port, redis, on_loss
        self.run_dir, self.wrapper = Path(run_dir), list(wrapper)
        self.admin_port = None

    def start(self):
        self.port, self.admin_port = free_ports(2)
        store = "store:\n  memory: {size: 1GiB}\n"
        if self.redis:
            store += f'  redis: {{url: "redis://127.0.0.1:{self.redis.port}", namespace: bench, on_loss: {self.on_loss}}}\n'
        path = self.run_dir / f"larder-{self.port}.yaml"
        path.write_text((HERE / "larder.yaml").read_text() + store)
        environment = {"BENCH_PORT": self.port, "BENCH_ADMIN_PORT": self.admin_port, "BENCH_ORIGIN_PORT": self.origin_port}
        self.launch(pinned(self.options.server_core) + self.wrapper + [self.options.larder, "serve", "-c", str(path)],
                    {name: str(value) for name, value in environment.items()}, self.run_dir / "larder.log")
        self.wait_ready()
        self.wait_joined()

    def wait_joined(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/readyz", timeout=10):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("a replica does not join the others")

    def stats(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/api/stats", timeout=60) as answer:
            return json.load(answer)

    def memory_mib(self):
        return self.rss_bytes() / 2**20


def tagging_origin(options, delay_ms=0):
    return Origin(options.load_core, tag_field="Surrogate-Key", delay_ms=delay_ms)


def purge_request(selector):
    body = json.dumps({"select": [selector]})
    length = len(body) + (3 if "%" in body else 0)  # a number of four digits stands for the sign
    return (f"POST /api/purge HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
            f"{body}")


def page_request():
    return f"GET /pages/%/{SIZE} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"


def acks(options, run_dir):
    """Purges are sent to the first replica and answered when all three have applied them."""
    load, result = Load(options, run_dir), {}
    requests = [purge_request("tag:group-%"), purge_request("prefix:/pages/%")]

    def purge(replica):
        return load.end(load.begin(replica.admin_port, requests, **{"from": 1000, "to": 1400}, count=PURGES, rate=PURGE_RATE,
                                   connections=1))
    for name, delay_ms, entries in (("empty", 0, 0), ("full", 0, options.entries), ("slow", SLOW_MS, 0)):
        with tagging_origin(options, delay_ms) as origin, Redis(options.load_core) as redis:
            replicas = [Replica(options, origin.port, redis, run_dir) for _ in range(3)]
            try:
                for replica in replicas:
                    replica.start()
                if entries:
                    for replica in replicas:
                        load.fill(replica.port, FIRST, entries)
                waiting = [load.begin(replica.port, [page_request()], **{"from": FIRST, "to": FIRST + 100_000}, random=1,
                                      rate=100, seconds=8, connections=64) for replica in replicas] if delay_ms else []
                time.sleep(4)  # past the lease after which a new epoch acknowledges purges
                result[name] = purge(replicas[0])
                for each in waiting:
                    load.end(each)
            finally:
                for replica in replicas:
                    replica.stop()
        say(f"  {name}: {result[name]}")
    return result


def hit(options, run_dir):
    counts = {}
    with Origin(options.load_core) as origin, Redis(options.load_core) as redis:
        for name, its_redis in (("memory", None), ("redis", redis)):
            say(f"  counting instructions, {name}")
            counts[name] = {head: instructions_per_hit(
                lambda wrapper, r=its_redis: Replica(options, origin.port, r, run_dir, wrapper),
                lambda _server, f=fields: request("www.example.com", "/pages/1/1024", f), run_dir)
                for head, fields in HEADS.items()}
    return counts


def stall(options, run_dir):
    load, result = Load(options, run_dir), {}
    with tagging_origin(options) as origin, Redis(options.load_core) as redis, \
            Replica(options, origin.port, redis, run_dir, on_loss="serve") as replica:
        load.fill(replica.port, FIRST, HIT_PAGES)

        def measure(name, seconds, first):
            hits = load.begin_hits(replica, seconds, FIRST, FIRST + HIT_PAGES)
            misses = load.begin(replica.port, [page_request()], **{"from": first, "to": first + seconds * MISS_RATE},
                                rate=MISS_RATE, seconds=seconds, connections=8)
            result[name] = {"hits": load.end(hits), "misses": load.end(misses), "mib": replica.memory_mib()}
            say(f"  {name}: {result[name]}")
        measure("before", STALL_SECONDS, 2 * FIRST)
        redis.process.send_signal(signal.SIGSTOP)
        try:
            measure("stalled", STALL_SECONDS, 3 * FIRST)
        finally:
            redis.process.send_signal(signal.SIGCONT)
        replica.wait_joined()
        time.sleep(1)
        looked_up = replica.stats()["second_level"]["misses"]
        measure("after", STALL_SECONDS, 4 * FIRST)
        result["looked_up_after"] = replica.stats()["second_level"]["misses"] - looked_up
        result["look_up_timeouts"] = replica.stats()["second_level"]["timeouts"]
    return result


PARTS = {"acks": acks, "hit": hit, "stall": stall}


def acks_report(result, options, lines, targets):
    names = {"empty": "empty stores", "full": f"{options.entries:,} entries in each", "slow": f"every page takes {SLOW_MS / 1000:.0f} s"}
    lines += ["**A purge across three replicas**, acknowledged when each has applied it; ms.", "", "| | median | p99 | max |",
              "|---|---:|---:|---:|"]
    for name, measured in result.items():
        lines.append(f"| {names[name]} | {measured['p50_ms']:.2f} | {measured['p99_ms']:.2f} | {measured['max_ms']:.2f} |")
        targets.append((f"a purge is acknowledged in under 5 ms at the median, {names[name]}: {measured['p50_ms']:.2f} ms",
                        measured["p50_ms"] < 5))


def hit_report(result, _options, lines, targets):
    lines += ["**Instructions of a hit in memory**, user space (callgrind).", "", "| request head | memory only | with Redis | ratio |",
              "|---|---:|---:|---:|"]
    for head in result["memory"]:
        alone, shared = result["memory"][head], result["redis"][head]
        lines.append(f"| {head} | {alone:,.0f} | {shared:,.0f} | {shared / alone:.3f} |")
        targets.append((f"a hit costs at most 3 % more with Redis, {head} head: {(shared / alone - 1) * 100:.1f} %", shared <= 1.03 * alone))


def stall_report(result, options, lines, targets):
    lines += [f"**Redis stands still for {STALL_SECONDS} s**, {options.rate} hits and {MISS_RATE} misses a second; ms.", "",
              "| | hits, median / p99 | misses, median / p99 / max | memory, MiB |", "|---|---:|---:|---:|"]
    for name in ("before", "stalled", "after"):
        hits, misses = result[name]["hits"], result[name]["misses"]
        lines.append(f"| {name} | {hits['p50_ms']:.2f} / {hits['p99_ms']:.2f} | {misses['p50_ms']:.2f} / {misses['p99_ms']:.2f} / "
                     f"{misses['max_ms']:.2f} | {result[name]['mib']:.0f} |")
    before, stalled = result["before"], result["stalled"]
    ratio = stalled["hits"]["p99_ms"] / max(before["hits"]["p99_ms"], 0.001)
    # The lease ends meanwhile: with on_loss: serve hits stay hits.
    targets += [(f"hits keep their p99 within 1.2 x: {ratio:.2f} x", ratio <= 1.2),
                (f"all of them are hits: {stalled['hits']['hits']:,} of {stalled['hits']['answered']:,}",
                 stalled["hits"]["hits"] == stalled["hits"]["answered"]),
                (f"a miss waits no longer than two budgets: {stalled['misses']['max_ms']:.1f} ms", stalled["misses"]["max_ms"] < 150),
                (f"nothing grows: {stalled['mib'] - before['mib']:.1f} MiB more", stalled["mib"] - before["mib"] < 16),
                (f"when it is back misses look there again: {result['looked_up_after']} did", result["looked_up_after"] > 0)]


REPORTS = {"acks": acks_report, "hit": hit_report, "stall": stall_report}


def report(measured, options):
    lines, targets = [], []
    for part, result in measured.items():
        REPORTS[part](result, options, lines, targets)
        lines.append("")
    lines += [f"- {'PASS' if is_met else 'MISS'}: {text}" for text, is_met in targets]
    lines += ["", f"{about_machine()}; replicas on one core, Redis, origin and load on another; load average at the end"
              f" {os.getloadavg()[0]:.1f}."]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="bench/replicas/replicas")
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--larder", default=str(BUILD / "release/larder"))
    options = parser.parse_args()
    options.server_core, options.load_core = two_cores("bench/replicas")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results = BUILD / "bench"
    results.mkdir(parents=True, exist_ok=True)
    measured = {}
    with tempfile.TemporaryDirectory(prefix="run.", dir=results) as run_dir:
        for part in options.part or PARTS:
            say(part)
            measured[part] = PARTS[part](options, run_dir)
    text = report(measured, options)
    keep("replicas", measured, text)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as error:
        sys.exit(f"bench/replicas: {error}")
