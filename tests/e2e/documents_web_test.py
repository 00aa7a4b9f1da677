"""What OPERATING.md, METRICS.md and API.md say of web listeners, as it is written there: the files for nginx, haproxy and Prometheus
are given to these programs, those of web clients are used as the clients use them, and the commands are run.

usage: documents_web_test.py BINARY [test…]
"""
import functools
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request

import documents
import irc
import programs
import web_socket
from tls_facts_test import sign_certificate

NAME = "chat.example.org"
GUIDE = "contrib/OPERATING.md"
# What Debian has around a file of /etc/nginx/conf.d, but for paths and the user.
NGINX = """
daemon off;
pid nginx.pid;
error_log stderr;
worker_processes 1;
{user}
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    include {front};
}}
"""


def fence(word, section, document=GUIDE):
    found = [each for each in documents.fences(document, word) if each.section == section]
    assert len(found) == 1, "%d fences %r in %r" % (len(found), word, section)
    return found[0].text


def make_files(directory):
    """The certificate of NAME in the files that certbot makes."""
    sign_certificate(directory, NAME)
    os.rename(directory + "/cert.pem", directory + "/fullchain.pem")
    os.rename(directory + "/key.pem", directory + "/privkey.pem")


class Front:
    """The server with the configuration of a section of the document, behind the program whose file the section has."""

    def __init__(self, program, section):
        self.port, self.behind = irc.free_port(), irc.free_port()
        extra = fence("conf", section).replace(":8067", ":%d" % self.behind)
        self.server = irc.Server(extra=extra + irc.oper_block() + irc.EXEMPT.replace("127.0.0.0/8", "127.0.0.5"))
        make_files(self.server.dir)
        with open(self.server.path(NAME + ".pem"), "w") as f:
            f.write(self.server.read("fullchain.pem") + self.server.read("privkey.pem"))
        text = fence(program, section).replace("127.0.0.1:8067", "127.0.0.1:%d" % self.behind)
        text = re.sub(r"/etc/(letsencrypt/live/%s|haproxy)/" % NAME, self.server.dir + "/", text)
        text = re.sub(r"(listen|bind) \[::\]:443", r"\1 [::1]:%d" % self.port, text)
        text = re.sub(r"(listen|bind) (\*)?:?443", r"\1 127.0.0.1:%d" % self.port, text)
        assert "443" not in text and "/etc/" not in text, text
        self.server.front = self.server.path("front.conf")
        with open(self.server.front, "w") as f:
            f.write(text)
        with open(self.server.path("nginx.conf"), "w") as f:
            f.write(NGINX.format(user="user root;" if os.geteuid() == 0 else "", front=self.server.front))
        start, path = {"nginx": (programs.nginx, self.server.path("nginx.conf")),
                       "haproxy": (programs.haproxy, self.server.front)}[program]
        try:
            self.program = start(self.server.dir, path, [self.port])
        except BaseException:
            self.server.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.program.close()
        self.server.close()

    def socket(self, source):
        plain = socket.create_connection(("127.0.0.1", self.port), irc.WAIT, (source, 0))
        return irc.tls_context().wrap_socket(plain, server_hostname=NAME)

    def get(self, path, source="127.0.0.7", **fields):
        """(status, body) of an answer to a browser."""
        connection = http.client.HTTPConnection(NAME)
        connection.sock = self.socket(source)
        try:
            connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in fields.items()})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def upgrade(self, source="127.0.0.7", **wishes):
        """A client of IRC over a WebSocket, as a page of the server makes it."""
        client = irc.Client.__new__(irc.Client)
        client.rest, client.lines, client.pong, client.closed = b"", [], True, False
        client.sock = web_socket.upgrade(self.socket(source), NAME, **dict({"Origin": "https://" + NAME}, **wishes))
        return client


FRONTS = (("nginx", "Behind nginx"), ("haproxy", "Behind haproxy"))


def behind_each(test):
    """Of a test that gets a Front; it runs behind each program."""
    @functools.wraps(test)
    def run(self):
        for program, section in FRONTS:
            with self.subTest(program), Front(program, section) as front:
                test(self, front)
    return run


class Proxies(unittest.TestCase):
    @behind_each
    def test_users_have_their_own_address_and_tls(self, front):
        with front.server.connect("alice", source="127.0.0.5") as alice:
            alice.oper()
            for n in range(7, 10):
                with front.upgrade("127.0.0.%d" % n, X_Forwarded_For="192.0.2.%d" % n) as client:
                    client.send("NICK n%d" % n, "USER u 0 * :x")
                    client.expect(r" 001 n%d .*!u@127\.0\.0\.%d$" % (n, n))
                    alice.send("WHOIS n%d" % n)
                    alice.expect(r" 671 alice n%d " % n)

    @behind_each
    def test_pages_of_other_servers_may_not_connect(self, front):
        with self.assertRaises(web_socket.Refused) as refused:
            front.upgrade(Origin="https://evil.example")
        self.assertEqual(refused.exception.status, 403)

    @behind_each
    def test_paths_that_are_not_served_are_not_there(self, front):
        for path in "/metrics", "/api/v1/status", "/admin":
            self.assertEqual(front.get(path)[0], 404)
        self.assertEqual(front.get("/config.json")[0], 200)

    @behind_each
    def test_a_dline_is_told_to_the_page_and_to_the_client(self, front):
        with front.server.connect("alice", source="127.0.0.5") as alice:
            alice.oper()
            alice.send("DLINE 127.0.0.9 :go away")
            alice.expect("saved")
            status, body = front.get("/config.json", "127.0.0.9")
            self.assertEqual(status, 403)
            self.assertIn("go away", body)
            self.assertEqual(front.get("/config.json", "127.0.0.8")[0], 200)
            with front.upgrade("127.0.0.9") as client:
                self.assertRegex(client.wait_closed()[-1], r"^ERROR :.*go away")
                self.assertEqual(client.sock.closed[0], 1008)

    def test_the_health_check_of_haproxy_finds_the_server(self):
        with Front(*FRONTS[1]) as front:
            self.assertEqual(front.get("/health"), (200, "ok\n"))
            self.assertNotIn("DOWN", front.program.said())


class Commands(unittest.TestCase):
    """The fences `sh web`, for a server that has the listener of its built-in configuration, and the oper block of API.md."""

    def test_each_gets_its_answer(self):
        directory = tempfile.mkdtemp(prefix="ircd-test-")
        self.addCleanup(shutil.rmtree, directory)
        os.symlink(irc.BINARY, os.path.join(directory, "ircd"))
        token, secret = irc.run("--make-token").stdout.split()
        web = irc.free_port()
        listener = fence("conf", "Web listeners").replace("8067", str(web))
        block = fence("conf", "Tokens", "contrib/API.md").partition("\n")[2].replace("sha256:...", secret)
        ran = 0
        with irc.Server(extra=listener + block + irc.EXEMPT):
            for document in documents.DOCUMENTS:
                for each in documents.fences(document, "sh web"):
                    text = each.text.replace("127.0.0.1:8067", "127.0.0.1:%d" % web)
                    done = subprocess.run(["sh", "-ec", text], cwd=directory, timeout=60, capture_output=True, text=True,
                                          stdin=subprocess.DEVNULL, env=dict(os.environ, TOKEN=token, PATH=directory + ":" + os.environ["PATH"]))
                    self.assertEqual(done.returncode, 0, "%s:%d\n%s%s%s" % (*each[:2], text, done.stdout, done.stderr))
                    ran += 1
        self.assertGreater(ran, 0)


class WebClients(unittest.TestCase):
    """The fences `json`: each web client connects as its source does it, without a subprotocol."""

    def connect(self, server, url, origin):
        port = server.web
        client = irc.Client.__new__(irc.Client)
        client.rest, client.lines, client.pong, client.closed = b"", [], True, False
        plain = socket.create_connection(("127.0.0.1", port), irc.WAIT)
        secure = irc.tls_context().wrap_socket(plain, server_hostname=url.hostname)
        client.sock = web_socket.upgrade(secure, url.netloc, path=url.path, protocols=(), Origin=origin)
        return client

    def test_each_registers(self):
        text = fence("conf", "Web clients of other sites")
        origin = re.search(r'origins = \{ "([^"]+)"', text)[1]
        found = [json.loads(each.text) for each in documents.fences(GUIDE, "json")]
        gamja, = [each["server"]["url"] for each in found if "server" in each]
        kiwi, = [each["startupOptions"] for each in found if "startupOptions" in each]
        self.assertIs(kiwi["direct"], True)
        urls = [gamja, "%s://%s:%d%s" % ("wss" if kiwi["tls"] else "ws", kiwi["server"], kiwi["port"], kiwi["direct_path"])]
        web = irc.free_port()
        text = text.replace("0.0.0.0:8443", "127.0.0.1:%d" % web).replace("web    {", 'web { hosts = { "%s" } ' % NAME)
        with irc.Server(extra=text + irc.EXEMPT, start=False) as server:
            server.web = web
            os.makedirs(server.path("tls/" + NAME))
            make_files(server.path("tls/" + NAME))
            server.start()
            for n, url in enumerate(urls):
                with self.connect(server, urllib.parse.urlsplit(url), origin) as client:
                    client.send("NICK n%d" % n, "USER u 0 * :x")
                    client.expect(r" 001 n%d " % n)
                with self.assertRaises(web_socket.Refused):
                    self.connect(server, urllib.parse.urlsplit(url), "https://evil.example")


class Prometheus(unittest.TestCase):
    def test_it_reads_the_metrics_of_the_server(self):
        directory = tempfile.mkdtemp(prefix="ircd-test-")
        self.addCleanup(shutil.rmtree, directory)
        web, own = irc.free_port(), irc.free_port()
        text = "global: {scrape_interval: 1s}\n" + fence(
            "prometheus", "How Prometheus reads them", "contrib/METRICS.md").replace("127.0.0.1:8067", "127.0.0.1:%d" % web)
        with open(directory + "/prometheus.yml", "w") as f:
            f.write(text)
        done = subprocess.run(["promtool", "check", "config", "prometheus.yml"], cwd=directory, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        listener = fence("conf", "Web listeners").replace("8067", str(web))
        with irc.Server(extra=listener + irc.EXEMPT) as server, server.connect("ann"), server.connect("bob"):
            program = programs.prometheus(directory, "prometheus.yml", own)
            self.addCleanup(program.close)
            query = "http://127.0.0.1:%d/api/v1/query?query=" % own + urllib.parse.quote('ircd_clients{state="registered",job="ircd"}')

            def value():
                with urllib.request.urlopen(query, timeout=irc.WAIT) as answer:
                    result = json.load(answer)["data"]["result"]
                return result and result[0]["value"][1]
            self.assertEqual(irc.wait_until(value, 30, program.said), "2")


if __name__ == "__main__":
    irc.main()
