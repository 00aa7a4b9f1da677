/* MODE on channels and on oneself (RFC 2812 3.1.5, 3.2.3; Modern IRC "MODE message").
 *
 * A line of changes is applied letter by letter, each by the function of its letter's
 * type, and told to the channel as one MODE line of what really changed. */
#include "proto/mode.h"

#include "base/mem.h"
#include "base/str.h"
#include "command.h"
#include "policy/access.h"
#include "policy/throttle.h"
#include "proto/casemap.h"
#include "state/channel.h"

#define KEY_MAX 23 /* KEYLEN of 005 */
/* Letters and parameters of one MODE line, behind the longest source and channel. */
#define LINE_FULL                                                                      \
    (MESSAGE_LINE - 2 - (int)sizeof ":!@ MODE  " - NAME_NICK_MAX - NAME_USER_MAX -     \
     NAME_HOST_MAX - NAME_CHANNEL_MAX)

/* One MODE command at work. */
struct changes {
    struct server *srv;
    struct client *c;
    struct channel *chan;
    bool is_op;
    bool refused; /* 482 was sent */
    bool starved; /* 461 was sent */
    bool adding;
    int with_param; /* changes with a parameter so far */
    char **params;  /* those left, ends with NULL */
    char told;      /* sign last written into letters */
    struct str letters, args;
    char letters_room[MESSAGE_LINE], args_room[MESSAGE_LINE];
    uint32_t listed; /* list modes already shown */
};

static void
flush(struct changes *x)
{
    struct relay r;
    if (x->letters.len > 0) {
        relay_begin(&r, x->srv, x->c, "MODE %s %s%s", x->chan->name, x->letters.at,
                    x->args.at);
        relay_channel(&r, x->chan, NULL);
        if (!channel_member(x->chan, x->c))
            relay_to(&r, x->c);
        relay_end(&r);
    }
    str_init(&x->letters, x->letters_room, sizeof x->letters_room);
    str_init(&x->args, x->args_room, sizeof x->args_room);
    x->told = 0;
}

static void
changed(struct changes *x, char letter, const char *param)
{
    size_t more = param ? strlen(param) + 3 : 3;
    if (x->letters.len + x->args.len + more > LINE_FULL)
        flush(x);
    char sign = x->adding ? '+' : '-';
    if (sign != x->told)
        str_addc(&x->letters, sign);
    x->told = sign;
    str_addc(&x->letters, letter);
    if (param)
        str_addf(&x->args, " %s", param);
}

static bool
may(struct changes *x)
{
    if (!x->is_op && !x->refused)
        reply(x->srv, x->c, ERR_CHANOPRIVSNEEDED, x->chan->name);
    x->refused = !x->is_op;
    return x->is_op;
}

static char *
next_param(struct changes *x)
{
    if (*x->params == NULL || x->with_param >= MODES_MAX)
        return NULL;
    x->with_param++;
    return *x->params++;
}

/* No parameter for a letter that needs one. */
static void
starve(struct changes *x)
{
    if (!x->starved)
        reply(x->srv, x->c, ERR_NEEDMOREPARAMS, "MODE");
    x->starved = true;
}

static void
invalid(struct changes *x, const struct mode_row *row, const char *param,
        const char *why)
{
    reply(x->srv, x->c, ERR_INVALIDMODEPARAM, x->chan->name, row->letter,
          *param ? param : "*", why);
}

static void
show_list(struct changes *x, const struct mode_row *row)
{
    if (x->listed & row->bit)
        return;
    x->listed |= row->bit;
    LIST_EACH(&x->chan->lists[row->list], node) {
        const struct list_entry *e = LIST_ENTRY(node, struct list_entry, link);
        reply(x->srv, x->c, RPL_BANLIST, x->chan->name, e->mask.text, e->setter,
              (long long)(e->set_at / MSEC_SECOND));
    }
    reply(x->srv, x->c, RPL_ENDOFBANLIST, x->chan->name);
}

static void
apply_list(struct changes *x, const struct mode_row *row)
{
    struct mask mask;
    char source[MASK_TEXT];
    const char *param = next_param(x);
    if (param == NULL || *param == '\0') {
        show_list(x, row);
        return;
    }
    if (!may(x))
        return;
    if (*param == ':' || !mask_parse_loose(param, &mask)) {
        invalid(x, row, param,
                "expected a mask: nick!user@host, user@host, or an address");
        return;
    }
    if (!x->adding) {
        if (channel_list_remove(x->srv, x->chan, row->list, &mask))
            changed(x, row->letter, mask.text);
        return;
    }
    int max = x->srv->config->limits.bans_per_channel;
    client_source(x->c, source, sizeof source);
    if (x->chan->list_len[row->list] >= (uint32_t)max)
        reply(x->srv, x->c, ERR_BANLISTFULL, x->chan->name, row->letter, max);
    else if (channel_list_add(x->srv, x->chan, row->list, &mask, source))
        changed(x, row->letter, mask.text);
}

static bool
is_key(const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] <= ' ' || text[i] == ',' || text[i] == 127)
            return false;
    return n >= 1 && n <= KEY_MAX && text[0] != ':';
}

static void
apply_key(struct changes *x, const struct mode_row *row)
{
    const char *param = next_param(x);
    if (!may(x))
        return;
    if (!x->adding) {
        if (x->chan->key == NULL)
            return;
        xreplace(&x->chan->key, NULL);
        x->chan->modes &= ~row->bit;
        changed(x, row->letter, "*");
        return;
    }
    if (param == NULL) {
        starve(x);
        return;
    }
    if (!is_key(param)) {
        invalid(x, row, param,
                "expected a key of 1 to 23 bytes without blanks and commas");
        return;
    }
    xreplace(&x->chan->key, param);
    x->chan->modes |= row->bit;
    changed(x, row->letter, param);
}

static void
apply_number(struct changes *x, const struct mode_row *row)
{
    uint64_t n;
    const char *param = x->adding ? next_param(x) : NULL;
    if (!may(x))
        return;
    if (!x->adding) {
        if (x->chan->modes & row->bit)
            changed(x, row->letter, NULL);
        x->chan->modes &= ~row->bit;
        return;
    }
    if (param == NULL) {
        starve(x);
        return;
    }
    if (!str_to_uint(param, 1, 1000000, &n)) {
        invalid(x, row, param, "expected a number from 1 to 1000000");
        return;
    }
    if (x->chan->modes & row->bit && x->chan->limit == n)
        return;
    x->chan->limit = (uint32_t)n;
    x->chan->modes |= row->bit;
    char text[16];
    str_format(text, sizeof text, "%u", x->chan->limit);
    changed(x, row->letter, text);
}

static void
apply_flag(struct changes *x, const struct mode_row *row)
{
    if (!may(x) || !(x->chan->modes & row->bit) == !x->adding)
        return;
    x->chan->modes ^= row->bit;
    changed(x, row->letter, NULL);
}

static void
apply_prefix(struct changes *x, const struct mode_row *row)
{
    const char *param = next_param(x);
    if (!may(x))
        return;
    if (param == NULL || *param == '\0') {
        starve(x);
        return;
    }
    const struct client *target = client_find_registered(x->srv, param);
    if (target == NULL) {
        reply(x->srv, x->c, ERR_NOSUCHNICK, param);
        return;
    }
    struct member *m = channel_member(x->chan, target);
    if (m == NULL) {
        reply(x->srv, x->c, ERR_USERNOTINCHANNEL, target->nick, x->chan->name);
        return;
    }
    if (!(m->modes & row->bit) == !x->adding)
        return;
    m->modes ^= row->bit;
    changed(x, row->letter, target->nick);
}

static void (*const apply[])(struct changes *, const struct mode_row *) = {
    [MODE_LIST] = apply_list,     [MODE_KEY] = apply_key,
    [MODE_NUMBER] = apply_number, [MODE_FLAG] = apply_flag,
    [MODE_PREFIX] = apply_prefix,
};

/* A letter that can stand in an answer: a byte of a longer character cannot. */
static bool
is_plain(char letter)
{
    return letter > ' ' && letter < 127;
}

/* A letter that is not ours; each is answered once, all that are not ASCII as one. */
static void
unknown(struct changes *x, const char *letters, const char *at)
{
    for (const char *p = letters; p < at; p++)
        if (*p == *at || (!is_plain(*at) && !is_plain(*p)))
            return;
    reply(x->srv, x->c, ERR_UNKNOWNMODE, is_plain(*at) ? *at : '?');
}

static void
show_channel(struct server *srv, struct client *c, const struct channel *chan)
{
    char letters[32], params[64];
    bool inside = channel_member(chan, c) || access_has(c, PRIV_see_address);
    channel_mode_text(chan, inside, letters, sizeof letters, params, sizeof params);
    reply(srv, c, RPL_CHANNELMODEIS, chan->name, letters, params);
    reply(srv, c, RPL_CREATIONTIME, chan->name,
          (long long)(chan->created / MSEC_SECOND));
}

static void
channel_mode(struct server *srv, struct client *c, struct message *m)
{
    struct channel *chan = channel_find(srv, m->params[0]);
    if (chan == NULL || !access_sees_channel(chan, c)) {
        reply(srv, c, ERR_NOSUCHCHANNEL, m->params[0]);
        return;
    }
    if (m->nparams == 1) {
        show_channel(srv, c, chan);
        return;
    }
    struct changes x = {.srv = srv,
                        .c = c,
                        .chan = chan,
                        .is_op = access_is_op(chan, c),
                        .adding = true,
                        .params = m->params + 2};
    flush(&x);
    for (const char *at = m->params[1]; *at; at++) {
        const struct mode_row *row = mode_find_channel(*at);
        if (*at == '+' || *at == '-')
            x.adding = *at == '+';
        else if (row)
            apply[row->type](&x, row);
        else
            unknown(&x, m->params[1], at);
    }
    flush(&x);
}

static void
show_user(struct server *srv, struct client *c)
{
    char text[32];
    struct str s;
    str_init(&s, text, sizeof text);
    str_addc(&s, '+');
    for (size_t i = 0; i < USER_MODE_COUNT; i++)
        if (c->modes & mode_user[i].bit)
            str_addc(&s, mode_user[i].letter);
    reply(srv, c, RPL_UMODEIS, text);
}

/* What a user may change: +o comes from OPER alone, +s needs the privilege. */
static bool
may_set_user(const struct client *c, uint32_t bit, bool adding)
{
    if (!adding || bit == USER_INVISIBLE || bit == USER_WALLOPS)
        return true;
    return bit == USER_NOTICES && access_has(c, PRIV_spy);
}

/* One answer for each reason, however many letters had it. */
static void
refuse_user(struct server *srv, struct client *c, uint32_t refused, char unknown_letter)
{
    if (refused & USER_OPER)
        reply(srv, c, ERR_NOPRIVILEGES, "use OPER");
    if (refused & USER_NOTICES)
        reply(srv, c, ERR_NOPRIVILEGES, "you need the privilege 'spy'");
    if (unknown_letter)
        reply(srv, c, ERR_UMODEUNKNOWNFLAG,
              is_plain(unknown_letter) ? unknown_letter : '?');
}

static void
set_user(struct server *srv, struct client *c, uint32_t modes)
{
    char text[32];
    struct str s;
    struct relay r;
    uint32_t changed_bits = c->modes ^ modes;
    str_init(&s, text, sizeof text);
    for (int adding = 1; adding >= 0; adding--) {
        size_t before = s.len;
        for (size_t i = 0; i < USER_MODE_COUNT; i++) {
            uint32_t bit = mode_user[i].bit;
            if (!(changed_bits & bit) || ((modes & bit) != 0) != (adding != 0))
                continue;
            if (s.len == before)
                str_addc(&s, adding ? '+' : '-');
            str_addc(&s, mode_user[i].letter);
        }
    }
    if (s.len == 0)
        return;
    if (changed_bits & USER_OPER)
        throttle_oper(c, modes & USER_OPER ? 1 : -1);
    client_set_modes(srv, c, modes);
    relay_begin(&r, srv, c, "MODE %s :%s", c->nick, text);
    relay_to(&r, c);
    relay_end(&r);
}

static void
user_mode(struct server *srv, struct client *c, struct message *m)
{
    bool adding = true;
    char unknown_letter = 0;
    uint32_t modes = c->modes, refused = 0;
    if (!name_equal(m->params[0], c->nick)) {
        if (client_find_registered(srv, m->params[0]))
            reply(srv, c, ERR_USERSDONTMATCH);
        else
            reply(srv, c, ERR_NOSUCHNICK, m->params[0]);
        return;
    }
    if (m->nparams == 1) {
        show_user(srv, c);
        return;
    }
    for (const char *at = m->params[1]; *at; at++) {
        const struct mode_row *row = mode_find_user(*at);
        if (*at == '+' || *at == '-')
            adding = *at == '+';
        else if (row == NULL)
            unknown_letter = unknown_letter ? unknown_letter : *at;
        else if (may_set_user(c, row->bit, adding))
            modes = adding ? modes | row->bit : modes & ~row->bit;
        else
            refused |= row->bit;
    }
    refuse_user(srv, c, refused, unknown_letter);
    /* Operator rights go together. */
    if (c->modes & USER_OPER && !(modes & USER_OPER))
        modes &= ~(uint32_t)USER_NOTICES;
    set_user(srv, c, modes);
}

static void
mode_run(struct server *srv, struct client *c, struct message *m)
{
    if (name_has_channel_prefix(m->params[0]))
        channel_mode(srv, c, m);
    else
        user_mode(srv, c, m);
}

const struct command commands_mode[] = {
    {"MODE", mode_run, 1, WHEN_REGISTERED, 1, PRIV_NONE, COMMAND_CREDIT,
     "<#channel | nick> [<changes> [<parameters>]]", "show or change modes"},
    {NULL, NULL, 0, WHEN_ANY, 0, PRIV_NONE, 0, NULL, NULL},
};
