#include "services/referral/processes/life_events.h"


#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell_reader.h"
#include "services/referral/domain/domain.h"
#include "services/referral/projections/cases.h"

namespace pdp::referral {
namespace {

using projection::Partitions;

constexpr size_t kReferralsMax = 1'000;
constexpr absl::Duration kViewWait = absl::Seconds(2);
constexpr char kCustody[] = "CUSTODY";

// The withdrawal code of an end without completion; empty: completed.
std::string CodeOf(absl::string_view cause) {
  if (cause == "REVOKED" || cause == "TERMINATED") return "SER";
  if (cause == "EXPIRED") return "SEE";
  if (cause == "QUASHED") return "ACQ";
  return "";
}

bool IsOpen(const v1::Referral& referral) {
  switch (referral.state()) {
    case v1::DRAFT:
    case v1::SUBMITTED:
    case v1::NEEDS_INFO:
    case v1::REVIEW:
    case v1::DEFERRED:
    case v1::CONFLICT:
    case v1::ROUTED:
    case v1::OFFERED:
    case v1::UNPLACED:
    case v1::ACCEPTED:
    case v1::ASSIGNED:
    case v1::IN_DELIVERY:
      return true;
    case v1::DISCARDED:
    case v1::EXPIRED:
    case v1::CLOSED:
    case v1::ENDED:
    case v1::CONCLUDED:
    case v1::MOVED:
    case v1::REFERRAL_STATE_UNSPECIFIED:
    case v1::ReferralState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::ReferralState_INT_MAX_SENTINEL_DO_NOT_USE_:
      return false;
  }
  return false;
}

std::vector<v1::Command> End(const v1::Referral& referral, const std::string& code) {
  if (code.empty() || !IsOpen(referral)) return {};
  v1::Command command;
  if (referral.state() == v1::DRAFT) {
    command.mutable_discard_draft()->set_referral_id(referral.id());
  } else {
    command.mutable_withdraw_referral()->set_referral_id(referral.id());
    command.mutable_withdraw_referral()->set_code(code);
  }
  return {command};
}

std::vector<v1::Command> MoveClocks(const v1::Referral& referral, bool custody) {
  if (!IsOpen(referral)) return {};
  std::vector<v1::Command> commands;
  for (const char* clock : {"FIRST_APPOINTMENT", "WORK_ARRANGED"}) {
    v1::Command command;
    if (custody) {
      command.mutable_pause_clock()->set_referral_id(referral.id());
      command.mutable_pause_clock()->set_clock(clock);
      command.mutable_pause_clock()->set_reason(kCustody);
    } else {
      command.mutable_resume_clock()->set_referral_id(referral.id());
      command.mutable_resume_clock()->set_clock(clock);
      command.mutable_resume_clock()->set_reason(kCustody);
    }
    commands.push_back(std::move(command));
  }
  return commands;
}

std::string PersonOf(const v1::PublicEvent& event) {
  if (event.has_requirement_ended()) return event.requirement_ended().crn();
  if (event.has_sentence_ended()) return event.sentence_ended().crn();
  if (event.has_death_recorded()) return event.death_recorded().crn();
  return event.location_changed().crn();
}

struct Copy {
  std::string crn;
  v1::AccessLists lists;
  uint64_t person_version = 0;
};

template <typename E>
std::vector<Copy> CopiesOf(const E& event) {
  std::vector<Copy> copies = {{event.crn(), event.lists(), event.person_version()}};
  for (const std::string& alias : event.aliases()) copies.push_back({alias, event.lists(), 0});
  return copies;
}

// REF-93: merged, all CRNs of the person have the same lists; apart again, each side its own.
std::vector<Copy> CopiesOf(const v1::PublicEvent::PersonMerged& event) {
  std::vector<Copy> copies = {{event.root(), event.lists(), 0}};
  for (const std::string& alias : event.aliases()) copies.push_back({alias, event.lists(), 0});
  return copies;
}
std::vector<Copy> CopiesOf(const v1::PublicEvent::PersonUnmerged& event) {
  std::vector<Copy> copies = {{event.from(), event.lists(), event.person_version()}};
  for (const std::string& alias : event.aliases()) copies.push_back({alias, event.lists(), 0});
  for (const std::string& crn : event.survivors()) {
    copies.push_back({crn, event.survivor_lists(), 0});
  }
  return copies;
}

std::vector<Copy> CopiesOf(const v1::PublicEvent& event) {
  if (event.has_access_restricted()) return CopiesOf(event.access_restricted());
  if (event.has_restriction_lifted()) return CopiesOf(event.restriction_lifted());
  if (event.has_access_cleared()) return CopiesOf(event.access_cleared());
  if (event.has_clearance_revoked()) return CopiesOf(event.clearance_revoked());
  if (event.has_person_merged()) return CopiesOf(event.person_merged());
  if (event.has_person_unmerged()) return CopiesOf(event.person_unmerged());
  return {};
}

// Place of an event in NAT's history, as one number.
uint64_t OrderOf(const common::v1::CloudEvent& event) {
  constexpr uint64_t kEventsMax = 1 << 16;
  return event.seq() * kEventsMax + event.index() + 1;
}

}  // namespace

std::vector<v1::Command> CommandsOf(const v1::PublicEvent& event, const v1::Referral& referral) {
  if (event.has_requirement_ended()) {
    const auto& ended = event.requirement_ended();
    if (referral.requirement_key() != ended.requirement_key()) return {};
    return End(referral, CodeOf(ended.cause()));
  }
  if (event.has_sentence_ended()) {
    const auto& ended = event.sentence_ended();
    if (referral.sentence_key() != ended.sentence_key() || referral.line() == "UPW") return {};
    return End(referral, CodeOf(ended.cause()));
  }
  if (event.has_death_recorded()) return End(referral, "USE");
  if (event.has_location_changed()) {
    return MoveClocks(referral, event.location_changed().location() == kCustody);
  }
  return {};
}

std::vector<projection::Subscription> LifeEvents::subscriptions() const {
  return {{.service = "referral",
           .partitions = Partitions::kNat,
           .types = {"RequirementEnded", "SentenceEnded", "DeathRecorded", "LocationChanged"}}};
}

absl::StatusOr<std::vector<std::string>> ReferralsOf(const projection::Surroundings& host,
                                                     const NatReader& nat, Area area,
                                                     const std::string& crn,
                                                     const common::v1::Position& seen) {
  ASSIGN_OR_RETURN(const std::vector<std::string> family, nat.Family(crn, seen));
  RETURN_IF_ERROR(host.CatchUp(area, kViewWait, {Cases::kName}));
  std::vector<std::string> ids;
  for (const std::string& one : family) {
    ASSIGN_OR_RETURN(const auto more,
                     ReferralIdsOf(host.rows(Cases::kName), area, one, kReferralsMax));
    ids.insert(ids.end(), more.begin(), more.end());
  }
  return ids;
}

absl::Status LifeEvents::React(const common::v1::CloudEvent& event,
                               projection::ProcessContext& context) {
  const auto data = projection::DataOf<v1::PublicEvent>(event);
  const engine::CellReader* cell = host_.reader(context.area());
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  ASSIGN_OR_RETURN(const auto ids, ReferralsOf(host_, nat_, context.area(), PersonOf(data),
                                               projection::PositionOf(event)));
  for (const std::string& id : ids) {
    ASSIGN_OR_RETURN(const engine::CellReader::ReadResult read, cell->ReadState(ReferralId(id)));
    int step = 0;
    for (const v1::Command& command :
         CommandsOf(data, static_cast<const v1::State&>(*read.state).referral())) {
      RETURN_IF_ERROR(
          projection::Done(context.Execute(absl::StrCat("life/", id, "/", ++step), command)));
    }
  }
  return absl::OkStatus();
}

std::vector<projection::Subscription> AccessFollower::subscriptions() const {
  return {{.service = "referral",
           .partitions = Partitions::kNat,
           .types = {"AccessRestricted", "RestrictionLifted", "AccessCleared", "ClearanceRevoked",
                     "PersonMerged", "PersonUnmerged"}}};
}

absl::Status AccessFollower::React(const common::v1::CloudEvent& event,
                                   projection::ProcessContext& context) {
  for (const Copy& copy : CopiesOf(projection::DataOf<v1::PublicEvent>(event))) {
    v1::Command command;
    command.mutable_copy_access()->set_crn(copy.crn);
    *command.mutable_copy_access()->mutable_lists() = copy.lists;
    command.mutable_copy_access()->set_person_version(copy.person_version);
    command.mutable_copy_access()->set_nat_order(OrderOf(event));
    RETURN_IF_ERROR(projection::Done(context.Execute(
        absl::StrCat("access/", context.area().code(), "/", copy.crn), command)));
  }
  return absl::OkStatus();
}

}  // namespace pdp::referral
