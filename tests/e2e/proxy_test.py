"""Proxies in front of the server: PROXY headers and unix sockets.

usage: proxy_test.py BINARY [test…]
"""
import os
import re
import socket
import ssl
import stat
import struct
import time
import unittest

import irc

PROXY = """
proxy "hap" {{ match = {{ "127.0.0.1" }}  accepts = {{ "proxy-protocol" }} }}
listen "127.0.0.1:{behind}" {{ proxy = true }}
"""
V2 = b"\r\n\r\n\0\r\nQUIT\n"


def header(address, version=1):
    if version == 1:
        return ("PROXY %s %s %s 56324 6667\r\n" % (("TCP6", address, "::1") if ":" in address else
                                                  ("TCP4", address, "10.0.0.2"))).encode()
    v6 = ":" in address
    family = socket.AF_INET6 if v6 else socket.AF_INET
    block = socket.inet_pton(family, address) + socket.inet_pton(family, "::1" if v6 else "10.0.0.2")
    block += struct.pack(">HH", 56324, 6667)
    return V2 + struct.pack(">BBH", 0x21, 0x21 if v6 else 0x11, len(block)) + block


def behind_server(extra="", **options):
    behind = irc.free_port()
    server = irc.Server(extra=PROXY.format(behind=behind) + extra, **options)
    server.behind = behind
    return server


class UnixClient(irc.Client):
    def __init__(self, path, first=b""):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(irc.WAIT)
        self.sock.connect(path)
        self.rest, self.lines, self.pong, self.closed = b"", [], True, False
        self.sock.sendall(first)


def arrive(server, address, version=1, nick=None, source=None):
    """A client behind the proxy with this address."""
    client = irc.Client(server.behind, source=source)
    client.raw(header(address, version))
    return client.register(nick) if nick else client


class Header(unittest.TestCase):
    def test_both_versions_and_families_give_the_real_address(self):
        with behind_server() as server:
            for n, (address, version) in enumerate((a, v) for a in ("192.0.2.7", "2001:db8::7") for v in (1, 2)):
                with arrive(server, address, version) as client:
                    client.send("NICK n%d" % n, "USER u 0 * :x")
                    client.expect(r" 001 n%d .*!u@%s$" % (n, re.escape(address)))

    def test_a_header_that_is_split_at_any_byte_costs_one_turn(self):
        """Refused, and the loop sleeps afterwards although the bytes would stay in the queue."""
        with behind_server() as server:
            for whole in header("192.0.2.7"), header("192.0.2.7", 2):
                for n in range(1, len(whole)):
                    with irc.Client(server.behind) as client:
                        client.raw(whole[:n])
                        self.assertEqual(client.wait_closed(2), [])
            before = server.cpu_seconds()
            time.sleep(0.5)
            self.assertLess(server.cpu_seconds() - before, 0.1)
            server.wait_log("event=proxy-refused host=127.0.0.1 listen=127.0.0.1:%d why=\"the header is not whole\"" % server.behind)

    def test_a_header_from_another_peer_is_refused(self):
        with behind_server() as server, irc.Client(server.behind, source="127.0.0.9") as client:
            client.raw(header("192.0.2.7"))
            self.assertEqual(client.wait_closed(), [])
            server.wait_log("event=proxy-refused host=127.0.0.9 .*no proxy block with proxy-protocol matches")

    def test_silence_ends_after_five_seconds(self):
        with behind_server() as server, irc.Client(server.behind) as client:
            before = time.monotonic()
            self.assertEqual(client.wait_closed(), [])
            self.assertGreater(time.monotonic() - before, 4.5)
            self.assertLess(time.monotonic() - before, 7)
            server.wait_log("no header came in time")

    def test_a_dline_on_the_real_address_holds_behind_the_proxy(self):
        with behind_server(irc.oper_block()) as server, server.connect("alice", source="127.0.0.5") as alice:
            alice.oper()
            with arrive(server, "192.0.2.7", nick="bob") as bob, arrive(server, "192.0.2.8", nick="eve") as eve:
                alice.send("DLINE 192.0.2.7 :go away")
                self.assertRegex(bob.wait_closed()[-1], "go away")
                eve.silent("go away")
            with arrive(server, "192.0.2.7") as again:
                self.assertRegex(again.wait_closed()[-1], r"^ERROR :Closing Link: 192\.0\.2\.7 \(.*go away")

    def test_floods_behind_one_proxy_ban_the_hosts_and_not_the_proxy(self):
        config = 'limits { per_network = 1000 }\nstrikes { limit = 1 }\n' + irc.oper_block()
        with behind_server(config) as server, server.connect("alice", source="127.0.0.5") as alice:
            alice.oper()
            floods = [arrive(server, "192.0.2.%d" % n, 1 + n % 2) for n in range(1, 101)]
            for n, client in enumerate(floods):
                client.register("f%d" % n)
                client.raw(b"PRIVMSG alice :flood\r\n" * 200)
            for client in floods:
                client.wait_closed()
                client.close()
            irc.wait_until(lambda: len(re.findall(r"event=kline by=server mask=\*@192\.0\.2\.", server.log())) == 100,
                           what=lambda: server.log()[-2000:])
            self.assertNotIn("mask=*@127.0.0.1", server.log())
            with arrive(server, "192.0.3.1", nick="bob"):
                pass
            with arrive(server, "192.0.2.1") as banned:
                banned.send("NICK x", "USER x 0 * :x")
                self.assertRegex(banned.wait_closed()[-1], "ERROR ")

    def test_per_host_counts_each_real_address(self):
        with behind_server("limits { per_host = 2 }\n") as server:
            kept = [arrive(server, "192.0.2.7", nick="a%d" % n) for n in range(2)]
            with arrive(server, "192.0.2.7") as third:
                self.assertRegex(third.wait_closed()[-1], "Too many connections from your host")
            with arrive(server, "192.0.2.8", nick="other"):
                pass
            for client in kept:
                client.close()

    def test_ten_thousand_bytes_behind_the_header_arrive_in_order(self):
        with behind_server(irc.EXEMPT.replace("127.0.0.0/8", "192.0.2.7")) as server:
            with irc.Client(server.behind) as client:
                client.raw(header("192.0.2.7", 2) + b"NICK a\r\nUSER a 0 * :a\r\n" +
                           b"".join(b"PING %d\r\n" % n for n in range(1000)))
                client.expect(" 422 ")
                for n in range(1000):
                    client.expect(" PONG .*:%d$" % n)


class Unix(unittest.TestCase):
    def config(self, server, options=""):
        with open(server.config, "a") as f:
            f.write('listen "unix:irc.sock" { %s }\n' % options)
        return server.path("irc.sock")

    def start(self, options="", extra=""):
        server = irc.Server(start=False, extra=extra)
        self.addCleanup(server.close)
        path = self.config(server, options)
        server.start()
        return server, path

    def test_its_clients_are_of_this_machine(self):
        server, path = self.start()
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o660)
        with UnixClient(path) as client:
            client.send("NICK alice", "USER u 0 * :x")
            client.expect(r" 001 alice .*!u@0::1$")

    def test_the_mode_holds_whatever_the_umask_is(self):
        before = os.umask(0o077)
        self.addCleanup(os.umask, before)
        for mode in "0600", "0666", "0777":
            server, path = self.start('mode = "%s"' % mode)
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), int(mode, 8))
            server.stop()

    def test_it_is_removed_at_the_end_in_the_sandbox_as_well(self):
        server, path = self.start()
        server.wait_log("event=start .*seccomp")
        self.assertEqual(server.stop(), 0)
        self.assertFalse(os.path.exists(path))

    def test_a_stale_one_is_replaced(self):
        server, path = self.start()
        server.kill()
        self.assertTrue(os.path.exists(path))
        server.start()
        with UnixClient(path) as client:
            client.register("alice")

    def test_one_that_answers_is_left_alone(self):
        server, path = self.start()
        other = irc.Server(start=False, extra="")
        self.addCleanup(other.close)
        with open(other.config, "a") as f:
            f.write('listen "unix:%s" { }\n' % path)
        got = irc.run("-c", other.config)
        self.assertEqual(got.returncode, 2)
        self.assertIn("cannot listen on unix:%s: a process listens there already" % path, got.stderr)
        with UnixClient(path) as client:
            client.register("alice")

    def test_two_names_of_one_path_are_refused_at_the_start(self):
        """The first socket does not serve yet when the second is made, but it is not taken for a stale one."""
        server = irc.Server(start=False, extra='listen "unix:irc.sock" { }\nlisten "unix:./irc.sock" { }\n')
        self.addCleanup(server.close)
        got = irc.run("-c", server.config)
        self.assertEqual(got.returncode, 2)
        self.assertIn("cannot listen on unix:./irc.sock: a process listens there already", got.stderr)
        self.assertFalse(os.path.exists(server.path("irc.sock")))

    def test_another_file_is_left_alone(self):
        server = irc.Server(start=False, extra="")
        self.addCleanup(server.close)
        path = self.config(server)
        with open(path, "w") as f:
            f.write("mine")
        self.assertIn('listen "unix:irc.sock": another file has this path', irc.run("-c", server.config, "-t").stderr)
        got = irc.run("-c", server.config)
        self.assertEqual(got.returncode, 1)
        self.assertIn("another file has this path", got.stderr)
        self.assertEqual(server.read("irc.sock"), "mine")

    def test_the_socket_of_a_later_server_is_left_alone(self):
        server, path = self.start()
        os.unlink(path)
        later = socket.socket(socket.AF_UNIX)
        self.addCleanup(later.close)
        later.bind(path)
        self.assertEqual(server.stop(), 0)
        self.assertTrue(os.path.exists(path))

    def test_a_header_gives_the_address(self):
        server, path = self.start("proxy = true")
        for version in 1, 2:
            with UnixClient(path, header("192.0.2.7", version)) as client:
                client.send("NICK alice", "USER u 0 * :x")
                client.expect(r" 001 alice .*!u@192\.0\.2\.7$")
        with UnixClient(path, b"NICK alice\r\n") as client:
            self.assertEqual(client.wait_closed(), [])
        server.wait_log(r'event=proxy-refused host=::1 listen=unix:irc\.sock why="the bytes are no PROXY header"')

    def test_the_class_for_tor_in_the_manual_admits_its_circuits(self):
        """tor gives each circuit an address in one /64; strikes end a circuit and ban none."""
        with open(os.path.join(os.path.dirname(__file__), "../../contrib/OPERATING.md")) as f:
            text = re.search(r'(?s)class +"tor".*?tor\.sock".*?\n', f.read()).group()
        server = irc.Server(extra=text.replace("/run/ircd/", "") + "strikes { limit = 1 }\n")
        self.addCleanup(server.close)
        self.assertNotIn("warning", irc.run("-c", server.config, "-t").stderr)
        circuits = [UnixClient(server.path("tor.sock"), b"PROXY TCP6 fc00:dead:beef:4dad::0:%x ::1 65535 42\r\n" % n)
                    for n in range(1, 41)]
        for n, client in enumerate(circuits):
            client.register("t%d" % n)
        circuits[0].raw(b"PRIVMSG t1 :flood\r\n" * 300)
        self.assertIn("ERROR ", circuits[0].wait_closed()[-1])
        with UnixClient(server.path("tor.sock"), b"PROXY TCP6 fc00:dead:beef:4dad::0:1 ::1 65535 42\r\n") as again:
            again.register("again")
        self.assertNotIn("event=kline", server.log())
        for client in circuits:
            client.close()


class Tls(unittest.TestCase):
    """listen { tls = true proxy = true }: the header comes first, then the handshake."""

    def server(self, extra=""):
        port = irc.free_port()
        server = behind_server(irc.oper_block() + 'listen "127.0.0.1:%d" { tls = true proxy = true }\n' % port + extra)
        server.tls_behind = port
        return server

    def arrive(self, server, address, version=2, wrapped=True):
        client = irc.Client(server.tls_behind)
        client.raw(header(address, version))
        if wrapped:
            client.sock = irc.tls_context().wrap_socket(client.sock, server_hostname="irc.test.example")
        return client

    def test_the_header_comes_first_and_tls_behind_it(self):
        with self.server() as server, server.connect("alice") as alice:
            for n, version in enumerate((1, 2)):
                with self.arrive(server, "192.0.2.%d" % (7 + n), version) as client:
                    client.register("bob%d" % n)
                    alice.send("WHOIS bob%d" % n)
                    alice.expect(r" 671 alice bob%d " % n)
                    alice.expect(" 318 ")

    def test_tls_in_the_place_of_the_header_is_refused(self):
        with self.server() as server, irc.Client(server.tls_behind) as client:
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                irc.tls_context().wrap_socket(client.sock)
            server.wait_log("event=proxy-refused host=127.0.0.1 .*the bytes are no PROXY header")

    def test_plain_text_behind_the_header_is_answered(self):
        with self.server() as server, self.arrive(server, "192.0.2.7", wrapped=False) as client:
            client.send("NICK bob")
            client.expect("ERROR :Closing Link: .*This port speaks TLS only")

    def test_a_refused_client_is_told_why(self):
        with self.server() as server, server.connect("alice") as alice:
            alice.oper()
            alice.send("DLINE 192.0.2.7 :go away")
            alice.expect("192.0.2.7")
            with self.arrive(server, "192.0.2.7") as client:
                client.expect(r"ERROR :Closing Link: 192\.0\.2\.7 \(.*go away")


if __name__ == "__main__":
    irc.main()
