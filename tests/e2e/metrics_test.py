#!/usr/bin/env python3
"""/metrics of a live server: a scripted session changes each figure by exactly what it did, and 100,000 bans cost a
scrape no time."""
import re
import shutil
import subprocess
import time
import unittest

import irc
import web

OPEN = 'limits { connect_rate = "1000/1s" }\n'
# What a machine decides, not the session.
VARYING = re.compile(r"ircd_(bytes|turn|store_save|sendq_bytes|store_pending)|process_")
BANS = 100000


def scrape(server, source):
    """{series: value} of all samples."""
    with server.http(source) as http:
        answer = http.ask("/metrics")
    assert answer.status == 200, answer
    return dict((name, float(value)) for name, value in re.findall(r"(?m)^([^#\s]\S*?(?:\{.*\})?) (\S+)$", answer.body.decode()))


def series(name, *labels):
    return "ircd_" + name + ("{%s}" % ",".join('%s="%s"' % pair for pair in zip(labels[::2], labels[1::2])) if labels else "")


def settle(client, token):
    """All that the client has sent was answered."""
    client.silent("no such line", token)


class ScriptedSession(unittest.TestCase):
    def setUp(self):
        self.server = web.server(extra=irc.oper_block() + OPEN)
        self.addCleanup(self.server.close)

    def person(self, nick, source):
        client = self.server.connect(source=source)
        self.addCleanup(client.close)
        return client.register(nick)

    def join(self, client, *others):
        client.send("JOIN #a")
        client.expect(" 366 ")
        for other in others:
            other.expect(" JOIN ")

    def refuse_connection(self, source):
        with self.server.connect(source=source) as client:
            client.expect("ERROR .*banned|ERROR .*D-lined|ERROR")
            client.wait_closed()

    def play(self, alice, listener):
        """Returns by how much each series changes."""
        web_listener = "127.0.0.1:%d" % self.server.web_port
        ann, bob = self.person("ann", "127.0.1.2"), self.person("bob", "127.0.1.3")
        eve = self.server.web("eve", source="127.0.1.4")
        self.addCleanup(eve.close)
        self.join(ann)                           # delivered to 1
        self.join(bob, ann)                      # to 2
        self.join(eve, ann, bob)                 # to 3
        ann.send("PRIVMSG #a :hello")            # to 2
        ann.send("PRIVMSG bob :hi", "FLY")       # to 1
        ann.expect(" 421 .*FLY")
        bob.expect(" :hi")
        eve.expect(" :hello")
        alice.send("STRIKE ann 2 :two")
        ann.expect("(?i)strike")
        alice.send("KLINE 10m *@127.0.1.3 :out")  # the QUIT of bob is delivered to 2
        bob.expect("ERROR")
        bob.wait_closed()
        alice.send("DLINE 10m 127.0.1.9 :out")
        alice.expect("127.0.1.9")
        self.refuse_connection("127.0.1.9")
        alice.send("KILL ann :bye")               # to ann, and its QUIT to 1
        ann.expect("ERROR")
        ann.wait_closed()
        eve.expect(r":ann!\S+ QUIT")
        settle(alice, "end")
        with self.server.http("127.0.1.20") as http:
            self.assertEqual(http.ask("/health").status, 200)
            self.assertEqual(http.ask("/health?ready", "HEAD").status, 200)
            tag = http.ask("/").fields["etag"]
            self.assertEqual(http.ask("/", If_None_Match=tag).status, 304)
            self.assertEqual(http.ask("/config.json").status, 200)
            self.assertEqual(http.ask("/style.css").status, 200)
            self.assertEqual(http.ask("/nothing").status, 404)
            self.assertEqual(http.ask("/health", "POST").status, 405)
        with self.server.http("127.0.1.21") as http:
            http.send(b"BREW / HTTP/1.1\r\n\r\n")
            self.assertEqual(http.read().status, 501)
        return {
            series("clients", "state", "registered"): 1,
            series("clients_by_transport", "transport", "ws"): 1,
            series("channels"): 1,
            series("memberships"): 1,
            series("connections_total", "listener", listener): 2,
            series("connections_total", "listener", web_listener): 1,
            series("refusals_total", "reason", "dline"): 1,
            series("refusals_total", "reason", "http"): 2,
            series("commands_total", "command", "NICK"): 3,
            series("commands_total", "command", "USER"): 3,
            series("commands_total", "command", "JOIN"): 3,
            series("commands_total", "command", "PRIVMSG"): 2,
            series("commands_total", "command", "STRIKE"): 1,
            series("commands_total", "command", "KLINE"): 1,
            series("commands_total", "command", "DLINE"): 1,
            series("commands_total", "command", "KILL"): 1,
            series("commands_total", "command", "PING"): 1,
            series("commands_total", "command", "other"): 1,
            series("lines_total", "verdict", "run"): 17,
            series("deliveries_total"): 13,
            series("messages_total", "kind", "channel"): 1,
            series("messages_total", "kind", "private"): 1,
            series("strikes_total", "cause", "oper"): 2,
            series("bans", "kind", "kline"): 1,
            series("bans", "kind", "dline"): 1,
            series("bans_set_total", "kind", "kline", "by", "oper"): 1,
            series("bans_set_total", "kind", "dline", "by", "oper"): 1,
            series("bans_hit_total", "kind", "kline"): 1,
            series("bans_hit_total", "kind", "dline"): 1,
            series("kills_total", "cause", "oper"): 1,
            series("kills_total", "cause", "ban"): 1,
            series("http_requests_total", "route", "health", "code", "200"): 2,
            series("http_requests_total", "route", "root", "code", "200"): 1,
            series("http_requests_total", "route", "root", "code", "304"): 1,
            series("http_requests_total", "route", "config", "code", "200"): 1,
            series("http_requests_total", "route", "file", "code", "200"): 1,
            series("http_requests_total", "route", "file", "code", "404"): 1,
            series("http_requests_total", "route", "irc", "code", "101"): 1,
            series("http_requests_total", "route", "refused", "code", "405"): 1,
            series("http_requests_total", "route", "refused", "code", "501"): 1,
            series("http_requests_total", "route", "metrics", "code", "200"): 1,
        }

    def test_each_figure_changes_by_what_the_session_did(self):
        alice = self.person("alice", "127.0.1.1").oper()
        settle(alice, "begin")
        before = scrape(self.server, "127.0.1.20")
        wanted = self.play(alice, "127.0.0.1:%d" % self.server.port)
        after = scrape(self.server, "127.0.1.20")
        changed = {name: value - before.get(name, 0) for name, value in after.items()
                   if value != before.get(name, 0) and not VARYING.match(name)}
        for name in ("ircd_hosts_known", "ircd_hosts_struck", "ircd_store_records"):
            changed.pop(name, None)  # asserted by the unit suite metrics, with a clock of its own
        wrong = ["%s: %g, not %g" % (name, changed.get(name, 0), wanted.get(name, 0)) for name in changed.keys() | wanted.keys()
                 if changed.get(name, 0) != wanted.get(name, 0)]
        self.assertEqual(sorted(wrong), [])
        self.assertEqual(before.keys() - after.keys(), set())

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not there")
    def test_promtool_has_no_complaint_about_a_live_server(self):
        self.person("ann", "127.0.1.2")
        with self.server.http() as http:
            text = http.ask("/metrics").body
        said = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=irc.WAIT)
        self.assertEqual((said.returncode, said.stdout, said.stderr), (0, b"", b""))


class ManyBans(unittest.TestCase):
    def time_scrape(self, server):
        """The shortest time of 15 scrapes, in seconds, and the text of the last."""
        took = []
        with server.http() as http:
            for _ in range(15):
                begun = time.monotonic()
                answer = http.ask("/metrics")
                took.append(time.monotonic() - begun)
        return min(took), answer.body.decode()

    def test_a_hundred_thousand_bans_cost_a_scrape_no_time(self):
        lines = "".join("KLINE *@10.%d.%d.%d set=2026-01-02T03:04:05.006Z until=never by=bob auto=no :many\n" %
                        (i >> 16, i >> 8 & 255, i & 255) for i in range(BANS))
        with web.server() as server:
            none, text = self.time_scrape(server)
            self.assertIn('\nircd_bans{kind="kline"} 0\n', text)
            server.stop()
            said = irc.run("-c", server.config, "--load-bans", "-", input=lines, cwd=server.dir, timeout=60)
            self.assertEqual(said.returncode, 0, said.stderr[-2000:])
            server.start(timeout=30)
            many, text = self.time_scrape(server)
            self.assertIn('\nircd_bans{kind="kline"} %d\n' % BANS, text)
        self.assertTrue(many < 0.005 or many < 3 * none, "%.2f ms, and without bans %.2f ms" % (many * 1000, none * 1000))


if __name__ == "__main__":
    irc.main()
