"""Limits of one connection, and the state after a storm.

usage: limits_test.py BINARY [test…]
"""
import re
import socket
import struct
import time
import unittest

import irc
import transport

THERE = "127.0.0.8"
MANY = ("limits { per_host = 200  per_network = 1000  unregistered_per_host = 200  "
        'connect_rate = "100000/60s" }\n')


class Output(unittest.TestCase):
    def test_a_slow_reader_is_dropped_and_the_healthy_miss_no_line(self):
        with irc.Server(extra=irc.EXEMPT + "limits { sendq = 65536 }\n") as server:
            talker, healthy, slow = [server.connect(n) for n in ("talker", "healthy", "slow")]
            for client in talker, healthy, slow:
                client.send("JOIN #load")
                client.expect(" 366 ")
            sent = self.talk_until_dropped(talker, healthy)
            heard = [m.group(1) for m in (re.search(r"PRIVMSG #load :(\d+) ", x) for x in healthy.lines) if m]
            self.assertEqual(heard, [str(n) for n in range(sent)])
            talker.expect(r"^:slow!user@127\.0\.0\.1 QUIT :SendQ exceeded$")
            healthy.silent(" QUIT ")
            got = [m.group(1) for m in (re.search(r"PRIVMSG #load :(\d+) ", x) for x in slow.wait_closed()) if m]
            self.assertEqual(got, [str(n) for n in range(len(got))], "what came has no holes")

    def talk_until_dropped(self, talker, healthy):
        """The number of lines that were sent until the others read the QUIT."""
        sent, dropped = 0, False
        while not dropped:
            self.assertLess(sent, 50000, "nobody was dropped")
            talker.send(*["PRIVMSG #load :%d %s" % (n, "x" * 400) for n in range(sent, sent + 50)])
            sent += 50
            line = ""
            while not re.search(r"PRIVMSG #load :%d " % (sent - 1), line):
                line = healthy.line()
                dropped = dropped or bool(re.search("^:slow!.* QUIT :SendQ exceeded$", line))
        return sent


class Input(unittest.TestCase):
    def test_one_byte_at_a_time(self):
        with irc.Server() as server, server.connect() as client:
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in b"NICK alice\r\nUSER a 0 * :Alice\nJOIN #a\r\nPRIVMSG alice :h\xc3\xa9llo\r\n":
                client.raw(bytes([byte]))
                time.sleep(0.001)
            client.expect(" 001 alice ")
            client.expect("^:alice!a@127.0.0.1 JOIN :?#a$")
            client.expect("^:alice!a@127.0.0.1 PRIVMSG alice :héllo$")

    def test_an_over_long_line_is_refused_and_the_connection_kept(self):
        with irc.Server() as server:
            alice, bob = server.connect("alice"), server.connect("bob")
            for length in 511, 600, 3000:
                with self.subTest(length=length):
                    alice.send("PRIVMSG bob :".ljust(length, "x"))
                    alice.expect(" 417 alice :Input line was too long$")
                    alice.silent(" 417 ")
            bob.silent("PRIVMSG")
            alice.send("PRIVMSG bob :".ljust(510, "y"))
            bob.expect("^:alice!user@127.0.0.1 PRIVMSG bob :y+$")

    def test_an_over_long_line_in_pieces_is_one(self):
        with irc.Server() as server, server.connect("alice") as alice:
            for _ in range(5):
                alice.raw(b"x" * 600)
                time.sleep(0.02)
            alice.raw(b"\nPING end\n")
            seen = []
            while not seen or " PONG " not in seen[-1]:
                seen.append(alice.line())
            self.assertEqual(len([x for x in seen if " 417 " in x]), 1, seen)

    def test_five_unended_pieces_do_not_pin_the_processor(self):
        with irc.Server() as server, server.connect() as fresh, server.connect("alice") as alice:
            for client in fresh, alice:
                for _ in range(5):
                    client.raw(b"x" * 600)
            used = server.cpu_seconds()
            time.sleep(1)
            self.assertLess(server.cpu_seconds() - used, 0.1)
            server.connect("bob").close()

    def overrun(self, client, size):
        """Sends this many bytes without an LF. Returns the lines up to the end."""
        try:
            for _ in range(size // 1000):
                client.raw(b"x" * 1000)
        except OSError:
            pass
        return client.wait_closed()

    @transport.over_stream("a line without an end is no message")
    def test_an_overrun_is_an_excess_flood(self):
        with irc.Server(extra="") as server:
            friend, alice = server.connect("friend"), server.connect("alice", source=THERE)
            for client in friend, alice:
                client.send("JOIN #a")
                client.expect(" 366 ")
            said = self.overrun(alice, 17000)
            self.assertEqual(said[-1], "ERROR :Closing Link: %s (Excess Flood)" % THERE)
            self.assertTrue(said[-2].endswith("NOTICE alice :Strike 2 of 5: receive queue overrun. "
                                              "At 5 your address is banned for 10 minutes."), said)
            friend.expect(r"^:alice!user@127\.0\.0\.8 QUIT :Excess Flood$")

    @transport.over_stream("a line without an end is no message")
    def test_an_overrun_before_registration_ends_sooner(self):
        with irc.Server() as server:
            with server.connect() as client:
                self.assertEqual(self.overrun(client, 5000)[-1],
                                 "ERROR :Closing Link: 127.0.0.1 (Excess Flood)")
            with server.connect() as client:
                client.send(*["PING %d" % n for n in range(30)])
                self.assertEqual(client.wait_closed()[-1],
                                 "ERROR :Closing Link: 127.0.0.1 (Excess Flood)")

    def test_http_closes(self):
        with irc.Server() as server:
            for verb in "GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "DELETE", "PATCH", "TRACE":
                with self.subTest(verb=verb), server.connect() as client:
                    client.send(verb + " / HTTP/1.1", "Host: irc.test.example", "",
                                "NICK alice", "USER a 0 * :a")
                    self.assertEqual(client.wait_closed(),
                                     ["ERROR :Closing Link: 127.0.0.1 (This is IRC, not HTTP)"])


class Time(unittest.TestCase):
    def test_a_client_that_does_not_register_in_time_is_gone(self):
        with irc.Server(extra=irc.EXEMPT + 'limits { registration_timeout = "1s" }\n') as server:
            alice = server.connect("alice")
            silent, half, held = [server.connect() for _ in range(3)]
            begun = time.monotonic()
            half.send("NICK bob")
            held.send("CAP LS 302", "NICK carol", "USER c 0 * :c")
            for client in silent, half, held:
                self.assertEqual(client.wait_closed(4)[-1],
                                 "ERROR :Closing Link: 127.0.0.1 (Registration timed out)")
            self.assertTrue(0.9 < time.monotonic() - begun < 3.5)
            alice.silent("ERROR")
            server.connect("bob").close()

    def test_talking_does_not_put_it_off(self):
        with irc.Server(extra=irc.EXEMPT + 'limits { registration_timeout = "1s" }\n'
                                           "flood { unregistered = 1000 }\n") as server:
            with server.connect() as client:
                end = time.monotonic() + 4
                try:
                    while time.monotonic() < end:
                        client.send("PING x")
                        client.expect(" PONG ")
                        time.sleep(0.05)
                except (irc.Closed, OSError):
                    pass
                self.assertLess(time.monotonic(), end)


class Storm(unittest.TestCase):
    def counts(self, client):
        """The numbers of LUSERS, without the highest ones ever."""
        client.send("LUSERS")
        lines = []
        while not lines or " 266 " not in lines[-1]:
            lines.append(client.line())
        return [line for line in lines if re.search(" 25[1-5] ", line)]

    def settled(self, server, alice, descriptors, counts):
        irc.wait_until(lambda: server.descriptors() == descriptors, 5,
                       lambda: "%d descriptors, not %d" % (descriptors, server.descriptors()))
        self.assertEqual(self.counts(alice), counts)

    def crowd(self, server):
        """As many as a host may have: some silent, some half registered, some on a channel."""
        crowd = [server.connect(source=THERE) for _ in range(200)]
        for n, client in enumerate(crowd):
            client.send(*[[], ["NICK n%d" % n], ["NICK n%d" % n, "USER u 0 * :u", "JOIN #storm,#n%d" % n]][n % 3])
        for n, client in enumerate(crowd):
            if n % 3 == 2:
                client.expect(" 366 n%d #n%d " % (n, n))
        return crowd

    def test_everything_is_back_to_the_start(self):
        with irc.Server(extra=MANY) as server:
            alice = server.connect("alice")
            before = server.descriptors(), self.counts(alice)
            for turn in range(2):  # the second one would find what the first had left
                crowd = self.crowd(server)
                self.assertEqual(server.descriptors(), before[0] + 200)
                with server.connect(source=THERE) as refused:
                    self.assertRegex(refused.wait_closed()[-1], transport.told("at most 200 at a time"))
                for n, client in enumerate(crowd):
                    if n % 2:  # a reset instead of an end
                        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    client.close()
                self.settled(server, alice, *before)
            alice.send("LIST")
            alice.expect(" 321 ")
            self.assertIn(" 323 ", alice.line())

    def test_a_crowd_that_quits_leaves_nothing(self):
        with irc.Server(extra=MANY) as server:
            alice = server.connect("alice")
            before = server.descriptors(), self.counts(alice)
            crowd = self.crowd(server)
            for client in crowd:
                client.send("QUIT :all at once", "PING never")
            for client in crowd:
                client.wait_closed()
                client.close()
            self.settled(server, alice, *before)


if __name__ == "__main__":
    irc.main()
