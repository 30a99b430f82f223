"""Many-to-many relations, which change from either side.

restriction.groups.add(group) and group.pageviewrestriction_set.add(restriction) write the same row.
"""

from typing import Any


def owners(
    instance: Any, action: str, reverse: bool, model: Any, pk_set: set[Any] | None, sender: Any, using: str
) -> list[Any]:
    """Of an m2m_changed: the objects whose class has the relation's field. They are the same before and after.

    Each change is told once: before a clear() from the other side, which afterwards names nobody, and after all others.
    """
    if not reverse:
        return [instance] if action.startswith("post_") else []
    objects = model._base_manager.using(using)
    if action == "pre_clear":
        return list(objects.filter(**{f"{field_of(model, sender)}__pk": instance.pk}))
    return list(objects.filter(pk__in=pk_set)) if action in ("post_add", "post_remove") and pk_set else []


def field_of(model: Any, through: Any) -> str:
    """The name of the model's field whose rows are in this table."""
    fields = model._meta.many_to_many
    return next(str(field.name) for field in fields if field.remote_field.through is through)
