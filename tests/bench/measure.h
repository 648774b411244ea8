/*
 * Measuring: processor time of the calling thread, medians over rounds in which all candidates take
 * turns, so that a busy machine slows all of them alike and ratios within one run hold.
 */
#ifndef SMIMEBR_BENCH_MEASURE_H
#define SMIMEBR_BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

enum { MEASURE_MAX_ROUNDS = 201 };

struct candidate {
    const char *name;
    void (*run)(void *state); /* one operation */
    void *state;
    unsigned batch;     /* operations between two readings of the clock */
    double nanoseconds; /* result: median per operation */
    double lowest;      /* result: least per operation */
};

/* Processor time of this thread in nanoseconds. */
uint64_t measure_cpu(void);

/* The same of all threads of this process. */
uint64_t measure_process(void);

/* Time that passed, in nanoseconds. */
uint64_t measure_wall(void);

/* Run all candidates by turns, at most MEASURE_MAX_ROUNDS rounds. */
void measure(struct candidate *candidates, size_t num, unsigned rounds);

/* The median of num values, which are sorted. */
double measure_median(double *values, size_t num);

/*
 * One line of the table on standard output and the same as a member of the JSON object. value is in
 * unit; limit is what it is held to (0: nothing). Returns 1 if the limit is kept.
 */
struct results;
struct results *results_new(const char *json_path);
int results_add(struct results *results, const char *name, double value, const char *unit,
                double limit);
/* The same with a lower limit. */
int results_add_least(struct results *results, const char *name, double value, const char *unit,
                      double least);
/* Ends the JSON; the number of limits that were not kept. */
int results_free(struct results *results);

#endif
