"""The caches that are purged, each with its own way to say so."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from load import HOST  # noqa: E402
from servers import Server, free_ports, pinned  # noqa: E402


class Larder(Server):
    tag_field = "Surrogate-Key"
    hit_mark = "Cache-Status: larder; hit"
    has_prefixes = True
    label = "Larder"

    def __init__(self, options, origin, run_dir):
        super().__init__("Larder")
        self.options, self.origin, self.run_dir = options, origin, Path(run_dir)
        self.admin_port = None

    def start(self):
        self.port, self.admin_port = free_ports(2)
        environment = {"BENCH_PORT": self.port, "BENCH_ADMIN_PORT": self.admin_port, "BENCH_ORIGIN_PORT": self.origin.port}
        command = pinned(self.options.server_core) + [self.options.larder, "serve", "-c", str(HERE / "larder.yaml")]
        self.launch(command, {name: str(value) for name, value in environment.items()}, self.run_dir / "larder.log")
        self.wait_ready()

    @property
    def purge_port(self):
        return self.admin_port

    @staticmethod
    def request(selector, number_digits):
        """`%` in it stands for a number of so many digits."""
        body = json.dumps({"select": [selector]})
        length = len(body) + (number_digits - 1 if "%" in body else 0)
        return f"POST /api/purge HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"

    def by_tag(self):
        return self.request("tag:group-%", 4)

    def by_prefix(self):
        return self.request("prefix:/pages/%", 4)

    def of_all(self):
        return self.request("all", 0)

    def distinct(self):
        return [self.request(f"{kind}-%", 7) for kind in ("tag:nothing", "path:/nothing", "url:/nothing", "prefix:/nothing")]

    def memory_mib(self):
        return self.rss_bytes() / 2**20

    def lines_held(self):
        url = f"http://127.0.0.1:{self.admin_port}/api/stats"
        with urllib.request.urlopen(url, timeout=60) as answer:
            return json.load(answer)["purges"]["selectors"]


class Varnish(Server):
    tag_field = "xkey"
    hit_mark = "x-cache: HIT"

    def __init__(self, options, origin, run_dir):
        super().__init__(self.label)
        self.options, self.origin, self.run_dir = options, origin, Path(run_dir)
        self.work_dir = None

    def start(self):
        (self.port,) = free_ports(1)
        self.work_dir = tempfile.mkdtemp(prefix="larder-bench-varnish.", dir="/dev/shm")
        os.chmod(self.work_dir, 0o755)
        vcl = Path(self.work_dir) / "bench.vcl"
        vcl.write_text((HERE / "varnish.vcl").read_text().replace("@ORIGIN_PORT@", str(self.origin.port)))
        # The lurker is told to hurry: by default it leaves a ban alone for a minute, and then sleeps after every eight.
        tuned = ["ban_lurker_age=0.1", "ban_lurker_sleep=0.001", "ban_lurker_batch=1000", "thread_pools=1",
                 "thread_pool_min=100", "thread_pool_max=400", "default_ttl=0"]
        varnishd = shutil.which("varnishd") or "/usr/sbin/varnishd"
        command = pinned(self.options.server_core) + [varnishd, "-F", "-n", f"{self.work_dir}/run", "-f", str(vcl),
                                                      "-a", f"127.0.0.1:{self.port}", "-s", "malloc,4G", "-j", "none"]
        for parameter in tuned:
            command += ["-p", parameter]
        self.launch(command, None, self.run_dir / "varnish.log")
        self.wait_ready()
        time.sleep(0.5)  # its lines of threads fill up

    @property
    def purge_port(self):
        return self.port

    def stop(self):
        super().stop()
        if self.work_dir:
            shutil.rmtree(self.work_dir, ignore_errors=True)
            self.work_dir = None

    def measured_pid(self):
        """The manager only waits; the cache is its child."""
        manager = self.process.pid
        children = Path(f"/proc/{manager}/task/{manager}/children").read_text().split()
        return int(children[0]) if children else manager

    def memory_mib(self):
        return self.rss_bytes() / 2**20

    @staticmethod
    def request(method, field):
        return f"{method} / HTTP/1.1\r\nHost: {HOST}\r\n{field}\r\n\r\n"


class Ban(Varnish):
    label = "Varnish ban"
    has_prefixes = True

    def by_tag(self):
        return self.request("BAN", "tag: group-%")

    def by_prefix(self):
        return self.request("BAN", "prefix: /pages/%")

    def of_all(self):
        return self.request("BAN", "prefix: /")

    def distinct(self):
        return [self.request("BAN", "tag: nothing-%"), self.request("BAN", "prefix: /nothing-%")]

    def lines_held(self):
        """The bans on its list."""
        told = subprocess.run(["varnishstat", "-n", f"{self.work_dir}/run", "-1", "-f", "MAIN.bans"], capture_output=True,
                              text=True, check=False).stdout
        return int(told.split()[1]) if told.split()[1:] else None


class Xkey(Varnish):
    label = "Varnish xkey"
    has_prefixes = False

    def by_tag(self):
        return self.request("PURGE", "tag: group-%")

    def of_all(self):
        return self.request("PURGE", "tag: every")

    def distinct(self):
        return [self.request("PURGE", "tag: nothing-%")]

    def lines_held(self):
        return None


PEERS = {"larder": Larder, "ban": Ban, "xkey": Xkey}
