#!/usr/bin/env python3
"""The first start without a configuration: the built-in listeners, with and without TLS, in a network of its own.

usage: first_start_test.py BINARY [test…]
"""
import hashlib
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest

import irc
import network


class FirstStart(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ircd-test-")
        self.addCleanup(folder.cleanup)
        self.dir = folder.name
        self.process = None
        self.addCleanup(self.stop)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(irc.WAIT)
            self.process = None

    def log(self):
        with open(os.path.join(self.dir, "stderr"), encoding="utf-8") as f:
            return f.read()

    def start(self):
        """The start line."""
        with open(os.path.join(self.dir, "stderr"), "w", encoding="utf-8") as err:
            self.process = subprocess.Popen([irc.BINARY], cwd=self.dir, stdin=subprocess.DEVNULL, stderr=err)
        return irc.wait_until(lambda: re.search("event=start .*", self.log()), what=self.log).group()

    def test_five_addresses_and_one_certificate(self):
        line = self.start()
        self.assertIn('listen="127.0.0.1:6667 [::1]:6667 127.0.0.1:6697 [::1]:6697 127.0.0.1:8067(', line)
        digits = re.search(r" fingerprint=([0-9a-f]{64}) ", line)[1]
        context = irc.tls_context()
        for host in "127.0.0.1", "::1":
            with irc.Client(6667, host, tls=False) as plain, irc.Client(6697, host, tls=context) as secure:
                plain.register("ann")
                secure.register("bob")
                self.assertEqual(hashlib.sha256(secure.sock.getpeercert(True)).hexdigest(), digits)
                plain.send("PRIVMSG bob :hello", "WHOIS bob")
                secure.expect("PRIVMSG bob :hello")
                plain.expect(" 671 ann bob :is using a secure connection")
        self.stop()
        self.assertIn(" fingerprint=%s " % digits, self.start())

    def test_the_port_for_browsers_is_taken(self):
        """A fault as that of any other listener: it names the port, and how to find the program."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 8067))
            taken.listen()
            got = subprocess.run([irc.BINARY], cwd=self.dir, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                 timeout=irc.WAIT)
        self.assertEqual(got.returncode, 2)
        self.assertRegex(got.stderr, r"cannot listen on 127\.0\.0\.1:8067: Address already in use; `ss -ltnp` shows the "
                                     r"program that uses it\n\Z")
        self.start()

    def test_the_certificate_can_be_verified_by_its_file_and_name(self):
        self.start()
        pinned = ssl.create_default_context(cafile=os.path.join(self.dir, "var/tls.pem"))
        with irc.Client(6697, tls=pinned, name="irc.localhost") as c:
            c.register("ann")
        with self.assertRaises(ssl.SSLCertVerificationError):
            irc.Client(6697, tls=ssl.create_default_context(), name="irc.localhost")


if __name__ == "__main__":
    network.enter()
    irc.main()
