/* The metrics of a server that runs. */
#ifndef SRC_MAIN_EXPOSITION_H
#define SRC_MAIN_EXPOSITION_H

struct draft;
struct serve;

/* Writes the text of all metrics (session/metrics.h), with what the loop, the store and
 * the process know. On the thread of the loop. */
void exposition_write(const struct serve *s, struct draft *out);

#endif
