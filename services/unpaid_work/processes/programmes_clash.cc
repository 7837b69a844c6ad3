#include "services/unpaid_work/processes/programmes_clash.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "libs/engine/cell_reader.h"
#include "services/unpaid_work/domain/unpaid_work.h"

namespace pdp::unpaid_work {
namespace {

namespace prg = programmes::v1;

constexpr int kDayMinutes = 1'440;

std::string BlockId(const std::string& session_id) {
  return absl::StrCat("programmes/", session_id);
}

// The same block_id replaces: a moved session moves its block.
template <typename Booked>
v1::Command Block(const Booked& booked) {
  v1::Command command;
  command.mutable_record_availability_block()->set_crn(booked.crn());
  v1::AvailabilityBlock* block = command.mutable_record_availability_block()->mutable_block();
  block->set_block_id(BlockId(booked.session_id()));
  block->set_from(booked.date());
  block->set_to(booked.date());
  block->set_start(booked.start_min());
  block->set_end(std::min(booked.start_min() + booked.minutes(), kDayMinutes));
  block->set_reason("PROGRAMME");
  return command;
}

std::string CrnOf(const v1::Command& command) {
  return command.has_remove_availability_block() ? command.remove_availability_block().crn()
                                                 : command.record_availability_block().crn();
}

}  // namespace

std::optional<v1::Command> BlockOf(const prg::PublicEvent& event) {
  if (event.has_person_session_booked()) return Block(event.person_session_booked());
  if (event.has_person_session_moved()) return Block(event.person_session_moved());
  if (event.has_person_session_released()) {
    v1::Command command;
    v1::RemoveAvailabilityBlock* remove = command.mutable_remove_availability_block();
    remove->set_crn(event.person_session_released().crn());
    remove->set_block_id(BlockId(event.person_session_released().session_id()));
    return command;
  }
  return std::nullopt;
}

std::vector<projection::Subscription> ProgrammesClash::subscriptions() const {
  return {{.service = "programmes",
           .partitions = projection::Partitions::kAll,
           .types = {"PersonSessionBooked", "PersonSessionMoved", "PersonSessionReleased"}}};
}

std::string ProgrammesClash::OrderingKey(const common::v1::CloudEvent& event) const {
  const auto command = BlockOf(projection::DataOf<prg::PublicEvent>(event));
  return command ? CrnOf(*command) : event.subject();
}

absl::Status ProgrammesClash::React(const common::v1::CloudEvent& event,
                                    projection::ProcessContext& context) {
  const auto command = BlockOf(projection::DataOf<prg::PublicEvent>(event));
  if (!command) return absl::OkStatus();
  const engine::CellReader* cell = host_.reader(context.area());
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  // Every area reads every programme: most people are not this area's.
  const auto read = cell->ReadState(CaseId(CrnOf(*command)));
  if (read.status().code() == absl::StatusCode::kNotFound) return absl::OkStatus();
  if (!read.ok()) return read.status();
  const engine::CommandOutcome outcome = context.Execute("block", *command);
  const std::string refusal = projection::RefusalOf(outcome);
  if (!refusal.empty() && refusal != "CASE_CLOSED" && refusal != "NOT_FOUND") {
    PDP_LOG(ERROR) << "the block of " << event.id() << " was refused: " << refusal;
  }
  return projection::Done(outcome);
}

}  // namespace pdp::unpaid_work
