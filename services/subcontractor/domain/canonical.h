#ifndef PDP_SERVICES_SUBCONTRACTOR_DOMAIN_CANONICAL_H_
#define PDP_SERVICES_SUBCONTRACTOR_DOMAIN_CANONICAL_H_

#include <string>

#include "google/protobuf/message.h"

namespace pdp::subcontractor {

// The text that a signature signs: one line `path=value\n` a set field, in the order of the field
// numbers, lists in their own order as `path[0]`. Enums by name, bytes as hexadecimal, a line break
// inside a text as `\n`. Unlike serialized protobuf it is the same in every language and for ever,
// and a person can read it.
//
//   scope[0].service=TSP
//   scope[0].pdus[0]=N56ESSEX
//   payment_days=30
std::string CanonicalText(const google::protobuf::Message& message);

// SHA-256 of "{title}\n" + CanonicalText, hexadecimal. `title` names what is signed, e.g.
// "pdp-term-sheet-v1|SC-1|1".
std::string SignedHash(const std::string& title, const google::protobuf::Message& message);

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_DOMAIN_CANONICAL_H_
