"""The project's own terms: which tags, paths and prefixes a model's change outdates.

    @larder.depends_on("thread:{thread_id}", "category:{thread.category.slug}")
    class Post(models.Model): ...

Braces hold attributes of the object. Where they tell something else after the change than before, both are purged: a
thread that is moved outdates the lists of both categories. LARDER_DEPENDS says the same in the settings.
"""

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist
from django.db import models
from django.db.models.signals import post_save, pre_delete, pre_save

from . import conf, outbox, snapshot
from .purging import select

CREATED, CHANGED, DELETED = "created", "changed", "deleted"
MOMENTS = (CREATED, CHANGED, DELETED)
BEFORE = "_larder_row_before"
ModelType = TypeVar("ModelType", bound=type[models.Model])
Template = str | Callable[[Any], Iterable[str]]


class Attributes(Mapping[str, Any]):
    """An object's attributes as the values of a template."""

    def __init__(self, instance: models.Model) -> None:
        self.instance = instance

    def __getitem__(self, name: str) -> Any:
        return getattr(self.instance, name)

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


class Formatter(string.Formatter):
    """A missing value, such as the category of a thread without one, leaves the whole name out."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        value, key = super().get_field(field_name, args, kwargs)
        if value is None:
            raise LookupError(field_name)
        return value, key


def expand(template: Template, instance: models.Model) -> list[str]:
    if callable(template):
        return [str(name) for name in template(instance)]
    try:
        return [Formatter().vformat(template, (), Attributes(instance))]
    except (LookupError, ObjectDoesNotExist):
        return []


@dataclass(frozen=True)
class Rule:
    tags: tuple[Template, ...] = ()
    paths: tuple[Template, ...] = ()
    prefixes: tuple[Template, ...] = ()
    urls: tuple[Template, ...] = ()
    fields: frozenset[str] | None = None  # only when one of these changed
    ignore: frozenset[str] = frozenset()  # not when only these did
    on: frozenset[str] = frozenset(MOMENTS)
    mode: str = "hard"
    refresh: bool | None = None

    def selectors(self, instance: models.Model) -> list[str]:
        def names(templates: tuple[Template, ...]) -> list[str]:
            return [name for template in templates for name in expand(template, instance)]

        return select(
            tags=names(self.tags), paths=names(self.paths), prefixes=names(self.prefixes), urls=names(self.urls)
        )

    def watches(self, names: Iterable[str]) -> bool:
        """True when a change of these fields counts."""
        changed = set(names) - self.ignore
        return bool(changed if self.fields is None else changed & self.fields)


rules: dict[type[models.Model], list[Rule]] = {}


def depends_on(
    *tags: Template,
    paths: Iterable[Template] = (),
    prefixes: Iterable[Template] = (),
    urls: Iterable[Template] = (),
    fields: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
    on: Iterable[str] = MOMENTS,
    mode: str = "hard",
    refresh: bool | None = None,
) -> Callable[[ModelType], ModelType]:
    """A class decorator; may be given several times. `fields` and `ignore` are about changes of what exists already."""
    if wrong := [tag for tag in tags if not (isinstance(tag, str) or callable(tag))]:
        raise ImproperlyConfigured(f"depends_on: a tag is a text or a function, not {wrong[0]!r}")
    lists = {"paths": paths, "prefixes": prefixes, "urls": urls, "fields": fields, "ignore": ignore, "on": on}
    for name, value in lists.items():
        if isinstance(value, str):
            raise ImproperlyConfigured(f"depends_on: {name} must be a list, not one string")
    if mode not in ("hard", "soft"):
        raise ImproperlyConfigured(f"depends_on: mode must be 'hard' or 'soft', not {mode!r}")
    if unknown := set(on) - set(MOMENTS):
        raise ImproperlyConfigured(f"depends_on: on is of {', '.join(MOMENTS)}, not {', '.join(sorted(unknown))}")
    rule = Rule(
        tuple(tags),
        tuple(paths),
        tuple(prefixes),
        tuple(urls),
        None if fields is None else frozenset(fields),
        frozenset(ignore),
        frozenset(on),
        mode,
        refresh,
    )

    def decorate(model: ModelType) -> ModelType:
        add_rule(model, rule)
        return model

    return decorate


def add_rule(model: type[models.Model], rule: Rule) -> None:
    known = {name for field in model._meta.concrete_fields for name in (field.name, field.attname)}
    for name in sorted((rule.fields or frozenset()) | rule.ignore):
        if name not in known:
            raise ImproperlyConfigured(f"depends_on: {model.__name__} has no field {name!r}")
    rules.setdefault(model, []).append(rule)
    for signal, receiver in ((pre_save, before_save), (post_save, after_save), (pre_delete, before_delete)):
        uid = f"larder.depends.{receiver.__name__}"
        signal.connect(outbox.safely(receiver), sender=model, dispatch_uid=uid, weak=False)


def register_settings() -> None:
    """LARDER_DEPENDS = {"forum.Post": ["thread:{thread_id}", {"tags": ["featured"], "fields": ["featured"]}]}"""
    for label, entries in conf.get("LARDER_DEPENDS").items():
        model = apps.get_model(label)
        if isinstance(entries, (str, Mapping)):
            raise ImproperlyConfigured(f"LARDER_DEPENDS[{label!r}] must be a list of tags and of tables")
        tables = [entry for entry in entries if isinstance(entry, Mapping)]
        names = [entry for entry in entries if not isinstance(entry, Mapping)]
        for table in ([{"tags": names}] if names else []) + tables:
            try:
                if isinstance(table.get("tags"), str):
                    raise TypeError("tags must be a list, not one string")
                more: dict[str, Any] = {key: table[key] for key in table if key != "tags"}
                depends_on(*table.get("tags", ()), **more)(model)
            except TypeError as error:
                raise ImproperlyConfigured(f"LARDER_DEPENDS[{label!r}]: {error}") from error


# --- Signals ---------------------------------------------------------------------------------------------------------


def before_save(
    sender: Any, instance: Any, raw: bool = False, using: str = "", update_fields: Any = None, **_: Any
) -> None:
    """Remembers the row, unless no rule is about what is saved: a view counter costs nothing."""
    setattr(instance, BEFORE, None)
    if raw or not conf.is_enabled() or instance._state.adding:
        return
    if update_fields is None or any(rule.watches(update_fields) for rule in rules[sender]):
        setattr(instance, BEFORE, sender._base_manager.using(using).filter(pk=instance.pk).first())


def after_save(
    sender: Any, instance: Any, created: bool = False, using: str = "", update_fields: Any = None, **_: Any
) -> None:
    if not conf.is_enabled():
        return
    if created:
        record(sender, instance, CREATED, using)
        return
    before = vars(instance).pop(BEFORE, None)
    if before is None:
        return
    row = {field.attname: getattr(before, field.attname) for field in snapshot.fields_of(sender)}
    changed = snapshot.differences(instance, row)
    if update_fields is not None:
        changed &= set(update_fields)
    for rule in rules[sender]:
        if CHANGED in rule.on and rule.watches(changed):
            send(rule, rule.selectors(before) + rule.selectors(instance), sender, CHANGED, using)


def before_delete(sender: Any, instance: Any, using: str = "", **_: Any) -> None:
    """While what it belongs to can be asked for."""
    if conf.is_enabled():
        record(sender, instance, DELETED, using)


def record(model: type[models.Model], instance: models.Model, moment: str, using: str) -> None:
    for rule in rules[model]:
        if moment in rule.on:
            send(rule, rule.selectors(instance), model, moment, using)


def send(rule: Rule, selectors: list[str], model: type[models.Model], moment: str, using: str) -> None:
    outbox.record(
        selectors,
        event=f"{model._meta.label_lower}.{moment}",
        is_hard=rule.mode == "hard",
        refresh=conf.get("LARDER_REFRESH") if rule.refresh is None else rule.refresh,
        using=using,
    )
