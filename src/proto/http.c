/* Reads the head of a request, byte by byte.
 *
 * Each byte is read once and each line is judged when its LF comes, so that the result
 * is a function of the bytes alone and a sender that sends single bytes costs no more
 * than another. A head that two readers could read differently (request smuggling) is
 * refused at its first doubtful byte. It must never copy more of a head than the path,
 * and never read behind n. */
#include "proto/http.h"

#include "base/str.h"
#include "proto/http_field.h"
#include "proto/http_host.h"
#include "proto/http_target.h"

#include <string.h>

/* Fields that stand once at most: for each of them two values would leave it to the
 * reader which one holds. */
static const char *const single_fields[] = {
    "host",   "content-length",    "content-type",          "authorization",
    "origin", "sec-websocket-key", "sec-websocket-version", "expect",
};

void
http_begin(struct http_request *r)
{
    memset(r, 0, sizeof *r);
    r->head = "";
}

static struct http_span
make_span(const struct http_request *r, struct http_text text)
{
    return (struct http_span){(uint16_t)(text.at - r->head), (uint16_t)text.n};
}

static enum http_refusal
read_version(struct http_request *r, struct http_text version)
{
    const char *at = version.at;
    if (version.n != 8 || memcmp(at, "HTTP/", 5) != 0 || at[6] != '.' || at[5] < '0' ||
        at[5] > '9' || at[7] < '0' || at[7] > '9')
        return HTTP_REFUSED_BAD_LINE;
    r->is_1_1 = at[7] == '1';
    return at[5] == '1' && at[7] <= '1' ? HTTP_FINE : HTTP_REFUSED_VERSION;
}

static enum http_refusal
read_method(struct http_request *r, struct http_text method)
{
    static const char *const names[] = {
        [HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD", [HTTP_POST] = "POST"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (method.n != strlen(names[i]) || memcmp(method.at, names[i], method.n) != 0)
            continue;
        r->method = (enum http_method)i;
        return HTTP_FINE;
    }
    return HTTP_REFUSED_METHOD;
}

static enum http_refusal
read_target(struct http_request *r, struct http_text target)
{
    struct http_text path, query;
    enum http_refusal refusal = http_target_split(target, &path, &query);
    if (refusal != HTTP_FINE)
        return refusal;
    r->query = make_span(r, query);
    return http_target_path(path, r->path);
}

/* A fault of the version comes before one of the method, and both before one of the path.
 * The path is read in any case: the form of the refusal depends on it. */
static enum http_refusal
read_first_line(struct http_request *r, struct http_text line)
{
    struct http_text method, target, version;
    if (!http_text_cut(&line, ' ', &method) || !http_text_cut(&line, ' ', &target) ||
        http_text_cut(&line, ' ', &version) || !http_text_is_token(method) ||
        target.n == 0)
        return HTTP_REFUSED_BAD_LINE;
    const enum http_refusal refusals[] = {
        read_version(r, version), read_method(r, method), read_target(r, target)};
    size_t i = 0;
    while (i < 2 && refusals[i] == HTTP_FINE)
        i++;
    return refusals[i];
}

/* Whether the head already has a field of this name, which stands once at most. */
static bool
is_second_field(const struct http_request *r, struct http_text name)
{
    struct http_text value;
    for (size_t i = 0; i < sizeof single_fields / sizeof *single_fields; i++)
        if (http_text_is(name, single_fields[i]))
            return http_field(r, single_fields[i], &value);
    return false;
}

static enum http_refusal
read_head_field(struct http_request *r, struct http_text line)
{
    struct http_text name;
    if (line.at[0] == ' ' || line.at[0] == '\t')
        return HTTP_REFUSED_FOLDED;
    if (!http_text_cut(&line, ':', &name) || !http_text_is_token(name))
        return HTTP_REFUSED_BAD_NAME;
    if (is_second_field(r, name))
        return HTTP_REFUSED_TWICE;
    if (r->fields_count == HTTP_FIELDS_MAX)
        return HTTP_REFUSED_MANY_FIELDS;
    r->fields[r->fields_count++] =
        (struct http_field){make_span(r, name), make_span(r, http_text_trim(line))};
    return HTTP_FINE;
}

static enum http_refusal
judge_host(struct http_request *r)
{
    struct http_text value, host;
    if (!http_field(r, "host", &value))
        return HTTP_REFUSED_NO_HOST;
    if (!http_host_split(value, &host, &r->port))
        return HTTP_REFUSED_BAD_HOST;
    r->host = make_span(r, host);
    return HTTP_FINE;
}

static enum http_refusal
read_length(struct http_request *r, struct http_text value)
{
    char digits[24];
    uint64_t length = HTTP_BODY_MAX;
    size_t n = 0;
    while (n < value.n && value.at[n] >= '0' && value.at[n] <= '9')
        n++;
    if (n == 0 || n < value.n || (n > 1 && value.at[0] == '0'))
        return HTTP_REFUSED_BAD_LENGTH;
    if (!http_text_copy(value, digits, sizeof digits) ||
        !str_to_uint(digits, 0, HTTP_BODY_MAX, &length))
        return HTTP_REFUSED_LONG_BODY;
    r->body = (uint32_t)length;
    return HTTP_FINE;
}

/* Judges what frames the body; a request without one has none of these fields. */
static enum http_refusal
judge_body(struct http_request *r)
{
    struct http_text value;
    if (http_field(r, "transfer-encoding", &value))
        return HTTP_REFUSED_TRANSFER_ENCODING;
    bool has_length = http_field(r, "content-length", &value);
    enum http_refusal refusal = has_length ? read_length(r, value) : HTTP_FINE;
    if (refusal != HTTP_FINE)
        return refusal;
    if (r->method != HTTP_POST)
        return has_length ? HTTP_REFUSED_BODY : HTTP_FINE;
    if (strncmp(r->path, "/api/", 5) != 0)
        return HTTP_REFUSED_POST;
    return has_length ? HTTP_FINE : HTTP_REFUSED_NO_LENGTH;
}

/* RFC 9110 10.1.1. In 1.0 the field means nothing. */
static enum http_refusal
judge_expectation(struct http_request *r)
{
    struct http_text value;
    if (!r->is_1_1 || !http_field(r, "expect", &value))
        return HTTP_FINE;
    r->expects_continue = r->body > 0;
    return http_text_is(value, "100-continue") ? HTTP_FINE : HTTP_REFUSED_EXPECT;
}

static enum http_refusal
judge_head(struct http_request *r)
{
    enum http_refusal refusal = judge_host(r);
    if (refusal == HTTP_FINE)
        refusal = judge_body(r);
    if (refusal == HTTP_FINE)
        refusal = judge_expectation(r);
    if (refusal == HTTP_FINE)
        r->length = r->seen;
    return refusal;
}

/* The line before the LF that was read last, without its CR. */
static enum http_refusal
read_head_line(struct http_request *r)
{
    struct http_text line = {r->head + r->line, r->seen - 2u - r->line};
    bool is_first = r->line == 0;
    r->line = r->seen;
    if (is_first)
        return read_first_line(r, line);
    return line.n > 0 ? read_head_field(r, line) : judge_head(r);
}

static enum http_refusal
read_head_byte(struct http_request *r)
{
    unsigned char c = (unsigned char)r->head[r->seen];
    bool after_cr = r->seen > r->line && r->head[r->seen - 1] == '\r';
    if (after_cr != (c == '\n'))
        return after_cr ? HTTP_REFUSED_BARE_CR : HTTP_REFUSED_BARE_LF;
    if ((c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
        return HTTP_REFUSED_BAD_BYTE;
    r->seen++;
    enum http_refusal refusal = c == '\n' ? read_head_line(r) : HTTP_FINE;
    if (refusal == HTTP_FINE && r->length == 0 && r->seen == HTTP_HEAD_MAX)
        return r->line == 0 ? HTTP_REFUSED_LONG_LINE : HTTP_REFUSED_LONG_HEAD;
    return refusal;
}

enum http_state
http_parse(struct http_request *r, const char *head, size_t n)
{
    r->head = head;
    while (r->refusal == HTTP_FINE && r->length == 0 && r->seen < n)
        r->refusal = read_head_byte(r);
    if (r->refusal != HTTP_FINE)
        return HTTP_REFUSED;
    return r->length > 0 ? HTTP_WHOLE : HTTP_MORE;
}
