"""Readers who ask for the same addresses over and over, in a process of their own.

    reader.py HOST PORT

A line on its standard input, a list of looks in JSON, begins a history; an empty line on its standard output tells that
each address has been asked for. An empty line on its standard input ends the history, as soon as every address has been
asked for a few times more; then it comes as one line: of each answer when it was asked for and when it came
(CLOCK_MONOTONIC, which all processes share), which look it belongs to, and whether that is what was there before, what
has to be there after, neither or both. A failed request is told as such.
"""

import http.client
import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

import paths  # noqa: F401  the demo's modules
from crawling import Client
from looks import Look, text_of

AT_ONCE = 3
PAUSE_S = 0.008  # of each reader after each answer: the site shall have some of the machine
MORE_ROUNDS = 3
TIMEOUT_S = 30
ANSWERS_MAX = 200_000


class Reading:
    """One history."""

    def __init__(self, host, port, looks):
        self.client = Client(lambda: http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S), host)
        self.looks = looks
        self.answers = []
        self.ends = None  # when its end was asked for
        self.threads = [threading.Thread(target=self.read, args=(number,), daemon=True) for number in range(AT_ONCE)]
        for thread in self.threads:
            thread.start()

    def wait_for_first_round(self):
        while len({number for _, _, number, *_ in list(self.answers)}) < len(self.looks):
            time.sleep(PAUSE_S)

    def read(self, offset):
        rounds_left = MORE_ROUNDS
        while rounds_left and len(self.answers) < ANSWERS_MAX:
            is_last_part = self.ends is not None
            for number in range(len(self.looks)):
                self.ask((number + offset) % len(self.looks))
                time.sleep(PAUSE_S)
            rounds_left -= is_last_part

    def ask(self, number):
        look = self.looks[number]
        sent = time.monotonic()
        try:
            answer = self.client.get(look.path)
        except (OSError, http.client.HTTPException) as error:
            self.client.local.connection = None
            self.answers.append((sent, time.monotonic(), number, False, False, False, f"failed: {error!r}"))
            return
        text = text_of(answer)
        before, after = (seen.is_in(answer.status, text) for seen in (look.before, look.after))
        said = f"{answer.status} {answer.fields.get('cache-status', '')}"
        self.answers.append((sent, time.monotonic(), number, before, after, answer.is_hit, said))

    def end(self):
        self.ends = time.monotonic()
        for thread in self.threads:
            thread.join()
        return self.answers


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    reading = None
    for line in sys.stdin:
        if line.strip():
            reading = Reading(host, port, [Look.from_json(fields) for fields in json.loads(line)])
            reading.wait_for_first_round()
            print(flush=True)
        elif reading:
            print(json.dumps(reading.end()), flush=True)
            reading = None


@dataclass(frozen=True)
class Answered:
    """One answer of a history."""

    sent: float
    received: float
    look: int
    is_before: bool
    is_after: bool
    is_hit: bool
    said: str

    @property
    def failed(self):
        return self.said.startswith("failed")


class Readers:
    """The process, from outside."""

    def __init__(self, stand):
        command = [sys.executable, __file__, stand.host, str(stand.port)]
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.are_reading = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait()

    def begin(self, looks):
        if self.are_reading:  # whoever began before did not go on to the end
            self.end()
        self.are_reading = True
        self.say(json.dumps([look.to_json() for look in looks]))
        self.process.stdout.readline()

    def end(self):
        """All answers, and none is under way any more."""
        self.say("")
        self.are_reading = False
        return [Answered(*fields) for fields in json.loads(self.process.stdout.readline())]

    def say(self, line):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()


if __name__ == "__main__":
    main()
