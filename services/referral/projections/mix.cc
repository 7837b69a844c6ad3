#include "services/referral/projections/mix.h"

#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "pdp/referral/v1/events.pb.h"
#include "pdp/referral/v1/queries.pb.h"

namespace pdp::referral {
namespace {

using projection::RecordedEvent;
using projection::RowWriter;

std::string MonthOf(const RecordedEvent& recorded) {
  return FormatDate(LocalDate(recorded.occurred_at)).substr(0, 7);
}

// What is counted of one event, and for whom.
class Counter {
 public:
  Counter(const RecordedEvent& recorded, const v1::CaseRow& referral, RowWriter& rows)
      : month_(MonthOf(recorded)), referral_(referral), rows_(rows) {}

  void Organisation(const std::string& org, absl::FunctionRef<void(v1::MixRow&)> add) {
    v1::MixRow row;
    row.set_month(month_);
    row.set_org(org);
    row.set_route(referral_.route());
    row.set_stratum(referral_.stratum());
    Add(absl::StrCat(Mix::kCounts, month_, "/", org, "/", row.route(), "/", row.stratum()), row,
        add);
  }
  void Person(const char* characteristic, const std::string& value) {
    v1::DemographicRow row;
    row.set_month(month_);
    row.set_characteristic(characteristic);
    row.set_value(value.empty() ? "NOT_KNOWN" : value);
    Add(absl::StrCat(Mix::kPeople, month_, "/", characteristic, "/", row.value()), row,
        [](v1::DemographicRow& known) { known.set_referrals(known.referrals() + 1); });
  }

 private:
  template <typename Row, typename Change>
  void Add(const std::string& key, const Row& fresh, Change change) {
    for (const std::string& at : {key, absl::StrCat(Mix::PersonPrefix(referral_.crn()), key)}) {
      Row row;
      if (!rows_.Get(at, &row)) row = fresh;
      change(row);
      rows_.Put(at, row);
    }
  }

  const std::string month_;
  const v1::CaseRow& referral_;
  RowWriter& rows_;
};

std::string AgeBand(const std::string& date_of_birth, Date on) {
  const std::optional<Date> born = ParseDate(date_of_birth);
  if (!born) return "";
  const int age = AgeOn(*born, on);
  for (const auto& [below, band] : {std::pair<int, const char*>{18, "UNDER_18"},
                                    {21, "18_20"},
                                    {25, "21_24"},
                                    {30, "25_29"},
                                    {40, "30_39"},
                                    {50, "40_49"},
                                    {60, "50_59"}}) {
    if (age < below) return band;
  }
  return "60_AND_OVER";
}

void CountPerson(const RecordedEvent& recorded, const v1::ReferralSubmitted& event,
                 Counter& counter) {
  const auto section = event.snapshot().find("PERSON");
  const auto& person = section == event.snapshot().end()
                           ? v1::Section::PersonSection::default_instance()
                           : section->second.person();
  counter.Person("AGE", AgeBand(person.date_of_birth(), LocalDate(recorded.occurred_at)));
  counter.Person("SEX", person.sex());
  counter.Person("NEED", !event.need().empty()       ? event.need()
                         : !event.category().empty() ? event.category()
                                                     : event.line());
}

// False: the event tells nothing of it.
bool Learn(const v1::Event& event, v1::CaseRow* referral) {
  if (event.has_referral_opened()) {
    referral->set_crn(event.referral_opened().crn());
  } else if (event.has_referral_routed()) {
    referral->set_route(event.referral_routed().route());
    referral->set_stratum(event.referral_routed().stratum());
  } else if (event.has_referral_received()) {
    const v1::Referral& snapshot = event.referral_received().snapshot();
    referral->set_crn(event.referral_received().crn());
    referral->set_route(snapshot.decision().route());
    referral->set_stratum(snapshot.difficulty().stratum());
  } else {
    return false;
  }
  return true;
}

bool IsDirected(const RecordedEvent& recorded) {
  for (const log::v1::RecordedEvent& other : recorded.commit->events()) {
    if (other.type() == "ReferralDirected") return true;
  }
  return false;
}

void Count(const RecordedEvent& recorded, const v1::Event& event, Counter& counter) {
  if (event.has_referral_submitted()) {
    CountPerson(recorded, event.referral_submitted(), counter);
  } else if (event.has_referral_offered()) {
    counter.Organisation(event.referral_offered().org(),
                         [](v1::MixRow& row) { row.set_offered(row.offered() + 1); });
  } else if (event.has_referral_accepted()) {
    // A direct allocation was never offered (REF-64).
    if (IsDirected(recorded)) return;
    counter.Organisation(event.referral_accepted().org(),
                         [](v1::MixRow& row) { row.set_accepted(row.accepted() + 1); });
  } else if (event.has_offer_declined()) {
    counter.Organisation(event.offer_declined().org(), [&](v1::MixRow& row) {
      ++(*row.mutable_declined())[event.offer_declined().code()];
    });
  } else if (event.has_offer_lapsed()) {
    counter.Organisation(event.offer_lapsed().org(),
                         [](v1::MixRow& row) { row.set_lapsed(row.lapsed() + 1); });
  } else if (event.has_referral_returned()) {
    counter.Organisation(event.referral_returned().org(),
                         [](v1::MixRow& row) { row.set_returned(row.returned() + 1); });
  } else if (event.has_referral_directed()) {
    counter.Organisation(event.referral_directed().org(),
                         [](v1::MixRow& row) { row.set_directed(row.directed() + 1); });
  }
}

bool IsCounted(const v1::Event& event) {
  return event.has_referral_submitted() || event.has_referral_offered() ||
         event.has_referral_accepted() || event.has_offer_declined() || event.has_offer_lapsed() ||
         event.has_referral_returned() || event.has_referral_directed();
}

}  // namespace

std::string Mix::PersonPrefix(absl::string_view crn) { return absl::StrCat("p/", crn, "/"); }

absl::Status Mix::Project(const RecordedEvent& recorded, RowWriter& rows) {
  if (recorded.aggregate.kind() != "referral") return absl::OkStatus();
  const auto& event = recorded.As<v1::Event>();
  const bool told = event.has_referral_opened() || event.has_referral_routed() ||
                    event.has_referral_received();
  if (!told && !IsCounted(event)) return absl::OkStatus();
  const std::string key = absl::StrCat("r/", recorded.aggregate.id());
  v1::CaseRow referral;
  rows.Get(key, &referral);
  if (Learn(event, &referral)) rows.Put(key, referral);
  Counter counter(recorded, referral, rows);
  Count(recorded, event, counter);
  return absl::OkStatus();
}

}  // namespace pdp::referral
