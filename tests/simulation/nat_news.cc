#include "tests/simulation/nat_news.h"

#include "absl/strings/str_cat.h"

namespace pdp::sim {

using referral::v1::PublicEvent;

void NatNews::Tell(const PublicEvent& event) {
  ServicePlay::Say(&stream_, "referral", "NAT", event);
}

void NatNews::Change(int count) {
  for (; count > 0; --count) {
    const std::string& crn = AnyCrn();
    PublicEvent event;
    switch (dice_.Below(5)) {
      case 0: {
        static constexpr const char* kSections[] = {"WRITTEN", "ETE", "READING"};
        event.mutable_needs_recorded()->set_crn(crn);
        event.mutable_needs_recorded()->set_section(kSections[dice_.Below(3)]);
        event.mutable_needs_recorded()->set_person_version(++person_version_);
        break;
      }
      case 1:
        event.mutable_risk_recorded()->set_crn(crn);
        event.mutable_risk_recorded()->set_person_version(++person_version_);
        break;
      case 2:
        event.mutable_identity_corrected()->set_crn(crn);
        event.mutable_identity_corrected()->set_person_version(++person_version_);
        break;
      case 3: {
        auto& varied = *event.mutable_requirement_varied();
        varied.set_crn(crn);
        varied.set_sentence_key(crn + "/1");
        varied.set_requirement_key(crn + "/1/1");
        varied.set_sentence_version(++sentence_version_);
        auto& now = *varied.mutable_new_requirement();
        now.set_kind("UPW");
        now.set_unit("HOURS");
        now.set_length(dice_.Between(2, 8) * 20);
        now.set_court_ref("C-1");
        now.set_court_confirmed(true);
        if (dice_.Chance(500)) now.set_window_last_day("2028-06-30");
        break;
      }
      default: {
        auto& changed = *event.mutable_sentence_end_changed();
        changed.set_crn(crn);
        changed.set_sentence_key(crn + "/1");
        changed.set_sentence_version(++sentence_version_);
        changed.set_end_on(absl::StrCat("2028-0", dice_.Between(2, 9), "-15"));
      }
    }
    Tell(event);
  }
}

void NatNews::Happen(int count) {
  for (; count > 0; --count) {
    const std::string& crn = AnyCrn();
    PublicEvent event;
    const uint64_t way = dice_.Below(10);
    if (way < 6) {
      auto& changed = *event.mutable_location_changed();
      changed.set_crn(crn);
      changed.set_person_version(++person_version_);
      changed.set_location(way < 4 ? "CUSTODY" : "COMMUNITY");
      changed.set_from("2024-04-16");
    } else if (way == 6) {
      event.mutable_death_recorded()->set_crn(crn);
      event.mutable_death_recorded()->set_person_version(++person_version_);
    } else if (way < 9) {
      auto& ended = *event.mutable_requirement_ended();
      ended.set_crn(crn);
      ended.set_sentence_key(crn + "/1");
      ended.set_requirement_key(crn + "/1/1");
      ended.set_sentence_version(++sentence_version_);
      ended.set_cause("REVOKED");
      ended.set_on("2024-04-16");
    } else {
      auto& ended = *event.mutable_sentence_ended();
      ended.set_crn(crn);
      ended.set_sentence_key(crn + "/1");
      ended.set_sentence_version(++sentence_version_);
      ended.set_cause("EXPIRED");
      ended.set_on("2024-04-16");
    }
    Tell(event);
  }
}

void NatNews::Restrict(int count) {
  for (; count > 0; --count) {
    const std::string& crn = AnyCrn();
    PublicEvent event;
    auto& restricted = *event.mutable_access_restricted();
    restricted.set_crn(crn);
    restricted.set_person_version(++person_version_);
    restricted.mutable_lists()->add_restricted()->set_user_id("staff-RO");
    Tell(event);
  }
}

void NatNews::Erase(const std::string& crn) {
  PublicEvent event;
  event.mutable_person_erased()->set_crn(crn);
  event.mutable_person_erased()->set_person_version(++person_version_);
  event.mutable_person_erased()->set_request_id("SR-1");
  Tell(event);
}

}  // namespace pdp::sim
