"""What the benchmarks send besides wrk's load, from the load's core: bench_pacer and bench_asker as processes."""
import json
import subprocess
import sys
from pathlib import Path

from servers import BUILD, pinned

HOST = "bench.example"
SIZE = 100          # of a page's body
PURGES = 200        # of each kind
PURGE_RATE = 40     # a second


def say(text):
    print(text, file=sys.stderr, flush=True)


class Load:
    """bench_pacer and bench_asker, on the load's core."""

    def __init__(self, options, run_dir):
        self.options, self.run_dir, self.files = options, Path(run_dir), 0

    def file_of(self, request):
        self.files += 1
        path = self.run_dir / f"request-{self.files}"
        path.write_bytes(request.encode())
        return str(path)

    def begin(self, port, requests, **settings):
        command = pinned(self.options.load_core) + [str(BUILD / "release/bench/bench_pacer"), "--port", str(port)]
        for request in requests:
            command += ["--request", self.file_of(request)]
        for name, value in settings.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    @staticmethod
    def end(process):
        told = process.communicate()[0]
        if process.returncode != 0:
            raise RuntimeError(f"a connection broke: {told}")
        return json.loads(told)

    def begin_hits(self, server, seconds, first, last, **more):
        request = f"GET /pages/%/{SIZE} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
        return self.begin(server.port, [request], **{"from": first, "to": last}, rate=self.options.rate, seconds=seconds,
                          random=1, connections=8, hit_mark=server.hit_mark, **more)

    def purges(self, server, request, first, last, count=PURGES, rate=PURGE_RATE):
        return self.end(self.begin(server.purge_port, [request], **{"from": first, "to": last}, count=count, rate=rate,
                                   connections=1))

    def fill(self, port, first, pages, connections=32, size=SIZE, host=None):
        """Asks for so many pages once each, and looks at each body. With `host` they are posts of its blog."""
        command = pinned(self.options.load_core) + [
            str(BUILD / "release/bench/bench_asker"), "--port", str(port), "--first", str(first), "--pages", str(pages),
            "--sizes", f"even:{size}:{size}", "--connections", str(connections)]
        if host:
            command += ["--host", host, "--blog"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not done.stdout:
            raise RuntimeError(f"no pages were asked for: {done.stderr}")
        told = json.loads(done.stdout)
        if done.returncode != 0:
            raise RuntimeError(f"not all pages were answered: {told} {done.stderr}")
        return told
