/* Reads certificates and keys, and judges them. It must never take half of a pair, nor
 * leave the bytes of a key in memory. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "tls_file.h"

#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHAIN_MAX 16     /* certificates of a file, behind the first one */
#define FILE_MAX 1048576 /* bytes of a file */
#define RSA_BITS_LEAST 2048
#define BUFFER 4096

/* A file that is read through a buffer of its own, which is wiped. */
struct pem_file {
    BIO *bio;
    char *buffer;
};

void
tls_pair_clear(struct tls_pair *p)
{
    X509_free(p->certificate);
    sk_X509_pop_free(p->chain, X509_free);
    EVP_PKEY_free(p->key);
    *p = (struct tls_pair){0};
}

static bool
refuse_tls_file(int fd, const char *why, char *err, size_t errlen)
{
    str_format(err, errlen, "%s", why);
    if (fd >= 0)
        close(fd);
    return false;
}

/* A FIFO would block the server until another process writes. */
static bool
open_pem(const char *path, struct pem_file *f, char *err, size_t errlen)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0)
        return refuse_tls_file(fd, strerror(errno), err, errlen);
    if (!S_ISREG(st.st_mode))
        return refuse_tls_file(fd, "it is not a regular file", err, errlen);
    if (st.st_size > FILE_MAX)
        return refuse_tls_file(fd, "it is larger than 1 MiB", err, errlen);
    FILE *stream = fdopen(fd, "r");
    if (stream == NULL)
        return refuse_tls_file(fd, strerror(errno), err, errlen);
    f->buffer = xmalloc(BUFFER);
    setvbuf(stream, f->buffer, _IOFBF, BUFFER);
    f->bio = BIO_new_fp(stream, BIO_CLOSE);
    if (f->bio)
        return true;
    fclose(stream);
    free(f->buffer);
    return refuse_tls_file(-1, "not enough memory", err, errlen);
}

static void
close_pem(struct pem_file *f)
{
    BIO_free(f->bio);
    mem_wipe(f->buffer, BUFFER);
    free(f->buffer);
    ERR_clear_error();
}

/* Why no certificate was read; NULL: the file has no more of them. */
static const char *
find_damage(void)
{
    unsigned long error = ERR_peek_last_error();
    bool ended = ERR_GET_LIB(error) == ERR_LIB_PEM &&
                 ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
    return ended ? NULL : "is damaged or cut off; write or copy it again";
}

/* A client cannot verify a server that has lost a part of its chain. Returns what is
 * wrong with the file; NULL: nothing. */
static const char *
read_certificates(BIO *bio, struct tls_pair *p)
{
    ERR_clear_error();
    p->chain = sk_X509_new_null();
    p->certificate = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
    if (p->certificate == NULL) {
        const char *damage = find_damage();
        return damage ? damage : "holds no certificate in PEM form (BEGIN CERTIFICATE)";
    }
    X509 *next;
    while (p->chain && (next = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
        if (sk_X509_push(p->chain, next) > CHAIN_MAX)
            return "holds too many certificates";
    return find_damage();
}

/* The rights of a file, or of a directory on the way, may be the reason. */
static bool
refuse_unreadable(const char *path, const char *why, char *err, size_t errlen)
{
    str_format(err, errlen, "cannot read %s: %s", path, why);
    if (strcmp(why, strerror(EACCES)) == 0)
        str_format(err, errlen,
                   "cannot read %s: %s for uid %u; `namei -l %s` shows the rights",
                   path, why, (unsigned)geteuid(), path);
    return false;
}

bool
tls_file_certificate(const char *path, struct tls_pair *p, char *err, size_t errlen)
{
    struct pem_file f;
    char why[128];
    if (!open_pem(path, &f, why, sizeof why))
        return refuse_unreadable(path, why, err, errlen);
    const char *wrong = read_certificates(f.bio, p);
    close_pem(&f);
    if (wrong)
        str_format(err, errlen, "%s %s", path, wrong);
    return wrong == NULL;
}

/* Called if a key has a passphrase. */
static int
note_passphrase(char *out, int size, int writes, void *ctx)
{
    (void)out, (void)size, (void)writes;
    *(bool *)ctx = true;
    return -1;
}

bool
tls_file_key(const char *path, struct tls_pair *p, char *err, size_t errlen)
{
    struct pem_file f;
    char why[128];
    bool locked = false;
    if (!open_pem(path, &f, why, sizeof why))
        return refuse_unreadable(path, why, err, errlen);
    p->key = PEM_read_bio_PrivateKey(f.bio, NULL, note_passphrase, &locked);
    close_pem(&f);
    if (p->key)
        return true;
    if (locked)
        str_format(err, errlen,
                   "the key in %s has a passphrase; `openssl pkey -in %s` writes it "
                   "without",
                   path, path);
    else
        str_format(err, errlen,
                   "%s holds no private key in PEM form (BEGIN PRIVATE KEY)", path);
    return false;
}

bool
tls_file_is_open(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && st.st_mode & S_IROTH;
}

static bool
is_open_directory(const char *file)
{
    char directory[PATH_MAX];
    struct stat st;
    const char *slash = strrchr(file, '/');
    str_format(directory, sizeof directory, "%.*s", slash ? (int)(slash - file + 1) : 1,
               slash ? file : ".");
    return stat(directory, &st) == 0 && st.st_mode & S_IWOTH;
}

bool
tls_file_is_replaceable(const char *path)
{
    char *real = realpath(path, NULL);
    bool is = is_open_directory(path) || (real && is_open_directory(real));
    free(real);
    return is;
}

/* How many clients know this kind of key. */
enum spread { NO_CLIENT, NOT_BROWSERS, ALL_CLIENTS };

static enum spread
find_spread(const EVP_PKEY *key)
{
    static const struct {
        const char *kind, *group; /* NULL: it has none */
        enum spread spread;
    } kinds[] = {
        {"RSA", NULL, ALL_CLIENTS},       {"EC", "prime256v1", ALL_CLIENTS},
        {"EC", "secp384r1", ALL_CLIENTS}, {"EC", "secp521r1", NOT_BROWSERS},
        {"RSA-PSS", NULL, NOT_BROWSERS},  {"ED25519", NULL, NOT_BROWSERS},
        {"ED448", NULL, NOT_BROWSERS},
    };
    char group[64] = "";
    EVP_PKEY_get_group_name(key, group, sizeof group, NULL);
    ERR_clear_error();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (EVP_PKEY_is_a(key, kinds[i].kind) &&
            (kinds[i].group == NULL || strcmp(kinds[i].group, group) == 0))
            return kinds[i].spread;
    return NO_CLIENT;
}

/* Writes a moment as 2031-05-04. */
static void
write_date(const ASN1_TIME *t, char out[static 32])
{
    struct tm tm = {0};
    ASN1_TIME_to_tm(t, &tm);
    str_format(out, 32, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

/* Whether the key is that of a certificate behind the first one. */
static bool
is_key_of_chain(const struct tls_pair *p)
{
    for (int i = 0; i < sk_X509_num(p->chain); i++)
        if (X509_check_private_key(sk_X509_value(p->chain, i), p->key) == 1)
            return true;
    return false;
}

bool
tls_pair_check(const struct tls_pair *p, char *err, size_t errlen)
{
    int bits = EVP_PKEY_get_bits(p->key);
    bool fits = X509_check_private_key(p->certificate, p->key) == 1;
    bool is_later = !fits && is_key_of_chain(p);
    ERR_clear_error();
    if (!fits) {
        str_format(err, errlen,
                   is_later ? "the certificate of the key is not the first one in its "
                              "file; put it before those that lead to its authority"
                            : "the key is not that of the certificate; both must come "
                              "from one request");
        return false;
    }
    if (EVP_PKEY_get_base_id(p->key) == EVP_PKEY_RSA && bits < RSA_BITS_LEAST) {
        str_format(err, errlen, "the RSA key has %d bits; at least %d are needed", bits,
                   RSA_BITS_LEAST);
        return false;
    }
    if (find_spread(p->key) == NO_CLIENT) {
        str_format(err, errlen,
                   "no client knows this kind of key; ECDSA P-256 and RSA work "
                   "everywhere");
        return false;
    }
    return true;
}

bool
tls_pair_lacks_chain(const struct tls_pair *p)
{
    return sk_X509_num(p->chain) == 0 &&
           X509_get_ext_by_NID(p->certificate, NID_info_access, -1) >= 0;
}

bool
tls_pair_is_current(const struct tls_pair *p, char *err, size_t errlen)
{
    char date[32];
    const ASN1_TIME *from = X509_get0_notBefore(p->certificate);
    const ASN1_TIME *until = X509_get0_notAfter(p->certificate);
    if (X509_cmp_current_time(from) > 0) {
        write_date(from, date);
        str_format(err, errlen,
                   "the certificate is not valid before %s; check the clock of this "
                   "machine",
                   date);
        return false;
    }
    if (X509_cmp_current_time(until) < 0) {
        write_date(until, date);
        str_format(err, errlen, "the certificate has expired on %s; renew it", date);
        return false;
    }
    return true;
}

bool
tls_pair_covers(const struct tls_pair *p, const char *name)
{
    char one[300];
    bool every = strncmp(name, "*.", 2) == 0;
    str_format(one, sizeof one, "%s%s", every ? "any-name" : "",
               every ? name + 1 : name);
    return X509_check_host(p->certificate, one, 0, 0, NULL) == 1;
}

bool
tls_pair_is_rare(const struct tls_pair *p)
{
    return find_spread(p->key) == NOT_BROWSERS;
}

bool
tls_pair_is_self_signed(const struct tls_pair *p)
{
    return X509_get_extension_flags(p->certificate) & EXFLAG_SS;
}

msec
tls_pair_until(const struct tls_pair *p)
{
    int days = 0, seconds = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    if (epoch)
        ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(p->certificate));
    ASN1_TIME_free(epoch);
    return days * MSEC_DAY + seconds * MSEC_SECOND;
}

bool
tls_fingerprint_of(const X509 *certificate, char out[static TLS_FINGERPRINT])
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    out[0] = '\0';
    if (X509_digest(certificate, EVP_sha256(), sum, &n) != 1)
        return false;
    sodium_bin2hex(out, TLS_FINGERPRINT, sum, n);
    return true;
}
