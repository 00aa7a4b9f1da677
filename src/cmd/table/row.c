/* A row as JSON, and the filter that rows are compared with.
 *
 * A filter must never see more than the reader: it is compared with the values that the
 * row shows to this reader, so that no filter finds out a hidden address. */
#include "row.h"

#include "base/duration.h"
#include "base/json.h"
#include "proto/glob.h"
#include "state/server.h"

#include <assert.h>
#include <string.h>

void
table_set_text(struct table_value *v, const char *text)
{
    v->text = text && *text ? text : NULL;
}

void
table_set_number(struct table_value *v, uint64_t n)
{
    str_format(v->room, sizeof v->room, "%llu", (unsigned long long)n);
    v->text = v->room;
}

void
table_set_yesno(struct table_value *v, bool yes)
{
    v->text = yes ? "true" : "false";
}

void
table_set_time(struct table_value *v, msec wall)
{
    if (wall == 0)
        return;
    moment_format_iso(wall, v->room, sizeof v->room);
    v->text = v->room;
}

static void
read_value(const struct table_column *column, const struct table_row *row,
           struct table_value *out)
{
    out->text = NULL;
    column->get(row, out);
}

static void
add_json_value(struct str *out, const struct table_column *column,
               const struct table_value *v)
{
    bool bare = column->type == TABLE_NUMBER || column->type == TABLE_YESNO;
    if (v->text == NULL)
        str_add(out, "null");
    else if (bare)
        str_add(out, v->text);
    else
        json_add_string(out, v->text);
}

void
table_row_write(struct str *out, const struct table *table, const struct table_row *row)
{
    char separator = '{';
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct table_column *column = &table->columns[i];
        struct table_value v;
        read_value(column, row, &v);
        if (table->sparse && v.text == NULL)
            continue;
        str_addc(out, separator);
        separator = ',';
        json_add_string(out, column->name);
        str_addc(out, ':');
        add_json_value(out, column, &v);
    }
    str_addc(out, '}');
    assert(!out->cut);
}

static bool
has_wildcard(const char *text)
{
    return strpbrk(text, "*?") != NULL;
}

/* The bytes of the name in "name=value"; 0: the word has no such form. */
static size_t
measure_column_name(const char *word)
{
    size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz_-.");
    return word[n] == '=' ? n : 0;
}

static const struct table_column *
find_column(const struct table *table, const char *name, size_t n)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct table_column *column = &table->columns[i];
        if (strlen(column->name) == n && memcmp(column->name, name, n) == 0)
            return column;
    }
    return NULL;
}

static bool
is_value_of(enum table_type type, const char *value)
{
    if (*value == '\0' || has_wildcard(value))
        return true;
    if (type == TABLE_YESNO)
        return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
    return type != TABLE_NUMBER || value[strspn(value, "0123456789")] == '\0';
}

/* "column=value". False: err is what is wrong with it. */
static bool
read_column_term(struct filter_term *term, const struct table *table, const char *word,
                 size_t n, char *err, size_t errlen)
{
    term->column = find_column(table, word, n);
    term->glob = word + n + 1;
    if (term->column == NULL) {
        str_format(err, errlen, "'%s' names no column of the table %s", SHOWN(word),
                   table->name);
        return false;
    }
    if (is_value_of(term->column->type, term->glob))
        return true;
    str_format(err, errlen, "'%s' is not %s", SHOWN(term->glob),
               term->column->type == TABLE_NUMBER ? "a number" : "true or false");
    return false;
}

bool
table_filter_read(struct table_filter *f, const struct table *table, const char *text,
                  char *err, size_t errlen)
{
    struct str room;
    f->n = 0;
    str_init(&room, f->text, sizeof f->text);
    for (size_t n; *(text += strspn(text, " ")); text += n) {
        n = strcspn(text, " ");
        if (f->n == FILTER_TERMS) {
            str_format(err, errlen, "the filter has more than %d words", FILTER_TERMS);
            return false;
        }
        struct filter_term *term = &f->terms[f->n++];
        char word[MESSAGE_LINE];
        str_format(word, sizeof word, "%.*s", (int)n, text);
        size_t name = measure_column_name(word);
        const char *around = name || has_wildcard(word) ? "" : "*";
        char *kept = room.at + room.len;
        str_addf(&room, "%s%s%s", around, word, around);
        *term = (struct filter_term){NULL, kept};
        if (name && !read_column_term(term, table, kept, name, err, errlen))
            return false;
        str_addc(&room, '\0');
    }
    return true;
}

static bool
matches_column(const struct filter_term *term, const struct table_column *column,
               const struct table_row *row)
{
    struct table_value v;
    read_value(column, row, &v);
    return mask_glob_work(term->glob, v.text ? v.text : "", &row->srv->work);
}

static bool
matches_term(const struct filter_term *term, const struct table *table,
             const struct table_row *row)
{
    if (term->column)
        return matches_column(term, term->column, row);
    for (size_t i = 0; i < table->n_columns; i++)
        if (table->columns[i].searched && matches_column(term, &table->columns[i], row))
            return true;
    return false;
}

bool
table_filter_matches(const struct table_filter *f, const struct table *table,
                     const struct table_row *row)
{
    for (size_t i = 0; i < f->n; i++)
        if (!matches_term(&f->terms[i], table, row))
            return false;
    return true;
}
