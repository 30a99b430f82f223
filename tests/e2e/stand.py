"""The site, Larder and the headless front end, started on free ports for one run and stopped at its end."""

import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path

from paths import HEADLESS, HERE, SITE_CODE
from tap import Tap

from visits import UnixConnection

READY_TIMEOUT_S = 60
STOP_TIMEOUT_S = 10
REQUEST_TIMEOUT_S = 30
LOGS = ("manage.log", "wagtail.log", "larder.log", "front.log")


class StandError(Exception):
    """Something that the journeys need did not start, or ended."""


def free_ports(count):
    """Ports that nobody listens on, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


class Stand:
    """A context manager: everything runs inside it, nothing after it.

    Larder is reached as localhost, the front end as 127.0.0.1: another site to a browser, and not only another port.
    """

    CONFIG = HERE / "larder.yaml"
    CONFIG_WITH_HOSTS = HERE / "larder-hosts.yaml"

    def __init__(self, larder, config, site_venv, pristine, state):
        self.larder = larder
        self.config = config
        self.site_venv = Path(site_venv)
        self.pristine = Path(pristine)
        self.state = Path(state)
        self.processes = []
        self.port, self.admin_port, self.front_port, self.cms_port = free_ports(4)
        self.host = f"localhost:{self.port}"
        self.url = f"http://{self.host}"
        self.front_url = f"http://127.0.0.1:{self.front_port}"
        self.cms_url = f"http://127.0.0.1:{self.cms_port}"  # past Larder
        self.hook_secret = secrets.token_urlsafe(32)

    def __enter__(self):
        # A socket's path is limited to 107 bytes.
        self.directory = Path(tempfile.mkdtemp(prefix="larder-e2e.", dir="/tmp"))
        self.socket_path = str(self.directory / "wagtail.sock")
        self.tap = Tap(self.admin_port)
        try:
            self.start()
        except BaseException:
            self.keep_logs()
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.site = self.directory / "site"
        shutil.copytree(self.pristine, self.site)
        self.site_environment = {
            "PYTHONPATH": str(HERE / "settings"),
            "DJANGO_SETTINGS_MODULE": "kitchen_e2e",
            "DEMO_STATE": str(self.site),
            "DEMO_SITE_URL": self.url,
            "DEMO_FRONT_ORIGIN": self.front_url,
            "E2E_HOOK_URL": f"http://127.0.0.1:{self.tap.port}/hooks/wagtail",
            "E2E_HOOK_SECRET": self.hook_secret,
            "E2E_ADMIN_URL": f"http://127.0.0.1:{self.admin_port}",
            "E2E_PURGES": "none",
        }
        self.manage("seed")  # the site's own address is part of its data
        self.start_site()
        front_end = [self.site_venv / "bin/python", HEADLESS / "serve.py", self.front_port, self.url]
        front = self.launch("front.log", front_end, {})
        self.start_larder(self.config)
        self.wait_ready(
            "The front end", front, lambda: socket.create_connection(("127.0.0.1", self.front_port)).close()
        )

    def start_site(self, purges="larder", is_atomic=False, wants_refresh=False):
        self.site_environment |= {
            "E2E_PURGES": purges,
            "E2E_ATOMIC": str(int(is_atomic)),
            "E2E_REFRESH": str(int(wants_refresh)),
        }
        # One process, so that its query counters are the site's.
        gunicorn = [self.site_venv / "bin/gunicorn", "--chdir", SITE_CODE, "--bind", f"unix:{self.socket_path}"]
        gunicorn += ["--bind", f"127.0.0.1:{self.cms_port}"]
        gunicorn += ["--worker-class", "gthread", "--workers", "1", "--threads", "8", "--keep-alive", "75"]
        gunicorn += ["--graceful-timeout", "5", "--no-control-socket", "kitchen.wsgi"]
        self.site_process = self.launch("wagtail.log", gunicorn, self.site_environment)
        self.wait_ready("Wagtail", self.site_process, self.counters)

    @contextmanager
    def another_site(self, **settings):
        """The site with other settings, for a while; its data stay."""
        self.end(self.site_process)
        self.start_site(**settings)
        try:
            yield
        finally:
            self.end(self.site_process)
            self.start_site()

    def start_larder(self, config):
        environment = {
            "E2E_HOOK_SECRET": self.hook_secret,
            "E2E_PORT": str(self.port),
            "E2E_ADMIN_PORT": str(self.admin_port),
            "E2E_UPSTREAM": self.socket_path,
        }
        self.larder_process = self.launch("larder.log", [self.larder, "serve", "-c", config], environment)
        self.wait_ready("Larder", self.larder_process, lambda: self.ask_admin("GET", "/readyz"))

    @contextmanager
    def another_larder(self, config):
        """In place of the stand's own Larder, for a while; both begin with nothing stored."""
        self.end(self.larder_process)
        self.start_larder(config)
        try:
            yield
        finally:
            self.end(self.larder_process)
            self.start_larder(self.config)

    def kill_larder(self):
        """As the kernel would: it has no last word."""
        os.killpg(self.larder_process.pid, signal.SIGKILL)
        self.larder_process.wait()
        self.processes.remove(self.larder_process)

    def query(self, sql, *values):
        """Reads the site's database."""
        with closing(sqlite3.connect(self.site / "site.sqlite3", timeout=20)) as database, database:
            return database.execute(sql, values).fetchall()

    def prepare(self, script):
        """Changes the site's database beside the site."""
        with closing(sqlite3.connect(self.site / "site.sqlite3", timeout=20)) as database:
            database.executescript(script)

    def unsent(self):
        """How many purges wait in the outbox."""
        return self.query("SELECT count(*) FROM larder_wagtail_purge")[0][0]

    def manage(self, *arguments):
        """Runs one of the site's management commands."""
        command = [self.site_venv / "bin/python", SITE_CODE / "manage.py", *map(str, arguments)]
        with open(self.directory / "manage.log", "ab") as log:
            subprocess.run(command, env=os.environ | self.site_environment, stdout=log, stderr=log, check=True)

    def launch(self, log, command, environment):
        """Starts a process group of its own, which also ends when this process is killed outright."""
        with open(self.directory / log, "ab") as output:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "--", *map(str, command)],
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def wait_ready(self, name, process, ask):
        deadline = time.monotonic() + READY_TIMEOUT_S
        while True:
            try:
                return ask()
            except (OSError, StandError, http.client.HTTPException, json.JSONDecodeError) as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise StandError(f"{name} is not ready: {error}") from error
            time.sleep(0.05)

    def end(self, *processes):
        """Ends process groups, the last one first: asks, waits, then insists."""
        for process in reversed(processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_TIMEOUT_S
        for process in processes:
            try:
                process.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            self.processes.remove(process)

    def stop(self):
        self.end(*self.processes)
        self.tap.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def keep_logs(self):
        """Copies the logs to where they outlive the run, and says where."""
        logs = self.state / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        for name in LOGS:
            if (self.directory / name).exists():
                shutil.copy(self.directory / name, logs / name)
        return logs

    def dead(self):
        """What has ended by itself."""
        return [process.args[4] for process in self.processes if process.poll() is not None]

    def counters(self):
        """What reached the CMS since its start: requests and queries."""
        connection = UnixConnection(self.socket_path)
        try:
            connection.request("GET", "/_demo/counters/")
            return json.load(connection.getresponse())
        finally:
            connection.close()

    def ask_admin(self, method, path, body=None):
        """Asks Larder's admin listener; its answer's text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=REQUEST_TIMEOUT_S)
        try:
            headers = {"Content-Type": "application/json"} if body else {}
            connection.request(method, path, body=json.dumps(body) if body else None, headers=headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            if answer.status != 200:
                raise StandError(f"{method} {path}: status {answer.status}, {text[:200]}")
            return text
        finally:
            connection.close()

    def forget_everything(self):
        """Empties the cache, so that what comes next is primed anew."""
        self.ask_admin("POST", "/api/purge", {"select": ["all"]})
