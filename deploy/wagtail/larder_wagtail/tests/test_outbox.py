"""After the commit, in order, at least once: real transactions, a receiver that fails, several senders."""

import logging
import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

import larder_wagtail as larder
from larder_wagtail import sender, worker
from larder_wagtail.models import Lease, Purge
from receiver import IGNORED

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture(autouse=True)
def no_thread(monkeypatch):
    """The thread is what test_worker.py is about; and no pause ends by itself."""
    monkeypatch.setattr(sender, "RETRY_FIRST_S", 9.0)
    monkeypatch.setattr(sender.random, "uniform", lambda low, high: high)
    woken = []
    monkeypatch.setattr(worker.worker, "wake", lambda: woken.append(True))
    return woken


def purge(name):
    larder.purge(tags=[name])


def make_due():
    Purge.objects.update(not_before=None)


def test_sent_when_the_transaction_commits_and_not_before(receiver, no_thread):
    with transaction.atomic():
        purge("a")
        assert Purge.objects.count() == 1
        assert receiver.requests == []
    assert receiver.selectors() == ["tag:a"]
    assert not Purge.objects.exists()
    assert no_thread == []


def test_a_transaction_rolled_back_sends_nothing(receiver):
    with pytest.raises(RuntimeError), transaction.atomic():
        purge("a")
        raise RuntimeError
    assert receiver.requests == []
    assert not Purge.objects.exists()
    with transaction.atomic():
        purge("b")
    assert receiver.selectors() == ["tag:b"]


def test_a_savepoint_rolled_back_takes_its_purges_along(receiver):
    with transaction.atomic():
        with pytest.raises(RuntimeError), transaction.atomic():
            purge("inner")
            raise RuntimeError
        purge("outer")
        with pytest.raises(RuntimeError), transaction.atomic():
            purge("another")
            raise RuntimeError
    assert receiver.selectors() == ["tag:outer"]
    assert not Purge.objects.exists()


def test_several_purges_of_a_transaction_become_one(receiver):
    with transaction.atomic():
        larder.purge(tags=["a"], refresh=False)
        larder.purge(tags=["a", "b"], paths=["/x/y/"], refresh=False)
        larder.purge(prefixes=["/x/"], refresh=True, event="moved")
    assert [data["select"] for data in receiver.taken] == [["tag:a", "tag:b", "prefix:/x/"]]
    assert receiver.taken[0]["mode"] == "hard"
    assert receiver.taken[0]["refresh"] is True
    assert receiver.taken[0]["events"] == ["purge", "moved"]


def test_what_is_softly_purged_beside_something_hard_stays_soft(receiver):
    receiver.answers = [200, 503]
    with transaction.atomic():
        larder.purge(tags=["a", "b"], paths=["/x/y/"], mode="soft", refresh=True, event="reaction")
        larder.purge(tags=["b"], prefixes=["/x/"], refresh=False)
        larder.purge(tags=["c"], mode="soft", refresh=False, event="view")
    make_due()
    assert sender.deliver().is_done
    hard = {"select": ["tag:b", "prefix:/x/"], "mode": "hard", "refresh": False, "events": ["purge"]}
    soft = {"select": ["tag:a", "tag:c"], "mode": "soft", "refresh": True, "events": ["reaction", "view"]}
    assert [data for _, _, data in receiver.requests] == [hard, soft, hard, soft]
    ids = [message_id for _, message_id, _ in receiver.requests]
    assert ids[:2] == ids[2:], "the hard one was done at the first attempt, and is known by its id"
    assert ids[0] != ids[1]


def test_everything_takes_the_place_of_the_rest(receiver):
    with transaction.atomic():
        purge("a")
        larder.purge("all")
    assert receiver.selectors() == ["all"]


def test_more_selectors_than_a_request_may_have_are_split(receiver):
    larder.purge(tags=[f"t{number}" for number in range(2500)])
    assert [len(data["select"]) for data in receiver.taken] == [1000, 1000, 500]
    assert len({message_id for _, message_id, _ in receiver.requests}) == 3
    assert receiver.selectors() == [f"tag:t{number}" for number in range(2500)]


def test_large_selectors_are_split_by_their_size(receiver):
    larder.purge(paths=[f"/{'x' * 8000}{number}" for number in range(200)])
    assert [status for status, _, _ in receiver.requests] == [200] * len(receiver.requests)
    assert len(receiver.requests) == 4
    assert len(receiver.selectors()) == 200


def test_more_than_is_worth_naming_becomes_everything(receiver):
    larder.purge(tags=[f"t{number}" for number in range(10_001)])
    assert receiver.selectors() == ["all"]


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_what_may_pass_is_tried_again_in_order(receiver, no_thread, status):
    receiver.answers = [status]
    purge("a")
    assert no_thread == [True]
    purge("b")  # waits behind the first without an attempt
    assert [code for code, _, _ in receiver.requests] == [status]
    assert Purge.objects.count() == 2
    make_due()
    assert sender.deliver().is_done
    assert receiver.selectors() == ["tag:a", "tag:b"]
    first, again, _ = [message_id for _, message_id, _ in receiver.requests]
    assert first == again, "a retry has the id of the first attempt"


@pytest.mark.parametrize(
    "answer",
    [
        IGNORED,
        b"<html>Welcome!</html>",
        b"",
        b"\xff",
        b"[]",
        b"null",
        b'{"ok": true}',
        b'{"sequence": null}',
        b'{"sequence": true}',
        b'{"duplicate": false}',
        b'{"dry_run": true, "sequence": 17}',
    ],
)
def test_a_200_that_does_not_say_done_is_not_done(receiver, no_thread, answer):
    """The mapping has no rule for it, or somebody else answers there: put right, and then it must arrive."""
    receiver.answers = [answer] * 2
    purge("a")
    assert no_thread == [True]
    make_due()
    assert not sender.deliver().is_done
    row = Purge.objects.get()
    assert row.attempts == 2
    assert not row.set_aside_at
    make_due()
    assert sender.deliver().is_done
    assert receiver.selectors() == ["tag:a"]


def test_nobody_there(receiver, caplog):
    receiver.stop()
    with caplog.at_level(logging.WARNING, "larder_wagtail"):
        for name in "abc":
            purge(name)
    assert "tried again" in caplog.text
    assert Purge.objects.count() == 3
    receiver.start()
    make_due()
    sender.deliver()
    assert receiver.selectors() == ["tag:a", "tag:b", "tag:c"]


def test_the_first_commit_after_an_outage_takes_the_rest_along(receiver):
    receiver.stop()
    purge("a")
    purge("b")
    receiver.start()
    purge("c")
    assert receiver.selectors() == ["tag:a", "tag:b", "tag:c"]


def test_the_pauses_grow_to_a_bound(receiver, monkeypatch):
    monkeypatch.setattr(sender, "RETRY_FIRST_S", 0.25)
    receiver.answers = [503] * 10
    purge("a")
    pauses = []
    for _ in range(9):
        make_due()
        pauses.append(sender.deliver().retry_in_s)
    assert pauses == [0.5, 1, 2, 4, 8, 10, 10, 10, 10]


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_is_refused_for_good_stops_nobody(receiver, caplog, status):
    receiver.answers = [status]
    purge("bad")
    purge("good")
    assert receiver.selectors() == ["tag:good"]
    assert "set aside" in caplog.text
    row = Purge.objects.get()
    assert row.set_aside_at
    assert row.error.startswith(f"status {status}")
    call_command("larder_flush", set_aside="retry", verbosity=0)
    assert receiver.selectors() == ["tag:good", "tag:bad"]
    assert not Purge.objects.exists()


def test_what_is_set_aside_is_bounded(receiver, monkeypatch):
    monkeypatch.setattr(sender, "SET_ASIDE_MAX", 3)
    receiver.answers = [422] * 6
    for number in range(6):
        purge(f"t{number}")
    assert [row.selectors for row in Purge.objects.all()] == [["tag:t3"], ["tag:t4"], ["tag:t5"]]


def test_a_queue_that_grows_too_long_becomes_one_purge_of_everything(receiver, monkeypatch):
    monkeypatch.setattr(sender, "WAITING_MAX", 3)
    receiver.stop()
    for number in range(8):
        purge(f"t{number}")
        make_due()
        sender.deliver()
    assert Purge.objects.count() <= 4
    assert Purge.objects.order_by("pk").first().selectors == ["all"]


def test_a_slow_sidecar_costs_the_editor_no_more_than_the_timeout(receiver, settings):
    settings.LARDER_TIMEOUT = 0.2
    receiver.hold = threading.Event()
    began = time.monotonic()
    purge("a")
    assert time.monotonic() - began < 2
    assert Purge.objects.count() == 1
    receiver.hold.set()
    make_due()
    sender.deliver()
    assert not Purge.objects.exists()
    assert len({message_id for _, message_id, _ in receiver.requests}) == 1


def test_by_a_worker_only_when_the_site_says_so(receiver, settings, no_thread):
    settings.LARDER_SEND = "worker"
    purge("a")
    assert receiver.requests == []
    assert no_thread == [True]


def test_without_a_url_nothing_is_kept(receiver, settings):
    settings.LARDER_URL = ""
    purge("a")
    assert not Purge.objects.exists()


def test_an_outbox_that_cannot_be_written_fails_no_save(receiver, caplog):
    with connection.schema_editor() as editor:
        editor.delete_model(Purge)
    try:
        with transaction.atomic():
            purge("a")
            assert Lease.objects.count() >= 0, "the transaction goes on"
    finally:
        with connection.schema_editor() as editor:
            editor.create_model(Purge)
    assert "could not be recorded" in caplog.text


def in_thread(function):
    def run():
        try:
            function()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_one_sender_at_a_time(receiver):
    receiver.answers = [503]
    for name in "abcde":
        purge(name)
    make_due()
    receiver.is_in_request.clear()
    receiver.hold = threading.Event()
    first = in_thread(sender.deliver)
    assert receiver.is_in_request.wait(10)
    assert sender.deliver().is_busy
    receiver.hold.set()
    first.join(10)
    assert receiver.selectors() == [f"tag:{name}" for name in "abcde"]
    assert sender.deliver().is_done


def test_many_senders_send_each_purge_once_and_in_order(receiver):
    receiver.answers = [503]
    for number in range(40):
        purge(f"t{number}")
    make_due()

    def drain():
        while not sender.deliver().is_done:
            time.sleep(0.005)

    threads = [in_thread(drain) for _ in range(4)]
    for thread in threads:
        thread.join(30)
    assert receiver.selectors() == [f"tag:t{number}" for number in range(40)]


def test_a_lease_that_its_holder_left_runs_out(receiver):
    from datetime import timedelta

    from django.utils import timezone

    lease = Lease.objects.update_or_create(
        name="sender", defaults={"holder": "gone", "expires_at": timezone.now() + timedelta(seconds=30)}
    )[0]
    receiver.hold = None
    Purge.objects.create(batch="b", selectors=["tag:a"], event="x")
    assert sender.deliver().is_busy
    lease.expires_at = timezone.now() - timedelta(seconds=1)
    lease.save()
    assert sender.deliver().is_done
    assert receiver.selectors() == ["tag:a"]


def test_a_commit_while_another_sends_waits_for_its_own_purge(receiver):
    receiver.answers = [503]
    purge("a")
    make_due()
    receiver.is_in_request.clear()
    receiver.hold = threading.Event()
    first = in_thread(sender.deliver)
    assert receiver.is_in_request.wait(10)
    threading.Timer(0.05, receiver.hold.set).start()
    purge("b")
    assert receiver.selectors() == ["tag:a", "tag:b"]
    first.join(10)


def test_a_crash_after_the_answer_sends_again_with_the_same_id(receiver, monkeypatch):
    monkeypatch.setattr(
        "django.db.models.query.QuerySet.delete", lambda self: (_ for _ in ()).throw(RuntimeError("crash"))
    )
    with transaction.atomic():
        purge("a")
    assert Purge.objects.count() == 1
    monkeypatch.undo()
    Lease.objects.update(holder="")
    sender.deliver()
    assert [status for status, _, _ in receiver.requests] == [200, 200]
    assert len({message_id for _, message_id, _ in receiver.requests}) == 1


def test_flush_says_what_is_left(receiver, capsys):
    receiver.answers = [503]
    purge("a")
    call_command("larder_flush")
    assert "1 sent, none waits" in capsys.readouterr().out
    receiver.stop()
    purge("b")
    with pytest.raises(CommandError, match="0 sent, 1 still wait"):
        call_command("larder_flush", wait=0)


@pytest.fixture
def thread():
    from pantry.models import Board, Thread

    return Thread.objects.create(board=Board.objects.create(slug="jars"), title="Lids")


@pytest.mark.parametrize("fails", [False, True])
def test_atomic_requests(receiver, thread, client, monkeypatch, fails):
    """The change and its purge are the request's: sent after its commit, or never."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    client.raise_request_exception = False
    seen = len(receiver.requests)
    answer = client.get(f"/threads/{thread.pk}/rename/" + ("?fail" if fails else ""))
    assert answer.status_code == (500 if fails else 200)
    sent = receiver.requests[seen:]
    assert len(sent) == (0 if fails else 1)
    assert not Purge.objects.exists()
    if not fails:
        assert f"tag:thread:{thread.pk}" in sent[0][2]["select"]
