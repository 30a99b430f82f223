"""The servers that are compared, each started with its committed configuration (bench/peers) on the server's core."""
import base64
import json
import os
import re
import resource
import shutil
import socket
import tempfile
import time
import urllib.request
from pathlib import Path

from servers import BENCH, BUILD, Server, first_line, free_ports, pinned

LARGE_BYTES = 64 * 1024  # of a body, from where on copying it costs more than asking the kernel once more


def program(name):
    return shutil.which(name) or f"/usr/sbin/{name}"


def descriptors_max():
    """Enough for a hundred thousand open files and connections, or what the machine allows; children inherit it."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = max(hard, 131072)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
    except (OSError, ValueError):
        return hard
    return wanted


def tree_bytes(directory):
    """What the files of a directory take, whole blocks of them."""
    found = 0
    for base, _, names in os.walk(directory):
        found += sum(os.lstat(os.path.join(base, name)).st_blocks * 512 for name in names)
    return found


class Peer(Server):
    """What they share. `stand` says what all of a measurement have in common (stand.py)."""
    fills_at_second_visit = False  # what hits need is ready only when a page was asked for twice
    displaced_max = 0.0            # share of the hits of many keys that find their page displaced by another

    def __init__(self, stand, wrapper=()):
        super().__init__(self.label)
        self.stand, self.wrapper, self.files = stand, list(wrapper), None

    @property
    def host(self):
        return f"localhost:{self.port}"

    def write(self, name, values):
        """A configuration of bench/peers with its @NAMES@ filled in."""
        text = (BENCH / "peers" / name).read_text()
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        if left := re.search(r"^[^#]*(@[A-Z_]+@)", text, re.MULTILINE):
            raise RuntimeError(f"bench/peers/{name}: nothing fills in {left.group(1)}")
        path = self.stand.run_dir / f"{self.port}-{name}"
        path.write_text(text)
        return path

    def make_files(self):
        """A directory in memory, gone when the server stops."""
        self.files = Path(tempfile.mkdtemp(prefix="larder-bench.", dir="/dev/shm"))
        self.files.chmod(0o777)  # as root, some workers are another user
        return self.files

    def run(self, command, environment=None):
        self.launch(pinned(self.stand.server_cores) + self.wrapper + command, environment,
                    self.stand.run_dir / f"{self.port}.log")
        self.wait_ready()

    def stop(self):
        super().stop()
        if self.files:
            shutil.rmtree(self.files, ignore_errors=True)
            self.files = None

    def tidy(self):
        """Between rounds."""

    def memory_bytes(self):
        """What holds the cache."""
        return self.rss_bytes()

    def counted_bytes(self):
        """What it says itself that its objects take."""
        return None


class Larder(Peer):
    """The whole product: the demo's own configuration. Only what has to differ is replaced, so that it cannot drift."""
    label = "Larder"
    replaced = {
        # The upstream has more threads than the demo's gunicorn.
        "connections: {max: 8,": "connections: {max: 64,",
        # As much as the others have.
        "size: 128MiB": "size: @MEMORY_MIB@MiB",
        # One worker each.
        "workers: auto": "workers: @WORKERS@",
        # To a file.
        "output: stdout": 'output: "@LOG@"',
    }

    def start(self):
        self.port, self.admin_port = free_ports(2)
        self.log_file = self.stand.run_dir / f"{self.port}.access.log"
        text = (BENCH.parent / "deploy/wagtail/larder.yaml").read_text()
        for old, new in self.replaced.items():
            if text.count(old) != 1:
                raise RuntimeError(f"deploy/wagtail/larder.yaml has '{old}' {text.count(old)} times, not once")
            text = text.replace(old, new)
        for key, value in {"MEMORY_MIB": self.stand.memory_mib, "WORKERS": self.stand.workers, "LOG": self.log_file}.items():
            text = text.replace(f"@{key}@", str(value))
        path = self.stand.run_dir / f"{self.port}-larder.yaml"
        path.write_text(text)
        self.run([self.stand.larder, "serve", "-c", str(path)], {
            "LARDER_DEMO_PORT": str(self.port), "LARDER_DEMO_ADMIN_PORT": str(self.admin_port),
            "LARDER_DEMO_UPSTREAM": f"http://127.0.0.1:{self.stand.origin.port}",
            "LARDER_HOOK_SECRET": "whsec_" + base64.b64encode(bytes(32)).decode()})

    def tidy(self):
        os.truncate(self.log_file, 0)  # it appends: the next line is the first again

    def counted_bytes(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/api/stats", timeout=60) as answer:
            return json.load(answer)["store"]["bytes"]

    @staticmethod
    def version(options):
        return first_line([options.larder, "version"])


class Nginx(Peer):
    label = "nginx"
    fills_at_second_visit = True  # it opens a file when it sends it for the first time

    def start(self):
        (self.port,) = free_ports(1)
        files = self.make_files()
        descriptors = descriptors_max()
        path = self.write("nginx.conf", {
            "FILES": descriptors, "OPEN_FILES": max(descriptors - 8192, descriptors // 2),
            "RUN_DIR": files, "CACHE_DIR": files / "pages", "PORT": self.port, "ORIGIN_PORT": self.stand.origin.port,
            "CPU_MASK": "1" + "0" * self.stand.server_cores[0], "DAEMON": "off", "MASTER": "off" if self.wrapper else "on",
            "MEMORY_MIB": self.stand.memory_mib, "KEYS_MIB": max(64, self.stand.memory_mib // 16),
            "SENDFILE": "on" if self.stand.size >= LARGE_BYTES else "off"})
        self.run([program("nginx"), "-e", str(self.stand.run_dir / f"{self.port}.log"), "-c", str(path)])

    def measured_pid(self):
        """The master only waits; the work is its worker's. (The cache's manager and loader are children, too.)"""
        for pid in self.pids():
            if b"worker process" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        return self.process.pid

    def memory_bytes(self):
        """Its objects are files."""
        return self.rss_bytes() + tree_bytes(self.files / "pages")

    @staticmethod
    def version(_options):
        version = first_line([program("nginx"), "-v"]).removeprefix("nginx version: ").replace("/", " ")
        return f"{version} (at most {descriptors_max():,} open files)"


class Haproxy(Peer):
    label = "HAProxy"
    displaced_max = 1 / 10_000  # it finds pages by 32 bits of their hashes: of 100,000 two may have one place

    def start(self):
        (self.port,) = free_ports(1)
        self.make_files()
        path = self.write("haproxy.cfg", {
            "RUN_DIR": self.files, "PORT": self.port, "ORIGIN_PORT": self.stand.origin.port,
            "CORE": self.stand.server_cores[0], "MEMORY_MIB": min(self.stand.memory_mib, 4095),
            "BUFFER_BYTES": self.buffer_bytes(self.stand.size)})
        self.run([program("haproxy"), "-db", "-f", str(path)])

    @staticmethod
    def buffer_bytes(size):
        return 65536 if size >= LARGE_BYTES else 32768 if size > 8192 else 16384

    def cache_told(self):
        """A line of the cache with its blocks, and one for each object with those that it takes."""
        told = b""
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(self.files / f"haproxy-{self.port}.sock"))
            admin.sendall(b"show cache\n")
            while piece := admin.recv(2**20):
                told += piece
        return told.decode()

    def memory_bytes(self):
        """Its cache is one piece of shared memory, touched when it starts: what counts are the blocks that hold objects."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        shared = int(re.search(r"^RssShmem:\s+(\d+) kB", text, re.MULTILINE).group(1)) * 1024
        told = self.cache_told()
        blocks = int(re.search(r"available blocks:(\d+)\)", told).group(1))  # those with objects that may make room included
        used = sum(int(count) for count in re.findall(r"\((\d+) blocks\)", told))
        return self.rss_bytes() - shared + shared * used / blocks

    @staticmethod
    def version(_options):
        return re.sub(r"^HAProxy version ([\d.]+).*", r"HAProxy \1", first_line([program("haproxy"), "-v"]))


class Varnish(Peer):
    label = "Varnish"
    # Each with its reason, as in the configurations.
    parameters = {
        "thread_pools": 1,              # one core
        "thread_pool_min": 200,         # a thread for each of the 64 connections, and for fetches: none is made meanwhile
        "thread_pool_max": 1200,        # a thousand may come at once
        "thread_queue_limit": 2000,     # and none of them is turned away
        "lru_interval": 60,             # an object that was used within a minute keeps its place: no lock for it
        "timeout_idle": 300,            # the load keeps its connections open
        "listen_depth": 4096,
        # Its log in shared memory is its access log: none, as with the others.
        "vsl_mask": ",".join(f"-{tag}" for tag in (
            "Begin End Link SessOpen SessClose ReqStart ReqMethod ReqURL ReqProtocol ReqHeader ReqUnset ReqAcct Hit HitMiss "
            "HitPass RespProtocol RespStatus RespReason RespHeader RespUnset VCL_call VCL_return VCL_acl Timestamp Length "
            "Storage TTL Fetch_Body BereqMethod BereqURL BereqProtocol BereqHeader BereqUnset BereqAcct BerespProtocol "
            "BerespStatus BerespReason BerespHeader BerespUnset BackendOpen BackendReuse BackendClose Filters ExpBan").split()),
    }

    def start(self):
        (self.port,) = free_ports(1)
        files = self.make_files()
        path = self.write("varnish.vcl", {"ORIGIN_PORT": self.stand.origin.port})
        command = [program("varnishd"), "-F", "-n", str(files / "run"), "-f", str(path), "-a", f"127.0.0.1:{self.port}",
                   "-s", f"malloc,{self.stand.memory_mib}M", "-j", "none"]
        for name, value in self.parameters.items():
            command += ["-p", f"{name}={value}"]
        self.run(command)
        time.sleep(0.5)  # its threads are made one after the other

    def measured_pid(self):
        """The manager only waits; the cache is its child."""
        return self.pids()[-1]

    @staticmethod
    def version(_options):
        return re.sub(r".*\(varnish-([\d.]+).*", r"Varnish \1", first_line([program("varnishd"), "-V"]))


class TrafficServer(Peer):
    label = "Traffic Server"
    fills_at_second_visit = True  # its RAM cache
    places = {"sysconfdir": "etc", "datadir": "etc", "includedir": "etc", "mandir": "etc", "infodir": "etc",
              "localstatedir": "run", "runtimedir": "run", "logdir": "run", "cachedir": "cache"}

    def start(self):
        (self.port,) = free_ports(1)
        files = self.make_files()
        for name in set(self.places.values()):
            (files / name).mkdir()
        layout = {"prefix": files, "exec_prefix": files, "bindir": "/usr/bin", "sbindir": "/usr/sbin",
                  "libdir": "/usr/lib/trafficserver", "libexecdir": "/usr/lib/trafficserver/modules",
                  **{name: files / place for name, place in self.places.items()}}
        root = files / "runroot.yaml"
        root.write_text("".join(f"{name}: {place}\n" for name, place in layout.items()))
        memory = self.stand.memory_mib * 2**20
        values = {"PORT": self.port, "ORIGIN_PORT": self.stand.origin.port, "MEMORY_BYTES": memory,
                  "CACHE_DIR": files / "cache", "DISK_BYTES": max(2 * memory, 2**29)}
        for name in ("records.config", "remap.config", "storage.config", "ip_allow.yaml"):
            shutil.copy(self.write(name, values), files / "etc" / name)
        self.run([program("traffic_server"), f"--run-root={root}"])
        self.wait_initialized()

    def wait_initialized(self):
        """It listens before its cache can be used."""
        log = self.stand.run_dir / f"{self.port}.log"
        diagnostics = self.files / "run/diags.log"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if diagnostics.exists() and "fully initialized" in diagnostics.read_text():
                return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"{self.label} did not start: {log.read_text(errors='replace')[-2000:]}")

    @staticmethod
    def version(_options):
        return re.sub(r"^.*?([\d.]{5,}).*", r"Traffic Server \1", first_line([program("traffic_server"), "--version"]))


class Ceiling(Peer):
    """A bare epoll loop (bench/tools/ceiling.cpp)."""
    label = "bare epoll loop"

    def start(self):
        stand = self.stand
        command = [str(BUILD / "release/bench/bench_ceiling"), "--size", str(stand.size), "--status", str(stand.status)]
        if stand.closes:
            command += ["--close", "1"]
        if stand.relays:
            command += ["--upstream", str(stand.origin.port)]
        self.launch(pinned(stand.server_cores) + self.wrapper + command, stdout=-1)
        self.port = int(self.process.stdout.readline().split()[1])

    @staticmethod
    def version(_options):
        return "bench/tools/ceiling.cpp"


PEERS = {"ceiling": Ceiling, "larder": Larder, "nginx": Nginx, "haproxy": Haproxy, "varnish": Varnish,
         "trafficserver": TrafficServer}
