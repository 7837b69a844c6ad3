// Run by the build: every field of every event has an export class (REF-101), or the build fails.

#include <cstdio>

#include "pdp/referral/v1/events.pb.h"
#include "services/referral/domain/export_classes.h"

int main() {
  const auto missing = pdp::referral::FieldsWithoutClass(*pdp::referral::v1::Event::descriptor());
  for (const std::string& field : missing) {
    std::fprintf(stderr, "%s has no export class (proto/pdp/referral/v1/export.proto)\n",
                 field.c_str());
  }
  return missing.empty() ? 0 : 1;
}
