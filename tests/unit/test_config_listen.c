/* Faults in blocks about listeners and certificates. */
#include "faulty.h"

static void
wrong_listeners_are_refused(void)
{
    static const char *const titles[] = {"127.0.0.1",
                                         "127.0.0.1:",
                                         "127.0.0.1:0",
                                         "127.0.0.1:65536",
                                         "127.0.0.1:06667",
                                         "::1:6667",
                                         "[::1]",
                                         "[::1:6667",
                                         "[127.0.0.1]:6667",
                                         ":6667",
                                         "localhost:6667",
                                         "[]:6667",
                                         "",
                                         "*:6667",
                                         "127.0.0.1:6667 ",
                                         "1.2.3:6667",
                                         "[fe80::1%lo]:1"};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        char text[80], want[160];
        snprintf(text, sizeof text, "\nlisten \"%s\" { }", titles[i]);
        snprintf(want, sizeof want, "t.conf:2: listen \"%s\": not ADDRESS:PORT",
                 titles[i]);
        EQUAL_NUMBER(faulty_count(text), 1);
        CONTAINS(faulty_told, want);
    }
}

static void
wrong_tls_blocks_are_refused(void)
{
    static const struct wrong cases[] = {
        {"tls { certificate = x key = y }",
         "t.conf:1: block tls needs a title: tls \"NAME\" { ... }\n"},
        {"tls a.b { key = y }", "t.conf:1: tls \"a.b\": option certificate is missing: "
                                "the file with the certificate\n"},
        {"tls a.b { certificate = y }",
         "t.conf:1: tls \"a.b\": option key is missing: the file with the private "
         "key\n"},
        {"tls a.b { certificate = '' key = y }",
         "t.conf:1: tls \"a.b\" certificate: \"\" is not the path of a file\n"},
        {"tls a.b { certificate = x key = y }\ntls A.B { certificate = x key = y }",
         "t.conf:2: tls \"A.B\": the same name as on line 1\n"},
        {"tls a.b { certificate = x key = y }\ntls a.b { certificate = x key = y }",
         "t.conf:2: block tls a.b is there twice; the first is on line 1\n"},
        {"tls 'a b' { certificate = x key = y }",
         "t.conf:1: tls \"a b\": not the name"},
        {"tls '*' { certificate = x key = y }", "t.conf:1: tls \"*\": not the name"},
        {"tls '*.' { certificate = x key = y }", "t.conf:1: tls \"*.\": not the name"},
        {"tls 'a.*.b' { certificate = x key = y }", "t.conf:1: tls \"a.*.b\": not the"},
        {"tls '-a' { certificate = x key = y }", "t.conf:1: tls \"-a\": not the name"},
        {"tls_limits { min_version = 1.1 }",
         "t.conf:1: tls_limits.min_version: \"1.1\" is not 1.2 or 1.3\n"},
    };
    EACH_CONTAINS(cases);
}

SUITE(config_listen)
{
    TEST(wrong_listeners_are_refused);
    TEST(wrong_tls_blocks_are_refused);
}
