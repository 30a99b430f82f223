"""The names of tags: what a response's Surrogate-Key says of its content, and what a change purges.

page-12, image-7, document-3, blog.category-5     an object that the response shows
blog.blogpage                                     a query for objects of this model, whichever it found
menu                                              a query for the pages with show_in_menus
page-any, blog.category-any                       more objects than are worth a tag each
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

from django.db.models import Model

from .tree import page_model

MENU = "menu"
Function = TypeVar("Function", bound=Callable[..., Any])


def remembered(function: Function) -> Function:
    """functools.cache, whose type would forget the function's."""
    return cast(Function, cache(function))


@remembered
def root_of(model: type[Model]) -> type[Model]:
    """The model whose table holds the primary key: one object has one tag, whichever class it is loaded as."""
    concrete: type[Model] = model._meta.concrete_model or model
    parents = list(concrete._meta.parents)
    return root_of(parents[0]) if parents else concrete


@remembered
def kind_of(model: type[Model]) -> str:
    from wagtail.documents import get_document_model
    from wagtail.images import get_image_model

    root = root_of(model)
    if issubclass(root, page_model()):
        return "page"
    if root is root_of(get_image_model()):
        return "image"
    if root is root_of(get_document_model()):
        return "document"
    return str(root._meta.label_lower)


def object_tag(model: type[Model], pk: Any) -> str:
    return f"{kind_of(model)}-{pk}"


def any_tag(kind: str) -> str:
    return f"{kind}-any"


def list_tag(model: type[Model]) -> str:
    concrete = model._meta.concrete_model or model
    return str(concrete._meta.label_lower)


def list_tags(model: type[Model]) -> list[str]:
    """Of the lists that an object of this class may be in: its own class's and its parents'."""
    concrete = model._meta.concrete_model or model
    return [list_tag(concrete), *(list_tag(parent) for parent in concrete._meta.get_parent_list())]


def change_selectors(instance: Model) -> list[str]:
    """For each change of an object: the responses that show it."""
    kind = kind_of(type(instance))
    return [f"tag:{kind}-{instance.pk}", f"tag:{any_tag(kind)}"]


def membership_selectors(instance: Model) -> list[str]:
    """For an object that comes, goes or changes its place: the responses that looked for such."""
    model = type(instance)
    if issubclass(model, page_model()):  # loaded as what it is, or as the base class
        model = getattr(instance, "specific_class", None) or model
    return [f"tag:{name}" for name in list_tags(model)]
