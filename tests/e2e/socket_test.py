"""Sockets: the end of a connection, and the options that the kernel gets.

usage: socket_test.py BINARY [test…]
"""
import ctypes
import os
import signal
import socket
import time
import unittest

import irc

PIDFD_GETFD = 438


def sockets_of(pid):
    """Copies of the server's connected TCP sockets."""
    libc = ctypes.CDLL(None, use_errno=True)
    pidfd = os.pidfd_open(pid)
    for name in os.listdir("/proc/%d/fd" % pid):
        fd = libc.syscall(PIDFD_GETFD, pidfd, int(name), 0)
        if fd < 0:
            raise OSError(ctypes.get_errno(), "pidfd_getfd %s" % name)
        try:
            sock = socket.socket(fileno=fd)
        except OSError:
            os.close(fd)  # a file
            continue
        try:
            sock.getpeername()
            yield sock
        except OSError:
            pass  # a listener
        sock.close()
    os.close(pidfd)


class Ends(unittest.TestCase):
    def test_a_client_that_quits_reads_the_last_line_and_no_reset(self):
        with irc.Server() as server:
            for n in range(100):
                with server.connect("alice") as alice:
                    alice.send("QUIT :bye")
                    lines = alice.wait_closed()
                    self.assertRegex(lines[-1], r"^ERROR :Closing Link: 127\.0\.0\.1 \(Quit: bye\)$", n)

    def test_lines_behind_a_quit_do_not_cost_the_last_line(self):
        for more in 200, 20000:  # more than one read takes, too
            with self.subTest(more), irc.Server() as server, server.connect("alice") as alice:
                # All of it comes at once: over TLS it is many writes, and a server closes behind a QUIT.
                server.send_signal(signal.SIGSTOP)
                alice.raw(b"QUIT :bye\r\n" + b"PING :more\r\n" * more)
                server.send_signal(signal.SIGCONT)
                self.assertRegex(alice.wait_closed()[-1], r"\(Quit: bye\)$")

    def test_a_client_that_reads_late_reads_the_servers_last_line(self):
        with irc.Server(extra=irc.EXEMPT + "limits { sendq = 10000000 }\n") as server:
            writer, reader = server.connect("writer"), server.connect("reader")
            for n in range(100):
                writer.send(*["PRIVMSG reader :%d %s" % (n, "x" * 400)] * 50)
            writer.silent("never")
            server.send_signal(signal.SIGTERM)
            self.assertRegex(writer.wait_closed()[-1], "^ERROR ")
            time.sleep(0.3)
            lines = reader.wait_closed()
            self.assertRegex(lines[-1], r"^ERROR :Closing Link: .* \(Server is shutting down\)$")
            self.assertEqual(len([x for x in lines if " PRIVMSG reader " in x]), 5000)
            self.assertEqual(server.wait(5), 0)

    def test_a_closed_connection_leaves_no_descriptor(self):
        with irc.Server() as server:
            before = server.descriptors()
            for n in range(20):
                server.connect("c%d" % n).close()
            irc.wait_until(lambda: server.descriptors() == before)


class Options(unittest.TestCase):
    def test_connections_do_not_wait_to_fill_a_packet(self):
        with irc.Server() as server, server.connect("alice"):
            found = [s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for s in sockets_of(server.process.pid)]
            self.assertEqual(found, [1])


if __name__ == "__main__":
    irc.main()
