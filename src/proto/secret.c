/* Finds the part of a line that may be a password, by the verb. All rules mask the rest
 * of the line from one place on, so that no part of a password is taken for something
 * else. This file must never show a line that it does not understand. */
#include "proto/secret.h"

#include "base/str.h"
#include "proto/casemap.h"
#include "proto/message.h"

#include <string.h>

enum secret_rule {
    SECRET_FROM,  /* all parameters from this one on */
    SECRET_MODES, /* the mode letters, or the next parameters, may set a key */
    /* the text may be a command to a service, or a command typed without its '/' */
    SECRET_TEXT,
};

/* For both directions; the first parameter of a numeric is the nick. */
static const struct {
    const char *verb;
    enum secret_rule rule;
    int param; /* counted from 0 */
} rows[] = {
    {"PASS", SECRET_FROM, 0},
    {"OPER", SECRET_FROM, 0},
    {"JOIN", SECRET_FROM, 1},
    {"AUTHENTICATE", SECRET_FROM, 0},
    {"WEBIRC", SECRET_FROM, 0},
    {"421", SECRET_FROM, 1}, /* it repeats an unknown command */
    {"MODE", SECRET_MODES, 1},
    {"SAMODE", SECRET_MODES, 1},
    {"324", SECRET_MODES, 2},
    {"696", SECRET_MODES, 2},
    {"PRIVMSG", SECRET_TEXT, 1},
    {"NOTICE", SECRET_TEXT, 1},
};

/* The first words of a command to services, and of a command that a client sends as a
 * message because its user typed a blank in front of it. */
static const char *const words_before_secrets[] = {
    "identify", "id",     "login",    "register", "auth",     "authenticate", "ghost",
    "recover",  "regain", "release",  "pass",     "password", "set",          "oper",
    "group",    "msg",    "query",    "privmsg",  "notice",   "quote",        "raw",
    "nickserv", "ns",     "chanserv", "cs",
};

struct span {
    const char *at, *end;
};

static bool
equals_word(struct span s, const char *word)
{
    size_t n = (size_t)(s.end - s.at);
    return n == strlen(word) && casemap_ncmp(s.at, word, n) == 0;
}

/* Takes the next word off the line; it is empty at the end. */
static struct span
take_span(struct span *line)
{
    struct span word = {line->at, line->at};
    while (line->at < line->end && *line->at == ' ')
        line->at++;
    for (word.at = line->at; line->at < line->end && *line->at != ' ';)
        line->at++;
    word.end = line->at;
    return word;
}

/* Finds the end of the first mode word with a k, from the one at `param` on: a key
 * follows. Without one: the end of the line. */
static const char *
find_mode_secret(struct span line, int param)
{
    for (int i = 0; line.at < line.end; i++) {
        struct span word = take_span(&line);
        if (word.at < word.end && *word.at == ':')
            word.at++;
        bool is_modes = i == param || (word.at < word.end && strchr("+-", *word.at));
        if (i >= param && is_modes &&
            memchr(word.at, 'k', (size_t)(word.end - word.at)))
            return line.at;
    }
    return line.end;
}

/* True for a name such as NickServ, also in a list of targets or before a host. */
static bool
is_service(struct span target)
{
    for (const char *p = target.at; target.end - p >= 4; p++)
        if (casemap_ncmp(p, "serv", 4) == 0 &&
            (p + 4 == target.end || strchr(",@", p[4])))
            return true;
    return false;
}

/* Finds the end of the first word of a text if it is a command to a service; else the
 * end of the line. Control characters such as that of bold may stand before it. */
static const char *
find_text_secret(struct span line, int param)
{
    struct span target = {line.at, line.at};
    for (int i = 0; i < param; i++)
        target = take_span(&line);
    while (line.at < line.end &&
           ((unsigned char)*line.at <= ' ' || strchr(":/.!\\", *line.at)))
        line.at++;
    struct span word = take_span(&line);
    size_t n = sizeof words_before_secrets / sizeof *words_before_secrets;
    if (is_service(target))
        return line.at;
    for (size_t i = 0; i < n; i++)
        if (equals_word(word, words_before_secrets[i]))
            return line.at;
    return line.end;
}

static const char *
find_param_start(struct span line, int param)
{
    for (int i = 0; i < param; i++)
        take_span(&line);
    return line.at;
}

/* Finds the start of the secret; without one: the end of the line. params: the line
 * behind the verb. */
static const char *
find_secret(struct span verb, struct span params)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!equals_word(verb, rows[i].verb))
            continue;
        if (rows[i].rule == SECRET_MODES)
            return find_mode_secret(params, rows[i].param);
        if (rows[i].rule == SECRET_TEXT)
            return find_text_secret(params, rows[i].param);
        return find_param_start(params, rows[i].param);
    }
    return params.end;
}

void
secret_mask(const char *line, size_t len, bool is_command, char *out, size_t size)
{
    struct str s;
    while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
        len--;
    str_init(&s, out, size);
    if (!is_command || message_look(line, len) != MESSAGE_OK) {
        str_add(&s, SECRET_MASK);
        return;
    }
    struct span verb = {message_verb(line, len, &(size_t){0}), line + len};
    struct span params = verb;
    verb = take_span(&params);
    const char *secret = find_secret(verb, params);
    str_addn(&s, line, (size_t)(secret - line));
    if (secret < line + len)
        str_add(&s, secret[-1] == ' ' ? SECRET_MASK : " " SECRET_MASK);
}
