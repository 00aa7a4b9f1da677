/* Certificates become contexts of OpenSSL, with the settings of every connection.
 *
 * A set is made whole and checked before it replaces another one; connections keep a
 * reference to theirs. The chain of a client's certificate is never judged: only its
 * fingerprint counts. Tickets, the session cache, renegotiation and early data must
 * stay off: each costs memory or lets a client make work. */
#include "net/tls.h"

#include "base/mem.h"
#include "base/str.h"
#include "config/source.h"
#include "tls_file.h"
#include "tls_state.h"

#include <assert.h>
#include <limits.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SUITES_1_3                                                                     \
    "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384"
#define CIPHERS_1_2 "ECDHE+AESGCM:ECDHE+CHACHA20"
#define GROUPS "X25519:P-256"     /* TLS 1.2 with an ECDSA certificate needs P-256 */
#define CLIENT_CERTIFICATES 16384 /* bytes of the certificates of a client */
#define SELF_SIGNED_FILE "tls.pem"

static const unsigned char session_context[] = "ircd";

struct loading {
    struct tls *tls;
    const char *file;
    const struct config *config;
    const struct tls_report *report;
    bool failed;
};

static void tell_text(const struct loading *l, config_fault *fn, int line,
                      const char *fmt, va_list args) ATTR_PRINTF(4, 0);
static void tell_tls_fault(struct loading *l, int line, const char *fmt, ...)
    ATTR_PRINTF(3, 4);
static void tell_warning(const struct loading *l, int line, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

/* line 0: none. */
static void
tell_text(const struct loading *l, config_fault *fn, int line, const char *fmt,
          va_list args)
{
    char text[2 * PATH_MAX + 600], place[240];
    struct str s;
    str_init(&s, text, sizeof text);
    str_add(&s, line > 0 ? config_place(&l->config->source, line, place, sizeof place)
                         : l->file);
    str_add(&s, ": ");
    str_addv(&s, fmt, args);
    if (line > 0)
        config_trail(&l->config->source, line, &s);
    fn(l->report->ctx, text);
}

static void
tell_tls_fault(struct loading *l, int line, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    tell_text(l, l->report->fault, line, fmt, args);
    va_end(args);
    l->failed = true;
}

static void
tell_warning(const struct loading *l, int line, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    tell_text(l, l->report->warning, line, fmt, args);
    va_end(args);
}

/* --- names --- */

static const char *
name_of_entry(const void *list, size_t i)
{
    const struct tls_entry *entries = list;
    return entries[i].name;
}

/* A client that asks for an unknown name gets the first certificate. */
static int
choose_certificate(SSL *ssl, int *alert, void *ctx)
{
    const struct tls *t = ctx;
    const char *asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    (void)alert;
    if (asked == NULL)
        return SSL_TLSEXT_ERR_OK;
    size_t i = config_name_find(name_of_entry, t->entries, t->n, asked);
    SSL_set_SSL_CTX(ssl, t->entries[i < t->n ? i : 0].context);
    return SSL_TLSEXT_ERR_OK;
}

/* RFC 7301. Only connections of HTTP ask for no certificate (transport_tls.c). A client
 * that names only other protocols goes on without one: some clients send lists without
 * irc. */
static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *outlen,
                const unsigned char *in, unsigned inlen, void *ctx)
{
    static const unsigned char irc[] = "\3irc", http[] = "\10http/1.1";
    bool is_web = SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE;
    (void)ctx;
    unsigned char *chosen = NULL;
    int found =
        SSL_select_next_proto(&chosen, outlen, is_web ? http : irc,
                              is_web ? sizeof http - 1 : sizeof irc - 1, in, inlen);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

static int
accept_certificate(X509_STORE_CTX *store, void *ctx)
{
    (void)ctx;
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

/* --- contexts --- */

static bool
set_versions(SSL_CTX *x, const struct config *c)
{
    char groups[] = GROUPS; /* the macro of OpenSSL drops a const */
    bool newest = strcmp(c->tls_limits.min_version, "1.3") == 0;
    return SSL_CTX_set_min_proto_version(x, newest ? TLS1_3_VERSION : TLS1_2_VERSION) ==
               1 &&
           SSL_CTX_set_ciphersuites(x, SUITES_1_3) == 1 &&
           SSL_CTX_set_cipher_list(x, CIPHERS_1_2) == 1 &&
           SSL_CTX_set1_groups_list(x, groups) == 1;
}

static void
set_modes(SSL_CTX *x)
{
    SSL_CTX_set_options(x, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                               SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                               SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(x, SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
    /* A read returns after a message without application data: its turn is bounded. */
    SSL_CTX_clear_mode(x, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_num_tickets(x, 0);
    SSL_CTX_set_session_cache_mode(x, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(x, 1);
    SSL_CTX_set_max_cert_list(x, CLIENT_CERTIFICATES);
    assert(SSL_CTX_get_max_early_data(x) == 0);
}

static void
set_calls(SSL_CTX *x, struct tls *t)
{
    SSL_CTX_set_verify(x, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(x, accept_certificate, NULL);
    SSL_CTX_set_session_id_context(x, session_context, sizeof session_context - 1);
    SSL_CTX_set_tlsext_servername_callback(x, choose_certificate);
    SSL_CTX_set_tlsext_servername_arg(x, t);
    SSL_CTX_set_alpn_select_cb(x, choose_protocol, NULL);
}

static bool
use_pair(SSL_CTX *x, const struct tls_pair *p)
{
    return SSL_CTX_use_certificate(x, p->certificate) == 1 &&
           SSL_CTX_use_PrivateKey(x, p->key) == 1 &&
           (sk_X509_num(p->chain) == 0 || SSL_CTX_set1_chain(x, p->chain) == 1);
}

/* Makes the context of a checked pair and adds it to the set. */
static void
add_tls_entry(struct loading *l, int line, const char *name, const char *file,
              bool made, const struct tls_pair *p)
{
    struct tls *t = l->tls;
    SSL_CTX *x = SSL_CTX_new(TLS_server_method());
    bool fine = x && set_versions(x, l->config) && use_pair(x, p);
    if (!fine) {
        const char *why = ERR_reason_error_string(ERR_peek_last_error());
        tell_tls_fault(l, line, "tls \"%s\": OpenSSL does not take %s: %s", SHOWN(name),
                       file, why ? why : "no reason given");
        ERR_clear_error();
        SSL_CTX_free(x);
        return;
    }
    set_modes(x);
    set_calls(x, t);
    t->entries = xrealloc(t->entries, (t->n + 1) * sizeof *t->entries);
    t->facts = xrealloc(t->facts, (t->n + 1) * sizeof *t->facts);
    t->entries[t->n] = (struct tls_entry){xstrdup(name), xstrdup(file), x};
    t->facts[t->n] = (struct tls_certificate){.name = t->entries[t->n].name,
                                              .file = t->entries[t->n].file,
                                              .until = tls_pair_until(p),
                                              .self_signed = made};
    tls_fingerprint_of(p->certificate, t->facts[t->n].fingerprint);
    t->n++;
}

/* --- blocks --- */

static void
warn_of_directory(const struct loading *l, int line, const char *file)
{
    if (tls_file_is_replaceable(file))
        tell_warning(
            l, line,
            "%s: every user of this machine may write in its directory, and put "
            "another file there; chmod o-w the directory, or choose another one",
            file);
}

static void
warn_of_pair(const struct loading *l, const struct config_tls *b,
             const struct tls_pair *p)
{
    if (!tls_pair_covers(p, b->name))
        tell_warning(l, b->certificate_line,
                     "tls \"%s\": the certificate is for other names, and clients that "
                     "verify it "
                     "will refuse it; to see them: openssl x509 -noout -ext "
                     "subjectAltName -in %s",
                     SHOWN(b->name), b->certificate);
    if (tls_pair_lacks_chain(p))
        tell_warning(
            l, b->certificate_line,
            "tls \"%s\": %s holds the certificate of the server alone, and clients "
            "that lack that of its issuer refuse it; use the file with the chain "
            "(certbot: fullchain.pem)",
            SHOWN(b->name), b->certificate);
    if (tls_pair_is_rare(p))
        tell_warning(
            l, b->certificate_line,
            "tls \"%s\": browsers refuse this kind of key; ECDSA P-256 and RSA "
            "work everywhere: %s",
            SHOWN(b->name), b->key);
    if (tls_file_is_open(b->key))
        tell_warning(
            l, b->key_line,
            "tls \"%s\": every user of this machine can read the key; chmod o-r %s",
            SHOWN(b->name), b->key);
    warn_of_directory(l, b->certificate_line, b->certificate);
    warn_of_directory(l, b->key_line, b->key);
}

/* A program that keeps to sts would be locked out by a certificate that it refuses.
 * False: there is a fault, which is told. */
static bool
check_sts(struct loading *l, const struct config_tls *b, const struct tls_pair *p)
{
    const char *why = NULL;
    if (b->sts <= 0)
        return true;
    if (!tls_pair_covers(p, b->name))
        why = "is for other names, and programs that keep to sts refuse it";
    else if (tls_pair_is_self_signed(p))
        why = "is self-signed, and programs that keep to sts connect only to one that "
              "an authority has signed";
    if (why)
        tell_tls_fault(l, b->certificate_line,
                       "tls \"%s\" sts: the certificate (%s) %s", SHOWN(b->name),
                       b->certificate, why);
    return why == NULL;
}

static void
load_block(struct loading *l, const struct config_tls *b)
{
    char err[PATH_MAX + 200];
    struct tls_pair p = {0};
    bool has = tls_file_certificate(b->certificate, &p, err, sizeof err);
    if (!has)
        tell_tls_fault(l, b->certificate_line, "tls \"%s\" certificate: %s",
                       SHOWN(b->name), err);
    if (!tls_file_key(b->key, &p, err, sizeof err))
        tell_tls_fault(l, b->key_line, "tls \"%s\" key: %s", SHOWN(b->name), err);
    else if (has && !(tls_pair_check(&p, err, sizeof err) &&
                      tls_pair_is_current(&p, err, sizeof err)))
        tell_tls_fault(l, b->certificate_line, "tls \"%s\": %s (%s, %s)",
                       SHOWN(b->name), err, b->certificate, b->key);
    else if (has && check_sts(l, b, &p)) {
        warn_of_pair(l, b, &p);
        add_tls_entry(l, b->certificate_line, b->name, b->certificate, false, &p);
    }
    tls_pair_clear(&p);
}

/* Takes the certificate in memory that is in force. False: there is none. */
static bool
take_self_signed(const struct tls *before, struct tls_pair *p)
{
    if (before == NULL || before->n == 0 || !before->facts[0].self_signed ||
        *before->facts[0].file)
        return false;
    SSL_CTX *x = before->entries[0].context;
    p->certificate = SSL_CTX_get0_certificate(x);
    p->key = SSL_CTX_get0_privatekey(x);
    return X509_up_ref(p->certificate) == 1 && EVP_PKEY_up_ref(p->key) == 1;
}

static void
warn_of_self_signed(const struct loading *l, const struct config_listen *at,
                    const char *name, const char *path, const struct tls_pair *p)
{
    if (!tls_pair_covers(p, name))
        tell_warning(l, at->line,
                     "listen \"%s\": the self-signed certificate %s is not "
                     "for %s; delete it, and the server makes a new one",
                     SHOWN(at->text), path, name);
    if (tls_file_is_open(path))
        tell_warning(l, at->line,
                     "listen \"%s\": every user of this machine can read "
                     "the key in %s; chmod 600 it",
                     SHOWN(at->text), path);
    warn_of_directory(l, at->line, path);
}

/* Clients know the self-signed certificate by its fingerprint, so its dates are no
 * fault: the clock of a machine may have been wrong when it was made, or be wrong now. */
static void
warn_of_dates(const struct loading *l, const struct config_listen *at, const char *path,
              const char *why)
{
    tell_warning(l, at->line,
                 "listen \"%s\": the self-signed certificate %s: %s; it still serves "
                 "clients that check its fingerprint alone",
                 SHOWN(at->text), path, why);
}

static void
load_self_signed(struct loading *l, const struct config_listen *at,
                 const struct tls_self *self)
{
    char path[PATH_MAX] = "", err[PATH_MAX + 400];
    struct tls_pair p = {0};
    if (!l->config->tls_limits.self_signed) {
        tell_tls_fault(
            l, at->line,
            "listen \"%s\": tls = true needs a block tls with a certificate, or "
            "tls_limits.self_signed = true",
            SHOWN(at->text));
        return;
    }
    if (*self->directory)
        str_format(path, sizeof path, "%s/%s", self->directory, SELF_SIGNED_FILE);
    int got = *path == '\0' && take_self_signed(self->before, &p)
                  ? 1
                  : tls_self_signed(path, self->name, self->make, &p, err, sizeof err);
    if (got < 0)
        tell_tls_fault(l, at->line, "listen \"%s\": %s", SHOWN(at->text), err);
    if (got > 0) {
        if (*path)
            warn_of_self_signed(l, at, self->name, path, &p);
        if (!tls_pair_is_current(&p, err, sizeof err))
            warn_of_dates(l, at, path, err);
        add_tls_entry(l, at->line, self->name, path, true, &p);
    }
    tls_pair_clear(&p);
}

void
tls_init(void)
{
    OPENSSL_init_ssl(0, NULL);
    ERR_clear_error();
}

const char *
tls_library(void)
{
    return OpenSSL_version(OPENSSL_VERSION_STRING);
}

struct tls *
tls_load(const char *file, const struct config *c, const struct tls_self *self,
         const struct tls_report *report)
{
    struct tls *t = xcalloc(1, sizeof *t);
    struct loading l = {.tls = t, .file = file, .config = c, .report = report};
    const struct config_listen *at = config_tls_listener(c);
    t->refs = 1;
    for (size_t i = 0; i < c->n_tls; i++)
        load_block(&l, &c->tls[i]);
    if (at && c->n_tls == 0)
        load_self_signed(&l, at, self);
    if (!l.failed)
        return t;
    tls_free(t);
    return NULL;
}

struct tls *
tls_ref(struct tls *t)
{
    t->refs++;
    return t;
}

void
tls_free(struct tls *t)
{
    if (t == NULL || --t->refs > 0)
        return;
    for (size_t i = 0; i < t->n; i++) {
        SSL_CTX_free(t->entries[i].context);
        free(t->entries[i].name);
        free(t->entries[i].file);
    }
    free(t->entries);
    free(t->facts);
    free(t);
}

const struct tls_certificate *
tls_certificates(const struct tls *t, size_t *n)
{
    *n = t->n;
    return t->facts;
}
