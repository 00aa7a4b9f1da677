"""The commands of contrib/gdb.py, on a running server and on its core file.

usage: gdb_test.py BINARY [test…]
"""
import os
import re
import subprocess
import unittest

import canary
import irc

HELPER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../contrib/gdb.py")


class Gdb(unittest.TestCase):
    def setUp(self):
        self.server = irc.Server(extra=irc.EXEMPT + "process { core_dumps = true }\n")
        self.addCleanup(self.server.close)
        self.bob, self.ann = self.server.connect("bob"), self.server.connect("ann")
        for client in self.bob, self.ann:
            self.addCleanup(client.close)
            client.send("JOIN #tea")
            client.expect(" 366 ")
        self.bob.send("TOPIC #tea :Leaves", "AWAY :asleep", "MODE #tea +b x!*@*")
        self.bob.expect(r" MODE #tea \+b ")

    def gdb(self, *commands, of=None):
        """The output of the commands."""
        wanted = [x for c in commands for x in ("-ex", c)]
        done = subprocess.run(["gdb", "-q", "-batch", "-nx", "-x", HELPER, *(of or ["-p", str(self.server.process.pid)]),
                               *wanted], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        return done.stdout + done.stderr

    def expect(self, said):
        host = r"@127\.0\.0\.1"
        for pattern in (r"(?m)^bob!user%s  idle  REGISTERED.*queue 0$" % host, r"(?m)^#tea  2 members  modes 0x",
                        r"(?m)^bob!user%s  \(struct client \*\) 0x[0-9a-f]+  id \d+$" % host,
                        r"(?m)^  real name bob  away asleep$", r"(?m)^  channels  #tea$", r"(?m)^  topic     Leaves$",
                        r"(?m)^  member    ann!user%s modes 0x" % host, r"(?m)^  list 0 .* by bob!user%s$" % host,
                        r"(?m)^bob!user%s: 0 bytes in 0 buffers" % host, r"there is no channel #none",
                        r"there is no client with this name, and as an expression: No symbol",
                        r"usage: ircd clients"):
            self.assertRegex(said, pattern)

    COMMANDS = ("ircd clients", "ircd channels", "ircd client BOB", "ircd channel #Tea", "ircd queue bob",
                "ircd channel #none", "ircd queue nosuchnick", "ircd")

    def test_a_running_server(self):
        self.expect(self.gdb(*self.COMMANDS))
        self.bob.send("PING still")
        self.bob.expect("PONG .*still")

    def test_a_core_file(self):
        """The plain server alone: gdb writes the reserved memory of a sanitizer as well, tens of gigabytes of it."""
        if canary.is_sanitized():
            return
        core = self.server.path("core")
        self.gdb("generate-core-file " + core)
        self.expect(self.gdb(*self.COMMANDS, of=[irc.BINARY, core]))

    def test_a_queue_that_waits(self):
        """The queue of a client that reads nothing."""
        with self.server.connect("deaf") as deaf:
            deaf.send("CAP REQ :message-tags")
            deaf.expect(" CAP ")
            waits = r"(?m)^deaf!user@127\.0\.0\.1: \d{4,} bytes in \d+ buffers"
            for _ in range(100):
                self.ann.send(*["PRIVMSG deaf :" + 400 * "x"] * 200)
                self.ann.silent("never")
                said = self.gdb("ircd queue deaf")
                if re.search(waits, said):
                    break
            self.assertRegex(said, waits)
            self.assertRegex(said, r"(?m)^  buffer \d+: \d+ bytes.*, \d+ references$")
            self.assertRegex(said, r"(?m)^    .*PRIVMSG deaf :x{400}$")


if __name__ == "__main__":
    irc.main()
