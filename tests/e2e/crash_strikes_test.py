"""Strikes, offence levels and automatic bans against kill -9.

The next text to a host shows what the server remembers of it: "Strike 4 of 5 … banned for 2 hours"
is two strikes before this one's two, and one offence. Changes are saved in their order, so
whatever happened before a ban that was called saved is on disk as well.

usage: crash_strikes_test.py BINARY [test…]; IRCD_TEST_ROUNDS in the environment: kills (12)
"""
import os
import random
import re
import time
import unittest

import irc

ROUNDS = int(os.environ.get("IRCD_TEST_ROUNDS", "12"))
HOSTS = ["127.0.0.%d" % n for n in range(20, 26)]
LADDER = ["1 hour", "2 hours", "3 hours", "4 hours"]
EXTRA = """
strikes { limit = 5  decay = "1d"  ladder = { "1h", "2h", "3h", "4h" } }
limits { connect_rate = "100000/60s" }
"""


class Host:
    """The state of a host that the server must remember."""

    def __init__(self, address):
        self.address = address
        self.strikes = self.level = 0
        self.banned = False

    def offend(self, server):
        """More lines than a client may send before it registers: two strikes. Returns the text of the end."""
        with server.connect(source=self.address) as client:
            try:
                client.send(*["PING %d" % n for n in range(60)])
            except OSError:
                pass
            said = client.wait_closed()
        return [m.group(1) for m in (re.search(r":(Strike .*)$", line) for line in said) if m]

    def expected(self):
        """The text of its next offence, which changes the state."""
        self.strikes = min(self.strikes + 2, 5)
        words = "Strike %d of 5: receive queue overrun. At 5 your address is banned for %s." % (
            self.strikes, LADDER[min(self.level, 3)])
        if self.strikes == 5:
            self.strikes, self.level, self.banned = 0, self.level + 1, True
        return words


class Crash(unittest.TestCase):
    def check_bans(self, server):
        """Exactly the bans that were set are in force, after the restart."""
        self.alice = server.connect("alice").oper()
        listed = set()
        for letter in "Kk":
            self.alice.send("STATS " + letter)
            while True:
                line = self.alice.line()
                if " 219 " in line:
                    break
                found = re.search(r" 216 \S+ [Kk] (\S+)", line)
                if found:
                    listed.add(found.group(1))
        want = {"*@" + h.address for h in self.hosts if h.banned} | self.marks
        self.assertEqual(listed, want, "seed %d" % self.seed)

    def lift_some(self):
        for host in self.hosts:
            if host.banned and random.random() < 0.5:
                self.alice.send("UNKLINE *@" + host.address)
                self.alice.expect(r" NOTICE alice :K-line \*@%s removed, saved$" % re.escape(host.address))
                host.banned = False

    def offences(self, server):
        for host in random.choices(self.hosts, k=random.randint(3, 8)):
            said = host.offend(server)
            want = [] if host.banned else [host.expected()]  # a banned host gets no strikes
            self.assertEqual(said, want, "seed %d, %s" % (self.seed, host.address))

    def settle(self, turn):
        """Until all of it must be on disk: a later change is, or 100 ms have passed."""
        if turn % 2:
            time.sleep(0.15)
            return
        mark = "mark%d@crash.example" % turn
        self.alice.send("KLINE %s :mark" % mark)
        self.alice.expect(r" NOTICE alice :K-line %s set .*, saved$" % re.escape(mark))
        self.marks.add(mark)

    def test_strikes_levels_and_bans_outlive_kill_9(self):
        self.seed = random.randrange(1 << 30)
        random.seed(self.seed)
        self.hosts, self.marks = [Host(a) for a in HOSTS], set()
        with irc.Server(extra=EXTRA + irc.oper_block()) as server:
            for turn in range(ROUNDS):
                self.check_bans(server)
                self.lift_some()
                self.offences(server)
                self.settle(turn)
                self.alice.close()
                server.restart()
            self.check_bans(server)
        self.assertTrue(any(h.level for h in self.hosts), "somebody was banned")


if __name__ == "__main__":
    irc.main(limit=300 + 5 * ROUNDS)
