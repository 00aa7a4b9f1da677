/* The transport of TLS, by OpenSSL, over plain sockets.
 *
 * There is no SSL object before the first byte. A read of it is bounded, so that no stream of messages
 * without data holds the loop. Each write seals one record of at most 16 KiB, straight
 * from the caller's bytes. A record that the socket did not take stays inside OpenSSL,
 * and the caller passes the same bytes again. A KeyUpdate that asks for an answer
 * meanwhile ends the client, because OpenSSL 3.0 cannot write the answer then. */
#include "transport.h"

#include "base/attr.h"
#include "base/str.h"
#include "net/loop.h"
#include "net/os.h"
#include "proto/http_answer.h"
#include "proto/proxy_header.h"
#include "proto/tls_first.h"
#include "proto/web_first.h"
#include "session/session.h"
#include "tls_bio.h"
#include "tls_file.h"
#include "tls_state.h"

#include <errno.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define RECORD 16384       /* bytes of a record at most */
#define CALL_READS 65536   /* bytes that one call takes from the socket at most */
#define FIRST_BYTES 12     /* bytes that tell TLS, a PROXY header and text apart */
#define DISCARD_ROUNDS 4   /* reads of the input behind a wrong first byte */
#define MESSAGES_MINUTE 50 /* messages without data in a minute, such as KeyUpdate */

static const char plain_answer[] =
    "ERROR :Closing Link: (This port speaks TLS only)\r\n";
/* RFC 8446 6: a fatal alert, access_denied. */
static const char denied[] = "\x15\x03\x03\x00\x02\x02\x31";

struct tls_own {
    SSL *ssl;        /* NULL: no byte has come */
    struct tls *set; /* with one reference while there is an SSL object */
    const char *fault;
    msec minute;       /* monotonic: when `messages` began to count */
    uint32_t messages; /* messages without data since `minute` */
    struct tls_socket socket;
    enum transport_state kept; /* how a read ended behind bytes that it gave; else 0 */
    bool done;                 /* the handshake */
    bool sealed;               /* a record waits for the socket */
    bool failed;               /* OpenSSL must not be called again */
    /* OpenSSL may hold bytes that raise no event: the last read ended because its buffer
     * was full, or the handshake has just ended. */
    bool filled;
    bool is_web; /* HTTP comes over it */
};

_Static_assert(sizeof(struct tls_own) <= TRANSPORT_TLS_OWN,
               "a row over this one has so much room");

/* --- the connection --- */

/* Counts messages that carry no data once the handshake is done: KeyUpdates, attempts to
 * renegotiate. */
static void
count_tls_message(int writes, int version, int type, const void *bytes, size_t n,
                  SSL *ssl, void *ctx)
{
    struct tls_own *o = ctx;
    const unsigned char *header = bytes;
    (void)version, (void)ssl;
    bool inner = type == SSL3_RT_INNER_CONTENT_TYPE && n == 1;
    bool outer = type == SSL3_RT_HEADER && n > 0;
    if (writes || !o->done || !(inner || outer) || header[0] != SSL3_RT_HANDSHAKE)
        return;
    msec now = loop_monotonic();
    if (o->messages == 0 || now - o->minute >= MSEC_MINUTE) {
        o->minute = now;
        o->messages = 0;
    }
    o->messages++;
}

static enum transport_state
fail_with(struct tls_own *o, const char *fault, int error)
{
    o->failed = true;
    o->fault = fault;
    errno = error;
    return TRANSPORT_FAILED;
}

/* The alerts by which a client refuses the certificate of the server (RFC 8446 6.2), for
 * the log: the words of OpenSSL do not say which side refused which certificate. */
static const struct {
    int alert;
    const char *text;
} certificate_alerts[] = {
    {SSL_AD_BAD_CERTIFICATE, "the client refuses the certificate of the server"},
    {SSL_AD_UNSUPPORTED_CERTIFICATE,
     "the client refuses the certificate of the server: its kind is not supported"},
    {SSL_AD_CERTIFICATE_REVOKED,
     "the client refuses the certificate of the server: it is revoked"},
    {SSL_AD_CERTIFICATE_EXPIRED,
     "the client refuses the certificate of the server: it has expired"},
    {SSL_AD_CERTIFICATE_UNKNOWN, "the client refuses the certificate of the server"},
    {SSL_AD_UNKNOWN_CA, "the client refuses the certificate of the server: its "
                        "authority is unknown, or the chain lacks a certificate"},
};

/* A constant for the log. */
static const char *
name_tls_error(unsigned long error)
{
    int alert = ERR_GET_REASON(error) - SSL_AD_REASON_OFFSET;
    for (size_t i = 0; i < sizeof certificate_alerts / sizeof *certificate_alerts; i++)
        if (ERR_GET_LIB(error) == ERR_LIB_SSL && certificate_alerts[i].alert == alert)
            return certificate_alerts[i].text;
    const char *text = ERR_reason_error_string(error);
    return text ? text : "error of TLS";
}

/* The state that a call of OpenSSL without success has returned as `result`. */
static enum transport_state
judge_result(struct tls_own *o, int result)
{
    const char *why;
    switch (SSL_get_error(o->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return TRANSPORT_WAITS_READ;
    case SSL_ERROR_WANT_WRITE:
        return TRANSPORT_WAITS_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return TRANSPORT_END;
    case SSL_ERROR_SYSCALL:
        if (o->socket.error)
            return fail_with(o, NULL, o->socket.error);
        o->failed = true;
        return TRANSPORT_END;
    default:
        why = name_tls_error(ERR_peek_last_error());
        ERR_clear_error();
        return fail_with(o, why, EPROTO);
    }
}

static bool
begin_tls(struct tls_own *o, int fd, struct tls *set)
{
    BIO *bio = tls_bio_new(&o->socket);
    o->ssl = SSL_new(set->entries[0].context);
    if (bio == NULL || o->ssl == NULL) {
        BIO_free(bio);
        return false;
    }
    o->set = tls_ref(set);
    o->socket.fd = fd;
    SSL_set_bio(o->ssl, bio, bio);
    SSL_set_msg_callback(o->ssl, count_tls_message);
    SSL_set_msg_callback_arg(o->ssl, o);
    SSL_set_accept_state(o->ssl);
    if (o->is_web) /* a browser would ask its user for a certificate */
        SSL_set_verify(o->ssl, SSL_VERIFY_NONE, NULL);
    return true;
}

/* Answers a request for http, which a browser shows. */
static void
answer_request(int fd)
{
    static const struct http_policy policy = {0};
    char room[HTTP_ANSWER_HEAD];
    struct str s;
    str_init(&s, room, sizeof room);
    http_refusal_answer(&s, HTTP_REFUSED_TLS_ONLY, HTTP_GET, HTTP_AFTER_CLOSE,
                        loop_wall(), &policy);
    transport_plain.refuse(fd, s.at, true);
}

/* Answers a client that does not speak TLS. Its input is read first: unread, it would
 * destroy the answer. */
static enum transport_state
answer_plain(struct tls_own *o, int fd, const char *first, size_t n)
{
    char scratch[4096];
    bool is_header = proxy_header_begins(first, n);
    socket_discard(fd, scratch, sizeof scratch, DISCARD_ROUNDS);
    if (o->is_web && web_first_is_request(first, n))
        answer_request(fd);
    else
        transport_plain.refuse(fd, is_header ? TRANSPORT_NO_HEADER : plain_answer,
                               true);
    return fail_with(o,
                     is_header ? "a PROXY header, and the listener has no proxy = true"
                               : "plain text on a TLS port",
                     EPROTO);
}

/* Looks at the first bytes without taking them. */
static enum transport_state
look_at_first(struct tls_own *o, int fd, struct tls *set)
{
    char first[FIRST_BYTES];
    ssize_t n = recv(fd, first, sizeof first, MSG_PEEK);
    if (n == 0)
        return TRANSPORT_END;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return TRANSPORT_WAITS_READ;
    if (n < 0)
        return fail_with(o, NULL, errno);
    if (tls_first(first, (size_t)n) == TLS_FIRST_OTHER)
        return answer_plain(o, fd, first, (size_t)n);
    return begin_tls(o, fd, set) ? TRANSPORT_DONE
                                 : fail_with(o, "not enough memory", ENOMEM);
}

static enum transport_state
tls_handshake(int fd, void *own, const void *context)
{
    struct tls_own *o = own;
    if (o->ssl == NULL) {
        enum transport_state state =
            look_at_first(o, fd, *(struct tls *const *)context);
        if (state != TRANSPORT_DONE)
            return state;
    }
    o->socket.left = CALL_READS;
    ERR_clear_error();
    int result = SSL_do_handshake(o->ssl);
    if (result != 1)
        return judge_result(o, result);
    o->done = true;
    o->filled = true; /* bytes behind the handshake may have come with it */
    return TRANSPORT_DONE;
}

enum transport_state
transport_tls_handshake_web(int fd, void *own, const void *context)
{
    struct tls_own *o = own;
    o->is_web = true;
    return tls_handshake(fd, own, context);
}

/* Copies the name that the client asked for in lower case. False: it asked for none, or
 * for one that is no name. */
static bool
copy_name(const char *from, char out[static 256])
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-._";
    size_t n = from ? strlen(from) : 0;
    if (n == 0 || n >= 256)
        return false;
    for (size_t i = 0; i <= n; i++)
        out[i] = from[i] >= 'A' && from[i] <= 'Z' ? (char)(from[i] + 32) : from[i];
    return out[strspn(out, allowed)] == '\0';
}

static bool
tls_peer(int fd, void *own, struct connection_info *info)
{
    struct tls_own *o = own;
    (void)fd;
    info->secure = true;
    const char *asked = SSL_get_servername(o->ssl, TLSEXT_NAMETYPE_host_name);
    info->sni = copy_name(asked, o->set->sni) ? o->set->sni : NULL;
    X509 *certificate = SSL_get1_peer_certificate(o->ssl);
    if (certificate && tls_fingerprint_of(certificate, o->set->certfp))
        info->certfp = o->set->certfp;
    X509_free(certificate);
    return true;
}

/* --- reading --- */

/* Reads one piece. After a message without data OpenSSL asks for more, even if its own
 * buffer has it. */
static enum transport_state
read_piece(struct tls_own *o, char *out, size_t size, size_t *n)
{
    for (;;) {
        uint32_t before = o->messages;
        *n = 0;
        int result = SSL_read_ex(o->ssl, out, size, n);
        if (o->messages > MESSAGES_MINUTE)
            return fail_with(o, "too many messages without data", EPROTO);
        if (result == 1)
            return TRANSPORT_DONE;
        enum transport_state state = judge_result(o, result);
        if (state != TRANSPORT_WAITS_READ || o->messages == before)
            return state;
    }
}

static ATTR_HOT enum transport_state
tls_read(int fd, void *own, char *out, size_t size, size_t *n)
{
    struct tls_own *o = own;
    enum transport_state state = o->kept;
    (void)fd;
    *n = 0;
    if (state != TRANSPORT_DONE) {
        errno = o->socket.error;
        return state;
    }
    o->socket.left = CALL_READS;
    ERR_clear_error();
    do { /* without bytes inside OpenSSL, one more read would only ask the socket */
        size_t piece = 0;
        state = read_piece(o, out + *n, size - *n, &piece);
        *n += piece;
    } while (*n < size && state == TRANSPORT_DONE && SSL_has_pending(o->ssl));
    o->filled = *n == size;
    if (*n == 0)
        return state;
    if (state == TRANSPORT_END || state == TRANSPORT_FAILED)
        o->kept = state; /* the next read tells it */
    return TRANSPORT_DONE;
}

/* After a read that waits for more, half of a record may be inside OpenSSL. It raises
 * no event and gives no bytes, so it must not count. */
static bool
tls_has_pending(int fd, void *own)
{
    struct tls_own *o = own;
    (void)fd;
    if (o->kept != TRANSPORT_DONE)
        return true;
    return o->filled && SSL_has_pending(o->ssl);
}

static bool
tls_has_part(int fd, void *own)
{
    struct tls_own *o = own;
    (void)fd;
    return !o->failed && !o->filled && SSL_has_pending(o->ssl);
}

/* --- writing --- */

static ATTR_HOT enum transport_state
write_record(struct tls_own *o, const char *bytes, size_t size, size_t *n)
{
    *n = 0;
    int result = SSL_write_ex(o->ssl, bytes, size < RECORD ? size : RECORD, n);
    o->sealed = result != 1;
    return result == 1 ? TRANSPORT_DONE : judge_result(o, result);
}

/* If the queue was emptied while a record waited, OpenSSL gets other bytes than before.
 * It refuses them or sends the old record: in both cases its client is at its end. */
static ATTR_HOT enum transport_state
tls_write(int fd, void *own, struct iovec *iov, int count, bool last, size_t *n)
{
    struct tls_own *o = own;
    enum transport_state state = TRANSPORT_DONE;
    (void)fd;
    *n = 0;
    if (o->failed) {
        errno = EPIPE;
        return TRANSPORT_FAILED;
    }
    o->socket.left = CALL_READS;
    o->socket.last = last;
    ERR_clear_error();
    for (int i = 0; i < count && state == TRANSPORT_DONE; i++) {
        size_t at = 0;
        while (at < iov[i].iov_len && state == TRANSPORT_DONE) {
            size_t piece;
            state = write_record(o, (char *)iov[i].iov_base + at, iov[i].iov_len - at,
                                 &piece);
            at += piece;
        }
        *n += at;
    }
    return state == TRANSPORT_END ? fail_with(o, NULL, EPIPE) : state;
}

static const char *
tls_fault(int fd, void *own)
{
    const struct tls_own *o = own;
    (void)fd;
    return o->fault;
}

static const char *
tls_version(void *own)
{
    return SSL_get_version(((struct tls_own *)own)->ssl);
}

/* --- the end --- */

/* Says the end once (close_notify), unless half of a record is on its way. */
static void
end_tls(struct tls_own *o)
{
    if (o->ssl == NULL)
        return;
    ERR_clear_error();
    o->socket.last = true;
    if (o->done && !o->failed && !o->sealed)
        SSL_shutdown(o->ssl);
    SSL_free(o->ssl);
    tls_free(o->set);
    ERR_clear_error();
    o->ssl = NULL;
    o->set = NULL;
}

static bool
tls_finish(int fd, void *own, enum transport_end why)
{
    (void)why;
    end_tls(own);
    return socket_finish(fd);
}

static void
tls_close(int fd, void *own, enum transport_end why)
{
    (void)why;
    end_tls(own);
    close(fd);
}

/* A client cannot read a line before the handshake. It shows an alert as a text of its
 * own. */
static void
tls_refuse(int fd, const char *line, bool last)
{
    (void)line, (void)last;
    ssize_t ignored = send(fd, denied, sizeof denied - 1, OS_NO_SIGNAL);
    (void)ignored; /* a new socket has room for it */
}

const struct transport transport_tls = {
    .name = "tls",
    .own = sizeof(struct tls_own),
    .flat = true,
    .encrypts = true,
    .explains = true,
    .library = TRANSPORT_TLS_LIBRARY,
    .library_handshake = TRANSPORT_TLS_LIBRARY_HANDSHAKE,
    .library_part = TRANSPORT_TLS_LIBRARY_PART,
    .handshake = tls_handshake,
    .peer = tls_peer,
    .version = tls_version,
    .read = tls_read,
    .has_pending = tls_has_pending,
    .has_part = tls_has_part,
    .write = tls_write,
    .fault = tls_fault,
    .finish = tls_finish,
    .close = tls_close,
    .refuse = tls_refuse,
};
