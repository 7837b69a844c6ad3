#include "services/referral/processes/reevaluation.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell_reader.h"
#include "services/referral/domain/domain.h"
#include "services/referral/processes/life_events.h"
#include "services/referral/reference/shipped_catalogue.h"

namespace pdp::referral {
namespace {

std::string PersonOf(const v1::PublicEvent& event) {
  if (event.has_needs_recorded()) return event.needs_recorded().crn();
  if (event.has_risk_recorded()) return event.risk_recorded().crn();
  if (event.has_identity_corrected()) return event.identity_corrected().crn();
  if (event.has_sentence_registered()) return event.sentence_registered().crn();
  if (event.has_sentence_end_changed()) return event.sentence_end_changed().crn();
  if (event.has_requirement_registered()) return event.requirement_registered().crn();
  if (event.has_requirement_varied()) return event.requirement_varied().crn();
  if (event.has_person_unmerged()) return event.person_unmerged().from();
  return event.person_merged().from();
}

}  // namespace

std::string CauseOf(const v1::PublicEvent& event) {
  if (event.has_needs_recorded()) return absl::StrCat("NEEDS:", event.needs_recorded().section());
  if (event.has_risk_recorded()) return "RISK";
  if (event.has_identity_corrected()) return "IDENTITY";
  if (event.has_sentence_registered()) {
    return absl::StrCat("SENTENCE:", event.sentence_registered().sentence_key());
  }
  if (event.has_sentence_end_changed()) {
    return absl::StrCat("SENTENCE:", event.sentence_end_changed().sentence_key());
  }
  if (event.has_requirement_registered()) {
    return absl::StrCat("REQUIREMENT:", event.requirement_registered().requirement_key());
  }
  if (event.has_requirement_varied()) {
    return absl::StrCat("REQUIREMENT:", event.requirement_varied().requirement_key());
  }
  if (event.has_person_merged()) return "MERGED";
  if (event.has_person_unmerged()) return "UNMERGED";
  return "";
}

std::vector<projection::Subscription> Reevaluation::subscriptions() const {
  return {{.service = "referral",
           .partitions = projection::Partitions::kNat,
           .types = {"NeedsRecorded", "RiskRecorded", "IdentityCorrected", "SentenceRegistered",
                     "SentenceEndChanged", "RequirementRegistered", "RequirementVaried",
                     "PersonMerged", "PersonUnmerged"}}};
}

absl::Status Reevaluation::FlagDuplicates(const v1::PublicEvent::PersonMerged& merged,
                                          projection::ProcessContext& context) {
  for (const v1::Duplicate& duplicate : merged.duplicates()) {
    for (const std::string& id : duplicate.referral_ids()) {
      v1::Command command;
      command.mutable_flag_duplicates()->set_referral_id(id);
      *command.mutable_flag_duplicates()->mutable_other_ids() = duplicate.referral_ids();
      // Another area's referral is not found here: its own area flags it.
      RETURN_IF_ERROR(projection::Done(
          context.Execute(absl::StrCat("duplicate/", context.area().code(), "/", id), command)));
    }
  }
  return absl::OkStatus();
}

absl::Status Reevaluation::React(const common::v1::CloudEvent& event,
                                 projection::ProcessContext& context) {
  const auto data = projection::DataOf<v1::PublicEvent>(event);
  const std::string cause = CauseOf(data);
  const engine::CellReader* cell = host_.reader(context.area());
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  if (cause.empty()) return absl::OkStatus();
  if (data.has_person_merged()) RETURN_IF_ERROR(FlagDuplicates(data.person_merged(), context));
  const common::v1::Position seen = projection::PositionOf(event);
  ASSIGN_OR_RETURN(const auto ids,
                   ReferralsOf(host_, nat_, context.area(), PersonOf(data), seen));
  for (const std::string& id : ids) {
    ASSIGN_OR_RETURN(const engine::CellReader::ReadResult read, cell->ReadState(ReferralId(id)));
    const v1::Referral& referral = static_cast<const v1::State&>(*read.state).referral();
    if (!referral.has_decision()) continue;
    v1::Command command;
    v1::ReviewRoute* review = command.mutable_review_route();
    review->set_referral_id(id);
    review->set_cause(cause);
    ASSIGN_OR_RETURN(*review->mutable_facts(),
                     nat_.Facts(referral.origin_crn(), referral.sentence_key(), seen));
    *review->mutable_catalogue() = ShippedCatalogue();
    RETURN_IF_ERROR(projection::Done(context.Execute(absl::StrCat("review/", id), command)));
  }
  return absl::OkStatus();
}

}  // namespace pdp::referral
