/* The end of an audit line. See audit_chain.h. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "guard/audit_chain.h"

#include <string.h>

#include "der/der.h"
#include "lint/lint.h"
#include "lint/time_text.h"

#define NANOSECONDS 1000000000

static const char time_member[] = ",\"time\":\"";
static const char previous_member[] = "\",\"previous\":\"";
static const char sequence_member[] = "\",\"sequence\":";
static const char hash_member[] = ",\"hash\":\"";
static const char line_end[] = "\"}\n";
static const char tbs_member[] = ",\"tbs\":\"";

enum {
    SEQUENCE_DIGITS = 20,
    CHAIN_SECONDS = 19 /* characters of a time without its fraction */
};

void chain_hex(const uint8_t *data, size_t len, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[data[i] >> 4];
        text[2 * i + 1] = digits[data[i] & 15];
    }
    text[2 * len] = '\0';
}

static bool is_hex_run(const char *text)
{
    for (size_t i = 0; i < CHAIN_HEX; i++) {
        char c = text[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return true;
}

bool chain_is_hex(const char *text)
{
    return strnlen(text, CHAIN_HEX + 1) == CHAIN_HEX && is_hex_run(text);
}

/* Text that is read from its end. */
struct backwards {
    const char *text;
    size_t len;
};

/* Step back over a constant. */
static bool back_over(struct backwards *at, const char *constant)
{
    size_t len = strlen(constant);

    if (at->len < len || memcmp(at->text + at->len - len, constant, len) != 0)
        return false;
    at->len -= len;
    return true;
}

static bool back_over_hex(struct backwards *at, char hex[CHAIN_HEX + 1])
{
    if (at->len < CHAIN_HEX || !is_hex_run(at->text + at->len - CHAIN_HEX))
        return false;
    at->len -= CHAIN_HEX;
    memcpy(hex, at->text + at->len, CHAIN_HEX);
    hex[CHAIN_HEX] = '\0';
    return true;
}

static bool back_over_number(struct backwards *at, uint64_t *number)
{
    size_t digits = 0;

    while (digits < at->len && digits <= SEQUENCE_DIGITS && at->text[at->len - 1 - digits] >= '0' &&
           at->text[at->len - 1 - digits] <= '9')
        digits++;
    if (digits == 0 || digits > SEQUENCE_DIGITS ||
        (digits > 1 && at->text[at->len - digits] == '0'))
        return false;
    *number = 0;
    for (size_t i = at->len - digits; i < at->len; i++) {
        uint64_t digit = (uint64_t)(at->text[i] - '0');

        if (*number > (UINT64_MAX - digit) / 10)
            return false;
        *number = 10 * *number + digit;
    }
    at->len -= digits;
    return true;
}

/* "2026-11-24T13:00:00.123456789Z" */
static bool back_over_time(struct backwards *at, int64_t *time)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd.dddddddddZ";
    uint8_t plain[16];
    const char *text;
    size_t num = 0;
    int64_t seconds, fraction = 0;

    if (at->len < CHAIN_TIME)
        return false;
    at->len -= CHAIN_TIME;
    text = at->text + at->len;
    for (size_t i = 0; i < CHAIN_TIME; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';

        if (form[i] == 'd' ? !digit : text[i] != form[i])
            return false;
        if (digit && num < 14)
            plain[num++] = (uint8_t)text[i];
        else if (digit)
            fraction = 10 * fraction + (text[i] - '0');
    }
    plain[num++] = 'Z';
    if (!der_time(DER_GENERALIZEDTIME, der_slice(plain, num), &seconds) ||
        seconds > INT64_MAX / NANOSECONDS - 1 || seconds < INT64_MIN / NANOSECONDS + 1)
        return false;
    *time = seconds * NANOSECONDS + fraction;
    return true;
}

bool chain_read_end(const char *text, size_t len, struct chain_end *end)
{
    struct backwards at = {text, len};

    return back_over(&at, line_end) && back_over_hex(&at, end->hash) &&
           back_over(&at, hash_member) && back_over_number(&at, &end->sequence) &&
           back_over(&at, sequence_member) && back_over_hex(&at, end->previous) &&
           back_over(&at, previous_member) && back_over_time(&at, &end->time) &&
           back_over(&at, time_member);
}

bool chain_hash_body(struct chain_hash *hash, const char *body, size_t len)
{
    const char *tbs = memmem(body, len, tbs_member, sizeof(tbs_member) - 1);
    const char *rest, *quote;
    size_t before;

    if (SHA256_Init(&hash->sha) != 1)
        return false;
    if (tbs == NULL)
        return SHA256_Update(&hash->sha, body, len) == 1;
    before = (size_t)(tbs - body);
    rest = tbs + sizeof(tbs_member) - 1;
    quote = memchr(rest, '"', len - (size_t)(rest - body));
    if (quote == NULL)
        return false;
    rest = quote + 1;
    return SHA256_Update(&hash->sha, body, before) == 1 &&
           SHA256_Update(&hash->sha, rest, len - (size_t)(rest - body)) == 1;
}

bool chain_hash_more(struct chain_hash *hash, const char *text, size_t len)
{
    return SHA256_Update(&hash->sha, text, len) == 1;
}

static bool finish(const struct chain_hash *body, const char *text, size_t len,
                   char hash[CHAIN_HEX + 1])
{
    uint8_t digest[LINT_DIGEST_LEN];
    SHA256_CTX sha = body->sha;

    if (SHA256_Update(&sha, text, len) != 1 || SHA256_Final(digest, &sha) != 1)
        return false;
    chain_hex(digest, sizeof(digest), hash);
    return true;
}

/* Text that grows in a buffer which has room for the longest end of a line. */
static char *put(char *at, const char *text, size_t len)
{
    memcpy(at, text, len);
    return at + len;
}

static char *put_constant(char *at, const char *text)
{
    return put(at, text, strlen(text));
}

char *chain_put_number(char *at, uint64_t number, size_t width, char fill)
{
    char digits[SEQUENCE_DIGITS];
    size_t first = sizeof(digits);

    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    for (size_t len = sizeof(digits) - first; len < width; len++)
        *at++ = fill;
    return put(at, digits + first, sizeof(digits) - first);
}

size_t chain_write_end(const struct chain_hash *body, struct chain_end *end,
                       char text[CHAIN_END_MAX])
{
    int64_t seconds = end->time / NANOSECONDS, fraction = end->time % NANOSECONDS;
    char moment[LINT_TIME_TEXT_MAX];
    char *at = text;

    if (fraction < 0) {
        seconds--;
        fraction += NANOSECONDS;
    }
    lint_time_text(seconds, moment);
    at = put_constant(at, time_member);
    at = put(at, moment, CHAIN_SECONDS);
    *at++ = '.';
    at = chain_put_number(at, (uint64_t)fraction, 9, '0');
    *at++ = 'Z';
    at = put_constant(at, previous_member);
    at = put(at, end->previous, CHAIN_HEX);
    at = put_constant(at, sequence_member);
    at = chain_put_number(at, end->sequence, 0, '0');
    if (!finish(body, text, (size_t)(at - text), end->hash))
        return 0;
    at = put_constant(at, hash_member);
    at = put(at, end->hash, CHAIN_HEX);
    at = put_constant(at, line_end);
    return (size_t)(at - text);
}

int chain_read_line(const char *line, size_t len, struct chain_end *end)
{
    const size_t last = sizeof(hash_member) - 1 + CHAIN_HEX + sizeof(line_end) - 1;
    struct chain_hash hash;
    char text[CHAIN_HEX + 1];

    if (len < last || line[0] != '{' || !chain_read_end(line, len, end))
        return 0;
    if (!chain_hash_body(&hash, line, len - last) || !finish(&hash, "", 0, text))
        return -1;
    return strcmp(text, end->hash) == 0;
}

bool chain_check_line(const char *line, size_t len, struct chain_end *end)
{
    return chain_read_line(line, len, end) > 0;
}
