// Enrolments from receipt to suitability, and their end (PRG-10, 20, 21, 103, 104).

#include <algorithm>

#include "libs/base/calendar.h"
#include "services/programmes/domain/membership.h"

namespace pdp::programmes {
namespace {

std::vector<Violation> Shape(const v1::ReceiveReferral& c) {
  std::vector<Violation> bad;
  const auto need = [&](const std::string& value, const char* field) {
    if (value.empty()) bad.push_back({"FIELD_MISSING", "", field, "must be given"});
  };
  need(c.referral_id(), "referral_id");
  need(c.crn(), "crn");
  need(c.delivery_org(), "delivery_org");
  need(c.route(), "route");
  need(c.version_ref(), "version_ref");
  if (c.round() < 1) bad.push_back({"OUT_OF_RANGE", "", "round", "counts from 1"});
  const auto date = [&](const std::string& value, const char* field, bool optional) {
    if ((value.empty() && optional) || ParseDate(value).has_value()) return;
    bad.push_back({"DATE_MALFORMED", "", field, "a date YYYY-MM-DD"});
  };
  date(c.received_on(), "received_on", false);
  date(c.opened_on(), "opened_on", false);
  need(c.requirement().key(), "requirement.key");
  need(c.requirement().order_id(), "requirement.order_id");
  date(c.requirement().order_end(), "requirement.order_end", true);
  return bad;
}

// PRG-20: an open enrolment of the same person, under any CRN, for the same requirement and
// product.
const v1::OpenEnrolments::Entry* Duplicate(const Unit& unit, const v1::ReceiveReferral& c) {
  for (const std::string& crn : CrnsOf(unit, c.crn())) {
    const v1::State* open = unit.Find(OpenEnrolmentsId(crn));
    if (open == nullptr) continue;
    for (const auto& entry : open->open_enrolments().entries()) {
      if (entry.open() && entry.requirement_key() == c.requirement().key() &&
          entry.route() == c.route()) {
        return &entry;
      }
    }
  }
  return nullptr;
}

// What an earlier delivery of the referral leaves: the export of another area, else the last round
// that was begun here (PRG-20, 104).
std::optional<v1::LedgerExport> Earlier(const Unit& unit, const v1::ReceiveReferral& command) {
  if (command.has_transferred()) return command.transferred();
  for (int round = command.round() - 1; round > 0; --round) {
    const v1::Enrolment* before =
        FindEnrolment(unit, absl::StrCat(command.referral_id(), "/", round));
    if (before == nullptr) continue;
    const auto left = ParseDate(before->left_on());
    return ExportOf(*before, left.value_or(*ParseDate(command.opened_on())));
  }
  return std::nullopt;
}

// Leaves in `ledger` the rows that count (PRG-102): complete modules of the same content, while
// credit lives.
void KeepLiveCredit(const v1::ProgrammeVersion& version, Date opened_on,
                    v1::LedgerExport* exported) {
  const auto left_on = ParseDate(exported->left_on());
  const bool live = exported->content_hash() == ContentHash(version) && left_on.has_value() &&
                    opened_on <= CreditUntil(*left_on);
  const std::vector<std::string> transferred =
      live ? CarryCredit(version, exported->ledger()).transferred : std::vector<std::string>();
  const auto ledger = exported->ledger();
  exported->clear_ledger();
  exported->clear_obligations();  // of rows that are begun again
  for (const v1::LedgerRow& row : ledger) {
    if (std::find(transferred.begin(), transferred.end(), row.row()) == transferred.end()) continue;
    v1::LedgerRow* kept = exported->add_ledger();
    *kept = row;
    kept->set_credit(v1::TRANSFERRED);
  }
}

}  // namespace

Verdict Handle(Unit& unit, const v1::ReceiveReferral& command, const Facts& facts) {
  if (auto refused = CheckRole(facts, {"SYS"})) return *refused;
  if (auto bad = Shape(command); !bad.empty()) return decider::ValidationFailed(std::move(bad));
  const std::string id = absl::StrCat(command.referral_id(), "/", command.round());
  v1::Reply reply;
  reply.mutable_enrolment()->set_enrolment_id(id);
  // PRG-20: a redelivery is a no-op with the same answer.
  if (unit.Find(EnrolmentId(id)) != nullptr) return reply;
  if (const auto* open = Duplicate(unit, command)) {
    return Reject("DUPLICATE_ENROLMENT",
                  absl::StrCat(open->enrolment_id(), " is open for the same requirement"));
  }
  // PRG-2: before anything of the version is looked at.
  if (command.verdict() == "RETAINED_BY_NPS") return Reject("RETAINED_BY_NPS");
  const v1::ProgrammeVersion* version = FindVersion(command.version_ref());
  if (version == nullptr || version->status() != "PUBLISHED" ||
      version->route() != command.route()) {
    return Reject("UNKNOWN_PRODUCT", absl::StrCat(command.version_ref(), " is no published version",
                                                  " of route ", command.route()));
  }
  v1::Event event;
  v1::EnrolmentOpened* opened = event.mutable_enrolment_opened();
  opened->set_enrolment_id(id);
  opened->set_referral_id(command.referral_id());
  opened->set_round(command.round());
  opened->set_crn(command.crn());
  opened->set_delivery_org(command.delivery_org());
  opened->set_stratum(command.stratum());
  opened->set_route(command.route());
  opened->set_version_ref(command.version_ref());
  opened->set_content_hash(ContentHash(*version));
  *opened->mutable_requirement() = command.requirement();
  opened->set_received_on(command.received_on());
  opened->set_opened_on(command.opened_on());
  *opened->mutable_tokens() = command.tokens();
  *opened->mutable_responsivity() = command.responsivity();
  opened->set_pdu(command.pdu());
  opened->set_verdict(command.verdict());
  opened->set_person_version(command.person_version());
  opened->set_sentence_version(command.sentence_version());
  if (auto earlier = Earlier(unit, command)) {
    KeepLiveCredit(*version, *ParseDate(command.opened_on()), &*earlier);
    // The clock goes on from the first receipt.
    if (!earlier->received_on().empty()) opened->set_received_on(earlier->received_on());
    *opened->mutable_taken_over() = *std::move(earlier);
  }
  unit.Emit(EnrolmentId(id), event);
  ListEnrolment(unit, *FindEnrolment(unit, id), true);
  return reply;
}

Verdict Handle(Unit& unit, const v1::ConfirmSuitability& command, const Facts& facts) {
  const v1::Enrolment* enrolment = VisibleEnrolment(unit, command.enrolment_id(), facts);
  if (enrolment == nullptr) return decider::NotFound(EnrolmentId(command.enrolment_id()));
  if (auto refused = CheckRole(facts, {"TM"})) return *refused;
  if (auto refused = CheckOrganisation(facts, enrolment->delivery_org())) return *refused;
  const AggregateId id = EnrolmentId(command.enrolment_id());
  if (auto conflict = CheckVersion(facts, id, unit.VersionOf(id))) return *conflict;
  if (enrolment->status() != v1::AWAITING_SUITABILITY) return StateForbids(*enrolment);
  if (enrolment->verdict() != "ELIGIBLE") return Reject(enrolment->verdict());
  const v1::ProgrammeVersion& version = *FindVersion(enrolment->version_ref());
  const auto latest = LatestStart(version, enrolment->requirement().order_end());
  // PRG-10. Joinable groups are looked at when people are allocated (PRG-70).
  if (latest.has_value() && LocalDate(facts.occurred_at) > *latest) {
    return Reject("INFEASIBLE", absl::StrCat("the latest start was ", FormatDate(*latest)));
  }
  v1::Event event;
  event.mutable_suitability_confirmed()->set_version_ref(enrolment->version_ref());
  if (latest.has_value()) {
    event.mutable_suitability_confirmed()->set_latest_start(FormatDate(*latest));
  }
  unit.Emit(id, event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::RecordDeliveryChoice& command, const Facts& facts) {
  const v1::Enrolment* enrolment = VisibleEnrolment(unit, command.enrolment_id(), facts);
  if (enrolment == nullptr) return decider::NotFound(EnrolmentId(command.enrolment_id()));
  if (auto refused = CheckRole(facts, {"FAC", "TM"})) return *refused;
  if (auto refused = CheckOrganisation(facts, enrolment->delivery_org())) return *refused;
  std::vector<Violation> bad;
  const auto one_of = [&](const std::string& value, std::initializer_list<const char*> known,
                          const char* field) {
    for (const char* k : known) {
      if (value == k) return;
    }
    bad.push_back({"UNKNOWN_CODE", "", field, absl::StrCat("'", value, "' is no known code")});
  };
  one_of(command.choice(), {"WOMEN_ONLY", "WITH_OTHER_WOMEN", "ONE_TO_ONE", "NO_PREFERENCE"},
         "choice");
  one_of(command.female_facilitator(), {"REQUESTED", "NOT_WANTED"}, "female_facilitator");
  if (!bad.empty()) return decider::ValidationFailed(std::move(bad));
  if (!IsOpen(*enrolment)) return StateForbids(*enrolment);
  v1::Event event;
  event.mutable_delivery_choice_recorded()->set_choice(command.choice());
  event.mutable_delivery_choice_recorded()->set_female_facilitator(command.female_facilitator());
  event.mutable_delivery_choice_recorded()->set_asked_on(FormatDate(LocalDate(facts.occurred_at)));
  unit.Emit(EnrolmentId(command.enrolment_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::EndEnrolment& command, const Facts& facts) {
  const v1::Enrolment* found = VisibleEnrolment(unit, command.enrolment_id(), facts);
  if (found == nullptr) return decider::NotFound(EnrolmentId(command.enrolment_id()));
  if (auto refused = CheckRole(facts, {"RO", "PM", "SYS"})) return *refused;
  if (auto refused = CheckOrganisation(facts, found->delivery_org())) return *refused;
  const AggregateId id = EnrolmentId(command.enrolment_id());
  if (auto conflict = CheckVersion(facts, id, unit.VersionOf(id))) return *conflict;
  const auto on = DateOrToday(command.on(), facts);
  if (!on.has_value()) {
    return decider::ValidationFailed({{"DATE_MALFORMED", "", "on", "a date YYYY-MM-DD"}});
  }
  if (!IsOpen(*found)) return StateForbids(*found);
  const std::optional<bool> provider_caused =
      ProviderCaused(command.reason_code(), command.return_code());
  if (!provider_caused.has_value()) {
    return Reject("REASON_INVALID", absl::StrCat("'", command.reason_code(), "' is no end reason"));
  }
  const v1::Enrolment enrolment = *found;
  v1::Event event;
  v1::EnrolmentEnded* ended = event.mutable_enrolment_ended();
  ended->set_referral_id(enrolment.referral_id());
  ended->set_holder_org(enrolment.delivery_org());
  ended->set_on(FormatDate(*on));
  ended->set_reason_code(command.reason_code());
  ended->set_started(!enrolment.started_on().empty());
  ended->set_stratum(enrolment.stratum());
  ended->set_cause(command.cause());
  ended->set_return_code(command.return_code());
  ended->set_version_ref(enrolment.version_ref());
  ended->set_provider_caused(*provider_caused);
  ended->set_delivery_org(enrolment.delivery_org());
  if (!enrolment.attendances().empty()) {
    ended->set_last_row(enrolment.attendances(enrolment.attendances_size() - 1).row());
  }
  LeaveGroup(unit, enrolment, command.reason_code(), *on, facts);
  CancelIndividuals(unit, enrolment.id(), *on, command.reason_code());
  unit.Emit(id, event);
  ListEnrolment(unit, enrolment, false);
  return v1::Reply();
}

}  // namespace pdp::programmes
