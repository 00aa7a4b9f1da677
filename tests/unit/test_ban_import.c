/* A file of bans is read line by line into the store of a server; BANS EXPORT writes
 * one. */
#include "base/mem.h"
#include "base/str.h"
#include "enact/ban_import.h"
#include "world.h"

static char told[8000], said[4000];

static void
collect(void *ctx, const char *text)
{
    char *to = ctx;
    size_t size = to == told ? sizeof told : sizeof said, used = strlen(to);
    str_format(to + used, size - used, "%s\n", text);
}

/* Loads a text with an LF behind each line; true if all lines were taken. `told` has the
 * lines that were refused, `said` the summary. */
static bool
load_bytes(struct world *w, const char *file, const char *text, size_t len)
{
    struct ban_import *im = xmalloc(sizeof *im);
    ban_import_init(im, w->srv, file);
    im->fault = collect;
    im->ctx = told;
    told[0] = said[0] = '\0';
    for (const char *end; len > 0; len -= (size_t)(end - text), text = end) {
        const char *lf = memchr(text, '\n', len);
        size_t n = lf ? (size_t)(lf - text) : len;
        end = text + n + (lf != NULL);
        ban_import_line(im, text, n, true);
    }
    ban_import_end(im);
    bool all = ban_import_report(im, collect, said);
    free(im);
    return all;
}

static bool
load(struct world *w, const char *file, const char *text)
{
    return load_bytes(w, file, text, strlen(text));
}

static void
a_file_that_was_exported_loads_the_same_bans(void)
{
    struct world *w = world_new(world_easy);
    struct actor *alice = world_oper(w, "alice");
    static const char file[] = BAN_TEXT_HEAD
        "\nDLINE 198.51.100.0/24 set=2026-01-02T03:04:05.006Z until=never by=bob "
        "auto=no :proxies\n"
        "KLINE *@192.0.2.7 set=2026-01-02T03:04:05.006Z "
        "until=2027-01-02T03:04:05.007Z by=carol auto=yes "
        ":spam|\\ssecret\n" BAN_TEXT_END "2\n";
    CU_ASSERT_TRUE(load(w, "x", file));
    EQUAL_TEXT(told, "");
    EQUAL_TEXT(said, "x: 2 lines in this server's format: 2 taken (1 K-line, 1 "
                     "D-line)\n");
    world_restart(w, world_easy);
    alice = world_oper(w, "alice");
    world_say(w, alice, "BANS EXPORT");
    EXPECT(w, alice, ":* NOTICE alice :" BAN_TEXT_HEAD);
    EXPECT(w, alice,
           ":* NOTICE alice :KLINE *@192.0.2.7 set=2026-01-02T03:04:05.006Z "
           "until=2027-01-02T03:04:05.007Z by=carol auto=yes :spam|\\ssecret");
    EXPECT(w, alice,
           ":* NOTICE alice :DLINE 198.51.100.0/24 set=2026-01-02T03:04:05.006Z "
           "until=never by=bob auto=no :proxies");
    EXPECT(w, alice, ":* NOTICE alice :# end of bans: 2");
    CU_ASSERT_TRUE(load(w, "x", file));
    CONTAINS(said, ": 0 taken, 2 there already\n");
    world_free(w);
}

/* As KLINE refuses them: the clients behind a proxy have other addresses. */
static void
a_ban_on_a_proxy_needs_force(void)
{
    static const char proxies[] =
        "proxy hap { match = { \"192.0.2.0/28\" } accepts = { proxy-protocol } }";
    struct world *w = world_new(NULL);
    char config[2000];
    str_format(config, sizeof config, "%s %s", world_easy, proxies);
    world_restart(w, config);
    CU_ASSERT_FALSE(load(w, "x",
                         "DLINE 192.0.2.7 :a\nKLINE *@192.0.2.0/24 :b\n"
                         "KLINE a@192.0.2.16 :c\nXLINE 192.0.2.7 :d\n"));
    CONTAINS(told, "x:1: 192.0.2.7 covers the proxy 'hap'; the clients behind it have "
                   "other addresses, and CHECK shows them; force=yes in the line sets "
                   "it anyway\n");
    CONTAINS(told, "x:2: *@192.0.2.0/24 covers the proxy 'hap'; ");
    CONTAINS(said, ": 2 taken (1 K-line, 1 X-line), 2 refused");
    CU_ASSERT_FALSE(
        load(w, "kline.conf", "\"*\",\"192.0.2.7\",\"c\",\"\",\"\",\"\",\"0\"\n"));
    CONTAINS(told, " KLINE FORCE … sets it by hand");
    CU_ASSERT_TRUE(load(w, "x", "DLINE 192.0.2.7 force=yes :a\n"));
    struct actor *alice = world_oper(w, "alice");
    world_say(w, alice, "BANS EXPORT"); /* it can be loaded again */
    AWAIT(w, alice, ":* NOTICE alice :DLINE 192.0.2.7 * force=yes :a");
    world_free(w);
}

static void
a_ban_of_the_same_mask_is_replaced(void)
{
    struct world *w = world_new(world_easy);
    CU_ASSERT_TRUE(load(w, "x", "KLINE a@b.example :one\nKLINE A@B.example :two\n"));
    CONTAINS(said, ": 2 taken (2 K-lines), 1 of them replaced another\n");
    EQUAL_TEXT(ban_find(w->srv, BAN_KLINE, "a@b.example")->reason, "two");
    EQUAL_TEXT(ban_find(w->srv, BAN_KLINE, "a@b.example")->setter, "import");
    EQUAL_NUMBER(ban_find(w->srv, BAN_KLINE, "a@b.example")->set_at, w->srv->wall);
    world_free(w);
}

static void
an_end_is_over_at_its_millisecond(void)
{
    struct world *w = world_new(world_easy);
    world_set_wall(w, WORLD_WALL);
    CU_ASSERT_TRUE(load(w, "x",
                        "KLINE a@b.example set=2026-01-01T00:00:00Z "
                        "until=2026-11-22T00:00:00.000Z :over\n"
                        "KLINE a@c.example set=2026-01-01T00:00:00Z "
                        "until=2026-11-22T00:00:00.001Z :not yet\n"));
    CONTAINS(said, ": 1 taken (1 K-line), 1 expired\n");
    CU_ASSERT_PTR_NOT_NULL(ban_find(w->srv, BAN_KLINE, "a@c.example"));
    world_free(w);
}

static void
good_lines_are_loaded_beside_bad_ones(void)
{
    struct world *w = world_new(world_easy);
    CU_ASSERT_FALSE(
        load(w, "dir/kline.conf",
             "# a comment\r\n\r\n"
             "\"*\",\"192.0.2.7\",\"x\",\"\",\"2005/3/17 05.33\",\"a\",1\r\n"
             "\"*\",\"1.2.3\",\"x\",\"\",\"2005/3/17 05.33\",\"a\",1\n"
             "\"*\",\"*\",\"x\",\"\",\"2005/3/17 05.33\",\"a\",1\n"
             "LINE E a@b.example a 1 0 :x\n"
             "LINE E a@c.example a 1 0 :x\n"
             "LINE K a@c.example a 1 60 :x\n"
             "nonsense"));
    CONTAINS(told, "dir/kline.conf:4: ");
    CONTAINS(told, "dir/kline.conf:5: *@* is too broad: it has fewer than 4 letters");
    CONTAINS(told, "dir/kline.conf:9: \"nonsense\" is no kind of ban");
    CONTAINS(said, "dir/kline.conf: 3 lines of quoted fields (kline.conf): 1 taken (1 "
                   "K-line), 2 refused\n");
    CONTAINS(said, ": 3 lines of InspIRCd's xline.db: 0 taken, 1 expired\n");
    CONTAINS(said, ": 2 skipped: E-lines: an exempt block");
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 1);
    world_free(w);
}

static void
globs_over_addresses_are_judged_as_prefixes(void)
{
    struct world *w = world_new(world_easy);
    CU_ASSERT_FALSE(load(w, "x",
                         "KLINE *@2001:* :x\nKLINE *@10.* :x\nKLINE *@010.* :x\n"
                         "KLINE *@2001:db8:0:0:* :x\nKLINE *@10.7.* :x\n"
                         "KLINE *@2001:d* force=yes :x\n"));
    CONTAINS(told, "x:1: *@2001::/16 is too broad: ");
    CONTAINS(told, "x:2: *@10.* is too broad: it amounts to an IPv4 prefix of /8");
    CONTAINS(told, "x:3: \"010.*\" has a number with a zero in front, so it "
                   "matches no address: expected 10.*");
    CONTAINS(said, ": 3 taken (3 K-lines), 3 refused");
    CU_ASSERT(ban_find(w->srv, BAN_KLINE, "*@2001:db8::/64") != NULL);
    CU_ASSERT_FALSE(load(w, "dir/kline.conf",
                         "\"*\",\"2001:d*\",\"x\",\"\",\"2005/3/17 05.33\",\"a\",1\n"));
    CONTAINS(told, "dir/kline.conf:1: *@2001:d* is too broad: ");
    world_free(w);
}

static void
broad_lines_need_force(void)
{
    struct world *w = world_new(world_easy);
    CU_ASSERT_TRUE(load(w, "x", "DLINE 10.0.0.0/8 force=yes :set with FORCE once\n"));
    CU_ASSERT_FALSE(load(w, "x",
                         "KLINE *@* :everything\nDLINE 12.0.0.0/15 force=no\n"
                         "XLINE *a*b*c* :x\nRESV abc\nDLINE 12.0.0.0/16\n"));
    CONTAINS(told, "x:1: *@* is too broad: it has fewer than 4 letters or digits; "
                   "force=yes in the line sets it anyway\nx:2: 12.0.0.0/15 is too "
                   "broad: its prefix is shorter than /16; force=yes");
    CONTAINS(told, "x:3: *a*b*c* is too broad: ");
    CONTAINS(said, ": 2 taken (1 D-line, 1 RESV), 3 refused");
    CU_ASSERT_FALSE(load(w, "x", "LINE Z 11.0.0.0/8 a 1 0 :x\n"));
    CONTAINS(told,
             "x:1: 11.0.0.0/8 is too broad: its prefix is shorter than /16; DLINE "
             "FORCE");
    CU_ASSERT_TRUE(load(w, "x", "LINE Z 11.0.0.0/16 a 1 0 :x\n"));
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_DLINE], 3);
    world_free(w);
}

static void
loading_twice_is_harmless_whatever_a_line_leaves_out(void)
{
    struct world *w = world_new(world_easy);
    static const char own[] = "KLINE a@b.example :one\n"
                              "KLINE a@c.example until=2027-01-01T00:00:00Z :two\n"
                              "KLINE a@d.example by=bob\n";
    static const char foreign[] = "\"u\",\"e.example\",\"spam\"\n";
    CU_ASSERT_TRUE(load(w, "x", own));
    CU_ASSERT_TRUE(load(w, "kline.conf", foreign));
    world_sleep(w, 1000);
    CU_ASSERT_TRUE(load(w, "x", own));
    CONTAINS(said, ": 0 taken, 3 there already\n");
    CU_ASSERT_TRUE(load(w, "kline.conf", foreign));
    CONTAINS(said, ": 0 taken, 1 there already\n");
    CU_ASSERT_TRUE(load(w, "x",
                        "KLINE a@b.example by=eve :one\nKLINE a@c.example :two\n"
                        "KLINE a@d.example :other\n"));
    CONTAINS(said, ": 3 taken (3 K-lines), 3 of them replaced another\n");
    world_free(w);
}

static void
the_account_names_the_form_of_the_lines(void)
{
    static const struct {
        const char *file, *line, *want;
    } rows[] = {
        {"kline.conf", "\"u\",\"b.example\",\"x\"",
         "1 line of quoted fields (kline.conf): 1"},
        {"dline.conf", "\"192.0.2.7\",\"x\"",
         "1 line of quoted fields (dline.conf): 1"},
        {"xline.conf.perm", "\"abcd\",\"x\"",
         "1 line of quoted fields (xline.conf): 1"},
        {"a/nresv.conf", "\"abcd\",\"x\"", "1 line of quoted fields (resv.conf): 1"},
        {"-", "\"abcd\",\"x\",\"a\",1", "1 line of quoted fields: 1"},
        {"rkline.conf", "\".*\"", "1 line of quoted fields: 0"},
        {"xline.db", "FOO BAR", "1 line in an unknown format: 0 taken, 1 refused"},
        {"x", "\x1b[31m\xfe\x02", "1 line in an unknown format: 0 taken, 1 refused"},
        {"x", "KLINEX a@b.example", "1 line in an unknown format: 0"},
        {"x", "kline a@b.example", "1 line in this server's format: 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world *w = world_new(world_easy);
        load(w, rows[i].file, rows[i].line);
        CONTAINS(said, rows[i].want);
        CU_ASSERT_PTR_NULL(strpbrk(told, "\x1b\x02"));
        world_free(w);
    }
}

static void
odd_bytes_are_read_or_named(void)
{
    struct world *w = world_new(world_easy);
    static const char nul[] = "KLINE a@b.example :x\0y\nKLINE a@c.example :z\n";
    CU_ASSERT_FALSE(load_bytes(w, "x", nul, sizeof nul - 1));
    CONTAINS(told, "x:1: there is a NUL byte in the line");
    CU_ASSERT_TRUE(load(w, "x", "\xEF\xBB\xBFKLINE a@d.example :caf\xe9\r\n"));
    CONTAINS(said, "x: 1 line read as Latin-1");
    EQUAL_TEXT(ban_find(w->srv, BAN_KLINE, "a@d.example")->reason, "caf\xc3\xa9");
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 2);
    world_free(w);
}

static void
nothing_that_ends_a_line_comes_in(void)
{
    struct world *w = world_new(world_easy);
    CU_ASSERT_FALSE(load(w, "x", "KLINE a@b.example :x\\r\\nKILL y\n"));
    CONTAINS(told, "has \\x0d in it: expected one line");
    CU_ASSERT_FALSE(load(w, "x", "KLINE a@b.example :x|z\\n\n"));
    CONTAINS(told, "has \\x0a in it: expected one line");
    CU_ASSERT_FALSE(load(w, "x", "KLINE a@b.example by=a\\sb :x\n"));
    CONTAINS(told, "has \\x20 in it: expected one word");
    CU_ASSERT_PTR_NULL(ban_find(w->srv, BAN_KLINE, "a@b.example"));
    CU_ASSERT_TRUE(load(w, "x", "KLINE a@b.example by=:a :x\n"));
    EQUAL_TEXT(ban_find(w->srv, BAN_KLINE, "a@b.example")->setter, "?a");
    CU_ASSERT_TRUE(load(w, "x", "KLINE a@c.example :\\xff\xc3\xa9\n"));
    EQUAL_TEXT(ban_find(w->srv, BAN_KLINE, "a@c.example")->reason, "?\xc3\xa9");
    CU_ASSERT_FALSE(load(w, "x", "KLINE a\\xff@d.example\n"));
    CONTAINS(told, "x:1: its mask is not UTF-8");
    CU_ASSERT_FALSE(load(w, "x", "KLINE a\\nb :x\n"));
    CONTAINS(told, "x:1: \"a?b\"");
    world_free(w);
}

static void
lines_go_on_behind_a_backslash(void)
{
    struct world *w = world_new(world_easy);
    CU_ASSERT_TRUE(
        load(w, "x", "KLINE a@b.example :one \\\ntwo\\\\\nKLINE a@c.example\n"));
    EQUAL_TEXT(ban_find(w->srv, BAN_KLINE, "a@b.example")->reason, "one two\\");
    CU_ASSERT_PTR_NOT_NULL(ban_find(w->srv, BAN_KLINE, "a@c.example"));
    CU_ASSERT_FALSE(load(w, "x", "KLINE a@d.example :one\\"));
    CONTAINS(told, "x:1: the last line ends with a backslash");
    CU_ASSERT_PTR_NULL(ban_find(w->srv, BAN_KLINE, "a@d.example"));
    world_free(w);
}

static void
a_line_has_a_longest_length(void)
{
    struct world *w = world_new(world_easy);
    char text[BAN_IMPORT_LINE + 3];
    for (int over = 0; over < 2; over++) {
        memset(text, ' ', sizeof text);
        memcpy(text, "KLINE a@b.example", 17);
        size_t n = BAN_IMPORT_LINE + (size_t)over;
        text[n - 2] = ':';
        text[n - 1] = 'x';
        text[n] = '\n';
        EQUAL_NUMBER(load_bytes(w, "x", text, n + 1), !over);
    }
    CONTAINS(told, "x:1: the line is longer than 8192 bytes");
    world_free(w);
}

static void
a_file_without_its_end_or_of_another_version_is_told(void)
{
    struct world *w = world_new(world_easy);
    CU_ASSERT_FALSE(load(w, "x", BAN_TEXT_HEAD "\nKLINE a@b.example :x\n"));
    CONTAINS(told, "x:2: the line \"# end of bans: …\" is missing");
    EQUAL_NUMBER(w->srv->policy->n_bans[BAN_KLINE], 1);
    CU_ASSERT_FALSE(
        load(w, "x", BAN_TEXT_HEAD "\nKLINE a@c.example :x\n" BAN_TEXT_END "3\n"));
    CONTAINS(told, "x:3: \"# end of bans: 3\": there are 1 above it");
    CU_ASSERT_FALSE(load(w, "x", BAN_TEXT_HEAD "\n" BAN_TEXT_END "none\n"));
    CONTAINS(told, "x:2: \"# end of bans: none\": there are 0 above it");
    CU_ASSERT_FALSE(
        load(w, "x", BAN_TEXT_HEAD "\n" BAN_TEXT_HEAD "\n" BAN_TEXT_END "0"));
    CONTAINS(told, "x:2: the line \"# end of bans: …\" is missing");
    static const char two[] = "KLINE a@c.example :x\n" BAN_TEXT_HEAD
                              "\nKLINE a@c.example :x\nbroken\n" BAN_TEXT_END
                              "2\n" BAN_TEXT_HEAD "\n" BAN_TEXT_END "0\n";
    CU_ASSERT_FALSE(load(w, "x", two));
    CU_ASSERT_PTR_NULL(strstr(told, "above it"));
    CU_ASSERT_FALSE(load(w, "x", "# ircd bans 2\n" BAN_TEXT_END "0\n"));
    CONTAINS(told, "x:1: another version of this format");
    CU_ASSERT_TRUE(load(w, "x", "# nothing\n"));
    EQUAL_TEXT(said, "x: there are no bans in it\n");
    world_free(w);
}

static void
examples_end_but_counting_does_not(void)
{
    struct world *w = world_new(world_easy);
    char text[3000] = "";
    struct str s;
    str_init(&s, text, sizeof text);
    for (int i = 0; i < 50; i++)
        str_addf(&s, "bad%d x\n", i);
    CU_ASSERT_FALSE(load(w, "x", text));
    CONTAINS(told, "x:20: ");
    CU_ASSERT_PTR_NULL(strstr(told, "x:21: "));
    CONTAINS(said, ": 0 taken, 50 refused\nx: 30 more refused lines are not shown\n");
    world_free(w);
}

/* --- BANS EXPORT ---------------------------------------------------------------------
 */

static void
export_needs_the_privilege_and_its_word(void)
{
    struct world *w = world_new(world_easy);
    struct actor *bob = world_user(w, "bob"), *alice = world_oper(w, "alice");
    world_say(w, bob, "BANS EXPORT");
    EXPECT(w, bob, ":* 481 bob :*");
    world_say(w, alice, "BANS export");
    EXPECT(w, alice, ":* NOTICE alice :# ircd bans 1");
    EXPECT(w, alice, ":* NOTICE alice :# end of bans: 0");
    world_free(w);
}

static void
add_many(struct world *w, int n)
{
    struct ban_import *im = xmalloc(sizeof *im);
    char line[100];
    ban_import_init(im, w->srv, "x");
    for (int i = 0; i < n; i++) {
        str_format(line, sizeof line, "KLINE u%d@example.org :number %d", i, i);
        ban_import_line(im, line, strlen(line), true);
    }
    free(im);
}

static void
a_long_export_comes_in_pieces_and_loses_nothing(void)
{
    struct world *w = world_new(world_easy);
    struct actor *alice = world_oper(w, "alice"), *bob = world_oper(w, "bob");
    add_many(w, 3000);
    world_say(w, alice, "BANS EXPORT");
    unsigned first = world_count(alice, "* NOTICE alice :KLINE *");
    CU_ASSERT_TRUE(first > 0 && first < 3000);
    world_sayf(w, bob, "UNKLINE u%u@example.org", first); /* where it stands */
    world_say(w, bob, "UNKLINE u2999@example.org");       /* at the end */
    world_say(w, bob, "UNKLINE u0@example.org");          /* said already */
    world_sleep(w, 5000);
    EQUAL_NUMBER(world_count(alice, "* NOTICE alice :KLINE u*@example.org *"), 2998);
    AWAIT(w, alice, ":* NOTICE alice :# end of bans: 2998");
    world_free(w);
}

static void
an_oper_that_leaves_ends_the_export(void)
{
    struct world *w = world_new(world_easy);
    struct actor *alice = world_oper(w, "alice"), *bob = world_oper(w, "bob");
    add_many(w, 3000);
    world_say(w, alice, "BANS EXPORT");
    world_close(w, alice);
    world_say(w, bob, "UNKLINE u2000@example.org");
    world_store_news(w);
    AWAIT(w, bob, "*removed, saved");
    world_free(w);
}

static void
a_ban_too_long_for_irc_goes_on_in_the_next_notice(void)
{
    struct world *w = world_new(world_easy);
    char line[800];
    struct actor *alice = world_oper(w, "alice");
    int n = snprintf(line, sizeof line, "KLINE a@b.example :");
    for (int i = 0; i < 2; i++) {
        memset(line + n, 'a' + i, 255);
        n += 255;
        line[n++] = i ? '\0' : '|';
    }
    CU_ASSERT_TRUE(load(w, "x", line));
    world_say(w, alice, "BANS EXPORT");
    EXPECT(w, alice, "*# ircd bans 1");
    EXPECT(w, alice, ":* NOTICE alice :KLINE a@b.example *aaa|bb*b\\");
    EXPECT(w, alice, ":* NOTICE alice :b*bbb");
    EXPECT(w, alice, ":* NOTICE alice :# end of bans: 1");
    world_free(w);
}

SUITE(ban_import)
{
    TEST(a_file_that_was_exported_loads_the_same_bans);
    TEST(nothing_that_ends_a_line_comes_in);
    TEST(a_ban_on_a_proxy_needs_force);
    TEST(a_ban_of_the_same_mask_is_replaced);
    TEST(an_end_is_over_at_its_millisecond);
    TEST(good_lines_are_loaded_beside_bad_ones);
    TEST(globs_over_addresses_are_judged_as_prefixes);
    TEST(broad_lines_need_force);
    TEST(loading_twice_is_harmless_whatever_a_line_leaves_out);
    TEST(the_account_names_the_form_of_the_lines);
    TEST(odd_bytes_are_read_or_named);
    TEST(lines_go_on_behind_a_backslash);
    TEST(a_line_has_a_longest_length);
    TEST(a_file_without_its_end_or_of_another_version_is_told);
    TEST(examples_end_but_counting_does_not);
    TEST(export_needs_the_privilege_and_its_word);
    TEST(a_long_export_comes_in_pieces_and_loses_nothing);
    TEST(an_oper_that_leaves_ends_the_export);
    TEST(a_ban_too_long_for_irc_goes_on_in_the_next_notice);
}
