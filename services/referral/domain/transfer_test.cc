#include "gmock/gmock.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/story.h"

// Transfer between areas: REF-94, REF-95.
namespace pdp::referral {
namespace {

using ::testing::ElementsAre;

class TransferTest : public ::testing::Test {
 protected:
  TransferTest() {
    target_.In("N07");
    target_.At("2025-09-04T09:00:00Z");
  }
  Story::World::Result Request(const std::string& to = "N07", const char* role = "RO",
                               const std::string& code = "PERSON_MOVED") {
    return story_.Area(role, absl::StrCat("request_transfer { referral_id: '", story_.id,
                                          "' to_area: '", to, "' code: '", code, "' }"));
  }
  Story::World::Result Do(const char* role, const std::string& command,
                          const std::string& more = "") {
    return story_.Area(role,
                       absl::StrCat(command, " { referral_id: '", story_.id, "' ", more, " }"));
  }
  // As the process of the target does.
  Story::World::Result Receive() {
    v1::Command command;
    v1::ReceiveHandoff* receive = command.mutable_receive_handoff();
    *receive->mutable_snapshot() = story_.referral();
    receive->set_version(seal_.value());
    receive->set_from_area("N56");
    receive->set_resume_state(handed_off_.resume_state());
    receive->set_pdu("PDU9");
    return target_.As("system", {"SYS"}).When(command);
  }
  void Accept() {
    const auto accepted = Do("AM", "accept_transfer");
    ASSERT_EQ(accepted.reason(), "");
    for (const auto& emitted : accepted.events) {
      if (!emitted.event.has_referral_handed_off()) continue;
      handed_off_ = emitted.event.referral_handed_off();
      seal_ = emitted.version;
    }
  }
  void Move() {
    ASSERT_EQ(Request().reason(), "");
    Accept();
    ASSERT_EQ(Receive().reason(), "");
  }
  const v1::Referral& moved() const { return target_.Find(ReferralId(story_.id))->referral(); }
  const v1::SlaClock& clock(const std::string& code) const {
    const v1::SlaClock* found = nullptr;
    for (const v1::SlaClock& clock : moved().clocks()) {
      if (clock.code() == code) found = &clock;
    }
    static const v1::SlaClock none;
    return found == nullptr ? none : *found;
  }
  Story story_;
  Story::World target_;
  v1::ReferralHandedOff handed_off_;
  // What the published event says.
  Version seal_;
};

// REF-94.
TEST_F(TransferTest, TheTargetGoesOnBehindTheSealWithIdAndReference) {
  story_.Route();
  ASSERT_EQ(Request().event_names(),
            "TransferRequested, SlaClockPaused, SlaClockPaused, SlaClockStarted");
  EXPECT_EQ(story_.clock("TRANSFER").due_on(), "2025-09-08") << "5 working days";
  EXPECT_EQ(story_.clock("PLACEMENT").status(), v1::SlaClock::PAUSED);
  story_.At("2025-09-04T09:00:00Z");
  Accept();
  EXPECT_EQ(story_.state(), "MOVED");
  EXPECT_EQ(story_.clock("TRANSFER").status(), v1::SlaClock::MET);
  // Until the target has it: on its way; then: gone, and where to.
  const auto between = Do("RO", "withdraw_referral", "code: 'MOV'");
  EXPECT_EQ(between.reason(), "REFERRAL_IN_TRANSIT");
  const auto received = Receive();
  EXPECT_EQ(received.events[0].version, seal_.Next()) << "v + 1";
  EXPECT_EQ(moved().reference(), story_.referral().reference());
  EXPECT_EQ(moved().area(), "N07");
  EXPECT_EQ(moved().pdu(), "PDU9");
  EXPECT_EQ(Receive().reason(), "ALREADY_RECEIVED");
  ASSERT_EQ(Do("SYS", "confirm_handoff", absl::StrCat("version: ", seal_.value())).reason(), "");
  const auto after = Do("RO", "withdraw_referral", "code: 'MOV'");
  EXPECT_EQ(after.reason(), "REFERRAL_MOVED");
  EXPECT_EQ(after.rejected().metadata.at("area"), "N07");
  EXPECT_EQ(story_.area.VersionOf(ReferralId(story_.id)), seal_) << "nothing follows the seal";
}

// Every clock that runs is over before the stream is sealed.
TEST_F(TransferTest, TheSealIsTheLastEventAndItsConfirmationSaysMoved) {
  story_.Route();
  ASSERT_EQ(story_.Offer(1, "ORG-A").reason(), "");
  ASSERT_EQ(Request().reason(), "");
  const auto accepted = Do("AM", "accept_transfer");
  EXPECT_EQ(accepted.event_names(),
            "TransferAccepted, SlaClockMet, SlaClockCancelled, SlaClockCancelled, "
            "SlaClockCancelled, ReferralHandedOff");
  seal_ = accepted.events.back().version;
  handed_off_ = accepted.events.back().event.referral_handed_off();
  EXPECT_EQ(story_.referral().transfer().sealed_version(), seal_.value());
  EXPECT_EQ(Do("AA", "rescind_offer").reason(), "REFERRAL_IN_TRANSIT");
  EXPECT_EQ(Receive().events[0].version, seal_.Next());
  ASSERT_EQ(Do("SYS", "confirm_handoff", absl::StrCat("version: ", seal_.value())).reason(), "");
  EXPECT_EQ(Do("AA", "rescind_offer").reason(), "REFERRAL_MOVED");
}

// Found by the fuzzer: an offer that nobody made would be rescinded.
TEST_F(TransferTest, TheTargetGoesOnOnlyWhereAHandoffLeaves) {
  v1::Command command;
  v1::ReceiveHandoff* receive = command.mutable_receive_handoff();
  receive->mutable_snapshot()->set_id("0b0f6b1e-0000-4000-8000-000000000001");
  receive->mutable_snapshot()->set_origin_crn("Z000001");
  receive->set_version(7);
  receive->set_from_area("N56");
  for (const v1::ReferralState state :
       {v1::DRAFT, v1::OFFERED, v1::UNPLACED, v1::ACCEPTED, v1::ASSIGNED, v1::IN_DELIVERY,
        v1::ENDED, v1::CONCLUDED, v1::CLOSED, v1::MOVED, v1::REFERRAL_STATE_UNSPECIFIED}) {
    receive->set_resume_state(state);
    EXPECT_EQ(target_.As("system", {"SYS"}).When(command).reason(), "VALIDATION_FAILED")
        << v1::ReferralState_Name(state);
  }
  receive->set_resume_state(v1::ROUTED);
  EXPECT_EQ(target_.When(command).reason(), "");
}

TEST_F(TransferTest, RequestRefusalsComeInOrder) {
  story_.RegisterPersonAndSentence();
  story_.OpenProgramme();
  EXPECT_EQ(Request().reason(), "STATE_FORBIDS_COMMAND") << "a draft stays";
  story_ = Story();
  story_.Route();
  EXPECT_EQ(Request("N07", "AM").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(Request("N07", "RO", "WHIM").reason(), "VALIDATION_FAILED");
  EXPECT_EQ(Request("N41").reason(), "UNKNOWN_AREA");
  EXPECT_EQ(Request("NAT").reason(), "UNKNOWN_AREA");
  EXPECT_EQ(Request("N56").reason(), "SAME_AREA");
  for (const char* command : {"cancel_transfer", "accept_transfer"}) {
    EXPECT_EQ(Do("AA", command).reason(), "NO_TRANSFER_PENDING") << command;
  }
  EXPECT_EQ(Do("AA", "refuse_transfer", "code: 'OTHER'").reason(), "NO_TRANSFER_PENDING");
  ASSERT_EQ(Request().reason(), "");
  EXPECT_EQ(Request("N51").reason(), "TRANSFER_PENDING");
  EXPECT_EQ(Do("RO", "accept_transfer").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(Do("RO", "refuse_transfer", "code: 'OTHER'").reason(), "NOT_AUTHORISED");
}

TEST_F(TransferTest, RefusedOrCancelledTheClocksGoOn) {
  story_.Route();
  ASSERT_EQ(story_.clock("PLACEMENT").due_on(), "2025-09-08");
  ASSERT_EQ(Request().reason(), "");
  story_.At("2025-09-03T09:00:00Z");
  EXPECT_EQ(Do("AA", "refuse_transfer", "code: 'NOT_RESIDENT'").event_names(),
            "TransferRefused, SlaClockMet, SlaClockResumed, SlaClockResumed");
  EXPECT_EQ(story_.clock("PLACEMENT").due_on(), "2025-09-09")
      << "one working day was lost: the 2nd; the day of the request is day 0, the 3rd counts again";
  ASSERT_EQ(Request().reason(), "");
  EXPECT_EQ(Do("RO", "cancel_transfer").event_names(),
            "TransferCancelled, SlaClockMet, SlaClockResumed, SlaClockResumed");
  EXPECT_EQ(story_.clock("PLACEMENT").due_on(), "2025-09-09") << "on one day: no effect";
}

// REF-95, state by state.
TEST_F(TransferTest, ResumesWhereTheTargetCanGoOn) {
  story_.Route("sara: LOW");
  ASSERT_EQ(story_.state(), "NEEDS_INFO");
  Move();
  EXPECT_EQ(moved().state(), v1::NEEDS_INFO);
  EXPECT_EQ(clock("DECISION").status(), v1::SlaClock::PAUSED) << "still waits for information";
  EXPECT_EQ(clock("DECISION").remaining_days(), 2);
}

TEST_F(TransferTest, AnOpenOfferIsRescindedAndTheRouteDecidedAgain) {
  story_.Route();
  ASSERT_EQ(story_.Offer(1, "ORG-A").reason(), "");
  Move();
  EXPECT_TRUE(handed_off_.offer_open());
  EXPECT_EQ(handed_off_.open_round(), 1);
  EXPECT_EQ(moved().state(), v1::SUBMITTED);
  EXPECT_EQ(moved().rounds(0).result(), v1::Round::RESCINDED);
  EXPECT_EQ(NextRound(moved()), 2) << "rounds never restart, not even in another area";
}

TEST_F(TransferTest, AQueuedRoundIsUsedUp) {
  story_.Route();
  Move();
  EXPECT_EQ(handed_off_.open_round(), 1);
  EXPECT_FALSE(handed_off_.offer_open());
  EXPECT_EQ(moved().rounds(0).result(), v1::Round::TRANSFERRED);
  EXPECT_EQ(NextRound(moved()), 2);
}

TEST_F(TransferTest, InDeliveryTheRouteIsKeptAndAHolderIsSought) {
  story_.Route();
  story_.Offer(1, "ORG-A");
  story_.Accept(1, "ORG-A");
  ASSERT_EQ(story_.Fact("STARTED", "2025-09-01", "ORG-A", "e1").reason(), "");
  Move();
  EXPECT_EQ(moved().state(), v1::ROUTED);
  EXPECT_TRUE(handed_off_.started());
  EXPECT_EQ(moved().decision().route(), "TSP");
  EXPECT_EQ(moved().delivery().started_on(), "2025-09-01") << "delivery is kept";
  EXPECT_EQ(moved().holder_org(), "");
  EXPECT_EQ(moved().difficulty().stratum(), story_.referral().difficulty().stratum());
  EXPECT_EQ(clock("PLACEMENT").n(), 2) << "starts anew";
  EXPECT_EQ(clock("PLACEMENT").due_on(), "2025-09-11");
}

// FIRST_APPOINTMENT ran from Monday the 1st; the request of the 3rd stops it with one day counted.
TEST_F(TransferTest, TheFirstAppointmentKeepsItsRemainingDays) {
  story_.Route();
  story_.At("2025-09-03T09:00:00Z");
  ASSERT_EQ(Request().reason(), "");
  Accept();
  ASSERT_EQ(Receive().reason(), "");
  EXPECT_EQ(clock("FIRST_APPOINTMENT").limit_days(), 9);
  EXPECT_EQ(clock("FIRST_APPOINTMENT").due_on(), "2025-09-17") << "nine days from the 4th";
}

TEST_F(TransferTest, UnpaidWorkThatBeganFollowsItsCase) {
  story_.RegisterPersonAndSentence();
  v1::Command command = Story::Parse(R"pb(open_referral {
    crn: "Z000001" line: "UPW" origin: "REQUIREMENT" sentence_key: "Z000001/1"
    requirement_key: "Z000001/1/2" })pb");
  *command.mutable_open_referral()->mutable_facts() = story_.Facts();
  const auto opened = story_.Area("SYS", command);
  story_.id = opened.reply().open_referral().referral_id();
  for (const char* section :
       {"contact { address: '1 High Street' }",
        "needs { written { language: 'en' formats: 'STANDARD' } interpreter { needed: NO } "
        "learning_difficulty { screening: 'NO' } reading { reads_simple_sentences: YES } access { "
        "step_free: NO hearing_loop: NO private_room: NO prayer_space: NO personal_care_space: NO "
        "quiet_space: NO } }",
        "sentence { sentence_key: 'Z000001/1' confirmed_on: '2025-09-01' }",
        "availability { has_fixed_times: NO }", "ete { need: 'NONE' }",
        "work_limits { health_limit: NO }"}) {
    ASSERT_EQ(story_.Save(section).reason(), "") << section;
  }
  ASSERT_EQ(story_.ReserveSlot("UPW|Z000001/1/2").reason(), "");
  ASSERT_EQ(story_.Submit().reason(), "");
  ASSERT_EQ(story_.Decide().reason(), "");
  EXPECT_EQ(Request().reason(), "") << "not yet accepted: like any other";
  ASSERT_EQ(Do("RO", "cancel_transfer").reason(), "");
  ASSERT_EQ(story_.Offer(1, "ORG-A").reason(), "");
  ASSERT_EQ(story_.Accept(1, "ORG-A").reason(), "");
  EXPECT_EQ(Request().reason(), "TRANSFER_LED_BY_UNPAID_WORK");
  EXPECT_EQ(Request("N07", "SYS", "CASE_TRANSFER").reason(), "");
}

TEST_F(TransferTest, ThereAndBackAgain) {
  story_.Route("sara: LOW");
  Move();
  const uint64_t first = target_.VersionOf(ReferralId(story_.id)).value();
  // And back: the source knows the id, sealed at an earlier version.
  target_.As("ro", {"RO"});
  ASSERT_EQ(target_.When(Story::Parse(absl::StrCat("request_transfer { referral_id: '", story_.id,
                                                   "' to_area: 'N56' code: 'OTHER' }"))).reason(),
            "");
  target_.As("am", {"AM"});
  ASSERT_EQ(target_.When(Story::Parse(absl::StrCat("accept_transfer { referral_id: '", story_.id,
                                                   "' }"))).reason(), "");
  v1::Command command;
  v1::ReceiveHandoff* receive = command.mutable_receive_handoff();
  *receive->mutable_snapshot() = moved();
  const Version sealed = target_.VersionOf(ReferralId(story_.id));
  receive->set_version(seal_.value());
  receive->set_from_area("N07");
  receive->set_resume_state(v1::NEEDS_INFO);
  EXPECT_EQ(story_.Area("SYS", command).reason(), "ALREADY_RECEIVED") << "older than our own seal";
  receive->set_version(sealed.value());
  receive->set_resume_state(v1::NEEDS_INFO);
  EXPECT_EQ(story_.Area("SYS", command).reason(), "");
  EXPECT_EQ(story_.state(), "NEEDS_INFO");
  EXPECT_GT(sealed.value(), first);
  EXPECT_GT(story_.area.VersionOf(ReferralId(story_.id)), sealed);
  // Found by the fuzzer: somebody who holds a case that nobody ever held.
  receive->mutable_snapshot()->set_id("from nowhere");
  receive->mutable_snapshot()->set_holder_org("S01");
  receive->mutable_snapshot()->clear_holdings();
  EXPECT_EQ(story_.Area("SYS", command).reason(), "VALIDATION_FAILED");
  // Found by the simulator: a case of nobody, whose personal data no key could seal.
  *receive->mutable_snapshot() = moved();
  receive->mutable_snapshot()->set_id("of nobody");
  for (const char* crn : {"", "z000001", "T1 "}) {
    receive->mutable_snapshot()->set_origin_crn(crn);
    const auto nobody = story_.Area("SYS", command);
    ASSERT_EQ(nobody.reason(), "VALIDATION_FAILED") << crn;
    ASSERT_EQ(nobody.rejected().violations.size(), 1u) << crn;
    EXPECT_EQ(nobody.rejected().violations[0].field, "snapshot.origin_crn");
  }
}

}  // namespace
}  // namespace pdp::referral
