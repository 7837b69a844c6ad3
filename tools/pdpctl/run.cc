#include "tools/pdpctl/run.h"

#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <istream>
#include <iterator>
#include <ostream>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "google/protobuf/util/time_util.h"
#include "libs/base/area.h"
#include "libs/base/ids.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "pdp/common/v1/common.pb.h"
#include "tools/pdpctl/backup.h"
#include "tools/pdpctl/caseload.h"
#include "tools/pdpctl/connection.h"
#include "tools/pdpctl/gateway_calls.h"
#include "tools/pdpctl/operator.h"
#include "tools/pdpctl/service_types.h"
#include "tools/pdpctl/subject_bundle.h"
#include "tools/pdpctl/table.h"

namespace pdp::pdpctl {
namespace {

constexpr int kDone = 0, kFailed = 1, kWrongCall = 2;

absl::StatusOr<std::string> CommandIdOf(const std::string& hex) {
  if (hex.empty()) return Random::System().Bytes(CommandId::kBytes);
  std::string digits;
  for (const char c : hex) {
    if (c != '-') digits.push_back(c);
  }
  if (digits.size() != 2 * CommandId::kBytes ||
      digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
    return absl::InvalidArgumentError("a command id is 32 hexadecimal digits");
  }
  return absl::HexStringToBytes(digits);
}

absl::StatusOr<common::v1::CommandHeader> HeaderOf(const Arguments& arguments) {
  common::v1::CommandHeader header;
  ASSIGN_OR_RETURN(*header.mutable_command_id(), CommandIdOf(arguments.Option("command-id")));
  header.mutable_actor()->set_id(arguments.Option("as", "operator"));
  header.mutable_actor()->set_organisation(arguments.Option("org"));
  for (absl::string_view role :
       absl::StrSplit(arguments.Option("roles", "SYS"), ',', absl::SkipEmpty())) {
    header.mutable_actor()->add_roles(std::string(role));
  }
  if (const std::string text = arguments.Option("expected-version"); !text.empty()) {
    uint64_t version = 0;
    if (!absl::SimpleAtoi(text, &version)) {
      return absl::InvalidArgumentError("--expected-version is a number");
    }
    header.set_expected_version(version);
  }
  if (const std::string text = arguments.Option("occurred-at"); !text.empty()) {
    if (!google::protobuf::util::TimeUtil::FromString(text, header.mutable_occurred_at())) {
      return absl::InvalidArgumentError("--occurred-at is an instant as in 2025-09-01T10:00:00Z");
    }
  }
  return header;
}

absl::Status CheckArea(const std::string& area) {
  if (Area::FromCode(area).has_value()) return absl::OkStatus();
  std::string codes;
  for (const Area known : Area::All()) absl::StrAppend(&codes, " ", known.code());
  return absl::InvalidArgumentError(absl::StrCat("'", area, "' is no area; areas:", codes));
}

// Runs with every argument checked: what fails from here on failed at the service.
class CommandLine {
 public:
  CommandLine(const Arguments& arguments, std::istream& in, std::ostream& out, std::ostream& err)
      : arguments_(arguments), in_(in), out_(out), err_(err) {}

  // Whether what failed has been said already.
  bool explained() const { return explained_; }

  absl::StatusOr<grpc::Status> Run() {
    const std::vector<std::string>& words = arguments_.words;
    if (words[0] == "gateway") return Gateway();
    if (words[0] == "import" || words[0] == "export") return Caseload(words[0]);
    ASSIGN_OR_RETURN(const ServiceTypes types, ServiceTypes::Of(words[0]));
    if (words.size() < 2) return Usage("say what to do");
    const std::string& verb = words[1];
    if (verb == "commands" || verb == "queries") {
      RETURN_IF_ERROR(Words(2, 3, absl::StrCat(verb, " [Name]")));
      const std::string name = words.size() == 3 ? words[2] : "";
      ASSIGN_OR_RETURN(const std::string text, verb == "commands" ? types.DescribeCommands(name)
                                                                  : types.DescribeQueries(name));
      out_ << text;
      return grpc::Status::OK;
    }
    RETURN_IF_ERROR(ReadTimeout());
    if (verb == "exec") return Execute(types);
    if (verb == "query") return Query(types);
    if (verb == "subject-bundle") return SubjectBundle();
    if (verb == "backup" || verb == "backup-keys") return Backup(verb);
    // A folder is written with a slash when it has the name of an area.
    const bool folder = verb == "restore" ||
                        (verb == "verify" && words.size() == 3 && !Area::FromCode(words[2]) &&
                         std::filesystem::exists(words[2]));
    if (folder) return OnFolder(verb);
    return Operate(verb);
  }

 private:
  absl::Status ReadTimeout() {
    if (absl::SimpleAtoi(arguments_.Option("timeout", "10"), &timeout_seconds_) &&
        timeout_seconds_ > 0) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError("--timeout is a number of seconds");
  }

  absl::StatusOr<grpc::Status> Gateway() {
    const std::vector<std::string>& words = arguments_.words;
    const std::string verb = words.size() < 2 ? "" : words[1];
    if (verb == "methods") {
      RETURN_IF_ERROR(Words(2, 3, "methods [Service.Method]"));
      ASSIGN_OR_RETURN(const std::string text,
                       DescribeGateway(words.size() == 3 ? words[2] : ""));
      out_ << text;
      return grpc::Status::OK;
    }
    if (verb != "call") return Usage("the gateway knows `call` and `methods`");
    RETURN_IF_ERROR(Words(3, 4, "call <Service.Method> '<json>'"));
    RETURN_IF_ERROR(ReadTimeout());
    return CallGateway(arguments_, words[2], words.size() == 4 ? JsonFrom(words[3]) : "{}",
                       absl::Seconds(timeout_seconds_), out_, err_);
  }

  absl::StatusOr<grpc::Status> Caseload(const std::string& verb) {
    RETURN_IF_ERROR(Words(1, 1, "--area <area> --file <file>"));
    RETURN_IF_ERROR(ReadTimeout());
    CaseloadOptions options;
    options.area = arguments_.Option("area");
    options.file = arguments_.Option("file");
    options.report = arguments_.Option("report");
    if (options.file.empty()) return Usage(absl::StrCat(verb, " needs --file"));
    RETURN_IF_ERROR(CheckArea(options.area));
    if (!absl::SimpleAtoi(arguments_.Option("callers", "128"), &options.callers) ||
        options.callers < 1 || options.callers > 1024) {
      return absl::InvalidArgumentError("--callers is a number from 1 to 1024");
    }
    // Who may register people, sentences and who may see them.
    const bool import = verb == "import";
    options.actor = ActorOf(import ? "RO,AA,CF,DP" : "AA");
    options.timeout = absl::Seconds(timeout_seconds_);
    options.progress = &err_ == &std::cerr && isatty(STDERR_FILENO) != 0;
    absl::Status failed;
    bool faulty = false;
    if (import) {
      const auto result = ImportCaseload(arguments_, options, out_, err_);
      failed = result.status();
      faulty = result.ok() && result->faulty > 0;
    } else {
      failed = ExportCaseload(arguments_, options, out_, err_).status();
    }
    if (failed.code() == absl::StatusCode::kInvalidArgument ||
        failed.code() == absl::StatusCode::kNotFound) {
      return failed;
    }
    if (!failed.ok()) return FailedHere(verb, failed);
    explained_ = faulty;
    return faulty ? grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "") : grpc::Status::OK;
  }

  absl::Status Usage(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(what, "; `pdpctl help` shows how"));
  }
  absl::Status Words(size_t least, size_t most, absl::string_view form) const {
    const size_t count = arguments_.words.size();
    if (count >= least && count <= most) return absl::OkStatus();
    return Usage(absl::StrCat("the form is: pdpctl ", arguments_.words[0], " ", form));
  }
  std::string JsonFrom(const std::string& word) {
    if (word != "-") return word;
    return std::string(std::istreambuf_iterator<char>(in_), std::istreambuf_iterator<char>());
  }

  absl::StatusOr<grpc::Status> Execute(const ServiceTypes& types) {
    const std::vector<std::string>& words = arguments_.words;
    RETURN_IF_ERROR(Words(4, 4, "exec <area> '{\"commandName\": {...}}'"));
    RETURN_IF_ERROR(CheckArea(words[2]));
    ASSIGN_OR_RETURN(auto request, types.Execute(words[2], JsonFrom(words[3])));
    ASSIGN_OR_RETURN(const auto header, HeaderOf(arguments_));
    request->GetReflection()
        ->MutableMessage(request.get(), request->GetDescriptor()->FindFieldByName("header"))
        ->CopyFrom(header);
    ASSIGN_OR_RETURN(const auto channel, Connect(arguments_, words[0]));
    const auto* method = types.descriptor()->FindMethodByName("Execute");
    const auto reply = NewMessage(method->output_type());
    // Said first: whatever happens next, the caller can ask again with the same id.
    err_ << "command-id " << absl::BytesToHexString(header.command_id()) << "\n";
    const grpc::Status status = Call(channel, ServiceTypes::PathOf(*method), *request, reply.get(),
                                     absl::Seconds(timeout_seconds_));
    if (status.ok()) out_ << ToJson(*reply, true);
    return status;
  }

  absl::StatusOr<grpc::Status> Query(const ServiceTypes& types) {
    const std::vector<std::string>& words = arguments_.words;
    RETURN_IF_ERROR(Words(3, 4, "query <Method> '<json>'"));
    ASSIGN_OR_RETURN(const auto* method, types.Query(words[2]));
    const auto request = NewMessage(method->input_type());
    if (words.size() == 4) {
      if (absl::Status status = FromJson(JsonFrom(words[3]), request.get()); !status.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat(status.message(), "\n", method->name(), " takes:\n",
                         DescribeFields(method->input_type(), 1)));
      }
    }
    const std::string format = arguments_.Option("format", "json");
    if (format != "json" && format != "table") {
      return absl::InvalidArgumentError("--format is json or table");
    }
    FillActor(request.get());
    ASSIGN_OR_RETURN(const auto channel, Connect(arguments_, words[0]));
    const auto reply = NewMessage(method->output_type());
    const grpc::Status status = Call(channel, ServiceTypes::PathOf(*method), *request, reply.get(),
                                     absl::Seconds(timeout_seconds_));
    if (status.ok()) out_ << (format == "json" ? ToJson(*reply, true) : ToTable(*reply));
    return status;
  }

  // Queries that depend on who asks have an `actor`: the options fill it unless the JSON did.
  void FillActor(google::protobuf::Message* request) const {
    const auto* field = request->GetDescriptor()->FindFieldByName("actor");
    if (field == nullptr || field->message_type() == nullptr ||
        field->message_type()->full_name() != "pdp.common.v1.Actor" ||
        request->GetReflection()->HasField(*request, field)) {
      return;
    }
    request->GetReflection()->MutableMessage(request, field)->CopyFrom(ActorOf("SYS"));
  }

  common::v1::Actor ActorOf(const std::string& roles) const {
    common::v1::Actor actor;
    actor.set_id(arguments_.Option("as", "operator"));
    actor.set_organisation(arguments_.Option("org"));
    for (absl::string_view role :
         absl::StrSplit(arguments_.Option("roles", roles), ',', absl::SkipEmpty())) {
      actor.add_roles(std::string(role));
    }
    return actor;
  }

  absl::StatusOr<grpc::Status> SubjectBundle() {
    const std::vector<std::string>& words = arguments_.words;
    RETURN_IF_ERROR(Words(3, 3, "subject-bundle <request-id> [--file FILE]"));
    if (words[0] != "referral") return Usage("referral keeps the subject requests");
    ASSIGN_OR_RETURN(const auto channel, Connect(arguments_, words[0]));
    Session session{channel, words[0], arguments_, absl::Seconds(timeout_seconds_), out_, err_};
    return FetchBundle(session, words[2]);
  }

  absl::StatusOr<grpc::Status> Backup(const std::string& verb) {
    const std::vector<std::string>& words = arguments_.words;
    const bool keys_only = verb == "backup-keys";
    RETURN_IF_ERROR(keys_only ? Words(2, 2, "backup-keys --keys <folder>")
                              : Words(3, 3, "backup <folder> --keys <folder>"));
    RETURN_IF_ERROR(Needs("keys"));
    const std::string views = arguments_.Option("views", "yes");
    if (views != "yes" && views != "no") {
      return absl::InvalidArgumentError("--views is yes or no");
    }
    ASSIGN_OR_RETURN(const auto channel, Connect(arguments_, words[0]));
    Session session{channel, words[0], arguments_, absl::Seconds(timeout_seconds_), out_, err_};
    const BackupResult result = TakeBackup(session, keys_only ? "" : words[2]);
    return result.here.ok() ? result.call : FailedHere(verb, result.here);
  }

  // What needs no service.
  absl::StatusOr<grpc::Status> OnFolder(const std::string& verb) {
    const std::vector<std::string>& words = arguments_.words;
    absl::Status status;
    if (verb == "restore") {
      RETURN_IF_ERROR(Words(3, 3, "restore <folder> --keys <folder> --to <data folder>"));
      RETURN_IF_ERROR(Needs("keys"));
      RETURN_IF_ERROR(Needs("to"));
      status = RestoreFolder(arguments_, words[2], out_);
    } else {
      status = VerifyFolder(arguments_, words[2], out_);
    }
    return status.ok() ? grpc::Status::OK : FailedHere(verb, status);
  }

  absl::Status Needs(const std::string& option) const {
    if (!arguments_.Option(option).empty()) return absl::OkStatus();
    return Usage(absl::StrCat(arguments_.words[1], " needs --", option));
  }
  // Not the service's doing: said as it is.
  grpc::Status FailedHere(const std::string& verb, const absl::Status& status) {
    err_ << verb << " failed: " << status.message() << "\n";
    explained_ = true;
    return grpc::Status(static_cast<grpc::StatusCode>(status.code()), "");
  }

  // Of tail and records: a wrong one must not pass for the default.
  absl::Status CheckOptions() const {
    uint64_t from = 0;
    if (!absl::SimpleAtoi(arguments_.Option("from", "0"), &from)) {
      return absl::InvalidArgumentError(
          "--from is the first seq wanted, a number; `cells` shows where each area is");
    }
    for (absl::string_view area :
         absl::StrSplit(arguments_.Option("areas"), ',', absl::SkipEmpty())) {
      RETURN_IF_ERROR(CheckArea(std::string(area)));
    }
    const std::string follow = arguments_.Option("follow", "no");
    if (follow != "yes" && follow != "no") {
      return absl::InvalidArgumentError("--follow is yes or no");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<grpc::Status> Operate(const std::string& verb) {
    const std::vector<std::string>& words = arguments_.words;
    const bool plain = verb == "cells" || verb == "projections" || verb == "tail";
    const bool area = verb == "verify" || verb == "records";
    if (plain) {
      RETURN_IF_ERROR(Words(2, 2, verb));
    } else if (area) {
      RETURN_IF_ERROR(
          Words(3, 3, absl::StrCat(verb, verb == "verify" ? " <area or folder>" : " <area>")));
      RETURN_IF_ERROR(CheckArea(words[2]));
    } else if (verb == "rebuild") {
      RETURN_IF_ERROR(Words(3, 3, "rebuild <projection>"));
    } else if (verb == "life") {
      RETURN_IF_ERROR(Words(4, 4, "life <area> <command-id>"));
      RETURN_IF_ERROR(CheckArea(words[2]));
    } else {
      return Usage(absl::StrCat("there is no '", verb, "'; the nearest is ",
                                Nearest(verb, {"exec", "query", "commands", "queries", "tail",
                                               "cells", "projections", "rebuild", "verify",
                                               "records", "life", "backup", "backup-keys",
                                               "restore", "subject-bundle"})));
    }
    RETURN_IF_ERROR(CheckOptions());
    std::string command_id;
    if (verb == "life") {
      ASSIGN_OR_RETURN(command_id, CommandIdOf(words[3]));
    }
    ASSIGN_OR_RETURN(const auto channel, Connect(arguments_, words[0]));
    Session session{channel, words[0], arguments_, absl::Seconds(timeout_seconds_), out_, err_};
    if (verb == "cells") return ShowCells(session);
    if (verb == "projections") return ShowProjections(session);
    if (verb == "tail") return TailEvents(session);
    if (verb == "verify") return Verify(session, words[2]);
    if (verb == "records") return ShowRecords(session, words[2]);
    if (verb == "rebuild") return Rebuild(session, words[2]);
    return ShowLife(session, words[2], command_id);
  }

  const Arguments& arguments_;
  std::istream& in_;
  std::ostream& out_;
  std::ostream& err_;
  int timeout_seconds_ = 10;
  bool explained_ = false;
};

}  // namespace

int Run(const std::vector<std::string>& args, std::istream& in, std::ostream& out,
        std::ostream& err) {
  const absl::StatusOr<Arguments> arguments = ParseArguments(args);
  if (!arguments.ok()) {
    err << "pdpctl: " << arguments.status().message() << "\n";
    return kWrongCall;
  }
  if (arguments->words.empty() || arguments->words[0] == "help") {
    (arguments->words.empty() ? err : out) << HelpText();
    return arguments->words.empty() ? kWrongCall : kDone;
  }
  CommandLine line(*arguments, in, out, err);
  const absl::StatusOr<grpc::Status> status = line.Run();
  if (!status.ok()) {
    err << "pdpctl: " << status.status().message() << "\n";
    return kWrongCall;
  }
  if (status->ok()) return kDone;
  if (!line.explained()) err << Explain(*status);
  return kFailed;
}

}  // namespace pdp::pdpctl
