/* Writes the heads of answers.
 *
 * One function writes all of them, so that no answer lacks a field of security, and an
 * answer to HEAD differs from that to GET in nothing but its body. It must never write
 * a byte of a request. */
#include "proto/http_answer.h"

#include "base/duration.h"
#include "proto/casemap.h"

#include <assert.h>

#define EMBED_BYTES 512

static const struct {
    unsigned status;
    const char *words;
} statuses[] = {
    {101, "Switching Protocols"},
    {200, "OK"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

static const struct {
    unsigned status;
    const char *fields, *sentence;
} refusals[] = {
#define HTTP_REFUSAL(name, status, fields, sentence)                                   \
    [HTTP_REFUSED_##name] = {status, fields, sentence},
#include "proto/http_refusals.def"
#undef HTTP_REFUSAL
};

/* The fields that no configuration changes. */
static const char security_fields[] =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(), microphone=(), geolocation=()\r\n";

static const char content_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors ";

const char *
http_status_words(unsigned status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].status == status)
            return statuses[i].words;
    return NULL;
}

/* Adds a field; not if the value is NULL. */
static void
add_answer_field(struct str *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    str_add(out, name);
    str_add(out, ": ");
    str_add(out, value);
    str_add(out, "\r\n");
}

static void
add_security(struct str *out, const struct http_policy *policy)
{
    str_add(out, "Content-Security-Policy: ");
    str_add(out, content_policy);
    str_add(out, policy->embed ? policy->embed : "'none'");
    str_add(out, "\r\n");
    str_add(out, security_fields);
    if (policy->sts > 0)
        str_addf(out, "Strict-Transport-Security: max-age=%lu\r\n",
                 (unsigned long)policy->sts);
}

bool
http_answer_head(struct str *out, const struct http_answer *a,
                 const struct http_policy *policy)
{
    static const char *const after[] = {[HTTP_AFTER_CLOSE] = "close",
                                        [HTTP_AFTER_KEEP] = "keep-alive",
                                        [HTTP_AFTER_UPGRADE] = "Upgrade"};
    char date[MOMENT_TEXT];
    const char *words = http_status_words(a->status);
    assert(words != NULL);
    moment_format_http(a->wall, date, sizeof date);
    str_addf(out, "HTTP/1.1 %u %s\r\n", a->status, words);
    add_answer_field(out, "Date", date);
    add_answer_field(out, "Connection", after[a->after]);
    add_answer_field(out, "Content-Type", a->type);
    if (a->status != 101 && a->status != 304)
        str_addf(out, "Content-Length: %llu\r\n", (unsigned long long)a->length);
    add_answer_field(out, "ETag", a->tag);
    add_answer_field(out, "Cache-Control", a->cache ? a->cache : "no-store");
    str_add(out, a->fields ? a->fields : "");
    add_security(out, policy);
    str_add(out, "\r\n");
    return !out->cut;
}

bool
http_answer_has_body(unsigned status, enum http_method method)
{
    return method != HTTP_HEAD && status != 101 && status != 304;
}

unsigned
http_refusal_status(enum http_refusal refusal)
{
    assert(refusal > HTTP_FINE && refusal < HTTP_REFUSALS);
    return refusals[refusal].status;
}

const char *
http_refusal_fields(enum http_refusal refusal)
{
    assert(refusal > HTTP_FINE && refusal < HTTP_REFUSALS);
    return refusals[refusal].fields;
}

const char *
http_refusal_sentence(enum http_refusal refusal)
{
    assert(refusal > HTTP_FINE && refusal < HTTP_REFUSALS);
    return refusals[refusal].sentence;
}

bool
http_refusal_answer(struct str *out, enum http_refusal refusal, enum http_method method,
                    enum http_after after, msec wall, const struct http_policy *policy)
{
    const char *sentence = http_refusal_sentence(refusal);
    struct http_answer a = {
        .status = http_refusal_status(refusal),
        .after = after,
        .type = "text/plain; charset=utf-8",
        .length = strlen(sentence) + 1,
        .fields = refusals[refusal].fields,
        .wall = wall,
    };
    http_answer_head(out, &a, policy);
    if (http_answer_has_body(a.status, method)) {
        str_add(out, sentence);
        str_addc(out, '\n');
    }
    return !out->cut;
}

static bool
is_embed_byte(char c)
{
    return (c >= '0' && c <= '9') ||
           (casemap_fold(c) >= 'a' && casemap_fold(c) <= 'z') ||
           (c != '\0' && strchr(":/.*-_[]'", c) != NULL);
}

bool
http_answer_embed(const char *text)
{
    size_t n = 0;
    for (bool after_blank = true; text[n] != '\0'; n++) {
        bool is_blank = text[n] == ' ';
        if (is_blank ? after_blank : !is_embed_byte(text[n]))
            return false;
        after_blank = is_blank;
    }
    return n > 0 && n <= EMBED_BYTES && text[n - 1] != ' ';
}
