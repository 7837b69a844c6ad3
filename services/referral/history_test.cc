#include <algorithm>

#include "services/referral/testing/service_world.h"

// GetPerson, GetSentence and GetReferral as at a version or an instant, and History with typed
// differences (specification, section 8).
namespace pdp::referral {
namespace {

using Strings = std::vector<std::string>;

class HistoryTest : public ServiceWorld {
 protected:
  v1::GetPersonReply Person(v1::GetPersonRequest request, const std::string& org = "") {
    if (request.crn().empty()) request.set_crn("T000001");
    *request.mutable_actor() = Actor("RO", org);
    v1::GetPersonReply reply;
    status_ = Ask(&Stub::GetPerson, request, &reply);
    return reply;
  }
  v1::GetPersonReply PersonAtVersion(uint64_t version, const std::string& org = "") {
    v1::GetPersonRequest request;
    request.set_at_version(version);
    return Person(request, org);
  }
  v1::GetPersonReply PersonAt(absl::Time instant) {
    v1::GetPersonRequest request;
    *request.mutable_as_at() = ToTimestamp(instant);
    return Person(request);
  }
  v1::GetReferralReply Referral(v1::GetReferralRequest request, const std::string& role = "RO",
                                const std::string& org = "") {
    request.set_area("N56");
    *request.mutable_actor() = Actor(role, org);
    v1::GetReferralReply reply;
    status_ = Ask(&Stub::GetReferral, request, &reply);
    return reply;
  }
  v1::HistoryReply History(v1::HistoryRequest request, const std::string& role = "AM",
                           const std::string& org = "") {
    *request.mutable_actor() = Actor(role, org);
    v1::HistoryReply reply;
    status_ = Ask(&Stub::History, request, &reply);
    return reply;
  }
  static v1::HistoryRequest Of(const std::string& area, const std::string& aggregate) {
    v1::HistoryRequest request;
    request.set_area(area);
    request.set_aggregate_id(aggregate);
    return request;
  }
  // `field: old -> new` of every change.
  static Strings ChangesOf(const v1::HistoryEntry& entry) {
    Strings changes;
    for (const v1::FieldChange& change : entry.changes()) {
      changes.push_back(
          absl::StrCat(change.field(), ": ", change.old_value(), " -> ", change.new_value()));
    }
    return changes;
  }
  static Strings EventsOf(const v1::HistoryReply& reply) {
    Strings events;
    for (const v1::HistoryEntry& entry : reply.entries()) {
      events.push_back(absl::StrCat(entry.version(), " ", entry.event()));
    }
    return events;
  }
  // The clock of these tests runs with the machine's: an instant between two commands.
  absl::Time Between() {
    const absl::Time now = clock_.Now();
    while (clock_.Now() <= now + absl::Milliseconds(1)) {
    }
    return now + absl::Microseconds(500);
  }
  void Rename(const std::string& family) {
    EXPECT_EQ(Send("NAT", "RO",
                   absl::StrCat("correct_identity { crn: 'T000001' identity { name { family: '",
                                family, "' } } }")),
              "");
  }
  grpc::Status status_;
};

TEST_F(HistoryTest, APersonIsReadAsAtAVersionAndAsAtAnInstant) {
  const absl::Time before = Between();
  Register("T000001", "First", "Ed");
  const absl::Time between = Between();
  Rename("Second");
  EXPECT_EQ(PersonAtVersion(1).person().identity().name().family(), "First");
  EXPECT_EQ(PersonAtVersion(1).version(), 1u);
  EXPECT_EQ(PersonAtVersion(2).person().identity().name().family(), "Second");
  EXPECT_EQ(PersonAt(between).person().identity().name().family(), "First");
  EXPECT_EQ(PersonAt(between).sentence_keys_size(), 1);
  EXPECT_EQ(Person({}).person().identity().name().family(), "Second");
  PersonAtVersion(3);
  EXPECT_EQ(Reason(status_), "NOT_FOUND");
  PersonAt(before);
  EXPECT_EQ(Reason(status_), "NOT_FOUND") << "nobody had registered them";
}

TEST_F(HistoryTest, AVersionAndAnInstantTogetherOrAnInstantToComeAreRefusedByField) {
  Register("T000001", "First", "Ed");
  v1::GetPersonRequest person;
  person.set_at_version(1);
  *person.mutable_as_at() = ToTimestamp(clock_.Now() + absl::Hours(1));
  Person(person);
  EXPECT_EQ(Faults(status_),
            (Strings{"CONTRADICTION at at_version", "VALUE_OUT_OF_RANGE at as_at"}));
  v1::GetSentenceRequest sentence;
  sentence.set_sentence_key("T000001/1");
  *sentence.mutable_actor() = Actor("RO");
  *sentence.mutable_as_at() = ToTimestamp(clock_.Now() + absl::Hours(1));
  v1::GetSentenceReply reply;
  EXPECT_EQ(Faults(Ask(&Stub::GetSentence, sentence, &reply)),
            Strings{"VALUE_OUT_OF_RANGE at as_at"});
  v1::GetReferralRequest referral;
  referral.set_referral_id(Open("T000001"));
  *referral.mutable_as_at() = sentence.as_at();
  Referral(referral);
  EXPECT_EQ(Faults(status_), Strings{"VALUE_OUT_OF_RANGE at as_at"});
}

// REF-93: before the merge they were two.
TEST_F(HistoryTest, APersonIsReadOverTheFamilyOfTheTime) {
  Register("T000001", "First", "Ed");
  Register("T000002", "Second", "Ed");
  const absl::Time two = Between();
  ASSERT_EQ(Send("NAT", "AA", "merge_persons { from: 'T000002' to: 'T000001' }"), "");
  const absl::Time one = Between();
  ASSERT_EQ(Send("NAT", "AA", "unmerge_person { from: 'T000002' }"), "");
  v1::GetPersonRequest request;
  request.set_crn("T000002");
  EXPECT_EQ(Person(request).person().crn(), "T000002");
  *request.mutable_as_at() = ToTimestamp(one);
  const v1::GetPersonReply merged = Person(request);
  EXPECT_EQ(merged.person().crn(), "T000001");
  EXPECT_EQ(merged.person().identity().name().family(), "First");
  EXPECT_EQ(merged.sentence_keys_size(), 2);
  *request.mutable_as_at() = ToTimestamp(two);
  EXPECT_EQ(Person(request).person().crn(), "T000002");
  EXPECT_EQ(Person(request).sentence_keys_size(), 1);
  // A version is of the record of this CRN: its second is the merge.
  request.clear_as_at();
  request.set_at_version(2);
  EXPECT_EQ(Person(request).person().merged_into(), "T000001");
}

TEST_F(HistoryTest, ARequestThatIsNotUnderstoodIsNotAnsweredWithTheNewest) {
  Register("T000001", "First", "Ed");
  v1::GetPersonRequest request;
  request.mutable_as_at()->set_nanos(-1);
  Person(request);
  EXPECT_EQ(Faults(status_), Strings{"VALIDATION_FAILED at as_at"});
  request.clear_as_at();
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(77, 1);
  Person(request);
  EXPECT_EQ(Faults(status_), Strings{"VALIDATION_FAILED at #77"});
}

TEST_F(HistoryTest, ASentenceIsReadAsItWas) {
  Register("T000001", "First", "Ed");
  const absl::Time between = Between();
  EXPECT_EQ(Send("NAT", "CF", absl::StrCat("change_sentence_end { crn: 'T000001' event_no: 1 "
                                           "end_on: '", Day(800), "' }")),
            "");
  v1::GetSentenceRequest request;
  request.set_sentence_key("T000001/1");
  *request.mutable_actor() = Actor("RO");
  v1::GetSentenceReply reply;
  ASSERT_TRUE(Ask(&Stub::GetSentence, request, &reply).ok());
  EXPECT_EQ(reply.sentence().end_on(), Day(800));
  *request.mutable_as_at() = ToTimestamp(between);
  ASSERT_TRUE(Ask(&Stub::GetSentence, request, &reply).ok());
  EXPECT_EQ(reply.sentence().end_on(), Day(700));
  EXPECT_EQ(reply.sentence().requirements_size(), 1);
  request.clear_as_at();
  // SentenceRegistered, then RequirementRegistered.
  request.set_at_version(1);
  ASSERT_TRUE(Ask(&Stub::GetSentence, request, &reply).ok());
  EXPECT_EQ(reply.sentence().requirements_size(), 0);
}

TEST_F(HistoryTest, AReferralIsReadAsItWasWithThePersonAsTheyWere) {
  Register("T000001", "First", "Ed");
  const std::string id = Submit("T000001");
  const absl::Time submitted = Between();
  Rename("Second");
  Decide(id, "T000001");
  Offer(id, 1, "ORG-A");
  Accept(id, 1, "ORG-A");
  v1::GetReferralRequest request;
  request.set_referral_id(id);
  const v1::GetReferralReply now = Referral(request);
  EXPECT_EQ(now.state(), v1::ACCEPTED);
  EXPECT_EQ(now.person().identity().name().family(), "Second");
  *request.mutable_as_at() = ToTimestamp(submitted);
  const v1::GetReferralReply then = Referral(request);
  ASSERT_TRUE(status_.ok()) << Reason(status_);
  EXPECT_EQ(then.state(), v1::SUBMITTED);
  EXPECT_EQ(then.route(), "");
  EXPECT_EQ(then.person().identity().name().family(), "First");
  EXPECT_LT(then.version(), now.version());
  EXPECT_EQ(then.reference(), now.reference());
  request.clear_as_at();
  request.set_at_version(then.version());
  EXPECT_EQ(Referral(request).state(), v1::SUBMITTED);
  request.set_at_version(now.version() + 1);
  Referral(request);
  EXPECT_EQ(Reason(status_), "NOT_FOUND");
}

// REF-90: by the lists as they are now, before anything of the past; REF-92.
TEST_F(HistoryTest, ThePastIsSeenByWhoMaySeeThePersonNow) {
  Register("T000001", "First", "Ed");
  const std::string id = Submit("T000001");
  Decide(id, "T000001");
  Offer(id, 1, "ORG-A");
  const absl::Time unrestricted = Between();
  v1::GetReferralRequest request;
  request.set_referral_id(id);
  *request.mutable_as_at() = ToTimestamp(unrestricted);
  // Before it accepts, an organisation has the sheet of now and no past.
  Referral(request, "PV", "ORG-A");
  EXPECT_EQ(Reason(status_), "NOT_FOUND");
  Accept(id, 1, "ORG-A");
  EXPECT_EQ(Referral(request, "PV", "ORG-A").state(), v1::OFFERED);
  EXPECT_EQ(Referral(request, "RO", "TEAM-X").state(), v1::OFFERED);
  ASSERT_EQ(Send("NAT", "DP", "restrict_access { crn: 'T000001' list: 'EXCLUDED' entries { org: "
                              "'TEAM-X' } reason: 'r' }"),
            "");
  Referral(request, "RO", "TEAM-X");
  const std::string denied = status_.error_details();
  EXPECT_EQ(Reason(status_), "NOT_FOUND");
  v1::GetReferralRequest unknown = request;
  unknown.clear_as_at();
  Referral(unknown, "RO", "TEAM-X");
  EXPECT_EQ(status_.error_details(), denied);
  PersonAtVersion(1, "TEAM-X");
  EXPECT_EQ(Reason(status_), "NOT_FOUND");
  EXPECT_EQ(PersonAtVersion(1, "TEAM-Y").version(), 1u);
  for (const char* aggregate : {"person/T000001", "sentence/T000001/1"}) {
    History(Of("NAT", aggregate), "RO", "TEAM-X");
    EXPECT_EQ(Reason(status_), "NOT_FOUND") << aggregate;
  }
  History(Of("N56", "referral/" + id), "RO", "TEAM-X");
  EXPECT_EQ(Reason(status_), "NOT_FOUND");
  History(Of("N56", "referral/" + id), "PV", "ORG-A");
  EXPECT_EQ(Reason(status_), "NOT_FOUND") << "who decided what and why is the authority's own";
}

TEST_F(HistoryTest, HistorySaysWhoChangedWhatWithTypedValues) {
  Register("T000001", "First", "Ed");
  Rename("Second");
  EXPECT_EQ(Send("NAT", "RO", absl::StrCat("record_risk { crn: 'T000001' risk { ogrs3_bp: 5200 "
                                           "rosh: HIGH acute_mh: false assessed_on: '", Day(-1),
                                           "' } }")),
            "");
  const v1::HistoryReply reply = History(Of("NAT", "person/T000001"));
  ASSERT_TRUE(status_.ok()) << Reason(status_);
  EXPECT_EQ(EventsOf(reply),
            (Strings{"1 PersonRegistered", "2 IdentityCorrected", "3 RiskRecorded"}));
  const v1::HistoryEntry& renamed = reply.entries(1);
  EXPECT_EQ(renamed.by().id(), "staff-RO");
  EXPECT_EQ(renamed.command_id().size(), 32u);
  EXPECT_TRUE(renamed.has_recorded_at());
  const Strings changes = ChangesOf(renamed);
  for (const char* change :
       {"identity.name.family: First -> Second", "identity.name.given: Ed -> "}) {
    EXPECT_NE(std::find(changes.begin(), changes.end(), change), changes.end()) << change;
  }
  const v1::HistoryEntry& risk = reply.entries(2);
  const auto of = [&risk](const std::string& field) -> const v1::FieldChange& {
    for (const v1::FieldChange& change : risk.changes()) {
      if (change.field() == field) return change;
    }
    ADD_FAILURE() << field;
    return v1::FieldChange::default_instance();
  };
  EXPECT_EQ(of("risk.ogrs3_bp").after().number(), 5200);
  EXPECT_FALSE(of("risk.ogrs3_bp").has_before());
  EXPECT_EQ(of("risk.rosh").after().code(), "HIGH");
  EXPECT_EQ(of("risk.acute_mh").after().value_case(), v1::FieldValue::kFlag);
  EXPECT_EQ(of("risk.assessed_on").after().text(), Day(-1));
  EXPECT_EQ(of("recorded_at[RISK]").after().text().substr(0, 10), Day(0));
}

TEST_F(HistoryTest, HistoryPagesBothWaysAndMeetsWithoutGapOrRepeat) {
  Register("T000001", "First", "Ed");
  const std::string id = Submit("T000001");
  Decide(id, "T000001");
  Offer(id, 1, "ORG-A");
  v1::HistoryRequest request = Of("N56", "referral/" + id);
  request.mutable_page()->set_page_size(200);
  const Strings all = EventsOf(History(request));
  ASSERT_GT(all.size(), 8u);
  EXPECT_EQ(all.front(), "1 ReferralOpened");
  for (const bool newest_first : {false, true}) {
    v1::HistoryRequest paged = Of("N56", "referral/" + id);
    paged.set_newest_first(newest_first);
    paged.mutable_page()->set_page_size(3);
    Strings seen;
    do {
      const v1::HistoryReply reply = History(paged);
      ASSERT_TRUE(status_.ok());
      for (const std::string& event : EventsOf(reply)) seen.push_back(event);
      paged.mutable_page()->set_page_token(reply.next_page_token());
    } while (!paged.page().page_token().empty());
    if (newest_first) std::reverse(seen.begin(), seen.end());
    EXPECT_EQ(seen, all) << newest_first;
  }
}

TEST_F(HistoryTest, WrongRequestsOfHistoryNameEveryField) {
  v1::HistoryRequest request = Of("N56", "person/T000001");
  request.mutable_page()->set_page_size(-1);
  History(request);
  EXPECT_EQ(Faults(status_),
            (Strings{"VALUE_OUT_OF_RANGE at page.page_size", "AREA_MISMATCH at area"}));
  History(Of("N99", "reference_book/N56"));
  EXPECT_EQ(Faults(status_), (Strings{"UNKNOWN_AREA at area", "UNKNOWN_CODE at aggregate_id"}));
  History(Of("NAT", "person/T999999"));
  EXPECT_EQ(Reason(status_), "NOT_FOUND");
  History(Of("N56", "referral/nothing"));
  EXPECT_EQ(Reason(status_), "NOT_FOUND");
}

}  // namespace
}  // namespace pdp::referral
