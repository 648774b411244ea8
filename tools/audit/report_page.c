/* The frame of the auditor's page: style, title, what holds for the whole log, contents. */
#include <inttypes.h>
#include <time.h>

#include "audit/report.h"
#include "audit/report_html.h"

/* Colours are told apart in grey as well, and refusals by their hatching. */
static const char style[] =
    ":root{--ink:#1b1f24;--soft:#5c6670;--line:#d5dadf;--wash:#f5f7f9;--good:#1f6b45;"
    "--bad:#a8231b;--blue:#2d6a9f;--red:#c2452d}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:70rem;padding:2.5rem 1.5rem 4rem;background:#fff;"
    "color:var(--ink);font:15px/1.5 system-ui,\"Segoe UI\",\"Helvetica Neue\",Arial,sans-serif}\n"
    "h1{margin:0;font-size:1.9rem;line-height:1.2;letter-spacing:-.01em}\n"
    "h2{margin:2.6rem 0 .4rem;font-size:1.25rem;line-height:1.3}\n"
    "h3{margin:1.6rem 0 .3rem;font-size:1rem}\n"
    "p{margin:.3rem 0}\n"
    ".about,.none,figcaption,.record{color:var(--soft)}\n"
    ".about{max-width:46rem;margin-bottom:.7rem}\n"
    ".none{padding:.5rem .8rem;background:var(--wash);border-left:3px solid var(--line)}\n"
    "code{font:.85em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\","
    "monospace;overflow-wrap:anywhere}\n"
    ".status{margin:1.2rem 0;padding:.8rem 1rem;border-left:5px solid;background:var(--wash)}\n"
    ".status b{font-size:1.05rem}\n"
    ".good{border-color:var(--good)}.good b{color:var(--good)}\n"
    ".bad{border-color:var(--bad)}.bad b{color:var(--bad)}\n"
    "dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.2rem;margin:1rem 0}\n"
    "dl.facts dt{color:var(--soft)}dl.facts dd{margin:0;overflow-wrap:anywhere}\n"
    "ul.tiles{display:flex;flex-wrap:wrap;gap:.7rem;margin:1.4rem 0;padding:0;list-style:none}\n"
    ".tiles li{flex:1 1 8rem;padding:.7rem .9rem;border:1px solid var(--line);"
    "border-radius:6px;color:var(--soft);font-size:.87rem;line-height:1.35}\n"
    ".tiles b{display:block;color:var(--ink);font-size:1.55rem;font-weight:600;"
    "font-variant-numeric:tabular-nums;line-height:1.25}\n"
    "nav{margin:1rem 0;font-size:.92rem}nav a{margin-right:1.1rem;white-space:nowrap}\n"
    "a{color:var(--blue)}\n"
    "table{width:100%;border-collapse:collapse;font-size:.92rem}\n"
    "th{padding:.4rem .8rem .4rem 0;border-bottom:2px solid var(--line);text-align:left;"
    "vertical-align:bottom;color:var(--soft);font-weight:600;font-size:.85rem}\n"
    "td{padding:.5rem .8rem .5rem 0;border-bottom:1px solid var(--line);vertical-align:top}\n"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    "td.n,th.n{padding-right:1.2rem}\n"
    ".dated th:nth-child(4){width:32%}.dated th:nth-child(5){width:44%}\n"
    ".ruled th:nth-child(1){width:5.5rem}.ruled th:nth-child(3){width:40%}\n"
    ".zero{color:#a9b1b8}\n"
    ".when{white-space:nowrap;font-variant-numeric:tabular-nums}\n"
    ".record{font-size:.87rem}.id,.bugs{color:var(--soft);font-size:.87rem}\n"
    ".found,td{overflow-wrap:anywhere}\n"
    "ul.plain{margin:0;padding-left:1rem}.plain li{margin-bottom:.25rem}\n"
    "figure{margin:1rem 0}figcaption{font-size:.87rem}\n"
    "svg{display:block;width:100%;height:auto}\n"
    "svg text{fill:var(--soft);font-size:12px;font-family:inherit}\n"
    "svg .heading{fill:var(--ink);font-size:13px;font-weight:600}\n"
    "svg .y{text-anchor:end}svg .x{text-anchor:middle}\n"
    "svg .grid{stroke:var(--line);stroke-width:1;stroke-dasharray:2 3}\n"
    "svg .base{stroke:#8b949c;stroke-width:1}\n"
    "svg .permitted{fill:var(--blue)}svg .refused{fill:url(#hatch)}svg .failed{fill:#1b1f24}\n"
    ".refused-ground{fill:#efc4ba}.refused-line{stroke:var(--red);stroke-width:5}\n"
    "footer{margin-top:3rem;padding-top:.8rem;border-top:1px solid var(--line);"
    "color:var(--soft);font-size:.87rem}\n"
    "@page{size:A4;margin:16mm 14mm}\n"
    "@media "
    "print{html{font-size:9.5pt}body{max-width:none;padding:0;font-size:1rem}nav{display:none}"
    "h2,h3,.about{break-after:avoid}.tiles "
    "li{flex-basis:6rem}tr,p,figure,.status,.tiles{break-inside:avoid}"
    "thead{display:table-header-group}a{color:inherit;text-decoration:none}"
    ".permitted,.refused,.failed,.status,.none{print-color-adjust:exact}}\n";

static void head(FILE *out, const struct report *report)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"generator\" content=\"smimebr " SMIMEBR_VERSION "\">\n"
          "<title>Audit report of log ",
          out);
    fprintf(out, "%.16s", report->log_id);
    fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", style);
}

static void fault_list(FILE *out, const struct report *report)
{
    uint64_t num = report->num_faults < REPORT_MAX_FAULTS ? report->num_faults : REPORT_MAX_FAULTS;

    if (num == 0)
        return;
    fputs("<ul>\n", out);
    for (uint64_t i = 0; i < num; i++) {
        fputs("<li>", out);
        html_text(out, report->faults[i] == NULL ? "" : report->faults[i]);
        fputs("</li>\n", out);
    }
    if (report->num_faults > num) {
        fputs("<li>and ", out);
        html_number(out, report->num_faults - num);
        fputs(" further faults</li>\n", out);
    }
    fputs("</ul>", out);
}

/* What the log is held against beside itself. */
static void anchor(FILE *out, const struct report *report)
{
    const struct checkpoint_watch *watch = &report->checkpoint;

    switch (checkpoint_watch_answer(watch)) {
    case CHECKPOINT_NONE:
        fputs("<p>No checkpoint was given: that the end was cut off, or history written anew by "
              "somebody who can write the log, would not show.</p>\n",
              out);
        return;
    case CHECKPOINT_EXTENDS:
        fputs("<p>It extends the checkpoint in ", out);
        html_text(out, watch->path);
        fputs(": its first ", out);
        html_number(out, watch->checkpoint.num);
        fputs(report->note_key != NULL
                  ? " records are those that were signed then.</p>\n"
                  : " records are those of the checkpoint, whose signature was not checked.</p>\n",
              out);
        return;
    default: /* it is among the faults */
        return;
    }
}

static void status(FILE *out, const struct report *report)
{
    if (report->result == 0) {
        fputs("<div class=\"status good\"><b>The log verifies.</b>\n<p>Records ", out);
        html_number(out, report->first.sequence);
        fputs(" to ", out);
        html_number(out, report->last.sequence);
        fputs(": every hash, the chain, the sequence and the digest of all to-be-signed octets "
              "that are there.",
              out);
        if (report->first.sequence != 0)
            fputs(" Older files of this log were not given.", out);
        fputs("</p>\n", out);
        anchor(out, report);
        fault_list(out, report);
        fputs("</div>\n", out);
        return;
    }
    fputs("<div class=\"status bad\"><b>The log does not verify.</b>\n<p>The figures below count "
          "the records that can be read; they prove nothing about the others.</p>\n",
          out);
    fault_list(out, report);
    fputs("</div>\n", out);
}

static void fact(FILE *out, const char *name)
{
    fprintf(out, "<dt>%s</dt><dd>", name);
}

static void facts(FILE *out, const struct report *report)
{
    fputs("<dl class=\"facts\">\n", out);
    fact(out, "Period");
    if (report->num_records == 0) {
        fputs("no records", out);
    } else {
        html_moment(out, report->first_time);
        fputs(" to ", out);
        html_moment(out, report->last_time);
        fputs(" UTC", out);
    }
    fputs("</dd>\n", out);
    if (report->has_since || report->has_until) {
        fact(out, "Chosen");
        if (report->has_since) {
            fputs("from ", out);
            html_moment(out, report->since);
        }
        if (report->has_until) {
            fputs(report->has_since ? " until " : "until ", out);
            html_moment(out, report->until);
        }
        fputs("; the chain was verified as a whole</dd>\n", out);
    }
    fact(out, "Log");
    fputs("<code>", out);
    html_text(out, report->log_id);
    fputs("</code></dd>\n", out);
    fact(out, "Last hash");
    fprintf(out, "<code>%s</code> (record %" PRIu64 ")</dd>\n", report->last.hash,
            report->last.sequence);
    fact(out, report->num_files == 1 ? "File" : "Files");
    for (size_t i = 0; i < report->num_files; i++) {
        fputs(i == 0 ? "" : ", ", out);
        html_text(out, report->files[i]);
    }
    fputs("</dd>\n", out);
    fact(out, "Written");
    html_moment(out, (int64_t)time(NULL));
    fputs(" UTC by smimebr " SMIMEBR_VERSION ", ", out);
    html_text(out, lint_ruleset());
    fputs("</dd>\n</dl>\n", out);
}

static void tile(FILE *out, uint64_t number, const char *what)
{
    fputs("<li><b>", out);
    html_number(out, number);
    fprintf(out, "</b>%s</li>\n", what);
}

static uint64_t num_waived(const struct report *report)
{
    uint64_t num = report->waivers.beyond;

    for (size_t i = 0; i < report->waivers.num; i++)
        num += report_row_total(&report->waivers.rows[i]);
    return num;
}

static void tiles(FILE *out, const struct report *report)
{
    fputs("<ul class=\"tiles\">\n", out);
    tile(out, report->num_records, "records");
    tile(out, report->answers[REPORT_PERMITTED], "permitted");
    tile(out, report->answers[REPORT_REFUSED], "refused");
    tile(out, report->answers[REPORT_FAILED], "not judged, so not signed");
    tile(out, report->num_signed, "signatures told");
    tile(out, report->num_unsigned, "permits without signature");
    tile(out, num_waived(report), "uses of waivers");
    fputs("</ul>\n", out);
}

static void contents(FILE *out)
{
    static const char *const entries[][2] = {
        {"time", "Over time"},
        {"refusals", "Refusals"},
        {"warnings", "Warnings"},
        {"objects", "Objects"},
        {"profiles", "Profiles"},
        {"waivers", "Waivers"},
        {"not-evaluated", "Not evaluated"},
        {"changes", "Rulesets and policies"},
        {"coming", "Coming dates"},
        {"events", "Notes and events"},
        {"octets", "Evidence"},
    };

    fputs("<nav aria-label=\"Contents\">\n", out);
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
        fprintf(out, "<a href=\"#%s\">%s</a>\n", entries[i][0], entries[i][1]);
    fputs("</nav>\n", out);
}

static void over_time(FILE *out, const struct report *report)
{
    fputs("<section id=\"time\">\n<h2>Decisions over time</h2>\n", out);
    if (report->num_days == 0)
        fputs("<p class=\"none\">There was no decision.</p>\n", out);
    report_plot(out, report);
    fputs("</section>\n", out);
}

/* From how much of it the verdicts can be computed again. */
static void octets(FILE *out, const struct report *report)
{
    fputs("<section id=\"octets\">\n<h2>Evidence</h2>\n<p class=\"about\">Certificates and "
          "requests, by what is kept of the octets that were judged. <code>smimebr audit "
          "replay</code> computes every verdict again from octets that are there; "
          "<code>smimebr audit reconcile</code> holds the log against what was issued.</p>\n"
          "<dl class=\"facts\">\n",
          out);
    fact(out, "In clear");
    html_number(out, report->num_clear);
    fputs("</dd>\n", out);
    fact(out, "Encrypted to the recipient of the policy");
    html_number(out, report->num_encrypted);
    fputs("</dd>\n", out);
    fact(out, "Erased after the time of retention, or never kept");
    html_number(out, report->num_without);
    fputs("</dd>\n</dl>\n</section>\n", out);
}

void report_page(FILE *out, struct report *report)
{
    head(out, report);
    fputs("<header>\n<h1>Audit report</h1>\n<p class=\"about\">What a guarded key of a CA was "
          "asked to sign under the S/MIME Baseline Requirements, and what it answered.</p>\n",
          out);
    status(out, report);
    facts(out, report);
    fputs("</header>\n", out);
    tiles(out, report);
    contents(out);
    fputs("<main>\n", out);
    over_time(out, report);
    report_refusals(out, report);
    report_issued(out, report);
    report_relaxed(out, report);
    report_changes(out, report);
    report_coming(out, report);
    report_events(out, report);
    octets(out, report);
    fputs("</main>\n<footer>Times are UTC. A log shows that records were changed or removed only "
          "to someone who knows a later hash or a checkpoint: compare the last hash with the one "
          "that was kept elsewhere.</footer>\n</body>\n</html>\n",
          out);
}
