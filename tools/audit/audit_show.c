/* smimebr audit show: print records. */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "audit/audit_commands.h"
#include "audit/audit_filter.h"
#include "audit/audit_print.h"
#include "lint/catalogue.h"

struct showing {
    struct audit_filter filter;
    const struct audit_form *form;
    bool any;
};

static bool show_record(void *argument, const struct audit_line *line)
{
    struct showing *showing = argument;

    if (!audit_filter_wants(&showing->filter, line))
        return true;
    showing->form->record(line, !showing->any);
    showing->any = true;
    return ferror(stdout) == 0;
}

static int show(struct showing *showing, const char *const *files, size_t num)
{
    int result;

    if (showing->form->begin != NULL)
        showing->form->begin();
    result = audit_walk(files, num, AUDIT_GO_ON, show_record, showing);
    if (showing->form->end != NULL)
        showing->form->end(showing->any);
    return result;
}

enum { SHOW_FORMAT = 1 };

static int read_arguments(const struct command *command, struct showing *showing,
                          const char **files, size_t *num, int argc, char **argv)
{
    static const struct option options[] = {
        FILTER_OPTIONS, {"format", true, SHOW_FORMAT}, {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    const char *wrong;
    int id;

    while ((id = option_next(&scan)) > 0 || id == OPTION_OPERAND) {
        if (id == OPTION_OPERAND) {
            files[(*num)++] = scan.value;
            continue;
        }
        if (id == SHOW_FORMAT) {
            showing->form = audit_form_by_name(scan.value);
            wrong = showing->form != NULL ? NULL : "--format takes table, json, jsonl or csv";
        } else {
            wrong = audit_filter_set(&showing->filter, id, scan.value);
        }
        if (wrong != NULL)
            return wrong_usage(command, "%s, not \"%.100s\"", wrong, scan.value);
    }
    if (id != OPTION_END)
        return option_exit(id);
    if (*num == 0)
        return wrong_usage(command, "no audit log is named");
    return -1;
}

static int run_show(const struct command *command, int argc, char **argv)
{
    const char **files = OPENSSL_zalloc(((size_t)argc + 1) * sizeof(*files));
    struct showing showing;
    size_t num = 0;
    int result;

    memset(&showing, 0, sizeof(showing));
    showing.form = audit_form_by_name("table");
    if (files == NULL) {
        complain("out of memory");
        return EXIT_TROUBLE;
    }
    result = read_arguments(command, &showing, files, &num, argc, argv);
    if (result < 0)
        result = show(&showing, files, num);
    OPENSSL_free(files);
    return result;
}

const struct command command_audit_show = {
    "audit show", "print records of an audit log",
    "Usage: smimebr audit show [OPTION]... FILE...\n"
    "\n"
    "Print the records of an audit log, all or those that every given option chooses. Records are\n"
    "verified as they are read; what does not verify is complained about.\n"
    "\n"
    "  --since DATE         written at this ISO 8601 date or moment, or later\n"
    "  --until DATE         written before it\n"
    "  --decision DECISION  permit, refuse, or error (a check could not run)\n"
    "  --rule ID            with a finding of this requirement, such as smime.san.absent\n"
    "  --serial HEX         certificates with this serial number, and OCSP responses about them\n"
    "  --mailbox ADDRESS    certificates for this Mailbox Address\n"
    "  --profile PROFILE    certificates of this profile\n"
    "  --secret FILE        FILE.secret of a log whose mailboxes are hashed, for --mailbox\n"
    "  --format FORMAT      table (the default), json (one array), jsonl (the lines as they are) "
    "or\n"
    "                       csv\n"
    "\n"
    "Exit code: 0, 1 if the log does not verify, 2 if it is not readable or the usage is wrong.\n",
    run_show};
