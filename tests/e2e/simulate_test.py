"""--simulate: the shipped traces, the counts, the refused traces; and recordings of a live server."""
import filecmp
import glob
import json
import os
import re
import resource
import runpy
import signal
import tempfile
import time
import unittest

import irc

TRACES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "contrib", "traces")
NAMES = ["evening.jsonl", "reconnect-storm.jsonl", "spam-wave.jsonl"]


def replay(trace, *args, config=None):
    """The hosts by address, and the summary."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as f:
        if config is not None:
            f.write(config)
            f.flush()
            args = ("-c", f.name) + args
        stdin = None
        if not isinstance(trace, str):
            stdin, trace = "".join(json.dumps(event) + "\n" for event in trace), "-"
        got = irc.run("--simulate", trace, "--json", *args, input=stdin)
    assert got.returncode == 0, got.stderr
    lines = [json.loads(line) for line in got.stdout.splitlines()]
    return {host["host"]: host for host in lines[:-1]}, lines[-1]["summary"]


def shipped(name, config=None):
    return replay(os.path.join(TRACES, name), config=config)


class Events(list):
    """A trace of one client, 'a' from 192.0.2.1, that registers at 0."""

    def __init__(self, **more):
        self.at(0, connect="192.0.2.1", login=["NICK a", "USER a 0 * :a"], **more)

    def at(self, time, who="a", **event):
        self.append({"time": time, "id": who, **event})
        return self


class Shipped(unittest.TestCase):
    def test_the_traces_are_those_that_make_py_writes(self):
        with tempfile.TemporaryDirectory() as directory:
            runpy.run_path(os.path.join(TRACES, "make.py"))["main"](directory)
            match, mismatch, errors = filecmp.cmpfiles(TRACES, directory, NAMES, shallow=False)
            self.assertEqual(sorted(match), NAMES)
        for name in NAMES:
            self.assertLess(os.path.getsize(os.path.join(TRACES, name)), 1 << 20)

    def test_a_normal_evening_gets_no_strike(self):
        hosts, all = shipped("evening.jsonl")
        self.assertEqual((all["hosts"], all["connects"], all["turned_away"]), (30, 40, 0))
        self.assertEqual((all["strikes"], all["bans"], all["refused"], all["lost"]), (0, 0, 0, 0))
        self.assertGreater(all["run"], 5000)
        self.assertGreater(all["held"], 10)  # a paste waits, and is said whole

    def test_a_wave_of_spam_is_banned_within_ten_seconds_and_no_other_client(self):
        hosts, all = shipped("spam-wave.jsonl")
        self.assertEqual((all["hosts"], all["banned_hosts"], all["bans"]), (205, 200, 200))
        self.assertLess(all["slowest_ban"], 10)
        for address, host in hosts.items():
            self.assertEqual(len(host["limit_reached"]), 0 if address.startswith("192.0.2.") else 1, host)
            if address.startswith("192.0.2."):
                self.assertEqual((host["strikes"], host["refused"], host["lost"]), (0, 0, 0))

    def test_a_storm_behind_one_address_is_turned_away_and_not_banned(self):
        hosts, all = shipped("reconnect-storm.jsonl")
        self.assertEqual((all["strikes"], all["bans"]), (0, 0))
        nat = hosts["203.0.113.5"]
        self.assertEqual(nat["connects"] - nat["turned_away"], 3)
        self.assertEqual(list(nat["turned_away_by"]), ["per_host"])
        self.assertTrue(all["turned_away"] == nat["turned_away"] > 100)

    def test_a_storm_is_let_in_bit_by_bit_where_the_class_has_room(self):
        office = 'class "office" { match = { "203.0.113.5" }  per_host = 40  per_network = 40 }\n'
        hosts, all = shipped("reconnect-storm.jsonl", office)
        self.assertEqual((all["strikes"], all["bans"]), (0, 0))
        nat = hosts["203.0.113.5"]
        self.assertEqual(nat["connects"] - nat["turned_away"], 40)

    def test_the_table_says_the_same_in_words(self):
        got = irc.run("--simulate", os.path.join(TRACES, "spam-wave.jsonl"))
        self.assertEqual((got.returncode, got.stderr), (0, ""))
        self.assertRegex(got.stdout, r"(?m)^bans     200, of 200 hosts; each host's first came at most "
                                     r"\d\.\ds after its first connect$")
        self.assertRegex(got.stdout, r"(?m)^198\.18\.0\.20 .* struck for flood 5  "
                                     r"banned after \d\.\ds for 10m \(flood\)$")
        self.assertEqual(got.stdout, irc.run("--simulate", os.path.join(TRACES, "spam-wave.jsonl")).stdout)


class Counts(unittest.TestCase):
    def count(self, events, *names, config=None):
        _, all = replay(events, config=config)
        return tuple(all[name] for name in names)

    def test_lines_run_wait_or_are_refused(self):
        for lines, run, held, refused, strikes in (10, 10, 0, 0, 0), (11, 10, 1, 0, 0), (26, 10, 16, 0, 0), \
                                                  (27, 10, 16, 1, 1), (40, 10, 16, 14, 1):
            with self.subTest(lines=lines):
                events = Events().at(60, lines=["PRIVMSG a :x"] * lines)
                self.assertEqual(self.count(events, "run", "held", "refused", "strikes", "lost"),
                                 (2 + run, held, refused, strikes, 0))

    def test_the_longest_wait_is_that_of_the_last_held_line(self):
        events = Events().at(60, lines=["PRIVMSG a :x"] * 26)
        (wait,) = self.count(events, "longest_wait")
        self.assertAlmostEqual(wait, 8.0, delta=0.1)
        (wait,) = self.count(events, "longest_wait", config='flood { interval = "1s" }\n')
        self.assertAlmostEqual(wait, 16.0, delta=0.1)

    def test_lines_of_a_client_that_is_gone_are_lost(self):
        events = Events().at(60, lines=["PRIVMSG a :x"] * 20).at(61, close=True)
        self.assertEqual(self.count(events, "run", "held", "lost"), (12, 2, 8))
        events = Events().at(60, line="QUIT").at(61, lines=["PING a", "PING b"])
        self.assertEqual(self.count(events, "run", "lost"), (3, 2))
        events = Events().at(1, "b", connect="192.0.2.2").at(2, "b", lines=["PING x"] * 30)
        self.assertEqual(self.count(events, "strikes", "struck_for", "run", "lost"),
                         (2, {"excess-flood": 2}, 2 + 20, 1))

    def test_a_silent_client_answers_pings_and_stays(self):
        events = Events().at(86400, line="PING late")
        self.assertEqual(self.count(events, "run", "lost"), (3, 0))

    def test_a_gap_takes_no_time_and_changes_nothing(self):
        begun = time.monotonic()
        # Idle for 30 years; no client; not registered; a held line; retries without end.
        self.assertEqual(self.count(Events().at(1e9, line="PING late"), "run", "lost"), (3, 0))
        events = Events().at(1, close=True).at(1e9, "b", connect="192.0.2.2", login=["NICK b", "USER b 0 * :b"])
        self.assertEqual(self.count(events, "run", "lost"), (4, 0))
        events = Events().at(1, "b", connect="192.0.2.2").at(1e9, "b", line="NICK b")
        self.assertEqual(self.count(events, "run", "lost"), (2, 1))
        config = 'flood { burst = 2  interval = "1m" }\n'
        events = Events().at(90000, lines=["PRIVMSG a :x"] * 4).at(1e9, line="PING x")
        self.assertEqual(self.count(events, "run", "held", "longest_wait", "lost", config=config),
                         (5, 2, 120.0, 0))
        events = Events().at(5, "b", connect="192.0.2.1", retry=[0.1], login=["NICK b"])
        (tries,) = self.count(events.at(1e9, close=True), "connects", config="limits { per_host = 1 }\n")
        self.assertEqual(tries, 2 + 1000000)
        self.assertLess(time.monotonic() - begun, 15)

    def test_strikes_decay_and_bans_end_in_a_gap(self):
        flood = ["PRIVMSG a :x"] * 40
        for gap, strikes in (2, 2), (1e6, 2):
            events = Events().at(60, lines=flood).at(60 + gap, lines=flood)
            self.assertEqual(self.count(events, "strikes"), (strikes,))
        config = 'strikes { limit = 2  ladder = { "3h" }  decay = "1h" }\n'
        for gap, bans in (60, 1), (3599, 1), (3601, 0), (1e6, 0):
            events = Events().at(100, lines=flood).at(100 + gap, lines=flood)
            self.assertEqual(self.count(events, "bans", config=config), (bans,))
        config = 'strikes { limit = 1  ladder = { "3h" } }\n'
        for gap, refused in (3 * 3600 - 10, 1), (3 * 3600 + 10, 0), (1e8, 0):
            events = Events().at(100, lines=flood).at(100 + gap, "b", connect="192.0.2.1",
                                                      login=["NICK b", "USER b 0 * :b"])
            self.assertEqual(self.count(events, "turned_away", config=config), (refused,))

    def test_a_client_that_does_not_register_is_timed_out(self):
        events = Events().at(1, "b", connect="192.0.2.2").at(40, "b", line="NICK b")
        self.assertEqual(self.count(events, "run", "lost"), (2, 1))

    def test_a_refused_client_tries_again_as_long_as_the_trace_says(self):
        config = "limits { per_host = 1 }\n"
        events = Events().at(5, "b", connect="192.0.2.1", retry=[10, 20], login=["NICK b", "USER b 0 * :b"])
        # At 15, 35, 55 and 75; the first leaves at 60.
        events.at(60, close=True).at(100, "b", line="PING x")
        self.assertEqual(self.count(events, "connects", "turned_away", "run", "lost", config=config),
                         (6, 4, 5, 0))
        events[1].pop("retry")
        self.assertEqual(self.count(events, "connects", "turned_away", "run", "lost", config=config),
                         (2, 1, 2, 1))

    def test_every_password_is_right_but_wrong(self):
        config = irc.oper_block() + 'server { password = "%s" }\nopers { plaintext = allow }\n' % irc.password_hash("x")
        for password, oper, strikes in ("y", "y", {}), ("wrong", "y", {"bad-password": 1}), \
                                       ("y", "wrong", {"bad-oper": 2}):
            with self.subTest(password=password, oper=oper):
                events = [{"time": 0, "id": "a", "connect": "192.0.2.1",
                           "login": ["PASS " + password, "NICK a", "USER a 0 * :a"]},
                          {"time": 60, "id": "a", "line": "OPER alice " + oper}]
                self.assertEqual(self.count(events, "struck_for", config=config), (strikes,))

    def test_rehash_and_restart_are_refused(self):
        """An operator's lines run on behind the answers, however many logins there are."""
        config = irc.oper_block() + 'flood { burst = 30000  hold = 1000 }\nopers { plaintext = "allow" }\n'
        lines = ["OPER alice y"] * 100 + ["REHASH", "RESTART irc.localhost", "REHASH", "PING x"]
        events = Events().at(60, lines=lines[:1]).at(61, lines=lines[1:])
        self.assertEqual(self.count(events, "run", "held", "refused", "lost", config=config),
                         (4, len(lines) - 2, 0, 0))

    def test_limits_can_be_tried(self):
        config = 'strikes { limit = 1  ladder = { "3h" } }\nflood { burst = 2  hold = 0 }\n'
        hosts, all = replay(Events().at(60, lines=["PRIVMSG a :x"] * 3), config=config)
        self.assertEqual(hosts["192.0.2.1"]["limit_reached"],
                         [{"time": 60.0, "after": 60.0, "for": "3h", "cause": "flood"}])

    def test_classes_of_tls_and_of_certificates_count(self):
        certfp = "1" * 64
        config = ('class "staff" { certfp = { "%s" }  per_host = 3 }\n'
                  'class "tls" { tls = true  per_host = 2 }\nlimits { per_host = 1 }\n' % certfp)
        for facts, most in (({}, 1), ({"tls": True}, 2), ({"tls": True, "certfp": certfp}, 3)):
            events = Events()
            del events[:]
            for i in range(4):
                events.at(100 * i, "c%d" % i, connect="192.0.2.1",
                          login=["NICK a%d" % i, "USER a 0 * :a"], **facts)
            hosts, all = replay(events, config=config)
            self.assertEqual(all["turned_away"], 4 - most, facts)

    def test_a_gateway_is_only_disconnected(self):
        config = 'class "gate" { match = { "192.0.2.0/24" }  strikes = "disconnect" }\n'
        events = Events()
        for second in range(6):
            events.at(60 + second, lines=["PRIVMSG a :x"] * 30)
        hosts, all = replay(events, config=config)
        self.assertEqual((all["bans"], all["disconnects"]), (0, 1))
        self.assertEqual(hosts["192.0.2.1"]["limit_reached"][0]["for"], None)

    def test_nothing_is_listened_on_and_nothing_is_written(self):
        with tempfile.TemporaryDirectory() as directory:
            trace = os.path.abspath(os.path.join(TRACES, "reconnect-storm.jsonl"))
            self.assertEqual(irc.run("--simulate", trace, cwd=directory).returncode, 0)
            self.assertEqual(os.listdir(directory), [])


class Faults(unittest.TestCase):
    def test_every_fault_of_a_trace_is_told_with_its_place(self):
        got = irc.run("--simulate", "-", input='{"time":0,"id":"a","connect":"192.0.2"}\n{"x":1}\n')
        self.assertEqual((got.returncode, got.stdout), (1, ""))
        self.assertRegex(got.stderr, r'(?m)^\(standard input\):1: connect: "192\.0\.2"; expected an address, ')
        self.assertRegex(got.stderr, r'(?m)^\(standard input\):2: unknown key "x"; there are time, ')

    def test_wrong_arguments_are_told(self):
        for args, why in ((["--simulate"], "a value is missing after --simulate"),
                          (["--simulate", "none"], "cannot read the trace none: No such file"),
                          (["--json"], "goes with --simulate and ctl only: --json"),
                          (["--simulate", "-", "-t"], "does not go with the options before it: --test"),
                          (["-c", "none", "--simulate", "-"], "none: ")):
            with self.subTest(args=args):
                got = irc.run(*args, input="")
                self.assertEqual(got.returncode, 1)
                self.assertIn(why, got.stderr)


class Recording(unittest.TestCase):
    def files(self, server):
        return sorted(glob.glob(server.path("t-*.jsonl")) + glob.glob(server.path("data/t-*.jsonl")))

    def test_a_recording_can_be_replayed_and_says_nothing(self):
        with irc.Server(log='trace = "t"', extra=irc.oper_block()) as server:
            with server.connect("alice") as alice, server.connect("bob", source="127.0.0.8") as bob:
                alice.send("JOIN #secret hidden", "MODE #secret +k hidden")
                alice.expect(" MODE #secret ")
                alice.oper()
                bob.send(*["PRIVMSG alice :attack at dawn %d" % n for n in range(40)])
                bob.expect(":Strike 1 of 5")
                more = [server.connect() for _ in range(3)]  # one too many
                more[2].wait_closed()
                for client in more:
                    client.close()
            self.assertEqual(server.stop(), 0)
            (path,) = self.files(server)
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)
            text = open(path).read()
            for word in "alice", "bob", "secret", "hidden", "attack", "dawn", "127.0.0", "OPER":
                self.assertNotIn(word, text)
            self.assertIn(":xxxxxx xx xxxx x", text)
            hosts, all = replay(path)
            # Two addresses of one /24 are two addresses of one /24.
            self.assertEqual(sorted(hosts), ["10.0.0.0", "10.0.0.1"])
            self.assertEqual((all["connects"], all["turned_away_by"]), (5, {"per_host": 1}))
            self.assertEqual(all["strikes"], 1)
            self.assertIn(all["refused"], range(13, 17))  # of 40, some tokens went for coming in

    def test_rehash_begins_and_ends_it_and_a_broken_one_changes_nothing(self):
        with irc.Server() as server:
            text = server.read("ircd.conf")
            self.assertEqual(self.files(server), [])

            def rehash(trace, event):
                server.write_config(text.replace("log {", 'log { trace = "%s" ' % trace))
                seen = server.log().count("event=" + event)
                server.send_signal(1)
                irc.wait_until(lambda: server.log().count("event=" + event) > seen, what=event)

            rehash("data/t", "rehash ")
            (first,) = self.files(server)
            rehash("none/t", "rehash-refused")
            self.assertIn("cannot make %s-" % server.path("none/t"), server.log())
            server.connect("alice").close()
            time.sleep(0.1)
            rehash("", "rehash ")
            self.assertEqual(self.files(server), [first])
            self.assertIn('"connect":"10.0.0.0"', open(first).read())
            size = os.path.getsize(first)
            server.connect("bob").close()
            self.assertEqual(server.stop(), 0)
            self.assertEqual(os.path.getsize(first), size)

    def rehash(self, server, trace, event="rehash "):
        """REHASH with this log.trace in the place of the one that is there."""
        text = re.sub(r'trace = "[^"]*"', 'trace = "%s"' % trace, server.read("ircd.conf"))
        server.write_config(text)
        seen = server.log().count("event=" + event)
        server.send_signal(signal.SIGHUP)
        irc.wait_until(lambda: server.log().count("event=" + event) > seen, what=event)

    def test_after_a_full_disk_the_same_rehash_begins_anew(self):
        with irc.Server(log='trace = "t"') as server:
            (first,) = self.files(server)
            limit = os.path.getsize(server.path("stderr")) + 8192
            hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (limit, hard))
            with server.connect("alice") as alice:
                time.sleep(1.1)  # it is written once a second
                alice.send("PING early")
                for n in range(200):
                    if "event=trace-ended" in server.log():
                        break
                    alice.send("PRIVMSG alice :" + 400 * "x")
                    time.sleep(0.02)
            server.wait_log("event=trace-ended file=%s why=" % re.escape(first))
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
            self.rehash(server, "t")
            self.assertEqual(len(self.files(server)), 2)
            server.connect("bob").close()
            self.assertEqual(server.stop(), 0)
            self.assertEqual(self.files(server)[0], first)
            for path in self.files(server):  # each ends with a whole line
                self.assertEqual(replay(path)[1]["connects"], 1)

    def test_inside_the_sandbox_new_recordings_begin_in_a_directory_of_their_own(self):
        with tempfile.TemporaryDirectory(prefix="ircd-test-") as own, \
                irc.Server(log='trace = "%s/t"' % own) as server:
            self.assertRegex(server.log(), r'sandbox="landlock \d+, seccomp')

            def names():
                return sorted(glob.glob(own + "/*"))

            server.connect("alice").close()
            server.wait_log("event=trace ")
            self.rehash(server, "")
            (first,) = names()
            self.rehash(server, own + "/again")
            self.assertEqual(len(names()), 2)
            self.rehash(server, "")  # nothing in it: removed again
            self.assertEqual(names(), [first])
            self.rehash(server, own + "/t")
            server.connect("bob").close()
            self.assertEqual(server.stop(), 0)
            self.assertEqual(len(names()), 2)
            for path in names():
                self.assertEqual(replay(path)[1]["connects"], 1)

    def test_inside_the_sandbox_another_directory_is_refused_in_words(self):
        with tempfile.TemporaryDirectory(prefix="ircd-test-") as other, irc.Server(log='trace = ""') as server:
            self.rehash(server, other + "/t", "rehash-refused")
            self.assertIn("log.trace: cannot make %s/t-" % other, server.log())
            self.assertIn("Permission denied", server.log())

    def test_an_empty_recording_leaves_no_file_and_a_bad_path_no_server(self):
        with irc.Server(log='trace = "t"') as server:
            self.assertEqual(len(self.files(server)), 1)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(self.files(server), [])
        with irc.Server(log='trace = "none/t"', start=False) as server:
            server.spawn()
            self.assertEqual(server.wait(), 1)
            self.assertTrue(re.search("log.trace: cannot make %s/t-.*: No such file" % re.escape(server.path("none")), server.log()))


if __name__ == "__main__":
    irc.main()
