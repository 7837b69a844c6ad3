// The keys of drafts, through the service and its processes.

#include <functional>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "libs/privacy/key_vault.h"
#include "services/referral/processes/erasure.h"
#include "services/referral/testing/service_world.h"

namespace pdp::referral {
namespace {

void AddProcesses(host::ServiceHost& host) {
  using ProcessPtr = std::unique_ptr<projection::Process>;
  host.AddProcess([&host](Area area) -> ProcessPtr {
    if (area.is_nat()) return std::make_unique<Erasures>(host);
    return std::make_unique<AreaErasures>(host);
  });
  host.AddProcess([&host](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<DraftKeys>(host);
  });
}

class DraftKeysTest : public ServiceWorld {
 protected:
  DraftKeysTest() : ServiceWorld(AddProcesses) {}

  // Processes are threads: what they do is waited for.
  static bool Until(const std::function<bool()>& holds) {
    for (int i = 0; i < 1'500; ++i) {
      if (holds()) return true;
      absl::SleepFor(absl::Milliseconds(20));
    }
    return false;
  }
};

// REF-32: gone with the draft, and with the person.
TEST_F(DraftKeysTest, WhatWasWrittenInADraftGoesWithItsKey) {
  Register("T000001", "Field", "Sam");
  const auto write = [this] {
    const std::string id = Open("T000001");
    Save(id, "contact { address: '1 High Street' }");
    return id;
  };
  const auto address = [this](const std::string& id) {
    v1::HistoryRequest request;
    request.set_area("N56");
    request.set_aggregate_id("referral/" + id);
    *request.mutable_actor() = Actor("RO");
    v1::HistoryReply reply;
    EXPECT_TRUE(Ask(&Stub::History, request, &reply).ok());
    for (const v1::HistoryEntry& entry : reply.entries()) {
      for (const v1::FieldChange& change : entry.changes()) {
        if (absl::StrContains(change.new_value(), "High Street")) return true;
      }
    }
    return false;
  };
  const auto key_is_gone = [this](const std::string& id) {
    return absl::IsNotFound(host_->vault().Find("draft/T000001/" + id).status());
  };
  const std::string discarded = write(), expires = write();
  EXPECT_TRUE(address(discarded));
  EXPECT_FALSE(key_is_gone(discarded));
  ASSERT_EQ(Send("N56", "RO", "discard_draft { referral_id: '" + discarded + "' }"), "");
  ASSERT_TRUE(Until([&] { return key_is_gone(discarded); }));
  EXPECT_FALSE(address(discarded));
  EXPECT_TRUE(address(expires));
  Later(absl::Hours(24 * 32));
  ASSERT_TRUE(Until([&] { return key_is_gone(expires); }));
  EXPECT_FALSE(address(expires));
  EXPECT_TRUE(host_->vault().Find("T000001").ok()) << "the person's own stays";
  // Of a draft that stands the key goes with the person's.
  const std::string submitted = Submit("T000001");
  ASSERT_EQ(Send("N56", "RO", "withdraw_referral { referral_id: '" + submitted + "' code: 'MOV' }"),
            "");
  ASSERT_EQ(Send("NAT", "SYS", "release_slot { crn: 'T000001' key: 'COGNITIVE|T000001/1' "
                               "referral_id: '" + submitted + "' }"), "");
  EXPECT_FALSE(key_is_gone(submitted));
  ASSERT_EQ(Send("NAT", "DP", "open_subject_request { crn: 'T000001' kind: ERASURE basis: "
                              "'COURT_ORDER' }"), "");
  v1::ExecuteRequest call;
  call.mutable_command()->mutable_approve_erasure()->set_request_id(
      reply_.reply().subject_request().request_id());
  call.mutable_header()->set_command_id(Random::System().Bytes(16));
  *call.mutable_header()->mutable_actor() = Actor("DP");
  call.mutable_header()->mutable_actor()->set_id("another");
  call.set_area("NAT");
  grpc::ClientContext context;
  const grpc::Status status = stub_->Execute(&context, call, &reply_);
  ASSERT_TRUE(status.ok()) << Reason(status);
  EXPECT_TRUE(Until([&] { return key_is_gone(submitted); }));
}

// REF-24, REF-32: also what the records said when a court's requirement opened it.
TEST_F(DraftKeysTest, WhatACourtsDraftBeginsWithIsSealedUnderItsOwnKey) {
  Register("T000001", "Field", "Sam",
           absl::StrCat("requirements { no: 2 ext_main: 'W' length: 80 unit: 'HOURS' "
                        "imposed_on: '", Day(-60), "' }"));
  ASSERT_EQ(Send("N56", "SYS",
                 "open_referral { crn: 'T000001' line: 'UPW' origin: 'REQUIREMENT' sentence_key: "
                 "'T000001/1' requirement_key: 'T000001/1/2' }"), "");
  const std::string id = reply_.reply().open_referral().referral_id();
  const auto read = [&] { return host_->cell(*Area::FromCode("N56"))->ReadState(ReferralId(id)); };
  const auto before = read();
  ASSERT_OK(before.status());
  EXPECT_EQ(static_cast<const v1::State&>(*before->state)
                .referral().sections().at("PERSON").person().name().given(), "Sam");
  ASSERT_OK(host_->vault().Destroy("draft/T000001/" + id));
  v1::HistoryRequest request;
  request.set_area("N56");
  request.set_aggregate_id("referral/" + id);
  *request.mutable_actor() = Actor("RO");
  v1::HistoryReply reply;
  ASSERT_TRUE(Ask(&Stub::History, request, &reply).ok());
  EXPECT_GT(reply.entries_size(), 1);
  EXPECT_FALSE(absl::StrContains(reply.DebugString(), "Sam"));
  EXPECT_TRUE(host_->vault().Find("T000001").ok());
}

// REF-102: the section has a key of its own, the draft that keeps it has the person's.
TEST_F(DraftKeysTest, NothingIsSavedInADraftOfAPersonWhoseKeyIsGone) {
  Register("T000001", "Field", "Sam");
  const std::string id = Open("T000001");
  ASSERT_OK(host_->vault().Destroy("T000001"));
  EXPECT_EQ(Send("N56", "RO", "save_section { referral_id: '" + id +
                                  "' section { contact { address: '1 High Street' } } }"),
            "PERSON_ERASED");
}

}  // namespace
}  // namespace pdp::referral
