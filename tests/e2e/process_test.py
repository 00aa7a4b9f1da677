"""The process: start, exit codes, signals, background, descriptors.

usage: process_test.py BINARY [test…]
"""
import os
import re
import resource
import shutil
import signal
import socket
import threading
import time
import unittest
import subprocess

import irc
import transport

SHORTAGE = r"^ERROR :Closing Link: \(server is out of descriptors\)"


class Start(unittest.TestCase):
    def failing(self, server, code, err, args=()):
        """Starts it and expects an end with this code and text."""
        server.args = list(args)
        server.spawn()
        self.assertEqual(server.wait(), code, server.log())
        self.assertRegex(server.log(), err)

    def test_an_address_in_use_is_named(self):
        with irc.Server() as first, irc.Server(start=False, port=first.port) as second:
            why = r"ircd: cannot listen on 127\.0\.0\.1:%d: Address already in use" % first.port
            for args in [], ["-d"], ["--pid-file", "pid"]:
                self.failing(second, 2, why, args)
            self.assertFalse(os.path.exists(second.data), "nothing is half started")
            self.assertFalse(os.path.exists(second.path("pid")))
            first.connect("alice").close()

    def test_no_address_serves_when_one_fails(self):
        with irc.Server() as first, irc.Server(
                start=False, extra='listen "127.0.0.1:%d" { }\n' % first.port) as second:
            self.failing(second, 2, "Address already in use")
            with self.assertRaises(OSError):
                second.connect()

    def test_the_second_server_on_a_data_directory_refuses(self):
        with irc.Server() as first, irc.Server(start=False) as second:
            with open(second.config) as f:
                text = f.read()
            second.write_config(text.replace(second.data, first.data))
            self.failing(second, 2, r"ircd: .*%s" % re.escape(first.data))
            first.connect("alice").close()

    def test_a_data_directory_that_cannot_be_is_an_error(self):
        with irc.Server(start=False) as server:
            with open(server.data, "w") as f:
                f.write("a file")
            self.failing(server, 1, r"ircd: .*%s" % re.escape(server.data))

    def test_a_log_file_that_cannot_be_is_an_error(self):
        with irc.Server(start=False, log='file = "none/log"') as server:
            self.failing(server, 1, "ircd: cannot open log file %s: No such file" % re.escape(server.path("none/log")))

    def test_a_pid_file_that_cannot_be_is_an_error(self):
        with irc.Server(start=False) as server:
            self.failing(server, 1, "ircd: cannot write none/pid: No such file",
                         ["--pid-file", "none/pid"])

    def test_the_log_says_what_started(self):
        with irc.Server() as server:
            line = server.wait_log("event=start .*").group()
            for part in ("version=", "network=Test", "127.0.0.1:%d" % server.port, server.data,
                         "records="):
                self.assertIn(part, line)

    def test_without_a_directory_nothing_is_kept_and_the_log_says_so_once(self):
        config = irc.BASE.replace('"{data}"', '""')
        with irc.Server(config=config) as server:
            server.connect("alice").close()
            self.assertEqual(len(re.findall("event=store-in-memory", server.log())), 1)
            self.assertEqual(server.stop(), 0)
            self.assertFalse(os.path.exists(server.data))

    def started_elsewhere(self, server, cwd, config):
        server.process = irc.subprocess.Popen([irc.BINARY, "-c", config], cwd=cwd, stdin=irc.subprocess.DEVNULL)
        irc.wait_until(server._listens)
        server.connect("alice").close()
        self.assertEqual(server.stop(), 0)

    def test_paths_are_relative_to_the_configuration_from_anywhere(self):
        with irc.Server(start=False, log='file = "logs/ircd.log"  trace = "logs/t"') as server:
            os.mkdir(server.path("logs"))
            with open(server.config) as f:
                text = f.read()
            server.write_config(text.replace('"%s"' % server.data, '"var"').replace(
                "server {", 'server { motd = "words.txt"', 1))
            with open(server.path("words.txt"), "w") as f:
                f.write("Hello.\n")
            before = sorted(os.listdir("/"))
            parent, name = os.path.split(server.dir)
            for cwd, config in ("/", server.config), (parent, name + "/ircd.conf"), (server.dir, "ircd.conf"):
                with self.subTest(cwd=cwd):
                    self.started_elsewhere(server, cwd, config)
                    self.assertTrue(os.path.exists(server.path("var/ircd.a.gdbm")))
                    self.assertIn("event=start", server.read("logs/ircd.log"))
                    self.assertGreater(len(os.listdir(server.path("logs"))), 1)
                    shutil.rmtree(server.path("var"))
                    shutil.rmtree(server.path("logs"))
                    os.mkdir(server.path("logs"))
            self.assertEqual(sorted(os.listdir("/")), before)

    def test_data_that_an_upgrade_leaves_behind_is_told_of(self):
        told = r"no database in etc/var, but one in var of the working directory, where version 0\.3\.0 looked for it"
        with irc.Server(start=False) as server:
            os.mkdir(server.path("etc"))
            with open(server.config) as f:
                text = f.read().replace('"%s"' % server.data, '"var"')
            server.config = server.path("etc/ircd.conf")
            server.write_config(text)
            load = dict(input="KLINE a@b.example :x\n", cwd=server.dir)
            self.assertEqual(irc.run("--load-bans", "-", **load).returncode, 0)
            self.assertRegex(irc.run("-c", "etc/ircd.conf", "-t", cwd=server.dir).stderr, told)
            self.assertNotRegex(irc.run("-c", server.config, "-t", cwd="/").stderr, told)
            self.assertRegex(irc.run("-c", "etc/ircd.conf", "--dump-bans", cwd=server.dir).stderr, told)
            with open(server.path("stderr"), "a") as err:
                server.process = irc.subprocess.Popen([irc.BINARY, "-c", "etc/ircd.conf"], cwd=server.dir, stderr=err)
            server.wait_log("event=start-warning note=.database.path: there is " + told)
            self.assertEqual(server.stop(), 0)
            shutil.rmtree(server.path("etc/var"))
            os.rename(server.path("var"), server.path("etc/var"))
            got = irc.run("-c", "etc/ircd.conf", "--dump-bans", cwd=server.dir)
            self.assertIn("KLINE a@b.example", got.stdout)
            self.assertEqual(got.stderr, "")

    def test_the_sample_from_the_root_directory_keeps_its_data_beside_it(self):
        with irc.Server(start=False) as server:
            server.write_config(irc.run("--print-config").stdout)
            got = irc.run("-c", server.config, "--load-bans", "-", cwd="/", input="KLINE a@b.example :x\n")
            self.assertEqual(got.returncode, 0, got)
            self.assertIn("saved: 1 ban in %s" % server.path("var"), got.stdout)
            self.assertTrue(os.path.exists(server.path("var/ircd.a.gdbm")))
            shutil.rmtree(server.path("var"))
            got = irc.run("--load-bans", "-", cwd=server.dir, input="KLINE a@b.example :x\n")
            self.assertEqual(got.returncode, 0, got)
            self.assertTrue(os.path.exists(server.path("var/ircd.a.gdbm")))

    def test_a_number_of_clients_that_does_not_fit_is_a_warning_with_what_fits(self):
        with irc.Server(nofile=100, extra=irc.EXEMPT + "limits { clients = 5000 }\n") as server:
            count = lambda event: len(re.findall("event=%s " % event, server.log()))
            fits = int(server.wait_log(r"event=descriptor-limit limits.clients=5000 fits=(\d+)").group(1))
            self.assertTrue(50 <= fits < 100, fits)
            with open(server.config) as f:
                text = f.read()
            # The same number again, another one, one that fits, and none.
            for n, (clients, warnings) in enumerate((("5000", 1), ("6000", 2), ("50", 2), ("0", 2), ("5000", 3))):
                server.write_config(text.replace("clients = 5000", "clients = " + clients))
                server.send_signal(irc.signal.SIGHUP)
                irc.wait_until(lambda: count("rehash") == n + 1)
                server.connect("x%d" % n).close()
                self.assertEqual(count("descriptor-limit"), warnings, clients)

    def test_without_a_number_as_many_clients_are_taken_as_fit(self):
        with irc.Server(nofile=100, extra=irc.oper_block() + irc.EXEMPT) as server:
            alice = server.connect("alice").oper()
            alice.send("STATS c")
            allowed = int(alice.expect(r" connections?, .* registered, (\d+) allowed").group(1))
            self.assertTrue(50 <= allowed < 100, allowed)
            self.assertNotIn("descriptor-limit", server.log())

    def test_closed_standard_descriptors_are_no_sockets(self):
        with irc.Server(start=False) as server:
            command = 'exec "%s" -c "%s" <&- >&- 2>&-' % (irc.BINARY, server.config)
            server.process = irc.subprocess.Popen(["/bin/sh", "-c", command], cwd=server.dir)
            irc.wait_until(server._listens)
            server.connect("alice").close()
            for fd in 0, 1, 2:
                self.assertEqual(os.readlink("/proc/%d/fd/%d" % (server.process.pid, fd)), "/dev/null")


class Background(unittest.TestCase):
    def end(self, pid):
        """Ends the daemon, which is no child of this process, and waits for its end."""
        os.kill(pid, signal.SIGTERM)
        irc.wait_until(lambda: not os.path.exists("/proc/%d" % pid) or
                       open("/proc/%d/stat" % pid).read().rpartition(")")[2].split()[0] == "Z",
                       what="the daemon to end")

    def test_it_serves_before_the_command_returns(self):
        with irc.Server(start=False, log='file = "log"') as server:
            got = irc.run("-c", server.config, "-d", "--pid-file", server.path("pid"), cwd=server.dir)
            self.assertEqual((got.returncode, got.stdout, got.stderr), (0, "", ""))
            pid = int(server.read("pid"))
            self.addCleanup(lambda: os.path.exists("/proc/%d" % pid) and os.kill(pid, signal.SIGKILL))
            self.assertEqual(server.read("pid"), "%d\n" % pid)
            server.connect("alice").close()
            self.assertEqual(os.getsid(pid), pid, "it has left the terminal's session")
            for fd in 0, 1, 2:
                self.assertEqual(os.readlink("/proc/%d/fd/%d" % (pid, fd)), "/dev/null")
            self.assertIn("event=start", server.read("log"))
            self.end(pid)
            self.assertFalse(os.path.exists(server.path("pid")), "the pid file goes with it")
            self.assertIn("event=end", server.read("log"))

    def test_a_pid_file_in_the_foreground_names_the_process(self):
        with irc.Server(args=["--pid-file", "pid"]) as server:
            irc.wait_until(lambda: server.read("pid") == "%d\n" % server.process.pid)
            self.assertEqual(server.stop(), 0)
            self.assertFalse(os.path.exists(server.path("pid")))


class Signals(unittest.TestCase):
    def test_term_and_int_tell_all_clients_and_exit_0(self):
        for number in signal.SIGTERM, signal.SIGINT:
            with self.subTest(signal=number), irc.Server() as server:
                registered, fresh = server.connect("alice"), server.connect()
                irc.wait_until(lambda: server.descriptors() >= 2)
                fresh.send("PING x")
                time.sleep(0.1)
                server.send_signal(number)
                for client in registered, fresh:
                    self.assertRegex(client.wait_closed()[-1], r"^ERROR :Closing Link: ")
                    client.close()
                self.assertEqual(server.wait(5), 0)

    def test_term_under_load_reaches_all_clients_in_time(self):
        with irc.Server(extra=irc.EXEMPT + "limits { sendq = 10000000 }") as server:
            clients = [server.connect("user%d" % i) for i in range(10)]
            for client in clients:
                client.send("JOIN #load")
                client.expect(" 366 ")
            threads = [Talker(client) for client in clients]
            for thread in threads:
                thread.start()
            time.sleep(0.5)
            begun = time.monotonic()
            self.assertEqual(server.stop(timeout=8), 0)
            self.assertLess(time.monotonic() - begun, 5)
            for thread in threads:
                thread.join(irc.WAIT)
                self.assertFalse(thread.is_alive())
                self.assertRegex(thread.last, r"^ERROR :Closing Link: ")

    def test_readers_that_stopped_do_not_hold_up_the_end(self):
        with irc.Server(extra=irc.EXEMPT + "limits { sendq = 100000000 }") as server:
            writer, reader = server.connect("writer"), server.connect("reader")
            for i in range(400):
                writer.send(*["PRIVMSG reader :%s" % ("x" * 400)] * 50)
            writer.silent("never")
            begun = time.monotonic()
            self.assertEqual(server.stop(timeout=8), 0)
            self.assertLess(time.monotonic() - begun, 5)
            reader.close()

    def test_a_second_signal_does_not_wait(self):
        with irc.Server(extra=irc.EXEMPT) as server:
            server.connect("idle")
            server.send_signal(signal.SIGTERM)
            server.wait_log("event=end ")
            begun = time.monotonic()
            server.send_signal(signal.SIGTERM)
            self.assertEqual(server.wait(5), 0)
            self.assertLess(time.monotonic() - begun, 1)

    def test_a_child_that_the_server_inherits_leaves_no_zombie(self):
        """As the first process of a container has children that it did not start."""
        with irc.Server(start=False) as server:
            shell = ["sh", "-c", 'sleep 2 & echo $! >child; exec "$0" -c ircd.conf', irc.BINARY]
            with open(server.path("stderr"), "a") as err:
                server.process = subprocess.Popen(shell, cwd=server.dir, stdin=subprocess.DEVNULL, stdout=err, stderr=err)
            irc.wait_until(server._listens, what="the server to listen")
            child = server.read("child").strip()
            with open("/proc/%s/status" % child) as f:
                self.assertIn("PPid:\t%d\n" % server.process.pid, f.read())
            irc.wait_until(lambda: not os.path.exists("/proc/" + child), what="the end of the child")

    def test_hup_with_a_broken_file_changes_nothing_twice_over(self):
        with irc.Server() as server:
            alice = server.connect("alice")
            with open(server.config) as f:
                good = f.read()
            for n in 1, 2:
                server.write_config(good + "limits { per_host = 0 }\n")
                server.send_signal(signal.SIGHUP)
                where = re.escape(server.config) + ":%d:" % (good.count("\n") + 1)
                irc.wait_until(lambda: len(re.findall("event=rehash-refused .*" + where, server.log())) == n,
                               what=server.log)
                alice.silent("never")
                server.connect("bob%d" % n).close()

    def test_hup_with_a_missing_motd_changes_nothing(self):
        with open_motd("old words") as server:
            os.unlink(server.path("motd.txt"))
            server.send_signal(signal.SIGHUP)
            server.wait_log("event=rehash-refused .*motd.txt: No such file")
            client = server.connect()
            client.send("NICK alice", "USER a 0 * :a")
            client.expect(" 372 .*old words")

    def test_hup_does_not_wait_for_a_fifo(self):
        for name, what in ("motd.txt", "cannot read .*motd.txt: it is not a regular file"), \
                          ("ircd.conf", "ircd.conf: it is not a regular file"):
            with open_motd("old words") as server:
                os.unlink(server.path(name))
                os.mkfifo(server.path(name))
                server.send_signal(signal.SIGHUP)
                server.wait_log("event=rehash-refused .*%s" % what)
                with server.connect("ann") as ann:
                    ann.send("MOTD")
                    ann.expect(" 372 .*old words")

    def test_hup_reads_the_motd_again(self):
        with open_motd("old words") as server:
            with open(server.path("motd.txt"), "w") as f:
                f.write("new words\n")
            server.send_signal(signal.SIGHUP)
            server.wait_log("event=rehash by=signal")
            client = server.connect()
            client.send("NICK alice", "USER a 0 * :a")
            client.expect(" 372 .*new words")

    def test_hup_applies_the_log(self):
        with irc.Server(log='file = "old.log"') as server:
            with open(server.config) as f:
                text = f.read()
            server.write_config(text.replace('file = "old.log"', 'format = "json" file = "new.log"'))
            server.send_signal(signal.SIGHUP)
            irc.wait_until(lambda: '"event":"rehash"' in server.read("new.log").replace(": ", ":"))

    def test_inside_the_sandbox_the_log_cannot_move_to_a_strange_directory(self):
        with irc.Server() as server:
            with open(server.config) as f:
                text = f.read()
            server.write_config(text.replace("log {", 'log { file = "new.log"'))
            server.send_signal(signal.SIGHUP)
            server.wait_log(r"event=rehash-refused .*new\.log: Permission denied \(the sandbox allows only to write")
            server.connect("alice").close()

    def test_a_rehash_to_a_port_that_only_ircd_socket_can_open_advises_no_restart(self):
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as f:
            first = int(f.read())
        with irc.Server() as server:
            with open(server.config) as f:
                text = f.read()
            server.write_config(text + 'listen "127.0.0.1:1" { }\n')
            server.send_signal(signal.SIGHUP)
            server.wait_log(r"127\.0\.0\.1:1: Permission denied \(a port below 1024 needs ircd\.socket, .*without them a restart fails\)"
                            if first > 1 else "event=rehash ")

    def test_hup_names_what_only_a_restart_applies(self):
        with irc.Server() as server:
            with open(server.config) as f:
                text = f.read()
            server.write_config(text + "limits { nick_length = 9 }\n")
            server.send_signal(signal.SIGHUP)
            server.wait_log("option=limits.nick_length")
            server.connect("alice").close()

    def test_usr1_opens_the_log_again(self):
        with irc.Server(log='file = "log"') as server:
            os.rename(server.path("log"), server.path("log.1"))
            server.send_signal(signal.SIGUSR1)
            irc.wait_until(lambda: os.path.exists(server.path("log")))
            self.assertEqual(os.stat(server.path("log")).st_mode & 0o137, 0)
            self.assertEqual(server.stop(), 0)
            self.assertIn("event=end", server.read("log"))
            self.assertNotIn("event=end", server.read("log.1"))

    def test_a_log_without_a_reader_stops_nothing(self):
        with irc.Server(start=False, log='level = "debug"') as server:
            theirs, ours = os.pipe()
            self.addCleanup(os.close, theirs)
            server.process = irc.subprocess.Popen([irc.BINARY, "-c", server.config], cwd=server.dir,
                                                  stderr=ours)
            os.close(ours)
            irc.wait_until(server._listens)
            for i in range(1500):  # some 100 bytes each, and a pipe holds 64 KiB
                server.connect().close()
            server.connect("alice").close()
            self.assertEqual(server.stop(), 0)


def open_motd(text):
    server = irc.Server(start=False, server='motd = "motd.txt"')
    with open(server.path("motd.txt"), "w") as f:
        f.write(text + "\n")
    try:
        server.start()
    except BaseException:
        server.close()
        raise
    return server


class Talker(threading.Thread):
    """Talks and reads until the server closes; last is the last line."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client = client
        self.last = ""

    def run(self):
        try:
            while True:
                self.speak()
                self.last = self.client.line()
        except irc.Closed:
            pass

    def speak(self):
        try:
            self.client.send("PRIVMSG #load :" + "x" * 200)
        except OSError:
            pass  # what was sent before is still to be read
        time.sleep(0.01)


class Descriptors(unittest.TestCase):
    def test_running_out_turns_away_and_does_not_spin(self):
        with irc.Server(nofile=64) as server:
            alice = server.connect("alice")
            before = server.descriptors()
            others = [server.connect() for _ in range(100)]
            last = others[-1].wait_closed()
            self.assertRegex(last[-1], transport.told(SHORTAGE))
            used = server.cpu_seconds()
            time.sleep(1)
            self.assertLess(server.cpu_seconds() - used, 0.2)
            alice.silent("never")
            self.assertEqual(len(re.findall("event=out-of-descriptors", server.log())), 1)
            for other in others:
                other.close()
            irc.wait_until(lambda: server.descriptors() <= before, what="descriptors to come back")
            server.connect("bob").close()

    def test_accept_failing_pauses_and_a_spare_tells_one(self):
        """Its limit is lowered from outside, so that accept itself fails."""
        with irc.Server() as server:
            alice = server.connect("alice")
            n = server.descriptors()
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (n, 4096))
            others = [server.connect() for _ in range(20)]
            self.assertRegex(others[0].wait_closed()[-1], transport.told(SHORTAGE))
            used = server.cpu_seconds()
            time.sleep(1)
            self.assertLess(server.cpu_seconds() - used, 0.2)
            alice.silent("never")
            self.assertEqual(len(re.findall("event=out-of-descriptors", server.log())), 1)
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (4096, 4096))
            for other in others:
                other.close()
            server.connect("bob").close()

    def test_a_storm_of_refusals_leaves_nothing_behind(self):
        with irc.Server(extra="limits { per_host = 2  connect_rate = \"100000/60s\" }") as server:
            kept = [server.connect("alice"), server.connect("bob")]
            before = server.descriptors()
            for _ in range(300):
                with server.connect() as refused:
                    refused.send("NICK carol", "USER c 0 * :c")
                    self.assertRegex(refused.wait_closed()[-1], transport.told(r"^ERROR :Closing Link: "))
            irc.wait_until(lambda: server.descriptors() == before, what="descriptors to come back")
            for client in kept:
                client.silent("never")

    def test_refused_callers_that_stay_hold_few_descriptors(self):
        with irc.Server(extra='limits { per_host = 1  connect_rate = "100000/60s" }\n'
                              'tls_limits { handshake_timeout = "1s" }\n') as server:
            alice = server.connect("alice")
            before = server.descriptors()
            others = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(300)]
            alice.silent("never")
            self.assertLessEqual(server.descriptors(), before + 64)
            irc.wait_until(lambda: server.descriptors() == before, 3, "the wait to end")
            for other in others:
                other.close()


if __name__ == "__main__":
    irc.main()
