#!/usr/bin/env python3
"""process.user, and the faults of the machine that `ircd -t` reports. As root, a real ordinary user serves; as an
ordinary user, the errors of such a user are tested."""
import os
import pwd
import re
import signal
import stat
import types
import unittest

import irc

ROOT = os.geteuid() == 0
try:
    USER = pwd.getpwnam("nobody") if ROOT else pwd.getpwuid(os.geteuid())
    NAMED = 'user = "%s"' % USER.pw_name
except KeyError:  # a user without a name
    USER = types.SimpleNamespace(pw_name="uid-%d" % os.geteuid(), pw_uid=os.geteuid(), pw_gid=os.getegid())
    NAMED = "sandbox = true"


def server(log="logs/ircd.log", process=NAMED, more="", **options):
    """One that has not started, with a directory of root for its log and its pid file."""
    made = irc.Server(extra=irc.EXEMPT + "process { %s }\n%s" % (process, more), start=False,
                      log='file = "%s"' % log if log else "", **options)
    os.chmod(made.dir, 0o755)
    os.mkdir(made.path("logs"), 0o755)
    made.args = ["--pid-file", made.path("logs/ircd.pid")]
    return made


def owner(path):
    return os.stat(path).st_uid


def give(path):
    os.chown(path, USER.pw_uid, USER.pw_gid)


def detached(made):
    """Starts it in the background; its process id."""
    done = irc.run("-c", made.config, "-d", *made.args, cwd=made.dir)
    assert done.returncode == 0, done
    return int(made.read("logs/ircd.pid"))


class Start(unittest.TestCase):
    def test_log_and_pid_file_are_made_for_the_user(self):
        with server() as s:
            s.start()
            for name, mode in ("logs/ircd.log", 0o640), ("logs/ircd.pid", 0o644):
                self.assertEqual(owner(s.path(name)), USER.pw_uid, name)
                self.assertEqual(stat.S_IMODE(os.stat(s.path(name)).st_mode), mode, name)
            self.assertIn("event=start ", s.read("logs/ircd.log"))
            self.assertEqual(s.read("logs/ircd.pid"), "%d\n" % s.process.pid)
            uids = re.search(r"Uid:\s+(.*)", open("/proc/%d/status" % s.process.pid).read()).group(1).split()
            self.assertEqual(uids, [str(USER.pw_uid)] * 4)
            self.assertEqual(s.stop(), 0)
            # In a directory of root it can only be emptied.
            self.assertEqual(s.read("logs/ircd.pid"), "")
            self.assertEqual(os.path.exists(s.path("logs/ircd.pid")), ROOT)
            s.start()  # what is left there does not matter
            self.assertEqual(s.read("logs/ircd.pid"), "%d\n" % s.process.pid)

    def test_in_the_background_too(self):
        with server() as s:
            give(s.path("logs"))
            pid = detached(s)
            self.addCleanup(lambda: os.path.exists("/proc/%d" % pid) and os.kill(pid, signal.SIGKILL))
            with s.connect("ann"):
                pass
            os.kill(pid, signal.SIGTERM)
            irc.wait_until(lambda: not os.path.exists(s.path("logs/ircd.pid")), what="the pid file to go")
            self.assertEqual(owner(s.path("logs/ircd.log")), USER.pw_uid)
            irc.wait_until(lambda: not os.path.exists("/proc/%d/exe" % pid), what="its end")

    def test_a_start_that_fails_leaves_no_pid_file(self):
        with server() as s:
            give(s.path("logs"))
            os.makedirs(os.path.join(s.data, "lock"))  # where a file should be
            give(s.data)
            give(os.path.join(s.data, "lock"))
            s.spawn()
            self.assertEqual(s.wait(), 1)
            self.assertIn("cannot lock the data directory", s.log())
            self.assertFalse(os.path.exists(s.path("logs/ircd.pid")))

    def test_a_log_of_another_user_is_refused_with_the_cure(self):
        with server() as s:
            log = s.path("logs/ircd.log")
            with open(log, "w") as f:
                f.write("old\n")
            os.chmod(log, 0o400)
            s.spawn()
            self.assertEqual(s.wait(), 1)
            if ROOT:
                self.assertRegex(s.log().replace(s.dir + "/", ""), r"logs/ircd.log: the user nobody \(uid %d\) may not write to it: Permission "
                                          r"denied; chown nobody " % USER.pw_uid)
            else:
                self.assertRegex(s.log().replace(s.dir + "/", ""), r"cannot open log file .*: Permission denied")
            self.assertEqual(s.read("logs/ircd.log"), "old\n")

    def test_a_backup_that_is_not_the_users_is_refused_with_the_cure(self):
        """As after `cp` by root; -t says it before the start."""
        for name in "ircd.a.gdbm", "ircd.b.gdbm", "lock":
            with self.subTest(name), server() as s:
                give(s.path("logs"))
                s.start()
                s.send_signal(signal.SIGTERM)
                self.assertEqual(s.wait(), 0)
                os.chmod(os.path.join(s.data, name), 0o400)
                if ROOT:
                    os.chown(os.path.join(s.data, name), 0, 0)
                cure = r"may not write to \S*%s; chown -R %s \S*data\n" % (name, USER.pw_name)
                self.assertRegex(irc.run("-c", s.config, "-t", cwd=s.dir).stderr, "warning: database.path: the user .*" + cure)
                s.spawn()
                self.assertEqual(s.wait(), 1)
                if ROOT:
                    self.assertRegex(s.log(), r"%s: the user nobody \(uid %d\) may not write to it: Permission denied; "
                                              r"chown -R nobody \S*data\n" % (name, USER.pw_uid))
                os.chmod(os.path.join(s.data, name), 0o600)
                give(s.data)
                give(os.path.join(s.data, name))
                s.start()

    def test_a_link_in_the_place_of_the_log_leads_nowhere(self):
        """The directory may be the user's, who could lead root to any file."""
        with server() as s:
            give(s.path("logs"))
            for name, target in ("logs/ircd.log", "other"), ("logs/ircd.pid", "third"):
                with open(s.path(target), "w") as f:
                    f.write("root's\n")
                os.chmod(s.path(target), 0o400)
                os.symlink(s.path(target), s.path(name))
            before = [os.stat(s.path(n)) for n in ("other", "third")]
            s.spawn()
            self.assertEqual(s.wait(), 1)
            for target, was in zip(("other", "third"), before):
                self.assertEqual(s.read(target), "root's\n")
                self.assertEqual(owner(s.path(target)), was.st_uid)

    def test_a_log_that_is_a_link_is_followed(self):
        """As long as the user may write to what it leads to."""
        with server() as s:
            os.mkdir(s.path("disk"))
            give(s.path("disk"))
            with open(s.path("disk/real.log"), "w") as f:
                f.write("old\n")
            give(s.path("disk/real.log"))
            os.symlink("../disk/real.log", s.path("logs/ircd.log"))
            s.start()
            os.rename(s.path("disk/real.log"), s.path("disk/old"))
            s.send_signal(signal.SIGUSR1)
            irc.wait_until(lambda: os.path.exists(s.path("disk/real.log")), what="a new log")
            self.assertIn("event=start ", s.read("disk/old"))

    def test_a_torn_line_in_the_log_is_ended(self):
        """Where the log is not below the directory of the configuration, which is readable anyway."""
        with server() as s:
            text = open(s.config).read().replace('"logs/', '"%s/' % s.path("logs"))
            os.mkdir(s.path("etc"))
            s.config = s.path("etc/ircd.conf")
            s.write_config(text)
            with open(s.path("logs/ircd.log"), "w") as f:
                f.write("torn by a full disk")
            give(s.path("logs/ircd.log"))
            s.start()
            self.assertRegex(s.read("logs/ircd.log"), r"\Atorn by a full disk\n\S+ .*event=")

    def test_a_missing_directory_is_named_with_its_cure(self):
        with server(log="none/ircd.log") as s:
            s.spawn()
            self.assertEqual(s.wait(), 1)
            self.assertRegex(s.log().replace(s.dir + "/", ""), r"cannot make none/ircd.log for the user nobody \(uid \d+\): No such file or "
                                      r"directory; install -d -o nobody none\n" if ROOT else
                             r"cannot open log file none/ircd.log: No such file or directory")

    def test_recordings_need_a_directory_of_the_user(self):
        with server(log='logs/ircd.log"  trace = "logs/trace') as s:
            if not ROOT:
                os.chmod(s.path("logs"), 0o555)
                with open(s.config) as f:
                    text = f.read()
                s.write_config(text.replace("logs/ircd.log", ""))
                s.args = []
            s.spawn()
            self.assertEqual(s.wait(), 1)
            self.assertRegex(s.log().replace(s.dir + "/", ""), r"logs: the user nobody \(uid \d+\) may not make recordings there \(log.trace\): "
                                      r"Permission denied; give it a directory of its own: install -d -o nobody "
                                      r"logs/ircd" if ROOT else r"logs/trace.*: Permission denied")
            os.chmod(s.path("logs"), 0o755)
            give(s.path("logs"))
            s.start()
            irc.wait_until(lambda: [n for n in os.listdir(s.path("logs")) if n.startswith("trace-")], what="a recording")

    def test_a_rotated_log_is_opened_again(self):
        with server() as s:
            s.start()
            own = not ROOT
            self.assertEqual("event=start-warning" in s.read("logs/ircd.log"), not own)
            for directory_is_own in (own, True):
                os.rename(s.path("logs/ircd.log"), s.path("logs/old"))
                s.send_signal(signal.SIGUSR1)
                if not directory_is_own:
                    irc.wait_until(lambda: "event=log-reopen" in s.read("logs/old"), what="the refusal in the old log")
                    with open(s.path("logs/ircd.log"), "w"):
                        pass
                    give(s.path("logs/ircd.log"))  # as `create` of logrotate does
                    s.send_signal(signal.SIGUSR1)
                irc.wait_until(lambda: os.path.exists(s.path("logs/ircd.log")), what="a new log")
                s.send_signal(signal.SIGHUP)
                irc.wait_until(lambda: "event=rehash " in s.read("logs/ircd.log"), what="a line in the new log")
                give(s.path("logs"))


class Outlook(unittest.TestCase):
    def warnings(self, s, code=0):
        done = irc.run("-c", s.config, "-t", *s.args, cwd=s.dir)
        self.assertEqual(done.returncode, code, done)
        return done.stderr.replace(s.dir + "/", "")

    def test_nothing_is_said_of_what_is_fine(self):
        with server() as s:
            give(s.path("logs"))
            self.assertEqual(self.warnings(s), "")
            self.assertEqual(sorted(os.listdir(s.dir)), ["ircd.conf", "logs"])  # and nothing is made

    def test_the_user(self):
        with server(process='user = "no-such-user"') as s:
            self.assertIn("warning: process.user: there is no user 'no-such-user'; useradd --system no-such-user\n",
                          self.warnings(s))
        with server(process='user = "%s"' % ("nobody" if ROOT else "root")) as s:
            self.assertEqual("only root can become" in self.warnings(s), not ROOT)

    def test_directories_and_files(self):
        with server(log='none/ircd.log"  trace = "missing/trace') as s:
            s.args = ["--pid-file", s.path("gone/ircd.pid")]
            with open(s.data, "w"):
                pass
            got = self.warnings(s)
            for option, directory in ("log.file", "none"), ("log.trace", "missing"), ("--pid-file", "gone"):
                self.assertIn("warning: %s: there is no directory %s; install -d -o %s %s\n" %
                              (option, directory, USER.pw_name, directory), got)
            self.assertIn("warning: database.path: data is no directory\n", got)

    def test_what_the_user_may_not_write(self):
        with server(log='logs/ircd.log"  trace = "logs/trace') as s:
            os.mkdir(s.data, 0o500)
            with open(s.path("logs/ircd.log"), "w"):
                pass
            os.chmod(s.path("logs/ircd.log"), 0o400)
            os.chmod(s.path("logs"), 0o555)
            os.chmod(s.config, 0o600)
            got = self.warnings(s)
            who = "the user %s \\(uid %d\\) may not" % (USER.pw_name, USER.pw_uid)
            self.assertRegex(got, "log.file: %s write to logs/ircd.log; chown %s logs/ircd.log\n" % (who, USER.pw_name))
            self.assertRegex(got, "log.trace: %s make files in logs; give it a directory of its own: install -d -o %s "
                                  "logs/ircd\n" % (who, USER.pw_name))
            self.assertRegex(got, "database.path: %s write in .*data; chown -R %s " % (who, USER.pw_name))
            self.assertEqual("REHASH: the user nobody (uid %d) may not read" % USER.pw_uid in got, ROOT)
            os.chmod(s.path("logs"), 0o755)

    def test_a_directory_on_the_way_that_is_closed(self):
        """As below /root: no command for the file itself helps."""
        with server(log="shut/in/ircd.log") as s:
            os.makedirs(s.path("shut/in"))
            give(s.path("shut/in"))
            os.chmod(s.path("shut"), 0o600)
            if ROOT:
                os.chown(s.path("shut"), 0, 0)
            cure = r"it cannot enter the directory \S*shut: choose a path outside.* or chmod o\+x \S*shut\n"
            self.assertRegex(self.warnings(s), r"log.file: the user \S+ \(uid \d+\) may not reach shut/in/ircd.log; " + cure)
            s.spawn()
            self.assertEqual(s.wait(), 1)
            if ROOT:
                self.assertRegex(s.log(), r"shut/in/ircd.log: the user nobody \(uid \d+\) may not write to it: "
                                          r"Permission denied; " + cure)
            os.chmod(s.path("shut"), 0o755)
            if not ROOT:
                s.start()

    def test_a_directory_that_is_closed_and_links_that_lead_nowhere(self):
        """Root could make the data directory there, and the user not come near it."""
        with server() as s:
            give(s.path("logs"))
            os.mkdir(s.path("closed"), 0o600)
            s.write_config(open(s.config).read().replace(s.data, s.path("closed/data")))
            self.assertRegex(self.warnings(s), r"database.path: the user \S+ \(uid %d\) may not reach closed/data; "
                                               r"it cannot enter the directory closed" % USER.pw_uid)
            s.spawn()
            self.assertEqual(s.wait(), 1)
        with server() as s:
            os.symlink("nowhere/ircd.log", s.path("logs/ircd.log"))
            os.symlink("nowhere", s.data)
            got = self.warnings(s)
            self.assertRegex(got, r"log.file: the user \S+ \(uid %d\) may not write to logs/ircd.log; " % USER.pw_uid)
            self.assertIn("database.path: data is no directory\n", got)
            s.spawn()
            self.assertEqual(s.wait(), 1)

    def test_root_that_stays_cannot_use_files_of_others(self):
        """It has no capabilities in the sandbox. An ordinary user's files are its own here."""
        with server(process="sandbox = true") as s:
            os.mkdir(s.data, 0o700)
            for path in s.data, s.path("logs"):
                os.chown(path, *((65534, 65534) if ROOT else (-1, -1)))
            s.args = []
            got = self.warnings(s)
            self.assertEqual("database.path: the user root (uid 0) may not write in data; chown -R root data\n" in got,
                             ROOT)
            self.assertEqual("log.file: the user root may not make files in logs, so that SIGUSR1" in got, ROOT)
            s.spawn()
            if ROOT:
                self.assertEqual(s.wait(), 1)
            s.write_config(open(s.config).read().replace("sandbox = true", "sandbox = false"))
            self.assertNotIn("may not", self.warnings(s))

    def test_a_rotation_that_will_not_work(self):
        with server() as s:
            with open(s.path("logs/ircd.log"), "w"):
                pass
            give(s.path("logs/ircd.log"))
            os.chmod(s.path("logs"), 0o555)
            self.assertRegex(self.warnings(s), r"log.file: the user \S+ may not make files in logs, so that SIGUSR1 .*"
                                               r"\(create 0640 \S+\).*\(copytruncate\).*install -d -o \S+ logs/ircd\n")
            os.chmod(s.path("logs"), 0o755)

    def test_addresses_ports_descriptors_and_limits(self):
        more = 'listen "192.0.2.77:6667" { }\nlisten "[2001:db8::77]:6667" { }\nlisten "127.0.0.1:1" { }\n' \
               "limits { clients = 900000  per_host = 17 }\n"
        with server(more=more) as s:
            give(s.path("logs"))
            got = self.warnings(s)
            for address in "192.0.2.77:6667", "[2001:db8::77]:6667":
                self.assertIn('warning: listen "%s": this machine does not have that address' % address, got)
            first = int(open("/proc/sys/net/ipv4/ip_unprivileged_port_start").read())
            self.assertEqual('listen "127.0.0.1:1": ports below %d need root' % first in got, first > 1 and not ROOT)
            self.assertNotIn('listen "127.0.0.1:%d"' % s.port, got)
            self.assertNotIn("already", got)
            self.assertNotIn("the server cannot listen", got)
            self.assertRegex(got, r"limits.clients = 900000 needs 900032 descriptors, and this process may have \d+; ")
            self.assertIn("limits.per_host = 17 is never reached, because limits.per_network = 16: ", got)

    def test_listeners_that_cannot_be(self):
        for listen in "[fe80::1]:6667", "[ff02::1]:6667":
            with server(more='listen "%s" { }\n' % listen) as s:
                give(s.path("logs"))
                self.assertIn('warning: listen "%s": the server cannot listen on an address' % listen,
                              self.warnings(s))
                s.spawn()
                self.assertEqual(s.wait(), 1)
        with server() as s:
            give(s.path("logs"))
            text = open(s.config).read()
            s.write_config(text + 'listen "0.0.0.0:%d" { }\n' % s.port)
            self.assertIn('warning: listen "127.0.0.1:%d": listen "0.0.0.0:%d" has this address and port already; '
                          'leave one of them out\n' % (s.port, s.port), self.warnings(s))
            s.spawn()
            self.assertEqual(s.wait(), 2)
            s.write_config(text + 'listen "[::]:%d" { }\nlisten "0.0.0.0:%d" { }\n' % (s.port, s.port + 1))
            self.assertNotIn("already", self.warnings(s))
            s.write_config(text + 'listen "[::]:%d" { v6only = false }\n' % s.port)
            self.assertIn('warning: listen "127.0.0.1:%d": listen "[::]:%d" has this address and port already; '
                          'leave one of them out\n' % (s.port, s.port), self.warnings(s))
            s.spawn()
            self.assertEqual(s.wait(), 2)

    def test_root_with_the_configuration_beside_secrets(self):
        """Root's home and /etc hold secrets; a directory of its own does not."""
        with server(process="sandbox = true") as s:
            self.assertNotIn("stays root", self.warnings(s))
            s.write_config(open(s.config).read().replace("logs/ircd.log", "/tmp/ircd-test-%d.log" % os.getpid()))
            self.assertEqual("log.file is directly in /tmp, and the server stays root" in self.warnings(s), ROOT)
            os.symlink("/etc/hostname", s.path("linked.txt"))
            s.write_config(open(s.config).read().replace("server {", 'server { motd = "linked.txt"'))
            self.assertEqual("server.motd is directly in /etc, and the server stays root" in self.warnings(s), ROOT)

    def test_root_with_certificates_in_a_shared_directory(self):
        paths = irc.make_certificate("/tmp", prefix="ircd-test-%d-" % os.getpid())
        for path in paths:
            self.addCleanup(os.unlink, path)
        with server(more='tls "irc.test.example" { certificate = "%s"  key = "%s" }\n' % tuple(paths), process="sandbox = true") as s:
            told = self.warnings(s)
            for what, path in zip(("certificate", "key"), paths):
                self.assertEqual('tls "irc.test.example" %s is directly in /tmp, and the server stays root' % what in told, ROOT)
                self.assertIn("%s: every user of this machine may write in its directory" % path, told)

    def test_faults_stay_faults(self):
        with server(more="junk\n") as s:
            self.assertNotIn("warning", self.warnings(s, code=1))


if __name__ == "__main__":
    irc.main()
