#include "services/referral/processes/placement.h"

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell_reader.h"
#include "pdp/referral/v1/commands.pb.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "pdp/subcontractor/v1/public_events.pb.h"
#include "pdp/subcontractor/v1/service.pb.h"
#include "services/referral/domain/access.h"
#include "services/referral/domain/domain.h"
#include "services/referral/projections/providers.h"

namespace pdp::referral {
namespace {

namespace sub = subcontractor::v1;
using projection::Partitions;
using projection::ProcessContext;

// Contracts looked at; an area has some dozens.
constexpr size_t kProvidersMax = 5'000;

template <typename Rows>
void CopyExclusions(const Rows& from, v1::RecordNoPlacement* to) {
  for (const auto& row : from) {
    v1::Exclusion* exclusion = to->add_exclusions();
    exclusion->set_org(row.org());
    *exclusion->mutable_codes() = row.codes();
  }
}

v1::Command OfferCommand(const std::string& referral_id, int round, const std::string& id,
                         const std::string& org, bool last_resort) {
  v1::Command command;
  auto* offer = command.mutable_record_offer();
  offer->set_referral_id(referral_id);
  offer->set_round(round);
  offer->set_apportionment_id(id);
  offer->set_org(org);
  offer->set_last_resort(last_resort);
  return command;
}

template <typename Rows>
v1::Command NoPlacementCommand(const std::string& referral_id, int round, const std::string& id,
                               const Rows& exclusions) {
  v1::Command command;
  auto* none = command.mutable_record_no_placement();
  none->set_referral_id(referral_id);
  none->set_round(round);
  none->set_apportionment_id(id);
  CopyExclusions(exclusions, none);
  return command;
}

absl::StatusOr<projection::Answer<sub::ExecuteReply>> Call(const projection::Surroundings& host,
                                                           ProcessContext& context,
                                                           const char* step,
                                                           sub::Command command) {
  sub::ExecuteRequest request;
  *request.mutable_header() = context.HeaderFor(step);
  request.set_area(std::string(context.area().code()));
  *request.mutable_command() = std::move(command);
  return host.Ask<sub::ExecuteReply>(
      "subcontractor", "/pdp.subcontractor.v1.SubcontractorService/Execute", request);
}

}  // namespace

std::vector<projection::Subscription> Placement::subscriptions() const {
  return {{.service = "referral",
           .partitions = Partitions::kOwn,
           .types = {"ReferralRouted", "PlacementRetried", "OfferDeclined", "OfferLapsed",
                     "OfferRescinded", "ReferralReturned", "ReferralDirected", "ReferralAccepted",
                     "ReferralWithdrawn", "DecideAgain", "ReferralHandedOff",
                     "ReferralReceived"}}};
}

absl::Status Placement::Settle(ProcessContext& context, const std::string& apportionment_id,
                               sub::SettleOutcome outcome, const std::string& code, bool started) {
  sub::Command command;
  sub::Settle* settle = command.mutable_settle();
  settle->set_apportionment_id(apportionment_id);
  settle->set_outcome(outcome);
  settle->set_code(code);
  settle->set_started(started);
  ASSIGN_OR_RETURN(const auto answer, Call(host_, context, "settle", std::move(command)));
  // A refusal is an answer (interfaces, 1): NOT_DRAWN becomes a task for a person.
  if (!answer.ok()) {
    PDP_LOG(WARNING) << "settling " << apportionment_id << " was refused: " << answer.refusal;
  }
  return absl::OkStatus();
}

absl::Status Placement::Apportion(ProcessContext& context, const AggregateId& id) {
  const engine::CellReader* cell = host_.reader(context.area());
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  ASSIGN_OR_RETURN(const engine::CellReader::ReadResult read, cell->ReadState(id));
  const v1::Referral& referral = static_cast<const v1::State&>(*read.state).referral();
  if (referral.state() != v1::ROUTED) return absl::OkStatus();
  const int round = NextRound(referral);
  sub::Command command;
  sub::Apportion* apportion = command.mutable_apportion();
  apportion->set_referral_id(referral.id());
  apportion->set_round(round);
  apportion->set_pdu(referral.pdu());
  apportion->set_service(referral.decision().route());
  apportion->set_stratum(referral.difficulty().stratum());
  apportion->set_instrument(referral.difficulty().instrument());
  *apportion->mutable_tokens() = referral.tokens();
  std::set<std::string> excluded;
  for (const std::string& org : ExcludedOrganisations(referral)) excluded.insert(org);
  RETURN_IF_ERROR(AddUncleared(context.area(), referral.origin_crn(), &excluded));
  for (const std::string& org : excluded) apportion->add_excluded_orgs(org);
  apportion->set_weight_centi(100);
  ASSIGN_OR_RETURN(const auto answer, Call(host_, context, "apportion", std::move(command)));
  if (!answer.ok()) {
    // DIFFICULTY_FROZEN, ROUND_OPEN: an alarm; the referral stays ROUTED and PLACEMENT runs.
    PDP_LOG(ERROR) << "round " << round << " of " << referral.id()
                   << " was refused: " << answer.refusal;
    return absl::OkStatus();
  }
  const sub::ApportionReply& drawn = answer.reply.reply().apportion();
  switch (drawn.status()) {
    case sub::APPORTIONED:
      return projection::Done(context.Execute(
          "offer", OfferCommand(referral.id(), round, drawn.apportionment_id(), drawn.org(),
                                drawn.last_resort())));
    case sub::APPORTION_FAILED:
      return projection::Done(context.Execute(
          "none", NoPlacementCommand(referral.id(), round, drawn.apportionment_id(),
                                     drawn.exclusions())));
    case sub::QUEUED:  // Completed by its event.
    case sub::APPORTION_STATUS_UNSPECIFIED:
    case sub::ApportionStatus_INT_MIN_SENTINEL_DO_NOT_USE_:
    case sub::ApportionStatus_INT_MAX_SENTINEL_DO_NOT_USE_:
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status Placement::AddUncleared(Area area, const std::string& crn,
                                     std::set<std::string>* excluded) {
  const auto access = host_.reader(area)->ReadState(AccessId(crn));
  if (access.status().code() == absl::StatusCode::kNotFound) return absl::OkStatus();
  RETURN_IF_ERROR(access.status());
  const v1::AccessLists lists = static_cast<const v1::State&>(*access->state).access().lists();
  if (!IsLimited(lists)) return absl::OkStatus();
  v1::Contracted contract;
  return host_.rows(Providers::kName)
      .Scan(area, {.prefix = "", .limit = kProvidersMax}, &contract, [&](absl::string_view, bool) {
        if (!HasClearedUser(lists, contract.org())) excluded->insert(contract.org());
        return true;
      });
}

absl::Status Placement::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  const AggregateId id = AggregateId::FromText(event.subject());
  if (projection::ShortType(event) == "DecideAgain") {
    // ROUTED was left with a queued round (REF-57).
    const auto again = projection::DataOf<v1::InternalEvent>(event).decide_again();
    if (again.open_round() == 0) return absl::OkStatus();
    return Settle(context, absl::StrCat(again.referral_id(), "/", again.open_round()),
                  sub::RESCINDED, "", false);
  }
  const auto data = projection::DataOf<v1::PublicEvent>(event);
  if (data.has_referral_handed_off()) {
    const auto& gone = data.referral_handed_off();
    if (gone.open_round() == 0) return absl::OkStatus();
    return Settle(context, absl::StrCat(gone.referral_id(), "/", gone.open_round()),
                  gone.offer_open() ? sub::RESCINDED : sub::TRANSFERRED, "", gone.started());
  }
  if (data.has_referral_received()) return Apportion(context, id);
  if (data.has_referral_routed() || data.has_placement_retried()) return Apportion(context, id);
  if (data.has_offer_declined()) {
    const auto& declined = data.offer_declined();
    RETURN_IF_ERROR(
        Settle(context, declined.apportionment_id(), sub::DECLINED, declined.code(), false));
    return Apportion(context, id);
  }
  if (data.has_offer_lapsed()) {
    RETURN_IF_ERROR(
        Settle(context, data.offer_lapsed().apportionment_id(), sub::EXPIRED, "", false));
    return Apportion(context, id);
  }
  if (data.has_referral_returned()) {
    const auto& returned = data.referral_returned();
    RETURN_IF_ERROR(Settle(context, returned.apportionment_id(), sub::RETURNED, returned.code(),
                           returned.started()));
    return Apportion(context, id);
  }
  if (data.has_offer_rescinded()) {
    RETURN_IF_ERROR(
        Settle(context, data.offer_rescinded().apportionment_id(), sub::RESCINDED, "", false));
    // Still ROUTED: the next round. A changed input decides again first.
    return Apportion(context, id);
  }
  if (data.has_referral_directed()) {
    // The queued round only: subcontractor learns of this one by RecordOverride (interfaces, D4).
    const auto& directed = data.referral_directed();
    if (directed.open_round() == 0) return absl::OkStatus();
    return Settle(context, absl::StrCat(directed.referral_id(), "/", directed.open_round()),
                  sub::DIRECTED, directed.code(), false);
  }
  if (data.has_referral_accepted()) {
    return Settle(context, data.referral_accepted().apportionment_id(), sub::ACCEPTED, "", false);
  }
  if (data.has_referral_withdrawn() && data.referral_withdrawn().open_round() > 0) {
    const auto& withdrawn = data.referral_withdrawn();
    return Settle(context, absl::StrCat(withdrawn.referral_id(), "/", withdrawn.open_round()),
                  sub::WITHDRAWN_BEFORE_START, withdrawn.code(), false);
  }
  return absl::OkStatus();
}

std::vector<projection::Subscription> Apportioned::subscriptions() const {
  return {{.service = "subcontractor",
           .partitions = Partitions::kOwn,
           .types = {"ReferralApportioned", "ApportionmentFailed"}}};
}

std::string Apportioned::OrderingKey(const common::v1::CloudEvent& event) const {
  const auto data = projection::DataOf<sub::PublicEvent>(event);
  return data.has_referral_apportioned() ? data.referral_apportioned().referral_id()
                                         : data.apportionment_failed().referral_id();
}

// A draw of a round that is over is refused by the state or the round: that is its answer.
absl::Status Apportioned::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  const auto data = projection::DataOf<sub::PublicEvent>(event);
  if (data.has_referral_apportioned()) {
    const auto& drawn = data.referral_apportioned();
    return projection::Done(context.Execute(
        "offer", OfferCommand(drawn.referral_id(), static_cast<int>(drawn.round()),
                              drawn.apportionment_id(), drawn.winner(), drawn.last_resort())));
  }
  if (data.has_apportionment_failed()) {
    const auto& failed = data.apportionment_failed();
    return projection::Done(context.Execute(
        "none", NoPlacementCommand(failed.referral_id(), static_cast<int>(failed.round()),
                                   failed.apportionment_id(), failed.exclusions())));
  }
  return absl::OkStatus();
}

}  // namespace pdp::referral
