"""Serves the headless front end on an origin of its own.

    serve.py PORT API_URL    API_URL is the site as visitors reach it, through Larder
"""

import json
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class FrontEnd(SimpleHTTPRequestHandler):
    """The files beside this one, and config.json, which tells them where the API is."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".js": "text/javascript"}

    def __init__(self, api_url, *args):
        self.api_url = api_url
        super().__init__(*args, directory=str(Path(__file__).parent))

    def do_GET(self):
        if self.path != "/config.json":
            super().do_GET()
            return
        body = json.dumps({"api": self.api_url}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), partial(FrontEnd, sys.argv[2])).serve_forever()


if __name__ == "__main__":
    main()
