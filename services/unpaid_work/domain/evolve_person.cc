#include <algorithm>

#include "google/protobuf/util/message_differencer.h"
#include "libs/base/check.h"
#include "services/unpaid_work/domain/evolve.h"

namespace pdp::unpaid_work::evolve {

void Answered(v1::Case& c, const v1::SectionAnswered& event) {
  for (v1::AssessmentSection& section : *c.mutable_assessment()) {
    if (section.section() == event.section()) {
      section = event.answers();
      return;
    }
  }
  *c.add_assessment() = event.answers();
}

void ConstraintWithdrawn(v1::Case& c, const v1::Constraint& constraint) {
  auto* rows = c.mutable_constraints();
  const auto it = std::find_if(rows->begin(), rows->end(), [&](const v1::Constraint& row) {
    return google::protobuf::util::MessageDifferencer::Equals(row, constraint);
  });
  if (it != rows->end()) rows->erase(it);
}

void ConsentWithdrawn(v1::Case& c, const v1::ConsentWithdrawn& event) {
  for (v1::Consent& consent : *c.mutable_consents()) {
    if (consent.consent_id() == event.consent_id()) consent.set_withdrawn_on(event.on());
  }
}

void Issued(v1::Case& c, const v1::InstructionIssued& event) {
  for (const std::string& id : event.supersedes()) {
    if (v1::Instruction* old = MutableInstruction(c, id)) {
      old->set_status(v1::INSTRUCTION_SUPERSEDED);
    }
  }
  *c.add_instructions() = event.instruction();
}

v1::Instruction* MutableInstruction(v1::Case& c, const std::string& instruction_id) {
  for (v1::Instruction& instruction : *c.mutable_instructions()) {
    if (instruction.instruction_id() == instruction_id) return &instruction;
  }
  return nullptr;
}

}  // namespace pdp::unpaid_work::evolve
