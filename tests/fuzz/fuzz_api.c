/* Calls of the API. A request becomes one line of IRC that begins with its command, or is
 * refused with nothing; the lines of an answer become JSON of a bounded length without
 * control characters. Input: a byte that chooses, and then a head and a body, or lines of
 * a server. */
#include "base/mem.h"
#include "base/str.h"
#include "fuzz.h"
#include "proto/api.h"
#include "proto/utf8.h"

#include <stdlib.h>
#include <string.h>

/* A command that is accepted is one line, and nothing in it ends the line or begins tags. */
static void
check_call(const struct api_call *call)
{
    const char *at = call->command;
    MUST(*at != '\0' && *at != ' ' && *at != '@' && *at != ':');
    for (; *at; at++)
        MUST((unsigned char)*at >= ' ' && *at != 0x7f);
    for (size_t left = strlen(call->command), n; left > 0; left -= n)
        MUST((n = str_utf8(call->command + strlen(call->command) - left, left)) > 0);
    MUST(!call->is_table || strncmp(call->command, "TABLE ", 6) == 0);
}

/* Reads the body twice, from blocks of exactly its size. */
static void
read_body(const uint8_t *bytes, size_t n)
{
    char command[API_COMMAND], small[16];
    char *exact = xmalloc(n ? n : 1);
    if (n > 0)
        memcpy(exact, bytes, n);
    struct http_text body = {exact, n};
    enum api_fault fault = api_body_command(body, command, sizeof command);
    enum api_fault cut = api_body_command(body, small, sizeof small);
    MUST(fault == API_FINE || *command == '\0');
    MUST(fault != API_FINE || cut == API_FINE || cut == API_FAULT_LONG);
    MUST(cut != API_FINE || (fault == API_FINE && strcmp(small, command) == 0));
    free(exact);
}

static void
read_request(const uint8_t *bytes, size_t n)
{
    static struct http_request r;
    struct api_call call;
    http_begin(&r);
    if (http_parse(&r, (const char *)bytes, n) != HTTP_WHOLE)
        return;
    size_t left = n - r.length;
    struct http_text body = {(const char *)bytes + r.length,
                             left < r.body ? left : r.body};
    enum api_fault fault = api_request(&r, body, &call);
    if (fault == API_FINE)
        check_call(&call);
    else
        MUST(api_fault_status(fault) >= 400);
}

static void
check_body(const struct draft *body)
{
    MUST(body->len > 2 && body->at[0] == '{' && body->at[body->len - 2] == '}');
    MUST(body->at[body->len - 1] == '\n' && body->at[body->len] == '\0');
    MUST(body->len < API_BYTES + 8 * CONTROL_LINE_MAX);
}

/* Each byte of the texts that are no rows of a table is shown safely. */
static void
read_answer(const uint8_t *bytes, size_t n, bool is_table)
{
    struct api_answer a;
    struct draft body = {.at = NULL};
    bool goes_on = true;
    api_answer_begin(&a, is_table);
    while (n > 0 && goes_on) {
        const uint8_t *end = memchr(bytes, '\n', n);
        size_t len = end ? (size_t)(end - bytes) : n;
        char *line = xmalloc(len + 1);
        memcpy(line, bytes, len);
        line[len] = '\0';
        char *text = strchr(line, ' ');
        if (text)
            *text++ = '\0';
        goes_on = api_answer_take(&a, &(struct control_text){.code = line,
                                                             .text = text ? text : "",
                                                             .refuses = len % 7 == 0});
        free(line);
        n -= end ? len + 1 : len;
        bytes += end ? len + 1 : len;
    }
    unsigned status = api_answer_end(&a, &body);
    MUST(status == 200 || status == 400 || status == 403);
    check_body(&body);
    for (size_t i = 0; !is_table && i + 1 < body.len; i++)
        MUST((unsigned char)body.at[i] >= ' ');
    free(body.at);
    api_answer_clear(&a);
}

int
fuzz_api(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    switch (data[0] % 4) {
    case 0:
        read_request(data + 1, size - 1);
        break;
    case 1:
        read_body(data + 1, size - 1);
        break;
    default:
        read_answer(data + 1, size - 1, data[0] % 4 == 2);
        break;
    }
    return 0;
}
