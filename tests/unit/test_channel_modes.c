/* The effects of the channel modes (Modern IRC "Channel modes"): lists as MODE shows
 * and changes them, the rights to change them, and I j f p and half-operators. */
#include "state/channel.h"
#include "world.h"

static struct world *w;
static struct actor *ann, *bob, *eve;

static void
mode(const char *changes)
{
    world_sayf(w, ann, "MODE #a %s", changes);
    world_drain_all(w);
}

/* Modern IRC "RPL_BANLIST", "RPL_EXCEPTLIST", "RPL_INVEXLIST"; 728 as in the field. */
static void
each_list_is_shown_with_its_numerics(void)
{
    static const struct {
        const char *letter, *entry, *end;
    } cases[] = {
        {"b", ":irc.localhost 367 eve #a x!*@* ann!ann@* 1795305600",
         ":irc.localhost 368 eve #a :*"},
        {"e", ":irc.localhost 348 bob #a x!*@* ann!ann@* 1795305600",
         ":irc.localhost 349 bob #a :*"},
        {"I", ":irc.localhost 346 bob #a x!*@* ann!ann@* 1795305600",
         ":irc.localhost 347 bob #a :*"},
        {"q", ":irc.localhost 728 eve #a q x!*@* ann!ann@* 1795305600",
         ":irc.localhost 729 eve #a q :*"},
    };
    w = world_three(&ann, &bob, &eve);
    mode("+beIq x x x x");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct actor *who = strchr("bq", *cases[i].letter) ? eve : bob;
        world_sayf(w, who, "MODE #a %s", cases[i].letter);
        EXPECT(w, who, cases[i].entry);
        EXPECT(w, who, cases[i].end);
        world_sayf(w, who, "MODE #a +%s%s", cases[i].letter, cases[i].letter);
        EXPECT(w, who, cases[i].entry);
        EXPECT(w, who, cases[i].end);
        SILENT(w, who);
    }
    world_free(w);
}

/* The lists show how to get in: a client outside gets 442, and still the end of the
 * list. */
static void
the_lists_of_the_trusted_are_read_inside_alone(void)
{
    w = world_three(&ann, &bob, &eve);
    mode("+eI x y");
    struct actor *root = world_oper(w, "root");
    world_say(w, eve, "MODE #a eI");
    EXPECT(w, eve, ":irc.localhost 442 eve #a :*");
    EXPECT(w, eve, ":irc.localhost 349 eve #a :*");
    EXPECT(w, eve, ":irc.localhost 442 eve #a :*");
    EXPECT(w, eve, ":irc.localhost 347 eve #a :*");
    SILENT(w, eve);
    world_drain(root);
    world_say(w, root, "MODE #a eI");
    EQUAL_NUMBER(world_count(root, "* 348 root #a x!*"), 1);
    EQUAL_NUMBER(world_count(root, "* 346 root #a y!*"), 1);
    world_free(w);
}

static void
one_line_of_changes_is_one_line(void)
{
    static const struct {
        const char *line, *told; /* NULL: no change is relayed */
    } cases[] = {
        {"+o-v+h bob bob bob", "+oh bob bob"},
        {"-oh bob bob", "-oh bob bob"},
        {"+beIq a b c d", "+beIq a!*@* b!*@* c!*@* d!*@*"},
        {"-beIq a b c d", "-beIq a!*@* b!*@* c!*@* d!*@*"},
        {"+b ~t:10:~m:x", "+b ~t:10m:~m:x!*@*"},
        {"+b ~time:600s:~mute:X", NULL},
        {"-b ~m:x", NULL},
        {"-b ~t:10:~m:x", "-b ~t:10m:~m:x!*@*"},
        {"+b :~realname:two words", "+b ~realname:two?words"},
        {"-b ~realname:two?words", "-b ~realname:two?words"},
        {"+q ~channel:#A", "+q ~channel:#A"},
        {"-q ~channel:#a", "-q ~channel:#A"},
        {"+Sj 5 3:10", "+Sj 5 3:10"},
        {"+Sj 5 3:10", NULL},
        {"+Sj 6 3:11", "+Sj 6 3:11"},
        {"-Sj+Cc", "-Sj+Cc"},
        {"+Cc-Cc+pz", "-Cc+pz"},
        {"-pz", "-pz"},
    };
    char want[256];
    w = world_three(&ann, &bob, &eve);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_sayf(w, ann, "MODE #a %s", cases[i].line);
        if (cases[i].told) {
            snprintf(want, sizeof want, ":ann!ann@* MODE #a %s", cases[i].told);
            EXPECT(w, ann, want);
            EXPECT(w, bob, want);
        }
        SILENT(w, ann);
        SILENT(w, bob);
    }
    world_free(w);
}

/* 696 ERR_INVALIDMODEPARAM and the other errors. */
static void
a_bad_parameter_is_answered(void)
{
    static const struct {
        const char *line, *reply;
    } cases[] = {
        {"+S", "461 ann MODE"},
        {"+S 0", "696 ann #a S 0"},
        {"+S 86401", "696 ann #a S 86401"},
        {"+S 1s", "696 ann #a S 1s"},
        {"+j 3", "696 ann #a j 3"},
        {"+j 3:", "696 ann #a j 3:"},
        {"+j :3", "696 ann #a j *"},
        {"+j 0:3", "696 ann #a j 0:3"},
        {"+j 1001:3", "696 ann #a j 1001:3"},
        {"+j 11111111111111111111111:3", "696 ann #a j 1*:3"},
        {"+f b", "696 ann #a f b"},
        {"+f #A", "696 ann #a f #A"},
        {"+f #none", "403 ann #none"},
        {"+f #eve", "482 ann #eve"},
        {"+f #hidden", "403 ann #hidden"},
        {"+P", "481 ann"},
        {"+q ~mute:x", "696 ann #a q ~mute:x"},
        {"+I ~m:x", "696 ann #a I ~m:x"},
        {"+b ~nothing:x", "696 ann #a b ~nothing:x"},
        {"+b ~time:never:x", "696 ann #a b ~time:never:x"},
        {"+b ~channel:#none", "403 ann #none"},
        {"+b ~channel:#hidden", "403 ann #hidden"},
        {"+h nobody", "401 ann nobody"},
        {"+h eve", "441 ann eve #a"},
        {"+h", "461 ann MODE"},
        {"Q", "472 ann Q"},
    };
    char want[128];
    w = world_three(&ann, &bob, &eve);
    world_say(w, eve, "JOIN #eve,#hidden");
    world_say(w, eve, "MODE #hidden +p");
    world_drain_all(w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_sayf(w, ann, "MODE #a %s", cases[i].line);
        snprintf(want, sizeof want, ":irc.localhost %s*:*", cases[i].reply);
        EXPECT(w, ann, want);
        SILENT(w, ann);
        SILENT(w, bob);
    }
    world_free(w);
}

static void
each_list_has_its_own_limit(void)
{
    static const char *const letters = "beIq";
    w = world_new("limits { bans_per_channel = 2 } flood { burst = 99 }");
    ann = world_user(w, "ann");
    world_say(w, ann, "JOIN #a");
    world_drain(ann);
    for (const char *at = letters; *at; at++) {
        char want[64];
        world_sayf(w, ann, "MODE #a +%c%c%c x y z", *at, *at, *at);
        snprintf(want, sizeof want, ":irc.localhost 478 ann #a %c :*", *at);
        EXPECT(w, ann, want);
        snprintf(want, sizeof want, ":ann!ann@* MODE #a +%c%c x!?@? y!?@?", *at, *at);
        EXPECT(w, ann, want);
        SILENT(w, ann);
    }
    world_free(w);
}

static void
the_server_takes_a_timed_entry_off_when_it_ends(void)
{
    w = world_three(&ann, &bob, &eve);
    world_say(w, ann, "MODE #a +bbq ~time:1m:eve ~time:5m:x ~time:1m:y");
    world_drain_all(w);
    world_say(w, eve, "JOIN #a");
    EXPECT(w, eve, ":irc.localhost 474 eve #a :*");
    world_sleep(w, MSEC_MINUTE - 1);
    world_say(w, eve, "JOIN #a");
    EXPECT(w, eve, ":irc.localhost 474 eve #a :*");
    SILENT(w, ann);
    world_sleep(w, 1001);
    EXPECT(w, ann, ":irc.localhost MODE #a -bq ~time:1m:eve!?@? ~time:1m:y!?@?");
    EXPECT(w, bob, ":irc.localhost MODE #a -bq *");
    SILENT(w, ann);
    world_say(w, ann, "MODE #a b");
    EXPECT(w, ann, "* 367 ann #a ~time:5m:x!?@? *");
    EXPECT(w, ann, "* 368 *");
    world_say(w, eve, "JOIN #a");
    EXPECT(w, eve, ":eve!* JOIN *#a");
    world_free(w);
}

/* A timed ban that has ended, before the tick removes it: it is neither listed nor
 * counted nor in the way. */
static void
an_entry_that_is_over_may_be_set_again(void)
{
    w = world_three(&ann, &bob, &eve);
    mode("+b ~time:1m:eve");
    session_clock(w->srv, w->srv->now, w->srv->wall + MSEC_MINUTE);
    world_say(w, eve, "MODE #a b");
    EXPECT(w, eve, "* 368 *");
    world_say(w, ann, "MODE #a +b ~time:1m:eve");
    EXPECT(w, ann, ":ann!* MODE #a +b ~time:1m:eve!?@?");
    world_say(w, eve, "JOIN #a");
    AWAIT(w, eve, "* 474 eve #a :*");
    world_free(w);
}

static void
half_operators_do_what_is_theirs(void)
{
    static const struct {
        const char *line, *reply;
    } cases[] = {
        {"MODE #a +v eve", ":hal!* MODE #a +v eve"},
        {"MODE #a -v eve", ":hal!* MODE #a -v eve"},
        {"MODE #a +beIq x x x x", ":hal!* MODE #a +beIq *"},
        {"TOPIC #a :tea", ":hal!* TOPIC #a :tea"},
        {"MODE #a +o eve", ":irc.localhost 482 hal #a :*"},
        {"MODE #a +h eve", ":irc.localhost 482 hal #a :*"},
        {"MODE #a -o ann", ":irc.localhost 482 hal #a :*"},
        {"MODE #a -h bob", ":irc.localhost 482 hal #a :*"},
        {"MODE #a +m", ":irc.localhost 482 hal #a :*"},
        {"MODE #a +k x", ":irc.localhost 482 hal #a :*"},
        {"MODE #a +l 5", ":irc.localhost 482 hal #a :*"},
        {"KICK #a ann", ":irc.localhost 482 hal #a :*"},
        {"KICK #a bob", ":irc.localhost 482 hal #a :*"},
        {"KICK #a eve", ":hal!* KICK #a eve :hal"},
        {"INVITE eve #a", ":irc.localhost 341 hal eve #a"},
        {"PRIVMSG #a :x", NULL},
        {"MODE #a -h hal", ":hal!* MODE #a -h hal"},
        {"MODE #a +v ann", ":irc.localhost 482 hal #a :*"},
        {"PRIVMSG #a :x", ":irc.localhost 404 hal #a :*"},
    };
    w = world_three(&ann, &bob, &eve);
    world_channel(w, "#a", "bob%", "hal%", "eve");
    struct actor *hal = world_actor(w, "hal");
    mode("+mi");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, hal, cases[i].line);
        if (cases[i].reply)
            EXPECT(w, hal, cases[i].reply);
        SILENT(w, hal);
    }
    world_free(w);
}

static void
a_half_operator_is_shown_as_such(void)
{
    w = world_three(&ann, &bob, &eve);
    mode("+hv bob bob");
    world_say(w, ann, "NAMES #a");
    AWAIT(w, ann, "* 353 ann = #a :*%bob*");
    world_say(w, ann, "WHO #a");
    AWAIT(w, ann, "* 352 ann #a bob * bob H% :*");
    mode("-h bob");
    world_say(w, ann, "NAMES #a");
    AWAIT(w, ann, "* 353 ann = #a :*+bob*");
    world_free(w);
}

static void
joins_are_throttled_to_so_many_in_so_long(void)
{
    w = world_three(&ann, &bob, &eve);
    mode("+j 2:60");
    struct actor *x = world_user(w, "x"), *y = world_user(w, "y");
    world_say(w, eve, "JOIN #a");
    world_say(w, x, "JOIN #a");
    world_drain_all(w);
    world_say(w, y, "JOIN #a");
    EXPECT(w, y, ":irc.localhost 480 y #a :* 30 seconds");
    world_sleep(w, 29999);
    world_say(w, y, "JOIN #a");
    EXPECT(w, y, ":irc.localhost 480 y #a :* 1 seconds");
    world_sleep(w, 1);
    world_say(w, y, "JOIN #a");
    EXPECT(w, y, ":y!* JOIN *#a");
    world_say(w, y, "PART #a");
    world_say(w, ann, "INVITE y #a");
    world_drain_all(w);
    world_say(w, y, "JOIN #a");
    EXPECT(w, y, ":y!* JOIN *#a");
    world_free(w);
}

static void
a_client_that_cannot_join_is_forwarded(void)
{
    static const char *const doors[] = {"+i", "+b eve", "+k key", "+l 1"};
    for (size_t i = 0; i < sizeof doors / sizeof *doors; i++) {
        w = world_three(&ann, &bob, &eve);
        world_say(w, ann, "JOIN #lobby");
        mode("+f #lobby");
        mode(doors[i]);
        world_say(w, eve, "JOIN #a");
        EXPECT(w, eve, ":irc.localhost 470 eve #a #lobby :*");
        EXPECT(w, eve, ":eve!* JOIN *#lobby");
        AWAIT(w, eve, "* 366 eve #lobby :*");
        world_say(w, eve, "JOIN #a"); /* is there already */
        EXPECT(w, eve, ":irc.localhost 47? eve #a :*");
        SILENT(w, eve);
        world_free(w);
    }
}

static void
a_forward_goes_no_further_than_one_channel(void)
{
    w = world_three(&ann, &bob, &eve);
    world_say(w, ann, "JOIN #b");
    world_say(w, ann, "MODE #b +if #a");
    mode("+if #b");
    world_say(w, eve, "JOIN #a");
    EXPECT(w, eve, ":irc.localhost 473 eve #a :*");
    SILENT(w, eve);
    world_say(w, ann, "PART #b");
    world_say(w, eve, "JOIN #a"); /* the other channel is gone */
    EXPECT(w, eve, ":irc.localhost 473 eve #a :*");
    SILENT(w, eve);
    world_free(w);
}

static void
a_private_channel_is_not_shown(void)
{
    static const char *const questions[] = {
        "NAMES #a", "LIST #a", "LIST", "WHO #a", "WHOIS ann", "TOPIC #a", "MODE #a",
    };
    w = world_three(&ann, &bob, &eve);
    mode("+p");
    world_say(w, ann, "NAMES #a");
    EXPECT(w, ann, ":irc.localhost 353 ann ? #a :*");
    CU_ASSERT(world_count(ann, "*") == 1);
    world_drain(ann);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        world_say(w, eve, questions[i]);
        NEVER(w, eve, "* 353 *");
        NEVER(w, eve, "* 322 *");
        NEVER(w, eve, "* 352 *");
        NEVER(w, eve, "* 319 *#a*");
        NEVER(w, eve, "* 324 *");
        world_drain(eve);
    }
    world_say(w, eve, "JOIN #a");
    EXPECT(w, eve, ":eve!* JOIN *#a");
    EXPECT(w, eve, ":irc.localhost 353 eve ? #a :*");
    mode("-p");
    world_say(w, ann, "NAMES #a");
    EXPECT(w, ann, ":irc.localhost 353 ann = #a :*");
    world_free(w);
}

static void
invite_exceptions_open_that_door_alone(void)
{
    w = world_three(&ann, &bob, &eve);
    mode("+iI eve");
    world_say(w, eve, "JOIN #a");
    EXPECT(w, eve, ":eve!* JOIN *#a");
    world_say(w, eve, "PART #a");
    mode("+k key");
    world_say(w, eve, "JOIN #a");
    AWAIT(w, eve, "* 475 eve #a :*");
    mode("-kI key eve");
    world_say(w, eve, "JOIN #a");
    EXPECT(w, eve, "* 473 eve #a :*");
    world_free(w);
}

/* Masks name the cloak, the address or its network: each matches a client that has
 * shown its address, with its cloak on or off. */
static void
a_client_that_showed_its_address_is_found_by_it(void)
{
    static const char *const masks[] = {"192.0.2.9", "192.0.2.0/24", "*!*@192.0.2.*",
                                        "~mute:192.0.2.9", "cloak"};
    w = world_new(
        "server { cloak = true cloak_optional = true } flood { burst = 999 }");
    ann = world_user(w, "ann");
    eve = world_user_at(w, "eve", "192.0.2.9");
    world_channel(w, "#a", "ann@", "eve");
    CU_ASSERT(strstr(eve->client->user.host, "192.0.2") == NULL);
    char cloak[64];
    snprintf(cloak, sizeof cloak, "%s", eve->client->user.host);
    world_say(w, eve, "MODE eve -x");
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        const char *mask = strcmp(masks[i], "cloak") ? masks[i] : cloak;
        world_sayf(w, ann, "MODE #a +b %s", mask);
        for (int on = 1; on >= 0; on--) {
            world_say(w, eve, on ? "MODE eve +x" : "MODE eve -x");
            world_drain_all(w);
            world_say(w, eve, "PRIVMSG #a :x");
            EXPECT(w, eve, ":irc.localhost 404 eve #a :*");
            NEVER(w, ann, "*PRIVMSG*");
        }
        world_sayf(w, ann, "MODE #a -b %s", mask);
        world_drain_all(w);
        world_say(w, eve, "PRIVMSG #a :x");
        EXPECT(w, ann, ":eve!* PRIVMSG #a :x");
    }
    world_free(w);
}

/* Any line of letters and parameters leaves the state whole (session_check after each),
 * and no letter is relayed more often than it was sent. */
static void
any_line_of_changes_is_survived(void)
{
    static const char *const words[] = {
        "ann",         "bob",         "#a",
        "#b",          "~time:1s:x",  "~mute:bob",
        "~channel:#b", "*!*@*",       "3:1",
        "5",           "~realname:*", "",
        "x",           "10.0.0.0/8",  "~t:1:~m:~c:#a",
    };
    static const char letters[] = "+-+-beIqklSjfCcimnPpstzohvXQ";
    unsigned seed = 11;
    w = world_three(&ann, &bob, &eve);
    struct actor *root = world_oper(w, "root");
    struct actor *const who[] = {ann, bob, eve, root};
    for (int step = 0; step < 1000; step++) {
        char line[400] = "MODE #a ";
        for (int i = 0; i < 8; i++) {
            seed = seed * 1103515245 + 12345;
            size_t n = strlen(line);
            line[n] = letters[(seed >> 16) % (sizeof letters - 1)];
            line[n + 1] = '\0';
        }
        for (int i = 0; i < 8; i++) {
            seed = seed * 1103515245 + 12345;
            strncat(line, " ", 2);
            strncat(line, words[(seed >> 16) % (sizeof words / sizeof *words)], 32);
        }
        world_say(w, who[(seed >> 8) % 4], line);
        world_say(w, bob, step % 3 ? "PRIVMSG #a :x" : "PART #a");
        world_say(w, bob, "JOIN #a,#b");
        world_sleep(w, (seed >> 20) % 3 * 400);
        world_drain_all(w);
    }
    world_free(w);
}

static void
where_one_is_forwarded_to_is_for_members(void)
{
    w = world_three(&ann, &bob, &eve);
    world_say(w, ann, "JOIN #secret\r\nMODE #secret +s");
    mode("+f #secret");
    world_say(w, eve, "MODE #a");
    EXPECT(w, eve, ":irc.localhost 324 eve #a +fnt ?");
    world_say(w, bob, "MODE #a");
    EXPECT(w, bob, ":irc.localhost 324 bob #a +fnt #secret");
    world_free(w);
}

SUITE(channel_modes)
{
    TEST(each_list_is_shown_with_its_numerics);
    TEST(the_lists_of_the_trusted_are_read_inside_alone);
    TEST(one_line_of_changes_is_one_line);
    TEST(a_bad_parameter_is_answered);
    TEST(each_list_has_its_own_limit);
    TEST(the_server_takes_a_timed_entry_off_when_it_ends);
    TEST(an_entry_that_is_over_may_be_set_again);
    TEST(half_operators_do_what_is_theirs);
    TEST(a_half_operator_is_shown_as_such);
    TEST(joins_are_throttled_to_so_many_in_so_long);
    TEST(a_client_that_cannot_join_is_forwarded);
    TEST(a_forward_goes_no_further_than_one_channel);
    TEST(a_private_channel_is_not_shown);
    TEST(invite_exceptions_open_that_door_alone);
    TEST(a_client_that_showed_its_address_is_found_by_it);
    TEST(any_line_of_changes_is_survived);
    TEST(where_one_is_forwarded_to_is_for_members);
}
