/*
 * What `smimebr survey` and `smimebr outlook` share: the options, the threads that judge, and the
 * question that both ask of a certificate that was issued: would it be signed as this profile on
 * that date?
 *
 * The main thread reads and hands certificates to workers through a short queue. Each worker has a
 * context and counts of its own, which are added up at the end: memory depends on the number of
 * workers, not on that of certificates.
 */
#ifndef SMIMEBR_TOOLS_SURVEY_H
#define SMIMEBR_TOOLS_SURVEY_H

#include "command.h"
#include "issuer_list.h"
#include "lint/json.h"
#include "survey_input.h"

enum { SURVEY_NUM_PROFILES = 12 };

enum survey_format { SURVEY_TEXT, SURVEY_CSV, SURVEY_JSON };

/* Certificates that were asked one question. */
struct survey_outcome {
    uint64_t permitted, refused, failed; /* failed: a check could not run */
    uint64_t rules[LINT_NUM_RULES];      /* refused, with an error of this rule */
    uint64_t alone[LINT_NUM_RULES];      /* ... and of no other */
};

struct survey_counts {
    uint64_t num;                           /* objects */
    uint64_t not_certificates;              /* CRLs and the like, and what is unreadable */
    uint64_t kinds[LINT_KIND_COUNT];        /* certificates */
    uint64_t profiles[SURVEY_NUM_PROFILES]; /* subscriber certificates, by lint_profile_bit() */
    uint64_t undetermined;                  /* ... without a profile */
};

struct survey_worker;

struct survey {
    /* asked for */
    const struct command *command;
    struct issuer_list issuers;
    int64_t now;
    enum survey_format format;
    bool each; /* a line for each certificate instead of the counts */
    size_t num_jobs;
    const char **paths;
    size_t num_paths;

    /* how to judge one subscriber certificate */
    void (*judge)(struct survey_worker *worker);
    size_t num_outcomes;
    const int64_t *dates; /* of outlook */

    /* came out */
    struct survey_counts counts;
    struct survey_outcome *outcomes;
    uint64_t num_files, num_without;
    bool in_trouble;
};

/* One thread; what stands here is of the certificate at work. */
struct survey_worker {
    struct survey *survey;
    struct lint_context *context;
    struct lint_report *report;
    struct asn1_certificate *view;
    const struct lint_issuer **issuers; /* those with the name of the certificate's issuer */
    size_t num_issuers;

    char *name; /* file, with #number */
    uint8_t *der;
    size_t len;
    bool is_tbs;
    struct der_slice tbs, outer_algorithm;
    struct lint_profile profile; /* the one that it claims */

    uint8_t *changed; /* the copy that is judged */
    size_t changed_capacity;

    struct survey_counts counts;
    struct survey_outcome *outcomes;
    bool failed; /* out of memory */
};

/* The part of the help text about what both take. */
#define SURVEY_HELP_OPTIONS                                                                        \
    "  --issuer CERT    certificates of issuing CAs (PEM or DER); may be repeated. What needs\n"   \
    "                   them is judged for certificates that one of them issued\n"                 \
    "  --now DATE       the date to judge by, such as 2026-11-24; the default is today\n"          \
    "  --format FORMAT  text (the default), csv or json\n"                                         \
    "  --jobs N         threads; the default is the number of processors, at most 16\n"

/*
 * Read the options; negative: go on, else the exit code. The caller frees with survey_free() in any
 * case. with_each: --each is an option.
 */
int survey_arguments(struct survey *survey, const struct command *command, bool with_each, int argc,
                     char **argv);
void survey_free(struct survey *survey);

/* Judge all inputs by survey->judge. False if memory or threads fail. */
bool survey_run(struct survey *survey);

/* A worker of this survey. False without memory; dismiss it in any case. */
bool survey_hire(struct survey_worker *worker, struct survey *survey);
void survey_dismiss(struct survey_worker *worker);

/*
 * Find out what the certificate at work (der, len, is_tbs) is and claims to be, and count it; true
 * if it is a subscriber certificate.
 */
bool survey_look_at(struct survey_worker *worker);

/*
 * Judge the certificate at work as if it were issued as this profile at this time: the identifier
 * of its own profile is exchanged and its validity begins then and lasts as long. That the
 * certificate of its issuer is not valid then is left aside: a CA renews it. The report is in
 * worker->report. False if memory fails.
 */
bool survey_judge_as(struct survey_worker *worker, struct lint_profile profile, int64_t date);

/* Count the report for a question. */
void survey_count(struct survey_worker *worker, struct survey_outcome *outcome);

/* The rules with an error in the report, each once. Returns their number. */
size_t survey_obstacles(const struct lint_report *report, uint16_t rules[LINT_MAX_FINDINGS]);

/* Print a line; workers may do so at the same time. safely: as print_safely() does. */
void survey_print_line(const char *text, bool safely);

uint64_t survey_num_judged(const struct survey_outcome *outcome);
void survey_add(struct survey_outcome *sum, const struct survey_outcome *part);

/* Members permitted, refused, not_judged and obstacles. */
void survey_json_outcome(struct json *json, const struct survey_outcome *outcome);

/* Print what the writer holds and free it. False after a complaint. */
bool survey_print_json(struct json *json);

/* Print a field of RFC 4180. */
void survey_csv_field(const char *value, const char *end);

/* Number of the bit of a profile; SURVEY_NUM_PROFILES if it is undetermined. */
size_t survey_profile_index(struct lint_profile profile);
struct lint_profile survey_profile(size_t index);

/* The rules of an outcome with counts, the most frequent first. */
size_t survey_rank(const struct survey_outcome *outcome, uint16_t rules[LINT_NUM_RULES]);

/* "12.3 %" */
enum { SURVEY_SHARE_MAX = 16 };
const char *survey_share(uint64_t part, uint64_t whole, char out[SURVEY_SHARE_MAX]);

#endif
