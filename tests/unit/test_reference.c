/* The manual pages have every row. */
#include "cmd/command.h"
#include "cmd/registry.h"
#include "config/config.h"
#include "policy/privs.h"
#include "session/reference.h"
#include "world.h"

static const struct config_words words = {.privileges = privs_names};

static void
expect_text(const char *page, const char *text)
{
    if (strstr(page, text) == NULL)
        printf("\n    the page lacks: %s\n", text);
    CU_ASSERT(strstr(page, text) != NULL);
}

static void
every_option_is_in_its_page(void)
{
    static const char *const names[] = {
#define BLOCK(block, help) ".Ss " #block "\n",
#define TEXT(block, field, def, reload, ...) ".It Ic " #block "." #field "\n",
#define BOOL TEXT
#define RATE TEXT
#define SPANS TEXT
#define WORDS TEXT
#define COUNT(block, field, def, min, max, reload, help)                               \
    ".It Ic " #block "." #field "\n",                                                  \
        "Number, " #min " to " #max ".\nDefault: " #def ".\n",
#define SPAN(block, field, def, min, max, reload, help)                                \
    ".It Ic " #block "." #field "\n",                                                  \
        "Duration, " min " to " max ".\nDefault: " def ".\n",
#include "config/config.def"
    };
    char *page = config_reference(&words);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        expect_text(page, names[i]);
    expect_text(page, ".Ss class \\(dqNAME\\(dq\n");
    expect_text(page, "Default: the value of flood.burst.\n");
    expect_text(page, "It, oper.certfp or oper.token must be given.\n");
    expect_text(page, ".It Ic websocket\n");
    expect_text(page, "It or operclass.extends must be given.\n");
    expect_text(page, "Only a restart applies a change.\n");
    free(page);
}

static void
every_command_is_in_its_page_once(void)
{
    size_t n;
    char *page = reference_commands();
    const struct command **all = registry_all(&n);
    for (size_t i = 0; i < n; i++) {
        char entry[64];
        snprintf(entry, sizeof entry, ".It Xo\n.Ic %s\n", all[i]->name);
        expect_text(page, entry);
        const char *at = strstr(page, entry);
        CU_ASSERT(at != NULL && strstr(at + 1, entry) == NULL);
    }
    for (unsigned p = 0; p < PRIV_COUNT; p++)
        expect_text(page, privs_names[p]);
    free(all);
    free(page);
}

static void
prices_and_privileges_are_those_of_the_rows(void)
{
    static const char *const texts[] = {
        "Price: none for 20 at once and one each second.\n",        /* PING */
        "Price: 1 token, as much again for each further target.\n", /* PRIVMSG */
        "Price: 5 tokens.\nNeeds the privilege\n.Ic rehash .\n",
        "Before registration only.\n",
        ".Ql \"KLINE 1h *@192.0.2.7 :spam\"\n",
        ".Ql \"TESTMASK *@192.0.2.0/24\"\nor\n.Ql \"TESTMASK XLINE *free\\esmoney*\"\n",
    };
    char *page = reference_commands();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_text(page, texts[i]);
    free(page);
}

/* A user types the example as it is; client-only tags may stand before it. */
static void
an_example_is_a_line_of_its_command(void)
{
    size_t n;
    const struct command **all = registry_all(&n);
    for (size_t i = 0; i < n; i++) {
        const char *example = all[i]->example;
        size_t len = strlen(all[i]->name);
        CU_ASSERT_EQUAL(example == NULL, *all[i]->syntax == '\0');
        if (example == NULL)
            continue;
        if (*example == '@')
            example = strchr(example, ' ') + 1;
        CU_ASSERT_NSTRING_EQUAL(example, all[i]->name, len);
        CU_ASSERT_EQUAL(example[len], ' ');
    }
    free(all);
}

static void
an_example_has_all_parameters(void)
{
    size_t n;
    const struct command **all = registry_all(&n);
    for (size_t i = 0; i < n; i++) {
        if (all[i]->example == NULL)
            continue;
        struct world *w = world_new(world_easy);
        struct actor *alice = world_oper(w, "alice");
        world_user(w, "bob");
        world_say(w, alice, "CAP REQ :message-tags batch draft/multiline");
        world_say(w, alice, "JOIN #tea");
        world_drain_all(w);
        world_say(w, alice, all[i]->example);
        NEVER(w, alice, "* 461 *");
        NEVER(w, alice, "* 421 *");
        world_free(w);
    }
    free(all);
}

SUITE(reference)
{
    TEST(every_option_is_in_its_page);
    TEST(every_command_is_in_its_page_once);
    TEST(prices_and_privileges_are_those_of_the_rows);
    TEST(an_example_is_a_line_of_its_command);
    TEST(an_example_has_all_parameters);
}
