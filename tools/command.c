/* Options, complaints and the choice of a subcommand. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "der/der.h"

static void put_safely(FILE *stream, const char *text)
{
    struct der_slice rest = der_slice((const uint8_t *)text, strlen(text));

    while (rest.len > 0) {
        uint32_t c = 0;
        size_t used = der_next_character(DER_UTF8_STRING, rest, &c);
        bool bidirectional = (c >= 0x200e && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
                             (c >= 0x2066 && c <= 0x2069);

        if (used == 0 || c < 0x20 || (c >= 0x7f && c <= 0x9f) || bidirectional) {
            used = used == 0 ? 1 : used;
            for (size_t i = 0; i < used; i++)
                fprintf(stream, "\\x%02x", rest.data[i]);
        } else {
            fwrite(rest.data, 1, used, stream);
        }
        rest = der_slice(rest.data + used, rest.len - used);
    }
}

void print_safely(const char *text)
{
    put_safely(stdout, text);
}

void print_safely_to_stderr(const char *text)
{
    put_safely(stderr, text);
}

/* A complaint may quote what somebody else wrote, so all of it is made safe. */
static void put_complaint(const char *prefix, const char *name, const char *format,
                          va_list arguments) __attribute__((format(printf, 3, 0)));

static void put_complaint(const char *prefix, const char *name, const char *format,
                          va_list arguments)
{
    char text[2048];

    if (vsnprintf(text, sizeof(text), format, arguments) < 0)
        text[0] = '\0';
    fflush(stdout);
    fputs(prefix, stderr);
    if (name != NULL)
        fprintf(stderr, " %s", name);
    fputs(": ", stderr);
    print_safely_to_stderr(text);
}

void complain(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_complaint("smimebr", NULL, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

int wrong_usage(const struct command *command, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_complaint("smimebr", command->name, format, arguments);
    va_end(arguments);
    fprintf(stderr, " (see `smimebr help %s`)\n", command->name);
    return EXIT_TROUBLE;
}

int trouble(const char *about, const struct failure *failure)
{
    if (about != NULL)
        complain("%s: %s", about, failure->text);
    else
        complain("%s", failure->text);
    return EXIT_TROUBLE;
}

struct option_scan option_scan(const struct command *command, const struct option *options,
                               int argc, char **argv)
{
    struct option_scan scan = {command, options, argc, argv, 0, false, NULL};

    return scan;
}

static const struct option *find_option(const struct option *options, const char *name, size_t len)
{
    for (; options->name != NULL; options++) {
        if (strlen(options->name) == len && memcmp(options->name, name, len) == 0)
            return options;
    }
    return NULL;
}

/* Complain about the option at the beginning of word. */
static int wrong_option(const struct option_scan *scan, const char *word, const char *what)
{
    const char *value = strchr(word, '=');
    int len = value == NULL ? (int)strnlen(word, 100) : (int)(value - word);

    wrong_usage(scan->command, "%.*s %s", len > 100 ? 100 : len, word, what);
    return OPTION_WRONG;
}

int option_next(struct option_scan *scan)
{
    const struct option *option;
    const char *word, *name, *value;
    size_t len;

    scan->value = NULL;
    if (scan->next >= scan->argc)
        return OPTION_END;
    word = scan->argv[scan->next++];
    if (!scan->only_operands && strcmp(word, "--") == 0) {
        scan->only_operands = true;
        return option_next(scan);
    }
    if (scan->only_operands || word[0] != '-' || word[1] == '\0') {
        scan->value = word;
        return OPTION_OPERAND;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        fputs(scan->command->help, stdout);
        return OPTION_HELP;
    }
    name = word + 2;
    value = strchr(word, '=');
    len = value == NULL ? strlen(word) : (size_t)(value - word);
    option = word[1] == '-' && len > 2 ? find_option(scan->options, name, len - 2) : NULL;
    if (option == NULL)
        return wrong_option(scan, word, "is no option of this command");
    if (!option->takes_value && value != NULL)
        return wrong_option(scan, word, "takes no value");
    if (option->takes_value && value == NULL && scan->next >= scan->argc)
        return wrong_option(scan, word, "needs a value");
    if (option->takes_value)
        scan->value = value != NULL ? value + 1 : scan->argv[scan->next++];
    return option->id;
}

int option_exit(int id)
{
    return id == OPTION_HELP ? EXIT_GOOD : EXIT_TROUBLE;
}

int run_subcommand(const struct command *command, const struct command *const *list, int argc,
                   char **argv)
{
    if (argc == 0)
        return wrong_usage(command, "a subcommand is missing");
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) {
        fputs(command->help, stdout);
        return EXIT_GOOD;
    }
    for (; *list != NULL; list++) {
        const char *word = strrchr((*list)->name, ' ');

        word = word == NULL ? (*list)->name : word + 1;
        if (strcmp(argv[0], word) == 0)
            return (*list)->run(*list, argc - 1, argv + 1);
    }
    return wrong_usage(command, "there is no subcommand %.100s", argv[0]);
}
