#include "services/unpaid_work/projections/fold.h"

#include "google/protobuf/descriptor.h"
#include "pdp/common/v1/options.pb.h"

namespace pdp::unpaid_work {

void DropPersonal(google::protobuf::Message* message) {
  const auto* type = message->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (!field->options().GetExtension(common::v1::personal)) continue;
    message->GetReflection()->ClearField(message, field);
  }
}

}  // namespace pdp::unpaid_work
