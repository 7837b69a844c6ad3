#include "libs/engine/domain.h"

#include "google/protobuf/descriptor.h"
#include "pdp/common/v1/options.pb.h"

namespace pdp::engine {

std::string MarkedSubject(const google::protobuf::Message& envelope) {
  const auto* type = envelope.GetDescriptor();
  const google::protobuf::Message* inner = &envelope;
  if (type->oneof_decl_count() > 0) {
    const auto* set =
        envelope.GetReflection()->GetOneofFieldDescriptor(envelope, type->oneof_decl(0));
    if (set == nullptr || set->message_type() == nullptr) return "";
    inner = &envelope.GetReflection()->GetMessage(envelope, set);
  }
  const auto* inner_type = inner->GetDescriptor();
  for (int i = 0; i < inner_type->field_count(); ++i) {
    const auto* field = inner_type->field(i);
    if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING &&
        !field->is_repeated() && field->options().GetExtension(common::v1::subject)) {
      return inner->GetReflection()->GetString(*inner, field);
    }
  }
  return "";
}

}  // namespace pdp::engine
