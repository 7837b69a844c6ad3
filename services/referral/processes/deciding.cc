#include "services/referral/processes/deciding.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell_reader.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "services/referral/cell_rules.h"
#include "services/referral/domain/domain.h"
#include "services/referral/domain/reconsider.h"
#include "services/referral/domain/routing.h"
#include "services/referral/domain/tokens.h"
#include "services/referral/reference/shipped_catalogue.h"

namespace pdp::referral {

using projection::ProcessContext;

std::vector<projection::Subscription> Deciding::subscriptions() const {
  return {{.service = "referral",
           .partitions = projection::Partitions::kOwn,
           .types = {"ReferralSubmitted", "InformationProvided", "DeferralReviewDue",
                     "DecideAgain", "ReferralReturned", "ReferralReceived",
                     "EstimateRetryDue"}}};
}

// Waiting for programmes holds up nothing else of the referral.
std::string Deciding::OrderingKey(const common::v1::CloudEvent& event) const {
  if (projection::ShortType(event) != "EstimateRetryDue") return event.subject();
  return absl::StrCat("estimate/", event.subject());
}

void Deciding::AddEstimates(const v1::Referral& referral, absl::Time now, Area area,
                            v1::DecideRoute* decide) const {
  const Date from = LocalDate(now);
  const CellRules rules(host_.reader(area), from);
  const Policy policy = Policy::InForce(from);
  if (!estimator_ || referral.line() != "PROGRAMME" ||
      !policy.Find(absl::StrCat("ladder.", referral.need()))) {
    return;
  }
  const PersonFacts facts = NewestFacts(decide->facts().person(), referral);
  for (const std::string& route : policy.List(absl::StrCat("ladder.", referral.need()))) {
    const std::string kind = RouteKind(route, &decide->catalogue());
    for (v1::Estimate& estimate :
         estimator_(area, route, DeriveTokens(facts, kind, policy), from)) {
      *decide->add_estimates() = std::move(estimate);
    }
  }
}

// REF-47: once a live answer came, the decision is looked at again.
absl::Status Deciding::Retry(const v1::Referral& referral, ProcessContext& context) {
  if (!FailedOnDefaultEstimate(referral)) return absl::OkStatus();
  v1::DecideRoute decide;
  ASSIGN_OR_RETURN(*decide.mutable_facts(),
                   nat_.Facts(referral.origin_crn(), referral.sentence_key()));
  *decide.mutable_catalogue() = ShippedCatalogue();
  AddEstimates(referral, context.now(), context.area(), &decide);
  if (decide.estimates().empty()) return absl::UnavailableError("programmes did not answer");
  v1::Command command;
  v1::ReviewRoute* review = command.mutable_review_route();
  review->set_referral_id(referral.id());
  review->set_cause("ESTIMATE");
  *review->mutable_facts() = decide.facts();
  *review->mutable_catalogue() = decide.catalogue();
  *review->mutable_estimates() = decide.estimates();
  return projection::Done(context.Execute("retry", command));
}

absl::Status Deciding::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  // An internal event always runs the decision again.
  if (projection::ShortType(event) == "ReferralReturned" &&
      projection::DataOf<v1::PublicEvent>(event).referral_returned().code() != "WRONG_ROUTE") {
    return absl::OkStatus();
  }
  const AggregateId id = AggregateId::FromText(event.subject());
  const engine::CellReader* cell = host_.reader(context.area());
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  ASSIGN_OR_RETURN(const engine::CellReader::ReadResult read, cell->ReadState(id));
  const v1::Referral& referral = static_cast<const v1::State&>(*read.state).referral();
  if (projection::ShortType(event) == "EstimateRetryDue") return Retry(referral, context);
  // Decided already, or withdrawn meanwhile.
  if (referral.state() != v1::SUBMITTED) return absl::OkStatus();
  v1::Command command;
  v1::DecideRoute* decide = command.mutable_decide_route();
  decide->set_referral_id(referral.id());
  ASSIGN_OR_RETURN(*decide->mutable_facts(),
                   nat_.Facts(referral.origin_crn(), referral.sentence_key()));
  *decide->mutable_catalogue() = ShippedCatalogue();
  AddEstimates(referral, context.now(), context.area(), decide);
  const engine::CommandOutcome outcome = context.Execute("decide", command);
  if (projection::RefusalOf(outcome) == "CATALOGUE_NOT_READY") {
    return absl::UnavailableError("the catalogue copy is not filled yet");
  }
  return projection::Done(outcome);
}

}  // namespace pdp::referral
