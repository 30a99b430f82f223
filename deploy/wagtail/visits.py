"""Requests to a site behind Larder, with what each of them cost the CMS."""

import http.client
import json
import re
import socket
import time
from dataclasses import dataclass

from sessions import TIMEOUT_S, new_session


@dataclass
class Visit:
    """One anonymous request: what came back, and what it cost the CMS."""

    status: int
    text: str
    cache_status: dict
    raw_cache_status: str
    requests: int
    queries: int
    seconds: float

    @property
    def is_hit(self):
        return "hit" in self.cache_status

    @property
    def was_stored(self):
        return "stored" in self.cache_status

    @property
    def forward_reason(self):
        return self.cache_status.get("fwd", "")

    def __str__(self):
        return (
            f"{self.status}, Cache-Status: {self.raw_cache_status or '(none)'}, "
            f"{self.requests} requests and {self.queries} queries at the CMS, {self.seconds * 1000:.1f} ms"
        )


def split_unquoted(text, mark):
    """The parts of text between the marks that are in no quoted string."""
    return [part for part in re.findall(rf'((?:"(?:[^"\\]|\\.)*"|[^"{mark}])*)(?:{mark}|$)', text) if part]


def parse_cache_status(value):
    """The parameters of Larder's member of a Cache-Status field (RFC 9211); a bare one is True."""
    for member in split_unquoted(value, ","):
        name, *parameters = (part.strip() for part in split_unquoted(member, ";"))
        if name.strip('"') == "larder":
            pairs = (parameter.partition("=") for parameter in parameters)
            return {key: text.strip('"') if equals else True for key, equals, text in pairs}
    return {}


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket: to the CMS itself, past Larder."""

    def __init__(self, path):
        super().__init__("localhost", timeout=TIMEOUT_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


@dataclass
class Site:
    url: str
    upstream: str  # the CMS's unix socket

    def counters(self):
        connection = UnixConnection(self.upstream)
        connection.request("GET", "/_demo/counters/")
        totals = json.load(connection.getresponse())
        connection.close()
        return totals

    def visit(self, path, cookies=None):
        """What a visitor without a past gets; nothing is kept from one visit to the next."""
        before = self.counters()
        start = time.monotonic()
        with new_session() as session:
            answer = session.get(self.url + path, cookies=cookies, timeout=TIMEOUT_S, allow_redirects=False)
        seconds = time.monotonic() - start
        after = self.counters()
        cache_status = answer.headers.get("Cache-Status", "")
        return Visit(
            status=answer.status_code,
            text=answer.text,
            cache_status=parse_cache_status(cache_status),
            raw_cache_status=cache_status,
            requests=after["requests"] - before["requests"],
            queries=after["queries"] - before["queries"],
            seconds=seconds,
        )
