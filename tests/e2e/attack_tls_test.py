#!/usr/bin/env python3
"""Crowds of TLS handshakes: clients that are connected wait little, memory is bounded, and all is as before afterwards.

usage: attack_tls_test.py BINARY [test…]
"""
import re
import selectors
import socket
import ssl
import time
import unittest

import canary
import irc

ALONE = "it measures how fast a canary is answered"
CROWD = 2000
LIMITS = """
limits { unregistered_per_host = 100000  per_network = 100000  per_host = 100000  connect_rate = "1000000/60s" }
tls_limits { handshake_timeout = "3s"  handshakes = 500 }
"""


def server():
    made = irc.Server(extra=irc.EXEMPT + LIMITS, start=False, tls=False)
    made.tls_port = made.port + 1
    with open(made.config, "a") as f:
        f.write('listen "127.0.0.1:%d" { tls = true }\n' % made.tls_port)
    made.start()
    return made


class Shaking:
    """A handshake in memory over a socket that never blocks."""
    context = irc.tls_context()

    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port), irc.WAIT)
        self.sock.setblocking(False)
        self.into, self.out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = self.context.wrap_bio(self.into, self.out)
        self.done = False

    def step(self):
        try:
            self.tls.do_handshake()
            self.done = True
        except ssl.SSLWantReadError:
            pass
        self.sock.sendall(self.out.read())


def memory(s):
    return 1024 * int(re.search(r"VmRSS:\s+(\d+)", open("/proc/%d/status" % s.process.pid).read()).group(1))


class Crowd(unittest.TestCase):
    def test_two_thousand_handshakes_at_once(self):
        with server() as s:
            before = s.descriptors()
            crowd = [Shaking(s.tls_port) for _ in range(CROWD)]
            with canary.Canary(s, p99=0.1), selectors.DefaultSelector() as poll:
                for c in crowd:
                    poll.register(c.sock, selectors.EVENT_READ, c)
                    c.step()
                end = time.monotonic() + 30
                while poll.get_map() and time.monotonic() < end:
                    for key, _ in poll.select(1):
                        c = key.data
                        got = c.sock.recv(65536)
                        self.assertNotEqual(got, b"", "a handshake was ended")
                        c.into.write(got)
                        c.step()
                        if c.done:
                            poll.unregister(c.sock)
            self.assertEqual(sum(c.done for c in crowd), CROWD)
            for c in crowd:
                c.sock.close()
            irc.wait_until(lambda: s.descriptors() <= before, what="the end of all connections")

    def test_two_thousand_half_open_ones_end_and_hold_little(self):
        with server() as s:
            before, rss = s.descriptors(), memory(s)
            crowd = [Shaking(s.tls_port) for _ in range(CROWD)]
            silent = [socket.create_connection(("127.0.0.1", s.tls_port), irc.WAIT) for _ in range(CROWD)]
            with canary.Canary(s, p99=0.1):
                for c in crowd:
                    c.step()
                time.sleep(1)
                kept = canary.SANITIZED if canary.is_sanitized() else 0
                self.assertLess(memory(s) - rss, 500 * 60000 + 2 * CROWD * 4096 + kept)  # handshakes = 500
                irc.wait_until(lambda: s.descriptors() <= before + 1, timeout=20, what="the end of all handshakes")
            for each in [c.sock for c in crowd] + silent:
                each.close()
            with irc.Client(s.tls_port, tls=True) as c:
                c.register("ann")


if __name__ == "__main__":
    irc.main()
