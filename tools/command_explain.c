/* smimebr explain: a requirement for the person whose certificate was refused. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "examples.h"
#include "guard/nearest.h"
#include "incidents.h"
#include "lint/lint.h"
#include "rule_text.h"

enum { WIDTH = 96, MAX_SUGGESTIONS = 3 };

/* Print text in lines of limited width, the first behind what stands in the line already. */
static void print_wrapped(const char *text, size_t column, size_t indent)
{
    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        if (column + 1 + len > WIDTH && column > indent) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)len, text);
        column += len;
        text += len + strspn(text + len, " ");
    }
    putchar('\n');
}

static void print_member(const char *name, const char *text)
{
    enum { INDENT = 14 };

    printf("  %-*s", INDENT - 2, name);
    print_wrapped(text, INDENT, INDENT);
}

static void print_lines(const char *text, int indent)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");

        printf("%*s%.*s\n", indent, "", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

static void print_binding(const struct lint_rule *rule)
{
    char whom[RULE_BINDS_MAX], day[RULE_DAY_MAX], text[RULE_BINDS_MAX + 64];

    print_member("binds", rule_binds(rule, whom));
    if (rule->from != LINT_NO_DATE) {
        snprintf(text, sizeof(text), "%s on", rule_day(rule->from, day));
        print_member("from", text);
    }
    if (rule->until != LINT_NO_DATE) {
        snprintf(text, sizeof(text), "%s, the first day on which it binds no more",
                 rule_day(rule->until, day));
        print_member("until", text);
    }
}

static void print_consequence(const struct lint_rule *rule)
{
    const char *severity = lint_severity_name((enum lint_severity)rule->severity);
    char text[160];

    if (rule->state == STATE_PROCESS)
        snprintf(text, sizeof(text), "%s; no check decides it", severity);
    else if (rule->state == STATE_PLANNED)
        snprintf(text, sizeof(text), "%s; not checked by this version", severity);
    else
        snprintf(text, sizeof(text), "%s (%s); %s", severity,
                 rule->severity == LINT_ERROR ? "the key refuses"
                                              : "recorded, and signed by default",
                 rule->waivable == WAIVABLE ? "a waiver may excuse it" : "no waiver excuses it");
    print_member("severity", text);
}

static void print_incidents(const struct lint_rule *rule)
{
    const struct incident *incident = NULL;
    char text[256];
    const char *name = "incidents";

    while ((incident = incident_next(rule->id, incident)) != NULL) {
        snprintf(text, sizeof(text), "%s (Mozilla bug%s %s)", incident->what,
                 strchr(incident->bugs, ',') != NULL ? "s" : "", incident->bugs);
        print_member(name, text);
        name = "";
    }
}

/* The special rules that are reported instead of this one. */
static void print_specials(enum lint_rule_number number)
{
    const char *name = "instead";

    for (size_t i = 0; i < lint_num_generals; i++) {
        if (lint_generals[i].general != number)
            continue;
        print_member(name, lint_rules[lint_generals[i].special].id);
        name = "";
    }
}

static void print_examples(const struct example *example)
{
    if (example->failing == NULL)
        return;
    printf("\n  Breaks it: %s\n    %s%s\n", example->failing, example->object,
           example->failing_edits[0] != '\0' ? ", changed so:" : " as it stands");
    print_lines(example->failing_edits, 6);
    printf("    ");
    print_wrapped(example->finding, 4, 6);
    if (example->passing == NULL)
        return;
    if (example->passing[0] == '\0') {
        printf("\n  Keeps it: the same without the change\n");
        return;
    }
    printf("\n  Keeps it: %s\n    %s, changed so:\n", example->passing, example->object);
    print_lines(example->passing_edits, 6);
}

/* The names that a peer gives the requirement, one a line. */
static void print_names(const char *peer, const char *names)
{
    char name[128];

    while (*names != '\0') {
        size_t len = strcspn(names, ";");

        snprintf(name, sizeof(name), "%.*s", (int)len, names);
        print_member(peer, name);
        peer = "";
        names += len + (names[len] == ';');
    }
}

static void explain(const struct lint_rule *rule)
{
    enum lint_rule_number number = (enum lint_rule_number)(rule - lint_rules);

    printf("%s\n  ", rule->id);
    print_wrapped(rule->requirement, 2, 2);
    putchar('\n');
    print_member("source", rule->source);
    print_binding(rule);
    print_consequence(rule);
    if (rule->remedy[0] != '\0')
        print_member(rule->state == STATE_CHECKED ? "remedy" : "reason", rule->remedy);
    print_incidents(rule);
    print_specials(number);
    print_names("pkilint", rule->pkilint);
    print_names("zlint", rule->zlint);
    print_examples(example_of(number));
}

/* Offer all ids but those in skip. */
static const char *suggest(const char *word, const char *const *skip, size_t num_skip)
{
    struct nearest nearest = nearest_to(word);

    for (size_t i = 0; i < LINT_NUM_RULES; i++) {
        bool skipped = false;

        for (size_t k = 0; k < num_skip; k++)
            skipped = skipped || skip[k] == lint_rules[i].id;
        if (!skipped)
            nearest_offer(&nearest, lint_rules[i].id);
    }
    return nearest.best;
}

/* True if ids begin with the word and a dot. */
static bool is_beginning(const char *word)
{
    size_t len = strlen(word);

    for (size_t i = 0; i < LINT_NUM_RULES; i++) {
        if (strncmp(lint_rules[i].id, word, len) == 0 && lint_rules[i].id[len] == '.')
            return true;
    }
    return false;
}

static void complain_unknown(const char *word)
{
    const char *near[MAX_SUGGESTIONS];
    size_t num = 0;

    if (is_beginning(word)) {
        complain("there is no rule %.100s (`smimebr rules %.100s` lists those below it)", word,
                 word);
        return;
    }
    while (num < MAX_SUGGESTIONS && (near[num] = suggest(word, near, num)) != NULL)
        num++;
    for (size_t i = 0; num == 0 && i < LINT_NUM_RULES && strlen(word) > 3; i++) {
        if (strstr(lint_rules[i].id, word) != NULL)
            near[num++] = lint_rules[i].id;
    }
    if (num == 0)
        complain("there is no rule %.100s (`smimebr rules` lists them)", word);
    else if (num == 1)
        complain("there is no rule %.100s; did you mean %s?", word, near[0]);
    else if (num == 2)
        complain("there is no rule %.100s; did you mean %s or %s?", word, near[0], near[1]);
    else
        complain("there is no rule %.100s; did you mean %s, %s or %s?", word, near[0], near[1],
                 near[2]);
}

static int run_explain(const struct command *command, int argc, char **argv)
{
    static const struct option options[] = {{NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    int result = EXIT_GOOD, id;
    size_t num = 0;

    while ((id = option_next(&scan)) == OPTION_OPERAND) {
        const struct lint_rule *rule = lint_rule_by_id(scan.value);

        num++;
        if (rule == NULL) {
            complain_unknown(scan.value);
            result = EXIT_TROUBLE;
            continue;
        }
        if (num > 1)
            putchar('\n');
        explain(rule);
    }
    if (id != OPTION_END)
        return option_exit(id);
    return num > 0 ? result : wrong_usage(command, "no ID is named (`smimebr rules` lists them)");
}

const struct command command_explain = {
    "explain", "one requirement in full: why, remedy, examples",
    "Usage: smimebr explain ID...\n"
    "\n"
    "Explain requirements: what is required, whom and from when it binds, what was misissued\n"
    "without it (bugs of Mozilla's CA programme), what to do, the names of the same requirement\n"
    "in pkilint and zlint, an example that breaks it and one that keeps it.\n"
    "\n"
    "Exit code: 0, or 2 if an ID is unknown or the usage is wrong.\n",
    run_explain};
