"""What the purge checker needs for several replicas: Redis, the ways to it, and what goes wrong with them."""
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

LEASE_SECONDS = 1.5
# Within which a purge has to be answered: the lease and a second, and what a busy machine takes to tell.
ANSWER_SECONDS_MAX = LEASE_SECONDS + 1 + 1.5


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as each:
        return each.getsockname()[1]


class Redis:
    """A redis-server, or a redis-sentinel, that can die and come back."""

    def __init__(self, directory, arguments=(), sentinel=None):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True)
        self.port = free_port()
        self.arguments = list(arguments)
        self.process = None
        if sentinel:
            (self.directory / "sentinel.conf").write_text(f"port {self.port}\nbind 127.0.0.1\ndir {self.directory}\n" + sentinel)
        self.is_sentinel = sentinel is not None
        self.start()

    def start(self):
        command = ["redis-sentinel", str(self.directory / "sentinel.conf")] if self.is_sentinel else [
            "redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--dir", str(self.directory), *self.arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while self.ask("PING") != "PONG":
            if time.monotonic() > deadline:
                raise OSError(f"{command[0]} does not start")
            time.sleep(0.02)

    def ask(self, *words):
        """The first line of the answer; empty when there is none."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(f"*{len(words)}\r\n".encode() + b"".join(f"${len(word)}\r\n{word}\r\n".encode() for word in words))
                return connection.makefile("rb").readline().decode().strip().lstrip("+:-")
        except OSError:
            return ""

    def ask_all(self, *words):
        """The texts of an array, flat; empty when there is no answer."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(f"*{len(words)}\r\n".encode() + b"".join(f"${len(word)}\r\n{word}\r\n".encode() for word in words))
                lines = connection.makefile("r", encoding="utf-8", newline="\r\n")
                count = lines.readline().strip()
                if not count.startswith("*"):
                    return []
                texts = []
                for _ in range(int(count[1:])):
                    lines.readline()
                    texts.append(lines.readline().strip())
                return texts
        except (OSError, ValueError):
            return []

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.kill()


class Watched:
    """A master and its replica, and three sentinels that put the one in the other's place."""
    NAME = "main"

    def __init__(self, directory):
        self.master = Redis(Path(directory) / "a")
        self.replica = Redis(Path(directory) / "b", ["--replicaof", "127.0.0.1", str(self.master.port), "--repl-diskless-sync-delay", "0"])
        lines = (f"sentinel monitor {self.NAME} 127.0.0.1 {self.master.port} 2\nsentinel down-after-milliseconds {self.NAME} 800\n"
                 f"sentinel failover-timeout {self.NAME} 4000\n")
        self.sentinels = [Redis(Path(directory) / f"sentinel-{i}", sentinel=lines) for i in range(3)]
        self.url = "sentinel://" + ",".join(f"127.0.0.1:{each.port}" for each in self.sentinels) + f"/{self.NAME}"
        self.wait("the sentinels to know the replica", lambda: all(
            ("num-slaves", "1") in self.facts(each) and ("num-other-sentinels", "2") in self.facts(each) for each in self.sentinels))

    def wait(self, what, holds, seconds=30):
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise OSError(f"waited for {what}")
            time.sleep(0.05)

    def facts(self, sentinel):
        words = sentinel.ask_all("SENTINEL", "MASTER", self.NAME)
        return set(zip(words[::2], words[1::2]))

    def master_port(self):
        words = self.sentinels[0].ask_all("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.NAME)
        return int(words[1]) if len(words) == 2 else 0

    def stop(self):
        for each in (*self.sentinels, self.master, self.replica):
            each.stop()


class Way:
    """A TCP proxy from one replica to Redis that can be cut, slowed or half-closed."""

    def __init__(self, port):
        self.target = port
        self.is_cut = False
        self.is_mute = False  # takes bytes, and passes none on
        self.delay = 0.0
        self.pairs = set()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                if self.is_cut:
                    raise OSError("cut")
                server = socket.create_connection(("127.0.0.1", self.target), timeout=2)
            except OSError:
                client.close()
                continue
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.pairs.add((client, server))
            threading.Thread(target=self.carry, args=(client, server), daemon=True).start()

    def carry(self, client, server):
        other = {client: server, server: client}
        try:
            while True:
                ready, _, _ = select.select([client, server], [], [], 0.2)
                for side in ready:
                    data = side.recv(65536)
                    if not data:
                        return
                    if self.delay:
                        time.sleep(self.delay)
                    while self.is_mute and not self.is_cut:
                        time.sleep(0.02)
                    other[side].sendall(data)
        except (OSError, ValueError):
            pass
        finally:
            with self.lock:
                self.pairs.discard((client, server))
            client.close()
            server.close()

    def close_all(self, half=False):
        with self.lock:
            pairs = list(self.pairs)
        for client, server in pairs:
            for each in (client,) if half else (client, server):
                try:
                    each.shutdown(socket.SHUT_WR if half else socket.SHUT_RDWR)
                except OSError:
                    pass


class Faults:
    """What goes wrong, one thing after another, while readers read. Each leaves all as it was."""
    UNDER_SENTINEL = {"sentinel_fails_over", "master_is_killed"}
    ANYWHERE = {"replica_is_killed", "replica_stands_still", "clock_jumps"}

    def __init__(self, run, redis, ways, seed, names=()):
        self.run, self.redis, self.ways = run, redis, ways
        every = {name.removeprefix("fault_") for name in dir(self) if name.startswith("fault_")}
        is_watched = isinstance(redis, Watched)
        every = sorted(self.UNDER_SENTINEL | self.ANYWHERE if is_watched else every - self.UNDER_SENTINEL)
        unknown = set(names) - set(every)
        if unknown:
            raise OSError(f"no fault {', '.join(sorted(unknown))}; there are {', '.join(every)}")
        self.names = list(names) or every
        self.random = random.Random(seed)
        self.is_over = False
        self.done = {}
        self.error = None
        self.thread = threading.Thread(target=self.play, daemon=True)

    def pause(self, seconds):
        deadline = time.monotonic() + seconds
        while not self.is_over and time.monotonic() < deadline:
            time.sleep(0.02)

    def play(self):
        faults = [getattr(self, f"fault_{name}") for name in self.names]
        try:
            while not self.is_over:
                self.random.shuffle(faults)
                for fault in faults:
                    self.pause(LEASE_SECONDS * 2)
                    if self.is_over:
                        return
                    fault()
                    name = fault.__name__.removeprefix("fault_")
                    self.done[name] = self.done.get(name, 0) + 1
        except Exception as error:  # told by whoever waits for the run
            self.error = error

    def stop(self):
        self.is_over = True
        self.thread.join(60)

    def fault_redis_restarts_with_data(self):
        self.redis.ask("SAVE")
        self.redis.kill()
        self.pause(self.random.choice([0, LEASE_SECONDS * 1.5]))
        self.redis.start()

    def fault_redis_restarts_without_data(self):
        self.redis.kill()
        (self.redis.directory / "dump.rdb").unlink(missing_ok=True)
        self.pause(self.random.choice([0, LEASE_SECONDS * 1.5]))
        self.redis.start()

    def fault_redis_restarts_with_an_older_snapshot(self):
        self.redis.ask("SAVE")
        old = self.redis.directory / "dump.old"
        shutil.copy(self.redis.directory / "dump.rdb", old)
        self.pause(1)
        self.redis.kill()
        os.replace(old, self.redis.directory / "dump.rdb")
        self.redis.start()

    def fault_redis_stands_still(self):
        self.redis.process.send_signal(signal.SIGSTOP)
        self.pause(LEASE_SECONDS * 2)
        self.redis.process.send_signal(signal.SIGCONT)

    def fault_log_is_trimmed(self):
        self.redis.ask("XTRIM", "larder:check:log", "MAXLEN", "0")

    def fault_everything_is_deleted(self):
        self.redis.ask("FLUSHALL")

    def fault_replica_is_cut_off(self):
        way = self.random.choice(self.ways)
        way.is_cut = True
        way.close_all()
        self.pause(LEASE_SECONDS * 2)
        way.is_cut = False

    def fault_replica_returns_to_a_trimmed_log(self):
        """What was purged while it stood still, it can learn from nobody."""
        process = self.run.larders[self.random.randrange(len(self.run.larders))]
        process.send_signal(signal.SIGSTOP)
        self.pause(LEASE_SECONDS * 2)
        self.redis.ask("XTRIM", "larder:check:log", "MAXLEN", "0")
        process.send_signal(signal.SIGCONT)

    def fault_replica_hears_nothing(self):
        way = self.random.choice(self.ways)
        way.is_mute = True
        self.pause(LEASE_SECONDS * 2)
        way.is_mute = False

    def fault_way_is_slow(self):
        way = self.random.choice(self.ways)
        way.delay = 0.2
        self.pause(LEASE_SECONDS * 2)
        way.delay = 0.0

    def fault_way_is_half_closed(self):
        self.random.choice(self.ways).close_all(half=True)

    def fault_replica_is_killed(self):
        self.run.restart_larder(self.random.randrange(len(self.run.larders)))

    def fault_replica_stands_still(self):
        process = self.run.larders[self.random.randrange(len(self.run.larders))]
        process.send_signal(signal.SIGSTOP)
        self.pause(LEASE_SECONDS * 2)
        process.send_signal(signal.SIGCONT)

    def fault_clock_jumps(self):
        """By an hour, as a machine's does that was suspended."""
        process = self.run.larders[self.run.JUMPER]
        process.stdin.write(b"3600000\n")
        process.stdin.flush()

    def fault_sentinel_fails_over(self):
        before = self.redis.master_port()
        self.redis.sentinels[0].ask("SENTINEL", "FAILOVER", self.redis.NAME)
        self.await_master(before)

    def fault_master_is_killed(self):
        before = self.redis.master_port()
        server = self.redis.master if self.redis.master.port == before else self.redis.replica
        server.kill()
        self.await_master(before)
        server.start()  # the sentinels make it the other's replica

    def await_master(self, before):
        deadline = time.monotonic() + 30
        while not self.is_over and self.redis.master_port() in (before, 0):
            if time.monotonic() > deadline:
                raise OSError("the sentinels elect nobody")
            time.sleep(0.05)
