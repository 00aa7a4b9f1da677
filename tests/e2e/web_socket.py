"""A WebSocket client of the tests (RFC 6455), over any socket: plain, secure, or a pair.

WebSocket behaves as a plain socket that speaks IRC: what is sent are lines, each of which becomes a message, and what
is received are lines with CR LF. send_frame and read_frame give each frame into the hands of a test.
"""
import base64
import hashlib
import os
import socket
import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 1.3


class Refused(Exception):
    """The server has answered the request with another status than 101."""

    def __init__(self, status, head, body):
        super().__init__("%d: %s" % (status, body.decode("utf-8", "replace").strip()))
        self.status, self.head, self.body = status, head, body


def mask_bytes(payload, mask):
    whole = mask * (len(payload) // 4 + 1)
    return bytes(a ^ b for a, b in zip(payload, whole))


def frame(opcode, payload=b"", fin=True, mask=None, reserved=0, length=None):
    """The bytes of a frame. mask: 4 bytes, b"" for none, None for random ones; length: 7, 16 or 64, the bits of the
    field of the length, None for the shortest form."""
    mask = os.urandom(4) if mask is None else mask
    n = len(payload)
    length = length or (7 if n < 126 else 16 if n < 65536 else 64)
    first = bytes([fin << 7 | reserved << 4 | opcode])
    masked = 0x80 if mask else 0
    size = {7: lambda: bytes([masked | n]), 16: lambda: struct.pack(">BH", masked | 126, n),
            64: lambda: struct.pack(">BQ", masked | 127, n)}[length]()
    return first + size + mask + (mask_bytes(payload, mask) if mask else payload)


def request(host, path="/irc", protocols=("text.ircv3.net",), key=None, **headers):
    """The bytes of an upgrade, and its key. headers: Name_of_header=value; a value None takes a header away."""
    key = key or base64.b64encode(os.urandom(16)).decode()
    fields = {"Host": host, "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
              "Sec-WebSocket-Key": key, "Sec-WebSocket-Protocol": ", ".join(protocols) or None}
    fields.update({name.replace("_", "-"): value for name, value in headers.items()})
    lines = ["GET %s HTTP/1.1" % path] + ["%s: %s" % field for field in fields.items() if field[1] is not None]
    return ("\r\n".join(lines) + "\r\n\r\n").encode(), key


class WebSocket:
    """A connection behind its upgrade. protocol: what the server has chosen, or None."""

    def __init__(self, sock, protocol=None):
        self.sock, self.protocol = sock, protocol
        self.opcode = BINARY if protocol == "binary.ircv3.net" else TEXT
        self.raw = b""      # bytes that are no whole frame yet
        self.lines = b""    # bytes that recv has not given yet
        self.unsent = b""   # a line without its end
        self.closed = None  # (code, reason) of the close frame; code None: the frame has none
        self.pongs = []     # their payloads

    def send_frame(self, *args, **kwargs):
        self.sock.sendall(frame(*args, **kwargs))

    def take_frame(self):
        """The next frame in raw as (opcode, payload), or None. The server neither masks nor fragments."""
        if len(self.raw) < 2:
            return None
        first, n = self.raw[0], self.raw[1]
        header = 2 if n < 126 else 4
        assert first & 0xF0 == 0x80 and n <= 126, "a frame that the server must not send: %r" % self.raw[:4]
        if len(self.raw) < header:
            return None
        if header == 4:
            n = struct.unpack(">H", self.raw[2:4])[0]
            assert n > 125, "the length of a frame is not in its shortest form"
        if len(self.raw) < header + n:
            return None
        payload, self.raw = self.raw[header:header + n], self.raw[header + n:]
        return first & 0x0F, payload

    def read_frame(self, flags=0):
        """The next frame as (opcode, payload); None: the connection has ended."""
        while True:
            got = self.take_frame()
            if got is not None:
                return got
            data = self.sock.recv(65536, flags)
            if not data:
                return None
            self.raw += data

    def note_frame(self, opcode, payload):
        assert self.closed is None, "a frame behind the close frame"
        if opcode == CLOSE:
            code = struct.unpack(">H", payload[:2])[0] if payload else None
            self.closed = code, payload[2:].decode()
        elif opcode == PONG:
            self.pongs.append(payload)
        else:
            assert opcode == self.opcode, "opcode %d" % opcode
            assert b"\r" not in payload and b"\n" not in payload, payload
            if opcode == TEXT:
                payload.decode()
            self.lines += payload + b"\r\n"

    # As a plain socket.

    def recv(self, size, flags=0):
        while not self.lines:
            got = self.read_frame(flags)
            if got is None:
                return b""
            self.note_frame(*got)
        data, self.lines = self.lines[:size], self.lines[size:]
        return data

    def sendall(self, data, flags=0):
        *whole, self.unsent = (self.unsent + data).split(b"\n")
        self.sock.sendall(b"".join(frame(self.opcode, line.rstrip(b"\r")) for line in whole))

    def send(self, data, flags=0):
        self.sendall(data)
        return len(data)

    def close(self):
        self.sock.close()

    def __getattr__(self, name):  # fileno, settimeout, shutdown and so on
        return getattr(self.sock, name)


def read_head(sock):
    """The head of an answer, and the bytes behind it."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(4096)
        if not more:
            break
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def upgrade(sock, host, **wishes):
    """Makes a WebSocket of a connected socket; wishes: as for request. Raises Refused."""
    asked, key = request(host, **wishes)
    sock.sendall(asked)
    head, rest = read_head(sock)
    first, *lines = head.decode("latin-1").split("\r\n")
    status = int(first.split(" ")[1]) if first.startswith("HTTP/1.1 ") else 0
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if status != 101:
        while len(rest) < int(fields.get("content-length", 0)):
            more = sock.recv(65536)
            if not more:
                break
            rest += more
        raise Refused(status, fields, rest)
    proof = base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()
    assert fields.get("sec-websocket-accept") == proof, fields
    made = WebSocket(sock, fields.get("sec-websocket-protocol"))
    made.raw = rest
    return made
