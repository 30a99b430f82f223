#!/usr/bin/env python3
"""What a 1 KiB hit costs: Larder beside nginx. Started by bench/compare hit, whose help tells the options."""
import argparse
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from servers import BUILD, Connection, Larder, Nginx, Origin, keep, pinned, two_cores

CONNECTIONS = 64
WARM_UP_SECONDS = 1
PATH = "/pages/1/1024"
# Under callgrind: the difference of two runs is hits only, whatever a start costs.
HITS_FEW, HITS_MANY, HITS_CONNECTIONS = 2000, 6000, 16

HEADS = {
    "small": {},
    # What Firefox sends on a page's first visit from a search, with a statistics cookie.
    "browser": {
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/png,"
                  "image/svg+xml,*/*;q=0.8",
        "Accept-Language": "de,en-US;q=0.7,en;q=0.3",
        "Accept-Encoding": "gzip, deflate, br, zstd",
        "Referer": "https://www.example.com/blog/how-long-will-apples-really-keep/?page=2",
        "DNT": "1",
        "Connection": "keep-alive",
        "Cookie": "_ga=GA1.1.1234567890.1700000000; _ga_ABCDEF1234=GS1.1.1700000000.1.1.1700000100.0.0.0",
        "Upgrade-Insecure-Requests": "1",
        "Sec-Fetch-Dest": "document",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Site": "same-origin",
        "Sec-Fetch-User": "?1",
        "Priority": "u=0, i",
    },
}


def request_of(head):
    lines = [f"GET {PATH} HTTP/1.1", "Host: www.example.com", *(f"{k}: {v}" for k, v in HEADS[head].items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def say(text):
    print(text, file=sys.stderr, flush=True)


def require_hit(server, head):
    """The first answer fills the cache; the second must come out of it."""
    connection = Connection(server.port)
    connection.ask(request_of(head))
    status, fields, body = connection.ask(request_of(head))
    connection.close()
    if not status.startswith("HTTP/1.1 200 ") or len(body) != 1024 or not server.is_hit(fields):
        raise RuntimeError(f"{server.name} does not answer from its cache: {status} {fields}")


def run_wrk(port, seconds, head, core):
    """Requests answered, requests per second, the 99th percentile of latency in ms."""
    fields = {"Host": "www.example.com", **HEADS[head]}
    command = pinned(core) + ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    for name, value in fields.items():
        command += ["-H", f"{name}: {value}"]
    text = subprocess.run(command + [f"http://127.0.0.1:{port}{PATH}"], capture_output=True, text=True, check=True).stdout
    if re.search(r"Socket errors|Non-2xx", text):
        raise RuntimeError("wrk saw errors:\n" + text)
    requests = int(re.search(r"(\d+) requests in", text).group(1))
    per_second = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)\b", text).groups()
    return requests, per_second, float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def measure(server, options):
    cpu, split = server.cpu_ns(), server.cpu_split_s()
    requests, per_second, p99_ms = run_wrk(server.port, options.seconds, options.head, options.load_core)
    user, system = (after - before for before, after in zip(split, server.cpu_split_s()))
    return {"requests": requests, "per_second": per_second, "p99_ms": p99_ms,
            "cpu_us": (server.cpu_ns() - cpu) / requests / 1000,
            "user_us": user / requests * 1e6, "system_us": system / requests * 1e6}


def interleaved_rounds(servers, origin, options):
    """A list of rounds for each row's name. The order turns, so that what drifts meets all alike."""
    for server in servers.values():
        require_hit(server, options.head)
        run_wrk(server.port, WARM_UP_SECONDS, options.head, options.load_core)
    asked = origin.pages_asked()
    rounds = {name: [] for name in servers}
    names = list(servers)
    for number in range(options.rounds):
        for name in names if number % 2 == 0 else reversed(names):
            server = servers[name]
            result = measure(server, options)
            rounds[name].append(result)
            if server.access_log:
                os.truncate(server.access_log, 0)  # both append: the next line is the first again
            say(f"round {number + 1}: {name:24} {result['per_second']:9.0f} requests/s {result['cpu_us']:7.2f} us CPU")
    for server in servers.values():
        require_hit(server, options.head)
    if origin.pages_asked() != asked:
        raise RuntimeError("the upstream was asked while only hits were expected")
    return rounds


def ask_hits(port, head, count):
    request = request_of(head)
    connections = [Connection(port) for _ in range(HITS_CONNECTIONS)]
    for _ in range(count // HITS_CONNECTIONS):
        for connection in connections:
            connection.send(request)
        for connection in connections:
            if not connection.receive()[0].startswith("HTTP/1.1 200 "):
                raise RuntimeError("no 200")
    for connection in connections:
        connection.close()


def instructions_of_run(make_server, head, count, run_dir):
    out = Path(run_dir) / "callgrind.out"
    wrapper = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
    with make_server(wrapper) as server:
        require_hit(server, head)
        ask_hits(server.port, head, count)
    total = re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE)
    out.unlink()
    return int(total.group(1))


def instructions_per_hit(make_server, head, run_dir):
    few = instructions_of_run(make_server, head, HITS_FEW, run_dir)
    many = instructions_of_run(make_server, head, HITS_MANY, run_dir)
    return (many - few) / (HITS_MANY - HITS_FEW)


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def ratios(rounds, one, other, measure_name):
    """Pair by pair: the two were measured within seconds of each other."""
    return spread([a[measure_name] / b[measure_name] for a, b in zip(rounds[one], rounds[other])])


def first_line(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().split("\n")[0]


def machine():
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return {"cpu": model.group(1) if model else platform.machine(), "cores": os.cpu_count(), "kernel": platform.release(),
            "nginx": first_line([shutil.which("nginx") or "/usr/sbin/nginx", "-v"]).removeprefix("nginx version: "),
            "date": time.strftime("%Y-%m-%d"), "load_average": os.getloadavg()[0]}


def table(result):
    """The Markdown that goes to the terminal and to hit.md."""
    rows = result["rows"]
    lines = [f"1 KiB hits, {CONNECTIONS} keep-alive connections, {result['head']} request heads, one worker on one core,"
             f" {result['rounds']} interleaved rounds of {result['seconds']} s; median (min to max).", "",
             "| | requests/s | CPU µs per request | user / system µs | p99 ms | instructions per hit, small / browser head |",
             "|---|---:|---:|---:|---:|---:|"]
    for name, row in rows.items():
        cpu, user, system = row["cpu_us"], row["user_us"], row["system_us"]
        counted = row.get("instructions")
        instructions = f"{counted['small']:,.0f} / {counted['browser']:,.0f}" if counted else ""
        lines.append(f"| {name} | {row['per_second']['median']:,.0f} | {cpu['median']:.2f} ({cpu['min']:.2f} to "
                     f"{cpu['max']:.2f}) | {user['median']:.2f} / {system['median']:.2f} | {row['p99_ms']['median']:.2f} "
                     f"| {instructions} |")
    lines += ["", "| Larder / nginx, pair by pair | median | min | max |", "|---|---:|---:|---:|"]
    for name, ratio in result["ratios"].items():
        lines.append(f"| {name} | {ratio['median']:.2f} | {ratio['min']:.2f} | {ratio['max']:.2f} |")
    about = result["machine"]
    lines += ["", f"{about['date']}, {about['cpu']}, {about['cores']} cores, Linux {about['kernel']}, {about['nginx']}."
              " Access logs are off except where a row names one (JSON, to a file)."]
    return "\n".join(lines) + "\n"


def compare(options, run_dir):
    with Origin(options.load_core) as origin:
        log = {name: str(Path(run_dir) / f"{name}.access.log") for name in ("larder", "nginx")}
        servers = {
            "Larder": Larder(options.larder, origin, run_dir, options.server_core),
            "nginx": Nginx(origin, run_dir, options.server_core),
            "Larder, access log": Larder(options.larder, origin, run_dir, options.server_core, log["larder"]),
            "nginx, access log": Nginx(origin, run_dir, options.server_core, log["nginx"]),
        }
        started = []
        try:
            for server in servers.values():
                server.start()
                started.append(server)
            rounds = interleaved_rounds(servers, origin, options)
        finally:
            for server in reversed(started):
                server.stop()
        rows = {name: {key: spread([each[key] for each in results]) for key in results[0]}
                for name, results in rounds.items()}
        if options.instructions:
            for name, kind in (("Larder", lambda wrapper: Larder(options.larder, origin, run_dir, options.server_core,
                                                                 wrapper=wrapper)),
                               ("nginx", lambda wrapper: Nginx(origin, run_dir, options.server_core, wrapper=wrapper))):
                say(f"counting instructions of {name}")
                rows[name]["instructions"] = {head: instructions_per_hit(kind, head, run_dir) for head in HEADS}
    return {"benchmark": "hit", "head": options.head, "rounds": options.rounds, "seconds": options.seconds,
            "machine": machine(), "rows": rows, "measured": rounds,
            "ratios": {"CPU per request": ratios(rounds, "Larder", "nginx", "cpu_us"),
                       "requests/s": ratios(rounds, "Larder", "nginx", "per_second"),
                       "CPU per request, access logs on":
                           ratios(rounds, "Larder, access log", "nginx, access log", "cpu_us")}}


def main():
    parser = argparse.ArgumentParser(prog="bench/compare hit")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--head", choices=HEADS, default="small")
    parser.add_argument("--no-instructions", dest="instructions", action="store_false")
    parser.add_argument("--larder", default=str(BUILD / "release/larder"))
    options = parser.parse_args()
    options.server_core, options.load_core = two_cores("bench/compare")

    # Ends as an interrupt does, through every `with` and `finally`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results = BUILD / "bench"
    results.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run.", dir=results) as run_dir:
        os.chmod(run_dir, 0o777)
        result = compare(options, run_dir)
    keep("hit", result, table(result))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except (RuntimeError, subprocess.CalledProcessError) as error:
        sys.exit(f"bench/compare: {error}")
