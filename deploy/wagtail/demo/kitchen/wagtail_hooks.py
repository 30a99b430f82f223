"""The button "Front end preview" on each page's screens in the Wagtail admin."""

from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.widgets.button import Button

from .previews import headless_preview


@hooks.register("register_admin_urls")
def admin_urls():
    return [path("headless-preview/<int:page_id>/", headless_preview, name="headless_preview")]


@hooks.register("register_page_header_buttons")
def page_header_buttons(page, user, view_name, next_url=None):
    if page.permissions_for_user(user).can_edit():
        yield Button("Front end preview", reverse("headless_preview", args=[page.pk]), icon_name="view", priority=80)
