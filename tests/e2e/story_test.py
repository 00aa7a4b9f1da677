"""Three users and a flooder: the main task of the server, on the real binary.

Each user is a host of its own, an address of 127.0.0.0/8. Limits are the defaults, unless a
test says otherwise.

usage: story_test.py BINARY [test…]
"""
import re
import time
import unittest

import irc

ALICE, BOB, CAROL, MALLORY, OFFICE = ("127.0.0.%d" % n for n in (2, 3, 4, 5, 9))
MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
TOO_FAST = "messages sent too fast"


def banned(length, limit=5):
    """The words for who is banned for so long; the rest of the time may have begun to run."""
    return r"You are banned \(K-line\) until %s \(%s\): %d strikes, the last for %s" % (
        MOMENT, length, limit, TOO_FAST)


class Flooder:
    """Sends far too much, once a second, until the server closes the connection."""

    def __init__(self, server):
        self.client = server.connect("mallory", source=MALLORY)
        self.client.send("JOIN #lounge")
        self.client.expect(" 366 ")
        self.sent = 0

    def burst(self, lines=40):
        """One packet; what is left of it when the server has closed is nobody's loss."""
        numbers = range(self.sent, self.sent + lines)
        self.sent += lines
        try:
            self.client.send(*["PRIVMSG #lounge :m%d" % n for n in numbers])
        except OSError:
            pass

    def strike(self):
        """Goes on until the next strike; its text."""
        self.burst()
        text = self.client.expect(r" NOTICE mallory :(Strike .*)$", 5).group(1)
        time.sleep(1.05)  # there is at most one strike a second
        return text

    def ruin(self, limit):
        """Until banned: the texts of all strikes, and the last line."""
        strikes = [self.strike() for _ in range(limit - 1)]
        self.burst()
        last = self.client.wait_closed(5)
        strikes += [m.group(1) for m in (re.search(":(Strike .*)$", line) for line in last) if m]
        return strikes, last[-1]


class Story(unittest.TestCase):
    def people(self, server):
        """Alice, who is an operator, Bob and Carol on a channel."""
        alice, bob, carol = [server.connect(nick, source=address) for nick, address in
                             (("alice", ALICE), ("bob", BOB), ("carol", CAROL))]
        alice.oper()
        for client in alice, bob, carol:
            client.send("JOIN #lounge")
            client.expect(" 366 ")
        return alice, bob, carol

    def refused(self, server, length, limit=5):
        """Mallory comes back in vain and reads why; the server's last line."""
        with server.connect(source=MALLORY) as client:
            client.send("NICK mallory", "USER m 0 * :m")
            lines = client.wait_closed()
            self.assertRegex(lines[-2], r" 465 mallory :" + banned(length, limit) + "$")
            self.assertRegex(lines[-1], r"^ERROR :Closing Link: %s \(%s\)$" % (
                re.escape(MALLORY), banned(length, limit)))
            return lines[-1]

    def ruined(self, server, words, length, limit=5):
        """Mallory floods until banned for so long (in words, and in short)."""
        flooder = Flooder(server)
        strikes, last = flooder.ruin(limit)
        self.assertEqual(strikes, ["Strike %d of %d: %s. At %d your address is banned for %s." % (
            n, limit, TOO_FAST, limit, words) for n in range(1, limit + 1)])
        self.assertRegex(last, r"^ERROR :Closing Link: %s \(%s\)$" % (
            re.escape(MALLORY), banned(length, limit)))
        refusals = [line for line in flooder.client.lines if " refused: " in line]
        self.assertTrue(refusals)
        for line in refusals:
            self.assertRegex(line, r" NOTICE mallory :PRIVMSG refused: you are sending too fast, and "
                                   r"16 lines wait already$")
        return re.search(MOMENT, last).group()

    def heard(self, client):
        """The numbers Mallory was heard to say, up to the QUIT."""
        client.expect(r"^:mallory!user@%s QUIT :%s$" % (re.escape(MALLORY), banned("10m")))
        said = [re.search(r"^:mallory!\S+ PRIVMSG #lounge :m(\d+)$", line) for line in client.lines]
        return [int(m.group(1)) for m in said if m]

    def back_in(self, server, oper):
        oper.send("UNKLINE *@" + MALLORY)
        oper.expect(r" NOTICE alice :K-line \*@%s removed, saved$" % re.escape(MALLORY))
        server.connect("mallory", source=MALLORY).close()

    def test_three_people_and_a_flooder(self):
        with irc.Server(extra=irc.oper_block()) as server:
            alice, bob, carol = self.people(server)
            bob.send("PRIVMSG #lounge :hello")
            carol.expect(r"^:bob!user@%s PRIVMSG #lounge :hello$" % re.escape(BOB))
            alice.send("KICK #lounge carol :out with you")
            for client in bob, carol:
                client.expect(r"^:alice!user@%s KICK #lounge carol :out with you$" % re.escape(ALICE))
            carol.send("PRIVMSG #lounge :hello?")
            carol.expect(r" 404 carol #lounge :")
            bob.silent("hello")

            until = self.ruined(server, "10 minutes", "10m")
            heard = self.heard(bob)
            self.assertEqual(heard, list(range(len(heard))), "held lines keep their order")
            self.assertGreaterEqual(len(heard), 10)
            alice.expect(r" NOTICE alice :\*\*\* Strike 2 of 5 for %s\S* \(mallory\): %s$" % (
                re.escape(MALLORY), TOO_FAST))
            alice.expect(r" NOTICE alice :\*\*\* Automatic K-line \*@%s until " % re.escape(MALLORY))
            time.sleep(0.15)  # an automatic ban is on disk within 100 ms
            server.restart()

            self.assertIn(until, self.refused(server, r"10m|9m\d+s"))
            alice, bob, carol = self.people(server)
            alice.send("STATS k")
            alice.expect(r" 216 alice k \*@%s irc\.test\.example :set %s, until %s \(\w+\), 1 hit, last %s: 5 strikes" % (
                re.escape(MALLORY), MOMENT, until, MOMENT))
            self.back_in(server, alice)

            until = self.ruined(server, "1 hour", "1h")
            time.sleep(0.15)
            server.restart()
            self.assertIn(until, self.refused(server, r"1h|59m\d+s"))
            alice, bob, carol = self.people(server)
            self.back_in(server, alice)
            server.restart()
            server.connect("mallory", source=MALLORY)

    def test_a_ban_ends_by_itself_and_the_next_is_longer(self):
        with irc.Server(extra='strikes { limit = 2  ladder = { "2s", "3s", "1d" } }\n'
                              'limits { connect_rate = "60/60s" }\n') as server:
            for words, length in (("2 seconds", 2), ("3 seconds", 3)):
                self.ruined(server, words, "%ds" % length, 2)
                ban = time.time()
                self.refused(server, r"\ds|\ds\d+ms|\d+ms", 2)
                irc.wait_until(lambda: self.is_in(server), length + 3, "the ban to end")
                self.assertLess(abs(time.time() - ban - length), 1)
            self.assertEqual(Flooder(server).strike(),
                             "Strike 1 of 2: %s. At 2 your address is banned for 1 day." % TOO_FAST)

    def is_in(self, server):
        time.sleep(0.2)
        with server.connect(source=MALLORY) as client:
            client.send("NICK m", "USER m 0 * :m")
            try:
                return client.expect(" 001 ")
            except irc.Closed:
                return None

    def test_strikes_fade(self):
        with irc.Server(extra='strikes { decay = "1s" }\n') as server:
            flooder = Flooder(server)
            self.assertIn("Strike 1 of 5", flooder.strike())
            time.sleep(0.2)
            self.assertIn("Strike 1 of 5", flooder.strike(), "the first is forgotten")

    def test_strikes_outlive_a_crash(self):
        with irc.Server(extra="") as server:
            self.assertIn("Strike 1 of 5", Flooder(server).strike())
            server.restart()
            self.assertIn("Strike 2 of 5", Flooder(server).strike())

    def test_a_pasted_screenful_only_gets_slower(self):
        with irc.Server(extra='flood { interval = "100ms" }\n') as server:
            bob, carol = server.connect("bob", source=BOB), server.connect("carol", source=CAROL)
            time.sleep(0.3)
            begun = time.monotonic()
            bob.send(*["PRIVMSG carol :line %d" % n for n in range(24)])
            for n in range(24):
                carol.expect(r"^:bob!\S+ PRIVMSG carol :line %d$" % n)
            self.assertGreater(time.monotonic() - begun, 1.0)
            bob.silent("Strike|refused")

    def test_the_fourth_connection_of_a_host_is_refused(self):
        with irc.Server(extra="") as server:
            three = [server.connect("office%d" % n, source=OFFICE) for n in range(3)]
            with server.connect(source=OFFICE) as fourth:
                self.assertEqual(fourth.wait_closed(), [
                    "ERROR :Closing Link: %s (Too many connections from your host: at most 3 at a time)"
                    % OFFICE])
            server.connect("bob", source=BOB).close()
            three[0].send("QUIT :bye")
            three[0].wait_closed()
            server.connect("office3", source=OFFICE)
            three[1].silent("never")


if __name__ == "__main__":
    irc.main()
