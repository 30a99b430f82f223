"""Larder beside the field. Started by bench/compare, whose help tells the parts and the options."""
import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import counted  # noqa: E402
import hits  # noqa: E402
import memory  # noqa: E402
import misses  # noqa: E402
import purges  # noqa: E402
import readme  # noqa: E402
import stampedes  # noqa: E402
import workers  # noqa: E402
from chart import svg_of  # noqa: E402
from heads import HEADS  # noqa: E402
from load import say  # noqa: E402
from peers import PEERS  # noqa: E402
from report import text_of  # noqa: E402
from servers import BUILD, about_machine, two_cores  # noqa: E402

RESULTS = BUILD / "bench/compare"
PARTS = {"hit": hits.hit, "304": hits.not_modified, "keys": hits.keys, "connections": hits.connections,
         "miss": misses.miss, "pass": misses.passed, "stampede": stampedes.stampede, "counts": counted.counts,
         "memory": memory.memory, "purge": purges.purge, "workers": workers.workers}
# Whom a part is about, where not all can do it, or one has nothing to be compared with.
SERVERS = {"purge": set(purges.SERVERS), "workers": {"larder"}, "stampede": set(PEERS) - {"ceiling"},
           "memory": set(PEERS) - {"ceiling"}}


def servers_of(part):
    return SERVERS.get(part, set(PEERS))


def listed(choices):
    def read(text):
        names = text.split(",")
        if wrong := [name for name in names if name not in choices]:
            raise argparse.ArgumentTypeError(f"{', '.join(wrong)}: choose from {', '.join(choices)}")
        return [name for name in choices if name in names]
    return read


def read_options():
    parser = argparse.ArgumentParser(prog="bench/compare", usage="bench/compare PART... [OPTION...]; --help tells them")
    parser.add_argument("parts", nargs="+", choices=[*PARTS, "all", "report"], metavar="PART")
    parser.add_argument("--only", type=listed(PEERS), default=list(PEERS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--size", type=listed(hits.SIZES), default=list(hits.SIZES))
    parser.add_argument("--head", type=listed(HEADS), default=list(HEADS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--objects", type=int, default=1_000_000)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--larder", default=str(BUILD / "release/larder"))
    options = parser.parse_args()
    if min(options.rounds, options.seconds, options.repeats, options.objects, options.entries) < 1:
        parser.error("a number is at least 1")
    options.server_core, options.load_core = two_cores("bench/compare")
    return options


def chosen_parts(options):
    """Of `all` those that the chosen servers can take part in; a part that was named has to be possible."""
    chosen = []
    for part in PARTS:
        if part not in options.parts and "all" not in options.parts:
            continue
        if servers_of(part) & set(options.only):
            chosen.append(part)
        elif part in options.parts:
            raise RuntimeError(f"{part} is about {', '.join(sorted(servers_of(part)))}")
    return chosen


def run(part, options):
    say(f"--- {part}")
    with tempfile.TemporaryDirectory(prefix="run.", dir=RESULTS) as run_dir:
        os.chmod(run_dir, 0o777)
        measured = PARTS[part](options, Path(run_dir))
    versions = {name: PEERS[name].version(options) for name in options.only if name in servers_of(part)}
    measured["about"] = {"machine": about_machine(), "versions": versions, "rounds": options.rounds,
                         "seconds": options.seconds, "load_average": os.getloadavg()[0]}
    (RESULTS / f"{part}.json").write_text(json.dumps(measured, indent=1) + "\n")


def main():
    options = read_options()
    # Ends as an interrupt does, through every `with`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    RESULTS.mkdir(parents=True, exist_ok=True)
    chosen = chosen_parts(options)
    for part in chosen:
        run(part, options)
    measured = {part: json.loads(path.read_text()) for part in PARTS if (path := RESULTS / f"{part}.json").exists()}
    if not measured:
        raise RuntimeError("nothing was measured yet")
    (RESULTS / "compare.md").write_text(text_of(measured))
    (RESULTS / "compare.svg").write_text(svg_of(measured))
    print(text_of({part: measured[part] for part in chosen} or measured))
    say(f"stored in {RESULTS}: a JSON file for each part; compare.md and compare.svg show the latest of all")
    if options.readme:
        readme.update(measured, servers_of)
        say(f"README.md and {readme.CHART} were updated")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"bench/compare: {error}")
