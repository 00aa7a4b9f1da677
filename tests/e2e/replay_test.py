"""log.journal and --replay: a real server's inputs, played again, give the same bytes."""
import glob
import os
import re
import resource
import signal
import stat
import struct
import unittest

import irc

HEADER = 8


def journal_of(server):
    files = glob.glob(server.path("j-*.journal"))
    assert len(files) == 1, files
    return files[0]


def turns_of(path):
    """The offset and the entries (kind, cid, bytes) of each turn."""
    with open(path, "rb") as f:
        data = f.read()
    at, turns = HEADER, []
    while at < len(data):
        n, = struct.unpack_from("<I", data, at)
        entries, e, end = [], at + 28, at + 4 + n - 8
        while e < end:
            kind, cid, size = struct.unpack_from("<BQI", data, e)
            entries.append((kind & 0x7f, cid, data[e + 13:e + 13 + size]))
            e += 13 + size
        turns.append((at, entries))
        at += 4 + n
    return turns


def hash_in(path):
    """The hash of all its output that the server writes at its end: the last entry but one."""
    (_, _, out), (_, _, rest) = turns_of(path)[-1][1][-2:]
    assert rest == b""
    return "%016x" % struct.unpack("<QQ", out)[0]


def replay(path, code=0):
    got = irc.run("--replay", path, timeout=120)
    assert got.returncode == code, (got.returncode, got.stdout, got.stderr)
    return dict(re.findall(r"^(\w+) +(.*)$", got.stdout, re.M)) if code == 0 else got.stderr


def live(server):
    """Some minutes of a channel, in a second: talk, an operator, a REHASH, a kick, a kill, a refusal."""
    with server.connect("alice") as a, server.connect("bob") as b, server.connect("carol") as c:
        for client in a, b, c:
            client.send("JOIN #x")
            client.expect(" 366 ")
        a.send("CAP REQ :labeled-response message-tags batch", "PRIVMSG #x :hello", "@label=7 WHO #x")
        a.expect("label=7")
        b.expect("PRIVMSG #x :hello")
        b.raw(b"PRIVMSG #x :one line in")
        c.send("PING 1")
        c.expect("PONG")
        b.raw(b" two pieces\r\n")
        a.expect("one line in two pieces")
        a.oper()
        a.send("OPER alice wrong", "KLINE 60 *@192.0.2.9 :spam", "STATS z", "STATS k")
        a.expect(" 464 ")
        a.expect(" 219 .* k ")
        with open(server.config) as f:
            text = f.read()
        server.write_config(text + "\nlimits { topic_length = 99 }\n")
        a.send("REHASH")
        a.expect("in force")
        server.write_config(text + "\nlimits { nonsense = 1 }\n")
        a.send("REHASH")
        a.expect("nonsense")
        server.send_signal(signal.SIGHUP)
        server.wait_log("by=signal.*nonsense")
        server.write_config(text)
        a.send("TOPIC #x :a topic", "MODE #x +b *!*@bad", "KICK #x carol :out", "KILL carol :enough")
        c.wait_closed()
        b.send("QUIT :bye")
        b.wait_closed()
    with server.connect("dave") as d:
        d.send("WHOWAS bob", "LIST", "LUSERS", "VERSION", "STATS z")
        d.expect(" 219 ")


def limit_files():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300000, 300000))


class Journal(unittest.TestCase):
    def record(self, use=live, extra=""):
        server = irc.Server(log='journal = "j"', extra=irc.EXEMPT + irc.oper_block() + extra)
        self.addCleanup(server.close)
        use(server)
        return server

    def test_the_same_bytes_are_said_again(self):
        server = self.record()
        self.assertEqual(server.stop(), 0)
        path = journal_of(server)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        got = replay(path)
        self.assertEqual(got["hash"], hash_in(path))
        self.assertEqual(got["ended"], "in order")
        self.assertEqual(got["journal"], "%d bytes" % os.path.getsize(path))
        self.assertGreater(int(got["inputs"]), 10)
        server.wait_log("event=journal file=")

    def test_bans_of_the_database_are_in_the_journal(self):
        server = self.record()
        server.stop()
        os.unlink(journal_of(server))
        server.start()
        with server.connect("alice") as a:
            a.oper()
            a.send("STATS k")
            a.expect("192.0.2.9")
            a.expect(" 219 ")
        server.stop()
        self.assertEqual(replay(journal_of(server))["ended"], "in order")

    def test_a_killed_server_leaves_whole_turns(self):
        server = self.record()
        server.kill()
        self.assertTrue(replay(journal_of(server))["ended"].startswith("not"))

    def test_200000_inputs_a_second(self):
        def talk(server):
            clients = [server.connect("n%d" % i) for i in range(30)]
            for turn in range(600):
                for i, client in enumerate(clients):
                    client.raw(b"PRIVMSG n%d :%d\r\n" % ((i + 1) % len(clients), turn))
                clients[0].send("PING %d" % turn)
                clients[0].expect("PONG .*%d" % turn)
            for client in clients:
                client.close()
        server = self.record(talk)
        server.stop()
        best = max((replay(journal_of(server)) for _ in range(3)), key=lambda got: int(got["rate"].split()[0]))
        print("replay: %(inputs)s inputs, %(rate)s, %(journal)s" % best)
        self.assertGreater(int(best["inputs"]), 10000)
        self.assertGreater(int(best["rate"].split()[0]), 200000)

    def test_damage_is_refused_with_its_offset(self):
        server = self.record()
        server.stop()
        path = journal_of(server)
        with open(path, "rb") as f:
            good = f.read()
        turns = turns_of(path)
        at = turns[len(turns) // 2][0]
        for bad, why in ((good[:at + 30] + bytes([good[at + 30] ^ 1]) + good[at + 31:], str(at)),
                         (good[:at + 9], str(at)), (b"X" + good[1:], "no journal"), (b"", "no journal")):
            with open(path, "wb") as f:
                f.write(bad)
            self.assertIn(why, replay(path, 1))
        self.assertIn("No such file", replay(path + "x", 1))

    def test_a_full_disk_ends_the_journal_only(self):
        server = irc.Server(log='journal = "j"', start=False, nofile=1)
        self.addCleanup(server.close)
        server._limit = limit_files
        server.start()
        with server.connect("alice") as a:
            for i in range(1200):
                a.send("PING :%s" % ("x" * 300))
                a.expect("PONG")
            a.send("PING after")
            a.expect("PONG .*after")
        server.stop()
        self.assertEqual(server.log().count("event=journal-ended"), 1)
        self.assertTrue(replay(journal_of(server))["ended"].startswith("not"))

    def test_where_no_file_can_be_made(self):
        with irc.Server(log='journal = "none/j"', start=False) as server:
            checked = irc.run("-c", server.config, "-t")
            self.assertIn("log.journal", checked.stderr)
            server.spawn()
            self.assertEqual(server.wait(), 1)
            self.assertRegex(server.log(), "log.journal: cannot make .*none/j-.*: No such file")

    def test_the_journal_has_its_configuration(self):
        got = irc.run("--replay", "x", "-c", "y")
        self.assertEqual(got.returncode, 1)
        self.assertIn("--config", got.stderr)


if __name__ == "__main__":
    irc.main()
