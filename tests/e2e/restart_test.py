"""RESTART: the same process, all stored state is there, all clients are told, and it is refused if it cannot work.

usage: restart_test.py BINARY [test…]
"""
import os
import re
import shutil
import signal
import time
import unittest

import irc

SECRET = "correct-horse"
THERE = "127.0.0.8"
OPEN = "process { sandbox = false  core_dumps = true }\n"  # inside, no program starts
FREE = 'exempt "127.0.0.0/8" { from = { "connections", "throttle", "flood" } }\n'
ERROR = r"^ERROR :Closing Link: 127\.0\.0\.\d+ \(Server restarted by alice%s\)$"


def oper(server):
    return server.connect("alice").oper("alice", SECRET)


def starts(server):
    return len(re.findall(r"event=start ", server.log()))


class Restart(unittest.TestCase):
    def server(self, **options):
        server = irc.Server(extra=irc.oper_block("alice", SECRET) + FREE + OPEN, **options)
        self.addCleanup(server.close)
        return server

    def restart(self, server, clients, reason=""):
        """RESTART by the first of these clients; returns when the server is back."""
        before = starts(server)
        clients[0].send("RESTART irc.test.example" + (" :" + reason if reason else ""))
        for client in clients:
            last = client.wait_closed()[-1]
            self.assertRegex(last, ERROR % (": " + reason if reason else ""))
        irc.wait_until(lambda: starts(server) > before, what="a new start")
        irc.wait_until(server._listens, what="the port")

    def fail_oper(self, server, strike):
        with server.connect("mallory", source=THERE) as mallory:
            mallory.send("OPER alice hunter2")
            mallory.expect(r" 464 mallory :")
            mallory.expect(r" NOTICE mallory :Strike %d of 5: wrong operator password" % strike)

    def test_inside_the_sandbox_it_is_refused_in_words(self):
        with irc.Server(extra=irc.oper_block("alice", SECRET) + FREE) as server:
            alice = oper(server)
            alice.send("RESTART irc.test.example")
            alice.expect(r"RESTART refused, nothing changed: the sandbox lets no program start \(process.sandbox\); DIE")
            alice.silent("ERROR")

    def test_bans_and_strikes_are_there_again_and_again(self):
        server = self.server(args=["--pid-file", "pid"])
        pid = server.process.pid
        self.fail_oper(server, 2)
        alice = oper(server)
        alice.send("KLINE 1h *@127.0.0.66 :the first act")
        alice.expect("127.0.0.66")
        descriptors = []
        for turn, reason in enumerate(("new moon", "", "third")):
            # A client that has not registered is told too.
            self.restart(server, [alice, server.connect("bob"), server.connect()], reason)
            self.assertEqual(server.process.pid, pid)
            self.assertIsNone(server.process.poll())
            self.assertEqual(server.read("pid"), "%d\n" % pid)
            alice = oper(server)
            alice.send("STATS k")
            alice.expect(r" 216 alice k \*@127\.0\.0\.66 .*the first act")
            alice.expect(r" 219 alice k :")
            descriptors.append(server.descriptors())
        self.fail_oper(server, 4)
        self.assertEqual(descriptors, descriptors[:1] * 3, "descriptors leak")
        alice.send("DIE irc.test.example")
        alice.wait_closed()
        self.assertEqual(server.wait(5), 0)

    def test_a_broken_configuration_is_refused_with_all_its_faults(self):
        server = self.server()
        alice, bob = oper(server), server.connect("bob")
        with open(server.config) as f:
            good = f.read()
        server.write_config(good + "limits {\n  per_host = 0\n}\nbogus = 1\n")
        for _ in range(2):
            alice.send("RESTART irc.test.example :now")
            for option in "per_host", "bogus":
                alice.expect(r" NOTICE alice :RESTART refused, nothing changed: %s:\d+: .*%s" % (
                    re.escape(server.config), option))
        bob.silent("ERROR")
        self.assertEqual(starts(server), 1)
        server.wait_log("event=restart-refused by=alice")
        server.write_config(good.replace('network = "Test"', 'network = "Other"'))
        self.restart(server, [alice, bob])
        with server.connect() as carol:
            carol.send("NICK carol", "USER u 0 * :c")
            carol.expect(r" 001 carol :Welcome to the Other network")

    def test_in_the_background_the_process_stays_the_same(self):
        server = self.server(args=["-d", "--pid-file", "pid"], start=False, log='file = "log"')
        got = irc.run("-c", server.config, *server.args, cwd=server.dir)
        self.assertEqual(got.returncode, 0, got)
        pid = int(server.read("pid"))
        self.addCleanup(self.end, pid)
        for n in 1, 2:
            irc.wait_until(lambda: server.read("log").count("event=start ") == n, what="a start")
            alice = oper(server)
            alice.send("RESTART irc.test.example")
            alice.wait_closed()
        irc.wait_until(lambda: server.read("log").count("event=start ") == 3, what="a start")
        self.assertEqual(int(server.read("pid")), pid)
        self.assertEqual(os.getsid(pid), pid)
        oper(server).close()

    def end(self, pid):
        os.kill(pid, signal.SIGTERM)
        irc.wait_until(lambda: not os.path.exists("/proc/%d" % pid), what="its end")

    def test_a_program_that_is_not_there_is_refused(self):
        server = self.server(start=False)
        program, real = server.path("ircd-copy"), irc.BINARY
        shutil.copy(real, program)
        self.addCleanup(setattr, irc, "BINARY", real)
        irc.BINARY = program
        server.start()
        alice = oper(server)
        os.unlink(program)
        alice.send("RESTART irc.test.example")
        alice.expect(r"RESTART refused, nothing changed: cannot start %s anew: No such file" % re.escape(program))
        with open(program, "w") as f:
            f.write("no program\n")
        os.chmod(program, 0o755)
        alice.send("RESTART irc.test.example")
        alice.wait_closed()
        self.assertEqual(server.wait(5), 2)
        self.assertRegex(server.log(), r"(?m)^ircd: cannot start %s anew: Exec format error$" % re.escape(program))

    def test_a_signal_in_the_middle_ends_it(self):
        server = self.server()
        alice, slow = oper(server), server.connect("slow")
        # A client that reads nothing delays the end.
        slow.send(*["HELP PRIVMSG"] * 200)
        alice.send("RESTART irc.test.example")
        server.wait_log("event=restart ")
        server.send_signal(signal.SIGTERM)
        code = server.wait(5)
        self.assertIn(code, (0, -signal.SIGTERM))
        self.assertIn(starts(server), (1, 2))
        time.sleep(0.2)
        self.assertFalse(os.path.exists("/proc/%d/exe" % server.process.pid))


if __name__ == "__main__":
    irc.main()
