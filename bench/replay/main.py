"""Replays a day against the example configurations and prints what they were worth. See bench/replay/replay."""

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from paths import OUTPUT  # first, since it makes the others known

import blog
import forum
import whole
from day import between
from expectations import Expectations
from inventory import Inventory
from ledger import Ledger, percentile, table
from lifetimes import Lifetimes
from people import Names, People
from stand import HOOK_SECRET, Larder, StandError, Wagtail, example_on_ports
from visitors import Replay, times_of_cms

from servers import free_ports

QUICK_HOURS = (9, 12)
HIT_MS_MAX = 10
CMS_MS_MIN = 100
SAMPLES_OF_CMS = 200
PROBLEMS_SHOWN = 5


@dataclass(frozen=True)
class Part:
    title: str
    day: ModuleType
    config: str  # in config/
    hook_secret: str = ""
    ratios: dict = field(default_factory=dict)  # what is wanted, by flow
    is_quick: bool = True


PARTS = {
    "blog": Part(
        title="The blog behind its API, config/headless.yaml",
        day=blog,
        config="headless.yaml",
        ratios={"blog": 0.4, "popular": 0.9},
    ),
    "forum": Part(
        title="The forum, config/forum.yaml",
        day=forum,
        config="forum.yaml",
        hook_secret=HOOK_SECRET,
        ratios={"forum": 0.3},
    ),
    "site": Part(title="The whole site, config/wagtail.yaml", day=whole, config="wagtail.yaml", is_quick=False),
}


@contextmanager
def stand_of(part, arguments):
    """The site and Larder on free ports; their logs outlive them."""
    port, admin_port = free_ports(2)
    with tempfile.TemporaryDirectory(prefix="larder-replay.", dir="/tmp") as directory:
        directory = Path(directory)
        wagtail = Wagtail(arguments.venv, arguments.pristine, directory, port, admin_port, part.hook_secret)
        config = example_on_ports(part.config, port, admin_port)
        larder = Larder(arguments.larder, config, directory, port, admin_port, wagtail.socket)
        try:
            with wagtail, larder:
                yield wagtail, larder
        finally:
            for log in directory.glob("*.log"):
                shutil.copy(log, OUTPUT)


@dataclass
class Day:
    """What a part's day came to."""

    ledger: Ledger
    alone: dict
    problems: list
    facts: list


def play(part, arguments, wagtail, larder):
    inventory = Inventory(wagtail.state)
    log = part.day.log(random.Random(arguments.seed), arguments.requests, inventory)
    if arguments.quick:
        log = between(log, *(hour * 3600 for hour in QUICK_HOURS))
    ledger, expectations, names = Ledger(part.day.FLOWS), Expectations(), Names()
    lifetimes = Lifetimes(larder, wagtail.url, part.day.FLOWS)
    people = People(wagtail.url, ledger, expectations, names, inventory, wagtail.database)
    run = Replay(larder.port, ledger, expectations, lifetimes, names, people)
    before = wagtail.counters()
    run.run(log, arguments.clients)
    after = wagtail.counters()
    alone = {}
    if not arguments.quick and not run.problems:
        alone = cms_alone(log, names, larder.port, wagtail.socket, arguments.clients)
    facts = [
        f"{sum(row.requests for row in ledger.rows.values())} requests, {sum(bool(step.act) for step in log)} writes; "
        f"{lifetimes.expired} times something had grown too old.",
        f"The CMS answered {after['requests'] - before['requests']} requests with {after['queries'] - before['queries']} "
        f"queries; the hits would have cost {ledger.queries_saved} more.",
        f"{expectations.checked} times a page that had to show something new was read: "
        f"{len(expectations.problems)} showed something old.",
    ]
    if not arguments.quick:
        in_larder_ms = larder.hit_ms()
        facts.append(
            f"Larder itself took {percentile(in_larder_ms, 0.5):.3f} ms for a hit (p50), "
            f"{percentile(in_larder_ms, 0.99):.3f} (p99), {max(in_larder_ms):.3f} at most, by its access log."
        )
    return Day(ledger, alone, run.problems + expectations.problems, facts)


def replay(part, arguments):
    """Plays the part and prints its table; what is not as wanted."""
    began = time.monotonic()
    with stand_of(part, arguments) as (wagtail, larder):
        day = play(part, arguments, wagtail, larder)
    print(f"\n## {part.title}\n\n{table(day.ledger.rows, day.alone)}\n")
    print(*day.facts, f"{time.monotonic() - began:.0f} s.", sep="\n", flush=True)
    if day.problems:
        often = Counter(day.problems).most_common(PROBLEMS_SHOWN)
        return [f"{part.title}: {problem} ({count} times)" for problem, count in often]
    missed = missed_ratios(part, day.ledger.rows)
    if arguments.check_times:
        missed += missed_times(day.ledger.rows, day.alone)
    return missed


def cms_alone(log, names, port, upstream, clients):
    """For each flow what the CMS itself takes for pages as the log asks for them: one by one, and all clients at once."""
    by_flow = defaultdict(list)
    for step in log:
        if step.method == "GET" and not step.user and not step.act:
            by_flow[step.flow].append(step)
    steps = [step for own in by_flow.values() for step in own[:: max(1, len(own) // SAMPLES_OF_CMS)]]
    one_by_one = times_of_cms(steps, names, port, upstream, 1)
    at_once = times_of_cms(steps, names, port, upstream, clients)
    return {flow: (one_by_one.get(flow, []), at_once.get(flow, [])) for flow in by_flow}


def missed_ratios(part, rows):
    return [
        f"{part.title}: hit ratio of {flow} is {rows[flow].hit_ratio:.1%}, wanted over {wanted:.0%}"
        for flow, wanted in part.ratios.items()
        if rows[flow].hit_ratio <= wanted
    ]


def missed_times(rows, alone):
    missed = []
    for flow, row in rows.items():
        hit_ms = percentile(row.hit_ms, 0.99)
        if hit_ms is not None and hit_ms >= HIT_MS_MAX:
            missed.append(f"{flow}: a hit takes {hit_ms:.1f} ms at p99, wanted under {HIT_MS_MAX}")
        if flow == "popular" and percentile(alone[flow][0], 0.5) <= CMS_MS_MIN:
            missed.append(f"{flow}: the CMS takes {CMS_MS_MIN} ms or less; was the site seeded on a busy machine?")
    return missed


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--larder", required=True)
    parser.add_argument("--venv", required=True)
    parser.add_argument("--pristine", required=True)
    parser.add_argument("--requests", type=int, default=30000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--check-times", action="store_true")
    arguments = parser.parse_args()
    if arguments.quick and arguments.check_times:
        parser.error("--quick measures no times of the CMS: leave --check-times away")
    arguments.parts = [
        part
        for name, part in PARTS.items()
        if name in (arguments.only or PARTS) and (part.is_quick or not arguments.quick)
    ]
    if not arguments.parts:
        parser.error("the site is not part of --quick")
    return arguments


def main():
    arguments = parse_arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))  # so that the servers are stopped
    OUTPUT.mkdir(parents=True, exist_ok=True)
    failures = []
    for part in arguments.parts:
        try:
            failures += replay(part, arguments)
        except StandError as error:
            failures.append(f"{part.title}: {error}")
    print()
    for failure in failures:
        print(f"FAIL {failure}")
    print("the day went as wanted" if not failures else f"{len(failures)} failures; the logs are in {OUTPUT}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
