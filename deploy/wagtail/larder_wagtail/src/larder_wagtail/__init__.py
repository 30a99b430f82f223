"""Tells Larder what a Wagtail or Django site changes.

    import larder_wagtail as larder

    @larder.depends_on("thread:{thread_id}")     what a model's change outdates, beside what the app knows of Wagtail
    larder.purge(tags=["footer"])                for what sends no signals: QuerySet.update, raw SQL, other programs
    larder.add_tags("footer")                    a tag for the response that is being made

The names are imported when they are first used: Django reads this package before its models can be.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .collect import add_tags
    from .depends import depends_on
    from .purging import purge

__all__ = ["add_tags", "depends_on", "purge"]
__version__ = "0.1.0"

_HOMES = {"add_tags": "collect", "depends_on": "depends", "purge": "purging"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
