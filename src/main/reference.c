/* --print-reference PAGE: one manual page in mdoc on standard output. */
#include "reference.h"

#include "args.h"
#include "config/config.h"
#include "config_file.h"
#include "session/reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_DATE "November 30, 2026" /* day of the last change to the text of a page */

static char *
write_config_page(void)
{
    return config_reference(&config_file_words);
}

static const struct {
    const char *name;
    char *(*write)(void); /* the caller frees the page */
} pages[] = {
    {"ircd.conf.5", write_config_page},
    {"ircd-commands.7", reference_commands},
};

int
reference_print(const struct args *args)
{
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        if (strcmp(pages[i].name, args->page) != 0)
            continue;
        char *text = pages[i].write();
        printf(".\\\" Made by: ircd --print-reference %s\n.Dd %s\n%s", args->page,
               PAGE_DATE, text);
        free(text);
        return 0;
    }
    fprintf(stderr, "ircd: there is no page \"%s\"; there are:", args->page);
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        fprintf(stderr, " %s", pages[i].name);
    fputc('\n', stderr);
    return 1;
}
