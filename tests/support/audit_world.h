/* What the tests of the audit writer do with the log of a guard_world; failures end the test. */
#ifndef SMIMEBR_TESTS_AUDIT_WORLD_H
#define SMIMEBR_TESTS_AUDIT_WORLD_H

#include <stdbool.h>
#include <stddef.h>

#include "guard/audit.h"
#include "support/audit_reader.h"
#include "support/guard_world.h"

struct audit *new_log(struct guard_world *world);

struct audit *open_log(struct guard_world *world);

bool append_note(struct audit *audit, const char *text, struct audit_receipt *receipt,
                 struct failure *failure);

void must_append(struct audit *audit, const char *text);

/* The attempt fails with this text, and leaves the file as it was. */
void must_fail(struct guard_world *world, struct audit *audit, const char *expected);

/* The log as it stands is good; *reading is the caller's to clear. */
void read_good(struct guard_world *world, const char *name, struct audit_reading *reading);

size_t count_good(struct guard_world *world, const char *event);

void add_octets(struct guard_world *world, const char *octets, size_t len);

#endif
