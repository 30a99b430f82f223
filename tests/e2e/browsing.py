"""Visitors: browser contexts that keep nothing from each other, each of whose responses is looked at."""

import base64
import os
import time
from urllib.parse import urlsplit

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import sync_playwright

import paths  # noqa: F401  the demo's modules

from visits import parse_cache_status

CHROMIUM = "/usr/bin/chromium"
STEP_TIMEOUT_MS = 60_000
QUIET_POLL_MS = 5
LOOKED_INTO = ("text/", "application/json", "application/javascript")


class Browser:
    """One headless Chromium; each visitor has a context in it."""

    def __enter__(self):
        self.playwright = sync_playwright().start()
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        self.chromium = self.playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        return self

    def __exit__(self, *_):
        self.chromium.close()
        self.playwright.stop()


class Received:
    """A response as it came to the browser; the text of what is worth looking into."""

    def __init__(self, event, wire):
        self.url = event["request"]["url"]
        fields = [(field["name"].lower(), field["value"]) for field in event["responseHeaders"]]
        self.cookies = [value.split(";")[0].partition("=")[::2] for name, value in fields if name == "set-cookie"]
        kind = dict(fields).get("content-type", "")
        self.text = ""
        if kind.startswith(LOOKED_INTO) and not 300 <= event["responseStatusCode"] < 400:
            body = wire.send("Fetch.getResponseBody", {"requestId": event["requestId"]})
            self.text = (
                base64.b64decode(body["body"]).decode(errors="replace") if body["base64Encoded"] else body["body"]
            )
        self.is_html = kind.startswith("text/html") and self.text != ""


class Visitor:
    """A browser without a past. What it receives is looked at after each step, by `watch`."""

    def __init__(self, browser, watch, name, site_url):
        self.watch = watch
        self.name = name
        self.user = None
        self.site_url = site_url
        self.pending = set()
        self.received = []
        self.bodies = []  # (path, text) of the last step
        self.context = browser.chromium.new_context(viewport={"width": 1200, "height": 1600})
        self.context.set_default_timeout(STEP_TIMEOUT_MS)
        # Playwright wraps the handlers, which a built-in method does not let it do.
        self.context.on("request", lambda request: self.pending.add(request))
        self.context.on("response", lambda response: self.pending.discard(response.request))
        self.context.on("requestfailed", lambda request: self.pending.discard(request))
        self.page = self.context.new_page()
        self.answer = None
        # Each response is held until it was read: later its body may be gone with the page that asked for it.
        self.wire = self.context.new_cdp_session(self.page)
        self.wire.on("Fetch.requestPaused", self.receive)
        self.wire.send("Fetch.enable", {"patterns": [{"requestStage": "Response"}]})

    def receive(self, event):
        """Reads a response that the browser holds, and lets it go on."""
        try:
            if "responseStatusCode" in event:
                self.received.append(Received(event, self.wire))
            self.wire.send("Fetch.continueRequest", {"requestId": event["requestId"]})
        except BrowserError:
            pass  # cancelled: the page that asked for it is gone, and never gets it

    # --- Steps: each ends when nothing is under way any more, and all that came was looked at ------------------------

    def go(self, path):
        """Opens a page by its address; the page's answer."""
        return self.step(lambda: self.page.goto(self.url(path)))

    def reload(self):
        return self.step(self.page.reload)

    def back(self):
        return self.step(self.page.go_back)

    def click(self, selector):
        """Follows a link or sends a form."""

        def act():
            with self.page.expect_navigation() as navigation:
                self.page.click(selector)
            return navigation.value

        return self.step(act)

    def fill(self, **fields):
        """Fills the fields of these names."""
        for name, text in fields.items():
            self.page.fill(f'[name="{name}"]', text)

    def send(self, form="main form.form"):
        """Sends a form by its button."""
        return self.click(f'{form} button:not([type="button"])')

    def fetch(self, address, **options):
        """What the page's own script gets: its status and text, or the error that the browser makes of it."""
        script = """([address, options]) => fetch(address, options).then(
            async (answer) => ({status: answer.status, text: await answer.text()}),
            (error) => ({status: 0, text: String(error)}))"""
        result = self.page.evaluate(script, [address, options])
        self.settle()
        return result

    def step(self, act):
        self.bodies = []
        self.answer = act()
        self.settle()
        return self.answer

    def settle(self):
        deadline = time.monotonic() + STEP_TIMEOUT_MS / 1000
        while self.pending and time.monotonic() < deadline:
            self.page.wait_for_timeout(QUIET_POLL_MS)
        if self.pending:
            unfinished = sorted(request.url for request in self.pending)
            self.pending.clear()
            raise BrowserError(f"not answered after {STEP_TIMEOUT_MS} ms: {unfinished}")
        received, self.received = self.received, []
        for answer in received:
            self.look_at(answer)
        self.watch.look(self, f"{self.path} as it is shown", self.page.content())

    def look_at(self, answer):
        is_page = answer.is_html and answer.url.startswith(self.site_url)
        path = urlsplit(answer.url).path
        self.watch.look(self, path, answer.text, is_page, answer.cookies)
        self.bodies.append((path, answer.text))

    # --- What is seen -------------------------------------------------------------------------------------------------

    def url(self, path):
        return path if path.startswith(("http:", "about:")) else self.site_url + path

    @property
    def path(self):
        return urlsplit(self.page.url).path

    def shows(self, text):
        """Whether a person sees this text on the page."""
        return text in self.page.inner_text("body")

    def holds(self, selector):
        return self.page.query_selector(selector) is not None

    @property
    def cache_status(self):
        """Larder's word on what was asked for, which may have led elsewhere."""
        request = self.answer.request
        while request.redirected_from:
            request = request.redirected_from
        return parse_cache_status(request.response().header_value("cache-status") or "")

    @property
    def is_hit(self):
        return "hit" in self.cache_status

    def leave(self):
        self.context.close()
