"""What a row held before a save, for who has to know the difference."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Model, Q
from django.db.models.expressions import BaseExpression, Combinable

# What the database works out when the row is written.
EXPRESSIONS = (BaseExpression, Combinable, Q)


def fields_of(model: type[Model]) -> list[Any]:
    return list(model._meta.concrete_fields)


def is_text(field: Any) -> bool:
    """Text is shown; lists are ordered and filtered by what is not. A choice is a text by its column only."""
    if getattr(field, "choices", None):
        return False
    return isinstance(field, (models.CharField, models.TextField, models.JSONField)) or field.get_internal_type() in (
        "TextField",
        "JSONField",
    )


def row(instance: Model, names: Iterable[str], using: str | None) -> dict[str, Any] | None:
    """The row's values as the database has them; None when it has no such row."""
    if instance._state.adding or instance.pk is None:
        return None
    rows = type(instance)._base_manager.using(using).filter(pk=instance.pk)
    found: dict[str, Any] | None = rows.values(*names).first()
    return found


def differences(instance: Model, before: dict[str, Any]) -> set[str]:
    """The names of what is not as it was. An expression such as F("views") + 1 counts as a change."""
    changed = set()
    for field in fields_of(type(instance)):
        if field.attname in before:
            value = getattr(instance, field.attname, None)
            if isinstance(value, EXPRESSIONS) or field.get_prep_value(value) != field.get_prep_value(
                before[field.attname]
            ):
                changed.add(field.name)
    return changed
