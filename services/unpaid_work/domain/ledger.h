#ifndef PDP_SERVICES_UNPAID_WORK_DOMAIN_LEDGER_H_
#define PDP_SERVICES_UNPAID_WORK_DOMAIN_LEDGER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/unpaid_work/domain/checks.h"
#include "services/unpaid_work/domain/unpaid_work.h"

namespace pdp::unpaid_work {

// ---- reading the books (UPW-11). Signed minutes; 0 when the account was never touched.
int64_t BalanceOf(const v1::Requirement& requirement, v1::Account account);
int64_t OrderedMinutes(const v1::Requirement& requirement);
const v1::Requirement* FindRequirement(const v1::Case& c, absl::string_view requirement_id);
const v1::Group* FindGroup(const v1::Case& c, absl::string_view group_id);
// The group that a requirement belongs to.
const v1::Group* GroupOf(const v1::Case& c, absl::string_view requirement_id);
const v1::Requirement* LeadOf(const v1::Case& c, const v1::Group& group);
bool IsLive(const v1::Requirement& requirement);
// LIVE or HOURS_DONE: its book still moves.
bool IsRunning(const v1::Requirement& requirement);
// Some member is LIVE.
bool IsLive(const v1::Case& c, const v1::Group& group);
int64_t GroupOwed(const v1::Case& c, const v1::Group& group);
// Minutes of the group's appointments without outcome.
int64_t GroupOpen(const v1::Case& c, const v1::Group& group);
int64_t EteUsed(const v1::Case& c, const v1::Group& group);
int64_t OpenEte(const v1::Case& c, const v1::Group& group);
// The latest last_day of its LIVE members; nullopt: none (UPW-06).
std::optional<Date> GroupLastDay(const v1::Case& c, const v1::Group& group, Date as_of);
// Whether the law limits orders to a window on that day.
bool WindowInForce(Date on);
// Groups with something LIVE or HOURS_DONE, in the order in which a credit fills them (UPW-13).
std::vector<const v1::Group*> GroupsInOrder(const v1::Case& c, Date as_of);
// The group offered under: the first with OWED - open > 0 (UPW-66); nullptr: none.
const v1::Group* OfferingGroup(const v1::Case& c, Date as_of);

// Writes one case's books in one commit. Every method emits; Finish() must come last, once: it
// makes followers follow, redraws surplus, opens and closes requirements, trims what is offered.
//
//   Ledger ledger(unit, crn, facts, "out/N56-1.20250901.1.1/2");
//   ledger.ReverseAppointment(appointment_id);
//   ledger.Credit({v1::WORKED, 420, appointment_id, "2025-09-01", true});
//   ledger.Finish();
class Ledger {
 public:
  Ledger(Unit& unit, std::string crn, const Facts& facts, std::string cause);

  const v1::Case& Read() const;

  // COURT -> OWED, or OWED -> COURT when negative (UPW-09).
  void Order(const std::string& requirement_id, int64_t minutes);
  // OWED -> CANCELLED of everything left (UPW-20).
  void Cancel(const std::string& requirement_id);

  struct Work {
    v1::Account account = v1::WORKED;
    int64_t minutes = 0;
    std::string appointment_id;
    std::string work_date;
    // UPW-12: what is not owed is kept as surplus; travel drops it (UPW-17).
    bool keep_surplus = true;
  };
  // Posts at most what is owed, over the groups in order. Returns the minutes posted.
  int64_t Credit(const Work& work);
  // Takes back the attendance of an appointment, postings and surplus; with travel too when asked.
  void ReverseAppointment(const std::string& appointment_id, bool with_travel);
  void Adjust(const v1::Adjustment& adjustment);
  void ReverseAdjustment(const std::string& adjustment_id);
  // A larger ETE allotment lets kept surplus in; Finish draws it.
  void Finish();

 private:
  struct Posting {
    v1::Account from, to;
    int64_t minutes = 0;
    std::string appointment_id, adjustment_id, work_date, reverses;
  };
  void Post(const std::string& book, Posting posting);
  void Reverse(const v1::Entry& entry);
  int64_t Room(const v1::Group& group, v1::Account account) const;
  int64_t CreditGroups(const Work& work);
  int64_t CreditFormer(const Work& work);
  void RedrawSurplus();
  void SettleLeads();
  void SettleFollowers();
  void FixLeads();
  void UpdateRequirements();
  void UpdateCase();
  void MarkDone(const v1::Requirement& requirement);
  void MarkReopened(const v1::Requirement& requirement);

  Unit& unit_;
  const std::string crn_;
  const Facts& facts_;
  const std::string cause_;
  // Terminated books that a reversal of this commit touched (UPW-20).
  std::vector<std::string> former_;
};

// UPW-59: when more is open than owed, future appointments are withdrawn from the latest backwards,
// the last one touched is shortened at its end. trim.cc
void TrimOffers(Unit& unit, const std::string& crn, const Facts& facts);

// Highest state that the records of a case allow (section 4.1).
v1::CaseStatus HighestStatus(const v1::Case& c);
// Emits CaseStatusChanged when the case stands lower than `to`; never from COMPLETED or CLOSED.
void RaiseStatus(Unit& unit, const std::string& crn, v1::CaseStatus to);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_DOMAIN_LEDGER_H_
