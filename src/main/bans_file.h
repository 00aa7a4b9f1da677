/* ircd --dump-bans and --load-bans: bans as text, while no server runs. */
#ifndef SRC_MAIN_BANS_FILE_H
#define SRC_MAIN_BANS_FILE_H

struct args;

/* Writes every ban that has not ended to standard output, by kind and mask. The
 * database stays as it is but for repairs. Returns the exit code: 0, 1 for a wrong
 * configuration, 2 when the database cannot be used, or a record of it not be read, or
 * some may have been lost. */
int bans_dump(const struct args *args);

/* Loads args->bans_file ("-": standard input) and says what became of it. Returns the
 * exit code: 0 when all was taken and is on disk, 1 for a wrong configuration, a file
 * that cannot be read or lines that were left out (the others are on disk), 2 when the
 * store failed. */
int bans_load(const struct args *args);

#endif
