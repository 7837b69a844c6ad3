#include "services/referral/processes/erasure.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell_reader.h"
#include "pdp/referral/v1/service.pb.h"
#include "services/referral/domain/form.h"
#include "services/referral/projections/cases.h"

namespace pdp::referral {
namespace {

using projection::Partitions;

constexpr size_t kReferralsMax = 1'000;
constexpr absl::Duration kViewWait = absl::Seconds(30);

template <typename Confirmed>
v1::CollectErasure Collect(const char* service, const Confirmed& confirmed) {
  v1::CollectErasure collect;
  collect.set_crn(confirmed.crn());
  collect.set_service(service);
  collect.set_area(confirmed.area());
  *collect.mutable_gaps() = confirmed.gaps();
  return collect;
}

std::vector<std::string> FamilyOf(const v1::PublicEvent::PersonErased& erased) {
  std::vector<std::string> family = {erased.crn()};
  family.insert(family.end(), erased.aliases().begin(), erased.aliases().end());
  return family;
}

// Whose keys seal the drafts of every referral that was opened here for the person, wherever it is
// now.
absl::StatusOr<std::vector<std::string>> DraftsOf(const projection::Surroundings& host, Area area,
                                                  const std::vector<std::string>& family) {
  RETURN_IF_ERROR(host.CatchUp(area, kViewWait, {Cases::kName}));
  std::vector<std::string> drafts;
  for (const std::string& crn : family) {
    ASSIGN_OR_RETURN(const std::vector<std::string> ids,
                     ReferralIdsOf(host.rows(Cases::kName), area, crn, kReferralsMax));
    for (const std::string& id : ids) drafts.push_back(DraftSubject(crn, id));
  }
  return drafts;
}

}  // namespace

std::optional<v1::CollectErasure> CollectOf(const programmes::v1::PublicEvent& event) {
  if (!event.has_erasure_confirmed()) return std::nullopt;
  return Collect("programmes", event.erasure_confirmed());
}
std::optional<v1::CollectErasure> CollectOf(const unpaid_work::v1::PublicEvent& event) {
  if (!event.has_erasure_confirmed()) return std::nullopt;
  return Collect("unpaid_work", event.erasure_confirmed());
}

std::vector<projection::Subscription> Erasures::subscriptions() const {
  return {{.service = "referral", .partitions = Partitions::kNat, .types = {"PersonErased"}},
          {.service = "programmes", .partitions = Partitions::kAll, .types = {"ErasureConfirmed"}},
          {.service = "unpaid_work",
           .partitions = Partitions::kAll,
           .types = {"ErasureConfirmed"}}};
}

absl::Status Erasures::React(const common::v1::CloudEvent& event,
                             projection::ProcessContext& context) {
  v1::Command command;
  if (projection::ShortType(event) == "PersonErased") {
    const auto erased = projection::DataOf<v1::PublicEvent>(event).person_erased();
    RETURN_IF_ERROR(host_.DestroyKeys(Area::Nat(), FamilyOf(erased)));
    command.mutable_record_keys_destroyed()->set_request_id(erased.request_id());
    return projection::Done(context.Execute("keys", command));
  }
  const bool programmes = event.source().find("/programmes/") != std::string::npos;
  const auto collect =
      programmes ? CollectOf(projection::DataOf<programmes::v1::PublicEvent>(event))
                 : CollectOf(projection::DataOf<unpaid_work::v1::PublicEvent>(event));
  if (!collect) return absl::OkStatus();
  *command.mutable_collect_erasure() = *collect;
  return projection::Done(context.Execute("collect", command));
}

std::vector<projection::Subscription> AreaErasures::subscriptions() const {
  return {{.service = "referral", .partitions = Partitions::kNat, .types = {"PersonErased"}}};
}

absl::Status AreaErasures::React(const common::v1::CloudEvent& event,
                                 projection::ProcessContext& context) {
  const auto erased = projection::DataOf<v1::PublicEvent>(event).person_erased();
  const std::vector<std::string> family = FamilyOf(erased);
  const std::string area(context.area().code());
  if (host_.reader(context.area()) == nullptr) {
    return absl::UnavailableError("the cell is not hosted here");
  }
  v1::Command apply;
  for (const std::string& crn : family) apply.mutable_apply_erasure()->add_crns(crn);
  RETURN_IF_ERROR(
      projection::Done(context.Execute(absl::StrCat("erase/", area), apply)));
  ASSIGN_OR_RETURN(std::vector<std::string> keys, DraftsOf(host_, context.area(), family));
  keys.insert(keys.end(), family.begin(), family.end());
  RETURN_IF_ERROR(host_.DestroyKeys(context.area(), keys));
  v1::Command collect;
  collect.mutable_collect_erasure()->set_crn(erased.crn());
  collect.mutable_collect_erasure()->set_service("referral");
  collect.mutable_collect_erasure()->set_area(area);
  return projection::Done(context.Execute(absl::StrCat("collect/", area), collect, Area::Nat()));
}

std::vector<projection::Subscription> DraftKeys::subscriptions() const {
  return {{.service = "referral", .partitions = Partitions::kOwn, .types = {"DraftDiscarded"}}};
}

absl::Status DraftKeys::React(const common::v1::CloudEvent& event,
                              projection::ProcessContext& context) {
  const std::string id =
      projection::DataOf<v1::InternalEvent>(event).draft_discarded().referral_id();
  const engine::CellReader* cell = host_.reader(context.area());
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  ASSIGN_OR_RETURN(const engine::CellReader::ReadResult read, cell->ReadState(ReferralId(id)));
  const auto& referral = static_cast<const v1::State&>(*read.state).referral();
  return host_.DestroyKeys(context.area(), {DraftSubject(referral.origin_crn(), id)});
}

}  // namespace pdp::referral
