#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/timestamp.h"
#include "libs/engine/cell.h"
#include "libs/engine/past.h"
#include "services/referral/domain/access.h"
#include "services/referral/domain/field_changes.h"
#include "services/referral/protected.h"
#include "services/referral/query_access.h"
#include "services/referral/service_queries.h"

// The history of one person, sentence or referral: every event with what it changed.

namespace pdp::referral {
namespace {

std::string TextOf(const v1::FieldValue& value) {
  switch (value.value_case()) {
    case v1::FieldValue::kText: return value.text();
    case v1::FieldValue::kNumber: return absl::StrCat(value.number());
    case v1::FieldValue::kFlag: return value.flag() ? "true" : "false";
    case v1::FieldValue::kCode: return value.code();
    case v1::FieldValue::VALUE_NOT_SET: return "";
  }
  return "";
}

// The aggregate inside the state: its fields are what changes, not the envelope.
const google::protobuf::Message& AggregateOf(const google::protobuf::Message& message,
                                             absl::string_view kind) {
  const auto& state = static_cast<const v1::State&>(message);
  if (kind == "person") return state.person();
  if (kind == "sentence") return state.sentence();
  return state.referral();
}

v1::HistoryEntry EntryOf(const engine::Past::Step& step, absl::string_view kind, bool whole) {
  v1::HistoryEntry entry;
  entry.set_version(step.version.value());
  entry.set_event(step.recorded.type());
  *entry.mutable_occurred_at() = ToTimestamp(step.occurred_at);
  *entry.mutable_recorded_at() = ToTimestamp(step.recorded_at);
  *entry.mutable_by() = step.commit.actor();
  entry.set_command_id(absl::BytesToHexString(step.commit.command_id()));
  entry.set_erased(step.erased);
  for (v1::AmendedField& field :
       FieldChanges(AggregateOf(step.before, kind), AggregateOf(step.after, kind))) {
    if (!whole && IsProtected(field.field())) continue;
    v1::FieldChange* change = entry.add_changes();
    change->set_field(field.field());
    change->set_old_value(TextOf(field.old_value()));
    change->set_new_value(TextOf(field.new_value()));
    if (field.has_old_value()) *change->mutable_before() = std::move(*field.mutable_old_value());
    if (field.has_new_value()) *change->mutable_after() = std::move(*field.mutable_new_value());
  }
  return entry;
}

struct Record {
  // Whose it is.
  std::string crn;
  // The newest.
  uint64_t version = 0;
};

// NotFound when there is none of that id.
absl::StatusOr<Record> RecordOf(const engine::Cell& cell, const AggregateId& id) {
  const auto read = cell.ReadState(id);
  if (!read.ok()) return read.status();
  const auto& state = static_cast<const v1::State&>(*read->state);
  const std::string& crn = id.kind() == "person"     ? state.person().crn()
                           : id.kind() == "sentence" ? state.sentence().crn()
                                                     : state.referral().origin_crn();
  return Record{crn, read->version.value()};
}

// The entries of one page, oldest first: those behind `place`, or newest first those before it, of
// a record whose newest version is `newest`. What an event changed is found out for those only.
class Pages {
 public:
  Pages(const v1::HistoryRequest& request, uint64_t place, uint64_t newest)
      : size_(static_cast<size_t>(PageSize(request.page()))),
        newest_first_(request.newest_first()),
        whole_(MayReadProtected(request.actor())) {
    if (newest_first_) {
      last_ = place == 0 ? newest : place - 1;
      first_ = last_ < size_ ? 1 : last_ - size_ + 1;
    } else {
      first_ = place + 1;
      last_ = newest;
    }
  }

  // False: the page is full.
  bool Offer(const engine::Past::Step& step, absl::string_view kind) {
    const uint64_t version = step.version.value();
    if (version < first_) {
      more_ = more_ || newest_first_;
      return true;
    }
    if (version > last_) return false;
    if (page_.size() == size_) {
      more_ = true;
      return false;
    }
    page_.push_back(EntryOf(step, kind, whole_));
    return true;
  }
  // The version at which the next page goes on; 0: there is none.
  uint64_t Fill(v1::HistoryReply* reply) {
    if (newest_first_) std::reverse(page_.begin(), page_.end());
    for (v1::HistoryEntry& entry : page_) *reply->add_entries() = std::move(entry);
    return more_ ? reply->entries(reply->entries_size() - 1).version() : 0;
  }

 private:
  const size_t size_;
  const bool newest_first_;
  // REF-12.
  const bool whole_;
  // Versions of the page.
  uint64_t first_ = 0, last_ = 0;
  std::vector<v1::HistoryEntry> page_;
  bool more_ = false;
};

}  // namespace

grpc::Status ReadHistory(const host::ServiceHost& host, const NatReader& nat,
                         const v1::HistoryRequest& request, v1::HistoryReply* reply) {
  RequestCheck check(host, request);
  const AggregateId id = AggregateId::FromText(request.aggregate_id());
  const bool of_nat = id.kind() == "person" || id.kind() == "sentence";
  check.Require(of_nat || id.kind() == "referral", "UNKNOWN_CODE", "aggregate_id",
                "is none of person/{crn}, sentence/{crn}/{event_no}, referral/{uuid}");
  check.Require(!of_nat || request.area() == Area::Nat().code(), "AREA_MISMATCH", "area",
                "persons and sentences are of NAT");
  Area area;
  if (auto status = check.Finish(&area); !status.ok()) return status;
  // Who decided what and why is the authority's own (REF-92).
  const Audience audience(host, area, request.actor());
  if (!audience.official()) return Unseen(id);
  const engine::Cell& cell = *host.cell(area);
  const absl::StatusOr<Record> record = RecordOf(cell, id);
  if (!record.ok()) return Failed(record.status(), id);
  if (!audience.MaySeePerson(record->crn)) return Unseen(id);
  const auto person = nat.Person(record->crn);
  if (person.ok() && !MaySee(person->person().access(), request.actor())) return Unseen(id);
  uint64_t place = 0;
  (void)absl::SimpleAtoi(check.place(), &place);
  Pages pages(request, place, record->version);
  const absl::Status read = cell.past().ForEach(
      id, [&](const engine::Past::Step& step) { return pages.Offer(step, id.kind()); });
  if (!read.ok()) return Failed(read, id);
  const uint64_t next = pages.Fill(reply);
  if (next == 0) return grpc::Status::OK;
  auto token = Cursor::Seal(host, request, absl::StrCat(next));
  if (!token.ok()) return rpc::ToStatus(token.status(), kServiceName);
  reply->set_next_page_token(*std::move(token));
  return grpc::Status::OK;
}

}  // namespace pdp::referral
