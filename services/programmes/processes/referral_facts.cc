#include "services/programmes/processes/referral_facts.h"

#include <map>

#include "absl/strings/ascii.h"
#include "libs/base/calendar.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell_reader.h"
#include "services/programmes/projections/enrolments.h"

namespace pdp::programmes {
namespace {

namespace ref = referral::v1;
using google::protobuf::FieldDescriptor;

constexpr size_t kEnrolmentsMax = 500;
constexpr absl::Duration kViewWait = absl::Seconds(2);

absl::Time TimeOf(const google::protobuf::Timestamp& stamp) {
  return absl::FromUnixSeconds(stamp.seconds()) + absl::Nanoseconds(stamp.nanos());
}

ref::Needs NewestNeeds(const ref::GetReferralReply& reply) {
  ref::Needs newest = reply.person().needs();
  const auto form = reply.snapshot().find("NEEDS");
  if (form == reply.snapshot().end()) return newest;
  const ref::Needs& answers = form->second.needs();
  std::vector<const FieldDescriptor*> sections;
  answers.GetReflection()->ListFields(answers, &sections);
  for (const FieldDescriptor* section : sections) {
    const auto recorded = reply.person().recorded_at().find(absl::AsciiStrToUpper(section->name()));
    if (recorded != reply.person().recorded_at().end() &&
        TimeOf(recorded->second) > TimeOf(form->second.saved_at())) {
      continue;
    }
    newest.GetReflection()
        ->MutableMessage(&newest, section)
        ->CopyFrom(answers.GetReflection()->GetMessage(answers, section));
  }
  return newest;
}

// REF-7, comp.woman_basis=SEX_OR_IDENTITY.
bool IsWoman(const ref::Identity& identity) {
  return identity.gender_identity() == "GIF" ||
         (identity.sex() == "F" && identity.gender_identity() != "GIM");
}

// PRG-47 by the ethnicity table of section 9, of which referral owns the minority list.
std::string MinorityEthnic(const std::string& code) {
  if (code == "NS") return "DECLINED";
  if (code == "W1" || code == "W2" || code == "W9") return "NO";
  if (code == "W3" || code == "W4" || code == "W5") return "YES";
  if (!code.empty() && absl::string_view("ABMO").find(code[0]) != absl::string_view::npos) {
    return "YES";
  }
  return "UNKNOWN";
}

// When the person is not available: the record's answer, or the form's when that is newer.
void AddTimes(const ref::GetReferralReply& reply, const ref::Needs& needs,
              v1::Responsivity* person) {
  const auto form = reply.snapshot().find("AVAILABILITY");
  const auto recorded = reply.person().recorded_at().find("TIMES");
  const bool form_is_newer =
      form != reply.snapshot().end() &&
      (recorded == reply.person().recorded_at().end() ||
       TimeOf(recorded->second) <= TimeOf(form->second.saved_at()));
  *person->mutable_unavailable() =
      form_is_newer ? form->second.availability().windows() : needs.times().windows();
}

}  // namespace

absl::StatusOr<projection::Answer<ref::GetReferralReply>> AskReferral(
    const projection::Surroundings& host, Area area, const std::string& referral_id,
    uint64_t version, uint64_t nat_seq) {
  ref::GetReferralRequest request;
  request.set_area(std::string(area.code()));
  request.set_referral_id(referral_id);
  request.set_version(version);
  request.mutable_actor()->set_id(host.service());
  request.mutable_actor()->add_roles("SYS");
  if (nat_seq > 0) {
    common::v1::Position* nat = request.mutable_read()->add_min_position();
    nat->set_area(std::string(Area::Nat().code()));
    nat->set_seq(nat_seq);
  }
  return host.Ask<ref::GetReferralReply>(
      "referral", "/pdp.referral.v1.ReferralService/GetReferral", request, absl::Seconds(2));
}

v1::Responsivity ResponsivityOf(const ref::GetReferralReply& reply) {
  const ref::Identity& identity = reply.person().identity();
  const ref::Needs needs = NewestNeeds(reply);
  v1::Responsivity person;
  person.set_woman(IsWoman(identity));
  person.set_sex(identity.sex());
  person.set_date_of_birth(identity.date_of_birth());
  person.set_minority_ethnic(MinorityEthnic(identity.ethnicity()));
  if (person.minority_ethnic() == "YES" || person.minority_ethnic() == "NO") {
    person.add_identity_codes(identity.ethnicity());
  }
  person.set_learning_difficulty(needs.learning_difficulty().screening());
  person.set_language(needs.written().language());
  *person.mutable_formats_needed() = needs.written().formats();
  person.set_interpreter(needs.interpreter().needed() == ref::YES);
  const auto& choice = needs.women_programme();
  person.set_delivery_choice(choice.delivery_choice() == "DECLINED" ? "NO_PREFERENCE"
                                                                    : choice.delivery_choice());
  person.set_female_facilitator(choice.female_facilitator() == "DECLINED"
                                    ? "NOT_WANTED"
                                    : choice.female_facilitator());
  for (const ref::Barrier& barrier : needs.barriers().barriers()) {
    person.add_barriers(barrier.code());
  }
  if (needs.barriers().none_identified()) person.add_barriers("NONE_IDENTIFIED");
  *person.mutable_strengths() = needs.barriers().strengths();
  AddTimes(reply, needs, &person);
  return person;
}

v1::Requirement RequirementOf(const ref::GetReferralReply& reply) {
  v1::Requirement requirement;
  requirement.set_key(reply.requirement_key());
  requirement.set_order_id(reply.sentence_key());
  requirement.set_kind(reply.sentence().order_kind());
  if (!reply.sentence().open_ended()) requirement.set_order_end(reply.sentence().end_on());
  return requirement;
}

v1::ReceiveReferral ReceiptOf(const ref::PublicEvent::ReferralAccepted& accepted,
                              const std::string& accepted_on, const ref::GetReferralReply& reply) {
  v1::ReceiveReferral receive;
  receive.set_referral_id(accepted.referral_id());
  receive.set_round(accepted.round());
  receive.set_crn(reply.crn());
  receive.set_delivery_org(accepted.org());
  receive.set_stratum(accepted.stratum());
  receive.set_route(accepted.route());
  receive.set_version_ref(accepted.version_ref());
  *receive.mutable_requirement() = RequirementOf(reply);
  receive.set_received_on(accepted.submitted_on());
  receive.set_opened_on(accepted_on);
  *receive.mutable_tokens() = accepted.tokens();
  *receive.mutable_responsivity() = ResponsivityOf(reply);
  receive.set_pdu(accepted.pdu());
  // Only what was routed is accepted; a later decision of another version says nothing of this one.
  receive.set_verdict(reply.decision().outcome() == ref::Decision::RETAINED_NPS ? "RETAINED_BY_NPS"
                                                                                : "ELIGIBLE");
  receive.set_person_version(static_cast<int64_t>(reply.person_version()));
  receive.set_sentence_version(static_cast<int64_t>(reply.sentence_version()));
  return receive;
}

v1::UpdateReferralFacts UpdateOf(const std::string& enrolment_id,
                                 const ref::GetReferralReply& reply) {
  v1::UpdateReferralFacts update;
  update.set_enrolment_id(enrolment_id);
  update.set_person_version(static_cast<int64_t>(reply.person_version()));
  update.set_sentence_version(static_cast<int64_t>(reply.sentence_version()));
  *update.mutable_responsivity() = ResponsivityOf(reply);
  *update.mutable_requirement() = RequirementOf(reply);
  return update;
}

std::string DayOf(const common::v1::CloudEvent& event) {
  return FormatDate(LocalDate(absl::FromUnixSeconds(event.time().seconds())));
}

std::string EndReasonOfCause(const std::string& cause) {
  if (cause == "REVOKED" || cause == "QUASHED") return "ORDER_REVOKED";
  if (cause == "EXPIRED") return "ORDER_EXPIRED";
  if (cause == "TERMINATED") return "REQUIREMENT_REMOVED";
  return "";
}

std::optional<v1::Command> EndOrNothing(const std::string& enrolment_id, const std::string& reason,
                                        const std::string& on, const std::string& cause) {
  if (reason.empty()) return std::nullopt;
  v1::Command command;
  v1::EndEnrolment* end = command.mutable_end_enrolment();
  end->set_enrolment_id(enrolment_id);
  end->set_reason_code(reason);
  end->set_on(on);
  end->set_cause(cause);
  return command;
}

v1::Command SuspendCommand(const std::string& enrolment_id, const std::string& from,
                           const std::string& cause) {
  v1::Command command;
  command.mutable_suspend_enrolment()->set_enrolment_id(enrolment_id);
  command.mutable_suspend_enrolment()->set_reason_code("IN_CUSTODY");
  command.mutable_suspend_enrolment()->set_on(from);
  command.mutable_suspend_enrolment()->set_cause(cause);
  return command;
}

std::vector<std::pair<std::string, v1::Command>> StandingOf(const std::string& enrolment_id,
                                                            const ref::GetReferralReply& reply,
                                                            const std::string& day,
                                                            const std::string& cause) {
  std::string reason;
  if (reply.sentence().status() == ref::SENTENCE_ENDED) {
    reason = EndReasonOfCause(reply.sentence().ended_cause());
  }
  switch (reply.requirement().status()) {
    case ref::REQUIREMENT_REVOKED: reason = "ORDER_REVOKED"; break;
    case ref::REQUIREMENT_EXPIRED: reason = "ORDER_EXPIRED"; break;
    case ref::REQUIREMENT_TERMINATED: reason = "REQUIREMENT_REMOVED"; break;
    case ref::REQUIREMENT_COMPLETED:
    case ref::REQUIREMENT_LIVE:
    case ref::REQUIREMENT_STATUS_UNSPECIFIED:
    case ref::RequirementStatus_INT_MIN_SENTINEL_DO_NOT_USE_:
    case ref::RequirementStatus_INT_MAX_SENTINEL_DO_NOT_USE_: break;
  }
  if (reply.person().dead()) reason = "DIED";
  std::vector<std::pair<std::string, v1::Command>> steps;
  if (auto end = EndOrNothing(enrolment_id, reason, day, cause)) {
    steps.emplace_back("ended", *std::move(end));
  } else if (reply.person().location().kind() == "CUSTODY") {
    steps.emplace_back("custody", SuspendCommand(enrolment_id, day, cause));
  }
  return steps;
}

std::string EndReasonOf(const std::string& withdrawal_code, bool started) {
  static const auto* const kReasons = new std::map<std::string, std::string>{
      {"INE", "NOT_SUITABLE"},  {"MIS", "REFERRED_IN_ERROR"},  {"DUP", "DUPLICATE"},
      {"NOT", "DECLINED_TO_START"}, {"NEE", "BETTER_ALTERNATIVE"}, {"MOV", "MOVED_AWAY"},
      {"WOR", "CARE_OR_WORK"},  {"USE", "DIED"},               {"ACQ", "ORDER_REVOKED"},
      {"RET", "IN_CUSTODY"},    {"SER", "ORDER_REVOKED"},      {"SEE", "ORDER_EXPIRED"},
      {"EAR", "EARLY_END"},     {"ANO", "OTHER"},
  };
  if (withdrawal_code == "NOT" && started) return "STOPPED_ATTENDING";
  const auto it = kReasons->find(withdrawal_code);
  return it == kReasons->end() ? "OTHER" : it->second;
}

absl::StatusOr<std::vector<v1::EnrolmentRow>> EnrolmentsOf(const projection::Surroundings& host,
                                                           Area area,
                                                           const std::string& view_prefix) {
  RETURN_IF_ERROR(host.CatchUp(area, kViewWait, {Enrolments::kName}));
  std::vector<v1::EnrolmentRow> found;
  v1::EnrolmentRow row;
  RETURN_IF_ERROR(host.rows(Enrolments::kName)
                      .Scan(area, {.prefix = view_prefix, .after_key = "", .limit = kEnrolmentsMax},
                            &row, [&](absl::string_view, bool) {
                              found.push_back(row);
                              return true;
                            }));
  return found;
}

absl::Status RaiseTask(projection::ProcessContext& context, const std::string& step,
                       v1::Task task) {
  if (task.due().empty()) task.set_due(FormatDate(LocalDate(context.now())));
  v1::Command command;
  *command.mutable_raise_task()->mutable_task() = std::move(task);
  return projection::Done(context.Execute(step, command));
}

}  // namespace pdp::programmes
