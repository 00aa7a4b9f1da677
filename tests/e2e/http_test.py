#!/usr/bin/env python3
"""HTTP of a listener with web roles, over plain TCP and TLS: fields of security, methods, connections that stay open,
each refusal with its status and sentence, names and roles of listeners, limits of a host.

usage: http_test.py BINARY [test…]
"""
import json
import re
import ssl
import subprocess
import time
import unittest

import http_table
import irc
import web
from proxy_test import header
from web import ALL, Http, SECURITY

TOKEN = "x" * 43
PATHS = {"/": "chat", "/config.json": "chat", "/irc": "websocket", "/metrics": "metrics", "/health": "health",
         "/api/v1/status": "api"}


def metric(text, line):
    """The value of a sample; 0: it is not there."""
    got = re.search(r"(?m)^%s (\d+)$" % re.escape(line), text)
    return int(got[1]) if got else 0


def is_api(head):
    return re.match(rb"[A-Z]+ /api/\S* HTTP", head) is not None


class Case(unittest.TestCase):
    def check(self, answer, name, method="GET", api=False):
        """The answer is the refusal of that name; of a path below /api/ as JSON."""
        status, fields, sentence = web.refusals()[name]
        self.assertIsNotNone(answer, name)
        body = ('{"error":%s}' % json.dumps(sentence) if api else sentence) + "\n"
        self.assertEqual((answer.status, answer.body.decode()), (status, body if method != "HEAD" else ""))
        for key, value in fields.items():
            self.assertIn(value, (answer.fields.get(key), answer.fields.get(key, "").rpartition(", ")[2]))
        self.assertEqual(answer.fields["content-type"], "application/json" if api else "text/plain; charset=utf-8")
        self.assertEqual(int(answer.fields["content-length"]), len(body))


class Plain(Case):
    """The same over TLS below."""
    tls = False

    @classmethod
    def setUpClass(cls):
        cls.server = web.server(irc.oper_block(), tls=cls.tls)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def metrics(self):
        with self.server.http() as http:
            return http.ask("/metrics").body.decode()

    def test_refused_heads(self):
        """Each in a connection of its own, which ends behind one answer: nothing that follows is read."""
        with self.server.connect("witness", source="127.0.0.9") as witness:
            before = self.metrics()
            for name, head in http_table.HEADS:
                with self.subTest(name, head=head[:80]), self.server.http() as http:
                    http.send(head + http_table.BEHIND)
                    method = "HEAD" if head.startswith(b"HEAD ") else "GET"
                    answer = http.read(method)
                    self.check(answer, name, method, is_api(head))
                    self.assertEqual(answer.fields["connection"], "close")
                    self.assertTrue(http.has_ended(), http.rest)
            after = self.metrics()
            sample = r'(?m)^ircd_http_requests_total\{route="(?:refused|other)",code="\d+"\} (\d+)$'
            counts = [sum(int(n) for n in re.findall(sample, text)) for text in (before, after)]
            self.assertEqual(counts[1] - counts[0], len(http_table.HEADS))
            # Between the two looks no other request, and no client.
            line = 'ircd_http_requests_total{route="metrics",code="200"}'
            self.assertEqual(metric(after, line) - metric(before, line), 1)
            witness.send("LIST", "ISON eve")
            witness.expect(r" 323 ")
            self.assertFalse([each for each in witness.lines if "#evil" in each])
            self.assertEqual(witness.expect(r" 303 witness :(.*)").group(1).strip(), "")
        self.assertNotRegex(self.server.log(), r"\beve\b|#evil")

    def test_each_head_is_refused_byte_by_byte_as_well(self):
        heads = {name: head for name, head in http_table.HEADS if len(head) < 200 and name != "PROXY_HEADER"}
        for name, head in heads.items():
            with self.subTest(name), self.server.http() as http:
                try:
                    for n in range(len(head)):
                        http.send(head[n:n + 1])
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the answer has come before the end
                method = "HEAD" if head.startswith(b"HEAD ") else "GET"
                self.check(http.read(method), name, method, is_api(head))

    def test_all_refusals_are_in_the_table_or_in_another_test(self):
        elsewhere = {"MISDIRECTED", "FORWARDED", "ORIGIN", "NO_UPGRADE", "SOCKET_VERSION", "SOCKET_KEY", "NOT_FOUND",
                     "QUERY", "NO_TOKEN", "BAD_TOKEN", "SLOW", "MANY_REQUESTS", "MANY_CONNECTIONS", "FULL"}
        here = {name for name, _ in http_table.HEADS}
        self.assertEqual(here & elsewhere, set())
        self.assertGreaterEqual(here | elsewhere, {name for name in web.refusals() if name in here | elsewhere})
        self.assertGreaterEqual(set(web.refusals()), here | elsewhere)

    def test_a_head_of_8192_bytes_and_64_fields_is_accepted(self):
        with self.server.http() as http:
            head = http_table.get(b"X: ")
            self.assertEqual(http.ask("/health").status, 200)
            http.send(head[:-4] + b"y" * (8192 - len(head)) + head[-4:])
            self.assertEqual(http.read().status, 200)
            http.send(http_table.get(*[b"X%d: y" % n for n in range(63)]))
            self.assertEqual(http.read().status, 200)
            http.send(http_table.first(b"GET /" + b"a" * 254 + b" HTTP/1.1"))
            self.check(http.read(), "NOT_FOUND")

    def test_head_is_get_without_the_body(self):
        for path in list(PATHS) + ["/nothing"]:
            with self.subTest(path), self.server.http() as http:
                get, head = http.ask(path), http.ask(path, "HEAD")
                self.assertEqual((head.status, head.body), (get.status, b""))
                varying = {"date", "content-length", "etag"} if path == "/metrics" else {"date"}
                for name in set(get.fields) | set(head.fields):
                    if name not in varying:
                        self.assertEqual(head.fields.get(name), get.fields.get(name), name)
                self.assertEqual(http.rest, b"")
                self.assertNotEqual(get.body, b"")

    def test_routes(self):
        types = {"/": "text/html", "/config.json": "application/json", "/health": "text/plain", "/metrics": "text/plain"}
        with self.server.http() as http:
            for path, kind in types.items():
                answer = http.ask(path)
                self.assertEqual((answer.status, answer.fields["content-type"].partition(";")[0]), (200, kind), path)
                self.assertEqual(answer.fields["connection"], "keep-alive")
            self.check(http.ask("/irc"), "NO_UPGRADE")
            answer = http.ask("/api/v1/status")
            self.assertEqual((answer.status, answer.fields["www-authenticate"]), (401, "Bearer"))
            self.assertEqual(json.loads(answer.body), {"error": web.refusals()["NO_TOKEN"][2]})
            for path in "/admin", "/api", "/api/", "/chat", "/index.htm", "/..a", "/Health", "/health/", "/%2e%2e%2e":
                self.assertEqual(http.ask(path).status, 404, path)

    def test_an_entity_that_has_not_changed_is_not_sent_again(self):
        with self.server.http() as http:
            first = http.ask("/")
            self.assertRegex(first.fields["etag"], '^(W/)?"[!-~]+"$')
            again = http.ask("/", If_None_Match=first.fields["etag"])
            self.assertEqual((again.status, again.body), (304, b""))
            self.assertEqual(again.fields["etag"], first.fields["etag"])
            self.assertEqual(http.ask("/", "HEAD", If_None_Match='"x", ' + first.fields["etag"]).status, 304)
            self.assertEqual(http.ask("/", If_None_Match='"x"').body, first.body)

    def test_twenty_requests_to_a_connection(self):
        with self.server.http() as http:
            for n in range(20):
                answer = http.ask("/health")
                self.assertEqual((answer.status, answer.fields["connection"]), (200, "keep-alive" if n < 19 else "close"))
            self.assertTrue(http.has_ended())

    def test_bytes_behind_a_request_are_not_read(self):
        """A proxy could divide them differently: the answer says that it is the last one."""
        for behind in b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\r\n", b"x":
            with self.subTest(behind), self.server.http() as http:
                http.send(http.request("/health") + behind)
                answer = http.read()
                self.assertEqual((answer.status, answer.fields["connection"]), (200, "close"))
                self.assertTrue(http.has_ended(), http.rest)

    def test_connections_that_end_behind_an_answer(self):
        for fields in ({"Connection": "close"}, {"version": "1.0"}, {"Connection": "x, Close"}):
            with self.subTest(str(fields)), self.server.http() as http:
                self.assertEqual(http.ask("/health", **fields).fields["connection"], "close")
                self.assertTrue(http.has_ended())
        with self.server.http() as http:
            for _ in range(2):
                self.assertEqual(http.ask("/health", version="1.0", Connection="keep-alive").fields["connection"], "keep-alive")

    def test_methods(self):
        """POST is for a path of the API that takes it; each refusal says which methods there are."""
        with self.server.http() as http:
            self.assertIn(http.ask("/api/v1/command").status, (401, 405))
            self.assertIn(http.ask("/api/v1/status", "POST", body=b"{}").status, (401, 405))
        for path in "/", "/health", "/metrics", "/irc", "/config.json":
            with self.subTest(path), self.server.http() as http:
                self.assertEqual(http.ask(path, "POST").fields["allow"], "GET, HEAD")

    def test_a_dlined_page_load_gets_the_sentence(self):
        """Over TLS a host is told once a minute, as clients of IRC are; else its handshake is refused."""
        with self.server.connect("alice", source="127.0.0.9") as alice:
            alice.oper()
            for n, path in enumerate(("/", "/metrics", "/nothing")):
                address = "127.0.0.%d" % (66 + n)
                alice.send("DLINE %s :go away <b>now</b>" % address)
                alice.expect("%s .*saved" % address)
                with self.server.http(address) as http:
                    answer = http.ask(path)
                    self.assertEqual(answer.status, 403)
                    self.assertEqual(answer.fields["content-type"], "text/plain; charset=utf-8")
                    self.assertRegex(answer.body.decode(), "go away <b>now</b>")
                if self.tls:
                    with self.assertRaisesRegex(ssl.SSLError, "ACCESS_DENIED"):
                        self.server.http(address)
                alice.send("UNDLINE " + address)
                alice.expect("%s.*removed" % address)
                with self.server.http(address) as http:
                    self.assertEqual(http.ask("/").status, 200)

    def test_sixty_requests_a_minute_to_a_host(self):
        source, codes = web.fresh_address(), []
        for _ in range(4):
            with self.server.http(source) as http:
                for _ in range(16):
                    answer = http.ask("/health")
                    codes.append(answer.status)
                    if answer.status != 200:
                        self.check(answer, "MANY_REQUESTS")
                        break
        self.assertEqual(codes, [200] * 60 + [429])
        with self.server.http() as http:
            self.assertEqual(http.ask("/health").status, 200)

    def test_eight_connections_to_a_host(self):
        source = web.fresh_address()
        held = [self.server.http(source) for _ in range(8)]
        for http in held:
            self.assertEqual(http.ask("/health").status, 200)
        if self.tls:
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                self.server.http(source)
        else:
            with self.server.http(source) as ninth:
                answer = ninth.ask("/health")
                self.check(answer, "MANY_CONNECTIONS")
                self.assertEqual(answer.fields["connection"], "close")
                self.assertTrue(ninth.has_ended())
        held.pop().sock.close()

        def has_room():
            try:
                with self.server.http(source) as http:
                    return http.ask("/health").status == 200
            except (ssl.SSLError, ConnectionError):
                return False
        irc.wait_until(has_room, what="a free place")
        for http in held:
            self.assertEqual(http.ask("/health").status, 200)
            http.sock.close()

    def test_irc_on_a_web_port_and_http_on_an_irc_port(self):
        for lines in b"CAP LS 302\r\nNICK eve\r\nUSER eve 0 * :eve\r\n", b"NICK eve\nUSER eve 0 * :eve\n", b"PASS x\r\n":
            with self.server.http() as http:
                http.send(lines)
                while http.more():
                    pass
                self.assertEqual(http.rest, b"ERROR :Closing Link: (This port speaks HTTP only)\r\n")
        with irc.Client(self.server.port, source="127.0.0.8", tls=False) as client:
            client.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            lines = client.wait_closed()
            self.assertRegex(lines[-1], "^ERROR ")
            self.assertNotRegex("\n".join(lines), "HTTP/1.1 200")


class OverTls(Plain):
    tls = True

    def test_no_client_certificate_is_asked_for(self):
        port = self.server.web_port
        for version in "-tls1_2", "-tls1_3":
            said = subprocess.run(["openssl", "s_client", "-msg", version, "-connect", "127.0.0.1:%d" % port], input="",
                                  capture_output=True, text=True, timeout=irc.WAIT).stdout
            self.assertIn("New, TLSv1", said)
            self.assertIn("No client certificate CA names sent", said)
            self.assertNotIn("CertificateRequest", said)
            self.assertNotIn("Acceptable client certificate", said)

    def test_alpn_is_that_of_http(self):
        for offered in "http/1.1", "h2,http/1.1":
            said = subprocess.run(["openssl", "s_client", "-alpn", offered, "-connect", "127.0.0.1:%d" % self.server.web_port],
                                  input="", capture_output=True, text=True, timeout=irc.WAIT).stdout
            self.assertRegex(said, "ALPN protocol: http/1.1|No ALPN negotiated")

    def test_plain_http_on_a_port_with_tls(self):
        with Http(self.server.web_port) as http:
            http.send(http.request("/"))
            self.assertNotIn(b"200 OK", http.rest + (http.sock.recv(4096) or b""))


class Names(Case):
    """DNS rebinding: the field Host on listeners of loopback and on others."""

    @classmethod
    def setUpClass(cls):
        cls.server = web.server(start=False)
        cls.public = irc.free_port()
        with open(cls.server.config, "a") as f:
            f.write(web.listen(cls.public, host="0.0.0.0") + 'web { hosts = { "chat.example.org" } }\n')
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_a_listener_of_loopback_answers_to_its_names_alone(self):
        for host in "localhost", "LocalHost:1", "127.0.0.1", "127.0.0.1:8067", "[::1]", "[::1]:80", "chat.example.org", \
                "CHAT.example.org:443":
            with self.subTest(host), self.server.http() as http:
                self.assertEqual(http.ask("/health", Host=host).status, 200)
        for host in "evil.example", "127.0.0.2", "localhost.evil.example", "chat.example.org.", "xlocalhost", "[::2]":
            for path in "/", "/metrics", "/irc", "/nothing", "/api/v1/status":
                with self.subTest(host, path=path), self.server.http() as http:
                    self.check(http.ask(path, Host=host), "MISDIRECTED", api=path.startswith("/api/"))

    def test_a_rebound_name_makes_no_websocket(self):
        with self.server.http() as http, self.assertRaises(web.web_socket.Refused) as got:
            http.upgrade(Host="evil.example", Origin="http://evil.example")
        self.assertEqual(got.exception.status, 421)

    def test_another_listener_has_any_name(self):
        for host in "evil.example", "192.0.2.1:80", "localhost":
            with self.subTest(host), Http(self.public) as http:
                self.assertEqual(http.ask("/health", Host=host).status, 200)


class Roles(Case):
    def test_a_path_is_there_only_where_it_is_served(self):
        with web.server(start=False) as server:
            ports = {role: irc.free_port() for role in ALL}
            with open(server.config, "a") as f:
                for role, port in ports.items():
                    f.write(web.listen(port, role))
            server.start()
            for role, port in ports.items():
                for path, needed in PATHS.items():
                    with self.subTest(role, path=path), Http(port) as http:
                        answer = http.ask(path)
                        if role == needed:
                            self.assertNotEqual(answer.status, 404)
                        else:
                            self.check(answer, "NOT_FOUND", api=needed == "api")

    def test_one_that_sends_its_request_and_no_more_gets_its_answer(self):
        with web.server() as server, server.http() as http:
            http.send(http.request("/metrics"))
            http.sock.shutdown(1)
            self.assertEqual(http.read().status, 200)
            self.assertTrue(http.has_ended())

    def test_a_unix_socket_and_a_proxy_header(self):
        proxy = irc.free_port()
        extra = 'listen "unix:web.sock" { %s }\nlisten "127.0.0.1:%d" { %s proxy = true }\n' \
                'proxy "front" { match = { "127.0.0.1" }  accepts = { "proxy-protocol" } }\n' % (web.serves(), proxy, web.serves())
        with web.server(extra + irc.oper_block()) as server, server.connect("alice", source="127.0.0.9") as alice:
            with Http(0, host=server.path("web.sock")) as http:
                self.assertEqual(http.ask("/health").status, 200)
            alice.oper()
            alice.send("DLINE 192.0.2.66 :not you")
            alice.expect("192.0.2.66 .*saved")
            for address, status in ("192.0.2.7", 200), ("192.0.2.66", 403), ("192.0.2.8", 200):
                for version in 1, 2:
                    with self.subTest(address), Http(proxy, source="127.0.0.1") as http:
                        http.send(header(address, version))
                        self.assertEqual(http.ask("/health").status, status)

    def test_the_web_policy_of_the_configuration(self):
        extra = 'web { embed = { "https://www.example.org" } }\n'
        security = dict(SECURITY, **{"content-security-policy": web.POLICY + "https://www.example.org"})
        with web.server(start=False) as server:
            text = open(server.config).read()
            server.write_config(text + extra)
            server.start()
            with server.http(security=security) as http:
                self.assertEqual(http.ask("/").status, 200)
                self.assertEqual(http.ask("/nothing").status, 404)
            with server.http(security=security) as http:
                http.send(b"x\r\n")
                self.assertEqual(http.read().status, 400)


class Forwarded(Case):
    """X-Forwarded-For is believed of trusted proxies alone."""

    @classmethod
    def setUpClass(cls):
        cls.server = web.server('proxy "nginx" { match = { "127.0.0.1" }  accepts = { "forwarded" } }\n'
                                'web { hosts = { "chat.example.org" } }\n' + irc.oper_block(), host="127.0.0.1")

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def proxied(self, path="/health", address="192.0.2.7", **fields):
        with self.server.http("127.0.0.1") as http:
            return http.ask(path, Host="chat.example.org", X_Forwarded_For=address, **fields)

    def test_a_proxy_must_say_whose_request_it_is(self):
        for address in None, "", "unknown", "192.0.2.300", "192.0.2.7,", "192.0.2.7, x":
            with self.subTest(str(address)):
                self.check(self.proxied(address=address), "FORWARDED")
        for address in "192.0.2.7", "2001:db8::7", "[2001:db8::7]:80", "192.0.2.7:80", "garbage, 192.0.2.7", "192.0.2.7, 127.0.0.1":
            with self.subTest(address):
                self.assertEqual(self.proxied(address=address).status, 200)

    def test_a_dline_hits_the_user_and_not_the_proxy(self):
        with self.server.connect("alice", source="127.0.0.9") as alice:
            alice.oper()
            alice.send("DLINE 192.0.2.66 :go away")
            alice.expect("192.0.2.66 .*saved")
        self.assertEqual(self.proxied(address="192.0.2.66").status, 403)
        self.assertEqual(self.proxied(address="192.0.2.7, 192.0.2.66").status, 403)
        self.assertEqual(self.proxied(address="192.0.2.66, 192.0.2.7").status, 200)
        self.assertEqual(self.proxied(address="192.0.2.67").status, 200)

    def test_another_peer_is_not_believed(self):
        """It is its own address, whatever it says."""
        with self.server.connect("alice", source="127.0.0.9") as alice:
            alice.oper()
            alice.send("DLINE 192.0.2.68 :go away", "DLINE 127.0.0.68 :go away")
            alice.expect("127.0.0.68 .*saved")
        with self.server.http("127.0.0.69") as http:
            self.assertEqual(http.ask("/health", X_Forwarded_For="192.0.2.68").status, 200)
        with self.server.http("127.0.0.68") as http:
            self.assertEqual(http.ask("/health", X_Forwarded_For="192.0.2.7").status, 403)

    def test_the_limits_of_a_host_are_those_of_the_user(self):
        """A proxy has more connections than a host may, and one user's requests are no other's."""
        held = [self.server.http("127.0.0.1") for _ in range(12)]
        for n, http in enumerate(held):
            self.assertEqual(http.ask("/health", Host="chat.example.org", X_Forwarded_For="192.0.2.%d" % (100 + n)).status, 200)
        codes = [self.proxied(address="192.0.2.99").status for _ in range(62)]
        self.assertEqual((codes[:60], codes[-1]), ([200] * 60, 429))
        self.assertEqual(self.proxied(address="192.0.2.98").status, 200)
        for http in held:
            http.sock.close()


class Deadlines(Case):
    def test_each_connection_ends_in_time(self):
        """All wait at the same time. What is not whole in time gets 408, what is idle gets nothing."""
        with web.server() as server, web.server(tls=True) as secure:
            post = b"POST /api/v1/command HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n"
            cases = [("silence", server, b"", (4.5, 11.5), None), ("a byte", server, b"G", (9.5, 11.5), 408),
                     ("half a head", server, post[:40], (9.5, 11.5), 408), ("half a body", server, post + b"{", (9.5, 11.5), 408),
                     ("idle behind an answer", server, None, (4.5, 6.5), None), ("half a head over TLS", secure, post[:40], (9.5, 11.5), 408),
                     ("idle over TLS", secure, None, (4.5, 6.5), None)]
            open_ones, begun = {}, time.monotonic()
            for name, s, data, bounds, status in cases:
                http = s.http()
                if data is None:
                    self.assertEqual(http.ask("/health").status, 200)
                else:
                    http.send(data)
                http.sock.settimeout(15)
                open_ones[http] = name, bounds, status
            for http, (name, bounds, status) in sorted(open_ones.items(), key=lambda row: row[1][1]):
                with self.subTest(name):
                    answer = http.read()
                    took = time.monotonic() - begun
                    if status:
                        self.check(answer, "SLOW", api=name.startswith("half"))
                        self.assertTrue(http.has_ended())
                    else:
                        self.assertIsNone(answer)
                    self.assertTrue(bounds[0] < took < bounds[1], took)
                    http.sock.close()


if __name__ == "__main__":
    irc.main()
