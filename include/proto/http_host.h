/* Names of hosts in requests of HTTP: which server a request is for (Host), and from
 * the page of which server it comes (Origin, RFC 6454). */
#ifndef PROTO_HTTP_HOST_H
#define PROTO_HTTP_HOST_H

#include "proto/http.h"

/* Splits HOST, HOST:PORT, [IPV6] or [IPV6]:PORT. The brackets stay part of the host. A
 * host is an address of IPv6 in brackets, or 1 to 253 letters, digits, '-', '_' and
 * '.'; a port is 1 to 65535 without leading zeros. *port is 0 without one. False: the
 * text has another form. */
bool http_host_split(struct http_text text, struct http_text *host, uint16_t *port);

/* Whether the request is for a name that a listener on a loopback address has:
 * localhost, 127.0.0.1, [::1], or one of names[0..n) (web.hosts, compared without case;
 * the port does not count). A page of a foreign name that resolves to a loopback
 * address (DNS rebinding) has another Host, so a request for which this is false is
 * refused with HTTP_REFUSED_MISDIRECTED. */
bool http_host_is_local(const struct http_request *r, const char *const *names,
                        size_t n);

enum http_origin {
    HTTP_ORIGIN_NONE,   /* no field Origin: no page of a browser, or one of this host */
    HTTP_ORIGIN_SAME,   /* the host and port of the request */
    HTTP_ORIGIN_LISTED, /* one of the globs */
    HTTP_ORIGIN_FOREIGN /* none of these: HTTP_REFUSED_ORIGIN */
};

/* Judges the field Origin by the field Host and by globs[0..n) (web.origins), which
 * match the whole origin, such as https://chat.example.org, without case; "*" matches
 * any, "null" included. An origin of 320 bytes or more is foreign in any case. A port
 * that is missing in Origin or Host is that of the scheme of Origin (80 or 443). The
 * scheme itself is not compared: a proxy in front of the server may have ended TLS. */
enum http_origin http_origin(const struct http_request *r, const char *const *globs,
                             size_t n);

#endif
