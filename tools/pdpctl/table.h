#ifndef PDP_TOOLS_PDPCTL_TABLE_H_
#define PDP_TOOLS_PDPCTL_TABLE_H_

#include <string>

#include "google/protobuf/message.h"

namespace pdp::pdpctl {

// The lists of a reply for people: one table a list, a column a field that any row has, named as in
// JSON. Texts, numbers and codes as they are, lists of them with commas, instants to the second;
// fields of a message inside a row as draft.reference, deeper ones are left out. What the reply has
// beside its lists stands below as `name: value`. "nothing" when there is nothing.
//
//   reference  crn      state    line       org
//   GY7-MVMT   X900001  OFFERED  PROGRAMME  S01
std::string ToTable(const google::protobuf::Message& reply);

}  // namespace pdp::pdpctl

#endif  // PDP_TOOLS_PDPCTL_TABLE_H_
