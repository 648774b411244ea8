/* Clocks, medians and the two forms of the results; see measure.h. */
#include "bench/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct results {
    FILE *json;
    int num;
    int over;
};

static uint64_t read_clock(clockid_t clock)
{
    struct timespec now;

    if (clock_gettime(clock, &now) != 0)
        abort();
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t measure_cpu(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t measure_process(void)
{
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t measure_wall(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;

    return (left > right) - (left < right);
}

double measure_median(double *values, size_t num)
{
    qsort(values, num, sizeof(*values), compare);
    return num % 2 != 0 ? values[num / 2] : (values[num / 2 - 1] + values[num / 2]) / 2;
}

static double time_batch(const struct candidate *candidate)
{
    uint64_t start = measure_cpu();

    for (unsigned i = 0; i < candidate->batch; i++)
        candidate->run(candidate->state);
    return (double)(measure_cpu() - start) / candidate->batch;
}

void measure(struct candidate *candidates, size_t num, unsigned rounds)
{
    double *times;

    if (rounds > MEASURE_MAX_ROUNDS)
        rounds = MEASURE_MAX_ROUNDS;
    times = calloc(num * MEASURE_MAX_ROUNDS, sizeof(*times));
    if (times == NULL)
        abort();
    for (size_t i = 0; i < num; i++)
        (void)time_batch(&candidates[i]); /* caches and lazily made tables */
    for (unsigned round = 0; round < rounds; round++) {
        for (size_t i = 0; i < num; i++)
            times[i * MEASURE_MAX_ROUNDS + round] = time_batch(&candidates[i]);
    }
    for (size_t i = 0; i < num; i++) {
        candidates[i].nanoseconds = measure_median(times + i * MEASURE_MAX_ROUNDS, rounds);
        candidates[i].lowest = times[i * MEASURE_MAX_ROUNDS];
    }
    free(times);
}

struct results *results_new(const char *json_path)
{
    struct results *results = calloc(1, sizeof(*results));

    if (results == NULL)
        abort();
    if (json_path != NULL && (results->json = fopen(json_path, "w")) == NULL) {
        perror(json_path);
        exit(2);
    }
    if (results->json != NULL)
        (void)fputs("{", results->json);
    return results;
}

static int add(struct results *results, const char *name, double value, const char *unit,
               const char *relation, double limit, int kept)
{
    (void)printf("%-58s %12.3f %-9s", name, value, unit);
    if (limit > 0)
        (void)printf(" %s %-8g %s", relation, limit, kept ? "kept" : "NOT KEPT");
    (void)printf("\n");
    (void)fflush(stdout);
    if (results->json != NULL)
        (void)fprintf(results->json, "%s\n  \"%s\": {\"value\": %.6g, \"unit\": \"%s\"%s}",
                      results->num == 0 ? "" : ",", name, value, unit,
                      limit <= 0 ? ""
                      : kept     ? ", \"kept\": true"
                                 : ", \"kept\": false");
    results->num++;
    results->over += !kept;
    return kept;
}

int results_add(struct results *results, const char *name, double value, const char *unit,
                double limit)
{
    return add(results, name, value, unit, "at most", limit, limit <= 0 || value <= limit);
}

int results_add_least(struct results *results, const char *name, double value, const char *unit,
                      double least)
{
    return add(results, name, value, unit, "at least", least, value >= least);
}

int results_free(struct results *results)
{
    int over = results->over;

    if (results->json != NULL) {
        (void)fputs("\n}\n", results->json);
        (void)fclose(results->json);
    }
    free(results);
    return over;
}
