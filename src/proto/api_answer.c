/* The answers of the API. The rows of a table are JSON when they come from the server, so
 * they are joined as they are; all other texts become strings. */
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "proto/api.h"

#include <stdlib.h>
#include <string.h>

/* Adds text as a string of JSON. */
static void
add_string(struct draft *out, const char *text)
{
    struct str s;
    size_t room = strlen(text) * JSON_ESCAPE + sizeof "\"\"";
    char *string = xmalloc(room);
    str_init(&s, string, room);
    json_add_string(&s, text);
    draft_add(out, string);
    free(string);
}

void
api_error_body(const char *words, struct draft *out)
{
    draft_add(out, "{\"error\":");
    add_string(out, words);
    draft_add(out, "}\n");
}

void
api_fault_body(enum api_fault fault, const char *words, struct draft *out)
{
    api_error_body(words ? words : api_fault_sentence(fault), out);
}

void
api_answer_begin(struct api_answer *a, bool is_table)
{
    *a = (struct api_answer){.is_table = is_table};
}

void
api_answer_clear(struct api_answer *a)
{
    free(a->text.at);
    a->text = (struct draft){.at = NULL};
}

/* The words of a line that refuses: of FAIL, those behind the command and the code. */
static const char *
find_words(const struct control_text *line)
{
    const char *text = line->text;
    for (int i = 0; strcmp(line->code, "FAIL") == 0 && i < 2 && strchr(text, ' '); i++)
        text = strchr(text, ' ') + 1;
    return text;
}

/* Notes a line that refuses the command. The first one gives the words. */
static void
note_refusal(struct api_answer *a, const struct control_text *line)
{
    bool right = strcmp(line->code, "481") == 0 || strcmp(line->code, "723") == 0;
    if (line->unsaved)
        return; /* the command has run */
    if (a->fault == API_FINE)
        str_format(a->words, sizeof a->words, "%s", find_words(line));
    if (a->fault == API_FINE || right)
        a->fault = right ? API_FAULT_NO_RIGHT : API_FAULT_COMMAND;
}

/* A line of TABLE: a row, a further part of the last row, or the end. */
static void
take_row(struct api_answer *a, const char *text)
{
    if (text[0] == '*' && text[1] == ' ') {
        a->whole = true;
        str_format(a->cursor, sizeof a->cursor, "%s",
                   strcmp(text + 2, "end") == 0 ? "" : text + 2);
    } else if (text[0] == '+' && text[1] == ' ') {
        draft_add(&a->text, text + 2);
    } else {
        draft_add(&a->text, a->rows++ ? "," : "");
        draft_add(&a->text, text);
    }
}

static void
take_line(struct api_answer *a, const char *text)
{
    draft_add(&a->text, a->rows++ ? "," : "");
    add_string(&a->text, text);
}

bool
api_answer_take(struct api_answer *a, const struct control_text *line)
{
    bool is_row = strcmp(line->code, "TABLE") == 0;
    if (line->refuses)
        note_refusal(a, line);
    a->unsaved = a->unsaved || line->unsaved;
    if (a->is_table && is_row)
        take_row(a, line->text);
    else if (!a->is_table)
        take_line(a, line->text);
    return a->text.len <= API_BYTES && (!a->is_table || a->rows <= API_ROWS);
}

static void
add_array(const struct api_answer *a, const char *name, struct draft *out)
{
    draft_addf(out, "\"%s\":[", name);
    draft_add(out, a->text.at ? a->text.at : "");
    draft_add(out, "]");
}

static unsigned
end_table(const struct api_answer *a, struct draft *out)
{
    if (a->fault != API_FINE || !a->whole) {
        enum api_fault fault = a->fault != API_FINE ? a->fault : API_FAULT_COMMAND;
        api_fault_body(fault, a->fault != API_FINE ? a->words : NULL, out);
        return api_fault_status(fault);
    }
    draft_add(out, "{");
    add_array(a, "rows", out);
    draft_add(out, ",\"cursor\":");
    if (*a->cursor)
        add_string(out, a->cursor);
    else
        draft_add(out, "null");
    draft_add(out, "}\n");
    return 200;
}

unsigned
api_answer_end(const struct api_answer *a, struct draft *out)
{
    if (a->is_table)
        return end_table(a, out);
    draft_add(out, "{");
    if (a->fault != API_FINE) {
        draft_add(out, "\"error\":");
        add_string(out, a->words);
        draft_add(out, ",");
    }
    add_array(a, "lines", out);
    bool saved = !a->unsaved && a->fault == API_FINE;
    draft_addf(out, ",\"saved\":%s}\n", saved ? "true" : "false");
    return api_fault_status(a->fault);
}
