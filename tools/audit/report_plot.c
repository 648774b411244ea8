/*
 * Decisions over time as inline SVG: two plots over the same days, because a hundred refusals among
 * a million permits would not be seen in one. Each bar has its numbers as a title.
 */
#include <inttypes.h>

#include "audit/report.h"
#include "audit/report_html.h"

enum {
    WIDTH = 960,
    LEFT = 64,
    RIGHT = 12,
    TOP = 26,
    HEIGHT = 120, /* of one plot */
    GAP = 44,
    MAX_BARS = 120,
    SECONDS_A_DAY = 86400
};

struct scale {
    int64_t first_day;
    int64_t step; /* days in a bar */
    size_t num;
    uint64_t counts[MAX_BARS + 1][REPORT_ANSWERS];
};

static void fill_scale(const struct report *report, struct scale *scale)
{
    int64_t last_day = report->days[report->num_days - 1].day;
    int64_t span;

    *scale = (struct scale){report->days[0].day, 1, 0, {{0}}};
    span = last_day - scale->first_day + 1;
    scale->step = (span + MAX_BARS - 1) / MAX_BARS;
    scale->num = (size_t)((span + scale->step - 1) / scale->step);
    for (size_t i = 0; i < report->num_days; i++) {
        size_t bar = (size_t)((report->days[i].day - scale->first_day) / scale->step);

        for (size_t k = 0; k < REPORT_ANSWERS; k++)
            scale->counts[bar][k] += report->days[i].counts[k];
    }
}

/* The top of an axis: 1, 2 or 5 times a power of ten. */
static uint64_t round_up(uint64_t value)
{
    uint64_t power = 1;

    while (power < value / 10)
        power *= 10;
    for (;; power *= 10) {
        static const uint64_t steps[] = {1, 2, 5};

        for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
            if (power * steps[i] >= value)
                return power * steps[i];
        }
        if (power > UINT64_MAX / 100)
            return value;
    }
}

struct plot {
    const char *title;
    int top;
    enum report_answer from, to; /* the answers that a bar is made of, from below */
    uint64_t max;
};

static uint64_t bar_value(const struct scale *scale, const struct plot *plot, size_t bar)
{
    uint64_t value = 0;

    for (int k = (int)plot->from; k <= (int)plot->to; k++)
        value += scale->counts[bar][k];
    return value;
}

static double height_of(const struct plot *plot, uint64_t value)
{
    return (double)value * HEIGHT / (double)plot->max;
}

static void axis(FILE *out, const struct plot *plot)
{
    uint64_t lines = plot->max % 2 == 0 ? 2 : 1;

    fprintf(out, "<text class=\"heading\" x=\"%d\" y=\"%d\">%s</text>\n", LEFT, plot->top - 9,
            plot->title);
    for (uint64_t i = 0; i <= lines; i++) {
        double y = plot->top + HEIGHT - height_of(plot, plot->max / lines * i);

        fprintf(out, "<line class=\"%s\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n",
                i == 0 ? "base" : "grid", LEFT, y, WIDTH - RIGHT, y);
        fprintf(out, "<text class=\"y\" x=\"%d\" y=\"%.1f\">", LEFT - 8, y + 4);
        html_number(out, plot->max / lines * i);
        fputs("</text>\n", out);
    }
}

static void bar_title(FILE *out, const struct scale *scale, size_t bar)
{
    int64_t day = scale->first_day + (int64_t)bar * scale->step;

    fputs("<title>", out);
    html_day(out, day * SECONDS_A_DAY);
    if (scale->step > 1) {
        fputs(" to ", out);
        html_day(out, (day + scale->step - 1) * SECONDS_A_DAY);
    }
    fputs(": ", out);
    html_number(out, scale->counts[bar][REPORT_PERMITTED]);
    fputs(" permitted, ", out);
    html_number(out, scale->counts[bar][REPORT_REFUSED]);
    fputs(" refused, ", out);
    html_number(out, scale->counts[bar][REPORT_FAILED]);
    fputs(" not judged</title>", out);
}

static void bars(FILE *out, const struct scale *scale, const struct plot *plot)
{
    static const char *const classes[REPORT_ANSWERS] = {"permitted", "refused", "failed"};
    double room = (double)(WIDTH - LEFT - RIGHT) / (double)scale->num;
    double width = room > 64 ? 48 : room * 0.76;

    for (size_t bar = 0; bar < scale->num; bar++) {
        double x = LEFT + room * (double)bar + (room - width) / 2;
        double y = plot->top + HEIGHT;

        for (int k = (int)plot->from; k <= (int)plot->to; k++) {
            double height = height_of(plot, scale->counts[bar][k]);

            if (scale->counts[bar][k] == 0)
                continue;
            if (height < 1)
                height = 1;
            y -= height;
            fprintf(out, "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\">",
                    classes[k], x, y, width, height);
            bar_title(out, scale, bar);
            fputs("</rect>\n", out);
        }
    }
}

static void day_labels(FILE *out, const struct scale *scale, int y)
{
    enum { MAX_LABELS = 8 };
    double room = (double)(WIDTH - LEFT - RIGHT) / (double)scale->num;
    size_t every = (scale->num + MAX_LABELS - 1) / MAX_LABELS;

    for (size_t bar = 0; bar < scale->num; bar += every) {
        double x = LEFT + room * (double)bar + room / 2;

        fprintf(out, "<text class=\"x\" x=\"%.1f\" y=\"%d\">", x, y);
        html_day(out, (scale->first_day + (int64_t)bar * scale->step) * SECONDS_A_DAY);
        fputs("</text>\n", out);
    }
}

void report_plot(FILE *out, const struct report *report)
{
    struct plot plots[] = {
        {"Permitted", TOP, REPORT_PERMITTED, REPORT_PERMITTED, 1},
        {"Refused, and not judged", TOP + HEIGHT + GAP, REPORT_REFUSED, REPORT_FAILED, 1},
    };
    int bottom = TOP + 2 * HEIGHT + GAP;
    struct scale scale;

    if (report->num_days == 0)
        return;
    fill_scale(report, &scale);
    fputs("<figure>\n", out);
    fprintf(out,
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Decisions by day\" "
            "xmlns=\"http://www.w3.org/2000/svg\">\n"
            "<defs><pattern id=\"hatch\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" "
            "patternTransform=\"rotate(45)\"><rect class=\"refused-ground\" width=\"5\" "
            "height=\"5\"/><line class=\"refused-line\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"5\"/>"
            "</pattern></defs>\n",
            WIDTH, bottom + 28);
    for (size_t i = 0; i < sizeof(plots) / sizeof(plots[0]); i++) {
        for (size_t bar = 0; bar < scale.num; bar++) {
            uint64_t value = bar_value(&scale, &plots[i], bar);

            plots[i].max = value > plots[i].max ? value : plots[i].max;
        }
        plots[i].max = round_up(plots[i].max);
        axis(out, &plots[i]);
        bars(out, &scale, &plots[i]);
    }
    day_labels(out, &scale, bottom + 20);
    fputs("</svg>\n<figcaption>", out);
    if (scale.step == 1)
        fputs("A bar is a day (UTC).", out);
    else
        fprintf(out, "A bar is %" PRId64 " days (UTC), from the day below it on.", scale.step);
    fputs(" The two plots have scales of their own.</figcaption>\n</figure>\n", out);
}
