/* The requests of the API. What is not known is refused: a parameter that is silently
 * ignored would give an answer that looks right. */
#include "proto/api.h"

#include "base/str.h"
#include "proto/http_field.h"
#include "proto/http_target.h"

#include <string.h>

#define FILTER_MAX 200 /* bytes of a filter */

static const struct fault_row {
    unsigned status;
    const char *fields, *sentence;
} faults[API_FAULTS] = {
    [API_FINE] = {200, "", ""},
#define FAULT(name, status, fields, sentence)                                          \
    [API_FAULT_##name] = {status, fields, sentence},
#include "proto/api_faults.def"
#undef FAULT
};

/* The tables of the command TABLE. */
static const char *const table_names[] = {"status", "clients", "channels",
                                          "hosts",  "bans",    "log"};

unsigned
api_fault_status(enum api_fault fault)
{
    return faults[fault].status;
}

const char *
api_fault_fields(enum api_fault fault)
{
    return faults[fault].fields;
}

const char *
api_fault_sentence(enum api_fault fault)
{
    return faults[fault].sentence;
}

static const char *
find_api_table(const char *name)
{
    for (size_t i = 0; i < sizeof table_names / sizeof *table_names; i++)
        if (strcmp(table_names[i], name) == 0)
            return table_names[i];
    return NULL;
}

/* Whether the query has no name but cursor and filter. */
static bool
has_known_names(struct http_text query)
{
    char decoded[16];
    struct http_text name, value;
    while (http_query_next(&query, &name, &value))
        if (http_query_decode(name, decoded, sizeof decoded) < 0 ||
            (strcmp(decoded, "cursor") != 0 && strcmp(decoded, "filter") != 0))
            return false;
    return true;
}

/* A cursor is one word of printable ASCII; TABLE tells it from a filter by its first
 * byte. */
static bool
is_cursor(const char *text)
{
    for (const char *at = text; *at; at++)
        if (*at <= ' ' || *at >= 0x7f)
            return false;
    return *text == '~';
}

static enum api_fault
read_query(struct http_text query, const char *table, struct api_call *out)
{
    char cursor[API_CURSOR], filter[FILTER_MAX + 1];
    int has_cursor = http_query_find(query, "cursor", cursor, sizeof cursor);
    int has_filter = http_query_find(query, "filter", filter, sizeof filter);
    if (has_cursor < 0 || has_filter < 0 || !has_known_names(query))
        return API_FAULT_QUERY;
    if (has_cursor && !is_cursor(cursor))
        return API_FAULT_CURSOR;
    struct str s;
    str_init(&s, out->command, sizeof out->command);
    str_addf(&s, "TABLE %s %s", table, has_cursor ? cursor : "*");
    if (*filter)
        str_addf(&s, " :%s", filter);
    return s.cut ? API_FAULT_QUERY : API_FINE;
}

/* application/json, with no parameter but charset=utf-8. */
static bool
has_json_type(const struct http_request *r)
{
    struct http_text type, media;
    if (!http_field(r, "Content-Type", &type))
        return false;
    http_text_cut(&type, ';', &media);
    type = http_text_trim(type);
    return http_text_is(http_text_trim(media), "application/json") &&
           (type.n == 0 || http_text_is(type, "charset=utf-8") ||
            http_text_is(type, "charset=\"utf-8\""));
}

/* A line of IRC begins with its command: tags could carry another label. */
static bool
begins_command(const char *line)
{
    return *line != '\0' && *line != ' ' && *line != '@' && *line != ':';
}

static enum api_fault
read_command(const struct http_request *r, struct http_text body, struct api_call *out)
{
    if (r->method != HTTP_POST)
        return API_FAULT_POSTS;
    if (r->query.n > 0)
        return API_FAULT_QUERY;
    if (!has_json_type(r))
        return API_FAULT_TYPE;
    enum api_fault fault = api_body_command(body, out->command, sizeof out->command);
    if (fault != API_FINE)
        return fault;
    return begins_command(out->command) ? API_FINE : API_FAULT_LINE;
}

enum api_fault
api_request(const struct http_request *r, struct http_text body, struct api_call *out)
{
    *out = (struct api_call){.is_table = true};
    if (strncmp(r->path, API_PATH, strlen(API_PATH)) != 0)
        return API_FAULT_PATH;
    const char *name = r->path + strlen(API_PATH);
    const char *table = find_api_table(name);
    out->is_table = table != NULL;
    if (strcmp(name, "command") == 0)
        return read_command(r, body, out);
    if (table == NULL)
        return API_FAULT_PATH;
    if (r->method == HTTP_POST)
        return API_FAULT_READS;
    return read_query(http_text(r, r->query), table, out);
}
