/* Replaces personal data by tokens. Before a value is hashed, addresses are brought
 * into canonical form and letters into lower case: one client has one token, however
 * its name or address is spelled. The hash is keyed: without the key, no search through
 * all addresses finds the one of a token. A value must never pass because its key is
 * unknown. */
#include "base/redact.h"

#include "base/addr.h"
#include "base/str.h"

#include <string.h>

/* bytes of a value that are hashed; the rest is ignored */
#define FOLDED 512
#define BETWEEN_WORDS " \t\"'(),;=<>" /* between the words of a sentence */
#define BEHIND_WORDS ":.!"            /* may follow a word of a sentence */

static const char *const mode_names[] = {"none", "hash", "full"};

static const struct {
    const char *key;
    enum redact_kind kind;
} rows[] = {
#define KEY(name, key, kind) {key, REDACT_##kind},
#include "base/log_keys.def"
#undef KEY
};

bool
redact_parse(const char *text, enum redact_mode *out)
{
    for (size_t i = 0; i < sizeof mode_names / sizeof *mode_names; i++) {
        if (strcmp(text, mode_names[i]) == 0) {
            *out = (enum redact_mode)i;
            return true;
        }
    }
    return false;
}

enum redact_kind
redact_kind_of(const char *key)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].key, key) == 0)
            return rows[i].kind;
    return REDACT_TEXT;
}

/* True for an address, a prefix, a glob of one, or nearly one: three dots and a digit,
 * three colons, or "::". */
static bool
looks_like_address(const char *word, size_t n)
{
    size_t dots = 0, colons = 0, digits = 0;
    bool doubled = false;
    for (size_t i = 0; i < n; i++) {
        if (strchr("0123456789abcdefABCDEF.:/*?[]", word[i]) == NULL)
            return false;
        dots += word[i] == '.';
        colons += word[i] == ':';
        doubled |= word[i] == ':' && i > 0 && word[i - 1] == ':';
        digits += word[i] >= '0' && word[i] <= '9';
    }
    return (digits > 0 && dots >= 3) || colons >= 3 || doubled;
}

/* Adds the token of text[0..n). */
static void
redact_token(const struct redact *r, struct str *out, const char *text, size_t n)
{
    char folded[FOLDED];
    if (r->mode == REDACT_FULL || r->mode == REDACT_ADDRESSES) {
        str_add(out, r->mode == REDACT_FULL ? "<redacted>" : "*");
        return;
    }
    n = n < sizeof folded ? n : sizeof folded;
    for (size_t i = 0; i < n; i++)
        folded[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
    uint64_t hash = hash_wide(&r->key, folded, n) & UINT64_C(0xFFFFFFFFFFFF);
    str_addf(out, "<%012llx>", (unsigned long long)hash);
}

/* Adds one part: a nick, user or host, a glob of one, an address or a prefix. */
static void
redact_part(const struct redact *r, struct str *out, const char *part, size_t n)
{
    char text[PREFIX_TEXT], err[128];
    struct prefix prefix;
    if (strspn(part, "*?") >= n) {
        str_addn(out, part, n);
        return;
    }
    str_format(text, sizeof text, "%.*s", (int)(n < sizeof text ? n : 0), part);
    if (!prefix_parse(text, &prefix, err, sizeof err)) {
        if (r->mode == REDACT_ADDRESSES && !looks_like_address(part, n))
            str_addn(out, part, n);
        else
            redact_token(r, out, part, n);
        return;
    }
    prefix_format(&prefix, text, sizeof text);
    size_t address = strcspn(text, "/");
    redact_token(r, out, text, address);
    str_add(out, text + address);
}

static void
redact_identity(const struct redact *r, struct str *out, const char *mask, size_t n)
{
    const char *end = mask + n;
    while (mask < end) {
        size_t part = strcspn(mask, "!@");
        part = part < (size_t)(end - mask) ? part : (size_t)(end - mask);
        redact_part(r, out, mask, part);
        mask += part;
        if (mask < end)
            str_addc(out, *mask++);
    }
}

static void
redact_word(const struct redact *r, struct str *out, const char *word, size_t n)
{
    size_t core = n;
    while (core > 0 && strchr(BEHIND_WORDS, word[core - 1]))
        core--;
    if (looks_like_address(word, n) && !looks_like_address(word, core))
        core = n; /* "2001:db8::" */
    bool is_mask = memchr(word, '@', core) || memchr(word, '!', core);
    if (is_mask || looks_like_address(word, core))
        redact_identity(r, out, word, core);
    else
        str_addn(out, word, core);
    str_addn(out, word + core, n - core);
}

static void
redact_words(const struct redact *r, struct str *out, const char *text, size_t n)
{
    const char *end = text + n;
    while (text < end) {
        size_t word = strcspn(text, BETWEEN_WORDS);
        word = word < (size_t)(end - text) ? word : (size_t)(end - text);
        redact_word(r, out, text, word);
        text += word;
        if (text < end)
            str_addc(out, *text++);
    }
}

static void
redact_text(const struct redact *r, struct str *out, const char *text)
{
    if (*text != '\0')
        redact_token(r, out, text, strlen(text));
}

static void
redact_told(const struct redact *r, struct str *out, const char *text)
{
    const char *quoted = strstr(text, ": ");
    size_t own = quoted ? (size_t)(quoted - text) + 2 : strlen(text);
    redact_words(r, out, text, own);
    redact_text(r, out, text + own);
}

const char *
redact_value(const struct redact *r, const char *key, const char *value, char *out,
             size_t size)
{
    struct str s;
    enum redact_kind kind = redact_kind_of(key);
    if (r->mode == REDACT_NONE || kind == REDACT_PLAIN || kind == REDACT_NUMBER)
        return value;
    str_init(&s, out, size);
    if (kind == REDACT_IDENTITY)
        redact_identity(r, &s, value, strlen(value));
    else if (kind == REDACT_WORDS || r->mode == REDACT_ADDRESSES)
        redact_words(r, &s, value, strlen(value));
    else if (kind == REDACT_TOLD)
        redact_told(r, &s, value);
    else
        redact_text(r, &s, value);
    return out;
}
