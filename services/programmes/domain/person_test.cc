#include "services/programmes/domain/story.h"

namespace pdp::programmes {
namespace {

using ::testing::IsEmpty;

constexpr char kMerge[] = "merge_person { from_crn: 'Tm1' to_crn: 'Tm2' }";
constexpr char kUnmerge[] = "unmerge_person { from_crn: 'Tm1' to_crn: 'Tm2' }";

TEST(MergeTest, PRG105_UnmergeRestoresExactly) {
  Story s;
  s.Confirmed(4, 0);
  const AggregateId touched[] = {OpenEnrolmentsId("Tm1"), OpenEnrolmentsId("Tm2"),
                                 EnrolmentId("m1/1"), EnrolmentId("m2/1"), CalendarId("Tm1")};
  std::vector<std::string> before;
  for (const AggregateId& id : touched) before.push_back(s.Find(id)->SerializeAsString());
  s.Must("SYS", kMerge);
  EXPECT_EQ(s.enrolment("m1/1").aliases(0), "Tm2");
  EXPECT_THAT(s.Do("SYS", kMerge).events, IsEmpty());
  s.Must("SYS", kUnmerge);
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(s.Find(touched[i])->SerializeAsString(), before[i]) << i;
  }
  EXPECT_THAT(s.Do("SYS", kUnmerge).events, IsEmpty());
}

TEST(MergeTest, PRG105_ClashesAndDuplicatesBecomeTasks) {
  Story s;
  s.Premises();
  s.Group();
  s.People(2, 0);
  s.Must("SCH", Story::Allocate("g1", {"m1/1"}));
  s.Schedule();
  s.Must("SYS",
         "record_appointment { crn: 'Tm2' appointment { appointment_id: 'w1' date: "
         "'2026-03-25' start_min: 800 minutes: 60 source: 'unpaid_work' } }");
  s.Must("SYS", kMerge);
  EXPECT_TRUE(s.HasTask("clash/g1/S1/2026-03-25/m1/1"));
  EXPECT_EQ(s.Do("TM", kMerge).reason(), "NOT_AUTHORISED");
  EXPECT_EQ(s.Do("SYS", "merge_person { from_crn: 'T1' to_crn: 'T1' }").reason(),
            "VALIDATION_FAILED");
}

TEST(AppointmentTest, PM5_ALateConflictIsATaskForTheSessionHere) {
  Story s;
  s.Confirmed(4, 0);
  const auto record = [](int start) {
    return absl::StrCat(
        "record_appointment { crn: 'Tm1' appointment { appointment_id: 'w1' "
        "date: '2026-03-25' start_min: ",
        start, " minutes: 60 source: 'unpaid_work' } }");
  };
  s.Must("SYS", record(600));
  EXPECT_FALSE(s.HasTask("clash/w1/2026-03-25/g1/S1"));
  EXPECT_THAT(s.Do("SYS", record(600)).events, IsEmpty());  // redelivered
  s.Must("SYS", record(780));                               // moved into S1
  EXPECT_TRUE(s.HasTask("clash/w1/2026-03-25/g1/S1"));
  EXPECT_EQ(s.Find(CalendarId("Tm1"))->calendar().appointments_size(), 9);
  s.Must("SYS", "release_appointment { crn: 'Tm1' appointment_id: 'w1' }");
  EXPECT_THAT(s.Do("SYS", "release_appointment { crn: 'Tm1' appointment_id: 'w1' }").events,
              IsEmpty());
  // Nobody else releases a session of this service.
  EXPECT_THAT(s.Do("SYS", "release_appointment { crn: 'Tm1' appointment_id: 'g1/S1' }").events,
              IsEmpty());
  const auto bad = s.Do("SYS", "record_appointment { }");
  EXPECT_EQ(bad.reason(), "VALIDATION_FAILED");
  EXPECT_EQ(bad.rejected().violations.size(), 5u);
  // Found by the fuzzer: the sum of the two is no number.
  for (const char* when : {"start_min: 60 minutes: 2147483647", "start_min: 2147483647 minutes: 1",
                           "start_min: 1440 minutes: 1", "start_min: 1380 minutes: 61"}) {
    const auto late = s.Do("SYS", absl::StrCat("record_appointment { crn: 'Tm1' appointment { "
                                               "appointment_id: 'w2' source: 'unpaid_work' date: "
                                               "'2026-03-25' ", when, " } }"));
    EXPECT_EQ(late.reason(), "VALIDATION_FAILED") << when;
    EXPECT_EQ(late.rejected().violations.size(), 1u) << when;
  }
}

TEST(TaskTest, PM1_ARefusedIntakeIsOneTaskUntilSomebodyClosesIt) {
  Story s;
  const std::string raise =
      "raise_task { task { task_id: 'intake/r1/1' kind: 'INTAKE_REFUSED' subject: 'r1/1' "
      "referral_id: 'r1' delivery_org: 'P01' detail: 'UNKNOWN_PRODUCT' } }";
  EXPECT_EQ(s.Do("TM", raise).reason(), "NOT_AUTHORISED");
  EXPECT_EQ(s.Do("SYS", "raise_task { task { kind: 'X' } }").reason(), "VALIDATION_FAILED");
  EXPECT_EQ(s.Do("SYS", raise).event_names(), "TaskRaised");
  EXPECT_THAT(s.Do("SYS", raise).events, IsEmpty());
  EXPECT_EQ(s.Do("TM", "close_task { task_id: 'none' }").reason(), "NOT_FOUND");
  EXPECT_EQ(s.Do("TM", "close_task { task_id: 'intake/r1/1' }", "P02").reason(),
            "NOT_YOUR_ORGANISATION");
  s.Must("TM", "close_task { task_id: 'intake/r1/1' }");
  EXPECT_TRUE(s.Find(TaskId("intake/r1/1"))->task().closed());
  EXPECT_THAT(s.Do("SYS", raise).events, IsEmpty());  // a redelivery does not open it again
}

TEST(DeliveryOrgTest, ValidatesAndTakesTheNewestWord) {
  Story s;
  EXPECT_EQ(s.Do("PM", "record_delivery_org { }").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(s.Do("SYS", "record_delivery_org { delivery_org { contracts { from: 'x' } } }")
                .rejected()
                .violations.size(),
            2u);
  const char* word = "record_delivery_org { delivery_org { org: 'P01' contracts { contract_id: "
                     "'C1' services: 'NONE' } } }";
  s.Must("SYS", word);
  EXPECT_THAT(s.Do("SYS", word).events, IsEmpty());
  s.Premises();
  s.Group();
  s.People(1, 0);
  EXPECT_EQ(s.Do("SCH", Story::Allocate("g1", {"m1/1"})).reason(), "DELIVERY_ORG_NOT_ACTIVE");
}

TEST(ErasureTest, OnlyThePlatformConfirms) {
  Story s;
  EXPECT_EQ(s.Do("TM", "confirm_erasure { crn: 'T1' }").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(s.Do("SYS", "confirm_erasure { }").reason(), "VALIDATION_FAILED");
  s.Must("SYS", "confirm_erasure { crn: 'T1' gaps: 'calendar' }");
  EXPECT_EQ(s.Find(AggregateId("erasure", "T1"))->erasure().gaps(0), "calendar");
  s.Must("SYS", "confirm_erasure { crn: 'T1' }");
  EXPECT_EQ(s.Find(AggregateId("erasure", "T1"))->erasure().gaps_size(), 0);
}

}  // namespace
}  // namespace pdp::programmes
