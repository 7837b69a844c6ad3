#include "services/subcontractor/processes/seed_keeper.h"

#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "libs/base/status_macros.h"
#include "pdp/subcontractor/v1/commands.pb.h"
#include "pdp/subcontractor/v1/public_events.pb.h"

namespace pdp::subcontractor {

std::vector<projection::Subscription> SeedKeeper::subscriptions() const {
  return {{.service = "subcontractor",
           .partitions = projection::Partitions::kOwn,
           .types = {"PoolOpened", "SeedRevealed"}}};
}

absl::Status SeedKeeper::React(const common::v1::CloudEvent& event,
                               projection::ProcessContext& context) {
  std::string service;
  if (projection::ShortType(event) == "SeedRevealed") {
    service = projection::DataOf<v1::InternalEvent>(event).seed_revealed().service();
  } else {
    const auto data = projection::DataOf<v1::PublicEvent>(event);
    if (data.pool_opened().draws_by_seed()) service = data.pool_opened().service();
  }
  if (service.empty()) return absl::OkStatus();
  const Date today = LocalDate(context.now());
  for (const Date date : {today, today + 1}) {
    v1::Command command;
    v1::CommitSeed* commit = command.mutable_commit_seed();
    commit->set_service(service);
    commit->set_date(FormatDate(date));
    commit->set_seed(random_.Bytes(32));
    RETURN_IF_ERROR(projection::Done(
        context.Execute(absl::StrCat("commit/", FormatDate(date)), command)));
  }
  return absl::OkStatus();
}

}  // namespace pdp::subcontractor
