/* One line: its parts lie inside it, in order, and hold no separator; the verb is the
 * same before and after the cut; texts are cut at characters. */
#include "base/duration.h"
#include "base/mem.h"
#include "fuzz.h"
#include "proto/message.h"
#include "proto/name.h"
#include "proto/utf8.h"

#include <stdlib.h>
#include <string.h>

static void
check_word(const char *word, const char *line, size_t len)
{
    MUST(word >= line && word + strlen(word) <= line + len);
    MUST(strpbrk(word, "\r\n") == NULL);
}

static void
check_tags(const char *tags)
{
    char value[64];
    struct tag tag;
    for (const char *at = tags; tag_next(&at, &tag);) {
        MUST(tag.key_len > 0 && !memchr(tag.key, ';', tag.key_len));
        MUST(tag.value == NULL || !memchr(tag.value, ';', tag.value_len));
        size_t n = tag_unescape(tag.value, tag.value_len, value, sizeof value);
        MUST(n < sizeof value && value[n] == '\0' && n <= tag.value_len);
    }
}

static void
check_message(const char *line, size_t len, const struct message *m)
{
    MUST(m->verb[0] != '\0' && strchr(m->verb, ' ') == NULL);
    MUST(m->nparams >= 0 && m->nparams <= MESSAGE_PARAMS && !m->params[m->nparams]);
    check_word(m->verb, line, len);
    for (int i = 0; i < m->nparams; i++) {
        check_word(m->params[i], line, len);
        MUST(i == m->nparams - 1 || strchr(m->params[i], ' ') == NULL);
        MUST(i == m->nparams - 1 || m->params[i][0] != '\0');
    }
    if (m->source)
        check_word(m->source, line, len);
    if (m->tags)
        check_tags(m->tags);
}

static void
check_look(const char *line, size_t len)
{
    bool bad =
        memchr(line, '\0', len) || memchr(line, '\r', len) || memchr(line, '\n', len);
    enum message_status want = bad                     ? MESSAGE_BAD_BYTE
                               : utf8_valid(line, len) ? MESSAGE_OK
                                                       : MESSAGE_BAD_TEXT;
    MUST(message_look(line, len) == want);
}

static void
check_cut(const char *line, size_t len)
{
    bool valid = utf8_valid(line, len);
    for (size_t max = 0; max <= len; max++) {
        size_t n = utf8_cut(line, len, max);
        MUST(n <= max && (!valid || utf8_valid(line, n)));
        MUST(!valid || max - n < 4);
    }
}

static void
check_names(const char *line)
{
    char user[NAME_USER_MAX + 1];
    msec length;
    if (name_is_nick(line, NAME_NICK_MAX))
        MUST(strlen(line) <= NAME_NICK_MAX && !strpbrk(line, " :!@,#*?"));
    if (name_is_channel(line))
        MUST(strlen(line) <= NAME_CHANNEL_MAX && !strpbrk(line, " ,\a\r\n") &&
             utf8_valid(line, strlen(line)));
    if (name_make_user(line, user))
        MUST(user[0] != '\0' && !strpbrk(user, " :!@,#*?"));
    duration_parse(line, DURATION_BARE_MINUTES, &length);
}

int
fuzz_message(const uint8_t *bytes, size_t n)
{
    struct message m;
    char *line = xmalloc(n + 1), verb[64] = "";
    memcpy(line, bytes, n);
    line[n] = '\0';
    check_look(line, n);
    check_cut(line, n);
    check_names(line);
    MUST(message_tags_length(line, n) <= n);
    size_t verb_len;
    const char *at = message_verb(line, n, &verb_len);
    MUST(at >= line && at + verb_len <= line + n);
    if (verb_len < sizeof verb)
        memcpy(verb, at, verb_len);
    if (message_parse(line, n, &m) == MESSAGE_OK) {
        check_message(line, n, &m);
        MUST(m.verb == at && strlen(m.verb) == verb_len);
        MUST(verb_len >= sizeof verb || strncmp(m.verb, verb, sizeof verb) == 0);
    }
    free(line);
    return 0;
}
