/* The figures of a survey, and the forms in which they are printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "survey.h"

uint64_t survey_num_judged(const struct survey_outcome *outcome)
{
    return outcome->permitted + outcome->refused + outcome->failed;
}

void survey_add(struct survey_outcome *sum, const struct survey_outcome *part)
{
    sum->permitted += part->permitted;
    sum->refused += part->refused;
    sum->failed += part->failed;
    for (size_t i = 0; i < LINT_NUM_RULES; i++) {
        sum->rules[i] += part->rules[i];
        sum->alone[i] += part->alone[i];
    }
}

size_t survey_profile_index(struct lint_profile profile)
{
    uint16_t bit = lint_profile_bit(profile);
    size_t index = 0;

    while (index < SURVEY_NUM_PROFILES && bit != 1u << index)
        index++;
    return index;
}

struct lint_profile survey_profile(size_t index)
{
    static const enum lint_type types[] = {LINT_MV, LINT_OV, LINT_SV, LINT_IV};
    static const enum lint_generation generations[] = {LINT_LEGACY, LINT_MULTIPURPOSE, LINT_STRICT};

    for (size_t i = 0; i < SURVEY_NUM_PROFILES; i++) {
        struct lint_profile profile = {types[i / 3], generations[i % 3]};

        if (survey_profile_index(profile) == index)
            return profile;
    }
    return (struct lint_profile){LINT_TYPE_NONE, LINT_GENERATION_NONE};
}

struct rank {
    uint64_t count;
    uint16_t rule;
};

static int by_count(const void *a, const void *b)
{
    const struct rank *left = a, *right = b;

    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return strcmp(lint_rules[left->rule].id, lint_rules[right->rule].id);
}

size_t survey_rank(const struct survey_outcome *outcome, uint16_t rules[LINT_NUM_RULES])
{
    struct rank ranks[LINT_NUM_RULES];
    size_t num = 0;

    for (uint16_t rule = 0; rule < LINT_NUM_RULES; rule++) {
        if (outcome->rules[rule] > 0)
            ranks[num++] = (struct rank){outcome->rules[rule], rule};
    }
    qsort(ranks, num, sizeof(ranks[0]), by_count);
    for (size_t i = 0; i < num; i++)
        rules[i] = ranks[i].rule;
    return num;
}

const char *survey_share(uint64_t part, uint64_t whole, char out[SURVEY_SHARE_MAX])
{
    double share = whole == 0 ? 0 : (double)part * 100 / (double)whole;

    snprintf(out, SURVEY_SHARE_MAX, "%.1f %%", share);
    return out;
}

bool survey_print_json(struct json *json)
{
    bool result = !json->failed && json->text != NULL;

    if (result)
        survey_print_line(json->text, false);
    else
        complain("out of memory");
    json_free(json);
    return result;
}

void survey_csv_field(const char *value, const char *end)
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

void survey_print_line(const char *text, bool safely)
{
    flockfile(stdout);
    if (safely)
        print_safely(text);
    else
        fputs(text, stdout);
    putchar('\n');
    funlockfile(stdout);
}

void survey_json_outcome(struct json *json, const struct survey_outcome *outcome)
{
    uint16_t rules[LINT_NUM_RULES];
    size_t num = survey_rank(outcome, rules);

    json_integer(json, "permitted", (int64_t)outcome->permitted);
    json_integer(json, "refused", (int64_t)outcome->refused);
    json_integer(json, "not_judged", (int64_t)outcome->failed);
    json_array_begin(json, "obstacles");
    for (size_t i = 0; i < num; i++) {
        json_object_begin(json, NULL);
        json_string(json, "id", lint_rules[rules[i]].id);
        json_integer(json, "certificates", (int64_t)outcome->rules[rules[i]]);
        json_integer(json, "alone", (int64_t)outcome->alone[rules[i]]);
        json_string(json, "requirement", lint_rules[rules[i]].requirement);
        json_object_end(json);
    }
    json_array_end(json);
}
