// The upcaster: every version of an event that was ever written is lifted once by each lift from
// its version on, in order; a newer one is refused and not touched.

#include <cstdint>
#include <string>

#include "google/protobuf/wrappers.pb.h"
#include "libs/base/check.h"
#include "libs/record/upcaster.h"
#include "pdp/log/v1/record.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Types with 0, 1, 2 and 5 lifts; each lift writes down that it ran.
  static const pdp::record::Upcaster* const upcaster = [] {
    auto* made = new pdp::record::Upcaster;
    const auto chain = [made](const char* type, uint32_t lifts) {
      for (uint32_t from = 1; from <= lifts; ++from) {
        made->Add(type, from, [from](google::protobuf::Message& event) {
          static_cast<pdp::log::v1::RecordedEvent&>(event).mutable_payload()->push_back(
              static_cast<char>('0' + from));
        });
      }
    };
    chain("One", 1);
    chain("Two", 2);
    chain("Five", 5);
    return made;
  }();
  // The event is whatever parses: the lifts see fields of every shape.
  pdp::log::v1::RecordedEvent event;
  if (!event.ParseFromArray(data, static_cast<int>(size))) return 0;
  const std::string type = event.type();
  const uint32_t schema = event.schema();
  const std::string before = event.payload();
  const uint32_t known = type == "One" ? 2 : type == "Two" ? 3 : type == "Five" ? 6 : 1;
  PDP_CHECK(upcaster->Current(type) == known, "a type has one version more than lifts");
  const absl::Status lifted = upcaster->LiftToCurrent(type, schema, &event);
  if (schema > known) {
    PDP_CHECK(absl::IsFailedPrecondition(lifted), "a newer event is refused");
    PDP_CHECK(event.payload() == before, "and not touched");
    return 0;
  }
  PDP_CHECK(lifted.ok(), "what was ever written is lifted");
  std::string expected = before;
  for (uint32_t from = schema == 0 ? 1 : schema; from < known; ++from) {
    expected += static_cast<char>('0' + from);
  }
  PDP_CHECK(event.payload() == expected, "every lift from its version on, once, in order");
  return 0;
}
