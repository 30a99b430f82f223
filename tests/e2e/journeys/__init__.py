"""What visitors do, part by part, in the order of a run."""

from . import crawl, editing, forum, headless, hosts, interleaved, languages, members, planted, private, reading

PARTS = {
    "planted": planted.found_by_the_watch,
    "crawl": crawl.crawl_twice,
    "interleaved": interleaved.interleaved,
    "anonymous-first": reading.anonymous_first,
    "logged-in-first": reading.logged_in_first,
    "log-in": members.log_in_and_out,
    "note": members.change_note,
    "contact": members.contact_form,
    "forum": forum.write_and_read,
    "views": forum.count_views,
    "password": private.password_page,
    "members-only": private.login_page,
    "documents": private.documents,
    "language": languages.switch,
    "preview": editing.preview_and_publish,
    "surroundings": editing.surroundings,
    "schedule": editing.schedule,
    "cross-origin": headless.cross_origin,
    "token": headless.draft_by_token,
    "front-end": headless.front_end,
    "hosts": hosts.alias,
}
