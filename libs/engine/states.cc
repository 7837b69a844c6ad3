#include "libs/engine/states.h"

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/mark.h"
#include "libs/base/planted.h"
#include "libs/base/status_macros.h"
#include "libs/engine/contexts.h"
#include "libs/privacy/seal.h"
#include "libs/view/keys.h"

namespace pdp::engine {
namespace {
// What an entry weighs beside its message.
constexpr size_t kEntryBytes = 256;
}  // namespace

absl::StatusOr<LoadedState> LoadState(Area area, const Domain& domain, const view::ViewDb& db,
                                      privacy::KeyVault& vault, const AggregateId& id) {
  LoadedState loaded;
  ASSIGN_OR_RETURN(auto value, db.Get(db.state(), view::StateKey(area, id)));
  if (!value.has_value()) return loaded;
  if (!loaded.row.ParseFromString(*value)) {
    return absl::DataLossError(absl::StrCat("the state row of ", id.text(), " is damaged"));
  }
  loaded.state = domain.NewState();
  ASSIGN_OR_RETURN(
      const bool whole,
      privacy::Unseal(loaded.row.payload(),
                      loaded.row.has_sealed() ? &loaded.row.sealed() : nullptr,
                      StateContext(domain.service(), area, id.text()), vault, loaded.state.get()));
  loaded.erased = !whole;
  return loaded;
}

absl::StatusOr<log::v1::StateRow> SealState(Area area, const Domain& domain,
                                            privacy::KeyVault& vault, const NewState& state,
                                            Seq seq) {
  const std::string subject = domain.SubjectOf(state.aggregate, nullptr, state.state.get());
  const std::string context = StateContext(domain.service(), area, state.aggregate.text());
  auto split = privacy::SealRow(*state.state, subject, context, vault);
  if (split.status().code() == absl::StatusCode::kNotFound) {
    PDP_MARK("state_written_without_its_person");
    // Erased: only the clear part is kept. A vault that forgets does the splitting.
    const auto forgetful = privacy::MakeMemoryKeyVault();
    split = privacy::SealRow(*state.state, subject, context, *forgetful);
    if (split.ok()) split->sealed.reset();
  }
  RETURN_IF_ERROR(split.status());
  log::v1::StateRow row;
  row.set_version(state.version.value());
  row.set_seq(seq.value());
  row.set_payload(std::move(split->clear));
  if (split->sealed.has_value()) *row.mutable_sealed() = *std::move(split->sealed);
  if (PDP_PLANTED(kClearState)) row.set_payload(state.state->SerializeAsString());
  return row;
}

States::Entry* States::Load(const AggregateId& id) const {
  const auto found = entries_.find(id);
  if (found != entries_.end()) {
    order_.splice(order_.begin(), order_, found->second->used);
    if (found->second->pins > 0) read_in_flight_ = true;
    return found->second.get();
  }
  auto loaded = LoadState(area_, domain_, db_, vault_, id);
  if (!loaded.ok()) {
    if (status_.ok()) status_ = loaded.status();
    return nullptr;
  }
  auto entry = std::make_unique<Entry>();
  order_.push_front(id);
  entry->used = order_.begin();
  Set(entry.get(), {id, Version(loaded->row.version()), std::move(loaded->state)});
  return entries_.emplace(id, std::move(entry)).first->second.get();
}

void States::Set(Entry* entry, const NewState& state) const {
  bytes_ -= entry->bytes;
  entry->state = state.state;
  entry->version = state.version;
  entry->bytes = kEntryBytes + (state.state == nullptr ? 0 : state.state->ByteSizeLong());
  bytes_ += entry->bytes;
}

const google::protobuf::Message* States::Find(const AggregateId& id) const {
  const Entry* entry = Load(id);
  return entry == nullptr ? nullptr : entry->state.get();
}

Version States::VersionOf(const AggregateId& id) const {
  const Entry* entry = Load(id);
  return entry == nullptr ? Version(0) : entry->version;
}

void States::PutInFlight(const NewState& state) {
  Entry* entry = Load(state.aggregate);
  PDP_CHECK(entry != nullptr, "a state that was decided on has been read");
  if (!PDP_PLANTED(kStaleOverlay)) Set(entry, state);
  ++entry->pins;
}

void States::Applied(const AggregateId& id) {
  const auto found = entries_.find(id);
  PDP_CHECK(found != entries_.end() && found->second->pins > 0, "an applied state was in flight");
  --found->second->pins;
}

void States::PutApplied(const NewState& state) {
  if (Entry* entry = Load(state.aggregate)) Set(entry, state);
}

void States::DropInFlight() {
  for (auto it = entries_.begin(); it != entries_.end();) {
    if (it->second->pins == 0) {
      ++it;
      continue;
    }
    bytes_ -= it->second->bytes;
    order_.erase(it->second->used);
    entries_.erase(it++);
  }
}

void States::Trim() {
  // Pinned entries are few (commits in flight) and are passed over.
  auto oldest = order_.end();
  while (bytes_ > bytes_max_ && oldest != order_.begin()) {
    --oldest;
    const auto it = entries_.find(*oldest);
    if (it->second->pins > 0) continue;
    PDP_MARK("state_evicted");
    bytes_ -= it->second->bytes;
    entries_.erase(it);
    oldest = order_.erase(oldest);
  }
}

}  // namespace pdp::engine
