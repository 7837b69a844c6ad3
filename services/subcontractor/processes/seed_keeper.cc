#include "services/subcontractor/processes/seed_keeper.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/base/hash.h"
#include "libs/base/log.h"
#include "libs/engine/cell.h"
#include "services/subcontractor/domain/draw.h"
#include "services/subcontractor/domain/subcontractor.h"

namespace pdp::subcontractor {
namespace {

constexpr absl::Duration kRound = absl::Seconds(30);
constexpr absl::Duration kCommandMax = absl::Seconds(10);
constexpr const char* kServices[] = {"TSP", "BBR", "SI_EM", "SI_COG", "SI_DA", "UPW"};

}  // namespace

void SeedKeeper::Start() {
  thread_ = std::thread([this] {
    while (true) {
      Round();
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kRound)) return;
    }
  });
}

void SeedKeeper::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void SeedKeeper::Round() {
  const Date today = LocalDate(host_.clock().Now());
  for (const Area area : host_.areas()) {
    const engine::Cell* cell = host_.cell(area);
    if (area.is_nat() || cell == nullptr || !cell->leading()) continue;
    for (const char* service : kServices) {
      const auto pool = cell->ReadState(PoolId(area, service));
      if (!pool.ok()) continue;
      const v1::PoolState& state = static_cast<const v1::State&>(*pool->state).pool();
      if (!state.opened() || !NeedsSeed(state)) continue;
      Keep(area, service, today);
      Keep(area, service, today + 1);
    }
  }
}

void SeedKeeper::Keep(Area area, const std::string& service, Date date) {
  engine::Cell* cell = host_.cell(area);
  if (cell->ReadState(SeedId(area, service, FormatDate(date))).ok()) return;
  auto command = std::make_shared<v1::Command>();
  v1::CommitSeed* commit = command->mutable_commit_seed();
  commit->set_service(service);
  commit->set_date(FormatDate(date));
  commit->set_seed(random_.Bytes(32));
  engine::CommandRequest request;
  request.header.set_command_id(random_.Bytes(CommandId::kBytes));
  request.header.mutable_actor()->set_id("seed_keeper");
  request.header.mutable_actor()->add_roles("SYS");
  request.command = std::move(command);
  request.deadline = host_.clock().Now() + kCommandMax;
  const engine::CommandOutcome outcome = cell->Execute(std::move(request));
  if (const auto* status = std::get_if<absl::Status>(&outcome.result)) {
    PDP_LOG(WARNING) << "no seed for " << service << " yet: " << status->message();
  }
}

}  // namespace pdp::subcontractor
