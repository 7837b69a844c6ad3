#include "google/protobuf/util/message_differencer.h"
#include "services/subcontractor/domain/commands.h"

namespace pdp::subcontractor {

Verdict Decide(Unit& unit, const v1::RegisterOrganisation& command, const Facts& facts) {
  const v1::Organisation& organisation = command.organisation();
  if (!IsAuthority(facts) && !IsSystem(facts) && !Holds(facts, organisation.org_id(), "ADMIN")) {
    return NotHeld(facts, organisation.org_id(), "ADMIN");
  }
  Checks checks;
  checks.Require(facts.area.is_nat(), "area", "organisations are registered in NAT");
  checks.IdField(organisation.org_id(), "organisation.org_id");
  checks.Require(!organisation.legal_name().empty() && organisation.legal_name().size() <= 200,
                 "organisation.legal_name", "must be 1 to 200 bytes");
  checks.Require(organisation.kind() != v1::ORGANISATION_KIND_UNSPECIFIED, "organisation.kind",
                 "is missing");
  checks.Require(organisation.structure() != v1::STRUCTURE_UNSPECIFIED, "organisation.structure",
                 "is missing");
  checks.Require(organisation.identifiers_size() <= 20, "organisation.identifiers", "at most 20");
  for (const v1::OrganisationIdentifier& identifier : organisation.identifiers()) {
    checks.IdField(identifier.scheme(), "organisation.identifiers.scheme");
    checks.IdField(identifier.id(), "organisation.identifiers.id");
  }
  if (!checks.ok()) return checks.Failed();
  if (FindOrganisation(unit, organisation.org_id()) != nullptr) {
    return decider::Reject("IDENTIFIER_IN_USE", "the organisation id is registered already");
  }
  Rejected in_use = decider::Reject("IDENTIFIER_IN_USE", "the identifier is another's");
  for (const v1::OrganisationIdentifier& identifier : organisation.identifiers()) {
    if (unit.Find(IdentifierId(identifier.scheme(), identifier.id())) != nullptr) {
      in_use.violations.push_back(
          {.code = "IDENTIFIER_IN_USE",
           .subject = absl::StrCat(identifier.scheme(), "/", identifier.id())});
    }
  }
  if (!in_use.violations.empty()) return in_use;
  if (organisation.structure() == v1::SINGLE_ORGANISATION &&
      !organisation.ultimate_parent_id().empty()) {
    return decider::Reject("STRUCTURE_CONTRADICTORY", "a single organisation has no parent");
  }
  v1::Event event;
  v1::Organisation* registered = event.mutable_organisation_registered()->mutable_organisation();
  *registered = organisation;
  registered->set_status(v1::ORGANISATION_REGISTERED);
  registered->set_exclusion(v1::EXCLUSION_NONE);
  unit.Emit(OrganisationId(organisation.org_id()), std::move(event));
  for (const v1::OrganisationIdentifier& identifier : organisation.identifiers()) {
    // One organisation may name an identifier twice; it is taken once.
    const AggregateId id = IdentifierId(identifier.scheme(), identifier.id());
    if (unit.Find(id) != nullptr) continue;
    v1::Event taken;
    taken.mutable_identifier_taken()->set_org_id(organisation.org_id());
    unit.Emit(id, std::move(taken));
  }
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::CopyOrganisation& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  Checks checks;
  checks.IdField(command.organisation().org_id(), "organisation.org_id");
  if (!checks.ok()) return checks.Failed();
  const v1::ProviderState* provider = FindProvider(unit, command.organisation().org_id());
  if (provider != nullptr && google::protobuf::util::MessageDifferencer::Equals(
                                 provider->organisation(), command.organisation())) {
    return v1::Reply();
  }
  v1::Event event;
  *event.mutable_organisation_copied()->mutable_organisation() = command.organisation();
  unit.Emit(ProviderId(command.organisation().org_id()), std::move(event));
  return v1::Reply();
}

}  // namespace pdp::subcontractor
