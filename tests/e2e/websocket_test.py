#!/usr/bin/env python3
"""WebSocket as a client sees it, over plain TCP and TLS: each fault of a frame with its close code, lines and fragments,
subprotocols, upgrades, Origin, ends of a connection.

usage: websocket_test.py BINARY [test…]
"""
import base64
import os
import re
import signal
import socket
import struct
import time
import unittest

import irc
import web
import web_socket
from web import SocketCase, WebClient, whois
from web_socket import CLOSE, PING, TEXT, frame
from websocket_table import FAULTS, GOOD


TALKER = 'exempt "127.0.0.8/29" { from = { "connections", "throttle", "flood", "strikes" } }\n'


class Plain(SocketCase):
    tls = False

    @classmethod
    def setUpClass(cls):
        cls.server = web.server(irc.oper_block() + TALKER, tls=cls.tls)
        cls.alice = cls.server.connect("alice", source="127.0.0.9").oper()

    @classmethod
    def tearDownClass(cls):
        cls.alice.close()
        cls.server.close()

    def test_each_fault_has_its_close_code(self):
        for name, data, code in FAULTS:
            with self.subTest(name), self.server.web() as client:
                client.send("NICK eve")
                client.sock.sock.sendall(data + frame(TEXT, b"USER eve 0 * :eve"))
                got, lines = client.close_code()
                self.assertEqual(got, code)
                self.assertRegex(lines[-1], "^ERROR :Closing Link: ")
                self.assertFalse(re.search(" 001 ", "\n".join(lines)), "a line behind the fault was read")
        self.alice.send("ISON eve")
        self.assertEqual(self.alice.expect(r" 303 alice :(.*)").group(1).strip(), "")

    def test_faults_that_come_byte_by_byte(self):
        for name, data, code in FAULTS:
            if len(data) > 100 or self.tls:
                continue
            with self.subTest(name), self.server.web() as client:
                try:
                    for n in range(len(data)):
                        client.sock.sock.sendall(data[n:n + 1])
                except ConnectionError:
                    pass
                self.assertEqual(client.close_code()[0], code)

    def test_what_is_right_is_taken(self):
        for whole in True, False:
            for name, data in GOOD:
                if not whole and len(data) > 200:
                    continue
                with self.subTest(name), self.server.web("bob" if whole else "rob") as client:
                    for piece in [data] if whole else [data[n:n + 1] for n in range(len(data))]:
                        client.sock.sock.sendall(piece)
                    client.expect(" PONG .* :ok *$")
                    client.send("QUIT")
                    client.wait_closed()

    def test_what_comes_out_is_in_the_form_of_the_subprotocol(self):
        """WebSocket itself asserts opcode, shortest length, no mask, no line end, and UTF-8 of text."""
        with self.server.web("text") as text, self.server.web("bin", binary=True) as binary, \
                self.server.connect("plain", source="127.0.0.10") as plain:
            for client in text, binary, plain:
                client.send("JOIN #form")
                client.expect(" 366 ")
            for size in 2, 50, 79, 80, 81, 82, 83, 84, 85, 86, 87, 200, 400:
                plain.send("PRIVMSG #form :" + "ä" * (size // 2))
                for client in text, binary:
                    client.expect("^:plain!user@\\S+ PRIVMSG #form :%s$" % ("ä" * (size // 2)))
            self.assertEqual((text.sock.protocol, binary.sock.protocol), ("text.ircv3.net", "binary.ircv3.net"))
            text.send("PRIVMSG #form :of text €")
            for client in plain, binary:
                client.expect(r"^:text!\S+ PRIVMSG #form :of text €$")
            binary.send("PRIVMSG #form :of binary €")
            for client in plain, text:
                client.expect(r"^:bin!\S+ PRIVMSG #form :of binary €$")

    def test_bytes_that_are_not_utf8_in_binary_are_for_the_core(self):
        with self.server.web("bin", binary=True) as client, self.server.connect("raw", source="127.0.0.11") as plain:
            for each in client, plain:
                each.raw(b"PRIVMSG nobody :\xff\xfe\r\n")
                each.raw(b"PING :behind\r\n")
            seen = []
            for each in client, plain:
                lines = [each.line()]
                while " PONG " not in lines[-1]:
                    lines.append(each.line())
                seen.append([re.sub(r"\b(bin|raw)\b", "N", line).replace("+Z", "+") for line in lines])
            self.assertEqual(*seen)

    def test_subprotocols(self):
        for asked, got in ((("text.ircv3.net",), "text.ircv3.net"), (("binary.ircv3.net",), "binary.ircv3.net"),
                           (("binary.ircv3.net", "text.ircv3.net"), "binary.ircv3.net"),
                           (("text.ircv3.net", "binary.ircv3.net"), "text.ircv3.net"),
                           (("chat", "binary.ircv3.net"), "binary.ircv3.net"), (("chat",), None), ((), None),
                           (("TEXT.ircv3.net",), None)):
            with self.subTest(asked), self.server.web(protocols=asked) as client:
                self.assertEqual(client.sock.protocol, got)
                client.register("sub")
                client.send("QUIT")
                client.wait_closed()

    def test_extensions_are_not_taken(self):
        with self.server.http() as http:
            data, _ = web_socket.request(http.host, Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits")
            http.send(data)
            answer = http.read()
            self.assertEqual(answer.status, 101)
            self.assertNotIn("sec-websocket-extensions", answer.fields)

    def test_pings_of_the_client(self):
        with self.server.web("pinger") as client:
            client.sock.send_frame(PING, b"are you there?" + b"x" * 111)
            client.send("PING :behind")
            client.expect(" PONG .*behind")
            self.assertEqual(client.sock.pongs, [b"are you there?" + b"x" * 111])
            client.sock.send_frame(PING)
            self.ended(client, 1008, "more than one ping in 10 seconds")

    def test_upgrades_that_are_refused(self):
        fields = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
        key = base64.b64encode(os.urandom(16)).decode()
        cases = [("NO_UPGRADE", {"Upgrade": None}), ("NO_UPGRADE", {"Upgrade": "h2c"}), ("NO_UPGRADE", {"Connection": None}),
                 ("NO_UPGRADE", {"Connection": "keep-alive"}),
                 *[("SOCKET_VERSION", {"Sec_WebSocket_Version": v}) for v in (None, "12", "8", "14", "013", "13, 8")],
                 *[("SOCKET_KEY", {"Sec_WebSocket_Key": k}) for k in
                   (None, "", "x", key[:-4], key + key, "*" + key[1:], key[:-2], "A" * 24)]]
        for name, wishes in cases:
            with self.subTest(name, wishes=wishes):
                status, more, sentence = web.refusals()[name]
                head, body = self.refused(self.server, status, wishes)
                self.assertEqual(body, sentence + "\n")
                self.assertEqual({each: head.get(each) for each in more}, more)
        self.assertEqual(web.refusals()["NO_UPGRADE"][1], fields)
        for method, version in (("POST", "1.1"), ("HEAD", "1.1"), ("GET", "1.0")):
            with self.subTest(method), self.server.http() as http:
                data = web_socket.request(http.host)[0].replace(b"GET /irc HTTP/1.1", ("%s /irc HTTP/%s" % (method, version)).encode())
                http.send(data)
                self.assertIn(http.read(method).status, (426,) if method != "POST" else (405, 411))

    def test_connections_may_be_tried_in_many_spellings(self):
        for wishes in {"Upgrade": "WebSocket"}, {"Connection": "keep-alive, upgrade"}, {"Connection": "UPGRADE"}, {"Upgrade": "h2c, websocket"}:
            with self.subTest(wishes), self.server.web(**wishes) as client:
                client.send("PING :x")
                client.expect("^:.* (451|PONG) ")

    def test_bytes_behind_the_request_are_refused(self):
        """A client must wait for the answer (RFC 6455 4.1); a proxy may have added them."""
        for behind in frame(TEXT, b"NICK eve"), b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n":
            with self.server.http() as http:
                http.send(web_socket.request(http.host)[0] + behind)
                answer = http.read()
                status, _, sentence = web.refusals()["EARLY"]
                self.assertEqual((answer.status, answer.body.decode()), (status, sentence + "\n"))
                self.assertTrue(http.has_ended())

    def test_an_upgrade_behind_other_requests(self):
        """The page and its socket may come over one connection."""
        with self.server.http() as http:
            self.assertEqual(http.ask("/").status, 200)
            ws = http.upgrade()
            ws.sendall(b"PING :x\r\n")
            self.assertRegex(ws.recv(4096), b"^:.* (451|PONG) ")

    def test_origins(self):
        own = "127.0.0.1:%d" % self.server.web_port
        for origin in None, "http://" + own, "https://" + own, "HTTP://" + own:
            with self.subTest(origin), self.server.web(Origin=origin) as client:
                client.send("PING :x")
                client.expect("^:.* (451|PONG) ")
        sentence = web.refusals()["ORIGIN"][2]
        for origin in ("http://evil.example", "null", "", "http://127.0.0.1", "http://127.0.0.1:1", "http://%s.evil.example" % own,
                       "http://" + own + "/", own, "http://localhost:%d" % self.server.web_port, "http://x@" + own,
                       "file://", "http://" + "a" * 320):
            with self.subTest(origin):
                self.assertEqual(self.refused(self.server, 403, {"Origin": origin})[1], sentence + "\n")

    def test_quit_is_1000(self):
        with self.server.web("quitter") as client:
            client.send("QUIT :good night")
            self.ended(client, 1000, "good night")

    def test_the_close_frame_of_a_client_is_answered(self):
        for payload, code in ((b"", None), (struct.pack(">H", 1000), 1000), (struct.pack(">H", 1001) + "gé".encode(), 1001),
                              (struct.pack(">H", 4000), 4000)):
            with self.subTest(code), self.server.web("closer") as client, self.server.connect("seer", source="127.0.0.12") as seer:
                client.send("JOIN #close")
                client.expect(" 366 ")
                seer.send("JOIN #close")
                seer.expect(" 366 ")
                client.sock.send_frame(CLOSE, payload)
                self.assertEqual(client.close_code()[0], code)
                seer.expect("^:closer!.* QUIT ")

    def test_kill_is_1008(self):
        with self.server.web("victim") as client:
            self.alice.send("KILL victim :enough")
            self.ended(client, 1008, "enough")

    def test_a_kline_is_1008_and_is_said_when_the_client_comes_back(self):
        source = web.fresh_address()
        with self.server.web("kay", source=source) as client:
            self.alice.send("KLINE 10m *@%s :no spam" % source)
            self.ended(client, 1008, "no spam")
        with self.server.web(source=source) as client:
            client.send("NICK kay", "USER kay 0 * :kay")
            self.ended(client, 1008, "no spam")
        self.alice.send("UNKLINE *@" + source)

    def test_a_dline_is_1008_and_403_for_the_page(self):
        source = web.fresh_address()
        with self.server.web("dee", source=source) as client:
            self.alice.send("DLINE 10m %s :not you" % source)
            self.ended(client, 1008, "not you")
        with self.server.web(source=source) as client:
            self.ended(client, 1008, "not you")
        if not self.tls:  # over TLS a host is told once a minute
            with self.server.http(source) as http:
                answer = http.ask("/")
                self.assertEqual(answer.status, 403)
                self.assertIn(b"not you", answer.body)
        self.alice.send("UNDLINE " + source)
        self.alice.expect("removed, saved$")
        with self.server.web("dee", source=source):
            pass

    def test_whois_and_the_transport(self):
        with self.server.web("wes") as client:
            said = whois(self.alice, "wes")
            self.assertEqual(" 671 alice wes :is using a secure connection" in said, self.tls, said)
            client.send("MODE wes")
            self.assertEqual("Z" in client.expect(r" 221 wes (\S+)").group(1), self.tls)
        with self.server.http() as http:
            text = http.ask("/metrics").body.decode()
            self.assertRegex(text, r'(?m)^ircd_clients_by_transport\{transport="%s"\} \d+$' % ("wss" if self.tls else "ws"))

    def test_a_lost_connection_ends_the_client(self):
        with self.server.connect("seer", source="127.0.0.13") as seer:
            seer.send("JOIN #lost")
            seer.expect(" 366 ")
            client = self.server.web("lost")
            client.send("JOIN #lost")
            seer.expect("^:lost!.* JOIN ")
            client.sock.sock.close()
            seer.expect("^:lost!.* QUIT ")

    def test_a_slow_reader_is_killed_while_half_a_frame_is_sent(self):
        """What it reads are whole frames, and then ERROR and 1008; or the connection is cut within a frame, and nothing
        follows."""
        for n, when in enumerate(("before", "at once", "late")):
            with self.subTest(when), self.server.connect("talker", source="127.0.0.14") as talker:
                client = self.slow_reader("slow%d" % n)
                line = b":talker!user@127.0.0.14 PRIVMSG slow%d :" % n + b"x" * (300 + 7 * n)
                end = time.monotonic() + irc.WAIT
                while not self.is_behind(client):
                    self.assertLess(time.monotonic(), end)
                    talker.raw((line.partition(b" ")[2] + b"\r\n") * 20)
                    talker.silent("^ERROR")
                if when == "before":
                    self.read_before(client, "KILL slow%d :too slow" % n)
                else:
                    self.alice.send("KILL slow%d :too slow" % n, "PING :killed")
                    self.alice.expect(" PONG .*killed")
                    time.sleep(1.5 if when == "late" else 0)
                self.look_at_the_rest(client, line, when)
                talker.send("QUIT")
                talker.wait_closed()

    def read_before(self, client, kill):
        """The server finds the KILL, and room for the other half of the frame, in one turn: the kernel has nothing left to
        send for it."""
        self.server.send_signal(signal.SIGSTOP)
        self.alice.send(kill)
        client.sock.settimeout(0.1)
        end = time.monotonic() + irc.WAIT
        try:
            while self.unsent(client):
                self.assertLess(time.monotonic(), end)
                try:
                    client.sock.raw += client.sock.sock.recv(65536)
                except TimeoutError:
                    pass  # the kernel asks whether there is room, more and more rarely
        finally:
            self.server.send_signal(signal.SIGCONT)
            client.sock.settimeout(irc.WAIT)

    def slow_reader(self, nick):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        sock.settimeout(irc.WAIT)
        sock.bind((web.fresh_address(), 0))
        sock.connect(("127.0.0.1", self.server.web_port))
        client = WebClient.__new__(WebClient)
        client.rest, client.lines, client.pong, client.closed = b"", [], True, False
        host = "127.0.0.1:%d" % self.server.web_port
        client.sock = web_socket.upgrade(web.transport.wrap(sock) if self.tls else sock, host)
        return client.register(nick)

    def unsent(self, client):
        """The bytes that the server's kernel keeps for it."""
        ports = "%04X" % self.server.web_port, "%04X" % client.sock.getsockname()[1]
        with open("/proc/net/tcp") as f:
            rows = [line.split() for line in f]
        return next(int(row[4].split(":")[0], 16) for row in rows if (row[1][-4:], row[2][-4:]) == ports)

    def is_behind(self, client):
        """Whether the server cannot write to it: the kernel has kept as many bytes twice."""
        before, client.queued = getattr(client, "queued", 0), self.unsent(client)
        return client.queued == before > 1000

    def look_at_the_rest(self, client, line, when):
        try:
            lines = client.wait_closed()
        except ConnectionError:
            lines = client.lines
        last = lines.pop() if lines[-1].startswith("ERROR ") else ""
        strange = [each for each in lines if each != line.decode() and not re.match(r":\S+ (221|KILL) ", each)]
        self.assertEqual(strange, [])
        if when == "before":
            self.assertRegex(last, "^ERROR :.*too slow")
        if last:
            self.assertEqual((client.sock.closed[0], client.sock.raw), (1008, b""))
        else:
            self.assertIsNone(client.sock.closed)
            self.assertTrue(line.startswith(client.sock.raw[4:]), client.sock.raw)
        client.close()


class OverTls(Plain):
    tls = True


if __name__ == "__main__":
    irc.main()
