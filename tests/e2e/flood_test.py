"""What is limited for the sake of the others: strangers written to, server passwords.

usage: flood_test.py BINARY [test…]
"""
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
