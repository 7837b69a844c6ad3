#ifndef PDP_TESTS_SYSTEM_STORY_H_
#define PDP_TESTS_SYSTEM_STORY_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "pdp/common/v1/cloud_event.pb.h"
#include "tools/demo/journey.h"
#include "tools/demo/platform.h"

// The oracle of the system tests: what a stranger to the platform can read from its feeds, and
// what must hold of it whatever was killed.

namespace pdp::system_test {

// Every public event of a service, in the order of its feed: partition by partition.
absl::StatusOr<std::vector<common::v1::CloudEvent>> PublicEventsOf(demo::Service& service);

// All that the world was told about one journey: a line an event, by partition and person
// ("referral/NAT her", "unpaid_work/N56 his", ...), in order. What differs between two undisturbed
// journeys is replaced by a name: the person's and the referral's identifiers, the organisation
// drawn, dates, instants, positions. Everything else of an event must be equal, and equal once.
using Story = std::map<std::string, std::vector<std::string>>;
absl::StatusOr<Story> StoryOf(const std::map<std::string, std::vector<common::v1::CloudEvent>>& all,
                              const demo::JourneyResult& journey);

// The public events of every service of `platform` that is in `services`.
absl::StatusOr<std::map<std::string, std::vector<common::v1::CloudEvent>>> AllPublicEvents(
    demo::Platform& platform, const std::vector<std::string>& services);

// What differs, line by line; empty when nothing does.
std::string Difference(const Story& expected, const Story& actual);

// Feeds: an id once, and positions that only grow within a partition. Logs: an unbroken hash chain
// in every cell. Returns what is wrong; empty when nothing is.
std::string Faults(demo::Platform& platform, const std::vector<std::string>& services);

demo::Service* ServiceOf(demo::Platform& platform, const std::string& service);

}  // namespace pdp::system_test

#endif  // PDP_TESTS_SYSTEM_STORY_H_
