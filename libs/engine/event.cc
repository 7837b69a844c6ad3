#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell.h"
#include "libs/engine/contexts.h"
#include "libs/privacy/seal.h"

namespace pdp::engine {

std::string EventContext(const std::string& service, Area area, absl::string_view aggregate,
                         uint64_t version) {
  return absl::StrCat(service, "/", area.code(), "/", aggregate, "/", version);
}

std::string StateContext(const std::string& service, Area area, absl::string_view aggregate) {
  return absl::StrCat(service, "/", area.code(), "/", aggregate);
}

absl::StatusOr<bool> OpenEventInto(const std::string& service, Area area,
                                   const log::v1::RecordedEvent& recorded,
                                   privacy::KeyVault& vault, const record::Upcaster& upcaster,
                                   google::protobuf::Message* event) {
  ASSIGN_OR_RETURN(const bool whole,
                   privacy::Unseal(recorded.payload(),
                                   recorded.has_sealed() ? &recorded.sealed() : nullptr,
                                   EventContext(service, area, recorded.aggregate_id(),
                                                recorded.version()),
                                   vault, event));
  RETURN_IF_ERROR(upcaster.LiftToCurrent(recorded.type(), recorded.schema(), event));
  return !whole;
}

absl::StatusOr<OpenedEvent> OpenEvent(const Domain& domain, Area area,
                                      const log::v1::RecordedEvent& recorded,
                                      privacy::KeyVault& vault) {
  OpenedEvent opened{.event = domain.NewEvent()};
  ASSIGN_OR_RETURN(opened.erased,
                   OpenEventInto(domain.service(), area, recorded, vault, domain.upcaster(),
                                 opened.event.get()));
  return opened;
}

}  // namespace pdp::engine
