/* The names in random commands: small pools of nicks, channels and masks, so that each
 * meets each. This file must never look into the server. */
#include "model_play.h"

enum { NICKS = 64 };

void
play_any_nick(struct play *p, char out[M_WORD])
{
    snprintf(out, M_WORD, "%c%u", play_roll(p, 4) ? 'n' : 'N', play_roll(p, NICKS));
}

/* A nick for i to use: mostly of a client that is on, often of the same few clients, or
 * its own. */
void
play_some_nick(struct play *p, int i, char out[M_WORD])
{
    int other = (int)play_roll(p, play_roll(p, 2) ? 10 : M_PEOPLE);
    if (play_roll(p, 10) == 0)
        other = i;
    play_any_nick(p, out);
    if (p->m.person[other].on && play_roll(p, 8))
        model_copy(out, p->m.person[other].nick, M_WORD);
}

/* Mostly a channel that i is on. */
void
play_some_channel(struct play *p, int i, char out[M_WORD])
{
    unsigned start = play_roll(p, M_CHANNELS);
    snprintf(out, M_WORD, "%s%u", play_roll(p, 8) ? "#chan" : "#Chan", start);
    for (unsigned k = 0; k < M_CHANNELS && play_roll(p, 12); k++) {
        const struct m_channel *c = &p->m.channel[(start + k) % M_CHANNELS];
        if (!c->used || c->status[i] == M_OUTSIDE)
            continue;
        model_copy(out, c->name, M_WORD);
        return;
    }
}

/* A nick for i to use on this channel: mostly of a member, i among them. */
void
play_some_member(struct play *p, int i, const char *name, char out[M_WORD])
{
    unsigned start = play_roll(p, M_PEOPLE);
    play_some_nick(p, i, out);
    for (int k = 0; k < M_CHANNELS && play_roll(p, 30); k++) {
        const struct m_channel *c = &p->m.channel[k];
        for (unsigned n = 0; c->used && model_same(c->name, name) && n < M_PEOPLE;
             n++) {
            unsigned other = play_roll(p, 6) ? (start + n) % M_PEOPLE : (unsigned)i;
            if (c->status[other] == M_OUTSIDE)
                continue;
            model_copy(out, p->m.person[other].nick, M_WORD);
            return;
        }
    }
}

static void
plain_mask(struct play *p, char out[M_TEXT])
{
    char address[M_WORD];
    unsigned net = 1 + play_roll(p, 2);
    model_address((int)play_roll(p, M_HOSTS), address);
    switch (play_roll(p, 7)) {
    case 0:
        snprintf(out, M_TEXT, "n%u!*@*", play_roll(p, NICKS));
        break;
    case 1:
        snprintf(out, M_TEXT, "N%u*!*@*", play_roll(p, 7));
        break;
    case 2:
        snprintf(out, M_TEXT, "*!u%u@*", play_roll(p, 10));
        break;
    case 3:
        snprintf(out, M_TEXT, "*!u%u@10.%u.0.*", play_roll(p, 10), net);
        break;
    case 4:
        snprintf(out, M_TEXT, "*!*@10.%u.0.%u/30", net, play_roll(p, 2) * 4);
        break;
    case 5:
        snprintf(out, M_TEXT, "n?!*@10.%u.0.?", net);
        break;
    default:
        snprintf(out, M_TEXT, "*!*@%s", address);
        break;
    }
}

/* An entry for a list of a channel, in the form in which it is listed. */
void
play_some_mask(struct play *p, char out[M_TEXT])
{
    char mask[M_TEXT], real[M_WORD];
    static const char *const wraps[] = {
        "", "", "", "", "~mute:", "~time:1m:", "~time:5m:", "~time:1m:~mute:"};
    switch (play_roll(p, 8)) {
    case 0:
        snprintf(mask, sizeof mask, "~channel:#chan%u", play_roll(p, M_CHANNELS));
        break;
    case 1:
        play_some_real(p, real);
        snprintf(mask, sizeof mask, "~realname:*%s", strrchr(real, ' ') + 1);
        break;
    default:
        plain_mask(p, mask);
    }
    snprintf(out, M_TEXT, "%s%.60s", wraps[play_roll(p, 8)], mask);
}

void
play_some_real(struct play *p, char out[M_WORD])
{
    static const char *const names[] = {"Big Deal", "My Real", "free money",
                                        "Free Money"};
    unsigned n = play_roll(p, 8);
    snprintf(out, M_WORD, "%s%u", names[n % 4], n / 4);
}

/* Channels: single ones, a mask of some, a mask of all, and a mask of nicks. */
static void
some_channel_mask(struct play *p, char out[M_TEXT])
{
    static const char *const masks[] = {"#chan*", "#chan?", "#chan1?", "*chan1"};
    unsigned which = play_roll(p, 12);
    if (which < 4)
        snprintf(out, M_TEXT, "%s", masks[which]);
    else
        snprintf(out, M_TEXT, "#chan%u", play_roll(p, M_CHANNELS));
}

static void
some_name_mask(struct play *p, char kind, char out[M_TEXT])
{
    static const char *const reals[] = {"*money1", "free\\smoney?", "big?deal0",
                                        "*real*",  "my\\sreal1",    "??????????"};
    if (kind == 'X')
        snprintf(out, M_TEXT, "%s", reals[play_roll(p, 6)]);
    else if (play_roll(p, 2))
        some_channel_mask(p, out);
    else
        snprintf(out, M_TEXT, "n%u%s", play_roll(p, NICKS), play_roll(p, 8) ? "" : "*");
}

/* In the form in which STATS lists it. */
void
play_some_ban(struct play *p, char kind, char out[M_TEXT])
{
    char host[2 * M_WORD], address[M_WORD];
    unsigned net = 1 + play_roll(p, 2);
    if (strchr("QX", kind)) {
        some_name_mask(p, kind, out);
        return;
    }
    model_address((int)play_roll(p, M_HOSTS), address);
    snprintf(host, sizeof host, "%s", address);
    if (play_roll(p, 3) == 0)
        snprintf(host, sizeof host, "10.%u.0.%u/30", net, play_roll(p, 2) * 4);
    if (play_roll(p, 12) == 0)
        snprintf(host, sizeof host, "10.%u.0.0/24", net);
    if (kind == 'D')
        snprintf(out, M_TEXT, "%s", host);
    else if (play_roll(p, 4) == 0)
        snprintf(out, M_TEXT, "u%u@10.%u.0.*", play_roll(p, 10), net);
    else if (play_roll(p, 4) == 0)
        snprintf(out, M_TEXT, "n%u!*@%s", play_roll(p, NICKS), host);
    else
        snprintf(out, M_TEXT, "*@%s", host);
}
