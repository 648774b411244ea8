/* Differences between a record and its replay. See replay_compare.h. */
#include "audit/replay_compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

/* Where the part begins that a replay computes, and where it ends in a record with a tbs. */
static const char first_member[] = ",\"object\":\"";
static const char tbs_member[] = ",\"tbs\":\"";

/* The common case, without taking anything apart: the octets are the same. */
static bool same_octets(const struct audit_line *line, const char *body, size_t len)
{
    const char *ours = memmem(body, len, first_member, sizeof(first_member) - 1);
    const char *theirs = memmem(line->text, line->len, first_member, sizeof(first_member) - 1);
    const char *end = memmem(body, len, tbs_member, sizeof(tbs_member) - 1);
    size_t part, left;

    if (ours == NULL || theirs == NULL || end == NULL)
        return false;
    part = (size_t)(end - ours) + sizeof(tbs_member) - 1;
    left = line->len - (size_t)(theirs - line->text);
    return left >= part && memcmp(ours, theirs, part) == 0;
}

/* Members that are texts, and that are always compared. */
static const char *const verdict_members[] = {"verdict", "kind", "profile", "object"};

/* Members that are compared if the texts are those of one ruleset. */
static const char *const text_members[] = {
    "counts",  "more",       "not_evaluated", "issuer_certificate", "serial",    "issuer",
    "subject", "not_before", "not_after",     "mailboxes",          "tbs_sha256"};

static void print_quoted(const audit_json *value)
{
    size_t len;
    const char *text = audit_value_text(value, &len);

    putchar('"');
    print_safely(text);
    putchar('"');
}

static int compare_member(const struct audit_line *line, const audit_json *replay, const char *name,
                          const char *prefix)
{
    const audit_json *theirs = audit_member(line->json, name), *ours = audit_member(replay, name);

    if (audit_equal(theirs, ours))
        return 0;
    printf("%s%s", prefix, name);
    if (audit_text(line->json, name)[0] != '\0' || audit_text(replay, name)[0] != '\0') {
        fputs(" ", stdout);
        print_quoted(theirs);
        fputs(" in the record, replayed ", stdout);
        print_quoted(ours);
    } else {
        fputs(" differs", stdout);
    }
    putchar('\n');
    return 1;
}

static bool same_finding(const audit_json *a, const audit_json *b, bool same_text)
{
    if (same_text)
        return audit_equal(a, b);
    return audit_equal(audit_member(a, "id"), audit_member(b, "id")) &&
           audit_equal(audit_member(a, "path"), audit_member(b, "path"));
}

/* Findings of one list that the other lacks. */
static int compare_findings(const audit_json *list, const audit_json *other, bool same_text,
                            const char *prefix, const char *where)
{
    int num = 0;

    for (size_t i = 0; i < audit_num_items(list); i++) {
        const audit_json *finding = audit_item(list, i);
        bool found = false;

        for (size_t j = 0; j < audit_num_items(other) && !found; j++)
            found = same_finding(finding, audit_item(other, j), same_text);
        if (found)
            continue;
        num++;
        printf("%sfinding ", prefix);
        print_safely(audit_text(finding, "id"));
        fputs(" at ", stdout);
        print_quoted(audit_member(finding, "path"));
        printf(" %s\n", where);
    }
    return num;
}

int replay_compare(const struct audit_line *line, const char *body, size_t len, bool same_text,
                   const char *prefix)
{
    const audit_json *theirs, *ours;
    audit_json *replay;
    char why[160];
    int num = 0;

    if (same_octets(line, body, len))
        return 0;
    replay = audit_line_parse(body, len, why, sizeof(why));
    if (replay == NULL)
        return -1;
    for (size_t i = 0; i < sizeof(verdict_members) / sizeof(verdict_members[0]); i++)
        num += compare_member(line, replay, verdict_members[i], prefix);
    theirs = audit_member(line->json, "findings");
    ours = audit_member(replay, "findings");
    num += compare_findings(theirs, ours, same_text, prefix, "only in the record");
    num += compare_findings(ours, theirs, same_text, prefix, "only when replayed");
    for (size_t i = 0; same_text && i < sizeof(text_members) / sizeof(text_members[0]); i++)
        num += compare_member(line, replay, text_members[i], prefix);
    audit_line_free(replay);
    return num;
}
