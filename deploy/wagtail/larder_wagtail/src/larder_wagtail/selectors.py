"""Selectors as Larder reads them (docs/configuration.md "Selectors"), and how several become few."""

from collections.abc import Iterable
from urllib.parse import quote, urlsplit

# Larder's own bounds on one purge (include/larder/cache/selector.hpp).
SELECTORS_MAX = 1000
SELECTOR_BYTES_MAX = 8 * 1024
# More than so many requests for one transaction would take longer than the pages take to come back.
SELECTORS_OF_A_BATCH_MAX = 10 * SELECTORS_MAX

EVERYTHING = "all"
KINDS = ("url:", "path:", "prefix:", "host:", "tag:")
# Larder splits Surrogate-Key at spaces and Cache-Tag at commas, and reads a final `*` of a selector as "begins so".
_FORBIDDEN_IN_TAGS = {ord(char): "-" for char in " \t\r\n,*\x7f"} | dict.fromkeys(range(32), "-")
_SAFE_IN_PATHS = "/%:@!$&'()*+,;=-._~"


def clean_tag(name: str) -> str:
    """The name as it can stand in a header field and in a selector."""
    return quote(str(name).translate(_FORBIDDEN_IN_TAGS), safe="".join(map(chr, range(33, 127))))


def tag(name: str) -> str:
    return f"tag:{clean_tag(name.rstrip('*'))}*" if name.endswith("*") else f"tag:{clean_tag(name)}"


def path_of(url: str) -> str:
    """A URL's path, escaped; that of an address without a path is "/"."""
    return quote(urlsplit(url).path or "/", safe=_SAFE_IN_PATHS)


def path(url: str) -> str:
    return f"path:{path_of(url)}"


def subtree(url: str) -> list[str]:
    """A page's path and all below it."""
    own = path_of(url)
    return [f"path:{own}", f"prefix:{own.rstrip('/')}/"]


def url(address: str) -> str:
    """One address: with all its queries, unless it names one."""
    parts = urlsplit(address)
    where = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    escaped = quote(parts.path or "/", safe=_SAFE_IN_PATHS)
    if escaped.endswith("*"):
        return f"prefix:{where}{escaped[:-1]}"
    return f"url:{where}{escaped}?{parts.query}" if parts.query else f"path:{where}{escaped}"


def problem_of(selector: str) -> str | None:
    """What Larder would refuse it for, as far as can be told here."""
    if selector == EVERYTHING:
        return None
    kind, _, value = selector.partition(":")
    if not value:
        return "expected a kind and a value, such as path:/blog/"
    if len(selector.encode()) > SELECTOR_BYTES_MAX:
        return f"longer than {SELECTOR_BYTES_MAX} bytes"
    if any(ord(char) < 32 or ord(char) == 127 for char in selector):
        return "has control characters"
    if kind in ("path", "prefix") and not value.startswith(("/", "http://", "https://")):
        return f"expected {kind}:/path or {kind}:http://host/path"
    if kind in ("path", "prefix") and "?" in value:
        return "expected a path without a query"
    if kind == "tag" and "*" in value[:-1]:
        return "expected `*` at the end of a tag only"
    return None


def merge(selectors: Iterable[str]) -> list[str]:
    """The same purge without what is said twice, in the order in which it was said."""
    unique = list(dict.fromkeys(selectors))
    if EVERYTHING in unique or len(unique) > SELECTORS_OF_A_BATCH_MAX:
        return [EVERYTHING]
    prefixes = {selector.removeprefix("prefix:") for selector in unique if selector.startswith("prefix:/")}
    return [selector for selector in unique if not _is_covered(selector, prefixes)]


def _is_covered(selector: str, prefixes: set[str]) -> bool:
    """True when a wider prefix names all that this names."""
    kind, _, value = selector.partition(":")
    if kind not in ("path", "prefix") or not value.startswith("/"):
        return False
    if kind == "path":  # also its form without the final slash, which the prefix must have
        value = value.rstrip("/")
    return any(
        value.startswith(prefix) and (kind == "path" or value != prefix)
        for prefix in prefixes
        if len(prefix) <= len(value)
    )
