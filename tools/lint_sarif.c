/* Findings in the Static Analysis Results Interchange Format, OASIS SARIF 2.1.0. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lint_run.h"

static const char *level(enum lint_severity severity)
{
    if (severity == LINT_ERROR)
        return "error";
    return severity == LINT_WARNING ? "warning" : "note";
}

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           strchr("-._~/#", c) != NULL;
}

/* A file name as a URI reference (RFC 3986); the '#' before a block number begins its fragment. */
static void artifact_uri(struct json *json, const char *file)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *last = strrchr(file, '#');
    char uri[4096];
    size_t len = 0;

    /* a first path segment with a colon would read as a scheme */
    if (file[0] != '/') {
        uri[len++] = '.';
        uri[len++] = '/';
    }
    for (; *file != '\0' && len + 4 < sizeof(uri); file++) {
        unsigned char c = (unsigned char)*file;

        if (is_unreserved(*file) && (*file != '#' || file == last)) {
            uri[len++] = *file;
            continue;
        }
        uri[len++] = '%';
        uri[len++] = digits[c >> 4];
        uri[len++] = digits[c & 15];
    }
    json_string_len(json, "uri", uri, len);
}

static void location(struct json *json, const char *file, const struct lint_finding *finding)
{
    json_array_begin(json, "locations");
    json_object_begin(json, NULL);
    json_object_begin(json, "physicalLocation");
    json_object_begin(json, "artifactLocation");
    artifact_uri(json, file);
    json_object_end(json);
    json_object_end(json);
    if (finding->path[0] != '\0') {
        json_array_begin(json, "logicalLocations");
        json_object_begin(json, NULL);
        json_string(json, "fullyQualifiedName", finding->path);
        json_string(json, "kind", "member");
        json_object_end(json);
        json_array_end(json);
    }
    json_object_end(json);
    json_array_end(json);
}

static void suppression(struct json *json, const struct lint_policy *policy, int waiver)
{
    if (waiver < 0 || (size_t)waiver >= policy->num_waivers)
        return;
    json_array_begin(json, "suppressions");
    json_object_begin(json, NULL);
    json_string(json, "kind", "external");
    json_string(json, "justification", policy->waivers[waiver].name);
    json_object_end(json);
    json_array_end(json);
}

static void result(struct lint_run *run, const char *file, const struct lint_policy *policy,
                   const struct lint_finding *finding)
{
    const struct lint_rule *rule = &lint_rules[finding->rule];
    struct json *json = &run->json;

    run->used[finding->rule] = true;
    json_object_begin(json, NULL);
    json_string(json, "ruleId", rule->id);
    json_string(json, "level", level((enum lint_severity)rule->severity));
    json_object_begin(json, "message");
    json_string(json, "text", finding->detail[0] != '\0' ? finding->detail : rule->requirement);
    json_object_end(json);
    location(json, file, finding);
    suppression(json, policy, finding->waiver);
    json_object_begin(json, "properties");
    json_integer(json, "offset", (int64_t)finding->offset);
    json_integer(json, "length", (int64_t)finding->length);
    json_hex(json, "tbs_sha256", run->shown->tbs_sha256, sizeof(run->shown->tbs_sha256));
    json_object_end(json);
    json_object_end(json);
}

static void begin(struct lint_run *run)
{
    struct json *json = &run->json;

    json_init(json);
    json_object_begin(json, NULL);
    json_string(
        json, "$schema",
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json");
    json_string(json, "version", "2.1.0");
    json_array_begin(json, "runs");
    json_object_begin(json, NULL);
    json_array_begin(json, "results");
}

static void object(struct lint_run *run, const char *file, const struct lint_request *request,
                   const struct policy_section *section)
{
    (void)section;
    for (size_t i = 0; i < run->shown->num_findings; i++)
        result(run, file, request->policy, &run->shown->findings[i]);
}

static void describe_rule(struct json *json, const struct lint_rule *rule)
{
    json_object_begin(json, NULL);
    json_string(json, "id", rule->id);
    json_object_begin(json, "shortDescription");
    json_string(json, "text", rule->requirement);
    json_object_end(json);
    json_object_begin(json, "help");
    json_string(json, "text", rule->remedy[0] != '\0' ? rule->remedy : rule->requirement);
    json_object_end(json);
    json_object_begin(json, "defaultConfiguration");
    json_string(json, "level", level((enum lint_severity)rule->severity));
    json_object_end(json);
    json_object_begin(json, "properties");
    json_string(json, "source", rule->source);
    json_object_end(json);
    json_object_end(json);
}

static void end(struct lint_run *run)
{
    struct json *json = &run->json;

    json_array_end(json);
    json_object_begin(json, "tool");
    json_object_begin(json, "driver");
    json_string(json, "name", "smimebr");
    json_string(json, "version", SMIMEBR_VERSION);
    json_array_begin(json, "rules");
    for (size_t i = 0; i < LINT_NUM_RULES; i++) {
        if (run->used[i])
            describe_rule(json, &lint_rules[i]);
    }
    json_array_end(json);
    json_object_begin(json, "properties");
    json_string(json, "ruleset", lint_ruleset());
    json_object_end(json);
    json_object_end(json);
    json_object_end(json);
    json_array_begin(json, "invocations");
    json_object_begin(json, NULL);
    json_bool(json, "executionSuccessful", !run->in_trouble);
    json_object_end(json);
    json_array_end(json);
    json_string(json, "columnKind", "utf16CodeUnits");
    json_object_end(json);
    json_array_end(json);
    json_object_end(json);
    if (json->failed) {
        complain("out of memory");
        run->in_trouble = true;
    } else {
        fwrite(json->text, 1, json->len, stdout);
        fputc('\n', stdout);
    }
    json_free(json);
}

const struct lint_output lint_output_sarif = {"sarif", begin, object, end};
