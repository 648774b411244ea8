/* What the files of the policy reader share; nobody else includes it. */
#ifndef SMIMEBR_GUARD_POLICY_INTERNAL_H
#define SMIMEBR_GUARD_POLICY_INTERNAL_H

#include "guard/policy.h"

/* Memory and handles that live as long as the policy. */
struct policy_owned {
    struct policy_owned *next;
    void *thing;
    void (*release)(void *thing);
};

struct policy_waiver_text {
    const char *reason;
    const char *approver;
    unsigned line;
};

struct policy {
    char *path;
    char *folder;
    uint8_t sha256[LINT_DIGEST_LEN];
    struct policy_owned *owned;
    struct policy_section *sections;
    size_t num_sections;
    struct lint_waiver *waivers;
    struct policy_waiver_text *waiver_texts;
    size_t num_waivers;
};

/* Zeroed memory that policy_free() frees; NULL without memory. */
void *policy_memory(struct policy *policy, size_t num, size_t size);
/* Hand thing over to the policy. If memory fails it is released at once and false returned. */
bool policy_own(struct policy *policy, void *thing, void (*release)(void *));

/* A place in a policy file or in a floor, and what has been collected there. */
struct policy_reader {
    struct policy *policy;
    struct failure *failure;
    const char *name; /* of the file, for messages */
    unsigned line;
    struct lint_context *context; /* for comparing keys */
    char *digests;                /* lines of 64 digits, see policy.h */
    size_t num_digests, max_digests;

    /* the section that is being read */
    enum { SECTION_NONE, SECTION_KEY, SECTION_WAIVER } in;
    struct policy_section *section;
    struct lint_waiver *waiver;
    uint32_t issuer_numbers; /* bit n - 1: issuer-certificate.n was written */
    uint32_t waiver_given;
};

/* Set "FILE:LINE: ..." and return false. */
bool policy_wrong(struct policy_reader *reader, enum failure_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool policy_no_memory(struct policy_reader *reader);

#define policy_wrong(...)        failure_is_false(policy_wrong(__VA_ARGS__))
#define policy_no_memory(reader) failure_is_false(policy_no_memory(reader))

/* The values of a section before anything is written. */
void policy_section_defaults(struct policy_section *section);

/*
 * Read the words, domains or identifiers of an ordered key into section. value is NUL terminated,
 * trimmed, not empty.
 */
bool policy_read_ordered(struct policy_reader *reader, struct policy_section *section,
                         enum policy_key key, const char *value);

/*
 * A domain name in lower case: A-labels, no dot at the end. below: a dot in front is allowed and
 * means every domain below, as in name constraints.
 */
bool policy_read_domain(struct policy_reader *reader, const char *text, bool below,
                        const char **domain);

/* Carry the sets of a section over into what the verdict sees. */
void policy_section_apply(struct policy_section *section);

/* The key with this name; POLICY_NUM_KEYS if none. */
enum policy_key policy_key_by_name(const char *name);

/*
 * Split value at commas. *rest starts as value; item gets the next part, trimmed, at most
 * POLICY_MAX_ITEM octets. False at the end or when a part is empty or too long (reader->failure
 * then says so and *bad is set).
 */
enum { POLICY_MAX_ITEM = 255 };
bool policy_next_item(struct policy_reader *reader, const char **rest,
                      char item[POLICY_MAX_ITEM + 1], bool *bad);

/* One key of a [key NAME] section. suffix is what stands behind a dot, NULL if nothing. */
bool policy_read_key(struct policy_reader *reader, enum policy_key key, const char *suffix,
                     const char *value);
/* What must hold at the end of a [key NAME] section. */
bool policy_end_key_section(struct policy_reader *reader);

/* The same for [waiver NAME]. */
bool policy_read_waiver_key(struct policy_reader *reader, const char *name, const char *value);
bool policy_end_waiver_section(struct policy_reader *reader);

/* Note the digest of a file that was named. */
bool policy_add_digest(struct policy_reader *reader, const uint8_t sha256[LINT_DIGEST_LEN]);

#endif
