#ifndef PDP_SERVICES_REFERRAL_PROJECTIONS_ACCESS_LOG_H_
#define PDP_SERVICES_REFERRAL_PROJECTIONS_ACCESS_LOG_H_

#include <string>

#include "absl/time/time.h"
#include "libs/projection/projection.h"

namespace pdp::referral {

// Reads of persons under limited access (REF-91), in the order of their instants; each row holds a
// v1.AccessLogEntry.
//
//   t/<at>...              all of the cell
//   c/<crn>/<at>...        of one CRN
//   u/<reader>\0<at>...    of one reader
//
// <at> is microseconds in 16 hexadecimal digits; seq and index of the event follow.
class AccessLog final : public projection::Projection {
 public:
  static constexpr char kName[] = "access_log";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;

  static std::string AllPrefix() { return "t/"; }
  static std::string PersonPrefix(absl::string_view crn);
  static std::string ReaderPrefix(absl::string_view reader);
  // Keys of this instant and later ones are not before it.
  static std::string From(absl::Time at);
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROJECTIONS_ACCESS_LOG_H_
