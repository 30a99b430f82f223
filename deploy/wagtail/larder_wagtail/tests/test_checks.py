"""manage.py check tells what is wrong, each by its own id; and the backend for frontend_cache; and the migrations."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.test import RequestFactory

from larder_wagtail import middleware, signing
from larder_wagtail.models import Purge
from receiver import IGNORED

pytestmark = pytest.mark.django_db
BACKEND = "larder_wagtail.frontend_cache.LarderBackend"


def ids(deploy=False):
    return [message.id for message in run_checks(tags=["larder"], include_deployment_checks=deploy)]


@pytest.fixture
def sound(settings, receiver):
    settings.MIDDLEWARE = [middleware.PATH, "django.middleware.common.CommonMiddleware"]
    return settings


def test_a_sound_site(sound, receiver):
    assert ids(deploy=True) == []
    assert receiver.selectors() == ["tag:larder-wagtail-check"]


def test_the_app_has_put_its_middleware_first():
    from django.conf import settings

    assert settings.MIDDLEWARE[0] == middleware.PATH


@pytest.mark.parametrize(
    "name, value, expected",
    [
        ("LARDER_URL", "127.0.0.1:8081/hooks/wagtail", ["larder.E001"]),
        ("LARDER_URL", "http://127.0.0.1:port/hooks/wagtail", ["larder.E001"]),
        ("LARDER_URL", "http://127.0.0.1:8081", ["larder.E004"]),
        ("LARDER_URL", "http://cache.example/hooks/wagtail", ["larder.W004"]),
        ("LARDER_URL", "https://cache.example/hooks/wagtail", []),
        ("LARDER_URL", "http://[::1]:8081/hooks/wagtail", []),
        ("LARDER_SECRET", "", ["larder.E002"]),
        ("LARDER_SECRET", "short", ["larder.E002"]),
        ("LARDER_SECRET", "whsec_c2hvcnQ=", ["larder.E002"]),
        ("LARDER_SECRET", "whsec_not base64", ["larder.E002"]),
        ("LARDER_SECRET", "a text that is long enough", []),
        ("LARDER_SEND", "later", ["larder.E003"]),
        ("LARDER_URI", "http://127.0.0.1:8081/hooks/wagtail", ["larder.W002"]),
        ("MIDDLEWARE", [], ["larder.W005"]),
        (
            "MIDDLEWARE",
            ["wagtail.contrib.redirects.middleware.RedirectMiddleware", middleware.PATH],
            ["larder.W006"],
        ),
    ],
)
def test_a_setting_that_is_wrong(sound, name, value, expected):
    setattr(sound, name, value)
    assert ids() == expected


def test_purged_twice(sound, monkeypatch):
    monkeypatch.setattr("django.apps.apps.is_installed", lambda name: True)
    sound.WAGTAILFRONTENDCACHE = {"larder": {"BACKEND": BACKEND}}
    assert ids() == ["larder.W003"]
    sound.LARDER_EVENTS = False
    assert ids() == []


def test_nothing_set(sound):
    sound.LARDER_URL = ""
    assert ids(deploy=True) == ["larder.W001"]


@pytest.mark.parametrize(
    "answer, hint",
    [
        (401, "clocks"),
        (404, "no webhook"),
        (422, "does not take"),
        (IGNORED, "no rule"),
        (b"<html>Welcome!</html>", "is not Larder"),
    ],
)
def test_larder_says_no(sound, receiver, answer, hint):
    receiver.answers = [answer]
    messages = run_checks(tags=["larder"], include_deployment_checks=True)
    assert [message.id for message in messages] == ["larder.E006"]
    assert hint in messages[0].hint


def test_another_secret_is_told(sound, receiver):
    sound.LARDER_SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="
    messages = run_checks(tags=["larder"], include_deployment_checks=True)
    assert [message.id for message in messages] == ["larder.E006"]
    assert "secrets differ" in messages[0].hint


def test_nobody_answers(sound, receiver):
    receiver.stop()
    assert ids(deploy=True) == ["larder.E006"]


def test_what_is_in_the_outbox(sound):
    Purge.objects.create(batch="a", selectors=["tag:a"], event="x", set_aside_at="2026-01-01T00:00:00Z", error="422")
    Purge.objects.bulk_create(Purge(batch=str(n), selectors=["tag:a"], event="x") for n in range(101))
    assert ids(deploy=True) == ["larder.W007", "larder.W008"]


def test_no_table(sound, monkeypatch):
    monkeypatch.setattr(Purge._meta, "db_table", "not_migrated")
    assert ids(deploy=True) == ["larder.E005"]


def test_the_migrations_make_the_models(tmp_path):
    """The other tests make their tables without them."""
    environment = {"DJANGO_SETTINGS_MODULE": "pantry.bare", "PYTHONPATH": ".", "PANTRY_STATE": str(tmp_path)}
    for command in ("makemigrations --check --dry-run larder_wagtail", "migrate larder_wagtail"):
        done = subprocess.run(
            [sys.executable, "-m", "django", *command.split()],
            cwd=Path(__file__).parent,
            env=os.environ | environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr


# --- wagtail.contrib.frontend_cache ----------------------------------------------------------------------------------


def test_the_backend_sends_a_batch_as_one_webhook(site, commit, settings):
    from wagtail.contrib.frontend_cache.utils import PurgeBatch

    settings.WAGTAILFRONTENDCACHE = {"larder": {"BACKEND": BACKEND, "HOSTNAMES": ["pantry.example"]}}
    with commit() as purged:
        batch = PurgeBatch()
        batch.add_page(site.soup)
        batch.add_url("http://pantry.example/list/?page=2")
        batch.add_url("http://pantry.example/old/*")
        batch.add_url("http://elsewhere.example/")
        batch.purge()
    assert len(purged.requests) == 1
    assert purged.events == {"frontend_cache"}
    assert {
        "path:http://pantry.example/recipes/soup/",
        "url:http://pantry.example/list/?page=2",
        "prefix:http://pantry.example/old/",
    } <= purged.select
    assert not any("elsewhere" in selector for selector in purged.select)


# --- Requests --------------------------------------------------------------------------------------------------------


def test_a_signature_that_others_made():
    """The vector of the reference libraries (github.com/standard-webhooks/standard-webhooks)."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = signing.headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_request_factory_is_no_server():
    assert middleware.is_cacheable(RequestFactory().get("/"))
