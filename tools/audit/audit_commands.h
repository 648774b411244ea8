/* The subcommands of `smimebr audit`, each in a file of its own. */
#ifndef SMIMEBR_TOOLS_AUDIT_COMMANDS_H
#define SMIMEBR_TOOLS_AUDIT_COMMANDS_H

#include "command.h"

extern const struct command command_audit_verify, command_audit_show, command_audit_follow,
    command_audit_note, command_audit_index, command_audit_erase, command_audit_replay, command_audit_reconcile,
    command_audit_checkpoint, command_audit_prove, command_audit_consistency,
    command_audit_timestamp, command_audit_report;

#endif
