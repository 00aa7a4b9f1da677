"""WEBIRC: a gateway tells the addresses of its clients, over each kind of transport.

usage: webirc_test.py BINARY [test…]
"""
import hashlib
import re
import ssl
import unittest

import irc
from proxy_test import UnixClient

PROXY = 'proxy "kiwi" { match = { "127.0.0.1", "::1" }  accepts = { "webirc" }  token = "sha256:%s" %s }\n'
TOKEN = hashlib.sha256(b"token").hexdigest()


def started(extra="", more="", **options):
    """A server of which each client is from a gateway; alice comes from another address."""
    return irc.Server(extra=PROXY % (TOKEN, more) + irc.oper_block() + extra, **options)


def webirc(client, address, options=None, token="token"):
    client.send("WEBIRC %s kiwi host.example %s%s" % (token, address, " :" + options if options else ""))
    return client


def whois(client, nick):
    client.send("WHOIS " + nick)
    lines = []
    while not lines or " 318 " not in lines[-1]:
        lines.append(client.line())
    return "\n".join(lines)


class Webirc(unittest.TestCase):
    def test_secure_is_believed_if_the_way_to_the_gateway_is(self):
        tls = irc.free_port()
        with started('listen "127.0.0.1:%d" { tls = true }\nlisten "unix:gate.sock" { }\n' % tls) as server, \
                server.connect("alice", source="127.0.0.5") as alice:
            over_tls = irc.Client(tls)
            over_tls.sock = irc.tls_context().wrap_socket(over_tls.sock)
            plain_tls = irc.Client(tls)
            plain_tls.sock = irc.tls_context().wrap_socket(plain_tls.sock)
            for n, (client, options, secure) in enumerate((
                    (irc.Client(server.port), "secure", True),  # from this machine
                    (irc.Client(server.port), None, False),
                    (UnixClient(server.path("gate.sock")), "secure", True),
                    (over_tls, "secure local-port=6697", True),
                    (plain_tls, None, False))):
                with client:
                    webirc(client, "192.0.2.%d" % n, options).register("n%d" % n)
                    said = whois(alice, "n%d" % n)
                    self.assertEqual(" 671 " in said, secure, (n, said))

    def test_a_certificate_proves_a_gateway(self):
        tls = irc.free_port()
        with started(start=False) as server:
            certificate, key = irc.make_certificate(server.dir, "a gateway", prefix="gate-")
            digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(open(certificate).read())).hexdigest()
            server.write_config(open(server.config).read().replace("token = ", 'certfp = { "%s" }  token = ' % digest) +
                                'listen "127.0.0.1:%d" { tls = true }\n' % tls)
            server.start()
            right, other = irc.tls_context(), irc.tls_context()
            right.load_cert_chain(certificate, key)
            with server.connect("alice", source="127.0.0.5") as alice, irc.Client(tls) as client:
                alice.oper()
                client.sock = right.wrap_socket(client.sock)
                webirc(client, "192.0.2.7", "secure", token="-").register("bob")
                said = whois(alice, "bob")
                self.assertIn("through the gateway kiwi", said)
                self.assertIn("192.0.2.7", said)
                self.assertNotIn(" 276 ", said)  # the certificate is that of the gateway
            with irc.Client(tls) as client:
                client.sock = other.wrap_socket(client.sock)
                webirc(client, "192.0.2.7", "secure", token="-")
                self.assertRegex(client.wait_closed()[-1], "Invalid WebIRC password")

    def test_bans_hit_the_user_and_not_the_gateway(self):
        with started() as server, server.connect("alice", source="127.0.0.5") as alice:
            alice.oper()
            with irc.Client(server.port) as bob, irc.Client(server.port) as eve:
                webirc(bob, "192.0.2.7").register("bob")
                webirc(eve, "2001:db8::8").register("eve")
                alice.send("DLINE 192.0.2.7 :go away")
                self.assertRegex(bob.wait_closed()[-1], "go away")
                alice.send("KLINE *@2001:db8::8 :go as well")
                self.assertRegex(eve.wait_closed()[-1], "go as well")
            with irc.Client(server.port) as again:
                webirc(again, "192.0.2.7")
                self.assertRegex(again.wait_closed()[-1], r"^ERROR :Closing Link: 192\.0\.2\.7 \(.*go away")
            with irc.Client(server.port) as other:
                webirc(other, "192.0.2.9").register("carol")
            alice.send("DLINE 127.0.0.1 :all")
            alice.expect("covers the proxy 'kiwi'.*FORCE")

    def test_a_hundred_floods_ban_a_hundred_hosts_and_not_the_gateway(self):
        config = "limits { per_network = 1000 }\nstrikes { limit = 1 }\n"
        with started(config) as server:
            floods = [irc.Client(server.port) for _ in range(100)]
            for n, client in enumerate(floods, 1):
                webirc(client, "192.0.2.%d" % n).register("f%d" % n)
            for client in floods:
                client.raw(b"PRIVMSG f1 :flood\r\n" * 200)
            for client in floods:
                client.wait_closed()
                client.close()
            irc.wait_until(lambda: len(set(re.findall(r"event=kline by=server mask=\*@(192\.0\.2\.\d+)",
                                                      server.log()))) == 100, what=lambda: server.log()[-2000:])
            self.assertNotIn("mask=*@127.0.0.1", server.log())
            with irc.Client(server.port) as client:
                webirc(client, "192.0.3.1").register("bob")

    def test_a_wrong_token_four_times(self):
        with started() as server:
            for n in range(4):
                with irc.Client(server.port, source="127.0.0.9") as client:
                    webirc(client, "192.0.2.7", token="guess")
                    self.assertRegex(client.wait_closed()[-1], "Invalid WebIRC password" if n < 3 else
                                     "Too many wrong WebIRC passwords from your host; try again in")
            for _ in range(6):
                with irc.Client(server.port) as client:  # a gateway is no host
                    webirc(client, "192.0.2.7", token="guess")
                    self.assertRegex(client.wait_closed()[-1], "Invalid WebIRC password")
            self.assertNotIn("guess", server.log())
            with irc.Client(server.port) as client:
                webirc(client, "192.0.2.7").register("bob")


if __name__ == "__main__":
    irc.main()
