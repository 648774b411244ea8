/* Text in HTML. See report_html.h. */
#include "audit/report_html.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "der/der.h"
#include "lint/time_text.h"

static const char *entity(uint32_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* What a browser would not show as it is, or that HTML does not allow as a character. */
static bool is_visible(uint32_t c)
{
    return c >= 0x20 && (c < 0x7f || c > 0x9f) && (c < 0x200b || c > 0x200f) &&
           (c < 0x2028 || c > 0x202e) && (c < 0x2060 || c > 0x206f) && c != 0xfeff &&
           (c < 0xfdd0 || c > 0xfdef) && (c & 0xfffe) != 0xfffe;
}

void html_text(FILE *out, const char *text)
{
    struct der_slice rest = der_slice((const uint8_t *)text, strlen(text));

    while (rest.len > 0) {
        uint32_t c = 0;
        size_t used = der_next_character(DER_UTF8_STRING, rest, &c);

        if (used == 0 || !is_visible(c)) {
            used = used == 0 ? 1 : used;
            for (size_t i = 0; i < used; i++)
                fprintf(out, "\\x%02x", rest.data[i]);
        } else if (entity(c) != NULL) {
            fputs(entity(c), out);
        } else {
            fwrite(rest.data, 1, used, out);
        }
        rest = der_slice(rest.data + used, rest.len - used);
    }
}

void html_number(FILE *out, uint64_t number)
{
    char digits[21];
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            fputc(',', out);
        fputc(digits[i], out);
    }
}

void html_moment(FILE *out, int64_t seconds)
{
    char text[LINT_TIME_TEXT_MAX];

    lint_time_text(seconds, text);
    if (text[0] == '@')
        fputs(text, out);
    else
        fprintf(out, "%.10s %.8s", text, text + 11);
}

void html_day(FILE *out, int64_t seconds)
{
    char text[LINT_TIME_TEXT_MAX];

    lint_time_text(seconds, text);
    fprintf(out, "%.*s", text[0] == '@' ? (int)sizeof(text) : 10, text);
}
