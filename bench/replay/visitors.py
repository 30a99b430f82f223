"""Replays a log: so many clients at once, each of which takes the next step when it is done with one."""

import http.client
import socket
import sys
import time
from threading import Lock, Thread

from day import FRONT_ORIGIN, LANGUAGES, Step, Visitor
from ledger import is_stale
from stand import REQUEST_SECONDS_MAX

from visits import UnixConnection

EXPECTED_STATUS = {"GET": (200,), "POST": (204,)}
# Clients are threads of one interpreter: one that has an answer must not wait long for another that looks through a page.
SWITCH_INTERVAL_S = 0.0005


class Connection:
    """One client's keep-alive connection: to Larder, or to the CMS itself by its socket."""

    def __init__(self, port, upstream=None):
        self._host = f"localhost:{port}"
        if upstream:
            self._connection = UnixConnection(upstream)
        else:
            self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=REQUEST_SECONDS_MAX)

    def ask(self, method, target, fields):
        """Status, fields and body, and the milliseconds until the body was there."""
        if self._connection.sock is None:
            self._connection.connect()
            if self._connection.sock.family != socket.AF_UNIX:
                self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began = time.perf_counter()
        self._connection.request(method, target, headers={"Host": self._host, **fields})
        answer = self._connection.getresponse()
        body = answer.read()
        return answer, body, (time.perf_counter() - began) * 1000

    def close(self):
        self._connection.close()


class Replay:
    """Reads by everybody, checked against what was written; writes by people.py."""

    def __init__(self, port, ledger, expectations, lifetimes, names, people):
        self.port, self.ledger, self.expectations = port, ledger, expectations
        self.lifetimes, self.names, self.people = lifetimes, names, people
        self.problems = []
        self._turns = {}
        self._lock = Lock()

    def run(self, log, clients):
        steps = iter(log)
        before = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        threads = [Thread(target=self._client, args=(steps,), daemon=True) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(before)

    def _next(self, steps):
        with self._lock:
            return next(steps, None) if not self.problems else None

    def _client(self, steps):
        connection = Connection(self.port)
        try:
            while (step := self._next(steps)) is not None:
                self._perform(step, connection)
        except Exception as error:  # of a client's thread: told at the end of the run, which it ends
            self._wrong(f"{step}: {type(error).__name__}: {error}")
            self.names.end()
        finally:
            connection.close()

    def _perform(self, step, connection):
        if step.act:
            for address in self.people.act(step):
                self._look_after_write(step, address, connection)
        elif step.user:
            text = self.people.read(step, self.names.of(step.address))
            self._check_viewer(step, text, f"user:{step.user}")
        else:
            self._read(step, connection)

    def _look_after_write(self, write, address, connection):
        """The next visitor to a page that a write has changed."""
        origin = FRONT_ORIGIN if address.startswith("/api/") else ""
        visitor = Visitor(language=LANGUAGES[0][0], origin=origin)
        self._read(Step(write.at_s, write.flow, address, visitor=visitor), connection)

    def _turn(self, address):
        """Two who want one page came minutes apart; here the second waits until the first has it, unmeasured."""
        with self._lock:
            return self._turns.setdefault(address, Lock())

    def _read(self, step, connection):
        address = self.names.of(step.address)
        with self._turn(address):
            look = self.expectations.begin_read(address)
            if step.method == "GET":
                self.lifetimes.before(step, address)
            answer, body, ms = connection.ask(step.method, self.names.of(step.target), step.visitor.fields())
            cache_status = self.ledger.note(step.flow, answer.headers, ms)
            if step.method == "GET":
                self.lifetimes.after(step, address, cache_status)
        if answer.status not in EXPECTED_STATUS[step.method]:
            self._wrong(f"{step.method} {step.target}: status {answer.status}, {body[:200]!r}")
            return
        if answer.headers.get_content_maintype() in ("text", "application"):
            text = body.decode()
            self.expectations.end_read(look, address, text, is_stale(cache_status))
            self._check_viewer(step, text, "anonymous")

    def _check_viewer(self, step, text, viewer):
        """Each page of the site says for whom it was made."""
        if '<meta name="viewer"' in text and f'<meta name="viewer" content="{viewer}">' not in text:
            self._wrong(f"{step.target}: a page for somebody else than {viewer}")

    def _wrong(self, what):
        with self._lock:
            self.problems.append(what)


def times_of_cms(steps, names, port, upstream, clients):
    """For each flow, milliseconds that the CMS takes for these reads without Larder, so many at once."""
    waiting, times, lock = iter(steps), {}, Lock()

    def client():
        connection = Connection(port, upstream)
        while True:
            with lock:
                step = next(waiting, None)
            if step is None:
                break
            _, _, ms = connection.ask("GET", names.of(step.address), step.visitor.fields())
            with lock:
                times.setdefault(step.flow, []).append(ms)
        connection.close()

    threads = [Thread(target=client, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times
