/* Certificates: each fault with its sentence, the choice by name, and the change of all
 * of them at once. */
#include "tls_client.h"

#include "../../src/net/tls_file.h"
#include "box.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

struct told {
    char faults[4000], warnings[4000];
};

static void
add_told(char *to, size_t size, const char *text)
{
    size_t n = strlen(to);
    snprintf(to + n, size - n, "%s\n", text);
}

static void
add_fault(void *ctx, const char *text)
{
    struct told *t = ctx;
    add_told(t->faults, sizeof t->faults, text);
}

static void
add_warning(void *ctx, const char *text)
{
    struct told *t = ctx;
    add_told(t->warnings, sizeof t->warnings, text);
}

/* Loads the certificates of this configuration; '@' in it is the directory. */
static struct tls *
load_in(const struct box *b, const char *config, bool make, struct told *t)
{
    static const struct config_words words = {0};
    char text[2000] = "";
    size_t n = 0;
    for (; *config; config++)
        n += (size_t)snprintf(text + n, sizeof text - n, *config == '@' ? "%s" : "%.1s",
                              *config == '@' ? b->dir : config);
    memset(t, 0, sizeof *t);
    struct config *c = config_parse("t.conf", text, &words, add_fault, t);
    EQUAL_TEXT(t->faults, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    struct tls_self self = {
        .directory = c->database.path, .name = c->server.name, .make = make};
    struct tls *tls =
        tls_load("t.conf", c, &self, &(struct tls_report){add_fault, add_warning, t});
    config_free(c);
    return tls;
}

#define ONE                                                                            \
    "listen 192.0.2.1:1 { tls = on }\n"                                                \
    "tls irc.example.org {\n certificate = '@/c.pem'\n key = '@/k.pem'\n}"

static void
make_in(const struct box *b, const struct pem_wish *wish)
{
    char certificate[100], key[100];
    snprintf(certificate, sizeof certificate, "%s/c.pem", b->dir);
    snprintf(key, sizeof key, "%s/k.pem", b->dir);
    pem_write(wish, certificate, key);
    chmod(key, 0600);
}

static void
write_in(const struct box *b, const char *name, const char *text)
{
    char path[100];
    snprintf(path, sizeof path, "%s/%s", b->dir, name);
    unlink(path);
    if (text)
        box_write_file(path, text, strlen(text));
}

/* A fault of the pair that is in the directory; `want` is in the only sentence. */
static void
expect_fault(const struct box *b, const char *want)
{
    struct told t;
    CU_ASSERT_PTR_NULL(load_in(b, ONE, true, &t));
    CONTAINS(t.faults, want);
    EQUAL_NUMBER(strcspn(t.faults, "\n") + 1, strlen(t.faults));
}

static void
a_pair_with_a_fault_is_refused_with_its_reason(void)
{
    static const struct {
        struct pem_wish wish;
        const char *why;
    } wishes[] = {
        {{.from = -20, .until = -1},
         "t.conf:3: tls \"irc.example.org\": the certificate "
         "has expired on 20"},
        {{.from = 1, .until = 20},
         "t.conf:3: tls \"irc.example.org\": the certificate "
         "is not valid before 20"},
        {{.until = 9, .rsa = 1024},
         "t.conf:3: tls \"irc.example.org\": the RSA key has "
         "1024 bits; at least 2048 are needed ("},
        {{.until = 9, .group = "secp256k1"},
         "t.conf:3: tls \"irc.example.org\": no client knows this kind of key"},
        {{.until = 9, .group = "brainpoolP256r1"}, "no client knows this kind of key"},
    };
    struct box b;
    box_init(&b);
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
        make_in(&b, &wishes[i].wish);
        expect_fault(&b, wishes[i].why);
    }
    make_in(&b, &(struct pem_wish){.until = 9});
    write_in(&b, "c.pem", NULL);
    expect_fault(&b, "t.conf:3: tls \"irc.example.org\" certificate: cannot read ");
    expect_fault(&b, "/c.pem: No such file or directory\n");
    write_in(&b, "c.pem", "no certificate\n");
    expect_fault(&b, "/c.pem holds no certificate in PEM form (BEGIN CERTIFICATE)\n");
    write_in(&b, "c.pem", "");
    expect_fault(&b, "/c.pem holds no certificate in PEM form (BEGIN CERTIFICATE)\n");
    make_in(&b, &(struct pem_wish){.until = 9});
    write_in(&b, "k.pem", "");
    expect_fault(&b, "t.conf:4: tls \"irc.example.org\" key: ");
    expect_fault(&b, "/k.pem holds no private key in PEM form (BEGIN PRIVATE KEY)\n");
    write_in(&b, "k.pem", NULL);
    expect_fault(&b, "/k.pem: No such file or directory\n");
    char other[100], key[100];
    snprintf(other, sizeof other, "%s/other.pem", b.dir);
    snprintf(key, sizeof key, "%s/k.pem", b.dir);
    pem_write(&(struct pem_wish){.until = 9}, other, key);
    expect_fault(&b, "t.conf:3: tls \"irc.example.org\": the key is not that of the "
                     "certificate; both must come from one request (");
    write_in(&b, "k.pem", NULL);
    CU_ASSERT_FATAL(mkfifo(key, 0600) == 0);
    expect_fault(&b, "/k.pem: it is not a regular file\n");
    box_clear(&b);
}

/* A program that verifies could not connect for all of the duration. */
static void
sts_needs_a_certificate_that_clients_accept(void)
{
#define WITH_STS(length)                                                               \
    "listen 192.0.2.1:1 { tls = on }\n"                                                \
    "tls irc.example.org { certificate = '@/c.pem' key = '@/k.pem' sts = " length " }"
    struct box b;
    struct told t;
    box_init(&b);
    make_in(&b, &(struct pem_wish){.until = 9});
    CU_ASSERT_PTR_NULL(load_in(&b, WITH_STS("1d"), true, &t));
    CONTAINS(t.faults, "t.conf:2: tls \"irc.example.org\" sts: the certificate (");
    struct tls *ended = load_in(&b, WITH_STS("0s"), true, &t);
    CU_ASSERT_PTR_NOT_NULL(ended);
    tls_free(ended);
    make_in(&b, &(struct pem_wish){.name = "irc.example.net", .until = 9});
    CU_ASSERT_PTR_NULL(load_in(&b, WITH_STS("1d"), true, &t));
    CONTAINS(t.faults, "t.conf:2: tls \"irc.example.org\" sts: the certificate (");
    CONTAINS(t.faults, "is for other names, and programs that keep to sts refuse it");
    box_clear(&b);
}

static void
a_key_with_a_passphrase_is_refused_with_the_cure(void)
{
    struct box b;
    char key[100];
    box_init(&b);
    make_in(&b, &(struct pem_wish){.until = 9});
    snprintf(key, sizeof key, "%s/k.pem", b.dir);
    EVP_PKEY *k = EVP_EC_gen("P-256");
    FILE *f = fopen(key, "w");
    CU_ASSERT_FATAL(f && k);
    PEM_write_PKCS8PrivateKey(f, k, EVP_aes_128_cbc(), "word", 4, NULL, NULL);
    fclose(f);
    EVP_PKEY_free(k);
    expect_fault(&b, "/k.pem has a passphrase; `openssl pkey -in ");
    box_clear(&b);
}

static void
what_may_be_a_problem_is_a_warning(void)
{
    struct box b;
    struct told t;
    char key[100];
    box_init(&b);
    snprintf(key, sizeof key, "%s/k.pem", b.dir);
    make_in(&b, &(struct pem_wish){.until = 9});
    tls_free(load_in(&b, ONE, true, &t));
    EQUAL_TEXT(t.faults, "");
    EQUAL_TEXT(t.warnings, "");
    chmod(key, 0644);
    tls_free(load_in(&b, ONE, true, &t));
    CONTAINS(t.warnings,
             "t.conf:4: tls \"irc.example.org\": every user of this machine "
             "can read the key; chmod o-r ");
    CONTAINS(t.warnings, "/k.pem\n");
    make_in(&b, &(struct pem_wish){.name = "irc.example.com", .until = 9});
    tls_free(load_in(&b, ONE, true, &t));
    CONTAINS(t.warnings, "t.conf:3: tls \"irc.example.org\": the certificate is for "
                         "other names");
    make_in(&b, &(struct pem_wish){.name = "*.example.org", .until = 9});
    tls_free(load_in(&b, ONE, true, &t));
    EQUAL_TEXT(t.warnings, "");
    make_in(&b, &(struct pem_wish){.until = 9, .ed25519 = true});
    tls_free(load_in(&b, ONE, true, &t));
    EQUAL_TEXT(t.faults, "");
    CONTAINS(t.warnings, "browsers refuse this kind of key");
    make_in(&b, &(struct pem_wish){.until = 9, .group = "P-521"});
    tls_free(load_in(&b, ONE, true, &t));
    CONTAINS(t.warnings, "browsers refuse this kind of key");
    make_in(&b, &(struct pem_wish){.until = 9, .group = "P-384"});
    tls_free(load_in(&b, ONE, true, &t));
    EQUAL_TEXT(t.warnings, "");
    chmod(b.dir, 0777);
    tls_free(load_in(&b, ONE, true, &t));
    CONTAINS(t.warnings,
             "/c.pem: every user of this machine may write in its directory");
    CONTAINS(t.warnings,
             "/k.pem: every user of this machine may write in its directory");
    chmod(b.dir, 0700);
    make_in(&b, &(struct pem_wish){.until = 9, .rsa = 2048});
    tls_free(load_in(&b, ONE, true, &t));
    EQUAL_TEXT(t.faults, "");
    EQUAL_TEXT(t.warnings, "");
    box_clear(&b);
}

/* Adds the first `n` bytes of the certificate in c.pem to it. */
static void
lengthen_chain(const struct box *b, size_t n)
{
    char path[100], text[4096], bytes[4096];
    snprintf(path, sizeof path, "%s/c.pem", b->dir);
    FILE *f = fopen(path, "r+");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    size_t got = fread(text, 1, sizeof text - 1, f);
    text[got] = '\0';
    size_t one = (size_t)(strstr(text, "-----END") - text) + 26;
    memcpy(bytes, text, one);
    fseek(f, 0, SEEK_END);
    fwrite(bytes, 1, n < one ? n : one, f);
    fclose(f);
}

/* Without a part of its chain, a certificate could not be verified. */
static void
a_chain_is_taken_whole_or_not_at_all(void)
{
    struct box b;
    struct told t;
    box_init(&b);
    make_in(&b, &(struct pem_wish){.until = 9});
    for (int i = 0; i < 16; i++)
        lengthen_chain(&b, SIZE_MAX);
    struct tls *whole = load_in(&b, ONE, true, &t);
    CU_ASSERT_PTR_NOT_NULL(whole);
    tls_free(whole);
    lengthen_chain(&b, SIZE_MAX);
    expect_fault(&b, "/c.pem holds too many certificates\n");
    make_in(&b, &(struct pem_wish){.until = 9});
    lengthen_chain(&b, 200);
    expect_fault(&b, "t.conf:3: tls \"irc.example.org\" certificate: ");
    expect_fault(&b, "/c.pem is damaged or cut off; write or copy it again\n");
    box_clear(&b);
}

static void
all_faults_are_told_at_once(void)
{
    struct box b;
    struct told t;
    box_init(&b);
    CU_ASSERT_PTR_NULL(load_in(&b,
                               "tls a.b { certificate = '@/1' key = '@/2' }\n"
                               "tls c.d { certificate = '@/3' key = '@/4' }",
                               true, &t));
    for (int i = 1; i <= 4; i++) {
        char want[20];
        snprintf(want, sizeof want, "/%d: No such", i);
        CONTAINS(t.faults, want);
    }
    box_clear(&b);
}

static void
without_a_block_the_server_makes_its_own_once(void)
{
    static const char config[] = "listen 192.0.2.1:1 { tls = on }\n"
                                 "server { name = irc.example.org }\n"
                                 "database { path = '@' }";
    static const char other_name[] = "listen 192.0.2.1:1 { tls = on }\n"
                                     "server { name = irc.example.com }\n"
                                     "database { path = '@' }";
    struct box b;
    struct told t;
    struct stat st;
    char path[100];
    size_t n;
    box_init(&b);
    snprintf(path, sizeof path, "%s/tls.pem", b.dir);
    struct tls *none = load_in(&b, config, false, &t);
    tls_certificates(none, &n);
    EQUAL_NUMBER(n, 0);
    CU_ASSERT(stat(path, &st) != 0);
    struct tls *made = load_in(&b, config, true, &t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(made);
    const struct tls_certificate *all = tls_certificates(made, &n);
    CU_ASSERT_TRUE_FATAL(n == 1);
    EQUAL_TEXT(all->name, "irc.example.org");
    EQUAL_TEXT(all->file, path);
    CU_ASSERT(all->self_signed);
    msec left = all->until - loop_wall();
    CU_ASSERT(left > 3649 * MSEC_DAY && left < 3651 * MSEC_DAY);
    CU_ASSERT(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    struct tls *again = load_in(&b, config, true, &t);
    EQUAL_TEXT(tls_certificates(again, &n)->fingerprint, all->fingerprint);
    EQUAL_TEXT(t.warnings, "");
    chmod(path, 0644);
    chmod(b.dir, 0777);
    tls_free(load_in(&b, other_name, true, &t));
    CONTAINS(t.warnings,
             "t.conf:1: listen \"192.0.2.1:1\": the self-signed certificate ");
    CONTAINS(t.warnings, "/tls.pem is not for irc.example.com; delete it, and the "
                         "server makes a new one\n");
    CONTAINS(t.warnings, "every user of this machine can read the key in ");
    CONTAINS(t.warnings, "/tls.pem: every user of this machine may write in its dir");
    chmod(b.dir, 0700);
    write_in(&b, "tls.pem", "damaged");
    CU_ASSERT_PTR_NULL(load_in(&b, config, true, &t));
    CONTAINS(
        t.faults,
        "/tls.pem holds no certificate in PEM form (BEGIN CERTIFICATE); delete it, "
        "and the server makes a new one\n");
    CU_ASSERT_PTR_NULL(load_in(&b,
                               "tls_limits { self_signed = off }\n"
                               "listen 192.0.2.1:1 { tls = on }",
                               true, &t));
    CONTAINS(t.faults,
             "t.conf:2: listen \"192.0.2.1:1\": tls = true needs a block tls");
    tls_free(none);
    tls_free(made);
    tls_free(again);
    box_clear(&b);
}

/* The clock was wrong when it was made, or is wrong now. */
static void
dates_of_the_self_signed_certificate_are_no_fault(void)
{
    static const char config[] = "listen 192.0.2.1:1 { tls = on }\n"
                                 "database { path = '@' }";
    static const struct {
        struct pem_wish wish;
        const char *why;
    } wishes[] = {
        {{.from = -20, .until = -1}, "/tls.pem: the certificate has expired on 20"},
        {{.from = 1, .until = 20}, "/tls.pem: the certificate is not valid before 20"},
    };
    struct box b;
    struct told t;
    box_init(&b);
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
        char path[100], text[8192] = "", *at = text;
        make_in(&b, &wishes[i].wish);
        for (const char *name = "kc"; *name; name++) {
            size_t n;
            snprintf(path, sizeof path, "%s/%c.pem", b.dir, *name);
            char *part = box_read_file(path, &n);
            memcpy(at, part, n);
            at += n;
            free(part);
        }
        write_in(&b, "tls.pem", text);
        struct tls *tls = load_in(&b, config, true, &t);
        CU_ASSERT_PTR_NOT_NULL(tls);
        EQUAL_TEXT(t.faults, "");
        CONTAINS(t.warnings, wishes[i].why);
        tls_free(tls);
    }
    box_clear(&b);
}

/* The common name of the certificate that a client gets. */
static const char *
served_name(struct looped *x, const char *asked)
{
    static char name[256];
    struct tls_client *c = tls_client_new(x, "192.0.2.1");
    if (asked)
        tls_client_name(c, asked);
    name[0] = '\0';
    if (tls_client_connect(c)) {
        X509 *got = SSL_get1_peer_certificate(c->ssl);
        X509_NAME_get_text_by_NID(X509_get_subject_name(got), NID_commonName, name,
                                  sizeof name);
        X509_free(got);
    }
    tls_client_free(c);
    looped_turns(x, 2);
    return name;
}

static void
the_certificate_is_chosen_by_name(void)
{
    static const char *const names[] = {"first.example.org", "*.example.org",
                                        "irc.example.org"};
    static const struct {
        const char *asked, *want;
    } cases[] = {
        {NULL, "first.example.org"},
        {"irc.example.org", "irc.example.org"},
        {"IRC.Example.Org", "irc.example.org"},
        {"web.example.org", "*.example.org"},
        {"a.web.example.org", "first.example.org"},
        {"example.org", "first.example.org"},
        {"other.test", "first.example.org"},
        {"first.example.org", "first.example.org"},
    };
    struct box b;
    struct looped *x =
        looped_new("limits { connect_rate = \"99/1s\" unregistered_per_host = 99 }");
    char config[2000] = "";
    box_init(&b);
    for (int i = 0; i < 3; i++) {
        char certificate[100], key[100];
        snprintf(certificate, sizeof certificate, "%s/c%d", b.dir, i);
        snprintf(key, sizeof key, "%s/k%d", b.dir, i);
        pem_write(&(struct pem_wish){.name = names[i], .until = 9}, certificate, key);
        snprintf(config + strlen(config), sizeof config - strlen(config),
                 "tls '%s' { certificate = '%s' key = '%s' }\n", names[i], certificate,
                 key);
    }
    looped_use_tls(x, config);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EQUAL_TEXT(served_name(x, cases[i].asked), cases[i].want);
    looped_free(x);
    box_clear(&b);
}

/* A client in its handshake and one that talks keep the certificate with which they
 * began. */
static void
a_change_of_certificates_disturbs_no_connection(void)
{
    static const char in_memory[] = "database { path = '' } server { name = a.b }";
    struct looped *x = looped_new("limits { unregistered_per_host = 99 }");
    looped_use_tls(x, "database { path = '' }");
    struct tls_client *old = tls_client_new(x, "192.0.2.1");
    struct tls_client *half = tls_client_new(x, "192.0.2.1");
    CU_ASSERT_FATAL(tls_client_connect(old));
    tls_client_name(half, "irc.localhost");
    tls_client_handshake(half);
    tls_client_send(half, 40); /* half a ClientHello: its name comes later */
    looped_turns(x, 2);
    EQUAL_NUMBER(x->loop->under_way, 1);
    looped_use_tls(x, in_memory);
    EQUAL_TEXT(served_name(x, NULL), "a.b");
    CU_ASSERT(tls_client_connect(half));
    X509 *got = SSL_get1_peer_certificate(half->ssl);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got);
    EQUAL_NUMBER(X509_check_host(got, "irc.localhost", 0, 0, NULL), 1);
    X509_free(got);
    CONTAINS(tls_client_ask(old, "NICK ann\r\nUSER ann 0 * :Ann\r\n"), " 001 ann ");
    tls_client_free(half);
    tls_client_free(old);
    looped_free(x);
}

SUITE(tls)
{
    TEST(a_pair_with_a_fault_is_refused_with_its_reason);
    TEST(sts_needs_a_certificate_that_clients_accept);
    TEST(a_key_with_a_passphrase_is_refused_with_the_cure);
    TEST(what_may_be_a_problem_is_a_warning);
    TEST(a_chain_is_taken_whole_or_not_at_all);
    TEST(all_faults_are_told_at_once);
    TEST(without_a_block_the_server_makes_its_own_once);
    TEST(dates_of_the_self_signed_certificate_are_no_fault);
    TEST(the_certificate_is_chosen_by_name);
    TEST(a_change_of_certificates_disturbs_no_connection);
}
