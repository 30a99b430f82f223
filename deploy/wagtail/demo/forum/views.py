"""The forum's pages.

Three kinds of pages are for reading and the same for every guest: they hold no form and no token, so that a cache may
keep them. Everything that writes has an address of its own and is for members.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from kitchen.cache_tags import add_cache_tags

from .forms import ReactionForm, ReplyForm, ThreadForm
from .models import POSTS_PER_PAGE, Category, Post, Thread

THREADS_PER_PAGE = 15


@require_safe
def index(request):
    add_cache_tags(request, "forum", "forum-lists", "forum-index")
    return render(request, "forum/index.html", {"categories": Category.with_activity()})


@require_safe
def category(request, slug):
    shown = get_object_or_404(Category, slug=slug)
    add_cache_tags(request, "forum", "forum-lists", f"category:{shown.slug}")
    threads = Thread.with_activity().filter(category=shown)
    page = Paginator(threads, THREADS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "forum/category.html", {"category": shown, "threads": page})


@require_safe
def thread(request, thread_id):
    shown = get_object_or_404(Thread.objects.select_related("category", "author"), pk=thread_id)
    add_cache_tags(request, "forum", f"thread:{shown.pk}")
    posts = Post.with_reactions().filter(thread=shown)
    page = Paginator(posts, POSTS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "forum/thread.html", {"thread": shown, "posts": page})


@csrf_exempt
@require_POST
def seen(request, thread_id):
    """A script on the thread's page counts the reader, so that one who got the page from a cache counts too."""
    get_object_or_404(Thread, pk=thread_id).count_view()
    return HttpResponse(status=204)


@login_required
def new_thread(request, slug):
    parent = get_object_or_404(Category, slug=slug)
    form = ThreadForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.instance.category = parent
            form.instance.author = request.user
            started = form.save()
            started.add_post(request.user, form.cleaned_data["text"])
        messages.success(request, f"Your thread is open, {request.user.username}.")
        return redirect(started)
    return render(request, "forum/form.html", {"heading": f"A new thread in {parent}", "back": parent, "form": form})


@login_required
def reply(request, thread_id):
    parent = get_object_or_404(Thread, pk=thread_id)
    form = ReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            post = parent.add_post(request.user, form.cleaned_data["text"])
        messages.success(request, f"Your reply was added, {request.user.username}.")
        return redirect(post)
    return render(request, "forum/form.html", {"heading": f"Reply to “{parent}”", "back": parent, "form": form})


@login_required
def react(request, post_id):
    """A second reaction takes the place of the first, and the same one again takes it back."""
    post = get_object_or_404(Post, pk=post_id, deleted_at=None)
    own = post.reactions.filter(user=request.user).first()
    before = own.kind if own else None
    form = ReactionForm(request.POST or None, instance=own)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["kind"] == before:
            own.delete()
        else:
            form.instance.post = post
            form.instance.user = request.user
            form.save()
        return redirect(post)
    return render(request, "forum/form.html", {"heading": "Your reaction", "back": post, "quote": post, "form": form})


@login_required
def delete(request, post_id):
    post = get_object_or_404(Post, pk=post_id, deleted_at=None)
    if not post.may_be_deleted_by(request.user):
        raise PermissionDenied
    if request.method == "POST":
        post.delete_softly()
        messages.success(request, f"The post was deleted, {request.user.username}.")
        return redirect(post)
    return render(request, "forum/form.html", {"heading": "Delete this post?", "back": post, "quote": post})
