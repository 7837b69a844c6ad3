#include "tools/pdpctl/operator.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/time_util.h"
#include "libs/base/area.h"
#include "libs/base/clock.h"
#include "nlohmann/json.hpp"
#include "pdp/common/v1/admin_service.grpc.pb.h"
#include "pdp/common/v1/feed_service.grpc.pb.h"
#include "tools/pdpctl/service_types.h"

namespace pdp::pdpctl {
namespace {

using common::v1::Admin;

void SetDeadline(const Session& session, grpc::ClientContext* context) {
  context->set_deadline(absl::ToChronoTime(Clock::System().Now() + session.timeout));
}

std::string Bar(uint64_t done, uint64_t total) {
  constexpr uint64_t kWidth = 40;
  const uint64_t full = total == 0 ? kWidth : kWidth * done / total;
  const uint64_t percent = total == 0 ? 100 : 100 * done / total;
  return absl::StrFormat("[%s%s] %3d%% %d/%d", std::string(full, '#'),
                         std::string(kWidth - full, '.'), percent, done, total);
}

std::string PositionOf(const common::v1::RecordInfo& record) {
  return absl::StrCat(record.position().area(), " epoch ", record.position().epoch(), " seq ",
                      record.position().seq());
}

// What a record is beside its place: the events of a commit, and its link in the chain.
void PrintContent(const common::v1::RecordInfo& record, std::ostream& out) {
  for (const auto& event : record.events()) {
    out << "  event " << event.type() << " on " << event.aggregate_id() << " version "
        << event.version() << "\n";
  }
  out << "  record " << record.bytes() << " bytes, hash " << record.hash_hex() << "\n"
      << "         behind     hash " << record.prev_hash_hex() << "\n";
}

void PrintRecord(const common::v1::RecordInfo& record, std::ostream& out) {
  out << PositionOf(record) << "  " << record.kind() << "  "
      << google::protobuf::util::TimeUtil::ToString(record.recorded_at()) << "\n";
  if (!record.command_type().empty()) {
    out << "  command " << record.command_type() << " " << record.command_id_hex() << "\n";
  }
  PrintContent(record, out);
}

// A call about one area failed: where to look for those that there are.
grpc::Status OfArea(Session& session, grpc::Status status) {
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
    session.err << "`pdpctl " << session.service << " cells` lists the areas that are here\n";
  }
  return status;
}

// The public event inside, as JSON; null when this binary does not know it.
nlohmann::ordered_json DataOf(const std::string& service, const common::v1::CloudEvent& event) {
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      absl::StrCat("pdp.", service, ".v1.PublicEvent"));
  if (type == nullptr) return nullptr;
  const auto message = NewMessage(type);
  if (!message->ParseFromString(event.data())) return nullptr;
  return nlohmann::ordered_json::parse(ToJson(*message, false), nullptr, false);
}

std::string EventLine(const std::string& service, const common::v1::CloudEvent& event) {
  nlohmann::ordered_json line;
  line["id"] = event.id();
  line["type"] = event.type();
  line["source"] = event.source();
  line["subject"] = event.subject();
  line["time"] = google::protobuf::util::TimeUtil::ToString(event.time());
  line["area"] = event.area();
  line["seq"] = event.seq();
  line["index"] = event.index();
  if (!event.correlation_id().empty()) line["correlationid"] = event.correlation_id();
  if (!event.causation_id().empty()) line["causationid"] = event.causation_id();
  line["data"] = DataOf(service, event);
  return line.dump();
}

}  // namespace

grpc::Status ShowCells(Session& session) {
  grpc::ClientContext context;
  SetDeadline(session, &context);
  common::v1::ListCellsReply reply;
  const grpc::Status status = Admin::NewStub(session.channel)->ListCells(&context, {}, &reply);
  if (!status.ok()) return status;
  session.out << absl::StrFormat("%-4s %-9s %6s %9s %6s  %-16s %s\n", "area", "state", "epoch",
                                 "seq", "queue", "hash", "owner");
  for (const auto& cell : reply.cells()) {
    session.out << absl::StrFormat("%-4s %-9s %6d %9d %6d  %-16s %s\n", cell.area(), cell.state(),
                                   cell.position().epoch(), cell.position().seq(),
                                   cell.queue_length(), cell.hash_hex().substr(0, 16),
                                   cell.owner());
    if (!cell.reason().empty()) session.out << "     " << cell.reason() << "\n";
    for (const auto& [why, count] : cell.dropped()) {
      session.out << "     dropped " << count << " records: " << why << "\n";
    }
  }
  return status;
}

grpc::Status ShowProjections(Session& session) {
  grpc::ClientContext context;
  SetDeadline(session, &context);
  common::v1::ListProjectionsReply reply;
  const grpc::Status status =
      Admin::NewStub(session.channel)->ListProjections(&context, {}, &reply);
  if (!status.ok()) return status;
  session.out << absl::StrFormat("%-24s %3s %-4s %9s %9s\n", "projection", "v", "area", "at",
      "head");
  for (const auto& projection : reply.projections()) {
    session.out << absl::StrFormat("%-24s %3d %-4s %9d %9d%s\n", projection.name(),
                                   projection.live_version(), projection.area(),
                                   projection.checkpoint_seq(), projection.head_seq(),
                                   projection.rebuilding()
                                       ? absl::StrCat("  rebuilding, at ", projection.rebuild_seq())
                                       : std::string());
  }
  return status;
}

grpc::Status Rebuild(Session& session, const std::string& projection) {
  // As long as it takes: no deadline.
  grpc::ClientContext context;
  common::v1::RebuildProjectionRequest request;
  request.set_name(projection);
  const auto stub = Admin::NewStub(session.channel);
  const auto stream = stub->RebuildProjection(&context, request);
  common::v1::RebuildProgress progress;
  bool any = false;
  while (stream->Read(&progress)) {
    session.err << "\r" << Bar(progress.done(), progress.total()) << std::flush;
    any = true;
  }
  if (any) session.err << "\n";
  const grpc::Status status = stream->Finish();
  if (status.ok()) {
    session.out << projection
                << (progress.switched() ? " is rebuilt and switched over\n" : " is rebuilt\n");
  } else if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
    session.err << "`pdpctl " << session.service << " projections` lists them\n";
  }
  return status;
}

grpc::Status Verify(Session& session, const std::string& area) {
  grpc::ClientContext context;
  common::v1::VerifyLogRequest request;
  request.set_area(area);
  common::v1::VerifyLogReply reply;
  const grpc::Status status = Admin::NewStub(session.channel)->VerifyLog(&context, request, &reply);
  if (!status.ok()) return OfArea(session, status);
  session.out << area << ": " << (reply.intact() ? "intact" : "DAMAGED") << ", " << reply.records()
              << " records, head seq " << reply.head().seq() << ", hash " << reply.hash_hex()
              << "\n";
  if (!reply.finding().empty()) session.out << "  " << reply.finding() << "\n";
  if (!reply.intact()) return grpc::Status(grpc::StatusCode::DATA_LOSS, "the log is damaged");
  return status;
}

grpc::Status ShowRecords(Session& session, const std::string& area) {
  uint64_t from = 0;
  (void)absl::SimpleAtoi(session.arguments.Option("from", "0"), &from);  // checked before
  constexpr uint32_t kPage = 100;
  while (true) {
    grpc::ClientContext context;
    SetDeadline(session, &context);
    common::v1::ReadRecordsRequest request;
    request.set_area(area);
    request.set_from_seq(from);
    request.set_limit(kPage);
    common::v1::ReadRecordsReply reply;
    const grpc::Status status =
        Admin::NewStub(session.channel)->ReadRecords(&context, request, &reply);
    if (!status.ok()) return OfArea(session, status);
    uint64_t last = from;
    for (const auto& record : reply.records()) {
      PrintRecord(record, session.out);
      last = std::max(last, record.position().seq());
    }
    // A page that does not get further is the last one, whatever its size.
    if (reply.records_size() < static_cast<int>(kPage) || last < from) return status;
    from = last + 1;
  }
}

grpc::Status ShowLife(Session& session, const std::string& area, const std::string& command_id) {
  grpc::ClientContext context;
  SetDeadline(session, &context);
  common::v1::FindCommandRequest request;
  request.set_area(area);
  request.set_command_id(command_id);
  request.set_tenant(session.arguments.Option("tenant"));
  common::v1::FindCommandReply reply;
  const grpc::Status status =
      Admin::NewStub(session.channel)->FindCommand(&context, request, &reply);
  if (!status.ok()) return OfArea(session, status);
  if (!reply.found()) {
    session.out << "no command " << absl::BytesToHexString(command_id) << " took effect in " << area
                << ": it was refused, is older than 30 days, or never came here"
                << (request.tenant().empty() ? " (or belongs to a --tenant)" : "") << "\n";
    return status;
  }
  const common::v1::RecordInfo& record = reply.record();
  session.out << record.command_type() << " " << absl::BytesToHexString(command_id)
              << ": committed at " << PositionOf(record) << ", "
              << google::protobuf::util::TimeUtil::ToString(record.recorded_at()) << "\n";
  PrintContent(record, session.out);
  for (const auto& projection : reply.projections()) {
    if (projection.area() != area) continue;
    const uint64_t seq = record.position().seq(), at = projection.checkpoint_seq();
    session.out << "  " << (at >= seq ? "seen by " : "NOT YET seen by ") << projection.name()
                << " v" << projection.live_version() << ", which is at seq " << at << "\n";
  }
  if (!record.text().empty()) session.out << "  " << record.text() << "\n";
  return status;
}

grpc::Status TailEvents(Session& session) {
  uint64_t from = 0;
  (void)absl::SimpleAtoi(session.arguments.Option("from", "0"), &from);  // checked before
  common::v1::SubscribeRequest request;
  const std::string areas = session.arguments.Option("areas");
  std::vector<std::string> codes = absl::StrSplit(areas, ',', absl::SkipEmpty());
  if (codes.empty()) {
    for (const Area area : Area::All()) codes.emplace_back(area.code());
  }
  for (const std::string& code : codes) {
    common::v1::FeedPosition* after = request.add_after();
    after->set_area(code);
    // After (from - 1, any index) comes the first event of `from`.
    after->set_seq(from == 0 ? 0 : from - 1);
    after->set_index(from == 0 ? 0 : ~uint32_t{0});
  }
  const bool follow = session.arguments.Option("follow") == "yes";
  grpc::ClientContext context;
  if (!follow) SetDeadline(session, &context);
  const auto stub = common::v1::EventFeed::NewStub(session.channel);
  const auto stream = stub->Subscribe(&context, request);
  common::v1::SubscribeReply reply;
  bool caught_up = false;
  while (stream->Read(&reply)) {
    if (reply.has_event()) {
      session.out << EventLine(session.service, reply.event()) << "\n" << std::flush;
    } else if (reply.has_caught_up() && !follow) {
      caught_up = true;
      context.TryCancel();
    }
  }
  const grpc::Status status = stream->Finish();
  return caught_up ? grpc::Status::OK : status;
}

}  // namespace pdp::pdpctl
