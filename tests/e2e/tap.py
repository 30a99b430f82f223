"""A listener between the site and Larder's webhook that writes down what passes: each purge and how it was answered."""

import http.client
import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TIMEOUT_S = 10
HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "host"}


@dataclass(frozen=True)
class Passed:
    """One purge that Larder answered, or did not (status 0)."""

    at: float
    id: str
    selectors: tuple
    events: tuple
    status: int


class Tap:
    """Where Larder does not answer, the sender is not answered either: the connection ends."""

    def __init__(self, larder_port):
        self.larder_port = larder_port
        self.passed = []
        tap = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    status, fields, answer = tap.forward(self.path, body, self.headers)
                except (OSError, http.client.HTTPException):
                    tap.write_down(self.headers, body, 0)
                    self.close_connection = True
                    return
                tap.write_down(self.headers, body, status)
                self.send_response(status)
                for name, value in fields:
                    if name.lower() not in HOP_BY_HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a sender who did not wait for the answer

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def forward(self, path, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.larder_port, timeout=TIMEOUT_S)
        try:
            fields = {name: value for name, value in headers.items() if name.lower() not in HOP_BY_HOP}
            connection.request("POST", path, body, fields)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def write_down(self, headers, body, status):
        try:
            data = json.loads(body).get("data", {})
        except ValueError:
            data = {}
        selectors, events = (tuple(data.get(name, ())) for name in ("select", "events"))
        self.passed.append(Passed(time.monotonic(), headers.get("webhook-id", ""), selectors, events, status))

    def since(self, count):
        """What passed after that many others, in lines to read."""
        return [f"{one.status} {', '.join(one.events)}: {' '.join(one.selectors)[:400]}" for one in self.passed[count:]]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
