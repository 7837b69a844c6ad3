#include "services/referral/person_scope.h"

#include <string>
#include <vector>

#include "libs/base/status_macros.h"
#include "libs/engine/cell.h"
#include "libs/rpc/execute.h"
#include "services/referral/domain/access.h"
#include "services/referral/domain/commands.h"
#include "services/referral/projections/cases.h"
#include "services/referral/projections/people.h"
#include "services/referral/projections/sentences.h"
#include "services/referral/query_access.h"
#include "services/referral/subject_reader.h"
#include "services/referral/submission.h"

namespace pdp::referral {
namespace {

constexpr absl::Duration kViewWait = absl::Seconds(2);

std::vector<std::string> PersonsOf(const v1::Command& command) {
  const AggregateId target = ReferralDomain::TargetOf(command);
  // A sentence is {crn}/{event_no}.
  std::vector<std::string> crns = {std::string(target.id().substr(0, target.id().find('/')))};
  if (command.has_merge_persons()) crns.push_back(command.merge_persons().to());
  for (std::string& crn : crns) crn = NormaliseCrn(crn).value_or(crn);
  return crns;
}

bool IsAtHome(const host::ServiceHost& host, Area area, const std::string& crn) {
  const auto read = host.cell(Area::Nat())->ReadState(PersonId(crn));
  return read.ok() && static_cast<const v1::State&>(*read->state).person().home_area() ==
                          std::string(area.code());
}

// What an answer before this command said is known to the views.
absl::Status WaitForViews(const host::ServiceHost& host, Area area) {
  RETURN_IF_ERROR(host.CatchUp(Area::Nat(), kViewWait, {People::kName, Sentences::kName}));
  return host.cell(area) == nullptr ? absl::OkStatus()
                                    : host.CatchUp(area, kViewWait, {Cases::kName});
}

// In whatever area; that of another process is asked.
absl::StatusOr<bool> HoldsACase(const host::ServiceHost& host, const NatReader& nat,
                                const std::string& org, const std::string& crn) {
  const auto family = nat.Family(crn);
  if (absl::IsNotFound(family.status())) return false;
  RETURN_IF_ERROR(family.status());
  ASSIGN_OR_RETURN(const auto areas, SubjectReader(host, nat).Areas(*family, {}, true));
  for (const auto& [code, facts] : areas) {
    for (const v1::ReferralFact& fact : facts.referrals()) {
      const bool open = !IsFinished(fact.state()) && fact.state() != v1::MOVED;
      if (open && !org.empty() && fact.holder_org() == org) return true;
    }
  }
  return false;
}

absl::Status AddHeld(const host::ServiceHost& host, const NatReader& nat, const std::string& org,
                     v1::Command& command) {
  for (const std::string& crn : PersonsOf(command)) {
    ASSIGN_OR_RETURN(const bool held, HoldsACase(host, nat, org, crn));
    if (held) command.add_in_scope(crn);
  }
  return absl::OkStatus();
}

absl::Status AddOpenReferrals(const host::ServiceHost& host, Area own, v1::Command& command) {
  for (const std::string& crn : PersonsOf(command)) {
    // Most are; the decision sees that itself.
    if (IsAtHome(host, own, crn)) continue;
    RETURN_IF_ERROR(WaitForViews(host, own));
    if (HasOpenReferralIn(host, own, crn)) command.add_in_scope(crn);
  }
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* StartPersonCommand(const host::ServiceHost& host, const NatReader& nat,
                                             grpc::CallbackServerContext* context,
                                             const v1::ExecuteRequest* request,
                                             v1::ExecuteReply* reply) {
  const common::v1::Actor& actor = request->header().actor();
  const bool provider = IsProvider(actor);
  const std::optional<Area> own = provider ? std::nullopt : AreaOf(actor);
  // Nobody else's decision asks for it.
  if (!own && !provider) return rpc::HandleExecute(host, context, request, reply);
  return ExecuteWithFacts(
      host, context, request, reply, [](v1::Command& command) { command.clear_in_scope(); },
      [&host, &nat, own, org = actor.organisation()](Area area, v1::Command& command) {
        if (!area.is_nat()) return absl::OkStatus();
        return own ? AddOpenReferrals(host, *own, command) : AddHeld(host, nat, org, command);
      });
}

}  // namespace pdp::referral
