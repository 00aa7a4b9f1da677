/* Privileges: one bit and one name each. */
#include "policy/privs.h"
#include "test.h"

static void
every_privilege_has_a_name_a_help_and_a_bit_of_its_own(void)
{
    uint64_t seen = 0;
    CU_ASSERT(PRIV_COUNT < 63);
    for (unsigned i = 0; i < PRIV_COUNT; i++) {
        uint64_t bit = (uint64_t)1 << i;
        CU_ASSERT(strlen(privs_help[i]) > 0);
        EQUAL_TEXT(privs_name(bit), privs_names[i]);
        for (unsigned k = 0; k < i; k++)
            CU_ASSERT(strcmp(privs_names[i], privs_names[k]) != 0);
        seen |= bit;
    }
    CU_ASSERT(privs_names[PRIV_COUNT] == NULL);
    CU_ASSERT(!(seen & PRIV_OPER));
}

static void
bits_have_the_names_that_configurations_use(void)
{
    static const struct {
        uint64_t bit;
        const char *name;
    } cases[] = {
        {PRIV_kill, "kill"},        {PRIV_kline, "kline"},
        {PRIV_dline, "dline"},      {PRIV_permanent, "permanent"},
        {PRIV_unban, "unban"},      {PRIV_check, "check"},
        {PRIV_rehash, "rehash"},    {PRIV_die, "die"},
        {PRIV_wallops, "wallops"},  {PRIV_override, "override"},
        {PRIV_spy, "spy"},          {PRIV_flood_exempt, "flood_exempt"},
        {PRIV_OPER, "an operator"}, {PRIV_see_address, "see_address"},
        {PRIV_strike, "strike"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EQUAL_TEXT(privs_name(cases[i].bit), cases[i].name);
}

SUITE(privs)
{
    TEST(every_privilege_has_a_name_a_help_and_a_bit_of_its_own);
    TEST(bits_have_the_names_that_configurations_use);
}
