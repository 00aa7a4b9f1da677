"""Clocks: the wall clock jumps by a day, to 2038 and by sixty years; the process stands still.

libfaketime fakes the wall clock alone and reads it from a file beside the configuration, where the
sandbox lets it. A jump of both clocks is tested in tests/unit, which has a clock of its own.

usage: attack_time_test.py BINARY [test…]
"""
import glob
import os
import signal
import subprocess
import time

import canary
import irc

LIBRARY = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
BANS = {"127.0.9.1": ("1h", 3600), "127.0.9.2": ("30d", 30 * 86400), "127.0.9.3": ("", 1 << 40)}
DAY = 86400
YEAR = 365 * DAY
TIMEOUT = 2  # seconds, limits.registration_timeout


class Faked(irc.Server):
    """A server with a wall clock of its own."""

    def spawn(self):
        assert LIBRARY, "libfaketime is not installed: make deps-check"
        self.jump(0)
        env = dict(os.environ, LD_PRELOAD=LIBRARY[0], FAKETIME_TIMESTAMP_FILE=self.path("clock"),
                   DONT_FAKE_MONOTONIC="1", FAKETIME_DONT_FAKE_MONOTONIC="1", FAKETIME_NO_CACHE="1")
        with open(self.path("stderr"), "a") as err:
            self.process = subprocess.Popen([irc.BINARY, "-c", self.config], stdin=subprocess.DEVNULL,
                                            stdout=err, stderr=err, cwd=self.dir, env=env)

    def kill(self):
        """libfaketime's own memory outlives a process that is killed."""
        super().kill()
        for name in "faketime_shm_%d", "sem.faketime_sem_%d":
            path = "/dev/shm/" + name % (self.process.pid if self.process else 0)
            if os.path.exists(path):
                os.unlink(path)

    def jump(self, seconds):
        with open(self.path("clock.new"), "w") as f:
            f.write("%+d\n" % seconds)
        os.rename(self.path("clock.new"), self.path("clock"))


class WallClock(canary.Case):
    JUMPS = (DAY, -DAY, int(time.mktime((2038, 1, 19, 3, 14, 5, 0, 0, 0)) - time.time()), 60 * YEAR, -20 * YEAR, 0)

    def begin(self):
        free = "".join('exempt "127.0.%s" { from = { "connections", "throttle", "flood", "strikes" } }\n' % net
                       for net in ("0.0/24", "9.0/24"))
        self.server = Faked(extra=free + irc.EXEMPT.replace("0.0.0/8", "7.0.0/16") + canary.oper_block() +
                            'limits { registration_timeout = "%ds" }\n' % TIMEOUT)
        self.addCleanup(self.server.close)

    def lets_in(self, address):
        with self.server.connect(source=address) as client:
            try:
                client.send("NICK m", "USER m 0 * :m")
                client.expect(" 001 ")
                return True
            except irc.Closed:
                self.assertIn("You are banned", client.lines[-1])
                return False

    def ask(self, client, text, pattern):
        client.send(text)
        return client.expect(pattern)

    def look(self, alice, offset):
        """Every answer with a time shows a right one."""
        year = int(self.ask(alice, "TIME", r" 391 \S+ \S+ .*:(\d{4})-").group(1))
        wanted = time.gmtime(time.time() + offset).tm_year
        self.assertLessEqual(abs(year - wanted), 1)
        idle, signon = self.ask(alice, "WHOIS idle0 idle0", r" 317 alice idle0 (-?\d+) (-?\d+) ").groups()
        self.assertTrue(0 <= int(idle) < 60, idle)
        self.assertGreater(int(signon), 0)
        self.assertRegex(self.ask(alice, "STATS u", r" 242 .*").string, r"up 0 days, 0:00:\d\d$")

    def test_jumps_disconnect_no_client_and_stall_nothing(self):
        self.begin()
        server, late = self.server, []
        alice = server.connect("alice").oper()
        idle = [server.connect("idle%d" % n) for n in range(20)]
        for address, (length, _) in BANS.items():
            self.ask(alice, "KLINE %s *@%s :x" % (length, address), "set .*, saved$")
        before, furthest = canary.Baseline(server, alice), 0
        with canary.Canary(server):
            for offset in self.JUMPS:
                with self.subTest(offset):
                    server.jump(offset)
                    time.sleep(0.3)
                    late.append((server.connect(), time.monotonic()))
                    furthest = max(furthest, offset)
                    for address, (_, seconds) in BANS.items():
                        if offset > seconds or furthest < seconds:  # else it may have been removed, or not yet
                            self.assertEqual(self.lets_in(address), offset > seconds, address)
                    self.look(alice, offset)
                    self.ask(alice, "KLINE 10m *@127.0.9.9 :x", r"\(10m\).*, saved$")
                    self.assertFalse(self.lets_in("127.0.9.9"))
                    self.ask(alice, "UNKLINE *@127.0.9.9", "removed, saved$")
            for client, since in late:
                self.assertIn("Registration timed out", client.wait_closed()[-1])
                client.close()
            self.assertLess(time.monotonic() - since, TIMEOUT + 1.5)
        for client in idle:
            client.silent("ERROR")
        before.restored(512 << 10)

    def test_a_restart_in_another_year_keeps_the_bans_that_hold(self):
        self.begin()
        alice = self.server.connect("alice").oper()
        for address, (length, _) in BANS.items():
            self.ask(alice, "KLINE %s *@%s :x" % (length, address), "set .*, saved$")
        for offset in DAY, -DAY, 20 * YEAR:
            self.server.kill()
            spawn, self.server.jump = self.server.jump, lambda _: None
            spawn(offset)
            self.server.start()
            self.server.jump = spawn
            self.assertFalse(self.lets_in("127.0.9.3"))
            self.assertEqual(self.lets_in("127.0.9.2"), offset > 30 * DAY)


class StandStill(canary.Case):
    def test_after_a_stop_only_a_client_that_does_not_answer_times_out(self):
        limits = 'limits { ping_every = "5s"  ping_timeout = "5s"  registration_timeout = "5s" }\n'
        with irc.Server(extra=irc.EXEMPT + limits) as server:
            dead, late = server.connect("dead", pong=False), server.connect("late", pong=False)
            clients = [server.connect("c%d" % n, pong=False) for n in range(50)]
            time.sleep(4)
            fresh = [server.connect() for _ in range(20)]
            for client in clients + [dead, late]:
                token = client.expect("^PING (.*)").group(1)
            server.send_signal(signal.SIGSTOP)
            for client in clients:
                client.send("PONG " + token)
            for n, client in enumerate(fresh):
                client.send("NICK f%d" % n, "USER f 0 * :f")
            time.sleep(5.7)  # beyond every deadline there is
            server.send_signal(signal.SIGCONT)
            with canary.Canary(server):
                for client in fresh:
                    client.expect(" 001 ")
                for client in clients:
                    client.silent("ERROR")
                # All have the whole of ping_timeout again, and then it ends.
                time.sleep(2)
                late.send("PONG " + token)
                late.silent("ERROR")
                self.assertRegex(dead.wait_closed(9)[-1], r"^ERROR .*\(Ping timeout")


if __name__ == "__main__":
    irc.main()
