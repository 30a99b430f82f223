"""The seeded site around the blog's English posts: other pages, documents, redirects, German."""

from datetime import datetime, timezone

from django.core.files.base import ContentFile
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents.models import Document
from wagtail.models import Collection, CollectionViewRestriction, Locale, PageViewRestriction, Site

from blog.models import BlogPage
from contact.models import ContactField, ContactPage
from home.models import InfoPage
from kitchen.models import Announcement, Footer

from . import _texts as texts

CLUB_PASSWORD = "larder"
# Far off: `manage.py schedule` gives the draft another moment.
SCHEDULED_AT = datetime(2100, 1, 1, tzinfo=timezone.utc)


def add_surroundings(home, blog):
    if not InfoPage.objects.exists():
        add_info_pages(home, contact=add_contact_page(home))
    for path, page, is_permanent in [("/old-home", home, True), ("/old-blog", blog, False)]:
        if not Redirect.objects.filter(old_path=path).exists():
            Redirect.add_redirect(path, redirect_to=page, is_permanent=is_permanent)
    if not BlogPage.objects.filter(slug=texts.SCHEDULED["slug"]).exists():
        add_scheduled_post(blog)
    german, is_new = Locale.objects.get_or_create(language_code="de")
    if is_new:
        add_german(home, blog, german)
    for locale in Locale.objects.all():
        if not Footer.objects.filter(locale=locale).exists():
            Footer.objects.create(locale=locale, text=texts.FOOTERS[locale.language_code])
    Announcement.objects.get_or_create(site=Site.objects.get(), defaults={"text": texts.ANNOUNCEMENT})


def add_contact_page(home):
    page = home.add_child(
        instance=ContactPage(title="Contact", slug="contact", show_in_menus=True, intro="<p>We like letters.</p>")
    )
    page.thanks_page = page.add_child(instance=InfoPage(title="Thank you", slug="thanks", body=texts.THANKS))
    page.save()
    for label, kind in [("Name", "singleline"), ("Email", "email"), ("Message", "multiline")]:
        ContactField.objects.create(page=page, label=label, field_type=kind, required=True)
    return page


def add_info_pages(home, contact):
    club = home.add_child(instance=InfoPage(title="Recipes club", slug="recipes-club", body=texts.CLUB))
    PageViewRestriction.objects.create(
        page=club, restriction_type=PageViewRestriction.PASSWORD, password=CLUB_PASSWORD
    )
    staff = home.add_child(instance=InfoPage(title="Staff room", slug="staff-room", body=texts.STAFF_ROOM))
    PageViewRestriction.objects.create(page=staff, restriction_type=PageViewRestriction.LOGIN)

    everybodys = Collection.get_first_root_node()
    labels = add_document("Labels to print", "labels.txt", texts.LABELS, everybodys)
    staffs = everybodys.add_child(name="Staff papers")
    CollectionViewRestriction.objects.create(collection=staffs, restriction_type=CollectionViewRestriction.LOGIN)
    rota = add_document("Kitchen rota", "rota.txt", texts.ROTA, staffs)

    ids = {"club": club, "staff": staff, "contact": contact, "labels": labels, "rota": rota}
    body = texts.ABOUT.format(**{name: item.pk for name, item in ids.items()})
    home.add_child(instance=InfoPage(title="About", slug="about", show_in_menus=True, body=body))


def add_document(title, name, text, collection):
    document = Document(title=title, file=ContentFile(text.encode(), name=name), collection=collection)
    document.file_size = document.file.size
    document.save()
    return document


def add_scheduled_post(blog):
    like = BlogPage.objects.child_of(blog).order_by("-date").first()
    post = blog.add_child(
        instance=BlogPage(
            **texts.SCHEDULED, live=False, date=like.date, author=like.author, body=like.body, image=like.image
        )
    )
    post.schedule(SCHEDULED_AT)


def add_german(home, blog, german):
    """Translations keep their slugs: /de/ before an English address gives the German one, where there is one."""
    translate(home, german, **texts.GERMAN_HOME)
    translate(blog, german, **texts.GERMAN_BLOG)
    translate(InfoPage.objects.get(slug="about"), german, title="Über uns", body=texts.ABOUT_GERMAN)
    for slug, title in texts.GERMAN_POSTS:
        post = BlogPage.objects.child_of(blog).get(slug=slug)
        translate(
            post, german, title=title, intro=texts.GERMAN_INTRO, body=texts.GERMAN_BODY, search_description=title
        )


def translate(page, locale, **changes):
    copy = page.copy_for_translation(locale)
    for name, value in changes.items():
        setattr(copy, name, value)
    copy.save_revision().publish()
