"""wrk, on the load's core."""
import json
import re
import subprocess

from servers import BENCH, pinned

CONNECTIONS = 64


def run(server, cores, seconds, path, fields, pattern=()):
    """What wrk.lua tells. `pattern` are its arguments, where not all requests are for `path`."""
    command = pinned(cores) + ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(BENCH / "field/wrk.lua")]
    for name, value in {"Host": server.host, **fields}.items():
        command += ["-H", f"{name}: {value}"]
    command += [f"http://127.0.0.1:{server.port}{path}"]
    if pattern:
        command += ["--", *(str(word) for word in pattern)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    told = json.loads(re.search(r"^TOLD (.*)$", text, re.MULTILINE).group(1))
    if told["errors"] or told["statuses"] or not told["requests"]:
        raise RuntimeError(f"wrk saw errors of {server.name}:\n{text}")
    return told
