/* The masks of the model: which clients they mean, and names and addresses as texts.
 * Masks and texts are short, so the code tries everything. It must never use code of
 * the server. */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
model_copy(char *out, const char *text, int size)
{
    snprintf(out, (size_t)size, "%s", text);
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool
model_same(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b))
        a++, b++;
    return lower(*a) == lower(*b);
}

void
model_address(int host, char out[M_WORD])
{
    int half = M_HOSTS / 2;
    snprintf(out, M_WORD, "10.%d.0.%d", 1 + host / half, 1 + host % half);
}

bool
model_glob(const char *mask, const char *text)
{
    if (*mask == '*')
        return model_glob(mask + 1, text) || (*text && model_glob(mask, text + 1));
    if (*text == '\0' || *mask == '\0')
        return *text == *mask;
    return (*mask == '?' || lower(*mask) == lower(*text)) &&
           model_glob(mask + 1, text + 1);
}

static unsigned
number_of(const char *address)
{
    unsigned a = 0, b = 0, c = 0, d = 0;
    sscanf(address, "%u.%u.%u.%u", &a, &b, &c, &d);
    return a << 24 | b << 16 | c << 8 | d;
}

static bool
host_means(const char *mask, const char *address)
{
    const char *slash = strchr(mask, '/');
    if (slash == NULL)
        return model_glob(mask, address);
    unsigned different = number_of(mask) ^ number_of(address);
    return different >> (32 - strtol(slash + 1, NULL, 10)) == 0;
}

static bool
mask_means(const char *mask, const char *nick, const char *user, const char *address)
{
    char copy[M_TEXT], *host = copy, *at, *bang;
    model_copy(copy, mask, sizeof copy);
    at = strchr(copy, '@');
    if (at != NULL) {
        *at = '\0';
        host = at + 1;
        bang = strchr(copy, '!');
        const char *wanted = bang ? bang + 1 : copy;
        if (bang != NULL) {
            *bang = '\0';
            if (!model_glob(copy, nick))
                return false;
        }
        if (!model_glob(wanted, user))
            return false;
    }
    return host_means(host, address);
}

bool
model_means_as(const struct m_person *p, const char *mask, const char *nick)
{
    char user[8], address[M_WORD];
    snprintf(user, sizeof user, "u%d", p->user);
    model_address(p->host, address);
    return mask_means(mask, nick, user, address);
}

bool
model_means(const struct model *m, const char *mask, int i)
{
    return model_means_as(&m->person[i], mask, m->person[i].nick);
}

/* --- lists of channels --------------------------------------------------------------
 */

static bool
is_member_of(const struct model *m, int i, const char *name)
{
    for (int k = 0; k < M_CHANNELS; k++)
        if (m->channel[k].used && model_same(m->channel[k].name, name) &&
            model_is_on(&m->channel[k], i))
            return true;
    return false;
}

/* The text behind "~time:1m:" and "~mute:". */
static const char *
subject(const char *entry, bool *mute)
{
    if (strncmp(entry, "~time:", 6) == 0)
        entry = strchr(entry + 6, ':') + 1;
    *mute = strncmp(entry, "~mute:", 6) == 0;
    return *mute ? entry + 6 : entry;
}

static bool
entry_means(const struct model *m, const char *what, int i)
{
    if (strncmp(what, "~realname:", 10) == 0)
        return model_glob(what + 10, m->person[i].real);
    if (strncmp(what, "~channel:", 9) == 0)
        return is_member_of(m, i, what + 9);
    return model_means(m, what, i);
}

static bool
any_means(const struct model *m, const struct m_channel *c, int list, int i, bool mute)
{
    bool is_mute;
    for (int b = 0; b < c->n_list[list]; b++) {
        const char *what = subject(c->list[list][b], &is_mute);
        if (is_mute == mute && entry_means(m, what, i))
            return true;
    }
    return false;
}

bool
model_listed(const struct model *m, const struct m_channel *c, int list, int i)
{
    return any_means(m, c, list, i, false);
}

bool
model_muted(const struct model *m, const struct m_channel *c, int i)
{
    return (any_means(m, c, M_QUIET, i, false) || any_means(m, c, M_BAN, i, true)) &&
           !any_means(m, c, M_EXCEPT, i, true);
}
