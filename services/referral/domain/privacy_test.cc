#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "pdp/common/v1/options.pb.h"
#include "pdp/referral/v1/events.pb.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "pdp/referral/v1/state.pb.h"

// Every field of every event and state is decided: personal, or clear with a reason (design, 6).
namespace pdp::referral {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

void FindUndecided(const Descriptor* type, const std::string& path,
                   std::vector<std::string>& undecided) {
  if (!type->options().GetExtension(common::v1::all_clear).empty()) return;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const auto& options = field->options();
    if (options.GetExtension(common::v1::personal) ||
        !options.GetExtension(common::v1::clear).empty()) {
      continue;
    }
    const std::string name = absl::StrCat(path, ".", field->name());
    const bool descends = field->message_type() != nullptr && !field->is_repeated() &&
                          field->message_type()->full_name().rfind("pdp.", 0) == 0;
    if (descends) {
      FindUndecided(field->message_type(), name, undecided);
    } else {
      undecided.push_back(name);
    }
  }
}

TEST(PrivacyTest, EveryFieldOfEventsAndStateIsDecided) {
  std::vector<std::string> undecided;
  FindUndecided(v1::Event::descriptor(), "Event", undecided);
  FindUndecided(v1::State::descriptor(), "State", undecided);
  EXPECT_TRUE(undecided.empty()) << ::testing::PrintToString(undecided);
}

TEST(PrivacyTest, AnEventWithPersonalFieldsNamesItsSubject) {
  const Descriptor* envelope = v1::Event::descriptor();
  for (int i = 0; i < envelope->field_count(); ++i) {
    const Descriptor* event = envelope->field(i)->message_type();
    bool personal = false, subject = false;
    for (int j = 0; j < event->field_count(); ++j) {
      personal = personal || event->field(j)->options().GetExtension(common::v1::personal);
      subject = subject || event->field(j)->options().GetExtension(common::v1::subject);
    }
    EXPECT_TRUE(!personal || subject) << event->name();
  }
}

TEST(PrivacyTest, PublicEventsHaveNoPersonalTypes) {
  const Descriptor* envelope = v1::PublicEvent::descriptor();
  for (int i = 0; i < envelope->field_count(); ++i) {
    const Descriptor* event = envelope->field(i)->message_type();
    for (int j = 0; j < event->field_count(); ++j) {
      const FieldDescriptor* field = event->field(j);
      EXPECT_FALSE(field->options().GetExtension(common::v1::personal)) << field->full_name();
      if (field->message_type() == nullptr ||
          field->message_type()->full_name().rfind("pdp.", 0) != 0) {
        continue;
      }
      EXPECT_FALSE(field->message_type()->options().GetExtension(common::v1::all_clear).empty())
          << field->full_name();
    }
  }
}

}  // namespace
}  // namespace pdp::referral
