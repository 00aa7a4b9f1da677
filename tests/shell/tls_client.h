/* A client of TLS for tests, with the bytes of both ways in its hands: they can be cut
 * anywhere. It needs no thread. */
#ifndef TESTS_TLS_CLIENT_H
#define TESTS_TLS_CLIENT_H

#include "looped.h"

#include <openssl/ssl.h>

struct tls_client {
    struct looped *x;
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out; /* bytes from the server, to the server */
    int fd;
    int alert;         /* description of the last alert that came; -1: none */
    char got[1 << 18]; /* the text that has come, all of it */
    size_t n;
};

/* A connection to the listener LOOPED_TLS from this address. It has sent nothing. */
struct tls_client *tls_client_new(struct looped *x, const char *address);
/* The same to another listener with TLS. */
struct tls_client *tls_client_new_at(struct looped *x, int listener,
                                     const char *address);
void tls_client_free(struct tls_client *c);

/* Will ask for the certificate of this server name. */
void tls_client_name(struct tls_client *c, const char *name);

/* Goes on with the handshake; true: it is done for the client. It sends nothing. */
bool tls_client_handshake(struct tls_client *c);
/* Makes the whole handshake, with turns between. False: it has failed. */
bool tls_client_connect(struct tls_client *c);

/* A client that has made the handshake and registered as ann. */
struct tls_client *tls_client_registered(struct looped *x, const char *address);

/* Encrypts text. */
void tls_client_say(struct tls_client *c, const char *text);
void tls_client_say_bytes(struct tls_client *c, const char *bytes, size_t n);
/* Sends at most `most` encrypted bytes. Returns how many. */
size_t tls_client_send(struct tls_client *c, size_t most);
/* Reads all that has come. NULL: the connection has ended. */
const char *tls_client_read(struct tls_client *c);
/* Says text, and makes turns until all answers are there. */
const char *tls_client_ask(struct tls_client *c, const char *text);

/* --- certificates --- */

struct pem_wish {
    const char *name; /* in the certificate; NULL: "irc.example.org" */
    int from, until;  /* days from now */
    int rsa;          /* bits of an RSA key; 0: ECDSA P-256 */
    bool ed25519;
    const char *group; /* of an EC key; NULL: P-256 */
};

/* Makes a certificate and its key. */
void pem_make(const struct pem_wish *wish, X509 **certificate, EVP_PKEY **key);
/* The same, into two files. */
void pem_write(const struct pem_wish *wish, const char *certificate, const char *key);

#endif
