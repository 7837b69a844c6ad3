#ifndef PDP_SERVICES_UNPAID_WORK_PROJECTIONS_FOLD_H_
#define PDP_SERVICES_UNPAID_WORK_PROJECTIONS_FOLD_H_

#include "google/protobuf/message.h"
#include "libs/projection/projection.h"
#include "services/unpaid_work/domain/unpaid_work.h"

namespace pdp::unpaid_work {

// Carries a row on by the domain's own Evolve, so that a view can never disagree with it.
inline void Fold(const projection::RecordedEvent& recorded, v1::State& state) {
  UnpaidWork::Evolve(
      state, recorded.aggregate, recorded.As<v1::Event>(),
      {recorded.area, recorded.version, recorded.recorded_at, recorded.occurred_at});
}

// Clears the fields of `message` that are personal: lists hold none.
void DropPersonal(google::protobuf::Message* message);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_PROJECTIONS_FOLD_H_
