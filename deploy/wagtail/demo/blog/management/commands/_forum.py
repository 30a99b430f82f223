"""The seeded forum: the same threads and posts in every seed."""

import random
from datetime import timedelta

from django.contrib.auth import get_user_model

from forum.models import Category, Post, Reaction, Thread

from ._members import MEMBERS, WRITERS
from ._texts import FOODS, FORUM_CATEGORIES, FORUM_REPLIES, FORUM_TITLES, SENTENCES

THREAD_COUNT = 150
POSTS_PER_THREAD_MAX = 19  # ten on average: some threads have a second page


def add_forum(newest):
    """Threads up to that moment, one every five hours."""
    if Category.objects.exists():
        return
    categories = Category.objects.bulk_create(
        Category(slug=slug, title=title, description=description, position=position)
        for position, (slug, title, description) in enumerate(FORUM_CATEGORIES)
    )
    members = list(get_user_model().objects.filter(username__in=[*MEMBERS, *WRITERS]).order_by("pk"))
    threads = Thread.objects.bulk_create(
        new_thread(number, categories, members, newest) for number in range(THREAD_COUNT)
    )
    posts = Post.objects.bulk_create(
        post for number, thread in enumerate(threads) for post in new_posts(number, thread, members)
    )
    last_post_at = {post.thread_id: post.created_at for post in posts}
    for thread in threads:
        thread.last_post_at = last_post_at[thread.pk]
    Thread.objects.bulk_update(threads, ["last_post_at"])
    Reaction.objects.bulk_create(new_reactions(posts, members))


def new_thread(number, categories, members, newest):
    foods = list(FOODS)
    food = foods[number * 7 % len(foods)]
    title = FORUM_TITLES[number % len(FORUM_TITLES)].format(food=food, Food=food.capitalize())
    return Thread(
        category=categories[number % len(categories)],
        author=members[number * 3 % len(members)],
        title=title,
        created_at=newest - timedelta(hours=5 * (THREAD_COUNT - number)),
        views=number * 37 % 400,
    )


def new_posts(number, thread, members):
    rng = random.Random(number)
    at = thread.created_at
    for place in range(rng.randint(1, POSTS_PER_THREAD_MAX)):
        text = [" ".join(rng.sample(SENTENCES, rng.randint(1, 3)))]
        if place:
            text.insert(0, rng.choice(FORUM_REPLIES))
        yield Post(
            thread=thread,
            author=rng.choice(members) if place else thread.author,
            text="\n\n".join(text),
            created_at=at,
            deleted_at=at + timedelta(minutes=3) if place and rng.random() < 0.02 else None,
        )
        at += timedelta(minutes=rng.randint(1, 12))


def new_reactions(posts, members):
    rng = random.Random(0)
    for post in posts:
        for member in rng.sample(members, rng.choice([0, 0, 1, 2, 4])):
            yield Reaction(post=post, user=member, kind=rng.choice(Reaction.Kind.values))
