#!/usr/bin/env python3
"""Web listeners behind Debian's nginx and haproxy: text and binary clients on every way to one channel, each with its
own address, for bans and limits as well.

usage: web_fronts_test.py BINARY [test…]
"""
import re
import unittest

import irc
import web
from web_fronts import WAYS, Fronts


class Programs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fronts = Fronts(irc.Server(extra=irc.oper_block(), start=False, tls=False))
        cls.alice = cls.fronts.server.connect("alice", source="127.0.0.9").oper()

    @classmethod
    def tearDownClass(cls):
        cls.alice.close()
        cls.fronts.close()

    def test_all_hear_each_other_and_have_their_own_address(self):
        clients = {}
        self.alice.send("JOIN #all")
        self.alice.expect(" 366 ")
        for n, way in enumerate(WAYS):
            for binary in False, True:
                source, nick = web.fresh_address(), "%s%d" % ("b" if binary else "t", n)
                client = self.fronts.connect(way, None, source, binary=binary)
                client.send("NICK " + nick, "USER u 0 * :x")
                client.expect(r" 001 %s .*!u@%s$" % (nick, re.escape(source)))
                client.send("JOIN #all")
                client.expect(" 366 ")
                said = web.whois(self.alice, nick)
                self.assertEqual(" 671 " in said, way[2], (way, said))
                self.assertEqual("through the gateway front" in said, "directly" not in way[0], (way, said))
                clients[nick] = client
        everyone = dict(clients, alice=self.alice)
        for nick, client in everyone.items():
            client.send("PRIVMSG #all :héllo from %s" % nick)
            for other, hearer in everyone.items():
                if other != nick:
                    hearer.expect(r"^:%s!\S+ PRIVMSG #all :héllo from %s$" % (nick, nick))
        for client in clients.values():
            client.send("QUIT :bye")
            self.assertEqual(client.close_code()[0], 1000)

    def test_bans_hit_the_user_and_not_the_program(self):
        for n, way in enumerate(WAYS):
            with self.subTest(way[0]):
                source = web.fresh_address()
                victim, other = self.fronts.connect(way, "v%d" % n, source), self.fronts.connect(way, "o%d" % n)
                self.alice.send("KLINE 10m *@%s :no spam" % source)
                code, lines = victim.close_code()
                self.assertEqual(code, 1008)
                self.assertRegex(lines[-1], "^ERROR :.*no spam")
                with self.fronts.connect(way, None, source) as again:
                    again.send("NICK v%d" % n, "USER u 0 * :x")
                    self.assertEqual(again.close_code()[0], 1008)
                self.alice.send("DLINE 10m %s :not you" % source)
                self.alice.expect("D-line %s .*saved" % re.escape(source))  # the K-line has an answer, too
                with self.fronts.connect(way, None, source) as again:
                    code, lines = again.close_code()
                    self.assertEqual(code, 1008)
                    self.assertRegex(lines[-1], "^ERROR :.*not you")
                other.silent("no spam|not you")
                other.close()

    def test_what_a_user_says_of_itself_is_not_believed(self):
        for n, way in enumerate(WAYS):
            with self.subTest(way[0]):
                source = web.fresh_address()
                client = self.fronts.connect(way, None, source, X_Forwarded_For="192.0.2.7", X_Forwarded_Proto="https")
                client.send("NICK s%d" % n, "USER u 0 * :x")
                client.expect(r" 001 s%d .*!u@%s$" % (n, re.escape(source)))
                self.assertEqual(" 671 " in web.whois(self.alice, "s%d" % n), way[2])
                client.close()

    def test_the_page(self):
        for way in WAYS:
            with self.subTest(way[0]), web.Http(self.fronts.ports[way[1]], None, way[2], security={}) as http:
                http.send(http.request("/health", Connection="close"))
                head = b""
                while http.more():
                    pass
                head = http.rest.lower()
                self.assertTrue(head.startswith(b"http/1.1 200"), head)
                for name, value in web.SECURITY.items():
                    self.assertIn(("%s: %s\r\n" % (name, value)).lower().encode(), head)

    def test_many_users_of_one_program(self):
        """More than a host may have, of connections and of requests."""
        for way in WAYS:
            with self.subTest(way[0]):
                crowd = [self.fronts.connect(way, "u%d" % n) for n in range(12)]
                for client in crowd:
                    client.close()


if __name__ == "__main__":
    irc.main()
