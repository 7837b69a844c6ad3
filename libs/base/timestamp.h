#ifndef PDP_LIBS_BASE_TIMESTAMP_H_
#define PDP_LIBS_BASE_TIMESTAMP_H_

#include <cstdint>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

// Between instants and their protobuf form. Header only: this and deterministic_bytes.h are what
// needs protobuf in this library, so that those who have none of it do not link it.
namespace pdp {

// Rounded down to the nanosecond; before 1970 the seconds are negative and the nanoseconds count
// forward from them, as the form demands. Infinite instants have no such form: do not pass them.
inline google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp stamp;
  const int64_t seconds = absl::ToUnixSeconds(time);  // rounds down
  stamp.set_seconds(seconds);
  stamp.set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return stamp;
}

inline absl::Time FromTimestamp(const google::protobuf::Timestamp& stamp) {
  return absl::FromUnixSeconds(stamp.seconds()) + absl::Nanoseconds(stamp.nanos());
}

}  // namespace pdp

#endif  // PDP_LIBS_BASE_TIMESTAMP_H_
