#include "services/referral/domain/routing_inputs.h"

#include <algorithm>

namespace pdp::referral {

RoutingInputs InputsOf(const v1::NatFacts& nat, const v1::Catalogue& catalogue,
                       const google::protobuf::RepeatedPtrField<v1::Estimate>& estimates,
                       const v1::Referral& referral, Date decided_on) {
  RoutingInputs inputs;
  inputs.line = referral.line();
  inputs.need = referral.need();
  inputs.category = referral.category();
  inputs.person = NewestFacts(nat.person(), referral);
  inputs.sentence = nat.sentence();
  // An amended end counts until the court's record is newer.
  if (nat.sentence_version() <= referral.end_amended_at_version()) {
    inputs.sentence.set_end_on(referral.end_on());
    inputs.sentence.set_open_ended(referral.open_ended());
  }
  inputs.requirement_no = RequirementNo(referral.requirement_key());
  for (const v1::Sentence& sentence : nat.live_sentences()) {
    inputs.live_sentences.push_back(sentence);
  }
  inputs.catalogue = &catalogue;
  for (const v1::Estimate& estimate : estimates) {
    inputs.estimates[estimate.version_ref()] = estimate.date();
  }
  inputs.not_suitable.assign(referral.not_suitable().begin(), referral.not_suitable().end());
  inputs.proceed_alternative = referral.proceed_alternative();
  inputs.decided_on = decided_on;
  return inputs;
}

bool IsPersons(const v1::Person& person, absl::string_view crn) {
  return absl::string_view(person.crn()) == crn ||
         std::find(person.aliases().begin(), person.aliases().end(), crn) != person.aliases().end();
}

}  // namespace pdp::referral
