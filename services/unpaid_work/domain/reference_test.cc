// Reference data is well-formed, and every field of events and state is decided (design, 6).

#include <set>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "pdp/common/v1/options.pb.h"
#include "pdp/unpaid_work/v1/public_events.pb.h"
#include "services/unpaid_work/domain/policy.h"
#include "services/unpaid_work/domain/unpaid_work.h"

namespace pdp::unpaid_work {
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

TEST(PrivacyTest, WhatIsSealedHasASubject) {
  EXPECT_EQ(UnpaidWork::SubjectOf(CaseId("T000001")), "T000001");
  EXPECT_EQ(UnpaidWork::SubjectOf(SupervisorId("S1")), "supervisor/S1");
  EXPECT_EQ(UnpaidWork::SubjectOf(ProjectId("N56-001")), "project/N56-001");
  EXPECT_EQ(UnpaidWork::SubjectOf(SessionId("N56-001.20240501.1")), "");
}

// A session has no subject: nothing of it may be personal.
TEST(PrivacyTest, SessionsAndPublicEventsHoldNothingPersonal) {
  std::set<const Descriptor*> seen;
  std::vector<const Descriptor*> types = {v1::Session::descriptor(),
                                          v1::PublicEvent::descriptor()};
  while (!types.empty()) {
    const Descriptor* type = types.back();
    types.pop_back();
    if (!seen.insert(type).second) continue;
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      EXPECT_FALSE(field->options().GetExtension(common::v1::personal)) << field->full_name();
      if (field->message_type() != nullptr) types.push_back(field->message_type());
    }
  }
}

TEST(ReferenceTest, PolicyRowsHaveABasisASourceAndARealDate) {
  std::set<std::string> keys;
  for (const v1::PolicyRow& row : ShippedPolicySet().rows()) {
    EXPECT_TRUE(row.basis() == "ORDER" || row.basis() == "WORK" || row.basis() == "NOW")
        << row.key();
    EXPECT_FALSE(row.source().empty()) << row.key();
    if (row.effective_from().empty()) {
      EXPECT_FALSE(row.reason().empty()) << row.key() << " ships out of force without a reason";
    } else {
      EXPECT_TRUE(ParseDate(row.effective_from()).has_value()) << row.key();
    }
    EXPECT_TRUE(keys.insert(absl::StrCat(row.key(), "@", row.effective_from())).second)
        << row.key() << " twice from one day";
  }
}

// Section 11: attended / enforceable / fault, and what may be recorded before the start.
TEST(ReferenceTest, OutcomesAreThoseOfTheSpecification) {
  struct Row {
    const char* code;
    bool attended, enforceable;
    v1::Fault fault;
    bool before;
  };
  const std::vector<Row> rows = {
      {"ATTC", true, false, v1::FAULT_NONE, false},
      {"ATCH", true, false, v1::FAULT_NONE, false},
      {"AFTC", true, true, v1::FAULT_PERSON, false},
      {"ATSH", true, true, v1::FAULT_PERSON, false},
      {"ATSS", true, false, v1::FAULT_SERVICE, false},
      {"AFDA", true, false, v1::FAULT_NONE, false},
      {"AASD", false, false, v1::FAULT_SERVICE, true},
      {"RSSR", false, false, v1::FAULT_SERVICE, true},
      {"RSOF", false, false, v1::FAULT_NONE, true},
      {"AAME", false, false, v1::FAULT_NONE, true},
      {"AAEM", false, false, v1::FAULT_NONE, true},
      {"AAFC", false, false, v1::FAULT_NONE, true},
      {"AACL", false, false, v1::FAULT_NONE, true},
      {"AARC", false, false, v1::FAULT_NONE, true},
      {"APEN", false, false, v1::FAULT_PERSON, false},
      {"UACP", false, true, v1::FAULT_PERSON, false},
      {"ATFI", false, true, v1::FAULT_PERSON, false},
  };
  ASSERT_EQ(static_cast<size_t>(ShippedCodes().outcomes_size()), rows.size());
  for (const Row& row : rows) {
    const v1::OutcomeCode* code = FindOutcome(row.code);
    ASSERT_NE(code, nullptr) << row.code;
    EXPECT_EQ(code->attended(), row.attended) << row.code;
    EXPECT_EQ(code->enforceable(), row.enforceable) << row.code;
    EXPECT_EQ(code->fault(), row.fault) << row.code;
    EXPECT_EQ(code->allowed_before_start(), row.before) << row.code;
    EXPECT_EQ(code->attended(), code->status() == v1::APPOINTMENT_ATTENDED) << row.code;
  }
}

TEST(ReferenceTest, AnswerRulesNameKnownSectionsAndFormats) {
  for (const v1::AnswerRule& rule : ShippedCodes().answer_rules()) {
    EXPECT_TRUE(KnownCode("section", rule.section())) << rule.section();
    for (const std::string& format : rule.formats()) {
      EXPECT_TRUE(KnownCode("written_format", format)) << format;
    }
    for (const std::string& tag : rule.support_needs()) {
      EXPECT_TRUE(KnownCode("support_tag", tag)) << tag;
    }
  }
}

}  // namespace
}  // namespace pdp::unpaid_work
