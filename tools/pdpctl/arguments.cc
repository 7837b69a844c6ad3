#include "tools/pdpctl/arguments.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace pdp::pdpctl {
namespace {

constexpr const char* kOptions[][2] = {
    {"target", "host:port of the service"},
    {"dir", "folder with <service>.port files (as services write with --peer-dir)"},
    {"as", "who acts; default operator"},
    {"roles", "role codes, comma-separated: RO,AA; default SYS"},
    {"org", "organisation of who acts"},
    {"command-id", "32 hexadecimal digits; the same id takes effect once; default: a new one"},
    {"expected-version", "refuse when the aggregate is at another version"},
    {"occurred-at", "when it happened, RFC 3339"},
    {"tenant", "idempotency space of the command id, for life"},
    {"from", "tail, records: first seq wanted; default 0, all"},
    {"areas", "tail: area codes, comma-separated; default all"},
    {"follow", "tail: yes goes on after the last event, no (default) stops there"},
    {"format", "query: json (default), or table for lists"},
    {"timeout", "seconds a call may take; default 10"},
    {"keys", "backup, restore: folder of the one copy of the keys, kept apart from the backups"},
    {"views", "backup: no leaves the views out; a restored service then replays its log"},
    {"to", "restore: the data folder of the service; must be empty or missing"},
    {"erased", "restore: file of persons (one a line) erased since the copy of the keys"},
    {"area", "import, export: the home area of the people"},
    {"file", "import, export: one person a line, as JSON; subject-bundle: where it is written"},
    {"report", "import: where faults are written; default <file>.report"},
    {"callers", "import: lines on their way at once; default 128"},
    {"ca", "authority of the service's certificate: connects with TLS"},
    {"cert", "own certificate"},
    {"key", "its key"},
    {"token-file", "gateway: file with the bearer token"},
};

}  // namespace

std::string HelpText() {
  std::string text =
      "pdpctl: commands, queries, events and health of a running service\n\n"
      "  pdpctl <service> exec <area> '<json>'        {\"registerPerson\": {...}}; -: from input\n"
      "  pdpctl <service> query <Method> '<json>'     a query of the service\n"
      "  pdpctl <service> commands [Name]             every command with its fields\n"
      "  pdpctl <service> queries [Name]              every query with its fields\n"
      "  pdpctl <service> tail                        public events, one JSON line each\n"
      "  pdpctl <service> cells                       state, position, owner of each cell\n"
      "  pdpctl <service> projections                 how far each projection is\n"
      "  pdpctl <service> rebuild <projection>        beside the live one, then switched over\n"
      "  pdpctl <service> verify <area>               recomputes the hash chain of the log\n"
      "  pdpctl <service> backup <folder> --keys DIR  log, views and keys while it runs\n"
      "  pdpctl <service> backup-keys --keys DIR      only the keys: after each erasure\n"
      "  pdpctl <service> verify <folder>             every byte and record of a backup\n"
      "  pdpctl <service> restore <folder> --keys DIR --to DATA   on a machine without it\n"
      "  pdpctl <service> records <area>              records of the log, newest last\n"
      "  pdpctl <service> life <area> <command-id>    what became of one command\n"
      "  pdpctl import --area N56 --file caseload.ndjson   registers an area's caseload\n"
      "  pdpctl export --area N56 --file caseload.ndjson   writes it\n"
      "  pdpctl referral subject-bundle <request-id> --as DP   everything held about a person\n"
      "  pdpctl gateway call <Service.Method> '<json>'   as an organisation outside\n"
      "  pdpctl gateway methods [Service.Method]        every method with its fields\n"
      "  pdpctl help\n\n"
      "services: referral programmes unpaid_work subcontractor\n\noptions:\n";
  for (const auto& option : kOptions) {
    absl::StrAppend(&text, "  --", option[0], "  ", option[1], "\n");
  }
  return text;
}

absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& args) {
  Arguments parsed;
  for (size_t i = 0; i < args.size(); ++i) {
    if (!absl::StartsWith(args[i], "--")) {
      parsed.words.push_back(args[i]);
      continue;
    }
    std::string name = args[i].substr(2), value;
    const size_t equals = name.find('=');
    const bool joined = equals != std::string::npos;
    if (joined) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    }
    if (name == "help") {
      parsed.words = {"help"};
      return parsed;
    }
    bool known = false;
    for (const auto& option : kOptions) known = known || name == option[0];
    if (!known) {
      return absl::InvalidArgumentError(absl::StrCat("--", name, " is not known; see pdpctl help"));
    }
    if (!joined) {
      if (i + 1 == args.size()) {
        return absl::InvalidArgumentError(absl::StrCat("--", name, " needs a value"));
      }
      value = args[++i];
    }
    parsed.options[name] = value;
  }
  return parsed;
}

}  // namespace pdp::pdpctl
