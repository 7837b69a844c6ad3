#include "libs/sim/lane.h"

#include <utility>

#include "libs/base/status_macros.h"
#include "libs/base/timestamp.h"
#include "libs/engine/cell.h"
#include "libs/privacy/subject.h"
#include "libs/projection/publisher.h"

namespace pdp::sim {

std::string CanonicalImpersonal(const google::protobuf::Message& message) {
  const std::unique_ptr<google::protobuf::Message> copy(message.New());
  copy->CopyFrom(message);
  projection::ClearPersonal(*copy);
  return DeterministicBytes(*copy);
}

absl::StatusOr<privacy::PersonKey> KnowingVault::Find(absl::string_view subject) {
  const auto it = keys_.ever.find(std::string(subject));
  if (it == keys_.ever.end()) return privacy::UnknownSubject();
  return privacy::PersonKey{it->first, it->second};
}

const google::protobuf::Message* Lane::Find(const AggregateId& id) const {
  const auto it = states_.find(id.text());
  return it == states_.end() ? nullptr : it->second.state.get();
}

Version Lane::VersionOf(const AggregateId& id) const {
  const auto it = states_.find(id.text());
  return it == states_.end() ? Version(0) : it->second.version;
}

absl::StatusOr<std::vector<engine::EmittedEvent>> Lane::Apply(const log::v1::Record& record) {
  std::vector<engine::EmittedEvent> events;
  const log::v1::Commit& commit = record.commit();
  for (const log::v1::RecordedEvent& recorded : commit.events()) {
    ASSIGN_OR_RETURN(engine::OpenedEvent opened,
                     engine::OpenEvent(domain_, area_, recorded, vault_));
    const AggregateId id = AggregateId::FromText(recorded.aggregate_id());
    Known& known = states_[id.text()];
    if (known.state == nullptr) known.state = domain_.NewState();
    known.version = Version(recorded.version());
    known.seq = record.seq();
    domain_.Evolve(*known.state, id, *opened.event,
                   {area_, known.version, FromTimestamp(commit.recorded_at()),
                    FromTimestamp(commit.occurred_at())});
    events.push_back({id, known.version, std::move(opened.event)});
  }
  return events;
}

const google::protobuf::Message* LoadedLane::Find(const AggregateId& id) const {
  const google::protobuf::Message* whole = lane_.Find(id);
  if (whole == nullptr) return nullptr;
  const auto key = keys_.keys.find(domain_.SubjectOf(id, nullptr, whole));
  if (key == keys_.keys.end() || key->second.secret.has_value()) return whole;
  std::unique_ptr<google::protobuf::Message>& loaded = loaded_[id.text()];
  if (loaded == nullptr) {
    loaded.reset(whole->New());
    loaded->CopyFrom(*whole);
    projection::ClearPersonal(*loaded);
  }
  return loaded.get();
}

}  // namespace pdp::sim
