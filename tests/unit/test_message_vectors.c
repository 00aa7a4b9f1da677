/* Lines of the server follow the "msg-join" vectors of the IRC parser tests (CC0). The
 * server has no function that builds a message from parts, so each vector is shown by a
 * line that it really sends and that has the form of the vector: with or without
 * source, tags, middle and last parameters. */
#include "world.h"

static void
said_and_heard(struct world *w, struct actor *ann, struct actor *bob)
{
    static const struct {
        const char *vector, *said, *heard;
        bool by_ann; /* the sender receives it too; else bob receives it */
    } rows[] = {
        {"verb and params", "PING asdf", ":irc.localhost PONG irc.localhost :asdf",
         true},
        {"source and no params", "AWAY", ":ann!ann@10.1.1.1 AWAY", false},
        {"source and empty trailing param",
         "TOPIC #a :", ":ann!ann@10.1.1.1 TOPIC #a :", false},
        {"source", "KICK #a bob asdf", ":ann!ann@10.1.1.1 KICK #a bob :asdf", false},
        {"trailing param", "TOPIC #a :asdf quux",
         ":ann!ann@10.1.1.1 TOPIC #a :asdf quux", false},
        {"trailing param containing colon", "KICK #a bob ::asdf",
         ":ann!ann@10.1.1.1 KICK #a bob ::asdf", false},
        {"source and trailing param", "KICK #a bob :asdf quux",
         ":ann!ann@10.1.1.1 KICK #a bob :asdf quux", false},
        {"beginning+end whitespace", "KICK #a bob :  asdf quux ",
         ":ann!ann@10.1.1.1 KICK #a bob :  asdf quux ", false},
        {"what looks like another trailing param", "KICK #a bob :lol :) ",
         ":ann!ann@10.1.1.1 KICK #a bob :lol :) ", false},
        {"only spaces", "KICK #a bob :  ", ":ann!ann@10.1.1.1 KICK #a bob :  ", false},
        {"param containing tab", "JOIN b\tar",
         ":irc.localhost 403 ann b\tar :No such channel: names of channels begin with "
         "#, as in #tea",
         true},
        {"tag with empty value",
         "@+asd= PRIVMSG #a :  ", "@+asd :ann!ann@10.1.1.1 PRIVMSG #a :  ", false},
        {"tag with no value",
         "@+asd PRIVMSG #a :  ", "@+asd :ann!ann@10.1.1.1 PRIVMSG #a :  ", false},
        {"escaped values", "@+a=b\\\\and\\nk;+d=gh\\:764 TAGMSG #a",
         "@+a=b\\\\and\\nk;+d=gh\\:764 :ann!ann@10.1.1.1 TAGMSG #a", false},
        {"escaped values and params", "@+a=b\\\\and\\nk;+d=gh\\:764 PRIVMSG #a :par2",
         "@+a=b\\\\and\\nk;+d=gh\\:764 :ann!ann@10.1.1.1 PRIVMSG #a :par2", false},
        {"long, strange values", "@+foo=\\\\\\\\\\:\\\\s\\s\\r\\n TAGMSG #a",
         "@+foo=\\\\\\\\\\:\\\\s\\s\\r\\n :ann!ann@10.1.1.1 TAGMSG #a", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct actor *hears = rows[i].by_ann ? ann : bob;
        char got[512];
        world_say(w, bob, "JOIN #a");
        world_drain_all(w);
        world_say(w, ann, rows[i].said);
        snprintf(got, sizeof got, "%.*s", (int)strcspn(hears->inbox, "\r"),
                 hears->inbox);
        char *id = strstr(got, "msgid="), *end = id ? strpbrk(id, "; ") : NULL;
        if (end) /* a message has a tag of its own; that has its own test */
            memmove(id, end + (*end == ';'), strlen(end + (*end == ';')) + 1);
        EQUAL_TEXT(got, rows[i].heard);
        if (strcmp(got, rows[i].heard) != 0)
            printf("      vector: %s\n", rows[i].vector);
    }
}

static void
lines_are_put_together_as_the_vectors_say(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    world_say(w, ann, "CAP REQ :message-tags");
    world_say(w, bob, "CAP REQ :message-tags away-notify");
    world_say(w, ann, "JOIN #a");
    world_say(w, ann, "TOPIC #a :tea");
    world_say(w, ann, "AWAY :gone");
    said_and_heard(w, ann, bob);
    world_free(w);
}

SUITE(message_vectors)
{
    TEST(lines_are_put_together_as_the_vectors_say);
}
