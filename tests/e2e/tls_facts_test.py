#!/usr/bin/env python3
"""What the server knows of clients with TLS: mode Z and fingerprints, OPER by certificate, classes, STS, redirects.

usage: tls_facts_test.py BINARY [test…]
"""
import os
import signal
import subprocess
import unittest

import irc
from tls_test import connect, fingerprint, started

def rehash(s, text):
    """Writes the configuration, and waits until it is in force."""
    before = s.log().count("event=rehash ")
    s.write_config(text)
    s.send_signal(signal.SIGHUP)
    irc.wait_until(lambda: s.log().count("event=rehash ") > before, what=s.log)


def openssl_fingerprint(path):
    """As openssl prints it, with colons and capitals."""
    digits = fingerprint(path).upper()
    return ":".join(digits[i:i + 2] for i in range(0, 64, 2))


def sign_certificate(directory, name):
    """Makes cert.pem and key.pem there, signed by an authority of the test."""
    authority = irc.make_certificate(directory, "An authority", prefix="authority-")
    paths = [os.path.join(directory, each) for each in ("cert.pem", "key.pem")]
    subprocess.run(["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-CA", authority[0], "-CAkey", authority[1], "-keyout", paths[1], "-out", paths[0], "-days", "9",
                    "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:" + name], check=True, capture_output=True)


def certified(s, prefix):
    """A context with a certificate of its own."""
    context = irc.tls_context()
    context.load_cert_chain(*irc.make_certificate(s.dir, "a person", prefix=prefix))
    return context


class Facts(unittest.TestCase):
    def setUp(self):
        self.server = started()
        self.right = certified(self.server, "right-")
        self.wrong = certified(self.server, "wrong-")
        path = os.path.join(self.server.dir, "right-cert.pem")
        self.digits = fingerprint(path)
        both = irc.oper_block("both", privileges='"check"').replace(" }\n", '  certfp = { "%s" } }\n' % self.digits)
        rehash(self.server, open(self.server.config).read() + 'opers { plaintext = never  failures = "99/10m" }\n'
               'strikes { limit = 1000 }\n' + both +
               'oper "cert" { certfp = { "%s" }  hosts = { "*@*" }  privileges = { "check" } }\n'
               'class "known" { certfp = { "%s" }  strikes = "disconnect" }\n'
               'class "tls" { tls = true }\n' % (openssl_fingerprint(path), self.digits))

    def tearDown(self):
        self.server.close()

    def test_mode_z_and_numerics(self):
        with connect(self.server, "ann", tls=self.right) as ann, connect(self.server, "bob") as bob, \
                irc.Client(self.server.port, tls=False).register("cid") as cid:
            ann.send("MODE ann", "WHOIS ann")
            ann.expect(r" 221 ann \+\w*Z")
            ann.expect(r" 671 ann ann :is using a secure connection")
            ann.expect(r" 276 ann ann :has client certificate fingerprint " + self.digits)
            bob.send("WHOIS ann")
            bob.expect(r" 671 bob ann ")
            bob.expect(r" 318 ")
            self.assertFalse([line for line in bob.lines if " 276 " in line])
            bob.send("WHOIS cid")
            bob.expect(r" 318 bob cid")
            self.assertFalse([line for line in bob.lines if " 671 bob cid" in line])
            cid.send("MODE cid +Z", "MODE cid")
            cid.expect(r" 221 cid \+\w*x?$")
            self.assertNotIn("Z", cid.lines[-1])

    def test_oper_by_certificate(self):
        with connect(self.server, "ann", tls=self.right) as ann:
            ann.send("OPER cert")
            ann.expect(r" 381 ann ")
            ann.send("CHECK ann")
            ann.expect(r":Class: known")
        with connect(self.server, "ann", tls=self.right) as ann:
            ann.oper("both")
        for tls, line in ((self.wrong, "OPER cert"), (self.wrong, "OPER both secret"), (True, "OPER both secret"),
                          (self.right, "OPER both wrong")):
            with connect(self.server, "eve", tls=tls, source="127.0.0.9") as eve:
                eve.send(line)
                eve.expect(r" 464 eve ")

    def test_oper_without_tls_reads_the_port(self):
        with irc.Client(self.server.port, tls=False).register("ann") as ann:
            ann.send("OPER both secret")
            ann.expect(r" 491 ann ")
            ann.expect(r"NOTICE ann :OPER refused: .*to port %d" % self.server.tls_port)


class Sts(unittest.TestCase):
    def offered(self, s, name, line="CAP LS 302"):
        with connect(s, name=name) as c:
            c.send(line)
            c.expect(r" CAP \* LS :")
            return [word.lstrip(":") for word in " ".join(c.lines).split() if word.lstrip(":").startswith("sts")]

    def test_a_duration_for_the_name_that_was_asked_for(self):
        with started() as s:
            text = open(s.config).read()
            with_sts = text.replace('key = "key.pem" }', 'key = "key.pem"  sts = "1d" }')
            self.assertEqual(self.offered(s, "irc.test.example"), [])
            s.write_config(with_sts)
            s.send_signal(signal.SIGHUP)
            s.wait_log("is self-signed, and programs that keep to sts")
            self.assertEqual(self.offered(s, "irc.test.example"), [])
            sign_certificate(s.dir, "irc.test.example")
            with connect(s, name="irc.test.example") as c, connect(s, name="other.example") as other:
                for client in c, other:
                    client.send("CAP LS 302")
                    client.expect(r" CAP \* LS :")
                rehash(s, with_sts)
                c.expect(r" CAP \* NEW :sts=duration=86400$")
                rehash(s, text.replace('key = "key.pem" }', 'key = "key.pem"  sts = "0s" }'))
                c.expect(r" CAP \* NEW :sts=duration=0$")
                rehash(s, text)
                for client in c, other:
                    client.send("PING x")
                    client.expect(r"PONG .*x$")
                    self.assertFalse([line for line in client.lines if " DEL " in line])
                self.assertFalse([line for line in other.lines if "sts" in line])
            rehash(s, with_sts)
            self.assertEqual(self.offered(s, "irc.test.example"), ["sts=duration=86400"])
            self.assertEqual(self.offered(s, "IRC.Test.Example"), ["sts=duration=86400"])
            self.assertEqual(self.offered(s, "irc.test.example", "CAP LS"), [])
            self.assertEqual(self.offered(s, "other.example"), [])
            self.assertEqual(self.offered(s, None), [])

    def test_never_with_the_certificate_that_the_server_made(self):
        with started(block=False) as s:
            for name in "irc.test.example", "irc.localhost", None:
                self.assertEqual(self.offered(s, name), [])

    def test_starttls_and_redirect(self):
        with started() as s:
            with irc.Client(s.port, tls=False) as c:
                c.send("STARTTLS", "CAP LS 302")
                c.expect(r" 691 \* :STARTTLS failed: .*%d" % s.tls_port)
                c.expect(r" CAP \* LS :")
                self.assertNotRegex(c.lines[-1], r"\btls\b")
            s.stop()
            s.write_config(open(s.config).read() + 'listen "127.0.0.1:%d" { redirect = true }\n' % (s.port + 2))
            s.start()
            with irc.Client(s.port + 2, tls=False) as c:
                c.send("CAP LS 302")
                c.expect(r" CAP \* LS :")
                c.send("NICK ann")
                c.expect(r"^ERROR :Closing Link: .*\(Use TLS: port %d\)" % s.tls_port)


if __name__ == "__main__":
    irc.main()
