/* The configuration as a whole: the built-in one, and the one of a file. */
#include "../../src/main/source.h"
#include "box.h"
#include "test.h"

#include <stdio.h>

static void
refuse_fault(void *ctx, const char *text)
{
    (void)ctx;
    (void)text;
    CU_FAIL("a fault");
}

/* EXEMPT_* bits of the first exempt block for this address; 0 without one. */
static unsigned
exempt_from(const struct config *config, const char *text)
{
    struct addr addr;
    CU_ASSERT_TRUE_FATAL(addr_parse(text, &addr));
    for (size_t i = 0; i < config->n_exempt; i++)
        if (prefix_match(&config->exempt[i].prefix, &addr))
            return config->exempt[i].from;
    return 0;
}

static void
the_built_in_one_exempts_loopback_from_connections_alone(void)
{
    struct source source;
    CU_ASSERT_TRUE_FATAL(source_load(NULL, refuse_fault, NULL, &source));
    EQUAL_NUMBER(exempt_from(source.config, "127.0.0.1"), EXEMPT_CONNECTIONS);
    EQUAL_NUMBER(exempt_from(source.config, "127.255.255.255"), EXEMPT_CONNECTIONS);
    EQUAL_NUMBER(exempt_from(source.config, "::1"), EXEMPT_CONNECTIONS);
    EQUAL_NUMBER(exempt_from(source.config, "128.0.0.0"), 0);
    EQUAL_NUMBER(exempt_from(source.config, "::2"), 0);
    source_clear(&source);
}

static void
a_file_exempts_nothing_that_it_does_not_name(void)
{
    struct box box;
    struct source source;
    char path[600];
    box_init(&box);
    snprintf(path, sizeof path, "%s/ircd.conf", box.dir);
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fclose(f);
    CU_ASSERT_TRUE_FATAL(source_load(path, refuse_fault, NULL, &source));
    EQUAL_NUMBER(source.config->n_exempt, 0);
    source_clear(&source);
    box_clear(&box);
}

SUITE(source)
{
    TEST(the_built_in_one_exempts_loopback_from_connections_alone);
    TEST(a_file_exempts_nothing_that_it_does_not_name);
}
