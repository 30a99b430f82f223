"""The thread that sends what a commit could not, and two processes that share an outbox."""

import os
import subprocess
import sys
import time

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test.client import ClientHandler

import larder_wagtail as larder
from larder_wagtail import sender, worker
from larder_wagtail.models import Purge

pytestmark = pytest.mark.usefixtures("committed")
DEADLINE_S = 20


def wait_for(condition):
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


@pytest.fixture
def own_worker(monkeypatch):
    """A worker of this test; it ends when its outbox is found empty, so that it does not outlive the database."""
    own = worker.Worker()
    own.is_over = False

    def deliver_until_over():
        while not own.is_over:
            own._awake.clear()
            own._awake.wait(min(own._deliver(), 0.2))

    monkeypatch.setattr(own, "_run", deliver_until_over)
    monkeypatch.setattr(worker, "worker", own)
    yield own
    own.is_over = True
    own._awake.set()
    if own._thread:
        own._thread.join(DEADLINE_S)


def test_an_outage_loses_nothing_and_keeps_the_order(receiver, own_worker, monkeypatch):
    monkeypatch.setattr(sender, "RETRY_FIRST_S", 0.01)
    receiver.stop()
    for number in range(30):
        larder.purge(tags=[f"t{number}"])
    receiver.start()
    larder.purge(tags=["last"])
    wait_for(lambda: "tag:last" in receiver.selectors())
    assert receiver.selectors() == [f"tag:t{number}" for number in range(30)] + ["tag:last"]
    wait_for(lambda: not Purge.objects.exists())


def test_the_worker_sends_for_who_does_not_want_to_wait(receiver, own_worker, settings):
    settings.LARDER_SEND = "worker"
    began = time.monotonic()
    larder.purge(tags=["a"])
    assert time.monotonic() - began < 1
    wait_for(lambda: receiver.selectors() == ["tag:a"])


def test_a_server_sends_what_its_predecessor_left(receiver, own_worker):
    Purge.objects.create(batch="left", selectors=["tag:left"], event="x")
    worker.connect()
    try:
        worker.start_with_first_request(ClientHandler)
        assert own_worker._thread is None, "a test client is no server"
        worker.start_with_first_request(WSGIHandler)
    finally:
        worker.request_started.disconnect(dispatch_uid="larder.worker")
    wait_for(lambda: receiver.selectors() == ["tag:left"])


def test_a_forked_process_has_a_worker_of_its_own():
    before = worker.worker
    child = os.fork()
    if child == 0:
        os._exit(0 if worker.worker is not before and worker.worker._thread is None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


WRITER = """
import django; django.setup()
from django.conf import settings
from django.db import connection
import sys, larder_wagtail as larder
settings.LARDER_URL, connection.settings_dict["NAME"] = sys.argv[1], sys.argv[2]
for number in range(int(sys.argv[4])):
    larder.purge(tags=[f"{sys.argv[3]}{number}"])
"""


def test_processes_that_write_and_send_at_once(receiver, committed):
    """Each purge arrives, those of a process in its order. None is sent by two at a time."""
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("the processes would need the test database's name")
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "pantry.bare", "PYTHONPATH": os.pathsep.join(sys.path)}
    name = str(connection.settings_dict["NAME"])
    count = 10
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, receiver.url, name, letter, str(count)], env=environment)
        for letter in "abc"
    ]
    for writer in writers:
        assert writer.wait(60) == 0
    sender.deliver(at_once=True)
    assert not Purge.objects.exists()
    for letter in "abc":
        own = [selector for selector in receiver.selectors() if selector.startswith(f"tag:{letter}")]
        assert own == [f"tag:{letter}{number}" for number in range(count)]
