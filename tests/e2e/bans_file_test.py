"""Bans as text on the command line, and copies of the database made while it changes.

usage: bans_file_test.py BINARY [test…]
"""
import os
import re
import shutil
import subprocess
import threading
import time
import unittest

import irc

EXTRA = 'exempt "127.0.0.1" { from = { "connections", "throttle", "flood" } }\n'
BACKUP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../contrib/backup.sh")
HEAD = "# ircd bans 1\n"
OLD = "set=2026-01-02T03:04:05.006Z until=never by=bob auto=no"


def lines(n, what="KLINE u%d@base.example " + OLD + " :number %d|for opers %d"):
    return "".join(what % (i, i, i) + "\n" for i in range(n))

ROUNDS = int(os.environ.get("IRCD_TEST_ROUNDS", "8"))  # copies that are made

class Case(unittest.TestCase):
    def setUp(self):
        self.server = irc.Server(start=False, extra=irc.oper_block() + EXTRA)
        self.addCleanup(self.server.close)

    def file(self, name, data):
        path = self.server.path(name)
        with open(path, "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        return path

    def run_with(self, *args, code=0, config=None, **options):
        got = irc.run("-c", config or self.server.config, *args, cwd=self.server.dir, timeout=60, **options)
        self.assertEqual(got.returncode, code, got.stderr[-2000:] + got.stdout[-2000:])
        return got

    def load(self, text, code=0):
        return self.run_with("--load-bans", "-", code=code, input=text)

    def dump(self, code=0, **options):
        return self.run_with("--dump-bans", code=code, **options).stdout


class CommandLine(Case):
    def test_a_dump_loads_elsewhere_and_dumps_the_same(self):
        text = ("DLINE 198.51.100.0/24 %s :proxies\n" % OLD +
                "KLINE *@192.0.2.7 %s :caf\u00e9 \\x02bold\\x02\\s|\\sa\\|b\\\\c\n" % OLD +
                "KLINE n!u@h.example set=2026-01-02T03:04:05.006Z until=2099-01-02T03:04:05.007Z "
                "by=server auto=yes :strikes\n")
        got = self.load(text)
        self.assertRegex(got.stdout, r": 3 taken \(2 K-lines, 1 D-line\)\nsaved: 3 bans in ")
        self.assertEqual(got.stderr, "")
        first = self.dump()
        bans = first.splitlines()
        self.assertEqual(bans[0] + "\n", HEAD)
        self.assertEqual(bans[-1], "# end of bans: 3")
        self.assertEqual(sorted(bans[2:-1]), sorted(text.splitlines()))
        shutil.rmtree(self.server.data)
        self.assertIn("3 taken", self.load(first).stdout)
        self.assertEqual(self.dump(), first)
        self.assertIn("0 taken, 3 there already", self.load(first).stdout)

    def test_what_operators_set_is_dumped_and_what_is_loaded_is_enforced(self):
        self.server.start()
        alice = self.server.connect("alice").oper()
        alice.send("KLINE 1h *@127.0.0.70 :for an hour|secret", "DLINE 127.0.0.71 :for good")
        alice.expect("127.0.0.70 set .*saved$")
        alice.expect("127.0.0.71(/32)? set .*saved$")
        alice.send("BANS EXPORT")
        alice.expect(r"NOTICE alice :# ircd bans 1$")
        exported = [alice.expect(r"NOTICE alice :((?:K|D)LINE .*)$").group(1) for _ in range(2)]
        alice.expect(r"NOTICE alice :# end of bans: 2$")
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual([x for x in self.dump().splitlines() if x[0] != "#"], exported)
        self.assertRegex(exported[0], r"^KLINE \*@127\.0\.0\.70 set=\S+Z until=\S+Z by=alice auto=no :for an hour\|secret$")
        self.load("KLINE *@127.0.0.72 :from a file\n")
        self.server.start()
        with self.server.connect(source="127.0.0.72") as client:
            client.send("NICK m", "USER m 0 * :m")
            self.assertRegex(client.wait_closed()[-1], "for good: from a file")

    def test_a_running_server_is_not_disturbed(self):
        self.server.start()
        for args in ["--dump-bans"], ["--load-bans", "-"]:
            got = self.run_with(*args, code=2, input="KLINE a@b.example\n")
            self.assertEqual(got.stdout, "")
            self.assertRegex(got.stderr, r"another server is using the data directory .*\n.*`ircd ctl bans export`")
        alice = self.server.connect("alice").oper()
        alice.send("BANS EXPORT")
        alice.expect("# end of bans: 0$")

    def test_what_is_not_there_is_no_empty_list(self):
        self.assertIn("no database in " + self.server.data, self.run_with("--dump-bans", code=2).stderr)
        self.assertFalse(os.path.exists(self.server.data))
        self.assertIn("cannot read none.txt: No such file", self.run_with("--load-bans", "none.txt", code=1).stderr)
        got = self.run_with("--load-bans", ".", code=1)
        self.assertEqual((got.stdout, got.stderr), ("", "ircd: cannot read .: Is a directory\n"))
        memory = self.file("memory.conf", 'database { path = "" }\n')
        self.assertIn("database.path is empty", self.run_with("--dump-bans", code=1, config=memory).stderr)
        broken = self.file("broken.conf", "bogus {\n")
        self.assertRegex(self.run_with("--dump-bans", code=1, config=broken).stderr, r"broken\.conf:1: ")
        self.assertIn("missing after --load-bans", irc.run("--load-bans").stderr)
        self.assertIn("does not go with", irc.run("--dump-bans", "--load-bans", "x").stderr)

    def test_a_dump_that_cannot_be_written_is_a_failure(self):
        self.load(lines(5000))
        with open("/dev/full", "w") as full:
            got = subprocess.run([irc.BINARY, "-c", self.server.config, "--dump-bans"], stdout=full,
                                 stderr=subprocess.PIPE, timeout=irc.WAIT)
        self.assertEqual(got.returncode, 2)

    def test_foreign_files_are_told_line_by_line(self):
        path = self.file("kline.conf", b"# old\r\n"
                         b'"*","192.0.2.7","spam","for opers","2005/3/17 05.33","bob",1111033988\r\n'
                         b'"~u","*.example.org","caf\xe9","","2005/3/17 05.33","bob",1111033988\n'
                         b'"*","1.2.3","x","","2005/3/17 05.33","bob",1111033988\n'
                         b'"*","*","x","","2005/3/17 05.33","bob",1111033988\n' +
                         b"x" * 9000 + b"\n" + b"a\0b\n")
        got = self.run_with("--load-bans", path, code=1)
        for n in 4, 5, 6, 7:
            self.assertIn("\n%s:%d: " % (path, n), "\n" + got.stderr)
        self.assertIn("4 lines of quoted fields (kline.conf): 2 taken (2 K-lines), 2 refused", got.stdout)
        self.assertIn("2 more could not be read", got.stdout)
        self.assertRegex(got.stdout, r"\nsaved: 2 bans in ")
        self.assertIn("KLINE u@*.example.org set=2005-03-17T04:33:08.000Z until=never by=bob auto=no :caf\u00e9\n",
                      self.dump())
        path = self.file("xline.db", "VERSION 1\nLINE G a@b.example alice 1700000000 0 :x\n"
                                     "LINE K a@c.example alice 1700000000 60 :over\n"
                                     "LINE Z 192.0.2.0/24 alice 1700000000 0 :y\nLINE E a@d.example a 1 0 :z\n")
        got = self.run_with("--load-bans", path, code=1)
        self.assertIn("4 lines of InspIRCd's xline.db: 2 taken (1 K-line, 1 D-line), 1 expired\n", got.stdout)
        self.assertIn("1 skipped: E-lines", got.stdout)

    def test_databases_are_not_taken_for_text(self):
        for data, why in ((b"SQLite format 3\0rest", "bantool -e"), (b"\0\0\0\1x\n", "not a text file")):
            got = self.run_with("--load-bans", self.file("ban.db", data), code=1)
            self.assertIn(why, got.stderr)
            self.assertEqual(got.stdout, "")

    def test_a_hundred_thousand_bans_load_in_a_few_syncs(self):
        path = self.file("many", lines(100000))
        begin = time.monotonic()
        self.assertIn("saved: 100000 bans", self.run_with("--load-bans", path).stdout)
        self.assertLess(time.monotonic() - begin, 20)
        self.assertEqual(self.dump().count("\nKLINE "), 100000)

    def look(self, lock):
        """A dump of a copy in which nothing can be written, without a lock file, with one, or (2) with one that
        cannot be opened."""
        copy = self.server.path("snapshot-%d" % lock)
        shutil.copytree(self.server.data, copy, ignore=shutil.ignore_patterns("control"))
        os.unlink(os.path.join(copy, "lock"))
        if lock:
            self.file("snapshot-%d/lock" % lock, "")
        who = {} if os.geteuid() else {"user": 65534}
        for name in os.listdir(copy) + ["."]:
            os.chmod(os.path.join(copy, name), 0o500)
            if who:
                os.chown(os.path.join(copy, name), 65534, 65534)
        if lock == 2:
            os.chmod(os.path.join(copy, "lock"), 0)
        os.chmod(self.server.dir, 0o755)
        before = sorted(os.listdir(copy))
        config = self.file("copy.conf", 'database { path = "%s" }\n' % copy)
        os.chmod(config, 0o644)
        got = self.run_with("--dump-bans", config=config, **who)
        self.assertEqual(sorted(os.listdir(copy)), before)
        load = self.run_with("--load-bans", "-", config=config, code=2, input="KLINE a@b.example\n", **who)
        self.assertIn("cannot lock", load.stderr)
        return copy, config, who, got

    def test_a_directory_that_cannot_be_written_is_dumped_as_it_is(self):
        self.load(lines(20))
        whole = self.dump()
        for lock in 0, 2, 1:
            copy, config, who, got = self.look(lock)
            self.assertEqual(got.stdout, whole)
            self.assertEqual("without excluding a server" in got.stderr, lock == 2, got.stderr)
        for name in "ircd.a.gdbm", "ircd.b.gdbm":  # only root needs no leave to write
            os.chmod(os.path.join(copy, name), 0o700)
        with open(os.path.join(copy, "ircd.a.gdbm"), "wb") as f:
            f.write(b"junk")
        got = self.run_with("--dump-bans", config=config, **who)
        self.assertEqual(got.stdout, whole)
        self.assertRegex(got.stderr, r"ircd\.a\.gdbm could not be used .*: ircd\.b\.gdbm is read")
        with open(os.path.join(copy, "ircd.b.gdbm"), "wb") as f:
            f.write(b"junk")
        got = self.run_with("--dump-bans", config=config, code=2, **who)
        self.assertRegex(got.stderr, r"neither database file is valid .*OTHERS MAY BE LOST.*nothing was changed")
        self.assertIn("# end of bans: 0", got.stdout)

    def test_a_dump_changes_nothing(self):
        """Also where everything can be written, and where a server would have to repair."""
        self.load(lines(20))
        self.load(lines(3, "KLINE v%d@late.example :later %d %d"))
        whole = self.dump()
        for ruin in "lock", "ircd.a.gdbm", "ircd.b.gdbm":
            os.unlink(os.path.join(self.server.data, ruin))
            before = sorted(os.listdir(self.server.data))
            if not [x for x in before if x.endswith("gdbm")]:
                self.assertIn("no database", self.run_with("--dump-bans", code=2).stderr)
                break
            self.assertEqual(self.dump(), whole)
            self.assertEqual(sorted(os.listdir(self.server.data)), before)

    def backup(self, name):
        to = self.server.path(name)
        got = subprocess.run(["sh", BACKUP, self.server.data, to], text=True, capture_output=True, timeout=60,
                             env=dict(os.environ, IRCD=irc.BINARY))
        self.assertEqual(got.returncode, 0, got.stderr)
        return to

    def test_a_backup_may_have_any_name_from_any_directory(self):
        self.load(lines(20))
        work = self.server.path("work")
        os.mkdir(work)
        for name in "relative", "./deep/er", 'with blank "quoted" \\ ${HOME} #', self.server.path("absolute"):
            with self.subTest(name=name):
                got = subprocess.run(["sh", BACKUP, "../data", name], text=True, capture_output=True, timeout=60, cwd=work,
                                     env=dict(os.environ, IRCD=os.path.abspath(irc.BINARY)))
                self.assertEqual(got.returncode, 0, got.stderr)
                to = os.path.join(work, name)
                self.assertEqual(sorted(os.listdir(to)), ["bans.txt", "ircd.a.gdbm", "ircd.b.gdbm"])
                with open(os.path.join(to, "bans.txt")) as bans:
                    self.assertEqual(bans.read(), self.dump())

    def test_a_backup_is_restored_by_either_file_or_both(self):
        self.load(lines(20))
        before = self.dump()
        saved = self.backup("backup")
        self.load(lines(3, "KLINE v%d@late.example :later %d %d"))
        self.load("KLINE one@more.example :save\n")
        late = self.dump()
        self.assertNotEqual(late, before)
        for names in ["ircd.a.gdbm"], ["ircd.b.gdbm"], ["ircd.a.gdbm", "ircd.b.gdbm"]:
            shutil.rmtree(self.server.data)
            os.mkdir(self.server.data, 0o700)
            for name in names:
                shutil.copy(os.path.join(saved, name), self.server.data)
            self.assertEqual(self.dump(), before)
            got = self.load("")
            self.assertNotIn(" older", got.stderr)
            self.assertEqual(self.dump(), before)
            self.assertEqual(self.run_with("--dump-bans").stderr, "")

    def test_a_backup_beside_a_newer_file_is_kept_and_told(self):
        self.load(lines(20))
        saved = self.backup("backup")
        for n in range(3):
            self.load("KLINE one@more%d.example :save\n" % n)
        late = self.dump()
        shutil.copy(os.path.join(saved, "ircd.a.gdbm"), self.server.data)
        before = sorted(os.listdir(self.server.data))
        told = r" warn event=store note=\"ircd\.a\.gdbm may not belong to the save before that of ircd\.b\.gdbm"
        got = self.run_with("--dump-bans")
        self.assertEqual(got.stdout, late)
        self.assertRegex(got.stderr, told)
        self.assertEqual(sorted(os.listdir(self.server.data)), before)
        got = self.load("")
        self.assertRegex(got.stderr, r" warn event=store note=\"ircd\.a\.gdbm \(save \d+\) may not belong to the save before")
        kept = re.search(r"kept as (ircd\.a\.gdbm\.older-\d+T\d+Z-1)\. To use", got.stderr).group(1)
        with open(os.path.join(self.server.data, kept), "rb") as a, open(os.path.join(saved, "ircd.a.gdbm"), "rb") as b:
            self.assertEqual(a.read(), b.read())
        self.assertEqual(self.dump(), late)

    def test_a_backup_checks_its_copy_or_leaves_nothing(self):
        self.load(lines(20))
        to = self.server.path("new/backup")
        run = lambda **more: subprocess.run(["sh", BACKUP, self.server.data, to], text=True, capture_output=True,
                                            timeout=60, env=dict(os.environ, **more))
        got = run(IRCD="no-such-ircd")
        self.assertEqual(got.returncode, 1)
        self.assertRegex(got.stderr, r"no program no-such-ircd .*IRCD=/path/to/ircd")
        self.assertFalse(os.path.exists(to))
        got = run(IRCD="false")
        self.assertEqual(got.returncode, 2, got)
        self.assertIn("no good copy after 20 attempts", got.stderr)
        self.assertFalse(os.path.exists(to))
        self.assertEqual(run(IRCD=irc.BINARY).returncode, 0)
        self.assertEqual(sorted(os.listdir(to)), ["bans.txt", "ircd.a.gdbm", "ircd.b.gdbm"])
        got = run(IRCD=irc.BINARY)
        self.assertEqual(got.returncode, 1)
        self.assertIn("is there already", got.stderr)
        self.assertEqual(len(os.listdir(to)), 3)

    def test_a_store_that_fails_is_not_called_saved(self):
        self.load(lines(1))
        got = subprocess.run(["sh", "-c", 'ulimit -f 16; exec "$@"', "sh", irc.BINARY, "-c", self.server.config,
                              "--load-bans", "-"], input=lines(3000), text=True, capture_output=True, timeout=60)
        self.assertEqual(got.returncode, 2, got)
        self.assertRegex(got.stderr, r"ircd: NOT saved: .*file size limit")
        self.assertNotIn("saved:", got.stdout)
        self.assertIn("saved: 3000 bans", self.load(lines(3000)).stdout)


class Copies(Case):
    """The files are copied while bans are set and lifted without a pause."""

    def churn(self):
        """Sets bans, and lifts every third again, until told to stop."""
        n = 0
        while not self.stop:
            batch = range(n, n + 30)
            n += 30
            self.alice.send(*["KLINE 1d n%d@load.example :%s" % (k, "x" * (k * 7 % 200 + 1)) for k in batch])
            for k in batch:
                self.alice.expect(r"n%d@load.example set .*, saved$" % k)
                self.saved.add(k)
            gone = [k for k in batch if k % 3 == 0]
            self.leaving.update(gone)
            self.alice.send(*["UNKLINE n%d@load.example" % k for k in gone])
            for k in gone:
                self.alice.expect(r"n%d@load.example removed, saved$" % k)
            self.gone.update(gone)
            time.sleep(n / 20000)  # the more there is to copy, the more time there is for it

    def setUp(self):
        super().setUp()
        self.load(lines(3000))
        self.server.start()
        self.alice = self.server.connect("alice").oper()
        self.saved, self.leaving, self.gone, self.stop = set(), set(), set(), False
        self.thread = threading.Thread(target=self.churn)
        self.thread.start()
        self.addCleanup(self.end)
        irc.wait_until(lambda: self.gone)

    def end(self):
        self.stop = True
        self.thread.join()

    def complete(self, text, saved, gone):
        """The copy has all bans that were acknowledged before it, and none that was lifted before."""
        have = set(map(int, re.findall(r"KLINE n(\d+)@load", text)))
        self.assertEqual(saved - self.leaving - have, set())
        self.assertEqual(gone & have, set())
        self.assertEqual(text.count("@base.example"), 3000)

    def test_a_checked_copy_has_all_that_was_saved(self):
        for n in range(ROUNDS // 2):
            saved, gone = set(self.saved), set(self.gone)
            to = self.server.path("backup%d" % n)
            subprocess.run(["sh", BACKUP, self.server.data, to], check=True, timeout=60,
                           env=dict(os.environ, IRCD=irc.BINARY))
            files = os.listdir(to)
            self.assertEqual(set(files) - {"ircd.a.gdbm", "ircd.b.gdbm"}, {"bans.txt"})
            self.assertGreater(len(files), 1)
            with open(os.path.join(to, "bans.txt")) as f:
                text = f.read()
            self.complete(text, saved, gone)
            config = self.file("copy.conf", 'database { path = "%s" }\n' % to)
            got = self.run_with("--load-bans", "-", config=config, input="")  # a server's start
            self.assertNotRegex(got.stderr, " (warn|error) ")
            self.assertEqual(self.run_with("--dump-bans", config=config).stdout, text)

    def test_a_copy_of_one_file_has_all_that_was_saved_whole_or_torn(self):
        whole = 0
        for n in range(2 * ROUNDS):
            saved, gone, copy = set(self.saved), set(self.gone), self.server.path("copy%d" % n)
            os.mkdir(copy)
            shutil.copy(os.path.join(self.server.data, "ircd.%s.gdbm" % "ab"[n % 2]), copy)
            config = self.file("copy.conf", 'database { path = "%s" }\n' % copy)
            got = irc.run("-c", config, "--dump-bans", timeout=60)
            self.complete(got.stdout, saved, gone)
            if got.returncode == 0:
                whole += 1
            else:
                self.assertRegex(got.stderr, r"neither database file is valid .* recovered")
                self.assertEqual(got.returncode, 2)
            shutil.rmtree(copy)
        self.assertGreater(whole, 0)

    def test_a_torn_copy_beside_a_whole_one_loses_nothing(self):
        self.end()
        before = set(self.saved), set(self.gone)
        for letter in "ab":
            copy = self.server.path("torn-" + letter)
            shutil.copytree(self.server.data, copy, ignore=shutil.ignore_patterns("control"))
            path = os.path.join(copy, "ircd.%s.gdbm" % letter)
            with open(path, "r+b") as f:
                f.seek(os.path.getsize(path) // 2)
                f.write(b"\xa5" * 4096)
            config = self.file("copy.conf", 'database { path = "%s" }\n' % copy)
            got = self.run_with("--dump-bans", config=config)
            self.assertRegex(got.stderr, r"ircd\.%s\.gdbm could not be used .*\.gdbm is read" % letter)
            self.complete(got.stdout, *before)


if __name__ == "__main__":
    irc.main()
