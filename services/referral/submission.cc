#include "services/referral/submission.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/base/deterministic_bytes.h"
#include "libs/base/hash.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell.h"
#include "libs/rpc/execute.h"
#include "services/referral/cell_rules.h"
#include "services/referral/domain/access.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/form.h"
#include "services/referral/reference/shipped_catalogue.h"

namespace pdp::referral {
namespace {

constexpr char kService[] = "referral";

v1::NatFacts* FactsOf(v1::Command& command) {
  if (command.has_open_referral()) return command.mutable_open_referral()->mutable_facts();
  if (command.has_submit_referral()) return command.mutable_submit_referral()->mutable_facts();
  if (command.has_override_decision()) return command.mutable_override_decision()->mutable_facts();
  if (command.has_resolve_conflict()) return command.mutable_resolve_conflict()->mutable_facts();
  if (command.has_amend()) return command.mutable_amend()->mutable_facts();
  return command.mutable_provide_information()->mutable_facts();
}

// Of the commands that choose a route by hand; nullptr for the others.
v1::Catalogue* CatalogueOf(v1::Command& command) {
  if (command.has_override_decision()) {
    return command.mutable_override_decision()->mutable_catalogue();
  }
  if (command.has_resolve_conflict()) {
    return command.mutable_resolve_conflict()->mutable_catalogue();
  }
  if (command.has_amend()) return command.mutable_amend()->mutable_catalogue();
  return nullptr;
}

std::string ReferralIdOf(const v1::Command& command) {
  if (command.has_submit_referral()) return command.submit_referral().referral_id();
  if (command.has_override_decision()) return command.override_decision().referral_id();
  if (command.has_resolve_conflict()) return command.resolve_conflict().referral_id();
  if (command.has_amend()) return command.amend().referral_id();
  return command.provide_information().referral_id();
}

// One call on its way; owned by the callbacks it passes through.
class Step : public std::enable_shared_from_this<Step> {
 public:
  Step(const host::ServiceHost& host, const NatReader& nat, Area area,
       const v1::ExecuteRequest& request, v1::ExecuteReply* reply, absl::Time deadline,
       grpc::ServerUnaryReactor* reactor)
      : host_(host), nat_(nat), area_(area), header_(request.header()), command_(request.command()),
        reply_(reply), deadline_(deadline), reactor_(reactor) {
    FactsOf(command_)->Clear();  // Facts are never taken from a caller.
    v1::Catalogue* catalogue = CatalogueOf(command_);
    if (catalogue != nullptr) catalogue->Clear();
    digest_ = CommandDigest(command_);
    if (catalogue != nullptr) *catalogue = ShippedCatalogue();
  }

  void Begin() {
    const absl::Status status = Prepare();
    if (!status.ok()) return Finish(rpc::ToStatus(status, kService));
    if (refused_) return Finish(rpc::ToStatus(*refused_, kService));
    if (slot_key_.empty() || header_.validate_only()) return Commit();
    Reserve();
  }

 private:
  // Reads what the command needs; SubmitReferral: checks it and names its slot.
  absl::Status Prepare() {
    std::string crn = command_.open_referral().crn();
    std::string sentence_key = command_.open_referral().sentence_key();
    v1::Referral referral;
    if (!command_.has_open_referral()) {
      const AggregateId id = ReferralId(ReferralIdOf(command_));
      const auto read = host_.cell(area_)->ReadState(id);
      if (read.status().code() == absl::StatusCode::kNotFound) {
        refused_ = decider::NotFound(id);
        return absl::OkStatus();
      }
      RETURN_IF_ERROR(read.status());
      referral = static_cast<const v1::State&>(*read->state).referral();
      crn = referral.origin_crn();
      sentence_key = referral.sentence_key();
      if (command_.amend().values().has_sentence_link()) {
        sentence_key = command_.amend().values().sentence_link().sentence_key();
      }
    } else if (const auto normal = NormaliseCrn(crn)) {
      crn = *normal;
      command_.mutable_open_referral()->set_crn(crn);
    }
    auto facts = nat_.Facts(crn, sentence_key);
    if (facts.status().code() == absl::StatusCode::kNotFound) {
      refused_ = decider::NotFound(PersonId(crn));
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(facts.status());
    *FactsOf(command_) = *std::move(facts);
    // Before anything is said of the form (REF-90, REF-92).
    if (!MaySee(FactsOf(command_)->person().access(), header_.actor()) ||
        WorksElsewhere(header_.actor(), area_)) {
      refused_ = decider::NotFound(command_.has_open_referral()
                                       ? PersonId(crn)
                                       : ReferralId(ReferralIdOf(command_)));
      return absl::OkStatus();
    }
    crn_ = crn;
    sentence_key_ = sentence_key;
    if (command_.has_amend()) slot_key_ = SlotKeyAfter(referral, command_.amend());
    // A repeat of a submission that took effect goes straight to its stored outcome.
    if (!command_.has_submit_referral() || referral.state() != v1::DRAFT) return absl::OkStatus();
    decider::Facts now;
    now.area = area_;
    now.recorded_at = now.occurred_at = host_.clock().Now();
    now.actor = header_.actor();
    const CellRules rules(host_.cell(area_), LocalDate(now.recorded_at));
    if (auto refused = RequireRole(now, {"RO", "AA"})) {
      refused_ = std::move(refused);
      return absl::OkStatus();
    }
    refused_ = CheckSubmit(referral, command_.submit_referral(), now);
    slot_key_ = SlotKeyOf(referral);
    return absl::OkStatus();
  }

  // Whoever leads NAT is no address for the caller, whose command is one of the area.
  static absl::Status NatFailed(absl::Status failed) {
    failed.ErasePayload(engine::kOwnerPayload);
    return failed;
  }

  static std::string SlotKeyOf(const v1::Referral& referral) {
    std::string need = referral.need();
    const auto type = referral.sections().find("NEED_TYPE");
    if (type != referral.sections().end() && !type->second.need_type().need().empty()) {
      need = type->second.need_type().need();
    }
    return SlotKey(referral.line(), need, referral.sentence_key(), referral.requirement_key());
  }

  engine::CommandRequest SlotCommand(absl::string_view step, v1::Command command) {
    engine::CommandRequest request;
    request.header.set_command_id(std::string(
        DerivedCommandId(absl::StrCat(header_.tenant(), "/", header_.command_id(), "/",
                                      attempt_at_), step).bytes()));
    request.header.mutable_actor()->set_id(kService);
    request.header.mutable_actor()->add_roles("SYS");
    request.header.set_correlation_id(header_.correlation_id());
    request.command = std::make_shared<const v1::Command>(std::move(command));
    request.deadline = deadline_;
    return request;
  }

  void Reserve() {
    // ReserveSlot itself is idempotent by (key, referral): each attempt may ask anew.
    attempt_at_ = absl::ToUnixNanos(host_.clock().Now());
    v1::Command command;
    command.mutable_reserve_slot()->set_crn(crn_);
    command.mutable_reserve_slot()->set_key(slot_key_);
    command.mutable_reserve_slot()->set_referral_id(ReferralIdOf(command_));
    command.mutable_reserve_slot()->set_override_code(
        command_.submit_referral().slot_override().code());
    host_.Submit(Area::Nat(), SlotCommand("reserve", std::move(command)),
                 [self = shared_from_this()](engine::CommandOutcome outcome) {
                   self->Reserved(std::move(outcome));
                 });
  }

  void Reserved(engine::CommandOutcome outcome) {
    if (const auto* failed = std::get_if<absl::Status>(&outcome.result)) {
      return Finish(rpc::ToStatus(NatFailed(*failed), kService));
    }
    if (const auto* rejected = std::get_if<decider::Rejected>(&outcome.result)) {
      decider::Rejected refused = *rejected;
      if (refused.reason == "SLOT_HELD") refused.reason = "DUPLICATE_OPEN_REFERRAL";
      return Finish(rpc::ToStatus(refused, kService));
    }
    reserved_ = true;
    // The facts again, now with the slot; not on the cell's thread.
    const common::v1::Position seen =
        std::get<engine::Committed>(outcome.result).outcome.position();
    const absl::Status queued = host_.RunQuery([self = shared_from_this(), seen] {
      auto facts = self->nat_.Facts(self->crn_, self->sentence_key_, seen);
      if (!facts.ok()) return self->Finish(rpc::ToStatus(facts.status(), kService));
      *FactsOf(self->command_) = *std::move(facts);
      self->Commit();
    });
    if (!queued.ok()) Finish(rpc::ToStatus(queued, kService));
  }

  void Commit() {
    engine::CommandRequest request;
    request.header = header_;
    request.command = std::make_shared<const v1::Command>(command_);
    request.digest = digest_;
    request.deadline = deadline_;
    host_.cell(area_)->Submit(std::move(request),
                              [self = shared_from_this()](engine::CommandOutcome outcome) {
                                self->Committed(outcome);
                              });
  }

  void Committed(const engine::CommandOutcome& outcome) {
    const bool refused = std::holds_alternative<decider::Rejected>(outcome.result);
    if (refused && reserved_) Release();
    Finish(rpc::FinishExecute(kService, outcome, reply_));
  }

  // The area refused what CheckSubmit had let pass: nothing may hold the slot.
  void Release() {
    v1::Command command;
    command.mutable_release_slot()->set_crn(crn_);
    command.mutable_release_slot()->set_key(slot_key_);
    command.mutable_release_slot()->set_referral_id(ReferralIdOf(command_));
    host_.Submit(Area::Nat(), SlotCommand("release", std::move(command)),
                 [](engine::CommandOutcome outcome) {
                   if (outcome.committed()) return;
                   PDP_LOG(WARNING) << "a reserved slot could not be released";
                 });
  }

  void Finish(grpc::Status status) { reactor_->Finish(std::move(status)); }

  const host::ServiceHost& host_;
  const NatReader& nat_;
  const Area area_;
  const common::v1::CommandHeader header_;
  v1::Command command_;
  v1::ExecuteReply* reply_;
  const absl::Time deadline_;
  grpc::ServerUnaryReactor* reactor_;
  std::string digest_, crn_, sentence_key_, slot_key_;
  std::optional<decider::Rejected> refused_;
  int64_t attempt_at_ = 0;
  bool reserved_ = false;
};

}  // namespace

std::string CommandDigest(const v1::Command& command) {
  return std::string(Sha256(DeterministicBytes(command)).view());
}

grpc::ServerUnaryReactor* ExecuteWithFacts(const host::ServiceHost& host,
                                           grpc::CallbackServerContext* context,
                                           const v1::ExecuteRequest* request,
                                           v1::ExecuteReply* reply,
                                           std::function<void(v1::Command&)> clear,
                                           std::function<absl::Status(Area, v1::Command&)> add) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  Area area;
  const grpc::Status shape = rpc::CheckExecute(*context, kService, *request, request->header(),
                                               request->area(), true, &area);
  const bool here = shape.ok() && host.cell(area) != nullptr;
  if (!here) {
    reactor->Finish(shape.ok() ? rpc::CellNotHosted(kService, area) : shape);
    return reactor;
  }
  const absl::Time deadline = std::min(absl::FromChrono(context->deadline()),
                                       Clock::System().Now() + rpc::kExecuteMax);
  const absl::Status queued = host.RunQuery([=, &host] {
    auto command = std::make_shared<v1::Command>(request->command());
    clear(*command);
    engine::CommandRequest submitted;
    submitted.header = request->header();
    submitted.digest = CommandDigest(*command);
    submitted.deadline = deadline;
    const absl::Status added = add(area, *command);
    if (!added.ok()) return reactor->Finish(rpc::ToStatus(added, kService));
    submitted.command = std::move(command);
    host.cell(area)->Submit(std::move(submitted), [=](engine::CommandOutcome outcome) {
      reactor->Finish(rpc::FinishExecute(kService, outcome, reply));
    });
  });
  if (!queued.ok()) reactor->Finish(rpc::ToStatus(queued, kService));
  return reactor;
}

grpc::ServerUnaryReactor* Submission::Start(const host::ServiceHost& host, const NatReader& nat,
                                            grpc::CallbackServerContext* context,
                                            const v1::ExecuteRequest* request,
                                            v1::ExecuteReply* reply) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  Area area;
  const grpc::Status shape = rpc::CheckExecute(*context, kService, *request, request->header(),
                                               request->area(), true, &area);
  if (!shape.ok()) {
    reactor->Finish(shape);
    return reactor;
  }
  if (host.cell(area) == nullptr) {
    reactor->Finish(rpc::CellNotHosted(kService, area));
    return reactor;
  }
  const absl::Time deadline = std::min(absl::FromChrono(context->deadline()),
                                       Clock::System().Now() + rpc::kExecuteMax);
  auto step = std::make_shared<Step>(host, nat, area, *request, reply, deadline, reactor);
  const absl::Status queued = host.RunQuery([step] { step->Begin(); });
  if (!queued.ok()) reactor->Finish(rpc::ToStatus(queued, kService));
  return reactor;
}

}  // namespace pdp::referral
