"""What can be counted of a hit, whatever else runs on the machine: instructions in user space, and system calls."""
import re
import signal
import subprocess
import time
from pathlib import Path

from servers import Connection

# Under callgrind: the difference of two runs is hits only, whatever a start costs.
HITS_FEW, HITS_MANY, CONNECTIONS = 2000, 6000, 16
PERF_ATTACHES_SECONDS = 0.5


def ask_hits(port, request, count):
    connections = [Connection(port) for _ in range(CONNECTIONS)]
    for _ in range(count // CONNECTIONS):
        for connection in connections:
            connection.send(request)
        for connection in connections:
            if not connection.receive()[0].startswith("HTTP/1.1 200 "):
                raise RuntimeError("no 200")
    for connection in connections:
        connection.close()


def instructions_of_run(make_server, request_for, count, run_dir):
    out = Path(run_dir) / "callgrind.out"
    wrapper = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
    with make_server(wrapper) as server:
        request = request_for(server)
        ask_hits(server.port, request, CONNECTIONS)  # the first fills the cache
        ask_hits(server.port, request, count)
    total = re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE)
    out.unlink()
    return int(total.group(1))


def instructions_per_hit(make_server, request_for, run_dir):
    """Of all threads. `make_server` is called with the words that go before its command, `request_for` with the server."""
    few = instructions_of_run(make_server, request_for, HITS_FEW, run_dir)
    many = instructions_of_run(make_server, request_for, HITS_MANY, run_dir)
    return (many - few) / (HITS_MANY - HITS_FEW)


def system_calls(server, work):
    """How many the server's processes made while `work` was done, which is given back too."""
    perf = subprocess.Popen(["perf", "stat", "-x", ",", "-e", "raw_syscalls:sys_enter",
                             "-p", ",".join(str(pid) for pid in server.pids())], stderr=subprocess.PIPE, text=True)
    try:
        time.sleep(PERF_ATTACHES_SECONDS)  # it does not tell when it has; a server that nobody asks makes next to none
        result = work()
    finally:
        perf.send_signal(signal.SIGINT)
        told = perf.communicate()[1]
    count = re.search(r"^(\d+),,raw_syscalls:sys_enter", told, re.MULTILINE)
    if not count:
        raise RuntimeError(f"perf counts no system calls here (it needs root, or kernel.perf_event_paranoid -1): {told}")
    return int(count.group(1)), result
