"""An HTTP client of the tests, over plain TCP or TLS: it sends the bytes of a test as they are, and reads answers
strictly. Each answer must have the fields of security, whatever its status.
"""
import functools
import itertools
import os
import re
import socket
import ssl
import unittest

import irc
import transport
import web_socket

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " \
         "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors "
SECURITY = {
    "content-security-policy": POLICY + "'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
ALL = "chat", "websocket", "metrics", "health", "api", "admin"
addresses = itertools.count(1)


def fresh_address():
    """An address of loopback that no other client of this program has: a host of its own for all limits."""
    n = next(addresses)
    return "127.200.%d.%d" % (n // 250, n % 250 + 1)


def serves(*roles):
    return "serves = { %s }" % ", ".join('"%s"' % role for role in roles or ALL)


def listen(port, *roles, host="127.0.0.1", more=""):
    """The line of a listener with web roles; without roles, all of them."""
    return 'listen "%s:%d" { %s %s }\n' % (host, port, serves(*roles), more)


@functools.lru_cache(maxsize=None)
def refusals():
    """{NAME: (status, the fields that its answer has besides, the sentence)}, as the server knows them."""
    with open(os.path.join(SOURCE, "include/proto/http_refusals.def"), encoding="utf-8") as f:
        rows = re.findall(r'(?m)^HTTP_REFUSAL\((\w+), (\d+), "(.*?)", "(.*)"\)$', f.read())
    made = {}
    for name, status, fields, sentence in rows:
        lines = [line.partition(": ") for line in fields.replace('\\"', '"').split("\\r\\n") if line]
        made[name] = int(status), {field.lower(): value for field, _, value in lines}, sentence
    return made


class Answer:
    """status, words, fields (names in lower case), body, and head: the bytes up to the body."""

    def __init__(self, head, security):
        self.head = head
        assert head.count(b"\r") == head.count(b"\n") == head.count(b"\r\n"), "a bare CR or LF: %r" % head
        first, *lines = head.decode("ascii").split("\r\n")
        got = re.fullmatch(r"HTTP/1\.1 (\d{3}) ([A-Z][\w -]*)", first)
        assert got, "no status line: %r" % first
        self.status, self.words = int(got[1]), got[2]
        self.fields, self.body = {}, b""
        for line in lines:
            name, colon, value = line.partition(": ")
            name = name.lower()
            if name == "connection" and name in self.fields:
                value = self.fields.pop(name) + ", " + value  # a list
            assert colon and name not in self.fields, "a field that is wrong or stands twice: %r in %r" % (line, head)
            self.fields[name] = value
        for name, value in security.items():
            assert self.fields.get(name) == value, "%s of %d is %r" % (name, self.status, self.fields.get(name))
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", self.fields["date"]), self.fields["date"]

    def __repr__(self):
        return "<%d %r %r>" % (self.status, self.fields, self.body[:200])


class Http:
    """A connection of HTTP. source: its address; by default one of its own."""

    def __init__(self, port, source=None, tls=False, host="127.0.0.1", name=None, security=None):
        self.host = "%s:%d" % (name or host, port)
        self.rest, self.security = b"", SECURITY if security is None else security
        if host.startswith("/"):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(irc.WAIT)
            self.sock.connect(host)
            self.host = name or "localhost"
        else:
            self.sock = socket.create_connection((host, port), irc.WAIT, (source or fresh_address(), 0))
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.sock = transport.wrap(self.sock, tls, name)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.sock.close()

    def request(self, target="/", method="GET", version="1.1", body=None, **fields):
        """The bytes of a request. fields: Name_of_header=value; a value None takes a header away."""
        all_fields = {"Host": self.host}
        if body is not None:
            all_fields["Content-Length"] = str(len(body))
        all_fields.update({name.replace("_", "-"): value for name, value in fields.items()})
        lines = ["%s %s HTTP/%s" % (method, target, version)]
        lines += ["%s: %s" % field for field in all_fields.items() if field[1] is not None]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b"")

    def send(self, data):
        self.sock.sendall(data)

    def more(self):
        """False at the end."""
        try:
            got = self.sock.recv(65536)
        except (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
            got = b""
        self.rest += got
        return got != b""

    def read(self, method="GET"):
        """The next answer; None: the connection has ended instead."""
        while b"\r\n\r\n" not in self.rest:
            if not self.more():
                assert not self.rest, "half of an answer: %r" % self.rest
                return None
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        answer = Answer(head, self.security)
        if answer.status in (101, 304):
            assert "content-length" not in answer.fields
            return answer
        size = int(answer.fields["content-length"])
        while method != "HEAD" and len(self.rest) < size:
            assert self.more(), "a body of %d bytes instead of %d" % (len(self.rest), size)
        if method != "HEAD":
            answer.body, self.rest = self.rest[:size], self.rest[size:]
        return answer

    def ask(self, target="/", method="GET", **options):
        self.send(self.request(target, method, **options))
        return self.read(method)

    def has_ended(self):
        """Waits for the end; True if nothing came before it."""
        try:
            while not self.rest and self.more():
                pass
        except (TimeoutError, socket.timeout):
            return False
        return not self.rest

    def upgrade(self, **wishes):
        """Makes a WebSocket of the connection, as web_socket.upgrade."""
        return web_socket.upgrade(self.sock, wishes.pop("Host", self.host), **wishes)


class WebClient(irc.Client):
    """A client of IRC over a WebSocket; binary: with that subprotocol. wishes: as for web_socket.request."""

    def __init__(self, port, source=None, tls=False, binary=False, pong=True, host="127.0.0.1", name=None, **wishes):
        self.rest, self.lines, self.pong, self.closed = b"", [], pong, False
        http = Http(port, source, tls, host, name)
        wishes.setdefault("protocols", ("binary.ircv3.net" if binary else "text.ircv3.net",))
        self.sock = http.upgrade(**wishes)

    def close_code(self, timeout=irc.WAIT):
        """Reads to the end; the code of the close frame of the server, None without one, and the lines before it."""
        lines = self.wait_closed(timeout)
        return self.sock.closed[0] if self.sock.closed else None, lines


def server(extra="", roles=ALL, tls=False, more="", host="127.0.0.1", start=True, **options):
    """A server of irc.BASE over plain TCP, and a listener with web roles at web_port. Without an exemption: each
    client has an address of its own."""
    made = irc.Server(extra=extra, start=False, tls=False, **options)
    made.web_port = made.port + 1
    made.web_tls = tls
    if tls:
        irc.make_certificate(made.dir)
        more += " tls = true"
        extra = 'tls "irc.test.example" { certificate = "cert.pem"  key = "key.pem" }\n'
    with open(made.config, "a") as f:
        f.write(listen(made.web_port, *roles, host=host, more=more) + (extra if tls else ""))
    made.http = lambda *args, **wishes: Http(made.web_port, *args, **dict({"tls": tls}, **wishes))
    made.web = lambda nick=None, **wishes: web_client(made, nick, wishes)
    if start:
        try:
            made.start()
        except BaseException:
            made.close()
            raise
    return made


def web_client(made, nick, wishes):
    client = WebClient(made.web_port, **dict({"tls": made.web_tls}, **wishes))
    return client.register(nick) if nick else client


def whois(client, nick):
    client.send("WHOIS " + nick)
    lines = []
    while not lines or " 318 " not in lines[-1]:
        lines.append(client.line())
    return "\n".join(lines)


class SocketCase(unittest.TestCase):
    def refused(self, server, status, wishes, http=None):
        """The server answers this upgrade with the status; its fields and sentence are returned."""
        with http or server.http() as http, self.assertRaises(web_socket.Refused) as got:
            http.upgrade(**wishes)
        self.assertEqual(got.exception.status, status, wishes)
        for name, value in SECURITY.items():
            self.assertEqual(got.exception.head.get(name), value)
        return got.exception.head, got.exception.body.decode()

    def ended(self, client, code, pattern, timeout=irc.WAIT):
        """The server has said ERROR, and closed with the code."""
        got, lines = client.close_code(timeout)
        self.assertTrue(lines, "no line before the close frame (%s)" % got)
        self.assertRegex(lines[-1], "^ERROR :.*" + pattern)
        self.assertEqual(got, code, lines[-1])
