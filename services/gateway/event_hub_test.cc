#include "services/gateway/event_hub.h"

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "pdp/subcontractor/v1/public_events.pb.h"

namespace pdp::gateway {
namespace {

using ::pdp::testing::StatusIs;
using common::v1::CloudEvent;

CloudEvent Event(const std::string& area, uint64_t seq, const std::string& type,
                 const referral::v1::PublicEvent& data) {
  CloudEvent event;
  event.set_id(absl::StrCat("referral/", area, "/", seq, "/0"));
  event.set_type("pdp.referral.v1." + type);
  event.set_area(area);
  event.set_seq(seq);
  event.set_data(data.SerializeAsString());
  return event;
}

CloudEvent Offered(const std::string& area, uint64_t seq, const std::string& org) {
  referral::v1::PublicEvent data;
  data.mutable_referral_offered()->set_referral_id(absl::StrCat("r", seq));
  data.mutable_referral_offered()->set_org(org);
  return Event(area, seq, "ReferralOffered", data);
}

std::vector<std::string> Ids(const EventHub::Page& page) {
  std::vector<std::string> ids;
  for (const auto& frame : page.frames) {
    if (frame.has_event()) ids.push_back(frame.event().id());
  }
  return ids;
}

TEST(EventHubTest, AnEventIsSeenByTheOrganisationItNamesAndByNobodyElse) {
  EventHub hub;
  hub.Add("referral", Offered("N56", 1, "ORG-A"));
  hub.Add("referral", Offered("N56", 2, "ORG-B"));
  ASSERT_OK_AND_ASSIGN(const auto a, hub.Read("ORG-A", false, {}, {}, 10));
  EXPECT_EQ(Ids(a), std::vector<std::string>{"referral/N56/1/0"});
  ASSERT_OK_AND_ASSIGN(const auto c, hub.Read("ORG-C", false, {}, {}, 10));
  EXPECT_TRUE(c.frames.empty());
  ASSERT_OK_AND_ASSIGN(const auto authority, hub.Read("MOJ", true, {}, {}, 10));
  EXPECT_EQ(authority.frames.size(), 2u);
}

TEST(EventHubTest, WhatTellsAboutOtherOrganisationsIsNotWatchable) {
  subcontractor::v1::PublicEvent data;
  data.mutable_referral_apportioned()->set_winner("ORG-A");
  CloudEvent event;
  event.set_type("pdp.subcontractor.v1.ReferralApportioned");
  event.set_data(data.SerializeAsString());
  EXPECT_TRUE(AudienceOf("subcontractor", event).empty());
  referral::v1::PublicEvent person;
  person.mutable_person_registered()->set_crn("X000001");
  EXPECT_TRUE(AudienceOf("referral", Event("NAT", 1, "PersonRegistered", person)).empty());
}

TEST(EventHubTest, RepeatsOfAFeedAreShownOnce) {
  EventHub hub;
  for (const uint64_t seq : {1, 2, 1, 2, 3, 3}) hub.Add("referral", Offered("N56", seq, "A"));
  ASSERT_OK_AND_ASSIGN(const auto page, hub.Read("A", false, {}, {}, 10));
  EXPECT_EQ(page.frames.size(), 3u);
}

TEST(EventHubTest, WhatIsNoLongerKeptIsAGap) {
  EventHub hub(2);
  for (uint64_t seq = 1; seq <= 5; ++seq) hub.Add("referral", Offered("N56", seq, "A"));
  ASSERT_OK_AND_ASSIGN(const auto page, hub.Read("A", false, {}, {}, 10));
  ASSERT_EQ(page.frames.size(), 3u);
  EXPECT_EQ(page.frames[0].gap().to(), 3u);
  EXPECT_EQ(page.frames[0].gap().reason(), "RETENTION");
  EXPECT_EQ(page.frames[1].event().seq(), 4u);
}

TEST(EventHubTest, ATokenFromTheFutureIsRefusedOnceTheFeedHasCaughtUp) {
  EventHub hub;
  hub.Add("referral", Offered("N56", 1, "A"));
  hub.SetCaughtUp("referral", false);
  const WatchPosition ahead = {{{"referral", "N56"}, {9, 0}}};
  EXPECT_OK(hub.Read("A", false, {}, ahead, 10));
  hub.SetCaughtUp("referral", true);
  EXPECT_THAT(hub.Read("A", false, {}, ahead, 10),
              StatusIs(absl::StatusCode::kInvalidArgument, "TOKEN_AHEAD"));
}

// GW-11: whatever the resume points, an area's events are the same, in the same order.
TEST(EventHubTest, AnyResumePointsGiveTheSameEventsPerArea) {
  EventHub hub;
  SplitMix64 random(42);
  std::map<std::string, uint64_t> seq;
  for (int i = 0; i < 500; ++i) {
    const std::string area = random.Below(2) == 0 ? "N56" : "N07";
    hub.Add("referral", Offered(area, ++seq[area], random.Below(3) == 0 ? "B" : "A"));
  }
  const auto read_in_steps = [&](uint64_t steps_seed, uint64_t step_max) {
    SplitMix64 steps(steps_seed);
    std::map<std::string, std::vector<std::string>> by_area;
    WatchPosition position;
    while (true) {
      auto page = hub.Read("A", false, {}, position, 1 + steps.Below(step_max));
      EXPECT_OK(page);
      if (page->frames.empty()) return by_area;
      // Resume after a random frame of the page, as a client that lost the rest would.
      const size_t kept = 1 + steps.Below(page->frames.size());
      for (size_t i = 0; i < kept; ++i) {
        by_area[page->frames[i].event().area()].push_back(page->frames[i].event().id());
      }
      position = page->after[kept - 1];
    }
  };
  const auto whole = read_in_steps(1, 100'000);
  EXPECT_EQ(whole.size(), 2u);
  for (uint64_t seed = 2; seed < 20; ++seed) EXPECT_EQ(read_in_steps(seed, 9), whole) << seed;
}

}  // namespace
}  // namespace pdp::gateway
