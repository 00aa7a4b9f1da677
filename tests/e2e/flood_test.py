"""Limits that protect other clients: messages to new targets, server passwords; and a case that must
not be: a program that joins its channels one a line.

usage: flood_test.py BINARY [test…]
"""
import re
import time
import unittest

import irc

SPAMMER = "127.0.0.66"
FRIENDS = irc.EXEMPT.replace("127.0.0.0/8", "127.0.0.1") + "limits { per_network = 100 }\n"


class Targets(unittest.TestCase):
    def test_spam_to_strangers_is_refused_and_banned_within_ten_seconds(self):
        with irc.Server(extra=FRIENDS) as server:
            people = [server.connect("p%d" % n) for n in range(20)]
            spammer = server.connect("spammer", source=SPAMMER)
            begun = time.monotonic()
            try:
                for n in range(20):
                    spammer.send("PRIVMSG p%d :buy now" % n)
                    time.sleep(0.4)
            except OSError:
                pass
            said = spammer.wait_closed()
            self.assertLess(time.monotonic() - begun, 10)
            self.assertTrue(any(" 707 spammer p10 :You write to new people too fast" in x for x in said), said)
            self.assertRegex(said[-1], r"^ERROR :Closing Link: 127\.0\.0\.66 \(You are banned \(K-line\) until ")
            people[9].expect("^:spammer!.* PRIVMSG p9 :buy now$")
            people[10].silent("PRIVMSG")

    def test_answers_are_free(self):
        with irc.Server(extra=FRIENDS) as server:
            helper = server.connect("helper", source=SPAMMER)
            people = [server.connect("p%d" % n) for n in range(15)]
            for n, person in enumerate(people):
                person.send("PRIVMSG helper :help")
                helper.expect("^:p%d!.* PRIVMSG helper :help$" % n)
                helper.send("PRIVMSG p%d :yes" % n)
                person.expect("^:helper!.* PRIVMSG p%d :yes$" % n)
            helper.silent(" 707 ")


class Joining(unittest.TestCase):
    """Against the default configuration: nothing is exempt."""

    ASKED = {
        "nothing": [],
        "modes and who": ["MODE {0}", "WHO {0}"],
        "modes, who and bans": ["MODE {0}", "WHO {0}", "MODE {0} b"],
        "all lists, names and topic": ["MODE {0}", "MODE {0} +b", "MODE {0} e", "MODE {0} I", "MODE {0} q", "WHO {0}",
                                       "NAMES {0}", "TOPIC {0}"],
        "the same with labels": [
            "@label=m{1} MODE {0}", "@label=b{1} MODE {0} b", "@label=e{1} MODE {0} e", "@label=i{1} MODE {0} I",
            "@label=w{1} WHO {0} %tcuhnar,152", "@label=n{1} NAMES {0}", "@label=t{1} TOPIC {0}"],
    }

    def rejoin(self, server, number, channels, asked):
        """A client of a new host joins its channels with one line each in one packet, and asks about each when it
        reads its own JOIN. Returns when the answer to a PING behind everything has come."""
        with server.connect(source="127.0.1.%d" % number) as bot:
            bot.send("CAP REQ :message-tags labeled-response batch", "NICK bot%d" % number, "USER bot 0 * :bot",
                     "CAP END")
            bot.expect(" 422 ")
            bot.send(*["JOIN #ch%d" % n for n in range(channels)])
            joined = 0
            while joined < channels:
                match = re.search(r"^(?:@\S+ )?:bot%d!\S+ JOIN :?(#ch(\d+))" % number, bot.line())
                if match:
                    joined += 1
                    for line in asked:
                        bot.send(line.format(match.group(1), match.group(2)))
            bot.send("WHOIS bot%d" % number)
            bot.expect(" 318 ")
            return [line for line in bot.lines if re.search("Strike|refused|RATE_LIMITED| 405 ", line)]

    def test_one_channel_a_line_with_queries_is_all_joined_and_never_struck(self):
        with irc.Server(extra="") as server:
            with server.connect("owner", source="127.0.2.1") as owner:
                owner.send("JOIN " + ",".join("#ch%d" % n for n in range(25)),
                           "JOIN " + ",".join("#ch%d" % n for n in range(25, 50)))
                owner.expect(" 366 owner #ch49 ")
                number = 0
                for channels in 20, 50:
                    for name, asked in self.ASKED.items():
                        number += 1
                        with self.subTest(channels=channels, asked=name):
                            self.assertEqual(self.rejoin(server, number, channels, asked), [])
                for again in range(3):  # the same host loses its connection and is back
                    with self.subTest(again=again):
                        self.assertEqual(self.rejoin(server, 99, 50, self.ASKED["modes, who and bans"]), [])
            self.assertNotIn("event=strike", server.log())

    def test_many_lines_in_one_write_are_slowed_and_at_most_one_strike(self):
        for number, form in enumerate(["PRIVMSG #a :line %d", "WHOIS u%d", "JOIN #none%d", "MODE #none%d"]):
            with self.subTest(form=form), irc.Server(extra="") as server:
                with server.connect("paster") as paster:
                    paster.send("JOIN #a", *[form % n for n in range(2000)])
                    end = time.monotonic() + 4
                    while time.monotonic() < end:
                        try:
                            paster.line(0.5)
                        except irc.Closed:
                            raise
                        except AssertionError:
                            pass
                    self.assertLessEqual(sum("Strike" in line for line in paster.lines), 1)

    def test_a_host_that_comes_again_and_again_to_join_is_limited(self):
        with irc.Server(extra="limits { connect_rate = \"1000/1s\" }\n") as server:
            joined = 0
            for n in range(12):
                try:
                    with server.connect("eve%d" % n, source=SPAMMER) as eve:
                        eve.send(*["JOIN #ch%d" % k for k in range(50)])
                        eve.send("PING end")
                        eve.expect(" PONG .*end$")
                        joined += sum(" JOIN " in line for line in eve.lines)
                except (AssertionError, OSError):
                    break  # banned
            # Three connections of 50 channels, a little that came back, a burst of ten.
            self.assertGreaterEqual(joined, 150)
            self.assertLess(joined, 200)


class Password(unittest.TestCase):
    def enter(self, server, nick, password, source):
        client = server.connect(source=source)
        client.send("PASS " + password, "NICK " + nick, "USER u 0 * :u")
        return client

    def test_guesses_are_few_for_a_host(self):
        door = irc.password_hash("door")
        with irc.Server(extra='limits { wrong_passwords = "2/10m" }\n',
                        server='password = "%s"' % door) as server:
            for n in range(2):
                with self.enter(server, "g%d" % n, "guess", SPAMMER) as client:
                    self.assertIn("(Wrong server password)", client.wait_closed()[-1])
            with self.enter(server, "late", "door", SPAMMER) as client:
                self.assertRegex(client.wait_closed()[-1],
                                 r"\(Too many wrong server passwords from your host; try again in \w+\)$")
            with self.enter(server, "other", "door", "127.0.0.67") as client:
                client.expect(" 001 other ")


if __name__ == "__main__":
    irc.main()
