/* Parses configurations and keeps the faults that are told. */
#include "faulty.h"

#include "proto/http_answer.h"
#include "proto/name.h"

char faulty_told[20000];

static bool
host_mask(const char *text, char *err, size_t errlen)
{
    if (strchr(text, '@') != NULL)
        return true;
    snprintf(err, errlen, "\"%s\" has no @", text);
    return false;
}

static const char *const privileges[] = {"kill", "kline", "rehash", NULL};
const struct config_words faulty_words = {.privileges = privileges,
                                          .host_mask = host_mask,
                                          .channel = name_is_channel,
                                          .embed = http_answer_embed};

static void
tell(void *ctx, const char *text)
{
    int *n = ctx;
    (*n)++;
    size_t len = strlen(faulty_told);
    snprintf(faulty_told + len, sizeof faulty_told - len, "%s\n", text);
}

struct config *
faulty_parse(const char *text, int *n)
{
    *n = 0;
    faulty_told[0] = '\0';
    struct config *c = config_parse("t.conf", text, &faulty_words, tell, n);
    CU_ASSERT_EQUAL(c == NULL, *n > 0);
    return c;
}

struct config *
faulty_none(const char *text)
{
    int n;
    struct config *c = faulty_parse(text, &n);
    EQUAL_TEXT(faulty_told, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    return c;
}

int
faulty_count(const char *text)
{
    int n;
    config_free(faulty_parse(text, &n));
    return n;
}

void
faulty_each_begins(const struct wrong *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int count = faulty_count(cases[i].text);
        if (count != 1)
            printf("\n    %s\n%s", cases[i].text, faulty_told);
        EQUAL_NUMBER(count, 1);
        size_t len = strlen(cases[i].fault);
        if (strncmp(faulty_told, cases[i].fault, len) == 0)
            faulty_told[len] = '\0';
        EQUAL_TEXT(faulty_told, cases[i].fault);
    }
}

void
faulty_each_contains(const struct wrong *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        EQUAL_NUMBER(faulty_count(cases[i].text), 1);
        CONTAINS(faulty_told, cases[i].fault);
    }
}
