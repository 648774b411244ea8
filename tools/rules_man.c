/*
 * The catalogue as a page of man(7) macros. It depends on the catalogue alone, not on the digest of
 * the checks, so that the page is stale only when a requirement has changed.
 */
#include <stdio.h>
#include <string.h>

#include "lint/catalogue.h"
#include "rule_text.h"
#include "rules_man.h"

/* Text as it is to be read: no control lines, no escapes, hyphens that can be searched for. */
static void print_roff(const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", stdout);
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '\\':
            fputs("\\e", stdout);
            break;
        case '-':
            fputs("\\-", stdout);
            break;
        case '\'':
            fputs("\\(aq", stdout);
            break;
        case '`':
            fputs("\\(ga", stdout);
            break;
        case '^':
            fputs("\\(ha", stdout);
            break;
        case '~':
            fputs("\\(ti", stdout);
            break;
        default:
            putchar(*text);
        }
    }
}

static void print_rule(const struct lint_rule *rule)
{
    char text[RULE_BINDS_MAX], day[RULE_DAY_MAX];

    printf(".TP\n.B ");
    print_roff(rule->id);
    printf("\n");
    print_roff(rule->requirement);
    printf("\n.br\n%s; ", lint_severity_name((enum lint_severity)rule->severity));
    print_roff(rule->source);
    printf("; %s%s.\n", rule_state(rule), rule->waivable == WAIVABLE ? "" : ", cannot be waived");
    printf(".br\nBinds ");
    print_roff(rule_binds(rule, text));
    if (rule->from != LINT_NO_DATE) {
        printf(" from ");
        print_roff(rule_day(rule->from, day));
    }
    if (rule->until != LINT_NO_DATE) {
        printf(" until ");
        print_roff(rule_day(rule->until, day));
    }
    printf(".\n");
    if (rule->remedy[0] != '\0') {
        printf(".br\n");
        print_roff(rule->remedy);
        printf("\n");
    }
}

/* Length of the first part of an id, or of two behind "smime" and "rfc5280": "smime.ku", "crl". */
static size_t group_len(const char *id)
{
    size_t first = strcspn(id, "."), second;

    if (strncmp(id, "smime.", 6) != 0 && strncmp(id, "rfc5280.", 8) != 0)
        return first;
    second = first + 1 + strcspn(id + first + 1, ".");
    return id[second] == '.' ? second : first;
}

static bool same_group(const char *a, const char *b)
{
    return group_len(a) == group_len(b) && memcmp(a, b, group_len(a)) == 0;
}

/* "SBR 1.0.16 (2026-09-28), ...": the edition and its date. */
static int edition_len(void)
{
    return (int)strcspn(lint_ruleset(), "(");
}

static const char *edition_date(void)
{
    const char *date = strchr(lint_ruleset(), '(');

    return date == NULL ? "" : date + 1;
}

void rules_man(const bool chosen[LINT_NUM_RULES])
{
    const char *group = NULL;

    printf(
        ".\\\" Written by `smimebr rules \\-\\-format man`; do not edit.\n"
        ".TH SMIMEBR\\-RULES 7 %.10s \"smimebr %s\" \"%.*s\"\n"
        ".SH NAME\n"
        "smimebr\\-rules \\- the requirements that smimebr knows\n"
        ".SH DESCRIPTION\n"
        "Every requirement has an id, which logs, waivers and reports use. Its severity is\n"
        "error (the key refuses), warning or notice (recorded, and signed unless the policy\n"
        "says\n"
        ".BR refuse\\-on ).\n"
        "A requirement is checked by this version, planned, or a matter of the CA\\(aqs process\n"
        "that no check decides. It binds the objects and profiles that are named; the day\n"
        "behind \\(lquntil\\(rq is the first without effect.\n"
        ".PP\n"
        ".B smimebr explain\n"
        ".I ID\n"
        "shows one requirement with incidents and examples,\n"
        ".B smimebr rules \\-\\-format csv\n"
        "all of them as a table with the names that pkilint and zlint give them.\n",
        edition_date(), SMIMEBR_VERSION, edition_len() - 1, lint_ruleset());
    for (size_t i = 0; i < LINT_NUM_RULES; i++) {
        const struct lint_rule *rule = &lint_rules[i];

        if (!chosen[i])
            continue;
        if (group == NULL || !same_group(group, rule->id))
            printf(".SS %.*s\n", (int)group_len(rule->id), rule->id);
        group = rule->id;
        print_rule(rule);
    }
    printf(
        ".SH SEE ALSO\n.BR smimebr (1),\n.BR smimebr.cnf (5),\n.BR OSSL_PROVIDER\\-smimebr (7)\n");
}
