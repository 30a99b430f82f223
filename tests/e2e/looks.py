"""What an anonymous visitor has to see at an address before an event and after it."""

import re
from dataclasses import asdict, dataclass

PAGE, ELSEWHERE, API = "page", "elsewhere", "API"


@dataclass(frozen=True)
class Seen:
    """What an answer shows. Texts and expressions are looked for in the body and in Location."""

    status: int = 200
    holds: tuple = ()
    lacks: tuple = ()
    matches: tuple = ()

    def is_in(self, status, text):
        return (
            status == self.status
            and all(one in text for one in self.holds)
            and not any(one in text for one in self.lacks)
            and all(re.search(one, text) for one in self.matches)
        )


@dataclass(frozen=True)
class Look:
    """One address that an event changes, or (when before and after are the same) leaves alone."""

    path: str
    before: Seen
    after: Seen
    kind: str = PAGE
    is_stored: bool = True  # some answers never are, such as one with a form's token

    @property
    def stays(self):
        return self.before == self.after

    @classmethod
    def from_json(cls, fields):
        return cls(**fields | {name: Seen(**fields[name]) for name in ("before", "after")})

    def to_json(self):
        return asdict(self)


def text_of(answer):
    return f"{answer.fields.get('location', '')}\n{answer.text}"


def changes(path, old, new, kind=PAGE):
    """One text gives way to another."""
    return Look(path, Seen(holds=(old,), lacks=(new,)), Seen(holds=(new,), lacks=(old,)), kind)


def turns(path, old, new, kind=PAGE):
    """What one expression matched is what another one matches."""
    return Look(path, Seen(matches=(old,)), Seen(matches=(new,)), kind)


def appears(path, new, kind=PAGE):
    return Look(path, Seen(lacks=(new,)), Seen(holds=(new,)), kind)


def vanishes(path, old, kind=PAGE):
    return Look(path, Seen(holds=(old,)), Seen(lacks=(old,)), kind)


def comes(path, text, kind=PAGE):
    """There was no such page."""
    return Look(path, Seen(status=404), Seen(holds=(text,)), kind)


def goes(path, text, kind=PAGE):
    return Look(path, Seen(holds=(text,)), Seen(status=404), kind)


def leads(path, text, target, status=301, kind=PAGE):
    """There was a page, and its address leads to another now."""
    return Look(path, Seen(holds=(text,)), Seen(status=status, holds=(target,)), kind)


def stays(path, text=""):
    """None of the event's business: still a hit."""
    same = Seen(holds=(text,) if text else ())
    return Look(path, same, same, ELSEWHERE)
