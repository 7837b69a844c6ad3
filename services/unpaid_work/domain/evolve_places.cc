#include <algorithm>

#include "services/unpaid_work/domain/evolve.h"

namespace pdp::unpaid_work::evolve {

void SeatReleased(v1::Session& session, const v1::SeatReleased& event) {
  auto* seats = session.mutable_seats();
  seats->erase(std::remove_if(seats->begin(), seats->end(),
                              [&event](const v1::Seat& seat) {
                                return seat.seat_no() == event.seat_no();
                              }),
               seats->end());
}

void ScopeRecorded(v1::OrganisationScope& scope, const v1::OrganisationScopeRecorded& event) {
  scope.set_org(event.org());
  for (v1::OrganisationScope::Contract& row : *scope.mutable_contracts()) {
    if (row.contract_id() == event.contract().contract_id()) {
      row = event.contract();
      return;
    }
  }
  *scope.add_contracts() = event.contract();
}

void Competent(v1::Supervisor& supervisor, const v1::Competence& competence) {
  for (v1::Competence& row : *supervisor.mutable_competences()) {
    if (row.code() == competence.code()) {
      row = competence;
      return;
    }
  }
  *supervisor.add_competences() = competence;
}

void Freed(v1::Supervisor& supervisor, const std::string& session_id) {
  auto* rows = supervisor.mutable_assignments();
  rows->erase(std::remove_if(rows->begin(), rows->end(),
                             [&session_id](const v1::Assignment& row) {
                               return row.session_id() == session_id;
                             }),
              rows->end());
}

void TurnoutCounted(v1::Project& project, const v1::ProjectTurnoutCounted& event) {
  auto* days = project.mutable_turnout();
  days->erase(std::remove_if(days->begin(), days->end(),
                             [&event](const v1::TurnoutDay& day) {
                               return day.date() < event.since();
                             }),
              days->end());
  *days->Add() = event.day();
}

void Unassigned(v1::Session& session, const v1::SupervisorUnassigned& event) {
  auto* rows = session.mutable_supervisors();
  rows->erase(std::remove(rows->begin(), rows->end(), event.staff_id()), rows->end());
  session.set_capacity(event.capacity());
  session.set_overbook(event.overbook());
}

}  // namespace pdp::unpaid_work::evolve
