"""Tells the cache what a write to the forum changes, whether a member or the staff's admin wrote it.

Each page of the forum says in Cache-Tag what it shows (views.py), under the names that config/forum.yaml gives to the
captures of its routes: `thread:17`, `category:jars`. So the same purges hold with that file and without it.

Where FORUM_HOOK_SECRET is set, the forum sends signed events to Larder's webhook instead, as a forum on another machine
would; config/forum.yaml says what each of them purges.
"""

import hashlib
import hmac
import json
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from kitchen.purges import post as post_to_larder
from kitchen.purges import purge_on_commit

from .models import Category, Post, Reaction, Thread

POST_CHANGED = ["tag:thread:{thread}", "tag:category:{category}", "tag:forum-index"]
THREAD_CHANGED = ["tag:thread:{thread}"]
EVERYTHING_CHANGED = ["tag:forum"]


def send(event, selectors, **data):
    if settings.FORUM_HOOK_SECRET and settings.CACHE_URL:
        transaction.on_commit(partial(post_signed, {"event": event, **data}), robust=True)
    else:
        purge_on_commit(*(selector.format(**data) for selector in selectors))


def post_signed(event):
    body = json.dumps(event).encode()
    signature = hmac.new(settings.FORUM_HOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    post_to_larder("/hooks/forum", body, {"X-Forum-Signature": f"sha256={signature}"})


@receiver([post_save, post_delete], sender=Post)
def post_changed(instance, **kwargs):
    thread = instance.thread
    event = "post_deleted" if instance.deleted_at else "post_changed"
    send(event, POST_CHANGED, thread=thread.pk, category=thread.category.slug)


@receiver([post_save, post_delete], sender=Reaction)
def reaction_changed(instance, **kwargs):
    send("reaction_changed", THREAD_CHANGED, thread=instance.post.thread_id)


@receiver(post_save, sender=Thread)
def thread_changed(instance, created, **kwargs):
    """A new thread is told of with its first post; a renamed or moved one may have been shown anywhere."""
    if not created:
        send("thread_moved", EVERYTHING_CHANGED, thread=instance.pk)


@receiver(post_delete, sender=Thread)
@receiver([post_save, post_delete], sender=Category)
def much_changed(**kwargs):
    send("category_changed", EVERYTHING_CHANGED)
