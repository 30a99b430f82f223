"""The README's table between its markers, and the chart beside it."""
from chart import svg_of
from heads import HEADS
from hits import SIZES
from peers import PEERS
from report import about, counts_table, overview, setting, stampede_table, wrapped
from servers import BENCH

TOP = BENCH.parent
BEGIN, END = "<!-- bench/compare -->\n", "<!-- /bench/compare -->\n"  # lines of their own
CHART = "docs/bench/compare.svg"
NEEDED = ("hit", "304", "keys", "connections", "miss", "pass", "counts", "stampede", "memory")


def update(measured, servers_of):
    """Only with all servers and all parts that it shows: a table with holes would say too much."""
    for part in NEEDED:
        if part not in measured:
            raise RuntimeError(f"--readme: `bench/compare {part}` was not measured yet")
        if missing := servers_of(part) - set(measured[part]["about"]["versions"]):
            raise RuntimeError(f"--readme: {part} was measured without {', '.join(sorted(missing))}")
    if len(measured["hit"]["cases"]) != len(SIZES) * len(HEADS):
        raise RuntimeError("--readme: hit was not measured with all sizes and heads")
    readme = TOP / "README.md"
    text = readme.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(END) < text.index(BEGIN):
        raise RuntimeError(f"--readme: README.md has no place for it: {BEGIN.strip()} and {END.strip()}")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text(before + BEGIN + section(measured) + END + after)
    chart = TOP / CHART
    chart.parent.mkdir(exist_ok=True)
    chart.write_text(svg_of(measured))


def section(measured):
    shown = {part: measured[part] for part in NEEDED}
    memory = shown["memory"]["rows"]
    beyond = ", ".join(f"{PEERS[name].label} {row['beyond']:,.0f}" for name, row in memory.items())
    lines = ["", setting(), "", *overview(shown), "",
             f"![CPU time per request beside a bare epoll loop]({CHART})", "",
             *counts_table(shown["counts"]), *stampede_table(shown["stampede"]),
             wrapped("**Memory** beyond key, head and body, bytes for each of"
                     f" {memory['larder']['objects']:,} objects of 1 KiB (the others: of fewer): {beyond}."), "",
             *about(shown), ""]
    return "\n".join(lines) + "\n"
