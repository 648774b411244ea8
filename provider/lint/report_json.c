/* A report as members of a JSON object: the part that audit records and lint lines share. */
#include "lint/json.h"

static void findings(struct json *json, const struct lint_policy *policy,
                     const struct lint_report *report, bool details)
{
    json_array_begin(json, "findings");
    for (size_t i = 0; i < report->num_findings; i++) {
        const struct lint_finding *finding = &report->findings[i];
        const struct lint_rule *rule = &lint_rules[finding->rule];

        json_object_begin(json, NULL);
        json_string(json, "id", rule->id);
        json_string(json, "severity", lint_severity_name((enum lint_severity)rule->severity));
        json_string(json, "source", rule->source);
        json_string(json, "path", finding->path);
        json_integer(json, "offset", (int64_t)finding->offset);
        json_integer(json, "length", (int64_t)finding->length);
        if (details)
            json_string(json, "detail", finding->detail);
        json_string(json, "remedy", rule->remedy);
        if (finding->waiver >= 0 && (size_t)finding->waiver < policy->num_waivers)
            json_string(json, "waiver", policy->waivers[finding->waiver].name);
        json_object_end(json);
    }
    json_array_end(json);
    json_integer(json, "more", (int64_t)report->more);
}

static void not_evaluated(struct json *json, const struct lint_report *report)
{
    json_array_begin(json, "not_evaluated");
    for (size_t i = 0; i < report->num_not_evaluated; i++) {
        json_object_begin(json, NULL);
        json_constant(json, "id", lint_rules[report->not_evaluated[i].rule].id);
        json_constant(json, "why", lint_why_text((enum lint_why)report->not_evaluated[i].why));
        json_object_end(json);
    }
    json_array_end(json);
}

static const char *verdict_name(enum lint_verdict verdict)
{
    switch (verdict) {
    case LINT_PERMIT:
        return "permit";
    case LINT_REFUSE:
        return "refuse";
    case LINT_FAILED:
        break;
    }
    return "error";
}

static void members(struct json *json, const struct lint_request *request,
                    const struct lint_report *report, bool details)
{
    json_constant(json, "object", lint_object_name(report->grammar));
    json_constant(json, "kind", lint_kind_name(report->kind));
    json_constant(json, "profile", lint_profile_name(report->profile));
    json_hex(json, "tbs_sha256", report->tbs_sha256, sizeof(report->tbs_sha256));
    json_constant(json, "verdict", verdict_name(report->verdict));
    json_string(json, "ruleset", lint_ruleset());
    json_time(json, "now", report->now);
    json_hex(json, "mechanism", request->mechanism.data, request->mechanism.len);
    json_object_begin(json, "counts");
    json_integer(json, "error", report->counts[LINT_ERROR]);
    json_integer(json, "warning", report->counts[LINT_WARNING]);
    json_integer(json, "notice", report->counts[LINT_NOTICE]);
    json_object_end(json);
    findings(json, request->policy, report, details);
    not_evaluated(json, report);
}

void json_report(struct json *json, const struct lint_request *request,
                 const struct lint_report *report)
{
    members(json, request, report, true);
}

void json_report_without_details(struct json *json, const struct lint_request *request,
                                 const struct lint_report *report)
{
    members(json, request, report, false);
}
