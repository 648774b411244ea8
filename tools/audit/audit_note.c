/* smimebr audit note: what people have to say, in the log and in its chain. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/audit_append.h"
#include "audit/audit_commands.h"
#include "guard/record.h"

static bool is_utf8(const char *text)
{
    struct der_slice rest = der_slice((const uint8_t *)text, strlen(text));

    while (rest.len > 0) {
        uint32_t c;
        size_t used = der_next_character(DER_UTF8_STRING, rest, &c);

        if (used == 0)
            return false;
        rest = der_slice(rest.data + used, rest.len - used);
    }
    return true;
}

static int note(const struct command *command, const char *log, const char *text)
{
    struct failure failure = {FAILURE_NONE, ""};
    uint64_t sequence = 0;
    struct json body;
    bool done;

    if (text[0] == '\0' || strlen(text) > RECORD_MAX_TEXT)
        return wrong_usage(command, "the text of a note has 1 to %d octets", RECORD_MAX_TEXT);
    if (!is_utf8(text))
        return wrong_usage(command, "the text of a note is UTF-8");
    if (!audit_append_is_log(log))
        return EXIT_TROUBLE;
    json_init(&body);
    record_text(&body, "note", text);
    done = audit_append_body(log, &body, &sequence, &failure);
    json_free(&body);
    if (!done)
        return trouble(NULL, &failure);
    printf("record %" PRIu64 "\n", sequence);
    return EXIT_GOOD;
}

static int run_note(const struct command *command, int argc, char **argv)
{
    static const struct option options[] = {{NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    const char *words[2] = {NULL, NULL};
    size_t num = 0;
    int id;

    while ((id = option_next(&scan)) == OPTION_OPERAND) {
        if (num == 2)
            return wrong_usage(command, "the text of a note is one argument");
        words[num++] = scan.value;
    }
    if (id != OPTION_END)
        return option_exit(id);
    if (num != 2)
        return wrong_usage(command, "an audit log and a text are needed");
    return note(command, words[0], words[1]);
}

const struct command command_audit_note = {
    "audit note", "append a note to an audit log",
    "Usage: smimebr audit note FILE TEXT\n"
    "\n"
    "Append a record with a text of your own to the audit log, in its chain and under its lock:\n"
    "what happened to the CA, who looked, what was decided. The record says which user wrote it.\n"
    "The log must exist. The number of the record is printed.\n"
    "\n"
    "Exit code: 0, or 2 if the note could not be written.\n",
    run_note};
