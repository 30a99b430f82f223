"""The servers of a comparison: started with their committed configurations, asked, measured, and stopped."""
import ctypes
import json
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BENCH = Path(__file__).resolve().parent
BUILD = BENCH.parent / "build"
READY_SECONDS_MAX = 60  # callgrind starts slowly
STOP_SECONDS_MAX = 20
PR_SET_PDEATHSIG = 1


def die_with_parent():
    """A server must not outlive a comparison that was killed outright (prctl(2))."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def is_listening(port):
    """Looked up, not tried: a connection to a port of the ephemeral range where nobody listens yet can meet itself."""
    return f": 0100007F:{port:04X} 00000000:0000 0A" in Path("/proc/net/tcp").read_text()


def two_cores(program):
    """One for what is measured, one for the load."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit(f"{program}: two cores are needed, one for what is measured and one for the load")
    return cores[:2]


def keep(name, measured, text):
    """Prints the text, and stores both in build/bench."""
    results = BUILD / "bench"
    (results / f"{name}.json").write_text(json.dumps(measured, indent=2) + "\n")
    (results / f"{name}.md").write_text(text)
    print(text)
    print(f"stored in {results}/{name}.json and {name}.md", file=sys.stderr, flush=True)


def about_machine():
    """Day, processor, cores and kernel, for the end of a table."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return (f"{time.strftime('%Y-%m-%d')}, {model.group(1) if model else platform.machine()}, {os.cpu_count()} cores, Linux"
            f" {platform.release()}")


def pinned(core):
    return ["taskset", "--cpu-list", str(core)]


class Connection:
    """A keep-alive connection, read no further than the benchmarks need."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.unread = b""

    def send(self, request):
        self.socket.sendall(request)

    def receive(self):
        """Status line with fields, and the body."""
        while b"\r\n\r\n" not in self.unread:
            self._more()
        head, self.unread = self.unread.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        length = int(fields["content-length"])
        while len(self.unread) < length:
            self._more()
        body, self.unread = self.unread[:length], self.unread[length:]
        return lines[0], fields, body

    def ask(self, request):
        self.send(request)
        return self.receive()

    def _more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the connection was closed")
        self.unread += piece

    def close(self):
        self.socket.close()


class Server:
    """One process (with its children), stopped when the `with` block ends."""

    def __init__(self, name):
        self.name = name
        self.process = None
        self.port = None

    def launch(self, command, environment=None, log=None, stdout=None):
        self.log = log
        with open(log, "ab") if log else open(os.devnull, "wb") as output:
            self.process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
                                            stdout=stdout or output, stderr=output, start_new_session=True,
                                            preexec_fn=die_with_parent)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def wait_ready(self):
        deadline = time.monotonic() + READY_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            if is_listening(self.port):
                return
            time.sleep(0.05)
        self.stop()
        told = Path(self.log).read_text(errors="replace")[-2000:] if self.log else ""
        raise RuntimeError(f"{self.name} did not start: {told}")

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def measured_pid(self):
        """The process that does the work."""
        return self.process.pid

    def cpu_ns(self):
        """Time on the processor of all threads, in nanoseconds: the first number of schedstat (sched-stats.rst)."""
        total = 0
        for task in Path(f"/proc/{self.measured_pid()}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total

    def cpu_split_s(self):
        """The same as user and system seconds, by the coarser clock of stat (proc(5)): fields 14 and 15."""
        fields = Path(f"/proc/{self.measured_pid()}/stat").read_text().rsplit(")", 1)[1].split()
        tick = os.sysconf("SC_CLK_TCK")
        return int(fields[11]) / tick, int(fields[12]) / tick


class Origin(Server):
    def __init__(self, core=None):
        super().__init__("origin")
        self.core = core

    def start(self):
        command = [] if self.core is None else pinned(self.core)
        self.launch(command + [str(BUILD / "release/bench/bench_origin")], stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline().split()[1])

    def pages_asked(self):
        connection = Connection(self.port)
        body = connection.ask(b"GET /count HTTP/1.1\r\nHost: origin\r\n\r\n")[2]
        connection.close()
        return int(body)


class Larder(Server):
    def __init__(self, binary, origin, run_dir, core, access_log=None, wrapper=()):
        super().__init__("Larder")
        self.binary, self.origin, self.run_dir, self.core = binary, origin, Path(run_dir), core
        self.access_log, self.wrapper = access_log, list(wrapper)

    def start(self):
        self.port, admin_port = free_ports(2)
        environment = {"BENCH_PORT": self.port, "BENCH_ADMIN_PORT": admin_port, "BENCH_ORIGIN_PORT": self.origin.port,
                       "BENCH_ACCESS": "json" if self.access_log else "off", "BENCH_LOG": self.access_log or "stderr"}
        self.launch(pinned(self.core) + self.wrapper + [self.binary, "serve", "-c", str(BENCH / "larder.yaml")],
                    {name: str(value) for name, value in environment.items()}, self.run_dir / "larder.log")
        self.wait_ready()

    @staticmethod
    def is_hit(fields):
        return fields.get("cache-status", "").startswith("larder; hit")


class Nginx(Server):
    def __init__(self, origin, run_dir, core, access_log=None, wrapper=()):
        super().__init__("nginx")
        self.origin, self.run_dir, self.core = origin, Path(run_dir), core
        self.access_log, self.wrapper = access_log, list(wrapper)
        self.cache_dir = None

    def start(self):
        (self.port,) = free_ports(1)
        self.cache_dir = tempfile.mkdtemp(prefix="larder-bench-nginx.", dir="/dev/shm")
        os.chmod(self.cache_dir, 0o777)  # as root, nginx's worker is another user
        values = {"RUN_DIR": self.run_dir, "CACHE_DIR": f"{self.cache_dir}/pages", "PORT": self.port,
                  "ORIGIN_PORT": self.origin.port, "CPU_MASK": "1" + "0" * self.core, "DAEMON": "off",
                  "MASTER": "off" if self.wrapper else "on",
                  # Lines are written in batches, as Larder writes them.
                  "ACCESS_LOG": f"{self.access_log} lines buffer=64k flush=1s" if self.access_log else "off"}
        text = (BENCH / "nginx.conf").read_text()
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        path = self.run_dir / f"nginx-{self.port}.conf"
        path.write_text(text)
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        self.launch(pinned(self.core) + self.wrapper + [nginx, "-e", str(self.run_dir / "nginx.log"), "-c", str(path)],
                    None, self.run_dir / "nginx.log")
        self.wait_ready()

    def stop(self):
        super().stop()
        if self.cache_dir:
            shutil.rmtree(self.cache_dir, ignore_errors=True)
            self.cache_dir = None

    def measured_pid(self):
        """The master only waits; the work is its worker's. (The cache's manager and loader are children, too.)"""
        master = self.process.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        for child in children:
            if b"worker process" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        return master

    @staticmethod
    def is_hit(fields):
        return fields.get("x-cache-status") == "HIT"
