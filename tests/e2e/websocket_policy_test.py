#!/usr/bin/env python3
"""Who may connect with a WebSocket: limits and refusals in words, PING of a listener, origins of the configuration, the
end of the server, addresses of users behind a proxy.

usage: websocket_policy_test.py BINARY [test…]
"""
import re
import signal
import time

import irc
import web
from web import SocketCase, whois
from web_socket import Refused

LIMITS = 'limits { per_host = 3  connect_rate = "200/60s" }\n'


class Limits(SocketCase):
    """Refusals of policy: the upgrade succeeds, the client reads ERROR, and 1008 follows."""

    def test_per_host(self):
        with web.server(LIMITS) as server:
            source = web.fresh_address()
            held = [server.web("n%d" % n, source=source) for n in range(3)]
            with server.web(source=source) as fourth:
                self.ended(fourth, 1008, "Too many connections")
            for client in held:
                client.send("PING :x")
                client.expect(" PONG ")
                client.close()

    def test_connect_rate_is_not_charged_for_pages(self):
        with web.server('limits { connect_rate = "3/60s" }\n') as server:
            source = web.fresh_address()
            for _ in range(12):
                with server.http(source) as http:
                    self.assertEqual(http.ask("/health").status, 200)
            for n in range(3):
                with server.web("n%d" % n, source=source):
                    pass
            with server.web(source=source) as fourth:
                self.ended(fourth, 1008, "[Tt]oo (many|fast)|[Tt]hrottl|often")

    def test_a_full_server(self):
        """A few places are reserved for loopback, so a proxy brings the client that is refused."""
        proxy = 'proxy "nginx" { match = { "127.0.0.1" }  accepts = { "forwarded" } }\n'
        with web.server("limits { clients = 3 }\n" + proxy) as server:
            held = [server.web("n%d" % n) for n in range(3)]
            with server.web(source="127.0.0.1", X_Forwarded_For="192.0.2.7") as fourth:
                self.ended(fourth, 1008, "[Ff]ull")
            for client in held:
                client.close()

    def test_registered_in_time(self):
        with web.server('limits { registration_timeout = "1s" }\n') as server, server.web() as client:
            client.send("NICK slow")
            self.ended(client, 1008, "[Tt]ime")

    def test_ping_every_of_the_listener(self):
        """The plain listener has its own."""
        with web.server(more='ping_every = "5s"') as server, server.connect("plain", source="127.0.0.9", pong=False) as plain, \
                server.web("ponger") as ponger, server.web("silent", pong=False) as silent:
            before = time.monotonic()
            ponger.expect("^PING ", 9)
            self.assertGreater(time.monotonic() - before, 3.5)
            silent.expect("^PING ", 2)
            plain.silent("^PING ")

    def test_a_flood_is_1008(self):
        with web.server("strikes { limit = 1 }\n") as server, server.web("flood") as client:
            client.raw(b"PRIVMSG flood :x\r\n" * 200)
            self.ended(client, 1008, "flood|banned")

    def test_the_end_of_the_server_is_1001(self):
        for tls in False, True:
            with self.subTest(tls=tls), web.server(tls=tls) as server, server.web("ann") as client, server.web() as unregistered:
                server.send_signal(signal.SIGTERM)
                self.ended(client, 1001, "")
                self.ended(unregistered, 1001, "")
                self.assertEqual(server.wait(), 0)

    def test_origins_of_the_configuration(self):
        config = 'web { origins = { "https://*.example.org", "http://chat.example.net:8080" } }\n'
        with web.server(config) as server:
            for origin, fine in (("https://www.example.org", True), ("HTTPS://WWW.EXAMPLE.ORG", True), ("https://example.org", False),
                                 ("http://www.example.org", False), ("https://www.example.org.evil.example", False),
                                 ("http://chat.example.net:8080", True), ("http://chat.example.net", False), ("null", False)):
                with self.subTest(origin):
                    if fine:
                        server.web(Origin=origin).close()
                    else:
                        self.refused(server, 403, {"Origin": origin})
        with web.server('web { origins = { "*" } }\n') as server:
            for origin in "null", "https://any.example", "file://":
                server.web(Origin=origin).close()


class Forwarded(SocketCase):
    """Users behind a proxy of 127.0.0.1."""

    @classmethod
    def setUpClass(cls):
        cls.server = web.server('proxy "nginx" { match = { "127.0.0.1" }  accepts = { "forwarded" } }\n' + irc.oper_block())
        cls.alice = cls.server.connect("alice", source="127.0.0.9").oper()

    @classmethod
    def tearDownClass(cls):
        cls.alice.close()
        cls.server.close()

    def arrive(self, nick, address, **wishes):
        return self.server.web(nick, source="127.0.0.1", X_Forwarded_For=address, **wishes)

    def test_a_client_has_the_address_of_the_user(self):
        for n, address in enumerate(("192.0.2.7", "2001:db8::7")):
            with self.arrive(None, address) as client:
                client.send("NICK n%d" % n, "USER u 0 * :x")
                client.expect(r" 001 n%d .*!u@%s$" % (n, re.escape(address)))
                self.assertIn("through the gateway nginx", whois(self.alice, "n%d" % n))

    def test_secure_is_what_the_proxy_says(self):
        for proto, secure in ("https", True), ("wss", True), ("http", False), (None, False), ("https, http", False):
            with self.subTest(proto), self.arrive("sec", "192.0.2.8", X_Forwarded_Proto=proto) as client:
                self.assertEqual(" 671 " in whois(self.alice, "sec"), secure)
                client.send("QUIT")
                client.wait_closed()
        with self.server.web("spoof", X_Forwarded_Proto="https") as client:
            self.assertNotIn(" 671 ", whois(self.alice, "spoof"))

    def test_bans_hit_the_user_and_not_the_proxy(self):
        with self.arrive("bob", "192.0.2.20") as bob, self.arrive("eve", "192.0.2.21") as eve:
            self.alice.send("KLINE 10m *@192.0.2.20 :no bob")
            self.ended(bob, 1008, "no bob")
            self.alice.send("DLINE 10m 192.0.2.21 :no eve")
            self.ended(eve, 1008, "no eve")
        with self.arrive(None, "192.0.2.21") as eve:
            self.ended(eve, 1008, "no eve")
        with self.arrive(None, "192.0.2.20") as bob:
            bob.send("NICK bob", "USER u 0 * :x")
            self.ended(bob, 1008, "no bob")
        self.arrive("carl", "192.0.2.22").close()
        self.alice.send("DLINE 127.0.0.1 :all")
        self.alice.expect("covers the proxy 'nginx'.*FORCE")

    def test_limits_are_those_of_the_user(self):
        crowd = [self.arrive("c%d" % n, "10.0.%d.1" % n) for n in range(30)]
        for client in crowd:
            client.close()
        held = []
        with self.assertRaises((AssertionError, Refused)):
            for n in range(70):
                held.append(self.arrive("h%d" % n, "192.0.2.99"))
        for client in held:
            client.close()

    def test_one_that_is_no_proxy_is_not_believed(self):
        with self.server.web(None, source="127.0.0.77", X_Forwarded_For="192.0.2.7") as client:
            client.send("NICK who", "USER u 0 * :x")
            client.expect(r" 001 who .*!u@127\.0\.0\.77$")

    def test_without_the_field_it_is_refused(self):
        with self.server.http("127.0.0.1") as http:
            self.assertEqual(self.refused(self.server, 400, {}, http)[1], web.refusals()["FORWARDED"][2] + "\n")


if __name__ == "__main__":
    irc.main()
