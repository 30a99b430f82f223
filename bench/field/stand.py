"""What a measurement happens on: an upstream and the servers before it, alike for all."""
from contextlib import ExitStack
from pathlib import Path

from heads import request
from peers import PEERS
from servers import Connection, Origin


class Stand:
    """Starts the upstream and the chosen servers, and stops them when the `with` block ends, in the opposite order."""

    def __init__(self, options, run_dir, size=1024, status=200, closes=False, relays=False, memory_mib=256, workers=1,
                 server_cores=None, only=None, **origin_settings):
        self.options, self.run_dir, self.larder = options, Path(run_dir), options.larder
        self.size, self.status, self.closes, self.relays = size, status, closes, relays
        self.memory_mib, self.workers = memory_mib, workers
        self.server_cores = server_cores or [options.server_core]
        self.load_core = options.load_core
        self.names = options.only if only is None else only
        self.origin = Origin(options.load_core, **origin_settings)
        self.servers, self.stack = {}, ExitStack()

    def __enter__(self):
        try:
            self.stack.enter_context(self.origin)
            for name in self.names:
                self.servers[name] = self.stack.enter_context(PEERS[name](self))
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_):
        self.stack.close()

    def ask(self, server, path, fields):
        """One answer, read whole."""
        connection = Connection(server.port)
        try:
            return connection.ask(request(server.host, path, fields))
        finally:
            connection.close()

    def require(self, server, path, fields, from_memory):
        """The answer is what was asked for; and the upstream was not asked for it, or (from_memory false) it was."""
        asked = self.origin.pages_asked()
        status, answered, body = self.ask(server, path, fields)
        is_asked = self.origin.pages_asked() > asked
        if f" {self.status} " not in status or len(body) != (self.size if self.status == 200 else 0):
            raise RuntimeError(f"{server.name} answers {path} with {status}, {answered} and {len(body)} bytes")
        if server.name != PEERS["ceiling"].label and is_asked == from_memory:
            raise RuntimeError(f"{server.name} answered {path} {'not ' if from_memory else ''}from its memory: {answered}")

    def fill(self, server, path):
        """Two visits: some take a page into the memory that answers hits at the second."""
        for _ in range(2):
            self.ask(server, path, {})
