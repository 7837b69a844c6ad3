#include "services/unpaid_work/domain/composition.h"

#include <algorithm>

#include "services/unpaid_work/domain/commands.h"

namespace pdp::unpaid_work {

bool Consented(const v1::Case& c, const std::string& session_id, const std::string& project_id,
               const std::string& date) {
  return std::any_of(c.consents().begin(), c.consents().end(), [&](const v1::Consent& consent) {
    // Withdrawal acts at once on everything ahead.
    if (!consent.withdrawn_on().empty()) return false;
    if (date < consent.from() || date > consent.until()) return false;
    switch (consent.scope()) {
      case v1::SCOPE_SESSION: return consent.scope_id() == session_id;
      case v1::SCOPE_PROJECT: return consent.scope_id() == project_id;
      case v1::SCOPE_ANY: return true;
      case v1::CONSENT_SCOPE_UNSPECIFIED:
      case v1::ConsentScope_INT_MIN_SENTINEL_DO_NOT_USE_:
      case v1::ConsentScope_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    return false;
  });
}

RosterMember MemberOf(const v1::Case& c, const v1::Session& session) {
  RosterMember member;
  member.crn = c.crn();
  const v1::CompositionClass recorded = c.composition().composition_class();
  if (recorded == v1::CLASS_F || recorded == v1::CLASS_N) member.composition_class = recorded;
  member.women_only =
      recorded == v1::CLASS_F && c.composition().women_option() == v1::WOMEN_ONLY;
  member.consented =
      Consented(c, session.session_id(), session.project_id(), session.date());
  return member;
}

std::vector<RosterMember> RosterOf(const Unit& unit, const v1::Session& session) {
  std::vector<RosterMember> roster;
  for (const v1::Seat& seat : session.seats()) {
    if (seat.decided() && !seat.attended()) continue;
    if (const v1::Case* c = FindCase(unit, seat.crn())) roster.push_back(MemberOf(*c, session));
  }
  return roster;
}

std::vector<std::string> LoneWomen(const std::vector<RosterMember>& roster) {
  std::vector<std::string> lone;
  if (roster.size() < 2) return lone;
  for (const RosterMember& member : roster) {
    if (member.composition_class != v1::CLASS_F || member.consented) continue;
    const auto men = std::count_if(roster.begin(), roster.end(), [](const RosterMember& other) {
      return other.composition_class == v1::CLASS_M;
    });
    if (static_cast<size_t>(men) == roster.size() - 1) lone.push_back(member.crn);
  }
  return lone;
}

std::vector<std::string> WomenOnlyBroken(const std::vector<RosterMember>& roster) {
  std::vector<std::string> broken;
  const bool mixed = std::any_of(roster.begin(), roster.end(), [](const RosterMember& member) {
    return member.composition_class != v1::CLASS_F;
  });
  for (const RosterMember& member : roster) {
    if (member.women_only && mixed) broken.push_back(member.crn);
  }
  return broken;
}

void CheckRoster(Unit& unit, const std::string& session_id, const Facts& facts) {
  const v1::Session* session = FindSession(unit, session_id);
  if (session == nullptr || session->status() > v1::SESSION_LOCKED) return;
  const std::vector<std::string> lone = LoneWomen(RosterOf(unit, *session));
  const auto& before = session->lone();
  if (std::equal(lone.begin(), lone.end(), before.begin(), before.end())) return;
  v1::Event event;
  if (lone.empty()) {
    event.mutable_composition_repaired()->set_on(FormatDate(Today(facts)));
  } else {
    auto* broken = event.mutable_composition_broken();
    for (const std::string& crn : lone) broken->add_crns(crn);
    const int64_t minutes = RepairMinutes(facts);
    const Date date = DateOf(session->date());
    // Wall-clock minutes before the start.
    const int64_t at = session->start() - minutes % 1440;
    const Date day = date - minutes / 1440 - (at < 0 ? 1 : 0);
    broken->set_repair_by_date(FormatDate(day));
    broken->set_repair_by(static_cast<int32_t>(at < 0 ? at + 1440 : at));
  }
  unit.Emit(SessionId(session_id), std::move(event));
}

}  // namespace pdp::unpaid_work
