#ifndef PDP_SERVICES_REFERRAL_DOMAIN_WRAP_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_WRAP_H_

#include <utility>

#include "google/protobuf/descriptor.h"
#include "libs/base/check.h"
#include "pdp/referral/v1/events.pb.h"

namespace pdp::referral {

// Puts an event into its envelope: the case of v1::Event that holds this type. Each type is the
// type of exactly one case (a test walks them), so the case follows from it.
template <typename E>
v1::Event Wrap(E event) {
  static const google::protobuf::FieldDescriptor* const field = [] {
    const google::protobuf::OneofDescriptor* cases = v1::Event::descriptor()->oneof_decl(0);
    for (int i = 0; i < cases->field_count(); ++i) {
      if (cases->field(i)->message_type() == E::descriptor()) return cases->field(i);
    }
    return static_cast<const google::protobuf::FieldDescriptor*>(nullptr);
  }();
  PDP_CHECK(field != nullptr, "the event has a case in its envelope");
  v1::Event envelope;
  *static_cast<E*>(envelope.GetReflection()->MutableMessage(&envelope, field)) = std::move(event);
  return envelope;
}

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_WRAP_H_
