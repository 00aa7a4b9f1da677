#!/usr/bin/env python3
"""An allocation fails: the server says so and ends, or goes on; acknowledged bans are in the store.

failmalloc.c is preloaded and lets the n-th allocation of the process fail, wherever it is made, in
this program or in a library of it; IRCD_TEST_POINTS values of n are tried between the first and the last.
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

import irc
import transport

HERE = os.path.dirname(os.path.abspath(__file__))
POINTS = int(os.environ.get("IRCD_TEST_POINTS", "24"))
# Every second point is among the last allocations, which the server makes for its clients: most others are OpenSSL's
# texts of errors, without which it goes on.
LAST = 600
# The share of the points that must be felt; OpenSSL also makes most of those for clients with TLS.
FELT = 1 / 24 if transport.TLS else 1 / 4
SAID = re.compile(r"out of memory: no room for|cannot allocate|Cannot allocate memory")
# The sandbox goes with the probe's own libraries; what is looked for here is the store.
EXTRA = "process { sandbox = false }\n" + irc.EXEMPT


class Memory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.TemporaryDirectory(prefix="ircd-test-")
        cls.shim = os.path.join(cls.work.name, "failmalloc.so")
        subprocess.run([os.environ.get("CC", "gcc"), "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", cls.shim,
                        os.path.join(HERE, "failmalloc.c"), "-ldl"], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.work.cleanup()

    def spawn(self, server, **more):
        """Starts it under the shim."""
        with open(server.path("stderr"), "a") as err:
            env = dict(os.environ, LD_PRELOAD=self.shim, **more)
            # A sanitizer's allocator is behind the shim, and must not mind that.
            env["ASAN_OPTIONS"] = "verify_asan_link_order=0:detect_leaks=0:allocator_may_return_null=1"
            server.process = subprocess.Popen([irc.BINARY, "-c", server.config], stdin=subprocess.DEVNULL, stdout=err,
                                              stderr=err, cwd=server.dir, env=env)

    def scene(self, server):
        """Bans until the end or until it dies; returns the masks that were acknowledged."""
        saved = []
        try:
            irc.wait_until(server._listens, what="the server to listen")
            with server.connect("alice") as alice, server.connect("bob", source="127.0.0.8") as bob:
                alice.oper()
                alice.send("JOIN #a")
                bob.send("JOIN #a", "PRIVMSG #a :hello", "WHO #a", "LIST")
                for i in range(12):
                    alice.send("KLINE *@192.0.2.%d :for good" % i)
                    saved.append(alice.expect(r"K-line (\*@[0-9.]+) .*saved\b(?<!NOT saved)", timeout=8).group(1))
                alice.send("BANS", "STATS z", "QUIT")
                alice.wait_closed()
            server.stop()
        except (AssertionError, OSError):
            pass
        return saved

    def server(self):
        return irc.Server(extra=EXTRA + irc.oper_block(), start=False)

    def count(self):
        with self.server() as server:
            self.spawn(server, IRCD_TEST_COUNT_TO=server.path("count"))
            self.assertEqual(len(self.scene(server)), 12)
            return int(server.read("count"))

    def judge(self, server, n, code):
        """It survived, or it ended with an error text; a crash is a failure."""
        # "AddressSanitizer: CHECK failed" is the sanitizer's own death, of an allocation of its own.
        crashed = code == -11 or re.search(r"ERROR: \w+Sanitizer|runtime error", server.log())
        if not crashed and (code in (0, 1, 2) or (code == -6 and SAID.search(server.log()))):
            return
        self.fail("allocation %d failed: code %s\n%s" % (n, code, server.log()[-2000:]))

    def test_what_was_acknowledged_outlives_any_failed_allocation(self):
        total = self.count()
        felt = 0
        for point in range(POINTS):
            n = total - point * LAST // POINTS if point % 2 else 1 + point * (total - 1) // (POINTS - 1)
            with self.server() as server:
                self.spawn(server, IRCD_TEST_FAIL_AT=str(n))
                saved = self.scene(server)
                if server.process.poll() is None:
                    server.stop()
                felt += server.process.returncode == -6 or (transport.TLS and len(saved) < 12)
                self.judge(server, n, server.process.returncode)
                open(server.path("stderr"), "w").close()
                server.start()
                self.assertNotRegex(server.log(), "damaged|MAY BE LOST")
                with server.connect("carol") as carol:
                    carol.oper()
                    carol.send("STATS K")
                    carol.expect(" 219 ")
                    for mask in saved:
                        self.assertTrue(any(" %s " % mask in line for line in carol.lines), (n, mask))
        sys.stderr.write("%d allocations, %d tried, %d of them felt\n" % (total, POINTS, felt))
        self.assertGreater(felt, POINTS * FELT)


if __name__ == "__main__":
    irc.main()
