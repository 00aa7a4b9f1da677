#!/usr/bin/env python3
"""Starts that cannot succeed, and starts in odd places: one sentence with what to do, and the exit code, each.

1: something must be changed first, so the unit of systemd does not start the server again (RestartPreventExitStatus).
2: another start may succeed.

usage: starts_test.py BINARY [test…]
"""
import os
import re
import resource
import shutil
import signal
import socket
import stat
import subprocess
import unittest

import irc

ROOT = os.geteuid() == 0
TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
USER = "nobody"
RIGHT = r"; the server runs as the user with the id \d+: give it the right to this path \(chown, chmod\), or name another"
MISSING = "; make what is missing of this path, or name another"
NO_DIRECTORY = "Not a directory; a file has the place of a directory: remove it, or name another path"
NO_FILE = "Is a directory; a directory has the place of a file: remove it, or name another path"
READ_ONLY = "Read-only file system; the file system can only be read: mount it with `-o rw`, or name another path"
DENIED = "Permission denied" + RIGHT
# Commands of a shell, those that mount as root in mounts of its own; full: a file system of some KiB, which another file fills.
READ_ONLY_DISK = "mount -t tmpfs -o ro none $0/disk"
FULL_DISK = "mount -t tmpfs -o size=128k none $0/disk; cat /dev/zero >$0/disk/filler 2>/dev/null"
OPENED = "exec %s" % " ".join("%d</dev/null" % fd for fd in range(3, 16))
NO_DEVICES = "mount -t tmpfs none /dev"


class Place(irc.Server):
    """A directory for one start. port, dir: as irc.Server. text: of the configuration, with {dir} and {port}."""

    def __init__(self, text=None, user=None, shell="", command=None, nofile=None, cwd=None, args=(), **conf):
        super().__init__(start=False, args=args)
        os.chmod(self.dir, 0o777)
        self.user, self.shell, self.command, self.cwd = user, shell, command, cwd
        self.limit = nofile
        text = text or CONFIG
        for name, default in (("listen", 'listen "127.0.0.1:{port}" {{ }}'), ("data", "data"), ("log", ""), ("extra", "")):
            text = text.replace("<%s>" % name, conf.get(name, default.replace("{{ }}", "{ }")))
        self.write_config(text.replace("{port}", str(self.port)).replace("{dir}", self.dir))
        os.mkdir(self.path("disk"))
        os.chmod(self.path("disk"), 0o777)

    def limits(self):
        if self.limit:
            resource.setrlimit(resource.RLIMIT_NOFILE, (self.limit, self.limit))

    def spawn(self, **options):
        program = irc.public_binary() if self.user or self.shell else irc.BINARY
        command = self.command or ["-c", self.config]
        command = [program, *(word.replace("{dir}", self.dir) for word in command), *self.args]
        if self.shell:
            own = ["unshare", "-m"] if "mount " in self.shell else []
            command = [*own, "bash", "-c", self.shell + '; exec "$@"', self.dir, *command]
        with open(self.path("stderr"), "a") as err:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=err, stderr=err, cwd=self.cwd or self.dir,
                                            user=self.user, group=self.user and "nogroup", extra_groups=self.user and [],
                                            preexec_fn=self.limits, **options)

    def said(self):
        """Standard error without the lines of the log."""
        return re.sub(r"(?m)^\d{4}-\d\d-\d\dT.* event=.*\n", "", self.log()).replace(self.dir, "{dir}")


CONFIG = 'server { name = "irc.test.example" }\n<listen>\ndatabase { path = "<data>" }\nlog { <log> }\n<extra>\n'
SECURE = dict(listen='listen "127.0.0.1:{port}" { tls = true }',
              extra='tls "irc.test.example" { certificate = "cert.pem"  key = "key.pem" }')
BOTH = 'listen "127.0.0.1:{port}" { }\nlisten "[::1]:{port}" { }'


def hold(family, host):
    def prepare(test, place):
        held = socket.socket(family)
        test.addCleanup(held.close)
        if family == socket.AF_INET6:
            held.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        held.bind(place.path(host) if family == socket.AF_UNIX else (host, place.port))
        held.listen()
    return prepare


def make(name, mode=None, directory=False, text=""):
    def prepare(test, place):
        if directory:
            os.mkdir(place.path(name))
        else:
            with open(place.path(name), "w") as f:
                f.write(text)
        if mode is not None:
            os.chmod(place.path(name), mode)
    return prepare


def unwritable(test, place):
    make("data", mode=0o500, directory=True)(test, place)
    shutil.chown(place.path("data"), USER)


def certificates(change=None):
    def prepare(test, place):
        irc.make_certificate(place.dir)
        irc.make_certificate(place.dir, prefix="other-")
        if change:
            change(place)
    return prepare


def expire(place):
    """Makes a certificate of the same key that has expired."""
    for command in ("req -new -key key.pem -subj /CN=irc.test.example -out request",
                    "x509 -req -in request -signkey key.pem -days -1 -out cert.pem"):
        subprocess.run(["openssl", *command.split()], check=True, cwd=place.dir, capture_output=True)


def take_data(test, place):
    first = Place(data=place.data)
    test.addCleanup(first.close)
    first.start()


# What is wrong: (name, options of Place, what is done before, exit code, the sentence).
STARTS = [
    ("no_configuration", dict(command=["-c", "{dir}/none.conf"]), None, 1,
     r"{dir}/none.conf: No such file or directory; `ircd --setup` makes one"),
    ("configuration_is_a_directory", dict(command=["-c", "{dir}"]), None, 1, "{dir}: " + NO_FILE),
    ("configuration_below_a_file", dict(command=["-c", "{dir}/ircd.conf/x"]), None, 1, "{dir}/ircd.conf/x: " + NO_DIRECTORY),
    ("configuration_with_a_fault", dict(text="bogus\n"), None, 1, '{dir}/ircd.conf:1: unknown block "bogus"'),
    ("no_motd", dict(text='server { motd = "none" }\n'), None, 1,
     "{dir}/ircd.conf:1: server.motd: cannot read {dir}/none: No such file or directory" + MISSING),
    ("an_argument", dict(command=["-c", "{dir}/ircd.conf", "x"]), None, 1, "ircd: superfluous argument x; see ircd --help"),

    ("data_is_a_file", {}, make("data"), 1, "ircd: cannot lock the data directory {dir}/data: " + NO_DIRECTORY),
    ("data_beside_other_programs", dict(data="/var"), None, 1,
     "ircd: database.path: many programs keep files in /var; name a directory of the server alone, as in /var/lib/ircd"),
    ("no_configuration_at_the_root", dict(command=["--pid-file", "{dir}/pid"], cwd="/"), None, 1,
     r"ircd: a server without -c keeps its data in \./var, which is /var here, where many programs keep files; "
     "start it in another directory, or use -c"),
    ("data_below_nothing", dict(data="none/data"), None, 1,
     "ircd: cannot make the data directory {dir}/none/data: No such file or directory" + MISSING),
    ("data_of_another_server", {}, take_data, 2,
     "ircd: another server is using the data directory {dir}/data; end that server, or name another database.path"),
    ("log_below_nothing", dict(log='file = "none/log"'), None, 1,
     "ircd: cannot open log file {dir}/none/log: No such file or directory" + MISSING),
    ("log_is_a_directory", dict(log='file = "disk"'), None, 1, "ircd: cannot open log file {dir}/disk: " + NO_FILE),
    ("log_is_a_pipe_without_a_reader", dict(log='file = "pipe"'), lambda test, place: os.mkfifo(place.path("pipe")), 2,
     "ircd: cannot open log file {dir}/pipe: No such device or address; start the program that reads it first"),
    ("journal_below_nothing", dict(log='journal = "none/j"'), None, 1,
     r"ircd: log.journal: cannot make {dir}/none/j-\S+: No such file or directory" + MISSING),
    ("trace_below_nothing", dict(log='trace = "none/t"'), None, 1,
     r"ircd: log.trace: cannot make {dir}/none/t-\S+: No such file or directory" + MISSING),
    ("pid_file_below_nothing", dict(args=["--pid-file", "none/pid"]), None, 1,
     "ircd: cannot write none/pid: No such file or directory" + MISSING),

    ("port_of_ipv4_taken", dict(listen=BOTH), hold(socket.AF_INET, "127.0.0.1"), 2,
     r"ircd: cannot listen on 127.0.0.1:\d+: Address already in use; `ss -ltnp` shows the program that uses it"),
    ("port_of_ipv6_taken", dict(listen=BOTH), hold(socket.AF_INET6, "::1"), 2,
     r"ircd: cannot listen on \[::1\]:\d+: Address already in use; `ss -ltnp` shows the program that uses it"),
    ("port_of_all_addresses_taken", dict(listen=BOTH), hold(socket.AF_INET, "0.0.0.0"), 2,
     r"ircd: cannot listen on 127.0.0.1:\d+: Address already in use; `ss -ltnp` shows the program that uses it"),
    ("socket_of_a_server_that_runs", dict(listen='listen "unix:s" { }'), hold(socket.AF_UNIX, "s"), 2,
     "ircd: cannot listen on unix:s: a process listens there already; end it, or name another path"),
    ("socket_is_another_file", dict(listen='listen "unix:s" { }'), make("s"), 1,
     "ircd: cannot listen on unix:s: another file has this path; move it away, or name another"),
    ("socket_below_nothing", dict(listen='listen "unix:none/s" { }'), None, 1,
     "ircd: cannot listen on unix:none/s: No such file or directory" + MISSING),
    ("address_of_another_machine", dict(listen='listen "192.0.2.1:{port}" { }'), None, 2,
     r"ircd: cannot listen on 192.0.2.1:\d+: Cannot assign requested address; this machine does not have that address; "
     "`ip address` shows those it has"),
    ("address_of_one_link", dict(listen='listen "[fe80::1]:{port}" { }'), None, 1,
     r"ircd: cannot listen on \[fe80::1\]:\d+: Invalid argument; the server cannot listen on an address for one link or .*"),

    ("no_user", dict(extra='process { user = "no-such-user" }'), None, 1,
     "ircd: (process.user: there is no user 'no-such-user'; useradd -r no-such-user)"),
    ("no_certificate", SECURE, certificates(lambda place: os.remove(place.path("cert.pem"))), 1,
     'ircd: {dir}/ircd.conf:5: tls "irc.test.example" certificate: cannot read {dir}/cert.pem: No such file or directory' + MISSING),
    ("certificate_of_another_key", SECURE,
     certificates(lambda place: os.rename(place.path("other-key.pem"), place.path("key.pem"))), 1,
     r"ircd: {dir}/ircd.conf:5: .* the key is not that of the certificate; both must come from one request \({dir}/cert.pem, .*\)"),
    ("certificate_that_has_expired", SECURE, certificates(lambda place: expire(place)), 1,
     r"ircd: {dir}/ircd.conf:5: .* the certificate has expired on \S+; renew it \({dir}/cert.pem, .*\)"),
    ("certificate_is_empty", SECURE, lambda test, place: (certificates()(test, place), make("cert.pem")(test, place)), 1, r"ircd: {dir}/ircd.conf:5: .* {dir}/cert.pem holds no certificate in PEM form \(BEGIN CERTIFICATE\)"),
    ("certificate_is_a_directory", SECURE,
     certificates(lambda place: (os.remove(place.path("cert.pem")), os.mkdir(place.path("cert.pem")))), 1,
     "ircd: {dir}/ircd.conf:5: .*cert.pem: it is not a regular file; name another path"),

    ("few_descriptors", dict(nofile=16), None, 1,
     r"ircd: this process may have 16 descriptors, and a server needs 32 and one for each client; raise the limit \(ulimit -n, "
     r"LimitNOFILE=\)"),
    ("fewer_descriptors", dict(nofile=6), None, 1, r"ircd: this process may have 6 descriptors, .*"),
    ("descriptors_that_are_open_before", dict(nofile=32, shell=OPENED), None, 1,
     r"ircd: the listeners and files need all descriptors .*; raise the limit \(ulimit -n, LimitNOFILE=\)"),
]
# As an ordinary user.
USER_STARTS = [
    ("configuration_of_another_user", {}, lambda test, place: os.chmod(place.config, 0o600), 1, "{dir}/ircd.conf: " + DENIED),
    ("data_that_is_not_writable", {}, make("data", 0o555, True), 1, "ircd: cannot lock the data directory {dir}/data: " + DENIED),
    ("data_of_another_user", {}, make("data", 0o700, True), 1, "ircd: cannot lock the data directory {dir}/data: " + DENIED),
    ("data_in_a_directory_of_another_user", dict(data="x/data"), make("x", 0o755, True), 1,
     "ircd: cannot make the data directory {dir}/x/data: " + DENIED),
    ("log_that_is_not_writable", dict(log='file = "log"'), make("log", 0o400), 1, "ircd: cannot open log file {dir}/log: " + DENIED),
    ("socket_in_a_directory_of_another_user", dict(listen='listen "unix:x/s" { }'), make("x", 0o755, True), 1,
     "ircd: cannot listen on unix:x/s: " + DENIED),
    ("port_of_root", dict(listen='listen "127.0.0.1:80" { }'), None, 1,
     "ircd: cannot listen on 127.0.0.1:80: Permission denied; a port below 1024 needs root or CAP_NET_BIND_SERVICE .*"),
    ("key_of_another_user", SECURE, certificates(lambda place: os.chmod(place.path("key.pem"), 0o600)), 1,
     r"ircd: {dir}/ircd.conf:5: .*key.pem: Permission denied for uid \d+; `namei -l {dir}/key.pem` shows the rights"),
    ("pid_file_in_a_directory_of_root", dict(args=["--pid-file", "/etc/ircd.pid"]), None, 1, "ircd: cannot write /etc/ircd.pid: " + DENIED),
    ("another_user", dict(extra='process { user = "daemon" }'), None, 1,
     r"ircd: cannot become process.user 'daemon' \(start as root\): Operation not permitted; or leave the option out"),
]
# As root, who becomes a user, or with a file system of its own.
ROOT_STARTS = [
    ("key_of_root", dict(SECURE, extra=SECURE["extra"] + '\nprocess { user = "nobody" }'),
     certificates(lambda place: os.chmod(place.path("key.pem"), 0o600)), 1,
     r"ircd: {dir}/key.pem: the user nobody \(uid \d+\) may not read the key: Permission denied; chgrp nobody .*"),
    ("data_of_root", dict(extra='process { user = "nobody" }'), make("data", directory=True), 1,
     r"ircd: {dir}/data: the user nobody \(uid \d+\) may not write there: Permission denied; chown -R nobody {dir}/data"),
    ("data_that_nobody_may_write", dict(extra='process { user = "nobody" }'), unwritable, 1,
     r"ircd: {dir}/data: the user nobody \(uid \d+\) may not write there: Permission denied; chown -R nobody {dir}/data"),
    ("data_on_a_disk_that_is_read_only", dict(data="disk", shell=READ_ONLY_DISK), None, 1,
     "ircd: cannot lock the data directory {dir}/disk: " + READ_ONLY),
    ("data_to_be_made_on_a_disk_that_is_read_only", dict(data="disk/data", shell=READ_ONLY_DISK), None, 1,
     "ircd: cannot make the data directory {dir}/disk/data: " + READ_ONLY),
    ("log_on_a_disk_that_is_read_only", dict(log='file = "disk/log"', shell=READ_ONLY_DISK), None, 1,
     "ircd: cannot open log file {dir}/disk/log: " + READ_ONLY),
    ("pid_file_on_a_disk_that_is_full", dict(args=["--pid-file", "disk/pid"], shell=FULL_DISK), None, 2,
     "ircd: cannot write disk/pid: No space left on device; remove files there, or name another path"),
    ("working_directory_is_gone", dict(command=["-c", "none.conf"], shell="mkdir $0/gone; cd $0/gone; rmdir $0/gone"), None, 1,
     "none.conf: No such file or directory; `ircd --setup` makes one"),
]


class Refused(unittest.TestCase):
    """Each row of the tables is a test."""


def refuse(options, prepare, code, sentence, user):
    def test(self):
        with Place(user=user, **options) as place:
            if prepare:
                prepare(self, place)
            place.spawn()
            self.assertEqual(place.wait(), code, place.log())
            self.assertRegex(place.said(), r"\A%s\n\Z" % sentence.replace("{dir}", r"\{dir\}"))
            self.assertNotIn("event=start-warning", place.log())
    return test


def add_tests(rows, user=None):
    for name, options, prepare, code, sentence in rows:
        setattr(Refused, "test_" + name, refuse(options, prepare, code, sentence, user))


add_tests(STARTS)
add_tests(USER_STARTS, USER if ROOT else None)
if ROOT:
    add_tests(ROOT_STARTS)


class Told(unittest.TestCase):
    def test_the_sentence_is_also_in_the_log(self):
        with Place(log='file = "log"') as place:
            hold(socket.AF_INET, "127.0.0.1")(self, place)
            for background in [], ["-d"]:
                place.args = background
                place.spawn()
                self.assertEqual(place.wait(), 2)
            self.assertRegex(place.said(), r"\A(ircd: cannot listen on .*; `ss -ltnp` shows .*\n){2}\Z")
            self.assertEqual(len(re.findall("error event=start-failed why=.cannot listen on .*; `ss -ltnp` shows ", place.read("log"))), 2)

    def test_the_unit_and_the_manual_page_have_these_codes(self):
        with open(TOP + "/contrib/systemd/ircd.service") as f:
            self.assertIn("\nRestartPreventExitStatus=1\n", f.read())
        with open(TOP + "/contrib/ircd.8") as f:
            page = f.read()
        status = page[page.index(".Sh EXIT STATUS"):page.index(".Sh EXAMPLES")]
        for code in "0", "1", "2":
            self.assertIn("\n.It %s\n" % code, status)
        self.assertIn("RestartPreventExitStatus=1", status)


class Odd(unittest.TestCase):
    """Starts that succeed in odd places."""

    def serves(self, place):
        irc.wait_until(place._listens, what=place.log)
        with place.connect("ann", tls=False):
            pass

    def test_at_the_root_without_a_home(self):
        with Place(data="{dir}/data", cwd="/") as place:
            place.spawn(env={})
            self.serves(place)
            self.assertEqual((place.stop(), place.said()), (0, ""))
            self.assertTrue(os.path.exists(place.path("data/ircd.a.gdbm")))

    def test_a_reload_at_once_ends_nothing(self):
        for _ in range(5):
            with Place() as place:
                place.spawn()
                irc.wait_until(lambda: int(re.search(r"(?m)^SigCgt:\s+(\w+)", open("/proc/%d/status" % place.process.pid).read())[1], 16)
                               & 1 << signal.SIGHUP - 1, what="the handler")
                place.send_signal(signal.SIGHUP)
                self.serves(place)
                self.assertEqual(place.stop(), 0)

    def test_a_socket_that_was_left_is_replaced(self):
        with Place(listen='listen "unix:s" { }\nlisten "127.0.0.1:{port}" { }') as place:
            with socket.socket(socket.AF_UNIX) as left:
                left.bind(place.path("s"))
            place.spawn()
            self.serves(place)

    def test_no_umask_opens_no_file_to_others(self):
        before = os.umask(0)
        try:
            with Place(log='file = "log"  journal = "disk/j"  trace = "disk/t"', args=["--pid-file", "pid"]) as place:
                place.spawn()
                self.serves(place)
                for folder, _, names in os.walk(place.dir):
                    for name in set(names) - {"ircd.conf", "stderr"}:
                        mode = stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)
                        self.assertEqual(mode & (0o022 if name == "pid" else 0o027), 0, name)
                self.assertEqual(stat.S_IMODE(os.stat(place.data).st_mode), 0o700)
        finally:
            os.umask(before)


@unittest.skipUnless(ROOT, "mounts need root")
class Disks(unittest.TestCase):
    """File systems of their own, and what they miss. A pipe of this test tells the shell when to go on."""

    serves = Odd.serves

    def disk(self, place, name):
        return "/proc/%d/root%s" % (place.process.pid, place.path("disk/" + name))

    def test_without_dev_null_no_socket_and_no_file_is_standard_error(self):
        with Place(shell=NO_DEVICES + "; exec <&- >&- 2>&-") as place:
            place.spawn()
            self.serves(place)
            names = [os.readlink("/proc/%d/fd/%d" % (place.process.pid, fd)) for fd in range(3)]
            self.assertEqual(names, ["/"] * 3)
            self.assertEqual(place.stop(), 0)

    def test_without_dev_null_landlock_holds(self):
        with Place(shell=NO_DEVICES) as place:
            place.spawn()
            self.serves(place)
            self.assertNotIn("no landlock", place.log())

    def test_a_log_on_a_full_disk_is_said_and_written_when_there_is_space(self):
        with Place(log='file = "disk/log"', shell=FULL_DISK) as place:
            place.spawn()
            self.serves(place)
            lost = r"ircd: lines of the log are lost: cannot write to log file \{dir\}/disk/log: No space left on device; remove files .*\n"
            self.assertRegex(place.said(), r"\A%s\Z" % lost)
            os.remove(self.disk(place, "filler"))
            place.send_signal(signal.SIGHUP)
            irc.wait_until(lambda: "event=log-lost" in open(self.disk(place, "log")).read(), what="the number of lost lines")
            self.assertEqual(place.stop(), 0)
            self.assertRegex(place.said(), r"\A%s\Z" % lost)

    def test_data_on_a_full_disk_are_saved_when_there_is_space(self):
        with Place(data="disk/data", log='file = "log"', shell=FULL_DISK) as place:
            place.spawn()
            self.serves(place)
            self.assertRegex(place.read("log"), r"error event=store note=.nothing can be saved for now: disk full .* tries again to write them to "
                                                + re.escape(place.path("disk/data")))
            os.remove(self.disk(place, "filler"))
            irc.wait_until(lambda: os.path.exists(self.disk(place, "data/ircd.b.gdbm")), 40, "a database")
            self.assertEqual((place.stop(), place.said()), (0, ""), place.read("log"))

    def test_a_disk_that_is_full_at_the_end_is_said(self):
        with Place(data="disk/data", log='file = "log"', shell=FULL_DISK) as place:
            place.spawn()
            self.serves(place)
            self.assertEqual(place.stop(), 2)
            self.assertEqual(place.said(), "ircd: the last changes could not be saved in {dir}/disk/data and are lost\n")
            self.assertIn("event=store-unsaved ", place.read("log"))


if __name__ == "__main__":
    irc.main()
