#include "services/subcontractor/processes/charger.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "libs/base/log.h"
#include "pdp/subcontractor/v1/commands.pb.h"

namespace pdp::subcontractor {

using common::v1::DeliveryFact;

const DeliveryFact* FactOf(const google::protobuf::Message& public_event) {
  const auto* reflection = public_event.GetReflection();
  const auto* type = public_event.GetDescriptor();
  if (type->oneof_decl_count() == 0) return nullptr;
  const auto* set = reflection->GetOneofFieldDescriptor(public_event, type->oneof_decl(0));
  if (set == nullptr || set->message_type() == nullptr) return nullptr;
  const google::protobuf::Message& event = reflection->GetMessage(public_event, set);
  for (int i = 0; i < set->message_type()->field_count(); ++i) {
    const auto* field = set->message_type()->field(i);
    if (field->message_type() != DeliveryFact::descriptor() || field->is_repeated()) continue;
    if (!event.GetReflection()->HasField(event, field)) continue;
    return static_cast<const DeliveryFact*>(&event.GetReflection()->GetMessage(event, field));
  }
  return nullptr;
}

std::vector<projection::Subscription> Charger::subscriptions() const {
  std::vector<projection::Subscription> result;
  for (const auto& [service, prototype] : sources_) {
    result.push_back({.service = service, .partitions = projection::Partitions::kOwn});
  }
  return result;
}

absl::Status Charger::React(const common::v1::CloudEvent& event,
                            projection::ProcessContext& context) {
  // pdp.<service>.v1.<Event>
  for (const auto& [service, prototype] : sources_) {
    if (event.type().rfind(absl::StrCat("pdp.", service, ".v1."), 0) != 0) continue;
    const std::unique_ptr<google::protobuf::Message> data(prototype->New());
    if (!data->ParseFromString(event.data())) return absl::OkStatus();
    const DeliveryFact* fact = FactOf(*data);
    if (fact == nullptr || fact->fact_id().empty()) return absl::OkStatus();
    const auto area = Area::FromCode(fact->area());
    if (!area || area->is_nat()) {
      PDP_LOG(ERROR) << "the fact " << fact->fact_id() << " has no area";
      return absl::OkStatus();
    }
    v1::Command command;
    if (fact->cancelled()) {
      *command.mutable_reverse_fact()->mutable_fact() = *fact;
    } else {
      *command.mutable_accrue_fact()->mutable_fact() = *fact;
    }
    const engine::CommandOutcome outcome =
        context.Execute(absl::StrCat("charge/", fact->area()), command, *area);
    const std::string refusal = projection::RefusalOf(outcome);
    if (refusal.empty()) return projection::Done(outcome);
    return RaiseTask(*fact, *area, refusal, context);
  }
  return absl::OkStatus();
}

absl::Status Charger::RaiseTask(const DeliveryFact& fact, Area area, const std::string& code,
                                projection::ProcessContext& context) {
  v1::Command command;
  *command.mutable_raise_charge_task()->mutable_fact() = fact;
  command.mutable_raise_charge_task()->set_code(code);
  const engine::CommandOutcome outcome =
      context.Execute(absl::StrCat("task/", fact.area()), command, area);
  if (const std::string refusal = projection::RefusalOf(outcome); !refusal.empty()) {
    PDP_LOG(ERROR) << "the fact " << fact.fact_id() << " was neither charged (" << code
                   << ") nor made a task (" << refusal << ")";
  }
  return projection::Done(outcome);
}

}  // namespace pdp::subcontractor
