/* OPER by a client certificate, with a password or without, and OPER without TLS. */
#include "policy/host.h"
#include "policy/oper_lockout.h"
#include "world.h"

#define ONE "1111111111111111111111111111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222222222222222222222222222"
#define BOTH                                                                           \
    "oper \"both\" { password = \"$argon2id$secret\" certfp = { \"" ONE "\" } "        \
    "hosts = { \"*@*\" } privileges = { \"all\" } }\n"
#define CERT                                                                           \
    "oper \"cert\" { certfp = { \"" ONE "\", \"" TWO "\" } hosts = { \"*@*\" } "       \
    "privileges = { \"kill\" } }\n"
#define PASS "oper \"pass\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } }\n"

static struct actor *
certified(struct world *w, const char *nick, const char *certfp)
{
    struct connection_info info = {
        .listener = "test", .secure = true, .certfp = certfp};
    return world_user_with(w, nick, info);
}

/* The failed attempts that count for the host of the client. */
static int
fails(const struct world *w, const struct actor *a)
{
    int n, seconds;
    oper_lockout_look(w->srv, host_find(w->srv, client_addr(a->client)), &n, &seconds);
    return n;
}

static bool
is_oper(const struct actor *a, const char *block)
{
    return a->client->user.oper && strcmp(a->client->user.oper, block) == 0;
}

static void
each_block_wants_what_it_names(void)
{
    enum { FAILS, PASSES, TOO_FEW };
    static const struct {
        const char *certfp, *line;
        int outcome;
        const char *why; /* in the log */
    } cases[] = {
        {ONE, "OPER cert", PASSES, "name=cert certfp=" ONE},
        {TWO, "OPER cert", PASSES, "name=cert"},
        {ONE, "OPER cert *", PASSES, "name=cert"},
        {ONE, "OPER cert :any words", PASSES, "name=cert"},
        {NULL, "OPER cert", TOO_FEW, NULL},
        {NULL, "OPER cert secret", FAILS, "name=cert why=\"no certificate\""},
        {"33", "OPER cert", FAILS, "certfp=33 why=\"no password\""},
        {"33", "OPER cert *", FAILS, "why=\"not a certificate of the block\""},
        {ONE, "OPER both secret", PASSES, "name=both"},
        {ONE, "OPER both wrong", FAILS, "why=\"wrong password\""},
        {ONE, "OPER both", FAILS, "why=\"no password\""},
        {TWO, "OPER both secret", FAILS, "why=\"not a certificate of the block\""},
        {NULL, "OPER both secret", FAILS, "why=\"no certificate\""},
        {NULL, "OPER pass secret", PASSES, "name=pass"},
        {ONE, "OPER pass secret", PASSES, "name=pass"},
        {ONE, "OPER pass", FAILS, "why=\"no password\""},
        {NULL, "OPER pass", TOO_FEW, NULL},
        {ONE, "OPER none", FAILS, "why=\"no password\""},
        {ONE, "OPER none secret", FAILS, "why=\"no such operator\""},
        {NULL, "OPER none", TOO_FEW, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(BOTH CERT PASS);
        struct actor *ann = certified(w, "ann", cases[i].certfp);
        world_say(w, ann, cases[i].line);
        EQUAL_NUMBER(ann->client->user.oper != NULL, cases[i].outcome == PASSES);
        EQUAL_NUMBER(fails(w, ann), cases[i].outcome == FAILS);
        if (cases[i].outcome == PASSES)
            AWAIT(w, ann, ":irc.localhost 381 ann :*");
        else if (cases[i].outcome == FAILS)
            EXPECT(w, ann, ":irc.localhost 464 ann :Password incorrect");
        else
            EXPECT(w, ann, ":irc.localhost 461 ann OPER :*");
        if (cases[i].why)
            CONTAINS(w->logged, cases[i].why);
        NEVER(w, ann, "* 381 *");
        world_free(w);
    }
}

/* Nothing that the client can see says whether the name, the certificate or the password
 * was wrong. */
static void
a_wrong_certificate_reads_like_an_unknown_name(void)
{
    static const char *const lines[] = {"OPER cert secret", "OPER both secret",
                                        "OPER none secret", "OPER pass wrong"};
    struct world *w = world_new(BOTH CERT PASS "opers { failures = \"9/10m\" }");
    w->verify_later = true;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char nick[8];
        snprintf(nick, sizeof nick, "n%zu", i);
        struct actor *a = certified(w, nick, "33");
        world_say(w, a, lines[i]);
        SILENT(w, a);
        world_verify(w);
        EXPECT(w, a, ":irc.localhost 464 n? :Password incorrect");
    }
    world_free(w);
}

/* A block for a program of the API, without password and certificate. */
static void
a_block_with_a_token_alone_is_not_for_oper(void)
{
#define TOKEN                                                                          \
    "oper \"tok\" { token = "                                                          \
    "\"sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\" "     \
    "hosts = { \"*@*\" } privileges = { \"all\" } }\n"
    static const struct {
        const char *blocks, *certfp, *line, *answer;
    } cases[] = {
        {TOKEN PASS, ONE, "OPER tok", ":irc.localhost 464 ann :Password incorrect"},
        {TOKEN PASS, ONE, "OPER tok x", ":irc.localhost 464 ann :Password incorrect"},
        {TOKEN PASS, NULL, "OPER tok secret", ":irc.localhost 464 ann :*"},
        {TOKEN, ONE, "OPER tok", ":irc.localhost 491 ann :*"},
        {TOKEN, NULL, "OPER tok x", ":irc.localhost 491 ann :*"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(cases[i].blocks);
        struct actor *ann = certified(w, "ann", cases[i].certfp);
        world_say(w, ann, cases[i].line);
        EXPECT(w, ann, cases[i].answer);
        NEVER(w, ann, "* 381 *");
        CU_ASSERT_PTR_NULL(ann->client->user.oper);
        world_free(w);
    }
}

static void
without_any_password_no_worker_is_asked(void)
{
    struct world *w = world_new(CERT);
    struct actor *a = certified(w, "ann", "33");
    w->verify_later = true;
    world_say(w, a, "OPER cert x");
    AWAIT(w, a, ":irc.localhost 464 ann :*");
    world_say(w, a, "OPER none x");
    AWAIT(w, a, ":irc.localhost 464 ann :*");
    EQUAL_NUMBER(w->n_jobs, 0);
    EQUAL_NUMBER(fails(w, a), 2);
    world_free(w);
}

static void
failures_lock_out_and_a_certificate_does_not_count(void)
{
    struct world *w = world_new(CERT PASS);
    struct actor *ann = certified(w, "ann", ONE);
    for (int i = 0; i < 10; i++) {
        world_say(w, ann, "OPER cert");
        world_sleep(w, 2 * MSEC_SECOND);
    }
    EQUAL_NUMBER(fails(w, ann), 0);
    struct actor *eve = certified(w, "eve", "33");
    for (int i = 0; i < 3; i++)
        world_say(w, eve, "OPER cert");
    world_drain(eve);
    world_say(w, eve, "OPER cert");
    EXPECT(w, eve, ":* NOTICE eve :OPER refused: too many failures from your host; *");
    world_free(w);
}

static void
a_right_certificate_from_another_host_is_no_failure(void)
{
    struct world *w = world_new(PASS "oper \"cert\" { certfp = { \"" ONE
                                     "\" } hosts = { \"*@192.0.2.*\" } }");
    struct actor *ann = certified(w, "ann", ONE);
    world_say(w, ann, "OPER cert");
    EXPECT(w, ann, ":irc.localhost 491 ann :*");
    EXPECT(w, ann, ":* NOTICE ann :OPER refused: no oper block of that name admits *");
    EQUAL_NUMBER(fails(w, ann), 0);
    CONTAINS(w->logged, "why=\"a right certificate, but the block does not admit");
    /* Another certificate learns nothing of the hosts. */
    struct actor *eve = certified(w, "eve", TWO);
    world_say(w, eve, "OPER cert secret");
    EXPECT(w, eve, ":irc.localhost 464 eve :*");
    NEVER(w, eve, "* 491 *");
    world_free(w);
}

static void
a_certificate_that_leaves_the_block_ends_its_rights(void)
{
    struct world *w = world_new(CERT);
    struct actor *ann = certified(w, "ann", ONE), *bob = certified(w, "bob", TWO);
    world_say(w, ann, "OPER cert");
    world_say(w, bob, "OPER cert");
    world_drain_all(w);
    w->rehash_text = "oper \"cert\" { certfp = { \"" TWO "\" } hosts = { \"*@*\" } "
                     "privileges = { \"kill\" } }";
    CU_ASSERT(world_rehash(w));
    EXPECT(w, ann, ":ann!* MODE ann :-o");
    CU_ASSERT(ann->client->user.oper == NULL && is_oper(bob, "cert"));
    world_free(w);
}

static void
a_block_that_changes_under_a_check_is_refused(void)
{
    static const char *const after[] = {
        CERT, "oper \"both\" { certfp = { \"" ONE "\" } hosts = { \"*@*\" } }",
        "oper \"both\" { password = \"$argon2id$secret\" certfp = { \"" TWO
        "\" } hosts = "
        "{ \"*@*\" } }"};
    for (size_t i = 0; i < sizeof after / sizeof *after; i++) {
        struct world *w = world_new(BOTH);
        struct actor *ann = certified(w, "ann", ONE);
        w->verify_later = true;
        world_say(w, ann, "OPER both secret");
        w->rehash_text = after[i];
        CU_ASSERT(world_rehash(w));
        world_verify(w);
        CU_ASSERT_PTR_NULL(ann->client->user.oper);
        EQUAL_NUMBER(fails(w, ann), i == 0);
        world_free(w);
    }
}

static void
oper_without_tls_is_for_this_machine(void)
{
    static const struct {
        const char *plaintext, *address, *gateway;
        bool secure, passes;
    } cases[] = {
        {"loopback", "192.0.2.1", NULL, false, false},
        {"loopback", "127.0.0.1", NULL, false, true},
        {"loopback", "::1", NULL, false, true},
        {"loopback", "192.0.2.1", NULL, true, true},
        {"allow", "192.0.2.1", NULL, false, true},
        {"never", "192.0.2.1", NULL, false, false},
        {"never", "127.0.0.1", NULL, false, false},
        {"never", "192.0.2.1", NULL, true, true},
        /* through a proxy, whatever address it tells */
        {"loopback", "127.0.0.1", "hap", false, false},
        {"loopback", "::1", "hap", false, false},
        {"loopback", "127.0.0.1", "hap", true, true},
        {"allow", "127.0.0.1", "hap", false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char config[400];
        snprintf(config, sizeof config, "%s opers { plaintext = \"%s\" }", world_alice,
                 cases[i].plaintext);
        struct world *w = world_new(config);
        struct connection_info info = {
            .listener = "test", .gateway = cases[i].gateway, .secure = cases[i].secure};
        struct actor *a = world_connect_with(w, cases[i].address, info);
        world_say(w, a, "NICK ann\r\nUSER ann 0 * :Ann");
        world_drain(a);
        world_say(w, a, "OPER alice secret");
        EQUAL_NUMBER(is_oper(a, "alice"), cases[i].passes);
        world_free(w);
    }
}

/* The address that a gateway gives is not that of this machine, whatever it is. */
static void
oper_through_a_gateway_is_not_from_this_machine(void)
{
    static const char *const addresses[] = {"127.0.0.1", "::1"};
    char config[400];
    snprintf(config, sizeof config, "%s opers { plaintext = \"loopback\" }",
             world_alice);
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        for (int secure = 0; secure < 2; secure++) {
            struct world *w = world_new(config);
            struct connection_info info = {
                .listener = "test", .gateway = "kiwi", .secure = secure};
            struct actor *a = world_connect_with(w, addresses[i], info);
            world_say(w, a, "NICK ann\r\nUSER ann 0 * :Ann");
            world_say(w, a, "OPER alice secret");
            EQUAL_NUMBER(is_oper(a, "alice"), secure);
            world_free(w);
        }
}

/* REHASH makes opers.plaintext stricter: the rights of operators without TLS end, also
 * of one whose password is still checked. */
static void
a_stricter_plaintext_ends_rights(void)
{
    struct world *w = world_new(PASS "opers { plaintext = \"allow\" }");
    struct actor *far = world_user(w, "far"), *late = world_user(w, "late");
    struct actor *near = world_connect(w, "127.0.0.1");
    struct actor *safe = certified(w, "safe", ONE);
    world_say(w, near, "NICK near\r\nUSER near 0 * :Near");
    struct actor *all[] = {far, near, safe};
    for (size_t i = 0; i < 3; i++) {
        world_say(w, all[i], "OPER pass secret");
        CU_ASSERT(is_oper(all[i], "pass"));
    }
    w->verify_later = true;
    world_say(w, late, "OPER pass secret");
    world_drain_all(w);
    w->rehash_text = PASS "opers { plaintext = \"loopback\" }";
    CU_ASSERT(world_rehash(w));
    world_verify(w);
    EXPECT(w, far, ":far!* MODE far :-o*");
    EXPECT(w, far, "* NOTICE far :You are no operator any more: *");
    CU_ASSERT(far->client->user.oper == NULL && late->client->user.oper == NULL);
    CU_ASSERT(is_oper(near, "pass") && is_oper(safe, "pass"));
    w->rehash_text = PASS "opers { plaintext = \"never\" }";
    CU_ASSERT(world_rehash(w));
    CU_ASSERT(near->client->user.oper == NULL && is_oper(safe, "pass"));
    world_free(w);
}

/* It names the port with TLS, whatever the name and the password, and counts as no
 * failure. */
static void
the_refusal_without_tls_says_what_to_do(void)
{
    static const struct {
        const char *listen, *told;
    } cases[] = {
        {"listen \"0.0.0.0:6667\" { }",
         "*OPER refused: this connection is not encrypted, and the server has no port "
         "with TLS*"},
        {"listen \"127.0.0.1:6699\" { tls = true } listen \"[::]:6697\" { tls = true }",
         "*connect with TLS to port 6697, and *"},
        /* no port for other machines */
        {"listen \"127.0.0.1:6699\" { tls = true }",
         "*and the server has no port with TLS that you can use instead "
         "(opers.plaintext)"},
    };
    static const char *const lines[] = {"OPER alice secret", "OPER alice wrong",
                                        "OPER none wrong"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char config[400];
        snprintf(config, sizeof config, "%s opers { plaintext = \"loopback\" } %s",
                 world_alice, cases[i].listen);
        struct world *w = world_new(config);
        struct actor *ann = world_user(w, "ann");
        for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
            world_say(w, ann, lines[k]);
            EXPECT(w, ann, ":irc.localhost 491 ann :*");
            EXPECT(w, ann, cases[i].told);
            SILENT(w, ann);
        }
        EQUAL_NUMBER(fails(w, ann), 0);
        CONTAINS(w->logged, "event=oper-refused client=ann!ann@10.1.1.1 name=alice "
                            "why=\"the connection is not encrypted\"");
        CU_ASSERT_PTR_NULL(strstr(w->logged, "secret"));
        world_free(w);
    }
}

/* A page cannot use a port of IRC. */
static void
the_refusal_over_websocket_names_no_port(void)
{
    char config[600];
    snprintf(config, sizeof config,
             "%s opers { plaintext = \"loopback\" }\n"
             "listen \"0.0.0.0:80\" { serves = { websocket } }\n"
             "listen \"[::]:6697\" { tls = true } listen \"0.0.0.0:6667\" { }",
             world_alice);
    struct world *w = world_new(config);
    struct connection_info info = {.listener = "0.0.0.0:80"};
    struct actor *ann = world_user_with(w, "ann", info);
    world_say(w, ann, "OPER alice secret");
    EXPECT(w, ann, ":irc.localhost 491 ann :*");
    EXPECT(w, ann, "*OPER refused: * an address that begins with https or wss, and *");
    world_say(w, ann, "STARTTLS");
    EXPECT(w, ann, ":irc.localhost 691 ann :STARTTLS failed: * begins with wss");
    world_free(w);
}

SUITE(oper_certfp)
{
    TEST(each_block_wants_what_it_names);
    TEST(a_wrong_certificate_reads_like_an_unknown_name);
    TEST(a_block_with_a_token_alone_is_not_for_oper);
    TEST(without_any_password_no_worker_is_asked);
    TEST(failures_lock_out_and_a_certificate_does_not_count);
    TEST(a_right_certificate_from_another_host_is_no_failure);
    TEST(a_certificate_that_leaves_the_block_ends_its_rights);
    TEST(a_block_that_changes_under_a_check_is_refused);
    TEST(oper_without_tls_is_for_this_machine);
    TEST(oper_through_a_gateway_is_not_from_this_machine);
    TEST(a_stricter_plaintext_ends_rights);
    TEST(the_refusal_over_websocket_names_no_port);
    TEST(the_refusal_without_tls_says_what_to_do);
}
