"""The table of the documents that says which changes reach visitors, and by whom."""

from paths import TOP

CHANGES_TABLE = TOP / "docs/wagtail-changes.md"
COLUMNS = ["Change", "frontend_cache: the page", "elsewhere", "API", "larder-wagtail"]


def documented():
    """By event: the cells of its row."""
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in CHANGES_TABLE.read_text().splitlines()
        if line.startswith("|")
    ]
    head = rows.index(COLUMNS)
    return {row[0]: row[1:] for row in rows[head + 2 :] if len(row) == len(COLUMNS)}


def cell(right):
    """In one word, whether these addresses were right."""
    if not right:
        return "-"
    if all(right):
        return "yes"
    return "some" if any(right) else "no"
