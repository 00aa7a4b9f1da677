/* --print-reference PAGE: one manual page in mdoc, or one file for a shell, on standard
 * output. */
#include "reference.h"

#include "args.h"
#include "completion.h"
#include "config/config.h"
#include "config_file.h"
#include "session/reference.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_DATE "November 30, 2026" /* day of the last change to the text of a page */
#define PAGE_WIDTH 80                 /* bytes of a line of text */

static char *
write_config_page(void)
{
    return config_reference(&config_file_words);
}

#define PAGE_NAMES "ircd.conf.5 ircd-commands.7 ircd.bash ircd.zsh"

static char *
write_bash_page(void)
{
    return completion_bash(PAGE_NAMES);
}

static char *
write_zsh_page(void)
{
    return completion_zsh(PAGE_NAMES);
}

static const struct {
    const char *name;
    char *(*write)(void); /* the caller frees the page */
    bool mdoc;
} pages[] = {
    {"ircd.conf.5", write_config_page, true},
    {"ircd-commands.7", reference_commands, true},
    {"ircd.bash", write_bash_page, false},
    {"ircd.zsh", write_zsh_page, false},
};

#define N_PAGES (sizeof pages / sizeof *pages)

/* The place of a blank at which roff may break a line of n bytes; n: there is none. */
static size_t
find_break(const char *line, size_t n)
{
    size_t best = n;
    for (size_t i = 1; i + 1 < n && (i <= PAGE_WIDTH || best == n); i++) {
        /* A line that begins with a dot or an apostrophe would be a request. */
        if (line[i] == ' ' && line[i + 1] != '.' && line[i + 1] != '\'')
            best = i;
    }
    return best;
}

/* Prints mdoc. Lines of text are broken at PAGE_WIDTH bytes, except in a display. */
static void
print_mdoc(const char *text)
{
    bool display = false;
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        if (strncmp(text, ".Bd", 3) == 0 || strncmp(text, ".Ed", 3) == 0)
            display = text[1] == 'B';
        bool breaks = n > PAGE_WIDTH && *text != '.' && !display;
        size_t at = breaks ? find_break(text, n) : n;
        printf("%.*s\n", (int)at, text);
        text += at + (text[at] != '\0');
    }
}

int
reference_print(const struct args *args)
{
    for (size_t i = 0; i < N_PAGES; i++) {
        if (strcmp(pages[i].name, args->page) != 0)
            continue;
        char *text = pages[i].write();
        if (pages[i].mdoc)
            printf(".\\\" Made by: ircd --print-reference %s\n.Dd %s\n", args->page,
                   PAGE_DATE);
        if (pages[i].mdoc)
            print_mdoc(text);
        else
            fputs(text, stdout);
        free(text);
        return 0;
    }
    fprintf(stderr, "ircd: there is no page \"%s\"; there are: " PAGE_NAMES "\n",
            args->page);
    return 1;
}
