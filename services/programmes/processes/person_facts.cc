#include "services/programmes/processes/person_facts.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "services/programmes/processes/referral_facts.h"
#include "services/programmes/projections/enrolments.h"

namespace pdp::programmes {
namespace {

namespace ref = referral::v1;
using projection::Partitions;
using projection::ProcessContext;

// Of whom the event is, and which version of what it makes.
struct Change {
  std::string crn;
  uint64_t person_version = 0;
  uint64_t sentence_version = 0;
};
template <typename E>
Change PersonChange(const E& event) {
  return {event.crn(), event.person_version(), 0};
}
template <typename E>
Change SentenceChange(const E& event) {
  return {event.crn(), 0, event.sentence_version()};
}

Change ChangeOf(const ref::PublicEvent& event) {
  if (event.has_identity_corrected()) return PersonChange(event.identity_corrected());
  if (event.has_needs_recorded()) return PersonChange(event.needs_recorded());
  if (event.has_barrier_recorded()) return PersonChange(event.barrier_recorded());
  if (event.has_barrier_closed()) return PersonChange(event.barrier_closed());
  if (event.has_risk_recorded()) return PersonChange(event.risk_recorded());
  if (event.has_death_recorded()) return PersonChange(event.death_recorded());
  if (event.has_location_changed()) return PersonChange(event.location_changed());
  if (event.has_requirement_varied()) return SentenceChange(event.requirement_varied());
  if (event.has_sentence_end_changed()) return SentenceChange(event.sentence_end_changed());
  if (event.has_requirement_ended()) return SentenceChange(event.requirement_ended());
  if (event.has_sentence_ended()) return SentenceChange(event.sentence_ended());
  return {};
}

// Whether an event about an order or a requirement is about this one's.
bool Concerns(const ref::PublicEvent& event, const v1::EnrolmentRow& enrolment) {
  if (event.has_requirement_varied()) {
    return event.requirement_varied().requirement_key() == enrolment.requirement_key();
  }
  if (event.has_requirement_ended()) {
    return event.requirement_ended().requirement_key() == enrolment.requirement_key();
  }
  if (event.has_sentence_end_changed()) {
    return event.sentence_end_changed().sentence_key() == enrolment.order_id();
  }
  if (event.has_sentence_ended()) {
    return event.sentence_ended().sentence_key() == enrolment.order_id();
  }
  return true;
}

bool IsOver(v1::EnrolmentStatus status) {
  return status == v1::COMPLETED || status == v1::ENDED || status == v1::TRANSFERRED_OUT;
}

// What the event does by itself; nothing for news that has to be asked for.
std::optional<v1::Command> CommandOf(const ref::PublicEvent& event,
                                     const v1::EnrolmentRow& enrolment, const std::string& cause,
                                     const std::string& day) {
  const std::string& id = enrolment.enrolment_id();
  if (event.has_requirement_ended()) {
    return EndOrNothing(id, EndReasonOfCause(event.requirement_ended().cause()),
                        event.requirement_ended().on(), cause);
  }
  if (event.has_sentence_ended()) {
    return EndOrNothing(id, EndReasonOfCause(event.sentence_ended().cause()),
                        event.sentence_ended().on(), cause);
  }
  if (event.has_death_recorded()) return EndOrNothing(id, "DIED", day, cause);
  if (event.has_location_changed() && event.location_changed().location() == "CUSTODY") {
    return SuspendCommand(id, event.location_changed().from(), cause);
  }
  return std::nullopt;
}

bool IsLife(const ref::PublicEvent& event) {
  return event.has_requirement_ended() || event.has_sentence_ended() ||
         event.has_death_recorded() || event.has_location_changed();
}

v1::Task ReturnTask(const common::v1::CloudEvent& event, const v1::EnrolmentRow& enrolment) {
  v1::Task task;
  task.set_task_id(absl::StrCat("community/", event.id(), "/", enrolment.enrolment_id()));
  task.set_kind("RETURNED_TO_COMMUNITY");
  task.set_subject(enrolment.enrolment_id());
  task.set_referral_id(enrolment.referral_id());
  task.set_delivery_org(enrolment.delivery_org());
  task.set_detail(event.id());
  return task;
}

template <typename E>
v1::Command CopyCommand(const E& event) {
  v1::Command command;
  v1::AccessCopy* copy = command.mutable_copy_access()->mutable_access();
  copy->set_crn(event.crn());
  copy->set_person_version(event.person_version());
  const auto add = [](const ref::AccessEntry& from, v1::AccessEntry* to) {
    to->set_user_id(from.user_id());
    to->set_org(from.org());
  };
  for (const auto& entry : event.lists().excluded()) add(entry, copy->add_excluded());
  for (const auto& entry : event.lists().restricted()) add(entry, copy->add_restricted());
  for (const auto& entry : event.lists().cleared()) add(entry, copy->add_cleared());
  return command;
}

}  // namespace

std::vector<projection::Subscription> PersonFacts::subscriptions() const {
  return {{.service = "referral",
           .partitions = Partitions::kNat,
           .types = {"IdentityCorrected", "NeedsRecorded", "BarrierRecorded", "BarrierClosed",
                     "RiskRecorded", "RequirementVaried", "SentenceEndChanged", "RequirementEnded",
                     "SentenceEnded", "DeathRecorded", "LocationChanged"}}};
}

std::string PersonFacts::OrderingKey(const common::v1::CloudEvent& event) const {
  return ChangeOf(projection::DataOf<ref::PublicEvent>(event)).crn;
}

absl::Status PersonFacts::Update(const common::v1::CloudEvent& event, const ref::PublicEvent& data,
                                 const v1::EnrolmentRow& enrolment, ProcessContext& context) {
  const Change change = ChangeOf(data);
  ASSIGN_OR_RETURN(const auto answer, AskReferral(host_, context.area(), enrolment.referral_id(),
                                                  0, event.seq()));
  if (!answer.ok()) return absl::OkStatus();
  if (answer.reply.person_version() < change.person_version ||
      answer.reply.sentence_version() < change.sentence_version) {
    return absl::UnavailableError("referral has not reached that version yet");
  }
  v1::Command command;
  *command.mutable_update_referral_facts() = UpdateOf(enrolment.enrolment_id(), answer.reply);
  return projection::Done(context.Execute(
      absl::StrCat("facts/", context.area().code(), "/", enrolment.enrolment_id()), command));
}

absl::Status PersonFacts::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  nat_->Saw(event.seq());
  const auto data = projection::DataOf<ref::PublicEvent>(event);
  const Change change = ChangeOf(data);
  if (change.crn.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto enrolments,
                   EnrolmentsOf(host_, context.area(), Enrolments::PersonPrefix(change.crn)));
  const std::string day = DayOf(event);
  for (const v1::EnrolmentRow& enrolment : enrolments) {
    if (IsOver(enrolment.status()) || !Concerns(data, enrolment)) continue;
    if (!IsLife(data)) {
      RETURN_IF_ERROR(Update(event, data, enrolment, context));
      continue;
    }
    const std::string step =
        absl::StrCat("life/", context.area().code(), "/", enrolment.enrolment_id());
    if (const auto command = CommandOf(data, enrolment, event.id(), day)) {
      RETURN_IF_ERROR(projection::Done(context.Execute(step, *command)));
    } else if (data.has_location_changed() && enrolment.status() == v1::SUSPENDED) {
      RETURN_IF_ERROR(RaiseTask(context, step, ReturnTask(event, enrolment)));
    }
  }
  return absl::OkStatus();
}

std::vector<projection::Subscription> AccessFollower::subscriptions() const {
  return {{.service = "referral",
           .partitions = Partitions::kNat,
           .types = {"AccessRestricted", "RestrictionLifted", "AccessCleared",
                     "ClearanceRevoked"}}};
}

absl::Status AccessFollower::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  const auto data = projection::DataOf<ref::PublicEvent>(event);
  std::optional<v1::Command> command;
  if (data.has_access_restricted()) command = CopyCommand(data.access_restricted());
  if (data.has_restriction_lifted()) command = CopyCommand(data.restriction_lifted());
  if (data.has_access_cleared()) command = CopyCommand(data.access_cleared());
  if (data.has_clearance_revoked()) command = CopyCommand(data.clearance_revoked());
  if (!command) return absl::OkStatus();
  return projection::Done(
      context.Execute(absl::StrCat("access/", context.area().code()), *command));
}

}  // namespace pdp::programmes
