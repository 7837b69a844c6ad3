#ifndef PDP_LIBS_VIEW_KEYS_H_
#define PDP_LIBS_VIEW_KEYS_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/area.h"
#include "libs/base/ids.h"

// Keys of the view families. The area is the first byte of each, numbers are big-endian, so that
// byte order is the order of history. Texts inside a key end with a zero byte.

namespace pdp::view {

inline std::string BigEndian64(uint64_t value) {
  std::string out(8, '\0');
  for (int i = 7; i >= 0; --i, value >>= 8) out[i] = static_cast<char>(value & 0xff);
  return out;
}

inline std::string BigEndian32(uint32_t value) {
  std::string out(4, '\0');
  for (int i = 3; i >= 0; --i, value >>= 8) out[i] = static_cast<char>(value & 0xff);
  return out;
}

// `bytes` are 8 or fewer; fewer count as the low ones.
inline uint64_t FromBigEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

inline std::string AreaKey(Area area) { return std::string(1, static_cast<char>(area.index())); }

// archive: records that move seq have `epoch_started` 0; an EpochStarted stands behind the record
// after which it was accepted, under its epoch.
inline std::string ArchiveKey(Area area, Seq seq, uint64_t epoch_started = 0) {
  return absl::StrCat(AreaKey(area), BigEndian64(seq.value()), BigEndian64(epoch_started));
}

inline std::string AggregatePrefix(Area area, const AggregateId& id) {
  return absl::StrCat(AreaKey(area), id.text(), absl::string_view("\0", 1));
}
inline std::string ByAggregateKey(Area area, const AggregateId& id, Version version) {
  return absl::StrCat(AggregatePrefix(area, id), BigEndian64(version.value()));
}

inline std::string StateKey(Area area, const AggregateId& id) {
  return absl::StrCat(AreaKey(area), id.text());
}

// idempotency: rows under area, 1. Under area, 0 stood the order in which they expire, before that
// was read from the log.
inline std::string IdempotencyKey(Area area, absl::string_view tenant, const CommandId& id) {
  return absl::StrCat(AreaKey(area), absl::string_view("\1", 1), tenant,
                      absl::string_view("\0", 1), absl::string_view(id.bytes()));
}

inline std::string InboxKey(Area own, absl::string_view process, absl::string_view service,
                            Area source) {
  return absl::StrCat(AreaKey(own), process, absl::string_view("\0", 1), service,
                      absl::string_view("\0", 1), AreaKey(source));
}

// timers: rows in order of due under area, 0; the stamp of the one that an id has under area, 1.
inline std::string TimerKey(Area area, int64_t due_at_us, absl::string_view timer_id) {
  return absl::StrCat(AreaKey(area), absl::string_view("\0", 1),
                      BigEndian64(static_cast<uint64_t>(due_at_us)), timer_id);
}
inline std::string TimerIdKey(Area area, absl::string_view timer_id) {
  return absl::StrCat(AreaKey(area), absl::string_view("\1", 1), timer_id);
}
// When it is due (the first 8 bytes), and which commit set it; 0: from before that was kept.
inline std::string TimerStamp(int64_t due_at_us, uint64_t armed_seq) {
  const std::string due = BigEndian64(static_cast<uint64_t>(due_at_us));
  return armed_seq == 0 ? due : absl::StrCat(due, BigEndian64(armed_seq));
}

}  // namespace pdp::view

#endif  // PDP_LIBS_VIEW_KEYS_H_
