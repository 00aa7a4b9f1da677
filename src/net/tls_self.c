/* The certificate that the server makes for itself, so that a first start serves TLS.
 * Clients can keep its fingerprint; no authority has signed it. The file must be whole
 * or missing, whatever happens while it is written. */
#include "tls_file.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define YEARS_SECONDS (10L * 365 * 86400)
#define CLOCK_SLACK 86400L /* seconds that the clock of a client may be behind */

static bool
add_extension(X509 *x, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool added = e && X509_add_ext(x, e, -1) == 1;
    X509_EXTENSION_free(e);
    return added;
}

static bool
set_serial(X509 *x)
{
    uint64_t number = 0;
    return RAND_bytes((unsigned char *)&number, sizeof number) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), number >> 1) == 1;
}

static bool
set_names(X509 *x, const char *name)
{
    char san[300];
    X509_NAME *subject = X509_get_subject_name(x);
    str_format(san, sizeof san, "DNS:%s", name);
    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                      (const unsigned char *)name, -1, -1, 0) == 1 &&
           X509_set_issuer_name(x, subject) == 1 &&
           add_extension(x, NID_subject_alt_name, san);
}

static bool
make_certificate(const char *name, struct tls_pair *p)
{
    p->key = EVP_EC_gen("P-256");
    X509 *x = p->certificate = X509_new();
    p->chain = sk_X509_new_null();
    return p->key && x && p->chain && X509_set_version(x, X509_VERSION_3) == 1 &&
           set_serial(x) && X509_gmtime_adj(X509_getm_notBefore(x), -CLOCK_SLACK) &&
           X509_gmtime_adj(X509_getm_notAfter(x), YEARS_SECONDS) &&
           X509_set_pubkey(x, p->key) == 1 && set_names(x, name) &&
           add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(x, NID_key_usage, "critical,digitalSignature") &&
           add_extension(x, NID_ext_key_usage, "serverAuth") &&
           X509_sign(x, p->key, EVP_sha256()) != 0;
}

/* Writes the key and the certificate to a new file. */
static bool
write_pair(int fd, const struct tls_pair *p)
{
    FILE *f = fdopen(fd, "w");
    if (f == NULL) {
        close(fd);
        return false;
    }
    bool written =
        PEM_write_PKCS8PrivateKey(f, p->key, NULL, NULL, 0, NULL, NULL) == 1 &&
        PEM_write_X509(f, p->certificate) == 1 && fflush(f) == 0 && fsync(fd) == 0;
    int error = errno;
    written = fclose(f) == 0 && written;
    errno = error;
    return written;
}

static bool
save_pair(const char *path, const struct tls_pair *p, char *err, size_t errlen)
{
    char part[PATH_MAX];
    str_format(part, sizeof part, "%s.new", path);
    unlink(part); /* an earlier start may have left it */
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0 && write_pair(fd, p) && rename(part, path) == 0)
        return true;
    str_format(err, errlen, "cannot write the self-signed certificate to %s: %s", path,
               strerror(errno));
    if (fd >= 0)
        unlink(part);
    return false;
}

static int
read_self_signed(const char *path, struct tls_pair *p, char *err, size_t errlen)
{
    char why[PATH_MAX + 200], wrong[200];
    bool got = tls_file_certificate(path, p, why, sizeof why) &&
               tls_file_key(path, p, why, sizeof why);
    if (got && tls_pair_check(p, wrong, sizeof wrong))
        return 1;
    if (got)
        str_format(why, sizeof why, "%s: %s", path, wrong);
    str_format(err, errlen,
               "the self-signed certificate: %s; delete it, and the server makes a "
               "new one",
               why);
    return -1;
}

int
tls_self_signed(const char *path, const char *name, bool make, struct tls_pair *p,
                char *err, size_t errlen)
{
    struct stat st;
    if (*path && lstat(path, &st) == 0)
        return read_self_signed(path, p, err, errlen);
    if (!make)
        return 0;
    bool made = make_certificate(name, p);
    ERR_clear_error();
    if (!made)
        str_format(err, errlen, "cannot make a self-signed certificate");
    return made && (*path == '\0' || save_pair(path, p, err, errlen)) ? 1 : -1;
}
