/* A certificate and its key, from files. */
#ifndef SRC_NET_TLS_FILE_H
#define SRC_NET_TLS_FILE_H

#include "net/tls.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

/* A zeroed struct is empty. */
struct tls_pair {
    X509 *certificate;
    STACK_OF(X509) * chain; /* further certificates of the file, in its order */
    EVP_PKEY *key;
};

/* Frees all parts; the struct is empty then. */
void tls_pair_clear(struct tls_pair *p);

/* Reads the certificates of a PEM file into p, of which these fields are empty. False
 * with the reason in err; p may hold some of them then. */
bool tls_file_certificate(const char *path, struct tls_pair *p, char *err,
                          size_t errlen);

/* Reads the private key of a PEM file into p, which has none. False with the reason in
 * err. */
bool tls_file_key(const char *path, struct tls_pair *p, char *err, size_t errlen);

/* Whether users other than the owner and the group may read the file. */
bool tls_file_is_open(const char *path);

/* Whether all users may write in the directory of the file or of its target. */
bool tls_file_is_replaceable(const char *path);

/* Whether the key belongs to the certificate, is strong enough and of a kind that clients
 * know. False with the reason. */
bool tls_pair_check(const struct tls_pair *p, char *err, size_t errlen);

/* Whether the certificate is valid at this moment. False with the reason. */
bool tls_pair_is_current(const struct tls_pair *p, char *err, size_t errlen);

/* Whether the certificate is for this server name, or for each name of "*.NAME". */
bool tls_pair_covers(const struct tls_pair *p, const char *name);

/* Whether the file has one certificate alone, which says where that of its issuer is: a
 * public authority signs with an intermediate one, which clients lack. */
bool tls_pair_lacks_chain(const struct tls_pair *p);

/* Whether browsers refuse this kind of key. */
bool tls_pair_is_rare(const struct tls_pair *p);

/* Whether no authority has signed the certificate but itself. */
bool tls_pair_is_self_signed(const struct tls_pair *p);

/* The moment at which the certificate ends, as wall time. */
msec tls_pair_until(const struct tls_pair *p);

/* The SHA-256 of a certificate in lower-case hex. False: out of memory. */
bool tls_fingerprint_of(const X509 *certificate, char out[static TLS_FINGERPRINT]);

/* The self-signed certificate of this server, valid for ten years: read from `path`, or
 * made and written there with its key (mode 0600) if the file is missing. `path` "":
 * made in memory. `name` is the server's; p is empty. 1: p has it, also if it is not valid at this moment. 0: there is none,
 * and `make` is false. -1 with the reason. */
int tls_self_signed(const char *path, const char *name, bool make, struct tls_pair *p,
                    char *err, size_t errlen);

#endif
