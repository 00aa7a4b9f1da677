#!/usr/bin/env python3
"""What a listener with TLS offers, asked with openssl: versions, suites, groups, and nothing that was left out on
purpose. With the scanners of `make clients` the same is looked at from outside.

usage: tls_offer_test.py BINARY [test…]
"""
import os
import re
import socket
import ssl
import subprocess
import time
import unittest

import irc
from tls_test import connect, fingerprint, server, started

SUITES_1_3 = ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_256_GCM_SHA384"]
SUITES_1_2 = ["AES256-GCM-SHA384", "AES128-GCM-SHA256", "CHACHA20-POLY1305"]  # after ECDHE-ECDSA- or ECDHE-RSA-
GROUPS = ["X25519", "P-256"]
OTHER_GROUPS = ["X448", "P-384", "P-521", "ffdhe2048", "ffdhe3072"]


def s_client(s, *args, input=""):
    """What openssl s_client says."""
    return subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % s.tls_port] + list(args), input=input,
                          capture_output=True, text=True, timeout=irc.WAIT)


def local_suites(version):
    """All suites of this machine's openssl, also those without encryption or authentication."""
    said = subprocess.run(["openssl", "ciphers", "-s", version, "ALL:COMPLEMENTOFALL:@SECLEVEL=0"], capture_output=True,
                          text=True, check=True)
    return said.stdout.strip().split(":")


def accepted(s, args, names, before=""):
    """Those of the names with which a handshake succeeds, each offered alone: args and NAME."""
    asking = {name: subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % s.tls_port, *args, name + before],
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
              for name in names}
    return [name for name, each in asking.items() if re.search("(?m)^New, TLSv1", each.communicate(timeout=irc.WAIT * 3)[0])]


class Offered(unittest.TestCase):
    kind = "ec"

    @classmethod
    def setUpClass(cls):
        cls.server = server()
        irc.make_certificate(cls.server.dir, kind=cls.kind)
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_versions(self):
        for args, want in (([], "TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256"),
                           (["-tls1_2"], "TLSv1.2, Cipher is ECDHE-[A-Z]+-AES256-GCM-SHA384")):
            self.assertRegex(s_client(self.server, *args).stdout, want)
        for version in "-tls1_1", "-tls1":
            self.assertIn("alert protocol version", s_client(self.server, version, "-cipher", "ALL:@SECLEVEL=0").stderr)

    def test_suites(self):
        self.assertEqual(accepted(self.server, ["-tls1_3", "-ciphersuites"], local_suites("-tls1_3") + ["TLS_AES_128_CCM_SHA256"]),
                         [name for name in local_suites("-tls1_3") if name in SUITES_1_3])
        signed = {"ec": "ECDHE-ECDSA-", "rsa": "ECDHE-RSA-"}[self.kind]
        known = [name for name in local_suites("-tls1_2") if not name.startswith("TLS_")]
        self.assertGreater(len(known), 50)
        self.assertEqual(set(accepted(self.server, ["-tls1_2", "-cipher"], known, ":@SECLEVEL=0")),
                         {signed + name for name in SUITES_1_2})

    def test_groups(self):
        self.assertEqual(accepted(self.server, ["-tls1_3", "-groups"], GROUPS + OTHER_GROUPS), GROUPS)
        known = [name for name in OTHER_GROUPS if not name.startswith("ff")]
        self.assertEqual(accepted(self.server, ["-tls1_2", "-groups"], ["P-256"] + known), ["P-256"])

    def test_no_resumption(self):
        kept = self.server.path("session")
        for version in "-tls1_2", "-tls1_3":
            said = s_client(self.server, version, "-ign_eof", "-sess_out", kept, input="NICK ann\nUSER ann 0 * :Ann\nQUIT\n").stdout
            self.assertIn(" 001 ann ", said)
            self.assertNotIn("TLS session ticket", said)
            self.assertNotIn("New Session Ticket", said)
            self.assertFalse(os.path.exists(kept))
        self.assertRegex(s_client(self.server, "-tls1_2").stdout, r"(?m)^ *Session-ID: *$")

    def test_no_compression_no_early_data_no_renegotiation(self):
        said = s_client(self.server).stdout
        self.assertIn("Compression: NONE", said)
        self.assertIn("Early data was not sent", said)
        self.assertIn("Secure Renegotiation IS supported", s_client(self.server, "-tls1_2").stdout)
        asking = subprocess.Popen(["openssl", "s_client", "-tls1_2", "-connect", "127.0.0.1:%d" % self.server.tls_port],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        irc.wait_until(lambda: "Verify return code" in asking.stdout.readline(), what="the handshake")
        asking.stdin.write("R\n")
        asking.stdin.flush()
        irc.wait_until(lambda: "no renegotiation" in asking.stderr.readline(), what="the refusal")
        asking.kill()
        asking.communicate()

    def foreign_session(self):
        """The path of a session that allows early data, which another server has given out."""
        port, kept = irc.free_port(), self.server.path("foreign-session")
        cert, key = irc.make_certificate(self.server.dir, prefix="foreign-")
        quiet = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        other = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:%d" % port, "-cert", cert, "-key", key,
                                  "-early_data", "-naccept", "1", "-quiet"], **quiet)
        asking = None

        def has_session():
            nonlocal asking
            if asking is None or asking.poll() is not None:
                asking = subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-sess_out", kept], **quiet)
            if not os.path.exists(kept):
                return False
            with open(kept) as f:
                return "END SSL SESSION" in f.read()  # it is written whole
        irc.wait_until(has_session, what="a session")
        for each in asking, other:
            each.kill()
            each.communicate()
        return kept

    def test_early_data_is_ignored_and_the_handshake_goes_on(self):
        early = self.server.path("early")
        with open(early, "w") as f:
            f.write("NICK eve\r\nUSER eve 0 * :Eve\r\n")
        said = s_client(self.server, "-ign_eof", "-sess_in", self.foreign_session(), "-early_data", early,
                        input="NICK ann\nUSER ann 0 * :Ann\nQUIT\n").stdout
        self.assertIn("Early data was rejected", said)
        self.assertIn(" 001 ann ", said)
        self.assertNotIn("eve", said)

    def test_alpn(self):
        for offered, want in ("irc", "ALPN protocol: irc"), ("h2,irc", "ALPN protocol: irc"), ("http/1.1", "No ALPN negotiated"):
            said = s_client(self.server, "-alpn", offered, "-ign_eof", input="NICK ann\nUSER ann 0 * :Ann\nQUIT\n").stdout
            self.assertIn(want, said)
            self.assertIn(" 001 ann ", said)
        said = s_client(self.server, "-alpn", "http/1.1", "-ign_eof", input="GET / HTTP/1.1\n").stdout
        self.assertRegex(said, "ERROR :Closing Link: ")


class OfferedWithRsa(Offered):
    kind = "rsa"


class Newest(unittest.TestCase):
    def test_min_version(self):
        with started('tls_limits { min_version = "1.3" }\n') as s:
            self.assertIn("TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256", s_client(s).stdout)
            self.assertIn("alert protocol version", s_client(s, "-tls1_2").stderr)


class WrongPort(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = started()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_plain_text_gets_one_sentence(self):
        with irc.Client(self.server.tls_port, tls=False) as c:
            c.send("NICK ann", "USER ann 0 * :Ann")
            self.assertEqual(c.wait_closed(), ["ERROR :Closing Link: (This port speaks TLS only)"])
        self.server.wait_log("event=tls-failed .*plain text on a TLS port")

    def test_tls_on_a_plain_port_is_closed_at_once(self):
        before = time.monotonic()
        with socket.create_connection(("127.0.0.1", self.server.port), irc.WAIT) as plain:
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                irc.tls_context().wrap_socket(plain)
        self.assertLess(time.monotonic() - before, 5)
        self.server.wait_log("event=tls-on-plain-port ")

    def test_a_client_certificate_is_a_fact(self):
        paths = irc.make_certificate(self.server.dir, "ann", prefix="ann-")
        context = irc.tls_context()
        context.load_cert_chain(*paths)
        with connect(self.server, "ann", tls=context) as c:
            c.send("WHOIS ann")
            c.expect(" 671 ann ann :is using a secure connection")
            c.expect(" 276 ann ann :.*%s" % fingerprint(paths[0]))


if __name__ == "__main__":
    irc.main()
