#ifndef PDP_LIBS_RECORD_CODEC_H_
#define PDP_LIBS_RECORD_CODEC_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pdp/log/v1/record.pb.h"

// The bytes of one log record:
//
//   offset  size  what
//   0       4     magic "PDP\x01" (the last byte is the version of this frame)
//   4       4     CRC-32C of the payload, little-endian
//   8       rest  payload: the serialized pdp.log.v1.Record
//
// Protobuf serialisation is not canonical, so these bytes are made once, by the author; everybody
// else stores and hashes them as received. Pure functions; thread-safe.

namespace pdp::record {

inline constexpr size_t kHeaderBytes = 8;
// The largest frame. Leaves room for a broker's own overhead under its limit of 1 MiB.
inline constexpr size_t kRecordBytesMax = (1 << 20) - (64 << 10);

// The frame of `record`. The result may be larger than kRecordBytesMax: whoever builds commits
// checks the size before it appends (EventLog::Append refuses such a frame).
std::string Encode(const log::v1::Record& record);

// The frame of `record`, read back before it is given out: what goes into a log must come out of
// it. InvalidArgument when it would not decode (protobuf writes a string that is not UTF-8 without
// a word, and nobody could read the log behind it) or is larger than kRecordBytesMax. Costs one
// Decode; use it for everything that holds text from outside.
absl::StatusOr<std::string> EncodeVerified(const log::v1::Record& record);

// DATA_LOSS "corrupted record: <what>" on any damage: short, wrong magic, wrong CRC, not a Record,
// no kind, a hash that is not 32 bytes, an area that is none of the 13.
absl::StatusOr<log::v1::Record> Decode(absl::string_view bytes);

}  // namespace pdp::record

#endif  // PDP_LIBS_RECORD_CODEC_H_
