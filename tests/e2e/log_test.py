"""The log of a whole run: one event for each act, no name that is to be hidden, no secret.

usage: log_test.py BINARY [test…]
"""
import json
import os
import re
import socket
import struct
import unittest

import irc
import transport

SECRET, WRONG, KEY = "correct-horse", "hunter2", "swordfish"
PEOPLE = ["zebedee", "quagga", "yorick", "xanthe", "wombat", "127.0.0.", "198.51.100.", "2001:db8:77", "gossip"]
EVENTS = {"start", "connect", "registered", "exit", "oper", "oper-failed", "oper-refused", "oper-lockout", "oper-ended",
          "kill", "kline", "dline", "unkline", "override", "wallops", "strike", "refused", "rehash",
          "rehash-refused", "end", "line-in", "line-out"}
FREE = 'exempt "127.0.0.1" { from = { "connections", "throttle", "flood", "strikes", "bans" } }\n'


def numbers():
    """The keys that are numbers, as the server has them."""
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../include/base/log_keys.def")
    with open(source) as f:
        return set(re.findall(r'^KEY\(\w+,\s*"([^"]+)",\s*NUMBER\)', f.read(), re.M))


NUMBERS = numbers()


def events_of(log, json_format):
    """The events of each line, in order; every line must be whole."""
    if json_format:
        return [json.loads(line) for line in log.splitlines()]
    found = []
    for line in log.splitlines():
        assert re.match(r'\S+Z (error|warn|info|debug|trace) event=\S+( [\w.-]+=("([^"\\]|\\.)*"|[^\s"]*))*$', line), line
        found.append({k: v.strip('"') for k, v in re.findall(r'([\w.-]+)=("(?:[^"\\]|\\.)*"|\S*)', line)})
    return found


class Redaction(unittest.TestCase):
    def story(self, server):
        """Clients, refusals, strikes, bans, operators, reloads, the end."""
        with open(server.config) as f:
            good = f.read()
        zebedee = server.connect("zebedee")
        zebedee.oper("staff", SECRET)
        with server.connect("yorick", source="127.0.0.9") as yorick:
            for line in "OPER staff " + WRONG, "OPER %s staff" % WRONG, "OPER staff " + WRONG:
                yorick.send(line)
                yorick.expect(" 464 ")
            yorick.send("OPER staff " + SECRET)
            yorick.expect("OPER refused")
            yorick.send("JOIN #c " + KEY, "MODE #c +k " + KEY)
            yorick.expect(" MODE #c ")
            zebedee.send("SAMODE #c -k+k %s %s" % (KEY, KEY), "SAMODE #c +b quagga!*@198.51.100.9")
            zebedee.expect(r" MODE #c \+b ")
            zebedee.send("KILL yorick :gossip of Xanthe at 127.0.0.9")
            yorick.wait_closed()
        zebedee.send("KLINE 1h *@127.0.0.10 :gossip|by xanthe", "KLINE 1h xanthe@2001:db8:77::/48 :x",
                     "KLINE 1h quag*!*@198.51.100.7 :x", "KLINE 1h x@[127.0.0.1 :x", "UNKLINE *@2001:db8:77::/48",
                     "UNKLINE quag*!*@198.51.100.7", "DLINE 1h 127.0.0.11 :127.0.0.11 is wombat",
                     "WALLOPS :wombat is xanthe", "PING done")
        zebedee.expect(" PONG .*done")
        for source in "127.0.0.10", "127.0.0.11":
            with server.connect(source=source) as banned:
                try:
                    banned.send("NICK wombat", "USER wombat 0 * :x")
                except OSError:
                    pass
                banned.wait_closed()
        with server.connect("xanthe", source="127.0.0.12") as xanthe:
            xanthe.send(*["PRIVMSG xanthe :gossip"] * 200)
            xanthe.expect("Strike 1 of 5")
        server.write_config(good + 'exempt "198.51.100.7/33" { from = { "bans" } }\n'
                            'oper "x" { password = "%s"  hosts = { "quagga@@127.0.0.9" } }\n' % WRONG)
        zebedee.send("REHASH")
        zebedee.expect("REHASH refused")
        server.write_config(good)
        zebedee.send("REHASH")
        zebedee.expect("REHASH: the new configuration is in force")
        zebedee.send("MODE zebedee -o")
        zebedee.expect(" MODE zebedee ")
        self.assertEqual(server.stop(), 0)

    def run_story(self, redact, form):
        server = irc.Server(log='level = "trace"  format = "%s"  redact = "%s"  file = "the.log"' % (form, redact),
                            extra=FREE + irc.oper_block("staff", SECRET))
        with server:
            self.story(server)
            log = server.read("the.log")
        events = events_of(log, form == "json")
        self.assertEqual(EVENTS - {e["event"] for e in events}, set())
        for e in events if form == "json" else ():
            for key, value in e.items():
                self.assertIs(type(value), int if key in NUMBERS else str, (e["event"], key, value))
        for secret in SECRET, WRONG, KEY, "$argon2id$":
            self.assertNotIn(secret, log)
        # What the server listens on is not about people.
        return events, re.sub(r'listen"?[=:]"?127\.0\.0\.1:\d+', "", log)

    def test_a_redacted_log_names_no_client(self):
        for redact in "hash", "full":
            for form in "text", "json":
                with self.subTest(redact=redact, form=form):
                    events, log = self.run_story(redact, form)
                    for word in PEOPLE:
                        self.assertNotIn(word, log.lower())
                    token = "<redacted>" if redact == "full" else r"<[0-9a-f]{12}>"
                    for e in events:
                        if e["event"] == "registered":
                            self.assertRegex(e["client"], "^{0}!{0}@{0}$".format(token))

    def test_the_open_log_has_them(self):
        for form in "text", "json":
            _, log = self.run_story("none", form)
            for word in PEOPLE:
                self.assertIn(word, log.lower())

    def test_one_address_is_one_token_in_a_run_and_another_in_the_next(self):
        tokens = []
        for _ in range(2):
            events, _log = self.run_story("hash", "json")
            killed = [e["host"] for e in events if e["event"] == "kill"]
            self.assertIn(killed[0], [e["host"] for e in events if e["event"] == "connect"])
            self.assertEqual(killed[0], [e["host"] for e in events if e["event"] == "oper-lockout"][0])
            failed = [e["client"] for e in events if e["event"] == "oper-failed"]
            self.assertEqual({c.rpartition("@")[2] for c in failed}, set(killed))
            tokens += killed
        self.assertNotEqual(*tokens)

    def test_rehash_applies_it(self):
        with irc.Server(log='level = "debug"', extra=FREE) as server:
            server.connect("zebedee").close()
            server.wait_log("event=registered client=zebedee!user@127.0.0.1")
            with open(server.config) as f:
                good = f.read()
            for mode, pattern in ("full", "<redacted>!<redacted>@<redacted>"), ("none", "quagga!user@127.0.0.1"):
                server.write_config(good.replace("log {", 'log { redact = "%s" ' % mode))
                server.send_signal(irc.signal.SIGHUP)
                irc.wait_until(lambda: server.log().count("event=rehash ") == (1 if mode == "full" else 2))
                server.connect("quagga").close()
                server.wait_log("event=registered client=%s\n" % pattern)

    def test_a_wrong_word_is_refused(self):
        server = irc.Server(log='redact = "some"', start=False)
        with server:
            done = irc.run("-c", server.config, "-t")
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, r':\d+: log\.redact: "some" is not none, hash or full')


def reset(client):
    """Closes the connection with a RST, as a broken network does."""
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


class WhyWasBobDisconnected(unittest.TestCase):
    """Of each client that the server has ended, one grep of the log at its default level finds the cause."""

    def why(self, server, nick, **wanted):
        pattern = r"event=exit client=%s!\S*@\S+ .*cause=%s" % (re.escape(nick), wanted["cause"])
        server.wait_log(pattern, timeout=20)
        found = [e for e in events_of(server.log(), False) if e["event"] == "exit" and e["client"].startswith(nick + "!")]
        self.assertEqual(len(found), 1, found)
        for key, value in wanted.items():
            self.assertEqual(found[0].get(key), value, found)

    @transport.over_stream("a line without an end is no message")
    def test_one_grep_finds_each_cause(self):
        limits = 'limits { ping_every = "5s"  ping_timeout = "5s"  registration_timeout = "3s" }\n'
        free = 'exempt "127.0.0.1" { from = { "connections", "throttle", "strikes" } }\n'
        with irc.Server(extra=free + limits + irc.oper_block()) as server:
            ann = server.connect("ann")
            ann.oper()
            idle = server.connect("idle", pong=False)
            bob = server.connect("bob", source="127.0.0.9")
            for nick, source, line in (("bob2", "127.0.0.1", "KILL bob2 :gossip"),
                                       ("bob3", "127.0.0.10", "KLINE 1h *@127.0.0.10 :spam"),
                                       ("bob4", "127.0.0.11", "DLINE 1h 127.0.0.11 :spam")):
                with server.connect(nick, source=source) as client:
                    ann.send(line)
                    client.wait_closed()
            self.why(server, "bob2", cause="kill", by="alice", reason="Killed (ann (gossip))", host="127.0.0.1")
            self.why(server, "bob3", cause="kline", mask="*@127.0.0.10")
            self.why(server, "bob4", cause="dline", mask="127.0.0.11")
            with server.connect(source="127.0.0.10") as banned:
                banned.send("NICK bob5", "USER bob5 0 * :x")
                banned.wait_closed()
            self.why(server, "bob5", cause="banned", mask="*@127.0.0.10")
            reset(bob)
            self.why(server, "bob", cause="connection-error", reason="Read error: Connection reset by peer")
            with server.connect() as http:
                http.send("GET / HTTP/1.1")
                http.wait_closed()
                server.wait_log(r"event=exit .*cause=http ")
            with server.connect("flood", source="127.0.0.12") as flood:
                flood.raw(b"x" * 100000)
                flood.wait_closed()
            self.why(server, "flood", cause="flood", reason="Excess Flood")
            with server.connect() as slow:
                slow.send("NICK slow")
                slow.wait_closed()
            ann.send("PING x")  # so that it is not pinged while idle is waited for
            self.why(server, "slow", cause="registration-timeout", reason="Registration timed out")
            self.why(server, "idle", cause="ping-timeout", reason="Ping timeout: 5 seconds")
            idle.close()
            server.connect("gone").send("QUIT :bye")
            ann.send("PING y")
            ann.expect(" PONG .*y")
            self.assertEqual(server.stop(), 0)
            self.why(server, "ann", cause="shutdown")
            self.assertNotIn("cause=quit", server.log())


if __name__ == "__main__":
    irc.main()
