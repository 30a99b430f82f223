"""Who has an account. Passwords are for a demo: they are printed by it."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission

from accounts.models import Profile

EDITOR = {"username": "editor", "password": "pantry-notes", "email": "editor@example.com"}
MEMBERS = ["mara", "nils"]  # each with the password NAME-password
STAFF = "inga"  # of the forum; the same
WRITERS = ["asta", "bruno", "clea", "dimo", "elin", "falk"]  # of the forum's older posts; they cannot log in


def add_members():
    """Everyone's note says whose it is, so that a note on a stranger's page is known for what it is."""
    users = get_user_model()
    for name in [EDITOR["username"], *MEMBERS, STAFF, *WRITERS]:
        user = users.objects.filter(username=name).first() or add_user(users, name)
        Profile.objects.get_or_create(user=user, defaults={"note": f"note-of-{name}"})


def add_user(users, name):
    if name == EDITOR["username"]:
        editor = users.objects.create_user(**EDITOR, first_name="Edda", last_name="Torp")
        editor.groups.add(Group.objects.get(name="Moderators"))
        return editor
    password = f"{name}-password" if name in [*MEMBERS, STAFF] else None
    user = users.objects.create_user(name, f"{name}@example.com", password, is_staff=name == STAFF)
    if name == STAFF:
        user.user_permissions.add(*Permission.objects.filter(content_type__app_label="forum"))
    return user


def let_editors_edit_snippets():
    """Beside pages, which they may edit by default: categories, the footer, the announcement, redirects."""
    Group.objects.get(name="Moderators").permissions.add(
        *Permission.objects.filter(content_type__app_label="blog", content_type__model="category"),
        *Permission.objects.filter(content_type__app_label__in=["kitchen", "wagtailredirects"]),
    )
