"""What a project calls itself."""

from collections.abc import Iterable

from . import conf, outbox
from . import selectors as forms


def purge(
    *selectors: str,
    tags: Iterable[str] = (),
    paths: Iterable[str] = (),
    prefixes: Iterable[str] = (),
    urls: Iterable[str] = (),
    mode: str = "hard",
    refresh: bool | None = None,
    event: str = "purge",
) -> None:
    """Purges what the database told nobody of: QuerySet.update, raw SQL, another program.

    Sent after the commit of the transaction that is open, at once when there is none. Positional arguments are
    selectors as Larder reads them ("all", "host:example.com"). A `*` ends a tag prefix. mode: "hard" or "soft".
    """
    if mode not in ("hard", "soft"):
        raise ValueError(f"mode must be 'hard' or 'soft', not {mode!r}")
    wanted = select(*selectors, tags=tags, paths=paths, prefixes=prefixes, urls=urls)
    for selector in wanted:
        if problem := forms.problem_of(selector):
            raise ValueError(f"{selector!r}: {problem}")
    outbox.record(
        wanted,
        event=event,
        is_hard=mode == "hard",
        refresh=conf.get("LARDER_REFRESH") if refresh is None else refresh,
    )


def select(
    *selectors: str,
    tags: Iterable[str] = (),
    paths: Iterable[str] = (),
    prefixes: Iterable[str] = (),
    urls: Iterable[str] = (),
) -> list[str]:
    for name, value in (("tags", tags), ("paths", paths), ("prefixes", prefixes), ("urls", urls)):
        if isinstance(value, str):
            raise TypeError(f"{name} must be a list of strings, not one string")
    wanted = list(selectors)
    wanted += [forms.tag(name) for name in tags]
    wanted += [forms.path(path) for path in paths]
    wanted += [f"prefix:{forms.path_of(prefix)}" for prefix in prefixes]
    wanted += [forms.url(address) for address in urls]
    return wanted
