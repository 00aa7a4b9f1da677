/* How often this program has called recv: the linker hands each call to received.c. */
#ifndef TESTS_RECEIVED_H
#define TESTS_RECEIVED_H

/* The number of calls since the start, those of the tests included. */
unsigned received_calls(void);

#endif
