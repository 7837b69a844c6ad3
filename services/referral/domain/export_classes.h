#ifndef PDP_SERVICES_REFERRAL_DOMAIN_EXPORT_CLASSES_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_EXPORT_CLASSES_H_

#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "pdp/referral/v1/queries.pb.h"

// What of an event a person is shown (REF-101), by the classes that its fields have in
// export.proto. Pure.
namespace pdp::referral {

// The fields that are set, in the order of their numbers, maps by key. A withheld one is named
// without its value, and nothing below it. Values as text: names of codes, instants as RFC 3339.
std::vector<v1::BundleField> ExportFields(const google::protobuf::Message& event);

// Full names of fields, of an event envelope and all it holds, that have no class: the build fails
// when there is one (export_check.cc).
std::vector<std::string> FieldsWithoutClass(const google::protobuf::Descriptor& envelope);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_EXPORT_CLASSES_H_
