"""The servers of a comparison: started with their committed configurations, asked, measured, and stopped."""
import ctypes
import json
import os
import platform
import re
import signal
import socket
import subprocess
import sys
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


def first_line(command):
    """What a program says of itself when it is asked for its version."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().split("\n")[0]


def about_machine():
    """Day, processor, cores, kernel and TCP's congestion control, for the end of a table."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    congestion_control = Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    return (f"{time.strftime('%Y-%m-%d')}, {model.group(1) if model else platform.machine()}, {os.cpu_count()} cores, Linux"
            f" {platform.release()}, TCP with {congestion_control}")


def pinned(cores):
    """To one core, or to several."""
    return ["taskset", "--cpu-list", ",".join(str(core) for core in ([cores] if isinstance(cores, int) else cores))]


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
        length = 0 if " 304 " in lines[0] else int(fields["content-length"])
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

    def pids(self):
        """The process and all that it started."""
        found = [self.process.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
        return found

    def cpu_ns_of_threads(self):
        """Time on the processor in nanoseconds, of each thread: the first number of schedstat (sched-stats.rst)."""
        return {int(task.name): int((task / "schedstat").read_text().split()[0])
                for pid in self.pids() for task in Path(f"/proc/{pid}/task").iterdir()}

    def cpu_ns(self):
        return sum(self.cpu_ns_of_threads().values())

    def rss_bytes(self):
        text = Path(f"/proc/{self.measured_pid()}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB", text, re.MULTILINE).group(1)) * 1024


class Origin(Server):
    """bench_origin; the settings are its options (delay_ms=300)."""

    def __init__(self, core, **settings):
        super().__init__("origin")
        self.command = pinned(core) + [str(BUILD / "release/bench/bench_origin")]
        for name, value in settings.items():
            self.command += [f"--{name.replace('_', '-')}", str(value)]

    def start(self):
        self.launch(self.command, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline().split()[1])

    def pages_asked(self):
        connection = Connection(self.port)
        body = connection.ask(b"GET /count HTTP/1.1\r\nHost: origin\r\n\r\n")[2]
        connection.close()
        return int(body)
