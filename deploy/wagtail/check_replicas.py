"""Walks the story of deploy/replicas against what runs, and says of each step whether it held.

    check_replicas.py --site URL --upstream SOCKET --replica PORT:ADMIN_PORT (once for each) --control DIRECTORY --larder FILE

One replica fetches a page, the others find it in Redis; a purge at one holds in all; a replica is killed, then Redis, and
both come back. Exit code 0 when every step held, else 1. The directory has NAME.pid of what may be killed, and takes
NAME.start, which starts it again.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from check import BREAKDOWNS, POST_PATH, Report
from editor import Editor, page_id_at
from sessions import TIMEOUT_S, new_session
from visits import Site, parse_cache_status

# What a busy machine takes to tell, on top of what is promised.
SLACK_S = 1.5
WAIT_S_MAX = 30


class TooLate(OSError):
    """What was waited for has not come."""


def wait_until(what, is_so, seconds=WAIT_S_MAX):
    """Asks again until it is so; the seconds that this took."""
    start = time.monotonic()
    while not is_so():
        if time.monotonic() - start > seconds:
            raise TooLate(f"{what}: not within {seconds} s")
        time.sleep(0.05)
    return time.monotonic() - start


@dataclass
class Answer:
    status: int
    text: str
    replica: str  # as HAProxy calls it; empty when it was asked directly
    cache_status: dict
    seconds: float

    @property
    def is_hit(self):
        return self.status == 200 and "hit" in self.cache_status

    @property
    def is_fetched(self):
        return self.status == 200 and not self.is_hit and self.cache_status.get("fwd") in ("uri-miss", "miss", "stale")

    @property
    def is_found_in_redis(self):
        return self.is_hit and self.cache_status.get("detail") == "second-level"

    @property
    def is_new_here(self):
        """Not out of this replica's own memory."""
        return self.is_fetched or self.is_found_in_redis

    @property
    def is_unverified(self):
        return self.is_fetched and self.cache_status.get("detail") == "unverified"

    def __str__(self):
        words = [str(self.status), self.replica, "hit" if "hit" in self.cache_status else ""]
        words += [f"{name}={self.cache_status[name]}" for name in ("fwd", "detail") if name in self.cache_status]
        return " ".join(filter(None, words))


def told(answers):
    return ", ".join(map(str, answers))


def get(url, host=None):
    start = time.monotonic()
    with new_session() as session:
        headers = {"Host": host} if host else {}
        answer = session.get(url, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
    cache_status = parse_cache_status(answer.headers.get("Cache-Status", ""))
    return Answer(
        answer.status_code, answer.text, answer.headers.get("X-Replica", ""), cache_status, time.monotonic() - start
    )


@dataclass
class Replica:
    name: str
    port: str
    admin_port: str
    host: str  # of the site

    @property
    def admin_url(self):
        return f"http://127.0.0.1:{self.admin_port}"

    def get(self, path):
        return get(f"http://127.0.0.1:{self.port}{path}", self.host)

    def view(self):
        """How it sees the replicas; empty while it does not answer."""
        try:
            with new_session() as session:
                return session.get(f"{self.admin_url}/api/replicas", timeout=TIMEOUT_S).json()
        except OSError:
            return {}

    def purge(self, path):
        """The status, what was told, and how long it took."""
        start = time.monotonic()
        with new_session() as session:
            order = {"select": [f"path:{path}"]}
            answer = session.post(f"{self.admin_url}/api/purge", json=order, timeout=TIMEOUT_S)
        return answer.status_code, answer.json(), time.monotonic() - start


class Story:
    def __init__(self, arguments, report):
        self.report = report
        self.site = Site(arguments.site.rstrip("/"), arguments.upstream)
        host = self.site.url.removeprefix("http://")
        self.replicas = [
            Replica(f"larder-{number}", *ports.split(":"), host) for number, ports in enumerate(arguments.replica, 1)
        ]
        self.control = Path(arguments.control)
        self.larder = arguments.larder
        self.lease_s = self.replicas[0].view()["lease_ms"] / 1000
        self.promise_s = self.lease_s + 1  # within which a purge is answered

    def through_haproxy(self, count, path=POST_PATH):
        return [get(self.site.url + path) for _ in range(count)]

    def at_each(self, path=POST_PATH):
        return [replica.get(path) for replica in self.replicas]

    def kill(self, name):
        os.kill(int((self.control / f"{name}.pid").read_text()), signal.SIGKILL)

    def start_again(self, name):
        wait_until(f"{name} to be gone", lambda: not (self.control / f"{name}.pid").exists())
        (self.control / f"{name}.start").touch()

    def run_larder(self, command, at, *arguments):
        command_line = [self.larder, command, "--admin", at.admin_url, *arguments]
        return subprocess.run(command_line, capture_output=True, text=True, timeout=TIMEOUT_S)

    def are_all_here(self):
        views = [replica.view() for replica in self.replicas]
        return all(view.get("lease") and len(view["replicas"]) == len(self.replicas) for view in views)

    def check_purge(self, title, at, status, seconds_max):
        got, answer, seconds = at.purge(POST_PATH)
        seen = f"{got}, {answer['acknowledged']} of {answer['replicas']}, {seconds:.2f} s"
        if "error" in answer:
            seen += f", {answer['error']}"
        self.report.step(title, got == status and seconds <= seconds_max + SLACK_S, seen)

    def check_one_fetches_then_hits(self, why):
        first, second = self.at_each(), self.at_each()
        self.report.step(f"{why}: not one replica answers from before", all(a.is_new_here for a in first), told(first))
        self.report.step("one has fetched it for all", sum(a.is_fetched for a in first) == 1, told(first))
        in_memory = all(a.is_hit and not a.is_found_in_redis for a in second)
        self.report.step("then each has it", in_memory, told(second))

    def visits(self):
        self.report.section("A visitor comes, by HAProxy")
        # It was started beside them, and asks each again half a second after that one had no lease yet.
        names = {replica.name for replica in self.replicas}
        wait_until(
            "HAProxy to ask each replica",
            lambda: names == {answer.replica for answer in self.through_haproxy(len(names), "/")},
        )
        before = self.site.counters()["requests"]
        by_replica = {replica.name: [] for replica in self.replicas}
        for answer in self.through_haproxy(4 * len(self.replicas)):
            by_replica.setdefault(answer.replica, []).append(answer)
        turns = {name: len(answers) for name, answers in by_replica.items()}
        shared = len(turns) == len(self.replicas) and min(turns.values()) >= 2
        self.report.step("HAProxy shares them among the replicas", shared, turns)
        for name, answers in by_replica.items():
            held = bool(answers) and answers[0].is_new_here and all(a.is_hit for a in answers[1:])
            self.report.step(f"{name}: a MISS, or a page out of Redis, then HITs", held, told(answers))
        cost = self.site.counters()["requests"] - before
        self.report.step("the CMS has seen one request for all of them", cost == 1, f"{cost} requests")

    def purges(self):
        self.report.section("Somebody purges the page at the second replica")
        done = self.run_larder("purge", self.replicas[1], f"path:{POST_PATH}")
        seen = (done.stdout + done.stderr).strip()
        count = len(self.replicas)
        held = done.returncode == 0 and f"acknowledged by {count} of {count}" in seen
        self.report.step("all replicas acknowledge it", held, seen)
        self.check_one_fetches_then_hits("after it")
        done = self.run_larder("stats", self.replicas[0])
        line = next((line for line in done.stdout.splitlines() if line.startswith("replicas")), done.stderr)
        self.report.step("larder stats shows them", f"replicas {count} " in line and "lease holds" in line, line)

        self.report.section("An editor publishes, by HAProxy")
        title = f"Apples keep until {time.strftime('%H:%M:%S')}"
        Editor(self.site.url).publish(page_id_at(self.site.url, POST_PATH), title=title)
        answers = self.at_each()
        new = all(a.is_new_here and title in a.text for a in answers)
        self.report.step("the very next visitor of each replica sees the new page", new, told(answers))

    def replica_dies(self):
        self.report.section("A replica is killed")
        dead, others = self.replicas[-1], self.replicas[:-1]
        self.kill(dead.name)
        answers = self.through_haproxy(12)
        alive = {replica.name for replica in others}
        held = all(a.status == 200 and a.replica in alive for a in answers)
        self.report.step("each visitor still gets the page", held, told(answers))
        self.check_purge("a purge is acknowledged within the lease and a second", others[0], 200, self.promise_s)
        answers = [replica.get(POST_PATH) for replica in others]
        self.report.step("and holds", all(a.is_new_here for a in answers), told(answers))
        # Another replica learns it when it next renews its own lease, three times in each.
        self.check_purge("the next one waits for a renewal at most", others[1], 200, self.lease_s / 3)

        self.start_again(dead.name)
        wait_until("all replicas to be there", self.are_all_here)
        count = len(self.replicas)
        seconds = wait_until(
            "HAProxy to ask it again", lambda: dead.name in {a.replica for a in self.through_haproxy(count)}
        )
        self.report.step("started again, it takes part", True, f"HAProxy asks it after {seconds:.1f} s")
        before, known = self.site.counters()["requests"], dead.get(POST_PATH)
        cost = self.site.counters()["requests"] - before
        held = known.is_hit and cost == 0
        self.report.step("what the others have it does not fetch", held, f"{known}, {cost} requests")
        self.check_purge("a purge reaches it, too", others[0], 200, self.promise_s)
        self.check_one_fetches_then_hits("after it")

    def redis_dies(self):
        self.report.section("Redis is killed")
        self.kill("redis")
        seconds = wait_until(
            "the leases to end", lambda: not any(replica.view().get("lease", True) for replica in self.replicas)
        )
        within = seconds <= self.lease_s + SLACK_S
        self.report.step("each replica notices within the lease", within, f"{seconds:.1f} s")
        answers = self.through_haproxy(2 * len(self.replicas))
        held = all(a.is_unverified for a in answers)
        self.report.step("pages still come, and none unasked", held, told(answers))
        self.check_purge("a purge answers 503 within the lease and a second", self.replicas[0], 503, self.promise_s)

        self.report.section("Redis is started again")
        self.start_again("redis")
        statuses = []

        def is_acknowledged():
            statuses.append(self.replicas[1].purge(POST_PATH)[0])
            return statuses[-1] == 200

        seconds = wait_until("a purge to be acknowledged", is_acknowledged)
        within = seconds <= 2 * self.lease_s + SLACK_S
        self.report.step("a purge is acknowledged within two leases", within, f"{seconds:.1f} s, {statuses}")
        wait_until("all replicas to be there", self.are_all_here)
        self.check_one_fetches_then_hits("after it")

    def walk(self):
        self.visits()
        self.purges()
        self.replica_dies()
        self.redis_dies()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", required=True, help="URL of the site, as visitors reach it through HAProxy")
    parser.add_argument("--upstream", required=True, help="path of the CMS's unix socket")
    parser.add_argument("--replica", required=True, action="append", help="PORT:ADMIN_PORT of a replica")
    parser.add_argument("--control", required=True, help="directory of the .pid and .start files")
    parser.add_argument("--larder", required=True, help="the larder binary")
    report = Report()
    try:
        Story(parser.parse_args(), report).walk()
    except (*BREAKDOWNS, subprocess.SubprocessError) as error:
        report.step("the walk goes on", False, f"{type(error).__name__}: {error}")

    print(f"\n{'the story holds' if not report.failures else f'{len(report.failures)} steps failed'}")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
