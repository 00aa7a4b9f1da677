#!/usr/bin/env python3
"""What a server answers over HTTP of itself: the page with the lines of clients, its files, /config.json and
/health."""
import glob
import gzip
import json
import os
import re
import signal
import subprocess
import time
import unittest

import irc
import web

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../src/web")
EXPIRED = "a certificate in use has expired\n"
STOOD_STILL = "the event loop stood still for more than 5 s\n"


def read_file(name):
    with open(os.path.join(FOLDER, name), "rb") as f:
        return f.read()


def make_old_certificate(directory, seconds):
    """One that was made a day ago, and ends in some seconds."""
    library = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    assert library, "libfaketime is not installed: make deps-check"
    subprocess.run(["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "1",
                    "-keyout", os.path.join(directory, "key.pem"), "-out", os.path.join(directory, "cert.pem"),
                    "-subj", "/CN=irc.test.example", "-addext", "subjectAltName=DNS:irc.test.example"],
                   check=True, capture_output=True,
                   env=dict(os.environ, LD_PRELOAD=library[0], FAKETIME="-%ds" % (86400 - seconds)))


class Pages(unittest.TestCase):
    def begin(self, **options):
        self.server = web.server(**options)
        self.addCleanup(self.server.close)
        return self.server

    def ask(self, target, method="GET", **fields):
        with self.server.http() as http:
            return http.ask(target, method, **fields)

    def test_the_page_has_the_lines_of_this_server(self):
        server = self.begin()
        page = self.ask("/")
        text = page.body.decode()
        self.assertEqual(page.fields["content-type"], "text/html; charset=utf-8")
        for line in ("/connect 127.0.0.1 %d", "/server add test 127.0.0.1/%d -notls", "/server 127.0.0.1 %d"):
            self.assertIn("<code>%s</code>" % (line % server.port), text)
        self.assertIn("<code>ws://127.0.0.1:%d/irc</code>" % server.web_port, text)
        self.assertIn("<title>Test</title>", text)
        for name in re.findall(r'(?:src|href)="(.*?)"', text):
            self.assertEqual(self.ask("/" + name).status, 200, name)
        self.assertEqual(self.ask("/index.html").status, 404)

    def test_files_are_those_of_the_source_in_both_forms(self):
        self.begin()
        for name in sorted(set(os.listdir(FOLDER)) - {"index.html"}):
            plain, packed = self.ask("/" + name), self.ask("/" + name, Accept_Encoding="gzip, br")
            self.assertEqual(plain.body, read_file(name))
            self.assertEqual(gzip.decompress(packed.body), plain.body)
            self.assertEqual(packed.fields["content-encoding"], "gzip")
            self.assertNotIn("content-encoding", plain.fields)
            self.assertNotEqual(plain.fields["etag"], packed.fields["etag"])
            for answer, coding in (plain, "identity"), (packed, "gzip"):
                self.assertEqual((answer.fields["vary"], answer.fields["cache-control"]), ("Accept-Encoding", "no-cache"))
                head = self.ask("/" + name, "HEAD", Accept_Encoding=coding)
                same = {field: value for field, value in head.fields.items() if field != "date"}
                self.assertEqual(same, {field: value for field, value in answer.fields.items() if field != "date"})
                again = self.ask("/" + name, Accept_Encoding=coding, If_None_Match=answer.fields["etag"])
                self.assertEqual((again.status, again.fields["etag"], again.fields["vary"]),
                                 (304, answer.fields["etag"], "Accept-Encoding"))

    def test_config_json_is_that_in_force(self):
        server = self.begin(server="cloak = true")
        first = self.ask("/config.json")
        self.assertEqual(first.fields["content-type"], "application/json")
        self.assertEqual(json.loads(first.body), {
            "title": "Test", "network": "Test", "server": "irc.test.example",
            "version": json.loads(first.body)["version"], "channels": ["#lobby"], "websocket": "irc", "nick_length": 30,
            "ping_seconds": 45, "accounts": False, "history": False})
        tag = first.fields["etag"]
        self.assertEqual(self.ask("/config.json", If_None_Match=tag).status, 304)
        with open(server.config, "a") as f:
            f.write('web { title = "The \\"chat\\""  channels = { "#a", "#b" } }\n')
        server.send_signal(signal.SIGHUP)
        server.wait_log("event=rehash")
        second = self.ask("/config.json", If_None_Match=tag)
        self.assertEqual(second.status, 200)
        got = json.loads(second.body)
        self.assertEqual((got["title"], got["channels"]), ('The "chat"', ["#a", "#b"]))
        self.assertIn("<title>The &quot;chat&quot;</title>", self.ask("/").body.decode())


class Health(unittest.TestCase):
    def begin(self, **options):
        self.server = web.server(**options)
        self.addCleanup(self.server.close)
        return self.server

    def health(self, target="/health"):
        with self.server.http() as http:
            answer = http.ask(target)
            head = http.ask(target, "HEAD")
        self.assertEqual((head.status, head.fields["content-length"]), (answer.status, answer.fields["content-length"]))
        self.assertEqual((answer.fields["content-type"], answer.fields["cache-control"]), ("text/plain; charset=utf-8", "no-store"))
        return answer.status, answer.body.decode()

    def test_a_server_is_ready_and_well(self):
        self.begin()
        for target in "/health", "/health?ready", "/health?other=1":
            self.assertEqual(self.health(target), (200, "ok\n"))

    def test_a_server_that_stood_still_says_so_for_five_seconds(self):
        server = self.begin()
        server.send_signal(signal.SIGSTOP)
        time.sleep(6.2)  # it has a turn each second
        server.send_signal(signal.SIGCONT)
        self.assertEqual(self.health(), (503, STOOD_STILL))
        irc.wait_until(lambda: self.health() == (200, "ok\n"), 8, "ok")

    def test_an_expired_certificate_is_a_cause(self):
        server = self.begin(tls=True, start=False)
        make_old_certificate(server.dir, 4)
        server.start()
        self.assertEqual(self.health(), (200, "ok\n"))
        irc.wait_until(lambda: self.health() == (503, EXPIRED), what="the end of the certificate")
        irc.make_certificate(server.dir)
        server.send_signal(signal.SIGHUP)
        irc.wait_until(lambda: self.health() == (200, "ok\n"), what="ok")


if __name__ == "__main__":
    irc.main()
