"""A crawler: everything that links lead to from the front page, asked for without a past."""

import http.client
import json
import re
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import paths  # noqa: F401  the demo's modules

from visits import UnixConnection, parse_cache_status

STARTS = ("/", "/api/v2/pages/")  # nothing links to the API
ADDRESSES_MAX = 4000
AT_ONCE = 4
TIMEOUT_S = 30

# Attributes that name what a page shows or leads to.
LINKS = {
    "a": ("href",),
    "img": ("src",),
    "link": ("href",),
    "script": ("src",),
    "source": ("src",),
    "iframe": ("src",),
    "aside": ("data-popular",),
}
NOT_FOLLOWED = {"nofollow", "preconnect"}
CSS_ADDRESS = re.compile(r"""url\(\s*["']?([^"')]+)""")


@dataclass(frozen=True)
class Answer:
    status: int
    fields: dict  # names in lower case
    body: bytes
    cookies: tuple = ()  # (name, value) of each that it sets

    @property
    def content_type(self):
        return self.fields.get("content-type", "").partition(";")[0].strip()

    @property
    def text(self):
        return self.body.decode(errors="replace")

    @property
    def cache_status(self):
        return parse_cache_status(self.fields.get("cache-status", ""))

    @property
    def is_hit(self):
        return "hit" in self.cache_status


class LinkFinder(HTMLParser):
    """The addresses in one HTML page."""

    def __init__(self, html):
        super().__init__()
        self.addresses = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if NOT_FOLLOWED & set((attributes.get("rel") or "").split()):
            return
        self.addresses += [attributes[name] for name in LINKS.get(tag, ()) if attributes.get(name)]
        for candidate in (attributes.get("srcset") or "").split(","):
            self.addresses += candidate.split()[:1]


def addresses_in_json(value):
    """Every string in it that is an absolute address."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [address for item in value for address in addresses_in_json(item)]
    return [value] if isinstance(value, str) and value.startswith("http") else []


class Client:
    """Asks one server, over a connection for each thread; cookies only as they are given."""

    def __init__(self, connect, host):
        self.connect = connect
        self.host = host
        self.local = threading.local()

    @classmethod
    def of_larder(cls, stand):
        return cls(lambda: http.client.HTTPConnection("127.0.0.1", stand.port, timeout=TIMEOUT_S), stand.host)

    @classmethod
    def of_cms(cls, stand):
        return cls(lambda: UnixConnection(stand.socket_path), stand.host)

    def get(self, path, cookies=None, headers=None, method="GET"):
        fields = {"Host": self.host} | (headers or {})
        if cookies:
            fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        try:
            return self.ask(method, path, fields)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.local.connection = None  # closed while it was idle
            return self.ask(method, path, fields)

    def get_all(self, paths, cookies=None):
        """The answers to these, some of them asked for at once."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda path: self.get(path, cookies), paths))

    def ask(self, method, path, fields):
        connection = getattr(self.local, "connection", None)
        if connection is None:
            connection = self.local.connection = self.connect()
        connection.request(method, path, headers=fields)
        response = connection.getresponse()
        body = response.read()
        pairs = [(name.lower(), value) for name, value in response.getheaders()]
        cookies = tuple(value.split(";")[0].partition("=")[::2] for name, value in pairs if name == "set-cookie")
        return Answer(response.status, dict(pairs), body, cookies)


class Crawl:
    """One walk: the answer to each address, in the order of discovery."""

    def __init__(self, client, host, starts=STARTS, cookies=None, addresses_max=ADDRESSES_MAX):
        self.host = host
        self.addresses_max = addresses_max
        self.answers = {}
        self.came_from = {path: "" for path in starts}
        level = list(starts)
        while level:
            answers = client.get_all(level, cookies)
            self.answers.update(zip(level, answers))
            level = self.next_level(zip(level, answers))

    @property
    def reached_its_bound(self):
        return len(self.came_from) >= self.addresses_max

    def next_level(self, pairs):
        found = []
        for path, answer in pairs:
            for link in self.links(path, answer):
                if link not in self.came_from and not self.reached_its_bound:
                    self.came_from[link] = path
                    found.append(link)
        return found

    def links(self, path, answer):
        """The addresses on this site that an answer leads to, as request targets."""
        if "location" in answer.fields:
            addresses = [answer.fields["location"]]
        elif answer.content_type == "text/html":
            addresses = LinkFinder(answer.text).addresses
        elif answer.content_type == "application/json":
            addresses = addresses_in_json(json.loads(answer.body))
        elif answer.content_type == "text/css":
            addresses = CSS_ADDRESS.findall(answer.text)
        else:
            addresses = []
        base = f"http://{self.host}{path}"
        for address in addresses:
            parts = urlsplit(urldefrag(urljoin(base, address)).url)
            if parts.scheme == "http" and parts.netloc == self.host:
                # In one order: the same parameters in another are the same page.
                query = "&".join(sorted(parts.query.split("&")))
                yield parts.path + (f"?{query}" if query else "")


def sample(addresses, of_each):
    """A few addresses of each kind: of those with the same parent and the same query names, numbers not counting."""
    chosen = defaultdict(list)
    for address in addresses:
        parts = urlsplit(address)
        parent = parts.path.rstrip("/").rpartition("/")[0]
        names = tuple(sorted(pair.partition("=")[0] for pair in parts.query.split("&")))
        of_kind = chosen[re.sub(r"\d+", "N", parent), names]
        if len(of_kind) < of_each:
            of_kind.append(address)
    return [address for of_kind in chosen.values() for address in of_kind]


def kind_of(path, answer):
    """What an answer is, for the figures."""
    if path.startswith("/documents/"):
        return "document"
    if path.startswith("/static/"):
        return "static file"
    if answer.content_type.startswith("image/"):
        return "image"
    if answer.content_type == "application/json":
        return "API answer"
    return "page"
