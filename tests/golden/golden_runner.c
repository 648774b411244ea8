/*
 * Runs golden cases: object, clock and policy in, exact set of findings out. See README.md here.
 *
 *   golden_runner [--print] [--der OUT] [--der-dir FOLDER] [--survivors] [--coverage]
 *                 [--mutations N] [--torture N] [--abroad] BASES CASES...
 *
 * CASES are files or folders. --print shows what was found; --der writes the first object,
 * --der-dir every one; --survivors switches every checked requirement off once and lists those that
 * no case misses; --coverage fails if a checked requirement is expected by no case; --mutations
 * judges every object with every N-th octet changed and cut at every N-th octet, see mutations.h;
 * --torture lets every N-th allocation of every judgement fail, see torture.h; --abroad does what
 * it does in another locale and time zone. Built with the mutants of the checks, it has --mutants
 * JOBS and --only "NUMBERS" as well, see mutants/mutants.h.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"
#include "golden/golden_history.h"
#include "golden/mutations.h"
#include "golden/torture.h"
#include "lint/lint.h"
#include "support/failing_memory.h"
#include "support/forge.h"
#ifdef SMIMEBR_MUTANTS
#include <malloc.h>

#include "lint/context.h"
#include "mutants/mutants.h"

enum { SPOILT = 0xa5 }; /* addresses of such octets belong to nobody */
#endif

enum { NUM_OID_LISTS = 4, NUM_URI_LISTS = 3 };
enum {
    MAX_EXPECTED = LINT_MAX_FINDINGS,
    MAX_ISSUERS = 4,
    MAX_KNOWN_CAS = 4,
    MAX_SETTINGS = 4,
    MAX_CRLS = 2
};

struct expected {
    enum lint_rule_number rule;
    const char *path; /* NULL: any */
};

struct golden {
    const char *file;
    int line;
    char *name;
    struct lint_request request;
    struct lint_policy policy;
    struct lint_issuer *issuers[MAX_ISSUERS];
    struct lint_issuer *known_cas[MAX_KNOWN_CAS];
    struct lint_issuer *responder_issuer;
    struct lint_crl *previous_crls[MAX_CRLS];
    struct golden_history history;
    char *domains[MAX_SETTINGS];
    struct der_slice extra_policies[MAX_SETTINGS];
    struct der_slice documented[NUM_OID_LISTS][MAX_SETTINGS];
    char *addresses[NUM_URI_LISTS][MAX_SETTINGS];
    struct lint_hash_list weak_keys[MAX_SETTINGS];
    size_t num_expected;
    struct expected expected[MAX_EXPECTED];
};

static struct {
    struct forge *forge;
    struct lint_context *context;
    struct golden **cases;
    size_t num, capacity;
    bool print;
    const char *der_out, *der_folder;
    bool wanted[LINT_NUM_RULES];
    struct lint_report report; /* of the case that was judged last */
} run;

static _Noreturn void die(const char *file, int line, const char *what, const char *where)
{
    fprintf(stderr, "%s:%d: %s: %s\n", file, line, what, where);
    exit(2);
}

static char *copy_text(const char *text, size_t len)
{
    char *copy = malloc(len + 1);

    if (copy == NULL)
        abort();
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

static int64_t parse_time(const struct golden *golden, const char *text)
{
    char generalized[16];
    int64_t seconds;

    /* 2026-11-24T00:00:00Z */
    if (strlen(text) < 20)
        die(golden->file, golden->line, "bad time", text);
    snprintf(generalized, sizeof(generalized), "%.4s%.2s%.2s%.2s%.2s%.2sZ", text, text + 5,
             text + 8, text + 11, text + 14, text + 17);
    if (!der_time(DER_GENERALIZEDTIME, der_slice((const uint8_t *)generalized, 15), &seconds))
        die(golden->file, golden->line, "bad time", text);
    return seconds;
}

/* What is being collected until the next `case`. */
struct draft {
    struct golden *golden;
    struct forge_node *root;
    struct forge_node *issuers[MAX_ISSUERS];
    size_t num_issuers;
    struct forge_node *known_cas[MAX_KNOWN_CAS];
    size_t num_known_cas;
    struct forge_node *responder_issuer;
    struct forge_node *previous_crls[MAX_CRLS];
    size_t num_previous_crls;
    const uint8_t *raw;
    size_t raw_len;
};

static struct lint_issuer *certificate(const struct golden *golden, struct forge_node *tbs)
{
    size_t len;
    const uint8_t *octets = forge_encode(run.forge, forge_wrap(run.forge, tbs), &len);
    struct lint_issuer *issuer = lint_issuer_new(octets, len);

    if (issuer == NULL)
        die(golden->file, golden->line, "no certificate for an issuer or known CA", golden->name);
    return issuer;
}

static struct lint_crl *previous_crl(const struct golden *golden, struct forge_node *tbs)
{
    size_t len;
    const uint8_t *octets = forge_encode(run.forge, forge_wrap(run.forge, tbs), &len);
    struct lint_crl *crl = lint_crl_new(octets, len);

    if (crl == NULL)
        die(golden->file, golden->line, "no CRL for a previous CRL", golden->name);
    return crl;
}

static void finish(struct draft *draft)
{
    struct golden *golden = draft->golden;
    size_t len;

    if (golden == NULL)
        return;
    forge_set_place(run.forge, golden->file, golden->line);
    if (draft->raw != NULL) {
        golden->request.object = der_slice(draft->raw, draft->raw_len);
    } else if (draft->root != NULL) {
        const uint8_t *octets = forge_encode(run.forge, draft->root, &len);

        golden->request.object = der_slice(octets, len);
    } else {
        die(golden->file, golden->line, "neither base nor raw", golden->name);
    }
    for (size_t i = 0; i < draft->num_issuers; i++)
        golden->issuers[i] = certificate(golden, draft->issuers[i]);
    for (size_t i = 0; i < draft->num_known_cas; i++)
        golden->known_cas[i] = certificate(golden, draft->known_cas[i]);
    golden->request.issuers = (const struct lint_issuer *const *)golden->issuers;
    golden->request.num_issuers = draft->num_issuers;
    golden->policy.known_cas = (const struct lint_issuer *const *)golden->known_cas;
    golden->policy.num_known_cas = draft->num_known_cas;
    if (draft->responder_issuer != NULL)
        golden->policy.responder_issuer = golden->responder_issuer =
            certificate(golden, draft->responder_issuer);
    for (size_t i = 0; i < draft->num_previous_crls; i++)
        golden->previous_crls[i] = previous_crl(golden, draft->previous_crls[i]);
    golden->request.previous_crls = (const struct lint_crl *const *)golden->previous_crls;
    golden->request.num_previous_crls = draft->num_previous_crls;
    golden_history_finish(&golden->history, &golden->request);
    golden->request.policy = &golden->policy;
    if (run.num == run.capacity) {
        run.capacity = run.capacity * 2 + 64;
        run.cases = realloc(run.cases, run.capacity * sizeof(*run.cases));
        if (run.cases == NULL)
            abort();
    }
    run.cases[run.num++] = golden;
    memset(draft, 0, sizeof(*draft));
}

static void begin(struct draft *draft, const char *file, int line, const char *name)
{
    struct golden *golden = calloc(1, sizeof(*golden));

    if (golden == NULL)
        abort();
    golden->file = file;
    golden->line = line;
    golden->name = copy_text(name, strlen(name));
    golden->policy = lint_policy_open;
    golden->request.now = parse_time(golden, "2026-11-24T00:00:00Z");
    draft->golden = golden;
}

static void expect(struct golden *golden, const char *text)
{
    size_t n = strcspn(text, " ");
    char *id = copy_text(text, n);
    const struct lint_rule *rule = lint_rule_by_id(id);
    struct expected *expected = &golden->expected[golden->num_expected++];

    if (golden->num_expected > MAX_EXPECTED)
        die(golden->file, golden->line, "too many expected", id);
    if (rule == NULL)
        die(golden->file, golden->line, "no such requirement", id);
    expected->rule = (enum lint_rule_number)(rule - lint_rules);
    run.wanted[expected->rule] = true;
    text += n + strspn(text + n, " ");
    expected->path = *text == '\0' ? NULL : copy_text(text, strlen(text));
    free(id);
}

static struct der_slice public_key_of(struct forge_node *root)
{
    struct forge_node *key = forge_find(run.forge, root, "subjectPublicKeyInfo");
    size_t len;
    const uint8_t *octets = forge_encode(run.forge, key != NULL ? key : root, &len);

    return der_slice(octets, len);
}

static void set_policy(struct golden *golden, const char *text)
{
    enum lint_severity refuse_on = golden->policy.refuse_on;

    if (strcmp(text, "builtin") == 0)
        golden->policy = lint_policy_builtin;
    else if (strcmp(text, "open") == 0)
        golden->policy = lint_policy_open;
    else
        die(golden->file, golden->line, "unknown policy", text);
    golden->policy.refuse_on = refuse_on;
}

static struct der_slice object_identifier(const struct golden *golden, const char *text)
{
    char element[64];
    const uint8_t *octets;
    size_t len;

    snprintf(element, sizeof(element), "OID %s", text);
    octets = forge_encode(run.forge, forge_parse(run.forge, element, NULL), &len);
    if (len < 2)
        die(golden->file, golden->line, "no object identifier", text);
    return der_slice(octets + 2, len - 2);
}

/* The lists of what the CA documents. */
static bool set_documented(struct golden *golden, const char *word, const char *text)
{
    struct lint_policy *policy = &golden->policy;
    const struct {
        const char *word;
        struct lint_oids *oids;
    } oids[NUM_OID_LISTS] = {{"extra-purpose", &policy->extra_purposes},
                             {"extra-extension", &policy->extra_extensions},
                             {"extra-attribute", &policy->extra_attributes},
                             {"extra-other-name", &policy->extra_other_names}};
    const struct {
        const char *word;
        struct lint_texts *texts;
    } uris[NUM_URI_LISTS] = {{"cps-uri", &policy->cps_uris},
                             {"crl-uri", &policy->crl_uris},
                             {"aia-uri", &policy->aia_uris}};

    for (size_t i = 0; i < NUM_OID_LISTS; i++) {
        if (strcmp(word, oids[i].word) != 0 || oids[i].oids->num == MAX_SETTINGS)
            continue;
        golden->documented[i][oids[i].oids->num++] = object_identifier(golden, text);
        oids[i].oids->list = golden->documented[i];
        return true;
    }
    for (size_t i = 0; i < NUM_URI_LISTS; i++) {
        if (strcmp(word, uris[i].word) != 0 || uris[i].texts->num == MAX_SETTINGS)
            continue;
        golden->addresses[i][uris[i].texts->num++] = copy_text(text, strlen(text));
        uris[i].texts->list = (const char *const *)golden->addresses[i];
        return true;
    }
    return false;
}

/* A list that holds every key, or that cannot be read: its state says which. */
static int contains(void *state, const uint8_t *value)
{
    (void)value;
    return *(const int *)state;
}

/* The rule, then whether the list holds the key (1), or cannot be read (-1). */
static void add_weak_keys(struct golden *golden, const char *text)
{
    static int answers[] = {-1, 0, 1};
    struct lint_hash_list *list = &golden->weak_keys[golden->policy.num_weak_keys];
    size_t n = strcspn(text, " ");
    char *id = copy_text(text, n);
    const struct lint_rule *rule = lint_rule_by_id(id);

    if (rule == NULL || golden->policy.num_weak_keys == MAX_SETTINGS)
        die(golden->file, golden->line, "no such list of keys", text);
    list->rule = (enum lint_rule_number)(rule - lint_rules);
    list->hash = list->rule == RULE_CRYPTO_RSA_DEBIAN_WEAK ? LINT_HASH_MODULUS : LINT_HASH_SPKI;
    list->contains = contains;
    list->state = &answers[strcmp(text + n, " unreadable") == 0 ? 0
                           : strcmp(text + n, " without") == 0  ? 1
                                                                : 2];
    golden->policy.weak_keys = golden->weak_keys;
    golden->policy.num_weak_keys++;
    free(id);
}

struct setting {
    const char *word;
    unsigned value;
};

static unsigned value_of(const struct golden *golden, const struct setting *settings, size_t num,
                         const char *text)
{
    for (size_t i = 0; i < num; i++) {
        if (strcmp(settings[i].word, text) == 0)
            return settings[i].value;
    }
    die(golden->file, golden->line, "no such value", text);
}

/* The settings that are one word; a second line adds to the first where they are sets. */
static bool set_declared(struct golden *golden, const char *word, const char *text)
{
    static const struct setting programmes[] = {{"mozilla", LINT_MOZILLA},
                                                {"apple", LINT_APPLE},
                                                {"microsoft", LINT_MICROSOFT},
                                                {"gmail", LINT_GMAIL}};
    static const struct setting claims[] = {{"smime", LINT_CA_SMIME},
                                            {"constrained", LINT_CA_CONSTRAINED},
                                            {"not-affiliated", LINT_CA_NOT_AFFILIATED},
                                            {"signs-ocsp", LINT_CA_SIGNS_OCSP}};
    static const struct setting status_of[] = {{"subscribers", LINT_STATUS_OF_SUBSCRIBERS},
                                               {"strict", LINT_STATUS_OF_STRICT},
                                               {"cas", LINT_STATUS_OF_CAS}};
    struct lint_policy *policy = &golden->policy;

    if (strcmp(word, "root-programmes") == 0)
        policy->root_programmes |= (uint8_t)value_of(golden, programmes, 4, text);
    else if (strcmp(word, "certified-cas") == 0)
        policy->certified_cas |= (uint8_t)value_of(golden, claims, 4, text);
    else if (strcmp(word, "status-of") == 0)
        policy->status_of = (enum lint_status_of)value_of(golden, status_of, 3, text);
    else if (strcmp(word, "deep-key-checks") == 0)
        policy->deep_key_checks = strcmp(text, "yes") == 0;
    else if (strcmp(word, "escrow") == 0)
        policy->escrow = strcmp(text, "yes") == 0;
    else if (strcmp(word, "suspension") == 0)
        policy->no_suspension = strcmp(text, "none") == 0;
    else if (strcmp(word, "organization-common-name") == 0)
        policy->organization_part = strcmp(text, "part") == 0;
    else if (strcmp(word, "weak-keys") == 0)
        add_weak_keys(golden, text);
    else
        return false;
    return true;
}

/* One value of the policy's list keys; false if word is none of them. */
static bool set_list(struct golden *golden, const char *word, const char *text)
{
    struct lint_policy *policy = &golden->policy;

    if (strcmp(word, "permitted-domain") == 0 && policy->num_permitted_domains < MAX_SETTINGS) {
        golden->domains[policy->num_permitted_domains++] = copy_text(text, strlen(text));
        policy->permitted_domains = (const char *const *)golden->domains;
        return true;
    }
    if (strcmp(word, "extra-policy") == 0 && policy->num_extra_policies < MAX_SETTINGS) {
        golden->extra_policies[policy->num_extra_policies++] = object_identifier(golden, text);
        policy->extra_policies = golden->extra_policies;
        return true;
    }
    return set_documented(golden, word, text) || set_declared(golden, word, text);
}

static void directive(struct draft *draft, const char *word, const char *text)
{
    struct golden *golden = draft->golden;
    size_t len;

    if (strcmp(word, "base") == 0) {
        draft->root = forge_base(run.forge, text);
    } else if (strcmp(word, "now") == 0) {
        golden->request.now = parse_time(golden, text);
    } else if (strcmp(word, "issuer") == 0 && draft->num_issuers < MAX_ISSUERS) {
        draft->issuers[draft->num_issuers++] = forge_base(run.forge, text);
    } else if (strcmp(word, "issuer-edit") == 0 && draft->num_issuers > 0) {
        forge_edit(run.forge, &draft->issuers[draft->num_issuers - 1], text);
    } else if (strcmp(word, "known-ca") == 0 && draft->num_known_cas < MAX_KNOWN_CAS) {
        draft->known_cas[draft->num_known_cas++] = forge_base(run.forge, text);
    } else if (strcmp(word, "known-ca-edit") == 0 && draft->num_known_cas > 0) {
        forge_edit(run.forge, &draft->known_cas[draft->num_known_cas - 1], text);
    } else if (strcmp(word, "responder-issuer") == 0) {
        draft->responder_issuer = forge_base(run.forge, text);
    } else if (strcmp(word, "previous-crl") == 0 && draft->num_previous_crls < MAX_CRLS) {
        draft->previous_crls[draft->num_previous_crls++] = forge_base(run.forge, text);
    } else if (strcmp(word, "previous-crl-edit") == 0 && draft->num_previous_crls > 0) {
        forge_edit(run.forge, &draft->previous_crls[draft->num_previous_crls - 1], text);
    } else if (strncmp(word, "history-", 8) == 0) {
        if (!golden_history_word(&golden->history, word, text))
            die(golden->file, golden->line, "no history", text);
    } else if (strcmp(word, "mechanism") == 0) {
        const uint8_t *octets = forge_algorithm(run.forge, text, &len);

        golden->request.mechanism = der_slice(octets, len);
    } else if (strcmp(word, "outer") == 0) {
        const uint8_t *octets = forge_algorithm(run.forge, text, &len);

        golden->request.outer_algorithm = der_slice(octets, len);
    } else if (strcmp(word, "policy") == 0) {
        set_policy(golden, text);
    } else if (strcmp(word, "refuse-on") == 0) {
        golden->policy.refuse_on = strcmp(text, "notice") == 0    ? LINT_NOTICE
                                   : strcmp(text, "warning") == 0 ? LINT_WARNING
                                                                  : LINT_ERROR;
    } else if (strcmp(word, "as") == 0) {
        if (!lint_profile_by_name(text, &golden->request.profile))
            die(golden->file, golden->line, "no such profile", text);
    } else if (strcmp(word, "signer") == 0) {
        golden->request.signer_spki = strncmp(text, "KEY ", 4) == 0
                                          ? public_key_of(forge_parse(run.forge, text, NULL))
                                          : public_key_of(forge_base(run.forge, text));
    } else if (strcmp(word, "raw") == 0) {
        struct forge_node *raw;
        char *element = malloc(strlen(text) + 8);

        if (element == NULL)
            abort();
        snprintf(element, strlen(text) + 8, "RAW %s", text);
        raw = forge_parse(run.forge, element, NULL);
        draft->raw = forge_encode(run.forge, raw, &draft->raw_len);
        free(element);
    } else if (strcmp(word, "expect") == 0) {
        expect(golden, text);
    } else if (!set_list(golden, word, text)) {
        die(golden->file, golden->line, "unknown word", word);
    }
}

static void load_line(struct draft *draft, const char *file, int line, char *text)
{
    size_t n = strcspn(text, " \t");
    char *word = copy_text(text, n);
    char *rest = text + n + strspn(text + n, " \t");

    for (size_t end = strlen(rest); end > 0 && strchr(" \t\r\n", rest[end - 1]) != NULL; end--)
        rest[end - 1] = '\0';
    forge_set_place(run.forge, file, line);
    if (strcmp(word, "case") == 0) {
        finish(draft);
        begin(draft, file, line, rest);
    } else if (draft->golden == NULL) {
        die(file, line, "case expected", word);
    } else if (forge_is_edit(word)) {
        if (draft->root == NULL)
            die(file, line, "edit before base", text);
        forge_edit(run.forge, &draft->root, text);
    } else {
        draft->golden->line = line;
        directive(draft, word, rest);
    }
    free(word);
}

static char *read_whole(const char *path)
{
    FILE *in = fopen(path, "rb");
    char *text;
    long size;

    if (in == NULL)
        die(path, 0, "cannot open", "");
    fseek(in, 0, SEEK_END);
    size = ftell(in);
    rewind(in);
    text = malloc((size_t)size + 1);
    if (text == NULL || fread(text, 1, (size_t)size, in) != (size_t)size)
        die(path, 0, "cannot read", "");
    text[size] = '\0';
    fclose(in);
    return text;
}

/* Lines that begin with white space continue the one before. */
static void load_file(const char *path)
{
    const char *file = copy_text(path, strlen(path));
    char *text = read_whole(path);
    struct draft draft = {0};
    int line = 1;

    for (char *p = text; *p != '\0';) {
        size_t n = strcspn(p, "\n");
        int start = line++;
        char *logical;

        while (p[n] == '\n' && (p[n + 1] == ' ' || p[n + 1] == '\t')) {
            n += 1 + strcspn(p + n + 1, "\n");
            line++;
        }
        logical = copy_text(p, n);
        if (logical[0] != '#' && logical[strspn(logical, " \t\r\n")] != '\0')
            load_line(&draft, file, start, logical);
        free(logical);
        p += n + (p[n] == '\n');
    }
    finish(&draft);
    free(text);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void load(const char *path)
{
    struct stat st;
    struct dirent **entries;
    int n;

    if (stat(path, &st) != 0)
        die(path, 0, "cannot stat", "");
    if (!S_ISDIR(st.st_mode)) {
        load_file(path);
        return;
    }
    n = scandir(path, &entries, NULL, by_name);
    for (int i = 0; i < n; i++) {
        char child[4096];
        size_t len = strlen(entries[i]->d_name);

        snprintf(child, sizeof(child), "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && stat(child, &st) == 0 &&
            (S_ISDIR(st.st_mode) || (len > 5 && strcmp(child + strlen(child) - 5, ".case") == 0)))
            load(child);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

static void print_finding(const struct lint_finding *finding, const char *mark)
{
    printf("  %s %s %s   # %s %zu+%zu %s\n", mark, lint_rules[finding->rule].id, finding->path,
           lint_severity_name((enum lint_severity)lint_rules[finding->rule].severity),
           finding->offset, finding->length, finding->detail);
}

/* Does the report hold exactly what is expected? */
static bool matches(const struct golden *golden, const struct lint_report *report, bool quiet)
{
    bool used[LINT_MAX_FINDINGS] = {false};
    bool same = report->more == 0;

    for (size_t i = 0; i < golden->num_expected; i++) {
        const struct expected *expected = &golden->expected[i];
        size_t k = 0;

        while (k < report->num_findings &&
               (used[k] || report->findings[k].rule != expected->rule ||
                (expected->path != NULL && strcmp(expected->path, report->findings[k].path) != 0)))
            k++;
        if (k < report->num_findings) {
            used[k] = true;
            continue;
        }
        same = false;
        if (!quiet)
            printf("  missing %s %s\n", lint_rules[expected->rule].id,
                   expected->path != NULL ? expected->path : "");
    }
    for (size_t k = 0; k < report->num_findings; k++)
        if (!used[k]) {
            same = false;
            if (!quiet)
                print_finding(&report->findings[k], "extra  ");
        }
    return same;
}

/* The verdict follows from severities; a refusal without an error would be a defect of its own. */
static bool verdict_follows(const struct golden *golden, const struct lint_report *report)
{
    bool refuse = false;

    for (size_t k = 0; k < report->num_findings; k++)
        if (lint_rules[report->findings[k].rule].severity >= golden->policy.refuse_on)
            refuse = true;
    return report->verdict == (refuse ? LINT_REFUSE : LINT_PERMIT);
}

static bool judge(const struct golden *golden, bool quiet)
{
    struct lint_report *report = &run.report;
    bool good;

    lint_judge(run.context, &golden->request, report);
    if (run.print) {
        printf("%s: %s\n", golden->file, golden->name);
        for (size_t k = 0; k < report->num_findings; k++)
            print_finding(&report->findings[k], "expect");
        return true;
    }
    if (quiet)
        return matches(golden, report, true);
    good = matches(golden, report, true) && verdict_follows(golden, report);
    if (!good) {
        printf("%s: FAILED: %s\n", golden->file, golden->name);
        matches(golden, report, false);
        if (!verdict_follows(golden, report))
            printf("  verdict %d does not follow from the findings\n", (int)report->verdict);
    }
    return good;
}

static size_t survivors(void)
{
    uint8_t off[LINT_NUM_RULES] = {0};
    size_t num = 0;

    for (size_t rule = 0; rule < LINT_NUM_RULES; rule++) {
        bool missed = false;

        if (lint_rules[rule].state != STATE_CHECKED)
            continue;
        off[rule] = 1;
        lint_context_set_filter(run.context, off);
        for (size_t i = 0; i < run.num && !missed; i++)
            missed = !judge(run.cases[i], true);
        off[rule] = 0;
        if (!missed) {
            printf("survivor: %s\n", lint_rules[rule].id);
            num++;
        }
    }
    lint_context_set_filter(run.context, NULL);
    return num;
}

static size_t uncovered(void)
{
    size_t num = 0;

    for (size_t rule = 0; rule < LINT_NUM_RULES; rule++)
        if (lint_rules[rule].state == STATE_CHECKED && !run.wanted[rule]) {
            printf("no case expects: %s\n", lint_rules[rule].id);
            num++;
        }
    return num;
}

static void free_cases(void)
{
    for (size_t i = 0; i < run.num; i++) {
        for (size_t k = 0; k < MAX_ISSUERS; k++)
            lint_issuer_free(run.cases[i]->issuers[k]);
        lint_issuer_free(run.cases[i]->responder_issuer);
        for (size_t k = 0; k < MAX_KNOWN_CAS; k++)
            lint_issuer_free(run.cases[i]->known_cas[k]);
        for (size_t k = 0; k < MAX_CRLS; k++)
            lint_crl_free(run.cases[i]->previous_crls[k]);
        for (size_t k = 0; k < run.cases[i]->num_expected; k++)
            free((void *)(uintptr_t)run.cases[i]->expected[k].path);
        for (size_t k = 0; k < MAX_SETTINGS; k++) {
            free(run.cases[i]->domains[k]);
            for (size_t list = 0; list < NUM_URI_LISTS; list++)
                free(run.cases[i]->addresses[list][k]);
        }
        free(run.cases[i]->name);
        /* the cases of one file follow each other and share its name */
        if (i + 1 == run.num || run.cases[i + 1]->file != run.cases[i]->file)
            free((void *)(uintptr_t)run.cases[i]->file);
    }
    for (size_t i = 0; i < run.num; i++)
        free(run.cases[i]);
    free(run.cases);
    lint_context_free(run.context);
    forge_free(run.forge);
}

static void write_der(const struct golden *golden, const char *path)
{
    FILE *out = fopen(path, "wb");

    if (out == NULL ||
        fwrite(golden->request.object.data, 1, golden->request.object.len, out) !=
            golden->request.object.len ||
        fclose(out) != 0)
        die(path, 0, "cannot write", "");
}

/* FOLDER/00042.der and so on, in the order of the cases. */
static void write_all(void)
{
    for (size_t i = 0; i < run.num; i++) {
        char path[4096];

        snprintf(path, sizeof(path), "%s/%05zu.der", run.der_folder, i);
        write_der(run.cases[i], path);
    }
}

static size_t mutations(size_t step)
{
    size_t failed = 0, num = 0;

    for (size_t i = 0; i < run.num; i++)
        failed += mutate(run.context, &run.cases[i]->request, run.cases[i]->file,
                         run.cases[i]->name, step, i, &num);
    printf("%zu mutations, %zu failed\n", num, failed);
    return failed;
}

#ifdef SMIMEBR_MUTANTS
/* What parsing does not fill is garbage, so that a look at it is noticed. */
static void spoil(struct lint_context *context)
{
    memset(&context->certificate, SPOILT, sizeof(context->certificate));
    memset(&context->crl, SPOILT, sizeof(context->crl));
    memset(&context->csr, SPOILT, sizeof(context->csr));
    memset(&context->ocsp, SPOILT, sizeof(context->ocsp));
    memset(&context->scratch_name, SPOILT, sizeof(context->scratch_name));
}

static bool judge_mutant(size_t index)
{
    struct golden *golden = run.cases[index];
    struct der_slice object = golden->request.object;
    bool good;

    spoil(run.context);
    golden->request.object.data = mutants_guarded(object.data, object.len);
    good = judge(golden, true) && verdict_follows(golden, &run.report);
    golden->request.object = object;
    return good;
}

/* FNV-1a over places and texts. */
static uint64_t mix(uint64_t hash, const void *octets, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ ((const uint8_t *)octets)[i]) * 1099511628211U;
    return hash;
}

static uint64_t wording(void)
{
    uint64_t hash = 14695981039346656037U;

    for (size_t i = 0; i < run.report.num_findings; i++) {
        const struct lint_finding *finding = &run.report.findings[i];

        hash = mix(hash, &finding->offset, sizeof(finding->offset));
        hash = mix(hash, &finding->length, sizeof(finding->length));
        hash = mix(hash, finding->path, strlen(finding->path));
        hash = mix(hash, finding->detail, strlen(finding->detail));
    }
    return hash;
}

/* With --mutants JOBS, and --only "NUMBERS" if not all. */
static size_t mutants(unsigned jobs, const char *only)
{
    const struct mutant_cases cases = {run.num, judge_mutant, wording};

    return mutants_run(&cases, jobs, only) ? 0 : 1;
}
#endif

static size_t torture_all(size_t step)
{
    size_t failed = 0, num = 0;

    for (size_t i = 0; i < run.num; i++)
        failed +=
            torture(&run.cases[i]->request, run.cases[i]->file, run.cases[i]->name, step, i, &num);
    printf("%zu judgements short of memory, %zu failed\n", num, failed);
    return failed;
}

int main(int argc, char **argv)
{
    bool want_survivors = false, want_coverage = false;
    size_t failed = 0, step = 0, torture_step = 0;
#ifdef SMIMEBR_MUTANTS
    unsigned jobs = 0;
    const char *only = NULL;
#endif
    int arg = 1;

    for (; arg < argc && argv[arg][0] == '-'; arg++) {
        if (strcmp(argv[arg], "--print") == 0)
            run.print = true;
        else if (strcmp(argv[arg], "--survivors") == 0)
            want_survivors = true;
        else if (strcmp(argv[arg], "--coverage") == 0)
            want_coverage = true;
        else if (strcmp(argv[arg], "--torture") == 0 && arg + 1 < argc)
            torture_step = (size_t)strtoul(argv[++arg], NULL, 10);
        else if (strcmp(argv[arg], "--der") == 0 && arg + 1 < argc)
            run.der_out = argv[++arg];
        else if (strcmp(argv[arg], "--der-dir") == 0 && arg + 1 < argc)
            run.der_folder = argv[++arg];
        else if (strcmp(argv[arg], "--mutations") == 0 && arg + 1 < argc)
            step = (size_t)strtoul(argv[++arg], NULL, 10);
        else if (strcmp(argv[arg], "--abroad") == 0)
            fuzz_go_abroad();
#ifdef SMIMEBR_MUTANTS
        else if (strcmp(argv[arg], "--mutants") == 0 && arg + 1 < argc)
            jobs = (unsigned)strtoul(argv[++arg], NULL, 10);
        else if (strcmp(argv[arg], "--only") == 0 && arg + 1 < argc)
            only = argv[++arg];
#endif
        else
            die("golden_runner", 0, "unknown option", argv[arg]);
    }
    if (argc - arg < 2)
        die("golden_runner", 0, "usage", "golden_runner [options] BASES CASES...");
    if (torture_step != 0 && !failing_memory_install())
        die("golden_runner", 0, "libcrypto has allocated already", "--torture");
#ifdef SMIMEBR_MUTANTS
    (void)mallopt(M_PERTURB, SPOILT);
#endif
    run.forge = forge_new(argv[arg++]);
    run.context = lint_context_new();
    if (run.context == NULL)
        die("golden_runner", 0, "no context", "");
    for (; arg < argc; arg++)
        load(argv[arg]);
    for (size_t i = 0; i < run.num; i++)
        failed += !judge(run.cases[i], false);
    if (run.der_out != NULL && run.num > 0)
        write_der(run.cases[0], run.der_out);
    if (run.der_folder != NULL)
        write_all();
    if (step != 0)
        failed += mutations(step);
    if (torture_step != 0)
        failed += torture_all(torture_step);
    if (want_coverage)
        failed += uncovered();
    if (want_survivors)
        failed += survivors();
#ifdef SMIMEBR_MUTANTS
    if (jobs != 0)
        failed += mutants(jobs, only);
#endif
    if (!run.print)
        printf("%zu cases, %zu failed\n", run.num, failed);
    if (run.num == 0)
        failed = 1;
    free_cases();
    return failed == 0 ? 0 : 1;
}
