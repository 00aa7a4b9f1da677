#!/usr/bin/env python3
"""Crowds of TLS handshakes: clients that are connected wait little, memory is bounded, and all is as before afterwards.

usage: attack_tls_test.py BINARY [test…]
"""
import selectors
import socket
import ssl
import time

import canary
import irc

ALONE = "it measures how fast a canary is answered"
CROWD = 2000
HALF_OPEN = 5000
HANDSHAKES, TIMEOUT = 500, 4  # tls_limits
LONG = 60  # seconds; where no handshake is to end at its deadline, however busy the machine is
HANDSHAKE_BYTES = 45 << 10  # of one that is under way
CONNECTION_BYTES = 2 << 10  # of one that has sent nothing, or waits until another handshake ends
LIMITS = """
limits {{ unregistered_per_host = 100000  per_network = 100000  per_host = 100000  connect_rate = "1000000/60s" }}
tls_limits {{ handshake_timeout = "{0}s"  handshakes = {1} }}
"""


def server(timeout=TIMEOUT):
    made = irc.Server(extra=irc.EXEMPT + LIMITS.format(timeout, HANDSHAKES), start=False, tls=False, nofile=canary.DESCRIPTORS)
    made.tls_port = made.port + 1
    with open(made.config, "a") as f:
        f.write('listen "127.0.0.1:%d" { tls = true }\n' % made.tls_port)
    made.start()
    return made


def first_message():
    """A ClientHello."""
    into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        irc.tls_context().wrap_bio(into, out).do_handshake()
    except ssl.SSLWantReadError:
        return out.read()


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


class Crowd(canary.Case):
    def test_two_thousand_handshakes_at_once(self):
        """None waits for its deadline, which begins with its connection, before the canary sings."""
        with server(timeout=LONG) as s:
            before = s.descriptors()
            crowd = [Shaking(s.tls_port) for _ in range(CROWD)]
            with canary.Canary(s, p99=0.1), selectors.DefaultSelector() as poll:
                for c in crowd:
                    poll.register(c.sock, selectors.EVENT_READ, c)
                    c.step()
                end = time.monotonic() + LONG
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

    def test_silent_and_half_open_ones_end_in_time_and_hold_little(self):
        """Some send nothing, and as many stop behind their first message."""
        half = 1000 if canary.is_sanitized() else HALF_OPEN
        with server() as s:
            before = canary.Baseline(s, s.connect("witness"))
            hello = first_message()
            socks = [socket.create_connection(("127.0.0.1", s.tls_port), irc.WAIT) for _ in range(2 * half)]
            begun = time.monotonic()
            with canary.Canary(s, p99=0.1):
                for sock in socks[::2]:
                    sock.sendall(hello)
                time.sleep(1)
                held = canary.rss(s) - before.rss
                irc.wait_until(lambda: s.descriptors() <= before.descriptors + 1, 20, "the end of all handshakes")
            self.assertLess(time.monotonic() - begun, 3 * TIMEOUT * canary.patience())
            most = HANDSHAKES * HANDSHAKE_BYTES + 2 * half * CONNECTION_BYTES
            kept = canary.SANITIZED if canary.is_sanitized() else 0
            self.assertLess(held, most * canary.patience() + kept)
            canary.close_all(socks)
            before.restored(most)
            with irc.Client(s.tls_port, tls=True) as c:
                c.register("ann")


if __name__ == "__main__":
    irc.main()
