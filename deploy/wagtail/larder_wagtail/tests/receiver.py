"""What stands where Larder would: it checks a webhook as the specification says, with code of its own."""

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_S = 300
# What Larder answers to an event that its mapping has no rule for (src/admin/handler_hooks.cpp).
IGNORED = b'{"ignored":true,"event":"purge","purged":[]}'


class Receiver:
    """A server on a port of its own. `answers`: for each of the next requests a status, or bytes, the body of a 200
    that nothing was done for; then it does what it is asked."""

    def __init__(self, secret):
        self.key = base64.b64decode(secret.removeprefix("whsec_"))
        self.answers = []
        self.requests = []  # (status or those bytes, id, data) of each, in order
        self.done = {}  # the answer's sequence by id
        self.hold = None  # an event: answers wait for it
        self.on_request = None  # called with the data of each request before it is answered
        self.is_in_request = threading.Event()
        self.lock = threading.Lock()
        self.server = None
        self.port = 0

    def start(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), self.handler())
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hooks/wagtail"

    @property
    def taken(self):
        """The data of what was carried out."""
        return [data for status, _, data in self.requests if status == 200]

    def selectors(self):
        return [selector for data in self.taken for selector in data["select"]]

    def verdict(self, headers, body):
        """Status of a request, by Standard Webhooks and Larder's contract."""
        try:
            message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
            signed = message_id.encode() + b"." + timestamp.encode() + b"." + body
            expected = base64.b64encode(hmac.new(self.key, signed, hashlib.sha256).digest()).decode()
            if (
                abs(time.time() - int(timestamp)) > TOLERANCE_S
                or f"v1,{expected}" not in headers["webhook-signature"].split()
            ):
                return 401
        except (KeyError, ValueError, AttributeError):
            return 401
        if len(body) > 1024 * 1024:
            return 413
        message = json.loads(body)
        select = message["data"]["select"]
        is_fit = message["type"] == "purge" and message["data"]["mode"] in ("hard", "soft") and 0 < len(select) <= 1000
        return 200 if is_fit and isinstance(message["data"]["refresh"], bool) else 422

    def handler(receiver):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.is_in_request.set()
                if receiver.hold:
                    receiver.hold.wait(10)
                with receiver.lock:
                    status = receiver.verdict(self.headers, body)
                    if receiver.answers:
                        status = receiver.answers.pop(0)
                    data = json.loads(body)["data"]
                    message_id = self.headers["webhook-id"]
                    answer = {"error": "no"}
                    if status == 200 and message_id in receiver.done:
                        answer = {"duplicate": True}
                    elif status == 200:
                        receiver.done[message_id] = len(receiver.done) + 1
                        answer = {"sequence": receiver.done[message_id], "replicas": 1, "acknowledged": 1}
                        answer["purged"] = data["select"]
                    receiver.requests.append((status, message_id, data))
                    if receiver.on_request:
                        receiver.on_request(data)
                is_foreign = isinstance(status, bytes)
                body = status if is_foreign else json.dumps(answer).encode()
                self.send_response(200 if is_foreign else status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler
