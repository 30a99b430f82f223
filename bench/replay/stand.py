"""The demo site and a Larder in front of it, started on free ports for one part of the replay and stopped at its end."""

import http.client
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from paths import CONFIG, SITE_CODE

from servers import Server, free_ports
from visits import UnixConnection

READY_SECONDS_MAX = 60
REQUEST_SECONDS_MAX = 30
HOOK_SECRET = "the-secret-of-the-replay"

# The example files name the ports of a service; here they are free ones. Each must be found once, or the example has
# changed and this list with it.
PUBLIC = re.compile(r'^(listen: |    bind: )":8080"', re.MULTILINE)
ADMIN = re.compile(r'^    bind: "127\.0\.0\.1:8081"', re.MULTILINE)


class StandError(Exception):
    """A server did not start, or answered as it may not."""


def example_on_ports(name, port, admin_port):
    """The text of config/NAME with other ports, and nothing else changed."""
    text, found = PUBLIC.subn(rf'\g<1>"127.0.0.1:{port}"', (CONFIG / name).read_text())
    if found != 1:
        raise StandError(f"config/{name}: {found} public listeners on :8080, not 1")
    text, found = ADMIN.subn(f'    bind: "127.0.0.1:{admin_port}"', text)
    if not found:
        text += f'\nlisteners:\n  admin: {{bind: "127.0.0.1:{admin_port}"}}\n'
    return text


class Wagtail(Server):
    """A copy of the seeded site under gunicorn, as deploy/demo starts it."""

    def __init__(self, venv, pristine, directory, port, admin_port, hook_secret):
        super().__init__("Wagtail")
        self.venv, self.pristine, self.directory = Path(venv), Path(pristine), directory
        self.state = directory / "site"
        self.database = self.state / "site.sqlite3"
        self.socket = str(directory / "wagtail.sock")
        self.url = f"http://localhost:{port}"
        self.environment = {
            "DEMO_STATE": str(self.state),
            "DEMO_SITE_URL": self.url,
            "DEMO_LARDER_URL": f"http://127.0.0.1:{admin_port}",
            "DEMO_HOOK_SECRET": hook_secret,
        }

    def start(self):
        shutil.copytree(self.pristine, self.state)
        # The site's own address is part of its data; there is nobody yet who could be told of a change.
        subprocess.run(
            [self.venv / "bin/python", SITE_CODE / "manage.py", "seed"],
            env=os.environ | self.environment | {"DEMO_LARDER_URL": ""},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        # One process, so that its query counters are the site's.
        self.launch(
            [self.venv / "bin/gunicorn", "--chdir", SITE_CODE, "--bind", f"unix:{self.socket}"]
            + "--worker-class gthread --workers 1 --threads 8 --keep-alive 75 --graceful-timeout 5".split()
            + ["kitchen.wsgi"],
            self.environment,
            self.directory / "wagtail.log",
        )
        wait_until(self, self.counters)

    def counters(self):
        connection = UnixConnection(self.socket)
        try:
            connection.request("GET", "/_demo/counters/")
            return json.load(connection.getresponse())
        finally:
            connection.close()


class Larder(Server):
    def __init__(self, binary, config, directory, port, admin_port, upstream):
        super().__init__("Larder")
        self.binary, self.directory, self.port, self.admin_port = binary, directory, port, admin_port
        self.config = directory / "larder.yaml"
        self.config.write_text(config)
        self.environment = {"LARDER_UPSTREAM": f"unix:{upstream}", "LARDER_HOOK_SECRET": HOOK_SECRET}

    def start(self):
        self.launch([self.binary, "serve", "-c", self.config], self.environment, self.directory / "larder.log")
        wait_until(self, lambda: self.ask_admin("GET", "/readyz"))

    def hit_ms(self):
        """How long Larder itself had each answer from memory in its hands, by its access log."""
        with open(self.log, encoding="utf-8") as lines:
            entries = (json.loads(line) for line in lines if '"logger":"access"' in line)
            return [entry["duration_ms"] for entry in entries if entry["cache"] in ("hit", "stale")]

    def purge(self, selectors, mode="hard"):
        return self.ask_admin("POST", "/api/purge", {"select": selectors, "mode": mode})

    def ask_admin(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=REQUEST_SECONDS_MAX)
        try:
            headers = {"Content-Type": "application/json"} if body else {}
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise StandError(f"{method} {path}: status {answer.status}, {text[:200]!r}")
        return json.loads(text)


def wait_until(server, ask):
    """Asks until there is an answer, unless what should answer has died."""
    deadline = time.monotonic() + READY_SECONDS_MAX
    while True:
        try:
            return ask()
        except (OSError, http.client.HTTPException, StandError, ValueError) as error:
            if server.process.poll() is not None or time.monotonic() > deadline:
                log = server.log.read_text(errors="replace")[-2000:]
                server.stop()
                raise StandError(f"{server.name} did not start: {error}\n{log}") from error
        time.sleep(0.05)
