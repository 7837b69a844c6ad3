#ifndef PDP_SERVICES_REFERRAL_DOMAIN_FORM_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_FORM_H_

#include <string>
#include <vector>

#include "services/referral/domain/domain.h"
#include "services/referral/domain/policy.h"

// The form of a referral: its sections (REF-30), what each must hold before submit (REF-31), and
// when a draft expires (REF-32).
namespace pdp::referral {

// PERSON, CONTACT, ...; empty when no case is set.
std::string SectionName(const v1::Section& section);
std::vector<std::string> SectionsOfLine(absl::string_view line);

// Every missing section (SECTION_MISSING) and field (FIELD_MISSING) at once. `subject` is the
// section.
std::vector<Violation> MissingParts(const v1::Referral& referral, const v1::Person& person,
                                    Date today, const Policy& policy);

// Whose key seals what is written in a draft of the person (REF-32).
std::string DraftSubject(absl::string_view origin_crn, absl::string_view referral_id);

// A section as it is written in a draft, without the day the draft expires on.
v1::DraftSectionSaved SectionSaved(const std::string& origin_crn, const std::string& referral_id,
                                   v1::Section section, absl::Time at);

// The day at whose start a form expires that is saved on `saved`: YYYY-MM-DD.
std::string DraftExpiresOn(Date saved, const Policy& policy);
// First instant at which a FORM draft has expired, by the row in force when it was last saved;
// nullopt for REQUIREMENT drafts.
std::optional<absl::Time> DraftExpiresAt(const v1::Referral& referral);

// The checks of SubmitReferral up to the slot: service.cc runs them before it reserves the slot in
// NAT, the command itself runs them again. nullopt: may be submitted.
std::optional<Rejected> CheckSubmit(const v1::Referral& referral, const v1::SubmitReferral& command,
                                    const Facts& facts);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_FORM_H_
