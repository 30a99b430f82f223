"""Purges under load: bench/purge's first part, with fewer entries."""
import json
import subprocess
import sys

from servers import BENCH, BUILD

SERVERS = {"larder": ["larder"], "varnish": ["ban", "xkey"]}  # the others have no purge by tag
SECONDS = 2


def purge(options, _run_dir):
    command = [sys.executable, str(BENCH / "purge/main.py"), "--part", "million", "--entries", str(options.entries),
               "--seconds", str(SECONDS), "--store-as", "compare-purge", "--larder", options.larder]
    for name in options.only:
        for server in SERVERS.get(name, []):
            command += ["--only", server]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        if process.wait() != 0:
            raise RuntimeError("the purges could not be measured")
    finally:
        process.terminate()  # its own `with` blocks end then
        process.wait()
    measured = json.loads((BUILD / "bench/compare-purge.json").read_text())
    return {"entries": options.entries, "rows": measured["million"]}
