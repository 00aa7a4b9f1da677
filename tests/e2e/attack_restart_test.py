"""Configurations and restarts under attack: a thousand reloads (IRCD_TEST_RELOADS=n for others), reloads without
descriptors, kill -9 at the worst moments, SIGTERM under load, many servers on one directory.

kill -9 while bans are being saved is tests/e2e/crash.py; disks that are full, and files that are
damaged, are store_test.py and tests/shell/test_store_*.c.

usage: attack_restart_test.py BINARY [test…]
"""
import os
import random
import re
import resource
import signal
import sys
import threading
import time
import unittest

import canary
import irc

ALONE = "it measures how fast a canary is answered"
RELOADS = int(os.environ.get("IRCD_TEST_RELOADS", 1000 * canary.HEAVY))
STARTS, REHASH_KILLS, ENDS = (n * canary.HEAVY for n in (30, 12, 3))
SEED = int(os.environ.get("IRCD_TEST_SEED", "1"))
BROKEN = (
    "server {", "limits { per_host = 0 }", "bogus { }", "limits { bogus = 1 }", "}", 'log { file = "none/log" }',
    'server { motd = "none.txt" }', "strikes { ladder = { } }", 'flood { interval = "5" }', '"' * 999,
    "x" * 100000, "\\x00\\xff\\x80" * 50, 'oper "a" { }', "{" * 5000, 'listen "256.1.1.1:1" { }',
    'limits { connect_rate = "1/" }', "/* never closed",
)


def dump(server):
    """The bans on disk; the server does not run."""
    got = irc.run("-c", server.config, "--dump-bans", cwd=server.dir)
    assert got.returncode == 0, got
    return set(re.findall(r"KLINE (\S+) ", got.stdout))


class Rehash(canary.Case):
    def test_a_thousand_times_half_of_them_broken(self):
        with irc.Server(extra=irc.EXEMPT + canary.oper_block()) as server:
            with open(server.config) as f:
                good = f.read()
            oper = server.connect("alice").oper()
            self.reload(server, oper, good, 80)  # so that all has been touched once
            before = canary.Baseline(server, oper)
            with canary.Canary(server):
                self.reload(server, oper, good, RELOADS)
            self.assertEqual(len(re.findall("event=rehash-refused ", server.log())), (RELOADS + 80) // 2)
            before.restored(512 << 10)  # a lost configuration each would be the double
            server.connect("bob").close()
            sys.stderr.write("%d reloads, half of them broken; descriptors, clients and memory are back\n" % RELOADS)

    def reload(self, server, oper, good, times):
        """Reloads by REHASH and by SIGHUP, each with a good file and with a broken one."""
        for n in range(times):
            if n % 2 == 0:
                place = n
            text = good + 'admin { location = "place %d" }\n' % n
            server.write_config(text + (BROKEN[n // 2 % len(BROKEN)] + "\n" if n % 2 else ""))
            if n % 4 < 2:
                oper.send("REHASH")
            else:
                server.send_signal(signal.SIGHUP)
            oper.expect(r"REHASH refused, nothing changed: \S+/ircd.conf" if n % 2 else "REHASH: the new configuration")
            oper.send("ADMIN")
            oper.expect(" 257 alice :place %d$" % place)
            oper.lines.clear()

    def test_without_descriptors_it_is_refused_and_nothing_is_lost(self):
        with irc.Server(extra=irc.EXEMPT + canary.oper_block(), log='file = "log"') as server:
            oper = server.connect("alice").oper()
            before = canary.Baseline(server, oper)
            limit = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
            with canary.Canary(server):
                used = max(int(fd) for fd in os.listdir("/proc/%d/fd" % server.process.pid))
                resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (used + 1, limit[1]))
                for n in range(50):
                    server.send_signal(signal.SIGHUP)
                    self.wait_log(server, r"event=rehash-refused .*Too many open files", n + 1)
                server.send_signal(signal.SIGUSR1)
                self.wait_log(server, r"event=log-reopen .*Too many open files", 1)
                oper.send("KLINE 1h *@192.0.2.1 :x")
                oper.expect(", saved$")
                self.wait_log(server, r"event=kline ", 1)
                resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, limit)
                server.send_signal(signal.SIGHUP)
                self.wait_log(server, r"event=rehash .*", 1)
            server.connect("bob").close()
            before.restored(512 << 10)

    def wait_log(self, server, pattern, times):
        irc.wait_until(lambda: len(re.findall(pattern, server.read("log"))) == times, what=lambda: server.read("log"))


class SlowDisk(canary.Preloaded):
    """A server whose disk takes its time: milliseconds for each fsync and write of the store's thread."""
    source = "slow_disk"

    def __init__(self, fsync, write, **options):
        self.times = {"IRCD_TEST_SLOW_SYNC": str(fsync), "IRCD_TEST_SLOW_WRITE": str(write)}
        super().__init__(**options)

    def environment(self):
        return self.times


class Kill(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(SEED)
        self.server = SlowDisk(3, 3, extra=irc.EXEMPT + canary.oper_block())
        self.addCleanup(self.server.close)

    def klines(self, number):
        """Sets this many K-lines and waits until they are saved. Returns their masks."""
        with self.server.connect("alice") as alice:
            alice.oper()
            masks = ["*@192.0.2.%d" % n for n in range(number)]
            for mask in masks:
                alice.send("KLINE 1h %s :x" % mask)
            for mask in masks:
                alice.expect(", saved$")
            return set(masks)

    def test_at_any_moment_of_starting(self):
        """With one file to be made anew from the other, so that there is something to interrupt."""
        masks = self.klines(200)
        self.server.kill()
        for letter in "ab":
            for n in range(STARTS // 2):
                ruined = os.path.join(self.server.data, "ircd.%s.gdbm" % letter)
                with open(ruined, "ab") as f:
                    f.truncate(n % 3 * 1000)
                self.server.spawn()
                time.sleep(self.random.random() * 0.03 * canary.patience())
                self.server.kill()
                self.assertEqual(dump(self.server), masks, "%s, start %d" % (letter, n))
            self.server.start()
            self.server.kill()
        self.server.start()
        with self.server.connect("alice") as alice:
            alice.oper()
        self.assertLess(len(os.listdir(self.server.data)), 6, os.listdir(self.server.data))

    def test_in_the_middle_of_rehashing(self):
        saved = set()
        for n in range(REHASH_KILLS):
            alice = self.server.connect("alice").oper()
            alice.send(*["REHASH", "KLINE 1h *@192.0.%d.1 :x" % n] + ["REHASH"] * 20)
            for k in range(1 + n % 3):
                self.server.send_signal(signal.SIGHUP)
            time.sleep(self.random.random() * 0.1 * canary.patience())
            self.server.kill()
            try:
                while True:
                    match = re.search(r"K-line (\S+) set until .*, saved$", alice.line())
                    if match:
                        saved.add(match.group(1))
            except irc.Closed:
                pass
            self.assertLessEqual(saved, dump(self.server))
            self.server.start()
        self.assertGreater(len(saved), 0)


class Term(unittest.TestCase):
    def talk(self, server, n, stop):
        """Talks until the end, and reads."""
        client = server.connect("t%d" % n)
        client.send("JOIN #load")
        try:
            while not stop.is_set():
                client.send(*["PRIVMSG #load :" + "x" * 300] * 5)
                if not canary.drain(client.sock):
                    break
                time.sleep(0.005)
        except OSError:
            pass
        client.close()

    def test_under_load_all_that_was_acted_on_is_saved(self):
        with SlowDisk(100, 0, extra=irc.EXEMPT + canary.oper_block()) as server:
            for turn in range(ENDS):
                stop = threading.Event()
                threads = [threading.Thread(target=self.talk, args=(server, n, stop), daemon=True) for n in range(20)]
                for thread in threads:
                    thread.start()
                alice = server.connect("alice").oper()
                alice.send(*["KLINE 1h *@192.%d.%d.%d :x" % (turn, n // 100, n % 100) for n in range(600)])
                alice.expect(", saved$")
                # While those are being saved, more come; the end must wait for them, too.
                alice.send(*["KLINE 1h *@198.51.%d.%d :x" % (100 + turn, n) for n in range(100)])
                server.wait_log(r"mask=\*@198\.51\.%d\." % (100 + turn))
                begun = time.monotonic()
                server.send_signal(signal.SIGTERM)
                told = alice.wait_closed()
                alice.close()  # else the server would wait for her, and not for its store
                self.assertEqual(server.wait(8), 0)
                self.assertLess(time.monotonic() - begun, 5)
                stop.set()
                for thread in threads:
                    thread.join(irc.WAIT)
                acted = set(re.findall(r"event=kline .*mask=(\S+)", server.log()))
                acked = {m.group(1) for m in (re.search(r"K-line (\S+) set .*, saved$", line) for line in told) if m}
                self.assertGreater(len(acted), 600 * turn)
                on_disk = dump(server)
                self.assertLessEqual(acked, on_disk)
                self.assertEqual(acted, on_disk)
                server.start()


class Directory(unittest.TestCase):
    def test_of_many_servers_at_once_one_serves(self):
        many = [irc.Server(start=False) for _ in range(6)]
        for server in many:
            self.addCleanup(server.close)
            with open(server.config) as f:
                text = f.read()
            server.write_config(text.replace(server.data, many[0].data))
        for turn in range(5 * canary.HEAVY):
            for server in many:
                server.spawn()
            irc.wait_until(lambda: sum(s.process.poll() is not None for s in many) >= 5, what="five to give up")
            left = [s for s in many if s.process.poll() is None]
            self.assertEqual(len(left), 1)
            irc.wait_until(left[0]._listens)
            left[0].connect("alice").close()
            for server in many:
                if server is not left[0]:
                    self.assertEqual(server.process.returncode, 2)
                    self.assertRegex(server.log(), "(?m)^ircd: another server is using the data directory ")
            left[0].kill()


if __name__ == "__main__":
    irc.main()
