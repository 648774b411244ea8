/* smimebr(1): the command beside the provider. Every subcommand has a file of its own. */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "command.h"
#include "files.h"
#include "lint/catalogue.h"

static const struct command *const commands[] = {
    &command_lint,
    &command_rules,
    &command_explain,
    &command_profile,
    &command_survey,
    &command_outlook,
    &command_policy,
    &command_key,
    &command_init,
    &command_audit,
    &command_doctor,
    &command_version,
    NULL,
};

static void print_overview(FILE *stream)
{
    fputs("Usage: smimebr COMMAND [ARGUMENT]...\n"
          "\n"
          "The command beside the OpenSSL provider smimebr, which signs with a CA's key only what\n"
          "the CA/Browser Forum S/MIME Baseline Requirements allow.\n"
          "\n"
          "Commands:\n",
          stream);
    for (size_t i = 0; commands[i] != NULL; i++)
        fprintf(stream, "  %-8s  %s\n", commands[i]->name, commands[i]->summary);
    fputs("  help      what a command does and takes: smimebr help lint\n", stream);
}

static int run_help(int argc, char **argv)
{
    if (argc == 0) {
        print_overview(stdout);
        return EXIT_GOOD;
    }
    for (size_t i = 0; commands[i] != NULL; i++) {
        if (strcmp(argv[0], commands[i]->name) == 0) {
            char help[] = "--help", *words[] = {argv[argc - 1], help};

            /* `help key seal` is `key seal --help` */
            return argc == 1 ? commands[i]->run(commands[i], 1, words + 1)
                             : commands[i]->run(commands[i], 2, words);
        }
    }
    complain("there is no command %.100s (see `smimebr help`)", argv[0]);
    return EXIT_TROUBLE;
}

static int run_version(const struct command *command, int argc, char **argv)
{
    static const struct option options[] = {{NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    int id = option_next(&scan);

    if (id == OPTION_OPERAND)
        return wrong_usage(command, "takes no argument");
    if (id != OPTION_END)
        return option_exit(id);
    printf("smimebr %s\nruleset %s\n%s\n", SMIMEBR_VERSION, lint_ruleset(),
           OpenSSL_version(OPENSSL_VERSION));
    return EXIT_GOOD;
}

const struct command command_version = {
    "version", "version of the program, its ruleset and libcrypto",
    "Usage: smimebr version\n"
    "\n"
    "Print the version of smimebr, the identification of its ruleset (equal texts judge equally)\n"
    "and the version of libcrypto.\n",
    run_version};

static int run(int argc, char **argv)
{
    if (argc == 0) {
        print_overview(stderr);
        return EXIT_TROUBLE;
    }
    if (strcmp(argv[0], "help") == 0)
        return run_help(argc - 1, argv + 1);
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)
        return run_help(0, NULL);
    if (strcmp(argv[0], "--version") == 0)
        return run_version(&command_version, 0, NULL);
    for (size_t i = 0; commands[i] != NULL; i++) {
        if (strcmp(argv[0], commands[i]->name) == 0)
            return commands[i]->run(commands[i], argc - 1, argv + 1);
    }
    complain("there is no command %.100s (see `smimebr help`)", argv[0]);
    return EXIT_TROUBLE;
}

int main(int argc, char **argv)
{
    int result;

    /* No openssl.cnf, and so no environment, takes part in what the command does. */
    if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1) {
        complain("libcrypto cannot be initialised");
        return EXIT_TROUBLE;
    }
    result = run(argc - 1, argv + 1);
    if (files_finish_output())
        return result;
    complain("standard output could not be written");
    return EXIT_TROUBLE;
}
