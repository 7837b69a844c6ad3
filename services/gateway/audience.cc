#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "services/gateway/event_hub.h"

namespace pdp::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// GW-6: what is watchable, and in which fields of the event the organisation stands. An event that
// says something about other organisations than those named is not listed (ReferralApportioned
// tells who was excluded and why).
struct Watchable {
  const char* type;
  const char* fields;
};
constexpr Watchable kWatchable[] = {
    {"pdp.referral.v1.ReferralOffered", "org"},
    {"pdp.referral.v1.OfferDeclined", "org"},
    {"pdp.referral.v1.OfferLapsed", "org"},
    {"pdp.referral.v1.ReferralAccepted", "org"},
    {"pdp.referral.v1.ReferralReturned", "org"},
    {"pdp.referral.v1.DeliveryStarted", "org"},
    {"pdp.referral.v1.DeliveryEnded", "org"},
    {"pdp.referral.v1.ReferralWithdrawn", "org"},
    {"pdp.referral.v1.ReferralConcluded", "org"},
    {"pdp.referral.v1.ReferralReopened", "org"},
    {"pdp.referral.v1.SlaClockBreached", "org"},
    {"pdp.referral.v1.SlaClockBreachReversed", "org"},
    {"pdp.programmes.v1.EnrolmentAllocated", "holder_org"},
    {"pdp.programmes.v1.ProgrammeStarted", "holder_org"},
    {"pdp.programmes.v1.ProgrammeCompleted", "holder_org"},
    {"pdp.programmes.v1.EnrolmentEnded", "holder_org"},
    {"pdp.programmes.v1.AttendanceRecorded", "holder_org fact.delivery_org"},
    {"pdp.programmes.v1.AttendanceCorrected", "holder_org fact.delivery_org"},
    {"pdp.programmes.v1.SessionHeld", "fact.delivery_org"},
    {"pdp.unpaid_work.v1.OutcomeRecorded", "fact.delivery_org"},
    {"pdp.unpaid_work.v1.OutcomeCorrected", "fact.delivery_org"},
    {"pdp.unpaid_work.v1.OutcomeDefaulted", "fact.delivery_org"},
    {"pdp.unpaid_work.v1.SessionRun", "fact.delivery_org"},
    {"pdp.unpaid_work.v1.RequirementHoursDone", "org fact.delivery_org"},
    {"pdp.subcontractor.v1.SubcontractActivated", "org"},
    {"pdp.subcontractor.v1.PrimeContractActivated", "org"},
    {"pdp.subcontractor.v1.PoolMemberJoined", "org"},
    {"pdp.subcontractor.v1.PoolMemberLeft", "org"},
    {"pdp.subcontractor.v1.AllocationRefunded", "org"},
    {"pdp.subcontractor.v1.AllocationConsumed", "org"},
};

void Collect(const Message& message, absl::string_view path, std::set<std::string>* found) {
  const std::vector<std::string> parts = absl::StrSplit(path, absl::MaxSplits('.', 1));
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(parts[0]);
  if (field == nullptr || field->is_repeated()) return;
  if (parts.size() == 2 && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    Collect(message.GetReflection()->GetMessage(message, field), parts[1], found);
  } else if (parts.size() == 1 && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    std::string org = message.GetReflection()->GetString(message, field);
    if (!org.empty()) found->insert(std::move(org));
  }
}

const char* FieldsOf(const std::string& type) {
  static const auto* const table = [] {
    auto* rows = new std::map<std::string, const char*>;
    for (const Watchable& row : kWatchable) rows->emplace(row.type, row.fields);
    return rows;
  }();
  const auto it = table->find(type);
  return it == table->end() ? nullptr : it->second;
}

}  // namespace

std::set<std::string> AudienceOf(const std::string& service, const common::v1::CloudEvent& event) {
  std::set<std::string> audience;
  const char* fields = FieldsOf(event.type());
  if (fields == nullptr) return audience;
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      absl::StrCat("pdp.", service, ".v1.PublicEvent"));
  if (type == nullptr) return audience;
  const Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
  const std::unique_ptr<Message> envelope(prototype->New());
  if (!envelope->ParseFromString(event.data()) || type->oneof_decl_count() == 0) return audience;
  const FieldDescriptor* set =
      envelope->GetReflection()->GetOneofFieldDescriptor(*envelope, type->oneof_decl(0));
  if (set == nullptr) return audience;
  const Message& inner = envelope->GetReflection()->GetMessage(*envelope, set);
  for (const absl::string_view path : absl::StrSplit(fields, ' ')) Collect(inner, path, &audience);
  return audience;
}

}  // namespace pdp::gateway
