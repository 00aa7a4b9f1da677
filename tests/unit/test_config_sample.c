/* The sample configuration, and the options that only a restart applies. */
#include "faulty.h"

/* Collects the names that config_fixed_changes reports. */
static void
collect(void *ctx, const char *option)
{
    char *all = ctx;
    size_t len = strlen(all);
    snprintf(all + len, 512 - len, "%s ", option);
}

/* Empty where both texts mean the same to a restart. */
static const char *
fixed_changes(const char *before, const char *after)
{
    static char all[512];
    all[0] = '\0';
    struct config *a = faulty_none(before), *b = faulty_none(after);
    config_fixed_changes(a, b, collect, all);
    config_free(a);
    config_free(b);
    return all;
}

static void
the_sample_means_the_defaults(void)
{
    char *sample = config_sample(&faulty_words);
    struct config *c = faulty_none(sample), *d = faulty_none("");
    EQUAL_TEXT(fixed_changes("", sample), "");
    EQUAL_TEXT(c->server.description, d->server.description);
    EQUAL_NUMBER(c->limits.clients, d->limits.clients);
    EQUAL_NUMBER(c->n_listen, 5);
    EQUAL_NUMBER(c->n_exempt + c->n_class + c->n_oper, 0);
    EQUAL_NUMBER(sample[strlen(sample) - 1], '\n');
    config_free(c);
    config_free(d);
    free(sample);
}

/* Whether the text behind a "#" is configuration: an option, or the first or last line
 * of a block. */
static bool
is_setting(const char *text)
{
    size_t name = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (strncmp(text, "}\n", 2) == 0)
        return true;
    return name > 0 &&
           (strncmp(text + name, " = ", 3) == 0 || strncmp(text + name, " \"", 2) == 0);
}

/* A line of each row of config.def; of the titled blocks 32 options, 14 openings, 9
 * ends. */
#define BLOCK(block, help)
#define END(block)
#define TEXT(block, field, ...) +1
#define BOOL TEXT
#define COUNT TEXT
#define SPAN TEXT
#define RATE TEXT
#define SPANS TEXT
#define WORDS TEXT
static const int settings_in_sample = 32 + 14 + 9 + 24
#include "config/config.def"
    ;

/* Removes the "#" in front of every setting. Returns their number. */
static int
uncomment(char *sample)
{
    int n = 0;
    for (char *line = sample; line != NULL && *line != '\0';
         line = strchr(line, '\n') + 1) {
        char *hash = line + strspn(line, " ");
        if (*hash != '#' || !is_setting(hash + 1 + strspn(hash + 1, " ")))
            continue;
        *hash = ' ';
        n++;
    }
    return n;
}

static void
every_line_of_the_sample_works_when_taken_in(void)
{
    char *sample = config_sample(&faulty_words);
    int settings = uncomment(sample);
    struct config *c = faulty_none(sample);
    EQUAL_NUMBER(settings, settings_in_sample);
    EQUAL_NUMBER(c->n_listen, 9);
    EQUAL_NUMBER(c->listen[3].serves, SERVES_ALL_WEB);
    CU_ASSERT_TRUE(c->listen[7].proxy);
    EQUAL_NUMBER(c->listen[7].mode, 0600);
    EQUAL_TEXT(c->listen[7].class, "bots");
    EQUAL_NUMBER(c->listen[8].serves, SERVES_CHAT | SERVES_WEBSOCKET);
    EQUAL_NUMBER(c->n_proxy, 3);
    EQUAL_NUMBER(c->proxy[2].connections, 1000);
    EQUAL_NUMBER(c->n_exempt, 1);
    EQUAL_NUMBER(c->exempt[0].from, 31);
    EQUAL_NUMBER(c->n_class, 1);
    EQUAL_NUMBER(c->class[0].hold, 64);
    EQUAL_NUMBER(c->n_oper, 1);
    config_free(c);
    free(sample);
}

static void
the_sample_names_every_option_with_default_range_and_unit(void)
{
    char *sample = config_sample(&faulty_words);
    CONTAINS(sample, "\nserver {\n    # name = \"irc.localhost\" ");
    CONTAINS(sample, "(restart)");
    CONTAINS(sample, "# per_host = 3 ");
    CONTAINS(sample,
             "# connections of one host (see host_prefix_v4, _v6) [1 to 1000000]");
    CONTAINS(sample, "# ladder = { \"10m\", \"1h\", \"6h\", \"1d\", \"7d\" } ");
    CONTAINS(sample, "# announce_opers = false ");
    CONTAINS(sample, "kill kline rehash");
    CONTAINS(sample,
             "{ \"connections\", \"throttle\", \"flood\", \"strikes\", \"bans\" }");
#define BLOCK(block, help) CONTAINS(sample, "\n" #block " {\n");
#define END(block)
#define TEXT(block, field, ...) CONTAINS(sample, "\n    # " #field " = ");
#define BOOL TEXT
#define COUNT TEXT
#define SPAN TEXT
#define RATE TEXT
#define SPANS TEXT
#define WORDS TEXT
#include "config/config.def"
    free(sample);
}

static void
what_only_a_restart_applies_is_named(void)
{
    static const struct {
        const char *before, *after, *names;
    } cases[] = {
        {"", "", ""},
        {"", "limits { per_host = 9 }", ""},
        {"", "limits { nick_length = 9 }", "limits.nick_length "},
        {"", "server { name = a.b description = x } database { path = x }",
         "server.name database.path "},
        {"server { name = a.b }", "server { name = a.b }", ""},
        {"",
         "listen \"127.0.0.1:6667\" { } listen \"[::1]:6667\" { }"
         " listen \"127.0.0.1:6697\" { tls = on } listen \"[::1]:6697\" { tls = on }",
         ""},
        {"listen 1.2.3.4:1 { }", "listen 1.2.3.4:1 { tls = true }", ""},
        {"", "listen \"127.0.0.1:6668\" { }", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EQUAL_TEXT(fixed_changes(cases[i].before, cases[i].after), cases[i].names);
}

static void
what_only_a_restart_applies_can_be_kept(void)
{
    struct config *old = faulty_none("server { name = old.a description = old }\n"
                                     "limits { nick_length = 9 per_host = 1 }\n"
                                     "listen 127.0.0.1:1 { }");
    struct config *new = faulty_none("server { name = new.a description = new }\n"
                                     "limits { nick_length = 8 per_host = 2 }");
    config_keep_fixed(new, old);
    EQUAL_TEXT(new->server.name, "old.a");
    EQUAL_TEXT(new->server.description, "new");
    EQUAL_NUMBER(new->limits.nick_length, 9);
    EQUAL_NUMBER(new->limits.per_host, 2);
    EQUAL_NUMBER(new->n_listen, 5);
    config_free(old);
    config_free(new);
}

/* A fault names the unit of a number: "(tokens)", never "(the)". */
static void
every_count_begins_its_help_with_a_unit(void)
{
    static const char *const helps[] = {
#define COUNT(block, field, def, min, max, reload, help) help,
#include "config/config.def"
    };
    for (size_t i = 0; i < sizeof helps / sizeof *helps; i++) {
        size_t unit = strcspn(helps[i], " ");
        CU_ASSERT(unit > 3 && helps[i][unit - 1] == 's');
    }
}

SUITE(config_sample)
{
    TEST(the_sample_means_the_defaults);
    TEST(every_line_of_the_sample_works_when_taken_in);
    TEST(the_sample_names_every_option_with_default_range_and_unit);
    TEST(what_only_a_restart_applies_is_named);
    TEST(what_only_a_restart_applies_can_be_kept);
    TEST(every_count_begins_its_help_with_a_unit);
}
