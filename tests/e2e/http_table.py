"""Heads of HTTP that are refused, and those that two readers may divide differently (request smuggling).

HEADS: (NAME in http_refusals.def, the bytes up to the end of the head). What a test sends behind them must never be read
as a request or as a line of IRC.
"""
GET = b"GET /health HTTP/1.1\r\n"
POST = b"POST /api/v1/command HTTP/1.1\r\n"
HOST = b"Host: localhost\r\n"
END = b"\r\n"


def get(*lines):
    return GET + HOST + b"".join(line + b"\r\n" for line in lines) + END


def post(*lines):
    return POST + HOST + b"".join(line + b"\r\n" for line in lines) + END


def first(line):
    return line + b"\r\n" + HOST + END


HEADS = [
    ("BAD_LINE", first(b"GET")),
    ("BAD_LINE", first(b"GET /health")),
    ("BAD_LINE", first(b"GET  /health HTTP/1.1")),
    ("BAD_LINE", first(b"GET /health HTTP/1.1 ")),
    ("BAD_LINE", first(b"GET /health x HTTP/1.1")),
    ("BAD_LINE", first(b"GET\t/health HTTP/1.1")),
    ("BAD_LINE", first(b"GET /health http/1.1")),
    ("BAD_LINE", first(b"GET /health HTTP/1.10")),
    ("BAD_LINE", b"\r\n" + get()),
    ("BAD_LINE", b"JOIN #evil\r\n"),
    ("PROXY_HEADER", b"PROXY TCP4 192.0.2.7 10.0.0.2 56324 80\r\n" + get()),
    ("PROXY_HEADER", b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0" + get()),
    ("VERSION", first(b"GET /health HTTP/1.2")),
    ("VERSION", first(b"PRI * HTTP/2.0")),
    ("VERSION", first(b"GET /health HTTP/0.9")),
    ("METHOD", first(b"PUT /health HTTP/1.1")),
    ("METHOD", first(b"DELETE /health HTTP/1.1")),
    ("METHOD", first(b"OPTIONS * HTTP/1.1")),
    ("METHOD", first(b"TRACE / HTTP/1.1")),
    ("METHOD", first(b"CONNECT a:1 HTTP/1.1")),
    ("METHOD", first(b"get /health HTTP/1.1")),
    ("BAD_TARGET", first(b"GET health HTTP/1.1")),
    ("BAD_TARGET", first(b"GET http://localhost/health HTTP/1.1")),
    ("BAD_TARGET", first(b"GET * HTTP/1.1")),
    ("BAD_TARGET", first(b"GET /\xc3\xa4 HTTP/1.1")),
    ("BAD_TARGET", first(b"GET /health#x HTTP/1.1")),
    ("BAD_TARGET", first(b"GET /a\\b HTTP/1.1")),
    ("BAD_ESCAPE", first(b"GET /%4 HTTP/1.1")),
    ("BAD_ESCAPE", first(b"GET /%zz HTTP/1.1")),
    ("BAD_PATH", first(b"GET //health HTTP/1.1")),
    ("BAD_PATH", first(b"GET /../health HTTP/1.1")),
    ("BAD_PATH", first(b"GET /x/../health HTTP/1.1")),
    ("BAD_PATH", first(b"GET /./health HTTP/1.1")),
    ("BAD_PATH", first(b"GET /%2e%2e/health HTTP/1.1")),
    ("BAD_PATH", first(b"GET /a%2fb HTTP/1.1")),
    ("BAD_PATH", first(b"GET /a%5cb HTTP/1.1")),
    ("BAD_PATH", first(b"GET /health%00 HTTP/1.1")),
    ("BAD_PATH", first(b"GET /a%0d%0ab HTTP/1.1")),
    ("BAD_PATH", first(b"GET /%ff HTTP/1.1")),
    ("LONG_PATH", first(b"GET /" + b"a" * 255 + b" HTTP/1.1")),
    ("LONG_LINE", b"GET /?" + b"a" * 8186),
    ("BARE_CR", get(b"X: y\rTransfer-Encoding: chunked")),
    ("BARE_CR", get(b"X: y\r")),
    ("BARE_LF", GET + HOST + b"X: y\n" + END),
    ("BARE_LF", GET + HOST + b"\n"),
    ("BARE_LF", b"GET /health HTTP/1.1\nHost: localhost\n\n"),
    ("BARE_LF", post(b"X: y\nTransfer-Encoding: chunked")),
    ("BAD_BYTE", get(b"X: a\0b")),
    ("BAD_BYTE", get(b"X: a\x0bb")),
    ("BAD_BYTE", get(b"X: a\x7fb")),
    ("BAD_BYTE", post(b"Transfer-Encoding:\x0bchunked")),
    ("FOLDED", get(b"X: y", b" z")),
    ("FOLDED", get(b"X: y", b"\tz")),
    ("FOLDED", post(b"Content-Length:", b" 5")),
    ("FOLDED", post(b" Transfer-Encoding: chunked")),
    ("BAD_NAME", get(b"X : y")),
    ("BAD_NAME", get(b"X y: z")),
    ("BAD_NAME", get(b": y")),
    ("BAD_NAME", get(b"X")),
    ("BAD_NAME", post(b"Content-Length : 5")),
    ("BAD_NAME", post(b"Transfer-Encoding : chunked")),
    ("MANY_FIELDS", get(*[b"X%d: y" % n for n in range(64)])),
    ("LONG_HEAD", get(b"X: " + b"y" * 8192)),
    ("TWICE", get(b"Host: localhost")),
    ("TWICE", get(b"hOST: other.example")),
    ("TWICE", post(b"Content-Length: 5", b"Content-Length: 5")),
    ("TWICE", post(b"Content-Length: 5", b"content-length: 6")),
    ("TWICE", get(b"Origin: http://localhost", b"Origin: http://evil.example")),
    ("TWICE", get(b"Authorization: Bearer a", b"Authorization: Bearer b")),
    ("NO_HOST", GET + END),
    ("NO_HOST", b"GET /health HTTP/1.0\r\n" + END),
    ("BAD_HOST", GET + b"Host: \r\n" + END),
    ("BAD_HOST", GET + b"Host: a, b\r\n" + END),
    ("BAD_HOST", GET + b"Host: localhost:0\r\n" + END),
    ("BAD_HOST", GET + b"Host: user@localhost\r\n" + END),
    ("BAD_HOST", GET + b"Host: ::1\r\n" + END),
    ("TRANSFER_ENCODING", get(b"Transfer-Encoding: chunked")),
    ("TRANSFER_ENCODING", post(b"Transfer-Encoding: chunked")),
    ("TRANSFER_ENCODING", post(b"Content-Length: 5", b"Transfer-Encoding: chunked")),
    ("TRANSFER_ENCODING", post(b"Transfer-Encoding: chunked", b"Content-Length: 5")),
    ("TRANSFER_ENCODING", post(b"Transfer-Encoding: identity")),
    ("TRANSFER_ENCODING", post(b"Transfer-Encoding: xchunked", b"Content-Length: 5")),
    ("TRANSFER_ENCODING", post(b"transfer-encoding:\tchunked")),
    ("TRANSFER_ENCODING", post(b"Transfer-Encoding: x", b"Transfer-Encoding: chunked")),
    ("BAD_LENGTH", post(b"Content-Length: 5, 5")),
    ("BAD_LENGTH", post(b"Content-Length: +5")),
    ("BAD_LENGTH", post(b"Content-Length: -5")),
    ("BAD_LENGTH", post(b"Content-Length: 05")),
    ("BAD_LENGTH", post(b"Content-Length: 0x5")),
    ("BAD_LENGTH", post(b"Content-Length: 5 5")),
    ("BAD_LENGTH", post(b"Content-Length:")),
    ("LONG_BODY", post(b"Content-Length: 65537")),
    ("LONG_BODY", post(b"Content-Length: 4294967301")),
    ("LONG_BODY", post(b"Content-Length: 18446744073709551621")),
    ("BODY", get(b"Content-Length: 0")),
    ("BODY", get(b"Content-Length: 30")),
    ("BODY", b"HEAD /health HTTP/1.1\r\n" + HOST + b"Content-Length: 30\r\n" + END),
    ("POST", b"POST /health HTTP/1.1\r\n" + HOST + b"Content-Length: 30\r\n" + END),
    ("POST", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 30\r\n" + END),
    ("NO_LENGTH", post()),
    ("NO_LENGTH", post(b"Content_Length: 5")),
    ("EXPECT", post(b"Content-Length: 5", b"Expect: 200-ok")),
]
# What a careless reader would take for a request or for lines of IRC.
BEHIND = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\nNICK eve\r\nUSER eve 0 * :eve\r\nJOIN #evil\r\n"
