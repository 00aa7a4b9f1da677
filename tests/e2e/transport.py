"""What the tests' clients speak: plain TCP, or TLS with IRCD_TEST_TLS=1 in the environment, and over it WebSocket with
IRCD_TEST_WS=1.

A secure socket behaves as a plain one does: it takes MSG_DONTWAIT, and raises BlockingIOError if it would wait.
One read of 16 KiB or more leaves nothing behind that a poll would not see.
"""
import functools
import os
import socket
import ssl
import sys

import web_socket

# Every server of irc.BASE that is not told otherwise. over_plain changes it for a while.
TLS = bool(os.environ.get("IRCD_TEST_TLS"))
WS = bool(os.environ.get("IRCD_TEST_WS"))
secure_ports = set()  # those of these servers: a client of another port speaks plain TCP if it is not told otherwise
# The last line of a client that got the alert instead of a reason.
ALERT = "(alert: access denied)"
IDLE = 16 << 10  # bytes that TLS costs the server for a client
BLOCKED = 40 << 10  # bytes of one that does not read: a sealed record and its buffer besides
web_ports = set()  # those of these servers at which a client makes a WebSocket
plain_tests = []  # (name, reason) of what over_plain has run


class Secure(ssl.SSLSocket):
    def recv(self, buflen=1024, flags=0):
        wait = self.gettimeout()
        if flags & socket.MSG_DONTWAIT:
            self.settimeout(0)
        try:
            return super().recv(buflen)
        except ssl.SSLWantReadError:
            raise BlockingIOError from None
        finally:
            if flags & socket.MSG_DONTWAIT:
                self.settimeout(wait)

    def send(self, data, flags=0):
        try:
            return super().send(data)
        except ssl.SSLWantWriteError:
            raise BlockingIOError from None


def context(**changes):
    """One of a client that believes any certificate; changes: attributes of it."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.sslsocket_class = Secure
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    for name, value in changes.items():
        setattr(made, name, value)
    return made


@functools.lru_cache(maxsize=None)
def usual_context():
    return context()


def wrap(sock, tls=True, name=None):
    """The socket behind a handshake; tls: True, or a context; name: of the server, as the client asks for it (SNI)."""
    return (usual_context() if tls is True else tls).wrap_socket(sock, server_hostname=name)


def words(tls):
    """What the listener of irc.BASE has."""
    return " ".join(["tls = true"] * tls + ['serves = { "websocket" }'] * WS)


def upgrade(sock):
    """The WebSocket of a connected socket. It is binary, which carries the same bytes as a plain connection."""
    return web_socket.upgrade(sock, "localhost", protocols=("binary.ircv3.net",))


def is_refusal(error):
    return getattr(error, "reason", None) == "TLSV1_ALERT_ACCESS_DENIED"


def told(pattern):
    """The pattern of a refusal in words. Over TLS many connections get the alert instead (tls_limits.explain)."""
    return "%s|^%s$" % (pattern, ALERT.replace("(", r"\(").replace(")", r"\)")) if TLS else pattern


def over_less(reason, keeps_tls):
    """A mark of a test: its servers and clients speak less than the environment says, and the run lists it with the
    reason."""
    def mark(test):
        @functools.wraps(test)
        def run(*args):
            global TLS, WS
            before = TLS, WS
            TLS, WS = TLS and keeps_tls, False
            if before != (TLS, WS):
                plain_tests.append((test.__name__, reason))
            try:
                test(*args)
            finally:
                TLS, WS = before
        return run
    return mark


def over_plain(reason):
    """Of a test that is about plain TCP itself."""
    return over_less(reason, False)


def over_stream(reason):
    """Of a test that sends what no WebSocket can carry, or is about the listener itself."""
    return over_less(reason, True)


def list_plain_tests():
    for name, reason in plain_tests:
        print("over plain TCP: %s: %s" % (name, reason))
    sys.stdout.flush()
