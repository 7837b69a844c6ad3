#include "libs/engine/past.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/base/timestamp.h"
#include "libs/engine/cell.h"
#include "libs/view/archive.h"
#include "libs/view/keys.h"

namespace pdp::engine {
namespace {

// Where one event stands in the log.
struct Place {
  Seq seq;
  int index = 0;
};

absl::StatusOr<std::vector<Place>> PlacesOf(Area area, const view::ViewDb& views,
                                            const AggregateId& id) {
  std::vector<Place> places;
  bool damaged = false;
  RETURN_IF_ERROR(views.Scan(views.by_aggregate(), view::AggregatePrefix(area, id), "",
                             [&](absl::string_view, absl::string_view value) {
                               damaged = value.size() != 12;
                               if (damaged) return false;
                               places.push_back(
                                   {Seq(view::FromBigEndian(value.substr(0, 8))),
                                    static_cast<int>(view::FromBigEndian(value.substr(8)))});
                               return true;
                             }));
  if (damaged) return absl::DataLossError(absl::StrCat("the index of ", id.text(), " is damaged"));
  return places;
}

}  // namespace

absl::Status Past::Walk(const AggregateId& id,
                        absl::FunctionRef<absl::StatusOr<bool>(const Told&)> visit) const {
  ASSIGN_OR_RETURN(const std::vector<Place> places, PlacesOf(area_, views_, id));
  if (places.empty()) return absl::NotFoundError(absl::StrCat(id.text(), " is not known"));
  const view::Archive archive(views_);
  std::optional<log::v1::Record> record;
  for (const Place& place : places) {
    if (!record || Seq(record->seq()) != place.seq) {
      ASSIGN_OR_RETURN(record, archive.At(area_, place.seq));
    }
    if (!record || place.index >= record->commit().events_size()) {
      return absl::DataLossError(
          absl::StrCat(area_.code(), " seq ", place.seq.value(), " has no event of ", id.text()));
    }
    const log::v1::Commit& commit = record->commit();
    const log::v1::RecordedEvent& recorded = commit.events(place.index);
    const Told told{.version = Version(recorded.version()),
                    .seq = place.seq,
                    .recorded_at = FromTimestamp(commit.recorded_at()),
                    .occurred_at = FromTimestamp(commit.occurred_at()),
                    .commit = commit,
                    .recorded = recorded};
    ASSIGN_OR_RETURN(const bool more, visit(told));
    if (!more) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<OpenedEvent> Past::Apply(const AggregateId& id, const Told& told,
                                        google::protobuf::Message& state) const {
  ASSIGN_OR_RETURN(OpenedEvent opened, OpenEvent(domain_, area_, told.recorded, vault_));
  domain_.Evolve(state, id, *opened.event,
                 {area_, told.version, told.recorded_at, told.occurred_at});
  return opened;
}

absl::Status Past::ForEach(const AggregateId& id,
                           absl::FunctionRef<bool(const Step&)> visit) const {
  const std::unique_ptr<google::protobuf::Message> state = domain_.NewState();
  const std::unique_ptr<google::protobuf::Message> before = domain_.NewState();
  // `before` is the same fold one event behind: cheaper than a copy of the whole state each time.
  std::optional<OpenedEvent> last;
  decider::EventFacts last_facts;
  return Walk(id, [&](const Told& told) -> absl::StatusOr<bool> {
    if (last) domain_.Evolve(*before, id, *last->event, last_facts);
    ASSIGN_OR_RETURN(last, Apply(id, told, *state));
    last_facts = {area_, told.version, told.recorded_at, told.occurred_at};
    return visit(Step{told, *last->event, *before, *state, last->erased});
  });
}

absl::StatusOr<Past::State> Past::After(const AggregateId& id,
                                        absl::FunctionRef<bool(const Told&)> belongs) const {
  State found;
  RETURN_IF_ERROR(Walk(id, [&](const Told& told) -> absl::StatusOr<bool> {
    if (!belongs(told)) return false;
    if (found.state == nullptr) found.state = domain_.NewState();
    ASSIGN_OR_RETURN(const OpenedEvent opened, Apply(id, told, *found.state));
    found.version = told.version;
    found.recorded_at = told.recorded_at;
    found.erased = found.erased || opened.erased;
    return true;
  }));
  if (found.state == nullptr) {
    return absl::NotFoundError(absl::StrCat(id.text(), " was not there yet"));
  }
  return found;
}

absl::StatusOr<Past::State> Past::At(const AggregateId& id, Version version) const {
  ASSIGN_OR_RETURN(State found,
                   After(id, [&](const Told& told) { return told.version <= version; }));
  if (found.version != version) {
    return absl::NotFoundError(absl::StrCat(id.text(), " was never at version ", version.value()));
  }
  return found;
}

absl::StatusOr<Past::State> Past::At(const AggregateId& id, absl::Time instant) const {
  return After(id, [&](const Told& told) { return told.recorded_at <= instant; });
}

}  // namespace pdp::engine
