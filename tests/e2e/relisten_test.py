"""REHASH adds, changes and removes listeners.

usage: relisten_test.py BINARY [test…]
"""
import os
import re
import shutil
import signal
import socket
import stat
import tempfile
import time
import unittest

import irc
import transport
from proxy_test import UnixClient, arrive, behind_server, header


class Rehash(unittest.TestCase):
    """REHASH adds and removes listeners, in the sandbox as well; connections stay."""

    def rehash(self, server, text, good=True):
        server.write_config(text)
        mark = len(server.log())
        server.send_signal(signal.SIGHUP)
        pattern = "event=rehash " if good else "event=rehash-refused"
        irc.wait_until(lambda: re.search(pattern, server.log()[mark:]), what=lambda: server.log())
        return server.log()[mark:]

    def test_listeners_come_and_go_and_connections_stay(self):
        with behind_server('listen "unix:old.sock" { }\n') as server:
            first = open(server.config).read()
            more = irc.free_port()
            with server.connect("alice") as alice, arrive(server, "192.0.2.7", nick="bob") as bob:
                said = self.rehash(server, first + 'listen "127.0.0.1:%d" { }\nlisten "[::1]:%d" { }\n'
                                   'listen "unix:new.sock" { }\n' % (more, more))
                self.assertRegex(said, "event=listeners listen=\"127.0.0.1:%d[ (]" % server.port)
                with irc.Client(more) as client, UnixClient(server.path("new.sock")) as other, \
                        irc.Client(more, "::1") as third:
                    client.register("carol")
                    other.register("dave")
                    third.register("erin")
                    said = self.rehash(server, first)
                    self.assertNotIn("%d" % more, re.search("event=listeners .*", said).group())
                    for each in client, other, third, alice, bob:
                        each.silent("ERROR")
                self.assertFalse(os.path.exists(server.path("new.sock")))
                with self.assertRaises(ConnectionRefusedError):
                    irc.Client(more)
                server.connect("frank").close()
                arrive(server, "192.0.2.8", nick="gina").close()

    def test_the_sandbox_allows_no_socket_in_another_directory(self):
        """The answer says what to do, and nothing is lost; a restart does it."""
        text = irc.oper_block(privileges='"rehash"') + 'listen "unix:a.sock" { }\n'
        with behind_server(text) as server, server.connect("alice") as alice, UnixClient(server.path("a.sock")) as bob:
            alice.oper()
            bob.register("bob")
            first = open(server.config).read()
            directory = tempfile.mkdtemp(dir=irc.public_place())
            self.addCleanup(shutil.rmtree, directory)
            new = os.path.join(directory, "new.sock")
            server.write_config(first + 'listen "unix:%s" { }\nlimits { per_host = 1 }\n' % new)
            alice.send("REHASH")
            alice.expect(r"cannot listen on unix:\S*/new\.sock: Permission denied \(the sandbox .* directories "
                         r"that the configuration named at the start; a restart allows new ones\. .*\)")
            for each in alice, bob:
                each.silent("ERROR")
            with UnixClient(server.path("a.sock")) as carol, arrive(server, "192.0.2.7", nick="dave"):
                carol.register("carol")
            server.stop()
            server.start()
            with UnixClient(new) as erin:
                erin.register("erin")

    def test_an_address_that_is_taken_changes_nothing(self):
        with behind_server() as server, socket.socket() as taken:
            first = open(server.config).read()
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            more = irc.free_port()
            said = self.rehash(server, first + 'listen "127.0.0.1:%d" { }\nlisten "127.0.0.1:%d" { }\n'
                               'limits { per_host = 1 }\n' % (more, taken.getsockname()[1]), False)
            self.assertIn("cannot listen on 127.0.0.1:%d: Address already in use" % taken.getsockname()[1], said)
            with self.assertRaises(ConnectionRefusedError):
                irc.Client(more)
            clients = [server.connect("n%d" % n) for n in range(3)]
            for client in clients:
                client.close()

    def test_a_listener_changes_its_settings_with_its_socket(self):
        with behind_server() as server:
            first = open(server.config).read()
            with arrive(server, "192.0.2.7", nick="bob") as bob:
                self.rehash(server, first.replace("{ proxy = true }", "{ }"))
                with irc.Client(server.behind) as plain:
                    plain.register("alice")
                    self.rehash(server, first)
                    plain.silent("ERROR")
                bob.silent("ERROR")
                with irc.Client(server.behind) as plain:
                    plain.send("NICK carol")
                    self.assertEqual(plain.wait_closed(), [])
                arrive(server, "192.0.2.7", nick="carol").close()

    def test_tls_comes_and_goes_and_connections_stay(self):
        more = irc.free_port()
        line = 'listen "127.0.0.1:%d" { %%s }\n' % more
        with irc.Server(extra=line % "") as server:
            first = open(server.config).read()
            with irc.Client(more) as plain:
                plain.register("alice")
                self.rehash(server, first.replace(line % "", line % "tls = true"))
                with irc.Client(more) as client:
                    client.sock = irc.tls_context().wrap_socket(client.sock)
                    client.register("bob")
                    plain.send("PRIVMSG bob :hello")
                    client.expect("PRIVMSG bob :hello")
                    self.rehash(server, first)
                    client.silent("ERROR")
                    plain.silent("ERROR")
                    irc.Client(more).register("carol").close()
                    client.send("PRIVMSG alice :still here")
                    plain.expect("still here")

    def test_a_listener_changes_from_irc_to_http_and_back(self):
        """With its socket; IRC is not spoken where HTTP is."""
        more = irc.free_port()
        line = 'listen "127.0.0.1:%d" { %%s }\n' % more
        with irc.Server(extra=line % "") as server:
            first = open(server.config).read()
            with irc.Client(more) as kept:
                kept.register("alice")
                for roles in ('"health"', '"websocket", "chat"', '"metrics"'):
                    said = self.rehash(server, first.replace(line % "", line % ("serves = { %s }" % roles)))
                    self.assertIn("127.0.0.1:%d(" % more, re.search("event=listeners .*", said).group())
                    with irc.Client(more) as wrong:
                        wrong.send("NICK bob", "USER bob 0 * :Bob")
                        self.assertEqual(wrong.wait_closed(), ["ERROR :Closing Link: (This port speaks HTTP only)"])
                said = self.rehash(server, first)
                self.assertNotIn("127.0.0.1:%d(" % more, re.search("event=listeners .*", said).group())
                with irc.Client(more) as client:
                    client.register("bob")
                    kept.send("PRIVMSG bob :still here")
                    client.expect("still here")

    def test_an_address_becomes_wider_and_narrower(self):
        """127.0.0.1, 0.0.0.0 and [::] of one port exclude each other: the kernel has one of them at a time."""
        more = irc.free_port()
        forms = ['"127.0.0.1:%d" { }', '"0.0.0.0:%d" { }', '"[::]:%d" { v6only = false }', '"[::1]:%d" { }',
                 '"[::]:%d" { }', '"[::]:%d" { v6only = false }', '"0.0.0.0:%d" { }', '"127.0.0.1:%d" { }']
        with irc.Server(extra="listen " + forms[0] % more + "\n" + irc.EXEMPT +
                        'exempt "::1" { from = { connections, throttle } }\n') as server:
            first = open(server.config).read()
            with irc.Client(more) as kept:
                kept.register("alice")
                for form in forms[1:] * 2:
                    self.rehash(server, first.replace(forms[0] % more, form % more))
                    address = "::1" if "[" in form else "127.0.0.1"
                    irc.Client(more, address).register("bob").close()
                    if "0.0.0.0" in form or "false" in form:
                        irc.Client(more, "127.0.0.1", source="127.0.0.3").register("carol").close()
                kept.silent("ERROR")

    def test_a_refused_change_of_an_address_restores_the_old_one(self):
        more = irc.free_port()
        line = 'listen "127.0.0.1:%d" { }\n' % more
        with irc.Server(extra=line + 'listen "unix:a.sock" { mode = "0600" }\nprocess { sandbox = false }\n') as server, \
                socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            first, before = open(server.config).read(), server.descriptors()
            for _ in range(3):
                said = self.rehash(server, first.replace(line, 'listen "0.0.0.0:%d" { }\n' % more)
                                   .replace("0600", "0666") +
                                   'listen "127.0.0.1:%d" { }\n' % taken.getsockname()[1], False)
                self.assertIn("cannot listen on 127.0.0.1:%d: Address already in use" % taken.getsockname()[1], said)
                irc.Client(more).register("alice").close()
                self.assertEqual(stat.S_IMODE(os.stat(server.path("a.sock")).st_mode), 0o600)
                with socket.socket() as other:
                    other.settimeout(2)
                    other.bind(("127.0.0.2", 0))
                    with self.assertRaises(OSError):
                        other.connect(("127.0.0.2", more))
            irc.wait_until(lambda: server.descriptors() == before)
            self.assertNotIn("listen-lost", server.log())

    def test_no_connection_that_waits_is_lost_when_the_address_changes(self):
        more = irc.free_port()
        line = 'listen "127.0.0.1:%d" { }\n' % more
        with irc.Server(extra=line + irc.EXEMPT) as server:
            first = open(server.config).read()
            server.send_signal(signal.SIGSTOP)
            clients = [irc.Client(more) for _ in range(150)]
            for n, client in enumerate(clients):
                client.send("NICK n%d" % n, "USER n 0 * :n")
            server.write_config(first.replace(line, 'listen "0.0.0.0:%d" { }\n' % more))
            server.send_signal(signal.SIGHUP)
            server.send_signal(signal.SIGCONT)
            for client in clients:
                client.expect(" (376|422) ")
                client.close()
            server.wait_log("event=listeners .*0.0.0.0:%d" % more)

    @transport.over_plain("the answer names the first port with TLS, which the test has chosen")
    def test_redirect_and_class_change_without_a_new_socket(self):
        tls, more = irc.free_port(), irc.free_port()
        line = 'listen "127.0.0.1:%d" { %%s }\n' % more
        rest = 'listen "127.0.0.1:%d" { tls = true }\nclass "one" { match = { "192.0.2.0/24" } per_host = 1 }\n' % tls
        with irc.Server(extra=line % "" + rest) as server:
            first = open(server.config).read()
            with irc.Client(more) as kept:
                kept.register("alice")
                self.rehash(server, first.replace(line % "", line % "redirect = true"))
                with irc.Client(more) as client:
                    client.send("NICK bob", "USER b 0 * :b")
                    self.assertRegex(client.wait_closed()[-1], "TLS: port %d" % tls)
                self.rehash(server, first.replace(line % "", line % 'class = "one"'))
                with irc.Client(more) as client:
                    self.assertRegex(client.wait_closed()[-1], "from your host: at most 1 at a time")
                kept.silent("ERROR")

    def test_those_that_wait_for_a_header_stay_with_a_changed_listener(self):
        with behind_server() as server, irc.Client(server.behind) as waiting:
            time.sleep(0.2)
            text = open(server.config).read()
            self.rehash(server, text.replace("{ proxy = true }", "{ proxy = true tls = true }"))
            waiting.raw(header("192.0.2.7"))
            waiting.register("bob")
            waiting.send("MODE bob")
            self.assertEqual(waiting.expect(r" 221 bob (.*)").group(1), "+")  # it has no TLS

    def test_those_that_wait_for_a_header_go_with_their_listener(self):
        with behind_server() as server, irc.Client(server.behind) as waiting:
            irc.wait_until(lambda: server.descriptors() > 0)
            time.sleep(0.2)
            text = open(server.config).read()
            self.rehash(server, text.replace('listen "127.0.0.1:%d" { proxy = true }' % server.behind, ""))
            self.assertEqual(waiting.wait_closed(2), [])

    def test_a_removed_proxy_is_trusted_no_longer(self):
        with behind_server() as server:
            text = open(server.config).read()
            self.rehash(server, text.replace('match = { "127.0.0.1" }', 'match = { "127.0.0.77" }'))
            with irc.Client(server.behind) as client:
                client.raw(header("192.0.2.7"))
                self.assertEqual(client.wait_closed(), [])
            with irc.Client(server.behind, source="127.0.0.77") as client:
                client.raw(header("192.0.2.7"))
                client.register("bob")

    def test_a_hundred_changes_leave_no_descriptor(self):
        with behind_server() as server:
            first = open(server.config).read()
            before, more = server.descriptors(), irc.free_port()
            for n in range(50):
                self.rehash(server, first + 'listen "127.0.0.1:%d" { }\n' % more)
                self.rehash(server, first)
            self.assertEqual(server.descriptors(), before)


if __name__ == "__main__":
    irc.main()
