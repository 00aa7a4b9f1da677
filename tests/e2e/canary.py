"""The measure of every attack: a canary that goes on talking, and the return to the state before.

The canary is a process of its own, with a connection from an address of its own. It sends a PING
each 10 ms whether or not the last one was answered, so a server that stalls for a second makes a
hundred late PONGs and not one.

Where each attack is:

  slow registration in eight ways, slow readers, deaths in broadcasts       attack_crowd_test.py
  replies for little, by every command                                      attack_amplify_test.py
  accept that fails, callers that are gone, 1,024 descriptors                attack_accept_test.py
  other protocols on this port, fifty guessers at OPER                      attack_words_test.py
  crowds of TLS handshakes, half-open ones                                  attack_tls_test.py
  300 connections of HTTP that send a byte a second                         slowloris_test.py
  heads that two readers may divide differently, wrong frames     http_test.py, websocket_test.py
  REHASH a thousand times and without descriptors, kill -9 at starting and
  rehashing, SIGTERM under load, many servers on one directory              attack_restart_test.py
  the wall clock jumps, SIGSTOP and SIGCONT                                 attack_time_test.py
  D-lined and refused storms, no descriptors in a storm                     storm_test.py
  64 descriptors, refused callers that stay, a log without a reader             process_test.py
  lines without an end, HTTP, one slow reader, crowds that go at once       limits_test.py
  messages to new targets, guesses at the server's password                       flood_test.py
  kill -9 while saving                                                      crash.sh, crash_strikes_test.py
  masks, lists, bans and configurations that take long                      attack_stall_test.py
  full disks and damaged files, on the running server                       store_test.py
  a disk that fails at each write, fsync, rename, ftruncate and open        shell/test_store_faults.c
  1,200 random corruptions of one file or both                              shell/test_store_damage.c

IRCD_TEST_ATTACK=n in the environment multiplies their rounds, for long runs.
"""
import ctypes
import functools
import json
import os
import re
import resource
import select
import socket
import subprocess
import sys
import time
import unittest

import irc
import transport

ADDRESS = "127.7.7.7"
EVERY = 0.01  # seconds between two PINGs
P99 = 0.25  # seconds: a user does not notice less
LEAST = 20  # PONGs, fewer measure nothing
ROUNDS = 3
SANITIZED = 48 << 20  # bytes a sanitizer keeps back of what was freed, see ENVIRONMENT
BANNABLE = irc.EXEMPT.replace(', "bans"', "")
HEAVY = int(os.environ.get("IRCD_TEST_ATTACK", "1"))

# What a sanitizer must not do in these tests: keep 256 MiB of freed memory, refuse a preloaded
# library, or take its shadow for an attack's memory.
ENVIRONMENT = {"ASAN_OPTIONS": "quarantine_size_mb=16:thread_local_quarantine_size_kb=64:"
                               "verify_asan_link_order=0:malloc_context_size=8"}
os.environ.update(ENVIRONMENT)
# An attacker needs as many descriptors as there are victims.
DESCRIPTORS = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 16384)
resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def percentile(times, share):
    return times[min(len(times) - 1, int(len(times) * share))]


class Slow(AssertionError):
    """The canary was not answered in time, by a server or on a machine that is busy with something else."""


def up_to_three_rounds(test):
    """The test with its rounds: a slow one is played again, and the run says so. A server that is slow by itself is slow in
    each; all else that fails, fails at once."""
    @functools.wraps(test)
    def run(*args):
        for n in range(ROUNDS):
            try:
                return test(*args)
            except Slow as slow:
                if n == ROUNDS - 1:
                    raise
                print("played again: %s: %s" % (test.__name__, slow), flush=True)
    return run


class Case(unittest.TestCase):
    """Its tests may be played again. Each makes its own server."""

    def __init_subclass__(cls):
        for name, test in list(vars(cls).items()):
            if name.startswith("test_"):
                setattr(cls, name, up_to_three_rounds(test))


class Canary:
    """with Canary(server): an attack. Leaving it asserts that p99 of PING to PONG held and that
    the canary was never disconnected. times holds the sorted times afterwards."""

    def __init__(self, server, p99=P99):
        self.server, self.p99, self.times = server, p99, None

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, os.path.abspath(__file__), str(self.server.port), str(int(self.server.tls))],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        poll = select.poll()  # select knows no descriptor above 1,023
        poll.register(self.process.stdout, select.POLLIN)
        if not poll.poll(1000 * irc.WAIT):
            self.process.kill()
        self.until = time.monotonic() + 2 * LEAST * EVERY
        said = self.process.stdout.readline()
        assert said == "ready\n", "the canary cannot register: %r" % said
        return self

    def __exit__(self, kind, *unused):
        if kind:  # the attack has failed for a reason of its own
            self.process.kill()
        else:
            time.sleep(max(0, self.until - time.monotonic()))
        try:
            out = self.process.communicate("stop\n", 30)[0]
        except (subprocess.TimeoutExpired, BrokenPipeError):
            self.process.kill()
            out = self.process.communicate()[0]
        if kind:
            return
        assert out.startswith("["), "the canary died: %s\n%s" % (out, self.server.log()[-2000:])
        self.times = sorted(json.loads(out))
        assert len(self.times) >= LEAST, "only %d PONGs" % len(self.times)
        got = percentile(self.times, 0.99)
        if "IRCD_TEST_VERBOSE" in os.environ:
            print("canary: %d PONGs, p50 %.1f ms, p99 %.1f ms, worst %.1f ms" % (
                len(self.times), 1e3 * percentile(self.times, 0.5), 1e3 * got, 1e3 * self.times[-1]))
        if got >= self.p99:
            raise Slow("p99 of %d PONGs is %.0f ms" % (len(self.times), 1000 * got))


class Baseline:
    """How a server stood before an attack: descriptors, what LUSERS counts, memory."""

    def __init__(self, server, witness):
        self.server, self.witness = server, witness
        irc.wait_until(lambda: self._calm(server.descriptors()), what="the server to come to rest")
        self.descriptors, self.counts, self.rss = server.descriptors(), counts(witness), rss(server)

    def _calm(self, descriptors):
        time.sleep(0.05)
        return self.server.descriptors() == descriptors

    def restored(self, grown, timeout=irc.WAIT):
        """Asserts that all of it is back; grown: the bytes of memory that may stay, because the
        C library keeps the pages of freed small blocks for the next ones."""
        irc.wait_until(lambda: self.server.descriptors() == self.descriptors, timeout,
                       lambda: "%d descriptors, not %d" % (self.server.descriptors(), self.descriptors))
        irc.wait_until(lambda: counts(self.witness) == self.counts, timeout,
                       lambda: "%r, not %r" % (counts(self.witness), self.counts))
        more = rss(self.server) - self.rss
        if "IRCD_TEST_VERBOSE" in os.environ:
            print("memory: %+d KiB of %d KiB" % (more >> 10, self.rss >> 10))
        assert more <= grown + (SANITIZED if is_sanitized() else 0), "%d KiB more than before" % (more >> 10)


class Preloaded(irc.Server):
    """A server with source, a C file of this folder, before its C library; environment: more of it."""
    source = None

    def environment(self):
        return {}

    def spawn(self):
        library = self.path(self.source + ".so")
        if not os.path.exists(library):
            subprocess.run([os.environ.get("CC", "gcc"), "-std=c11", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library,
                            os.path.join(os.path.dirname(os.path.abspath(__file__)), self.source + ".c")], check=True)
        with open(self.path("stderr"), "a") as err:
            self.process = subprocess.Popen(
                [irc.BINARY, "-c", self.config], stdin=subprocess.DEVNULL, stdout=err, stderr=err, cwd=self.dir,
                env=dict(os.environ, LD_PRELOAD=library, **self.environment()))


def counts(client):
    """What LUSERS says, without the highest numbers ever."""
    client.send("LUSERS")
    lines = []
    while not lines or not re.match(r"\S+ 266 ", lines[-1]):  # 266 may be a number of users, too
        lines.append(client.line())
    return [line for line in lines if re.match(r"\S+ 25[1-5] ", line)]


def rss(server):
    """Resident bytes of the process."""
    pages = int(open("/proc/%d/statm" % server.process.pid).read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@functools.lru_cache(maxsize=None)
def is_sanitized():
    with open(irc.BINARY, "rb") as f:
        return b"__asan_init" in f.read()


def patience():
    """How much slower a sanitized server may be in what is measured in its CPU seconds."""
    return 8 if is_sanitized() else 1


def client_memory(n, blocked=False):
    """What TLS adds, at most, to the memory of so many clients; blocked: they do not read."""
    return n * (transport.BLOCKED if blocked else transport.IDLE) if transport.TLS else 0


def crowd(server, n, tiny=False, network=1):
    """n sockets, each from an address of its own in 127.network/16, all connected, and with TLS behind their
    handshakes; tiny: with the smallest receive buffers."""
    socks = []
    for i in range(n):
        s = socket.socket()
        if tiny:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        s.bind(("127.%d.%d.%d" % (network, i // 250, 1 + i % 250), 0))
        s.settimeout(irc.WAIT)
        s.connect(("127.0.0.1", server.port))
        socks.append(transport.wrap(s) if server.tls else s)
    return socks


def close_all(socks):
    for s in socks:
        s.close()


@functools.lru_cache(maxsize=None)
def quick_hash(password):
    """An argon2id string that takes a tenth of the usual one's time."""
    out, word = ctypes.create_string_buffer(128), password.encode()
    sodium = ctypes.CDLL("libsodium.so.23")
    sodium.crypto_pwhash_str.argtypes = [ctypes.c_char_p] * 2 + [ctypes.c_ulonglong] * 2 + [ctypes.c_size_t]
    assert sodium.crypto_pwhash_str(out, word, len(word), 1, 16 << 20) == 0
    return out.value.decode()


def oper_block():
    """irc.oper_block with a quick hash, for who logs in often."""
    return irc.oper_block().replace(irc.password_hash("secret"), quick_hash("secret"))


def drain(sock):
    """Reads away what has come. False when the connection has ended."""
    try:
        while True:
            if not sock.recv(1 << 18, socket.MSG_DONTWAIT):
                return False
    except BlockingIOError:
        return True
    except OSError:
        return False


def receive(sock):
    """The bytes that have come; None: none yet, or only a part of a record of TLS."""
    try:
        return sock.recv(65536)
    except BlockingIOError:
        return None


def sing(port, tls):
    """The canary itself: prints "ready", pings until standard input says something, prints the
    times as JSON."""
    client = irc.Client(port, source=ADDRESS, tls=tls)
    client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.register("canary")
    print("ready", flush=True)
    sent, times, rest, number = {}, [], client.rest, 0
    due, end = time.monotonic(), None
    while end is None or (sent and time.monotonic() < end):
        now = time.monotonic()
        if end is None and now >= due:
            sent["c%d" % number] = now
            client.send("PING c%d" % number)
            number, due = number + 1, max(due + EVERY, now - 1)
        wanted = [client.sock, sys.stdin] if end is None else [client.sock]
        ready = select.select(wanted, [], [], max(0, min(due, now + 0.5) - time.monotonic()))[0]
        if sys.stdin in ready:
            end = time.monotonic() + 5
        if client.sock not in ready:
            continue
        got = client.sock.recv(65536)
        if not got:
            sys.exit("closed: %r" % rest)
        *lines, rest = (rest + got).split(b"\n")
        for line in lines:
            token = line.rpartition(b" ")[2].strip(b":\r").decode()
            if b" PONG " in line and token in sent:
                times.append(time.monotonic() - sent.pop(token))
            elif line.startswith(b"ERROR"):
                print(line.decode())
                sys.exit(1)
    now = time.monotonic()
    print(json.dumps(times + [now - then for then in sent.values()]))


if __name__ == "__main__":
    sing(int(sys.argv[1]), sys.argv[2] == "1")
