/*
 * What the subcommands of smimebr(1) share: exit codes, options, complaints and help.
 *
 * Results go to standard output and complaints to standard error. A complaint is one line that
 * begins with the command; a usage error adds where to look.
 */
#ifndef SMIMEBR_TOOLS_COMMAND_H
#define SMIMEBR_TOOLS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "keyfile/failure.h"

enum exit_code {
    EXIT_GOOD = 0,     /* done; lint: nothing to complain about */
    EXIT_FINDINGS = 1, /* lint: something at or above --fail-on; policy check: not good */
    EXIT_TROUBLE = 2   /* an input could not be read, wrong usage, or it could not be done */
};

struct command {
    const char *name;
    const char *summary;
    const char *help;
    int (*run)(const struct command *command, int argc, char **argv);
};

/* argv[0] is the first word behind the subcommand's own name. */
extern const struct command command_version, command_rules, command_lint, command_policy,
    command_key, command_init, command_explain, command_profile, command_survey, command_outlook,
    command_audit, command_doctor;

/* One option of a subcommand. A table ends with an entry without a name. */
struct option {
    const char *name; /* without the dashes */
    bool takes_value;
    int id; /* positive */
};

enum { OPTION_END = 0, OPTION_OPERAND = -1, OPTION_WRONG = -2, OPTION_HELP = -3 };

struct option_scan {
    const struct command *command;
    const struct option *options;
    int argc;
    char **argv;
    int next;
    bool only_operands; /* `--` was seen */
    const char *value;  /* of the option, or the operand */
};

struct option_scan option_scan(const struct command *command, const struct option *options,
                               int argc, char **argv);

/*
 * The id of the next option (--name value, --name=value), OPTION_OPERAND, OPTION_END, OPTION_WRONG
 * after a complaint, or OPTION_HELP after the help was printed. `-` alone is an operand.
 */
int option_next(struct option_scan *scan);

/* The exit code for OPTION_WRONG and OPTION_HELP. */
int option_exit(int id);

/* "smimebr: ..." on standard error. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Complain, say where help is, and return EXIT_TROUBLE. */
int wrong_usage(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Complain with the text of a failure and return EXIT_TROUBLE. about may be NULL. */
int trouble(const char *about, const struct failure *failure);

/* Run the subcommand that argv[0] names out of a list of pointers ended by NULL. */
int run_subcommand(const struct command *command, const struct command *const *list, int argc,
                   char **argv);

/* Text for a terminal: control characters and what is no UTF-8 are printed as \xHH. */
void print_safely(const char *text);
void print_safely_to_stderr(const char *text);

#endif
