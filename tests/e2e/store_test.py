"""The database on disk: bans after a crash, full disks, damaged files, unusable directories.

A full disk is a small tmpfs in a mount namespace of the server's own, so nothing stays mounted;
where the kernel refuses that to us, a file size limit stands in for it.

usage: store_test.py BINARY [test…]
"""
import os
import re
import resource
import shutil
import subprocess
import time
import unittest

import irc

MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
BANNED = "127.0.0.77"
MASK = r"\*@127\.0\.0\.77"
BANNED_MASK = "*@" + BANNED
EXTRA = 'exempt "127.0.0.1" { from = { "connections", "throttle", "flood" } }\n'
FULL = r"disk full|file size limit"


def server_with(**options):
    return irc.Server(extra=irc.oper_block() + EXTRA, **options)


def alice_on(server):
    return server.connect("alice").oper()


def refusal(server):
    """The last line for the banned host, or None when it is let in."""
    with server.connect(source=BANNED) as client:
        try:
            client.send("NICK mallory", "USER m 0 * :m")
            client.expect(" 001 ")
            return None
        except irc.Closed:
            return client.lines[-1]
        except OSError:
            return client.wait_closed()[-1]


class Crash(unittest.TestCase):
    def test_what_was_called_saved_outlives_kill_9(self):
        with server_with() as server:
            for n in range(4):
                alice = alice_on(server)
                alice.send("KLINE 1h *@127.0.0.77 :round %d|only for opers" % n)
                alice.expect(r" NOTICE alice :K-line %s set until %s \(1h\): removed 0 clients, saved$" % (
                    MASK, MOMENT))
                server.restart()
                self.assertRegex(refusal(server), r"^ERROR :Closing Link: 127\.0\.0\.77 \(You are banned \(K-line\) "
                                                  r"until %s \(\w+\): round %d\)$" % (MOMENT, n))
                alice = alice_on(server)
                alice.send("UNKLINE *@127.0.0.77")
                alice.expect(r" NOTICE alice :K-line %s removed, saved$" % MASK)
                server.restart()
                self.assertIsNone(refusal(server))

    def test_setter_time_and_reason_outlive_it_too(self):
        with server_with() as server:
            alice = alice_on(server)
            alice.send("KLINE 127.0.0.77 :for good|a secret", "DLINE 2d 127.0.0.88 :a while")
            alice.expect(r"K-line %s set for good: removed 0 clients, saved$" % MASK)
            until = alice.expect(r"D-line 127\.0\.0\.88(?:/32)? set until (%s) \(2d\): .*, saved$" % MOMENT).group(1)
            server.restart()
            alice = alice_on(server)
            alice.send("STATS K", "STATS d")
            alice.expect(r" 216 alice K %s alice :set %s, for good, 0 hits: for good \| a secret$" % (MASK, MOMENT))
            alice.expect(r" 219 alice K ")
            alice.expect(r" 225 alice d 127\.0\.0\.88(/32)? alice :set %s, until %s \(\w+\), 0 hits: a while$" % (
                MOMENT, until))
            alice.expect(r" 219 alice d ")

    def test_reserved_names_and_real_names_outlive_it(self):
        with server_with() as server:
            alice = alice_on(server)
            alice.send(r"RESV 1h guest* :ask first", r"XLINE *free\smoney* :spam")
            alice.expect(r"RESV guest\* set until %s \(1h\): 0 clients use it and keep it, saved$" % MOMENT)
            alice.expect(r"X-line \*free\\smoney\* set for good: 0 clients match and stay, saved$")
            server.restart()
            with server.connect(source=BANNED) as client:
                client.send("NICK guest7", "NICK mallory", "USER m 0 * :get free money")
                client.expect(r" 432 \* guest7 :Nickname is reserved until %s \(\w+\): ask first$" % MOMENT)
                client.expect(r" 465 mallory :You are banned \(X-line\) for good: spam$")
            alice = alice_on(server)
            alice.send("BANS")
            alice.expect(r" 217 alice q guest\* alice :set %s, until .*, 1 hit, last %s: ask first$" % (MOMENT, MOMENT))
            alice.expect(r" 247 alice x \*free\\smoney\* alice :set %s, for good, 1 hit, last .*: spam$" % MOMENT)
            alice.expect(r" NOTICE alice :End of BANS: 2 of 2 bans match$")

    def test_a_replaced_ban_keeps_its_last_form(self):
        with server_with() as server:
            alice = alice_on(server)
            alice.send("KLINE 1h *@127.0.0.77 :first", "KLINE 2h *@127.0.0.77 :second")
            alice.expect(r"K-line %s set until .*, saved$" % MASK)
            alice.expect(r"K-line %s replaced until %s \(2h\): .*, saved$" % (MASK, MOMENT))
            server.restart()
            self.assertRegex(refusal(server), ": second")

    def test_a_dline_holds_at_accept(self):
        with server_with() as server:
            alice, mallory = alice_on(server), server.connect("mallory", source=BANNED)
            fresh = server.connect(source=BANNED)
            fresh.send("PING x")
            fresh.expect(" PONG ")
            alice.send("DLINE 1h 127.0.0.77 :no more of you")
            alice.expect(r"D-line 127\.0\.0\.77(/32)? set until .*: removed 2 clients, saved$")
            why = (r"^ERROR :Closing Link: 127\.0\.0\.77 \(You are banned \(D-line\) until %s \(\w+\): "
                   r"no more of you\)$" % MOMENT)
            for client in mallory, fresh:
                self.assertRegex(client.wait_closed()[-1], why)
                client.close()
            for _ in range(2):
                with server.connect(source=BANNED) as client:  # which says nothing
                    self.assertRegex(client.wait_closed()[0], why)
                server.restart()
            alice = alice_on(server)
            alice.send("UNDLINE 127.0.0.77")
            alice.expect(r"D-line 127\.0\.0\.77(/32)? removed, saved$")
            self.assertIsNone(refusal(server))

    def test_cloaks_stay_the_same_until_the_database_goes(self):
        def cloak(server):
            with server.connect(source=BANNED) as client:
                client.send("NICK ann", "USER a 0 * :a")
                return client.expect(r" 396 ann (\S+\.cloak) :").group(1)

        with server_with(server="cloak = true") as server:
            first = cloak(server)
            alice = alice_on(server)
            alice.send("KLINE 1h *@%s :by its cloak" % first)  # and by then the key is saved as well
            alice.expect(r"K-line \*@%s set until .*, saved$" % re.escape(first))
            server.restart()
            self.assertRegex(refusal(server), "127\\.0\\.0\\.77 .*: by its cloak")
            alice = alice_on(server)
            alice.send("UNKLINE *@" + first)
            alice.expect(r"removed, saved$")
            self.assertEqual(cloak(server), first)
            self.assertEqual(server.log().count("cloak-key"), 1)
            self.assertNotIn(first, server.log().replace("mask=*@" + first, ""))
        with server_with(server="cloak = true") as server:
            self.assertNotEqual(cloak(server), first)

    def test_message_ids_rise_over_kill_9(self):
        last = 0
        with server_with() as server:
            for n in range(4):
                ann = server.connect("ann")
                ann.send("CAP REQ :message-tags")
                for _ in range(3):
                    ann.send("PRIVMSG ann :x")
                    got = int(ann.expect(r"^@msgid=([0-9a-f]{16}) :ann!\S+ PRIVMSG ann :x$").group(1), 16)
                    self.assertGreater(got, last)
                    self.assertLess(abs((got >> 20) - time.time() * 1000), 60000 * (n + 1))
                    last = got
                server.restart()

    def test_an_end_in_order_loses_nothing(self):
        with server_with() as server:
            alice = alice_on(server)
            alice.send(*["KLINE 1h *@192.0.2.%d :x" % n for n in range(1, 101)])
            alice.silent("refused")
            self.assertEqual(server.stop(), 0)
            server.start()
            alice = alice_on(server)
            alice.send("STATS k")
            alice.expect(" 219 alice k ")
            self.assertEqual(len([x for x in alice.lines if " 216 " in x]), 100)


class SmallDisk(irc.Server):
    """A server whose data directory is a tmpfs of 256 KiB, which only its process sees."""

    def spawn(self):
        os.makedirs(self.data, exist_ok=True)
        command = 'mount -t tmpfs -o size=256k none "$1" && shift && exec "$@"'
        with open(self.path("stderr"), "a") as err:
            self.process = subprocess.Popen(
                ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", command, "sh", self.data,
                 irc.BINARY, "-c", self.config], stdin=subprocess.DEVNULL, stdout=err, stderr=err, cwd=self.dir)

    def seen(self, name=""):
        """A path below its data directory as it sees it."""
        return "/proc/%d/root%s/%s" % (self.process.pid, self.data, name)

    def fill(self):
        with open(self.seen("rubbish"), "wb", buffering=0) as f:
            try:
                while f.write(b"x" * 4096):
                    pass
            except OSError:
                pass

    def free(self):
        os.unlink(self.seen("rubbish"))


class LimitedFiles(irc.Server):
    """The same with files that cannot grow, nor be written beyond their first bytes."""

    def seen(self, name=""):
        return os.path.join(self.data, name)

    def fill(self):
        self.before = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (512, self.before[1]))

    def free(self):
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, self.before)


def may_mount():
    command = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


class DiskFull(unittest.TestCase):
    def full_disk(self, kind):
        server = kind(extra=irc.oper_block() + EXTRA)
        self.addCleanup(server.close)
        alice = alice_on(server)
        alice.send("KLINE 1d *@127.0.0.70 :from before")
        alice.expect("127.0.0.70 set until .*, saved$")
        server.fill()
        self.bans_until_refused(alice)
        alice.send("KLINE 1h *@127.0.0.77 :on a full disk")
        alice.expect(r" NOTICE alice :K-line %s set until %s \(1h\): removed 0 clients, NOT saved: .*(%s)" % (
            MASK, MOMENT, FULL))
        self.assertRegex(refusal(server), ": on a full disk")
        server.free()
        alice.expect(r" NOTICE alice :K-line %s set until %s \(1h\): removed 0 clients, saved$" % (MASK, MOMENT),
                     8)
        self.restart_from_copy(server)
        for address, why in (("127.0.0.77", "on a full disk"), ("127.0.0.70", "from before"),
                             ("127.0.0.71", "filler 0")):
            with server.connect(source=address) as client:
                client.send("NICK m", "USER m 0 * :m")
                self.assertRegex(client.wait_closed()[-1], why)

    def bans_until_refused(self, alice):
        """A file may have room left inside: sets bans until one is not saved."""
        for n in range(200):
            alice.send("KLINE 1h *@127.0.%d.71 :filler %d%s" % (n, n, "x" * 150))
            if alice.expect(r"@127\.0\.%d\.71 set .*, (NOT )?saved" % n).group(1):
                return
        self.fail("the disk is never full")

    def restart_from_copy(self, server):
        """What is on the disk now, without an end in order, in a plain directory."""
        copy = server.path("copy")
        shutil.copytree(server.seen(), copy, ignore=shutil.ignore_patterns("control"))
        server.kill()
        with open(server.config) as f:
            text = f.read()
        server.write_config(text.replace(server.data, copy))
        irc.Server.spawn(server)
        irc.wait_until(server._listens)

    def test_a_full_disk_is_told_and_made_up_for(self):
        self.full_disk(SmallDisk if may_mount() else LimitedFiles)

    def test_a_file_at_its_limit_is_told_and_made_up_for(self):
        self.full_disk(LimitedFiles)

    def test_a_crash_on_a_full_disk_loses_nothing_acknowledged(self):
        server = LimitedFiles(extra=irc.oper_block() + EXTRA)
        self.addCleanup(server.close)
        alice = alice_on(server)
        alice.send("KLINE 1h *@127.0.0.77 :before")
        alice.expect("saved$")
        server.fill()
        alice.send("UNKLINE *@127.0.0.77")
        alice.expect(r"K-line %s removed, NOT saved: " % MASK)
        self.assertIsNone(refusal(server))
        server.restart()
        self.assertRegex(refusal(server), ": before")


class Start(unittest.TestCase):
    def failing(self, data, err):
        with server_with(start=False) as server:
            with open(server.config) as f:
                text = f.read()
            server.write_config(text.replace(server.data, data.replace("{dir}", server.dir)))
            with open(server.path("file"), "w") as f:
                f.write("a file")
            server.spawn()
            self.assertEqual(server.wait(), 1, server.log())
            self.assertRegex(server.log(), r"(?m)^ircd: %s" % err.replace("{dir}", re.escape(server.dir)))
            self.assertEqual(sorted(os.listdir(server.dir)), ["file", "ircd.conf", "stderr"])

    def test_a_directory_below_a_file_is_an_error(self):
        self.failing("{dir}/file/data", r"cannot make the data directory {dir}/file/data: Not a directory; a file has the place of a directory: ")

    def test_a_directory_below_nothing_is_an_error(self):
        self.failing("{dir}/none/data", r"cannot make the data directory {dir}/none/data: No such file")

    def test_a_directory_that_takes_no_files_is_an_error(self):
        """Permissions do not hold root back; /proc does."""
        self.failing("/proc", r"cannot lock the data directory /proc: \S")

    def test_a_second_server_on_a_directory_is_refused(self):
        with server_with() as first, server_with(start=False) as second:
            alice = alice_on(first)
            with open(second.config) as f:
                text = f.read()
            second.write_config(text.replace(second.data, first.data))
            for _ in range(2):
                second.spawn()
                self.assertEqual(second.wait(), 2)
            self.assertRegex(second.log(), r"(?m)^ircd: another server is using the data directory %s; end that server, or name another database.path$" %
                             re.escape(first.data))
            alice.send("KLINE 1h *@127.0.0.77 :still ours")
            alice.expect(r"K-line %s set until .*, saved$" % MASK)
            first.kill()
            second.start()
            self.assertRegex(refusal(second), ": still ours")


class Damage(unittest.TestCase):
    def setUp(self):
        self.server = server_with()
        self.addCleanup(self.server.close)
        self.alice = alice_on(self.server)
        self.alice.send("KLINE 1h *@127.0.0.77 :the one", "KLINE *@192.0.2.1 :another")
        self.alice.expect("127.0.0.77 set .*, saved$")
        self.alice.expect("192.0.2.1 set .*, saved$")
        self.server.kill()

    def file(self, letter):
        return os.path.join(self.server.data, "ircd.%s.gdbm" % letter)

    def overwrite(self, letter, offset=0, size=None):
        with open(self.file(letter), "r+b") as f:
            f.seek(offset)
            f.write(b"\xa5" * (size or os.path.getsize(self.file(letter)) - offset))

    def holds(self, note):
        self.server.start()
        self.server.wait_log("event=store note=\"?%s" % note)
        self.assertRegex(refusal(self.server), ": the one")

    def holds_again(self):
        """The repair has been written: nothing is left to say."""
        self.server.kill()
        os.unlink(self.server.path("stderr"))
        self.server.start()
        self.assertRegex(refusal(self.server), ": the one")
        self.assertNotIn("event=store ", self.server.log())

    def test_one_damaged_file_is_rewritten_from_the_other(self):
        for letter, other in ("a", "b"), ("b", "a"):
            with self.subTest(letter=letter):
                self.overwrite(letter)
                self.holds(r"ircd\.%s\.gdbm could not be used .*rewritten from ircd\.%s\.gdbm, nothing is lost" % (
                    letter, other))
                self.holds_again()
                self.server.kill()

    def test_a_flipped_byte_is_found(self):
        for letter in "ab":
            with self.subTest(letter=letter):
                with open(self.file(letter), "rb") as f:
                    at = f.read().index(b"the one")
                self.overwrite(letter, at, 1)
                self.holds(r"ircd\.%s\.gdbm could not be used .*nothing is lost" % letter)
                self.holds_again()
                self.server.kill()

    def test_a_missing_or_empty_file_is_rewritten(self):
        for letter, ruin in ("a", os.unlink), ("b", os.unlink), ("a", lambda f: os.truncate(f, 0)):
            with self.subTest(letter=letter):
                ruin(self.file(letter))
                self.holds(r"ircd\.%s\.gdbm could not be used .*nothing is lost" % letter)
                self.holds_again()
                self.server.kill()

    def test_two_damaged_files_give_what_can_be_had_and_are_kept(self):
        for letter in "ab":
            with open(self.file(letter), "rb") as f:
                at = f.read().index(b"another")
            self.overwrite(letter, at, 1)
        self.holds(r"neither database file is valid .*OTHERS MAY BE LOST.*; the damaged files are kept as "
                   r"ircd\.a\.gdbm\.damaged-\S+, ircd\.b\.gdbm\.damaged-")
        self.assertIn(" error event=store ", self.server.log())
        self.assertEqual(len([x for x in os.listdir(self.server.data) if ".damaged-" in x]), 2)
        self.holds_again()


class Match(unittest.TestCase):
    """Two whole files of which the server cannot know what is meant."""

    def made(self, mask):
        server = server_with()
        self.addCleanup(server.close)
        alice = alice_on(server)
        alice.send("KLINE 1h %s :of this one" % mask)
        alice.expect("%s set .*, saved$" % re.escape(mask))
        self.assertEqual(server.stop(), 0)
        return server

    def contents(self, server):
        found = {}
        for name in os.listdir(server.data):
            with open(os.path.join(server.data, name), "rb") as f:
                found[name] = f.read()
        return found

    def refused(self, server, why):
        account = r"ircd\.a\.gdbm: store [0-9a-f]{16}, save \d+, \d+ records, 1 bans, last change %s" % MOMENT
        before = self.contents(server)
        server.spawn()
        self.assertEqual(server.wait(), 1, server.log())
        self.assertRegex(server.log(), r"(?m)^ircd: ircd\.a\.gdbm and ircd\.b\.gdbm in %s %s; nothing was changed\. %s\. %s"
                                       r"\. Move the file that is not wanted to another directory and start again" % (
                                           re.escape(server.data), why, account, account.replace(r"ircd\.a", r"ircd\.b")))
        for command in ["--dump-bans"], ["--load-bans", "-"]:
            got = irc.run("-c", server.config, *command, input="")
            self.assertEqual(got.returncode, 2)
            self.assertEqual(got.stdout, "")
            self.assertRegex(got.stderr, why)
        self.assertEqual(self.contents(server), before)

    def test_files_of_two_stores_are_refused(self):
        x, y = self.made(BANNED_MASK), self.made("*@127.0.0.88")
        shutil.copy(os.path.join(y.data, "ircd.b.gdbm"), x.data)
        self.refused(x, "are not files of one store")
        os.unlink(os.path.join(x.data, "ircd.b.gdbm"))  # the cure
        x.start()
        self.assertRegex(refusal(x), ": of this one")

    def test_two_contents_of_one_save_are_refused(self):
        x = self.made(BANNED_MASK)
        for name in "one", "two":
            shutil.copytree(x.data, x.path(name))
            config = x.path(name + ".conf")
            with open(config, "w") as f:
                f.write('database { path = "%s" }\n' % x.path(name))
            self.assertEqual(irc.run("-c", config, "--load-bans", "-", input="KLINE a@%s.example :x\n" % name)
                             .returncode, 0)
        shutil.copy(x.path("one/ircd.a.gdbm"), x.data)
        shutil.copy(x.path("two/ircd.b.gdbm"), x.data)
        before = self.contents(x)
        x.spawn()
        self.assertEqual(x.wait(), 1, x.log())
        self.assertRegex(x.log(), r"(?m)^ircd: .* hold different contents of the same save; nothing was changed\. .*"
                                  r"2 bans, .*2 bans, ")
        self.assertEqual(self.contents(x), before)


if __name__ == "__main__":
    irc.main()
