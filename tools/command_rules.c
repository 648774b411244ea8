/* smimebr rules: the catalogue of requirements. */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "command.h"
#include "guard/nearest.h"
#include "lint/json.h"
#include "lint/lint.h"
#include "rule_text.h"
#include "rules_man.h"

static void print_line(const struct lint_rule *rule)
{
    printf("%-7s  %-8s %s: %s\n", lint_severity_name((enum lint_severity)rule->severity),
           rule_state(rule), rule->id, rule->requirement);
}

static void print_in_full(const struct lint_rule *rule)
{
    char text[RULE_BINDS_MAX], date[RULE_DAY_MAX];

    printf("%s\n  %s\n  %s, %s, tier %u, %s%s\n", rule->id, rule->requirement,
           lint_severity_name((enum lint_severity)rule->severity), rule->source,
           (unsigned)rule->tier, rule_state(rule),
           rule->waivable == WAIVABLE ? "" : ", cannot be waived");
    printf("  binds: %s", rule_binds(rule, text));
    if (rule->from != LINT_NO_DATE)
        printf(", from %s", rule_day(rule->from, date));
    if (rule->until != LINT_NO_DATE)
        printf(", until %s", rule_day(rule->until, date));
    printf("\n");
    if (rule->remedy[0] != '\0')
        printf("  remedy: %s\n", rule->remedy);
    if (rule->pkilint[0] != '\0')
        printf("  pkilint: %s\n", rule->pkilint);
    if (rule->zlint[0] != '\0')
        printf("  zlint: %s\n", rule->zlint);
}

/* RFC 4180 */
static void print_field(const char *value, const char *end)
{
    bool quoted = strpbrk(value, ",\"\r\n") != NULL;

    if (quoted)
        putchar('"');
    for (; *value != '\0'; value++) {
        if (*value == '"')
            putchar('"');
        putchar(*value);
    }
    if (quoted)
        putchar('"');
    fputs(end, stdout);
}

static void print_csv(const struct lint_rule *rule)
{
    char text[RULE_BINDS_MAX], from[RULE_DAY_MAX], until[RULE_DAY_MAX];

    print_field(rule->id, ",");
    printf("%u,", (unsigned)rule->tier);
    print_field(rule->source, ",");
    print_field(lint_severity_name((enum lint_severity)rule->severity), ",");
    print_field(rule_binds(rule, text), ",");
    print_field(rule_day(rule->from, from), ",");
    print_field(rule_day(rule->until, until), ",");
    print_field(rule->requirement, ",");
    print_field(rule->remedy, ",");
    print_field(rule->pkilint, ",");
    print_field(rule->zlint, ",");
    print_field(rule_state(rule), "\n");
}

static void add_json(struct json *json, const struct lint_rule *rule)
{
    char text[RULE_BINDS_MAX], date[RULE_DAY_MAX];

    json_object_begin(json, NULL);
    json_string(json, "id", rule->id);
    json_integer(json, "tier", rule->tier);
    json_string(json, "source", rule->source);
    json_string(json, "severity", lint_severity_name((enum lint_severity)rule->severity));
    json_string(json, "binds", rule_binds(rule, text));
    json_string(json, "from", rule_day(rule->from, date));
    json_string(json, "until", rule_day(rule->until, date));
    json_string(json, "requirement", rule->requirement);
    json_string(json, "remedy", rule->remedy);
    json_string(json, "pkilint", rule->pkilint);
    json_string(json, "zlint", rule->zlint);
    json_string(json, "state", rule_state(rule));
    json_bool(json, "waivable", rule->waivable == WAIVABLE);
    json_object_end(json);
}

/* True if the rule is the one that is named, or lies below it: smime.policies names them all. */
static bool is_named(const struct lint_rule *rule, const char *name)
{
    size_t len = strlen(name);

    return strncmp(rule->id, name, len) == 0 && (rule->id[len] == '\0' || rule->id[len] == '.');
}

static bool choose(bool chosen[LINT_NUM_RULES], const char *name)
{
    struct nearest nearest = nearest_to(name);
    bool any = false;

    for (size_t i = 0; i < LINT_NUM_RULES; i++) {
        if (is_named(&lint_rules[i], name))
            chosen[i] = any = true;
        nearest_offer(&nearest, lint_rules[i].id);
    }
    if (!any)
        complain("there is no rule %.100s%s", name, nearest_text(&nearest));
    return any;
}

enum format { FORMAT_TEXT, FORMAT_CSV, FORMAT_JSON, FORMAT_MAN };

static void print_chosen(const bool chosen[LINT_NUM_RULES], enum format format, bool in_full)
{
    bool first = true;

    if (format == FORMAT_CSV)
        printf("id,tier,source,severity,binds,from,until,requirement,remedy,pkilint,zlint,state\n");
    for (size_t i = 0; i < LINT_NUM_RULES; i++) {
        if (!chosen[i])
            continue;
        if (format == FORMAT_CSV) {
            print_csv(&lint_rules[i]);
        } else if (in_full) {
            printf("%s", first ? "" : "\n");
            print_in_full(&lint_rules[i]);
        } else {
            print_line(&lint_rules[i]);
        }
        first = false;
    }
}

static int print_chosen_json(const bool chosen[LINT_NUM_RULES])
{
    struct json json;
    int result = EXIT_GOOD;

    json_init(&json);
    json_object_begin(&json, NULL);
    json_integer(&json, "schema", 1);
    json_string(&json, "ruleset", lint_ruleset());
    json_array_begin(&json, "rules");
    for (size_t i = 0; i < LINT_NUM_RULES; i++) {
        if (chosen[i])
            add_json(&json, &lint_rules[i]);
    }
    json_array_end(&json);
    json_object_end(&json);
    if (json.failed) {
        complain("out of memory");
        result = EXIT_TROUBLE;
    } else {
        printf("%s\n", json.text);
    }
    json_free(&json);
    return result;
}

static bool format_by_name(const char *name, enum format *format)
{
    static const char *const names[] = {
        [FORMAT_TEXT] = "text", [FORMAT_CSV] = "csv", [FORMAT_JSON] = "json", [FORMAT_MAN] = "man"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], name) == 0) {
            *format = (enum format)i;
            return true;
        }
    }
    return false;
}

static int run_rules(const struct command *command, int argc, char **argv)
{
    enum { RULES_FORMAT = 1 };
    static const struct option options[] = {{"format", true, RULES_FORMAT}, {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    bool chosen[LINT_NUM_RULES] = {false}, any = false, good = true;
    enum format format = FORMAT_TEXT;

    for (;;) {
        int id = option_next(&scan);

        if (id == OPTION_END)
            break;
        if (id == OPTION_WRONG || id == OPTION_HELP)
            return option_exit(id);
        if (id == RULES_FORMAT && !format_by_name(scan.value, &format))
            return wrong_usage(command, "--format takes text, csv, json or man, not \"%.100s\"",
                               scan.value);
        if (id == OPTION_OPERAND) {
            any = true;
            good = choose(chosen, scan.value) && good;
        }
    }
    for (size_t i = 0; !any && i < LINT_NUM_RULES; i++)
        chosen[i] = true;
    if (format == FORMAT_JSON)
        return print_chosen_json(chosen) == EXIT_GOOD && good ? EXIT_GOOD : EXIT_TROUBLE;
    if (format == FORMAT_MAN)
        rules_man(chosen);
    else
        print_chosen(chosen, format, any);
    return good ? EXIT_GOOD : EXIT_TROUBLE;
}

const struct command command_rules = {
    "rules", "the requirements, whom and from when they bind",
    "Usage: smimebr rules [--format text|csv|json|man] [ID...]\n"
    "\n"
    "List the requirements of the catalogue, or those that are named; smime.policies names all\n"
    "that begin so. Text without ID gives one line each, with ID everything.\n"
    "\n"
    "  --format FORMAT   text (the default), csv, json or man. The columns are id, tier, source,\n"
    "                    severity, binds, from, until (the first day without effect),\n"
    "                    requirement, remedy, pkilint and zlint (the names of the same\n"
    "                    requirement there), state (checked, planned, or process: no signer can\n"
    "                    decide it). man is the source of smimebr-rules(7)\n"
    "\n"
    "Exit code: 0, or 2 if an ID is unknown or the usage is wrong.\n",
    run_rules};
