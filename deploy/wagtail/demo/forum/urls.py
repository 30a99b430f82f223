"""Addresses below /forum/: three to read, and the rest, which write and are for members."""

from django.urls import path

from . import views

app_name = "forum"
urlpatterns = [
    path("", views.index, name="index"),
    path("c/<slug:slug>/", views.category, name="category"),
    path("c/<slug:slug>/new/", views.new_thread, name="new_thread"),
    path("t/<int:thread_id>/", views.thread, name="thread"),
    path("t/<int:thread_id>/seen/", views.seen, name="seen"),
    path("t/<int:thread_id>/reply/", views.reply, name="reply"),
    path("p/<int:post_id>/react/", views.react, name="react"),
    path("p/<int:post_id>/delete/", views.delete, name="delete"),
]
