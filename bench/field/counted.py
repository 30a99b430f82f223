"""What is counted of a 1 KiB hit, not timed: system calls and instructions in user space, with small and browser heads."""
import wrk
from counts import instructions_per_hit, system_calls
from heads import HEADS, request
from hits import page
from load import say
from peers import PEERS
from stand import Stand

UNDER_CALLGRIND = ("larder", "nginx", "haproxy")  # the others' many threads take turns there
SECONDS = 2


def counts(options, run_dir):
    rows = {name: {"system_calls": {}, "instructions": {}} for name in options.only}
    with Stand(options, run_dir) as stand:
        path = page(1, stand.size)
        for name, server in stand.servers.items():
            stand.fill(server, path)
            for head, fields in HEADS.items():
                stand.require(server, path, fields, from_memory=True)
                calls, told = system_calls(server, lambda s=server, f=fields: wrk.run(s, stand.load_core, SECONDS, path, f))
                rows[name]["system_calls"][head] = calls / told["requests"]
            server.tidy()
            say(f"counts: {server.label:16} system calls per hit {rows[name]['system_calls']}")
    with Stand(options, run_dir, only=[]) as stand:
        for name in options.only:
            if name not in UNDER_CALLGRIND:
                continue
            for head, fields in HEADS.items():
                rows[name]["instructions"][head] = instructions_per_hit(
                    lambda wrapper, n=name: PEERS[n](stand, wrapper),
                    lambda server, f=fields: request(server.host, path, f), run_dir)
            say(f"counts: {PEERS[name].label:16} instructions per hit {rows[name]['instructions']}")
    return {"rows": rows}
