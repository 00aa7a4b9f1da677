#!/usr/bin/env python3
"""TLS of the whole server: what it offers, changes of certificates under load, crowds of handshakes, slow readers.

usage: tls_test.py BINARY [test…]
"""
import contextlib
import grp
import hashlib
import os
import pwd
import re
import shutil
import select
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import irc
import transport

ROOT = os.geteuid() == 0
DEPLOY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../contrib/certbot-deploy.sh")


def server(more="", block=True, **options):
    """One that speaks plain TCP on its own port and TLS on the next one, with a certificate of the test unless block
    is False."""
    made = irc.Server(extra="", start=False, tls=False, **options)
    os.chmod(made.dir, 0o755)
    made.tls_port = made.port + 1
    text = open(made.config).read()
    text += 'listen "127.0.0.1:%d" { tls = true }\n' % made.tls_port + irc.EXEMPT + more
    if block:
        irc.make_certificate(made.dir)
        text += 'tls "irc.test.example" { certificate = "cert.pem"  key = "key.pem" }\n'
    made.write_config(text)
    return made


def started(*args, **options):
    made = server(*args, **options)
    try:
        made.start()
    except BaseException:
        made.close()
        raise
    return made


def connect(s, nick=None, tls=True, **options):
    client = irc.Client(s.tls_port, tls=tls, **options)
    return client.register(nick) if nick else client


def fingerprint(path):
    """SHA-256 of the first certificate of a file."""
    text = re.search("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", open(path).read(), re.S).group()
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(text)).hexdigest()


def shown(s, **options):
    """The fingerprint of the certificate that a new connection gets."""
    with connect(s, **options) as c:
        return hashlib.sha256(c.sock.getpeercert(True)).hexdigest()


def finish_handshake(sock, tls, into, out):
    """Ends a handshake in memory; the fingerprint of the certificate that came."""
    with sock:
        while True:
            try:
                tls.do_handshake()
                sock.sendall(out.read())
                return hashlib.sha256(tls.getpeercert(True)).hexdigest()
            except ssl.SSLWantReadError:
                sock.sendall(out.read())
                into.write(sock.recv(65536))


@contextlib.contextmanager
def certbot(user):
    """A server, as this user or inside the sandbox, with certbot's layout: live/irc/X.pem is a link to
    ../../archive/irc/Xn.pem, n being 1 or 2, and a renewal changes the link. point(n, names…) does that; prints are
    the fingerprints."""
    with server('process { user = "%s" }\n' % user if user else "", block=False) as s, \
            tempfile.TemporaryDirectory(prefix="ircd-test-", dir=irc.public_place()) as place:
        # Not below the directory of the configuration, which the sandbox allows anyway.
        os.chmod(place, 0o755)
        live, archive = place + "/live/irc", place + "/archive/irc"
        os.makedirs(live)
        os.makedirs(archive)
        s.prints = {}
        for n in 1, 2:
            for path, name in zip(irc.make_certificate(archive), ("fullchain", "privkey")):
                os.rename(path, "%s/%s%d.pem" % (archive, name, n))
            s.prints[n] = fingerprint("%s/fullchain%d.pem" % (archive, n))
            if user:
                shutil.chown("%s/privkey%d.pem" % (archive, n), user)

        def point(n, *names):
            for name in names or ("fullchain", "privkey"):
                os.symlink("../../archive/irc/%s%d.pem" % (name, n), live + "/new")
                os.rename(live + "/new", "%s/%s.pem" % (live, name))
        s.point = point
        point(1)
        with open(s.config, "a") as f:
            f.write('tls "irc.test.example" { certificate = "%s/fullchain.pem"  key = "%s/privkey.pem" }\n' % (live, live))
        s.start()
        yield s


class FirstStart(unittest.TestCase):
    def test_a_certificate_is_made_once(self):
        with started(block=False) as s:
            made = os.path.join(s.data, "tls.pem")
            self.assertEqual(os.stat(made).st_mode & 0o777, 0o600)
            first = fingerprint(made)
            self.assertEqual(shown(s), first)
            self.assertIn("fingerprint=" + first, s.wait_log("event=start .*").group())
            text = subprocess.run(["openssl", "x509", "-in", made, "-noout", "-text"], capture_output=True, text=True).stdout
            self.assertIn("DNS:irc.test.example", text)
            self.assertIn("NIST CURVE: P-256", text)
            s.restart()
            self.assertEqual(shown(s), first)

    def test_a_reload_keeps_it(self):
        """Also if the file has another name of the server and another directory, which only a restart takes."""
        for data in True, False:
            with server(block=False) as s:
                text = open(s.config).read()
                s.write_config(text if data else text.replace(s.data, ""))
                s.start()
                first = shown(s)
                s.write_config(open(s.config).read().replace("irc.test.example", "irc.other.example")
                               .replace(s.data, s.path("elsewhere")))
                s.send_signal(signal.SIGHUP)
                s.wait_log("event=rehash ")
                self.assertEqual(shown(s), first)
                self.assertNotIn("event=rehash-refused", s.log())
                self.assertNotIn("event=tls-warning", s.log())

    def test_stats_p_shows_it(self):
        with started(irc.oper_block(), block=False) as s:
            with connect(s, "alice") as alice:
                alice.oper()
                alice.send("STATS P")
                alice.expect(" 249 alice P :certificate of irc.test.example: SHA-256 %s, until .*, self-signed" % shown(s))


class Faults(unittest.TestCase):
    def test_each_is_told_by_t_and_by_the_start(self):
        with server() as s:
            for name, text in ("cert.pem", "x"), ("key.pem", "x"), ("cert.pem", None), ("key.pem", None):
                irc.make_certificate(s.dir)
                os.unlink(s.path(name))
                if text:
                    with open(s.path(name), "w") as f:
                        f.write(text)
                done = irc.run("-c", s.config, "-t", cwd=s.dir)
                want = r"ircd.conf:\d+: tls \"irc.test.example\" %s: .*%s" % ("certificate" if name[0] == "c" else "key", name)
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, want)
                s.spawn()
                self.assertEqual(s.wait(), 1)
                self.assertRegex(s.log(), want)

    def test_an_order_or_a_chain_that_clients_refuse(self):
        def said(code, *files):
            with open(s.path("cert.pem"), "wb") as out:
                out.write(b"".join(files))
            done = irc.run("-c", s.config, "-t", cwd=s.dir)
            self.assertEqual(done.returncode, code)
            return done.stderr
        def read(name):
            with open(s.path(name), "rb") as f:
                return f.read()
        with server() as s:
            own, other = read("cert.pem"), read(os.path.relpath(irc.make_certificate(s.dir, prefix="other-")[0], s.dir))
            self.assertRegex(said(1, other, own), r"ircd.conf:\d+: tls \"irc.test.example\": the certificate of the key is "
                             r"not the first one in its file; put it before those that lead to its authority \(\S*cert.pem, ")
            lacks = r"warning: \S*ircd.conf:\d+: tls .*: \S*cert.pem holds the certificate of the server alone, .*\(certbot: fullchain.pem\)"
            self.assertNotRegex(said(0, own), lacks)
            subprocess.run(["openssl", "req", "-x509", "-key", s.path("key.pem"), "-subj", "/CN=x", "-out", s.path("leaf.pem"),
                            "-addext", "subjectAltName=DNS:irc.test.example",
                            "-addext", "authorityInfoAccess=caIssuers;URI:http://ca.test.example/"], check=True, capture_output=True)
            self.assertRegex(said(0, read("leaf.pem")), lacks)
            self.assertNotRegex(said(0, read("leaf.pem"), other), lacks)

    def test_settings_of_the_machine_count_in_the_sandbox_as_well(self):
        """openssl.cnf is in no directory of the server; -t and the start must read the same."""
        place = tempfile.mkdtemp(prefix="ircd-test-", dir=irc.public_place())
        self.addCleanup(shutil.rmtree, place)
        os.chmod(place, 0o755)
        with open(place + "/openssl.cnf", "w") as f:
            f.write("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nCipherString = DEFAULT@SECLEVEL=3\n")
        with server() as s:
            irc.make_certificate(s.dir, kind="rsa")
            os.environ["OPENSSL_CONF"] = place + "/openssl.cnf"
            self.addCleanup(os.environ.pop, "OPENSSL_CONF")
            for done in (lambda: irc.run("-c", s.config, "-t", cwd=s.dir).returncode), (lambda: s.spawn() or s.wait()):
                self.assertEqual(done(), 1)
            self.assertIn("OpenSSL does not take %s: ee key too small" % s.path("cert.pem"), s.log())

    def test_a_file_that_the_user_cannot_read(self):
        if not ROOT:
            return self.assertNotEqual(os.geteuid(), 0)
        with server('process { user = "nobody" }\n') as s:
            os.chmod(s.path("key.pem"), 0o600)
            done = irc.run("-c", s.config, "-t", cwd=s.dir)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, r"tls \"irc.test.example\" key: cannot read \S*key.pem: Permission denied for uid \d+; `namei -l \S*key.pem` shows the rights")
            s.spawn()
            self.assertNotEqual(s.wait(), 0)
            self.assertRegex(s.log(), r"key.pem: the user nobody \(uid \d+\) may not read the key: Permission denied; chgrp nobody ")


class Reload(unittest.TestCase):
    def test_fifty_changes_under_load_disturb_no_client(self):
        """Two hundred clients talk while certbot's links change, as another user and inside the sandbox. Every tenth
        change is a broken pair."""
        with certbot("nobody" if ROOT else None) as s:
            context = irc.tls_context()
            clients = [connect(s, "c%d" % i, tls=context) for i in range(200)]
            for c in clients:
                c.send("JOIN #a")
                c.expect(" 366 ")
            before, said, now = s.descriptors(), [], 1
            for n in range(50):
                speakers = [clients[(4 * n + k) % 200] for k in range(4)]
                for k, c in enumerate(speakers):
                    if k == 2:
                        now = self.change(s, n, now)
                    c.send("PRIVMSG #a :round %d.%d" % (n, k))
                    said.append(("%d.%d" % (n, k), c))
            self.assertEqual(s.log().count("event=rehash by=signal"), 45)
            self.assertEqual(s.log().count("event=rehash-refused "), 5)
            for c in 2 * clients:  # the second time all that was said has been relayed
                c.send("PING :over")
                c.expect("PONG .*over")
            for c in clients:
                heard = [line.rpartition(" ")[2] for line in c.lines if " PRIVMSG #a :round " in line]
                self.assertEqual(sorted(heard), sorted(text for text, speaker in said if speaker is not c))
            self.assertEqual(s.descriptors(), before)
            for c in clients:
                c.close()

    def change(self, s, n, now):
        """The number of the pair that is shown after the round."""
        failed = s.log().count("event=rehash-refused ")
        if n % 10 == 9:
            s.point(3 - now, "fullchain")  # and not the key
            s.send_signal(signal.SIGHUP)
            irc.wait_until(lambda: s.log().count("event=rehash-refused ") > failed, what=s.log)
            self.assertRegex(s.log().splitlines()[-1], r"the key is not that of the certificate; both must come from one request \(\S*/live/irc/fullchain.pem, ")
            s.point(now, "fullchain")
        else:
            now = 3 - now
            s.point(now)
            s.send_signal(signal.SIGHUP)
        irc.wait_until(lambda: shown(s) == s.prints[now], what="the certificate of the round")
        return now

    def test_a_broken_pair_changes_nothing(self):
        with started(irc.oper_block()) as s:
            before = shown(s)
            with connect(s, "alice") as alice:
                alice.oper()
                irc.make_certificate(s.dir, prefix="other-")
                shutil.copy(s.path("other-key.pem"), s.path("key.pem"))
                alice.send("REHASH")
                alice.expect(r"tls \"irc.test.example\": the key is not that of the certificate; both must come from one request \(\S*cert.pem, \S*key.pem\)")
                self.assertEqual(shown(s), before)
                shutil.copy(s.path("other-cert.pem"), s.path("cert.pem"))
                alice.send("REHASH")
                alice.expect("the new configuration is in force")
                self.assertEqual(shown(s), fingerprint(s.path("other-cert.pem")))
                irc.make_certificate(s.dir)
                alice.send("REHASH TLS")
                alice.expect("REHASH: the new certificates are in force")
                self.assertEqual(shown(s), fingerprint(s.path("cert.pem")))
                os.unlink(s.path("key.pem"))
                alice.send("REHASH TLS")
                alice.expect("REHASH refused, nothing changed: .*key: cannot read .*key.pem: No such file")
                self.assertEqual(shown(s), fingerprint(s.path("cert.pem")))
                alice.send("PING :still")
                alice.expect("PONG .*still")

    def test_only_certificates_that_clients_can_get_are_told(self):
        """A REHASH removes the listener with TLS, first with its certificate, then the certificate stays unused."""
        with started(irc.oper_block()) as s, irc.Client(s.port) as alice:
            alice.register("alice")
            alice.oper()
            whole = open(s.config).read()
            plain = whole.replace('listen "127.0.0.1:%d" { tls = true }\n' % s.tls_port, "")
            for text in re.sub(r"tls \"irc.test.example\" .*\n", "", plain), whole, plain:
                with_tls = text == whole
                s.write_config(text)
                told, read = s.log().count("event=tls-certificate "), len(alice.lines)
                alice.send("REHASH")
                alice.expect("the new configuration is in force")
                self.assertEqual(s.log().count("event=tls-certificate ") - told, with_tls)
                alice.send("STATS P")
                alice.expect(" 219 alice P ")
                self.assertEqual("certificate of irc.test.example" in " ".join(alice.lines[read:]), with_tls)

    def links(self, user):
        with certbot(user) as s:
            self.assertEqual(irc.run("-c", s.config, "-t", cwd=s.dir).returncode, 0)
            self.assertRegex(s.log(), "sandbox=\".*(landlock|no landlock)")
            self.assertEqual(shown(s), s.prints[1])
            s.point(2)
            s.send_signal(signal.SIGHUP)
            s.wait_log("event=rehash ")
            self.assertEqual(shown(s), s.prints[2])

    def test_links_inside_the_sandbox(self):
        self.links(None)

    def test_links_with_another_user(self):
        self.links("nobody" if ROOT else None)

    def test_certbot_deploy(self):
        user = pwd.getpwuid(os.geteuid())
        group = grp.getgrgid(pwd.getpwnam("nobody").pw_gid).gr_name if ROOT else grp.getgrgid(user.pw_gid).gr_name
        with server('process { user = "nobody" }\n' if ROOT else "", block=False) as s:
            lineage = s.path("live/irc.test.example")
            os.makedirs(lineage)
            os.chmod(lineage, 0o700)
            s.args = ["--pid-file", s.path("pid")]
            environment = dict(os.environ, RENEWED_LINEAGE=lineage, IRCD_TLS=s.path("tls"), IRCD_GROUP=group, IRCD_PID=s.path("pid"))

            def renew():
                cert, key = irc.make_certificate(lineage)
                os.rename(cert, os.path.join(lineage, "fullchain.pem"))
                os.rename(key, os.path.join(lineage, "privkey.pem"))
                return fingerprint(os.path.join(lineage, "fullchain.pem"))
            renew()
            first = subprocess.run(["sh", DEPLOY], env=environment, capture_output=True, text=True)
            self.assertEqual(first.returncode, 0, first)
            self.assertRegex(first.stderr, "There is no pid file .*, so no server was told[.]\nA server .* when it starts[.]\n$")
            with open(s.config, "a") as f:
                f.write('tls "irc.test.example" { certificate = "tls/irc.test.example/fullchain.pem"\n'
                        'key = "tls/irc.test.example/privkey.pem" }\n')
            s.start()
            irc.wait_until(lambda: s.read("pid"), what="the pid file")
            want = renew()
            subprocess.run(["sh", DEPLOY], env=environment, check=True, capture_output=True)
            irc.wait_until(lambda: shown(s) == want, what="the renewed certificate")


class Crowds(unittest.TestCase):
    def test_silent_and_half_open_connections_end(self):
        with started('tls_limits { handshake_timeout = "2s"  handshakes = 50 }\n') as s:
            before = s.descriptors()
            socks = [socket.create_connection(("127.0.0.1", s.tls_port), irc.WAIT) for _ in range(200)]
            memory, out = ssl.MemoryBIO(), ssl.MemoryBIO()
            with self.assertRaises(ssl.SSLWantReadError):
                irc.tls_context().wrap_bio(memory, out).do_handshake()
            hello = out.read()
            for sock in socks[:100]:
                sock.sendall(hello)
            with s.connect() as plain:  # others are served meanwhile
                plain.register("ann")
            irc.wait_until(lambda: s.descriptors() <= before, timeout=20, what="the end of all handshakes")
            with connect(s, "bob"):
                pass
            for sock in socks:
                sock.close()

    def test_reloads_while_handshakes_wait(self):
        """Twenty are under way, and forty wait for them, through SIGHUP, REHASH TLS and a REHASH with a lower limit."""
        limits = 'limits { registration_timeout = "2m" }\ntls_limits { handshakes = 20  handshake_timeout = "60s" }\n'
        with started(irc.oper_block() + limits) as s, irc.Client(s.port) as alice:
            alice.register("alice")
            alice.oper()
            context, waiting, prints = irc.tls_context(), [], [fingerprint(s.path("cert.pem"))]
            for _ in range(60):
                sock, into, out = socket.create_connection(("127.0.0.1", s.tls_port), irc.WAIT), ssl.MemoryBIO(), ssl.MemoryBIO()
                tls = context.wrap_bio(into, out)
                with self.assertRaises(ssl.SSLWantReadError):
                    tls.do_handshake()
                sock.sendall(out.read())
                waiting.append((sock, tls, into, out))
            socks = [one[0] for one in waiting]
            irc.wait_until(lambda: len(select.select(socks, [], [], 0)[0]) == 20, what="the first part of twenty handshakes")
            for reload in lambda: s.send_signal(signal.SIGHUP), lambda: alice.send("REHASH TLS"), lambda: alice.send("REHASH"):
                irc.make_certificate(s.dir)
                prints.append(fingerprint(s.path("cert.pem")))
                if len(prints) == 4:
                    s.write_config(open(s.config).read().replace("handshakes = 20", "handshakes = 10"))
                told = s.log().count("event=tls-certificate ")
                reload()
                irc.wait_until(lambda: s.log().count("event=tls-certificate ") > told, what=s.log)
            seen = []
            while len(seen) < 60:  # those that have begun are answered, and the next ones begin when they have ended
                ready = select.select([one[0] for one in waiting], [], [], irc.WAIT)[0]
                seen += [finish_handshake(*one) for one in waiting if one[0] in ready]
                waiting = [one for one in waiting if one[0] not in ready]
            self.assertEqual(seen, 20 * prints[:1] + 40 * prints[3:])

    def test_two_hundred_handshakes_at_once(self):
        with started('tls_limits { handshakes = 20 }\n') as s:
            done = []

            def one():
                with connect(s) as c:
                    done.append(c.sock.version())
            threads = [threading.Thread(target=one) for _ in range(200)]
            for t in threads:
                t.start()
            for t in threads:
                t.join(30)
            self.assertEqual(done, ["TLSv1.3"] * 200)


class Slow(unittest.TestCase):
    def test_ten_megabytes_arrive_whole(self):
        """To a client that reads slowly, with small pieces."""
        with started("flood { burst = 100000 }\nlimits { sendq = 67108864  recvq = 1048576 }\n") as s:
            with connect(s, "ann") as ann, connect(s, "bob") as bob:
                want, got = hashlib.sha256(), hashlib.sha256()
                text = "x" * 380

                def talk():
                    for i in range(25000):
                        want.update(b"%06d" % i)
                        bob.send("PRIVMSG ann :%06d%s" % (i, text))
                talker = threading.Thread(target=talk)
                talker.start()
                for i in range(25000):
                    got.update(ann.expect(r" PRIVMSG ann :(\d{6})x{380}$", timeout=60).group(1).encode())
                    if i % 4000 == 0:
                        time.sleep(0.3)
                talker.join(60)
                self.assertEqual(got.digest(), want.digest())

    def test_one_that_reads_nothing_is_dropped(self):
        with started("flood { burst = 100000 }\nlimits { sendq = 65536  recvq = 1048576 }\n") as s:
            with connect(s, "ann"), connect(s, "bob") as bob:
                for i in range(3000):
                    bob.send("PRIVMSG ann :%s" % ("x" * 400))
                s.wait_log("event=sendq-exceeded client=ann")
                bob.expect(" 401 bob ann ")


@contextlib.contextmanager
def strict_server():
    """As server, with its own certificate, an operator, and no exemption."""
    with irc.Server(extra="", start=False, tls=False) as s:
        s.tls_port = s.port + 1
        with open(s.config, "a") as f:
            f.write('listen "127.0.0.1:%d" { tls = true }\n' % s.tls_port + irc.oper_block())
        s.start()
        yield s


class Refused(unittest.TestCase):
    maxDiff = None

    def test_a_banned_host_reads_why_once_and_then_gets_the_alert(self):
        with strict_server() as s:
            with connect(s, "alice") as alice:
                alice.oper()
                alice.send("DLINE 1h 127.0.0.9 :go away")
                alice.expect("127.0.0.9")
                with connect(s, source="127.0.0.9") as c:
                    self.assertRegex(c.wait_closed()[-1], "ERROR :Closing Link: 127.0.0.9 .*go away")
                with connect(s, source="127.0.0.9") as c:
                    self.assertEqual(c.wait_closed(), [transport.ALERT])

    def test_refusals_are_counted_as_without_tls(self):
        with strict_server() as s:
            with connect(s, "alice") as alice:
                alice.oper()
                told = {}
                for host in "127.0.0.8", "127.0.0.9":
                    alice.send("DLINE 1h %s :go away" % host)
                    alice.expect("D-line %s set .*saved" % host)
                    for _ in range(8):
                        secure = host == "127.0.0.9"
                        irc.Client(s.tls_port if secure else s.port, source=host, tls=secure).wait_closed()
                    alice.send("CHECK " + host)
                    start = len(alice.lines)
                    alice.expect("End of CHECK")
                    lines = [line for line in alice.lines[start:] if "***" not in line]
                    told[host] = re.sub(r"\d\d:\d\d:\d\d|\d+[hms](\d+[ms])*|" + re.escape(host), "-", "\n".join(lines))
                    self.assertIn(", 8 hits: go away", told[host])
                self.assertEqual(told["127.0.0.8"], told["127.0.0.9"])


if __name__ == "__main__":
    irc.main()
