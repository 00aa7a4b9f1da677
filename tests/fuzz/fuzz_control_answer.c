/* Lines of a server as `ircd ctl` reads them: a text lies inside of its line, a refusal
 * is remembered, and what is done stays done. Input: lines, each ends with LF. */
#include "base/mem.h"
#include "fuzz.h"
#include "proto/control_answer.h"

#include <stdlib.h>
#include <string.h>

static void
check_text(const struct control_answer *a, const struct control_text *text,
           const char *line, size_t len)
{
    MUST(text->code >= line && text->code + strlen(text->code) <= line + len);
    MUST(*text->text == '\0' ||
         (text->text >= line && text->text + strlen(text->text) <= line + len));
    MUST(!text->refuses || a->refused);
}

static void
take_line(struct control_answer *a, const uint8_t *bytes, size_t n)
{
    struct control_answer before = *a;
    struct control_text text = {.code = NULL};
    char *line = xmalloc(n + 1); /* read behind: the sanitizer sees it */
    if (n > 0)
        memcpy(line, bytes, n);
    line[n] = '\0';
    enum control_line kind = control_answer_take(a, line, n, &text);
    MUST((text.code != NULL) == (kind == CONTROL_TEXT || kind == CONTROL_ENDED));
    if (text.code)
        check_text(a, &text, line, n);
    MUST((a->done || !before.done) && (a->refused || !before.refused));
    MUST(strcmp(a->label, before.label) == 0 && strcmp(a->verb, before.verb) == 0);
    MUST(strlen(a->batch) < sizeof a->batch);
    free(line);
}

int
fuzz_control_answer(const uint8_t *data, size_t size)
{
    struct control_answer a;
    control_answer_begin(&a, "c1", "KLINE");
    while (size > 0) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t n = end ? (size_t)(end - data) : size;
        take_line(&a, data, n);
        data += n + (end != NULL);
        size -= n + (end != NULL);
    }
    return 0;
}
