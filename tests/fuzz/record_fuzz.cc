// The record codec: whatever the bytes, it says what is wrong or gives a record that is written to
// the same meaning; and no damage to a frame passes.

#include <cstdint>
#include <string>

#include "libs/base/check.h"
#include "libs/base/hash.h"
#include "libs/record/codec.h"

namespace {

using pdp::log::v1::Record;

// A frame around any payload, so that what lies behind the CRC is reached.
std::string Frame(absl::string_view payload) {
  std::string bytes("PDP\x01", 4);
  const uint32_t crc = pdp::Crc32c(payload);
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(crc >> (8 * i));
  bytes.append(payload.data(), payload.size());
  return bytes;
}

void CheckDecoded(const std::string& frame) {
  const absl::StatusOr<Record> record = pdp::record::Decode(frame);
  if (!record.ok()) {
    PDP_CHECK(absl::IsDataLoss(record.status()), "damage is DataLoss");
    return;
  }
  // What was read can be written, and reads as the same.
  const absl::StatusOr<std::string> again = pdp::record::EncodeVerified(*record);
  if (frame.size() > pdp::record::kRecordBytesMax) return;
  PDP_CHECK(again.ok(), "a record that was read can be written");
  const absl::StatusOr<Record> back = pdp::record::Decode(*again);
  PDP_CHECK(back.ok(), "what was written can be read");
  PDP_CHECK(back->SerializeAsString() == record->SerializeAsString(), "it reads as the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.empty()) return 0;
  CheckDecoded(std::string(input));
  std::string frame = Frame(input.substr(1));
  CheckDecoded(frame);
  // One byte of a frame differs: never a record.
  const size_t at = (data[0] * 2654435761u) % frame.size();
  const char mask = static_cast<char>(data[0] | 1);
  frame[at] ^= mask;
  PDP_CHECK(!pdp::record::Decode(frame).ok(), "an altered frame passed");
  frame[at] ^= mask;
  for (size_t cut : {size_t{1}, frame.size() / 2}) {
    if (cut == 0 || cut > frame.size()) continue;
    const auto shorter = pdp::record::Decode(frame.substr(0, frame.size() - cut));
    // A CRC of 32 bits says nothing about fewer than 32 bits of payload; anything longer is found.
    if (frame.size() - cut > pdp::record::kHeaderBytes + 4) {
      PDP_CHECK(!shorter.ok(), "a frame cut short passed");
    }
  }
  return 0;
}
