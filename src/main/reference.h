/* The manual pages and files for shells that are made from the rows: --print-reference. */
#ifndef SRC_MAIN_REFERENCE_H
#define SRC_MAIN_REFERENCE_H

struct args;

/* Prints the page args->page. Returns the exit code: 1 if there is no such page, after
 * a line on standard error that names the pages. */
int reference_print(const struct args *args);

#endif
