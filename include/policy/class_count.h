/* The number of clients of each class (option connections of a class). */
#ifndef POLICY_CLASS_COUNT_H
#define POLICY_CLASS_COUNT_H

#include <stdbool.h>

struct client;
struct config_class;
struct server;

/* May one more client be of this class (NULL: none)? False: its limit is reached. */
bool class_count_has_room(const struct server *srv, const struct config_class *class);

/* Counts c, which enters its host, for its class; and takes it back. */
void class_count_enter(struct server *srv, const struct client *c);
void class_count_leave(struct server *srv, const struct client *c);

/* A new configuration: begin forgets all counts before the classes of clients change,
 * and all counts the clients afterwards. */
void class_count_begin(struct server *srv);
void class_count_all(struct server *srv);

#endif
