"""haproxy and nginx, as Debian ships them, in front of the server. Each address of 127.0.0.0/8 is a host of
its own; the programs connect from 127.0.0.1.

usage: proxy_programs_test.py BINARY [test…]
"""
import os
import re
import time
import unittest

import irc
import programs
from tls_facts_test import sign_certificate

PROXY = """
proxy "front" {{ match = {{ "127.0.0.1" }}  accepts = {{ "proxy-protocol" }} }}
listen "127.0.0.1:{behind}" {{ proxy = true {more} }}
"""

HAPROXY = """
defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend front
    bind 127.0.0.1:{front} {bind}
    default_backend back
backend back
    server ircd 127.0.0.1:{behind} {options}
"""

NGINX = """
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
pid nginx.pid;
error_log stderr;
worker_processes 1;
{user}
events {{ worker_connections 1024; }}
stream {{
    server {{
        listen 127.0.0.1:{front};
        proxy_pass 127.0.0.1:{behind};
        proxy_protocol on;
    }}
}}
"""


class Front:
    """A server behind a program; `front` is the program's port. more: of its listener; tls: the program ends TLS."""

    def __init__(self, kind, extra="", more="", tls=False):
        self.front, behind = irc.free_port(), irc.free_port()
        self.server = irc.Server(extra=PROXY.format(behind=behind, more=more) + extra, start=False)
        sign_certificate(self.server.dir, "irc.test.example")
        self.pem = self.server.path("both.pem")
        with open(self.pem, "w") as f:
            f.write(self.server.read("cert.pem") + self.server.read("key.pem"))
        self.server.start()
        path = self.server.path("front.conf")
        if kind == "nginx":
            text = NGINX.format(front=self.front, behind=behind, user="user root;" if os.geteuid() == 0 else "")
            start = programs.nginx
        else:
            text = HAPROXY.format(front=self.front, behind=behind, options=kind,
                                  bind="ssl crt " + self.pem if tls else "")
            start = programs.haproxy
        with open(path, "w") as f:
            f.write(text)
        try:
            self.program = start(self.server.dir, path, [self.front])
        except BaseException:
            self.server.close()
            raise

    def connect(self, nick, source):
        client = irc.Client(self.front, source=source)
        return client.register(nick) if nick else client

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.program.close()
        self.server.close()


KINDS = ("send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c,unique-id", "nginx")


class Programs(unittest.TestCase):
    def test_each_user_has_its_own_address(self):
        for kind in KINDS:
            with self.subTest(kind), Front(kind) as f:
                for n in range(2, 12):
                    with f.connect(None, "127.0.0.%d" % n) as client:
                        client.send("NICK n%d" % n, "USER u 0 * :x")
                        client.expect(r" 001 n%d .*!u@127\.0\.0\.%d$" % (n, n))

    def test_a_dline_hits_the_user_and_not_the_program(self):
        for kind in KINDS:
            with self.subTest(kind), Front(kind, irc.oper_block()) as f, \
                    f.server.connect("alice", source="127.0.0.5") as alice:
                alice.oper()
                with f.connect("bob", "127.0.0.7") as bob, f.connect("eve", "127.0.0.8") as eve:
                    alice.send("WHOIS bob")
                    alice.expect(r" 320 alice bob :is connected through the gateway front$")
                    alice.send("DLINE 127.0.0.7 :go away")
                    self.assertRegex(bob.wait_closed()[-1], "go away")
                    eve.silent("go away")
                with f.connect(None, "127.0.0.7") as again:
                    self.assertRegex(again.wait_closed()[-1], r"^ERROR :Closing Link: 127\.0\.0\.7 \(.*go away")
                alice.send("DLINE 127.0.0.1 :all")
                alice.expect("covers the proxy 'front'.*FORCE")

    def test_a_hundred_floods_ban_a_hundred_hosts_and_not_the_program(self):
        config = "limits { per_network = 1000 }\nstrikes { limit = 1 }\n"
        for kind in "send-proxy-v2", "nginx":
            with self.subTest(kind), Front(kind, config) as f:
                floods = [f.connect("f%d" % n, "127.0.1.%d" % n) for n in range(1, 101)]
                for client in floods:
                    client.raw(b"PRIVMSG f1 :flood\r\n" * 200)
                for client in floods:
                    client.wait_closed()
                    client.close()
                irc.wait_until(lambda: len(set(re.findall(r"event=kline by=server mask=\*@(127\.0\.1\.\d+)",
                                                          f.server.log()))) == 100,
                               what=lambda: f.server.log()[-2000:])
                self.assertNotRegex(f.server.log(), r"mask=\*@127\.0\.0\.1\b")
                f.connect("bob", "127.0.2.1").close()
                with f.connect(None, "127.0.1.50") as banned:
                    banned.send("NICK x", "USER x 0 * :x")
                    self.assertIn("ERROR ", banned.wait_closed()[-1])

    def test_health_checks_make_no_session_and_no_noise(self):
        # A check may last 50 ms; fall 10: half a second in which the machine is busy is no server that is down.
        for options in "send-proxy check inter 50 fall 10", "send-proxy-v2 check inter 50 fall 10", \
                       "send-proxy-v2 check inter 50 fall 10 check-send-proxy":
            with self.subTest(options), Front(options) as f:
                time.sleep(1)
                f.connect("alice", "127.0.0.7").close()  # it is up
                self.assertNotIn("proxy-refused", f.server.log())
                self.assertNotIn("DOWN", f.program.said())


class Tls(unittest.TestCase):
    def talk(self, f, nick):
        """A client over TLS through the program, and what operators and it see of its connection."""
        with irc.Client(f.front, source="127.0.0.7") as client, f.server.connect("alice") as alice:
            client.sock = irc.tls_context().wrap_socket(client.sock, server_hostname="irc.test.example")
            client.send("CAP LS 302")
            offered = client.expect(r" CAP \* LS :(.*)").group(1)
            client.send("CAP END")
            client.send("NICK " + nick, "USER u 0 * :x")
            client.expect(r" 001 %s .*!u@127\.0\.0\.7$" % nick)
            alice.send("WHOIS " + nick)
            whois = []
            while not whois or " 318 " not in whois[-1]:
                whois.append(alice.line())
            return offered, "\n".join(whois)

    STS = 'tls "irc.test.example" { certificate = "cert.pem"  key = "key.pem"  sts = "30d" }\n'

    def test_haproxy_ends_tls_and_says_so(self):
        with Front("send-proxy-v2 proxy-v2-options ssl,authority", self.STS, tls=True) as f:
            offered, whois = self.talk(f, "bob")
            self.assertIn("sts=duration=2592000", offered)
            self.assertIn(" 671 alice bob ", whois)

    def test_what_haproxy_does_not_say_is_not_known(self):
        for options in "send-proxy", "send-proxy-v2":
            with self.subTest(options), Front(options, self.STS, tls=True) as f:
                offered, whois = self.talk(f, "bob")
                self.assertNotIn("sts", offered)
                self.assertNotIn(" 671 ", whois)

    def test_tls_passes_through_the_program(self):
        for kind in KINDS:
            with self.subTest(kind), Front(kind, self.STS, more="tls = true") as f:
                offered, whois = self.talk(f, "bob")
                self.assertIn("sts=duration=2592000", offered)
                self.assertIn(" 671 alice bob ", whois)


if __name__ == "__main__":
    irc.main()
