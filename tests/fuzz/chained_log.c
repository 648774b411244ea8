/* See chained_log.h. */
#include "fuzz/chained_log.h"

#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "guard/audit_chain.h"

enum { MAX_LINES = 64 };

static void add(struct fuzz_log *log, const void *data, size_t len)
{
    log->text = realloc(log->text, log->len + len + 1);
    fuzz_demand(log->text != NULL, "there is memory");
    if (len != 0)
        memcpy(log->text + log->len, data, len);
    log->len += len;
}

/* One body becomes a record, unless it cannot: its tbs has no end. */
static void add_record(struct fuzz_log *log, const char *body, size_t len, struct chain_end *end)
{
    char text[CHAIN_END_MAX];
    struct chain_hash hash;
    size_t end_len;

    if (!chain_hash_body(&hash, body, len))
        return;
    end_len = chain_write_end(&hash, end, text);
    fuzz_demand(end_len != 0, "SHA-256 works");
    add(log, body, len);
    add(log, text, end_len);
    memcpy(end->previous, end->hash, sizeof(end->previous));
    end->sequence++;
    end->time++;
}

/* Bodies become records of one chain. */
static struct fuzz_log chain(struct der_slice bodies)
{
    struct fuzz_log log = {NULL, 0};
    struct chain_end end = {.time = INT64_C(1795478400000000000)};

    memset(end.previous, '0', CHAIN_HEX);
    for (size_t num = 0; bodies.len != 0 && num < MAX_LINES; num++) {
        const uint8_t *lf = memchr(bodies.data, '\n', bodies.len);
        size_t len = lf == NULL ? bodies.len : (size_t)(lf - bodies.data);

        add_record(&log, (const char *)bodies.data, len, &end);
        len += lf != NULL;
        bodies = der_slice(bodies.data + len, bodies.len - len);
    }
    return log;
}

struct fuzz_log fuzz_log(const uint8_t *data, size_t len)
{
    struct fuzz_log log = {NULL, 0};

    if (len > 0 && data[0] == 'C')
        return chain(fuzz_rest(data, len, 1));
    add(&log, data, len);
    return log;
}
