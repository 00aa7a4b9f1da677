/* Answers of the API: the lines of the server as JSON, and their status. */
#include "base/str.h"
#include "proto/api.h"
#include "proto/http_answer.h"
#include "test.h"

#include <stdlib.h>

/* A line "CODE!text", where CODE*text refuses, and CODE-text is not saved. */
static bool
give(struct api_answer *a, const char *line)
{
    char code[16];
    size_t n = strcspn(line, "!*-");
    str_format(code, sizeof code, "%.*s", (int)n, line);
    return api_answer_take(a, &(struct control_text){.code = code,
                                                     .text = line + n + 1,
                                                     .refuses = line[n] != '!',
                                                     .unsaved = line[n] == '-'});
}

static void
a_command_gives_its_lines_and_whether_it_is_saved(void)
{
    static const struct {
        const char *lines[3];
        unsigned status;
        const char *body;
    } cases[] = {
        {{NULL}, 200, "{\"lines\":[],\"saved\":true}\n"},
        {{"NOTICE!K-line on a, saved"},
         200,
         "{\"lines\":[\"K-line on a, saved\"],\"saved\":true}\n"},
        {{"249!one", "249!\"two\"\\\t"},
         200,
         "{\"lines\":[\"one\",\"\\\"two\\\"\\\\\\t\"],\"saved\":true}\n"},
        {{"NOTICE-K-line on a, NOT saved: full"},
         200,
         "{\"lines\":[\"K-line on a, NOT saved: full\"],\"saved\":false}\n"},
        {{"NOTICE!KLINE *@192.0.2.1 :x, NOT saved: y"}, /* BANS EXPORT */
         200,
         "{\"lines\":[\"KLINE *@192.0.2.1 :x, NOT saved: y\"],\"saved\":true}\n"},
        {{"481*you need the privilege 'kline'"},
         403,
         "{\"error\":\"you need the privilege 'kline'\","
         "\"lines\":[\"you need the privilege 'kline'\"],\"saved\":false}\n"},
        {{"NOTICE*KLINE refused: too broad"},
         400,
         "{\"error\":\"KLINE refused: too broad\","
         "\"lines\":[\"KLINE refused: too broad\"],\"saved\":false}\n"},
        {{"401*x No such nick", "723*override You need it"},
         403,
         "{\"error\":\"x No such nick\",\"lines\":[\"x No such nick\","
         "\"override You need it\"],\"saved\":false}\n"},
        {{"249!\xff\x1b"}, 200, "{\"lines\":[\"\\ufffd\\u001b\"],\"saved\":true}\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct api_answer a;
        struct draft body = {.at = NULL};
        api_answer_begin(&a, false);
        for (int k = 0; k < 3 && cases[i].lines[k]; k++)
            CU_ASSERT(give(&a, cases[i].lines[k]));
        EQUAL_NUMBER(api_answer_end(&a, &body), cases[i].status);
        EQUAL_TEXT(body.at, cases[i].body);
        free(body.at);
        api_answer_clear(&a);
    }
}

static void
a_table_gives_its_rows_and_the_next_cursor(void)
{
    static const struct {
        const char *lines[4];
        unsigned status;
        const char *body;
    } cases[] = {
        {{"TABLE!* end"}, 200, "{\"rows\":[],\"cursor\":null}\n"},
        {{"TABLE!{\"a\":1}", "TABLE!{\"a\":2}", "TABLE!* ~7"},
         200,
         "{\"rows\":[{\"a\":1},{\"a\":2}],\"cursor\":\"~7\"}\n"},
        {{"TABLE!{\"a\":\"x", "TABLE!+ y ", "TABLE!+ z\"}", "TABLE!* end"},
         200,
         "{\"rows\":[{\"a\":\"xy z\"}],\"cursor\":null}\n"},
        {{"481*you need the privilege 'check'"},
         403,
         "{\"error\":\"you need the privilege 'check'\"}\n"},
        {{"FAIL*TABLE INVALID_CURSOR TABLE refused: no"},
         400,
         "{\"error\":\"TABLE refused: no\"}\n"},
        {{"TABLE!{\"a\":1}"},
         400,
         "{\"error\":\"The server has refused the command.\"}\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct api_answer a;
        struct draft body = {.at = NULL};
        api_answer_begin(&a, true);
        for (int k = 0; k < 4 && cases[i].lines[k]; k++)
            CU_ASSERT(give(&a, cases[i].lines[k]));
        EQUAL_NUMBER(api_answer_end(&a, &body), cases[i].status);
        EQUAL_TEXT(body.at, cases[i].body);
        free(body.at);
        api_answer_clear(&a);
    }
}

static void
an_answer_is_bounded(void)
{
    struct api_answer a;
    unsigned n = 0;
    api_answer_begin(&a, true);
    while (give(&a, "TABLE!{\"a\":1}"))
        n++;
    EQUAL_NUMBER(n, API_ROWS);
    api_answer_clear(&a);
    static char line[8192];
    memset(line, 'x', sizeof line - 1);
    memcpy(line, "249!", 4);
    api_answer_begin(&a, false);
    for (n = 0; give(&a, line); n++)
        CU_ASSERT_FATAL(n < API_BYTES);
    CU_ASSERT(a.text.len > API_BYTES && a.text.len < API_BYTES + 2 * sizeof line);
    api_answer_clear(&a);
}

static void
each_fault_has_a_status_and_a_sentence(void)
{
    for (int i = API_FINE + 1; i < API_FAULTS; i++) {
        struct draft body = {.at = NULL};
        unsigned status = api_fault_status((enum api_fault)i);
        const char *sentence = api_fault_sentence((enum api_fault)i);
        CU_ASSERT(status >= 400 && http_status_words(status) != NULL);
        CU_ASSERT(sentence[strlen(sentence) - 1] == '.');
        api_fault_body((enum api_fault)i, NULL, &body);
        CU_ASSERT(strncmp(body.at, "{\"error\":\"", 10) == 0);
        free(body.at);
    }
}

SUITE(api_answer)
{
    TEST(a_command_gives_its_lines_and_whether_it_is_saved);
    TEST(a_table_gives_its_rows_and_the_next_cursor);
    TEST(an_answer_is_bounded);
    TEST(each_fault_has_a_status_and_a_sentence);
}
