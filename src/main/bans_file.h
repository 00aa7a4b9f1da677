/* ircd --dump-bans and --load-bans: the bans of a server that does not run, as text. */
#ifndef SRC_MAIN_BANS_FILE_H
#define SRC_MAIN_BANS_FILE_H

struct args;

/* Writes every ban that has not ended to standard output, by kind and mask. The
 * database is not changed. Returns the exit code: 0; 1 for a wrong configuration; 2 if
 * the database cannot be used, a ban in it cannot be read, or bans may have been
 * lost. */
int bans_dump(const struct args *args);

/* Loads args->bans_file ("-": standard input) and prints a report. Returns the exit
 * code: 0 if all bans were taken and are on disk; 1 for a wrong configuration, a file
 * that cannot be read, or lines that were left out (the other bans are on disk); 2 if
 * the store failed. */
int bans_load(const struct args *args);

#endif
