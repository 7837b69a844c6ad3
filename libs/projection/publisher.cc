#include "libs/projection/publisher.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "libs/base/timestamp.h"
#include "libs/decider/decider.h"
#include "pdp/common/v1/options.pb.h"

namespace pdp::projection {
namespace {

constexpr uint32_t kIndexStride = 1000;
constexpr absl::string_view kInternalEnvelope = "InternalEvent";
constexpr absl::string_view kInternalPackage = ".internal.v1.";

}  // namespace

bool IsInternal(const common::v1::CloudEvent& event) {
  return absl::StrContains(event.type(), kInternalPackage);
}

std::string EventsTopic(absl::string_view service) {
  return absl::StrCat("pdp.", service, ".events.v1");
}

std::string PublicKey(Seq seq, uint32_t index) {
  std::string key;
  for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(seq.value() >> shift);
  for (int shift = 24; shift >= 0; shift -= 8) key += static_cast<char>(index >> shift);
  return key;
}

void ClearPersonal(google::protobuf::Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    if (field->options().GetExtension(common::v1::personal)) {
      reflection.ClearField(&message, field);
      continue;
    }
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      ClearPersonal(*reflection.MutableMessage(&message, field));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      ClearPersonal(*reflection.MutableRepeatedMessage(&message, field, i));
    }
  }
}

absl::Status Publisher::Project(const RecordedEvent& event, RowWriter& rows) {
  uint32_t index = event.index;
  for (const std::unique_ptr<google::protobuf::Message>& data : mapper_(event)) {
    if (data == nullptr) continue;
    const std::string type = decider::CaseName(*data);
    if (type.empty()) {
      return absl::InternalError(
          absl::StrCat("a public event made of ", event.type, " has no case set"));
    }
    ClearPersonal(*data);
    const absl::string_view area = event.area.code();
    common::v1::CloudEvent row;
    row.set_id(absl::StrCat(event.service, "/", area, "/", event.seq.value(), "/", index));
    const bool internal = data->GetDescriptor()->name() == kInternalEnvelope;
    row.set_type(
        absl::StrCat("pdp.", event.service, internal ? kInternalPackage : ".v1.", type));
    row.set_source(absl::StrCat("/pdp/", event.service, "/", area));
    row.set_subject(event.aggregate.text());
    *row.mutable_time() = ToTimestamp(event.occurred_at);
    row.set_area(std::string(area));
    row.set_seq(event.seq.value());
    row.set_index(index);
    row.set_correlation_id(event.commit->correlation_id());
    row.set_causation_id(event.commit->causation_id().empty()
                             ? absl::BytesToHexString(event.commit->command_id())
                             : event.commit->causation_id());
    row.set_traceparent(event.commit->traceparent());
    row.set_data(data->SerializeAsString());
    rows.Put(PublicKey(event.seq, index), row);
    index += kIndexStride;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<common::v1::CloudEvent>> ReadPublic(const RowReader& rows, Area area,
                                                               Seq seq, uint32_t index,
                                                               size_t limit) {
  std::vector<common::v1::CloudEvent> events;
  common::v1::CloudEvent row;
  const ScanRange range{.prefix = "", .after_key = PublicKey(seq, index), .limit = limit};
  absl::Status scanned = rows.Scan(area, range, &row, [&](absl::string_view, bool) {
    events.push_back(row);
    return true;
  });
  if (!scanned.ok()) return scanned;
  return events;
}

}  // namespace pdp::projection
