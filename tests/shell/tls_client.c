/* OpenSSL as a client, with memory in the place of its socket. */
#include "tls_client.h"

#include "base/mem.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURNS 12 /* enough for a handshake, if the server makes few others */

static void
note_alert(const SSL *ssl, int where, int value)
{
    struct tls_client *c = SSL_get_app_data(ssl);
    if ((where & (SSL_CB_ALERT | SSL_CB_READ)) == (SSL_CB_ALERT | SSL_CB_READ))
        c->alert = value & 0xff;
}

struct tls_client *
tls_client_new_at(struct looped *x, int listener, const char *address)
{
    struct tls_client *c = xcalloc(1, sizeof *c);
    c->x = x;
    c->alert = -1;
    c->fd = looped_connect(x, listener, address);
    c->context = SSL_CTX_new(TLS_client_method());
    c->ssl = SSL_new(c->context);
    c->in = BIO_new(BIO_s_mem());
    c->out = BIO_new(BIO_s_mem());
    CU_ASSERT_FATAL(c->ssl && c->in && c->out);
    BIO_set_mem_eof_return(c->in, -1);
    SSL_set_bio(c->ssl, c->in, c->out);
    SSL_set_app_data(c->ssl, c);
    SSL_set_info_callback(c->ssl, note_alert);
    SSL_set_connect_state(c->ssl);
    return c;
}

struct tls_client *
tls_client_new(struct looped *x, const char *address)
{
    return tls_client_new_at(x, LOOPED_TLS, address);
}

void
tls_client_free(struct tls_client *c)
{
    SSL_free(c->ssl);
    SSL_CTX_free(c->context);
    close(c->fd);
    free(c);
}

void
tls_client_name(struct tls_client *c, const char *name)
{
    char copy[300]; /* the macro of OpenSSL drops a const */
    snprintf(copy, sizeof copy, "%s", name);
    CU_ASSERT_FATAL(SSL_set_tlsext_host_name(c->ssl, copy) == 1);
}

static bool
pull_bytes(struct tls_client *c)
{
    char bytes[16384];
    for (;;) {
        ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
        if (n <= 0)
            return n < 0 && errno == EAGAIN;
        BIO_write(c->in, bytes, (int)n);
    }
}

bool
tls_client_handshake(struct tls_client *c)
{
    pull_bytes(c);
    return SSL_do_handshake(c->ssl) == 1;
}

size_t
tls_client_send(struct tls_client *c, size_t most)
{
    char bytes[16384];
    size_t all = 0;
    while (most > 0) {
        int want = (int)(most < sizeof bytes ? most : sizeof bytes);
        int n = BIO_read(c->out, bytes, want);
        if (n <= 0)
            break;
        ssize_t sent = send(c->fd, bytes, (size_t)n, MSG_NOSIGNAL);
        if (sent < n)
            break; /* the server has closed */
        all += (size_t)n;
        most -= (size_t)n;
    }
    return all;
}

bool
tls_client_connect(struct tls_client *c)
{
    for (int i = 0; i < TURNS; i++) {
        bool done = tls_client_handshake(c);
        tls_client_send(c, SIZE_MAX);
        looped_turns(c->x, 2);
        if (done)
            return true;
    }
    return false;
}

struct tls_client *
tls_client_registered(struct looped *x, const char *address)
{
    struct tls_client *c = tls_client_new(x, address);
    CU_ASSERT_FATAL(tls_client_connect(c));
    CONTAINS(tls_client_ask(c, "NICK ann\r\nUSER ann 0 * :Ann\r\n"), " 001 ann ");
    return c;
}

void
tls_client_say_bytes(struct tls_client *c, const char *bytes, size_t n)
{
    size_t written = 0;
    CU_ASSERT_FATAL(n == 0 || SSL_write_ex(c->ssl, bytes, n, &written) == 1);
}

void
tls_client_say(struct tls_client *c, const char *text)
{
    tls_client_say_bytes(c, text, strlen(text));
}

const char *
tls_client_read(struct tls_client *c)
{
    bool open = pull_bytes(c);
    size_t before = c->n, n = 0;
    while (c->n < sizeof c->got - 1 &&
           SSL_read_ex(c->ssl, c->got + c->n, sizeof c->got - 1 - c->n, &n) == 1)
        c->n += n;
    c->got[c->n] = '\0';
    return open || c->n > before ? c->got : NULL;
}

const char *
tls_client_ask(struct tls_client *c, const char *text)
{
    tls_client_say(c, text);
    for (int i = 0; i < TURNS; i++) {
        tls_client_send(c, SIZE_MAX);
        looped_turns(c->x, 2);
        tls_client_read(c);
    }
    return c->got;
}

static EVP_PKEY *
make_key(const struct pem_wish *wish)
{
    if (wish->rsa)
        return EVP_RSA_gen((unsigned)wish->rsa);
    return wish->ed25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
                         : EVP_EC_gen(wish->group ? wish->group : "P-256");
}

void
pem_make(const struct pem_wish *wish, X509 **certificate, EVP_PKEY **key)
{
    char san[300];
    const char *name = wish->name ? wish->name : "irc.example.org";
    X509 *x = *certificate = X509_new();
    *key = make_key(wish);
    CU_ASSERT_FATAL(x && *key);
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), wish->from * 86400L);
    X509_gmtime_adj(X509_getm_notAfter(x), wish->until * 86400L);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509_set_pubkey(x, *key);
    snprintf(san, sizeof san, "DNS:%s", name);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san);
    X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
    CU_ASSERT_FATAL(X509_sign(x, *key, wish->ed25519 ? NULL : EVP_sha256()) > 0);
}

void
pem_write(const struct pem_wish *wish, const char *certificate, const char *key)
{
    X509 *x;
    EVP_PKEY *k;
    pem_make(wish, &x, &k);
    FILE *f = fopen(key, "w");
    CU_ASSERT_FATAL(f && PEM_write_PrivateKey(f, k, NULL, NULL, 0, NULL, NULL) == 1);
    fclose(f);
    f = fopen(certificate, "w");
    CU_ASSERT_FATAL(f && PEM_write_X509(f, x) == 1);
    fclose(f);
    X509_free(x);
    EVP_PKEY_free(k);
}
