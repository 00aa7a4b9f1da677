"""Connections as fast as one process can make them, while another client talks.

The crowd and the canary are processes of their own. The cost of a refusal is the server's CPU
time, because the crowd may well be slower than the server; `make bench` has a faster one.

usage: storm_test.py BINARY [test…]
"""
import collections
import multiprocessing
import re
import resource
import socket
import struct
import time

import irc
import transport
from canary import Case, Slow

ALONE = "it measures how fast PONGs come in a storm"
CROWD, CANARY = "127.0.0.66", "127.0.0.77"
SECONDS = 2
WINDOW = 100  # connections of the crowd in the air
P99 = 0.25  # seconds: a user does not notice less
COST = 50e-6  # seconds of CPU time for who is turned away
ALERT = bytes.fromhex("15030300020231")  # RFC 8446 6: fatal, access_denied
SHORTAGE = ALERT if transport.TLS else b"ERROR :Closing Link: (server is out of descriptors)\r\n"
# Over TLS only one in a minute is told why, and it must make its handshake first, which none of the crowd does.
BANNED = ALERT if transport.TLS else b"ERROR :Closing Link: 127.0.0.66 (You are banned (D-line) for good: storm)\r\n"


def knock(port):
    s = socket.socket()
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.bind((CROWD, 0))
    s.connect_ex(("127.0.0.1", port))
    return s


def answer(s):
    """The received bytes; b"" if it was closed without any; None: nothing yet."""
    try:
        return s.recv(1000)
    except (BlockingIOError, OSError) as e:
        return None if isinstance(e, BlockingIOError) else b""


def crowd(port, until, said):
    """Comes again whenever it was answered; puts a count of the answers."""
    answers, there = collections.Counter(), [knock(port) for _ in range(WINDOW)]
    while time.monotonic() < until:
        for i, s in enumerate(there):
            got = answer(s)
            if got is not None:
                answers[got] += 1
                s.close()
                there[i] = knock(port)
    for s in there:
        s.close()
    said.put(answers)


def canary(port, until, said):
    """Puts the times from PING to PONG, sorted."""
    times = []
    with irc.Client(port, source=CANARY) as client:
        client.register("canary")
        said.put("ready")
        while time.monotonic() < until:
            begun = time.monotonic()
            client.silent("never", "t%d" % len(times))
            times.append(time.monotonic() - begun)
            time.sleep(0.005)
    said.put(sorted(times))


class Storm(Case):
    def storm(self, server, meanwhile=None):
        """(answers, canary's times, CPU seconds of the server)"""
        until = time.monotonic() + SECONDS + 1
        answers, song = multiprocessing.Queue(), multiprocessing.Queue()
        singer = multiprocessing.Process(target=canary, args=(server.port, until, song), daemon=True)
        many = multiprocessing.Process(target=crowd, args=(server.port, until, answers), daemon=True)
        singer.start()
        self.assertEqual(song.get(timeout=irc.WAIT), "ready")
        if meanwhile:
            meanwhile()
        used = server.cpu_seconds()
        many.start()
        got = answers.get(timeout=SECONDS + irc.WAIT)
        used = server.cpu_seconds() - used
        times = song.get(timeout=SECONDS + irc.WAIT)
        for process in many, singer:
            process.join(irc.WAIT)
        self.assertGreater(len(times), 20)
        p99 = times[len(times) * 99 // 100]
        if p99 >= P99:
            raise Slow("p99 of %d PONGs is %.0f ms" % (len(times), 1000 * p99))
        return got, used

    def test_a_dlined_crowd_is_refused_and_no_other_client_is_slowed(self):
        with irc.Server(extra='exempt "127.0.0.0/8" { from = { "connections", "throttle", "flood" } }\n' +
                        irc.oper_block()) as server:
            alice = server.connect("alice").oper()
            alice.send("DLINE %s :storm" % CROWD)
            alice.expect(r" NOTICE alice :D-line 127\.0\.0\.66 set for good: .*, saved$")
            before = server.descriptors()
            got, used = self.storm(server)
            self.assertEqual(set(got), {BANNED}, "each is told why")
            self.assertGreater(got[BANNED], 1000)
            self.assertLess(used / got[BANNED], COST, "%d refused in %.2f s" % (got[BANNED], used))
            lines = re.findall("event=refused", server.log())
            self.assertLess(len(lines), 10 + SECONDS + 5, "the log is bounded")
            irc.wait_until(lambda: server.descriptors() <= before, what="descriptors to come back")
            alice.send("STATS D")
            hits = int(alice.expect(r" (\d+) hits?, last .*: storm").group(1))
            self.assertGreaterEqual(hits, got[BANNED])

    def test_out_of_descriptors_each_is_turned_away_cheaply(self):
        """The last descriptors are kept, so accept goes on and each is told."""
        with irc.Server(nofile=64) as server:
            held = []
            got, used = self.storm(server, lambda: held.extend(server.connect() for _ in range(60)))
            self.assertEqual(set(got), {SHORTAGE})
            self.assertLess(used / got[SHORTAGE], COST, "%d turned away in %.2f s" % (got[SHORTAGE], used))
            self.assertEqual(len(re.findall("event=out-of-descriptors", server.log())), 1)
            for client in held:
                client.close()

    def test_when_accept_fails_it_pauses_and_does_not_spin(self):
        with irc.Server() as server:
            limit = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)

            def lower():
                resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE,
                                 (server.descriptors(), limit[1]))

            got, used = self.storm(server, lower)
            self.assertEqual(set(got), {SHORTAGE})
            self.assertLess(got[SHORTAGE], 10 * (SECONDS + 1), "one each pause")
            self.assertLess(used, 0.1 * SECONDS)
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, limit)
            server.connect("bob").close()


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    irc.main()
