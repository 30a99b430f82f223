"""Bars of CPU time per request beside the bare loop's, as SVG."""
from html import escape

from report import FETCH_PARTS, HIT_PARTS, NAMES, timed_cases

COLOURS = {"larder": "#b3401f", "nginx": "#4d7c57", "haproxy": "#3b6ea5", "varnish": "#8a6fae", "trafficserver": "#8c8c8c"}
WIDTH, LEFT, RIGHT = 860, 250, 60
BAR, GAP, GROUP_GAP, TOP = 13, 2, 14, 62
RATIO_MAX = 6  # a longer bar is cut, and its number says how long it is


def svg_of(measured):
    cases = {key: case for key, case in timed_cases(measured, HIT_PARTS + FETCH_PARTS).items()
             if "ceiling" in case["rows"]}
    longest = max((row["to_ceiling"]["median"] for case in cases.values() for row in case["rows"].values()), default=1)
    shown = min(longest, RATIO_MAX)
    scale = (WIDTH - LEFT - RIGHT) / shown
    parts, y = [], TOP
    for case in cases.values():
        bars = [(name, row["to_ceiling"]["median"]) for name, row in case["rows"].items() if name in COLOURS]
        middle = y + (len(bars) * (BAR + GAP) - GAP) / 2 + 4
        parts.append(f'<text x="{LEFT - 10}" y="{middle:.0f}" text-anchor="end">{escape(case["title"])}</text>')
        for name, ratio in bars:
            length = min(ratio, shown) * scale
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{COLOURS[name]}"/>')
            parts.append(f'<text x="{LEFT + length + 5:.1f}" y="{y + BAR - 2}" class="n">{ratio:.2f}</text>')
            y += BAR + GAP
        y += GROUP_GAP
    one = LEFT + scale
    grid = (f'<line x1="{one:.1f}" y1="{TOP - 8}" x2="{one:.1f}" y2="{y - GROUP_GAP + 4}" stroke="#222" stroke-dasharray="3 3"/>'
            f'<text x="{one:.1f}" y="{TOP - 12}" text-anchor="middle" class="n">bare epoll loop</text>')
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img"'
        ' aria-label="CPU time per request beside a bare epoll loop">',
        '<style>text{font:12px sans-serif;fill:#222}.n{font-size:11px;fill:#444}.t{font-size:14px;font-weight:bold}</style>',
        f'<rect width="{WIDTH}" height="{y}" fill="#fff"/>',
        '<text x="10" y="20" class="t">CPU time per request, bare epoll loop = 1 (less is better)</text>',
        *legend(cases), *parts, grid, "</svg>"]) + "\n"


def legend(cases):
    x, shapes = 10, []
    for name in [name for name in COLOURS if any(name in case["rows"] for case in cases.values())]:
        shapes.append(f'<rect x="{x}" y="30" width="10" height="10" fill="{COLOURS[name]}"/>'
                      f'<text x="{x + 15}" y="39">{NAMES[name]}</text>')
        x += 40 + 7 * len(NAMES[name])
    return shapes
