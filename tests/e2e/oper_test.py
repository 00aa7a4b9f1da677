"""Operators: the lockout, REHASH, KILL, WALLOPS, DIE, STATS, and users without the rights.

usage: oper_test.py BINARY [test…]
"""
import re
import statistics
import time
import unittest

import irc

ALONE = "it measures how fast others are answered while passwords are hashed"
SECRET = "correct-horse"
THERE = "127.0.0.8"
FREE = 'exempt "127.0.0.0/8" { from = { "connections", "throttle", "flood" } }\n'
ALL_FREE = irc.EXEMPT


def server_with(extra=FREE, privileges='"all"', hosts='"*@*"'):
    return irc.Server(extra=irc.oper_block("alice", SECRET, privileges, hosts) + extra)


def oper(server, nick="alice", **options):
    return server.connect(nick, **options).oper("alice", SECRET)


class Door(unittest.TestCase):
    def fail(self, client, name="alice", password="hunter2"):
        client.send("OPER %s %s" % (name, password))
        client.expect(r" 464 \w+ :Password incorrect$")

    def test_the_right_password_opens_and_says_so(self):
        with server_with() as server:
            first, second = oper(server, "first"), server.connect("second")
            second.send("OPER alice correct-horse")
            second.expect(r"^:second!user@127\.0\.0\.1 MODE second :\+o\w*$")
            second.expect(r" 381 second :")
            first.expect(r" NOTICE first :\*\*\* second!user@127\.0\.0\.1 is now an operator \(alice\)$")
            server.wait_log("event=oper .*name=alice")

    def test_a_wrong_password_strikes_and_opers_hear_of_it(self):
        with server_with() as server:
            alice, mallory = oper(server), server.connect("mallory", source=THERE)
            self.fail(mallory)
            mallory.expect(r" NOTICE mallory :Strike 2 of 5: wrong operator password\. At 5 your "
                           r"address is banned for 10 minutes\.$")
            alice.expect(r" NOTICE alice :\*\*\* Failed OPER as 'alice' by mallory!user@127\.0\.0\.8: "
                         r"wrong password$")
            self.assertNotIn("hunter2", server.log() + " ".join(alice.lines))

    def test_three_failures_lock_out_that_host_only(self):
        with server_with() as server:
            mallory = server.connect("mallory", source=THERE)
            for name in "alice", "nobody", "alice":
                self.fail(mallory, name)
            mallory.send("OPER alice correct-horse")
            wait = mallory.expect(r" NOTICE mallory :OPER refused: too many failures from your host; "
                                  r"try again in (\S+)$").group(1)
            self.assertRegex(wait, r"^(10m|9m5\ds)$")
            with server.connect("friend", source=THERE) as friend:
                friend.send("OPER alice correct-horse")
                friend.expect("OPER refused: too many failures")
            oper(server)
            mallory.silent(" 381 ")

    def test_wrong_passwords_alone_never_ban(self):
        with server_with('opers { failures = "100/10m" }\n' + FREE) as server:
            mallory = server.connect("mallory", source=THERE)
            for _ in range(5):
                self.fail(mallory)
            mallory.silent("Strike 5")
            server.connect("friend", source=THERE)

    def test_the_host_is_looked_at_before_the_password(self):
        with server_with(hosts='"*@127.0.0.1"') as server:
            for password in "correct-horse", "wrong":
                with server.connect("mallory", source=THERE) as mallory:
                    mallory.send("OPER alice " + password)
                    mallory.expect(r" 491 mallory :No appropriate operator block for your host$")
            oper(server)

    def test_names_for_other_hosts_are_no_other_than_unknown_ones(self):
        blocks = irc.oper_block("bob", "battery", '"all"', '"*@127.0.0.8"')
        with server_with(blocks + FREE, hosts='"*@127.0.0.1"') as server:
            alice, bob = oper(server), server.connect("bob", source=THERE)
            for name, why in ("alice", "as 'alice' by bob!.*: not from this host"), \
                             ("nobody", "as an unknown name by bob!.*: no such operator"):
                self.fail(bob, name, "hunter2")
                alice.expect(r"Failed OPER %s$" % why)
            bob.oper("bob", "battery")

    def hang_up(self, server, password, event, times):
        """This many clients try the password and hang up at once. Returns when the answers are there."""
        for n in range(times):
            with server.connect("eve%d" % n, source=THERE) as eve:
                eve.silent("unread")
                eve.send("OPER alice " + password)
            server.wait_log(r"event=%s client=eve%d!" % (event, n))

    def test_hanging_up_makes_a_right_password_no_failure(self):
        with server_with() as server:
            alice = oper(server)
            self.hang_up(server, SECRET, "oper(-left)?", 5)
            oper(server, "after", source=THERE)
            alice.silent("Failed OPER|Strike")

    def test_hanging_up_makes_a_wrong_password_no_better(self):
        with server_with() as server:
            alice = oper(server)
            self.hang_up(server, "hunter2", "oper-failed", 3)
            for n in range(3):
                alice.expect(r"Failed OPER as 'alice' by eve%d!user@127\.0\.0\.8: wrong password$" % n)
            alice.expect(r"Too many failed OPERs from 127\.0\.0\.8: no OPER from there until ")
            after = server.connect("after", source=THERE)
            after.send("OPER alice correct-horse")
            after.expect("OPER refused: too many failures")

    def test_a_pardon_ends_the_lockout(self):
        with server_with() as server:
            alice, mallory = oper(server), server.connect("mallory", source=THERE)
            for _ in range(3):
                self.fail(mallory)
            alice.send("CHECK mallory", "PARDON mallory")
            alice.expect(r"OPER: locked out for \d+ s$")
            alice.expect(r"PARDON 127\.0\.0\.8 \(mallory\): cleared 4 strikes, .*, ended its OPER lockout, saved$")
            alice.send("CHECK mallory")
            alice.expect(r"OPER: not locked out, 0 of 3 failures$")
            mallory.oper("alice", SECRET)

    def test_an_unknown_name_takes_as_long_as_a_wrong_password(self):
        with server_with('opers { failures = "1000/10m" }\n' + ALL_FREE) as server:
            client = server.connect("mallory")
            took = {"alice": [], "nobody": []}
            for _ in range(7):
                for name, times in took.items():
                    begun = time.monotonic()
                    self.fail(client, name)
                    times.append(time.monotonic() - begun)
            known, unknown = map(statistics.median, took.values())
            self.assertTrue(1 / 3 < known / unknown < 3, took)
            self.assertGreater(unknown, 0.005, "a password is really hashed")

    def test_checking_a_password_stops_no_other_client(self):
        with server_with('opers { failures = "1000/10m" }\n' + ALL_FREE) as server:
            mallory, canary = server.connect("mallory"), server.connect("canary")
            mallory.send(*["OPER nobody x"] * 10)
            slowest = 0
            for n in range(40):
                begun = time.monotonic()
                canary.send("PING %d" % n)
                canary.expect(" PONG .*%d$" % n)
                slowest = max(slowest, time.monotonic() - begun)
                time.sleep(0.01)
            self.assertLess(slowest, 0.25)

    def test_replies_keep_the_order_of_commands(self):
        with server_with() as server:
            client = server.connect("alice")
            client.send("OPER alice correct-horse", "PING after", "OPER alice correct-horse", "QUIT :bye")
            lines = client.wait_closed()
            order = [word for line in lines for word in (" 381 ", " PONG ", "ERROR ") if word in line]
            self.assertEqual(order, [" 381 ", " PONG ", " 381 ", "ERROR "])

    def test_logging_out_takes_the_rights_away(self):
        with server_with() as server:
            alice, bob = oper(server), server.connect("bob")
            alice.send("MODE alice -o", "KILL bob :no")
            alice.expect(r" 481 alice :Permission Denied - ")
            bob.silent("KILL")


class Rights(unittest.TestCase):
    COMMANDS = ("KILL bob :x", "KLINE 1m *@192.0.2.7 :x", "UNKLINE *@192.0.2.7", "DLINE 1m 192.0.2.7 :x",
                "UNDLINE 192.0.2.7", "REHASH", "WALLOPS :x", "DIE irc.test.example :x", "STATS k", "STATS d")

    def refuses_all(self, client):
        for command in self.COMMANDS:
            with self.subTest(command=command):
                client.send(command)
                client.expect(r" 481 \w+ :Permission Denied - ", 3)
        client.silent(" 381 ")

    def test_users_may_nothing(self):
        with server_with(ALL_FREE) as server:
            bob = server.connect("bob")
            self.refuses_all(bob)
            bob.send("STATS m")
            bob.expect(" 481 bob :")
            server.connect("carol")

    def test_an_oper_may_only_what_is_named(self):
        with server_with(ALL_FREE, privileges='"see_address"') as server:
            server.connect("bob")
            self.refuses_all(oper(server))

    def test_bans_for_good_need_their_own_right(self):
        with server_with(ALL_FREE, privileges='"kline"') as server:
            alice = oper(server)
            alice.send("KLINE *@192.0.2.7 :for good")
            alice.expect(r" 481 alice :Permission Denied - a ban without end needs the privilege 'permanent'")
            alice.send("KLINE 1m *@192.0.2.7 :not for good")
            alice.expect(r"K-line \*@192\.0\.2\.7 set until .*, saved$")


class Acts(unittest.TestCase):
    def test_kill_names_the_killer_and_the_reason(self):
        with server_with(ALL_FREE) as server:
            alice, bob, carol = oper(server), server.connect("bob"), server.connect("carol")
            for client in bob, carol:
                client.send("JOIN #a")
                client.expect(" 366 ")
            alice.send("KILL bob :enough of this")
            bob.expect(r"^:alice!user@127\.0\.0\.1 KILL bob :enough of this$")
            self.assertEqual(bob.wait_closed()[-1],
                             "ERROR :Closing Link: 127.0.0.1 (Killed (alice (enough of this)))")
            carol.expect(r"^:bob!user@127\.0\.0\.1 QUIT :Killed \(alice \(enough of this\)\)$")
            server.wait_log('event=kill by=alice nick=bob .*reason="enough of this"')

    def test_killing_an_unknown_nick_and_oneself(self):
        with server_with(ALL_FREE) as server:
            alice = oper(server)
            alice.send("KILL nobody :x")
            alice.expect(" 401 alice nobody :")
            alice.send("KILL alice :me", "KILL alice :again", "PING gone")
            self.assertNotIn("gone", alice.wait_closed()[-1])
            server.connect("alice")

    def test_wallops_reaches_clients_with_the_mode(self):
        with server_with(ALL_FREE) as server:
            alice, bob, carol = oper(server), server.connect("bob"), server.connect("carol")
            bob.send("MODE bob +w")
            bob.expect(r" MODE bob :?\+w$")
            alice.send("WALLOPS :to whom it may concern")
            for client in alice, bob:
                client.expect(r"^:alice!user@127\.0\.0\.1 WALLOPS :to whom it may concern$")
            carol.silent("WALLOPS")

    def test_die_tells_all_clients_and_saves(self):
        with server_with(ALL_FREE) as server:
            alice, bob = oper(server), server.connect("bob")
            alice.send("KLINE 1h *@127.0.0.66 :the last act", "DIE irc.test.example :good night")
            for client in alice, bob:
                self.assertEqual(client.wait_closed()[-1],
                                 "ERROR :Closing Link: 127.0.0.1 (Server stopped by alice: good night)")
            self.assertEqual(server.wait(5), 0)
            server.start()
            alice = oper(server)
            alice.send("STATS k")
            alice.expect(r" 216 alice k \*@127\.0\.0\.66 ")

    def test_stats_of_commands_and_uptime(self):
        with server_with(ALL_FREE) as server:
            alice = oper(server)
            alice.send("PING x", "PING y", "STATS m")
            self.assertGreaterEqual(int(alice.expect(r" 212 alice PING (\d+) \d+$").group(1)), 2)
            alice.expect(r" 219 alice m :")
            alice.send("STATS u")
            alice.expect(r" 242 alice :Server up 0 days, 0:0\d:\d\d$")
            alice.expect(r" 219 alice u :")


class Rehash(unittest.TestCase):
    def setUp(self):
        self.server = server_with('exempt "127.0.0.1" { from = { "connections", "throttle", "flood" } }\n')
        self.addCleanup(self.server.close)
        self.alice = oper(self.server)
        with open(self.server.config) as f:
            self.good = f.read()

    def takes_one_more(self):
        """Whether another connection of a host with one is taken."""
        with self.server.connect("one", source=THERE), self.server.connect(source=THERE) as two:
            two.send("NICK two", "USER two 0 * :two")
            try:
                two.expect(" 001 ")
                return True
            except irc.Closed:
                return False

    def test_a_good_file_is_applied(self):
        self.assertTrue(self.takes_one_more())
        self.server.write_config(self.good + "limits { per_host = 1 }\n")
        self.alice.send("REHASH")
        self.alice.expect(" 382 alice ")
        self.alice.expect(r" NOTICE alice :REHASH: the new configuration is in force$")
        self.assertFalse(self.takes_one_more())

    def test_a_broken_file_changes_nothing_and_its_line_is_told(self):
        broken = self.good + "limits { per_host = 1\n  per_network = 0\n}\nbogus\n"
        self.server.write_config(broken)
        line = self.good.count("\n") + 2
        for _ in range(2):
            self.alice.send("REHASH")
            self.alice.expect(r" NOTICE alice :(\*\*\* )?REHASH refused, nothing changed: %s:%d: \S.*per_network" % (
                re.escape(self.server.config), line))
            self.alice.expect(r"REHASH refused, nothing changed: %s:%d: \S" % (
                re.escape(self.server.config), line + 2))
            self.alice.silent("in force")
            self.assertTrue(self.takes_one_more())
        self.server.write_config(self.good + "limits { per_host = 1 }\n")
        self.alice.send("REHASH")
        self.alice.expect("REHASH: the new configuration is in force")
        self.assertFalse(self.takes_one_more())

    def test_a_plain_password_is_refused_and_never_shown(self):
        self.server.write_config(self.good + 'oper "bob" { password = "hunter2"  hosts = { "*@*" } }\n')
        self.alice.send("REHASH")
        told = self.alice.expect(r"REHASH refused, nothing changed: (.*)$").group(1)
        self.assertIn("ircd --hash-password", told)
        self.alice.silent("hunter2")
        self.assertNotIn("hunter2", " ".join(self.alice.lines) + self.server.log())

    def test_an_oper_that_is_gone_from_the_file_is_refused(self):
        self.server.write_config(self.good.replace('oper "alice"', 'oper "carol"'))
        self.alice.send("REHASH")
        self.alice.expect("in force")
        other = self.server.connect("other")
        other.send("OPER alice correct-horse")
        other.expect(" 464 other ")
        other.send("OPER carol correct-horse")
        other.expect(" 381 other ")


if __name__ == "__main__":
    irc.main()
