/* Passwords: no freed or moved block holds one, and a client holds one no longer than
 * needed. */
#include "heap.h"
#include "world.h"

#include "base/mem.h"
#include "policy/client_policy.h"
#include "policy/privs.h"
#include "session/client_input.h"

#include <malloc.h>

#define SECRET "Xyzzy-plugh-4711"
#define LOCKED "server { password = \"$argon2id$" SECRET "\" }\n"
#define ALICE                                                                          \
    "oper \"alice\" { password = \"$argon2id$" SECRET "\" hosts = { \"*@*\" } "        \
    "privileges = { \"all\" } }\n"

static struct world *
begin(const char *config)
{
    heap_watch(SECRET);
    return world_new(config);
}

static void
end(struct world *w)
{
    world_free(w);
    EQUAL_NUMBER(heap_spilled(), 0);
    heap_watch(NULL);
}

/* One byte at a time. */
static void
trickle(struct world *w, struct actor *a, const char *line)
{
    for (; *line; line++)
        world_send(w, a, line, 1);
    world_send(w, a, "\r\n", 2);
}

static void
a_watch_sees_what_is_freed_and_what_is_moved(void)
{
    heap_watch(SECRET);
    char *text = xstrdup("<" SECRET ">");
    text = xrealloc(text, 4096);
    EQUAL_NUMBER(heap_spilled(), 1);
    free(text);
    EQUAL_NUMBER(heap_spilled(), 2);
    text = xstrdup(SECRET);
    mem_free_secret(text);
    mem_free_secret(NULL);
    EQUAL_NUMBER(heap_spilled(), 2);
    heap_watch(NULL);
}

static void
the_password_of_a_client_that_registers_is_wiped_before_the_answer(void)
{
    for (int pieces = 0; pieces < 2; pieces++) {
        struct world *w = begin(LOCKED);
        struct actor *bob = world_connect(w, "192.0.2.1");
        w->verify_later = true;
        (pieces ? trickle : world_say)(w, bob, "PASS mistaken");
        (pieces ? trickle : world_say)(w, bob, "PASS " SECRET);
        CU_ASSERT_PTR_NULL(input_of(bob->client)->in.data);
        CU_ASSERT_STRING_EQUAL(client_password(bob->client), SECRET);
        world_say(w, bob, "NICK bob\r\nUSER b 0 * :B");
        CU_ASSERT_PTR_NULL(client_password(bob->client));
        world_verify(w);
        EXPECT(w, bob, "* 001 bob *");
        end(w);
    }
}

static void
a_password_that_no_one_asked_for_goes_too(void)
{
    struct world *w = begin(NULL);
    struct actor *bob = world_connect(w, "192.0.2.1");
    world_say(w, bob, "PASS " SECRET "\r\nNICK bob\r\nUSER b 0 * :B");
    AWAIT(w, bob, "* 001 bob *");
    CU_ASSERT_PTR_NULL(client_password(bob->client));
    end(w);
}

static void
the_password_of_a_client_that_leaves_is_wiped(void)
{
    static const char *const lines[] = {"PASS " SECRET, "PASS " SECRET "\r\nQUIT",
                                        "PASS " SECRET "\r\nPASS " SECRET "2"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct world *w = begin(LOCKED);
        struct actor *bob = world_connect(w, "192.0.2.1");
        world_say(w, bob, lines[i]);
        world_close(w, bob);
        EQUAL_NUMBER(heap_spilled(), 0);
        bob = world_connect(w, "192.0.2.1");
        world_send(w, bob, "PASS " SECRET, 5 + strlen(SECRET)); /* no end of the line */
        world_close(w, bob);
        end(w);
    }
}

static void
a_long_line_that_grows_leaves_no_copy(void)
{
    struct world *w = begin(ALICE);
    struct actor *bob = world_user(w, "bob");
    char line[400];
    snprintf(line, sizeof line, "OPER alice %s %0300d", SECRET, 0);
    trickle(w, bob, line);
    AWAIT(w, bob, "* 381 *");
    CU_ASSERT_PTR_NULL(input_of(bob->client)->in.data);
    end(w);
}

/* Ten lines run at once, the others wait. */
static void
fill(struct world *w, struct actor *a)
{
    for (int i = 0; i < 12; i++)
        world_say(w, a, "ISON bob");
}

static bool
is_in_block(const void *block)
{
    size_t n = strlen(SECRET), size = malloc_usable_size((void *)(uintptr_t)block);
    for (size_t i = 0; i + n <= size; i++)
        if (memcmp((const char *)block + i, SECRET, n) == 0)
            return true;
    return false;
}

static void
held_lines_are_wiped_when_they_have_run(void)
{
    struct world *w = begin(ALICE);
    struct actor *bob = world_user(w, "bob");
    fill(w, bob);
    world_say(w, bob, "OPER alice " SECRET);
    fill(w, bob); /* the queue grows and moves */
    CU_ASSERT(policy_of(bob->client)->held_lines > 0);
    CU_ASSERT(is_in_block(input_of(bob->client)->held));
    w->verify_later = true;
    for (int i = 0; i < 200 && w->n_jobs == 0; i++)
        world_sleep(w, 100);
    EQUAL_NUMBER(w->n_jobs, 1);
    CU_ASSERT_FATAL(policy_of(bob->client)->held_lines > 0);
    CU_ASSERT_FALSE(is_in_block(input_of(bob->client)->held));
    world_verify(w);
    CU_ASSERT(bob->client->user.oper != NULL);
    world_sleep(w, 20000);
    CU_ASSERT_PTR_NULL(input_of(bob->client)->held);
    end(w);
}

static void
held_lines_of_a_client_that_leaves_are_wiped(void)
{
    struct world *w = begin(ALICE);
    struct actor *bob = world_user(w, "bob");
    fill(w, bob);
    world_say(w, bob, "OPER alice " SECRET);
    CU_ASSERT(policy_of(bob->client)->held_lines > 0);
    world_close(w, bob);
    end(w);
}

static void
ignore_fault(void *ctx, const char *text)
{
    (void)ctx;
    CU_ASSERT_PTR_NULL(strstr(text, SECRET));
}

/* Neither a configuration that is used nor one that is refused. */
static void
what_reads_the_configuration_leaves_no_copy(void)
{
    static const char *const texts[] = {
        LOCKED ALICE,
        LOCKED ALICE ALICE LOCKED,
        ALICE "server {",
        "server { password = \"" SECRET "\" }",
        "server { password = '$argon2id$" SECRET "' name = x }",
        "server { password = { $argon2id$" SECRET " } }",
        "oper alice { password = $argon2id$" SECRET " hosts = { '*@*' '*@*' } }",
        "oper alice { password = \"$argon2id$" SECRET "\" \"" SECRET "\" }",
    };
    static const struct config_words words = {.privileges = privs_names};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        heap_watch(SECRET);
        struct config *c = config_parse("x", texts[i], &words, ignore_fault, NULL);
        CU_ASSERT_EQUAL(c != NULL, i == 0);
        config_free(c);
        EQUAL_NUMBER(heap_spilled(), 0);
        heap_watch(NULL);
    }
}

SUITE(secret_memory)
{
    TEST(what_reads_the_configuration_leaves_no_copy);
    TEST(a_watch_sees_what_is_freed_and_what_is_moved);
    TEST(the_password_of_a_client_that_registers_is_wiped_before_the_answer);
    TEST(a_password_that_no_one_asked_for_goes_too);
    TEST(the_password_of_a_client_that_leaves_is_wiped);
    TEST(a_long_line_that_grows_leaves_no_copy);
    TEST(held_lines_are_wiped_when_they_have_run);
    TEST(held_lines_of_a_client_that_leaves_are_wiped);
}
