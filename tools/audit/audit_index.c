/* smimebr audit index: make the index for serials = unique from files of the log. */
#include <inttypes.h>
#include <stdio.h>

#include <openssl/crypto.h>

#include "audit/audit_append.h"
#include "audit/audit_commands.h"
#include "guard/audit_memory.h"

static int make_index(const char *const *files, size_t num)
{
    const char *log = files[num - 1];
    struct failure failure = {FAILURE_NONE, ""};
    uint64_t records = 0;

    if (!audit_append_is_log(log))
        return EXIT_TROUBLE;
    if (!audit_memory_build(log, files, num, &records, &failure))
        return trouble(NULL, &failure);
    printf("%s.serials: %" PRIu64 " record%s\n", log, records, records == 1 ? "" : "s");
    return EXIT_GOOD;
}

static int run_index(const struct command *command, int argc, char **argv)
{
    static const struct option options[] = {{NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    const char **files = OPENSSL_zalloc(((size_t)argc + 1) * sizeof(*files));
    size_t num = 0;
    int id, result;

    if (files == NULL) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    while ((id = option_next(&scan)) == OPTION_OPERAND)
        files[num++] = scan.value;
    if (id != OPTION_END)
        result = option_exit(id);
    else if (num == 0)
        result = wrong_usage(command, "no audit log is named");
    else
        result = make_index(files, num);
    OPENSSL_free(files);
    return result;
}

const struct command command_audit_index = {
    "audit index", "make the index of serials anew",
    "Usage: smimebr audit index [OLD]... FILE\n"
    "\n"
    "Make FILE.serials, the index that `serials = unique` keeps beside the audit log, from the\n"
    "records of the log: the rotated files in their order, then the one that is written now. The\n"
    "guard does so by itself when the index is missing and the rotated files lie beside the log;\n"
    "this is for when they were moved or compressed, and for doing it before the first signature.\n"
    "The hash of each record and the chain are verified. Signing waits meanwhile.\n"
    "\n"
    "Exit code: 0, or 2 if records are missing or something cannot be read or written.\n",
    run_index};
