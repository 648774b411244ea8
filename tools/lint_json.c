/* Findings for programs: one JSON object a line, or one document; and SARIF 2.1.0. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lint_run.h"

enum { SCHEMA = 1 };

static void object_members(struct json *json, const struct lint_run *run, const char *file,
                           const struct lint_request *request, const struct policy_section *section)
{
    json_integer(json, "schema", SCHEMA);
    json_string(json, "file", file);
    if (section != NULL) {
        json_string(json, "policy", policy_path(run->policy));
        json_string(json, "section", section->name);
    }
    json_report(json, request, run->shown);
}

static void print_json(struct lint_run *run, struct json *json)
{
    if (json->failed) {
        complain("out of memory");
        run->in_trouble = true;
    } else {
        fwrite(json->text, 1, json->len, stdout);
        fputc('\n', stdout);
    }
    json_free(json);
}

static void jsonl_object(struct lint_run *run, const char *file, const struct lint_request *request,
                         const struct policy_section *section)
{
    struct json line;

    json_init(&line);
    json_object_begin(&line, NULL);
    object_members(&line, run, file, request, section);
    json_object_end(&line);
    print_json(run, &line);
}

const struct lint_output lint_output_jsonl = {"jsonl", NULL, jsonl_object, NULL};

static void json_begin(struct lint_run *run)
{
    json_init(&run->json);
    json_object_begin(&run->json, NULL);
    json_integer(&run->json, "schema", SCHEMA);
    json_array_begin(&run->json, "objects");
}

static void json_object(struct lint_run *run, const char *file, const struct lint_request *request,
                        const struct policy_section *section)
{
    json_object_begin(&run->json, NULL);
    object_members(&run->json, run, file, request, section);
    json_object_end(&run->json);
}

static void json_end(struct lint_run *run)
{
    struct json *json = &run->json;

    json_array_end(json);
    json_object_begin(json, "summary");
    json_integer(json, "objects", (int64_t)run->num_objects);
    json_integer(json, "refused", (int64_t)run->num_refused);
    json_integer(json, "not_judged", (int64_t)run->num_failed);
    json_integer(json, "error", (int64_t)run->counts[LINT_ERROR]);
    json_integer(json, "warning", (int64_t)run->counts[LINT_WARNING]);
    json_integer(json, "notice", (int64_t)run->counts[LINT_NOTICE]);
    json_integer(json, "waived", (int64_t)run->num_waived);
    json_bool(json, "all_inputs_read", !run->in_trouble);
    json_object_end(json);
    json_object_end(json);
    print_json(run, json);
}

const struct lint_output lint_output_json = {"json", json_begin, json_object, json_end};
