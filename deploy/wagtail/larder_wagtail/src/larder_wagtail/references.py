"""Who uses an object, by Wagtail's reference index: pages that link to a page or show an image, and those that show a
snippet that does."""

from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.db.models import Model, Q

from . import tags, tree
from .selectors import EVERYTHING, path

# A snippet in a snippet in a snippet: deeper than sites go, and an end for what refers to itself.
DEPTH_MAX = 5
# More users than this, such as a logo's: a purge of everything is quicker than their names.
USERS_MAX = 1000


@dataclass
class Users:
    pages: set[str] = field(default_factory=set)  # primary keys
    others: set[tuple[int, str]] = field(default_factory=set)  # content type, primary key
    are_too_many: bool = False


def base_type(model: type[Model]) -> int:
    from django.contrib.contenttypes.models import ContentType

    return int(ContentType.objects.get_for_model(tags.root_of(model), for_concrete_model=False).pk)


def users_of(instance: Model) -> Users:
    """Those that refer to it, and those that refer to these, up to the pages: a page that links to a page shows no more
    of it than its title and address."""
    from wagtail.models import ReferenceIndex

    users = Users()
    page_type = base_type(tree.page_model())
    frontier = {(base_type(type(instance)), str(instance.pk))}
    for _ in range(DEPTH_MAX):
        targets: dict[int, list[str]] = {}
        for content_type, pk in frontier:
            targets.setdefault(content_type, []).append(pk)
        which = reduce(or_, (Q(to_content_type=kind, to_object_id__in=pks) for kind, pks in targets.items()))
        rows = ReferenceIndex.objects.filter(which).values_list("base_content_type", "object_id").distinct()
        found = set(rows[: USERS_MAX + 1])
        users.pages |= {pk for content_type, pk in found if content_type == page_type}
        frontier = {user for user in found if user[0] != page_type} - users.others
        users.others |= frontier
        if len(users.pages) + len(users.others) > USERS_MAX:
            users.are_too_many = True
            break
        if not frontier:
            break
    return users


def user_selectors(instance: Model) -> list[str]:
    """The responses that show what refers to this object."""
    from django.contrib.contenttypes.models import ContentType

    users = users_of(instance)
    if users.are_too_many:
        return [EVERYTHING]
    wanted = [f"tag:page-{pk}" for pk in sorted(users.pages)]
    live = tree.page_model().objects.filter(pk__in=users.pages, live=True).values_list("url_path", flat=True)
    wanted += [path(address) for url_path in live for address in tree.paths_of_url_path(url_path)]
    for content_type, pk in sorted(users.others):
        model = ContentType.objects.get_for_id(content_type).model_class()
        if model is not None:
            wanted.append(f"tag:{tags.object_tag(model, pk)}")
    return wanted
