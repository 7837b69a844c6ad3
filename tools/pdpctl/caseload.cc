#include "tools/pdpctl/caseload.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/util/json_util.h"
#include "grpcpp/generic/generic_stub.h"
#include "libs/base/clock.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/client.h"
#include "libs/rpc/status.h"
#include "pdp/referral/v1/queries.pb.h"
#include "pdp/referral/v1/service.pb.h"
#include "services/referral/caseload.h"
#include "tools/pdpctl/connection.h"
#include "tools/pdpctl/service_types.h"

namespace pdp::pdpctl {
namespace {

namespace rv1 = referral::v1;

constexpr size_t kLineBytesMax = 1 << 20;
constexpr absl::Duration kRetryFirst = absl::Milliseconds(50), kRetryMax = absl::Seconds(2);
constexpr absl::Duration kShowEvery = absl::Milliseconds(200);
constexpr char kExecute[] = "/pdp.referral.v1.ReferralService/Execute";
constexpr char kCheck[] = "/pdp.referral.v1.ReferralService/CheckCaseload";

absl::Time Now() { return Clock::System().Now(); }

// One line on its way. Used by the importing thread; the call in flight fills `status` and `reply`.
struct Line {
  uint64_t number = 0;
  std::string crn;
  rv1::CaseloadLine content;
  std::vector<referral::LineCommand> commands;
  // -1: it is being checked.
  int at = -1;
  absl::Duration wait = kRetryFirst;
  std::unique_ptr<grpc::ClientContext> context;
  grpc::ByteBuffer request, reply;
  grpc::Status status;
};

// Faults of the lines in the order of the file, whatever order they are found in.
class Report {
 public:
  explicit Report(const std::string& path) : file_(path) {}
  bool ok() const { return file_.good(); }
  void Add(const Line& line, absl::string_view code, absl::string_view field,
           absl::string_view detail) {
    // One line a fault, whatever was said.
    std::vector<std::string> words = absl::StrSplit(detail, absl::ByAnyChar(" \n\t"),
                                                    absl::SkipEmpty());
    lines_[line.number].push_back(absl::StrFormat("line %-7d %-8s %-28s %s%s%s", line.number,
                                                  line.crn.empty() ? "-" : line.crn, code, field,
                                                  detail.empty() ? "" : "  ",
                                                  absl::StrJoin(words, " ")));
    ++faults_;
  }
  bool HasFaults(uint64_t number) const { return lines_.count(number) > 0; }
  // No line before this one has more to say.
  void Flush(uint64_t before) {
    while (!lines_.empty() && lines_.begin()->first < before) {
      for (const std::string& text : lines_.begin()->second) file_ << text << "\n";
      lines_.erase(lines_.begin());
    }
  }
  // False: the disk did not take all of it.
  bool Finish(const std::string& summary) {
    Flush(~uint64_t{0});
    file_ << summary << "\n";
    file_.close();
    return file_.good();
  }
  uint64_t faults() const { return faults_; }

 private:
  std::ofstream file_;
  std::map<uint64_t, std::vector<std::string>> lines_;
  uint64_t faults_ = 0;
};

grpc::ByteBuffer ToBuffer(const google::protobuf::Message& message) {
  grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

bool FromBuffer(const grpc::ByteBuffer& buffer, google::protobuf::Message* message) {
  grpc::Slice whole;
  return buffer.DumpToSingleSlice(&whole).ok() &&
         message->ParseFromArray(whole.begin(), static_cast<int>(whole.size()));
}

class Import {
 public:
  Import(const Arguments& arguments, const CaseloadOptions& options, std::istream& file,
         uint64_t total, Report& report, std::ostream& err)
      : arguments_(arguments), options_(options), file_(file), total_(total), report_(report),
        err_(err) {}

  absl::StatusOr<ImportResult> Run() {
    RETURN_IF_ERROR(Reconnect());
    const absl::Time begin = last_answer_ = Now();
    while (true) {
      while (!reconnect_ && static_cast<int>(lines_.size()) < options_.callers && Next()) {
      }
      if (lines_.empty()) break;
      for (Line* line : Answered()) Take(line);
      StartDue();
      Show(false);
      if (Now() - last_answer_ > options_.patience) {
        Abandon();
        return absl::UnavailableError(absl::StrCat(
            "the service has not answered for ", absl::FormatDuration(options_.patience),
            " (", last_error_, "); begin again: nothing is done twice"));
      }
    }
    result_.took = Now() - begin;
    result_.faults = report_.faults();
    Show(true);
    return result_;
  }

 private:
  // Reads and starts one more line; false at the end of the file.
  bool Next() {
    std::string text;
    if (!std::getline(file_, text)) return false;
    ++number_;
    if (absl::StripAsciiWhitespace(text).empty()) return true;
    ++result_.lines;
    auto line = std::make_unique<Line>();
    line->number = number_;
    google::protobuf::util::Status parsed;
    if (text.size() <= kLineBytesMax) {
      parsed = google::protobuf::util::JsonStringToMessage(text, &line->content);
    }
    if (text.size() > kLineBytesMax || !parsed.ok()) {
      report_.Add(*line, "LINE_MALFORMED", "-",
                  text.size() > kLineBytesMax ? "is longer than 1 MiB" : parsed.ToString());
      ++result_.faulty;
      return true;
    }
    line->crn = line->content.person().crn();
    Line* started = line.get();
    lines_[number_] = std::move(line);
    Start(started);
    return true;
  }

  void Start(Line* line) {
    line->context = std::make_unique<grpc::ClientContext>();
    line->context->set_deadline(absl::ToChronoTime(Now() + options_.timeout));
    line->reply.Clear();
    line->request = RequestOf(*line);
    stub_->UnaryCall(line->context.get(), line->at < 0 ? kCheck : kExecute, grpc::StubOptions(),
                     &line->request, &line->reply, [this, line](grpc::Status status) {
                       line->status = std::move(status);
                       absl::MutexLock lock(&mutex_);
                       answered_.push_back(line);
                     });
    ++in_flight_;
  }

  grpc::ByteBuffer RequestOf(const Line& line) const {
    if (line.at < 0) {
      rv1::CheckCaseloadRequest request;
      *request.mutable_line() = line.content;
      *request.mutable_actor() = options_.actor;
      request.set_area(options_.area);
      return ToBuffer(request);
    }
    const referral::LineCommand& command = line.commands[line.at];
    rv1::ExecuteRequest request;
    request.mutable_header()->set_command_id(referral::CommandIdOf(command));
    *request.mutable_header()->mutable_actor() = options_.actor;
    request.set_area(command.area);
    *request.mutable_command() = command.command;
    return ToBuffer(request);
  }

  // Waits for an answer, at most until something is to be shown or tried again.
  std::deque<Line*> Answered() {
    absl::MutexLock lock(&mutex_);
    const auto some = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return !answered_.empty();
    };
    mutex_.AwaitWithTimeout(absl::Condition(&some), retries_.empty() ? kShowEvery : kRetryFirst);
    return std::exchange(answered_, {});
  }

  void Take(Line* line) {
    --in_flight_;
    if (rpc::IsRetryable(line->status)) return Retry(line);
    last_answer_ = Now();
    line->wait = kRetryFirst;
    if (line->at < 0) {
      TakeCheck(line);
    } else {
      TakeOutcome(line);
    }
    if (report_.HasFaults(line->number)) return Done(line);
    if (++line->at < static_cast<int>(line->commands.size())) return Start(line);
    Done(line);
  }

  void TakeCheck(Line* line) {
    rv1::CheckCaseloadReply reply;
    if (!line->status.ok()) return AddRefusal(*line, "-", nullptr);
    if (!FromBuffer(line->reply, &reply)) {
      return report_.Add(*line, "DATA_LOSS", "-", "the reply does not parse");
    }
    for (const rv1::CaseloadFault& fault : reply.faults()) {
      report_.Add(*line, fault.code(), fault.field(), fault.detail());
    }
    line->commands = referral::CommandsOf(line->content);
    for (referral::LineCommand& command : line->commands) {
      if (command.area.empty()) command.area = options_.area;
    }
  }

  void TakeOutcome(Line* line) {
    const referral::LineCommand& command = line->commands[line->at];
    if (!line->status.ok()) {
      // It is so already.
      const auto error = rpc::FromStatus(line->status);
      if (error.ok() && error->reason == "NOTHING_TO_CHANGE") return;
      return AddRefusal(*line, command.part, &command);
    }
    rv1::ExecuteReply reply;
    ++result_.commands;
    if (FromBuffer(line->reply, &reply) && reply.outcome().duplicate()) ++result_.repeated;
  }

  void AddRefusal(const Line& line, const std::string& part,
                  const referral::LineCommand* command) {
    const rpc::ErrorDetails error = *rpc::FromStatus(line.status);
    if (error.violations.empty()) {
      return report_.Add(line, error.reason.empty() ? "UNKNOWN" : error.reason, part,
                         error.message);
    }
    for (const auto& violation : error.violations) {
      report_.Add(line, violation.code,
                  command == nullptr ? violation.field
                                     : referral::PathInLine(*command, violation.field),
                  violation.detail);
    }
  }

  // Nothing is known, or nothing happened: the same again, with the same id.
  void Retry(Line* line) {
    last_error_ = line->status.error_message();
    if (line->status.error_code() == grpc::StatusCode::UNAVAILABLE) reconnect_ = true;
    const auto error = rpc::FromStatus(line->status);
    if (error.ok()) {
      const auto owner = error->metadata.find(rpc::kOwnerMetadata);
      if (owner != error->metadata.end()) owner_ = owner->second;
    }
    retries_.emplace(Now() + line->wait, line);
    line->wait = std::min(2 * line->wait, kRetryMax);
  }

  void StartDue() {
    // The address is read again once nothing is on its way: the service may have come back on
    // another port.
    if (reconnect_ && in_flight_ > 0) return;
    const absl::Time now = Now();
    while (!retries_.empty() && retries_.begin()->first <= now) {
      if (std::exchange(reconnect_, false)) (void)Reconnect();
      Line* line = retries_.begin()->second;
      retries_.erase(retries_.begin());
      Start(line);
    }
  }

  absl::Status Reconnect() {
    absl::StatusOr<std::shared_ptr<grpc::Channel>> channel =
        owner_.empty() ? Connect(arguments_, "referral") : rpc::MakeChannel(owner_);
    owner_.clear();
    RETURN_IF_ERROR(channel.status());
    stub_ = std::make_unique<grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer>>(
        *channel);
    return absl::OkStatus();
  }

  void Done(Line* line) {
    if (report_.HasFaults(line->number)) ++result_.faulty;
    lines_.erase(line->number);
    report_.Flush(lines_.empty() ? number_ + 1 : lines_.begin()->first);
  }

  // The calls in flight still write into their lines.
  void Abandon() {
    for (auto& [number, line] : lines_) {
      if (line->context != nullptr) line->context->TryCancel();
    }
    absl::MutexLock lock(&mutex_);
    const auto all = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return static_cast<int>(answered_.size()) >= in_flight_;
    };
    mutex_.Await(absl::Condition(&all));
  }

  void Show(bool last) {
    if (!options_.progress || (!last && Now() < show_at_)) return;
    const absl::Time now = Now();
    if (show_at_ == absl::InfinitePast()) begin_ = now;
    show_at_ = now + kShowEvery;
    const uint64_t done = number_ - lines_.size();
    const int tenths = total_ == 0 ? 0 : static_cast<int>(done * 30 / total_);
    const double seconds = std::max(0.001, absl::ToDoubleSeconds(now - begin_));
    err_ << absl::StrFormat("\r[%-30s] %3d%%  %d of %d lines, %d with faults, %.0f commands/s ",
                            std::string(std::min(tenths, 30), '#'),
                            total_ == 0 ? 100 : done * 100 / total_, done, total_, result_.faulty,
                            result_.commands / seconds)
         << (last ? "\n" : "") << std::flush;
  }

  const Arguments& arguments_;
  const CaseloadOptions& options_;
  std::istream& file_;
  const uint64_t total_;
  Report& report_;
  std::ostream& err_;
  std::unique_ptr<grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer>> stub_;
  ImportResult result_;
  uint64_t number_ = 0;
  // By line number: the earliest of them holds back the report.
  std::map<uint64_t, std::unique_ptr<Line>> lines_;
  std::multimap<absl::Time, Line*> retries_;
  int in_flight_ = 0;
  bool reconnect_ = false;
  std::string owner_, last_error_;
  absl::Time last_answer_, show_at_ = absl::InfinitePast(), begin_;
  absl::Mutex mutex_;
  std::deque<Line*> answered_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<ImportResult> ImportCaseload(const Arguments& arguments,
                                            const CaseloadOptions& options, std::ostream& out,
                                            std::ostream& err) {
  std::ifstream file(options.file);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", options.file));
  uint64_t total = 0;
  for (std::string text; std::getline(file, text);) ++total;
  file.clear();
  file.seekg(0);
  const std::string path =
      options.report.empty() ? absl::StrCat(options.file, ".report") : options.report;
  Report report(path);
  if (!report.ok()) return absl::NotFoundError(absl::StrCat("cannot write ", path));
  Import import(arguments, options, file, total, report, err);
  ASSIGN_OR_RETURN(const ImportResult result, import.Run());
  const double seconds = std::max(0.001, absl::ToDoubleSeconds(result.took));
  const std::string summary = absl::StrFormat(
      "%d lines: %d registered, %d with faults (%d faults)", result.lines,
      result.lines - result.faulty, result.faulty, result.faults);
  const bool reported = report.Finish(summary);
  out << summary << (result.faulty == 0 ? "" : absl::StrCat(", see ", path)) << "\n"
      << absl::StrFormat("%d commands, %d of them repeats; %.1f s, %.0f commands a second\n",
                         result.commands, result.repeated, seconds, result.commands / seconds);
  if (!reported) {
    return absl::DataLossError(absl::StrCat(
        "not every fault could be written to ", path,
        "; begin again with another --report: nothing is done twice"));
  }
  return result;
}

absl::StatusOr<uint64_t> ExportCaseload(const Arguments& arguments, const CaseloadOptions& options,
                                        std::ostream& out, std::ostream& err) {
  ASSIGN_OR_RETURN(const auto channel, Connect(arguments, "referral"));
  const std::string unfinished = absl::StrCat(options.file, ".part");
  std::ofstream file(unfinished, std::ios::trunc);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot write ", unfinished));
  google::protobuf::util::JsonPrintOptions json;
  json.preserve_proto_field_names = true;
  rv1::ExportCaseloadRequest request;
  request.set_area(options.area);
  *request.mutable_actor() = options.actor;
  request.mutable_page()->set_page_size(200);
  uint64_t people = 0;
  bool without_referrals = false;
  do {
    rv1::ExportCaseloadReply reply;
    const grpc::Status status = Call(channel, "/pdp.referral.v1.ReferralService/ExportCaseload",
                                     request, &reply, options.timeout);
    if (!status.ok()) {
      std::filesystem::remove(unfinished);
      return absl::UnavailableError(Explain(status));
    }
    for (const rv1::CaseloadLine& line : reply.lines()) {
      std::string text;
      (void)google::protobuf::util::MessageToJsonString(line, &text, json);
      file << text << "\n";
      ++people;
    }
    without_referrals = reply.without_referrals();
    request.mutable_page()->set_page_token(reply.next_page_token());
    if (options.progress) err << "\r" << people << " people" << std::flush;
  } while (!request.page().page_token().empty());
  if (options.progress) err << "\n";
  file.close();
  std::error_code failed;
  if (file) std::filesystem::rename(unfinished, options.file, failed);
  if (!file || failed) {
    // An export that is there is a whole one.
    std::filesystem::remove(unfinished, failed);
    return absl::DataLossError(absl::StrCat("cannot write ", options.file));
  }
  if (without_referrals) {
    err << "forms to open are not in the file: another process serves " << options.area << "\n";
  }
  out << people << " people of " << options.area << " in " << options.file << "\n";
  return people;
}

}  // namespace pdp::pdpctl
