#include "services/referral/projections/access_log.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/timestamp.h"
#include "pdp/referral/v1/events.pb.h"
#include "pdp/referral/v1/queries.pb.h"

namespace pdp::referral {

std::string AccessLog::PersonPrefix(absl::string_view crn) { return absl::StrCat("c/", crn, "/"); }
std::string AccessLog::ReaderPrefix(absl::string_view reader) {
  // A key has its limits; a longer id shares its list with others that begin so.
  return absl::StrCat("u/", reader.substr(0, 200), absl::string_view("\0", 1));
}
std::string AccessLog::From(absl::Time at) {
  return absl::StrCat(absl::Hex(std::max<int64_t>(0, absl::ToUnixMicros(at)), absl::kZeroPad16));
}

absl::Status AccessLog::Project(const projection::RecordedEvent& recorded,
                                projection::RowWriter& rows) {
  const auto& event = recorded.As<v1::Event>();
  if (!event.has_access_recorded()) return absl::OkStatus();
  const v1::AccessRecorded& read = event.access_recorded();
  v1::AccessLogEntry row;
  *row.mutable_at() = read.at();
  row.set_actor_id(read.actor_id());
  row.set_organisation(read.organisation());
  *row.mutable_roles() = read.roles();
  row.set_query(read.query());
  row.set_crn(read.crn());
  row.set_referral_id(read.referral_id());
  row.set_seq(recorded.seq.value());
  const std::string place =
      absl::StrCat(From(FromTimestamp(read.at())),
                   absl::Hex(recorded.seq.value(), absl::kZeroPad16),
                   absl::Hex(recorded.index, absl::kZeroPad8));
  rows.Put(absl::StrCat(AllPrefix(), place), row);
  rows.Put(absl::StrCat(PersonPrefix(read.crn()), place), row);
  rows.Put(absl::StrCat(ReaderPrefix(read.actor_id()), place), row);
  return absl::OkStatus();
}

}  // namespace pdp::referral
