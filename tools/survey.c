/* The threads of a survey. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "survey.h"

enum { QUEUE_LEN = 128 };

/* A certificate on its way to a worker; the queue owns its memory. */
struct item {
    char *name;
    uint8_t *der;
    size_t len;
    bool is_tbs;
};

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t filled, emptied;
    struct item items[QUEUE_LEN];
    size_t first, num;
    bool closed;    /* nothing more comes */
    bool abandoned; /* a worker ran out of memory */
};

struct crew {
    struct survey *survey;
    struct queue queue;
    struct survey_worker *workers;
    pthread_t *threads;
    uint64_t num_read;
    uint64_t octets_in_all; /* 0: not measured, no progress is shown */
    uint64_t next_progress; /* in milliseconds of a clock that only goes forward */
};

struct seat {
    struct queue *queue;
    struct survey_worker *worker;
};

static bool put(struct queue *queue, struct item item)
{
    bool taken;

    pthread_mutex_lock(&queue->mutex);
    while (queue->num == QUEUE_LEN && !queue->abandoned)
        pthread_cond_wait(&queue->emptied, &queue->mutex);
    taken = !queue->abandoned;
    if (taken)
        queue->items[(queue->first + queue->num++) % QUEUE_LEN] = item;
    pthread_cond_signal(&queue->filled);
    pthread_mutex_unlock(&queue->mutex);
    return taken;
}

static bool take(struct queue *queue, struct item *item)
{
    bool any;

    pthread_mutex_lock(&queue->mutex);
    while (queue->num == 0 && !queue->closed)
        pthread_cond_wait(&queue->filled, &queue->mutex);
    any = queue->num > 0;
    if (any) {
        *item = queue->items[queue->first];
        queue->first = (queue->first + 1) % QUEUE_LEN;
        queue->num--;
    }
    pthread_cond_signal(&queue->emptied);
    pthread_mutex_unlock(&queue->mutex);
    return any;
}

static void close_queue(struct queue *queue, bool abandon)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    queue->abandoned = queue->abandoned || abandon;
    pthread_cond_broadcast(&queue->filled);
    pthread_cond_broadcast(&queue->emptied);
    pthread_mutex_unlock(&queue->mutex);
}

/* Working */

static void choose_issuers(struct survey_worker *worker)
{
    const struct issuer_list *all = &worker->survey->issuers;

    worker->num_issuers = 0;
    for (size_t i = 0; i < all->num; i++) {
        if (der_equal(all->list[i]->view.subject.tlv, worker->view->issuer.tlv))
            worker->issuers[worker->num_issuers++] = all->list[i];
    }
}

bool survey_look_at(struct survey_worker *worker)
{
    struct der_slice whole = der_slice(worker->der, worker->len), signature;
    struct lint_request request;

    worker->counts.num++;
    worker->tbs = whole;
    worker->outer_algorithm = der_slice(NULL, 0);
    if (!worker->is_tbs &&
        !asn1_split_signed(whole, &worker->tbs, &worker->outer_algorithm, &signature))
        worker->tbs = whole;
    if (asn1_classify(worker->tbs) != ASN1_GRAMMAR_CERTIFICATE) {
        worker->counts.not_certificates++;
        return false;
    }
    asn1_parse_certificate(worker->tbs, worker->view);
    choose_issuers(worker);
    memset(&request, 0, sizeof(request));
    request.object = worker->tbs;
    request.grammar = ASN1_GRAMMAR_CERTIFICATE;
    request.now = worker->survey->now;
    request.policy = &lint_policy_open;
    lint_judge(worker->context, &request, worker->report);
    worker->profile = worker->report->profile;
    worker->counts.kinds[worker->report->kind]++;
    if (worker->report->kind != LINT_KIND_SUBSCRIBER)
        return false;
    if (lint_profile_bit(worker->profile) == 0)
        worker->counts.undetermined++;
    else
        worker->counts.profiles[survey_profile_index(worker->profile)]++;
    return true;
}

static void *work(void *argument)
{
    struct seat *seat = argument;
    struct survey_worker *worker = seat->worker;
    struct item item;

    while (take(seat->queue, &item)) {
        worker->name = item.name;
        worker->der = item.der;
        worker->len = item.len;
        worker->is_tbs = item.is_tbs;
        if (!worker->failed && survey_look_at(worker))
            worker->survey->judge(worker);
        OPENSSL_free(item.name);
        OPENSSL_free(item.der);
        if (worker->failed)
            close_queue(seat->queue, true);
    }
    return NULL;
}

/* Reading */

static uint64_t milliseconds(void)
{
    struct timespec now;

    return clock_gettime(CLOCK_MONOTONIC, &now) == 0
               ? (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000
               : 0;
}

static void show_progress(struct crew *crew, uint64_t octets)
{
    enum { BAR = 40, EVERY = 200 };
    static const char full[] = "########################################";
    uint64_t now = milliseconds();
    int percent = octets >= crew->octets_in_all
                      ? 100
                      : (int)((double)octets * 100 / (double)crew->octets_in_all);

    if (now < crew->next_progress)
        return;
    crew->next_progress = now + EVERY;
    fprintf(stderr, "\r[%-*.*s] %3d %%  %llu certificates", BAR, percent * BAR / 100, full, percent,
            (unsigned long long)crew->num_read);
}

static void clear_progress(const struct crew *crew)
{
    if (crew->octets_in_all > 0)
        fprintf(stderr, "\r%*s\r", 78, "");
}

static void on_octets(void *argument, uint64_t octets)
{
    show_progress(argument, octets);
}

static bool on_certificate(void *argument, const struct survey_certificate *certificate)
{
    struct crew *crew = argument;
    size_t size = strlen(certificate->file) + 24;
    struct item item = {OPENSSL_malloc(size),
                        OPENSSL_memdup(certificate->der.data, certificate->der.len),
                        certificate->der.len, certificate->is_tbs};

    if (item.name != NULL && item.der != NULL) {
        if (certificate->number > 0)
            snprintf(item.name, size, "%s#%llu", certificate->file,
                     (unsigned long long)certificate->number);
        else
            snprintf(item.name, size, "%s", certificate->file);
        crew->num_read++;
        if (put(&crew->queue, item))
            return true;
    }
    OPENSSL_free(item.name);
    OPENSSL_free(item.der);
    crew->workers[0].survey->in_trouble = true;
    close_queue(&crew->queue, true);
    return false;
}

static void read_all(struct crew *crew)
{
    struct survey *survey = crew->survey;
    struct survey_input input;
    bool more = true;

    memset(&input, 0, sizeof(input));
    input.visit = on_certificate;
    input.argument = crew;
    if (isatty(STDERR_FILENO)) {
        for (size_t i = 0; i < survey->num_paths; i++)
            crew->octets_in_all += survey_input_measure(survey->paths[i]);
    }
    if (crew->octets_in_all > 0)
        input.progress = on_octets;
    for (size_t i = 0; i < survey->num_paths && more; i++)
        more = survey_input_read(&input, survey->paths[i]);
    clear_progress(crew);
    survey->num_files = input.num_files;
    survey->num_without = input.num_without;
    survey->in_trouble = survey->in_trouble || input.in_trouble;
}

/* Adding up */

static void add_worker(struct survey *survey, const struct survey_worker *worker)
{
    struct survey_counts *sum = &survey->counts;
    const struct survey_counts *part = &worker->counts;

    sum->num += part->num;
    sum->not_certificates += part->not_certificates;
    sum->undetermined += part->undetermined;
    for (size_t i = 0; i < LINT_KIND_COUNT; i++)
        sum->kinds[i] += part->kinds[i];
    for (size_t i = 0; i < SURVEY_NUM_PROFILES; i++)
        sum->profiles[i] += part->profiles[i];
    for (size_t i = 0; i < survey->num_outcomes; i++)
        survey_add(&survey->outcomes[i], &worker->outcomes[i]);
}

/* The crew */

bool survey_hire(struct survey_worker *worker, struct survey *survey)
{
    static const uint8_t off[LINT_NUM_RULES] = {[RULE_SMIME_PATH_ISSUER_EXPIRED] = 1};

    worker->survey = survey;
    worker->context = lint_context_new();
    worker->report = OPENSSL_zalloc(sizeof(*worker->report));
    worker->view = OPENSSL_zalloc(sizeof(*worker->view));
    worker->outcomes = OPENSSL_zalloc(survey->num_outcomes * sizeof(*worker->outcomes));
    worker->issuers = OPENSSL_zalloc((survey->issuers.num + 1) * sizeof(struct lint_issuer *));
    if (worker->context != NULL)
        lint_context_set_filter(worker->context, off);
    return worker->context != NULL && worker->report != NULL && worker->view != NULL &&
           worker->outcomes != NULL && worker->issuers != NULL;
}

void survey_dismiss(struct survey_worker *worker)
{
    lint_context_free(worker->context);
    OPENSSL_free(worker->report);
    OPENSSL_free(worker->view);
    OPENSSL_free(worker->outcomes);
    OPENSSL_free(worker->issuers);
    OPENSSL_free(worker->changed);
}

/* Start the threads, read, wait for them. False if a thread could not be started. */
static bool operate(struct crew *crew, struct seat *seats)
{
    size_t num_jobs = crew->survey->num_jobs, num_started = 0;
    bool result = true;

    for (size_t i = 0; i < num_jobs; i++)
        seats[i] = (struct seat){&crew->queue, &crew->workers[i]};
    while (num_started < num_jobs &&
           pthread_create(&crew->threads[num_started], NULL, work, &seats[num_started]) == 0)
        num_started++;
    if (num_started > 0)
        read_all(crew);
    else
        result = false;
    close_queue(&crew->queue, false);
    for (size_t i = 0; i < num_started; i++) {
        pthread_join(crew->threads[i], NULL);
        result = result && !crew->workers[i].failed;
        add_worker(crew->survey, &crew->workers[i]);
    }
    return result && !crew->queue.abandoned;
}

bool survey_run(struct survey *survey)
{
    struct crew crew;
    struct seat *seats = OPENSSL_zalloc(survey->num_jobs * sizeof(*seats));
    bool result;

    memset(&crew, 0, sizeof(crew));
    crew.survey = survey;
    pthread_mutex_init(&crew.queue.mutex, NULL);
    pthread_cond_init(&crew.queue.filled, NULL);
    pthread_cond_init(&crew.queue.emptied, NULL);
    crew.workers = OPENSSL_zalloc(survey->num_jobs * sizeof(*crew.workers));
    crew.threads = OPENSSL_zalloc(survey->num_jobs * sizeof(*crew.threads));
    survey->outcomes = OPENSSL_zalloc(survey->num_outcomes * sizeof(*survey->outcomes));
    result =
        seats != NULL && crew.workers != NULL && crew.threads != NULL && survey->outcomes != NULL;
    for (size_t i = 0; result && i < survey->num_jobs; i++)
        result = survey_hire(&crew.workers[i], survey);
    result = result && operate(&crew, seats);
    if (!result)
        complain("out of memory or threads");
    for (size_t i = 0; crew.workers != NULL && i < survey->num_jobs; i++)
        survey_dismiss(&crew.workers[i]);
    pthread_cond_destroy(&crew.queue.emptied);
    pthread_cond_destroy(&crew.queue.filled);
    pthread_mutex_destroy(&crew.queue.mutex);
    OPENSSL_free(crew.workers);
    OPENSSL_free(crew.threads);
    OPENSSL_free(seats);
    return result;
}
