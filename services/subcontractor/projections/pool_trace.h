#ifndef PDP_SERVICES_SUBCONTRACTOR_PROJECTIONS_POOL_TRACE_H_
#define PDP_SERVICES_SUBCONTRACTOR_PROJECTIONS_POOL_TRACE_H_

#include <string>

#include "libs/projection/projection.h"

namespace pdp::subcontractor {

// The history of each pool in order, for members to see every draw and for VerifyPool to replay
// (SUB-52). A seed enters when it is revealed, never before. Row: v1::PoolTraceRow.
//
//   e/{service}/{seq}{index}   events of the pool; seq and index big-endian
//   s/{service}/{date}         revealed seed
class PoolTrace final : public projection::Projection {
 public:
  static constexpr char kName[] = "pool_trace";
  static std::string EventPrefix(absl::string_view service);
  static std::string SeedPrefix(absl::string_view service);
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& recorded,
                       projection::RowWriter& rows) override;
};

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_PROJECTIONS_POOL_TRACE_H_
