#include <algorithm>
#include <set>

#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/policy.h"

// Written instructions to attend and begin (UPW-36, 37).

namespace pdp::unpaid_work {
namespace {

const v1::Instruction* Find(const v1::Case& c, const std::string& instruction_id) {
  for (const v1::Instruction& instruction : c.instructions()) {
    if (instruction.instruction_id() == instruction_id) return &instruction;
  }
  return nullptr;
}

// The codes of UPW-36 that may refuse, in the printed order.
std::optional<Rejected> Refuse(const v1::Case& c, const v1::IssueInstruction& command,
                               std::string* template_version) {
  if (!c.has_communication()) return decider::Reject("COMMUNICATION_NEEDS_UNKNOWN");
  const auto& languages = c.communication().languages();
  if (std::find(languages.begin(), languages.end(), command.language()) == languages.end()) {
    return decider::Reject("INSTRUCTION_LANGUAGE_MISMATCH");
  }
  std::vector<std::string> missing;
  for (const std::string& needed : NeededFormats(c)) {
    const auto& formats = command.formats();
    if (std::find(formats.begin(), formats.end(), needed) == formats.end()) {
      missing.push_back(needed);
    }
  }
  if (!missing.empty()) return RejectAll("INSTRUCTION_FORMAT_MISMATCH", missing);
  for (const v1::CodeTables::List& list : ShippedCodes().lists()) {
    if (list.name() != "instruction_section") continue;
    for (const v1::ListedCode& section : list.codes()) {
      const auto& named = command.sections();
      if (std::find(named.begin(), named.end(), section.code()) == named.end()) {
        missing.push_back(section.code());
      }
    }
  }
  if (!missing.empty()) return RejectAll("INSTRUCTION_INCOMPLETE", missing);
  for (const v1::InstructionTemplate& row : ShippedCodes().templates()) {
    if (row.language() == command.language()) *template_version = row.version();
  }
  if (template_version->empty()) return decider::Reject("TEMPLATE_NOT_AVAILABLE");
  return std::nullopt;
}

}  // namespace

Verdict Decide(Unit& unit, const v1::IssueInstruction& command, const Facts& facts) {
  const v1::Case* c = FindCase(unit, command.crn());
  Checks checks;
  checks.Require(command.appointment_ids_size() > 0, "appointment_ids", "are missing");
  checks.Require(!command.language().empty(), "language", "is missing");
  checks.Require(!command.channel().empty(), "channel", "is missing");
  for (const std::string& format : command.formats()) {
    checks.KnownIn("written_format", format, "formats");
  }
  const AggregateId id = CaseId(command.crn());
  const bool found =
      c != nullptr && std::all_of(command.appointment_ids().begin(),
                                  command.appointment_ids().end(), [&](const auto& appointment) {
                                    return FindAppointment(*c, appointment) != nullptr;
                                  });
  if (auto rejected = Admit(unit, facts, {id, found, {"CO", "SYS"}}, checks)) return *rejected;
  if (c->status() == v1::CASE_CLOSED) return decider::Reject("CASE_CLOSED");
  for (const std::string& appointment : command.appointment_ids()) {
    const v1::AppointmentStatus status = FindAppointment(*c, appointment)->status();
    if (status != v1::APPOINTMENT_BOOKED) {
      return decider::StateForbidsCommand(v1::AppointmentStatus_Name(status),
                                          {"APPOINTMENT_BOOKED"});
    }
  }
  std::string template_version;
  if (auto rejected = Refuse(*c, command, &template_version)) return *rejected;

  v1::Event event;
  auto* issued = event.mutable_instruction_issued();
  v1::Instruction* instruction = issued->mutable_instruction();
  instruction->set_instruction_id(
      absl::StrCat(command.crn(), "/instruction/", c->instructions_size() + 1));
  std::set<std::pair<std::string, uint32_t>> covered;
  for (const std::string& appointment : command.appointment_ids()) {
    const uint32_t revision = FindAppointment(*c, appointment)->revision();
    if (!covered.emplace(appointment, revision).second) continue;
    auto* row = instruction->add_covered();
    row->set_appointment_id(appointment);
    row->set_revision(revision);
  }
  instruction->set_issued_on(FormatDate(OccurredOn(facts)));
  instruction->set_status(v1::INSTRUCTION_ISSUED);
  issued->set_language(command.language());
  *issued->mutable_formats() = command.formats();
  issued->set_template_version(template_version);
  issued->set_channel(command.channel());
  // An unanswered one whose appointments are all told anew asks for no answer any more.
  for (const v1::Instruction& old : c->instructions()) {
    const bool repeated = old.status() == v1::INSTRUCTION_ISSUED &&
                          old.issued_on() == instruction->issued_on() &&
                          std::all_of(old.covered().begin(), old.covered().end(),
                                      [&covered](const v1::CoveredAppointment& row) {
                                        return covered.count({row.appointment_id(),
                                                              row.revision()}) > 0;
                                      });
    if (repeated) issued->add_supersedes(old.instruction_id());
  }
  v1::Reply reply;
  reply.mutable_issue_instruction()->set_instruction_id(instruction->instruction_id());
  reply.mutable_issue_instruction()->set_template_version(template_version);
  unit.Emit(id, std::move(event));
  return reply;
}

Verdict Decide(Unit& unit, const v1::AcknowledgeInstruction& command, const Facts& facts) {
  const v1::Case* c = FindCase(unit, command.crn());
  const v1::Instruction* instruction =
      c == nullptr ? nullptr : Find(*c, command.instruction_id());
  Checks checks;
  checks.Require(command.method() != v1::ACKNOWLEDGE_METHOD_UNSPECIFIED, "method", "is missing");
  const auto on = checks.DateField(command.on(), "on");
  checks.Require(command.at() >= 0 && command.at() < 1440, "at", "is no minute of the day");
  checks.Require(!on.has_value() || Moment{*on, command.at()} <= Now(facts), "on",
                 "lies in the future");
  const AggregateId id = CaseId(command.crn());
  if (c != nullptr && instruction == nullptr) return decider::NotFound(id);
  if (auto rejected = AdmitCase(unit, facts, command.crn(), {"SP", "CO", "SU"}, checks)) {
    return *rejected;
  }
  if (instruction->status() != v1::INSTRUCTION_ISSUED) {
    return decider::StateForbidsCommand(v1::InstructionStatus_Name(instruction->status()),
                                        {"INSTRUCTION_ISSUED"});
  }
  if (command.method() == v1::REFUSED && command.witness().empty()) {
    return decider::Reject("WITNESS_REQUIRED");
  }
  if (*on < DateOf(instruction->issued_on())) return decider::Reject("ACK_BEFORE_ISSUE");
  v1::Event event;
  if (command.method() == v1::REFUSED) {
    auto* refused = event.mutable_instruction_refused();
    refused->set_instruction_id(command.instruction_id());
    refused->set_on(command.on());
    refused->set_at(command.at());
    refused->set_witness(command.witness());
  } else {
    auto* acknowledged = event.mutable_instruction_acknowledged();
    acknowledged->set_instruction_id(command.instruction_id());
    acknowledged->set_method(command.method());
    acknowledged->set_on(command.on());
    acknowledged->set_at(command.at());
  }
  const auto covered = instruction->covered();
  unit.Emit(id, std::move(event));
  // UPW-38: keyed later but made before the start, it makes the failure that was not covered.
  for (const v1::CoveredAppointment& row : covered) {
    SettleFailure(unit, command.crn(), row.appointment_id(), Today(facts));
  }
  return v1::Reply();
}

}  // namespace pdp::unpaid_work
