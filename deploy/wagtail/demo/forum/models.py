"""A small forum: categories of threads, threads of posts, and reactions to posts.

The querysets that count name their order: a model's own one does not hold where rows are grouped.
"""

from django.conf import settings
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

POSTS_PER_PAGE = 10


class Category(models.Model):
    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=60)
    description = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "categories"

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("forum:category", args=[self.slug])

    @classmethod
    def with_activity(cls):
        """Each with its numbers of threads and posts, and the thread where somebody wrote last."""
        latest = Thread.objects.filter(category=OuterRef("pk")).order_by("-last_post_at", "-pk")
        return cls.objects.annotate(
            thread_count=Count("threads", distinct=True),
            post_count=Count("threads__posts", filter=Q(threads__posts__deleted_at=None)),
            latest_id=Subquery(latest.values("pk")[:1]),
            latest_title=Subquery(latest.values("title")[:1]),
            latest_at=Subquery(latest.values("last_post_at")[:1]),
        ).order_by("position", "title")


class Thread(models.Model):
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="threads")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="forum_threads")
    title = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now)
    last_post_at = models.DateTimeField(default=timezone.now, db_index=True)
    views = models.PositiveIntegerField(default=0)

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("forum:thread", args=[self.pk])

    @classmethod
    def with_activity(cls):
        """Each with its number of posts and the name of who wrote the last one."""
        last = Post.objects.filter(thread=OuterRef("pk"), deleted_at=None).order_by("-created_at", "-pk")
        return cls.objects.select_related("author").annotate(
            post_count=Count("posts", filter=Q(posts__deleted_at=None)),
            last_author=Subquery(last.values("author__username")[:1]),
        ).order_by("-last_post_at", "-pk")

    def add_post(self, author, text):
        post = self.posts.create(author=author, text=text)
        Thread.objects.filter(pk=self.pk).update(last_post_at=post.created_at)
        return post

    def count_view(self):
        """Touches nothing that would purge a page: a thread shows the number that it knew when it was rendered."""
        Thread.objects.filter(pk=self.pk).update(views=F("views") + 1)


class Post(models.Model):
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="posts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="forum_posts")
    text = models.TextField(max_length=5000)
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return f"{self.author} in {self.thread}"

    def get_absolute_url(self):
        """The thread's page that has this post, which deleted ones keep their places on."""
        earlier = self.thread.posts.filter(
            Q(created_at__lt=self.created_at) | Q(created_at=self.created_at, pk__lt=self.pk)
        )
        number = earlier.count() // POSTS_PER_PAGE + 1
        query = f"?page={number}" if number > 1 else ""
        return f"{self.thread.get_absolute_url()}{query}#post-{self.pk}"

    @classmethod
    def with_reactions(cls):
        counts = {kind: Count("reactions", filter=Q(reactions__kind=kind)) for kind in Reaction.Kind.values}
        return cls.objects.select_related("author").annotate(**counts).order_by("created_at", "pk")

    def may_be_deleted_by(self, user):
        return user.is_staff or user.pk == self.author_id

    def delete_softly(self):
        """The text stays in the database; readers see that something was there."""
        self.deleted_at = timezone.now()
        self.save(update_fields=["deleted_at"])


class Reaction(models.Model):
    """What one member thinks of one post; a member has one reaction to each."""

    class Kind(models.TextChoices):
        THANKS = "thanks", "Thanks"
        TRIED = "tried", "Tried it"
        DOUBT = "doubt", "I doubt it"

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reactions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="forum_reactions")
    kind = models.CharField(max_length=10, choices=Kind.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "user"], name="one_reaction_each")]
