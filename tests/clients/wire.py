"""A wire between one client and the server that hands on bytes untouched and writes lines down.

It gives each client an address of its own (127.0.0.N), as clients of a real server have, so that the
server needs no exemptions; and it shows the lines that a client really sends, whatever its windows show.
"""
import re
import socket
import threading
import time


class Line:
    """One line: when (monotonic seconds), out (True: the client sent it), text without tags."""

    def __init__(self, out, raw):
        self.when = time.monotonic()
        self.out = out
        text = raw.rstrip(b"\r").decode("utf-8", "replace")
        self.text = text.split(" ", 1)[1] if text.startswith("@") and " " in text else text
        numeric = re.match(r":\S+ (\d{3}) ", self.text)
        self.numeric = numeric.group(1) if numeric and not out else None

    def __str__(self):
        return ("> " if self.out else "< ") + self.text


class Wire:
    """Listens on self.port; every connection goes on to the server's port, from source."""

    def __init__(self, server_port, source):
        self.server_port, self.source = server_port, source
        self.lines = []  # of all connections, in order
        self.lock = threading.Lock()
        self.ends = []  # sockets of the connection that was made last
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.server_port), 10, (self.source, 0))
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            self.ends = [near, far]
            for a, b, out in (near, far, True), (far, near, False):
                threading.Thread(target=self._pump, args=(a, b, out), daemon=True).start()

    def _pump(self, a, b, out):
        rest = b""
        try:
            while got := a.recv(65536):
                *whole, rest = (rest + got).split(b"\n")
                with self.lock:
                    self.lines += [Line(out, raw) for raw in whole]
                b.sendall(got)
        except OSError:
            pass
        try:
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def cut(self):
        """Ends the connection on both sides."""
        for end in self.ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()

    def all(self, start=0):
        with self.lock:
            return self.lines[start:]

    def sent(self, pattern):
        return [line for line in self.all() if line.out and re.search(pattern, line.text)]

    def came(self, pattern):
        return [line for line in self.all() if not line.out and re.search(pattern, line.text)]

    def tail(self, n=30):
        return "\n".join(str(line) for line in self.all()[-n:])
