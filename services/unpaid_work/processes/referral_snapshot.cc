#include "services/unpaid_work/processes/referral_snapshot.h"

#include "absl/time/time.h"
#include "libs/base/status_macros.h"
#include "services/unpaid_work/domain/policy.h"

namespace pdp::unpaid_work {
namespace {

namespace ref = referral::v1;
using projection::ProcessContext;

constexpr absl::Duration kAttempt = absl::Seconds(2);

absl::Time TimeOf(const google::protobuf::Timestamp& stamp) {
  return absl::FromUnixSeconds(stamp.seconds()) + absl::Nanoseconds(stamp.nanos());
}

// The newest answers of one section: those of the form, unless the person's are newer.
template <typename Answers, typename OfNeeds, typename OfForm>
const Answers* Newest(const ref::GetReferralReply& reply, const char* section, const char* form,
                      OfNeeds of_needs, OfForm of_form) {
  const Answers* known = of_needs(reply.person().needs());
  const auto snapshot = reply.snapshot().find(form);
  const Answers* filled = snapshot == reply.snapshot().end() ? nullptr : of_form(snapshot->second);
  if (filled == nullptr || known == nullptr) return filled == nullptr ? known : filled;
  const auto recorded = reply.person().recorded_at().find(section);
  const bool newer = recorded != reply.person().recorded_at().end() &&
                     TimeOf(recorded->second) > TimeOf(snapshot->second.saved_at());
  return newer ? known : filled;
}

}  // namespace

absl::StatusOr<projection::Answer<ref::GetReferralReply>> AskReferral(
    const projection::Surroundings& host, Area area, const std::string& referral_id,
    uint64_t version, const common::v1::CloudEvent& event, const projection::HighWater& nat) {
  const std::optional<uint64_t> passed = nat.seq();
  if (!passed) return absl::UnavailableError("NAT is not read here yet");
  ref::GetReferralRequest request;
  request.set_area(std::string(area.code()));
  request.set_referral_id(referral_id);
  request.set_version(version);
  request.mutable_actor()->set_id("unpaid_work");
  request.mutable_actor()->add_roles("SYS");
  *request.mutable_read()->add_min_position() = projection::PositionOf(event);
  if (*passed > 0 && event.area() != Area::Nat().code()) {
    common::v1::Position* position = request.mutable_read()->add_min_position();
    position->set_area(std::string(Area::Nat().code()));
    position->set_seq(*passed);
  }
  return host.Ask<ref::GetReferralReply>(
      "referral", "/pdp.referral.v1.ReferralService/GetReferral", request, kAttempt);
}

std::optional<v1::RegisterRequirement> RegistrationOf(const ref::GetReferralReply& reply) {
  const ref::Requirement& requirement = reply.requirement();
  if (reply.requirement_key().empty() || requirement.kind() != "UPW") return std::nullopt;
  v1::RegisterRequirement command;
  command.set_crn(reply.crn());
  command.set_requirement_id(reply.requirement_key());
  command.set_referral_id(reply.referral_id());
  command.set_order_id(reply.sentence_key());
  command.set_order_type(reply.sentence().order_type());
  // A requirement added later counts from the day it was imposed.
  command.set_order_date(requirement.imposed_on().empty() ? reply.sentence().sentenced_on()
                                                          : requirement.imposed_on());
  command.set_occasion_id(requirement.occasion_id());
  // C3: W03 is added on breach.
  command.set_origin(requirement.ext_sub() == "W03" ? v1::BREACH : v1::ORIGINAL);
  if (requirement.unit() == "HOURS") command.set_hours(requirement.length());
  command.set_org(reply.holder_org());
  command.set_pdu(reply.pdu());
  command.set_concurrent_with(requirement.concurrent_with());
  command.set_court_confirmed(requirement.court_confirmed());
  command.set_court_ref(requirement.court_ref());
  return command;
}

v1::CompositionClass ClassOf(const ref::Identity& identity, Date today) {
  const bool by_sex = Policy(today).Find("comp.woman_basis").value_or("") == "SEX";
  const std::string& sex = identity.sex();
  const std::string& gender = identity.gender_identity();
  const bool woman = by_sex ? sex == "F" : gender == "GIF" || (sex == "F" && gender != "GIM");
  if (woman) return v1::CLASS_F;
  if (gender == "GINB" || gender == "GISD" || sex == "N") return v1::CLASS_N;
  return v1::CLASS_M;
}

v1::TakeOverPersonFacts PersonFactsOf(const ref::GetReferralReply& reply, Date today) {
  v1::TakeOverPersonFacts command;
  command.set_crn(reply.crn());
  v1::PersonFacts* person = command.mutable_person();
  person->set_date_of_birth(reply.person().identity().date_of_birth());
  *person->mutable_tokens() = reply.tokens();
  person->set_person_version(reply.person_version());
  command.set_composition_class(ClassOf(reply.person().identity(), today));
  return command;
}

std::optional<v1::RecordCommunicationNeeds> CommunicationNeedsOf(
    const ref::GetReferralReply& reply) {
  using Written = ref::Needs::Written;
  const Written* written = Newest<Written>(
      reply, "WRITTEN", "NEEDS",
      [](const ref::Needs& needs) { return needs.has_written() ? &needs.written() : nullptr; },
      [](const ref::Section& form) {
        return form.needs().has_written() ? &form.needs().written() : nullptr;
      });
  if (written == nullptr || written->language().empty()) return std::nullopt;
  v1::RecordCommunicationNeeds command;
  command.set_crn(reply.crn());
  command.add_languages(written->language());
  *command.mutable_formats() = written->formats();
  command.set_person_version(reply.person_version());
  return command;
}

std::optional<v1::RecordEteNeeds> EteNeedsOf(const ref::GetReferralReply& reply) {
  using Ete = ref::Needs::Ete;
  const Ete* ete = Newest<Ete>(
      reply, "ETE", "ETE",
      [](const ref::Needs& needs) { return needs.has_ete() ? &needs.ete() : nullptr; },
      [](const ref::Section& form) { return form.has_ete() ? &form.ete() : nullptr; });
  if (ete == nullptr || ete->need().empty()) return std::nullopt;
  const ref::ResponsibleOfficer& officer = reply.responsible_officer();
  v1::RecordEteNeeds command;
  command.set_crn(reply.crn());
  command.set_level(ete->need() == "NONE"   ? v1::ETE_NONE
                    : ete->need() == "HIGH" ? v1::ETE_HIGH
                                            : v1::ETE_SOME);
  // Areas that name a skill of this service's list; the others say where the need lies, not which
  // skill meets it: the officer adds those here.
  for (const std::string& area : ete->areas()) {
    if (KnownCode("skill", area)) command.add_skills(area);
  }
  command.set_officer(officer.name().empty() ? officer.id() : officer.name());
  return command;
}

absl::Status TakeOverFrom(const ref::GetReferralReply& reply, const TakeOver& what,
                          ProcessContext& context, std::string* refused) {
  const auto issue = [&](const char* step, const v1::Command& command) -> absl::Status {
    const engine::CommandOutcome outcome = context.Execute(step, command);
    const std::string refusal = projection::RefusalOf(outcome);
    // A repeat may carry newer facts under the same id: the first took effect.
    if (!refusal.empty() && refusal != "COMMAND_ID_REUSED" && refused->empty()) *refused = refusal;
    return projection::Done(outcome);
  };
  v1::Command command;
  *command.mutable_take_over_person_facts() = PersonFactsOf(reply, LocalDate(context.now()));
  RETURN_IF_ERROR(issue("person", command));
  if (what.communication) {
    if (auto needs = CommunicationNeedsOf(reply)) {
      *command.mutable_record_communication_needs() = *std::move(needs);
      RETURN_IF_ERROR(issue("communication", command));
    }
  }
  if (what.ete) {
    if (auto needs = EteNeedsOf(reply)) {
      *command.mutable_record_ete_needs() = *std::move(needs);
      RETURN_IF_ERROR(issue("ete", command));
    }
  }
  return absl::OkStatus();
}

}  // namespace pdp::unpaid_work
